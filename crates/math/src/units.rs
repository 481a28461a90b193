// SPDX-License-Identifier: Apache-2.0
//! Scales, levels and stored units, and how sizes become units.

use crate::{
	int::{div_ceil, div_floor, narrow, narrow_signed, wide_product, I256},
	MathError, MathResult,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{Price, Quote, Ratio, Side, Size};
use primitive_types::U256;
use scale_info::TypeInfo;

/// 1e27, the decimals of scales and levels.
pub const ONE_E27: u128 = 1_000_000_000_000_000_000_000_000_000;
/// 1e18, the decimals of prices.
pub const ONE_E18: u128 = 1_000_000_000_000_000_000;
/// 1e9, the decimals of ratios, sizes and stored units.
pub const ONE_E9: u128 = 1_000_000_000;

/// The largest open interest a market may have, and so the largest size: 2^96 (7.9e19 base units). At the
/// highest price that is 8e28 dollars, which `Quote` holds; at the lowest scale fewer than 2^120 units.
pub const SIZE_MAX: Size = Size(1 << 96);

/// Dollars per whole stored unit, 27 decimals.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
pub struct Level(pub i128);

impl Level {
	/// Nothing.
	pub const ZERO: Self = Self(0);

	/// The sum of two levels.
	///
	/// Domain: sums that are levels, else [`MathError::Overflow`].
	pub fn plus(self, other: Self) -> MathResult<Self> {
		self.0.checked_add(other.0).map(Self).ok_or(MathError::Overflow)
	}

	/// The difference of two levels.
	///
	/// Domain: differences that are levels, else [`MathError::Overflow`].
	pub fn minus(self, other: Self) -> MathResult<Self> {
		self.0.checked_sub(other.0).map(Self).ok_or(MathError::Overflow)
	}
}

/// Base units per stored unit, 27 decimals. Starts at one and only falls.
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
pub struct Scale(pub u128);

impl Scale {
	/// A stored unit is a base unit.
	pub const ONE: Self = Self(ONE_E27);
	/// Nothing is left of a stored unit.
	pub const ZERO: Self = Self(0);
	/// Under this scale (1e-6) a side is re-based, so that stored units of a bounded size stay
	/// below 2^120.
	pub const FLOOR: Self = Self(1_000_000_000_000_000_000_000);
}

impl Default for Scale {
	fn default() -> Self {
		Self::ONE
	}
}

/// Stored units, 9 decimals: what a position keeps. Its size is units times scale.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
pub struct Units(pub u128);

impl Units {
	/// None.
	pub const ZERO: Self = Self(0);
	/// A side has at most this many: 2^120 - 1.
	pub const MAX: Self = Self((1 << 120) - 1);

	/// Whether there are none.
	pub const fn is_zero(self) -> bool {
		self.0 == 0
	}

	/// The sum, at most [`Units::MAX`].
	///
	/// Domain: sums of at most [`Units::MAX`], else [`MathError::Overflow`].
	pub fn plus(self, other: Self) -> MathResult<Self> {
		let sum = self.0.checked_add(other.0).ok_or(MathError::Overflow)?;
		if sum > Self::MAX.0 {
			Err(MathError::Overflow)
		} else {
			Ok(Self(sum))
		}
	}

	/// The difference, at least zero.
	///
	/// Domain: `other <= self`, else [`MathError::Insufficient`].
	pub fn minus(self, other: Self) -> MathResult<Self> {
		self.0.checked_sub(other.0).map(Self).ok_or(MathError::Insufficient)
	}
}

/// Counts how often a side was closed out or re-based. A position belongs to one generation.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
pub struct Generation(pub u32);

impl Generation {
	/// The one after it. Saturates after four billion, which no market reaches: each takes the
	/// deleveraging of a whole side.
	#[must_use]
	pub const fn next(self) -> Self {
		Self(self.0.saturating_add(1))
	}
}

/// Funding per eight hours, in parts per billion of notional. Positive: longs pay shorts.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FundingRate(pub i64);

/// `size(q) = floor(q * A)`: what a position is shown as.
///
/// Domain: the bounds of the crate.
pub fn size_of(units: Units, scale: Scale) -> MathResult<Size> {
	narrow(div_floor(wide_product(units.0, scale.0), U256::from(ONE_E27))?).map(Size)
}

/// The fewest stored units that are shown as `size`: `ceil(size / A)`.
///
/// As `A <= 1`, `size_of` of the result is exactly `size`: what somebody opens is what he sees.
///
/// Domain: a size of at most [`SIZE_MAX`], a scale of at least [`Scale::FLOOR`]; what does not fit is
/// [`MathError::Overflow`].
pub fn units_for(size: Size, scale: Scale) -> MathResult<Units> {
	let units = narrow(div_ceil(wide_product(size.0, ONE_E27), U256::from(scale.0))?)?;
	if units > Units::MAX.0 {
		Err(MathError::Overflow)
	} else {
		Ok(Units(units))
	}
}

/// The units given up when `size` of a position of `units` is closed, such that exactly the rest is
/// shown afterwards; closing all that is shown gives up all units.
///
/// Domain: the bounds of the crate, `size` of at most what is shown, else [`MathError::Insufficient`].
pub fn units_to_close(units: Units, scale: Scale, size: Size) -> MathResult<Units> {
	let rest = size_of(units, scale)?.0.checked_sub(size.0).ok_or(MathError::Insufficient)?;
	units.minus(units_for(Size(rest), scale)?)
}

/// Which way a level is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
	/// Towards minus infinity: for what an account owns or receives.
	Down,
	/// Towards plus infinity: for what an account owes or pays.
	Up,
}

impl Rounding {
	/// Against the holder: a long owns his level, a short owes it.
	pub const fn against(side: Side) -> Self {
		match side {
			Side::Long => Self::Down,
			Side::Short => Self::Up,
		}
	}

	/// The other way.
	#[must_use]
	pub const fn flipped(self) -> Self {
		match self {
			Self::Down => Self::Up,
			Self::Up => Self::Down,
		}
	}

	/// `a / b`, rounded this way.
	///
	/// Domain: `b > 0`, else [`MathError::DivisionByZero`].
	pub fn div(self, a: U256, b: U256) -> MathResult<U256> {
		match self {
			Self::Down => div_floor(a, b),
			Self::Up => div_ceil(a, b),
		}
	}

	/// Dollars out of 1e-36 dollars, rounded this way.
	///
	/// Domain: values that are amounts, else [`MathError::Overflow`].
	pub fn quote(self, exact: I256) -> MathResult<Quote> {
		match self {
			Self::Down => exact.quote_floor(),
			Self::Up => exact.quote_ceil(),
		}
	}
}

/// `A * p * factor` as a level, where `factor` is in parts per billion: at most 2^90 * 2^90 * 2^32.
pub(crate) fn scaled_price(
	scale: Scale,
	price: Price,
	factor: u128,
	rounding: Rounding,
) -> MathResult<Level> {
	let product =
		wide_product(scale.0, price.0).checked_mul(U256::from(factor)).ok_or(MathError::Overflow)?;
	// Decimals: 27 + 18 + 9, less 27 that a level keeps.
	rounding.div(product, U256::from(ONE_E27)).and_then(narrow_signed).map(Level)
}

/// `1 - r` for a long, `1 + r` for a short, in parts per billion. Nothing is left of a long at a rate of one or
/// more; the sum for a short fits, both parts being below 2^64.
pub(crate) fn weight(side: Side, rate: Ratio) -> u128 {
	match side {
		Side::Long => ONE_E9.saturating_sub(u128::from(rate.0)),
		Side::Short => ONE_E9.saturating_add(u128::from(rate.0)),
	}
}

/// `size * price` in dollars, rounded up: a notional amount.
///
/// Domain: the bounds of the crate, a size of at most [`SIZE_MAX`].
pub fn notional(size: Size, price: Price) -> MathResult<Quote> {
	// Decimals: 9 + 18, less the 6 of Quote: 21.
	const DECIMALS: u128 = 1_000_000_000_000_000_000_000;
	div_ceil(wide_product(size.0, price.0), U256::from(DECIMALS)).and_then(narrow_signed).map(Quote)
}

/// `amount * ratio` for `amount >= 0`, rounded as told. A negative amount counts as nothing.
///
/// Domain: any amount, a ratio of at most one; beyond it what does not fit is [`MathError::Overflow`].
pub fn share(amount: Quote, ratio: Ratio, rounding: Rounding) -> MathResult<Quote> {
	let amount = u128::try_from(amount.0).unwrap_or(0);
	rounding
		.div(wide_product(amount, u128::from(ratio.0)), U256::from(ONE_E9))
		.and_then(narrow_signed)
		.map(Quote)
}
