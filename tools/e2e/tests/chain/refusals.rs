// SPDX-License-Identifier: Apache-2.0
//! What a node refuses when it starts: a sentence that says what to do, and an exit code that says whether trying again
//! helps. And what it says when all is well.

use keel_e2e::{node::free_port, spec, Node};
use serde_json::{json, Value};
use std::{
	fs,
	net::TcpListener,
	path::Path,
	process::{Command, Stdio},
	time::{Duration, Instant},
};

/// It was told something that cannot be.
const BAD_INPUT: i32 = 2;
/// It may go better another time.
const FAILED: i32 = 1;

/// Start the node; its exit code and the last line or lines that it says, from `keel-node: ` on.
fn ends(arguments: &[&str]) -> (i32, String) {
	let output = Command::new(Node::binary()).args(arguments).output().expect("the node can be started");
	let said = String::from_utf8_lossy(&output.stderr).into_owned();
	let sentence = said.rsplit_once("keel-node: ").map(|(_, sentence)| sentence.trim_end().to_owned());
	let code = output.status.code().unwrap_or_else(|| panic!("{}: {said}", output.status));
	(code, sentence.unwrap_or_else(|| panic!("it ended with {code} and no sentence: {said}")))
}

fn text(path: &Path) -> &str {
	path.to_str().expect("a path in UTF-8")
}

/// The raw specification of the local network, as a chain of another type.
fn local_as(folder: &Path, chain_type: Value) -> String {
	let mut chain: Value =
		serde_json::from_slice(&fs::read(spec::raw("local")).expect("it was made")).expect("JSON");
	chain["chainType"] = chain_type;
	let path = folder.join("chain.json");
	fs::write(&path, chain.to_string()).expect("it can be written");
	text(&path).to_owned()
}

#[test]
fn a_chain_that_must_not_be_launched_neither_starts_nor_is_written() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	for chain_type in [json!("Live"), json!({ "Custom": "ours" })] {
		let chain = local_as(folder.path(), chain_type.clone());
		for arguments in [
			&["--chain", &chain, "--tmp"][..],
			&["export-chain-spec", "--chain", &chain],
			&["build-spec", "--chain", &chain, "--raw"],
		] {
			let (code, said) = ends(arguments);
			assert_eq!(code, BAD_INPUT, "{said}");
			for expected in [
				"Council contains the well-known key of //Alice (sr25519)",
				"Oracle contains the well-known key of //Bob//reporter (sr25519)",
				"Grandpa contains the well-known key of //Charlie (ed25519)",
				"accounts sit in the Technical Committee",
				"changeControl.timetable.votingPeriod is ",
				"the faucet has a grant",
			] {
				assert!(said.contains(expected), "{chain_type}: {expected}: {said}");
			}
		}
	}
}

#[test]
fn a_typo_in_a_chain_is_told_with_its_line() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let path = folder.path().join("people.json");
	fs::write(&path, "{\n  \"balances\": { \"balances\": [] },\n  \"counsil\": { \"members\": [] }\n}\n")
		.expect("written");
	let chain = format!("production:{}", text(&path));
	let (code, said) = ends(&["--chain", &chain, "--tmp"]);
	assert_eq!(code, BAD_INPUT, "{said}");
	assert!(said.contains("people.json:3: 'counsil': there is no such key; known here: "), "{said}");
	fs::write(&path, "{\n  \"name\": \"x\",,\n}\n").expect("written");
	let (code, said) = ends(&["--chain", text(&path), "--tmp"]);
	assert_eq!(code, BAD_INPUT, "{said}");
	assert!(said.contains("people.json:2:15: "), "{said}");
}

#[test]
fn a_port_in_use_is_named_and_nobody_listens_elsewhere() {
	let taken = TcpListener::bind(("0.0.0.0", 0)).expect("a free port");
	let port = taken.local_addr().expect("it has an address").port().to_string();
	let chain = spec::raw("dev");
	let free = [free_port(), free_port(), free_port()].map(|port| port.to_string());
	for (option, what) in [("--rpc-port", "RPC"), ("--port", "network"), ("--prometheus-port", "Prometheus")]
	{
		let mut arguments = vec!["--chain", text(&chain), "--tmp", "--no-mdns", "--prometheus-external"];
		for (other, port) in ["--rpc-port", "--port", "--prometheus-port"].into_iter().zip(&free) {
			if other != option {
				arguments.extend([other, port]);
			}
		}
		arguments.extend([option, &port]);
		let (code, said) = ends(&arguments);
		assert_eq!(code, FAILED, "{said}");
		assert!(
			said.contains(&format!("the {what} port {port} is in use")) && said.contains(option),
			"{said}"
		);
	}
}

#[test]
fn a_key_that_cannot_be_read_is_named() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let (chain, base) = (spec::raw("dev"), folder.path().join("data"));
	let key = folder.path().join("node.key");
	let with_key = ["--chain", text(&chain), "--base-path", text(&base), "--node-key-file", text(&key)];
	fs::write(&key, "not a key").expect("written");
	let (code, said) = ends(&with_key);
	assert_eq!(code, BAD_INPUT, "{said}");
	assert!(said.contains(text(&key)) && said.contains("it has 9 bytes, not 32"), "{said}");
	fs::remove_file(&key).expect("removed");
	fs::create_dir(&key).expect("a folder");
	let (code, said) = ends(&with_key);
	assert_eq!(code, BAD_INPUT, "{said}");
	assert!(said.contains("cannot be read"), "{said}");

	let (code, said) = ends(&["--chain", text(&chain), "--base-path", text(&base), "--validator"]);
	assert_eq!(code, BAD_INPUT, "{said}");
	assert!(said.contains("generate-node-key"), "{said}");

	let keystore = folder.path().join("keystore");
	fs::create_dir(&keystore).expect("a folder");
	fs::write(keystore.join(format!("61757261{}", "00".repeat(32))), "\"//Alice\"").expect("written");
	let (code, said) = ends(&["--chain", text(&chain), "--tmp", "--keystore-path", text(&keystore)]);
	assert_eq!(code, BAD_INPUT, "{said}");
	assert!(said.contains("in the keystore has a secret that does not belong"), "{said}");
}

#[test]
fn a_development_node_says_one_line_of_each_block() {
	let folder = tempfile::tempdir().expect("a temporary folder");
	let path = folder.path().join("log");
	let log = fs::File::create(&path).expect("the log can be written");
	let mut node = Command::new(Node::binary());
	node.args(["--dev", "--block-time", "300", "--no-prometheus", "--no-telemetry", "--no-mdns"])
		.args(["--rpc-port", &free_port().to_string(), "--port", &free_port().to_string()])
		.stdin(Stdio::null())
		.stdout(log.try_clone().expect("the log can be shared"))
		.stderr(log);
	if let Some(folder) = std::env::var_os("KEEL_WASM_CACHE") {
		node.arg("--wasm-cache").arg(folder);
	}
	let mut node = node.spawn().expect("the node can be started");
	let begun = Instant::now();
	let said = loop {
		let said = fs::read_to_string(&path).expect("the log can be read");
		if said.contains(" block 30 0x") || begun.elapsed() > Duration::from_secs(180) {
			break said;
		}
		std::thread::sleep(Duration::from_millis(100));
	};
	node.kill().expect("it runs");
	node.wait().expect("it ends");
	let lines: Vec<&str> = said.lines().collect();
	let place = |what: &str| {
		lines.iter().position(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}: {said}"))
	};
	let (first, last) = (place(" block 1 0x"), place(" block 30 0x"));
	assert!(last - first <= 29, "{}", lines[first..=last].join("\n"));
	assert!(said.contains(" block 2 0x") && said.contains(": 0 transactions, final up to "), "{said}");
}
