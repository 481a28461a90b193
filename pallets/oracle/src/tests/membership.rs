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
fn governance_adds_a_member_who_registers_its_own_key() {
	run(|| {
		assert_ok!(Oracle::add_member(signed(GOVERNOR), member(5)));
		let report = [report_of(BTC, dollars(1))];
		let no_reporter = InvalidTransaction::Custom(Error::<Runtime>::NoReporter.encode()[0]);
		assert_eq!(send(call(5, now(), &report)), Err(no_reporter.into()));
		assert_ok!(Oracle::set_reporter(signed(member(5)), reporter(5)));
		assert_ok!(send(call(5, now(), &report)));
		assert_eq!(
			events(),
			[
				Event::MemberAdded { member: member(5) },
				Event::ReporterSet { member: member(5), reporter: reporter(5) },
				Event::Reported { member: member(5), round: now() },
			]
		);
	});
}

#[test]
fn governance_or_the_guard_removes_a_member_with_everything_it_said() {
	for origin in [GOVERNOR, GUARDIAN] {
		run(|| {
			tell(0, dollars(100));
			assert_ok!(Oracle::remove_member(signed(origin), member(0)));
			assert!(!Reports::<Runtime>::contains_key(member(0)));
			assert!(!Reporters::<Runtime>::contains_key(reporter(0)));
			assert_eq!(
				send(call(0, now(), &[report_of(BTC, dollars(1))])),
				Err(InvalidTransaction::BadSigner.into())
			);
		});
	}
}

#[test]
fn nobody_else_adds_or_removes() {
	run(|| {
		for who in [GUARDIAN, STRANGER, member(0)] {
			assert_noop!(Oracle::add_member(signed(who), member(5)), BadOrigin);
		}
		for who in [STRANGER, member(0)] {
			assert_noop!(Oracle::remove_member(signed(who), member(1)), BadOrigin);
		}
	});
}

#[test]
fn membership_errors_say_what_is_wrong() {
	run(|| {
		assert_noop!(Oracle::add_member(signed(GOVERNOR), member(0)), Error::<Runtime>::AlreadyMember);
		assert_noop!(Oracle::remove_member(signed(GOVERNOR), STRANGER), Error::<Runtime>::NotAMember);
		assert_noop!(Oracle::set_reporter(signed(STRANGER), STRANGER), Error::<Runtime>::NotAMember);
		for index in 5..10 {
			assert_ok!(Oracle::add_member(signed(GOVERNOR), member(index)));
		}
		assert_noop!(Oracle::add_member(signed(GOVERNOR), member(10)), Error::<Runtime>::TooManyMembers);
	});
}

#[test]
fn one_key_never_speaks_for_two_members() {
	run(|| {
		assert_noop!(Oracle::set_reporter(signed(member(0)), reporter(1)), Error::<Runtime>::ReporterInUse);
		assert_noop!(Oracle::set_reporter(signed(member(0)), reporter(0)), Error::<Runtime>::ReporterInUse);
	});
}

#[test]
fn after_a_rotation_the_lost_key_and_what_it_said_count_no_more() {
	run(|| {
		tell(0, dollars(1));
		assert_ok!(Oracle::set_reporter(signed(member(0)), reporter(7)));
		assert!(Reports::<Runtime>::get(member(0)).is_empty());
		assert_eq!(
			send(call(0, now(), &[report_of(BTC, dollars(1))])),
			Err(InvalidTransaction::BadProof.into())
		);
		// The old key is free for somebody else.
		assert_ok!(Oracle::set_reporter(signed(member(1)), reporter(0)));
	});
}
