// SPDX-License-Identifier: Apache-2.0
//! Price first, then time; and what costs an order its place.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::*;

fn amend(who: AccountId, id: OrderId, size: Option<u128>, at: Option<u32>) {
	assert_ok!(Orderbook::amend_order(
		signed(who),
		MAIN,
		OrderName::Id(id),
		size.map(thousandths),
		at.map(Price::dollars),
		PostOnly::No
	));
}

/// Who is filled, one after the other, by an order that takes everything.
fn queue_of(side: Side) -> Vec<OrderId> {
	let new = match side {
		Side::Long => sell(10_000, 49_000),
		Side::Short => buy(10_000, 51_000),
	};
	place(DAVE, NewOrder { time_in_force: TimeInForce::ImmediateOrCancel, ..new });
	fills().into_iter().map(|(maker, ..)| maker).collect()
}

#[test]
fn the_best_price_is_filled_first_and_at_a_price_who_came_first() {
	run(|| {
		let ids = [(ALICE, 50_010), (BOB, 50_020), (CAROL, 50_010), (ALICE, 50_000), (BOB, 50_010)]
			.map(|(who, at)| place(who, buy(10, at)));
		assert_eq!(queue_of(Side::Long), [ids[1], ids[0], ids[2], ids[4], ids[3]]);
	});
	run(|| {
		let ids = [(ALICE, 50_010), (BOB, 50_020), (CAROL, 50_010), (ALICE, 50_000), (BOB, 50_010)]
			.map(|(who, at)| place(who, sell(10, at)));
		assert_eq!(queue_of(Side::Short), [ids[3], ids[0], ids[2], ids[4], ids[1]]);
	});
}

#[test]
fn sequences_sort_as_numbers_and_prices_of_any_length() {
	let prices =
		[Price::MIN, Price(255), Price(256), cents(1), cents(256), Price::dollars(70_000), Price::MAX];
	for side in Side::BOTH {
		for (a, pa) in prices.iter().enumerate() {
			for (b, pb) in prices.iter().enumerate() {
				for (sa, sb) in [(0, 1), (255, 256), (7, 7), (u64::MAX, 0)] {
					let better = match side {
						Side::Long => pb.cmp(pa),
						Side::Short => pa.cmp(pb),
					};
					let sorted = rank(side, *pa, sa).cmp(&rank(side, *pb, sb));
					assert_eq!(sorted, better.then(sa.cmp(&sb)), "{a} {b} {sa} {sb}");
				}
			}
		}
	}
}

#[test]
fn only_an_order_that_shrinks_at_its_price_keeps_its_place() {
	run(|| {
		let ids = [ALICE, BOB, CAROL].map(|who| place(who, buy(100, 50_000)));
		amend(ALICE, ids[0], Some(50), None);
		amend(BOB, ids[1], Some(120), None);
		assert_eq!(queue_of(Side::Long), [ids[0], ids[2], ids[1]]);
	});
	run(|| {
		let ids = [ALICE, BOB, CAROL].map(|who| place(who, buy(100, 50_000)));
		// Away and back: the end of the queue.
		amend(ALICE, ids[0], None, Some(49_990));
		amend(ALICE, ids[0], Some(50), Some(50_000));
		assert_eq!(queue_of(Side::Long), [ids[1], ids[2], ids[0]]);
	});
}

#[test]
fn the_size_of_an_amendment_counts_what_is_filled_already() {
	run(|| {
		let id = place(ALICE, buy(100, 50_000));
		place(BOB, sell(40, 50_000));
		amend(ALICE, id, Some(70), None);
		assert_eq!(open(ALICE), [(id, 30)]);
		let too_small = Orderbook::amend_order(
			signed(ALICE),
			MAIN,
			OrderName::Id(id),
			Some(thousandths(40)),
			None,
			PostOnly::No,
		);
		assert_noop!(too_small.map_err(|refused| refused.error), Error::<Test>::AlreadyFilled);
	});
}

#[test]
fn an_amended_order_may_be_filled_and_keeps_id_client_id_and_expiry() {
	run(|| {
		let block = System::block_number() + 5;
		let new = NewOrder {
			client: Some(7),
			time_in_force: TimeInForce::GoodTillBlock(block),
			..buy(100, 49_990)
		};
		let id = place(ALICE, new);
		let ask = place(BOB, sell(30, 50_010));
		amend(ALICE, id, None, Some(50_010));
		assert_eq!(fills(), [(ask, id, 30, 50_010)]);
		let order = Orderbook::open_orders(main_of(ALICE))[0];
		assert_eq!((order.id, order.client, order.expires), (id, Some(7), Some(block)));
		assert_eq!((order.size, order.left), (thousandths(100), thousandths(70)));
		// What would be filled may be refused instead, and then nothing has changed.
		place(CAROL, sell(10, 50_020));
		let refused = Orderbook::amend_order(
			signed(ALICE),
			MAIN,
			OrderName::Client(7),
			None,
			Some(Price::dollars(50_020)),
			PostOnly::Reject,
		);
		assert_noop!(
			frame_support::storage::with_storage_layer(|| refused.map_err(|refused| refused.error)),
			Error::<Test>::WouldCross
		);
	});
}
