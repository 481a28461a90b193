// SPDX-License-Identifier: Apache-2.0
//! What happened, when and why: one record for each time a cause takes hold of a market.

use crate::{market::Named, Archive, Config, Event, IncidentId, Incidents, NextIncident, Pallet};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	traits::{ConstU32, Get},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_primitives::{MarketId, MarketStatus, Price, PriceState, Quote};
use scale_info::TypeInfo;
use sp_runtime::traits::{Hash, Saturating};

/// Who or what restricts a market.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Cause {
	/// The guardians, by `guard_market` or `halt_market`.
	Guardian,
	/// The price of the market's feed: stale, missing, uncertain or volatile, or further away than one round alone can
	/// say.
	Price,
	/// A vote to settle the market, which is dead.
	Vote,
	/// Its losses: the insurance fund has paid for them all that it may within a day.
	Losses,
}

/// What was known when a market was restricted.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Evidence<BlockNumber> {
	/// The guardians ordered it for some blocks.
	Ordered {
		/// For how many.
		blocks: BlockNumber,
	},
	/// It was voted to settle the market.
	Voted,
	/// The price could not be trusted enough, or waits for a second round: then it may be valid.
	Price {
		/// How far it could be.
		state: PriceState,
		/// The last price; zero when there was none.
		price: Price,
		/// Its age in milliseconds; the largest number when there was none.
		age_ms: u64,
	},
	/// The insurance fund may pay no more for its losses.
	Losses {
		/// What it has paid for them in the last 24 hours, in 1e-6 dollars.
		paid: Quote,
	},
}

/// What became known later, and when.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Note<BlockNumber> {
	/// The block.
	pub block: BlockNumber,
	/// What was known in it.
	pub evidence: Evidence<BlockNumber>,
}

/// How many later notes an incident has room for. When there are more the last one is written again.
pub const NOTES: u32 = 6;

/// One time a cause took hold of a market, until it let go for a while.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Incident<BlockNumber> {
	/// The market.
	pub market: MarketId,
	/// Who or what restricts it.
	pub cause: Cause,
	/// What was known when it was restricted. It is never written again.
	pub evidence: Evidence<BlockNumber>,
	/// What became known later: it was restricted further, or once more.
	pub notes: BoundedVec<Note<BlockNumber>, ConstU32<NOTES>>,
	/// How often the cause came back soon after it had let go.
	pub returned: u32,
	/// The most that was demanded.
	pub demand: MarketStatus,
	/// The block in which it began.
	pub opened: BlockNumber,
	/// The block in which the cause let go; none while it holds.
	pub closed: Option<BlockNumber>,
}

impl<BlockNumber> Incident<BlockNumber> {
	/// More became known.
	fn note(&mut self, block: BlockNumber, demand: MarketStatus, evidence: Evidence<BlockNumber>) {
		self.demand = self.demand.stricter(demand);
		let note = Note { block, evidence };
		if self.notes.is_full() {
			if let Some(last) = self.notes.last_mut() {
				*last = note;
			}
		} else {
			// There is room.
			let _ = self.notes.try_push(note);
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Take note of a cause that takes hold of a market, or tighter hold: in the incident that is open for it, in its
	/// last one when it let go only a while ago, or in a new one. Returns its number.
	pub(crate) fn record(
		named: Named,
		market: MarketId,
		cause: Cause,
		demand: MarketStatus,
		evidence: Evidence<BlockNumberFor<T>>,
	) -> IncidentId {
		let now = frame_system::Pallet::<T>::block_number();
		if let Some(id) = named.open {
			Incidents::<T>::mutate(id, |incident| {
				if let Some(incident) = incident {
					incident.note(now, demand, evidence);
				}
			});
			return id;
		}
		let goes_on = |incident: &Incident<BlockNumberFor<T>>| {
			incident.closed.is_some_and(|closed| closed.saturating_add(T::ReturnBlocks::get()) >= now)
		};
		let last = named.last.and_then(|id| Incidents::<T>::get(id).map(|incident| (id, incident)));
		if let Some((id, mut incident)) = last.filter(|(_, incident)| goes_on(incident)) {
			incident.note(now, demand, evidence);
			incident.returned = incident.returned.saturating_add(1);
			incident.closed = None;
			Incidents::<T>::insert(id, incident);
			return id;
		}
		let id = NextIncident::<T>::get();
		let (notes, returned) = Default::default();
		let incident =
			Incident { market, cause, evidence, notes, returned, demand, opened: now, closed: None };
		Incidents::<T>::insert(id, incident);
		// A 64-bit count of incidents does not end.
		NextIncident::<T>::put(id.saturating_add(1));
		if let Some(oldest) = id.checked_sub(T::MaxIncidents::get().into()) {
			Self::archive(oldest);
		}
		id
	}

	/// The cause has let go. One so old that it would have made room for others leaves now.
	pub(crate) fn close(id: IncidentId) {
		let now = frame_system::Pallet::<T>::block_number();
		Incidents::<T>::mutate(id, |incident| {
			if let Some(incident) = incident {
				incident.closed = Some(now);
			}
		});
		if id < Self::kept_from() {
			Self::archive(id);
		}
	}

	/// From this number on all incidents are kept; of older ones those that are open.
	pub(crate) fn kept_from() -> IncidentId {
		NextIncident::<T>::get().saturating_sub(T::MaxIncidents::get().into())
	}

	/// A closed incident leaves for good: its hash stays, with that of all before it.
	fn archive(id: IncidentId) {
		let Some(incident) = Incidents::<T>::get(id).filter(|incident| incident.closed.is_some()) else {
			return;
		};
		let chain = T::Hashing::hash_of(&(Archive::<T>::get(), id, incident));
		Archive::<T>::put(chain);
		Incidents::<T>::remove(id);
		Self::deposit_event(Event::IncidentArchived { incident: id, chain });
	}
}
