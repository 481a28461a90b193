// SPDX-License-Identifier: Apache-2.0
//! What changing the library costs.

use super::*;
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::traits::{EnsureOrigin, Get};
use keel_primitives::{FeedId, MarketId, Quote};
use keel_traits::LiveBook;
use sp_runtime::Permill;

fn scenario<T: Config>(shocks: u32) -> ScenarioOf<T> {
	let shocks: Vec<_> = (0..shocks).map(|feed| FeedShock { feed: FeedId(feed), by: -500_000_000 }).collect();
	Scenario {
		name: vec![b'x'; NAME_MAX as usize].try_into().expect("it is as long as it may be"),
		shocks: shocks.try_into().expect("as many as there may be"),
		correlation: Permill::one(),
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn set_scenario(s: Linear<1, { T::MaxShocks::get() }>) {
		let origin = T::GovernOrigin::try_successful_origin().expect("somebody governs");
		let scenario = scenario::<T>(s);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, ScenarioId(u32::MAX), scenario.clone());

		assert_eq!(Scenarios::<T>::get(ScenarioId(u32::MAX)), Some(scenario));
	}

	#[benchmark]
	fn remove_scenario() {
		let origin = T::GovernOrigin::try_successful_origin().expect("somebody governs");
		let id = ScenarioId(u32::MAX);
		Scenarios::<T>::insert(id, scenario::<T>(T::MaxShocks::get()));

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id);

		assert!(!Scenarios::<T>::contains_key(id));
	}

	#[benchmark]
	fn set_depth() {
		let origin = T::GovernOrigin::try_successful_origin().expect("somebody governs");
		let market = T::Book::priced().first().map_or(MarketId(0), |(market, _)| *market);
		let depth = Some(Quote::dollars(1_000_000));

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, market, depth);

		assert_eq!(Depths::<T>::get(market), depth);
	}
}
