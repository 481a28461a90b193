// SPDX-License-Identifier: Apache-2.0
//! A chain with real money: everything but its people.

use alloc::{vec, vec::Vec};
use frame_support::build_struct_json_patch;
use serde_json::Value;

use crate::{
	configs::{assets::UsdkIssuer, governance::ProductionTimetable},
	constants::USDK,
	*,
};

/// USDK as genesis knows it: id, owner, whether it may keep an account alive, least balance.
type Asset = (u32, AccountId, bool, u128);
/// Id, name, symbol, decimals.
type Metadata = (u32, Vec<u8>, Vec<u8>, u8);

/// USDK, owned by governance: an account without a key that only a referendum acts for.
pub fn usdk() -> (Vec<Asset>, Vec<Metadata>) {
	(
		// The least balance is the smallest unit, so that custody can be emptied to the last one.
		vec![(USDK, UsdkIssuer::get(), true, 1)],
		vec![(USDK, b"Keel Dollar".to_vec(), b"USDK".to_vec(), 6)],
	)
}

/// `production`: timings in days, no faucet, no accounts. The node completes it from a file.
pub fn preset() -> Value {
	let (assets, metadata) = usdk();
	build_struct_json_patch!(RuntimeGenesisConfig {
		assets: AssetsConfig { assets, metadata },
		change_control: ChangeControlConfig { timetable: Some(ProductionTimetable::get()) },
	})
}
