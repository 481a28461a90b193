// SPDX-License-Identifier: Apache-2.0
//! Decimal numbers as machines write them, exactly.
//!
//! A source's price is read from the text of its answer, digit by digit. No number passes through a
//! floating-point one: what cannot be kept exactly is cut at the chain's unit or refused.

use crate::units::{Percent, Price};
use primitive_types::U256;
use std::fmt;

/// Decimal places of a [`Price`].
const PRICE_DECIMALS: i64 = 18;
/// The longest text that is looked at.
const LENGTH_MAX: usize = 80;
/// How many digits that count a number may have.
const DIGITS_MAX: usize = 38;
/// The highest power of ten within 256 bits.
const POWER_MAX: i64 = 77;
/// What a [`Percent`] of one is.
const WHOLE: u64 = 1_000_000_000;

/// `digits * 10^exponent`, not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
	digits: u128,
	exponent: i64,
}

/// Why a text is not a price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
	/// It is no number at all.
	#[error("`{0}` is not a number")]
	NotANumber(String),
	/// It is below zero.
	#[error("`{0}` is negative")]
	Negative(String),
	/// Nothing costs nothing.
	#[error("`{0}` is zero, or less than the smallest price")]
	Zero(String),
	/// No price is that large.
	#[error("`{0}` is larger than any price")]
	TooLarge(String),
	/// It has more digits than can be kept.
	#[error("`{0}` has more than 38 digits that count")]
	TooLong(String),
}

impl Decimal {
	/// One.
	pub const ONE: Self = Self { digits: 1, exponent: 0 };

	/// A number in the format of JSON: digits, a point, an exponent; no spaces, separators or words.
	pub fn parse(text: &str) -> Result<Self, NumberError> {
		let shown = || text.chars().take(LENGTH_MAX).collect::<String>();
		let not_a_number = || NumberError::NotANumber(shown());
		if text.len() > LENGTH_MAX {
			return Err(NumberError::TooLong(shown()));
		}
		let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
		let (number, power) = match unsigned.split_once(['e', 'E']) {
			Some((number, power)) => (number, exponent(power).ok_or_else(not_a_number)?),
			None => (unsigned, 0),
		};
		let (whole, fraction) = match number.split_once('.') {
			Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
			Some(_) => return Err(not_a_number()),
			None => (number, ""),
		};
		if !is_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
			return Err(not_a_number());
		}
		let all = format!("{whole}{fraction}");
		let kept = all.trim_start_matches('0').trim_end_matches('0');
		if negative && !kept.is_empty() {
			return Err(NumberError::Negative(shown()));
		}
		if kept.len() > DIGITS_MAX {
			return Err(NumberError::TooLong(shown()));
		}
		let cut = all.len() - all.trim_end_matches('0').len();
		let digits = if kept.is_empty() { 0 } else { kept.parse().map_err(|_| not_a_number())? };
		let places = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
		let exponent = power.saturating_sub(places(fraction.len())).saturating_add(places(cut));
		Ok(Self { digits, exponent: if digits == 0 { 0 } else { exponent } })
	}

	/// Whether it is zero.
	pub const fn is_zero(self) -> bool {
		self.digits == 0
	}

	/// `self * scale` as a price; what is finer than the chain's unit is cut off.
	pub fn price(self, scale: Self) -> Result<Price, NumberError> {
		let too_large = || NumberError::TooLarge(self.to_string());
		match self.units(scale, PRICE_DECIMALS).ok_or_else(too_large)? {
			0 => Err(NumberError::Zero(self.to_string())),
			units => Ok(Price(units)),
		}
	}

	/// `self * 10^places`, rounded down; nothing if that is too large.
	pub fn shifted(self, places: i64) -> Option<u128> {
		self.units(Self::ONE, places)
	}

	fn units(self, scale: Self, places: i64) -> Option<u128> {
		// Two numbers of at most 38 digits each: below 10^76.
		let product = U256::from(self.digits).checked_mul(U256::from(scale.digits))?;
		if product.is_zero() {
			return Some(0);
		}
		let power = self.exponent.saturating_add(scale.exponent).saturating_add(places);
		let ten = U256::from(10u8);
		let units = match power {
			0.. if power > POWER_MAX => return None,
			0.. => product.checked_mul(ten.checked_pow(U256::from(power.unsigned_abs()))?)?,
			_ if power < -POWER_MAX => U256::zero(),
			_ => product / ten.checked_pow(U256::from(power.unsigned_abs()))?,
		};
		u128::try_from(units).ok()
	}
}

impl fmt::Display for Decimal {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self.exponent {
			0 => write!(f, "{}", self.digits),
			places @ -40..0 => {
				let width = usize::try_from(places.unsigned_abs()).unwrap_or_default();
				let digits = format!("{:0>width$}", self.digits, width = width + 1);
				let (whole, fraction) = digits.split_at(digits.len() - width);
				write!(f, "{whole}.{fraction}")
			}
			zeros @ 1..=40 => {
				write!(f, "{}{}", self.digits, "0".repeat(usize::try_from(zeros).unwrap_or_default()))
			}
			power => write!(f, "{}e{power}", self.digits),
		}
	}
}

fn is_digits(text: &str) -> bool {
	!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn exponent(text: &str) -> Option<i64> {
	let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
	if !is_digits(digits) {
		return None;
	}
	// Whatever has more digits is out of every range.
	let size: i64 = if digits.len() > 9 { 1_000_000_000 } else { digits.parse().ok()? };
	Some(if text.starts_with('-') { -size } else { size })
}

/// Whether `a` and `b` are further apart than `most` of `b`.
pub fn is_apart(a: Price, b: Price, most: Percent) -> bool {
	exceeds(Price(a.0.abs_diff(b.0)), b, most)
}

/// Whether `part` is more than `most` of `whole`.
pub fn exceeds(part: Price, whole: Price, most: Percent) -> bool {
	U256::from(part.0).saturating_mul(U256::from(WHOLE))
		> U256::from(whole.0).saturating_mul(U256::from(most.0))
}

/// What share of `whole` `part` is, rounded up.
pub fn share(part: Price, whole: Price) -> Percent {
	let parts = U256::from(part.0).saturating_mul(U256::from(WHOLE));
	let whole = U256::from(whole.0.max(1));
	let (share, rest) = parts.div_mod(whole);
	let up = if rest.is_zero() { share } else { share.saturating_add(U256::one()) };
	Percent(u128::try_from(up).unwrap_or(u128::MAX))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn price(text: &str) -> Result<Price, NumberError> {
		Decimal::parse(text)?.price(Decimal::ONE)
	}

	#[test]
	fn what_machines_write_is_read_to_the_last_digit() {
		for (text, units) in [
			("65000", 65_000_000_000_000_000_000_000),
			("65000.10", 65_000_100_000_000_000_000_000),
			("0.1", 100_000_000_000_000_000),
			("1.2e-05", 12_000_000_000_000),
			("6.5E+4", 65_000_000_000_000_000_000_000),
			("0.000000000000000001", 1),
			("0.0000000000000000019", 1),
			("9007199254740993.000000000000000001", 9_007_199_254_740_993_000_000_000_000_000_001),
		] {
			assert_eq!(price(text), Ok(Price(units)), "{text}");
		}
	}

	#[test]
	fn what_is_no_price_is_refused_with_its_reason() {
		for text in
			["", "NaN", "Infinity", "inf", "1,5", "1.", ".5", "+1", " 1", "1 ", "1e", "0x10", "007", "１"]
		{
			assert!(matches!(price(text), Err(NumberError::NotANumber(_))), "{text}: {:?}", price(text));
		}
		for text in ["-1", "-0.5", "-1e3"] {
			assert!(matches!(price(text), Err(NumberError::Negative(_))), "{text}");
		}
		for text in ["0", "0.0", "-0", "1e-400", "0.0000000000000000001", "1e-99999999999"] {
			assert!(matches!(price(text), Err(NumberError::Zero(_))), "{text}: {:?}", price(text));
		}
		for text in ["1e400", "1e21", "1e99999999999", &"9".repeat(22)] {
			assert!(matches!(price(text), Err(NumberError::TooLarge(_))), "{text}: {:?}", price(text));
		}
		for text in [&"1".repeat(39), &"1".repeat(1_000)] {
			assert!(matches!(price(text), Err(NumberError::TooLong(_))), "{text}");
		}
	}

	#[test]
	fn a_scale_multiplies_exactly() {
		let scaled = |text, scale| Decimal::parse(text)?.price(Decimal::parse(scale)?);
		assert_eq!(scaled("6500010", "0.01"), price("65000.10"));
		assert_eq!(scaled("0.065", "1000000"), price("65000"));
		assert_eq!(scaled("3", "0.333333333333333333"), price("0.999999999999999999"));
	}

	proptest! {
		#[test]
		fn a_price_written_out_is_the_same_price(units in 1..10u128.pow(38)) {
			prop_assert_eq!(price(&Price(units).plain()), Ok(Price(units)));
		}

		#[test]
		fn no_text_makes_it_panic(text in "\\PC{0,90}") {
			let _ = price(&text);
		}

		#[test]
		fn moving_the_point_is_an_exponent(digits in 1u64.., places in 0usize..15) {
			let written = format!("{digits}{}", "0".repeat(places));
			prop_assert_eq!(Decimal::parse(&written), Decimal::parse(&format!("{digits}e{places}")));
		}

		#[test]
		fn apart_is_what_exact_fractions_say(a in 1u64.., b in 1u64.., most in 0u32..2_000_000_000) {
			let exact = u128::from(a.abs_diff(b)) * 1_000_000_000 > u128::from(b) * u128::from(most);
			prop_assert_eq!(is_apart(Price(a.into()), Price(b.into()), Percent(most.into())), exact);
		}
	}
}
