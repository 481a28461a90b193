// SPDX-License-Identifier: Apache-2.0
//! A market for whose losses the insurance fund may pay no more.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::{MarketId, MarketStatus, PriceState, Quote};
use keel_traits::OnFundExhausted;

fn exhaust(market: MarketId, paid: i64) {
	Breaker::on_fund_exhausted(market, Quote::dollars(paid));
}

#[test]
fn the_market_is_halted_at_once_and_the_incident_says_why() {
	run(|| {
		exhaust(BTC, 500_000);
		assert_eq!((status(BTC), status(ETH)), (MarketStatus::Halted, MarketStatus::Open));
		let tripped = Event::Tripped {
			market: BTC,
			cause: Cause::Losses,
			from: MarketStatus::Open,
			to: MarketStatus::Halted,
			until: None,
			incident: 0,
		};
		assert_eq!(events(), [tripped]);
		let (_, incident) = Breaker::incidents().remove(0);
		assert_eq!(incident.evidence, Evidence::Losses { paid: Quote::dollars(500_000) });
		assert_eq!((incident.market, incident.cause, incident.closed), (BTC, Cause::Losses, None));
	});
}

#[test]
fn neither_time_nor_good_prices_end_it_but_whoever_ends_orders_does() {
	run(|| {
		exhaust(BTC, 1);
		for _ in 0..20 {
			block_with(BTC, PriceState::Valid);
		}
		assert_eq!(status(BTC), MarketStatus::Halted);
		assert_noop!(resume(ETH), Error::<Runtime>::NotOrdered);
		assert_ok!(resume(BTC));
		assert_eq!(status(BTC), MarketStatus::Open);
		let (cause, from, to) = (Cause::Losses, MarketStatus::Halted, MarketStatus::Open);
		assert_eq!(events(), [Event::Resumed { market: BTC, cause, from, to }]);
		assert_eq!(Breaker::incidents()[0].1.closed, Some(now()));
		assert_noop!(resume(BTC), Error::<Runtime>::NotOrdered);
	});
}

#[test]
fn the_end_of_another_cause_does_not_lift_it() {
	run(|| {
		assert_ok!(guard(BTC, 5));
		block_with(BTC, PriceState::Stale);
		exhaust(BTC, 1);
		for _ in 0..20 {
			block_with(BTC, PriceState::Valid);
		}
		assert_eq!(status(BTC), MarketStatus::Halted);
		assert_ok!(resume(BTC));
		assert_eq!(status(BTC), MarketStatus::Open);
	});
}

#[test]
fn what_it_has_ended_does_not_lift_the_price_and_an_order_ends_with_it() {
	run(|| {
		assert_ok!(halt(BTC, 20));
		exhaust(BTC, 1);
		block_with(BTC, PriceState::Volatile);
		assert_ok!(resume(BTC));
		assert_eq!(status(BTC), MarketStatus::Guarded, "that is what the price demands");
		assert!(Breaker::incidents()
			.iter()
			.all(|(_, incident)| { (incident.cause == Cause::Price) == incident.closed.is_none() }));
	});
}

#[test]
fn more_of_it_is_noted_in_the_same_incident() {
	run(|| {
		exhaust(BTC, 1);
		exhaust(BTC, 2);
		let incidents = Breaker::incidents();
		assert_eq!(incidents.len(), 1);
		assert_eq!(incidents[0].1.notes[0].evidence, Evidence::Losses { paid: Quote::dollars(2) });
	});
}

#[test]
fn a_market_that_nobody_has_announced_stays_as_it_is() {
	run(|| {
		exhaust(MarketId(9), 1);
		assert_eq!((status(MarketId(9)), events()), (MarketStatus::Halted, vec![]));
	});
}
