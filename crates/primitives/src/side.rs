// SPDX-License-Identifier: Apache-2.0
//! Long or short.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The side of a position or of an order.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Side {
	/// Owns the underlying's value: gains when the price rises.
	Long,
	/// Owes the underlying's value: gains when the price falls.
	Short,
}

impl Side {
	/// Both sides, long first.
	pub const BOTH: [Self; 2] = [Self::Long, Self::Short];

	/// The other side.
	pub const fn opposite(self) -> Self {
		match self {
			Self::Long => Self::Short,
			Self::Short => Self::Long,
		}
	}
}
