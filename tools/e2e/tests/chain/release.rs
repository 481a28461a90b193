// SPDX-License-Identifier: Apache-2.0
//! What an operator is given: a node, a runtime, and checksums that tell when one of them was changed.

use keel_e2e::Node;
use std::{
	fs,
	path::{Path, PathBuf},
	process::{Command, Output},
};

/// `scripts/release` with what the tests have built.
fn release(arguments: &[&str]) -> Output {
	let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/release");
	let node = Node::binary();
	let profile = node.parent().expect("it lies in the folder of its profile");
	let mut command = Command::new(script);
	command.env("CARGO_TARGET_DIR", profile.parent().expect("and that in a target folder"));
	let profile = profile.file_name().and_then(|name| name.to_str()).expect("a name");
	command.args(["--profile", profile]).args(arguments).output().expect("it can be started")
}

fn says(output: &Output) -> String {
	String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

fn is_unchanged(folder: &Path) -> bool {
	let mut check = Command::new("sha256sum");
	check.args(["--check", "--status", "SHA256SUMS"]).current_dir(folder).status().expect("it runs").success()
}

#[test]
fn a_release_has_a_node_a_runtime_and_checksums() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let path: PathBuf = folder.path().join("release");
	let packed =
		release(&["--no-build", "--allow-dirty", "--output", path.to_str().expect("a path in UTF-8")]);
	assert!(packed.status.success(), "{}", says(&packed));
	let build = fs::read_to_string(path.join("BUILD")).expect("it is there");
	for line in ["version     keel-node ", "commit      ", "toolchain   rustc ", "blake2-256  0x"] {
		assert!(build.contains(line), "{line}: {build}");
	}
	// Nobody takes it for what it is not.
	assert!(build.contains("may be without the hash of the metadata"), "{build}");
	assert!(is_unchanged(&path));
	let wasm = path.join("keel_runtime.compact.compressed.wasm");
	let mut bytes = fs::read(&wasm).expect("it is there");
	bytes[100] ^= 1;
	fs::write(&wasm, bytes).expect("it can be written");
	assert!(!is_unchanged(&path));
}

#[test]
fn a_release_says_what_it_would_do_and_what_is_missing() {
	let plan = says(&release(&["--dry-run", "--allow-dirty"]));
	assert!(
		plan.contains("--locked -p keel-node -p keel-runtime --features keel-runtime/metadata-hash"),
		"{plan}"
	);
	let unknown = release(&["--fast"]);
	assert_eq!(unknown.status.code(), Some(2), "{}", says(&unknown));
	let missing = release(&["--no-build", "--allow-dirty", "--profile", "none"]);
	assert_eq!(missing.status.code(), Some(1));
	assert!(
		says(&missing).contains("is missing: run scripts/release without --no-build"),
		"{}",
		says(&missing)
	);
}
