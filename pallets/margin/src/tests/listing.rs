// SPDX-License-Identifier: Apache-2.0
//! Markets and their rules.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, traits::Hooks};
use keel_math::{Tier, Tiers};
use keel_primitives::*;

fn list(feed: u32, params: MarketParams) -> sp_runtime::DispatchResult {
	Margin::list_market(RuntimeOrigin::root(), FeedId(feed), b"SOL-PERP".to_vec().try_into().unwrap(), params)
}

#[test]
fn markets_are_listed_by_governance_on_feeds_that_exist() {
	build(|| {
		assert_noop!(list(7, params()), Error::<Test>::UnknownFeed);
		price(MarketId(7), 100);
		let name: frame_support::BoundedVec<u8, NameLimit> = b"SOL-PERP".to_vec().try_into().unwrap();
		assert_noop!(
			Margin::list_market(signed(ALICE), FeedId(7), name, params()),
			sp_runtime::DispatchError::BadOrigin
		);
		for id in 2..8 {
			assert_ok!(list(7, params()));
			assert_eq!(market(MarketId(id)).feed, FeedId(7));
		}
		assert_noop!(list(7, params()), Error::<Test>::TooManyMarkets);
		assert_eq!(Margin::markets().len(), 8);
	});
}

/// Set spoilt rules.
fn set(spoil: impl FnOnce(&mut MarketParams)) -> sp_runtime::DispatchResult {
	let mut spoilt = params();
	spoil(&mut spoilt);
	Margin::set_market_params(RuntimeOrigin::root(), BTC, spoilt)
}

#[test]
fn rules_that_do_not_fit_together_are_refused_each_with_its_reason() {
	build(|| {
		type Spoil = fn(&mut MarketParams);
		let tier = |up_to, initial, maintenance| Tier {
			up_to: Quote::dollars(up_to),
			initial: Ratio::percent(initial),
			maintenance: Ratio::percent(maintenance),
		};
		let list = |tiers: &[Tier]| Tiers::of(tiers).unwrap();
		let tables = [
			(list(&[]), Error::<Test>::NoTier),
			(list(&[tier(0, 5, 3)]), Error::TiersNotRising),
			(list(&[tier(10, 5, 3), tier(10, 6, 4)]), Error::TiersNotRising),
			(list(&[tier(100, 5, 0)]), Error::InvalidTierRates),
			(list(&[tier(100, 3, 3)]), Error::InvalidTierRates),
			(list(&[tier(100, 101, 3)]), Error::InvalidTierRates),
			(list(&[tier(100, 6, 4), tier(200, 5, 4)]), Error::TierRatesFalling),
			(list(&[tier(100, 6, 4), tier(200, 6, 3)]), Error::TierRatesFalling),
			(list(&[tier(100, 5, 3), tier(200, 11, 10)]), Error::InvalidWithdrawalRate),
		];
		for (table, error) in tables {
			assert_noop!(set(|p| p.tiers = table), error);
		}
		let cases: [(Spoil, Error<Test>); 21] = [
			(|p| p.initial.soft_cap = Quote(-1), Error::InvalidOpenInterestCaps),
			(|p| p.initial.hard_cap = p.initial.soft_cap, Error::InvalidOpenInterestCaps),
			(|p| p.initial.free_notional = Quote::ZERO, Error::NoFreeNotional),
			(
				|p| p.initial.volatility_multiplier = Ratio(10_000_000_001),
				Error::VolatilityMultiplierTooLarge,
			),
			(|p| p.withdrawal_rate = Ratio::percent(4), Error::InvalidWithdrawalRate),
			(|p| p.withdrawal_rate = Ratio::percent(101), Error::InvalidWithdrawalRate),
			(|p| p.opening_credit = Ratio::percent(101), Error::InvalidProfitCredit),
			(|p| p.opening_credit = Ratio::percent(49), Error::InvalidProfitCredit),
			(|p| p.band = Ratio::percent(3), Error::BandTooWide),
			(|p| p.interest.0 = 5_000_001, Error::InvalidFunding),
			(|p| p.interest.0 = -5_000_001, Error::InvalidFunding),
			(|p| p.damper = Ratio(5_000_001), Error::InvalidFunding),
			(|p| p.funding_multiple = Ratio(250_000_050), Error::SolvencyEnvelopeBroken),
			(|p| p.largest_move.0 += 1, Error::SolvencyEnvelopeBroken),
			(|p| p.worst_fee.0 += 1, Error::SolvencyEnvelopeBroken),
			(|p| p.worst_fee = Ratio(u64::MAX), Error::SolvencyEnvelopeBroken),
			(|p| p.lot = Size::ZERO, Error::NoLot),
			(|p| p.tick = Price::ZERO, Error::NoTick),
			(|p| p.max_open_interest = Size(u128::MAX), Error::InvalidMaxOpenInterest),
			(|p| p.max_open_interest = Size::ZERO, Error::InvalidMaxOpenInterest),
			(|p| p.min_position = Quote::ZERO, Error::InvalidMinPosition),
		];
		for (spoil, error) in cases {
			assert_noop!(set(spoil), error);
		}
		assert_noop!(
			set(|p| p.min_position = Quote::dollars(1_000_000_000_001)),
			Error::<Test>::InvalidMinPosition
		);
		// All of them at their very bounds.
		assert_ok!(set(|p| {
			p.withdrawal_rate = Ratio::ONE;
			p.interest.0 = -5_000_000;
			p.band = Ratio(Ratio::percent(3).0 - 1);
			p.initial.volatility_multiplier = Ratio(10_000_000_000);
		}));
		assert_noop!(
			Margin::set_market_params(RuntimeOrigin::root(), MarketId(9), params()),
			Error::<Test>::UnknownMarket
		);
		assert_noop!(
			Margin::set_market_params(signed(ALICE), BTC, params()),
			sp_runtime::DispatchError::BadOrigin
		);
	});
}

#[test]
fn the_envelope_leaves_room_for_all_that_liquidation_takes() {
	build(|| {
		world(|world| world.liquidation_fee = Ratio::basis_points(50));
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, params()));
		// A part in a billion more, and no market is listed or set so.
		world(|world| world.liquidation_fee.0 += 1);
		assert_noop!(
			Margin::set_market_params(RuntimeOrigin::root(), BTC, params()),
			Error::<Test>::WorstFeeTooSmall
		);
		let list = || {
			Margin::list_market(RuntimeOrigin::root(), feed(BTC), b"X".to_vec().try_into().unwrap(), params())
		};
		assert_noop!(list(), Error::<Test>::WorstFeeTooSmall);
		assert_eq!(
			<Margin as keel_traits::Liquidatable<_>>::least_worst_fee(),
			Some(Ratio::basis_points(50))
		);
		world(|world| world.liquidation_fee.0 -= 1);
		assert_ok!(list());
	});
}

#[test]
fn the_configuration_validates_itself() {
	build(Margin::integrity_test);
}
