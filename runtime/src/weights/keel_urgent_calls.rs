// SPDX-License-Identifier: Apache-2.0
//! What the extension of `keel_urgent_calls` costs.
//!
//! Not measured yet: reads are counted from the code at its worst case, a proxy who approves for somebody with a seat, and
//! the time is an estimate on the high side. What is noted is removed in the same block and never reaches the database.
//! `scripts/weights keel_urgent_calls` replaces it.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights of `keel_urgent_calls`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> keel_urgent_calls::WeightInfo for WeightInfo<T> {
	fn urgent_call() -> Weight {
		Weight::from_parts(60_000_000, 0).saturating_add(T::DbWeight::get().reads(6))
	}
}
