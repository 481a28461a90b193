// SPDX-License-Identifier: Apache-2.0
//! A dead market is settled at a stated price, and listed again.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::*;
use keel_traits::{Liquidatable, Place};

fn settle(dollars: u32) -> sp_runtime::DispatchResult {
	Margin::settle_market(RuntimeOrigin::root(), BTC, Price::dollars(dollars))
}

fn relist() -> sp_runtime::DispatchResult {
	Margin::relist_market(RuntimeOrigin::root(), BTC)
}

/// No price of bitcoin for as long as it takes to be dead.
fn die() {
	set_price(feed(BTC), Price::dollars(50_000), PriceState::Stale);
	status(BTC, MarketStatus::Halted);
	for _ in 0..100 {
		next_block();
	}
}

/// Alice is long of a bitcoin and Bob and Carol short of one together, at 50,000 dollars, with 10,000 each; and the market
/// is dead.
fn dead(test: impl FnOnce()) {
	build(|| {
		for who in [ALICE, BOB, CAROL] {
			deposit(who, 10_000);
		}
		trade(ALICE, BOB, BTC, thousandths(700), 50_000);
		trade(ALICE, CAROL, BTC, thousandths(300), 50_000);
		die();
		test();
	});
}

fn cash(who: AccountId) -> Quote {
	account(who).cash
}

#[test]
fn only_a_dead_market_is_settled_and_near_its_last_mark() {
	build(|| {
		deposit(ALICE, 10_000);
		assert_noop!(settle(50_000), Error::<Test>::MarketNotDead);
		status(BTC, MarketStatus::Halted);
		for _ in 0..99 {
			next_block();
		}
		assert_noop!(settle(50_000), Error::<Test>::MarketNotDead);
		next_block();
		// 10 % either way.
		for dollars in [44_999, 55_001, 0] {
			assert_noop!(settle(dollars), Error::<Test>::SettlementPriceTooFar);
		}
		assert_noop!(
			Margin::settle_market(signed(ALICE), BTC, Price::dollars(50_000)),
			sp_runtime::DispatchError::BadOrigin
		);
		assert_noop!(relist(), Error::<Test>::NotSettling);
		assert_noop!(
			Margin::settle_market(RuntimeOrigin::root(), MarketId(9), Price::dollars(1)),
			Error::<Test>::UnknownMarket
		);
		Markets::<Test>::mutate_extant(BTC, |market| market.quarantined = true);
		assert_noop!(settle(45_000), Error::<Test>::MarketUnsound);
		Markets::<Test>::mutate_extant(BTC, |market| market.quarantined = false);
		assert_ok!(settle(45_000));
		assert_noop!(settle(45_000), Error::<Test>::AlreadySettling);
		assert_eq!(Margin::market_view(BTC).unwrap().status, MarketStatus::Settling);
	});
}

#[test]
fn everybody_is_closed_at_the_stated_price_and_deposits_leave() {
	dead(|| {
		assert_ok!(settle(46_000));
		// The price is the mark from the next block on; in the one after it all is closed.
		next_block();
		assert_eq!((market(BTC).mark, account(ALICE).positions.len()), (Price::dollars(46_000), 1));
		next_block();
		assert_eq!(cash(ALICE), Quote::dollars(6_000));
		assert_eq!(cash(BOB), Quote::dollars(12_800));
		assert_eq!(cash(CAROL), Quote::dollars(11_200));
		for who in [ALICE, BOB, CAROL] {
			assert_eq!((account(who).place, account(who).positions.len()), (Place::Idle, 0));
			assert_ok!(withdraw(who, cash(who)));
		}
		let book = market(BTC).book;
		assert_eq!((book.sink, book.unsettled), (keel_math::I256::ZERO, keel_math::I256::ZERO));
		assert_eq!((TotalCash::<Test>::get(), Custodied::<Test>::get()), (Quote::ZERO, Quote::ZERO));
		assert_eq!(Generations::<Test>::iter().count(), 0);
	});
}

#[test]
fn nobody_escapes_or_jumps_in_between_the_price_and_the_end() {
	dead(|| {
		let refused = || {
			for at in [50_000, 46_000] {
				assert_noop!(try_trade(ALICE, DAVE, BTC, thousandths(100), at), Error::<Test>::MarketHalted);
				assert_noop!(try_trade(DAVE, ALICE, BTC, thousandths(100), at), Error::<Test>::MarketHalted);
			}
			assert_eq!(withdraw(ALICE, Quote::dollars(100)), Err(Error::<Test>::PriceUnavailable.into()));
			assert_eq!(transfer(BOB, 0, 1, Quote::dollars(100)), Err(Error::<Test>::PriceUnavailable.into()));
			assert_ok!(Margin::deposit(signed(DAVE), SubAccount(0), Quote::dollars(1_000)));
			assert_ok!(withdraw(DAVE, Quote::dollars(10)));
		};
		refused();
		next_block();
		assert_ok!(settle(46_000));
		refused();
		next_block();
		refused();
	});
}

#[test]
fn no_funding_is_paid_for_a_market_that_ends() {
	dead(|| {
		let interest = keel_math::FundingRate(5_000_000);
		assert_ok!(Margin::set_market_params(
			RuntimeOrigin::root(),
			BTC,
			MarketParams { interest, ..params() }
		));
		assert_ok!(settle(50_000));
		next_block();
		next_block();
		assert_eq!([ALICE, BOB, CAROL].map(cash), [Quote::dollars(10_000); 3]);
	});
}

#[test]
fn positions_are_settled_over_blocks_from_where_the_last_one_stopped() {
	build(|| {
		for who in 1..=12 {
			deposit(who, 10_000);
		}
		for who in 1..=6 {
			trade(who, who + 6, BTC, thousandths(1_000), 50_000);
		}
		die();
		assert_ok!(settle(48_000));
		next_block();
		judge_at_most(2, 1);
		let left = || (1..=12).filter(|who| !account(*who).positions.is_empty()).count();
		let mut before = left();
		let mut blocks = 0;
		while before > 0 {
			assert_noop!(relist(), Error::<Test>::NotSettledYet);
			next_block();
			blocks += 1;
			assert!(blocks < 20 && before - left() <= 2, "{before} to {}", left());
			before = left();
		}
		assert!(blocks >= 6, "two in a block: {blocks}");
		assert!((1..=6).all(|who| cash(who) == Quote::dollars(8_000)));
		assert!((7..=12).all(|who| cash(who) == Quote::dollars(12_000)));
	});
}

#[test]
fn who_is_found_unhealthy_by_the_price_is_closed_before_the_sides_are() {
	build(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 10_000);
		deposit(CAROL, 10_000);
		trade(ALICE, BOB, BTC, thousandths(1_000), 50_000);
		trade(CAROL, BOB, BTC, thousandths(100), 50_000);
		die();
		assert_ok!(settle(45_500));
		next_block();
		assert_eq!(unhealthy(), [ALICE]);
		assert!(Margin::is_liquidatable(BTC));
		let exposures = Margin::exposures(&main_of(ALICE));
		assert!(
			exposures[0].liquidatable && exposures[0].settling && exposures[0].mark == Price::dollars(45_500)
		);
		// Nobody is closed out while she waits.
		Margin::set_waiting(BTC, Side::Long, true);
		for _ in 0..10 {
			next_block();
		}
		assert!(!market(BTC).settlement.unwrap().closed_out);
		assert_ok!(Margin::deleverage(&main_of(ALICE), BTC, thousandths(1_000)));
		assert_eq!(cash(ALICE), Quote::dollars(500));
		Margin::set_waiting(BTC, Side::Long, false);
		assert_ok!(Margin::release(&main_of(ALICE)));
		next_block();
		next_block();
		assert!(market(BTC).settlement.unwrap().closed_out);
		// Closing her has cost the other side what rounding does: a millionth of a dollar.
		assert!(Quote::dollars(14_950).0 - cash(BOB).0 <= 1, "{:?}", cash(BOB));
		assert_eq!(cash(CAROL), Quote::dollars(9_550));
	});
}

#[test]
fn one_who_cannot_be_closed_is_waited_for_an_hour_at_most() {
	dead(|| {
		assert_ok!(settle(46_000));
		next_block();
		Margin::set_waiting(BTC, Side::Long, true);
		for _ in 0..1_799 {
			next_block();
		}
		assert!(!market(BTC).settlement.unwrap().closed_out);
		next_block();
		assert!(market(BTC).settlement.unwrap().closed_out);
		assert_eq!(cash(ALICE), Quote::dollars(6_000));
		Margin::set_waiting(BTC, Side::Long, false);
	});
}

#[test]
fn a_market_that_was_settled_is_listed_again_and_begins_anew() {
	dead(|| {
		assert_ok!(settle(46_000));
		next_block();
		assert_noop!(relist(), Error::<Test>::NotSettledYet);
		next_block();
		// Its debts are paid before.
		Markets::<Test>::mutate_extant(BTC, |market| market.book.borrow(Quote::dollars(5)).unwrap());
		world(|world| world.other_claims = Quote::dollars(5));
		assert_noop!(relist(), Error::<Test>::NotSettledYet);
		assert_ok!(Margin::repay_debt(signed(DAVE), BTC, Quote::dollars(5)));
		assert_ok!(relist());
		let listed = market(BTC);
		assert_eq!((listed.settlement, listed.mark), (None, Price::ZERO));
		assert_eq!(listed.listed_at, Some(world(|world| world.now)), "its limits grow anew");
		// The first price that lands is its mark, wherever it is.
		status(BTC, MarketStatus::Open);
		block_at(90_000);
		assert_eq!(market(BTC).mark, Price::dollars(90_000));
		trade(ALICE, BOB, BTC, thousandths(50), 90_000);
		next_block();
		assert_eq!(account(ALICE).place, Place::Filed);
		assert_noop!(settle(90_000), Error::<Test>::MarketNotDead);
	});
}

#[test]
fn a_market_whose_books_are_in_doubt_is_not_closed_out() {
	dead(|| {
		assert_ok!(settle(46_000));
		next_block();
		Markets::<Test>::mutate_extant(BTC, |market| market.quarantined = true);
		next_block();
		next_block();
		assert_eq!(account(ALICE).positions.len(), 1);
		assert_ok!(Margin::lift_quarantine(RuntimeOrigin::root(), BTC));
		next_block();
		assert_eq!(cash(ALICE), Quote::dollars(6_000));
	});
}

#[test]
fn a_market_that_is_settled_has_its_price_in_every_scenario() {
	dead(|| {
		use keel_traits::{LiveBook, Shock};
		let toll = |by| Margin::toll(&[Shock { market: BTC, by }]).expect("it is listed");
		assert_eq!(toll(0).accounts, 0);
		let moved = toll(-90_000_000);
		assert_eq!(moved.accounts, 0, "10,000 dollars carry a fall by 9 %");
		assert!(toll(-200_000_000).accounts > 0, "and none by 20 %");
		assert_ok!(settle(46_000));
		for by in [-200_000_000, 0, 500_000_000] {
			assert_eq!(toll(by).accounts, 0, "the stated price is 46,000, whatever else is thought of");
		}
	});
}
