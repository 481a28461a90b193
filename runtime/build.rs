// SPDX-License-Identifier: Apache-2.0
//! Builds the runtime's Wasm; with the feature `metadata-hash` also the hash of its metadata, which
//! hardware wallets check before they sign. With `KEEL_NEXT_RUNTIME` set it also builds the runtime that
//! upgrades are rehearsed with: the same, one version later.

#[cfg(feature = "std")]
fn main() {
	println!("cargo:rerun-if-env-changed=KEEL_NEXT_RUNTIME");
	if std::env::var_os("KEEL_NEXT_RUNTIME").is_some() {
		substrate_wasm_builder::WasmBuilder::init_with_defaults()
			.enable_feature("next-runtime")
			.set_file_name("next_runtime")
			.build();
	}

	let runtime = substrate_wasm_builder::WasmBuilder::init_with_defaults();
	#[cfg(feature = "metadata-hash")]
	// Symbol and decimals as in `constants::currency`; a test compares them.
	let runtime = runtime.enable_metadata_hash("KEEL", 12);
	runtime.build();
}

#[cfg(not(feature = "std"))]
fn main() {}
