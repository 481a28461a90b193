// SPDX-License-Identifier: Apache-2.0
//! Every call a runtime has, with arguments that mean nothing: enough to learn whether a call is let
//! through at all.

use keelctl::{call::Call, chain::AtBlock};
use scale_info::{form::PortableForm, Field, TypeDef, TypeDefPrimitive};
use subxt::{
	dynamic::Value,
	ext::scale_value::{Composite, Primitive, ValueDef},
	metadata::Metadata,
};

/// The calls of all pallets in the order of the metadata, each with zeros for arguments. Calls whose
/// arguments have no value at all cannot be made and are left out.
pub fn all(at: &AtBlock) -> Vec<Call> {
	let metadata = at.metadata_ref();
	let call = |pallet: &str, variant: &scale_info::Variant<PortableForm>| {
		let fields = variant
			.fields
			.iter()
			.map(|field| Some((field.name.clone().unwrap_or_default(), zero(field.ty.id, metadata, 0)?)));
		let fields = Composite::named(fields.collect::<Option<Vec<_>>>()?);
		Some(subxt::dynamic::tx(pallet, &variant.name, fields))
	};
	metadata
		.pallets()
		.flat_map(|pallet| {
			let variants = pallet.call_variants().unwrap_or_default();
			variants.iter().filter_map(move |variant| call(pallet.name(), variant))
		})
		.collect()
}

/// The simplest value of a type: zero, empty, the variant with the fewest fields; nothing for a type
/// without values.
fn zero(id: u32, metadata: &Metadata, depth: u32) -> Option<Value> {
	assert!(depth < 32, "type {id} does not end");
	let ty = metadata.types().resolve(id).expect("metadata names only types it has");
	let inner = |id| zero(id, metadata, depth + 1);
	Some(match &ty.type_def {
		TypeDef::Composite(composite) => {
			Value::without_context(ValueDef::Composite(zeros(&composite.fields, inner)?))
		}
		TypeDef::Variant(variants) => {
			let mut simplest: Vec<_> = variants.variants.iter().collect();
			simplest.sort_by_key(|variant| variant.fields.len());
			simplest.into_iter().find_map(|variant| {
				let values = zeros(&variant.fields, inner)?;
				Some(Value::variant(variant.name.clone(), values))
			})?
		}
		TypeDef::Sequence(_) => Value::unnamed_composite([]),
		TypeDef::Array(array) => {
			let items = (0..array.len).map(|_| inner(array.type_param.id));
			Value::unnamed_composite(items.collect::<Option<Vec<_>>>()?)
		}
		TypeDef::Tuple(tuple) => {
			let items = tuple.fields.iter().map(|field| inner(field.id));
			Value::unnamed_composite(items.collect::<Option<Vec<_>>>()?)
		}
		TypeDef::Primitive(TypeDefPrimitive::Bool) => Value::bool(false),
		TypeDef::Primitive(TypeDefPrimitive::Char) => Value::char('0'),
		TypeDef::Primitive(TypeDefPrimitive::Str) => Value::string(""),
		TypeDef::Primitive(TypeDefPrimitive::U256) => Value::primitive(Primitive::U256([0; 32])),
		TypeDef::Primitive(TypeDefPrimitive::I256) => Value::primitive(Primitive::I256([0; 32])),
		TypeDef::Primitive(_) => Value::u128(0),
		TypeDef::Compact(compact) => inner(compact.type_param.id)?,
		TypeDef::BitSequence(_) => Value::bit_sequence(Default::default()),
	})
}

fn zeros(fields: &[Field<PortableForm>], inner: impl Fn(u32) -> Option<Value>) -> Option<Composite<()>> {
	let value = |field: &Field<PortableForm>| inner(field.ty.id);
	if fields.iter().all(|field| field.name.is_some()) && !fields.is_empty() {
		let named = fields.iter().map(|field| Some((field.name.clone()?, value(field)?)));
		return Some(Composite::named(named.collect::<Option<Vec<_>>>()?));
	}
	Some(Composite::unnamed(fields.iter().map(value).collect::<Option<Vec<_>>>()?))
}
