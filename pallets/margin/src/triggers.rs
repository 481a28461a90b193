// SPDX-License-Identifier: Apache-2.0
//! The trigger book: finding the unhealthy without looking at the healthy.
//!
//! A ladder holds the keys of one market, side, tier and generation, sorted so that the first is the first to
//! fire. The head of the present generation's is kept with the market: its first key, or one before it whose account has
//! left since. While that has not fired none has: a quiet block reads only markets.

use crate::{
	desk::Desk,
	pallet::{Config, Pallet, Triggers},
	types::Filed,
};
use alloc::collections::BTreeSet;
use codec::Decode;
use keel_math::{
	keys::{key_fires, key_of, sort_key},
	Generation, Level, TierIndex,
};
use keel_ordered::{Entry, Ordered};
use keel_primitives::{MarginAccount, MarketId, Side};
use sp_runtime::DispatchResult;

/// One ladder, to be walked.
pub struct Ladder {
	side: Side,
	ordered: Ordered,
}

/// A key on a ladder, and whose it is.
pub struct Rung<AccountId> {
	/// The key.
	pub key: Level,
	/// Whose it is.
	pub account: MarginAccount<AccountId>,
	/// Its place, to go on from.
	pub place: Entry,
}

impl Ladder {
	/// The ladder of a tier and generation.
	pub fn new<T: Config>(market: MarketId, side: Side, tier: TierIndex, generation: Generation) -> Self {
		let prefix = Triggers::<T>::iter_key_prefix((market, side, tier, generation)).prefix().to_vec();
		Self { side, ordered: Ordered::new(prefix) }
	}

	/// The first to fire.
	pub fn first<T: Config>(&self) -> Option<Rung<T::AccountId>> {
		self.ordered.first().and_then(|entry| self.rung::<T>(entry))
	}

	/// The first to fire that sorts at or after `key`.
	pub fn from<T: Config>(&self, key: Level) -> Option<Rung<T::AccountId>> {
		self.ordered.from(&sort_key(self.side, key)).and_then(|entry| self.rung::<T>(entry))
	}

	/// Whether a key on it fires at `level`.
	pub fn fires(&self, level: Level, key: Level) -> bool {
		key_fires(self.side, level, key)
	}

	/// The next after `place`.
	pub fn after<T: Config>(&self, place: &Entry) -> Option<Rung<T::AccountId>> {
		self.ordered.after(&place.raw).and_then(|entry| self.rung::<T>(entry))
	}

	fn rung<T: Config>(&self, place: Entry) -> Option<Rung<T::AccountId>> {
		let mut rest = place.rest();
		let sorted = <[u8; 16]>::decode(&mut rest).ok()?;
		let account = MarginAccount::<T::AccountId>::decode(&mut rest).ok()?;
		Some(Rung { key: key_of(self.side, sorted), account, place })
	}
}

/// Ladders of present generations that may have lost their first key. The head that their market keeps may be
/// gone, but no key on file sorts before it: the first is found from there.
pub(crate) type Headless = BTreeSet<(MarketId, Side, TierIndex)>;

impl<T: Config> Pallet<T> {
	/// File a key; it may become the first of its ladder.
	pub(crate) fn file_key(
		desk: &mut Desk<T>,
		filed: &Filed,
		account: &MarginAccount<T::AccountId>,
	) -> DispatchResult {
		Triggers::<T>::insert(Self::trigger(filed, account), ());
		let market = desk.market(filed.market)?;
		let first = market.watch(filed.side).head(filed.tier);
		// The first to fire is the one that would fire at the other's key.
		if filed.generation == market.book.side(filed.side).generation
			&& first.is_none_or(|first| key_fires(filed.side, first, filed.key))
		{
			desk.market_mut(filed.market)?.watch_mut(filed.side).set_head(filed.tier, Some(filed.key));
		}
		Ok(())
	}

	/// Remove a key; when it was the head of its ladder the next one is still to be found, in a walk.
	pub(crate) fn unfile_key(
		desk: &mut Desk<T>,
		headless: &mut Headless,
		filed: &Filed,
		account: &MarginAccount<T::AccountId>,
	) -> DispatchResult {
		Triggers::<T>::remove(Self::trigger(filed, account));
		let market = desk.market(filed.market)?;
		if filed.generation == market.book.side(filed.side).generation
			&& market.watch(filed.side).head(filed.tier) == Some(filed.key)
		{
			headless.insert((filed.market, filed.side, filed.tier));
		}
		Ok(())
	}

	/// Find the first keys of ladders that may have lost theirs.
	pub(crate) fn find_heads(desk: &mut Desk<T>, headless: Headless) -> DispatchResult {
		for (id, side, tier) in headless {
			let market = desk.market(id)?;
			let Some(head) = market.watch(side).head(tier) else { continue };
			let ladder = Ladder::new::<T>(id, side, tier, market.book.side(side).generation);
			let first = ladder.from::<T>(head).map(|rung| rung.key);
			if first != Some(head) {
				desk.market_mut(id)?.watch_mut(side).set_head(tier, first);
			}
		}
		Ok(())
	}

	/// The storage key of a filing.
	pub(crate) fn trigger(
		filed: &Filed,
		account: &MarginAccount<T::AccountId>,
	) -> (MarketId, Side, TierIndex, Generation, [u8; 16], MarginAccount<T::AccountId>) {
		let sorted = sort_key(filed.side, filed.key);
		(filed.market, filed.side, filed.tier, filed.generation, sorted, account.clone())
	}
}
