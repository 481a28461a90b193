// SPDX-License-Identifier: Apache-2.0
//! Who would become unhealthy if prices moved: what the trigger book already knows.
//!
//! Whoever a move makes unhealthy has a key that it crosses ([`keel_math::keys`]), or waits for liquidation
//! already. So only crossed keys are walked, however many accounts there are.

use crate::{
	desk::Desk,
	pallet::{Config, Markets, Pallet},
	triggers::{Ladder, Rung},
	types::{Account, Market},
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::traits::Get;
use keel_math::{keys::key_fires, Generation, Tiers};
use keel_primitives::{MarginAccount, MarketId, Price, Ratio, Side};
use keel_traits::{AtRisk, Judgement, OnUnhealthy, RiskView, Shock};
use sp_runtime::DispatchError;

/// The most accounts that are looked at, whoever asks: a public node answers too.
pub const MOST: u32 = 10_000;

/// Accounts under their ladders, until there are enough of them.
struct Found<AccountId> {
	accounts: BTreeSet<MarginAccount<AccountId>>,
	limit: usize,
	cut_short: bool,
}

/// Whom a move of prices makes unhealthy.
pub(crate) struct Unhealthy<T: Config> {
	/// Who, with what they have, and how they are judged after the move.
	pub accounts: Vec<(MarginAccount<T::AccountId>, Account<T>, Judgement)>,
	/// The marks that move, after it.
	pub prices: BTreeMap<MarketId, Price>,
	/// Whether there are more whose keys are crossed.
	pub cut_short: bool,
}

impl<AccountId: Ord> Found<AccountId> {
	/// `false`: there is no room for more.
	fn take(&mut self, account: MarginAccount<AccountId>) -> bool {
		if self.accounts.len() >= self.limit && !self.accounts.contains(&account) {
			self.cut_short = true;
			return false;
		}
		self.accounts.insert(account);
		true
	}
}

impl<T: Config> Pallet<T>
where
	T::AccountId: Ord,
{
	/// The accounts in liquidation, and those that `shocks`, all at once, would make unhealthy: each the largest shortfall
	/// first, as it would be after the shocks. At most `limit`, and at most [`MOST`], are looked at; `cut_short` says that
	/// there are more.
	pub(crate) fn find_at_risk(
		shocks: &[Shock],
		limit: u32,
	) -> Result<RiskView<T::AccountId>, DispatchError> {
		let limit = limit.min(MOST);
		// One more than there is room for, to know of it.
		let mut waiting = T::Unhealthy::in_liquidation(limit.saturating_add(1));
		let room = usize::try_from(limit).unwrap_or(usize::MAX);
		let more_wait = waiting.len() > room;
		waiting.truncate(room);
		let left = limit.saturating_sub(u32::try_from(waiting.len()).unwrap_or(limit));
		let unhealthy = Self::unhealthy_after(shocks, left)?;
		let mut desk = Desk::default();
		let mut accounts = Vec::new();
		for account in waiting {
			let current = Self::current_on(&mut desk, &account)?;
			let mark = |id, market: &Market| unhealthy.prices.get(&id).copied().unwrap_or(market.mark);
			let judgement = Self::judgement(&Self::standing_on_at(&mut desk, &current, mark)?)?;
			accounts.push(AtRisk { account, judgement, queued: true });
		}
		let found = unhealthy.accounts.into_iter();
		// A shock finds nobody twice: who is queued has no key.
		accounts.extend(found.map(|(account, _, judgement)| AtRisk { account, judgement, queued: false }));
		accounts.sort_by_key(|at| (!at.queued, at.judgement.health));
		Ok(RiskView { accounts, cut_short: more_wait || unhealthy.cut_short })
	}

	/// Whom `shocks` would make unhealthy of those that have keys, with what they have, in no order.
	pub(crate) fn unhealthy_after(shocks: &[Shock], limit: u32) -> Result<Unhealthy<T>, DispatchError> {
		let most = usize::try_from(T::MaxMarkets::get()).unwrap_or(usize::MAX);
		let mut prices = Self::shocked(shocks.get(..shocks.len().min(most)).unwrap_or_default())?;
		// A market that is settled has one price, whatever others do.
		for (id, market) in Markets::<T>::iter() {
			if let Some(settlement) = market.settlement {
				prices.insert(id, settlement.price);
			}
		}
		let limit = usize::try_from(limit.min(MOST)).unwrap_or(usize::MAX);
		let mut found = Found { accounts: BTreeSet::new(), limit, cut_short: false };
		for (id, market) in Markets::<T>::iter() {
			let mark = prices.get(&id).copied().unwrap_or(market.mark);
			for side in Side::BOTH {
				Self::cross(id, &market, side, mark, &mut found)?;
			}
		}
		let mut accounts = Vec::new();
		let mut desk = Desk::default();
		for account in found.accounts {
			let current = Self::current_on(&mut desk, &account)?;
			let mark = |id, market: &Market| prices.get(&id).copied().unwrap_or(market.mark);
			let judgement = Self::judgement(&Self::standing_on_at(&mut desk, &current, mark)?)?;
			if judgement.is_unhealthy() {
				accounts.push((account, current, judgement));
			}
		}
		Ok(Unhealthy { accounts, prices, cut_short: found.cut_short })
	}

	/// The tables of tiers of all markets.
	pub fn tables() -> BTreeMap<MarketId, Tiers> {
		Markets::<T>::iter().map(|(id, market)| (id, market.params.tiers)).collect()
	}

	/// Let the maintenance rates of each market whose table of tiers is not that of `before` reach where they go. For
	/// whoever asks what a change will do, and takes it back.
	pub fn reach_maintenance(before: &BTreeMap<MarketId, Tiers>) {
		for (id, table) in Self::tables() {
			if before.get(&id) != Some(&table) {
				Markets::<T>::mutate_extant(id, |market| market.move_maintenance(Ratio(u64::MAX)));
			}
		}
	}

	/// The marks after the shocks. A price cannot fall by more than all of it.
	fn shocked(shocks: &[Shock]) -> Result<BTreeMap<MarketId, Price>, DispatchError> {
		let mut prices = BTreeMap::new();
		for shock in shocks {
			let mark = Self::market(shock.market)?.mark;
			let whole = i128::from(Ratio::ONE.0);
			let factor = whole.saturating_add(shock.by.into()).max(0).unsigned_abs();
			// Prices are below 2^90, and a move counts up to 2^37 parts of a billion.
			let factor = factor.min(1 << 37);
			let price = mark.0.saturating_mul(factor).checked_div(whole.unsigned_abs()).unwrap_or(mark.0);
			prices.insert(shock.market, Price(price.max(Price::MIN.0)).min(Price::MAX));
		}
		Ok(prices)
	}

	/// Everybody on `side` whose key `mark` crosses, and everybody on ladders that are not drained yet.
	fn cross(
		id: MarketId,
		market: &Market,
		side: Side,
		mark: Price,
		found: &mut Found<T::AccountId>,
	) -> Result<(), DispatchError> {
		let numbers = market.book.side(side);
		for (tier, kept) in market.tiers.iter() {
			let level = crate::accounts::fits::<T, _>(numbers.level(side, mark, kept.maintenance))?;
			let mut generation = market.watch(side).drained_to;
			while generation <= numbers.generation {
				let is_present = generation == numbers.generation;
				let ladder = Ladder::new::<T>(id, side, tier, generation);
				let mut rung = ladder.first::<T>();
				while let Some(Rung { key, account, place }) = rung {
					if (is_present && !key_fires(side, level, key)) || !found.take(account) {
						break;
					}
					rung = ladder.after::<T>(&place);
				}
				generation = Generation::next(generation);
			}
		}
		Ok(())
	}
}
