// SPDX-License-Identifier: Apache-2.0
//! What the extension costs.

use frame_support::weights::Weight;

/// Weights of the extension.
pub trait WeightInfo {
	/// To see whether an urgent call may be made, to note it for two accounts, and to forget it at the end of the block.
	fn urgent_call() -> Weight;
}

/// For tests.
impl WeightInfo for () {
	fn urgent_call() -> Weight {
		Weight::from_parts(50_000_000, 0)
	}
}
