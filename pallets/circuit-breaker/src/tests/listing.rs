// SPDX-License-Identifier: Apache-2.0
//! Where a market begins.

use crate::{mock::*, *};
use frame_support::{assert_ok, traits::Get};
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

#[test]
fn a_vote_settles_a_market_whatever_else_is_demanded_of_it_until_it_is_listed_again() {
	run(|| {
		assert_ok!(halt(BTC, 10));
		Breaker::on_market_settling(BTC);
		assert_eq!((status(BTC), status(ETH)), (MarketStatus::Settling, MarketStatus::Open));
		let incident = Incidents::<Runtime>::get(1).unwrap();
		assert_eq!((incident.cause, incident.evidence), (Cause::Vote, Evidence::Voted));
		// Neither the end of an order nor its resumption nor good prices lift it.
		assert_ok!(resume(BTC));
		run_to(30);
		assert_eq!(status(BTC), MarketStatus::Settling);
		Breaker::do_try_state().unwrap();
		Breaker::on_market_relisted(BTC);
		assert_eq!(status(BTC), MarketStatus::Halted, "as a new one");
		assert!(Incidents::<Runtime>::get(1).unwrap().closed.is_some());
		for _ in 0..3 {
			assert_eq!(status(BTC), MarketStatus::Halted);
			block_with(BTC, PriceState::Valid);
		}
		assert_eq!(status(BTC), MarketStatus::Open);
		// Of one that nobody knows nothing is said.
		Breaker::on_market_settling(MarketId(9));
		assert_eq!(status(MarketId(9)), MarketStatus::Halted);
	});
}

#[test]
fn what_a_price_demanded_of_a_market_is_over_when_it_is_listed_again() {
	run(|| {
		block_with(BTC, PriceState::Uncertain);
		assert_eq!(status(BTC), MarketStatus::Guarded);
		Breaker::on_market_settling(BTC);
		Breaker::on_market_relisted(BTC);
		assert_eq!(status(BTC), MarketStatus::Halted);
		assert!(Incidents::<Runtime>::get(0).unwrap().closed.is_some());
		Breaker::do_try_state().unwrap();
	});
}
