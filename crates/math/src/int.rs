// SPDX-License-Identifier: Apache-2.0
//! Signed 256-bit integers, for sums that must be exact before they are rounded.
//!
//! Amounts in dollars are held in 1e-36 dollars (stored units have 9 decimals, levels 27), sizes in
//! 1e-36 base units. Both are what a plain product gives: nothing is rounded on the way.

use crate::{MathError, MathResult};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::cmp::Ordering;
use keel_primitives::Quote;
use primitive_types::U256;
use scale_info::TypeInfo;

/// How many 1e-36 dollars one unit of [`Quote`] (1e-6 dollars) is.
pub const EXACT_PER_QUOTE: u128 = 1_000_000_000_000_000_000_000_000_000_000;

/// A signed 256-bit integer in two's complement, stored as its two halves.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct I256 {
	/// The upper half, with the sign.
	high: i128,
	/// The lower half.
	low: u128,
}

impl PartialOrd for I256 {
	fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
		Some(self.cmp(other))
	}
}

impl Ord for I256 {
	fn cmp(&self, other: &Self) -> Ordering {
		self.high.cmp(&other.high).then(self.low.cmp(&other.low))
	}
}

impl From<i128> for I256 {
	fn from(value: i128) -> Self {
		Self { high: if value < 0 { -1 } else { 0 }, low: value.cast_unsigned() }
	}
}

impl From<u128> for I256 {
	fn from(value: u128) -> Self {
		Self { high: 0, low: value }
	}
}

/// An amount in 1e-36 dollars.
impl From<Quote> for I256 {
	fn from(amount: Quote) -> Self {
		// 2^127 * 2^100 < 2^255: the product always fits.
		Self::signed(amount.0 < 0, wide_product(amount.0.unsigned_abs(), EXACT_PER_QUOTE)).unwrap_or_default()
	}
}

impl I256 {
	/// Zero.
	pub const ZERO: Self = Self { high: 0, low: 0 };
	/// The largest value.
	pub const MAX: Self = Self { high: i128::MAX, low: u128::MAX };

	/// Whether it is below zero.
	pub const fn is_negative(self) -> bool {
		self.high < 0
	}

	/// Whether it is zero.
	pub const fn is_zero(self) -> bool {
		self.high == 0 && self.low == 0
	}

	/// `-magnitude` or `magnitude`.
	///
	/// Domain: a magnitude below 2^255, else [`MathError::Overflow`].
	pub fn signed(negative: bool, magnitude: U256) -> MathResult<Self> {
		let bytes = magnitude.to_little_endian();
		let low = bytes.first_chunk::<16>().map_or(0, |half| u128::from_le_bytes(*half));
		let high = bytes.last_chunk::<16>().map_or(0, |half| u128::from_le_bytes(*half));
		let high = i128::try_from(high).map_err(|_| MathError::Overflow)?;
		let positive = Self { high, low };
		Ok(if negative { positive.negated() } else { positive })
	}

	/// Sign and magnitude.
	pub fn parts(self) -> (bool, U256) {
		let positive = if self.is_negative() { self.negated() } else { self };
		let mut bytes = [0; 32];
		let halves = positive.low.to_le_bytes().into_iter().chain(positive.high.to_le_bytes());
		for (to, from) in bytes.iter_mut().zip(halves) {
			*to = from;
		}
		(self.is_negative(), U256::from_little_endian(&bytes))
	}

	/// Minus the value. The lowest value of two's complement has no counterpart; no sum of bounded
	/// products reaches it, and it maps to itself.
	#[must_use]
	pub const fn negated(self) -> Self {
		let (low, carry) = (!self.low).overflowing_add(1);
		let high = if carry { (!self.high).wrapping_add(1) } else { !self.high };
		Self { high, low }
	}

	/// The sum.
	///
	/// Domain: sums that are within ±2^255, else [`MathError::Overflow`].
	pub fn plus(self, other: Self) -> MathResult<Self> {
		let (low, carry) = self.low.overflowing_add(other.low);
		let high = self.high.checked_add(other.high).ok_or(MathError::Overflow)?;
		let high = high.checked_add(i128::from(carry)).ok_or(MathError::Overflow)?;
		Ok(Self { high, low })
	}

	/// The difference.
	///
	/// Domain: differences that are within ±2^255, else [`MathError::Overflow`]; not of the lowest value.
	pub fn minus(self, other: Self) -> MathResult<Self> {
		self.plus(other.negated())
	}

	/// `units * level`, exact.
	///
	/// Domain: products below 2^255, else [`MathError::Overflow`].
	pub fn product(units: u128, level: i128) -> MathResult<Self> {
		Self::signed(level < 0, wide_product(units, level.unsigned_abs()))
	}

	/// The value times a factor.
	///
	/// Domain: products below 2^255, else [`MathError::Overflow`].
	pub fn times(self, factor: u128) -> MathResult<Self> {
		let (negative, magnitude) = self.parts();
		let product = magnitude.checked_mul(U256::from(factor)).ok_or(MathError::Overflow)?;
		Self::signed(negative, product)
	}

	/// The quotient, rounded towards minus infinity.
	///
	/// Domain: a divisor above zero, else [`MathError::DivisionByZero`]; not of the lowest value.
	pub fn div_floor(self, divisor: U256) -> MathResult<Self> {
		let (negative, magnitude) = self.parts();
		let quotient = if negative { div_ceil(magnitude, divisor)? } else { div_floor(magnitude, divisor)? };
		Self::signed(negative, quotient)
	}

	/// The quotient, rounded towards plus infinity.
	///
	/// Domain: a divisor above zero, else [`MathError::DivisionByZero`]; not of the lowest value.
	pub fn div_ceil(self, divisor: U256) -> MathResult<Self> {
		Ok(self.negated().div_floor(divisor)?.negated())
	}

	/// The value as `i128`.
	///
	/// Domain: values of an `i128`, else [`MathError::Overflow`].
	pub fn to_i128(self) -> MathResult<i128> {
		let low = self.low.cast_signed();
		if self.high == (if low < 0 { -1 } else { 0 }) {
			Ok(low)
		} else {
			Err(MathError::Overflow)
		}
	}

	/// Dollars out of 1e-36 dollars, rounded down.
	///
	/// Domain: values that are amounts, else [`MathError::Overflow`].
	pub fn quote_floor(self) -> MathResult<Quote> {
		self.div_floor(U256::from(EXACT_PER_QUOTE))?.to_i128().map(Quote)
	}

	/// Dollars out of 1e-36 dollars, rounded up.
	///
	/// Domain: values that are amounts, else [`MathError::Overflow`].
	pub fn quote_ceil(self) -> MathResult<Quote> {
		self.div_ceil(U256::from(EXACT_PER_QUOTE))?.to_i128().map(Quote)
	}
}

/// `a * b`, which always fits.
///
/// Domain: any factors.
pub fn wide_product(a: u128, b: u128) -> U256 {
	// (2^128 - 1)^2 < 2^256.
	U256::from(a).checked_mul(U256::from(b)).unwrap_or(U256::MAX)
}

/// `a / b`, rounded down.
///
/// Domain: a divisor above zero, else [`MathError::DivisionByZero`].
pub fn div_floor(a: U256, b: U256) -> MathResult<U256> {
	a.checked_div(b).ok_or(MathError::DivisionByZero)
}

/// `a / b`, rounded up.
///
/// Domain: a divisor above zero, else [`MathError::DivisionByZero`].
pub fn div_ceil(a: U256, b: U256) -> MathResult<U256> {
	let quotient = div_floor(a, b)?;
	let rest = a.checked_rem(b).ok_or(MathError::DivisionByZero)?;
	if rest.is_zero() {
		Ok(quotient)
	} else {
		quotient.checked_add(U256::one()).ok_or(MathError::Overflow)
	}
}

/// `value` as `u128`.
///
/// Domain: values below 2^128, else [`MathError::Overflow`].
pub fn narrow(value: U256) -> MathResult<u128> {
	u128::try_from(value).map_err(|_| MathError::Overflow)
}

/// `value` as a non-negative `i128`.
///
/// Domain: values below 2^127, else [`MathError::Overflow`].
pub fn narrow_signed(value: U256) -> MathResult<i128> {
	narrow(value).and_then(|v| i128::try_from(v).map_err(|_| MathError::Overflow))
}
