// SPDX-License-Identifier: Apache-2.0
//! The book of a side: one ordered map, whose first key is the best price.
//!
//! A key is `market ++ side ++ price ++ sequence`, both big-endian, and the price of a bid complemented: the trie
//! sorts it, so that the first entry under a side is the one to be filled first.

use crate::pallet::{Book, Config};
use codec::Decode;
use keel_ordered::{Entry, Ordered};
use keel_primitives::{MarginAccount, MarketId, Price, Side};

/// The bytes that sort an order: price, then sequence.
pub type Rank = [u8; 24];

/// Bytes that sort as orders are filled: the best price first, then who came first.
pub fn rank(side: Side, price: Price, sequence: u64) -> Rank {
	let price = match side {
		Side::Long => !price.0,
		Side::Short => price.0,
	};
	let mut bytes = [0; 24];
	let (high, low) = bytes.split_at_mut(16);
	high.copy_from_slice(&price.to_be_bytes());
	low.copy_from_slice(&sequence.to_be_bytes());
	bytes
}

/// An order's place on a ladder.
pub struct Rung<AccountId> {
	/// Its price.
	pub price: Price,
	/// Its sequence.
	pub sequence: u64,
	/// Whose it is.
	pub account: MarginAccount<AccountId>,
	/// The place, to go on from.
	pub place: Entry,
}

impl<AccountId> Rung<AccountId> {
	/// The bytes that sort it, among orders of `side`.
	pub fn rank(&self, side: Side) -> Rank {
		rank(side, self.price, self.sequence)
	}
}

/// The orders of one side of a market, to be walked from the best.
pub struct Ladder {
	side: Side,
	ordered: Ordered,
}

impl Ladder {
	/// The orders of a side.
	pub fn new<T: Config>(market: MarketId, side: Side) -> Self {
		let prefix = Book::<T>::iter_key_prefix((market, side)).prefix().to_vec();
		Self { side, ordered: Ordered::new(prefix) }
	}

	/// The best order.
	pub fn first<T: Config>(&self) -> Option<Rung<T::AccountId>> {
		self.ordered.first().and_then(|entry| self.rung::<T>(entry))
	}

	/// The next after `place`.
	pub fn after<T: Config>(&self, place: &Entry) -> Option<Rung<T::AccountId>> {
		self.ordered.after(&place.raw).and_then(|entry| self.rung::<T>(entry))
	}

	/// The best order behind a place, whether an order is there or not.
	pub fn behind<T: Config>(&self, place: &Rank) -> Option<Rung<T::AccountId>> {
		// What follows a rank in a key is nothing, so the walk begins after it.
		self.ordered.from(place).and_then(|entry| self.rung::<T>(entry))
	}

	/// The best price.
	pub fn best(&self) -> Option<Price> {
		self.ordered.first().and_then(|entry| self.place_of(&entry)).map(|(price, _)| price)
	}

	/// Price and sequence of an entry.
	fn place_of(&self, entry: &Entry) -> Option<(Price, u64)> {
		let mut rest = entry.rest();
		let price = u128::from_be_bytes(<[u8; 16]>::decode(&mut rest).ok()?);
		let sequence = u64::from_be_bytes(<[u8; 8]>::decode(&mut rest).ok()?);
		let price = match self.side {
			Side::Long => !price,
			Side::Short => price,
		};
		Some((Price(price), sequence))
	}

	fn rung<T: Config>(&self, place: Entry) -> Option<Rung<T::AccountId>> {
		let (price, sequence) = self.place_of(&place)?;
		let account = frame_support::storage::unhashed::get(&place.raw)?;
		Some(Rung { price, sequence, account, place })
	}
}
