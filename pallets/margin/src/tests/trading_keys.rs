// SPDX-License-Identifier: Apache-2.0
//! What keys that may not withdraw may cost their owner: so much within a day, whenever it begins.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::*;

const DAY: Moment = 86_400_000;

fn set_cap(dollars: i64) {
	assert_ok!(Margin::set_key_cap(signed(ALICE), Quote::dollars(dollars)));
}

fn loses(dollars: i64) -> sp_runtime::DispatchResult {
	Margin::note_key_loss(&ALICE, Quote::dollars(dollars))
}

#[test]
fn round_midnight_a_key_loses_the_cap_once_not_twice() {
	build(|| {
		set_cap(100);
		world(|world| world.now = 20_000 * DAY - 1_000);
		assert_ok!(loses(100));
		world(|world| world.now += 2_000);
		assert_noop!(loses(1), Error::<Test>::KeyCapReached);
		world(|world| world.now += DAY - 2_001);
		assert_noop!(loses(1), Error::<Test>::KeyCapReached);
		world(|world| world.now += DAY / 4);
		assert_ok!(loses(100));
	});
}

#[test]
fn a_cap_that_is_taken_back_and_given_again_forgets_nothing() {
	build(|| {
		set_cap(100);
		assert_ok!(loses(70));
		set_cap(0);
		assert_noop!(loses(1), Error::<Test>::KeyCapReached);
		set_cap(100);
		assert_noop!(loses(31), Error::<Test>::KeyCapReached);
		assert_ok!(loses(30));
		// What counts no more is not kept either.
		world(|world| world.now += 2 * DAY);
		set_cap(0);
		assert!(!KeyCaps::<Test>::contains_key(ALICE));
	});
}
