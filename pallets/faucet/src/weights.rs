// SPDX-License-Identifier: Apache-2.0
//! What the calls cost.

use frame_support::weights::Weight;

/// Weights of this pallet's calls.
pub trait WeightInfo {
	/// Two mints, one record.
	fn drip() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn drip() -> Weight {
		Weight::from_parts(50_000_000, 0)
	}
}
