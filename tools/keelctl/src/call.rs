// SPDX-License-Identifier: Apache-2.0
//! Calls as people write them: `Pallet.call(args)`.
//!
//! Arguments are given by position, `Balances.transfer_keep_alive(//Bob, 5)`, by name,
//! `Margin.deposit(sub: 0, amount: 5000000)`, or as a JSON object, `Margin.deposit({"sub": 0, "amount": 5000000})`.
//! Numbers are whole, in the chain's smallest units, and exact however large, in JSON too. Accounts are addresses or `//Alice`; bytes are `0x...`;
//! an enum is `Variant` or `Variant(args)`; `None` and `Some(x)` are an option. A call that is itself an
//! argument is written as `Pallet(call { ... })`.

use crate::number::{self, NumberError};
use serde::{
	de::{Error as _, MapAccess, Visitor},
	Deserialize, Deserializer,
};
use serde_json::value::RawValue;
use std::{fmt, str::FromStr};
use subxt::{
	ext::scale_value::{
		stringify::{custom_parsers, from_str_custom, ParseError, ParseErrorKind},
		Composite, Value, ValueDef,
	},
	transactions::{dynamic, DynamicPayload},
};
use subxt_signer::{sr25519::Keypair, SecretUri};

/// A call with its arguments, not yet checked against the chain.
pub type Call = DynamicPayload<Composite<()>>;

/// A call as text, or already encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallText {
	/// `Pallet.call(args)`.
	Written(Call),
	/// `0x...`, to be decoded with the chain's metadata.
	Encoded(Vec<u8>),
}

/// Why a text is not a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{text}` is not a call: {reason}")]
#[diagnostic(
	code(keelctl::call),
	help("Write Pallet.call(args), like 'CircuitBreaker.resume_market(market: 0)', or the encoded call as 0x...")
)]
pub struct CallError {
	text: String,
	reason: String,
}

impl FromStr for CallText {
	type Err = CallError;

	fn from_str(text: &str) -> Result<Self, CallError> {
		let wrong = |reason: String| CallError { text: text.to_owned(), reason };
		let trimmed = text.trim();
		if let Some(digits) = trimmed.strip_prefix("0x") {
			return hex::decode(digits).map(Self::Encoded).map_err(|e| wrong(e.to_string()));
		}
		let (name, arguments) = match trimmed.find(['(', '{']) {
			Some(start) => trimmed.split_at(start),
			None => (trimmed, "()"),
		};
		let (pallet, call) = name
			.trim()
			.split_once(['.', ':'])
			.map(|(pallet, call)| (pallet, call.trim_start_matches(':')))
			.ok_or_else(|| wrong("there is no dot between pallet and call".to_owned()))?;
		let identifier =
			|name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
		if !identifier(pallet) || !identifier(call) {
			return Err(wrong(format!("`{name}` is not the name of a call")));
		}
		let fields = parse_arguments(arguments.trim()).map_err(wrong)?;
		Ok(Self::Written(dynamic(pallet, call, fields)))
	}
}

fn parse_arguments(text: &str) -> Result<Composite<()>, String> {
	let inner = text
		.strip_prefix('(')
		.and_then(|rest| rest.strip_suffix(')'))
		.or_else(|| text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')))
		.ok_or("the arguments do not end with a bracket")?
		.trim();
	if inner.starts_with('{') {
		if let Ok(json) = serde_json::from_str::<&RawValue>(inner) {
			return members(json).map(Composite::Named);
		}
	}
	let bracketed = if has_names(inner) { format!("{{{inner}}}") } else { format!("({inner})") };
	match parse_value(&bracketed)?.value {
		ValueDef::Composite(fields) => Ok(fields),
		_ => Err("the arguments are not a list".to_owned()),
	}
}

/// Whether a list begins with `name:`.
fn has_names(inner: &str) -> bool {
	let end = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(inner.len());
	end > 0 && inner[end..].trim_start().starts_with(':')
}

/// One argument as text.
pub fn parse_value(text: &str) -> Result<Value<()>, String> {
	let (value, rest) = from_str_custom()
		.add_custom_parser(custom_parsers::parse_hex)
		.add_custom_parser(parse_development_account)
		.add_custom_parser(custom_parsers::parse_ss58)
		.add_custom_parser(parse_number)
		.add_custom_parser(parse_bare_variant)
		.parse(text);
	let value = value.map_err(|error| error.to_string())?;
	if rest.trim().is_empty() {
		Ok(value)
	} else {
		Err(format!("cannot read `{}`", rest.trim()))
	}
}

/// `//Alice` and the like.
fn parse_development_account(text: &mut &str) -> Option<Result<Value<()>, ParseError>> {
	if !text.starts_with("//") {
		return None;
	}
	let end = text
		.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-')))
		.unwrap_or(text.len());
	let uri = SecretUri::from_str(&text[..end]).ok()?;
	let keypair = Keypair::from_uri(&uri).ok()?;
	*text = &text[end..];
	Some(Ok(Value::from_bytes(keypair.public_key().0)))
}

/// A whole number. The library's own reader would take `1_0` for ten, and `+5`.
fn parse_number(text: &mut &str) -> Option<Result<Value<()>, ParseError>> {
	if !text.starts_with(|c: char| c.is_numeric() || matches!(c, '+' | '-' | '.')) {
		return None;
	}
	let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ')' | '}' | ']' | '(' | '{' | ':');
	let end = text.find(ends).unwrap_or(text.len());
	let (number, rest) = text.split_at(end);
	let value = integer(number).map_err(|reason| ParseError::new_at(ParseErrorKind::Custom(reason), 0));
	*text = rest;
	Some(value)
}

/// A whole number of either sign as an argument; the reason and the remedy if it is none.
pub fn integer(text: &str) -> Result<Value<()>, String> {
	let told = |error: NumberError| {
		use miette::Diagnostic;
		error.help().map_or_else(|| error.to_string(), |help| format!("{error}. {help}"))
	};
	match text.strip_prefix('-') {
		Some(magnitude) => {
			let magnitude = number::whole::<u128>(magnitude).map_err(told)?;
			let number = i128::try_from(magnitude).map(|number| -number);
			number.map(Value::i128).map_err(|_| format!("`{text}` is smaller than any number of a call"))
		}
		None => number::whole::<u128>(text).map(Value::u128).map_err(told),
	}
}

/// A variant without fields: `None`, `Long`.
fn parse_bare_variant(text: &mut &str) -> Option<Result<Value<()>, ParseError>> {
	let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
	let (name, rest) = text.split_at(end);
	let has_fields = rest.trim_start().starts_with(['(', '{']);
	if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || matches!(name, "true" | "false") || has_fields
	{
		return None;
	}
	*text = rest;
	Some(Ok(Value::unnamed_variant(name, [])))
}

/// The members of a JSON object as they are written. The usual readers keep the last of two members with
/// the same name, and numbers beyond 64 bits only nearly.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		struct Read;
		impl<'de> Visitor<'de> for Read {
			type Value = Members;

			fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				f.write_str("an object")
			}

			fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
				let mut members: Vec<(String, Box<RawValue>)> = Vec::new();
				while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
					if members.iter().any(|(earlier, _)| *earlier == name) {
						return Err(A::Error::custom(format!("`{name}` is given twice")));
					}
					members.push((name, value));
				}
				Ok(Members(members))
			}
		}
		deserializer.deserialize_map(Read)
	}
}

fn members(json: &RawValue) -> Result<Vec<(String, Value<()>)>, String> {
	let Members(members) = serde_json::from_str(json.get()).map_err(|error| error.to_string())?;
	members.into_iter().map(|(name, value)| Ok((name, from_json(&value)?))).collect()
}

/// A JSON value as an argument; strings are read like text where they are addresses or bytes.
fn from_json(json: &RawValue) -> Result<Value<()>, String> {
	let text = json.get();
	let wrong = |error: serde_json::Error| error.to_string();
	Ok(match text.as_bytes().first() {
		Some(b'{') => Value::named_composite(members(json)?),
		Some(b'[') => {
			let items: Vec<Box<RawValue>> = serde_json::from_str(text).map_err(wrong)?;
			let items = items.iter().map(|item| from_json(item));
			Value::unnamed_composite(items.collect::<Result<Vec<_>, _>>()?)
		}
		Some(b'"') => {
			let text: String = serde_json::from_str(text).map_err(wrong)?;
			// An address or bytes; a variant's name, or a number, stays text until the type is known.
			match parse_value(&text) {
				Ok(value) if matches!(value.value, ValueDef::Composite(_)) => value,
				_ => Value::string(text),
			}
		}
		Some(b't') => Value::bool(true),
		Some(b'f') => Value::bool(false),
		Some(b'n') => Value::unnamed_variant("None", []),
		_ => integer(text)?,
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	fn call(text: &str) -> (String, String, Composite<()>) {
		match text.parse().expect("a call") {
			CallText::Written(call) => {
				(call.pallet_name().into(), call.call_name().into(), call.call_data().clone())
			}
			CallText::Encoded(_) => panic!("{text} is not encoded"),
		}
	}

	#[test]
	fn arguments_are_given_by_position_name_or_json() {
		let by_position = call("CircuitBreaker.guard(0, true)").2;
		assert_eq!(by_position, Composite::unnamed([Value::u128(0), Value::bool(true)]));
		let by_name = Composite::named([("market", Value::u128(0)), ("why", Value::string("x"))]);
		for text in [
			"CircuitBreaker.guard(market: 0, why: \"x\")",
			"CircuitBreaker.guard { market: 0, why: \"x\" }",
			"CircuitBreaker.guard({\"market\": 0, \"why\": \"x\"})",
			"CircuitBreaker::guard(market: 0, why: \"x\")",
		] {
			assert_eq!(call(text), ("CircuitBreaker".into(), "guard".into(), by_name.clone()), "{text}");
		}
	}

	#[test]
	fn whole_numbers_are_exact_however_large() {
		let most = u128::MAX;
		let least = i128::MIN + 1;
		let expected = Composite::named([("amount", Value::u128(most)), ("by", Value::i128(least))]);
		for text in [
			format!("A.b(amount: {most}, by: {least})"),
			format!("A.b({{\"amount\": {most}, \"by\": {least}}})"),
		] {
			assert_eq!(call(&text).2, expected, "{text}");
		}
		let nested = call("A.b({\"orders\": [{\"size\": 20000000000000000000}, null, true]})").2;
		let size = Value::named_composite([("size", Value::u128(20_000_000_000_000_000_000))]);
		let items = [size, Value::unnamed_variant("None", []), Value::bool(true)];
		assert_eq!(nested, Composite::named([("orders", Value::unnamed_composite(items))]));
	}

	#[test]
	fn a_call_may_have_no_arguments() {
		for text in ["SafeMode.force_exit", "SafeMode.force_exit()", " SafeMode.force_exit ( ) "] {
			assert_eq!(call(text).2, Composite::unnamed([]), "{text}");
		}
	}

	#[test]
	fn accounts_are_addresses_or_development_keys() {
		let alice = Value::from_bytes(subxt_signer::sr25519::dev::alice().public_key().0);
		let expected = Composite::unnamed([alice, Value::u128(5)]);
		assert_eq!(call("Assets.mint(//Alice, 5)").2, expected);
		let address = subxt_signer::sr25519::dev::alice().public_key().to_account_id();
		assert_eq!(call(&format!("Assets.mint({address}, 5)")).2, expected);
	}

	#[test]
	fn enums_and_bytes_can_be_written() {
		let value = call("A.b(Id(0x0102), None, Some(3))").2;
		assert_eq!(
			value,
			Composite::unnamed([
				Value::unnamed_variant("Id", [Value::from_bytes([1, 2])]),
				Value::unnamed_variant("None", []),
				Value::unnamed_variant("Some", [Value::u128(3)]),
			])
		);
	}

	#[test]
	fn an_encoded_call_is_taken_as_it_is() {
		assert_eq!("0x0a0b".parse(), Ok(CallText::Encoded(vec![10, 11])));
	}

	#[test]
	fn what_is_no_call_says_why() {
		for (text, reason) in [
			("", "there is no dot"),
			("guard(0)", "there is no dot"),
			("Circuit Breaker.guard(0)", "is not the name of a call"),
			("CircuitBreaker.(0)", "is not the name of a call"),
			("CircuitBreaker.guard(0", "do not end with a bracket"),
			("CircuitBreaker.guard({\"market\": 1.5})", "is not a whole number"),
			("CircuitBreaker.guard({\"market\": 1e3})", "it has an exponent. Write 1000"),
			("CircuitBreaker.guard({\"market\": 1, \"market\": 2})", "`market` is given twice"),
			("CircuitBreaker.guard(1.5)", "is not a whole number"),
			("CircuitBreaker.guard(1_000)", "it has a thousands separator. Write 1000"),
			("CircuitBreaker.guard(+5)", "it has a sign. Write 5"),
			("CircuitBreaker.guard(market: 007)", "it begins with a zero. Write 7"),
			("CircuitBreaker.guard(market: ５)", "not those from 0 to 9. Write 5"),
			("0xzz", "Invalid character"),
		] {
			let error = text.parse::<CallText>().expect_err(text).to_string();
			assert!(error.contains(reason), "{text}: {error}");
		}
	}
}
