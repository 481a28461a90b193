// SPDX-License-Identifier: Apache-2.0
//! What calls and steps cost. The runtime uses measured weights; those of `()` are for tests.

use frame_support::weights::Weight;

/// The weight of each call, and of each unit of work in `on_initialize`.
pub trait WeightInfo {
	/// A block with nothing to do.
	fn idle() -> Weight;
	/// Asking whether a market is open again, or putting a parked account back in line.
	fn wake() -> Weight;
	/// Judging an account in line again.
	fn rejudge() -> Weight;
	/// Letting one come earlier that has turned bankrupt.
	fn advance() -> Weight;
	/// One step with an account, without paying for deficits.
	fn step() -> Weight;
	/// Paying for `deficits` parts of a bankrupt account's debt.
	fn resolve(deficits: u32) -> Weight;
	/// Seizing an account and taking one step with it, without paying for deficits.
	fn liquidate() -> Weight;
	/// New parameters.
	fn set_params() -> Weight;
	/// A gift to a backstop that holds a position.
	fn fund_backstop() -> Weight;
}

/// Round numbers: 10 us and 2 kB for each item that is read or written.
impl WeightInfo for () {
	fn idle() -> Weight {
		items(2)
	}
	fn wake() -> Weight {
		items(10)
	}
	fn rejudge() -> Weight {
		items(12)
	}
	fn advance() -> Weight {
		items(30)
	}
	fn step() -> Weight {
		items(50)
	}
	fn resolve(deficits: u32) -> Weight {
		items(10).saturating_add(items(15).saturating_mul(deficits.into()))
	}
	fn liquidate() -> Weight {
		items(70)
	}
	fn set_params() -> Weight {
		items(1)
	}
	fn fund_backstop() -> Weight {
		items(15)
	}
}

fn items(count: u64) -> Weight {
	Weight::from_parts(10_000_000, 2_048).saturating_mul(count)
}
