// SPDX-License-Identifier: Apache-2.0
//! Each invariant can fail.

use crate::{mock::*, *};
use frame_support::assert_ok;
use keel_math::Budget;
use keel_primitives::{FeedId, MarketId, MarketStatus, PriceState};
use keel_traits::OnMarketListed;

/// Corrupt a breaker in which BTC is ordered to be guarded and ETH is halted by its price.
fn caught(corrupt: impl FnOnce(), complaint: &'static str) {
	new_test_ext().execute_with(|| {
		for market in [BTC, ETH] {
			see(market, PriceState::Valid);
			Breaker::on_market_listed(market, feed_of(market));
		}
		assert_ok!(guard(BTC, 10));
		block_with(ETH, PriceState::Stale);
		block_with(ETH, PriceState::Valid);
		Breaker::do_try_state().expect("the invariants hold before");
		corrupt();
		assert_eq!(Breaker::do_try_state(), Err(complaint.into()));
	});
}

fn with(market: MarketId, change: impl FnOnce(&mut Market<u64>)) {
	Markets::<Runtime>::mutate(market, |known| change(known.as_mut().unwrap()));
}

fn with_incident(id: u64, change: impl FnOnce(&mut Incident<u64>)) {
	Incidents::<Runtime>::mutate(id, |known| change(known.as_mut().unwrap()));
}

#[test]
fn markets_are_bounded() {
	let more = || {
		for id in 2..5 {
			Markets::<Runtime>::insert(MarketId(id), Market { feed: FeedId(id), ..Default::default() });
		}
	};
	caught(more, "more markets than the bound");
}

#[test]
fn strictest_cause_wins() {
	let complaint = "a market does not stand where its causes want it";
	caught(|| with(BTC, |m| m.status = MarketStatus::Open), complaint);
	caught(|| with(BTC, |m| m.status = MarketStatus::Halted), complaint);
	caught(|| with(ETH, |m| m.status = MarketStatus::Guarded), complaint);
}

#[test]
fn orders_end() {
	caught(|| with(BTC, |m| m.guardian.guarded_until = now()), "an order outlives its end");
	caught(|| with(BTC, |m| m.guardian.guarded_until = now() + 51), "a guard that is too long");
	caught(
		|| {
			with(ETH, |m| {
				m.guardian.halted_until = now() + 21;
				m.guardian.status = MarketStatus::Halted;
			})
		},
		"a halt that is too long",
	);
}

#[test]
fn latch_lets_go_in_time() {
	caught(
		|| {
			with(ETH, |m| {
				m.price.status = MarketStatus::Settling;
				m.status = MarketStatus::Settling;
			})
		},
		"a price demands an unknown rung",
	);
	caught(|| with(ETH, |m| m.price.calm = 3), "a latch holds in spite of good prices");
	caught(|| with(ETH, |m| m.price.calm_demand = MarketStatus::Halted), "a latch counts bad prices as good");
}

#[test]
fn budget_is_kept() {
	let overspent = Budget::default().charge(1, 61, 200, 61).unwrap();
	caught(|| with(BTC, |m| m.budget = overspent), "a budget is overspent");
	caught(|| with(BTC, |m| m.budget = Budget::default()), "an order that cost nothing");
}

#[test]
fn open_incidents_are_the_markets() {
	caught(|| with(BTC, |m| m.price.incident.open = Some(7)), "an incident outlives its cause");
	caught(|| with_incident(0, |i| i.market = ETH), "an incident of another market or cause");
	caught(|| with_incident(0, |i| i.cause = Cause::Price), "an incident of another market or cause");
	caught(|| with_incident(0, |i| i.closed = Some(1)), "a cause holds, but its incident is closed");
	caught(|| with_incident(1, |i| i.demand = MarketStatus::Guarded), "an incident hides how far it went");
}

#[test]
fn incidents_are_the_last_ones() {
	caught(|| Incidents::<Runtime>::remove(0), "an incident is lost");
	caught(|| NextIncident::<Runtime>::put(3), "an incident is lost");
	caught(|| NextIncident::<Runtime>::put(1), "an incident with a wrong number");
	let left = || {
		NextIncident::<Runtime>::put(10);
		with(BTC, |m| {
			m.guardian = Order::default();
			m.status = MarketStatus::Open;
		});
		with_incident(0, |incident| incident.closed = Some(1));
	};
	caught(left, "an incident that has left is still there");
	caught(|| with(ETH, |m| m.price.incident = Named::default()), "an open incident nobody will close");
}
