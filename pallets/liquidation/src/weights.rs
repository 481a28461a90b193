// SPDX-License-Identifier: Apache-2.0
//! What calls and steps cost. The runtime uses measured weights; those of `()` are for tests.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// The weight of each call, and of each unit of work in `on_initialize`. An account has as many positions
/// as is said, or as it may have.
pub trait WeightInfo {
	/// A block with nothing to do.
	fn idle() -> Weight;
	/// Asking whether a market that somebody waits for can be liquidated again.
	fn ask() -> Weight;
	/// Putting an account that waits for all its markets back in line.
	fn wake() -> Weight;
	/// Judging an account in line again that has so many positions.
	fn rejudge(positions: u32) -> Weight;
	/// Letting one come earlier that has turned bankrupt.
	fn advance() -> Weight;
	/// One step that takes a position: of an account that was bankrupt and is not any more, by
	/// deleveraging, after the backstop has refused.
	fn step(positions: u32) -> Weight;
	/// One step that lets an account go that has no position left and owes nothing.
	fn release() -> Weight;
	/// One step that closes a position of an account that has just turned bankrupt, and pays for its part.
	fn close(positions: u32) -> Weight;
	/// One step that parks an account that has just turned bankrupt.
	fn park(positions: u32) -> Weight;
	/// Paying for `deficits` parts of a bankrupt account's debt, and letting it go.
	fn resolve(deficits: u32) -> Weight;
	/// Paying back what was paid for losses in so many markets.
	fn pay_back(markets: u32) -> Weight;
	/// Paying what a market owes out of its tranche and the global fund.
	fn pay_old_debt() -> Weight;
	/// Seizing an account and taking one step with it.
	fn liquidate() -> Weight;
	/// New parameters.
	fn set_params() -> Weight;
	/// A gift to a backstop that holds a position.
	fn fund_backstop() -> Weight;
}

/// Round numbers for tests: microseconds, reads and writes.
impl WeightInfo for () {
	fn idle() -> Weight {
		cost(10, 3, 0)
	}
	fn ask() -> Weight {
		cost(20, 7, 0)
	}
	fn wake() -> Weight {
		cost(200, 26, 18)
	}
	fn rejudge(positions: u32) -> Weight {
		cost(50, 4, 1).saturating_add(cost(15, 1, 0).saturating_mul(positions.into()))
	}
	fn advance() -> Weight {
		cost(300, 45, 20)
	}
	fn step(positions: u32) -> Weight {
		cost(300, 11, 8).saturating_add(cost(90, 8, 4).saturating_mul(positions.into()))
	}
	fn release() -> Weight {
		cost(150, 5, 4)
	}
	fn close(positions: u32) -> Weight {
		cost(300, 16, 10).saturating_add(cost(90, 8, 5).saturating_mul(positions.into()))
	}
	fn park(positions: u32) -> Weight {
		cost(100, 4, 4).saturating_add(cost(40, 7, 4).saturating_mul(positions.into()))
	}
	fn resolve(deficits: u32) -> Weight {
		cost(150, 12, 8).saturating_add(cost(300, 10, 8).saturating_mul(deficits.into()))
	}
	fn pay_back(markets: u32) -> Weight {
		cost(50, 4, 2).saturating_add(cost(200, 6, 4).saturating_mul(markets.into()))
	}
	fn pay_old_debt() -> Weight {
		cost(100, 9, 9)
	}
	fn liquidate() -> Weight {
		cost(1_300, 85, 50)
	}
	fn set_params() -> Weight {
		cost(500, 51, 1)
	}
	fn fund_backstop() -> Weight {
		cost(250, 15, 10)
	}
}

fn cost(micros: u64, reads: u64, writes: u64) -> Weight {
	Weight::from_parts(micros.saturating_mul(1_000_000), reads.saturating_mul(2_048))
		.saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}
