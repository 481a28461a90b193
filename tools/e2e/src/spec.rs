// SPDX-License-Identifier: Apache-2.0
//! Raw chain specifications, each made once for a node's binary.

use crate::node::Node;
use std::{
	ffi::OsStr,
	fs,
	path::{Path, PathBuf},
	process::Command,
	time::UNIX_EPOCH,
};

/// The specification of a chain that the node knows by name, with its genesis state: reading it spares each node the
/// making of it. Any other `chain` is what it is.
pub fn raw(chain: &str) -> PathBuf {
	if !["dev", "local"].contains(&chain) {
		return chain.into();
	}
	let folder = std::env::var_os("KEEL_CACHE").map_or_else(std::env::temp_dir, PathBuf::from).join("e2e");
	let built = Node::binary().metadata().and_then(|node| node.modified()).expect("the node is a file");
	let built = built.duration_since(UNIX_EPOCH).expect("it is younger than that").as_nanos();
	let path = folder.join(format!("{chain}-{built}.json"));
	if !path.is_file() {
		make(chain, &folder, &path);
	}
	path
}

fn make(chain: &str, folder: &Path, path: &Path) {
	fs::create_dir_all(folder).expect("the folder can be made");
	let output = Command::new(Node::binary())
		.args(["export-chain-spec", "--chain", chain, "--raw"])
		.output()
		.expect("the node can be started");
	assert!(output.status.success(), "export-chain-spec: {}", String::from_utf8_lossy(&output.stderr));
	// Those of earlier nodes are not needed any more.
	let old = fs::read_dir(folder).expect("the folder is there").filter_map(Result::ok);
	let old = old.map(|file| file.path()).filter(|file| file != path);
	for file in old.filter(|file| file.file_name().is_some_and(|name| is_of(chain, name))) {
		let _ = fs::remove_file(file);
	}
	// Another test may make the same at the same time: whoever is last has made the same file.
	let unfinished = tempfile::NamedTempFile::new_in(folder).expect("a temporary file");
	fs::write(&unfinished, output.stdout).expect("it can be written");
	unfinished.persist(path).expect("it can be renamed");
}

fn is_of(chain: &str, name: &OsStr) -> bool {
	name.to_string_lossy().starts_with(&format!("{chain}-"))
}
