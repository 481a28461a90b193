// SPDX-License-Identifier: Apache-2.0
//! What a block does with the queue, within its share of weight.

use crate::{pallet::*, waterfall::Next, Config, WeightInfo, EXPOSURES_MAX};
use frame_support::weights::{Weight, WeightMeter};
use keel_primitives::{MarginAccount, MarketId};
use keel_traits::Liquidatable;

/// How often one account takes a step in one block. Restoring it takes one step, closing it as many as
/// it has positions; more means that rounding makes steps small. It goes on in the next block.
const STEPS_MAX: u32 = 2 * EXPOSURES_MAX;

/// The share of a block that goes into waking parked accounts: they must not hold up those in line.
const WAKE_SHARE: u64 = 4;

/// The largest unit of work that has to fit into a block's share.
pub(crate) fn largest_step<T: Config>() -> Weight {
	T::WeightInfo::idle()
		.saturating_add(T::WeightInfo::step())
		.saturating_add(T::WeightInfo::resolve(EXPOSURES_MAX))
}

impl<T: Config> Pallet<T> {
	/// Work off the queue from its head, and say what that cost: at most `limit`.
	pub(crate) fn work(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		if meter.try_consume(T::WeightInfo::idle()).is_err() {
			return meter.consumed();
		}
		// The first step may always be taken: waking uses only what is beyond it.
		let spare = limit.saturating_sub(largest_step::<T>()).saturating_div(WAKE_SHARE);
		meter.consume(Self::wake(spare));
		Self::walk(&mut meter);
		meter.consumed()
	}

	/// One cursor walks the queue: keys deleted behind it in this block are never passed again.
	fn walk(meter: &mut WeightMeter) {
		let aside_now = Self::aside_now();
		for (rank, account) in Queue::<T>::iter_keys() {
			if rank >= aside_now || !Self::attend(&account, meter) {
				return;
			}
		}
	}

	/// Take steps with one account until it is done for this block. `false`: no weight is left.
	fn attend(account: &MarginAccount<T::AccountId>, meter: &mut WeightMeter) -> bool {
		for _ in 0..STEPS_MAX {
			if meter.try_consume(T::WeightInfo::step()).is_err() {
				return false;
			}
			match Self::step(account, meter) {
				Next::Again => continue,
				Next::Done | Next::Parked => return true,
				Next::NoWeight => return false,
			}
		}
		true
	}

	/// Put accounts back in line whose market can be liquidated again. Asks once for each market that
	/// somebody waits for.
	fn wake(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		for market in ParkedCount::<T>::iter_keys() {
			if meter.try_consume(T::WeightInfo::wake()).is_err() {
				break;
			}
			let first = Parked::<T>::iter_key_prefix(market).next();
			if !first.is_some_and(|account| Self::is_liquidatable(&account, market)) {
				continue;
			}
			for account in Parked::<T>::iter_key_prefix(market) {
				if meter.try_consume(T::WeightInfo::wake()).is_err() {
					break;
				}
				Self::unpark(&account);
			}
		}
		meter.consumed()
	}

	/// Whether nothing in `market` keeps the account waiting.
	fn is_liquidatable(account: &MarginAccount<T::AccountId>, market: MarketId) -> bool {
		let mut here = T::Margin::exposures(account).into_iter().filter(|exposure| exposure.market == market);
		here.all(|exposure| exposure.liquidatable)
	}
}
