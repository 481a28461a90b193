// SPDX-License-Identifier: Apache-2.0
//! Where a market begins.

use crate::{mock::*, *};
use frame_support::traits::Get;
use keel_primitives::{FeedId, MarketId, MarketStatus, PriceState};
use keel_traits::{MarketGate, OnMarketListed};

#[test]
fn an_unknown_market_is_halted() {
	run(|| {
		assert_eq!(Breaker::status(MarketId(9)), MarketStatus::Halted);
		assert!(!Breaker::status(MarketId(9)).accepts_new_risk());
		assert_eq!(Breaker::market(MarketId(9)), None);
	});
}

#[test]
fn a_market_begins_where_its_price_puts_it() {
	for (state, status) in [
		(PriceState::Valid, MarketStatus::Open),
		(PriceState::Uncertain, MarketStatus::Guarded),
		(PriceState::Volatile, MarketStatus::Guarded),
		(PriceState::Stale, MarketStatus::Halted),
		(PriceState::Missing, MarketStatus::Halted),
	] {
		run(|| {
			let market = MarketId(2);
			see(market, state);
			Breaker::on_market_listed(market, FeedId(2));
			assert_eq!(Breaker::status(market), status);
			assert_eq!(events(), [Event::MarketWatched { market, feed: FeedId(2), status }]);
			assert!(Breaker::incidents().is_empty(), "to begin is no incident");
		});
	}
}

#[test]
fn a_market_listed_without_a_price_opens_after_its_first_good_prices() {
	run(|| {
		let market = MarketId(2);
		Breaker::on_market_listed(market, FeedId(2));
		for _ in 0..2 {
			block_with(market, PriceState::Valid);
			assert_eq!(Breaker::status(market), MarketStatus::Halted);
		}
		block_with(market, PriceState::Valid);
		assert_eq!(Breaker::status(market), MarketStatus::Open);
	});
}

/// A market too many stays unknown, and so halted. In tests the defensive check panics instead.
#[test]
#[should_panic(expected = "the same bound")]
fn a_market_too_many_is_not_watched() {
	run(|| {
		for id in 2..=<Runtime as Config>::MaxMarkets::get() {
			Breaker::on_market_listed(MarketId(id), FeedId(id));
		}
	});
}
