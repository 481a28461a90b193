// SPDX-License-Identifier: Apache-2.0
//! What the calls and hooks of `keel_oracle` cost. Written by `scripts/weights`: do not edit.
//!
//! Measured on 2026-11-20 with 50 steps and 20 repeats on: AMD EPYC.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights of `keel_oracle`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> keel_oracle::WeightInfo for WeightInfo<T> {
	/// `f` lies in 1 to 50.
	fn authorize_report(f: u32) -> Weight {
		// Storage: `Oracle::Members` (r:1 w:0)
		// Proof: `Oracle::Members` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Feeds` (r:50 w:0)
		// Proof: `Oracle::Feeds` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
		// Storage: `System::BlockHash` (r:1 w:0)
		// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
		// Least time: 45_488_000 ps.
		Weight::from_parts(48_143_480, 3551)
			// Standard error: 2_914
			.saturating_add(Weight::from_parts(1_633_089, 0).saturating_mul(f.into()))
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().reads(1).saturating_mul(f.into()))
			.saturating_add(Weight::from_parts(0, 2556).saturating_mul(f.into()))
	}

	/// `f` lies in 1 to 50.
	fn report(f: u32) -> Weight {
		// Storage: `Oracle::Members` (r:1 w:1)
		// Proof: `Oracle::Members` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Feeds` (r:50 w:0)
		// Proof: `Oracle::Feeds` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Reports` (r:1 w:1)
		// Proof: `Oracle::Reports` (`max_values`: None, `max_size`: Some(3649), added: 6124, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:50 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Least time: 21_042_000 ps.
		Weight::from_parts(26_687_210, 7114)
			// Standard error: 4_536
			.saturating_add(Weight::from_parts(2_656_368, 0).saturating_mul(f.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(2).saturating_mul(f.into()))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(Weight::from_parts(0, 2596).saturating_mul(f.into()))
	}

	/// `m` lies in 3 to 31.
	/// `f` lies in 1 to 50.
	fn begin_block(m: u32, f: u32) -> Weight {
		// Storage: `Oracle::Rounds` (r:1 w:1)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Timestamp::Now` (r:1 w:0)
		// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Members` (r:32 w:0)
		// Proof: `Oracle::Members` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Reports` (r:31 w:0)
		// Proof: `Oracle::Reports` (`max_values`: None, `max_size`: Some(3649), added: 6124, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Feeds` (r:51 w:0)
		// Proof: `Oracle::Feeds` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:50 w:50)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Least time: 139_818_000 ps.
		Weight::from_parts(141_230_000, 3551)
			// Standard error: 114_031
			.saturating_add(Weight::from_parts(8_623_333, 0).saturating_mul(m.into()))
			// Standard error: 71_051
			.saturating_add(Weight::from_parts(13_824_268, 0).saturating_mul(f.into()))
			.saturating_add(T::DbWeight::get().reads(4))
			.saturating_add(T::DbWeight::get().reads(2).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(2).saturating_mul(f.into()))
			.saturating_add(T::DbWeight::get().writes(1))
			.saturating_add(T::DbWeight::get().writes(1).saturating_mul(f.into()))
			.saturating_add(Weight::from_parts(0, 2596).saturating_mul(f.into()))
			.saturating_add(Weight::from_parts(0, 6124).saturating_mul(m.into()))
	}

	fn set_reporter() -> Weight {
		// Storage: `Oracle::Reporters` (r:1 w:2)
		// Proof: `Oracle::Reporters` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Members` (r:1 w:1)
		// Proof: `Oracle::Members` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Reports` (r:0 w:1)
		// Proof: `Oracle::Reports` (`max_values`: None, `max_size`: Some(3649), added: 6124, mode: `MaxEncodedLen`)
		// Least time: 14_972_000 ps.
		Weight::from_parts(16_976_000, 3551)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	fn add_member() -> Weight {
		// Storage: `Oracle::Members` (r:1 w:1)
		// Proof: `Oracle::Members` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
		// Storage: `Oracle::CounterForMembers` (r:1 w:1)
		// Proof: `Oracle::CounterForMembers` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
		// Least time: 9_514_000 ps.
		Weight::from_parts(10_355_000, 3551)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}

	fn remove_member() -> Weight {
		// Storage: `Oracle::Members` (r:1 w:1)
		// Proof: `Oracle::Members` (`max_values`: None, `max_size`: Some(86), added: 2561, mode: `MaxEncodedLen`)
		// Storage: `Oracle::CounterForMembers` (r:1 w:1)
		// Proof: `Oracle::CounterForMembers` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Reporters` (r:0 w:1)
		// Proof: `Oracle::Reporters` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Reports` (r:0 w:1)
		// Proof: `Oracle::Reports` (`max_values`: None, `max_size`: Some(3649), added: 6124, mode: `MaxEncodedLen`)
		// Least time: 11_097_000 ps.
		Weight::from_parts(12_388_000, 3551)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	fn add_feed() -> Weight {
		// Storage: `Oracle::Feeds` (r:1 w:1)
		// Proof: `Oracle::Feeds` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
		// Storage: `Oracle::CounterForFeeds` (r:1 w:1)
		// Proof: `Oracle::CounterForFeeds` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
		// Least time: 8_693_000 ps.
		Weight::from_parts(9_354_000, 3546)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(2))
	}

	fn set_feed_params() -> Weight {
		// Storage: `Oracle::Feeds` (r:1 w:1)
		// Proof: `Oracle::Feeds` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
		// Least time: 6_199_000 ps.
		Weight::from_parts(6_770_000, 3546)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
