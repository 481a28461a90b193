// SPDX-License-Identifier: Apache-2.0
//! Each invariant of the pallet, broken once.

use crate::{mock::*, *};
use frame_support::assert_ok;
use sp_runtime::TryRuntimeError;

fn broken(message: &'static str, corrupt: impl FnOnce(&Act<u64>)) {
	chain().execute_with(|| {
		let halt = Act::HaltMarket { market: BTC, blocks: 7 };
		assert_ok!(all(&[1, 2], &halt));
		assert_ok!(all(&SECURITY[..3], &Act::PauseCall { call: name("one") }));
		assert_eq!(Emergency::do_try_state(), Ok(()));
		corrupt(&halt);
		assert_eq!(Emergency::do_try_state(), Err(TryRuntimeError::Other(message)));
	});
}

#[test]
fn approvals_that_are_filed_wrongly_are_seen() {
	broken("1: an approval is not in the list of who gave it", |_| Given::<Test>::remove(1));
	broken("1: a list names an approval that does not exist", |halt| Approvals::<Test>::remove(halt));
	broken("2: somebody approves of an act twice", |halt| {
		Approvals::<Test>::mutate(halt, |approvals| approvals.try_push(approvals[0].clone()).unwrap());
	});
	broken("2: an act is kept that nobody approves of", |_| {
		Approvals::<Test>::insert(Act::EnterSafeMode, frame_support::BoundedVec::default());
	});
}

#[test]
fn a_pause_without_an_end_is_seen() {
	broken("3: a pause lasts too long", |_| {
		Paused::<Test>::insert(name("one"), Pause { until: 1_000, renewals: 0 });
	});
}

#[test]
fn a_budget_that_is_overdrawn_is_seen() {
	let overdrawn = || keel_math::budget::Budget::default().charge(1, 99, 300, 99).unwrap();
	broken("4: more is spent than there is", |_| SafeModeBudget::<Test>::put(overdrawn()));
	broken("4: more is spent than there is", |_| CallBudgets::<Test>::insert(name("x"), overdrawn()));
}
