// SPDX-License-Identifier: Apache-2.0
//! Finding one value in an answer, as the text it was written in.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::{collections::BTreeSet, fmt};

/// Why there is nothing to be found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
	/// It is not JSON.
	#[error("the answer is not JSON: {0}")]
	NotJson(String),
	/// The path leads nowhere.
	#[error("the answer has nothing at {pointer}: {problem}")]
	Nothing {
		/// The path.
		pointer: String,
		/// Where it ends.
		problem: String,
	},
}

/// The members of an object, in order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		struct Reading;
		impl<'de> Visitor<'de> for Reading {
			type Value = Members<'de>;

			fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
				f.write_str("an object")
			}

			fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
				let mut members = Vec::new();
				while let Some(entry) = map.next_entry::<String, &'de RawValue>()? {
					members.push(entry);
				}
				Ok(Members(members))
			}
		}
		deserializer.deserialize_map(Reading)
	}
}

/// A whole answer.
pub fn parse(text: &str) -> Result<&RawValue, FindError> {
	serde_json::from_str(text).map_err(|error| FindError::NotJson(error.to_string()))
}

/// The value at `pointer` (RFC 6901); `*` stands for the only element or member.
pub fn find<'a>(value: &'a RawValue, pointer: &str) -> Result<&'a RawValue, FindError> {
	let nothing = |problem: String| FindError::Nothing { pointer: pointer.to_owned(), problem };
	let mut value = value;
	for token in pointer.split('/').skip(1) {
		let token = token.replace("~1", "/").replace("~0", "~");
		value = step(value, &token).map_err(nothing)?;
	}
	Ok(value)
}

fn step<'a>(value: &'a RawValue, token: &str) -> Result<&'a RawValue, String> {
	let text = value.get();
	match text.bytes().next() {
		Some(b'{') => {
			let Members(members) = serde_json::from_str(text).map_err(|error| error.to_string())?;
			let mut names = BTreeSet::new();
			// Of two members of one name, readers disagree which one counts.
			if let Some((name, _)) = members.iter().find(|(name, _)| !names.insert(name.as_str())) {
				return Err(format!("`{name}` is there twice"));
			}
			match (token, members.as_slice()) {
				("*", [(_, only)]) => Ok(only),
				("*", all) => Err(format!("there are {} members, not one", all.len())),
				(token, all) => all
					.iter()
					.find(|(name, _)| name == token)
					.map(|(_, found)| *found)
					.ok_or_else(|| format!("there is no `{token}`")),
			}
		}
		Some(b'[') => {
			let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| error.to_string())?;
			match (token, items.as_slice()) {
				("*", [only]) => Ok(only),
				("*", all) => Err(format!("there are {} elements, not one", all.len())),
				(token, all) => {
					let index: usize = token.parse().map_err(|_| format!("`{token}` is no index"))?;
					all.get(index).copied().ok_or_else(|| format!("there is no element {index}"))
				}
			}
		}
		_ => Err(format!("`{token}` was looked for in {}", kind(value))),
	}
}

/// A number or a text, as it is written, without quotes.
pub fn scalar(value: &RawValue) -> Result<String, String> {
	let text = value.get();
	match text.bytes().next() {
		Some(b'"') => serde_json::from_str(text).map_err(|error| error.to_string()),
		Some(b'-' | b'0'..=b'9') => Ok(text.to_owned()),
		_ => Err(format!("it is {}, not a number", kind(value))),
	}
}

/// What a value is, in a word.
pub fn kind(value: &RawValue) -> &'static str {
	match value.get().bytes().next() {
		Some(b'{') => "an object",
		Some(b'[') => "a list",
		Some(b'"') => "text",
		Some(b't' | b'f') => "true or false",
		Some(b'n') => "null",
		_ => "a number",
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn at(text: &str, pointer: &str) -> Result<String, FindError> {
		find(parse(text)?, pointer).map(|value| value.get().to_owned())
	}

	#[test]
	fn a_value_is_found_as_it_was_written() {
		let text = r#"{"a": {"b/c": [1, {"p": 65000.100000000000000001}]}, "s": "1e400"}"#;
		assert_eq!(at(text, "/a/b~1c/1/p"), Ok("65000.100000000000000001".to_owned()));
		assert_eq!(at(text, "/s"), Ok("\"1e400\"".to_owned()));
		assert_eq!(at("3.5", ""), Ok("3.5".to_owned()));
		assert_eq!(
			at(r#"{"result": {"XXBTZUSD": {"c": ["1.0", "2"]}}}"#, "/result/*/c/0"),
			Ok("\"1.0\"".to_owned())
		);
	}

	#[test]
	fn what_is_not_there_is_told() {
		for (text, pointer, reason) in [
			("{\"price\": NaN}", "/price", "not JSON"),
			("<html>", "/price", "not JSON"),
			("", "/price", "not JSON"),
			("{\"price\": 1", "/price", "not JSON"),
			("{\"p\": 1}", "/price", "there is no `price`"),
			("{\"p\": 1, \"p\": 2}", "/p", "`p` is there twice"),
			("[1]", "/1", "there is no element 1"),
			("[1]", "/x", "`x` is no index"),
			("[1, 2]", "/*", "there are 2 elements, not one"),
			("{}", "/*", "there are 0 members, not one"),
			("7", "/p", "`p` was looked for in a number"),
		] {
			let error = at(text, pointer).expect_err(text).to_string();
			assert!(error.contains(reason), "{text} {pointer}: {error}");
		}
	}
}
