// SPDX-License-Identifier: Apache-2.0
//! What calls cost. The runtime uses measured weights; those of `()` are for tests.

use frame_support::weights::Weight;

/// The weight of each call.
pub trait WeightInfo {
	/// A contribution to a tranche.
	fn contribute() -> Weight;
	/// A withdrawal from a tranche.
	fn withdraw() -> Weight;
	/// A new target of a tranche.
	fn set_target() -> Weight;
	/// New caps.
	fn set_caps() -> Weight;
	/// A sweep of custody.
	fn sweep() -> Weight;
}

/// Round numbers: 10 us and 2 kB for each item that is read or written.
impl WeightInfo for () {
	fn contribute() -> Weight {
		items(6)
	}
	fn withdraw() -> Weight {
		items(6)
	}
	fn set_target() -> Weight {
		items(2)
	}
	fn set_caps() -> Weight {
		items(1)
	}
	fn sweep() -> Weight {
		items(60)
	}
}

fn items(count: u64) -> Weight {
	Weight::from_parts(10_000_000, 2_048).saturating_mul(count)
}
