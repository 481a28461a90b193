// SPDX-License-Identifier: Apache-2.0
//! The program `keelctl`, as people start it.

use serde_json::Value;
use std::{
	io::{BufRead, BufReader, Write},
	path::{Path, PathBuf},
	process::{Command, Stdio},
};
use tempfile::TempDir;

/// `keelctl`, talking to one node, with key files of its own. It does not wait for finality: a single node of a network of
/// several does not finalise.
pub struct Program {
	url: String,
	keys: TempDir,
}

impl Program {
	/// The program that was built beside these tests.
	pub fn binary() -> PathBuf {
		let tests = std::env::current_exe().expect("a test has a path");
		let folder = tests.parent().and_then(Path::parent).expect("target/PROFILE/deps/TEST");
		let path = folder.join("keelctl");
		assert!(path.is_file(), "there is no keelctl at {}: scripts/test builds it", path.display());
		path
	}

	/// For a node.
	pub fn new(url: String) -> Self {
		Self { url, keys: tempfile::tempdir().expect("a temporary folder") }
	}

	/// The name of a key that lies in a file which only this user may read.
	pub fn key(&self, name: &str) -> String {
		let path = self.keys.path().join(name);
		let mut options = std::fs::File::options();
		options.create(true).truncate(true).write(true);
		#[cfg(unix)]
		std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
		let mut file = options.open(&path).expect("the folder can be written");
		writeln!(file, "//{name}").expect("the file can be written");
		format!("file:{}", path.display())
	}

	/// Start it, and kill it as soon as it tells of `line`. What it tells people is not JSON.
	pub fn until(&self, line: &str, arguments: &[&str]) {
		let mut command = Command::new(Self::binary());
		command
			.args(["--url", &self.url, "--wait", "best"])
			.args(arguments)
			.stdin(Stdio::null())
			.stdout(Stdio::null());
		let mut child = command.stderr(Stdio::piped()).spawn().expect("it can be started");
		let told = BufReader::new(child.stderr.take().expect("it was asked for"));
		let mut all = Vec::new();
		for told in told.lines().map_while(Result::ok) {
			all.push(told);
			if all.iter().any(|told| told.contains(line)) {
				// It may have ended by itself.
				let _ = child.kill();
				let _ = child.wait();
				return;
			}
		}
		let _ = child.wait();
		panic!("keelctl {} never told of `{line}`: {}", arguments.join(" "), all.join("\n"));
	}

	fn command(&self, arguments: &[&str]) -> Command {
		let mut command = Command::new(Self::binary());
		for variable in ["KEEL_SURI", "KEEL_KEY_FILE", "KEEL_SIGNERS", "KEEL_REPORTERS"] {
			command.env_remove(variable);
		}
		command.args(["--json", "--wait", "best", "--url", &self.url]).args(arguments).stdin(Stdio::null());
		command
	}

	/// What it answers; panics when it fails.
	pub fn succeeds(&self, arguments: &[&str]) -> Value {
		let output = self.command(arguments).output().expect("it can be started");
		let (told, failed) = (text(&output.stdout), text(&output.stderr));
		assert!(output.status.success(), "keelctl {}: {failed}", arguments.join(" "));
		serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {told}"))
	}

	/// What is wrong, and what to do about it; panics when it succeeds.
	pub fn fails(&self, arguments: &[&str]) -> (String, String) {
		let output = self.command(arguments).output().expect("it can be started");
		let (told, failed) = (text(&output.stdout), text(&output.stderr));
		assert!(!output.status.success(), "keelctl {} should have failed: {told}", arguments.join(" "));
		let error: Value = serde_json::from_str(&failed).unwrap_or_else(|error| panic!("{error}: {failed}"));
		let part = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
		(part("error"), part("help"))
	}
}

/// What a run that is told to people came to.
#[derive(Debug)]
pub struct Run {
	/// Its exit code.
	pub code: Option<i32>,
	/// What it told meanwhile.
	pub told: String,
}

/// Run it as people do, against the node at `url`, until it ends.
pub async fn run(url: &str, arguments: &[&str]) -> Run {
	let mut command = tokio::process::Command::new(Program::binary());
	command.args(["--url", url]).args(arguments).env("NO_COLOR", "1").stdin(Stdio::null());
	for variable in ["KEEL_SURI", "KEEL_KEY_FILE", "KEEL_SIGNERS", "KEEL_REPORTERS"] {
		command.env_remove(variable);
	}
	let output = command.kill_on_drop(true).output().await.expect("it can be started");
	Run { code: output.status.code(), told: text(&output.stderr) }
}

fn text(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}
