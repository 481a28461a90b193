// SPDX-License-Identifier: Apache-2.0
//! What is charged. That each figure was measured is a rule of the house (`keel-tidy`).

use codec::Decode;
use frame_support::{
	dispatch::GetDispatchInfo,
	traits::{GetCallMetadata, PalletsInfoAccess},
};

use crate::*;

/// Every call of every pallet of ours, with arguments that are all zero.
fn our_calls() -> Vec<RuntimeCall> {
	let ours = AllPalletsWithSystem::infos().into_iter().filter(|it| it.module_name.starts_with("keel_"));
	ours.flat_map(|pallet| {
		let index = u8::try_from(pallet.index).expect("indices are bytes");
		let calls = (0..=u8::MAX).filter_map(move |call| {
			let mut encoded = vec![0; 1_000];
			(encoded[0], encoded[1]) = (index, call);
			RuntimeCall::decode(&mut &encoded[..]).ok()
		});
		let calls: Vec<_> = calls.collect();
		let names: Vec<_> = calls.iter().map(|call| call.get_call_metadata().function_name).collect();
		assert_eq!(names, call_names(pallet.name).expect("the pallet exists"), "none was left out");
		calls
	})
	.collect()
}

#[test]
fn no_call_of_ours_is_for_nothing() {
	let calls = our_calls();
	assert!(calls.len() > 25, "{}", calls.len());
	for call in calls {
		let charged = call.get_dispatch_info().call_weight;
		assert!(charged.ref_time() > 0, "{:?}", call.get_call_metadata());
	}
}
