// SPDX-License-Identifier: Apache-2.0
//! What every block does, in this order: check the books, move the levels, pay what waits, judge those whose
//! keys have fired, clear away expired offers and what calls with priority have left.

use crate::{
	desk::block_number,
	pallet::{Config, Event, LeavingBounds, LeavingQueue, Markets, OfferIds, Offers, Pallet},
	types::{Destination, Market},
	weights::WeightInfo,
};
use frame_support::{
	traits::Get,
	weights::{Weight, WeightMeter},
};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_math::{envelope::is_beyond, funding::premium, MathResult};
use keel_primitives::{Action, MarketId, Moment, Price, Side, SubAccount};
use keel_traits::{ImpactPrice, MarketGate, Observation, PriceFeed, SolvencyEnvelope};

impl<T: Config> Pallet<T> {
	/// Whether the limits that a runtime has chosen fit together.
	pub(crate) fn check_limits() {
		assert!(T::MaxPositions::get() <= 16, "sums are proven for sixteen positions");
		assert!(T::MaxPositions::get() > 0 && T::MaxOffers::get() > 0);
		assert!(T::DeadAfter::get() >= T::MaxOfferLife::get(), "no offer outlives the market it was made in");
		assert!(T::MaxLeaving::get() > 0 && T::MaxLeavingPerOwner::get() > 0);
		let markets = T::WeightInfo::open_market().saturating_mul(T::MaxMarkets::get().into());
		let one_each = markets
			.saturating_add(Self::leaving_weight(&Destination::Sub(SubAccount(0))).saturating_mul(2))
			.saturating_add(Self::judging())
			.saturating_add(T::WeightInfo::drain())
			.saturating_add(T::WeightInfo::close_out())
			.saturating_add(T::WeightInfo::expire_offer())
			.saturating_add(T::WeightInfo::forget_urgent());
		assert!(
			one_each.all_lte(T::HookWeight::get()),
			"the hook's share must do for all markets and one step of every queue"
		);
	}

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
		for id in Self::market_ids() {
			meter.consume(T::WeightInfo::open_market());
			let Some(before) = Markets::<T>::get(id) else { continue };
			let mut market = before.clone();
			Self::check_books(id, &mut market);
			if market.is_calm() {
				Self::set_references(&mut market);
			}
			if market.settlement.is_some() {
				Self::advance_settlement(id, &mut market, time, meter);
			} else {
				Self::move_levels(id, &mut market, time);
			}
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

	pub(crate) fn quarantine(id: MarketId, market: &mut Market) {
		market.quarantined = true;
		Self::deposit_event(Event::MarketQuarantined { market: id });
	}

	/// Nobody who has a part in the market waits for liquidation at the levels of the last block: what the next move
	/// gives to a side, and what may be taken back from it for a loss of that move, counts from here. Both sides or
	/// none: a debt is split by what losers have lost since theirs.
	fn set_references(market: &mut Market) {
		market.references = market.references.saturating_add(1);
		for side in Side::BOTH {
			if market.mark.in_bounds() {
				// A value out of range leaves the reference where it was; the market is quarantined below.
				let _ = market.book.set_reference(side, market.mark);
			}
		}
	}

	/// Mark follows the index while the market and its price move, a large move as far as two rounds in a row say; after
	/// they have stood still, from the first price on that has landed since. The clock of funding runs while they stand still, and while the chain is in safe mode, but
	/// nothing is accrued for that time.
	fn move_levels(id: MarketId, market: &mut Market, time: Moment) {
		let elapsed = time.saturating_sub(market.accrued_at).min(T::MaxFundingTime::get());
		market.accrued_at = time.max(market.accrued_at);
		let index = T::Prices::observe(market.feed);
		let status = T::Gate::status(id);
		let moves = status.moves_levels() && !market.quarantined;
		if !moves || !index.state.allows(Action::Fund) || !index.price.in_bounds() {
			market.stood_still_at = time;
			return;
		}
		// What the world did while the market stood still is not in a price of before.
		if index.renewed_at <= market.stood_still_at && market.stood_still_at > 0 {
			return;
		}
		let mark = market.follows(&index);
		Self::tell_move(id, market, &index, mark, time);
		if mark == market.mark && mark != index.price {
			// Nobody trades or is liquidated at a mark that may be wrong by that much.
			return;
		}
		// While the whole chain is shut nobody can leave: nobody pays for staying.
		let elapsed = if T::SafeMode::get() { 0 } else { elapsed };
		// The step is taken whole or not at all: a number out of bounds stops this market alone.
		let mut next = market.clone();
		// While it is guarded, after a trip above all, nobody is brought nearer to liquidation by a rule.
		if status.accepts_new_risk() {
			next.move_maintenance(T::MaintenanceStep::get());
		}
		let impact = T::Impact::impact_price(id);
		if Self::step(&mut next, impact, mark, elapsed).is_ok() {
			*market = next;
			market.marked_in = block_number::<T>();
		} else {
			Self::quarantine(id, market);
		}
	}

	/// Tell of a move beyond the solvency envelope, once for each round: that it waits, that a second round has confirmed
	/// it, or that the second says nothing of the kind.
	fn tell_move(id: MarketId, market: &Market, seen: &Observation, to: Price, time: Moment) {
		let from = market.mark;
		let is_beyond = |price| from.in_bounds() && is_beyond(from, price, market.params.largest_move);
		if seen.renewed_at != time {
			return;
		}
		if to != seen.price {
			Self::deposit_event(Event::MoveWaits { market: id, mark: to, price: seen.price });
		}
		if is_beyond(to) {
			Self::deposit_event(Event::MoveConfirmed { market: id, from, to });
		} else if is_beyond(seen.before) && to == seen.price {
			Self::deposit_event(Event::MoveWithdrawn { market: id, price: seen.before, mark: to });
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
			market.levels_fit(side)?;
		}
		Ok(())
	}

	/// Pay what was asked for before this block, oldest first. Who waits for a price goes to the end of the queue, and
	/// nothing leaves while the chain is in safe mode.
	fn pay_leaving(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		if T::SafeMode::get() {
			return;
		}
		let mut bounds = LeavingBounds::<T>::get();
		let end = bounds.next;
		while bounds.first < end {
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
			if Self::waits_for_price(&entry) {
				LeavingQueue::<T>::insert(bounds.next, entry);
				bounds.next = bounds.next.saturating_add(1);
			} else {
				Self::execute_leaving(entry);
			}
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
}

impl<T: Config> SolvencyEnvelope for Pallet<T> {
	fn waits_for_second_round(market: MarketId, seen: &Observation) -> bool {
		Markets::<T>::get(market)
			.is_some_and(|market| seen.price.in_bounds() && market.follows(seen) != seen.price)
	}
}
