// SPDX-License-Identifier: Apache-2.0
//! What the calls and hooks of `keel_emergency` cost.
//!
//! Not measured yet: reads and writes are counted from the code at its worst case, with 63 approvals and 256 accounts, and
//! the times are estimates on the high side. `scripts/weights keel_emergency` replaces them.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `keel_emergency`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> keel_emergency::WeightInfo for WeightInfo<T> {
	fn idle(p: u32) -> Weight {
		Weight::from_parts(10_000_000, 0)
			.saturating_add(Weight::from_parts(8_000_000, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(u64::from(p).saturating_mul(2).saturating_add(1)))
	}

	fn end_pause() -> Weight {
		Weight::from_parts(30_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}

	fn approve() -> Weight {
		// Everybody's list is written again, the members of three bodies are read, and the act itself: a halt, with the
		// record of its incident.
		Weight::from_parts(1_200_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(90))
			.saturating_add(T::DbWeight::get().writes(80))
	}

	fn has_position() -> Weight {
		Weight::from_parts(600_000_000, 0).saturating_add(T::DbWeight::get().reads(257))
	}

	fn withdraw_approval() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}

	fn halt_alone() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(8))
	}

	fn forget() -> Weight {
		Weight::from_parts(150_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(12))
			.saturating_add(T::DbWeight::get().writes(9))
	}
}
