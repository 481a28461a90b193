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
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:0 w:16)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Least time: 361_400_000 ps.
		Weight::from_parts(402_060_000, 27814)
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
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:1 w:0)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
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
		// Least time: 794_826_000 ps.
		Weight::from_parts(854_846_000, 168640)
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
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:1 w:0)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
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
		// Least time: 786_013_000 ps.
		Weight::from_parts(839_082_000, 168640)
			.saturating_add(T::DbWeight::get().reads(134))
			.saturating_add(T::DbWeight::get().writes(37))
	}

	fn offer_trade() -> Weight {
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:8 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::OfferIds` (r:1 w:1)
		// Proof: `Margin::OfferIds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::Offers` (r:0 w:1)
		// Proof: `Margin::Offers` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:0 w:16)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Least time: 504_302_000 ps.
		Weight::from_parts(526_246_000, 27814)
			.saturating_add(T::DbWeight::get().reads(37))
			.saturating_add(T::DbWeight::get().writes(36))
	}

	fn offer_reduce() -> Weight {
		// Storage: `Margin::UrgentCalls` (r:1 w:1)
		// Proof: `Margin::UrgentCalls` (`max_values`: None, `max_size`: Some(55), added: 2530, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
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
		// Least time: 452_375_000 ps.
		Weight::from_parts(490_912_000, 27814)
			.saturating_add(T::DbWeight::get().reads(31))
			.saturating_add(T::DbWeight::get().writes(37))
	}

	fn cancel_offer() -> Weight {
		// Storage: `Margin::UrgentCalls` (r:1 w:1)
		// Proof: `Margin::UrgentCalls` (`max_values`: None, `max_size`: Some(55), added: 2530, mode: `MaxEncodedLen`)
		// Storage: `Margin::Offers` (r:1 w:1)
		// Proof: `Margin::Offers` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Least time: 20_240_000 ps.
		Weight::from_parts(25_218_000, 4351)
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().writes(3))
	}

	fn accept_trade() -> Weight {
		// Storage: `Margin::Offers` (r:1 w:1)
		// Proof: `Margin::Offers` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:8 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:2 w:2)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:14 w:14)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:5 w:32)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Least time: 859_553_000 ps.
		Weight::from_parts(876_067_000, 37446)
			.saturating_add(T::DbWeight::get().reads(51))
			.saturating_add(T::DbWeight::get().writes(60))
	}

	fn accept_reduce() -> Weight {
		// Storage: `Margin::UrgentCalls` (r:1 w:1)
		// Proof: `Margin::UrgentCalls` (`max_values`: None, `max_size`: Some(55), added: 2530, mode: `MaxEncodedLen`)
		// Storage: `Margin::Offers` (r:1 w:1)
		// Proof: `Margin::Offers` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:8 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:2 w:2)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:16 w:16)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:0 w:32)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Least time: 876_548_000 ps.
		Weight::from_parts(904_340_000, 42654)
			.saturating_add(T::DbWeight::get().reads(49))
			.saturating_add(T::DbWeight::get().writes(63))
	}

	fn repay_debt() -> Weight {
		// Storage: `Margin::Markets` (r:1 w:1)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `Margin::Custodied` (r:1 w:1)
		// Proof: `Margin::Custodied` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:2 w:2)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Storage: `Assets::Asset` (r:1 w:1)
		// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
		// Least time: 48_613_000 ps.
		Weight::from_parts(55_944_000, 6208)
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
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Least time: 26_610_000 ps.
		// Not measured yet: what liquidation takes. `Liquidation::CurrentParams` (r:1 w:0)
		Weight::from_parts(31_613_000, 3586)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(5))
	}

	fn set_market_params() -> Weight {
		// Storage: `Margin::Markets` (r:1 w:1)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Least time: 10_736_000 ps.
		// Not measured yet: what liquidation takes. `Liquidation::CurrentParams` (r:1 w:0)
		Weight::from_parts(15_208_000, 4343)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn lift_quarantine() -> Weight {
		// Storage: `Margin::Markets` (r:1 w:1)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Least time: 10_616_000 ps.
		Weight::from_parts(12_488_000, 4343)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn set_leverage() -> Weight {
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Least time: 13_810_000 ps.
		Weight::from_parts(24_647_000, 4351)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn set_key_cap() -> Weight {
		// Not measured yet: `set_leverage`, of a smaller record.
		// Storage: `Margin::KeyCaps` (r:1 w:1)
		Weight::from_parts(24_647_000, 4351)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn settle_market() -> Weight {
		// Not measured yet: `list_market`, and an incident of the breaker with one that it pushes out.
		// Storage: `Margin::Markets` (r:1 w:1), `CircuitBreaker::Markets` (r:1 w:1), `CircuitBreaker::Incidents` (r:3 w:3)
		// Storage: `CircuitBreaker::NextIncident`, `CircuitBreaker::CounterForIncidents`, `CircuitBreaker::Archive` (r:3 w:3)
		Weight::from_parts(80_000_000, 12_000)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(8))
	}

	fn relist_market() -> Weight {
		// Not measured yet: as `settle_market`.
		Weight::from_parts(80_000_000, 12_000)
			.saturating_add(T::DbWeight::get().reads(8))
			.saturating_add(T::DbWeight::get().writes(8))
	}

	fn close_out() -> Weight {
		// Not measured yet: the market is read and written by `open_market`.
		// Storage: `Margin::Generations` (r:0 w:2)
		Weight::from_parts(20_000_000, 0).saturating_add(T::DbWeight::get().writes(2))
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
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:1 w:0)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Storage: `Timestamp::Now` (r:1 w:0)
		// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::Queue` (r:1 w:0)
		// Proof: `Liquidation::Queue` (`max_values`: None, `max_size`: Some(50), added: 2525, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:1 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:1 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Least time: 55_633_000 ps.
		Weight::from_parts(59_298_000, 11066)
			.saturating_add(T::DbWeight::get().reads(15))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn leave() -> Weight {
		// Storage: `Margin::LeavingQueue` (r:1 w:1)
		// Proof: `Margin::LeavingQueue` (`max_values`: None, `max_size`: Some(71), added: 2546, mode: `MaxEncodedLen`)
		// Storage: `Margin::LeavingCount` (r:1 w:1)
		// Proof: `Margin::LeavingCount` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
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
		// Least time: 696_370_000 ps.
		Weight::from_parts(737_741_000, 27814)
			.saturating_add(T::DbWeight::get().reads(50))
			.saturating_add(T::DbWeight::get().writes(49))
	}

	fn expire_offer() -> Weight {
		// Storage: `Margin::Offers` (r:1 w:1)
		// Proof: `Margin::Offers` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::OfferIds` (r:0 w:1)
		// Proof: `Margin::OfferIds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Least time: 11_727_000 ps.
		Weight::from_parts(13_991_000, 4351)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(3))
	}

	fn forget_urgent() -> Weight {
		// Storage: `Margin::UrgentCalls` (r:2 w:1)
		// Proof: `Margin::UrgentCalls` (`max_values`: None, `max_size`: Some(55), added: 2530, mode: `MaxEncodedLen`)
		// Least time: 4_947_000 ps.
		Weight::from_parts(5_278_000, 6050)
			.saturating_add(T::DbWeight::get().reads(2))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	/// An estimate on the high side, to be measured: an account, a sum and a round; for each position a market and a
	/// price, and a key that is removed, one that is filed and two looks past keys that were deleted before.
	fn judge(p: u32) -> Weight {
		Weight::from_parts(90_000_000, 4351)
			.saturating_add(Weight::from_parts(55_000_000, 3353).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(4).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(2))
			.saturating_add(T::DbWeight::get().writes(3).saturating_mul(p.into()))
	}

	/// An estimate on the high side, to be measured: an account, a sum, a round, a place and a rank; for each position
	/// a market, its status, a price, a key and the looks past others, and a count of the bankrupt.
	fn seize(p: u32) -> Weight {
		Weight::from_parts(60_000_000, 4351)
			.saturating_add(Weight::from_parts(42_000_000, 3353).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads(6).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(T::DbWeight::get().writes(3).saturating_mul(p.into()))
	}

	/// An estimate on the high side, to be measured: the record of the generation; its market is charged already.
	fn settle() -> Weight {
		Weight::from_parts(20_000_000, 2604)
			.saturating_add(T::DbWeight::get().reads(1))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	/// An estimate on the high side, to be measured: a market, a tranche, the fund and what went through both.
	fn keep_fees() -> Weight {
		Weight::from_parts(70_000_000, 4343)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(5))
	}

	/// An estimate on the high side, to be measured: what was measured with four tiers, for eight.
	fn drain() -> Weight {
		// Storage: `Margin::Markets` (r:1 w:1)
		// Storage: `Margin::Triggers` (r:8 w:0)
		Weight::from_parts(54_000_000, 21262)
			.saturating_add(T::DbWeight::get().reads(9))
			.saturating_add(T::DbWeight::get().writes(1))
	}
}
