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
				notes: Default::default(),
				returned: 0,
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
				notes: Default::default(),
				returned: 0,
				demand: MarketStatus::Halted,
				opened: opened + 1,
				closed: None,
			},
		];
		let [first, second] = expected;
		assert_eq!(Breaker::incidents(), [(0, first), (1, second)]);
	});
}

#[test]
fn what_gets_worse_is_the_same_incident_and_its_first_evidence_stays() {
	run(|| {
		block_with(BTC, PriceState::Uncertain);
		block_with(BTC, PriceState::Stale);
		assert_ok!(guard(ETH, 5));
		assert_ok!(halt(ETH, 5));
		let all = Breaker::incidents();
		assert_eq!(all.len(), 2);
		assert!(all.iter().all(|(_, incident)| incident.demand == MarketStatus::Halted));
		assert_eq!(all[1].1.evidence, Evidence::Ordered { blocks: 5 });
		let [note] = &all[0].1.notes[..] else { panic!("{all:?}") };
		assert!(matches!(all[0].1.evidence, Evidence::Price { state: PriceState::Uncertain, .. }));
		assert!(matches!(note.evidence, Evidence::Price { state: PriceState::Stale, .. }));
		assert_eq!(note.block, now());
	});
}

/// The price of a market is uncertain once, and good again.
fn flap(market: keel_primitives::MarketId) {
	block_with(market, PriceState::Uncertain);
	for _ in 0..3 {
		block_with(market, PriceState::Valid);
	}
}

/// 3.14: fifty markets that flap pushed the record of the theft an hour ago out in 160 seconds.
#[test]
fn a_cause_that_comes_back_soon_continues_its_incident() {
	run(|| {
		let opened = now() + 1;
		for _ in 0..20 {
			flap(BTC);
		}
		let all = Breaker::incidents();
		let [(0, incident)] = &all[..] else { panic!("{all:?}") };
		assert_eq!((incident.opened, incident.returned, incident.closed), (opened, 19, Some(now())));
		assert_eq!(incident.notes.len(), NOTES as usize, "the last is written again");
		assert_eq!(incident.notes.last().map(|note| note.block), Some(now() - 3));
		// Later it is another one: the guardians' is another anyway.
		assert_ok!(guard(BTC, 2));
		run_to(now() + 11);
		flap(BTC);
		assert_eq!(Breaker::incidents().len(), 3);
		assert_ok!(halt(BTC, 2));
		assert_eq!(Breaker::incidents()[1].1.returned, 0, "that was too long ago");
	});
}

#[test]
fn a_resumed_order_that_is_given_again_continues_its_incident() {
	run(|| {
		assert_ok!(guard(BTC, 5));
		assert_ok!(resume(BTC));
		assert_ok!(halt(BTC, 5));
		let all = Breaker::incidents();
		assert_eq!((all.len(), all[0].1.returned), (1, 1));
	});
}

/// An incident of its own, each time.
fn apart() {
	flap(BTC);
	run_to(now() + 11);
}

#[test]
fn the_last_ones_are_remembered_and_old_ones_leave_their_hash() {
	run(|| {
		for _ in 0..8 {
			apart();
		}
		let first = Incidents::<Runtime>::get(0).expect("it is there");
		assert_eq!(Archive::<Runtime>::get(), Default::default());
		apart();
		use sp_runtime::traits::Hash;
		type Hashing = <Runtime as frame_system::Config>::Hashing;
		let nothing = <Runtime as frame_system::Config>::Hash::default();
		let chain = Hashing::hash_of(&(nothing, 0_u64, first));
		assert_eq!(Archive::<Runtime>::get(), chain);
		let second = Incidents::<Runtime>::get(1).expect("it is there");
		apart();
		assert_eq!(Archive::<Runtime>::get(), Hashing::hash_of(&(chain, 1_u64, second)));
		let numbers: Vec<_> = Breaker::incidents().into_iter().map(|(id, _)| id).collect();
		assert_eq!(numbers, (2..10).collect::<Vec<_>>());
	});
}

#[test]
fn an_open_incident_does_not_leave_however_old_it_is() {
	run(|| {
		block_with(ETH, PriceState::Stale);
		for _ in 0..10 {
			apart();
		}
		assert_eq!(status(ETH), MarketStatus::Halted);
		assert_eq!(Incidents::<Runtime>::get(0).map(|incident| incident.market), Some(ETH));
		for _ in 0..3 {
			block_with(ETH, PriceState::Valid);
		}
		assert_eq!(status(ETH), MarketStatus::Open);
		assert_eq!(Incidents::<Runtime>::get(0), None, "it has left: it made room long ago");
		let left =
			events().into_iter().any(|event| matches!(event, Event::IncidentArchived { incident: 0, .. }));
		assert!(left);
		// Its return is another incident.
		block_with(ETH, PriceState::Stale);
		assert!(Breaker::incidents().iter().any(|(id, incident)| *id > 8 && incident.market == ETH));
	});
}
