// SPDX-License-Identifier: Apache-2.0
//! The timetable and the relations between its entries.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::{traits::Zero, Permill};

use crate::PerClass;

/// How long each step of governance takes, in blocks.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Timetable<BlockNumber> {
	/// A proposal is tabled for referendum every so often.
	pub launch_period: BlockNumber,
	/// A referendum is open this long.
	pub voting_period: BlockNumber,
	/// The shortest vote two thirds of the Technical Committee may give a referendum; a shorter one
	/// needs all of it.
	pub fast_track_voting_period: BlockNumber,
	/// A passed referendum waits this long, unless a fast track says otherwise.
	pub enactment_period: BlockNumber,
	/// One period of conviction: winners' votes stay locked for 1, 2, 4, 8, 16 or 32 of them.
	pub vote_locking_period: BlockNumber,
	/// A vetoed external proposal may not be tabled again for this long.
	pub cooloff_period: BlockNumber,
	/// A motion of a body is open this long.
	pub motion_duration: BlockNumber,
	/// Sessions: how soon a new validator set or key takes effect (after one to two of them).
	pub session_period: BlockNumber,
	/// How long safe mode lasts when it is entered.
	pub safe_mode_duration: BlockNumber,
	/// By how much safe mode is extended.
	pub safe_mode_extension: BlockNumber,
	/// The least that a change which was voted waits, by its class. Nobody can shorten it.
	pub least_delay: PerClass<BlockNumber>,
	/// What must have taken part in a vote, of all tokens, by the class of the change.
	pub least_turnout: PerClass<Permill>,
	/// While nobody can withdraw, the timelock of a change that people may want to leave before stands still: for so
	/// long in all, so that a chain that cannot open again can still be mended.
	pub longest_standstill: BlockNumber,
	/// An upgrade that was authorised may be applied for so long.
	pub authorization_life: BlockNumber,
	/// Whether the Technical Committee may give a proposal of the Council a shorter vote.
	pub fast_track: bool,
	/// Whether all of it may make that vote as short as it likes.
	pub instant: bool,
}

/// Why a timetable is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimetableError {
	/// A period is zero. Zero is no period; some are even divided by.
	Zero,
	/// The fast-track vote is longer than the normal vote.
	FastTrackLongerThanVote,
	/// Votes would be unlocked before the change they carried is enacted.
	UnlocksBeforeEnactment,
	/// A weightier class waits less than another, or needs fewer votes.
	WeightierIsEasier,
	/// A change would pass that next to nobody has voted for.
	NoTurnout,
	/// Instant votes are fast tracks.
	InstantWithoutFastTrack,
}

impl<BlockNumber: Copy + Ord + Zero> Timetable<BlockNumber> {
	/// Whether the periods make sense together.
	pub fn validate(&self) -> Result<(), TimetableError> {
		let all = [
			self.launch_period,
			self.voting_period,
			self.fast_track_voting_period,
			self.enactment_period,
			self.vote_locking_period,
			self.cooloff_period,
			self.motion_duration,
			self.session_period,
			self.safe_mode_duration,
			self.safe_mode_extension,
			self.least_delay.emergency,
			self.longest_standstill,
			self.authorization_life,
		];
		if all.iter().any(Zero::is_zero) {
			return Err(TimetableError::Zero);
		}
		if self.fast_track_voting_period > self.voting_period {
			return Err(TimetableError::FastTrackLongerThanVote);
		}
		if !self.least_delay.all().is_sorted() || !self.least_turnout.all().is_sorted() {
			return Err(TimetableError::WeightierIsEasier);
		}
		if self.least_turnout.emergency.is_zero() {
			return Err(TimetableError::NoTurnout);
		}
		if self.instant && !self.fast_track {
			return Err(TimetableError::InstantWithoutFastTrack);
		}
		if self.vote_locking_period < self.enactment_period.max(self.least_delay.constitutional) {
			return Err(TimetableError::UnlocksBeforeEnactment);
		}
		Ok(())
	}
}
