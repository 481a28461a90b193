// SPDX-License-Identifier: Apache-2.0
//! What the calls and hooks of `keel_liquidation` cost. Written by `scripts/weights`: do not edit.
//!
//! Measured on 2026-11-20 with 50 steps and 20 repeats on: AMD EPYC.

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Measured weights of `keel_liquidation`.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> keel_liquidation::WeightInfo for WeightInfo<T> {
	/// An estimate on the high side, to be measured: the measured cost, and the two values that say whose debt is next.
	fn idle() -> Weight {
		// Storage: `Liquidation::ParkedCount` (r:1 w:0)
		// Proof: `Liquidation::ParkedCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::Rejudged` (r:1 w:0)
		// Proof: `Liquidation::Rejudged` (`max_values`: Some(1), `max_size`: Some(50), added: 545, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::Queue` (r:2 w:0)
		// Proof: `Liquidation::Queue` (`max_values`: None, `max_size`: Some(50), added: 2525, mode: `MaxEncodedLen`)
		// Least time: 6_880_000 ps.
		Weight::from_parts(12_000_000, 6040).saturating_add(T::DbWeight::get().reads(6))
	}

	fn ask() -> Weight {
		// Storage: `Liquidation::ParkedCount` (r:2 w:0)
		// Proof: `Liquidation::ParkedCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:1 w:0)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:1 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Least time: 15_613_000 ps.
		Weight::from_parts(20_621_000, 5972).saturating_add(T::DbWeight::get().reads(4))
	}

	fn wake() -> Weight {
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::Entries` (r:1 w:1)
		// Proof: `Liquidation::Entries` (`max_values`: None, `max_size`: Some(301), added: 2776, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::ParkedCount` (r:8 w:8)
		// Proof: `Liquidation::ParkedCount` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::Parked` (r:0 w:8)
		// Proof: `Liquidation::Parked` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::Queue` (r:0 w:1)
		// Proof: `Liquidation::Queue` (`max_values`: None, `max_size`: Some(50), added: 2525, mode: `MaxEncodedLen`)
		// Least time: 258_996_000 ps.
		Weight::from_parts(289_151_000, 27814)
			.saturating_add(T::DbWeight::get().reads(27))
			.saturating_add(T::DbWeight::get().writes(36))
	}

	/// An estimate on the high side, to be measured: the measured cost with eight positions, by position.
	fn rejudge(p: u32) -> Weight {
		Weight::from_parts(85_000_000, 6040)
			.saturating_add(Weight::from_parts(27_000_000, 3353).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(3))
			.saturating_add(T::DbWeight::get().writes(2).saturating_mul(p.into()))
	}

	fn advance() -> Weight {
		// Storage: `Liquidation::Entries` (r:1 w:1)
		// Proof: `Liquidation::Entries` (`max_values`: None, `max_size`: Some(301), added: 2776, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:0)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:8 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::BankruptCount` (r:8 w:8)
		// Proof: `Liquidation::BankruptCount` (`max_values`: None, `max_size`: Some(17), added: 2492, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::Queue` (r:0 w:2)
		// Proof: `Liquidation::Queue` (`max_values`: None, `max_size`: Some(50), added: 2525, mode: `MaxEncodedLen`)
		// Least time: 184_215_000 ps.
		Weight::from_parts(217_965_000, 27814)
			.saturating_add(T::DbWeight::get().reads(35))
			.saturating_add(T::DbWeight::get().writes(19))
	}

	/// An estimate on the high side, to be measured: the measured cost with eight positions, by position.
	fn step(p: u32) -> Weight {
		Weight::from_parts(250_000_000, 6040)
			.saturating_add(Weight::from_parts(62_000_000, 3353).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(11))
			.saturating_add(T::DbWeight::get().reads(5).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(8))
			.saturating_add(T::DbWeight::get().writes(3).saturating_mul(p.into()))
	}

	/// An estimate on the high side, to be measured: an account, a sum, an entry and a place in the queue.
	fn release() -> Weight {
		Weight::from_parts(150_000_000, 6040)
			.saturating_add(T::DbWeight::get().reads(5))
			.saturating_add(T::DbWeight::get().writes(4))
	}

	/// An estimate on the high side, to be measured: the measured cost with eight positions, by position.
	fn park(p: u32) -> Weight {
		Weight::from_parts(115_000_000, 6040)
			.saturating_add(Weight::from_parts(52_000_000, 3353).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(3))
			.saturating_add(T::DbWeight::get().reads(5).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(4))
			.saturating_add(T::DbWeight::get().writes(5).saturating_mul(p.into()))
	}

	/// An estimate on the high side, to be measured: the measured cost with eight positions, by position, and an ended generation for each.
	fn close(p: u32) -> Weight {
		Weight::from_parts(400_000_000, 6040)
			.saturating_add(Weight::from_parts(85_000_000, 3353).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(22))
			.saturating_add(T::DbWeight::get().reads(5).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().writes(20))
			.saturating_add(T::DbWeight::get().writes(3).saturating_mul(p.into()))
	}

	/// An estimate on the high side, to be measured: what was measured, and what the fund has paid for a market and an owner, and a
	/// market that is halted for it.
	/// `d` lies in 1 to 8.
	fn resolve(d: u32) -> Weight {
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::Entries` (r:1 w:1)
		// Proof: `Liquidation::Entries` (`max_values`: None, `max_size`: Some(301), added: 2776, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Tranches` (r:8 w:8)
		// Proof: `InsuranceFund::Tranches` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Flows` (r:9 w:9)
		// Proof: `InsuranceFund::Flows` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::FundSpending` (r:1 w:1)
		// Proof: `InsuranceFund::FundSpending` (`max_values`: Some(1), `max_size`: Some(621), added: 1116, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::FundCaps` (r:1 w:0)
		// Proof: `InsuranceFund::FundCaps` (`max_values`: Some(1), `max_size`: Some(48), added: 543, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Fund` (r:1 w:1)
		// Proof: `InsuranceFund::Fund` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::MarketReceipts` (r:8 w:8)
		// Proof: `Liquidation::MarketReceipts` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::BankruptCount` (r:8 w:8)
		// Proof: `Liquidation::BankruptCount` (`max_values`: None, `max_size`: Some(17), added: 2492, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::Queue` (r:0 w:1)
		// Proof: `Liquidation::Queue` (`max_values`: None, `max_size`: Some(50), added: 2525, mode: `MaxEncodedLen`)
		// Least time: 120_490_000 ps.
		Weight::from_parts(140_000_000, 4351)
			// Standard error: 289_387
			.saturating_add(Weight::from_parts(80_000_000, 0).saturating_mul(d.into()))
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().reads(11).saturating_mul(d.into()))
			.saturating_add(T::DbWeight::get().writes(12))
			.saturating_add(T::DbWeight::get().writes(11).saturating_mul(d.into()))
			.saturating_add(Weight::from_parts(0, 3353).saturating_mul(d.into()))
	}

	/// `m` lies in 1 to 8.
	fn pay_back(m: u32) -> Weight {
		// Storage: `Liquidation::Entries` (r:1 w:1)
		// Proof: `Liquidation::Entries` (`max_values`: None, `max_size`: Some(301), added: 2776, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:8)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Tranches` (r:8 w:8)
		// Proof: `InsuranceFund::Tranches` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Flows` (r:8 w:8)
		// Proof: `InsuranceFund::Flows` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
		// Least time: 289_852_000 ps.
		Weight::from_parts(260_000_000, 27814)
			// Standard error: 553_843
			.saturating_add(Weight::from_parts(140_000_000, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(25))
			.saturating_add(T::DbWeight::get().reads(4).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().writes(24))
			.saturating_add(T::DbWeight::get().writes(4).saturating_mul(m.into()))
			.saturating_add(Weight::from_parts(0, 2520).saturating_mul(m.into()))
	}

	/// An estimate on the high side, to be measured: two markets with losses, a market, a tranche, the fund, what went
	/// through both, its caps and what it has paid.
	fn pay_old_debt() -> Weight {
		Weight::from_parts(200_000_000, 6040)
			.saturating_add(T::DbWeight::get().reads(13))
			.saturating_add(T::DbWeight::get().writes(10))
	}

	/// An estimate on the high side, to be measured: what was measured, and the head of a line from which 250 accounts have
	/// left in this block.
	fn liquidate() -> Weight {
		// Storage: `Liquidation::Entries` (r:2 w:1)
		// Proof: `Liquidation::Entries` (`max_values`: None, `max_size`: Some(301), added: 2776, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:2 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Markets` (r:8 w:8)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:8 w:9)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `CircuitBreaker::Markets` (r:8 w:0)
		// Proof: `CircuitBreaker::Markets` (`max_values`: None, `max_size`: Some(58), added: 2533, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:8 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::CurrentParams` (r:1 w:0)
		// Proof: `Liquidation::CurrentParams` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Tranches` (r:1 w:1)
		// Proof: `InsuranceFund::Tranches` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Flows` (r:2 w:2)
		// Proof: `InsuranceFund::Flows` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
		// Storage: `InsuranceFund::Fund` (r:1 w:1)
		// Proof: `InsuranceFund::Fund` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Liquidation::Queue` (r:0 w:1)
		// Proof: `Liquidation::Queue` (`max_values`: None, `max_size`: Some(50), added: 2525, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:0 w:8)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Least time: 792_382_000 ps.
		Weight::from_parts(2_400_000_000, 27814)
			.saturating_add(T::DbWeight::get().reads(45))
			.saturating_add(T::DbWeight::get().writes(33))
	}

	fn set_params() -> Weight {
		// Storage: `Liquidation::CurrentParams` (r:0 w:1)
		// Proof: `Liquidation::CurrentParams` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
		// Least time: 2_634_000 ps.
		// Not measured yet: the worst fees of all markets. `Margin::Markets` (r:51 w:0)
		Weight::from_parts(502_864_000, 174_000)
			.saturating_add(T::DbWeight::get().reads(51))
			.saturating_add(T::DbWeight::get().writes(1))
	}

	fn fund_backstop() -> Weight {
		// Storage: `Margin::Markets` (r:1 w:1)
		// Proof: `Margin::Markets` (`max_values`: None, `max_size`: Some(878), added: 3353, mode: `MaxEncodedLen`)
		// Storage: `Margin::Custodied` (r:1 w:1)
		// Proof: `Margin::Custodied` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Assets::Account` (r:2 w:2)
		// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
		// Storage: `Assets::Asset` (r:1 w:1)
		// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
		// Storage: `Margin::Accounts` (r:1 w:1)
		// Proof: `Margin::Accounts` (`max_values`: None, `max_size`: Some(886), added: 3361, mode: `MaxEncodedLen`)
		// Storage: `Margin::Generations` (r:1 w:1)
		// Proof: `Margin::Generations` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Prices` (r:1 w:0)
		// Proof: `Oracle::Prices` (`max_values`: None, `max_size`: Some(121), added: 2596, mode: `MaxEncodedLen`)
		// Storage: `Oracle::Rounds` (r:1 w:0)
		// Proof: `Oracle::Rounds` (`max_values`: Some(1), `max_size`: Some(61), added: 556, mode: `MaxEncodedLen`)
		// Storage: `Margin::TotalCash` (r:1 w:1)
		// Proof: `Margin::TotalCash` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
		// Storage: `Margin::Triggers` (r:0 w:2)
		// Proof: `Margin::Triggers` (`max_values`: None, `max_size`: Some(59), added: 2534, mode: `MaxEncodedLen`)
		// Least time: 110_114_000 ps.
		Weight::from_parts(131_186_000, 6208)
			.saturating_add(T::DbWeight::get().reads(10))
			.saturating_add(T::DbWeight::get().writes(10))
	}
}
