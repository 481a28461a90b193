// SPDX-License-Identifier: Apache-2.0
//! The specification as tests read it: the chapters of `docs/spec`, their rules, and the scenarios that show them.
//!
//! A scenario is a fenced block of a chapter. Its fence says on which [`Stage`] it plays and which rules it shows, its
//! first line is its title, every other line is a statement; `docs/spec/README.md` lists them. What a statement means is
//! the stage's. A rule that no scenario can show has a row in a table, which says why and names the tests that do.

mod chapter;
pub mod number;
mod rules;
#[cfg(test)]
mod tests;
pub mod words;

pub use chapter::{Chapter, Exception, Rule, Scenario, Stage, Step};
pub use rules::faults;
use std::{
	fmt, fs,
	path::{Path, PathBuf},
};

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
	/// The file, by its path from the root.
	pub file: String,
	/// The line.
	pub line: usize,
	/// What was expected, and what was found.
	pub what: String,
}

impl fmt::Display for Fault {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		write!(f, "{}:{}: {}", self.file, self.line, self.what)
	}
}

/// The root of the repository.
fn root() -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The text of a file, by its path from the root.
pub fn text_of(path: &str) -> Option<String> {
	fs::read_to_string(root().join(path)).ok()
}

/// All chapters, read, in order of their names, and what is wrong in them.
pub fn chapters() -> (Vec<Chapter>, Vec<Fault>) {
	let folder = "docs/spec";
	let entries = fs::read_dir(root().join(folder)).expect("the specification is there");
	let mut files: Vec<_> = entries
		.map(|entry| entry.expect("it is readable").file_name().to_string_lossy().into_owned())
		.filter(|name| name.ends_with(".md"))
		.map(|name| format!("{folder}/{name}"))
		.collect();
	files.sort();
	let mut faults = Vec::new();
	let read = files
		.iter()
		.map(|file| Chapter::read(file, &text_of(file).expect("it is text"), &mut faults))
		.collect();
	(read, faults)
}

/// Fail with all of them, a line each.
pub fn fail_on(faults: Vec<Fault>) {
	let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
	assert!(faults.is_empty(), "\n{}", lines.join("\n"));
}
