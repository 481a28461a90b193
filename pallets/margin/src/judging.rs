// SPDX-License-Identifier: Apache-2.0
//! Judging whoever's key has fired, and whoever is left in ended generations, within the hook's share of a block.
//!
//! Who waits stands in *lines*: one for each ladder of which keys have fired, and one for each side with ended
//! generations. The line of the largest positions comes first, and none can take the block from the others: each has
//! an equal part of the weight, and only what the others leave of theirs beyond it. An account is charged for what it
//! touches, not for the most that one could.

use crate::{
	accounts::{Cause, Touched},
	desk::Desk,
	pallet::{Config, Event, Markets, NextMarket, Pallet},
	triggers::{Headless, Ladder, Rung},
	types::{Account, Market, Place, DAY_MS},
	weights::WeightInfo,
};
use alloc::{collections::BTreeMap, vec::Vec};
use core::cmp::Reverse;
use frame_support::{
	defensive_assert,
	storage::with_storage_layer,
	traits::Get,
	weights::{Weight, WeightMeter},
};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_math::{Level, TierIndex};
use keel_ordered::Entry;
use keel_primitives::{MarginAccount, MarketId, Quote, Side};
use keel_traits::LossAbsorber;
use sp_runtime::{traits::UniqueSaturatedInto, DispatchError};

/// Accounts of one side of a market that wait to be judged.
struct Line {
	market: MarketId,
	side: Side,
	/// How large their positions may be.
	reach: Quote,
	/// Where they are.
	place: LinePlace,
	/// Whether nobody is left in it.
	is_done: bool,
}

enum LinePlace {
	/// In ended generations.
	Ended,
	/// On the ladder of a tier, from its head or behind the last that was judged.
	Tier { tier: TierIndex, head: Level, last: Option<Entry> },
}

/// What the walks of a block leave to be done when they are over.
#[derive(Default)]
pub(crate) struct Walked {
	/// Ladders that may have lost their first key.
	pub headless: Headless,
	/// What the accounts judged in a market have paid for it.
	pub fees: BTreeMap<MarketId, Quote>,
}

impl<T: Config> Pallet<T> {
	/// Judge whoever's key has fired, and whoever is left in ended generations.
	pub(crate) fn judge_fired(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		let mut walked = Walked::default();
		let mut lines = Self::lines(now);
		// Each has its part first. What a part is too small for waits for the line's turn to be the first.
		for waiting in (1..=lines.len()).rev() {
			let Some(line) = lines.len().checked_sub(waiting).and_then(|index| lines.get_mut(index)) else {
				break;
			};
			let left = meter.remaining();
			let part = left.checked_div(waiting.unique_saturated_into()).unwrap_or(left);
			let mut own = WeightMeter::with_limit(part.max(Self::judging()).min(left));
			Self::walk(line, &mut walked, &mut own);
			meter.consume(own.consumed());
		}
		for line in lines.iter_mut().filter(|line| !line.is_done) {
			Self::walk(line, &mut walked, meter);
		}
		Self::finish(walked);
	}

	/// Where somebody waits: the largest positions first, but for one line whose turn it is, so that each is the first
	/// in one block of as many as there are.
	fn lines(now: BlockNumberFor<T>) -> Vec<Line> {
		let count = NextMarket::<T>::get().0;
		let now: u32 = now.unique_saturated_into();
		let start = now.checked_rem(count).unwrap_or(0);
		let mut lines = Vec::new();
		for id in (start..count).chain(0..start).map(MarketId) {
			let Some(market) = Markets::<T>::get(id) else { continue };
			for side in Side::BOTH {
				Self::lines_of(id, side, &market, &mut lines);
			}
		}
		lines.sort_by_key(|line| Reverse(line.reach));
		let turn: Option<usize> =
			u32::try_from(lines.len()).ok().and_then(|all| now.checked_rem(all)).map(|turn| turn as usize);
		if let Some(before) = turn.and_then(|turn| lines.get_mut(..=turn)) {
			before.rotate_right(1);
		}
		lines
	}

	fn lines_of(id: MarketId, side: Side, market: &Market, lines: &mut Vec<Line>) {
		let mut push = |reach, place| lines.push(Line { market: id, side, reach, place, is_done: false });
		if market.watch(side).drained_to < market.book.side(side).generation {
			push(Quote(i128::MAX), LinePlace::Ended);
		}
		for (tier, head) in market.watch(side).heads() {
			let generation = market.book.side(side).generation;
			let ladder = Ladder::new::<T>(id, side, tier, generation);
			if market.maintenance_level(side, tier).is_ok_and(|level| ladder.fires(level, head)) {
				// A retired tier stands where its positions reach to.
				let reach = market.tiers.get(tier).map(|tier| tier.up_to).unwrap_or_default();
				push(reach, LinePlace::Tier { tier, head, last: None });
			}
		}
	}

	/// Judge those who wait in a line, from where it was left, while there is weight.
	fn walk(line: &mut Line, walked: &mut Walked, meter: &mut WeightMeter) {
		let (id, side) = (line.market, line.side);
		line.is_done = match &mut line.place {
			LinePlace::Ended => Self::drain_ended(id, side, walked, meter),
			LinePlace::Tier { tier, head, last } => {
				Self::walk_ladder(id, side, *tier, *head, last, walked, meter)
			}
		};
	}

	/// Walk one ladder while keys are beyond its level. Levels stand still while accounts are judged: nothing in here
	/// moves them. `false`: no weight is left.
	fn walk_ladder(
		id: MarketId,
		side: Side,
		tier: TierIndex,
		head: Level,
		last: &mut Option<Entry>,
		walked: &mut Walked,
		meter: &mut WeightMeter,
	) -> bool {
		let Some(market) = Markets::<T>::get(id) else { return true };
		let Ok(level) = market.maintenance_level(side, tier) else { return true };
		let ladder = Ladder::new::<T>(id, side, tier, market.book.side(side).generation);
		loop {
			// Before the next one is looked for: keys that were deleted are passed once.
			if !meter.can_consume(Self::judging()) {
				return false;
			}
			let rung = match last {
				None => ladder.from::<T>(head),
				Some(place) => ladder.after::<T>(place),
			};
			let Some(Rung { account, place, .. }) = rung.filter(|rung| ladder.fires(level, rung.key)) else {
				if last.is_none() {
					// Who was the first has left since. That costs no more than to leave a generation behind.
					meter.consume(T::WeightInfo::drain().min(meter.remaining()));
				}
				// The head may be one that has left, also where others were judged after it.
				walked.headless.insert((id, side, tier));
				return true;
			};
			Self::judge_metered(id, &account, Cause::Fired, walked, meter);
			*last = Some(place);
		}
	}

	/// Touch everybody whose position belongs to an ended generation: it is settled or converted, judged at
	/// the last level, and filed again. `false`: no weight is left.
	pub(crate) fn drain_ended(
		id: MarketId,
		side: Side,
		walked: &mut Walked,
		meter: &mut WeightMeter,
	) -> bool {
		let Some(market) = Markets::<T>::get(id) else { return true };
		let (mut oldest, current) = (market.watch(side).drained_to, market.book.side(side).generation);
		while oldest < current {
			if meter.try_consume(T::WeightInfo::drain()).is_err() {
				return false;
			}
			for (tier, _) in market.tiers.iter().rev() {
				let ladder = Ladder::new::<T>(id, side, tier, oldest);
				let mut rung = ladder.first::<T>();
				while let Some(Rung { account, place, .. }) = rung {
					if !meter.can_consume(Self::judging()) {
						return false;
					}
					Self::judge_metered(id, &account, Cause::Touched(None), walked, meter);
					rung = ladder.after::<T>(&place);
				}
			}
			oldest = oldest.next();
			Markets::<T>::mutate_extant(id, |market| market.watch_mut(side).drained_to = oldest);
		}
		true
	}

	/// What judging an account is set aside for: it has as many positions as it may have, each of an ended generation,
	/// and is filed again or handed over to liquidation.
	pub(crate) fn judging() -> Weight {
		let most = T::MaxPositions::get();
		T::WeightInfo::judge(most)
			.max(T::WeightInfo::seize(most))
			.saturating_add(T::WeightInfo::settle().saturating_mul(most.into()))
			.saturating_add(T::WeightInfo::keep_fees())
	}

	/// What judging an account has cost.
	pub(crate) fn judged(touched: &Touched) -> Weight {
		let judging = match touched.seized {
			true => T::WeightInfo::seize(touched.positions),
			false => T::WeightInfo::judge(touched.positions),
		};
		judging.saturating_add(T::WeightInfo::settle().saturating_mul(touched.settled.into()))
	}

	fn judge_metered(
		id: MarketId,
		account: &MarginAccount<T::AccountId>,
		cause: Cause,
		walked: &mut Walked,
		meter: &mut WeightMeter,
	) {
		let knows_market = walked.fees.contains_key(&id);
		let mut weight = Self::judge_one(id, account, cause, walked);
		if !knows_market && walked.fees.contains_key(&id) {
			weight.saturating_accrue(T::WeightInfo::keep_fees());
		}
		// More than was set aside only of a position whose side was re-based more than once since it was touched.
		meter.consume(weight.min(meter.remaining()));
	}

	/// Judge one account, and say what that was. If its numbers do not fit, which bounded amounts cannot reach, its
	/// market is quarantined and the account is left as it is.
	pub(crate) fn judge_one(
		id: MarketId,
		account: &MarginAccount<T::AccountId>,
		cause: Cause,
		walked: &mut Walked,
	) -> Weight {
		let headless = &mut walked.headless;
		let judged: Result<Touched, DispatchError> =
			with_storage_layer(|| Self::touch_in_walk(headless, account, cause));
		let Ok(touched) = judged else {
			Markets::<T>::mutate_extant(id, |market| Self::quarantine(id, market));
			return Self::judging();
		};
		if !touched.fee.is_zero() {
			let fees = walked.fees.entry(id).or_default();
			fees.0 = fees.0.saturating_add(touched.fee.0);
			Self::deposit_event(Event::RefilingFeePaid {
				account: account.clone(),
				market: id,
				amount: touched.fee,
			});
		}
		Self::judged(&touched)
	}

	/// The walks are over, wherever the weight has ended: find the heads of the ladders that have lost theirs, and keep
	/// what was paid. It is part of what judging each account was charged for.
	pub(crate) fn finish(walked: Walked) {
		let mut desk = Desk::default();
		let found = Self::find_heads(&mut desk, walked.headless);
		defensive_assert!(found.is_ok(), "accounts have keys only in markets that there are");
		desk.put_back();
		for (id, amount) in walked.fees {
			Self::keep_for(id, amount);
		}
	}

	/// Keep what a market has earned: its debt is repaid first.
	pub(crate) fn keep_for(id: MarketId, amount: Quote) {
		let repaid = <Self as keel_traits::Clearing<T::AccountId>>::repay(id, amount);
		T::Losses::keep(id, Quote(amount.0.saturating_sub(repaid.0)));
	}

	/// A key that fires and finds its account healthy has cost the block a judging: the account pays a small fee, up to
	/// a cap within a day, and never more than what it has above its requirement.
	pub(crate) fn take_refiling_fee(
		desk: &mut Desk<T>,
		account: &mut Account<T>,
		cause: Cause,
	) -> Result<Quote, DispatchError> {
		if cause != Cause::Fired || account.place == Place::Queued || account.positions.is_empty() {
			return Ok(Quote::ZERO);
		}
		let health = Self::judgement(&Self::standing_on(desk, account)?)?.health;
		let (now, most) = (T::Now::get(), T::RefilingFeesPerDay::get());
		let left = Quote(most.0.saturating_sub(account.refiling.spent(now, DAY_MS).0));
		let fee = T::RefilingFee::get().min(left).min(health).max(Quote::ZERO);
		let Some(refiling) = account.refiling.charge(now, fee, DAY_MS, most).filter(|_| !fee.is_zero())
		else {
			return Ok(Quote::ZERO);
		};
		account.refiling = refiling;
		account.cash = crate::accounts::minus::<T>(account.cash, fee)?;
		Ok(fee)
	}
}
