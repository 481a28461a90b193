// SPDX-License-Identifier: Apache-2.0
//! What must hold after every block and every call.
//!
//! 1. Per market, in dollars: paid in = `K_L Q_L - K_S Q_S` + unsettled + set apart + dust - debt, exactly; what is
//!    unsettled is what the ended generations say, and what is set apart is what the positions may fetch of losses that
//!    came back, and what nobody may.
//! 2. Per market, in size: `A_L Q_L + sink = A_S Q_S`, exactly.
//! 3. Claims on custody (cash, markets, others) are what custody has counted, and at most what it holds;
//!    the sum of cash is the sum of the accounts' cash.
//! 4. An account is in exactly one place. Filed: each position has a key in the trigger book, the corner is not
//!    below the reserve of its margin call, and the trigger book holds nothing else. The first keys kept with
//!    the markets are the first of their ladders, and the markets count who is in liquidation on each side, and the
//!    positions in each of the tiers that they keep.
//! 5. Per generation, units are those of its positions and those reserved for earlier generations.
//! 6. Offers are counted, and every withdrawal in the queue is marked in its account and counted for its owner.

use crate::{
	pallet::{
		Accounts, Config, Generations, LeavingBounds, LeavingCount, LeavingQueue, Markets, NextMarket,
		Offers, Pallet, TotalCash, Triggers,
	},
	triggers::Ladder,
	types::{Account, Place},
};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::Get};
use keel_math::{kept_tiers::KEPT_TIERS_MAX, keys::corner, Generation, TierIndex, I256};
use keel_primitives::{MarginAccount, MarketId, Quote, Side};
use sp_runtime::DispatchError;

type Checked = Result<(), DispatchError>;

const DOES_NOT_FIT: DispatchError = DispatchError::Other("a number does not fit");

impl<T: Config> Pallet<T> {
	/// All invariants of this pallet.
	pub fn do_try_state() -> Checked {
		Self::markets_are_in_order()?;
		Self::check_quote_and_size()?;
		Self::check_set_apart()?;
		Self::check_custody()?;
		Self::check_places()?;
		Self::check_queued()?;
		Self::check_heads()?;
		Self::check_units()?;
		Self::check_tiers()?;
		Self::check_queues()
	}

	fn markets_are_in_order() -> Checked {
		ensure!(NextMarket::<T>::get().0 <= T::MaxMarkets::get(), "more markets than there may be");
		ensure!(Markets::<T>::iter_keys().all(|id| id < NextMarket::<T>::get()), "a market without an id");
		for market in Markets::<T>::iter_values() {
			ensure!(market.params.check().is_ok(), "a market's rules do not fit together");
			ensure!(market.tiers.fits(&market.params.tiers), "a tier of a market's rules is not kept once");
			let at_rates = market.params.check_at(&market.tiers);
			ensure!(at_rates.is_ok(), "maintenance rates that a market's rules do not fit");
		}
		Ok(())
	}

	/// Invariants 1 and 2.
	fn check_quote_and_size() -> Checked {
		for id in Self::market_ids() {
			let market = Markets::<T>::get(id).ok_or("a listed market is there")?;
			let books = market.book.conservation();
			ensure!(books.quote, "paid in is not what is owed");
			ensure!(books.size, "longs and house do not own what shorts owe");
			let mut unsettled = I256::ZERO;
			for ((_, side, _), ended) in Generations::<T>::iter().filter(|((market, _, _), _)| *market == id)
			{
				let claims = I256::product(ended.left.0, ended.quote.0).map_err(|_| DOES_NOT_FIT)?;
				unsettled = match side {
					Side::Long => unsettled.plus(claims),
					Side::Short => unsettled.minus(claims),
				}
				.map_err(|_| DOES_NOT_FIT)?;
			}
			ensure!(unsettled == market.book.unsettled, "ended generations own something else");
		}
		Ok(())
	}

	/// Invariant 1, what is set apart. A position has fetched all that its generation was given before it was last
	/// touched; units that are kept for an earlier generation have fetched nothing.
	fn check_set_apart() -> Checked {
		let given = |(id, side, generation)| -> Option<(i128, u128)> {
			let ended = Generations::<T>::get((id, side, generation));
			if let Some(ended) = ended {
				return Some((ended.returns.given.0, ended.left.0));
			}
			let numbers = *Markets::<T>::get(id)?.book.side(side);
			(numbers.generation == generation).then_some((numbers.returns.given.0, numbers.units.0))
		};
		let mut owed: BTreeMap<MarketId, I256> = BTreeMap::new();
		let mut add = |id: MarketId, units: u128, level: i128| -> Checked {
			let share = I256::product(units, level).map_err(|_| DOES_NOT_FIT)?;
			let sum = owed.entry(id).or_insert(I256::ZERO);
			*sum = sum.plus(share).map_err(|_| DOES_NOT_FIT)?;
			Ok(())
		};
		let ended = Generations::<T>::iter_keys();
		let current = Markets::<T>::iter()
			.flat_map(|(id, market)| Side::BOTH.map(|side| (id, side, market.book.side(side).generation)));
		for place in ended.chain(current) {
			if let Some((given, units)) = given(place) {
				add(place.0, units, given)?;
			}
		}
		for position in Accounts::<T>::iter_values().flat_map(|account| account.positions) {
			add(position.market, position.units.0, position.borne.seen.given.0.saturating_neg())?;
		}
		for (id, market) in Markets::<T>::iter() {
			let fetchable = owed.get(&id).copied().unwrap_or(I256::ZERO);
			let all = fetchable.plus(I256::from(market.book.unclaimed)).map_err(|_| DOES_NOT_FIT)?;
			ensure!(all == market.book.set_apart, "what is set apart is not what positions may fetch");
		}
		Ok(())
	}

	/// Invariant 3.
	fn check_custody() -> Checked {
		let cash = Accounts::<T>::iter_values()
			.try_fold(0_i128, |sum, account| sum.checked_add(account.cash.0))
			.ok_or(DOES_NOT_FIT)?;
		ensure!(Quote(cash) == TotalCash::<T>::get(), "the sum of cash is another");
		ensure!(Self::custody_holds().is_ok(), "claims are not what custody counted and holds");
		Ok(())
	}

	/// Invariant 4, account by account.
	fn check_places() -> Checked {
		let mut keys = 0_usize;
		for (owner, sub, account) in Accounts::<T>::iter() {
			let who = MarginAccount::new(owner, sub);
			let filings = Self::filings(&account);
			keys = keys.saturating_add(filings.len());
			for filed in &filings {
				ensure!(Triggers::<T>::contains_key(Self::trigger(filed, &who)), "a key is not on file");
			}
			match account.place {
				Place::Idle => ensure!(account.positions.is_empty(), "an idle account has a position"),
				Place::Queued => ensure!(filings.is_empty(), "a queued account has a key"),
				Place::Filed => Self::check_filed(&account)?,
			}
			let markets: BTreeSet<MarketId> = account.positions.iter().map(|p| p.market).collect();
			ensure!(markets.len() == account.positions.len(), "two positions in a market");
			ensure!(account.positions.iter().all(|p| !p.units.is_zero()), "a position without units");
		}
		ensure!(Triggers::<T>::iter_keys().count() == keys, "a key that belongs to nobody");
		Ok(())
	}

	/// Invariant 4, side by side: how many of those who hold it or have lost on it are in liquidation.
	fn check_queued() -> Checked {
		let mut queued = BTreeMap::<_, u32>::new();
		for account in Accounts::<T>::iter_values() {
			for side in Self::in_liquidation_in(&account) {
				let count = queued.entry(side).or_default();
				*count = count.saturating_add(1);
			}
		}
		for (id, market) in Markets::<T>::iter() {
			for side in Side::BOTH {
				let count = queued.get(&(id, side)).copied().unwrap_or_default();
				ensure!(market.watch(side).queued == count, "another number is in liquidation");
			}
		}
		Ok(())
	}

	/// Invariant 4, tier by tier: how many positions are in it, of whatever generation and in whatever place.
	fn check_tiers() -> Checked {
		let mut held = BTreeMap::<_, u32>::new();
		for account in Accounts::<T>::iter_values() {
			for tier in Self::tiers_in(&account) {
				let count = held.entry(tier).or_default();
				*count = count.saturating_add(1);
			}
		}
		for (id, market) in Markets::<T>::iter() {
			for (index, tier) in market.tiers.iter() {
				let count = held.remove(&(id, index)).unwrap_or_default();
				ensure!(tier.positions == count, "a tier counts other positions");
			}
		}
		ensure!(held.is_empty(), "a position in a tier that is not kept");
		Ok(())
	}

	fn check_filed(account: &Account<T>) -> Checked {
		ensure!(!account.positions.is_empty(), "a filed account has no position");
		ensure!(account.losses.is_empty(), "a filed account remembers a liquidation");
		let mut terms = alloc::vec::Vec::new();
		for position in &account.positions {
			let key = position.key.ok_or("a filed position has no key")?;
			terms.push((position.side, position.units, key));
		}
		let corner = corner(account.cash, terms).map_err(|_| DOES_NOT_FIT)?;
		ensure!(corner >= I256::from(account.warning.unwrap_or_default()), "a corner is below its reserve");
		Ok(())
	}

	/// Invariant 4, ladder by ladder.
	fn check_heads() -> Checked {
		for (id, market) in Markets::<T>::iter() {
			for side in Side::BOTH {
				for tier in (0..).take(KEPT_TIERS_MAX).map(TierIndex) {
					let ladder = Ladder::new::<T>(id, side, tier, market.book.side(side).generation);
					// A head may be of a key that is gone. None that is there comes before it.
					let Some(first) = ladder.first::<T>().map(|rung| rung.key) else { continue };
					let head = market.watch(side).head(tier);
					let is_first = head.is_some_and(|head| !ladder.fires(head, first));
					ensure!(is_first, "a key comes before the head of its ladder");
				}
			}
		}
		for (id, side, _, generation, _, _) in Triggers::<T>::iter_keys() {
			let market = Markets::<T>::get(id).ok_or("a key of no market")?;
			ensure!(generation >= market.watch(side).drained_to, "a key behind the drained generations");
		}
		Ok(())
	}

	/// Invariant 5.
	fn check_units() -> Checked {
		let mut held: BTreeMap<(MarketId, Side, Generation), u128> = BTreeMap::new();
		let mut count = |place, units: u128| -> Checked {
			let sum = held.entry(place).or_default();
			*sum = sum.checked_add(units).ok_or(DOES_NOT_FIT)?;
			Ok(())
		};
		for account in Accounts::<T>::iter_values() {
			for position in &account.positions {
				count((position.market, position.side, position.generation), position.units.0)?;
			}
		}
		for ((market, side, generation), ended) in Generations::<T>::iter() {
			count((market, side, generation.next()), ended.reserved.0)?;
		}
		let held = held;
		let of = |place| held.get(&place).copied().unwrap_or_default();
		for (id, market) in Markets::<T>::iter() {
			for side in Side::BOTH {
				let numbers = market.book.side(side);
				ensure!(
					of((id, side, numbers.generation)) == numbers.units.0,
					"units are not those of positions"
				);
			}
		}
		for ((id, side, generation), ended) in Generations::<T>::iter() {
			ensure!(of((id, side, generation)) == ended.left.0, "ended units are not those of positions");
			ensure!(!ended.is_settled(), "a settled generation was kept");
		}
		Ok(())
	}

	/// Invariant 6.
	fn check_queues() -> Checked {
		let mut offers: BTreeMap<MarginAccount<T::AccountId>, u32> = BTreeMap::new();
		for terms in Offers::<T>::iter_values() {
			let count = offers.entry(terms.maker).or_default();
			*count = count.saturating_add(1);
		}
		for (owner, sub, account) in Accounts::<T>::iter() {
			let count = offers.remove(&MarginAccount::new(owner, sub)).unwrap_or_default();
			ensure!(count == account.offers, "an account counts other offers");
		}
		ensure!(offers.is_empty(), "an offer of nobody");
		let bounds = LeavingBounds::<T>::get();
		let mut of_owners: BTreeMap<T::AccountId, u32> = BTreeMap::new();
		let waiting = LeavingQueue::<T>::iter().try_fold(0_u64, |count, (index, entry)| {
			let of_owner = of_owners.entry(entry.account.owner.clone()).or_default();
			*of_owner = of_owner.saturating_add(1);
			let marked = Self::stored(&entry.account).leaving == entry.amount;
			let within = index >= bounds.first && index < bounds.next;
			(marked && within).then(|| count.saturating_add(1))
		});
		ensure!(waiting == Some(bounds.len()), "the queue of withdrawals is out of order");
		let counted: BTreeMap<T::AccountId, u32> = LeavingCount::<T>::iter().collect();
		ensure!(counted == of_owners, "an owner counts other withdrawals");
		Ok(())
	}
}
