// SPDX-License-Identifier: Apache-2.0
//! Numbers as people write them, read in one way only.
//!
//! A number is written as in JSON, without sign and exponent: `0`, `1500`, `1234.5`. There are no
//! thousands separators: `1,234` is a thousand and more to some and a little over one to others, and
//! money must not depend on who reads it. Everything else is refused, and the refusal says what to write
//! instead. Arguments, price files, settings and calls all read with what is here.

/// Why a text is not the number that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum NumberError {
	/// It is written in another way, or is no number at all.
	#[error("`{text}` is not a number: {why}")]
	#[diagnostic(code(keelctl::number), help("{help}"))]
	Malformed {
		/// What was given.
		text: String,
		/// What does not belong there.
		why: &'static str,
		/// What to write instead.
		help: String,
	},
	/// It has a fraction where only whole numbers are.
	#[error("`{text}` is not a whole number")]
	#[diagnostic(code(keelctl::number), help("Give a number without a decimal point, like 5."))]
	NotWhole {
		/// What was given.
		text: String,
	},
	/// It is below or above what is possible.
	#[error("`{text}` is out of range")]
	#[diagnostic(code(keelctl::number), help("Give a whole number from {least} to {most}."))]
	OutOfRange {
		/// What was given.
		text: String,
		/// The smallest.
		least: u128,
		/// The largest.
		most: u128,
	},
}

/// The digits of a number before and after its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits<'a> {
	/// Before the point; at least one.
	pub whole: &'a str,
	/// After the point; none if there is no point.
	pub fraction: &'a str,
}

/// The one way in which `text` can be read, if it is written as it must be.
pub fn digits(text: &str) -> Result<Digits<'_>, NumberError> {
	written(text).ok_or_else(|| malformed(text))
}

/// A whole number from zero to the largest of its type.
pub fn whole<T: Whole>(text: &str) -> Result<T, NumberError> {
	within(text, 0)
}

/// The same from one on.
pub fn from_one<T: Whole>(text: &str) -> Result<T, NumberError> {
	within(text, 1)
}

/// So many of something: `1 seat`, `2 seats`.
pub fn counted(count: impl Into<u128>, noun: &str) -> String {
	let count = count.into();
	format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn within<T: Whole>(text: &str, least: u128) -> Result<T, NumberError> {
	let digits = digits(text).map_err(without_decimals)?;
	if !digits.fraction.is_empty() {
		return Err(NumberError::NotWhole { text: text.to_owned() });
	}
	let number = digits.whole.parse::<u128>().ok().filter(|number| *number >= least);
	number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| NumberError::OutOfRange {
		text: text.to_owned(),
		least,
		most: T::MOST,
	})
}

/// What counts: unsigned integers.
pub trait Whole: TryFrom<u128> {
	/// The largest.
	const MOST: u128;
}

macro_rules! whole {
	($($integer:ty),*) => {
		$(#[allow(clippy::unnecessary_cast)] // It is needed for all but one.
		impl Whole for $integer {
			const MOST: u128 = <$integer>::MAX as u128;
		})*
	};
}
whole!(u8, u16, u32, u64, usize, u128);

fn written(text: &str) -> Option<Digits<'_>> {
	let (whole, fraction) = match text.split_once('.') {
		Some((_, "")) => return None,
		Some(parts) => parts,
		None => (text, ""),
	};
	let decimal = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
	let leading_zero = whole.len() > 1 && whole.starts_with('0');
	let fits = !whole.is_empty() && !leading_zero && decimal(whole) && decimal(fraction);
	fits.then_some(Digits { whole, fraction })
}

fn malformed(text: &str) -> NumberError {
	let help = match readings(text).as_slice() {
		[] => "Write digits, with a point before decimals: 1500, 1234.5 or 0.001.".to_owned(),
		[only] => format!("Write {only}"),
		several => format!("Write {}, whichever is meant.", several.join(" or ")),
	};
	NumberError::Malformed { text: text.to_owned(), why: why(text), help }
}

/// Where decimals are not asked for, they are not advised.
fn without_decimals(error: NumberError) -> NumberError {
	match error {
		NumberError::Malformed { text, why, .. } if readings(&text).is_empty() => {
			let help = "Write a whole number in digits, like 7 or 1500.".to_owned();
			NumberError::Malformed { text, why, help }
		}
		other => other,
	}
}

fn why(text: &str) -> &'static str {
	let ascii: String = text.chars().map(plain_digit).collect();
	let digits = ascii.chars().any(|c| c.is_ascii_digit());
	let has = |wanted: &[char]| text.contains(wanted);
	match text {
		"" => "it is empty",
		_ if !digits => "it has no digits",
		_ if ascii != text => "its digits are not those from 0 to 9",
		_ if has(&['+', '-', '\u{2212}']) && !ascii.contains(['e', 'E']) => "it has a sign",
		_ if text.contains(char::is_whitespace) => "it has a space",
		_ if has(&[',']) => "it has a comma",
		_ if has(&['_', '\'', '\u{2019}']) => "it has a thousands separator",
		_ if has(&['$', '€', '£', '%']) => "it has a unit",
		_ if text.starts_with("0x") => "it is hexadecimal",
		_ if has_exponent(text) => "it has an exponent",
		_ if text.starts_with('.') || text.ends_with('.') => "its point has no digits on one side",
		_ if text.matches('.').count() > 1 => "it has several points",
		_ if text.starts_with('0') && !text.contains(char::is_alphabetic) => "it begins with a zero",
		_ => "it has other characters than digits and a point",
	}
}

fn has_exponent(text: &str) -> bool {
	let Some((number, power)) = text.split_once(['e', 'E']) else { return false };
	let power = power.trim_start_matches(['+', '-']);
	written(number).is_some() && !power.is_empty() && power.bytes().all(|byte| byte.is_ascii_digit())
}

/// A digit of any script as ours; other characters as they are.
fn plain_digit(c: char) -> char {
	// The scripts that people type by mistake: full-width, Arabic-Indic, Persian, Devanagari.
	let zeros = ['\u{ff10}', '\u{660}', '\u{6f0}', '\u{966}'];
	let value = zeros.iter().find_map(|zero| u32::from(c).checked_sub(u32::from(*zero)).filter(|n| *n < 10));
	value.and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
}

/// What may be meant, as it should be written; nothing if that cannot be guessed. A guess is never
/// acted on.
fn readings(text: &str) -> Vec<String> {
	let text: String = text
		.chars()
		.map(plain_digit)
		.filter(|c| !c.is_whitespace() && !matches!(c, '$' | '€' | '£' | '+' | '\'' | '\u{2019}' | '_' | '%'))
		.collect();
	if !text.contains(|c: char| c.is_ascii_digit()) {
		return Vec::new();
	}
	let mut found: Vec<String> = Vec::new();
	for reading in [grouped(&text, ',', '.'), grouped(&text, '.', ','), exponent(&text)].into_iter().flatten()
	{
		let reading = canonical(&reading);
		if written(&reading).is_some() && !found.contains(&reading) {
			found.push(reading);
		}
	}
	found
}

/// The number in which `group` separates thousands and `point` is the decimal point.
fn grouped(text: &str, group: char, point: char) -> Option<String> {
	let (whole, fraction) = match text.split_once(point) {
		Some((whole, fraction)) => (whole, Some(fraction)),
		None => (text, None),
	};
	let mut groups = whole.split(group);
	let first = groups.next()?;
	let groups: Vec<_> = groups.collect();
	let well_formed = groups.is_empty() || ((1..=3).contains(&first.len()) && !first.starts_with('0'));
	if !well_formed || groups.iter().any(|group| group.len() != 3) {
		return None;
	}
	let whole = format!("{first}{}", groups.concat());
	Some(match fraction {
		Some("") | None => whole,
		Some(fraction) => format!("{whole}.{fraction}"),
	})
}

/// Without the zeros in front, with one before the point.
fn canonical(number: &str) -> String {
	let trimmed = number.trim_start_matches('0');
	if trimmed.is_empty() || trimmed.starts_with('.') {
		format!("0{trimmed}")
	} else {
		trimmed.to_owned()
	}
}

/// `1.5e3` as 1500.
fn exponent(text: &str) -> Option<String> {
	let (number, power) = text.split_once(['e', 'E'])?;
	let power: i32 = power.parse().ok().filter(|power| (-40..=40).contains(power))?;
	let Digits { whole, fraction } = written(number)?;
	let digits = format!("{whole}{fraction}");
	let point = i32::try_from(whole.len()).ok()? + power;
	let end = i32::try_from(digits.len()).ok()?;
	let before = usize::try_from(point.max(0)).ok()?;
	let moved = if point <= 0 {
		format!("0.{}{digits}", "0".repeat(usize::try_from(-point).ok()?))
	} else if point >= end {
		format!("{digits:0<before$}")
	} else {
		format!("{}.{}", &digits[..before], &digits[before..])
	};
	let moved = if moved.contains('.') { moved.trim_end_matches('0').trim_end_matches('.') } else { &moved };
	Some(moved.to_owned())
}

#[cfg(test)]
mod tests {
	use super::*;
	use miette::Diagnostic;
	use proptest::prelude::*;

	fn refusal(text: &str) -> (String, String) {
		let error = digits(text).expect_err(text);
		let help = error.help().expect("help").to_string();
		(error.to_string(), help)
	}

	#[test]
	fn what_is_not_plain_is_refused_with_what_to_write_instead() {
		for (text, why, instead) in [
			("1,5", "a comma", "Write 1.5"),
			("1,234", "a comma", "Write 1234 or 1.234, whichever is meant."),
			("1,234.50", "a comma", "Write 1234.50"),
			("1.234,50", "a comma", "Write 1234.50"),
			("1,234,567", "a comma", "Write 1234567"),
			("1,23,456", "a comma", "Write digits, with a point"),
			("12,34.5", "a comma", "Write digits, with a point"),
			("1_000", "a thousands separator", "Write 1000"),
			("1'000", "a thousands separator", "Write 1000"),
			("1.234.567", "several points", "Write 1234567"),
			("1e5", "an exponent", "Write 100000"),
			("1.5E3", "an exponent", "Write 1500"),
			("25e-1", "an exponent", "Write 2.5"),
			("1e-3", "an exponent", "Write 0.001"),
			("1e400", "an exponent", "Write digits"),
			("+5", "a sign", "Write 5"),
			("-5", "a sign", "Write digits"),
			("1 500", "a space", "Write 1500"),
			(" 5", "a space", "Write 5"),
			("5 ", "a space", "Write 5"),
			("5\n", "a space", "Write 5"),
			("1\u{a0}500", "a space", "Write 1500"),
			("１００", "not those from 0 to 9", "Write 100"),
			("٣", "not those from 0 to 9", "Write 3"),
			("", "it is empty", "Write digits"),
			(".", "no digits", "Write digits"),
			(".5", "no digits on one side", "Write 0.5"),
			("5.", "no digits on one side", "Write 5"),
			("007", "begins with a zero", "Write 7"),
			("00.5", "begins with a zero", "Write 0.5"),
			("$5", "a unit", "Write 5"),
			("5%", "a unit", "Write 5"),
			("0x10", "hexadecimal", "Write digits"),
			("ten", "no digits", "Write digits"),
			("NaN", "no digits", "Write digits"),
			("inf", "no digits", "Write digits"),
			("1.2.3", "several points", "Write digits"),
			("5x", "other characters", "Write digits"),
		] {
			let (error, help) = refusal(text);
			assert!(error.contains("is not a number") && error.contains(why), "{text}: {error}");
			assert!(help.starts_with(instead), "{text}: {help}");
		}
	}

	#[test]
	fn a_whole_number_has_no_fraction_and_a_range() {
		assert_eq!(whole::<u8>("255"), Ok(255));
		assert_eq!(whole::<u128>(&u128::MAX.to_string()), Ok(u128::MAX));
		assert!(matches!(whole::<u8>("256"), Err(NumberError::OutOfRange { most: 255, .. })));
		assert!(matches!(whole::<u128>(&format!("{}0", u128::MAX)), Err(NumberError::OutOfRange { .. })));
		assert!(matches!(whole::<u8>("2.5"), Err(NumberError::NotWhole { .. })));
		assert!(matches!(whole::<u8>("2.0"), Err(NumberError::NotWhole { .. })));
		assert!(matches!(from_one::<u32>("0"), Err(NumberError::OutOfRange { least: 1, .. })));
		for text in ["+5", "-5", "05", " 5", "5 ", "1_0", "1,000", "1e2", "５", ""] {
			assert!(matches!(whole::<u64>(text), Err(NumberError::Malformed { .. })), "{text}");
		}
	}

	/// Whether what `read` makes of a text is what is written there, digit by digit: then nobody can read
	/// it in another way.
	fn one_reading(text: &str, read: impl Fn(&str) -> Option<String>) -> bool {
		let Some(number) = read(text) else { return true };
		let shortened = match text.split_once('.') {
			Some(_) => text.trim_end_matches('0').trim_end_matches('.'),
			None => text,
		};
		number == shortened
	}

	fn strict(text: &str) -> Option<String> {
		let Digits { whole, fraction } = digits(text).ok()?;
		let number: u128 = whole.parse().ok()?;
		let fraction = fraction.trim_end_matches('0');
		Some(if fraction.is_empty() { number.to_string() } else { format!("{number}.{fraction}") })
	}

	#[test]
	fn a_reader_that_skips_commas_is_seen_to_have_two_readings() {
		let lenient = |text: &str| strict(&text.replace(',', ""));
		assert!(one_reading("1,5", strict));
		assert!(!one_reading("1,5", lenient), "15 is not what is written");
	}

	proptest! {
		#[test]
		fn nothing_is_read_in_two_ways(text in "[0-9.,_ +\\-eE$%x'０-９]{0,12}") {
			prop_assert!(one_reading(&text, strict), "{text}");
		}

		#[test]
		fn a_number_in_groups_is_suggested_without_them(whole in 1_000u64.., fraction in "[0-9]{1,2}") {
			let digits = whole.to_string();
			let places = digits.len();
			let mut written = String::new();
			for (index, digit) in digits.chars().enumerate() {
				if index > 0 && (places - index).is_multiple_of(3) {
					written.push(',');
				}
				written.push(digit);
			}
			let plain = format!("{digits}.{fraction}");
			prop_assert_eq!(readings(&format!("{written}.{fraction}")), [plain.clone()]);
			let continental = written.replace(',', ".");
			prop_assert_eq!(readings(&format!("{continental},{fraction}")), [plain]);
		}

		#[test]
		fn a_whole_number_is_read_back(number: u128) {
			prop_assert_eq!(whole::<u128>(&number.to_string()), Ok(number));
		}
	}
}
