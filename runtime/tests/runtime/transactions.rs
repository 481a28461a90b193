// SPDX-License-Identifier: Apache-2.0
//! What a signed transaction says stays what it says: wallets that sign without the newest metadata, hardware wallets
//! among them, know a call by its numbers and the form of its arguments.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use keel_runtime::{RuntimeCall, VERSION};
use scale_info::{form::PortableForm, MetaType, PortableRegistry, Registry, TypeDef};

/// Each call as it is on the wire.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/runtime/calls.txt");

struct Forms {
	registry: PortableRegistry,
	call: u32,
}

impl Forms {
	fn new() -> Self {
		let mut registry = Registry::new();
		let call = registry.register_type(&MetaType::new::<RuntimeCall>()).id;
		Self { registry: registry.into(), call }
	}

	/// How a type is encoded, in words: names of fields do not matter, their order does.
	fn form(&self, id: u32, within: &mut Vec<u32>) -> String {
		if id == self.call {
			return "call".into();
		}
		if within.contains(&id) {
			return format!("^{}", within.iter().rev().position(|outer| *outer == id).unwrap_or_default());
		}
		within.push(id);
		let inner = |id: u32, within: &mut Vec<u32>| self.form(id, within);
		let fields = |fields: &[scale_info::Field<PortableForm>], within: &mut Vec<u32>| {
			let forms: Vec<_> = fields.iter().map(|field| inner(field.ty.id, within)).collect();
			forms.join(",")
		};
		let form = match &self.registry.resolve(id).expect("it is registered").type_def {
			TypeDef::Composite(composite) => format!("({})", fields(&composite.fields, within)),
			TypeDef::Variant(variants) => {
				let mut text = String::from("<");
				for variant in &variants.variants {
					let _ = write!(text, "{}:{};", variant.index, fields(&variant.fields, within));
				}
				text + ">"
			}
			TypeDef::Sequence(sequence) => format!("[{}]", inner(sequence.type_param.id, within)),
			TypeDef::Array(array) => format!("[{};{}]", inner(array.type_param.id, within), array.len),
			TypeDef::Tuple(tuple) => {
				let forms: Vec<_> = tuple.fields.iter().map(|field| inner(field.id, within)).collect();
				format!("({})", forms.join(","))
			}
			TypeDef::Primitive(primitive) => format!("{primitive:?}").to_lowercase(),
			TypeDef::Compact(compact) => format!("compact {}", inner(compact.type_param.id, within)),
			TypeDef::BitSequence(_) => "bits".into(),
		};
		within.pop();
		form
	}

	/// Of each call its numbers, and a hash of the form of its arguments.
	fn calls(&self) -> BTreeMap<String, String> {
		let variants = |id: u32| match &self.registry.resolve(id).expect("it is registered").type_def {
			TypeDef::Variant(variants) => variants.variants.clone(),
			_ => Vec::new(),
		};
		let mut calls = BTreeMap::new();
		for pallet in variants(self.call) {
			let Some(inner) = pallet.fields.first() else { continue };
			for call in variants(inner.ty.id) {
				let forms: Vec<_> =
					call.fields.iter().map(|field| self.form(field.ty.id, &mut Vec::new())).collect();
				let hash = sp_io::hashing::blake2_128(forms.join(",").as_bytes());
				let hash: String =
					hash.iter().take(6).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
				calls.insert(
					format!("{}.{}", pallet.name, call.name),
					format!("{}.{} {hash}", pallet.index, call.index),
				);
			}
		}
		calls
	}
}

/// What the file says: the transaction version, and each call.
fn known() -> (u32, BTreeMap<String, String>) {
	let text = std::fs::read_to_string(Path::new(FILE)).unwrap_or_default();
	let mut lines = text.lines().filter(|line| !line.starts_with('#'));
	let version = lines.next().and_then(|line| line.strip_prefix("transaction_version ")?.parse().ok());
	let calls = lines.filter_map(|line| line.split_once(' ')).map(|(name, form)| (name.into(), form.into()));
	(version.unwrap_or_default(), calls.collect())
}

/// Calls that were known and are not what they were.
fn changed(known: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
	known.iter().filter(|(name, form)| now.get(*name) != Some(form)).map(|(name, _)| name.clone()).collect()
}

/// When it fails: raise `transaction_version` in `runtime/src/lib.rs` if calls have changed or gone, then write the file
/// anew: `KEEL_WRITE_CALLS=1 cargo test -p keel-runtime --test runtime transactions`.
#[test]
fn a_call_changes_only_with_the_transaction_version() {
	let now = Forms::new().calls();
	let (version, known) = known();
	let changed = changed(&known, &now);
	if std::env::var_os("KEEL_WRITE_CALLS").is_some() {
		assert!(changed.is_empty() || version < VERSION.transaction_version, "raise it first: {changed:?}");
		let mut text = String::from(
			"# Each call: pallet and call by number, and a hash of the form of its arguments.\n",
		);
		let _ = writeln!(text, "transaction_version {}", VERSION.transaction_version);
		for (name, form) in &now {
			let _ = writeln!(text, "{name} {form}");
		}
		std::fs::write(FILE, text).expect("it can be written");
		return;
	}
	assert_eq!(version, VERSION.transaction_version, "write the file anew");
	assert_eq!(changed, Vec::<String>::new(), "raise transaction_version");
	let new: Vec<_> = now.keys().filter(|name| !known.contains_key(*name)).collect();
	assert!(new.is_empty(), "new calls, write the file anew: {new:?}");
}

#[test]
fn a_call_that_changed_is_seen() {
	let now = Forms::new().calls();
	let mut known = now.clone();
	known.insert("Balances.gone".into(), "20.99 000000000000".into());
	let transfer = known.get_mut("Balances.transfer_keep_alive").expect("there is one");
	transfer.push('0');
	assert_eq!(changed(&known, &now), ["Balances.gone", "Balances.transfer_keep_alive"]);
	// The form of an argument is in it: two calls with other arguments differ.
	assert_ne!(now["Margin.deposit"].split(' ').nth(1), now["Margin.offer_trade"].split(' ').nth(1));
	assert_eq!(now["Margin.deposit"].split(' ').nth(1), now["Margin.withdraw"].split(' ').nth(1));
}
