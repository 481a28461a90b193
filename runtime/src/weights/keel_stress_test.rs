// SPDX-License-Identifier: Apache-2.0
//! What the calls and hooks of `keel_stress_test` cost. Written by `scripts/weights`: do not edit.
//!
//! Estimated, not measured yet.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights of `keel_stress_test`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> keel_stress_test::WeightInfo for WeightInfo<T> {
	fn set_scenario(s: u32) -> Weight {
		// Storage: `StressTest::Scenarios`, its counter (r:2 w:2)
		Weight::from_parts(30_000_000, 4200)
			.saturating_add(Weight::from_parts(500_000, 0).saturating_mul(s.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn remove_scenario() -> Weight {
		// Storage: `StressTest::Scenarios`, its counter (r:2 w:2)
		Weight::from_parts(30_000_000, 4200)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}
	fn set_depth() -> Weight {
		// Storage: `Margin::Markets` (r:1 w:0), `StressTest::Depths` (r:0 w:1)
		Weight::from_parts(30_000_000, 4200)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
