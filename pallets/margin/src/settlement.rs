// SPDX-License-Identifier: Apache-2.0
//! The end of a market that is dead: it is settled at a stated price, and may be listed again.
//!
//! 1. A vote states a price. Nobody could trade for a while before: nobody jumps in or escapes.
//! 2. In the next block the price becomes the mark. Whoever is unhealthy or bankrupt by it is found by his keys;
//!    liquidation closes what he has there at that price, for nothing, and the waterfall pays for what is lacking.
//! 3. When nobody waits any more, both sides are closed against each other at once: positions are claims. All of
//!    them are settled within the hook's share of a block, from where the last one stopped.
//! 4. Nothing is left in the market. It can be listed again.

use crate::{
	desk::block_number,
	pallet::{Config, Error, Event, Markets, Pallet},
	types::{Market, Settlement},
	weights::WeightInfo,
};
use frame_support::{ensure, traits::Get, weights::WeightMeter};
use keel_math::{envelope::is_beyond, Premium};
use keel_primitives::{MarketId, Moment, Price, Side};
use keel_traits::OnMarketListed;
use sp_runtime::{traits::UniqueSaturatedInto, DispatchResult};

/// How many blocks accounts whose closing fails are waited for, at most: an hour. What they lack later is laid on the
/// claims that are left, and else is the market's debt.
const PATIENCE: u32 = 1_800;

impl<T: Config> Pallet<T> {
	/// State the price at which a dead market is settled.
	pub(crate) fn do_settle_market(id: MarketId, price: Price) -> DispatchResult {
		let mut market = Self::market(id)?;
		ensure!(market.settlement.is_none(), Error::<T>::AlreadySettling);
		ensure!(!market.quarantined, Error::<T>::MarketUnsound);
		let dead_after: u32 = T::DeadAfter::get().unique_saturated_into();
		let still_for = block_number::<T>().saturating_sub(market.marked_in);
		ensure!(market.mark.in_bounds() && still_for >= dead_after, Error::<T>::MarketNotDead);
		let is_near = price.in_bounds() && !is_beyond(market.mark, price, T::SettlementBand::get());
		ensure!(is_near, Error::<T>::SettlementPriceTooFar);
		market.settlement = Some(Settlement { price, marked_at: None, closed_out: false });
		let mark = market.mark;
		Markets::<T>::insert(id, market);
		T::OnListed::on_market_settling(id);
		Self::deposit_event(Event::MarketSettling { market: id, price, mark });
		Ok(())
	}

	/// What a block does for a market that is settled, instead of moving its levels. Nobody pays funding there.
	pub(crate) fn advance_settlement(
		id: MarketId,
		market: &mut Market,
		time: Moment,
		meter: &mut WeightMeter,
	) {
		market.accrued_at = time.max(market.accrued_at);
		let Some(settlement) = market.settlement.filter(|_| !market.quarantined) else { return };
		let now = block_number::<T>();
		match settlement.marked_at {
			None => Self::mark_settlement(id, market, settlement),
			Some(since) if !settlement.closed_out => {
				let waited = now.saturating_sub(since);
				let is_time = market.is_calm() || waited >= PATIENCE;
				if is_time && meter.try_consume(T::WeightInfo::close_out()).is_ok() {
					Self::close_out(id, market, settlement);
				}
			}
			Some(_) => (),
		}
		if !market.quarantined {
			market.marked_in = now;
		}
	}

	/// The stated price becomes the mark, if all levels fit.
	fn mark_settlement(id: MarketId, market: &mut Market, settlement: Settlement) {
		let mut next = market.clone();
		next.mark = settlement.price;
		next.settlement = Some(Settlement { marked_at: Some(block_number::<T>()), ..settlement });
		let fits = Side::BOTH.into_iter().all(|side| next.levels_fit(side).is_ok());
		if fits {
			*market = next;
		} else {
			Self::quarantine(id, market);
		}
	}

	/// Both sides are closed against each other; who held a position has a claim.
	fn close_out(id: MarketId, market: &mut Market, settlement: Settlement) {
		let Ok(ended) = market.book.close_out(market.mark) else {
			return Self::quarantine(id, market);
		};
		for (side, ended) in Side::BOTH.into_iter().zip(ended) {
			if let Some(ended) = ended {
				Self::keep_ended(id, market, side, ended);
			}
		}
		market.settlement = Some(Settlement { closed_out: true, ..settlement });
		Self::deposit_event(Event::MarketClosedOut { market: id, price: settlement.price });
	}

	/// Whether nothing is left in a market that is settled: no position, no claim, no debt, and nobody who waits.
	pub(crate) fn is_settled(market: &Market) -> bool {
		let is_empty = |side| {
			let (numbers, watch) = (market.book.side(side), market.watch(side));
			numbers.units.is_zero() && watch.drained_to == numbers.generation && watch.queued == 0
		};
		market.settlement.is_some_and(|settlement| settlement.closed_out)
			&& Side::BOTH.into_iter().all(is_empty)
			&& market.is_calm()
			&& market.is_sound()
	}

	/// List a market again that was settled: with its rules, and like a new one from the first price on.
	pub(crate) fn do_relist_market(id: MarketId) -> DispatchResult {
		let market = Self::market(id)?;
		ensure!(market.settlement.is_some(), Error::<T>::NotSettling);
		ensure!(Self::is_settled(&market), Error::<T>::NotSettledYet);
		let now = T::Now::get();
		let relisted = Market {
			settlement: None,
			listed_at: Some(now),
			premium: Premium::default(),
			mark: Price::ZERO,
			last_price: Price::ZERO,
			accrued_at: now,
			stood_still_at: now,
			..market
		};
		Markets::<T>::insert(id, relisted);
		T::OnListed::on_market_relisted(id);
		Self::deposit_event(Event::MarketRelisted { market: id });
		Ok(())
	}
}
