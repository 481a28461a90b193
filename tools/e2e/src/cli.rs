// SPDX-License-Identifier: Apache-2.0
//! The program keelctl, run as people and their scripts run it.

use keelctl::{cli, number};
use serde_json::Value;
use std::{collections::BTreeSet, io::Write, path::PathBuf, process::Stdio, sync::Mutex, time::Duration};
use tempfile::TempDir;
use tokio::{
	io::{AsyncBufReadExt, BufReader},
	process::Command,
	time::timeout,
};

/// How long one command may take: the longest tells a story, or waits for a vote.
const PATIENCE: Duration = Duration::from_secs(240);

/// keelctl, talking to one node. It remembers which commands have succeeded and which were refused.
pub struct Keelctl {
	url: String,
	/// What it is given with every command.
	always: Vec<&'static str>,
	keys: TempDir,
	seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
	done: BTreeSet<String>,
	refused: BTreeSet<String>,
}

/// What it has said to a program, and how it ended.
#[derive(Debug)]
pub struct Answer {
	/// What was asked.
	pub asked: String,
	/// The exit code.
	pub code: i32,
	/// The result; null if there is none.
	pub result: Value,
	/// The error; null if there is none.
	pub error: Value,
}

/// What it has told people, and how it ended.
#[derive(Debug)]
pub struct Run {
	/// The exit code.
	pub code: Option<i32>,
	/// What it told meanwhile.
	pub told: String,
}

impl Keelctl {
	/// For the node at `url`.
	pub fn new(url: String) -> Self {
		let keys = tempfile::tempdir().expect("a temporary folder");
		Self { url, always: Vec::new(), keys, seen: Mutex::default() }
	}

	/// That does not wait for finality: one node of a chain of several validators does not finalise.
	pub fn of_several(url: String) -> Self {
		Self { always: vec!["--wait", "best"], ..Self::new(url) }
	}

	/// The program, beside the tests: cargo builds it with the tests of its own package.
	pub fn binary() -> PathBuf {
		let tests = std::env::current_exe().expect("a test is a program");
		let folder = tests.parent().and_then(|deps| deps.parent()).expect("it lies in a target folder");
		let path = folder.join("keelctl");
		assert!(
			path.is_file(),
			"there is no keelctl at {}: run scripts/test, which builds it",
			path.display()
		);
		path
	}

	/// The name of a development key that lies in a file which only this user may read.
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

	/// The program with `arguments`, and nothing of this environment's keys.
	fn command(&self, arguments: &[&str]) -> Command {
		let mut command = Command::new(Self::binary());
		for variable in ["KEEL_SURI", "KEEL_KEY_FILE", "KEEL_SIGNERS", "KEEL_REPORTERS"] {
			command.env_remove(variable);
		}
		command.env("KEEL_URL", &self.url).env("NO_COLOR", "1").args(&self.always).args(arguments);
		command.stdin(Stdio::null()).kill_on_drop(true);
		command
	}

	/// What it answers to `signer`, as JSON: the secret of a key, or the place of one ([`Self::key`]).
	pub async fn ask(&self, signer: &str, arguments: &[&str]) -> Answer {
		let mut command = self.command(&[&["--json"], arguments].concat());
		if signer.starts_with("file:") {
			command.args(["--key", signer]);
		} else {
			command.env("KEEL_SURI", signer);
		}
		let asked = format!("keelctl {}", arguments.join(" "));
		let output = timeout(PATIENCE, command.output()).await;
		let output = output.unwrap_or_else(|_| panic!("{asked} does not end"));
		let output = output.unwrap_or_else(|error| panic!("{asked}: {error}"));
		let code = output.status.code().unwrap_or_else(|| panic!("{asked} was killed"));
		let answer = Answer {
			code,
			result: result(&output.stdout),
			error: if code == 0 { Value::Null } else { error(&output.stderr, &asked) },
			asked,
		};
		let mut seen = self.seen.lock().expect("nobody panics while holding it");
		if let Some(name) = name(arguments) {
			if code == 0 { &mut seen.done } else { &mut seen.refused }.insert(name);
		}
		answer
	}

	/// What it does for `signer`; panics if it does not.
	pub async fn does(&self, signer: &str, arguments: &[&str]) -> Value {
		let answer = self.ask(signer, arguments).await;
		assert_eq!(answer.code, 0, "{answer:#?}");
		let unclear = unclear(&answer.result);
		assert!(unclear.is_empty(), "{}: {unclear:?} in {:#}", answer.asked, answer.result);
		answer.result
	}

	/// What it says is wrong, and what to do about it; panics if it does what it was asked.
	pub async fn fails(&self, signer: &str, arguments: &[&str]) -> (String, String) {
		let answer = self.ask(signer, arguments).await;
		assert_ne!(answer.code, 0, "it should have failed: {answer:#?}");
		let part = |name: &str| answer.error[name].as_str().unwrap_or_default().to_owned();
		assert!(!part("help").is_empty(), "no help: {answer:#?}");
		(part("error"), part("help"))
	}

	/// What it tells people, until it ends.
	pub async fn tells(&self, arguments: &[&str]) -> Run {
		let output = timeout(PATIENCE, self.command(arguments).output()).await;
		let output = output.unwrap_or_else(|_| panic!("keelctl {} does not end", arguments.join(" ")));
		let output = output.expect("it can be started");
		Run { code: output.status.code(), told: String::from_utf8_lossy(&output.stderr).into_owned() }
	}

	/// Start it, and kill it as soon as it tells people of `line`.
	pub async fn until(&self, line: &str, arguments: &[&str]) {
		let mut command = self.command(arguments);
		let mut child =
			command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it can be started");
		let mut told = BufReader::new(child.stderr.take().expect("it was asked for")).lines();
		let mut all = Vec::new();
		let heard = async {
			while let Ok(Some(told)) = told.next_line().await {
				all.push(told);
				if all.iter().any(|told| told.contains(line)) {
					return true;
				}
			}
			false
		};
		let heard = timeout(PATIENCE, heard).await.unwrap_or(false);
		// It may have ended by itself.
		let _ = child.kill().await;
		assert!(heard, "keelctl {} never told of `{line}`: {}", arguments.join(" "), all.join("\n"));
	}

	/// That it refuses, with an exit code and an error of this kind (the end of its code, or a part of it).
	pub async fn refuses(&self, signer: &str, arguments: &[&str], code: i32, error: &str) {
		let answer = self.ask(signer, arguments).await;
		assert_eq!(answer.code, code, "{answer:#?}");
		assert!(answer.error.to_string().contains(error), "{error} is not in {answer:#?}");
		let help = answer.error["help"].as_str().unwrap_or_default();
		assert!(!help.is_empty(), "no help: {answer:#?}");
	}

	/// Commands that have neither succeeded nor are in `but`, and those that were never refused.
	pub fn uncovered(&self, but: &[&str]) -> Vec<String> {
		let seen = self.seen.lock().expect("nobody panics while holding it");
		let missing = |commands: &BTreeSet<String>, what: &str| {
			let missing = cli::commands().into_iter().filter(|name| !commands.contains(name));
			let missing = missing.filter(|name| !but.contains(&format!("{name} {what}").as_str()));
			missing.map(|name| format!("{name} is never {what}")).collect::<Vec<_>>()
		};
		[missing(&seen.done, "done"), missing(&seen.refused, "refused")].concat()
	}
}

/// The command that is asked for: `trade offer` of `trade offer BTC long 1 8000`.
fn name(arguments: &[&str]) -> Option<String> {
	let words: Vec<_> = arguments.iter().filter(|word| !word.starts_with('-')).copied().collect();
	let asked = words.join(" ");
	let is_it = |name: &String| asked == *name || asked.starts_with(&format!("{name} "));
	cli::commands().into_iter().filter(is_it).max_by_key(String::len)
}

/// What was written: JSON, or text where a command has no result for programs; nothing is null.
fn result(bytes: &[u8]) -> Value {
	let text = String::from_utf8_lossy(bytes);
	match text.trim() {
		"" => Value::Null,
		text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
	}
}

/// An error is JSON, whatever is wrong.
fn error(bytes: &[u8], asked: &str) -> Value {
	let text = String::from_utf8_lossy(bytes);
	serde_json::from_str(&text).unwrap_or_else(|error| panic!("{asked}: {error}: {text}"))
}

/// Texts that are meant as numbers and are not plain ones: with separators or units.
pub fn unclear(json: &Value) -> Vec<String> {
	match json {
		Value::String(text) => {
			let is_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
				&& text.chars().all(|c| c.is_ascii_digit() || " .,_%+-".contains(c));
			let plain = number::digits(text.strip_prefix('-').unwrap_or(text)).is_ok();
			if is_number && !plain {
				vec![text.clone()]
			} else {
				Vec::new()
			}
		}
		Value::Number(number) if number.is_f64() => vec![number.to_string()],
		Value::Array(items) => items.iter().flat_map(unclear).collect(),
		Value::Object(fields) => fields.values().flat_map(unclear).collect(),
		_ => Vec::new(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	#[test]
	fn numbers_for_people_are_seen_where_programs_read() {
		assert_eq!(unclear(&json!({ "a": "1234.5", "b": ["-0.5", "0"], "c": 7, "d": "BTC-PERP" })), [""; 0]);
		let unclear = unclear(&json!({ "a": "1,234.5", "b": ["5 %"], "c": { "d": 0.5 }, "e": "7." }));
		assert_eq!(unclear, ["1,234.5", "5 %", "0.5", "7."]);
	}

	#[test]
	fn a_command_is_known_by_its_words() {
		assert_eq!(name(&["trade", "offer", "BTC", "long"]).as_deref(), Some("trade offer"));
		assert_eq!(name(&["--wait", "close", "BTC"]).as_deref(), Some("close"));
		assert_eq!(name(&["nonsense"]), None);
	}

	#[test]
	fn a_command_that_nobody_tries_is_seen() {
		let program = Keelctl::new(String::new());
		let all = program.uncovered(&[]);
		assert_eq!(all.len(), 2 * cli::commands().len());
		assert!(program.uncovered(&["faucet done"]).len() < all.len());
	}
}
