// SPDX-License-Identifier: Apache-2.0
//! What holds for the waterfall whatever happens.
//!
//! Marks are multiples of 1,000 dollars, so that a position's value is a whole number of units at any
//! size and nothing is hidden in rounding.

use super::*;
use crate::invariants::do_try_state;
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Trader {
	/// Market, side and size in 1e-9 units.
	positions: Vec<(u32, bool, u128)>,
	/// Margin in permille of notional.
	margin: u64,
}

#[derive(Clone, Debug)]
struct Crash {
	traders: Vec<Trader>,
	/// Thousands of dollars after the crash, for each market; 100 before.
	marks: [u32; 3],
	/// Dollars of backstop, tranches, fund, and what sides can bear.
	backstop: i64,
	tranche: i64,
	fund: i64,
	capacity: i64,
	/// Whether the third market is halted for a while.
	halt: bool,
}

fn trader() -> impl Strategy<Value = Trader> {
	let position = (0..3u32, any::<bool>(), 1..3_000_000_000u128);
	(prop::collection::vec(position, 1..4), 50..300u64)
		.prop_map(|(positions, margin)| Trader { positions, margin })
}

fn crash() -> impl Strategy<Value = Crash> {
	let money = (0..200_000i64, 0..30_000i64, 0..30_000i64, 0..100_000i64);
	(prop::collection::vec(trader(), 1..12), [70..130u32, 70..130u32, 70..130u32], money, any::<bool>())
		.prop_map(|(traders, marks, (backstop, tranche, fund, capacity), halt)| Crash {
			traders,
			marks,
			backstop,
			tranche,
			fund,
			capacity,
			halt,
		})
}

const MARKETS: [MarketId; 3] = [MarketId(0), MarketId(1), MarketId(2)];

impl Crash {
	/// Before and after: everybody trades at 100,000 dollars, then marks move.
	fn happen(&self) -> Vec<Account> {
		MARKETS.into_iter().for_each(|market| set_mark(market, 100_000));
		let accounts = self.traders.iter().zip(1..).map(|(trader, owner)| {
			let account = main_of(owner);
			let mut notional = 0;
			for (market, is_long, size) in &trader.positions {
				let side = if *is_long { Side::Long } else { Side::Short };
				// One side in a market: that is what an account has.
				if Margin::size(account, MarketId(*market)).is_zero() {
					Margin::open(account, MarketId(*market), side, Size(*size));
					notional += *size as i128 * 100;
				}
			}
			Margin::deposit(account, Quote(notional * i128::from(trader.margin) / 1_000));
			account
		});
		let accounts: Vec<_> = accounts.collect();
		for (market, mark) in MARKETS.into_iter().zip(self.marks) {
			set_mark(market, mark * 1_000);
			fund_backstop(market, self.backstop);
			Losses::keep(market, dollars(self.tranche));
			for side in Side::BOTH {
				Margin::set_capacity(market, side, dollars(self.capacity));
			}
		}
		Losses::set_fund(dollars(self.fund));
		accounts
	}
}

/// All equity and all claims, less what was taken from sides and markets to pay for losses.
fn wealth(accounts: &[Account]) -> i128 {
	use keel_traits::Claims;
	let backstops = MARKETS.into_iter().filter_map(Liquidation::backstop);
	let equity: i128 = accounts.iter().copied().chain(backstops).map(|a| Margin::equity(a).0).sum();
	let borne: i128 = MARKETS
		.into_iter()
		.map(|market| {
			Margin::borne(market, Side::Long).0
				+ Margin::borne(market, Side::Short).0
				+ Margin::debt(market).0
		})
		.sum();
	equity + Losses::claims().0 - borne
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn nothing_is_made_or_lost_and_everybody_is_dealt_with(crash in crash()) {
		run(|| {
			let accounts = crash.happen();
			let before = wealth(&accounts);
			let owed: i128 = accounts.iter().map(|a| Margin::equity(*a).0.min(0)).sum();
			let is_unhealthy = |account: &Account| Margin::judge(account).is_some_and(|j| j.is_unhealthy());
			let unhealthy: Vec<_> = accounts.iter().copied().filter(is_unhealthy).collect();
			let healthy: Vec<_> = accounts.iter().copied().filter(|a| !unhealthy.contains(a)).collect();
			let untouched: Vec<_> = healthy.iter().map(|a| Margin::cash(*a)).collect();

			if crash.halt {
				Margin::halt(MARKETS[2]);
			}
			unhealthy.iter().copied().for_each(tell);
			let mut loss = 0;
			for block in 0..3 {
				next_block();
				do_try_state::<Test>().unwrap();
				assert_eq!(wealth(&accounts), before, "nothing is made or lost");
				for (_, [lost, tranche, fund, socialised, market_debt]) in covered() {
					assert_eq!(lost.0, tranche.0 + fund.0 + socialised.0 + market_debt.0);
					loss += lost.0;
				}
				assert!(events().iter().all(|event| !matches!(event, Event::PutAside { .. })));
				if block == 1 {
					Margin::resume(MARKETS[2]);
				}
			}

			assert_eq!(Entries::<Test>::iter().count(), 0, "everybody is dealt with");
			assert!(!accounts.iter().any(is_unhealthy), "and healthy, or closed");
			assert!(accounts.iter().all(|a| Margin::equity(*a).0 >= 0), "nobody owes anything");
			assert_eq!(healthy.iter().map(|a| Margin::cash(*a)).collect::<Vec<_>>(), untouched);
			// Rounding the stated price can cost an account at the brink one unit, never more.
			let rounding = -owed..=-owed + accounts.len() as i128;
			assert!(rounding.contains(&loss), "{loss} was paid for {owed}");
		});
	}

	#[test]
	fn the_bankrupt_are_dealt_with_first_then_the_largest_shortfall(crash in crash()) {
		run(|| {
			let accounts = crash.happen();
			let mut expected: Vec<_> = accounts
				.into_iter()
				.filter_map(|account| Some((Margin::judge(&account)?, account)))
				.filter(|(judgement, _)| judgement.is_unhealthy())
				.collect();
			expected.iter().for_each(|(_, account)| tell(*account));
			expected.sort_by_key(|(judgement, _)| (!judgement.is_bankrupt(), judgement.health));

			next_block();
			let mut order: Vec<_> = taken().into_iter().map(|(account, ..)| account).collect();
			order.dedup();
			assert_eq!(order, expected.into_iter().map(|(_, account)| account).collect::<Vec<_>>());
		});
	}

	#[test]
	fn a_missing_unit_is_caught_in_every_loss(crash in crash()) {
		run(|| {
			let accounts = crash.happen();
			Margin::inject(Fault::CreditLosesAUnit);
			let bankrupt: Vec<_> =
				accounts.into_iter().filter(|account| Margin::equity(*account).is_negative()).collect();
			bankrupt.iter().copied().for_each(tell);
			next_block();
			assert_eq!(covered(), []);
			let aside = events().into_iter().filter(|event| matches!(event, Event::PutAside { .. })).count();
			assert_eq!(aside, bankrupt.len());
		});
	}

	/// Of all that others have paid for an account, part by part: each has back at most what he paid, whoever comes later
	/// in the reverse order only when those before him have all of it, and nothing is lost between.
	#[test]
	fn what_is_paid_back_is_what_was_paid_and_last_paid_is_first_repaid(
		paid in [0..1_000i128, 0..1_000i128, 0..1_000i128, 0..1_000i128],
		amounts in prop::collection::vec(-5..2_000i128, 1..8),
	) {
		let [tranche, fund, socialised, market_debt] = paid.map(Quote);
		let loss = Quote(paid.iter().sum());
		let mut owed = crate::Receipts { loss, tranche, fund, socialised, market_debt };
		for amount in amounts {
			let before = owed;
			let back = owed.take_back(Quote(amount));
			assert!(back.balance() && owed.balance());
			assert_eq!(back.loss.0, amount.clamp(0, before.loss.0));
			assert_eq!(owed.checked_add(&back), Some(before));
			let parts = |of: &crate::Receipts| [of.market_debt, of.socialised, of.fund, of.tranche];
			let (rest, had) = (parts(&owed), parts(&back));
			for later in 1..4 {
				let is_due = rest[..later].iter().all(|part| part.is_zero());
				assert!(is_due || had[later].is_zero(), "{back:?} of {before:?}");
			}
		}
	}
}
