// SPDX-License-Identifier: Apache-2.0
//! One market gone wrong, or one owner with many accounts, does not take the day of the others.

use super::*;
use crate::{mock::Told, Caps, FundSpending, MarketSpending, NextOwner, OwnerSpending};
use keel_test_support::{Clock, BOB, CHARLIE};

const HOUR: u64 = 60 * 60 * 1_000;

/// Caps as the chain begins with: an account, an owner, a market, a block, a day.
fn with_caps(test: impl FnOnce()) {
	World::default().fund(10_000_000).run(|| {
		let [per_account, per_owner, per_market, per_block, per_day] =
			[100_000, 200_000, 500_000, 500_000, 2_000_000].map(Quote::dollars);
		let caps = Caps { per_account, per_owner, per_market, per_block, per_day };
		InsuranceFund::set_caps(RuntimeOrigin::root(), caps).unwrap();
		test();
	});
}

/// A new account of `owner` lacks more than all caps together, in a block of its own.
fn ruin(market: MarketId, owner: AccountId) -> Quote {
	System::set_block_number(System::block_number() + 1);
	pay(market, owner, dollars(9_000_000), Quote::ZERO).fund
}

#[test]
fn twenty_bankrupt_sub_accounts_of_a_thin_market_do_not_take_the_day_of_the_others() {
	with_caps(|| {
		let paid: i128 = (0..20).map(|_| ruin(ETH, ALICE).0).sum();
		assert_eq!(Quote(paid), dollars(200_000), "all of them are one owner's");
		assert_eq!(ruin(BTC, BOB), dollars(100_000), "who loses in another market is paid for");
		assert_eq!(ruin(BTC, ALICE), Quote::ZERO, "the owner's cap is one for all markets");
	});
}

#[test]
fn twenty_owners_of_a_thin_market_do_not_either_and_it_is_halted() {
	with_caps(|| {
		let paid: Vec<_> = (100..120).map(|owner| ruin(ETH, owner)).collect();
		assert_eq!(paid[..6], [100_000, 100_000, 100_000, 100_000, 100_000, 0].map(dollars));
		assert_eq!(Quote(paid.iter().map(|paid| paid.0).sum()), dollars(500_000));
		assert_eq!(InsuranceFund::allowance_of_market(ETH), Quote::ZERO);
		assert_eq!(Told::get(), [(ETH, dollars(500_000))], "once, when the last of it was paid");
		assert_eq!(InsuranceFund::allowance_of_market(BTC), dollars(500_000));
		let others: i128 = (100..115).map(|owner| ruin(BTC, owner + 100).0).sum();
		assert_eq!(Quote(others), dollars(500_000));
		assert_eq!(Told::get().len(), 2);
	});
}

#[test]
fn who_stops_a_market_is_told_and_so_is_everybody() {
	with_caps(|| {
		(100..105).for_each(|owner| assert!(ruin(ETH, owner) > Quote::ZERO));
		assert_eq!(last_event(), Event::MarketCapReached { market: ETH, paid: dollars(500_000) });
	});
}

#[test]
fn a_market_that_has_not_cost_its_cap_is_not_halted() {
	with_caps(|| {
		(100..104).for_each(|owner| assert!(ruin(ETH, owner) > Quote::ZERO));
		let almost = pay(ETH, 104, Quote(dollars(100_000).0 - 1), Quote::ZERO);
		assert_eq!((almost.fund, Told::get()), (Quote(dollars(100_000).0 - 1), vec![]));
		pay(ETH, 105, Quote(1), Quote::ZERO);
		assert_eq!(Told::get(), [(ETH, dollars(500_000))]);
	});
}

#[test]
fn a_fund_that_is_empty_halts_nobody() {
	World::default().fund(10).caps(100, 100, 100).run(|| {
		assert_eq!(absorb(ETH, dollars(100)).fund, dollars(10));
		assert_eq!(Told::get(), []);
	});
}

#[test]
fn both_caps_are_of_a_day_that_moves_and_what_comes_back_frees_them() {
	with_caps(|| {
		assert_eq!([0; 3].map(|_| ruin(ETH, ALICE)), [100_000, 100_000, 0].map(dollars));
		let paid = Payment { tranche: Quote::ZERO, fund: dollars(60_000) };
		Custody::claim_moves(paid.total());
		InsuranceFund::give_back(ETH, &ALICE, paid);
		assert_eq!(InsuranceFund::allowance_of_owner(ALICE), dollars(60_000));
		assert_eq!(InsuranceFund::allowance_of_market(ETH), dollars(360_000));
		assert_eq!([0; 2].map(|_| ruin(ETH, ALICE)), [60_000, 0].map(dollars));
		Clock::advance(25 * HOUR);
		assert_eq!(InsuranceFund::allowance_of_owner(ALICE), dollars(200_000));
		assert_eq!(InsuranceFund::allowance_of_market(ETH), dollars(500_000));
	});
}

#[test]
fn owners_of_another_day_are_forgotten() {
	World::default().fund(10_000).caps(1, 1_000, 1_000).run(|| {
		(0..50).for_each(|owner| assert_eq!(pay(BTC, owner, dollars(1), Quote::ZERO).fund, dollars(1)));
		assert_eq!(OwnerSpending::<Test>::iter().count(), 50);
		Clock::advance(25 * HOUR);
		// Each payment looks at two: after as many as there were none of them is left.
		for _ in 0..60 {
			System::set_block_number(System::block_number() + 1);
			pay(BTC, CHARLIE, Quote(1), Quote::ZERO);
		}
		let owners: Vec<_> = OwnerSpending::<Test>::iter_keys().collect();
		assert_eq!(owners, [CHARLIE]);
		assert_eq!(NextOwner::<Test>::get(), None);
	});
}

#[test]
fn the_day_of_all_is_what_it_was() {
	with_caps(|| {
		for market in 0..20 {
			(0..5).for_each(|owner| {
				let _ = ruin(MarketId(market), 1_000 + 5 * u64::from(market) + owner);
			});
		}
		assert_eq!(FundSpending::<Test>::get().day.paid(0), dollars(2_000_000));
		let markets: i128 = MarketSpending::<Test>::iter_values().map(|window| window.paid(0).0).sum();
		assert_eq!(Quote(markets), dollars(2_000_000));
	});
}

/// What a market owes since an earlier block.
fn old_debt(market: MarketId, debt: Quote) -> Payment {
	System::set_block_number(System::block_number() + 1);
	let paid = InsuranceFund::pay_old_debt(market, debt);
	Custody::claim_moves(Quote(-paid.total().0));
	paid
}

#[test]
fn an_old_debt_takes_half_of_what_a_market_may_cost_and_halts_nobody() {
	with_caps(|| {
		let paid: Vec<_> = (0..4).map(|_| old_debt(ETH, dollars(9_000_000)).fund).collect();
		assert_eq!(paid, [100_000, 100_000, 50_000, 0].map(dollars), "no more than for an account at once");
		assert_eq!(Told::get(), []);
		assert_eq!(ruin(ETH, ALICE), dollars(100_000), "the rest is for losses that are new");
		assert_eq!(old_debt(BTC, Quote(7)).fund, Quote(7));
	});
}

#[test]
fn an_old_debt_is_paid_by_the_tranche_first_and_what_it_is_not_is_not_paid() {
	World::default().tranche(BTC, 0, 30).fund(100).caps(50, 50, 1_000).run(|| {
		assert_eq!(old_debt(BTC, dollars(100)), Payment { tranche: dollars(30), fund: dollars(50) });
		assert_eq!(old_debt(BTC, dollars(20)), Payment { tranche: Quote::ZERO, fund: dollars(20) });
		let events = System::events().len();
		assert_eq!(old_debt(BTC, Quote::ZERO), Payment::default());
		assert_eq!(old_debt(BTC, Quote(-1)), Payment::default());
		assert_eq!(System::events().len(), events);
	});
}

#[test]
fn a_cap_that_is_smaller_than_one_before_it_is_refused() {
	World::default().run(|| {
		let set = |of: [i128; 5]| {
			let [per_account, per_owner, per_market, per_block, per_day] = of.map(Quote);
			let caps = Caps { per_account, per_owner, per_market, per_block, per_day };
			InsuranceFund::set_caps(RuntimeOrigin::root(), caps)
		};
		for falling in [[3, 2, 4, 5, 6], [1, 3, 2, 5, 6], [1, 2, 7, 5, 6], [3, 3, 4, 2, 6], [1, 2, 3, 7, 6]] {
			frame_support::assert_noop!(set(falling), crate::Error::<Test>::InvalidCaps);
		}
		frame_support::assert_ok!(set([1, 2, 6, 1, 6]));
	});
}
