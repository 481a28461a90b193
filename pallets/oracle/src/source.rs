// SPDX-License-Identifier: Apache-2.0
//! What members read. Several behind one source are wrong together, so they are one.

use crate::{
	round::{liars_of, quorum_of},
	Config, Error, Event, MemberOf, Members, Pallet, SeatPeriods, LEAST_QUORUM,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{ensure, pallet_prelude::DispatchResult};
use scale_info::TypeInfo;
use sp_runtime::traits::Saturating;

/// A source: what fails together. A venue, or a list of venues that one program makes one price of. The numbers mean
/// nothing to the chain; members who read the same say the same.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct SourceId(pub u32);

/// A source that a member will read.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct NextSource<BlockNumber> {
	/// Which.
	pub source: SourceId,
	/// The block from which it counts as what the member reads.
	pub due: BlockNumber,
}

/// Some of the seats, and what is behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seats {
	/// How many reports they can make.
	pub reports: u32,
	/// Of how many sources those are.
	pub sources: u32,
}

impl Seats {
	/// How many sources are a quorum of all of these.
	pub fn source_quorum(&self) -> u32 {
		quorum_of(self.sources).max(LEAST_QUORUM)
	}

	/// How many of their sources may be wrong.
	pub fn bad_sources(&self) -> u32 {
		liars_of(self.sources)
	}

	/// Whether these are a quorum of `all`, of a feed that asks for at least `asked` reports.
	pub fn is_quorum_of(&self, all: &Self, asked: u32) -> bool {
		self.reports >= quorum_of(all.reports).max(asked) && self.sources >= all.source_quorum()
	}

	/// Whether these have sources enough, or no fewer than `before`.
	pub fn keeps_sources_of(&self, before: &Self) -> bool {
		self.sources >= LEAST_QUORUM.min(before.sources)
	}
}

impl<AccountId, BlockNumber: Copy + Ord> crate::Member<AccountId, BlockNumber> {
	/// What the member reads in block `now`.
	pub fn source_in(&self, now: BlockNumber) -> Option<SourceId> {
		let due = self.next_source.filter(|next| next.due <= now);
		due.map(|next| next.source).or(self.source)
	}
}

impl<T: Config> Pallet<T> {
	/// The seats that count among some members.
	pub(crate) fn seats(are: impl Fn(&T::AccountId, &MemberOf<T>) -> bool) -> Seats {
		let counted = Members::<T>::iter().filter(|(who, member)| member.counts && are(who, member));
		Self::seats_of(counted.map(|(_, member)| member))
	}

	/// What these members make together.
	pub(crate) fn seats_of(members: impl Iterator<Item = MemberOf<T>>) -> Seats {
		let now = frame_system::Pallet::<T>::block_number();
		let mut sources: Vec<_> = members.map(|member| member.source_in(now)).collect();
		let reports = u32::try_from(sources.len()).unwrap_or(u32::MAX);
		sources.sort_unstable();
		sources.dedup();
		Seats { reports, sources: u32::try_from(sources.len()).unwrap_or(u32::MAX) }
	}

	/// A member names what it reads. It waits twice as long as what a body decides: whoever finds it wrong corrects it
	/// before it counts.
	pub(crate) fn do_set_source(member: T::AccountId, source: SourceId) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		let mut seat = Members::<T>::get(&member).ok_or(Error::<T>::NotAMember)?;
		ensure!(!seat.is_corrected, Error::<T>::SourceCorrected);
		seat.source = seat.source_in(now);
		let delay = SeatPeriods::<T>::get().seat_delay;
		let due = now.saturating_add(delay).saturating_add(delay);
		seat.next_source = Some(NextSource { source, due });
		Members::<T>::insert(&member, seat);
		Self::deposit_event(Event::SourceNamed { member, source, due });
		Ok(())
	}

	/// Whether sources enough are left when a member reads `source`.
	pub(crate) fn ensure_can_correct(member: &T::AccountId, source: SourceId) -> DispatchResult {
		ensure!(Members::<T>::contains_key(member), Error::<T>::NotAMember);
		let before = Self::seats(|_, _| true);
		let counted = Members::<T>::iter().filter(|(_, seat)| seat.counts);
		let after = Self::seats_of(counted.map(|(who, seat)| {
			let corrected = Self::corrected(seat.clone(), source);
			if who == *member {
				corrected
			} else {
				seat
			}
		}));
		ensure!(after.keeps_sources_of(&before), Error::<T>::WouldHalt);
		Ok(())
	}

	fn corrected(seat: MemberOf<T>, source: SourceId) -> MemberOf<T> {
		MemberOf::<T> { source: Some(source), next_source: None, is_corrected: true, ..seat }
	}

	/// A body corrects what a member reads, at once. The member names no other by itself after that.
	pub(crate) fn do_correct_source(member: T::AccountId, source: SourceId) {
		Members::<T>::mutate(&member, |seat| *seat = seat.take().map(|seat| Self::corrected(seat, source)));
		Self::deposit_event(Event::SourceCorrected { member, source });
	}
}
