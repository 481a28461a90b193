// SPDX-License-Identifier: Apache-2.0
//! Amounts in people's units, exactly.
//!
//! The chain counts in smallest units (prices in 1e-18 dollars, sizes in 1e-9 base units, dollars in
//! 1e-6). People write `8,000.50`. Everything here is integers: no amount ever passes through a
//! floating-point number.

use std::{fmt, str::FromStr};

/// Why a text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum AmountError {
	/// It contains something that does not belong into a number.
	#[error("`{text}` is not a number")]
	#[diagnostic(
		code(keelctl::amount),
		help("Write digits with an optional decimal point, like 1500, 1,500.25 or 0.001.")
	)]
	NotANumber {
		/// What was given.
		text: String,
	},
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
	#[error("`{text}` is too large for a {what}")]
	#[diagnostic(code(keelctl::amount), help("Check the number: no market holds that much."))]
	TooLarge {
		/// What was given.
		text: String,
		/// The kind of amount.
		what: &'static str,
	},
}

/// Digits with an optional point, thousands separators (`,` or `_`) and a leading `$`, as a count of
/// units of `10^-decimals`.
fn parse_fixed(text: &str, decimals: u32, what: &'static str) -> Result<u128, AmountError> {
	let not_a_number = || AmountError::NotANumber { text: text.to_owned() };
	let too_large = || AmountError::TooLarge { text: text.to_owned(), what };
	let trimmed = text.trim();
	let unsigned = trimmed.strip_prefix('+').unwrap_or(trimmed);
	if let Some(rest) = unsigned.strip_prefix('-') {
		let negative = rest.starts_with(|c: char| c.is_ascii_digit() || c == '$' || c == '.');
		return Err(if negative { AmountError::Negative { text: text.to_owned() } } else { not_a_number() });
	}
	let number = unsigned.strip_prefix('$').unwrap_or(unsigned);
	let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
	if whole.is_empty() && fraction.is_empty() {
		return Err(not_a_number());
	}
	let digits_only = |part: &str| part.chars().all(|c| c.is_ascii_digit());
	let whole: String = whole.chars().filter(|c| !matches!(c, ',' | '_')).collect();
	if !digits_only(&whole) || !digits_only(fraction) {
		return Err(not_a_number());
	}
	let fraction = fraction.trim_end_matches('0');
	let places = u32::try_from(fraction.len()).map_err(|_| not_a_number())?;
	if places > decimals {
		return Err(AmountError::TooFine {
			text: text.to_owned(),
			what,
			decimals,
			smallest: format_fixed(1, decimals, 0),
		});
	}
	let padding = 10u128.checked_pow(decimals - places).ok_or_else(too_large)?;
	let one = 10u128.checked_pow(decimals).ok_or_else(too_large)?;
	let parse = |part: &str| if part.is_empty() { Ok(0) } else { part.parse::<u128>() };
	let whole = parse(&whole).ok().and_then(|n| n.checked_mul(one)).ok_or_else(too_large)?;
	let fraction = parse(fraction).ok().and_then(|n| n.checked_mul(padding)).ok_or_else(too_large)?;
	whole.checked_add(fraction).ok_or_else(too_large)
}

/// A count of units of `10^-decimals` with thousands separators and at least `places` decimal places.
fn format_fixed(raw: u128, decimals: u32, places: usize) -> String {
	let one = 10u128.pow(decimals);
	let mut fraction = format!("{:0width$}", raw % one, width = decimals as usize);
	while fraction.len() > places && fraction.ends_with('0') {
		fraction.pop();
	}
	let whole = (raw / one).to_string();
	let mut grouped = String::with_capacity(whole.len() * 4 / 3 + fraction.len() + 1);
	for (index, digit) in whole.chars().enumerate() {
		if index > 0 && (whole.len() - index).is_multiple_of(3) {
			grouped.push(',');
		}
		grouped.push(digit);
	}
	if !fraction.is_empty() {
		grouped.push('.');
		grouped.push_str(&fraction);
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

		impl fmt::Display for $name {
			fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				f.pad(&format_fixed(self.0, $decimals, $places))
			}
		}
	};
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
}

impl fmt::Display for Percent {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.pad(&format!("{} %", format_fixed(self.0, PERCENT_DECIMALS, 0)))
	}
}

/// Parts per billion, either way, as a percentage: a rate of funding, a move of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedPercent(pub i64);

impl SignedPercent {
	/// The number of percent written in `text`, without the percent sign.
	pub fn parse(text: &str) -> Result<Self, AmountError> {
		let what = "percentage";
		let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
		if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
			return Err(AmountError::NotANumber { text: text.to_owned() });
		}
		let magnitude = i64::try_from(parse_fixed(digits, PERCENT_DECIMALS, what)?)
			.map_err(|_| AmountError::TooLarge { text: text.to_owned(), what })?;
		Ok(Self(if text.starts_with('-') { -magnitude } else { magnitude }))
	}

	/// With at most so many decimal places, rounded away from zero.
	pub fn brief(self, places: u32) -> Self {
		let magnitude = Percent(self.0.unsigned_abs().into()).brief(places).0;
		let magnitude = i64::try_from(magnitude).unwrap_or(i64::MAX);
		Self(if self.0 < 0 { -magnitude } else { magnitude })
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

	#[test]
	fn people_write_thousands_and_dollars() {
		for (text, raw) in [
			("1", 1_000_000),
			("1,500.25", 1_500_250_000),
			("$1_000", 1_000_000_000),
			(".5", 500_000),
			("2.", 2_000_000),
			(" 0.000001 ", 1),
			("1.50000000", 1_500_000),
		] {
			assert_eq!(text.parse::<Dollars>(), Ok(Dollars(raw)), "{text}");
		}
	}

	#[test]
	fn what_is_no_amount_is_refused_with_its_reason() {
		let zero = |text: &str| text.parse::<Size>();
		assert_eq!(zero("0"), Err(AmountError::Zero { what: "size" }));
		assert_eq!(zero("0.000"), Err(AmountError::Zero { what: "size" }));
		assert!(matches!("-1".parse::<Size>(), Err(AmountError::Negative { .. })));
		assert!(matches!("-$1".parse::<Dollars>(), Err(AmountError::Negative { .. })));
		for text in ["", ".", "abc", "1e5", "1.2.3", "--1", "0x10", "1 000"] {
			assert!(matches!(text.parse::<Dollars>(), Err(AmountError::NotANumber { .. })), "{text}");
		}
		assert!(matches!("0.0000001".parse::<Dollars>(), Err(AmountError::TooFine { .. })));
		let huge = "9".repeat(40);
		assert!(matches!(huge.parse::<Price>(), Err(AmountError::TooLarge { .. })));
	}

	#[test]
	fn what_is_shown_can_be_read_back() {
		for raw in [1, 999_999, 1_000_000, 1_234_567_890, 123_456_789_012_345_678_901_234] {
			let shown = Dollars(raw).to_string();
			assert_eq!(shown.parse::<Dollars>(), Ok(Dollars(raw)), "{shown}");
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
		for (text, parts) in [("-10", -100_000_000), ("+2.5", 25_000_000), ("0", 0), ("-.0000001", -1)] {
			assert_eq!(SignedPercent::parse(text), Ok(SignedPercent(parts)), "{text}");
		}
		for text in ["", "-", "--1", "+-1", "-$1", "ten", "1e2"] {
			let error = SignedPercent::parse(text);
			assert!(matches!(error, Err(AmountError::NotANumber { .. })), "{text}: {error:?}");
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
