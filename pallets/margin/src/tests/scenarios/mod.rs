// SPDX-License-Identifier: Apache-2.0
//! The scenarios of `docs/spec`, played on a fresh chain each: the rules by example, which cannot grow stale.
//!
//! A scenario is a fenced block of a chapter, opened with the word `scenario` and the rules it shows. Its first
//! line is its title, every other line is a statement; `docs/spec/README.md` lists them. The invariants of the
//! pallet are checked after each.
//!
//! Nothing is skipped: an unknown word is an error, a scenario ends with an expectation, and a price that is
//! set must land. A rule of a chapter in [`SHOWN`] without a scenario fails the test.

mod acts;
mod chapter;
mod controls;
mod expectations;
mod language;
mod number;
mod parser;
mod rules;
mod stage;
mod words;

use chapter::Chapter;
use std::{
	fmt, fs,
	path::{Path, PathBuf},
};

/// The chapters of which every rule is shown by a scenario.
const SHOWN: [&str; 5] = [
	"docs/spec/units.md",
	"docs/spec/margin.md",
	"docs/spec/opening.md",
	"docs/spec/funding.md",
	"docs/spec/trigger-book.md",
];

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
	file: String,
	line: usize,
	what: String,
}

impl fmt::Display for Fault {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		write!(f, "{}:{}: {}", self.file, self.line, self.what)
	}
}

fn root() -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of a folder that end in `ending`, by path from the root, and their text.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
	let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
	let mut files: Vec<_> = entries
		.map(|entry| entry.expect("it is readable").path())
		.filter(|path| path.to_string_lossy().ends_with(ending))
		.map(|path| {
			let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
			(format!("{folder}/{name}"), fs::read_to_string(&path).expect("it is text"))
		})
		.collect();
	files.sort();
	files
}

/// All chapters, read.
fn chapters() -> (Vec<Chapter>, Vec<Fault>) {
	let mut faults = Vec::new();
	let read =
		files("docs/spec", ".md").iter().map(|(file, text)| Chapter::read(file, text, &mut faults)).collect();
	(read, faults)
}

fn fail_on(faults: Vec<Fault>) {
	let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
	assert!(faults.is_empty(), "\n{}", lines.join("\n"));
}

#[test]
fn every_rule_has_a_scenario() {
	let (chapters, mut faults) = chapters();
	let tests: String = files("runtime/tests/runtime", ".rs").into_iter().map(|(_, text)| text).collect();
	faults.extend(rules::faults(&chapters, &SHOWN, &tests));
	fail_on(faults);
}

#[test]
fn every_scenario_plays() {
	let (chapters, mut faults) = chapters();
	for chapter in &chapters {
		faults.extend(chapter.scenarios.iter().filter_map(|scenario| stage::play(scenario).err()));
		println!("{}: {} scenarios, {} rules", chapter.file, chapter.scenarios.len(), chapter.rules.len());
	}
	assert!(chapters.iter().any(|chapter| !chapter.scenarios.is_empty()), "the chapters were read");
	fail_on(faults);
}
