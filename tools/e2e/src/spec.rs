// SPDX-License-Identifier: Apache-2.0
//! Raw chain specifications, each made once for a node's binary.

use crate::node::Node;
use serde_json::{json, Value};
use std::{
	collections::hash_map::DefaultHasher,
	ffi::OsStr,
	fs,
	hash::{Hash, Hasher},
	path::{Path, PathBuf},
	process::Command,
	time::UNIX_EPOCH,
};

/// What the tests change of the timetable: a development chain gives people minutes between the steps of governance,
/// and tests have none to spare.
fn hurry() -> Value {
	json!({
		"launchPeriod": 10, "votingPeriod": 15, "fastTrackVotingPeriod": 8, "enactmentPeriod": 2,
		"voteLockingPeriod": 15, "cooloffPeriod": 10, "motionDuration": 60,
		"safeModeDuration": 20, "safeModeExtension": 10, "longestStandstill": 10, "authorizationLife": 60,
	})
}

/// The specification of a chain that the node knows by name, in a hurry, with its genesis state: reading it spares each
/// node the making of it. Any other `chain` is what it is.
pub fn raw(chain: &str) -> PathBuf {
	if !["dev", "local"].contains(&chain) {
		return chain.into();
	}
	let folder = std::env::var_os("KEEL_CACHE").map_or_else(std::env::temp_dir, PathBuf::from).join("e2e");
	let built = Node::binary().metadata().and_then(|node| node.modified()).expect("the node is a file");
	let built = built.duration_since(UNIX_EPOCH).expect("it is younger than that").as_nanos();
	let mut timetable = DefaultHasher::new();
	hurry().to_string().hash(&mut timetable);
	let path = folder.join(format!("{chain}-{built}-{:016x}.json", timetable.finish()));
	if !path.is_file() {
		make(chain, &folder, &path);
	}
	path
}

fn make(chain: &str, folder: &Path, path: &Path) {
	fs::create_dir_all(folder).expect("the folder can be made");
	let mut spec: Value =
		serde_json::from_slice(&export(chain.as_ref(), &[])).expect("a specification is JSON");
	let timetable = spec.pointer_mut("/genesis/runtimeGenesis/patch/changeControl/timetable");
	let timetable = timetable.and_then(Value::as_object_mut).expect("the chain has a timetable");
	for (period, blocks) in hurry().as_object().expect("an object") {
		let known = timetable.insert(period.clone(), blocks.clone());
		assert!(known.is_some(), "{period} is no period of the timetable");
	}
	let changed = tempfile::NamedTempFile::new_in(folder).expect("a temporary file");
	fs::write(&changed, spec.to_string()).expect("it can be written");
	let raw = export(changed.path().as_os_str(), &["--raw"]);
	// Those of earlier nodes are not needed any more.
	let old = fs::read_dir(folder).expect("the folder is there").filter_map(Result::ok);
	let old = old.map(|file| file.path()).filter(|file| file != path);
	for file in old.filter(|file| file.file_name().is_some_and(|name| is_of(chain, name))) {
		let _ = fs::remove_file(file);
	}
	// Another test may make the same at the same time: whoever is last has made the same file.
	let unfinished = tempfile::NamedTempFile::new_in(folder).expect("a temporary file");
	fs::write(&unfinished, raw).expect("it can be written");
	unfinished.persist(path).expect("it can be renamed");
}

fn export(chain: &OsStr, arguments: &[&str]) -> Vec<u8> {
	let mut command = Command::new(Node::binary());
	command.args(["export-chain-spec", "--chain"]).arg(chain).args(arguments);
	let output = command.output().expect("the node can be started");
	assert!(output.status.success(), "export-chain-spec: {}", String::from_utf8_lossy(&output.stderr));
	output.stdout
}

fn is_of(chain: &str, name: &OsStr) -> bool {
	name.to_string_lossy().starts_with(&format!("{chain}-"))
}
