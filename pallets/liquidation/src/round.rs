// SPDX-License-Identifier: Apache-2.0
//! What a block does with the queue, within its share of weight.

use crate::{pallet::*, waterfall::Next, Config, Rank, WeightInfo, EXPOSURES_MAX};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	storage::StoragePrefixedMap,
	weights::{Weight, WeightMeter},
};
use keel_primitives::MarginAccount;
use keel_traits::Liquidatable;

/// How often one account takes a step in one block. Restoring it takes one step, closing it as many as
/// it has positions; more means that rounding makes steps small. It goes on in the next block.
const STEPS_MAX: u32 = 2 * EXPOSURES_MAX;

/// Of what a block has beyond its first step, waking parked accounts, judging accounts in line again and paying an
/// old debt use one part in so many each: the rest works the queue off.
const SIDE_SHARE: u64 = 4;

/// One step with an account that has so many positions, whatever it does: take one of somebody solvent or bankrupt,
/// or park; without one, let it go.
pub(crate) fn any_step<T: Config>(positions: u32) -> Weight {
	if positions == 0 {
		return T::WeightInfo::release();
	}
	T::WeightInfo::step(positions).max(T::WeightInfo::close(positions)).max(T::WeightInfo::park(positions))
}

/// What a step may do besides: pay for what is gone, or pay back.
pub(crate) fn any_payment<T: Config>() -> Weight {
	T::WeightInfo::resolve(EXPOSURES_MAX).max(T::WeightInfo::pay_back(EXPOSURES_MAX))
}

/// Judging a parked account, putting it back in line, and noting that it is bankrupt.
pub(crate) fn waking<T: Config>() -> Weight {
	T::WeightInfo::wake().saturating_add(T::WeightInfo::advance())
}

/// The largest unit of work that has to fit into a block's share.
pub(crate) fn largest_step<T: Config>() -> Weight {
	T::WeightInfo::idle().saturating_add(any_step::<T>(EXPOSURES_MAX)).saturating_add(any_payment::<T>())
}

/// The least share of a block in which every kind of work makes progress.
pub(crate) fn least_share<T: Config>() -> Weight {
	let rejudging = T::WeightInfo::rejudge(EXPOSURES_MAX).saturating_add(T::WeightInfo::advance());
	let waking = T::WeightInfo::ask().saturating_add(waking::<T>());
	largest_step::<T>()
		.saturating_add(rejudging.max(waking).max(T::WeightInfo::pay_old_debt()).saturating_mul(SIDE_SHARE))
}

impl<T: Config> Pallet<T> {
	/// Work off the queue from its head, and say what that cost: at most `limit`.
	pub(crate) fn work(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		if meter.try_consume(T::WeightInfo::idle()).is_err() {
			return meter.consumed();
		}
		// The first step may always be taken: what else there is to do uses only what is beyond it.
		let spare = limit.saturating_sub(largest_step::<T>()).saturating_div(SIDE_SHARE);
		meter.consume(Self::wake(spare));
		meter.consume(Self::rejudge(spare));
		meter.consume(Self::pay_old_debts(spare));
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
			// For what it has now: each position that is gone makes the next step cheaper.
			if meter.try_consume(any_step::<T>(T::Margin::positions(account))).is_err() {
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
	pub(crate) fn wake(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		for market in ParkedCount::<T>::iter_keys() {
			if meter.try_consume(T::WeightInfo::ask()).is_err() {
				break;
			}
			if !T::Margin::is_liquidatable(market) {
				continue;
			}
			for account in Parked::<T>::iter_key_prefix(market) {
				if meter.try_consume(waking::<T>()).is_err() {
					break;
				}
				Self::unpark(&account);
			}
		}
		meter.consumed()
	}

	/// Judge those again who were solvent when they got in line, in the order of the line, and let who has
	/// become worse come earlier. Who does not fit into a block is judged in the next one.
	///
	/// The bankrupt are first already, and who was put aside stays behind the others.
	pub(crate) fn rejudge(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		let before = Rejudged::<T>::get();
		let (mut last, mut is_done) = (before.clone(), true);
		for (rank, account) in Queue::<T>::iter_keys_from(Self::place_behind(before.as_ref())) {
			if rank.is_aside() {
				break;
			}
			is_done = Self::rejudge_one(&account, rank, &mut meter);
			if !is_done {
				break;
			}
			last = Some((rank, account));
		}
		let after = last.filter(|_| !is_done);
		if after != before {
			Rejudged::<T>::set(after);
		}
		meter.consumed()
	}

	/// `false`: no weight is left.
	fn rejudge_one(account: &MarginAccount<T::AccountId>, rank: Rank, meter: &mut WeightMeter) -> bool {
		if meter.try_consume(T::WeightInfo::rejudge(T::Margin::positions(account))).is_err() {
			return false;
		}
		let judgement = T::Margin::judge(account);
		let earlier = Self::rank_of(judgement.as_ref());
		if earlier < rank {
			if meter.try_consume(T::WeightInfo::advance()).is_err() {
				return false;
			}
			Self::advance(account, earlier, judgement.as_ref());
		}
		true
	}

	/// The raw key behind which the line is judged again: the last account that was, or the last of the
	/// bankrupt.
	fn place_behind(last: Option<&(Rank, MarginAccount<T::AccountId>)>) -> Vec<u8> {
		last.map_or_else(
			|| {
				let mut key = Queue::<T>::final_prefix().to_vec();
				Rank::solvent().encode_to(&mut key);
				key
			},
			Queue::<T>::hashed_key_for,
		)
	}
}
