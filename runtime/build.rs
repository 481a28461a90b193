// SPDX-License-Identifier: Apache-2.0
//! Builds the runtime's Wasm; with the feature `metadata-hash` also the hash of its metadata, which
//! hardware wallets check before they sign.

fn main() {
	#[cfg(all(feature = "std", feature = "metadata-hash"))]
	// Symbol and decimals as in `constants::currency`; a test compares them.
	substrate_wasm_builder::WasmBuilder::init_with_defaults().enable_metadata_hash("KEEL", 12).build();

	#[cfg(all(feature = "std", not(feature = "metadata-hash")))]
	substrate_wasm_builder::WasmBuilder::build_using_defaults();
}
