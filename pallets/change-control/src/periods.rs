// SPDX-License-Identifier: Apache-2.0
//! The entries of the timetable as types, for the `Config`s of the governance pallets.

use core::marker::PhantomData;
use frame_support::traits::Get;
use frame_system::pallet_prelude::BlockNumberFor;

use crate::{Config, Timetables};

macro_rules! period {
	($(#[$doc:meta])* $name:ident, $field:ident) => {
		$(#[$doc])*
		pub struct $name<T>(PhantomData<T>);

		impl<T: Config> Get<BlockNumberFor<T>> for $name<T> {
			fn get() -> BlockNumberFor<T> {
				Timetables::<T>::get().$field
			}
		}
	};
}

period!(
	/// [`crate::Timetable::launch_period`]
	LaunchPeriod, launch_period
);
period!(
	/// [`crate::Timetable::voting_period`]
	VotingPeriod, voting_period
);
period!(
	/// [`crate::Timetable::fast_track_voting_period`]
	FastTrackVotingPeriod, fast_track_voting_period
);
period!(
	/// [`crate::Timetable::enactment_period`]
	EnactmentPeriod, enactment_period
);
period!(
	/// [`crate::Timetable::vote_locking_period`]
	VoteLockingPeriod, vote_locking_period
);
period!(
	/// [`crate::Timetable::cooloff_period`]
	CooloffPeriod, cooloff_period
);
period!(
	/// [`crate::Timetable::motion_duration`]
	MotionDuration, motion_duration
);
period!(
	/// [`crate::Timetable::session_period`]
	SessionPeriod, session_period
);
period!(
	/// [`crate::Timetable::safe_mode_duration`]
	SafeModeDuration, safe_mode_duration
);
period!(
	/// [`crate::Timetable::safe_mode_extension`]
	SafeModeExtension, safe_mode_extension
);

/// [`crate::Timetable::instant`]
pub struct InstantAllowed<T>(PhantomData<T>);

impl<T: Config> Get<bool> for InstantAllowed<T> {
	fn get() -> bool {
		Timetables::<T>::get().instant
	}
}
