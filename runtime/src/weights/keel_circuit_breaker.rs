// SPDX-License-Identifier: Apache-2.0
//! What the calls and hooks of `keel_circuit_breaker` cost. Written by `scripts/weights`: do not edit.
//!
//! Measured on 2026-11-20 with 50 steps and 20 repeats on: AMD EPYC.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights of `keel_circuit_breaker`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> keel_circuit_breaker::WeightInfo for WeightInfo<T> {
	/// `m` lies in 1 to 50.
	fn begin_block(m: u32) -> Weight {
		// Storage: `CircuitBreaker::Markets` (r:51 w:50)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Incidents` (r:150 w:150)
		// Proof: `CircuitBreaker::Incidents` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:50 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::NextIncident` (r:1 w:1)
		// Proof: `CircuitBreaker::NextIncident` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::CounterForIncidents` (r:1 w:1)
		// Proof: `CircuitBreaker::CounterForIncidents` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
		// Least time: 85_207_000 ps.
		Weight::from_parts(103_184_000, 3523)
			// Standard error: 2_724_105
			.saturating_add(Weight::from_parts(46_179_715, 0).saturating_mul(m.into()))
			// Not measured yet: whether a price waits for a second round. `Margin::Markets` (r:50 w:0)
			.saturating_add(Weight::from_parts(10_000_000, 3353).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(6).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(T::DbWeight::get().writes(4).saturating_mul(m.into()))
			.saturating_add(Weight::from_parts(0, 7596).saturating_mul(m.into()))
	}

	fn order() -> Weight {
		// Storage: `CircuitBreaker::Markets` (r:1 w:1)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::NextIncident` (r:1 w:1)
		// Proof: `CircuitBreaker::NextIncident` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Incidents` (r:2 w:2)
		// Proof: `CircuitBreaker::Incidents` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::CounterForIncidents` (r:1 w:1)
		// Proof: `CircuitBreaker::CounterForIncidents` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
		// Least time: 29_714_000 ps.
		Weight::from_parts(48_302_000, 6054)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}

	/// An estimate on the high side, to be measured: what was measured, and a second incident.
	fn resume_market() -> Weight {
		// Storage: `CircuitBreaker::Markets` (r:1 w:1)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Incidents` (r:1 w:1)
		// Proof: `CircuitBreaker::Incidents` (`max_values`: None, `max_size`: Some(57), added: 2532, mode: `MaxEncodedLen`)
		// Least time: 9_955_000 ps.
		Weight::from_parts(16_000_000, 3523)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}
}
