// SPDX-License-Identifier: Apache-2.0
//! Each invariant can fail: corrupt what it watches, and see it caught.

use crate::{mock::*, *};
use frame_support::assert_ok;
use keel_primitives::*;
use sp_runtime::TryRuntimeError;

/// Alice bids twice, once by an id of her own; Bob asks until a block; Carol has a switch; Dave a stop and a
/// take-profit, one of which cancels the other.
fn busy() {
	place(ALICE, NewOrder { client: Some(7), ..buy(100, 49_000) });
	place(ALICE, buy(50, 48_000));
	place(BOB, NewOrder { time_in_force: TimeInForce::GoodTillBlock(50), ..sell(100, 51_000) });
	assert_ok!(Orderbook::keep_alive(signed(CAROL), MAIN, Some(20)));
	for (when, trigger, other) in
		[(When::AtOrBelow, 48_000, None), (When::AtOrAbove, 52_000, Some(NextOrder::<Test>::get()))]
	{
		let NewOrder { market, side, size, price, intent, .. } = sell(10, 47_500);
		let time_in_force = TimeInForce::ImmediateOrCancel;
		assert_ok!(Orderbook::place_conditional(
			signed(DAVE),
			MAIN,
			Price::dollars(trigger),
			when,
			market,
			side,
			size,
			price,
			time_in_force,
			intent,
			other,
		));
	}
}

fn caught(message: &'static str, corrupt: impl FnOnce()) {
	world().execute_with(|| {
		busy();
		check();
		corrupt();
		assert_eq!(Orderbook::do_try_state(), Err(TryRuntimeError::Other(message)));
	});
}

fn with_list(who: AccountId, change: impl FnOnce(&mut OrderList<Test>)) {
	Orders::<Test>::mutate(main_of(who), change);
}

/// Change an order of Bob in his list and on the book.
fn move_ask(change: impl FnOnce(&mut OrderOf<Test>)) {
	with_list(BOB, |list| {
		Orderbook::take_off_book(&list[0]);
		change(&mut list[0]);
		Orderbook::put_on_book(&main_of(BOB), &list[0]);
	});
}

#[test]
fn sees_lists_that_are_empty() {
	caught("an empty list is forgotten", || {
		Orders::<Test>::insert(main_of(CAROL), OrderList::<Test>::default());
	});
	caught("an empty list is forgotten", || {
		Conditionals::<Test>::insert(main_of(CAROL), ConditionalList::<Test>::default());
	});
}

#[test]
fn sees_an_order_that_is_in_a_list_or_on_the_book_alone() {
	caught("an order of a list is on the book", || {
		with_list(ALICE, |list| Orderbook::take_off_book(&list[0]));
	});
	caught("what is on the book is in a list", || {
		Book::<Test>::insert((BTC, Side::Long, [1; 24]), main_of(CAROL));
	});
}

#[test]
fn sees_an_order_of_which_nothing_is_left_or_more_than_it_is() {
	caught("something is left of an order", || with_list(ALICE, |list| list[0].left = Size::ZERO));
	caught("something is left of an order", || with_list(ALICE, |list| list[0].left.0 += 1));
}

#[test]
fn sees_two_orders_of_one_name() {
	caught("an id is given once", || with_list(ALICE, |list| list[1].id = list[0].id));
	caught("a client id is used once", || with_list(ALICE, |list| list[1].client = list[0].client));
}

#[test]
fn sees_more_orders_in_a_market_than_there_may_be() {
	caught("a market has no more orders of an account than it may", || {
		with_list(ALICE, |list| {
			for more in 1_000..1_007 {
				let order = Order { id: more, sequence: more, client: None, ..list[0] };
				Orderbook::put_on_book(&main_of(ALICE), &order);
				assert_ok!(list.try_push(order));
			}
		});
	});
}

#[test]
fn sees_a_calendar_that_is_wrong() {
	caught("who expires is in the calendar", || {
		let entry = Expiries::<Test>::iter_keys().next().unwrap();
		Expiries::<Test>::remove(entry);
	});
	caught("the calendar holds orders that expire", || {
		Expiries::<Test>::insert(([9; 4], [9; 8]), main_of(CAROL));
	});
}

#[test]
fn sees_a_switch_without_its_deadline_and_the_other_way_round() {
	caught("a switch has its deadline", || {
		let entry = Deadlines::<Test>::iter_keys().next().unwrap();
		Deadlines::<Test>::remove(entry);
	});
	caught("a deadline has its switch", || Deadlines::<Test>::insert(([9; 4], main_of(DAVE)), ()));
}

#[test]
fn sees_a_crossed_book() {
	caught("the book is not crossed", || move_ask(|ask| ask.price = Price::dollars(48_500)));
	caught("the book is not crossed", || move_ask(|ask| ask.price = Price::dollars(49_000)));
}

#[test]
fn sees_conditional_orders_that_are_filed_wrongly() {
	caught("a conditional order has its trigger", || {
		let entry = Triggers::<Test>::iter_keys().next().unwrap();
		Triggers::<Test>::remove(entry);
	});
	caught("a trigger has its conditional order", || {
		Triggers::<Test>::insert((BTC, When::AtOrAbove, [1; 24]), main_of(CAROL));
	});
	caught("a pair knows each other", || {
		Conditionals::<Test>::mutate(main_of(DAVE), |list| list[0].other = None);
	});
	caught("markets with triggers are counted", Watched::<Test>::kill);
}

#[test]
fn sees_fees_that_are_not_sound() {
	caught("the fee schedule is sound", || {
		Schedule::<Test>::mutate(|schedule| schedule.insurance = Ratio(u64::MAX));
	});
}
