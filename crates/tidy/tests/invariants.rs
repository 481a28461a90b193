// SPDX-License-Identifier: Apache-2.0
//! Every complaint of an invariant check has a test that raises it: a check that nobody has seen fail proves nothing.

use std::{
	fs,
	path::{Path, PathBuf},
};

fn pallets() -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pallets").canonicalize().expect("the pallets")
}

/// All Rust files in a folder and below.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
	let mut found = Vec::new();
	for entry in fs::read_dir(folder).expect("a folder").flatten() {
		let path = entry.path();
		if path.is_dir() {
			found.extend(rust_files(&path));
		} else if path.extension().is_some_and(|extension| extension == "rs") {
			found.push(path);
		}
	}
	found.sort();
	found
}

fn is_test(path: &Path) -> bool {
	path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
}

/// The strings in code, but for its comments and attributes.
fn strings(code: &str) -> Vec<&str> {
	let says = |line: &&str| !line.trim_start().starts_with(['/', '#']);
	code.lines().filter(says).flat_map(|line| line.split('"').skip(1).step_by(2)).collect()
}

/// What the check in a file complains of: from where it begins, or, in a file of nothing else, all of it.
fn complaints<'a>(path: &Path, code: &'a str) -> Vec<&'a str> {
	let begin = "fn do_try_state";
	let Some(at) = code.find(begin) else { return Vec::new() };
	let alone = path.file_stem().is_some_and(|stem| stem == "try_state" || stem == "invariants");
	strings(if alone { code } else { &code[at..] })
}

/// Complaints that no string in the tests repeats.
fn never_raised<'a>(complaints: &[&'a str], tests: &[String]) -> Vec<&'a str> {
	let raised: Vec<&str> = tests.iter().flat_map(|code| strings(code)).collect();
	complaints.iter().filter(|complaint| !raised.contains(complaint)).copied().collect()
}

#[test]
fn every_complaint_of_an_invariant_check_is_raised_by_a_test() {
	let (mut checks, mut seen) = (0, 0);
	for pallet in fs::read_dir(pallets()).expect("the pallets").flatten() {
		let name = pallet.file_name();
		let (tests, code): (Vec<_>, Vec<_>) =
			rust_files(&pallet.path().join("src")).into_iter().partition(|path| is_test(path));
		let read = |path: &PathBuf| fs::read_to_string(path).expect("it is text");
		let tests: Vec<String> = tests.iter().map(read).collect();
		for (path, code) in code.iter().map(|path| (path, read(path))) {
			let complaints = complaints(path, &code);
			checks += usize::from(!complaints.is_empty());
			seen += complaints.len();
			let missing = never_raised(&complaints, &tests);
			assert!(missing.is_empty(), "{name:?}: no test of this pallet raises {missing:?}");
		}
	}
	assert!(checks >= 8 && seen >= 100, "{seen} complaints in {checks} checks: where are the others?");
}

#[test]
fn a_complaint_that_no_test_raises_is_seen() {
	let code = r#"
		/// Not "this".
		#[cfg(feature = "nor this")]
		fn do_try_state() { ensure!(one, "the first"); ensure!(two, "the second"); }
	"#;
	let complaints = complaints(Path::new("src/try_state.rs"), code);
	assert_eq!(complaints, ["the first", "the second"]);
	let tests = ["caught(\"the first\", || ());\n// \"the second\"".to_owned()];
	assert_eq!(never_raised(&complaints, &tests), ["the second"]);
}
