// SPDX-License-Identifier: Apache-2.0
//! The maintenance commands, on the database that a real node has left.

use keel_e2e::{spec, Node, Options};
use std::{
	path::{Path, PathBuf},
	process::Command,
};

/// How many blocks there are to work on.
const BLOCKS: u64 = 6;

/// What a command has said, on both channels; panics when it failed.
fn succeeds(arguments: &[&str]) -> String {
	let (ok, said) = run(arguments);
	assert!(ok, "keel-node {}: {said}", arguments.join(" "));
	said
}

fn fails(arguments: &[&str]) -> String {
	let (ok, said) = run(arguments);
	assert!(!ok, "keel-node {} should have failed: {said}", arguments.join(" "));
	said
}

fn run(arguments: &[&str]) -> (bool, String) {
	let output = Command::new(Node::binary()).args(arguments).output().expect("the node can be started");
	let said = [output.stdout, output.stderr].concat();
	(output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

fn text(path: &Path) -> &str {
	path.to_str().expect("a path in UTF-8")
}

/// The object in what a command has said, between the lines of its log.
fn json(said: &str) -> serde_json::Value {
	let object = said.find('{').and_then(|start| said.rfind('}').map(|end| &said[start..=end]));
	serde_json::from_str(object.unwrap_or_default()).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// The best block that a database has.
fn best(chain: &str, base: &str) -> u64 {
	let info = json(&succeeds(&["chain-info", "--chain", chain, "--base-path", base]));
	info["best_number"].as_u64().unwrap_or_else(|| panic!("no best block: {info}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_are_shown_checked_exported_imported_reverted_and_purged() {
	let spec = spec::raw("dev");
	let chain = text(&spec);
	// Without finality: what is final cannot be reverted.
	let mut options = Options::dev();
	options.arguments.push("--no-grandpa".to_owned());
	let mut node = Node::start(options).await;
	node.chain().await.wait_for_block(BLOCKS).await.expect("blocks are made");
	node.kill();
	let folder = tempfile::tempdir().expect("a temporary folder");
	let data = node.base_path().join("data");
	let (base, file): (&str, PathBuf) = (text(&data), folder.path().join("blocks"));
	let height = best(chain, base);
	assert!(height >= BLOCKS, "{height}");

	succeeds(&["check-block", "1", "--chain", chain, "--base-path", base]);
	let missing = (height + 1_000).to_string();
	fails(&["check-block", &missing, "--chain", chain, "--base-path", base]);

	succeeds(&["export-blocks", text(&file), "--from", "1", "--chain", chain, "--base-path", base]);

	let copy = folder.path().join("copy");
	succeeds(&["import-blocks", text(&file), "--chain", chain, "--base-path", text(&copy)]);
	assert_eq!(best(chain, text(&copy)), height, "all blocks are imported");
	// What was compiled for one command serves the next.
	let compiled = copy.join("wasm-cache").read_dir().expect("the folder is there");
	assert!(compiled.count() > 0);
	std::fs::write(&file, b"no blocks at all").expect("the file can be written");
	fails(&["import-blocks", text(&file), "--chain", chain, "--base-path", text(&copy)]);
	assert_eq!(best(chain, text(&copy)), height, "a bad file changes nothing");

	succeeds(&["revert", "2", "--chain", chain, "--base-path", base]);
	assert_eq!(best(chain, base), height - 2, "two blocks are taken back");

	assert!(database(&copy), "there is one to purge");
	succeeds(&["purge-chain", "-y", "--chain", chain, "--base-path", text(&copy)]);
	assert!(!database(&copy), "the database is gone");
}

/// Whether there is a database of the development chain under `base`.
fn database(base: &Path) -> bool {
	let chain = base.join("chains/keel-dev");
	["paritydb", "db"].iter().any(|name| chain.join(name).exists())
}

#[test]
fn a_specification_is_written_and_a_key_is_made() {
	for command in ["export-chain-spec", "build-spec"] {
		let spec = json(&succeeds(&[command, "--chain", "local", "--raw"]));
		assert_eq!(spec["properties"]["tokenSymbol"], "KEEL", "{command}");
		assert_eq!(spec["properties"]["tokenDecimals"], 12, "{command}");
		assert!(spec["genesis"]["raw"]["top"]["0x3a636f6465"].is_string(), "{command}: the code is in it");
	}
	let key = json(&succeeds(&["key", "inspect", "//Alice", "--output-type", "json"]));
	assert_eq!(key["ss58Address"], "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
	let made = succeeds(&["key", "generate", "--output-type", "json"]);
	assert!(made.contains("secretPhrase"), "{made}");
}

#[test]
fn an_unknown_chain_is_named() {
	let said = fails(&["chain-info", "--chain", "no-such-chain"]);
	assert!(said.contains("no-such-chain"), "{said}");
}
