// SPDX-License-Identifier: Apache-2.0
//! Amounts and their units. The arithmetic is in `keel-math`.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

macro_rules! unit {
	($(#[$doc:meta])* $name:ident($inner:ty), one = $one:expr) => {
		$(#[$doc])*
		#[derive(
			Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash,
			Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
		)]
		#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
		pub struct $name(pub $inner);

		impl $name {
			/// Nothing.
			pub const ZERO: Self = Self(0);
			/// One whole unit.
			pub const ONE: Self = Self($one);

			/// Whether it is nothing.
			pub const fn is_zero(self) -> bool {
				self.0 == 0
			}

			/// The raw number of smallest units.
			pub const fn raw(self) -> $inner {
				self.0
			}
		}
	};
}

unit! {
	/// Dollars per whole base unit, 18 decimals. A valid price lies in `Price::MIN..=Price::MAX`.
	Price(u128), one = 1_000_000_000_000_000_000
}
unit! {
	/// A quantity of the base asset, in 1e-9 base units. Never negative: a position has a [`crate::Side`].
	Size(u128), one = 1_000_000_000
}
unit! {
	/// Dollars, in 1e-6 dollars, the smallest unit of USDK. Signed: a debt is negative.
	Quote(i128), one = 1_000_000
}
unit! {
	/// A ratio, in parts per billion: 50_000_000 is 5 %.
	Ratio(u64), one = 1_000_000_000
}
unit! {
	/// Standard deviation of log returns over one day, in parts per billion.
	Volatility(u64), one = 1_000_000_000
}

impl Price {
	/// The lowest price a market may have: 1e-6 dollars. List 1000-fold units of cheaper assets.
	pub const MIN: Self = Self(1_000_000_000_000);
	/// The highest price a market may have: 1e9 dollars.
	pub const MAX: Self = Self(1_000_000_000_000_000_000_000_000_000);

	/// Whether it lies within the bounds that the arithmetic is proven for.
	pub const fn in_bounds(self) -> bool {
		self.0 >= Self::MIN.0 && self.0 <= Self::MAX.0
	}

	/// A whole number of dollars.
	pub const fn dollars(whole: u32) -> Self {
		// u32::MAX * 1e18 < 2^92: cannot overflow.
		Self((whole as u128).saturating_mul(Self::ONE.0))
	}
}

impl Quote {
	/// Whether it is a debt.
	pub const fn is_negative(self) -> bool {
		self.0 < 0
	}

	/// A whole number of dollars.
	pub const fn dollars(whole: i64) -> Self {
		// i64::MAX * 1e6 < 2^83: cannot overflow.
		Self((whole as i128).saturating_mul(Self::ONE.0))
	}
}

impl Ratio {
	/// A number of basis points (1e-4).
	pub const fn basis_points(count: u32) -> Self {
		// u32::MAX * 1e5 < 2^49: cannot overflow.
		Self((count as u64).saturating_mul(100_000))
	}

	/// A number of percent.
	pub const fn percent(count: u32) -> Self {
		// u32::MAX * 1e7 < 2^56: cannot overflow.
		Self((count as u64).saturating_mul(10_000_000))
	}
}
