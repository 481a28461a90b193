// SPDX-License-Identifier: Apache-2.0
//! The rules of the house, each with its reason.

use std::{
	collections::BTreeMap,
	path::{Path, PathBuf},
	process::Command,
};

use serde_json::Value;

fn root() -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository's root")
}

/// Everything cargo knows of this workspace and its locked dependencies.
fn metadata() -> Value {
	let output = Command::new(env!("CARGO"))
		.args(["metadata", "--format-version=1", "--locked"])
		.current_dir(root())
		.output()
		.expect("cargo runs");
	assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
	serde_json::from_slice(&output.stdout).expect("it is JSON")
}

fn packages(metadata: &Value) -> &Vec<Value> {
	metadata["packages"].as_array().expect("packages")
}

fn name(package: &Value) -> &str {
	package["name"].as_str().expect("a name")
}

/// SDK crates whose locked version is not the one the umbrella names.
fn drifted(packages: &[Value]) -> Vec<String> {
	let umbrella = packages.iter().find(|package| name(package) == "polkadot-sdk").expect("the umbrella");
	let named: BTreeMap<&str, &str> = umbrella["dependencies"]
		.as_array()
		.expect("dependencies")
		.iter()
		.map(|dependency| {
			(name(dependency), dependency["req"].as_str().expect("req").trim_start_matches('^'))
		})
		.collect();
	assert!(named.len() > 100, "the umbrella names the whole SDK");
	packages
		.iter()
		.filter_map(|package| {
			let version = package["version"].as_str().expect("version");
			let expected = named.get(name(package))?;
			(version != *expected)
				.then(|| format!("{} is {version}, the umbrella names {expected}", name(package)))
		})
		.collect()
}

/// One release of the SDK is tested together; a mixture is not.
#[test]
fn sdk_crates_have_the_versions_of_the_umbrella() {
	let metadata = metadata();
	assert_eq!(drifted(packages(&metadata)), Vec::<String>::new());
}

#[test]
fn a_drifted_sdk_crate_is_seen() {
	let mut metadata = metadata();
	let packages = metadata["packages"].as_array_mut().expect("packages");
	let package = packages.iter_mut().find(|package| name(package) == "frame-support").expect("FRAME");
	package["version"] = "49.0.2".into();
	assert_eq!(drifted(packages).len(), 1);
}

/// Who may depend on whom. Reading this table is reading the architecture.
const LAYERS: &[(&str, &[&str])] = &[
	("keel-primitives", &[]),
	("keel-math", &["keel-primitives"]),
	("keel-traits", &["keel-primitives"]),
	("keel-ordered", &[]),
	("keel-oracle", PALLET),
	("keel-margin", PALLET),
	("keel-orderbook", PALLET),
	("keel-liquidation", PALLET),
	("keel-insurance-fund", PALLET),
	("keel-circuit-breaker", PALLET),
	("keel-change-control", PALLET),
	("keel-emergency", PALLET),
	("keel-urgent-calls", PALLET),
	("keel-stress-test", PALLET),
	("keel-faucet", PALLET),
	("keel-test-support", &["keel-primitives", "keel-math", "keel-traits"]),
	("keel-tidy", &[]),
	("keel-runtime", RUNTIME),
	("keel-node", &["keel-runtime"]),
	("wasm-opt", &[]),
	// The runtime without a node. It reads events and states of the pallets to tell what happened.
	(
		"keel-sim",
		&[
			"keel-runtime",
			"keel-margin",
			"keel-oracle",
			"keel-liquidation",
			"keel-insurance-fund",
			"keel-urgent-calls",
			"keel-traits",
			"keel-math",
			"keel-primitives",
		],
	),
	// Measures the runtime, and reads the state of its pallets to know what to measure.
	(
		"keel-bench",
		&[
			"keel-sim",
			"keel-runtime",
			"keel-margin",
			"keel-oracle",
			"keel-liquidation",
			"keel-traits",
			"keel-primitives",
		],
	),
];
/// A pallet never depends on a pallet: pallets meet in the runtime.
const PALLET: &[&str] = &["keel-primitives", "keel-math", "keel-traits", "keel-ordered"];
const RUNTIME: &[&str] = &[
	"keel-primitives",
	"keel-math",
	"keel-traits",
	"keel-oracle",
	"keel-margin",
	"keel-orderbook",
	"keel-liquidation",
	"keel-insurance-fund",
	"keel-circuit-breaker",
	"keel-change-control",
	"keel-emergency",
	"keel-urgent-calls",
	"keel-stress-test",
	"keel-faucet",
];
/// Only tests may use it.
const FOR_TESTS: &[&str] = &["keel-test-support"];
/// The one pallet that the tests of another use: the rules of the book are shown on the margin that judges its orders in
/// the runtime, because what a stand-in lets through shows nothing.
const SHOWN_ON: (&str, &str) = ("keel-orderbook", "keel-margin");

/// Dependencies that the table does not allow.
fn trespasses(packages: &[Value]) -> Vec<String> {
	let mut found = Vec::new();
	for package in packages.iter().filter(|package| package["source"].is_null()) {
		let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == name(package)) else {
			found.push(format!("{} is not in the table", name(package)));
			continue;
		};
		for dependency in package["dependencies"].as_array().expect("dependencies") {
			let (used, for_tests) = (name(dependency), dependency["kind"] == "dev");
			let known = used.starts_with("keel-");
			let is_for_tests = FOR_TESTS.contains(&used) || SHOWN_ON == (name(package), used);
			if known && !allowed.contains(&used) && !(for_tests && is_for_tests) {
				found.push(format!("{} uses {used}", name(package)));
			}
		}
	}
	found
}

#[test]
fn crates_depend_only_on_the_layers_below() {
	let metadata = metadata();
	assert_eq!(trespasses(packages(&metadata)), Vec::<String>::new());
}

#[test]
fn a_pallet_that_uses_a_pallet_is_seen() {
	let mut metadata = metadata();
	let packages = metadata["packages"].as_array_mut().expect("packages");
	let pallet = packages.iter_mut().find(|package| name(package) == "keel-faucet").expect("the faucet");
	let stolen = serde_json::json!({ "name": "keel-change-control", "kind": null });
	pallet["dependencies"].as_array_mut().expect("dependencies").push(stolen);
	assert_eq!(trespasses(packages), ["keel-faucet uses keel-change-control"]);
}

#[test]
fn the_book_uses_margin_in_its_tests_alone() {
	let mut metadata = metadata();
	let packages = metadata["packages"].as_array_mut().expect("packages");
	let (book, margin) = SHOWN_ON;
	let pallet = packages.iter_mut().find(|package| name(package) == book).expect("the order book");
	let uses = pallet["dependencies"].as_array_mut().expect("dependencies");
	let margin = uses.iter_mut().find(|used| name(used) == margin).expect("its tests use margin");
	margin["kind"] = serde_json::Value::Null;
	assert_eq!(trespasses(packages), ["keel-orderbook uses keel-margin"]);
}

/// Files with tests that no target of their package compiles as tests: they look like proof and never run.
fn idle(packages: &[Value], files: &[(String, String)]) -> Vec<String> {
	let ours = packages.iter().filter(|package| package["source"].is_null());
	let targets = ours.flat_map(|package| package["targets"].as_array().expect("targets"));
	let mut folders: BTreeMap<PathBuf, bool> = BTreeMap::new();
	for target in targets {
		let source = Path::new(target["src_path"].as_str().expect("a path"));
		let runs = folders.entry(source.parent().expect("a folder").to_owned()).or_default();
		*runs |= target["test"] == true;
	}
	let is_idle = |path: &str| {
		let path = root().join(path);
		path.ancestors().find_map(|folder| folders.get(folder)).is_some_and(|runs| !runs)
	};
	let attribute = "#[".to_owned() + "test]";
	let tests = files.iter().filter(|(path, text)| path.ends_with(".rs") && text.contains(&attribute));
	tests.filter(|(path, _)| is_idle(path)).map(|(path, _)| path.clone()).collect()
}

/// A library whose manifest says `test = false` has its tests in `tests/`.
#[test]
fn every_test_is_compiled_by_some_target() {
	assert_eq!(idle(packages(&metadata()), &files()), Vec::<String>::new());
}

#[test]
fn a_test_that_never_runs_is_seen() {
	let text = || "#[".to_owned() + "test]\nfn it_works() {}\n";
	let path = |path: &str| ("crates/".to_owned() + path, text());
	let files =
		[path("math/src/stress.rs"), path("math/tests/math/stress.rs"), path("test-support/src/lib.rs")];
	assert_eq!(idle(packages(&metadata()), &files), ["crates/math/src/stress.rs"]);
}

/// Text of the repository, by path.
fn files() -> Vec<(String, String)> {
	let output = Command::new("git").args(["ls-files"]).current_dir(root()).output().expect("git runs");
	String::from_utf8(output.stdout)
		.expect("paths are UTF-8")
		.lines()
		.filter(|path| !path.ends_with("Cargo.lock") && !path.ends_with("package-lock.json"))
		.filter_map(|path| Some((path.to_owned(), std::fs::read_to_string(root().join(path)).ok()?)))
		.collect()
}

/// Public text speaks of the product alone: no notes to self, no path of a machine.
#[test]
fn text_has_no_leftovers() {
	// Spelt in two parts, so that this file does not contain them.
	let leftovers = ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "/work".to_owned() + "/"];
	let files = files();
	assert!(files.len() > 20, "the repository was read");
	for (path, text) in &files {
		for leftover in &leftovers {
			assert!(!text.contains(leftover.as_str()), "{path} contains {leftover}");
		}
		// As a word: the template of a temporary folder has six.
		let marker = "XX".to_owned() + "X";
		let mut words = text.split(|letter: char| !letter.is_alphanumeric());
		assert!(!words.any(|word| word == marker), "{path} contains {marker}");
	}
}

/// A file says under which licence it comes.
#[test]
fn every_rust_file_names_its_licence() {
	for (path, text) in files().iter().filter(|(path, _)| path.ends_with(".rs")) {
		assert!(text.starts_with("// SPDX-License-Identifier: Apache-2.0"), "{path}");
	}
}

/// Public functions of a file that are given something to compute with, and do not say within which bounds they keep
/// what they promise. A side, a direction of rounding and the value itself may be anything.
fn boundless(text: &str) -> Vec<String> {
	let lines: Vec<&str> = text.lines().collect();
	let is_doc = |line: &&&str| line.trim_start().starts_with("///") || line.trim_start().starts_with("#[");
	let mut found = Vec::new();
	for (index, line) in lines.iter().enumerate() {
		let start = line.trim_start();
		let Some(rest) = start.strip_prefix("pub fn ").or_else(|| start.strip_prefix("pub const fn ")) else {
			continue;
		};
		let end = lines[index..].iter().position(|line| line.contains('{')).unwrap_or_default();
		let signature = lines[index..=index + end].concat();
		let given =
			signature.split_once('(').and_then(|(_, given)| given.split_once(") ->")).unwrap_or_default().0;
		let computes = given.split(": ").skip(1).any(|kind| {
			let kind = kind.split(',').next().unwrap_or_default().trim();
			!["Side", "Rounding"].contains(&kind)
		});
		let is_checked = signature.contains("-> MathResult<");
		let states = lines[..index].iter().rev().take_while(is_doc).any(|line| line.contains("Domain:"));
		if (computes || is_checked) && !states {
			found.push(rest.split(['(', '<']).next().unwrap_or_default().to_owned());
		}
	}
	found
}

/// What holds within bounds says which they are.
#[test]
fn every_function_of_the_arithmetic_states_its_domain() {
	let files = files();
	let math = files.iter().filter(|(path, _)| path.starts_with("crates/math/src/"));
	let found: Vec<_> =
		math.flat_map(|(path, text)| boundless(text).into_iter().map(move |name| (path, name))).collect();
	assert!(found.is_empty(), "without a line `Domain: ...` in their documentation: {found:?}");
}

#[test]
fn a_function_without_a_domain_is_seen() {
	let text = "\
/// Half of it.
pub fn half(\n\tamount: u128,\n) -> u128 {
}
/// Half of it.
///
/// Domain: any.
#[must_use]
pub const fn half_of(amount: u128) -> u128 {
}
/// The other one.
pub fn other(self, side: Side) -> Side {
}
/// What it says.
pub fn read(self) -> MathResult<u128> {
}";
	assert_eq!(boundless(text), ["half", "read"]);
}

/// A file is read in one sitting.
#[test]
fn no_file_is_too_long_to_read() {
	const LINES_MAX: usize = 700;
	for (path, text) in files().iter().filter(|(path, _)| path.ends_with(".rs")) {
		if path.contains("/weights/") {
			continue; // Generated.
		}
		let lines = text.lines().count();
		assert!(lines <= LINES_MAX, "{path} has {lines} lines");
	}
}
