// SPDX-License-Identifier: Apache-2.0
//! At the start of a block: orders expire, prices trip and let go.
//!
//! Markets trip by themselves only here. In a call that fails the trip would be rolled back with it.

use crate::{market::demand_of, Cause, Config, Event, Evidence, Latch, Market, Markets, Pallet, WeightInfo};
use alloc::vec::Vec;
use frame_support::{defensive, pallet_prelude::Weight, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_primitives::{FeedId, MarketId, MarketStatus};
use keel_traits::{MarketGate, Observation, OnMarketListed, PriceFeed, SolvencyEnvelope};

impl<T: Config> Pallet<T> {
	/// Look at every market once, and say what it cost.
	pub(crate) fn begin_block(now: BlockNumberFor<T>) -> Weight {
		// Gathered first: a map must not be changed while it is walked.
		let markets: Vec<_> = Markets::<T>::iter().collect();
		let count = u32::try_from(markets.len()).unwrap_or(u32::MAX);
		for (id, before) in markets {
			let mut market = before;
			Self::expire(id, &mut market, now);
			Self::watch_price(id, &mut market);
			if market != before {
				Markets::<T>::insert(id, market);
			}
		}
		T::WeightInfo::begin_block(count)
	}

	fn expire(id: MarketId, market: &mut Market<BlockNumberFor<T>>, now: BlockNumberFor<T>) {
		let demand = market.guardian.at(now);
		if demand == market.guardian.status {
			return;
		}
		market.guardian.status = demand;
		let over = match demand {
			MarketStatus::Open => market.guardian.incident.over(),
			_ => None,
		};
		Self::ease(id, market, Cause::Guardian, over);
	}

	fn watch_price(id: MarketId, market: &mut Market<BlockNumberFor<T>>) {
		let seen = T::Prices::observe(market.feed);
		let before = market.price.status;
		let mut demand = demand_of(seen.state);
		if T::Envelope::waits_for_second_round(id, &seen) {
			demand = demand.stricter(MarketStatus::Guarded);
		}
		market.price.note(demand, seen.renewed, T::RecoveryPrices::get());
		let demand = market.price.status;
		if demand > before {
			Self::trip_by_price(id, market, &seen);
		} else if demand < before {
			let over = match demand {
				MarketStatus::Open => market.price.incident.over(),
				_ => None,
			};
			Self::ease(id, market, Cause::Price, over);
		}
	}

	fn trip_by_price(id: MarketId, market: &mut Market<BlockNumberFor<T>>, seen: &Observation) {
		let cause = Cause::Price;
		let evidence = Evidence::Price { state: seen.state, price: seen.price, age_ms: seen.age_ms };
		let (from, to) = market.settle();
		let incident = Self::record(market.price.incident, id, cause, market.price.status, evidence);
		market.price.incident.opened(incident);
		Self::deposit_event(Event::Tripped { market: id, cause, from, to, until: None, incident });
	}
}

impl<T: Config> MarketGate for Pallet<T> {
	fn status(market: MarketId) -> MarketStatus {
		Markets::<T>::get(market).map_or(MarketStatus::Halted, |known| known.status)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn open(market: MarketId) {
		Markets::<T>::insert(market, Market::default());
	}
}

impl<T: Config> OnMarketListed for Pallet<T> {
	/// A market without a good price begins where its price puts it. That is no incident.
	fn on_market_listed(id: MarketId, feed: FeedId) {
		if Markets::<T>::contains_key(id) {
			defensive!("ids are given once");
			return;
		}
		if Markets::<T>::count() >= T::MaxMarkets::get() {
			// Unknown markets are halted: nothing can go wrong in one.
			defensive!("the runtime gives whoever lists markets the same bound");
			return;
		}
		let status = demand_of(T::Prices::observe(feed).state);
		let price = Latch { status, ..Default::default() };
		Markets::<T>::insert(id, Market { feed, status, price, ..Default::default() });
		Self::deposit_event(Event::MarketWatched { market: id, feed, status });
	}

	fn on_market_settling(id: MarketId) {
		let Some(mut market) = Markets::<T>::get(id) else { return };
		let (cause, to) = (Cause::Vote, MarketStatus::Settling);
		let incident = Self::record(market.vote.incident, id, cause, to, Evidence::Voted);
		market.vote.status = to;
		market.vote.incident.opened(incident);
		let (from, to) = market.settle();
		Markets::<T>::insert(id, market);
		Self::deposit_event(Event::Tripped { market: id, cause, from, to, until: None, incident });
	}

	/// Like a new market it begins halted, until its first good prices.
	fn on_market_relisted(id: MarketId) {
		let Some(mut market) = Markets::<T>::get(id) else { return };
		market.vote.status = MarketStatus::Open;
		let over = market.vote.incident.over();
		if market.price.status < MarketStatus::Halted {
			// What the price demanded of the old market is over.
			let mut incident = market.price.incident;
			if let Some(over) = incident.over() {
				Self::close(over);
			}
			market.price = Latch { status: MarketStatus::Halted, incident, ..Latch::default() };
		}
		Self::ease(id, &mut market, Cause::Vote, over);
		Markets::<T>::insert(id, market);
	}
}
