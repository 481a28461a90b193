// SPDX-License-Identifier: Apache-2.0
//! What a faucet gives.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// What a faucet gives, and how often to one account.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Grant<Native, Collateral, BlockNumber> {
	/// Native tokens per drip, in their smallest unit.
	pub native: Native,
	/// Collateral per drip, in its smallest unit.
	pub collateral: Collateral,
	/// Blocks between two drips on the same account.
	pub every: BlockNumber,
}
