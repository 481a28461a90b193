// SPDX-License-Identifier: Apache-2.0
//! The class of each call: none is forgotten, the page on governance says what is so, and nothing hides in a wrapper.

use frame_support::weights::Weight;
use keel_change_control::Classify;

use super::{chain::*, governance::*};
use keel_runtime::{
	configs::changes::{entry, Classes, CALLS},
	*,
};

#[test]
fn every_call_of_the_runtime_has_an_entry_and_every_entry_a_call() {
	use frame_support::traits::GetCallMetadata;
	let (mut missing, mut calls) = (Vec::new(), 0);
	for pallet in RuntimeCall::get_module_names() {
		for call in RuntimeCall::get_call_names(pallet) {
			calls += 1;
			if entry(pallet, call).is_none() {
				missing.push(format!("{pallet}.{call}"));
			}
		}
	}
	assert_eq!(missing, Vec::<String>::new(), "give them a class in configs/changes.rs");
	let named: Vec<_> = CALLS
		.iter()
		.flat_map(|(pallet, entries)| {
			entries.iter().flat_map(|(calls, _)| *calls).map(|call| (*pallet, *call))
		})
		.collect();
	for (pallet, call) in &named {
		assert!(
			call_names(pallet).is_some_and(|calls| calls.contains(call)),
			"{pallet}.{call} does not exist"
		);
	}
	assert_eq!(named.len(), calls, "each once");
	// The control: what is new has none, and so is refused.
	assert_eq!(entry("System", "new_call"), None);
}

/// What docs/spec/governance.md says of each call.
fn documented() -> Vec<(String, &'static str)> {
	let text = include_str!("../../../docs/spec/governance.md");
	let rows = [
		("Constitutional", "Is(Constitutional)"),
		("Economic", "Is(Economic)"),
		("Operational", "Is(Operational)"),
		("Emergency", "Is(Emergency)"),
		("depends on what it says", "Depends"),
		("carries others, which count", "Carries"),
		("never", "Never"),
		("needs an account", "Account"),
	];
	let row = |title: &str| {
		let start = format!("| **{title}** |");
		text.lines().find_map(|line| line.strip_prefix(start.as_str())).expect("each has a row").split('`')
	};
	rows.iter()
		.flat_map(|(title, entry)| row(title).skip(1).step_by(2).map(|call| (call.to_owned(), *entry)))
		.collect()
}

#[test]
fn the_page_on_governance_says_of_each_call_what_is_so() {
	let mut documented = documented();
	let mut here: Vec<_> = CALLS
		.iter()
		.flat_map(|(pallet, entries)| entries.iter().map(move |entry| (pallet, entry)))
		.flat_map(|(pallet, (calls, entry))| {
			calls.iter().map(move |call| (format!("{pallet}.{call}"), format!("{entry:?}")))
		})
		.collect();
	documented.sort();
	here.sort();
	let documented: Vec<_> = documented.into_iter().map(|(call, entry)| (call, entry.to_owned())).collect();
	assert_eq!(documented, here);
}

#[test]
fn what_is_refused_is_refused_whatever_it_is_wrapped_in() {
	on("dev", each_wrapper);
}

fn each_wrapper() {
	let never: RuntimeCall = frame_system::Call::set_storage { items: vec![] }.into();
	let inside = |call: RuntimeCall| Box::new(call);
	for wrapped in [
		pallet_utility::Call::batch { calls: vec![never.clone()] },
		pallet_utility::Call::batch_all { calls: vec![never.clone()] },
		pallet_utility::Call::force_batch { calls: vec![never.clone()] },
		pallet_utility::Call::with_weight { call: inside(never.clone()), weight: Weight::zero() },
		pallet_utility::Call::if_else { main: inside(act()), fallback: inside(never.clone()) },
		pallet_utility::Call::if_else { main: inside(never.clone()), fallback: inside(act()) },
		pallet_utility::Call::as_derivative { index: 0, call: inside(never.clone()) },
		pallet_utility::Call::dispatch_as_fallible {
			as_origin: Box::new(OriginCaller::system(frame_system::RawOrigin::Root)),
			call: inside(never.clone()),
		},
	] {
		let call = RuntimeCall::from(wrapped);
		assert!(keel_change_control::classify::<_, Classes>(&call).is_err(), "{call:?}");
		assert_eq!(Classes::name(&call).0, "Utility");
	}
}
