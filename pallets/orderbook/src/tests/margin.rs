// SPDX-License-Identifier: Apache-2.0
//! Orders reserve margin, makers are judged when they are filled, and reductions only reduce.

use crate::{mock::*, *};
use keel_primitives::*;
use keel_test_support::{Margin, Rules};
use keel_traits::{Intent, OpenOrders, OrderReserve};
use sp_runtime::DispatchError;

const POOR: AccountId = 9;

/// Ten thousand dollars carry two bitcoins at 10 % of 50,000, but for the rounding of each market with orders.
fn poor(dollars: i64) -> AccountId {
	Margin::deposit(main_of(POOR), Quote::dollars(dollars));
	POOR
}

fn reduce(side: Side, size: u128, at: u32) -> NewOrder<u64> {
	NewOrder { intent: Intent::Reduce, ..order(side, size, at) }
}

#[test]
fn orders_reserve_the_margin_of_their_worse_side() {
	run(|| {
		let who = poor(10_001);
		place(who, buy(1_000, 49_000));
		place(who, buy(1_000, 49_000));
		// The other side reserves nothing more, the same side would.
		let refused_more = refused(who, buy(20, 49_000));
		assert_eq!(refused_more, DispatchError::Other("the account lacks margin"));
		place(who, sell(2_000, 51_000));
		let reserved = <Orderbook as OrderReserve<_>>::open_orders(&main_of(who));
		let expected = OpenOrders { market: BTC, buys: thousandths(2_000), sells: thousandths(2_000) };
		assert_eq!(reserved, [expected]);
		// A cancelled order reserves nothing.
		frame_support::assert_ok!(Orderbook::cancel_all(signed(who), MAIN, None));
		assert_eq!(<Orderbook as OrderReserve<_>>::open_orders(&main_of(who)), []);
		place(who, buy(2_000, 49_000));
	});
}

#[test]
fn an_order_that_its_account_cannot_honour_leaves_the_book_instead_of_being_filled() {
	run(|| {
		let who = poor(10_001);
		let unbacked = place(who, sell(2_000, 50_000));
		let backed = place(ALICE, sell(500, 50_000));
		Margin::deposit(main_of(who), Quote::dollars(-8_000));
		let bid = place(BOB, buy(500, 50_000));
		assert_eq!(cancelled(), [(unbacked, CancelReason::NotBacked)]);
		assert_eq!(fills(), [(backed, bid, 500, 50_000)]);
		assert_eq!((position(who), position(BOB)), (0, 500));
	});
}

#[test]
fn an_order_of_an_account_in_liquidation_leaves_the_book() {
	run(|| {
		let gone = place(ALICE, sell(500, 50_000));
		Margin::queue(main_of(ALICE));
		place(BOB, buy(500, 50_000));
		assert_eq!((cancelled(), position(BOB)), (vec![(gone, CancelReason::NotBacked)], 0));
		assert_eq!(refused(ALICE, buy(10, 49_000)), DispatchError::Other("in liquidation"));
	});
}

#[test]
fn a_price_that_mark_has_left_behind_against_its_owner_is_not_filled() {
	run(|| {
		let stale = place(ALICE, buy(100, 50_000));
		let fresh = place(CAROL, buy(100, 48_100));
		// Two percent below 48,000 is 46,080, four above it is 49,920.
		Margin::set_mark(BTC, Price::dollars(48_000));
		let ask = place(BOB, sell(100, 47_000));
		assert_eq!(cancelled(), [(stale, CancelReason::OutsideBand)]);
		assert_eq!(fills(), [(fresh, ask, 100, 48_100)]);
	});
}

#[test]
fn an_order_far_from_mark_on_its_owners_good_side_waits_for_mark_to_come_back() {
	run(|| {
		let bid = place(ALICE, buy(100, 50_000));
		Margin::set_mark(BTC, Price::dollars(60_000));
		next_block();
		assert_eq!(open(ALICE), [(bid, 100)]);
		Margin::set_mark(BTC, Price::dollars(50_100));
		place(BOB, sell(100, 50_000));
		assert_eq!(position(ALICE), 100);
	});
}

#[test]
fn a_reduction_reduces_and_no_more() {
	run(|| {
		place(ALICE, buy(300, 50_000));
		place(BOB, sell(300, 50_000));
		assert_eq!(refused(CAROL, reduce(Side::Short, 10, 50_000)), Error::<Test>::NothingToReduce.into());
		assert_eq!(refused(ALICE, reduce(Side::Short, 301, 50_000)), Error::<Test>::WouldFlip.into());
		let ask = place(ALICE, reduce(Side::Short, 300, 50_100));
		// Reducing reserves nothing.
		assert_eq!(<Orderbook as OrderReserve<_>>::open_orders(&main_of(ALICE)), []);
		// Meanwhile a part is sold elsewhere: only what is left is reduced, and the rest of the order goes.
		place(CAROL, buy(200, 50_050));
		place(ALICE, sell(200, 50_050));
		let bid = place(BOB, buy(500, 50_100));
		assert_eq!(fills().last(), Some(&(ask, bid, 100, 50_100)));
		assert_eq!(position(ALICE), 0);
		assert_eq!(cancelled(), [(ask, CancelReason::NothingToReduce)]);
		// And the rest of the order that came rests.
		assert_eq!(book(), (vec![(50_100, 400)], vec![]));
	});
}

#[test]
fn a_reduction_whose_position_is_gone_leaves_the_book() {
	run(|| {
		place(ALICE, buy(300, 50_000));
		place(BOB, sell(300, 50_000));
		let ask = place(ALICE, reduce(Side::Short, 300, 50_100));
		place(CAROL, buy(300, 50_050));
		place(ALICE, sell(300, 50_050));
		place(DAVE, buy(100, 50_100));
		assert_eq!(cancelled(), [(ask, CancelReason::NothingToReduce)]);
		assert_eq!(position(DAVE), 0);
	});
}

#[test]
fn what_closes_a_position_whole_may_be_any_size() {
	run(|| {
		Margin::open(main_of(ALICE), BTC, Side::Long, Size(1_234_567));
		place(BOB, NewOrder { size: Size(5_000_000), ..buy(0, 50_000) });
		let part = NewOrder { size: Size(234_567), ..reduce(Side::Short, 0, 50_000) };
		assert_eq!(refused(ALICE, part), Error::<Test>::NotWholeLots.into());
		place(ALICE, NewOrder { size: Size(1_234_567), ..part });
		assert_eq!(Margin::position(main_of(ALICE), BTC), None);
	});
}

#[test]
fn a_guarded_market_takes_reductions_only() {
	run(|| {
		place(ALICE, buy(300, 50_000));
		place(BOB, sell(300, 50_000));
		let resting = place(CAROL, buy(100, 49_900));
		Margin::set_status(BTC, MarketStatus::Guarded);
		assert_eq!(refused(DAVE, sell(10, 49_900)), DispatchError::Other("reducing only"));
		// Who reduces may give to who opens.
		let ask = place(ALICE, reduce(Side::Short, 50, 49_900));
		assert_eq!(fills().last(), Some(&(resting, ask, 50, 49_900)));
		Margin::set_status(BTC, MarketStatus::Halted);
		next_block();
		assert_eq!(refused(ALICE, reduce(Side::Short, 50, 49_900)), DispatchError::Other("halted"));
		// Cancelling is always possible.
		frame_support::assert_ok!(Orderbook::cancel_order(signed(CAROL), MAIN, OrderName::Id(resting)));
	});
}

#[test]
fn where_the_market_takes_no_more_the_order_is_refused_or_ends_with_what_it_has() {
	run(|| {
		place(ALICE, buy(300, 50_000));
		place(BOB, sell(300, 50_000));
		Margin::refuse_opening(BTC, true);
		place(ALICE, sell(100, 50_000));
		place(CAROL, sell(100, 50_000));
		// Alice reduces, Carol does not.
		let id = place(DAVE, buy(200, 50_000));
		assert_eq!((position(DAVE), position(CAROL)), (100, 0));
		assert_eq!(cancelled(), [(id, CancelReason::MarketRefused)]);
		assert_eq!(refused(DAVE, buy(100, 50_000)), DispatchError::Other("open interest"));
		let whole = NewOrder { time_in_force: TimeInForce::FillOrKill, ..buy(100, 50_000) };
		assert_eq!(refused(DAVE, whole), DispatchError::Other("open interest"));
		// Nobody's order was cancelled for it.
		assert_eq!(book(), (vec![], vec![(50_000, 100)]));
	});
}

#[test]
fn markets_with_orders_count_as_positions_do() {
	run(|| {
		Margin::set_rules(Rules { exposures: 1, ..Rules::default() });
		place(ALICE, buy(10, 50_000));
		let ether = NewOrder { market: ETH, price: Price::dollars(2_000), ..buy(1_000, 0) };
		assert_eq!(refused(ALICE, ether), DispatchError::Other("too many positions"));
	});
}

#[test]
fn what_is_left_after_fills_rests_only_if_it_is_still_backed() {
	run(|| {
		let who = poor(10_201);
		// Bought far above mark the first half leaves too little for the second.
		place(ALICE, sell(1_000, 51_900));
		let id = place(who, buy(2_000, 52_000));
		assert_eq!(position(who), 1_000);
		assert_eq!(cancelled(), [(id, CancelReason::NotBacked)]);
	});
}
