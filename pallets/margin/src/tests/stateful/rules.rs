// SPDX-License-Identifier: Apache-2.0
//! Rules of markets: others that fit together, and relations at their limits.

use super::{path::FEE, rng::Rng, tally::At};
use crate::*;
use keel_math::{
	units::{notional, FundingRate, SIZE_MAX},
	Tier, Tiers,
};
use keel_primitives::*;

/// Some rules changed, such that all fit together.
pub fn others(rng: &mut Rng, before: &MarketParams, open: Size, mark: Price) -> MarketParams {
	let mut params = *before;
	match rng.below(7) {
		0 | 1 => rates(rng, &mut params),
		2 => {
			// A crowd, or none.
			let worth = notional(open, mark).unwrap_or_default().0.max(1_000_000_000);
			let soft = [worth / 2, worth, 1_000_000_000_000_000_000][rng.index(3)];
			params.initial.soft_cap = Quote(soft);
			params.initial.hard_cap = Quote(soft + soft / [1, 4, 1_000][rng.index(3)]);
		}
		3 => {
			params.initial.free_notional = Quote::dollars([20_000, 1_000_000_000_000][rng.index(2)]);
			params.initial.volatility_multiplier = Ratio(rng.below(4) * 700_000_000);
		}
		4 => {
			params.opening_credit = Ratio(rng.between(0, 1_000_000_000));
			params.withdrawal_credit = Ratio(rng.between(0, params.opening_credit.0));
		}
		5 => {
			let most = [open.0, open.0 + open.0 / 2, open.0 * 10, 1_000_000_000_000];
			params.max_open_interest = Size(most[rng.index(4)].clamp(1, SIZE_MAX.0));
		}
		_ => {
			params.isolated = rng.one_in(3);
			params.min_position = Quote([1, 10_000_000, 50_000_000, 1_000_000_000][rng.index(4)]);
			params.lot = Size([1, 1_000, 1_000, 777][rng.index(4)]);
			params.tick = Price([1, 10_000_000_000_000_000, 10_000_000_000_000_000][rng.index(3)]);
		}
	}
	params.min_position = params.min_position.max(least(&params)).min(last(&params).up_to);
	params
}

/// The least position that pays for judging its account.
fn least(params: &MarketParams) -> Quote {
	let rate = i128::from(params.worst_fee.0);
	Quote((FEE.0 * 1_000_000_000 + rate - 1) / rate)
}

fn last(params: &MarketParams) -> Tier {
	*params.tiers.as_slice().last().expect("there is one")
}

/// Margin rates up or down, in one tier or several.
fn rates(rng: &mut Rng, params: &mut MarketParams) {
	let mut maintenance = rng.between(15, 60) * 1_000_000;
	let mut initial = maintenance + rng.between(5, 40) * 1_000_000;
	// Reaches that stay, go and come back.
	let mut reaches = vec![20_000, 80_000, 300_000, 2_000_000];
	if rng.one_in(2) {
		let all = [10_000, 20_000, 35_000, 60_000, 80_000, 140_000, 300_000, 700_000, 2_000_000];
		reaches = all.into_iter().filter(|_| rng.one_in(2)).collect();
		reaches.push(5_000_000);
	}
	let count = 1 + rng.index(4);
	let mut tiers = Vec::new();
	for reach in reaches.into_iter().take(count) {
		let up_to = Quote::dollars(reach);
		tiers.push(Tier { up_to, initial: Ratio(initial), maintenance: Ratio(maintenance) });
		maintenance += rng.below(20) * 1_000_000;
		initial = initial.max(maintenance + 5_000_000) + rng.below(30) * 1_000_000;
	}
	if let Some(tier) = tiers.last_mut().filter(|_| rng.one_in(2)) {
		tier.up_to = Quote::dollars(1_000_000_000_000);
	}
	params.tiers = Tiers::of(&tiers).expect("at most four");
	let first = tiers[0].maintenance.0;
	params.withdrawal_rate = Ratio(last(params).initial.0.max(rng.between(20, 150) * 1_000_000));
	params.band =
		Ratio([first / 2, first - 1, first / 10_000_000 * 10_000_000 - 10_000_000][rng.index(3)].max(1));
	params.largest_move = Ratio(first / 2);
	params.worst_fee = Ratio(first / 10);
	// So that all three are less than what is kept.
	params.funding_multiple = Ratio(100_000_000);
	let cap = params.funding_cap().0;
	params.damper = Ratio(cap / 2);
	params.interest =
		FundingRate(rng.below(cap + 1) as i64 - (cap / 2) as i64).min(FundingRate((cap / 2) as i64));
}

/// A relation at its limit, or a unit beyond it, and the error that says so.
pub fn at_a_limit(rng: &mut Rng, before: &MarketParams) -> (&'static str, At, MarketParams) {
	let mut params = *before;
	let beyond = rng.below(2);
	let (first, last) = (before.tiers.as_slice()[0], last(before));
	let cap = before.funding_cap().0;
	let guard = match rng.below(15) {
		0 => {
			params.band = Ratio(first.maintenance.0 - 1 + beyond);
			"BandTooWide"
		}
		1 => {
			params.withdrawal_rate = Ratio(last.initial.0 - beyond);
			"InvalidWithdrawalRate"
		}
		2 => {
			params.withdrawal_rate = Ratio(Ratio::ONE.0 + beyond);
			"InvalidWithdrawalRate"
		}
		3 => {
			params.withdrawal_credit = Ratio(before.opening_credit.0 + beyond);
			"InvalidProfitCredit"
		}
		4 => {
			params.opening_credit = Ratio(Ratio::ONE.0 + beyond);
			"InvalidProfitCredit"
		}
		5 => {
			params.largest_move = Ratio(first.maintenance.0 - before.worst_fee.0 - cap + beyond);
			"SolvencyEnvelopeBroken"
		}
		6 => {
			params.interest = FundingRate(-(before.damper.0 as i64) - beyond as i64);
			"InvalidFunding"
		}
		7 => {
			params.damper = Ratio(cap + beyond);
			"InvalidFunding"
		}
		8 => {
			params.initial.hard_cap = Quote(before.initial.soft_cap.0 + 1 - beyond as i128);
			"InvalidOpenInterestCaps"
		}
		9 => {
			params.initial.free_notional = Quote(1 - beyond as i128);
			"NoFreeNotional"
		}
		10 => {
			params.initial.volatility_multiplier = Ratio(10_000_000_000 + beyond);
			"VolatilityMultiplierTooLarge"
		}
		11 => {
			params.max_open_interest = Size(SIZE_MAX.0 + u128::from(beyond));
			"InvalidMaxOpenInterest"
		}
		12 => {
			params.min_position = Quote(last.up_to.0 + beyond as i128);
			"InvalidMinPosition"
		}
		13 => {
			params.min_position = Quote(least(before).0 - beyond as i128);
			"MinPositionTooSmall"
		}
		_ => {
			let whole = Tier { initial: Ratio(Ratio::ONE.0 + beyond), ..last };
			let mut tiers = before.tiers.as_slice().to_vec();
			*tiers.last_mut().expect("there is one") = whole;
			params.tiers = Tiers::of(&tiers).expect("at most four");
			// A cap that is higher by it would break another rule.
			params.withdrawal_rate = Ratio::ONE;
			params.funding_multiple = if tiers.len() == 1 { Ratio::ZERO } else { before.funding_multiple };
			if tiers.len() == 1 {
				(params.damper, params.interest) = (Ratio::ZERO, FundingRate(0));
			}
			"InvalidTierRates"
		}
	};
	(guard, if beyond == 0 { At::Limit } else { At::Beyond }, params)
}
