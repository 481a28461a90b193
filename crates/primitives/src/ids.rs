// SPDX-License-Identifier: Apache-2.0
//! Who and what: identifiers.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

macro_rules! id {
	($(#[$doc:meta])* $name:ident($inner:ty)) => {
		$(#[$doc])*
		#[derive(
			Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash,
			Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
		)]
		#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
		pub struct $name(pub $inner);

		impl From<$inner> for $name {
			fn from(raw: $inner) -> Self {
				Self(raw)
			}
		}
	};
}

id! {
	/// A market: one perpetual future on one feed. Ids are given in order of listing.
	MarketId(u32)
}
id! {
	/// A price feed of the oracle.
	FeedId(u32)
}
id! {
	/// One of the margin accounts of an owner. Sub-account 0 is the main one; isolated margin is a
	/// position alone in a sub-account.
	SubAccount(u8)
}

/// A margin account: an owner's sub-account. Health, liquidation and bankruptcy concern it alone;
/// what happens to one sub-account never touches another of the same owner.
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
pub struct MarginAccount<AccountId> {
	/// The chain account that owns it.
	pub owner: AccountId,
	/// Which of the owner's sub-accounts.
	pub sub: SubAccount,
}

impl<AccountId> MarginAccount<AccountId> {
	/// The sub-account `sub` of `owner`.
	pub const fn new(owner: AccountId, sub: SubAccount) -> Self {
		Self { owner, sub }
	}

	/// The main sub-account of `owner`.
	pub const fn main(owner: AccountId) -> Self {
		Self { owner, sub: SubAccount(0) }
	}
}
