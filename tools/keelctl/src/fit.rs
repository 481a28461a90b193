// SPDX-License-Identifier: Apache-2.0
//! Making written arguments fit the types the chain wants.
//!
//! People write `//Bob` where the chain wants an address, `Long` where it wants a variant, `5` where it
//! wants an option, and text where it wants bytes. What does not fit is left as it is: encoding it then
//! says what is wrong.

use crate::call;
use scale_info::{form::PortableForm, Field, PortableRegistry, TypeDef, TypeDefPrimitive};
use subxt::ext::scale_value::{Composite, Primitive, Value, ValueDef, Variant};

/// `values` as the fields of a call, struct or variant.
pub fn fit_fields(
	values: Composite<()>,
	fields: &[Field<PortableForm>],
	types: &PortableRegistry,
) -> Composite<()> {
	match values {
		Composite::Named(values) => Composite::Named(
			values
				.into_iter()
				.map(|(name, value)| {
					let field = fields.iter().find(|field| field.name.as_deref() == Some(name.as_str()));
					let value = match field {
						Some(field) => fit(value, field.ty.id, types),
						None => value,
					};
					(name, value)
				})
				.collect(),
		),
		Composite::Unnamed(values) if values.len() == fields.len() => Composite::Unnamed(
			values.into_iter().zip(fields).map(|(value, field)| fit(value, field.ty.id, types)).collect(),
		),
		other => other,
	}
}

/// `value` as the type with this id.
pub fn fit(value: Value<()>, id: u32, types: &PortableRegistry) -> Value<()> {
	let Some(target) = types.resolve(id) else { return value };
	match &target.type_def {
		TypeDef::Compact(compact) => fit(value, compact.type_param.id, types),
		TypeDef::Sequence(list) => fit_list(value, list.type_param.id, types),
		TypeDef::Array(list) => fit_list(value, list.type_param.id, types),
		TypeDef::Tuple(tuple) => match value.value {
			ValueDef::Composite(Composite::Unnamed(values)) if values.len() == tuple.fields.len() => {
				let fitted = values.into_iter().zip(&tuple.fields).map(|(v, field)| fit(v, field.id, types));
				Value::unnamed_composite(fitted)
			}
			_ => value,
		},
		TypeDef::Composite(composite) => match (value.value, composite.fields.as_slice()) {
			(ValueDef::Composite(values), fields) if values.len() == fields.len() && fields.len() != 1 => {
				Value::without_context(ValueDef::Composite(fit_fields(values, fields, types)))
			}
			// A newtype may be written without its wrapping.
			(other, [only]) => match other {
				ValueDef::Composite(Composite::Named(values)) if values.len() == 1 => {
					let values = fit_fields(Composite::Named(values), std::slice::from_ref(only), types);
					Value::without_context(ValueDef::Composite(values))
				}
				other => fit(Value::without_context(other), only.ty.id, types),
			},
			(other, _) => Value::without_context(other),
		},
		TypeDef::Variant(variants) => {
			let fields_of =
				|name: &str| variants.variants.iter().find(|v| v.name == name).map(|v| v.fields.as_slice());
			fit_variant(value, target.path.ident().as_deref().unwrap_or_default(), fields_of, types)
		}
		TypeDef::Primitive(TypeDefPrimitive::Bool | TypeDefPrimitive::Char | TypeDefPrimitive::Str)
		| TypeDef::BitSequence(_) => value,
		TypeDef::Primitive(_) => fit_number(value),
	}
}

/// A number may be written as text: programs that keep only 53 bits of one do so.
fn fit_number(value: Value<()>) -> Value<()> {
	match &value.value {
		ValueDef::Primitive(Primitive::String(text)) => call::integer(text).unwrap_or(value),
		_ => value,
	}
}

fn fit_variant<'a>(
	value: Value<()>,
	name: &str,
	fields_of: impl Fn(&str) -> Option<&'a [Field<PortableForm>]>,
	types: &PortableRegistry,
) -> Value<()> {
	let wrapped = |variant: &str, value: Value<()>| match fields_of(variant) {
		Some(fields) => {
			let values = fit_fields(Composite::unnamed([value]), fields, types);
			Value::without_context(ValueDef::Variant(Variant { name: variant.to_owned(), values }))
		}
		None => value,
	};
	match value.value {
		ValueDef::Variant(variant) if fields_of(&variant.name).is_some() => {
			let fields = fields_of(&variant.name).unwrap_or_default();
			let values = fit_fields(variant.values, fields, types);
			Value::without_context(ValueDef::Variant(Variant { name: variant.name, values }))
		}
		ValueDef::Primitive(Primitive::String(text)) if fields_of(&text).is_some_and(<[_]>::is_empty) => {
			Value::unnamed_variant(text, [])
		}
		// In JSON a variant with fields is an object with one member.
		ValueDef::Composite(Composite::Named(mut values))
			if values.len() == 1 && fields_of(&values[0].0).is_some() =>
		{
			let (variant, value) = values.remove(0);
			match (value.value, fields_of(&variant).unwrap_or_default()) {
				(ValueDef::Composite(Composite::Named(values)), fields) if fields.len() != 1 => {
					let values = fit_fields(Composite::Named(values), fields, types);
					Value::without_context(ValueDef::Variant(Variant { name: variant, values }))
				}
				(other, _) => wrapped(&variant, Value::without_context(other)),
			}
		}
		other if name == "MultiAddress" => wrapped("Id", Value::without_context(other)),
		other if name == "Option" => wrapped("Some", Value::without_context(other)),
		other => Value::without_context(other),
	}
}

fn fit_list(value: Value<()>, item: u32, types: &PortableRegistry) -> Value<()> {
	let is_bytes =
		types.resolve(item).is_some_and(|ty| matches!(ty.type_def, TypeDef::Primitive(TypeDefPrimitive::U8)));
	match value.value {
		ValueDef::Primitive(Primitive::String(text)) if is_bytes => Value::from_bytes(text),
		ValueDef::Composite(Composite::Unnamed(values)) if !is_bytes => {
			Value::unnamed_composite(values.into_iter().map(|value| fit(value, item, types)))
		}
		other => Value::without_context(other),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::call::parse_value;
	use codec::Encode;
	use scale_info::{MetaType, Registry, TypeInfo};

	#[derive(Encode, TypeInfo)]
	struct Account([u8; 32]);

	#[derive(Encode, TypeInfo)]
	#[allow(dead_code)]
	enum MultiAddress {
		Id(Account),
		Index(u32),
	}

	#[derive(Encode, TypeInfo)]
	#[allow(dead_code)]
	enum Side {
		Long,
		Short,
	}

	#[derive(Encode, TypeInfo)]
	struct Order {
		who: MultiAddress,
		side: Side,
		limit: Option<u32>,
		market: (u8, Vec<u8>),
	}

	/// What `text` encodes to as a `T`.
	fn encoded<T: TypeInfo + 'static>(text: &str) -> Vec<u8> {
		let mut registry = Registry::new();
		let id = registry.register_type(&MetaType::new::<T>()).id;
		let types: PortableRegistry = registry.into();
		let value = fit(parse_value(text).expect(text), id, &types);
		let mut bytes = Vec::new();
		subxt::ext::scale_value::scale::encode_as_type(&value, id, &types, &mut bytes)
			.unwrap_or_else(|error| panic!("{text}: {error}"));
		bytes
	}

	#[test]
	fn what_people_write_fits_what_the_chain_wants() {
		let bob = || Account(subxt_signer::sr25519::dev::bob().public_key().0);
		assert_eq!(encoded::<Account>("//Bob"), bob().encode());
		assert_eq!(encoded::<MultiAddress>("//Bob"), MultiAddress::Id(bob()).encode());
		assert_eq!(encoded::<MultiAddress>("Id(//Bob)"), MultiAddress::Id(bob()).encode());
		assert_eq!(encoded::<MultiAddress>("{ Index: 7 }"), MultiAddress::Index(7).encode());
		assert_eq!(encoded::<Side>("Short"), Side::Short.encode());
		assert_eq!(encoded::<Side>("\"Short\""), Side::Short.encode());
		assert_eq!(encoded::<Option<u32>>("5"), Some(5u32).encode());
		assert_eq!(encoded::<Option<u32>>("None"), None::<u32>.encode());
		assert_eq!(encoded::<u128>(&format!("\"{}\"", u128::MAX)), u128::MAX.encode());
		assert_eq!(encoded::<i64>("\"-5\""), (-5i64).encode());
		assert_eq!(encoded::<Vec<u8>>("\"hi\""), b"hi".to_vec().encode());
		assert_eq!(encoded::<Vec<u8>>("0x6869"), b"hi".to_vec().encode());
		assert_eq!(encoded::<Vec<Side>>("(Long, Short)"), vec![Side::Long, Side::Short].encode());
	}

	#[test]
	fn a_struct_fits_field_by_field() {
		let expected = Order {
			who: MultiAddress::Id(Account(subxt_signer::sr25519::dev::bob().public_key().0)),
			side: Side::Long,
			limit: Some(9),
			market: (1, b"BTC".to_vec()),
		};
		for text in [
			"{ who: //Bob, side: Long, limit: 9, market: (1, \"BTC\") }",
			"(//Bob, Long, Some(9), (1, 0x425443))",
		] {
			assert_eq!(encoded::<Order>(text), expected.encode(), "{text}");
		}
	}
}
