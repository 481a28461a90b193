// SPDX-License-Identifier: Apache-2.0
//! Genesis presets: the same runtime as three chains.
//!
//! - `dev`: one validator, every body is Alice, votes take minutes.
//! - `local`: four validators, bodies of several well-known accounts, votes take minutes.
//! - `production`: days instead of minutes, no account at all: the node adds the accounts of a file,
//!   and refuses well-known ones.

mod development;
pub mod exchange;
// For nodes only: a chain that runs is past it.
#[cfg(feature = "std")]
pub mod launch;
mod production;

use alloc::vec::Vec;
use sp_genesis_builder::{PresetId, DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET};

/// The name of the production preset.
pub const PRODUCTION_PRESET: &str = "production";

/// The JSON patch of a preset.
pub fn preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_ref() {
		DEV_RUNTIME_PRESET => development::single(),
		LOCAL_TESTNET_RUNTIME_PRESET => development::network(),
		PRODUCTION_PRESET => production::preset(),
		_ => return None,
	};
	// A `serde_json::Value` always has a string form.
	serde_json::to_vec(&patch).ok()
}

/// The names of the presets.
pub fn names() -> Vec<PresetId> {
	[DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET, PRODUCTION_PRESET].map(PresetId::from).into()
}
