// SPDX-License-Identifier: Apache-2.0
//! The timetable: where it comes from, what it refuses.

use crate::{mock::*, periods, PerClass, Timetable, TimetableError, Timetables};
use frame_support::traits::Get;
use sp_runtime::Permill;

const PRODUCTION: Timetable<u64> = TIMETABLE;

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
		least_delay: PerClass { emergency: 1, operational: 2, economic: 3, constitutional: 5 },
		..PRODUCTION
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
			"nor is it longer than the class's own",
			Timetable {
				least_delay: PerClass { constitutional: 701, ..PRODUCTION.least_delay },
				..PRODUCTION
			},
			Err(TimetableError::UnlocksBeforeEnactment),
		),
		(
			"a weightier change waits longer",
			Timetable { least_delay: PerClass { economic: 51, ..PRODUCTION.least_delay }, ..PRODUCTION },
			Err(TimetableError::WeightierIsEasier),
		),
		(
			"and needs more votes",
			Timetable {
				least_turnout: PerClass { operational: Permill::from_percent(4), ..PRODUCTION.least_turnout },
				..PRODUCTION
			},
			Err(TimetableError::WeightierIsEasier),
		),
		(
			"somebody must have voted",
			Timetable {
				least_turnout: PerClass { emergency: Permill::zero(), ..PRODUCTION.least_turnout },
				..PRODUCTION
			},
			Err(TimetableError::NoTurnout),
		),
		(
			"some delay there is",
			Timetable { least_delay: PerClass { emergency: 0, ..PRODUCTION.least_delay }, ..PRODUCTION },
			Err(TimetableError::Zero),
		),
		(
			"an instant vote is a fast track",
			Timetable { fast_track: false, instant: true, ..PRODUCTION },
			Err(TimetableError::InstantWithoutFastTrack),
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
		let said = sp_runtime::TryRuntimeError::Other("1: the timetable is not valid");
		assert_eq!(ChangeControl::do_try_state(), Err(said));
	});
}
