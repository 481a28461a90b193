// SPDX-License-Identifier: Apache-2.0
//! Calls as people write them: `Pallet.call(args)`.
//!
//! Arguments are given by position, `Balances.transfer_keep_alive(//Bob, 5)`, by name,
//! `CircuitBreaker.guard(market: 0)`, or as a JSON object, `CircuitBreaker.guard({"market": 0})`.
//! Numbers are in the chain's smallest units. Accounts are addresses or `//Alice`; bytes are `0x...`;
//! an enum is `Variant` or `Variant(args)`; `None` and `Some(x)` are an option. A call that is itself an
//! argument is written as `Pallet(call { ... })`.

use std::str::FromStr;
use subxt::{
	ext::scale_value::{
		stringify::{custom_parsers, from_str_custom, ParseError},
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
	help("Write Pallet.call(args), like 'CircuitBreaker.guard(market: 0)', or the encoded call as 0x...")
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
		if let Ok(serde_json::Value::Object(object)) = serde_json::from_str(inner) {
			let fields = object.iter().map(|(name, value)| Ok((name.clone(), from_json(value)?)));
			return Ok(Composite::Named(fields.collect::<Result<_, String>>()?));
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

/// A JSON value as an argument; strings are read like text where they are addresses or bytes.
fn from_json(json: &serde_json::Value) -> Result<Value<()>, String> {
	Ok(match json {
		serde_json::Value::Null => Value::unnamed_variant("None", []),
		serde_json::Value::Bool(value) => Value::bool(*value),
		serde_json::Value::Number(number) => {
			let digits = number.to_string();
			match (digits.parse::<u128>(), digits.parse::<i128>()) {
				(Ok(value), _) => Value::u128(value),
				(_, Ok(value)) => Value::i128(value),
				_ => return Err(format!("{digits} is not a whole number")),
			}
		}
		// An address or bytes; a variant's name stays text until the type is known.
		serde_json::Value::String(text) => match parse_value(text) {
			Ok(value) if matches!(value.value, ValueDef::Composite(_)) => value,
			_ => Value::string(text),
		},
		serde_json::Value::Array(items) => {
			Value::unnamed_composite(items.iter().map(from_json).collect::<Result<Vec<_>, _>>()?)
		}
		serde_json::Value::Object(fields) => Value::named_composite(
			fields
				.iter()
				.map(|(name, value)| Ok((name.clone(), from_json(value)?)))
				.collect::<Result<Vec<_>, String>>()?,
		),
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
			("0xzz", "Invalid character"),
		] {
			let error = text.parse::<CallText>().expect_err(text).to_string();
			assert!(error.contains(reason), "{text}: {error}");
		}
	}
}
