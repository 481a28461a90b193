// SPDX-License-Identifier: Apache-2.0
//! What every block does, in this order: check the books, move the levels, pay what waits, judge those whose
//! keys have fired, clear away expired offers and what calls with priority have left.

use crate::{
	accounts::Cause,
	desk::Desk,
	pallet::{Config, Event, LeavingBounds, LeavingQueue, Markets, NextMarket, OfferIds, Offers, Pallet},
	triggers::{Headless, Ladder, Rung},
	types::{Destination, Market},
	weights::WeightInfo,
};
use frame_support::{
	defensive_assert,
	storage::with_storage_layer,
	traits::Get,
	weights::{Weight, WeightMeter},
};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_math::{funding::premium, tiers::TIERS_MAX, Level, MathResult, TierIndex};
use keel_primitives::{Action, MarginAccount, MarketId, Moment, Price, Side};
use keel_traits::{ImpactPrice, MarketGate, OnUnhealthy, PriceFeed};
use sp_runtime::{traits::UniqueSaturatedInto, DispatchError};

impl<T: Config> Pallet<T> {
	pub(crate) fn open_block(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		let custody_holds = Self::open_markets(meter);
		// Half of what is left at most: withdrawals must not keep anybody from being judged.
		let mut half = WeightMeter::with_limit(meter.remaining().saturating_div(2));
		if custody_holds {
			Self::pay_leaving(now, &mut half);
		}
		meter.consume(half.consumed());
		Self::judge_fired(now, meter);
		Self::expire_offers(now, meter);
		Self::forget_urgent(now, meter);
	}

	/// Check the books and move the levels of all markets: the hook's share is enough for all of them.
	/// Returns whether custody adds up: while it does not, nothing leaves and the queue waits.
	pub(crate) fn open_markets(meter: &mut WeightMeter) -> bool {
		let custody = Self::custody_holds();
		if let Err((claims, counted)) = custody {
			Self::deposit_event(Event::CustodyBroken { claims, counted });
		}
		let time = T::Now::get();
		let is_calm = T::Unhealthy::is_calm() && Self::everybody_is_judged();
		for id in Self::market_ids() {
			meter.consume(T::WeightInfo::open_market());
			let Some(before) = Markets::<T>::get(id) else { continue };
			let mut market = before.clone();
			Self::check_books(id, &mut market);
			if is_calm {
				Self::set_references(&mut market);
			}
			Self::move_levels(id, &mut market, time);
			if market != before {
				Markets::<T>::insert(id, market);
			}
		}
		custody.is_ok()
	}

	/// A market whose equations fail takes no new risk, and its levels stand still.
	fn check_books(id: MarketId, market: &mut Market) {
		if !market.quarantined && !market.book.conservation().holds() {
			Self::quarantine(id, market);
		}
	}

	fn quarantine(id: MarketId, market: &mut Market) {
		market.quarantined = true;
		Self::deposit_event(Event::MarketQuarantined { market: id });
	}

	/// Whether the last block has judged everybody whose key had fired, in all markets.
	fn everybody_is_judged() -> bool {
		Self::market_ids()
			.filter_map(Markets::<T>::get)
			.all(|market| Side::BOTH.into_iter().all(|side| !market.has_unjudged(side)))
	}

	/// Nobody waits for liquidation at the levels of the last block: what the next move gives to a side, and
	/// what may be taken back from it for a loss of that move, counts from here.
	fn set_references(market: &mut Market) {
		// Both or none: a debt is split by what losers have lost since theirs.
		if Side::BOTH.into_iter().any(|side| market.may_have_to_pay(side)) {
			return;
		}
		for side in Side::BOTH {
			if market.mark.in_bounds() {
				// A value out of range leaves the reference where it was; the market is quarantined below.
				let _ = market.book.set_reference(side, market.mark);
			}
		}
	}

	/// Mark is the index while the market and its price move. The clock of funding runs while they stand
	/// still, but nothing is accrued for that time.
	fn move_levels(id: MarketId, market: &mut Market, time: Moment) {
		let elapsed = time.saturating_sub(market.accrued_at).min(T::MaxFundingTime::get());
		market.accrued_at = time.max(market.accrued_at);
		let index = T::Prices::observe(market.feed);
		let moves = T::Gate::status(id).moves_levels() && !market.quarantined;
		if !moves || !index.state.allows(Action::Fund) || !index.price.in_bounds() {
			return;
		}
		// The step is taken whole or not at all: a number out of bounds stops this market alone.
		let mut next = market.clone();
		let impact = T::Impact::impact_price(id);
		if Self::step(&mut next, impact, index.price, elapsed).is_ok() {
			*market = next;
		} else {
			Self::quarantine(id, market);
		}
	}

	/// Funding for the time that has passed is paid at the price that was valid in it, and so is the premium
	/// sampled: what the book has offered since then against the index of then.
	fn step(market: &mut Market, impact: Option<Price>, price: Price, elapsed: Moment) -> MathResult<()> {
		if market.mark.in_bounds() {
			market.book.fund(market.mark, market.params.funding_rate(market.premium.average()), elapsed)?;
			let premium = impact.map(|impact| premium(impact, market.mark)).transpose()?;
			market.premium.hold(premium, elapsed);
		}
		market.mark = price;
		for side in Side::BOTH {
			// The extreme rates of the tiers.
			market.maintenance_level(side, TierIndex::FIRST)?;
			market.maintenance_level(side, TierIndex(u8::MAX))?;
		}
		Ok(())
	}

	/// Pay what was asked for before this block, oldest first.
	fn pay_leaving(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		let mut bounds = LeavingBounds::<T>::get();
		while !bounds.is_empty() {
			let entry = LeavingQueue::<T>::get(bounds.first);
			let weight =
				entry.as_ref().map_or_else(T::WeightInfo::leave, |entry| Self::leaving_weight(&entry.to));
			if meter.try_consume(weight).is_err() {
				break;
			}
			let Some(entry) = entry else {
				bounds.first = bounds.first.saturating_add(1);
				continue;
			};
			if entry.since >= now {
				break;
			}
			LeavingQueue::<T>::remove(bounds.first);
			bounds.first = bounds.first.saturating_add(1);
			Self::execute_leaving(entry);
		}
		LeavingBounds::<T>::put(bounds);
	}

	/// What it costs when money leaves: a transfer also touches the account it goes to.
	pub(crate) fn leaving_weight(to: &Destination) -> Weight {
		match to {
			Destination::Owner => T::WeightInfo::leave(),
			Destination::Sub(_) => T::WeightInfo::leave().saturating_add(T::WeightInfo::deposit()),
		}
	}

	/// Remove expired offers in order of their ids, up to the first that is still good.
	fn expire_offers(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		/// The most that are removed in a block: more than can be made in one for long.
		const PER_BLOCK: usize = 32;
		let before = OfferIds::<T>::get();
		let mut ids = before;
		for _ in 0..PER_BLOCK {
			if ids.is_empty() || meter.try_consume(T::WeightInfo::expire_offer()).is_err() {
				break;
			}
			match Offers::<T>::get(ids.first) {
				Some(terms) if terms.expires >= now => break,
				Some(terms) => {
					Self::remove_offer(ids.first, &terms);
					Self::deposit_event(Event::OfferExpired { offer: ids.first });
				}
				None => {}
			}
			ids.first = ids.first.saturating_add(1);
		}
		if ids != before {
			OfferIds::<T>::put(ids);
		}
	}

	/// Judge whoever's key has fired, and whoever is left in ended generations. Starts at another market
	/// in each block, so that a market with many does not hold up the others.
	pub(crate) fn judge_fired(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		let mut headless = Headless::new();
		let count = NextMarket::<T>::get().0;
		let now: u32 = now.unique_saturated_into();
		let start = now.checked_rem(count).unwrap_or(0);
		for id in (start..count).chain(0..start).map(MarketId) {
			let mut market = Markets::<T>::get(id);
			for side in Side::BOTH {
				if market.as_ref().is_some_and(|market| market.has_unjudged(side)) {
					Self::drain_ended(id, side, &mut headless, meter);
					Self::walk_fired(id, side, &mut headless, meter);
					market = Markets::<T>::get(id);
				}
			}
		}
		Self::set_heads(headless);
	}

	/// The walks are over, wherever the weight has ended: find the heads of the ladders that have lost theirs. It
	/// is part of what judging each account was charged for.
	pub(crate) fn set_heads(headless: Headless) {
		let mut desk = Desk::default();
		let found = Self::find_heads(&mut desk, headless);
		defensive_assert!(found.is_ok(), "accounts have keys only in markets that there are");
		desk.put_back();
	}

	/// Walk the ladders of a side from their heads while keys have fired.
	fn walk_fired(id: MarketId, side: Side, headless: &mut Headless, meter: &mut WeightMeter) {
		let Some(market) = Markets::<T>::get(id) else { return };
		// Levels stand still while accounts are judged: nothing in here moves them.
		for (tier, head) in market.watch(side).heads() {
			if let Ok(level) = market.maintenance_level(side, tier) {
				let ladder = Ladder::new::<T>(id, side, tier, market.book.side(side).generation);
				Self::walk_ladder(id, &ladder, level, head, headless, meter);
			}
		}
	}

	/// Walk one ladder from its head while keys are beyond `level`.
	fn walk_ladder(
		id: MarketId,
		ladder: &Ladder,
		level: Level,
		head: Level,
		headless: &mut Headless,
		meter: &mut WeightMeter,
	) {
		if !ladder.fires(level, head) {
			return;
		}
		let mut rung = ladder.from::<T>(head);
		while let Some(Rung { key, account, place }) = rung {
			if !ladder.fires(level, key) || meter.try_consume(Self::judging()).is_err() {
				return;
			}
			Self::judge_one(id, &account, Cause::Fired, headless);
			rung = ladder.after::<T>(&place);
		}
	}

	/// Touch everybody whose position belongs to an ended generation: it is settled or converted, judged at
	/// the last level, and filed again.
	pub(crate) fn drain_ended(id: MarketId, side: Side, headless: &mut Headless, meter: &mut WeightMeter) {
		let Some(market) = Markets::<T>::get(id) else { return };
		let (mut oldest, current) = (market.watch(side).drained_to, market.book.side(side).generation);
		while oldest < current {
			if meter.try_consume(T::WeightInfo::drain()).is_err() {
				return;
			}
			for tier in (0..).take(TIERS_MAX).map(TierIndex) {
				let ladder = Ladder::new::<T>(id, side, tier, oldest);
				let mut rung = ladder.first::<T>();
				while let Some(Rung { account, place, .. }) = rung {
					if meter.try_consume(Self::judging()).is_err() {
						return;
					}
					Self::judge_one(id, &account, Cause::Touched(None), headless);
					rung = ladder.after::<T>(&place);
				}
			}
			oldest = oldest.next();
			Markets::<T>::mutate_extant(id, |market| market.watch_mut(side).drained_to = oldest);
		}
	}

	/// What judging an account costs at most: it is filed again, or handed over to liquidation.
	pub(crate) fn judging() -> Weight {
		T::WeightInfo::judge().max(T::WeightInfo::seize())
	}

	/// Judge one account. If its numbers do not fit, which bounded amounts cannot reach, its market is
	/// quarantined and the account is left as it is.
	pub(crate) fn judge_one(
		id: MarketId,
		account: &MarginAccount<T::AccountId>,
		cause: Cause,
		headless: &mut Headless,
	) {
		let judged: Result<(), DispatchError> =
			with_storage_layer(|| Self::touch_in_walk(headless, account, cause));
		if judged.is_err() {
			Markets::<T>::mutate_extant(id, |market| Self::quarantine(id, market));
		}
	}
}
