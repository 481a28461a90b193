// SPDX-License-Identifier: Apache-2.0
//! Reading decoded values without knowing their Rust types.
//!
//! The chain's types are known from its metadata only. Newtypes decode as composites of one field;
//! these helpers look through them.

use serde_json::{Map, Value as Json};
use subxt::{
	config::polkadot::U256,
	ext::scale_value::{Composite, Primitive, Value, ValueDef},
};

/// A decoded value.
pub type Decoded = Value<()>;

/// The value inside newtypes: composites of exactly one field.
pub fn inner(value: &Decoded) -> &Decoded {
	match &value.value {
		ValueDef::Composite(fields) if fields.len() == 1 => fields.values().next().map_or(value, inner),
		_ => value,
	}
}

/// A field of a struct or of an enum's variant, by name.
pub fn field<'a>(value: &'a Decoded, name: &str) -> Option<&'a Decoded> {
	let fields = match &value.value {
		ValueDef::Composite(fields) => fields,
		ValueDef::Variant(variant) => &variant.values,
		_ => return None,
	};
	field_of(fields, name)
}

/// A field by name.
pub fn field_of<'a>(fields: &'a Composite<()>, name: &str) -> Option<&'a Decoded> {
	match fields {
		Composite::Named(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
		Composite::Unnamed(_) => None,
	}
}

/// An unsigned number, newtypes included.
pub fn unsigned(value: &Decoded) -> Option<u128> {
	match &inner(value).value {
		ValueDef::Primitive(Primitive::U128(number)) => Some(*number),
		ValueDef::Primitive(Primitive::I128(number)) => u128::try_from(*number).ok(),
		_ => None,
	}
}

/// A signed number, newtypes included.
pub fn signed(value: &Decoded) -> Option<i128> {
	match &inner(value).value {
		ValueDef::Primitive(Primitive::I128(number)) => Some(*number),
		ValueDef::Primitive(Primitive::U128(number)) => i128::try_from(*number).ok(),
		_ => None,
	}
}

/// The name of an enum's variant.
pub fn variant(value: &Decoded) -> Option<&str> {
	match &value.value {
		ValueDef::Variant(variant) => Some(&variant.name),
		_ => None,
	}
}

/// The fields of an enum's variant.
pub fn items_of_variant(value: &Decoded) -> impl Iterator<Item = &Decoded> {
	let fields = match &value.value {
		ValueDef::Variant(variant) => Some(&variant.values),
		_ => None,
	};
	fields.into_iter().flat_map(Composite::values)
}

/// What an `Option` holds.
pub fn some(value: &Decoded) -> Option<&Decoded> {
	match &value.value {
		ValueDef::Variant(variant) if variant.name == "Some" => variant.values.values().next(),
		_ => None,
	}
}

/// Bytes: a list of numbers below 256, newtypes included.
pub fn bytes(value: &Decoded) -> Option<Vec<u8>> {
	let ValueDef::Composite(fields) = &value.value else { return None };
	let byte = |value: &Decoded| match &value.value {
		ValueDef::Primitive(Primitive::U128(number)) => u8::try_from(*number).ok(),
		_ => None,
	};
	match fields.values().map(byte).collect::<Option<Vec<_>>>() {
		Some(list) => Some(list),
		None if fields.len() == 1 => fields.values().next().and_then(bytes),
		None => None,
	}
}

/// Exactly 32 bytes: an account or a hash.
pub fn bytes32(value: &Decoded) -> Option<[u8; 32]> {
	bytes(value)?.try_into().ok()
}

/// The elements of a list; those of a bounded list are told by [`bounded_items`].
pub fn items(value: &Decoded) -> Vec<&Decoded> {
	match &value.value {
		ValueDef::Composite(fields) => fields.values().collect(),
		_ => Vec::new(),
	}
}

/// The elements of a bounded list: a newtype of a list.
pub fn bounded_items(value: &Decoded) -> Vec<&Decoded> {
	items(value).first().map(|list| items(list)).unwrap_or_default()
}

/// For programs: structs as objects, bytes as `0x...`, numbers as decimal text (they exceed what
/// JSON's readers keep).
pub fn to_json(value: &Decoded) -> Json {
	match &value.value {
		ValueDef::Primitive(primitive) => primitive_json(primitive),
		ValueDef::BitSequence(bits) => {
			Json::String(bits.iter().map(|bit| if bit { '1' } else { '0' }).collect())
		}
		ValueDef::Variant(variant) if variant.values.is_empty() => Json::String(variant.name.clone()),
		ValueDef::Variant(variant) => {
			Json::Object(Map::from_iter([(variant.name.clone(), composite_json(&variant.values))]))
		}
		ValueDef::Composite(fields) => composite_json(fields),
	}
}

/// The same for the fields of an event or call.
pub fn composite_json(fields: &Composite<()>) -> Json {
	match fields {
		Composite::Named(fields) => {
			Json::Object(fields.iter().map(|(name, value)| (name.clone(), to_json(value))).collect())
		}
		Composite::Unnamed(items) if items.len() >= 4 => {
			match bytes(&Value::unnamed_composite(items.clone())) {
				Some(list) => Json::String(format!("0x{}", hex::encode(list))),
				None => Json::Array(items.iter().map(to_json).collect()),
			}
		}
		Composite::Unnamed(items) => match items.as_slice() {
			[only] => to_json(only),
			_ => Json::Array(items.iter().map(to_json).collect()),
		},
	}
}

fn primitive_json(primitive: &Primitive) -> Json {
	match primitive {
		Primitive::Bool(value) => Json::Bool(*value),
		Primitive::Char(value) => Json::String(value.to_string()),
		Primitive::String(value) => Json::String(value.clone()),
		Primitive::U128(value) => Json::String(value.to_string()),
		Primitive::I128(value) => Json::String(value.to_string()),
		Primitive::U256(value) => Json::String(U256::from_little_endian(value).to_string()),
		Primitive::I256(value) => Json::String(signed_256(value)),
	}
}

/// A number in two's complement, least byte first.
fn signed_256(bytes: &[u8; 32]) -> String {
	let number = U256::from_little_endian(bytes);
	if number.bit(255) {
		let magnitude = (!number).saturating_add(U256::one());
		format!("-{magnitude}")
	} else {
		number.to_string()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn account() -> Decoded {
		Value::unnamed_composite([Value::from_bytes([7u8; 32])])
	}

	#[test]
	fn newtypes_are_looked_through() {
		let market = Value::unnamed_composite([Value::u128(3)]);
		assert_eq!(unsigned(&market), Some(3));
		assert_eq!(signed(&Value::named_composite([("raw", Value::i128(-2))])), Some(-2));
		assert_eq!(unsigned(&Value::i128(-2)), None);
		assert_eq!(bytes32(&account()), Some([7; 32]));
	}

	#[test]
	fn lists_and_options_are_read() {
		let list = Value::unnamed_composite([Value::u128(1), Value::u128(2)]);
		assert_eq!(items(&list).len(), 2);
		assert_eq!(items(inner(&Value::unnamed_composite([list]))).len(), 2);
		assert_eq!(some(&Value::unnamed_variant("Some", [Value::u128(1)])), Some(&Value::u128(1)));
		assert_eq!(some(&Value::unnamed_variant("None", [])), None);
	}

	#[test]
	fn numbers_of_256_bits_are_decimal_too() {
		let json = |primitive| to_json(&Value::primitive(primitive));
		let mut five = [0; 32];
		five[0] = 5;
		assert_eq!(json(Primitive::U256(five)), "5");
		assert_eq!(json(Primitive::I256(five)), "5");
		assert_eq!(json(Primitive::I256([0xff; 32])), "-1");
		assert_eq!(json(Primitive::U256([0xff; 32])), U256::MAX.to_string());
	}

	#[test]
	fn json_keeps_large_numbers_and_bytes() {
		let value = Value::named_composite([
			("who", account()),
			("amount", Value::u128(u128::MAX)),
			("side", Value::unnamed_variant("Long", [])),
			("result", Value::unnamed_variant("Ok", [Value::bool(true)])),
		]);
		let expected = serde_json::json!({
			"who": format!("0x{}", "07".repeat(32)),
			"amount": u128::MAX.to_string(),
			"side": "Long",
			"result": { "Ok": true },
		});
		assert_eq!(to_json(&value), expected);
	}
}
