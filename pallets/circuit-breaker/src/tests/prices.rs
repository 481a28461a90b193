// SPDX-License-Identifier: Apache-2.0
//! Markets trip by their price and are let go by it.

use crate::{mock::*, *};
use frame_support::assert_ok;
use keel_primitives::{MarketStatus, PriceState};

#[test]
fn a_price_trips_its_market_in_the_block_it_goes_bad_in() {
	for (state, to) in [
		(PriceState::Uncertain, MarketStatus::Guarded),
		(PriceState::Volatile, MarketStatus::Guarded),
		(PriceState::Stale, MarketStatus::Halted),
		(PriceState::Missing, MarketStatus::Halted),
	] {
		run(|| {
			block_with(BTC, state);
			assert_eq!((status(BTC), status(ETH)), (to, MarketStatus::Open));
			assert_eq!(
				events(),
				[Event::Tripped {
					market: BTC,
					cause: Cause::Price,
					from: MarketStatus::Open,
					to,
					until: None,
					incident: 0,
				}]
			);
			next_block();
			assert_eq!(events(), [], "it is told of once");
		});
	}
}

#[test]
fn a_price_that_waits_for_a_second_round_guards_its_market_before_anything_is_judged() {
	run(|| {
		Unconfirmed::set(vec![BTC]);
		block_with(BTC, PriceState::Valid);
		assert_eq!((status(BTC), status(ETH)), (MarketStatus::Guarded, MarketStatus::Open));
		let incident = Incidents::<Runtime>::get(0).unwrap();
		assert!(
			matches!(incident.evidence, Evidence::Price { state: PriceState::Valid, .. }),
			"{incident:?}"
		);
		// It is confirmed, or gone: three good prices end it.
		Unconfirmed::set(Vec::new());
		for _ in 0..2 {
			block_with(BTC, PriceState::Valid);
			assert_eq!(status(BTC), MarketStatus::Guarded);
		}
		block_with(BTC, PriceState::Valid);
		assert_eq!(status(BTC), MarketStatus::Open);
		// It is no excuse for a price that is worse.
		Unconfirmed::set(vec![BTC]);
		block_with(BTC, PriceState::Stale);
		assert_eq!(status(BTC), MarketStatus::Halted);
	});
}

#[test]
fn a_market_is_let_go_after_three_good_prices() {
	run(|| {
		block_with(BTC, PriceState::Stale);
		block_with(BTC, PriceState::Valid);
		block_with(BTC, PriceState::Valid);
		assert_eq!(status(BTC), MarketStatus::Halted);
		block_with(BTC, PriceState::Valid);
		assert_eq!(status(BTC), MarketStatus::Open);
		let resumed = Event::Resumed {
			market: BTC,
			cause: Cause::Price,
			from: MarketStatus::Halted,
			to: MarketStatus::Open,
		};
		assert_eq!(events(), [resumed]);
	});
}

#[test]
fn a_bad_price_in_between_starts_the_count_again() {
	run(|| {
		block_with(BTC, PriceState::Stale);
		for _ in 0..2 {
			block_with(BTC, PriceState::Valid);
			block_with(BTC, PriceState::Valid);
			block_with(BTC, PriceState::Stale);
		}
		for _ in 0..2 {
			block_with(BTC, PriceState::Valid);
			assert_eq!(status(BTC), MarketStatus::Halted);
		}
		block_with(BTC, PriceState::Valid);
		assert_eq!(status(BTC), MarketStatus::Open);
	});
}

#[test]
fn only_prices_that_land_anew_count() {
	run(|| {
		block_with(BTC, PriceState::Stale);
		block_with(BTC, PriceState::Valid);
		see_aged(BTC, PriceState::Valid, 2_000);
		for _ in 0..10 {
			next_block();
			assert_eq!(status(BTC), MarketStatus::Halted);
		}
		block_with(BTC, PriceState::Valid);
		block_with(BTC, PriceState::Valid);
		assert_eq!(status(BTC), MarketStatus::Open);
	});
}

#[test]
fn a_halted_market_comes_back_by_way_of_guarded_when_prices_are_doubtful() {
	run(|| {
		block_with(BTC, PriceState::Stale);
		block_with(BTC, PriceState::Valid);
		block_with(BTC, PriceState::Volatile);
		block_with(BTC, PriceState::Valid);
		assert_eq!(status(BTC), MarketStatus::Guarded, "the worst of the three decides");
		assert_eq!(Breaker::incidents()[0].1.closed, None);
		for _ in 0..3 {
			block_with(BTC, PriceState::Valid);
		}
		assert_eq!(status(BTC), MarketStatus::Open);
		assert_eq!(Breaker::incidents()[0].1.closed, Some(now()));
	});
}

#[test]
fn the_stricter_cause_wins_and_the_end_of_one_does_not_lift_the_other() {
	run(|| {
		let start = now();
		assert_ok!(guard(BTC, 5));
		block_with(BTC, PriceState::Stale);
		assert_eq!(status(BTC), MarketStatus::Halted);
		run_to(start + 5);
		assert_eq!(status(BTC), MarketStatus::Halted, "the order is over, the price is not");
		assert_ok!(guard(BTC, 20));
		assert_eq!(status(BTC), MarketStatus::Halted);
		for _ in 0..3 {
			block_with(BTC, PriceState::Valid);
		}
		assert_eq!(status(BTC), MarketStatus::Guarded, "the price is good, the order is not over");
	});
}

#[test]
fn what_a_state_demands_follows_from_what_it_allows() {
	use MarketStatus::*;
	use PriceState::*;
	let table =
		[(Valid, Open), (Uncertain, Guarded), (Volatile, Guarded), (Stale, Halted), (Missing, Halted)];
	for (state, demand) in table {
		assert_eq!(demand_of(state), demand, "{state:?}");
	}
}
