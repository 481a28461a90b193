// SPDX-License-Identifier: Apache-2.0
//! What is remembered of a trip.

use crate::{mock::*, *};
use frame_support::assert_ok;
use keel_primitives::{MarketStatus, Price, PriceState};

#[test]
fn an_incident_says_who_what_where_and_when() {
	run(|| {
		let opened = now();
		assert_ok!(guard(ETH, 5));
		block_with(BTC, PriceState::Stale);
		let expected = [
			Incident {
				market: ETH,
				cause: Cause::Guardian,
				evidence: Evidence::Ordered { blocks: 5 },
				demand: MarketStatus::Guarded,
				opened,
				closed: None,
			},
			Incident {
				market: BTC,
				cause: Cause::Price,
				evidence: Evidence::Price {
					state: PriceState::Stale,
					price: Price::dollars(100),
					age_ms: 61_000,
				},
				demand: MarketStatus::Halted,
				opened: opened + 1,
				closed: None,
			},
		];
		assert_eq!(Breaker::incidents(), [(0, expected[0]), (1, expected[1])]);
	});
}

#[test]
fn what_gets_worse_is_the_same_incident() {
	run(|| {
		block_with(BTC, PriceState::Uncertain);
		block_with(BTC, PriceState::Stale);
		assert_ok!(guard(ETH, 5));
		assert_ok!(halt(ETH, 5));
		let all = Breaker::incidents();
		assert_eq!(all.len(), 2);
		assert!(all.iter().all(|(_, incident)| incident.demand == MarketStatus::Halted));
	});
}

#[test]
fn the_last_ones_are_remembered_and_old_ones_make_room() {
	run(|| {
		for _ in 0..10 {
			block_with(BTC, PriceState::Uncertain);
			for _ in 0..3 {
				block_with(BTC, PriceState::Valid);
			}
		}
		let numbers: Vec<_> = Breaker::incidents().into_iter().map(|(id, _)| id).collect();
		assert_eq!(numbers, (2..10).collect::<Vec<_>>());
	});
}

#[test]
fn a_cause_may_outlive_the_memory_of_its_incident() {
	run(|| {
		block_with(ETH, PriceState::Stale);
		for _ in 0..10 {
			block_with(BTC, PriceState::Uncertain);
			for _ in 0..3 {
				block_with(BTC, PriceState::Valid);
			}
		}
		assert_eq!(status(ETH), MarketStatus::Halted);
		for _ in 0..3 {
			block_with(ETH, PriceState::Valid);
		}
		assert_eq!(status(ETH), MarketStatus::Open);
	});
}
