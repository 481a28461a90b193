// SPDX-License-Identifier: Apache-2.0
//! What the calls and hooks of `keel_change_control` cost.
//!
//! Not measured yet: reads and writes are counted from the code at its worst case, with every market looked at, and the
//! times are estimates on the high side. `scripts/weights keel_change_control` replaces them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `keel_change_control`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> keel_change_control::WeightInfo for WeightInfo<T> {
	fn idle() -> Weight {
		// Seven values, safe mode, a pause, fifty markets, their states and prices.
		Weight::from_parts(900_000_000, 60_000)
			.saturating_add(T::DbWeight::get().reads(160))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	fn look() -> Weight {
		// The referendum, its change, the status of its preimage and its bytes, a deposit.
		Weight::from_parts(40_000_000, 8_000)
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn judge() -> Weight {
		// 16 kB are read and decoded, and 128 calls looked up.
		Weight::from_parts(1_500_000_000, 80_000)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(8))
	}

	fn enact() -> Weight {
		Weight::from_parts(1_800_000_000, 120_000)
			.saturating_add(T::DbWeight::get().reads(170))
			.saturating_add(T::DbWeight::get().writes(12))
	}

	fn cancel() -> Weight {
		Weight::from_parts(120_000_000, 40_000)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(9))
	}
}
