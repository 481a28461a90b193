// SPDX-License-Identifier: Apache-2.0
//! What waits before it counts: new seats, closed seats, new feeds and looser ones.

use crate::{
	feed::{FeedName, FeedParams},
	source::SourceId,
	Config, CoolingOff, Error, Event, Feeds, Pallet, SeatPeriods, WaitingChanges, WeightInfo,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult, EnsureOrigin, Get, Weight},
};
use frame_system::pallet_prelude::{BlockNumberFor, OriginFor};
use keel_primitives::FeedId;
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::traits::{SaturatedConversion, Saturating, Zero};

/// The most changes that wait at a time: one of a seat, the others of feeds.
pub const MAX_WAITING: u32 = 8;

/// How long things take, in blocks.
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
pub struct Periods<BlockNumber> {
	/// What a body decides about a seat, and a feed that it lists or loosens, waits so long.
	pub seat_delay: BlockNumber,
	/// A removal by a body that nobody confirms ends after so long. More than `seat_delay`, which a
	/// confirmation waits.
	pub removal: BlockNumber,
}

impl<BlockNumber: Zero + Ord> Periods<BlockNumber> {
	/// Whether a change waits at all, and a removal can be confirmed before it ends.
	pub fn is_valid(&self) -> bool {
		!self.seat_delay.is_zero() && self.removal > self.seat_delay
	}
}

/// What is decided about the oracle.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Change<AccountId> {
	/// Give somebody a seat.
	OpenSeat {
		/// Who.
		member: AccountId,
	},
	/// Take a seat away for good: the quorum counts one less.
	CloseSeat {
		/// Whose.
		member: AccountId,
	},
	/// Correct what a member says that it reads.
	CorrectSource {
		/// Whose word.
		member: AccountId,
		/// What it reads.
		source: SourceId,
	},
	/// List a feed.
	ListFeed {
		/// The feed.
		feed: FeedId,
		/// What people call it.
		name: FeedName,
		/// What its prices must meet.
		params: FeedParams,
	},
	/// Retire a feed, with its price and what members have said of it.
	RetireFeed {
		/// The feed.
		feed: FeedId,
	},
	/// Set what the prices of a feed must meet.
	SetFeedParams {
		/// The feed.
		feed: FeedId,
		/// What they must meet when it is decided. When they are others by the time it is due, nothing comes
		/// of it: what was read by everybody was another change.
		from: FeedParams,
		/// What they must meet then.
		to: FeedParams,
	},
}

/// What a change is about. Of each only one waits, and of seats only one at all.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Subject<AccountId> {
	/// The seat of an account.
	Seat(AccountId),
	/// A feed.
	Feed(FeedId),
}

impl<AccountId: PartialEq> Subject<AccountId> {
	/// Whether `other` has to wait until a change of this has come or gone.
	pub fn keeps_waiting(&self, other: &Self) -> bool {
		matches!((self, other), (Self::Seat(_), Self::Seat(_))) || self == other
	}
}

/// What a veto is about. It answers for all of it: another name in the next block would be another veto.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Matter {
	/// All seats.
	Seats,
	/// Feeds that are not listed.
	NewFeeds,
	/// What the prices of a feed must meet, and whether there is one.
	Feed(FeedId),
}

impl<AccountId: Clone> Change<AccountId> {
	/// What a veto of it is about.
	pub const fn matter(&self) -> Matter {
		match self {
			Self::OpenSeat { .. } | Self::CloseSeat { .. } | Self::CorrectSource { .. } => Matter::Seats,
			Self::ListFeed { .. } => Matter::NewFeeds,
			Self::SetFeedParams { feed, .. } | Self::RetireFeed { feed } => Matter::Feed(*feed),
		}
	}

	/// What it is about.
	pub fn subject(&self) -> Subject<AccountId> {
		match self {
			Self::OpenSeat { member } | Self::CloseSeat { member } | Self::CorrectSource { member, .. } => {
				Subject::Seat(member.clone())
			}
			Self::ListFeed { feed, .. } | Self::SetFeedParams { feed, .. } | Self::RetireFeed { feed } => {
				Subject::Feed(*feed)
			}
		}
	}

	/// Whether it can only make prices rarer.
	fn tightens(&self) -> bool {
		matches!(self, Self::SetFeedParams { from, to, .. } if !to.is_looser_than(from))
	}
}

/// A change that waits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Waiting<AccountId, BlockNumber> {
	/// The change.
	pub change: Change<AccountId>,
	/// The block at whose start it takes effect.
	pub due: BlockNumber,
}

impl<T: Config> Pallet<T> {
	/// Decide on a change: what a referendum enacts has waited and takes effect, and so does what only
	/// tightens. What else the body decides waits.
	pub(crate) fn decide(origin: OriginFor<T>, change: Change<T::AccountId>) -> DispatchResult {
		let has_waited = match T::EnactOrigin::try_origin(origin) {
			Ok(_) => true,
			Err(origin) => {
				T::GovernOrigin::ensure_origin(origin)?;
				false
			}
		};
		// What could not be done now does not wait either.
		Self::ensure_fits(&change)?;
		if !has_waited && !change.tightens() {
			return Self::wait(change);
		}
		ensure!(has_waited || Self::is_quorum_after(&change), Error::<T>::WouldHalt);
		Self::apply(change);
		Ok(())
	}

	/// Whether those who report now are the quorum that a feed asks for, when it asks for more than before.
	fn is_quorum_after(change: &Change<T::AccountId>) -> bool {
		match change {
			Change::SetFeedParams { from, to, .. } if to.quorum_min > from.quorum_min => {
				Self::heard_members() >= to.quorum_min
			}
			_ => true,
		}
	}

	fn wait(change: Change<T::AccountId>) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(CoolingOff::<T>::get(change.matter()).is_none_or(|until| until <= now), Error::<T>::Vetoed);
		let due = now.saturating_add(SeatPeriods::<T>::get().seat_delay);
		let subject = change.subject();
		WaitingChanges::<T>::try_mutate(|waiting| {
			if let Some(first) = waiting.iter().find(|first| first.change.subject().keeps_waiting(&subject)) {
				let blocks = first.due.saturating_sub(now).saturated_into();
				return Err(Error::<T>::AnotherWaits { blocks });
			}
			let waits = Waiting { change: change.clone(), due };
			waiting.try_push(waits).map_err(|_| Error::<T>::TooManyWaiting)
		})?;
		Self::deposit_event(Event::ChangeWaits { change, due });
		Ok(())
	}

	/// Take a change out of those that wait.
	pub(crate) fn take_back(subject: &Subject<T::AccountId>) -> Result<Change<T::AccountId>, DispatchError> {
		WaitingChanges::<T>::try_mutate(|waiting| {
			let at = waiting.iter().position(|waits| waits.change.subject() == *subject);
			Ok(waiting.remove(at.ok_or(Error::<T>::NothingWaits)?).change)
		})
	}

	/// Stop a change that waits, and let its matter cool off.
	pub(crate) fn veto(subject: Subject<T::AccountId>) -> DispatchResult {
		let change = Self::take_back(&subject)?;
		let until = frame_system::Pallet::<T>::block_number().saturating_add(T::CoolOff::get());
		CoolingOff::<T>::insert(change.matter(), until);
		Self::deposit_event(Event::ChangeVetoed { subject, until });
		Ok(())
	}

	/// Carry out what is due in block `now`. Returns what it cost.
	pub(crate) fn carry_out_due(now: BlockNumberFor<T>) -> Weight {
		let waiting = WaitingChanges::<T>::get();
		let mut spent = Weight::zero();
		if waiting.iter().all(|waits| waits.due > now) {
			return spent;
		}
		WaitingChanges::<T>::mutate(|waiting| waiting.retain(|waits| waits.due > now));
		for Waiting { change, .. } in waiting.into_iter().filter(|waits| waits.due <= now) {
			let subject = change.subject();
			if let Err(error) = Self::carry_out(change) {
				Self::deposit_event(Event::ChangeLapsed { subject, error });
			}
			spent.saturating_accrue(T::WeightInfo::carry_out());
		}
		spent
	}

	/// Whether a change can take effect now.
	fn ensure_fits(change: &Change<T::AccountId>) -> DispatchResult {
		match change {
			Change::OpenSeat { member } => Self::ensure_can_open(member),
			Change::CloseSeat { member } => Self::ensure_can_close(member),
			Change::CorrectSource { member, source } => Self::ensure_can_correct(member, *source),
			Change::ListFeed { feed, name, params } => Self::ensure_can_list(*feed, name, params),
			Change::RetireFeed { feed } => Self::ensure_can_retire(*feed),
			Change::SetFeedParams { feed, from, to } => {
				let known = Feeds::<T>::get(feed).ok_or_else(|| Self::no_feed(*feed))?;
				ensure!(known.params == *from, Error::<T>::ChangedMeanwhile);
				Self::ensure_can_meet(to)
			}
		}
	}

	/// Let a change take effect, if it can.
	pub(crate) fn carry_out(change: Change<T::AccountId>) -> DispatchResult {
		Self::ensure_fits(&change)?;
		Self::apply(change);
		Ok(())
	}

	fn apply(change: Change<T::AccountId>) {
		match change {
			Change::OpenSeat { member } => Self::do_open_seat(member),
			Change::CloseSeat { member } => Self::do_close_seat(member),
			Change::CorrectSource { member, source } => Self::do_correct_source(member, source),
			Change::ListFeed { feed, name, params } => Self::list_feed(feed, name, params),
			Change::RetireFeed { feed } => Self::do_retire(feed),
			Change::SetFeedParams { feed, to, .. } => Self::set_params(feed, to),
		}
	}
}
