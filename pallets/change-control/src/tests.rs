// SPDX-License-Identifier: Apache-2.0
//! The timetable: where it comes from, what it refuses.

use crate::{periods, Timetable, TimetableError, Timetables};
use frame_support::{derive_impl, parameter_types, traits::Get};
use sp_runtime::BuildStorage;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type ChangeControl = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
}

const PRODUCTION: Timetable<u64> = Timetable {
	launch_period: 100,
	voting_period: 700,
	fast_track_voting_period: 12,
	enactment_period: 700,
	vote_locking_period: 700,
	cooloff_period: 700,
	motion_duration: 300,
	session_period: 16,
	safe_mode_duration: 16,
	safe_mode_extension: 16,
};

parameter_types! {
	pub const Production: Timetable<u64> = PRODUCTION;
}

impl crate::Config for Test {
	type DefaultTimetable = Production;
}

fn chain(timetable: Option<Timetable<u64>>) -> sp_io::TestExternalities {
	RuntimeGenesisConfig { change_control: crate::GenesisConfig { timetable }, ..Default::default() }
		.build_storage()
		.expect("genesis is valid")
		.into()
}

#[test]
fn a_chain_without_a_timetable_runs_on_the_default() {
	chain(None).execute_with(|| {
		assert_eq!(periods::VotingPeriod::<Test>::get(), 700);
		assert_eq!(ChangeControl::do_try_state(), Ok(()));
	});
}

#[test]
fn each_period_is_read_from_genesis() {
	// Ten different numbers: reading a neighbour's entry would show.
	let timetable = Timetable {
		launch_period: 1,
		voting_period: 9,
		fast_track_voting_period: 3,
		enactment_period: 4,
		vote_locking_period: 5,
		cooloff_period: 6,
		motion_duration: 7,
		session_period: 8,
		safe_mode_duration: 2,
		safe_mode_extension: 10,
	};
	chain(Some(timetable)).execute_with(|| {
		assert_eq!(periods::LaunchPeriod::<Test>::get(), 1);
		assert_eq!(periods::VotingPeriod::<Test>::get(), 9);
		assert_eq!(periods::FastTrackVotingPeriod::<Test>::get(), 3);
		assert_eq!(periods::EnactmentPeriod::<Test>::get(), 4);
		assert_eq!(periods::VoteLockingPeriod::<Test>::get(), 5);
		assert_eq!(periods::CooloffPeriod::<Test>::get(), 6);
		assert_eq!(periods::MotionDuration::<Test>::get(), 7);
		assert_eq!(periods::SessionPeriod::<Test>::get(), 8);
		assert_eq!(periods::SafeModeDuration::<Test>::get(), 2);
		assert_eq!(periods::SafeModeExtension::<Test>::get(), 10);
		assert_eq!(ChangeControl::do_try_state(), Ok(()));
	});
}

#[test]
fn a_timetable_that_makes_no_sense_is_refused() {
	for (why, timetable, expected) in [
		("as it is", PRODUCTION, Ok(())),
		("no period is zero", Timetable { launch_period: 0, ..PRODUCTION }, Err(TimetableError::Zero)),
		(
			"a fast track is not slower",
			Timetable { fast_track_voting_period: 701, ..PRODUCTION },
			Err(TimetableError::FastTrackLongerThanVote),
		),
		(
			"votes outlast the timelock",
			Timetable { vote_locking_period: 699, ..PRODUCTION },
			Err(TimetableError::UnlocksBeforeEnactment),
		),
	] {
		assert_eq!(timetable.validate(), expected, "{why}");
	}
}

#[test]
#[should_panic(expected = "changeControl.timetable: Zero")]
fn genesis_says_what_is_wrong() {
	chain(Some(Timetable { session_period: 0, ..PRODUCTION }));
}

#[test]
fn the_invariant_check_sees_a_broken_timetable() {
	chain(None).execute_with(|| {
		Timetables::<Test>::put(Timetable { voting_period: 0, ..PRODUCTION });
		assert!(ChangeControl::do_try_state().is_err());
	});
}
