// SPDX-License-Identifier: Apache-2.0
//! Whatever guardians, prices and time do.

use crate::{mock::*, *};
use keel_primitives::{MarketStatus, PriceState};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Step {
	Guard(u64),
	Halt(u64),
	Resume,
	Price(PriceState),
	Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
	let state = prop::sample::select(vec![
		PriceState::Valid,
		PriceState::Valid,
		PriceState::Valid,
		PriceState::Uncertain,
		PriceState::Volatile,
		PriceState::Stale,
		PriceState::Missing,
	]);
	prop_oneof![
		(0_u64..60).prop_map(Step::Guard),
		(0_u64..25).prop_map(Step::Halt),
		Just(Step::Resume),
		state.prop_map(Step::Price),
		(1_u64..30).prop_map(Step::Wait),
	]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(128))]

	#[test]
	fn a_market_is_never_looser_than_its_price_or_stricter_without_a_cause(
		steps in prop::collection::vec(step(), 1..60),
	) {
		run(|| {
			for step in steps {
				let before = status(BTC);
				match step {
					Step::Guard(blocks) => drop(guard(BTC, blocks)),
					Step::Halt(blocks) => drop(halt(BTC, blocks)),
					Step::Resume => drop(resume(BTC)),
					Step::Price(state) => {
						block_with(BTC, state);
						assert!(status(BTC) >= demand_of(state), "it trips in the same block");
					},
					Step::Wait(blocks) => run_to(now() + blocks),
				}
				if matches!(step, Step::Guard(_) | Step::Halt(_)) {
					assert!(status(BTC) >= before, "guardians only tighten");
				}
				Breaker::do_try_state().unwrap();
			}
			// Left alone with good prices every market opens again.
			see(BTC, PriceState::Valid);
			run_to(now() + 51);
			assert_eq!(status(BTC), MarketStatus::Open);
		});
	}

	#[test]
	fn guardians_never_restrict_a_market_longer_than_their_budget_in_a_window(
		orders in prop::collection::vec((any::<bool>(), 1_u64..=50, 0_u64..40), 1..40),
	) {
		run(|| {
			// Restricted blocks, by block.
			let mut restricted = Vec::new();
			for (is_halt, blocks, pause) in orders {
				let _ = if is_halt { halt(BTC, blocks) } else { guard(BTC, blocks) };
				for _ in 0..=pause {
					restricted.push(status(BTC) != MarketStatus::Open);
					next_block();
				}
			}
			for window in restricted.windows(200) {
				assert!(window.iter().filter(|is_restricted| **is_restricted).count() <= 60);
			}
		});
	}
}
