// SPDX-License-Identifier: Apache-2.0
//! Conditional orders wait for mark, act once, and first in an auction.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::*;
use keel_test_support::Margin;
use keel_traits::Intent;
use sp_runtime::DispatchError;

/// Let thousandths of bitcoin wait: a market order with a worst price. Returns the id.
fn try_wait(
	who: AccountId,
	when: When,
	trigger: u32,
	new: NewOrder<u64>,
	other: Option<OrderId>,
) -> Result<OrderId, DispatchError> {
	let NewOrder { market, side, size, price, time_in_force, intent, .. } = new;
	Orderbook::place_conditional(
		signed(who),
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
	)
	.map(|()| NextOrder::<Test>::get() - 1)
}

fn wait(who: AccountId, when: When, trigger: u32, new: NewOrder<u64>) -> OrderId {
	try_wait(who, when, trigger, new, None).unwrap()
}

fn market(new: NewOrder<u64>) -> NewOrder<u64> {
	NewOrder { time_in_force: TimeInForce::ImmediateOrCancel, ..new }
}

fn reduce(new: NewOrder<u64>) -> NewOrder<u64> {
	NewOrder { intent: Intent::Reduce, ..market(new) }
}

fn ended() -> Vec<(OrderId, ConditionalEnd)> {
	let end = |event| match event {
		Event::ConditionalEnded { conditional, end, .. } => Some((conditional, end)),
		_ => None,
	};
	events().into_iter().filter_map(end).collect()
}

/// Mark in the next block.
fn block_at(dollars: u32) {
	Margin::set_mark(BTC, Price::dollars(dollars));
	next_block();
}

#[test]
fn a_stop_fires_when_mark_falls_to_it_and_a_take_profit_when_it_rises_to_it() {
	run(|| {
		place(ALICE, buy(300, 50_000));
		place(BOB, sell(300, 50_000));
		place(CAROL, buy(200, 49_000));
		let stop = wait(ALICE, When::AtOrBelow, 49_000, reduce(sell(100, 48_000)));
		let take = wait(ALICE, When::AtOrAbove, 50_500, reduce(sell(100, 49_000)));
		block_at(49_001);
		block_at(50_499);
		assert_eq!(ended(), []);
		block_at(50_500);
		assert_eq!((ended(), position(ALICE)), (vec![(take, ConditionalEnd::Fired)], 200));
		block_at(49_000);
		assert_eq!((ended(), position(ALICE)), (vec![(stop, ConditionalEnd::Fired)], 100));
		block_at(48_000);
		assert_eq!(ended(), []);
	});
}

#[test]
fn they_fire_in_the_order_in_which_mark_passes_them_and_who_came_first_at_one_price() {
	run(|| {
		let wait_at = |who, at| wait(who, When::AtOrBelow, at, market(sell(10, 47_500)));
		let ids = [(ALICE, 49_000), (BOB, 49_500), (CAROL, 49_000), (DAVE, 48_000)]
			.map(|(who, at)| wait_at(who, at));
		block_at(48_500);
		let fired: Vec<_> = ended().into_iter().map(|(id, _)| id).collect();
		assert_eq!(fired, [ids[1], ids[0], ids[2]]);
	});
	run(|| {
		let ids = [(ALICE, 51_000), (BOB, 50_500), (CAROL, 51_000)]
			.map(|(who, at)| wait(who, When::AtOrAbove, at, market(buy(10, 52_000))));
		block_at(51_000);
		let fired: Vec<_> = ended().into_iter().map(|(id, _)| id).collect();
		assert_eq!(fired, [ids[1], ids[0], ids[2]]);
	});
}

#[test]
fn of_a_pair_the_first_cancels_the_other_and_only_the_owner_parts_them() {
	run(|| {
		place(ALICE, buy(300, 50_000));
		place(BOB, sell(300, 50_000));
		place(CAROL, buy(500, 49_000));
		let stop = wait(ALICE, When::AtOrBelow, 49_500, reduce(sell(100, 48_000)));
		let take = try_wait(ALICE, When::AtOrAbove, 50_500, reduce(sell(100, 48_500)), Some(stop)).unwrap();
		let third = try_wait(ALICE, When::AtOrAbove, 50_500, reduce(sell(100, 48_500)), Some(stop));
		assert_eq!(third, Err(Error::<Test>::AlreadyPaired.into()));
		block_at(49_400);
		assert_eq!(ended(), [(take, ConditionalEnd::OtherFired), (stop, ConditionalEnd::Fired)]);
		block_at(51_000);
		assert_eq!((ended(), position(ALICE)), (vec![], 200));
		// Cancelled by hand the other waits on, and can be paired again.
		let stop = wait(ALICE, When::AtOrBelow, 49_500, reduce(sell(100, 48_000)));
		let take = try_wait(ALICE, When::AtOrAbove, 52_000, reduce(sell(100, 48_500)), Some(stop)).unwrap();
		assert_ok!(Orderbook::cancel_conditional(signed(ALICE), MAIN, Some(take)));
		assert_eq!(Orderbook::conditional_orders(main_of(ALICE))[0].other, None);
		try_wait(ALICE, When::AtOrAbove, 52_000, reduce(sell(100, 48_500)), Some(stop)).unwrap();
	});
}

#[test]
fn a_worst_price_beyond_the_band_counts_as_its_edge_and_a_reduction_closes_what_is_there() {
	run(|| {
		place(ALICE, buy(300, 50_000));
		place(BOB, sell(300, 50_000));
		let edge = place(CAROL, buy(200, 48_000));
		wait(ALICE, When::AtOrBelow, 49_500, reduce(sell(900, 40_000)));
		block_at(49_500);
		assert_eq!(fills(), [(edge, NextOrder::<Test>::get() - 1, 200, 48_000)]);
		assert_eq!(position(ALICE), 100);
	});
}

#[test]
fn a_refused_order_says_why_and_waits_no_more() {
	run(|| {
		let stop = wait(ALICE, When::AtOrBelow, 49_500, reduce(sell(100, 48_000)));
		block_at(49_500);
		let nothing = ConditionalEnd::Refused(Error::<Test>::NothingToReduce.into());
		assert_eq!(ended(), [(stop, nothing)]);
		assert!(Orderbook::conditional_orders(main_of(ALICE)).is_empty());
	});
}

#[test]
fn they_act_first_in_an_auction() {
	run(|| {
		place(ALICE, buy(300, 50_000));
		place(BOB, sell(300, 50_000));
		let stop = wait(ALICE, When::AtOrBelow, 49_500, reduce(sell(100, 48_000)));
		Margin::set_status(BTC, MarketStatus::Auction);
		place(CAROL, buy(100, 49_400));
		// Nothing fires while orders are collected.
		block_at(49_000);
		assert_eq!(ended(), []);
		Margin::set_status(BTC, MarketStatus::Open);
		next_block();
		assert_eq!(ended(), [(stop, ConditionalEnd::Fired)]);
		assert_eq!((position(ALICE), position(CAROL)), (200, 100));
		assert!(events().iter().any(|event| matches!(event, Event::AuctionUncrossed { .. })));
	});
}

#[test]
fn those_that_find_no_weight_fire_in_the_next_block() {
	run(|| {
		for who in [ALICE, BOB, CAROL] {
			wait(who, When::AtOrBelow, 49_500, market(sell(10, 48_000)));
		}
		let most = <()>::idle()
			.saturating_add(<()>::fire_conditional())
			.saturating_add(Orderbook::meeting(MaxFills::get()))
			.saturating_add(<()>::look_at_triggers());
		HookWeight::set(most.saturating_add(frame_support::weights::Weight::from_parts(1_000, 1_000)));
		block_at(49_000);
		assert!(ended().len() < 3 && !ended().is_empty());
		for _ in 0..3 {
			next_block();
		}
		assert!(Watched::<Test>::get().is_empty());
	});
}

#[test]
fn what_waits_must_make_sense() {
	run(|| {
		let with = |when, trigger, new| try_wait(ALICE, when, trigger, new, None).unwrap_err();
		let below = When::AtOrBelow;
		let errors = [
			(with(below, 50_000, market(sell(10, 48_000))), Error::<Test>::WouldFireAtOnce),
			(with(When::AtOrAbove, 49_000, market(sell(10, 48_000))), Error::WouldFireAtOnce),
			(with(below, 49_000, market(sell(0, 48_000))), Error::ZeroSize),
			(with(below, 0, market(sell(1, 48_000))), Error::InvalidPrice),
			(with(below, 49_000, market(sell(1, 0))), Error::InvalidPrice),
			(
				with(below, 49_000, NewOrder { price: Price(Price::ONE.0 + 1), ..sell(1, 0) }),
				Error::NotWholeTicks,
			),
			(
				with(below, 49_000, NewOrder { size: Size(u128::MAX), ..sell(1, 48_000) }),
				Error::OrderTooLarge,
			),
			(try_wait(ALICE, below, 49_000, sell(1, 48_000), Some(77)).unwrap_err(), Error::UnknownOrder),
		];
		for (got, expected) in errors {
			assert_eq!(got, expected.into());
		}
		for _ in 0..4 {
			wait(ALICE, below, 49_000, market(sell(10, 48_000)));
		}
		assert_eq!(with(below, 49_000, market(sell(10, 48_000))), Error::<Test>::TooManyConditionals.into());
		assert_noop!(Orderbook::cancel_conditional(signed(BOB), MAIN, Some(0)), Error::<Test>::UnknownOrder);
		let all = Orderbook::cancel_conditional(signed(ALICE), MAIN, None).unwrap();
		assert_eq!(all.actual_weight, Some(<()>::cancel_conditional(4)));
		assert!(Watched::<Test>::get().is_empty());
	});
}
