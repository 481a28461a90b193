// SPDX-License-Identifier: Apache-2.0
//! Every call a runtime has, with arguments that mean nothing: enough to learn whether a call is let
//! through at all.

use keelctl::{call::Call, chain::AtBlock};
use subxt::{
	dynamic::Value,
	ext::scale_value::{Composite, Primitive},
	metadata::Metadata,
};

/// The calls of all pallets in the order of the metadata, each with zeros for arguments.
pub fn all(at: &AtBlock) -> Vec<Call> {
	let metadata = at.metadata_ref();
	metadata
		.pallets()
		.flat_map(|pallet| {
			pallet.call_variants().unwrap_or_default().iter().map(move |variant| {
				let fields = variant
					.fields
					.iter()
					.map(|field| (field.name.clone().unwrap_or_default(), zero(field.ty.id, metadata, 0)));
				subxt::dynamic::tx(pallet.name(), &variant.name, Composite::named(fields))
			})
		})
		.collect()
}

/// The simplest value of a type: zero, empty, the first variant.
fn zero(id: u32, metadata: &Metadata, depth: u32) -> Value {
	use scale_info::{TypeDef, TypeDefPrimitive};
	assert!(depth < 32, "type {id} does not end");
	let ty = metadata.types().resolve(id).expect("metadata names only types it has");
	let inner = |id| zero(id, metadata, depth + 1);
	match &ty.type_def {
		TypeDef::Composite(composite) => {
			let named = composite.fields.iter().all(|field| field.name.is_some());
			if named && !composite.fields.is_empty() {
				Value::named_composite(
					composite.fields.iter().map(|f| (f.name.clone().unwrap_or_default(), inner(f.ty.id))),
				)
			} else {
				Value::unnamed_composite(composite.fields.iter().map(|field| inner(field.ty.id)))
			}
		}
		TypeDef::Variant(variants) => {
			// The variant with the fewest fields: it ends recursion through calls within calls.
			let simplest = variants.variants.iter().min_by_key(|variant| variant.fields.len());
			let simplest = simplest.expect("an enum of a call has a variant");
			Value::unnamed_variant(
				simplest.name.clone(),
				simplest.fields.iter().map(|field| inner(field.ty.id)),
			)
		}
		TypeDef::Sequence(_) => Value::unnamed_composite([]),
		TypeDef::Array(array) => Value::unnamed_composite((0..array.len).map(|_| inner(array.type_param.id))),
		TypeDef::Tuple(tuple) => Value::unnamed_composite(tuple.fields.iter().map(|field| inner(field.id))),
		TypeDef::Primitive(TypeDefPrimitive::Bool) => Value::bool(false),
		TypeDef::Primitive(TypeDefPrimitive::Char) => Value::char('0'),
		TypeDef::Primitive(TypeDefPrimitive::Str) => Value::string(""),
		TypeDef::Primitive(TypeDefPrimitive::U256) => Value::primitive(Primitive::U256([0; 32])),
		TypeDef::Primitive(TypeDefPrimitive::I256) => Value::primitive(Primitive::I256([0; 32])),
		TypeDef::Primitive(_) => Value::u128(0),
		TypeDef::Compact(compact) => inner(compact.type_param.id),
		TypeDef::BitSequence(_) => Value::bit_sequence(Default::default()),
	}
}
