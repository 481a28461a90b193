// SPDX-License-Identifier: Apache-2.0
//! What the calls cost.

use frame_support::weights::Weight;

/// Weights of this pallet's calls.
pub trait WeightInfo {
	/// A scenario of `s` shocks.
	fn set_scenario(s: u32) -> Weight;
	/// One scenario.
	fn remove_scenario() -> Weight;
	/// One depth.
	fn set_depth() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn set_scenario(s: u32) -> Weight {
		Weight::from_parts(20_000_000, 0)
			.saturating_add(Weight::from_parts(1_000_000, 0).saturating_mul(s.into()))
	}

	fn remove_scenario() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}

	fn set_depth() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}
}
