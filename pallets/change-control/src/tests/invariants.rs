// SPDX-License-Identifier: Apache-2.0
//! Each invariant of the pallet, broken once.

use crate::{mock::*, Changes, ExitWindows, Open, Place, Stage};
use frame_support::{assert_ok, traits::QueryPreimage};
use sp_runtime::TryRuntimeError;

fn broken(message: &'static str, corrupt: impl FnOnce(u32, u32)) {
	chain(None).execute_with(|| {
		let (open, waiting) = (table(&remark(b'o', 200)), table(&remark(b'e', 300)));
		next_block();
		assert_ok!(pass(waiting, 0));
		next_block();
		corrupt(open, waiting);
		assert_eq!(ChangeControl::do_try_state(), Err(TryRuntimeError::Other(message)));
	});
}

#[test]
fn bytes_that_are_not_pinned_are_seen() {
	broken("2: the bytes of a change are not stored", |open, _| {
		let hash = Changes::<Test>::get(open).unwrap().call.hash();
		<Preimage as QueryPreimage>::unrequest(&hash);
		assert_ok!(Preimage::unnote_preimage(RuntimeOrigin::signed(1), hash));
	});
	broken("2: the bytes of a change are not pinned", |open, _| {
		let hash = Changes::<Test>::get(open).unwrap().call.hash();
		<Preimage as QueryPreimage>::unrequest(&hash);
	});
}

#[test]
fn a_list_of_changes_that_is_wrong_is_seen() {
	broken("3: a change is not looked after", |_, _| Open::<Test>::kill());
	let place = |referendum| Place { referendum, hurried: false };
	broken("3: what is looked after was never tabled", |_, _| {
		Open::<Test>::mutate(|open| open.try_push(place(99))).unwrap();
	});
	broken("3: a referendum is looked after twice", |_, waiting| {
		Open::<Test>::mutate(|open| open.try_push(place(waiting))).unwrap();
	});
}

#[test]
fn an_exit_window_that_is_not_counted_is_seen() {
	broken("4: exit windows are counted wrongly", |_, _| ExitWindows::<Test>::kill());
	broken("4: exit windows are counted wrongly", |open, _| {
		Changes::<Test>::mutate_extant(open, |change| {
			change.class = crate::Class::Economic;
			change.stage = Stage::Waiting { due: 1, stood_still: 0, held: 0 };
		});
	});
}
