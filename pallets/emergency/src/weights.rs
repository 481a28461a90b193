// SPDX-License-Identifier: Apache-2.0
//! What calls and hook cost.

use frame_support::weights::Weight;

/// Weights of this pallet's calls, and of the steps of its hook.
pub trait WeightInfo {
	/// A block in which no pause ends, with `p` pauses.
	fn idle(p: u32) -> Weight;
	/// To end a pause.
	fn end_pause() -> Weight;
	/// To approve of an act that as many approve of as may, the last of whom does it.
	fn approve() -> Weight;
	/// To see whether a member with as many accounts as there may be has a position in a market.
	fn has_position() -> Weight;
	/// To take an approval back.
	fn withdraw_approval() -> Weight;
	/// To halt a market alone.
	fn halt_alone() -> Weight;
	/// To clear as many approvals as one member may have given.
	fn forget() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn idle(_: u32) -> Weight {
		Weight::from_parts(10_000_000, 0)
	}

	fn end_pause() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}

	fn approve() -> Weight {
		Weight::from_parts(100_000_000, 0)
	}

	fn has_position() -> Weight {
		Weight::from_parts(10_000_000, 0)
	}

	fn withdraw_approval() -> Weight {
		Weight::from_parts(50_000_000, 0)
	}

	fn halt_alone() -> Weight {
		Weight::from_parts(50_000_000, 0)
	}

	fn forget() -> Weight {
		Weight::from_parts(50_000_000, 0)
	}
}
