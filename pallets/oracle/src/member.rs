// SPDX-License-Identifier: Apache-2.0
//! Who has a seat, who may report, and with which key.

use crate::{
	score::Score,
	source::{NextSource, SourceId},
	Config, Error, Event, Feeds, MemberOf, Members, Pallet, Reporters, Reports, SeatPeriods,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchResult, Get},
};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use sp_runtime::traits::{Saturating, Verify, Zero};

/// What the signed bytes of a proof begin with: the key says that it reports for a member.
pub const REPORTER_CONTEXT: [u8; 22] = *b"keel/oracle/reporter/1";

/// A seat of the oracle, and the member who has it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Member<AccountId, BlockNumber> {
	/// The key that signs reports: an online key that can do nothing else. None until the member has
	/// registered one.
	pub reporter: Option<AccountId>,
	/// The last round the member reported for. Rounds only go forward.
	pub last_round: Option<BlockNumber>,
	/// The block in which the member was given the seat, came back to it or changed its key. What was said
	/// for an earlier round is not heard any more.
	pub since: BlockNumber,
	/// Whether the quorum counts the seat: from genesis or from the first report on, until the seat is
	/// closed. Silence does not change it.
	pub counts: bool,
	/// The block in which a member whom a body has removed comes back, unless the removal is confirmed.
	pub back_at: Option<BlockNumber>,
	/// The first block in which a body may remove the member.
	pub removable_from: BlockNumber,
	/// What the member reads. Who has named none is behind the same source as everybody who has not.
	pub source: Option<SourceId>,
	/// What it has said that it will read.
	pub next_source: Option<NextSource<BlockNumber>>,
	/// How good its reports are.
	pub score: Score,
	/// Whether a body has corrected it: then the member names no other by itself.
	pub is_corrected: bool,
}

impl<AccountId, BlockNumber: Zero> Member<AccountId, BlockNumber> {
	/// A member who is given a seat in block `since`.
	pub fn new(since: BlockNumber) -> Self {
		Self {
			reporter: None,
			last_round: None,
			since,
			counts: false,
			back_at: None,
			removable_from: BlockNumber::zero(),
			source: None,
			next_source: None,
			score: Score::default(),
			is_corrected: false,
		}
	}
}

impl<AccountId, BlockNumber> Member<AccountId, BlockNumber> {
	/// Whether a body has removed the member, for now.
	pub const fn is_removed(&self) -> bool {
		self.back_at.is_some()
	}

	/// Whether it adds to the agreement of others when it speaks: its seat counts, it has a key, and nobody has removed it.
	pub const fn may_agree(&self) -> bool {
		self.counts && self.reporter.is_some() && !self.is_removed()
	}
}

impl<T: Config> Pallet<T> {
	/// How many seats the quorum counts.
	pub(crate) fn counted_seats() -> u32 {
		count(Members::<T>::iter_values().filter(|member| member.counts))
	}

	/// The largest least quorum of a feed.
	pub(crate) fn most_asked() -> u32 {
		Feeds::<T>::iter_values().map(|feed| feed.params.quorum_min).max().unwrap_or_default()
	}

	pub(crate) fn ensure_can_open(member: &T::AccountId) -> DispatchResult {
		ensure!(!Members::<T>::contains_key(member), Error::<T>::AlreadyMember);
		ensure!(Members::<T>::count() < T::MaxMembers::get(), Error::<T>::TooManyMembers);
		Ok(())
	}

	pub(crate) fn do_open_seat(member: T::AccountId) {
		let now = frame_system::Pallet::<T>::block_number();
		Members::<T>::insert(&member, MemberOf::<T>::new(now));
		Self::deposit_event(Event::MemberAdded { member });
	}

	/// A member of the first block: its seat counts at once, and whoever wrote the genesis answers for its key. It reads a
	/// source of its own.
	pub(crate) fn seat_at_genesis(member: &T::AccountId, reporter: &T::AccountId) -> DispatchResult {
		Self::ensure_can_open(member)?;
		ensure!(!Reporters::<T>::contains_key(reporter), Error::<T>::ReporterInUse);
		let seat = MemberOf::<T> {
			reporter: Some(reporter.clone()),
			counts: true,
			source: Some(SourceId(Members::<T>::count())),
			..MemberOf::<T>::new(Zero::zero())
		};
		Members::<T>::insert(member, seat);
		Reporters::<T>::insert(reporter, member);
		Ok(())
	}

	/// A seat may go when those that are left can still be the quorum that each feed asks for at least.
	pub(crate) fn ensure_can_close(member: &T::AccountId) -> DispatchResult {
		let seat = Members::<T>::get(member).ok_or(Error::<T>::NotAMember)?;
		if seat.counts {
			let (before, after) = (Self::seats(|_, _| true), Self::seats(|who, _| who != member));
			ensure!(after.reports >= Self::most_asked(), Error::<T>::SeatNeeded);
			ensure!(after.keeps_sources_of(&before), Error::<T>::SeatNeeded);
		}
		Ok(())
	}

	pub(crate) fn do_close_seat(member: T::AccountId) {
		if let Some(reporter) = Members::<T>::take(&member).and_then(|seat| seat.reporter) {
			Reporters::<T>::remove(reporter);
		}
		Reports::<T>::remove(&member);
		Self::deposit_event(Event::SeatClosed { member });
	}

	/// A body removes a member: it is not heard, its seat counts as before, and it comes back by itself.
	pub(crate) fn do_remove_member(member: T::AccountId) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		let mut seat = Members::<T>::get(&member).ok_or(Error::<T>::NotAMember)?;
		ensure!(!seat.is_removed(), Error::<T>::AlreadyRemoved);
		ensure!(seat.removable_from <= now, Error::<T>::RemovedBefore);
		ensure!(Self::is_quorum_without(&member, &seat), Error::<T>::WouldHalt);
		let period = SeatPeriods::<T>::get().removal;
		let back_at = now.saturating_add(period);
		(seat.back_at, seat.removable_from) = (Some(back_at), back_at.saturating_add(period));
		Members::<T>::insert(&member, seat);
		Reports::<T>::remove(&member);
		Self::deposit_event(Event::MemberRemoved { member, back_at });
		Ok(())
	}

	/// Whether the members that are left without `leaver` can be a quorum of every feed; and, when those
	/// who are heard now are one, whether they are one without it too. Who lets prices stop must call it a
	/// halt, which has a budget and an end.
	fn is_quorum_without(leaver: &T::AccountId, seat: &MemberOf<T>) -> bool {
		if !seat.may_agree() {
			return true;
		}
		let all = Self::seats(|_, _| true);
		let asked = Self::most_asked();
		let left = Self::seats(|who, member| who != leaver && member.may_agree());
		let heard = Self::seats(|_, member| member.may_agree() && Self::is_heard(member));
		let still = Self::seats(|who, member| who != leaver && member.may_agree() && Self::is_heard(member));
		left.is_quorum_of(&all, asked)
			&& (still.is_quorum_of(&all, asked) || !heard.is_quorum_of(&all, asked))
	}

	/// How many members whose seats count are heard now.
	pub(crate) fn heard_members() -> u32 {
		count(Members::<T>::iter_values().filter(|member| member.may_agree() && Self::is_heard(member)))
	}

	/// Whether the member has reported in the last blocks.
	pub(crate) fn is_heard(member: &MemberOf<T>) -> bool {
		let now = frame_system::Pallet::<T>::block_number();
		member.last_round.is_some_and(|round| Self::is_fresh_round(round, now))
	}

	/// Bring back those of `seats` whose removal nobody has confirmed in time. Returns how many.
	pub(crate) fn return_members(seats: &[(T::AccountId, MemberOf<T>)], now: BlockNumberFor<T>) -> u64 {
		let mut returned = 0_u64;
		for (member, seat) in seats.iter().filter(|(_, seat)| seat.back_at.is_some_and(|at| at <= now)) {
			// What the member signed while it was away is not heard.
			Members::<T>::insert(member, MemberOf::<T> { back_at: None, since: now, ..seat.clone() });
			Self::deposit_event(Event::MemberReturned { member: member.clone() });
			returned = returned.saturating_add(1);
		}
		returned
	}

	/// The bytes that a key signs to report for `member` from now on: context, genesis hash, member and the
	/// key the member has now, SCALE encoded one after the other.
	pub fn reporter_payload(member: &T::AccountId, current: &Option<T::AccountId>) -> Vec<u8> {
		let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		(REPORTER_CONTEXT, genesis, member, current).encode()
	}

	pub(crate) fn do_set_reporter(
		member: T::AccountId,
		reporter: T::AccountId,
		proof: T::Signature,
	) -> DispatchResult {
		let mut seat = Members::<T>::get(&member).ok_or(Error::<T>::NotAMember)?;
		// One key for two members would let one source count twice.
		ensure!(!Reporters::<T>::contains_key(&reporter), Error::<T>::ReporterInUse);
		// Without it somebody could take a key that he has seen, and keep its owner from registering it.
		let payload = Self::reporter_payload(&member, &seat.reporter);
		ensure!(proof.verify(payload.as_slice(), &reporter), Error::<T>::NotProven);

		seat.since = frame_system::Pallet::<T>::block_number();
		if let Some(old) = seat.reporter.replace(reporter.clone()) {
			Reporters::<T>::remove(old);
		}
		Members::<T>::insert(&member, seat);
		Reporters::<T>::insert(&reporter, &member);
		// What a lost key has said must not count any more.
		Reports::<T>::remove(&member);
		Self::deposit_event(Event::ReporterSet { member, reporter });
		Ok(())
	}
}

/// The number of items; all are bounded far below `u32::MAX`.
pub(crate) fn count(items: impl Iterator) -> u32 {
	u32::try_from(items.count()).unwrap_or(u32::MAX)
}
