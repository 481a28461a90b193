// SPDX-License-Identifier: Apache-2.0
//! Builds the runtime's Wasm; with the feature `metadata-hash` also the hash of its metadata, which
//! hardware wallets check before they sign. With `KEEL_NEXT_RUNTIME` set it also builds the runtime that
//! upgrades are rehearsed with: the same, one version later.

#[cfg(feature = "std")]
fn main() {
	same_bytes_everywhere();

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

/// People vote on a hash and build the Wasm themselves to check it: no path of a machine may enter it.
/// `scripts/rustc-wasm` stands in for the compiler in the Wasm builder's project; `scripts/reproducible` is
/// the test.
#[cfg(feature = "std")]
fn same_bytes_everywhere() {
	use std::{env, path::PathBuf, process::Command};

	let runtime = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
	let clone = runtime.parent().expect("the runtime lies in the repository");
	let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
	// target/PROFILE/build/keel-runtime-HASH/out
	let target = out.ancestors().nth(3).expect("cargo's layout of the target folder");
	let compiler = env::var_os("RUSTC").expect("cargo sets it");
	let sysroot = Command::new(compiler).args(["--print", "sysroot"]).output().expect("the compiler runs");
	let sysroot = String::from_utf8(sysroot.stdout).expect("the compiler's folder is UTF-8");

	let wrapper = clone.join("scripts/rustc-wasm");
	println!("cargo:rerun-if-changed={}", wrapper.display());
	env::set_var("RUSTC_WRAPPER", wrapper);
	// Where clippy compiles our crates (scripts/env.sh), it does so for this machine only.
	env::remove_var("RUSTC_WORKSPACE_WRAPPER");
	env::set_var("KEEL_SOURCE", clone);
	env::set_var("KEEL_WBUILD", target);
	env::set_var("KEEL_RUST_SRC", format!("{}/lib/rustlib/src/rust", sysroot.trim()));
}

#[cfg(not(feature = "std"))]
fn main() {}
