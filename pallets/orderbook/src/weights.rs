// SPDX-License-Identifier: Apache-2.0
//! What calls and steps of the hook cost. The runtime has measured figures; these are for tests.

use frame_support::weights::{constants::ParityDbWeight, Weight};

/// What this pallet costs.
pub trait WeightInfo {
	/// The hook, when nothing is to be done.
	fn idle() -> Weight;
	/// Placing an order that rests.
	fn place_order() -> Weight;
	/// Placing a reduction that rests.
	fn reduce_order() -> Weight;
	/// Judging a taker, with the first resting order that it meets.
	fn take_order() -> Weight;
	/// Meeting a resting order: filling it, or taking it off the book.
	fn meet_order() -> Weight;
	/// Cancelling one order.
	fn cancel_order() -> Weight;
	/// Cancelling `n` at once.
	fn cancel_all(n: u32) -> Weight;
	/// Amending an order: a new place on the book.
	fn amend_order() -> Weight;
	/// Setting the dead man's switch.
	fn keep_alive() -> Weight;
	/// Setting the fees.
	fn set_fees() -> Weight;
	/// In the hook: an order that expires.
	fn expire_order() -> Weight;
	/// In the hook: a switch that fires, with `n` orders.
	fn fire_switch(n: u32) -> Weight;
	/// In the hook: sharing the fees of a market.
	fn share_fees() -> Weight;
	/// Placing a conditional order.
	fn place_conditional() -> Weight;
	/// Cancelling `n` conditional orders.
	fn cancel_conditional(n: u32) -> Weight;
	/// In the hook: looking whether conditional orders of a market fire.
	fn look_at_triggers() -> Weight;
	/// In the hook: a conditional order that fires, but for what it meets.
	fn fire_conditional() -> Weight;
	/// In the hook: finding the impact price of a market.
	fn find_impact() -> Weight;
	/// Choosing how a market matches.
	fn set_mode() -> Weight;
	/// In the hook: looking whether an auction goes on.
	fn look_at_auction() -> Weight;
	/// In the hook: one order when the price of an auction is found.
	fn price_order() -> Weight;
	/// In the hook: filling a bid and an ask of an auction.
	fn fill_pair() -> Weight;
}

/// Rough figures for tests.
impl WeightInfo for () {
	fn idle() -> Weight {
		rough(8, 1)
	}
	fn place_order() -> Weight {
		rough(8, 4)
	}
	fn reduce_order() -> Weight {
		rough(8, 4)
	}
	fn take_order() -> Weight {
		rough(14, 12)
	}
	fn meet_order() -> Weight {
		rough(8, 6)
	}
	fn cancel_order() -> Weight {
		rough(1, 3)
	}
	fn cancel_all(n: u32) -> Weight {
		rough(1, 1).saturating_add(rough(0, 2).saturating_mul(n.into()))
	}
	fn amend_order() -> Weight {
		rough(8, 6)
	}
	fn keep_alive() -> Weight {
		rough(1, 3)
	}
	fn set_fees() -> Weight {
		rough(0, 1)
	}
	fn expire_order() -> Weight {
		rough(2, 3)
	}
	fn fire_switch(n: u32) -> Weight {
		rough(2, 3).saturating_add(rough(0, 2).saturating_mul(n.into()))
	}
	fn share_fees() -> Weight {
		rough(4, 4)
	}
	fn place_conditional() -> Weight {
		rough(6, 4)
	}
	fn cancel_conditional(n: u32) -> Weight {
		rough(2, 2).saturating_add(rough(0, 1).saturating_mul(n.into()))
	}
	fn look_at_triggers() -> Weight {
		rough(6, 0)
	}
	fn fire_conditional() -> Weight {
		rough(10, 8)
	}
	fn find_impact() -> Weight {
		rough(170, 1)
	}
	fn set_mode() -> Weight {
		rough(1, 1)
	}
	fn look_at_auction() -> Weight {
		rough(4, 0)
	}
	fn price_order() -> Weight {
		rough(6, 0)
	}
	fn fill_pair() -> Weight {
		rough(12, 12)
	}
}

fn rough(reads: u64, writes: u64) -> Weight {
	Weight::from_parts(50_000_000, 10_000).saturating_add(ParityDbWeight::get().reads_writes(reads, writes))
}
