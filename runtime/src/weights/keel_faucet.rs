// SPDX-License-Identifier: Apache-2.0
//! What the calls and hooks of `keel_faucet` cost. Written by `scripts/weights`: do not edit.
//!
//! Measured on 2026-11-20 with 50 steps and 20 repeats on: AMD EPYC.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights of `keel_faucet`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> keel_faucet::WeightInfo for WeightInfo<T> {
	fn drip() -> Weight {
		// Storage: `Faucet::Grants` (r:1 w:0)
		// Proof: `Faucet::Grants` (`max_values`: Some(1), `max_size`: Some(36), added: 531, mode: `MaxEncodedLen`)
		// Storage: `Faucet::LastDrip` (r:1 w:1)
		// Proof: `Faucet::LastDrip` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
		// Storage: `System::Account` (r:1 w:1)
		// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
		// Storage: `Assets::Asset` (r:1 w:1)
		// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:1 w:1)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Least time: 40_781_000 ps.
		Weight::from_parts(43_375_000, 3675)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}
}
