// SPDX-License-Identifier: Apache-2.0
//! A network of real nodes on one machine: what they must share before the first of them starts.

use crate::node::{free_port, Node, Options};
use std::{
	fs::File,
	io::Write,
	path::PathBuf,
	process::{Command, Stdio},
};
use tempfile::TempDir;

/// The chain's specification and the addresses of its validators.
pub struct Network {
	folder: TempDir,
	validators: Vec<Place>,
}

/// Where a validator is found.
struct Place {
	name: &'static str,
	/// Its network key: everybody may know it, and its address follows from it.
	key: String,
	port: u16,
	address: String,
}

impl Network {
	/// The network of `local`: its specification is written once, since every node must start from the
	/// same one, and reading a raw one spares each node the making of genesis.
	pub fn local() -> Self {
		let folder = tempfile::Builder::new().prefix("keel-network-").tempdir().expect("a temporary folder");
		let spec = File::create(spec_path(&folder)).expect("the specification can be written");
		let mut command = Command::new(Node::binary());
		command.args(["export-chain-spec", "--chain", "local", "--raw"]).stdout(spec);
		let status = command.status().expect("the node can be started");
		assert!(status.success(), "export-chain-spec ended with {status}");
		let names = ["Alice", "Bob", "Charlie", "Dave"];
		let validators = (1..).zip(names).map(|(number, name)| Place::new(name, number)).collect();
		Self { folder, validators }
	}

	/// A validator, by the name of a well-known account.
	pub fn validator(&self, name: &str) -> Options {
		let place = self.validators.iter().find(|place| place.name == name).expect("a validator of `local`");
		let mut options = self.guest(name);
		options.p2p_port = Some(place.port);
		options.arguments.extend([
			format!("--{}", name.to_lowercase()),
			"--node-key".to_owned(),
			place.key.clone(),
		]);
		options
	}

	/// A node that follows the validators and is none. It prunes, as most nodes do.
	pub fn guest(&self, name: &str) -> Options {
		let others = self.validators.iter().filter(|place| place.name != name);
		let mut arguments = vec!["--reserved-nodes".to_owned()];
		arguments.extend(others.map(|place| place.address.clone()));
		Options {
			name: name.to_owned(),
			chain: spec_path(&self.folder).display().to_string(),
			block_time: None,
			archive: false,
			p2p_port: None,
			arguments,
		}
	}
}

impl Place {
	fn new(name: &'static str, number: u8) -> Self {
		let key = format!("{number:064x}");
		let port = free_port();
		let address = format!("/ip4/127.0.0.1/tcp/{port}/p2p/{}", peer_id(&key));
		Self { name, key, port, address }
	}
}

fn spec_path(folder: &TempDir) -> PathBuf {
	folder.path().join("spec.json")
}

/// How others name the owner of a network key.
pub fn peer_id(key: &str) -> String {
	let mut command = Command::new(Node::binary());
	command.args(["key", "inspect-node-key"]).stdin(Stdio::piped()).stdout(Stdio::piped());
	let mut child = command.stderr(Stdio::null()).spawn().expect("the node can be started");
	let mut input = child.stdin.take().expect("its input is a pipe");
	input.write_all(key.as_bytes()).expect("it reads the key");
	// It reads up to the end.
	drop(input);
	let output = child.wait_with_output().expect("it answers");
	let peer_id = String::from_utf8(output.stdout).expect("text");
	peer_id.trim().to_owned()
}
