// SPDX-License-Identifier: Apache-2.0
//! Who joins, who leaves, and whose key is whose.

use crate::{mock::*, *};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, pallet_prelude::InvalidTransaction};
use sp_runtime::DispatchError::BadOrigin;

fn signed(who: sp_runtime::AccountId32) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

#[test]
fn a_referendum_adds_a_member_who_registers_its_own_key() {
	run(|| {
		assert_ok!(Oracle::add_member(RuntimeOrigin::root(), member(5)));
		let report = [report_of(BTC, dollars(1))];
		let no_reporter = InvalidTransaction::Custom(Error::<Runtime>::NoReporter.encode()[0]);
		assert_eq!(send(call(5, now(), &report)), Err(no_reporter.into()));
		assert_ok!(register(5, 5));
		assert_ok!(send(call(5, now(), &report)));
		assert_eq!(
			events(),
			[
				Event::MemberAdded { member: member(5) },
				Event::ReporterSet { member: member(5), reporter: reporter(5) },
				Event::SeatCounts { member: member(5) },
				Event::Reported { member: member(5), round: now() },
			]
		);
	});
}

#[test]
fn the_body_or_the_guard_removes_a_member_with_everything_it_said() {
	for origin in [GOVERNOR, GUARDIAN] {
		run(|| {
			tell(0, dollars(100));
			assert_ok!(Oracle::remove_member(signed(origin), member(0)));
			assert!(!Reports::<Runtime>::contains_key(member(0)));
			assert_eq!(
				send(call(0, now(), &[report_of(BTC, dollars(1))])),
				Err(InvalidTransaction::BadSigner.into())
			);
			// It is away for a while only: nobody else gets its key.
			assert_eq!(Reporters::<Runtime>::get(reporter(0)), Some(member(0)));
		});
	}
}

#[test]
fn nobody_else_adds_or_removes() {
	run(|| {
		for who in [GUARDIAN, STRANGER, member(0)] {
			assert_noop!(Oracle::add_member(signed(who.clone()), member(5)), BadOrigin);
			assert_noop!(Oracle::close_seat(signed(who), member(0)), BadOrigin);
		}
		for who in [VETOER, STRANGER, member(0)] {
			assert_noop!(Oracle::remove_member(signed(who), member(1)), BadOrigin);
		}
	});
}

#[test]
fn membership_errors_say_what_is_wrong() {
	run(|| {
		let referendum = RuntimeOrigin::root;
		assert_noop!(Oracle::add_member(referendum(), member(0)), Error::<Runtime>::AlreadyMember);
		for who in [signed(GOVERNOR), referendum()] {
			assert_noop!(Oracle::remove_member(who, STRANGER), Error::<Runtime>::NotAMember);
		}
		assert_noop!(register(9, 9), Error::<Runtime>::NotAMember);
		for index in 5..10 {
			assert_ok!(Oracle::add_member(referendum(), member(index)));
		}
		for who in [signed(GOVERNOR), referendum()] {
			assert_noop!(Oracle::add_member(who, member(10)), Error::<Runtime>::TooManyMembers);
		}
	});
}

#[test]
fn one_key_never_speaks_for_two_members() {
	run(|| {
		assert_noop!(register(0, 1), Error::<Runtime>::ReporterInUse);
		assert_noop!(register(0, 0), Error::<Runtime>::ReporterInUse);
	});
}

#[test]
fn after_a_rotation_the_lost_key_and_what_it_said_count_no_more() {
	run(|| {
		tell(0, dollars(1));
		assert_ok!(register(0, 7));
		assert!(Reports::<Runtime>::get(member(0)).is_empty());
		assert_eq!(
			send(call(0, now(), &[report_of(BTC, dollars(1))])),
			Err(InvalidTransaction::BadProof.into())
		);
		// The old key is free for somebody else.
		assert_ok!(register(1, 0));
	});
}
