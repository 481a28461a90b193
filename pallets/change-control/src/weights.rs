// SPDX-License-Identifier: Apache-2.0
//! What calls and hook cost.

use frame_support::weights::Weight;

/// Weights of this pallet's calls, and of the steps of its hook.
pub trait WeightInfo {
	/// A block in which nothing is tabled, while a change waits.
	fn idle() -> Weight;
	/// To see whether one more change is still voted on or scheduled, and to forget it or put it back when it is not.
	fn look() -> Weight;
	/// To look at a referendum that was tabled: as many calls as there may be, in as many bytes.
	fn judge() -> Weight;
	/// To look at a change once more and let go of its bytes, without running it.
	fn enact() -> Weight;
	/// To take a change out of its timelock.
	fn cancel() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn idle() -> Weight {
		Weight::from_parts(10_000_000, 0)
	}

	fn look() -> Weight {
		Weight::from_parts(10_000_000, 0)
	}

	fn judge() -> Weight {
		Weight::from_parts(1_000_000_000, 0)
	}

	fn enact() -> Weight {
		Weight::from_parts(1_000_000_000, 0)
	}

	fn cancel() -> Weight {
		Weight::from_parts(50_000_000, 0)
	}
}
