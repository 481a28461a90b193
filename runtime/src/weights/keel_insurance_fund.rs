// SPDX-License-Identifier: Apache-2.0
//! What the calls and hooks of `keel_insurance_fund` cost. Written by `scripts/weights`: do not edit.
//!
//! Measured on 2026-11-20 with 50 steps and 20 repeats on: AMD EPYC.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights of `keel_insurance_fund`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> keel_insurance_fund::WeightInfo for WeightInfo<T> {
	fn contribute() -> Weight {
		// Storage: `InsuranceFund::Tranches` (r:1 w:1)
		// Proof: `InsuranceFund::Tranches` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
		// Storage: `Margin::Custodied` (r:1 w:1)
		// Proof: `Margin::Custodied` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:2 w:2)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Storage: `Assets::Asset` (r:1 w:1)
		// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Flows` (r:1 w:1)
		// Proof: `InsuranceFund::Flows` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
		// Least time: 45_108_000 ps.
		Weight::from_parts(48_743_000, 6208)
			.saturating_add(T::DbWeight::get().reads(6))
			.saturating_add(T::DbWeight::get().writes(6))
	}

	fn withdraw() -> Weight {
		// Storage: `InsuranceFund::Tranches` (r:1 w:1)
		// Proof: `InsuranceFund::Tranches` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Flows` (r:1 w:1)
		// Proof: `InsuranceFund::Flows` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
		// Storage: `Margin::Custodied` (r:1 w:1)
		// Proof: `Margin::Custodied` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Assets::Asset` (r:1 w:1)
		// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:2 w:2)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Storage: `System::Account` (r:1 w:1)
		// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
		// Least time: 45_117_000 ps.
		Weight::from_parts(48_482_000, 6208)
			.saturating_add(T::DbWeight::get().reads(7))
			.saturating_add(T::DbWeight::get().writes(7))
	}

	fn sweep() -> Weight {
		// Not measured yet: all claims are summed, of as many markets and tranches as there may be.
		// Storage: `Margin::Markets` (r:50 w:0), `InsuranceFund::Tranches` (r:51 w:0)
		// Storage: `Margin::{NextMarket, TotalCash}`, `Assets::Account` (r:3 w:0)
		// Storage: `Margin::Custodied`, `InsuranceFund::{Fund, Flows}` (r:3 w:3)
		Weight::from_parts(400_000_000, 300_000)
			.saturating_add(T::DbWeight::get().reads(108))
			.saturating_add(T::DbWeight::get().writes(3))
	}

	fn set_target() -> Weight {
		// Storage: `InsuranceFund::Tranches` (r:1 w:1)
		// Proof: `InsuranceFund::Tranches` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
		// Least time: 6_180_000 ps.
		Weight::from_parts(6_800_000, 3509)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn set_caps() -> Weight {
		// Storage: `InsuranceFund::FundCaps` (r:0 w:1)
		// Proof: `InsuranceFund::FundCaps` (`max_values`: Some(1), `max_size`: Some(48), added: 543, mode: `MaxEncodedLen`)
		// Least time: 2_834_000 ps.
		Weight::from_parts(3_124_000, 0).saturating_add(T::DbWeight::get().writes(1))
	}
}
