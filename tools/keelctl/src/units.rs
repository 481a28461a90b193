// SPDX-License-Identifier: Apache-2.0
//! Amounts in people's units, exactly.
//!
//! The chain counts in smallest units (prices in 1e-18 dollars, sizes in 1e-9 base units, dollars in
//! 1e-6). People write `8000.5`. Everything here is integers: no amount ever passes through a
//! floating-point number.
//!
//! An amount is shown in two ways: `Display` is for people, with thousands separators; `plain`, which is
//! also what it is in JSON, is for programs, and can be read back.

use crate::number::{self, Digits, NumberError};
use serde::{de, Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Why a text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum AmountError {
	/// It is not written as numbers are; see [`NumberError`].
	#[error(transparent)]
	#[diagnostic(transparent)]
	Number(#[from] NumberError),
	/// Amounts have no sign: the command says the direction.
	#[error("`{text}` is negative")]
	#[diagnostic(
		code(keelctl::amount),
		help("Amounts are positive; the command says the direction (deposit or withdraw, long or short).")
	)]
	Negative {
		/// What was given.
		text: String,
	},
	/// Nothing cannot be traded, paid or priced.
	#[error("the {what} must not be zero")]
	#[diagnostic(code(keelctl::amount), help("Give a {what} greater than zero."))]
	Zero {
		/// The kind of amount.
		what: &'static str,
	},
	/// It is finer than the chain can count.
	#[error("`{text}` has more than {decimals} decimal places")]
	#[diagnostic(code(keelctl::amount), help("The smallest {what} the chain knows is {smallest}."))]
	TooFine {
		/// What was given.
		text: String,
		/// The kind of amount.
		what: &'static str,
		/// How many places there are.
		decimals: u32,
		/// The smallest amount.
		smallest: String,
	},
	/// It is larger than the chain can count.
	#[error("`{text}` is too large: it is no {what} the chain can count")]
	#[diagnostic(code(keelctl::amount), help("Check the number: no market holds that much."))]
	TooLarge {
		/// What was given.
		text: String,
		/// The kind of amount.
		what: &'static str,
	},
}

/// A number (see [`number`]) as a count of units of `10^-decimals`.
fn parse_fixed(text: &str, decimals: u32, what: &'static str) -> Result<u128, AmountError> {
	let too_large = || AmountError::TooLarge { text: text.to_owned(), what };
	if text.strip_prefix('-').is_some_and(|rest| number::digits(rest).is_ok()) {
		return Err(AmountError::Negative { text: text.to_owned() });
	}
	let Digits { whole, fraction } = number::digits(text)?;
	let padding = u32::try_from(fraction.len()).ok().and_then(|places| decimals.checked_sub(places));
	let padding = padding.ok_or_else(|| AmountError::TooFine {
		text: text.to_owned(),
		what,
		decimals,
		smallest: plain(1, decimals, 0),
	})?;
	let digits = format!("{whole}{fraction}").parse::<u128>().map_err(|_| too_large())?;
	digits.checked_mul(10u128.checked_pow(padding).ok_or_else(too_large)?).ok_or_else(too_large)
}

/// A count of units of `10^-decimals` with at least `places` decimal places.
fn plain(raw: u128, decimals: u32, places: usize) -> String {
	let one = 10u128.pow(decimals);
	let mut fraction = format!("{:0width$}", raw % one, width = decimals as usize);
	while fraction.len() > places && fraction.ends_with('0') {
		fraction.pop();
	}
	let whole = raw / one;
	if fraction.is_empty() {
		whole.to_string()
	} else {
		format!("{whole}.{fraction}")
	}
}

/// The same with thousands separators, for people.
fn grouped(raw: u128, decimals: u32, places: usize) -> String {
	let number = plain(raw, decimals, places);
	let whole = number.find('.').unwrap_or(number.len());
	let mut grouped = String::with_capacity(number.len() * 4 / 3);
	for (index, character) in number.chars().enumerate() {
		if index > 0 && index < whole && (whole - index).is_multiple_of(3) {
			grouped.push(',');
		}
		grouped.push(character);
	}
	grouped
}

macro_rules! unit {
	($(#[$doc:meta])* $name:ident, decimals = $decimals:literal, what = $what:literal, places = $places:literal) => {
		$(#[$doc])*
		#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
		pub struct $name(pub u128);

		impl $name {
			/// How many decimal places the chain counts.
			pub const DECIMALS: u32 = $decimals;

			/// The amount written in `text`, zero included.
			pub fn parse(text: &str) -> Result<Self, AmountError> {
				parse_fixed(text, $decimals, $what).map(Self)
			}

			/// The amount for programs: digits and a point, and nothing else.
			pub fn plain(self) -> String {
				plain(self.0, $decimals, 0)
			}
		}

		impl Serialize for $name {
			fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
				serializer.serialize_str(&self.plain())
			}
		}

		impl FromStr for $name {
			type Err = AmountError;

			/// The amount written in `text`; it must be greater than zero.
			fn from_str(text: &str) -> Result<Self, AmountError> {
				match Self::parse(text)? {
					Self(0) => Err(AmountError::Zero { what: $what }),
					amount => Ok(amount),
				}
			}
		}

		impl<'de> Deserialize<'de> for $name {
			/// From text, as on the command line, or from a whole number.
			fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
				let text = deserializer.deserialize_any(Written)?;
				text.parse().map_err(|error| de::Error::custom(told(&error)))
			}
		}

		impl fmt::Display for $name {
			fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				f.pad(&grouped(self.0, $decimals, $places))
			}
		}
	};
}

/// How an amount is written in a file.
struct Written;

impl de::Visitor<'_> for Written {
	type Value = String;

	fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("an amount in quotes, like \"1234.5\"")
	}

	fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
		Ok(text.to_owned())
	}

	fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
		Ok(number.to_string())
	}

	fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
		Ok(number.to_string())
	}

	fn visit_f64<E: de::Error>(self, number: f64) -> Result<String, E> {
		// It has lost its digits already.
		Err(E::custom(format!("amounts with decimals are written in quotes, like \"{number}\"")))
	}
}

/// An error with what to do about it, in one line.
fn told(error: &AmountError) -> String {
	use miette::Diagnostic;
	error.help().map_or_else(|| error.to_string(), |help| format!("{error}. {help}"))
}

unit! {
	/// Dollars per whole base unit, in 1e-18.
	Price, decimals = 18, what = "price", places = 2
}
unit! {
	/// A quantity of the base asset, in 1e-9 base units.
	Size, decimals = 9, what = "size", places = 0
}
unit! {
	/// Dollars, in 1e-6: the units of USDK.
	Dollars, decimals = 6, what = "amount", places = 2
}
unit! {
	/// KEEL, in 1e-12.
	Keel, decimals = 12, what = "amount", places = 0
}

impl Price {
	/// The price moved by `basis_points` (1e-4), rounded towards zero.
	pub fn shifted(self, basis_points: i64) -> Self {
		let base = 10_000i64;
		let factor = u128::try_from(base.saturating_add(basis_points)).unwrap_or(0);
		Self(self.0.saturating_mul(factor) / 10_000)
	}

	/// The price in eight significant digits: to be looked at, not to be traded at.
	pub fn brief(self) -> Self {
		let digits = self.0.checked_ilog10().unwrap_or(0);
		let step = 10u128.pow(digits.saturating_sub(7));
		Self((self.0 / step).saturating_add(u128::from(self.0 % step >= step.div_ceil(2) && step > 1)) * step)
	}
}

/// A signed amount of dollars, in 1e-6: profit, cash, debt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SignedDollars(pub i128);

impl SignedDollars {
	/// The amount for programs: a minus if it is below zero, digits and a point.
	pub fn plain(self) -> String {
		let sign = if self.0 < 0 { "-" } else { "" };
		format!("{sign}{}", Dollars(self.0.unsigned_abs()).plain())
	}
}

impl Serialize for SignedDollars {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&self.plain())
	}
}

impl fmt::Display for SignedDollars {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let sign = if self.0 < 0 { "-" } else { "" };
		f.pad(&format!("{sign}{}", Dollars(self.0.unsigned_abs())))
	}
}

/// Decimal places of a percentage in parts per billion.
const PERCENT_DECIMALS: u32 = 7;

/// Parts per billion as a percentage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent(pub u128);

impl Percent {
	/// With at most so many decimal places, rounded up: no requirement looks smaller than it is.
	pub const fn brief(self, places: u32) -> Self {
		let step = 10u128.pow(PERCENT_DECIMALS.saturating_sub(places));
		Self(self.0.div_ceil(step).saturating_mul(step))
	}

	/// The number of percent for programs: digits and a point, no percent sign.
	pub fn plain(self) -> String {
		plain(self.0, PERCENT_DECIMALS, 0)
	}
}

impl Serialize for Percent {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&self.plain())
	}
}

impl fmt::Display for Percent {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.pad(&format!("{} %", grouped(self.0, PERCENT_DECIMALS, 0)))
	}
}

/// Parts per billion, either way, as a percentage: a rate of funding, a move of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedPercent(pub i64);

impl SignedPercent {
	/// The number of percent written in `text`, without the percent sign.
	pub fn parse(text: &str) -> Result<Self, AmountError> {
		let what = "percentage";
		let (negative, magnitude) = match text.strip_prefix('-') {
			Some(rest) => (true, rest),
			None => (false, text.strip_prefix('+').unwrap_or(text)),
		};
		// Its sign is read: what is left has none.
		number::digits(magnitude)?;
		let magnitude = i64::try_from(parse_fixed(magnitude, PERCENT_DECIMALS, what)?)
			.map_err(|_| AmountError::TooLarge { text: text.to_owned(), what })?;
		Ok(Self(if negative { -magnitude } else { magnitude }))
	}

	/// The number of percent for programs: a minus if it is below zero, digits and a point.
	pub fn plain(self) -> String {
		let sign = if self.0 < 0 { "-" } else { "" };
		format!("{sign}{}", Percent(self.0.unsigned_abs().into()).plain())
	}

	/// With at most so many decimal places, rounded away from zero.
	pub fn brief(self, places: u32) -> Self {
		let magnitude = Percent(self.0.unsigned_abs().into()).brief(places).0;
		let magnitude = i64::try_from(magnitude).unwrap_or(i64::MAX);
		Self(if self.0 < 0 { -magnitude } else { magnitude })
	}
}

impl Serialize for SignedPercent {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(&self.plain())
	}
}

impl fmt::Display for SignedPercent {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let sign = if self.0 < 0 { "-" } else { "" };
		f.pad(&format!("{sign}{}", Percent(self.0.unsigned_abs().into())))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn an_amount_is_digits_and_a_point() {
		for (text, raw) in
			[("1", 1_000_000), ("1500.25", 1_500_250_000), ("0.000001", 1), ("1.50", 1_500_000)]
		{
			assert_eq!(text.parse::<Dollars>(), Ok(Dollars(raw)), "{text}");
		}
	}

	#[test]
	fn what_is_no_amount_is_refused_with_its_reason() {
		let zero = |text: &str| text.parse::<Size>();
		assert_eq!(zero("0"), Err(AmountError::Zero { what: "size" }));
		assert_eq!(zero("0.000"), Err(AmountError::Zero { what: "size" }));
		assert!(matches!("-1".parse::<Size>(), Err(AmountError::Negative { .. })));
		assert!(matches!("-1.5".parse::<Dollars>(), Err(AmountError::Negative { .. })));
		for text in
			["", ".", "abc", "1e5", "1.2.3", "--1", "0x10", "1 000", "1,5", "1,500.25", "$1", "-$1", " 1"]
		{
			let error = text.parse::<Dollars>();
			assert!(matches!(error, Err(AmountError::Number(_))), "{text}: {error:?}");
		}
		assert!(matches!("0.0000001".parse::<Dollars>(), Err(AmountError::TooFine { .. })));
		assert!(
			matches!("1.5000000".parse::<Dollars>(), Err(AmountError::TooFine { .. })),
			"zeros count too"
		);
		let huge = "9".repeat(40);
		assert!(matches!(huge.parse::<Price>(), Err(AmountError::TooLarge { .. })));
	}

	proptest! {
		#[test]
		fn what_programs_get_can_be_read_back(raw: u128, signed: i128, parts: i64) {
			prop_assert_eq!(Dollars::parse(&Dollars(raw).plain()), Ok(Dollars(raw)));
			prop_assert_eq!(Price::parse(&Price(raw).plain()), Ok(Price(raw)));
			prop_assert_eq!(Size::parse(&Size(raw).plain()), Ok(Size(raw)));
			prop_assert_eq!(Keel::parse(&Keel(raw).plain()), Ok(Keel(raw)));
			let dollars = SignedDollars(signed).plain();
			let magnitude = Dollars::parse(dollars.trim_start_matches('-'));
			prop_assert_eq!(magnitude, Ok(Dollars(signed.unsigned_abs())));
			prop_assert_eq!(dollars.starts_with('-'), signed < 0);
			if parts != i64::MIN {
				prop_assert_eq!(SignedPercent::parse(&SignedPercent(parts).plain()), Ok(SignedPercent(parts)));
			}
		}

		#[test]
		fn what_people_see_is_the_same_number(raw: u128) {
			prop_assert_eq!(Price::parse(&Price(raw).to_string().replace(',', "")), Ok(Price(raw)));
		}
	}

	#[test]
	fn programs_get_digits_and_a_point() {
		for (value, text) in [
			(serde_json::json!(Dollars(1_234_567_500_000)), "1234567.5"),
			(serde_json::json!(Price(8_000_000_000_000_000_000_000)), "8000"),
			(serde_json::json!(SignedDollars(-2_500_000)), "-2.5"),
			(serde_json::json!(Percent(50_000_000)), "5"),
			(serde_json::json!(SignedPercent(-1_250_000)), "-0.125"),
		] {
			assert_eq!(value, text);
		}
	}

	#[test]
	fn a_file_is_read_like_the_command_line() {
		let read = |text: &str| serde_json::from_str::<Dollars>(text);
		assert_eq!(read("\"1234.5\"").expect("dollars"), Dollars(1_234_500_000));
		assert_eq!(read("7").expect("dollars"), Dollars(7_000_000));
		for (text, reason) in [
			("\"1,5\"", "it has a comma. Write 1.5"),
			("\" 5\"", "it has a space"),
			("1.5", "written in quotes, like \"1.5\""),
			("1e400", "number out of range"),
			("-7", "is negative"),
			("0", "must not be zero"),
			("null", "expected an amount in quotes"),
			("true", "expected an amount in quotes"),
		] {
			let error = read(text).expect_err(text).to_string();
			assert!(error.contains(reason), "{text}: {error}");
		}
	}

	#[test]
	fn amounts_are_shown_for_people() {
		assert_eq!(Dollars(1_234_567_500_000).to_string(), "1,234,567.50");
		assert_eq!(Dollars(1).to_string(), "0.000001");
		assert_eq!(SignedDollars(-2_500_000).to_string(), "-2.50");
		assert_eq!(Size(1_500_000_000).to_string(), "1.5");
		assert_eq!(Price(8_000_000_000_000_000_000_000).to_string(), "8,000.00");
		assert_eq!(Percent(50_000_000).to_string(), "5 %");
	}

	#[test]
	fn a_percentage_has_a_sign_and_few_places() {
		for (text, parts) in [("-10", -100_000_000), ("+2.5", 25_000_000), ("0", 0), ("-0.0000001", -1)] {
			assert_eq!(SignedPercent::parse(text), Ok(SignedPercent(parts)), "{text}");
		}
		for text in ["", "-", "--1", "+-1", "-$1", "ten", "1e2", "-.5", "- 1", "1,5"] {
			let error = SignedPercent::parse(text);
			assert!(matches!(error, Err(AmountError::Number(_))), "{text}: {error:?}");
		}
		assert!(matches!(SignedPercent::parse("0.00000001"), Err(AmountError::TooFine { .. })));
		assert!(matches!(SignedPercent::parse("99999999999999"), Err(AmountError::TooLarge { .. })));
		assert_eq!(SignedPercent(-1_250_000).to_string(), "-0.125 %");
		assert_eq!(SignedPercent(-1_234_567).brief(4).to_string(), "-0.1235 %");
		assert_eq!(Percent(51_234_567).brief(2).to_string(), "5.13 %", "rounded up");
		assert_eq!(Percent(50_000_000).brief(2).to_string(), "5 %");
	}

	#[test]
	fn a_price_is_looked_at_in_eight_digits() {
		for (price, brief) in [
			("7216.494845360824742268", "7,216.4948"),
			("7216.49485", "7,216.4949"),
			("0.000012345678901", "0.000012345679"),
			("99999999.9", "100,000,000.00"),
			("8000", "8,000.00"),
			("0", "0.00"),
		] {
			assert_eq!(Price::parse(price).expect("a price").brief().to_string(), brief, "{price}");
		}
	}

	#[test]
	fn a_price_moves_by_basis_points() {
		let price = Price::parse("10000").expect("a number");
		assert_eq!(price.shifted(-5), Price::parse("9995").expect("a number"));
		assert_eq!(price.shifted(10_000), Price::parse("20000").expect("a number"));
		assert_eq!(price.shifted(-20_000), Price(0));
	}
}
