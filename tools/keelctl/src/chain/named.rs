// SPDX-License-Identifier: Apache-2.0
//! Calls by their names: found in the metadata, with what is meant where a name is mistyped.

use super::{name, AtBlock};
use crate::{
	call::Call,
	error::{Error, Result},
	fit::fit_fields,
	number,
};
use scale_info::{form::PortableForm, Variant};
use subxt::{ext::scale_value::Composite, Metadata};

/// How near a name must be to be meant, from 0 (nothing in common) to 1 (the same).
const NEAR: f64 = 0.75;
/// How many names are suggested at most.
const SUGGESTIONS: usize = 3;

/// A written call with its arguments as the chain's types.
pub(super) fn fitted(at: &AtBlock, written: &Call) -> Result<Call> {
	let metadata = at.metadata_ref();
	let variant = variant(metadata, written)?;
	counted(written, variant)?;
	let arguments = fit_fields(written.call_data().clone(), &variant.fields, metadata.types());
	Ok(subxt::dynamic::tx(written.pallet_name(), written.call_name(), arguments))
}

/// How a call is written: `Margin.deposit(sub: SubId, amount: u128)`; nothing for an unknown one.
pub(super) fn takes(metadata: &Metadata, call: &Call) -> Option<String> {
	variant(metadata, call).ok().map(|variant| written_as(call, variant))
}

fn written_as(call: &Call, variant: &Variant<PortableForm>) -> String {
	let fields: Vec<_> = variant
		.fields
		.iter()
		.map(|field| {
			let ty = field.type_name.as_deref().unwrap_or("?");
			format!("{}: {}", field.name.as_deref().unwrap_or("?"), short(ty))
		})
		.collect();
	format!("{}({})", name(call), fields.join(", "))
}

/// A type's name without where it is defined: `T::AccountId` as `AccountId`.
fn short(ty: &str) -> String {
	let mut short = String::new();
	for part in ty.split_inclusive(['<', '>', ',', ' ', '(', ')']) {
		short.push_str(part.rsplit("::").next().unwrap_or(part));
	}
	short
}

/// That the chain has a call of this name.
pub fn find_call(at: &AtBlock, pallet: &str, name: &str) -> Result<()> {
	variant(at.metadata_ref(), &subxt::dynamic::tx(pallet, name, Composite::unnamed([]))).map(|_| ())
}

fn variant<'a>(metadata: &'a Metadata, call: &Call) -> Result<&'a Variant<PortableForm>> {
	let pallet = metadata.pallet_by_name(call.pallet_name()).ok_or_else(|| {
		unknown(
			format!("pallet {}", call.pallet_name()),
			call.pallet_name(),
			metadata.pallets().map(|pallet| pallet.name()),
		)
	})?;
	pallet.call_variant_by_name(call.call_name()).ok_or_else(|| {
		let calls = pallet.call_variants().unwrap_or_default().iter().map(|variant| variant.name.as_str());
		unknown(format!("call {}", name(call)), call.call_name(), calls)
	})
}

fn counted(call: &Call, variant: &Variant<PortableForm>) -> Result<()> {
	let (given, wanted) = (call.call_data(), variant.fields.len());
	let wrong = |reason: String| {
		Err(Error::Encode { call: name(call), reason, takes: Some(written_as(call, variant)) })
	};
	if given.len() != wanted {
		let given = given.len();
		return wrong(format!(
			"it takes {}, and {given} {} given",
			number::counted(wanted as u128, "argument"),
			if given == 1 { "is" } else { "are" }
		));
	}
	if let Composite::Named(given) = given {
		let known = |given: &str| variant.fields.iter().any(|field| field.name.as_deref() == Some(given));
		if let Some((stranger, _)) = given.iter().find(|(name, _)| !known(name)) {
			return wrong(format!("it has no argument `{stranger}`"));
		}
	}
	Ok(())
}

fn unknown<'a>(what: String, given: &str, names: impl Iterator<Item = &'a str>) -> Error {
	let near = near(given, names);
	let meant = match near.as_slice() {
		[] => "The names are in Polkadot.js Apps under Developer, Extrinsics.".to_owned(),
		near => format!("Did you mean {}?", near.join(" or ")),
	};
	Error::UnknownCall { what, help: format!("{meant} Names are written as there, Pallet.call_name.") }
}

/// The names that are most like the given one, the nearest first.
fn near<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
	let given = given.to_ascii_lowercase();
	let mut rated: Vec<_> = names
		.map(|name| {
			let lower = name.to_ascii_lowercase();
			// One that begins with what was given may be far longer.
			let begins = given.len() > 2 && lower.starts_with(&given);
			(if begins { 1.0 } else { strsim::jaro(&given, &lower) }, name)
		})
		.filter(|(likeness, _)| *likeness >= NEAR)
		.collect();
	rated.sort_by(|(a, _), (b, _)| b.total_cmp(a));
	rated.into_iter().take(SUGGESTIONS).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_is_meant_is_suggested() {
		let names = ["guard_market", "halt_market", "resume_market", "set_params"];
		assert_eq!(near("guard", names.into_iter()), ["guard_market"]);
		assert_eq!(near("resume_markt", names.into_iter())[0], "resume_market");
		assert_eq!(near("zzz", names.into_iter()), Vec::<&str>::new());
	}

	#[test]
	fn types_are_named_without_their_place() {
		assert_eq!(short("T::AccountId"), "AccountId");
		assert_eq!(short("Option<<T as frame_system::Config>::AccountId>"), "Option<<T as Config>AccountId>");
		assert_eq!(short("Vec<(MarketId, u128)>"), "Vec<(MarketId, u128)>");
	}
}
