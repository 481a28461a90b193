// SPDX-License-Identifier: Apache-2.0
//! What happened, when and why: one record for each time a cause takes hold of a market.

use crate::{Config, IncidentId, Incidents, NextIncident, Pallet};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::Get;
use frame_system::pallet_prelude::BlockNumberFor;
use keel_primitives::{MarketId, MarketStatus, Price, PriceState};
use scale_info::TypeInfo;

/// Who or what restricts a market.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Cause {
	/// The guardians, by `guard_market` or `halt_market`.
	Guardian,
	/// The price of the market's feed: stale, missing, uncertain or volatile.
	Price,
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
	/// The price could not be trusted enough.
	Price {
		/// How far it could be.
		state: PriceState,
		/// The last price; zero when there was none.
		price: Price,
		/// Its age in milliseconds; the largest number when there was none.
		age_ms: u64,
	},
}

/// One time a cause took hold of a market, until it let go.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Incident<BlockNumber> {
	/// The market.
	pub market: MarketId,
	/// Who or what restricts it.
	pub cause: Cause,
	/// What was known when it was restricted, or restricted further.
	pub evidence: Evidence<BlockNumber>,
	/// The most that was demanded.
	pub demand: MarketStatus,
	/// The block in which it began.
	pub opened: BlockNumber,
	/// The block in which the cause let go; none while it holds.
	pub closed: Option<BlockNumber>,
}

impl<T: Config> Pallet<T> {
	/// Open an incident, or make `open` the graver one it has become. Returns its number.
	pub(crate) fn record(
		open: Option<IncidentId>,
		market: MarketId,
		cause: Cause,
		demand: MarketStatus,
		evidence: Evidence<BlockNumberFor<T>>,
	) -> IncidentId {
		if let Some(id) = open {
			Incidents::<T>::mutate(id, |incident| {
				if let Some(incident) = incident {
					incident.evidence = evidence;
					incident.demand = incident.demand.stricter(demand);
				}
			});
			return id;
		}
		let id = NextIncident::<T>::get();
		let opened = frame_system::Pallet::<T>::block_number();
		Incidents::<T>::insert(id, Incident { market, cause, evidence, demand, opened, closed: None });
		// A 64-bit count of incidents does not end.
		NextIncident::<T>::put(id.saturating_add(1));
		if let Some(oldest) = id.checked_sub(T::MaxIncidents::get().into()) {
			Incidents::<T>::remove(oldest);
		}
		id
	}

	/// The cause has let go. An incident so old that it made room for others is gone.
	pub(crate) fn close(id: IncidentId) {
		let now = frame_system::Pallet::<T>::block_number();
		Incidents::<T>::mutate(id, |incident| {
			if let Some(incident) = incident {
				incident.closed = Some(now);
			}
		});
	}
}
