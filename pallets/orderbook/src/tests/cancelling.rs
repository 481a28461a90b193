// SPDX-License-Identifier: Apache-2.0
//! Orders go at their owner's word, at their last block, and when their owner is not heard of.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, weights::Weight};
use keel_primitives::*;

#[test]
fn an_order_is_cancelled_by_its_id_or_by_the_one_its_client_gave_it() {
	run(|| {
		let first = place(ALICE, buy(10, 50_000));
		place(ALICE, NewOrder { client: Some(9), ..buy(10, 49_000) });
		assert_ok!(Orderbook::cancel_order(signed(ALICE), MAIN, OrderName::Client(9)));
		assert_ok!(Orderbook::cancel_order(signed(ALICE), MAIN, OrderName::Id(first)));
		assert_eq!((open(ALICE), book()), (vec![], (vec![], vec![])));
		// The client's id is free again.
		place(ALICE, NewOrder { client: Some(9), ..buy(10, 49_000) });
	});
}

#[test]
fn somebody_elses_order_is_unknown() {
	run(|| {
		let id = place(ALICE, buy(10, 50_000));
		let unknown = || Error::<Test>::UnknownOrder;
		assert_noop!(Orderbook::cancel_order(signed(BOB), MAIN, OrderName::Id(id)), unknown());
		assert_noop!(Orderbook::cancel_order(signed(ALICE), SubAccount(1), OrderName::Id(id)), unknown());
		assert_noop!(Orderbook::cancel_order(signed(ALICE), MAIN, OrderName::Client(1)), unknown());
	});
}

#[test]
fn all_orders_go_at_once_or_all_of_a_market() {
	run(|| {
		for at in [49_000, 49_500] {
			place(ALICE, buy(10, at));
		}
		let ether = NewOrder { market: ETH, price: Price::dollars(2_000), ..buy(1_000, 0) };
		let kept = place(ALICE, ether);
		let charged = Orderbook::cancel_all(signed(ALICE), MAIN, Some(BTC)).unwrap().actual_weight;
		assert_eq!(charged, Some(<()>::cancel_all(2)));
		assert_eq!(open(ALICE), [(kept, 1_000)]);
		// It has priority, so it is once a block.
		assert!(Orderbook::cancel_all(signed(ALICE), MAIN, None).is_err());
		next_block();
		assert_ok!(Orderbook::cancel_all(signed(ALICE), MAIN, None));
		assert_eq!(open(ALICE), []);
		// Nothing to cancel is no error.
		next_block();
		assert_ok!(Orderbook::cancel_all(signed(ALICE), MAIN, None));
	});
}

#[test]
fn an_order_is_filled_in_its_last_block_and_gone_in_the_next() {
	run(|| {
		let until = |block| TimeInForce::GoodTillBlock(block);
		let now = System::block_number();
		let id = place(ALICE, NewOrder { time_in_force: until(now + 2), ..buy(100, 50_000) });
		let later = place(ALICE, NewOrder { time_in_force: until(now + 3), ..buy(100, 49_900) });
		next_block();
		next_block();
		place(BOB, sell(40, 50_000));
		assert_eq!(open(ALICE), [(id, 60), (later, 100)]);
		next_block();
		assert_eq!(cancelled(), [(id, CancelReason::Expired)]);
		assert_eq!(open(ALICE), [(later, 100)]);
		next_block();
		assert_eq!(open(ALICE), []);
	});
}

#[test]
fn expiries_beyond_the_share_of_a_block_wait_for_the_next_and_fill_nobody_meanwhile() {
	run(|| {
		let now = System::block_number();
		for who in [ALICE, CAROL] {
			for at in 0..4 {
				let time_in_force = TimeInForce::GoodTillBlock(now);
				place(who, NewOrder { time_in_force, ..buy(10, 50_000 - at) });
			}
		}
		let unit = <()>::expire_order();
		let three = <()>::idle().saturating_add(unit.saturating_mul(3));
		HookWeight::set(three.saturating_add(Weight::from_parts(1, 1)));
		let used = next_block();
		assert_eq!((cancelled().len(), used), (3, three));
		// Those that are still there are met, and not filled.
		place(BOB, sell(10, 49_990));
		assert_eq!((fills(), position(BOB)), (vec![], 0));
		assert_eq!(cancelled().len(), 8);
		assert!(cancelled().iter().all(|(_, reason)| *reason == CancelReason::Expired));
		next_block();
		assert_eq!(cancelled(), []);
	});
}

#[test]
fn a_switch_that_is_not_pushed_away_cancels_everything_of_its_account() {
	run(|| {
		place(ALICE, buy(10, 50_000));
		place(ALICE, buy(10, 49_000));
		let bobs = place(BOB, buy(10, 48_500));
		assert_ok!(Orderbook::keep_alive(signed(ALICE), MAIN, Some(2)));
		next_block();
		// Heard of again.
		assert_ok!(Orderbook::keep_alive(signed(ALICE), MAIN, Some(2)));
		next_block();
		next_block();
		assert_eq!(open(ALICE).len(), 2);
		next_block();
		assert_eq!(open(ALICE), []);
		assert!(cancelled().iter().all(|(_, reason)| *reason == CancelReason::SwitchFired));
		let fired = Event::SwitchFired { account: main_of(ALICE), cancelled: 2 };
		assert_eq!(events().last(), Some(&fired));
		assert_eq!(open(BOB), [(bobs, 10)]);
		// It fires once.
		place(ALICE, buy(10, 50_000));
		for _ in 0..5 {
			next_block();
		}
		assert_eq!(open(ALICE).len(), 1);
	});
}

#[test]
fn a_switch_can_be_taken_off_and_has_bounds() {
	run(|| {
		place(ALICE, buy(10, 50_000));
		assert_ok!(Orderbook::keep_alive(signed(ALICE), MAIN, Some(1)));
		assert_ok!(Orderbook::keep_alive(signed(ALICE), MAIN, None));
		for _ in 0..5 {
			next_block();
		}
		assert_eq!(open(ALICE).len(), 1);
		for blocks in [0, 101] {
			assert_noop!(
				Orderbook::keep_alive(signed(ALICE), MAIN, Some(blocks)),
				Error::<Test>::InvalidSwitch
			);
		}
		assert_ok!(Orderbook::keep_alive(signed(ALICE), MAIN, Some(100)));
	});
}
