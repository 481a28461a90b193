// SPDX-License-Identifier: Apache-2.0
//! Decimal numbers as people write them.

/// `text` in units of `10^-decimals`. Neither a sign nor a zero too many, and no decimal that would be lost.
pub fn parse(text: &str, decimals: usize) -> Result<i128, String> {
	let expected = || format!("expected a number, found `{text}`");
	let (negative, digits) = match text.strip_prefix('-') {
		Some(digits) => (true, digits),
		None => (false, text),
	};
	let (whole, fraction) = match digits.split_once('.') {
		Some((_, "")) => return Err(expected()),
		Some(parts) => parts,
		None => (digits, ""),
	};
	let is_padded = whole.len() > 1 && whole.starts_with('0');
	let only_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
	if whole.is_empty() || is_padded || !only_digits(whole) || !only_digits(fraction) {
		return Err(expected());
	}
	if fraction.len() > decimals {
		return Err(format!("expected at most {decimals} decimals, found `{text}`"));
	}
	let magnitude: i128 =
		format!("{whole}{fraction:0<decimals$}").parse().map_err(|_| format!("`{text}` is too large"))?;
	if negative && magnitude == 0 {
		return Err(expected());
	}
	Ok(if negative { -magnitude } else { magnitude })
}

/// The other way: the shortest text that [`parse`] reads as `value`.
pub fn show(value: i128, decimals: usize) -> String {
	let sign = if value < 0 { "-" } else { "" };
	let digits = format!("{:0>width$}", value.unsigned_abs(), width = decimals + 1);
	let (whole, fraction) = digits.split_at(digits.len() - decimals);
	let fraction = fraction.trim_end_matches('0');
	let point = if fraction.is_empty() { "" } else { "." };
	format!("{sign}{whole}{point}{fraction}")
}

#[test]
fn numbers_are_read_to_the_last_unit() {
	assert_eq!(parse("5000", 6), Ok(5_000_000_000));
	assert_eq!(parse("0.000001", 6), Ok(1));
	assert_eq!(parse("-46391.75", 2), Ok(-4_639_175));
	assert_eq!(parse("0", 0), Ok(0));
	for text in ["5000", "0.000001", "-46391.75", "0", "-0.5", "10"] {
		assert_eq!(show(parse(text, 6).unwrap(), 6), text);
	}
	assert_eq!(show(7, 0), "7");
}

#[test]
fn what_is_no_number_is_refused() {
	for text in
		["", "-", ".", "1.", ".5", "+1", "01", "-0", "1e3", "1,000", "1_000", "--1", "1.2.3", "½", " 1"]
	{
		assert!(parse(text, 6).unwrap_err().starts_with("expected a number"), "{text}");
	}
	assert_eq!(parse("0.0000001", 6), Err("expected at most 6 decimals, found `0.0000001`".into()));
	assert_eq!(parse(&"9".repeat(39), 0), Err(format!("`{}` is too large", "9".repeat(39))));
}
