// SPDX-License-Identifier: Apache-2.0
//! Errors and events by the names that clients see: `Margin.ReducingOnly`, `Oracle.PriceLanded`.

use super::{Fail, Read};
use codec::Encode;
use keel_runtime::{RuntimeError, RuntimeEvent};
use scale_info::{form::MetaForm, TypeDef, TypeInfo, Variant};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	DispatchError,
};

fn variants(of: TypeDef<MetaForm>) -> Vec<Variant<MetaForm>> {
	match of {
		TypeDef::Variant(variants) => variants.variants,
		_ => Vec::new(),
	}
}

/// The variants of an enum of the runtime, by pallet.
fn by_pallet<T: TypeInfo>() -> impl Iterator<Item = (Variant<MetaForm>, Vec<Variant<MetaForm>>)> {
	variants(T::type_info().type_def).into_iter().map(|pallet| {
		let inner = pallet.fields.first().map(|field| field.ty.type_info().type_def);
		(pallet, inner.map(variants).unwrap_or_default())
	})
}

/// The name of an enum's variant with these indices.
fn name<T: TypeInfo>(pallet: u8, index: u8) -> Option<String> {
	let (outer, inner) = by_pallet::<T>().find(|(outer, _)| outer.index == pallet)?;
	let variant = inner.iter().find(|variant| variant.index == index)?;
	Some(format!("{}.{}", outer.name, variant.name))
}

fn is_known<T: TypeInfo>(name: &str) -> bool {
	by_pallet::<T>()
		.any(|(outer, inner)| inner.iter().any(|variant| format!("{}.{}", outer.name, variant.name) == name))
}

/// What a call was refused with.
pub fn error(error: DispatchError) -> String {
	match error {
		DispatchError::Module(error) => name::<RuntimeError>(error.index, error.error[0])
			.unwrap_or_else(|| format!("an error without a name: {error:?}")),
		other => format!("{other:?}"),
	}
}

/// Why a transaction is not valid: by name, or by the number that wallets show.
pub fn invalid(error: TransactionValidityError) -> String {
	match error {
		TransactionValidityError::Invalid(InvalidTransaction::Custom(number)) => format!("Invalid.{number}"),
		TransactionValidityError::Invalid(invalid) => format!("Invalid.{invalid:?}"),
		TransactionValidityError::Unknown(unknown) => format!("Unknown.{unknown:?}"),
	}
}

/// The name of an event.
pub fn event(event: &RuntimeEvent) -> String {
	let bytes = event.encode();
	let indices = bytes.first().zip(bytes.get(1));
	indices.and_then(|(pallet, index)| name::<RuntimeEvent>(*pallet, *index)).unwrap_or_default()
}

/// A name of an error, if there is one.
pub fn known_error(word: &str) -> Read<&str> {
	let is_general = word == "BadOrigin" || word.starts_with("Invalid.");
	if is_general || is_known::<RuntimeError>(word) {
		Ok(word)
	} else {
		Err(Fail::Unread(format!("expected the name of an error like Margin.ReducingOnly, found `{word}`")))
	}
}

/// A name of an event, if there is one.
pub fn known_event(word: &str) -> Read<&str> {
	if is_known::<RuntimeEvent>(word) {
		Ok(word)
	} else {
		Err(Fail::Unread(format!("expected the name of an event like Oracle.PriceLanded, found `{word}`")))
	}
}
