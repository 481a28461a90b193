// SPDX-License-Identifier: Apache-2.0
//! Who comes first.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_traits::Judgement;
use scale_info::TypeInfo;

/// A place in the queue, as bytes that sort like the places do: a class, then an order within it.
///
/// | class | order within it |
/// |---|---|
/// | 0: bankrupt | by shortfall, the largest first |
/// | 1: unhealthy | by shortfall, the largest first |
/// | 2: put aside | by block, the oldest first |
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Rank {
	class: u8,
	/// Big-endian, so that bytes compare like numbers.
	order: [u8; 16],
}

impl Rank {
	const BANKRUPT: u8 = 0;
	const UNHEALTHY: u8 = 1;
	const ASIDE: u8 = 2;

	/// The place of an account that was judged so.
	pub fn of(judgement: &Judgement) -> Self {
		let class = if judgement.is_bankrupt() { Self::BANKRUPT } else { Self::UNHEALTHY };
		let shortfall = judgement.health.0.min(0).unsigned_abs();
		// The complement: a larger shortfall sorts before a smaller one.
		Self { class, order: (!shortfall).to_be_bytes() }
	}

	/// The place of an account whose step failed in `block`.
	pub fn aside(block: u64) -> Self {
		Self { class: Self::ASIDE, order: u128::from(block).to_be_bytes() }
	}

	/// Before everybody: nothing is left to close, only debts to resolve.
	pub const fn first() -> Self {
		Self { class: Self::BANKRUPT, order: [0; 16] }
	}

	/// Behind all who are bankrupt, before all others.
	pub const fn solvent() -> Self {
		Self { class: Self::UNHEALTHY, order: [0; 16] }
	}

	/// Whether the account was put aside.
	pub const fn is_aside(&self) -> bool {
		self.class == Self::ASIDE
	}
}
