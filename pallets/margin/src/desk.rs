// SPDX-License-Identifier: Apache-2.0
//! The markets on the desk while one account is touched or looked at: each is read once, however often it is asked
//! for, and written once, if it has changed.
//!
//! What lies on a desk is a copy. A desk lives no longer than one touch or one look: a touch writes it back before
//! anybody is told of what it did, and when a touch fails its desk is dropped with everything else that it did.

use crate::{
	pallet::{Config, Error, Markets},
	types::Market,
};
use alloc::{boxed::Box, collections::BTreeMap};
use core::{cell::OnceCell, marker::PhantomData, ops::Deref};
use keel_primitives::{Action, MarketId, MarketStatus};
use keel_traits::{MarketGate, Observation, PriceFeed};
use sp_runtime::{traits::UniqueSaturatedInto, DispatchError};

/// A market, and what the oracle and the breaker say of it: they are asked when it is needed, and once.
pub(crate) struct Listed<T> {
	id: MarketId,
	market: Market,
	/// Whether it is to be written.
	changed: bool,
	observation: OnceCell<Observation>,
	status: OnceCell<MarketStatus>,
	runtime: PhantomData<T>,
}

impl<T> Deref for Listed<T> {
	type Target = Market;

	fn deref(&self) -> &Market {
		&self.market
	}
}

impl<T: Config> Listed<T> {
	/// What is known of its feed.
	pub fn observation(&self) -> &Observation {
		self.observation.get_or_init(|| T::Prices::observe(self.market.feed))
	}

	/// What it may do.
	pub fn status(&self) -> MarketStatus {
		*self.status.get_or_init(|| T::Gate::status(self.id))
	}

	/// Whether its mark was set in this block, from a price that has landed since it last stood still.
	pub fn is_live(&self) -> bool {
		self.market.marked_in == block_number::<T>()
	}

	/// Whether it trades at its mark. In a market under examination, whose mark stands still until somebody has
	/// looked, two may let each other go.
	pub fn may_trade(&self) -> bool {
		self.is_live() || self.market.quarantined
	}

	/// Whether positions in it could be taken at its mark: then a profit in it is worth something to others.
	pub fn is_closable(&self) -> bool {
		self.status().accepts_liquidation() && self.is_live() && !self.market.quarantined
	}

	/// Whether positions in it may be taken now.
	pub fn is_liquidatable(&self) -> bool {
		let is_traded = self.is_closable() && self.observation().state.allows(Action::Liquidate);
		is_traded || self.is_settling()
	}

	/// Whether it is dead, and its mark the price that was stated for settling it.
	pub fn is_settling(&self) -> bool {
		self.market.settlement.is_some() && self.is_live() && !self.market.quarantined
	}
}

/// The number of this block, as markets keep it.
pub(crate) fn block_number<T: Config>() -> u32 {
	frame_system::Pallet::<T>::block_number().unique_saturated_into()
}

/// The markets that were asked for.
pub(crate) struct Desk<T>(BTreeMap<MarketId, Box<Listed<T>>>);

impl<T> Default for Desk<T> {
	fn default() -> Self {
		Self(BTreeMap::new())
	}
}

impl<T: Config> Desk<T> {
	/// A market to be looked at.
	pub fn market(&mut self, id: MarketId) -> Result<&Listed<T>, DispatchError> {
		self.listed(id).map(|listed| &*listed)
	}

	/// A market to be changed.
	pub fn market_mut(&mut self, id: MarketId) -> Result<&mut Market, DispatchError> {
		let listed = self.listed(id)?;
		listed.changed = true;
		Ok(&mut listed.market)
	}

	/// Write what has changed. That is the end of the desk.
	pub fn put_back(self) {
		for (id, listed) in self.0.into_iter().filter(|(_, listed)| listed.changed) {
			Markets::<T>::insert(id, &listed.market);
		}
	}

	fn listed(&mut self, id: MarketId) -> Result<&mut Listed<T>, DispatchError> {
		use alloc::collections::btree_map::Entry::{Occupied, Vacant};
		Ok(match self.0.entry(id) {
			Occupied(place) => place.into_mut(),
			Vacant(place) => place.insert(Box::new(Listed {
				id,
				market: Markets::<T>::get(id).ok_or(Error::<T>::UnknownMarket)?,
				changed: false,
				observation: OnceCell::new(),
				status: OnceCell::new(),
				runtime: PhantomData,
			})),
		})
	}
}
