// SPDX-License-Identifier: Apache-2.0
//! What calls and hooks cost. The runtime uses measured weights; `()` has round ones for tests.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// What calls and hooks cost.
pub trait WeightInfo {
	/// Looking at `markets` markets, in each of which an order ends and the price trips.
	fn begin_block(markets: u32) -> Weight;
	/// Guarding or halting a market.
	fn order() -> Weight;
	/// Ending the orders on a market.
	fn resume_market() -> Weight;
}

impl WeightInfo for () {
	fn begin_block(markets: u32) -> Weight {
		let markets = u64::from(markets);
		Weight::from_parts(5_000_000 + 25_000_000 * markets, 0)
			+ RocksDbWeight::get().reads_writes(2 + 6 * markets, 2 + 4 * markets)
	}

	fn order() -> Weight {
		Weight::from_parts(25_000_000, 0) + RocksDbWeight::get().reads_writes(4, 5)
	}

	fn resume_market() -> Weight {
		Weight::from_parts(20_000_000, 0) + RocksDbWeight::get().reads_writes(2, 2)
	}
}
