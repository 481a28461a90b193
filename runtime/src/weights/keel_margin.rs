// SPDX-License-Identifier: Apache-2.0
//! What the calls and hooks of `keel_margin` cost. Written by `scripts/weights`: do not edit.
//!
//! Measured on 2026-11-20 with 50 steps and 20 repeats on: AMD EPYC.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights of `keel_margin`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> keel_margin::WeightInfo for WeightInfo<T> {
	fn deposit() -> Weight {
		// Storage: `Margin::UrgentCalls` (r:1 w:1)
		// Proof: `Margin::UrgentCalls` (`max_values`: None, `max_size`: Some(55), added: 2530, mode: `MaxEncodedLen`)
		// Storage: `Margin::Custodied` (r:1 w:1)
		// Proof: `Margin::Custodied` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:2 w:2)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Storage: `Assets::Asset` (r:1 w:1)
		// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(113), added: 2588, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:0 w:16)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Least time: 355_541_000 ps.
		Weight::from_parts(364_724_000, 24934)
			.saturating_add(T::DbWeight::get().reads(32))
			.saturating_add(T::DbWeight::get().writes(39))
	}

	fn withdraw() -> Weight {
		// Storage: `Margin::Custodied` (r:1 w:0)
		// Proof: `Margin::Custodied` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Fund` (r:1 w:0)
		// Proof: `InsuranceFund::Fund` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Tranches` (r:51 w:0)
		// Proof: `InsuranceFund::Tranches` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
		// Storage: `Margin::NextMarket` (r:1 w:0)
		// Proof: `Margin::NextMarket` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:50 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:1 w:0)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(113), added: 2588, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:8 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `Margin::LeavingBounds` (r:1 w:1)
		// Proof: `Margin::LeavingBounds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::LeavingCount` (r:1 w:1)
		// Proof: `Margin::LeavingCount` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
		// Storage: `Margin::LeavingQueue` (r:0 w:1)
		// Proof: `Margin::LeavingQueue` (`max_values`: None, `max_size`: Some(71), added: 2546, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:0 w:16)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Least time: 724_902_000 ps.
		Weight::from_parts(755_387_000, 150640)
			.saturating_add(T::DbWeight::get().reads(134))
			.saturating_add(T::DbWeight::get().writes(37))
	}

	fn transfer() -> Weight {
		// Storage: `Margin::Custodied` (r:1 w:0)
		// Proof: `Margin::Custodied` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Fund` (r:1 w:0)
		// Proof: `InsuranceFund::Fund` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Tranches` (r:51 w:0)
		// Proof: `InsuranceFund::Tranches` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
		// Storage: `Margin::NextMarket` (r:1 w:0)
		// Proof: `Margin::NextMarket` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:50 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:1 w:0)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(113), added: 2588, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:8 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `Margin::LeavingBounds` (r:1 w:1)
		// Proof: `Margin::LeavingBounds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::LeavingCount` (r:1 w:1)
		// Proof: `Margin::LeavingCount` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
		// Storage: `Margin::LeavingQueue` (r:0 w:1)
		// Proof: `Margin::LeavingQueue` (`max_values`: None, `max_size`: Some(71), added: 2546, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:0 w:16)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Least time: 724_160_000 ps.
		Weight::from_parts(744_500_000, 150640)
			.saturating_add(T::DbWeight::get().reads(134))
			.saturating_add(T::DbWeight::get().writes(37))
	}

	fn offer_trade() -> Weight {
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:8 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(113), added: 2588, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::OfferIds` (r:1 w:1)
		// Proof: `Margin::OfferIds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::Offers` (r:0 w:1)
		// Proof: `Margin::Offers` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:0 w:16)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Least time: 457_313_000 ps.
		Weight::from_parts(481_298_000, 24934)
			.saturating_add(T::DbWeight::get().reads(36))
			.saturating_add(T::DbWeight::get().writes(36))
	}

	fn offer_reduce() -> Weight {
		// Storage: `Margin::UrgentCalls` (r:1 w:1)
		// Proof: `Margin::UrgentCalls` (`max_values`: None, `max_size`: Some(55), added: 2530, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(113), added: 2588, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:1 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `Margin::OfferIds` (r:1 w:1)
		// Proof: `Margin::OfferIds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::Offers` (r:0 w:1)
		// Proof: `Margin::Offers` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:0 w:16)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Least time: 424_433_000 ps.
		Weight::from_parts(437_252_000, 24934)
			.saturating_add(T::DbWeight::get().reads(30))
			.saturating_add(T::DbWeight::get().writes(37))
	}

	fn cancel_offer() -> Weight {
		// Storage: `Margin::UrgentCalls` (r:1 w:1)
		// Proof: `Margin::UrgentCalls` (`max_values`: None, `max_size`: Some(55), added: 2530, mode: `MaxEncodedLen`)
		// Storage: `Margin::Offers` (r:1 w:1)
		// Proof: `Margin::Offers` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Least time: 20_730_000 ps.
		Weight::from_parts(22_143_000, 4338)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}

	fn accept_trade() -> Weight {
		// Storage: `Margin::Offers` (r:1 w:1)
		// Proof: `Margin::Offers` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:8 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:2 w:2)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:14 w:14)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(113), added: 2588, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:5 w:32)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Least time: 770_200_000 ps.
		Weight::from_parts(794_105_000, 37222)
			.saturating_add(T::DbWeight::get().reads(48))
			.saturating_add(T::DbWeight::get().writes(58))
	}

	fn accept_reduce() -> Weight {
		// Storage: `Margin::UrgentCalls` (r:1 w:1)
		// Proof: `Margin::UrgentCalls` (`max_values`: None, `max_size`: Some(55), added: 2530, mode: `MaxEncodedLen`)
		// Storage: `Margin::Offers` (r:1 w:1)
		// Proof: `Margin::Offers` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:8 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:2 w:2)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:16 w:16)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(113), added: 2588, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:0 w:32)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Least time: 789_568_000 ps.
		Weight::from_parts(824_410_000, 42398)
			.saturating_add(T::DbWeight::get().reads(46))
			.saturating_add(T::DbWeight::get().writes(61))
	}

	fn repay_debt() -> Weight {
		// Storage: `Margin::Markets` (r:1 w:1)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `Margin::Custodied` (r:1 w:1)
		// Proof: `Margin::Custodied` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:2 w:2)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Storage: `Assets::Asset` (r:1 w:1)
		// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
		// Least time: 47_581_000 ps.
		Weight::from_parts(50_325_000, 6208)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}

	fn list_market() -> Weight {
		// Storage: `Oracle::Feeds` (r:1 w:0)
		// Proof: `Oracle::Feeds` (`max_values`: None, `max_size`: Some(81), added: 2556, mode: `MaxEncodedLen`)
		// Storage: `Margin::NextMarket` (r:1 w:1)
		// Proof: `Margin::NextMarket` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
		// Storage: `Timestamp::Now` (r:1 w:0)
		// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:1 w:1)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::CounterForMarkets` (r:1 w:1)
		// Proof: `CircuitBreaker::CounterForMarkets` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:1 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Tranches` (r:1 w:1)
		// Proof: `InsuranceFund::Tranches` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:0 w:1)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Least time: 25_789_000 ps.
		Weight::from_parts(27_591_000, 3586)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(5))
	}

	fn set_market_params() -> Weight {
		// Storage: `Margin::Markets` (r:1 w:1)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Least time: 9_805_000 ps.
		Weight::from_parts(10_365_000, 3983)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn lift_quarantine() -> Weight {
		// Storage: `Margin::Markets` (r:1 w:1)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Least time: 10_005_000 ps.
		Weight::from_parts(10_846_000, 3983)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn set_leverage() -> Weight {
		// Storage: `Margin::Markets` (r:1 w:1)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Least time: 10_005_000 ps.
		Weight::from_parts(10_846_000, 3983)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn open_market() -> Weight {
		// Storage: `Margin::Custodied` (r:1 w:0)
		// Proof: `Margin::Custodied` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:0)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Fund` (r:1 w:0)
		// Proof: `InsuranceFund::Fund` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Tranches` (r:4 w:0)
		// Proof: `InsuranceFund::Tranches` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
		// Storage: `Margin::NextMarket` (r:1 w:0)
		// Proof: `Margin::NextMarket` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:1 w:1)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:1 w:0)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Storage: `Timestamp::Now` (r:1 w:0)
		// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:1 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:1 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Least time: 41_923_000 ps.
		Weight::from_parts(43_996_000, 11066)
			.saturating_add(T::DbWeight::get().reads(14))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn leave() -> Weight {
		// Storage: `Margin::LeavingQueue` (r:1 w:1)
		// Proof: `Margin::LeavingQueue` (`max_values`: None, `max_size`: Some(71), added: 2546, mode: `MaxEncodedLen`)
		// Storage: `Margin::LeavingCount` (r:1 w:1)
		// Proof: `Margin::LeavingCount` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(113), added: 2588, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:8 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:8 w:24)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Storage: `Margin::Custodied` (r:1 w:1)
		// Proof: `Margin::Custodied` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Assets::Asset` (r:1 w:1)
		// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:2 w:2)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Least time: 649_329_000 ps.
		Weight::from_parts(661_467_000, 24934)
			.saturating_add(T::DbWeight::get().reads(49))
			.saturating_add(T::DbWeight::get().writes(48))
	}

	fn expire_offer() -> Weight {
		// Storage: `Margin::Offers` (r:1 w:1)
		// Proof: `Margin::Offers` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Storage: `Margin::OfferIds` (r:0 w:1)
		// Proof: `Margin::OfferIds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Least time: 11_177_000 ps.
		Weight::from_parts(11_807_000, 4338)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}

	fn forget_urgent() -> Weight {
		// Storage: `Margin::UrgentCalls` (r:2 w:1)
		// Proof: `Margin::UrgentCalls` (`max_values`: None, `max_size`: Some(55), added: 2530, mode: `MaxEncodedLen`)
		// Least time: 4_997_000 ps.
		Weight::from_parts(5_348_000, 6050)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn judge() -> Weight {
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:7 w:7)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(113), added: 2588, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:2 w:16)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Least time: 449_390_000 ps.
		Weight::from_parts(477_232_000, 24934)
			.saturating_add(T::DbWeight::get().reads(28))
			.saturating_add(T::DbWeight::get().writes(33))
	}

	fn seize() -> Weight {
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:7 w:7)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(113), added: 2588, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:2 w:16)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Least time: 449_390_000 ps.
		Weight::from_parts(477_232_000, 24934)
			.saturating_add(T::DbWeight::get().reads(28))
			.saturating_add(T::DbWeight::get().writes(33))
	}

	fn drain() -> Weight {
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(873), added: 3348, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(518), added: 2993, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:7 w:7)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(113), added: 2588, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:2 w:16)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Least time: 449_390_000 ps.
		Weight::from_parts(477_232_000, 24934)
			.saturating_add(T::DbWeight::get().reads(28))
			.saturating_add(T::DbWeight::get().writes(33))
	}
}
