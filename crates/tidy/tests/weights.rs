// SPDX-License-Identifier: Apache-2.0
//! Every call and every unit of a hook has a measured weight, and the runtime charges it.

use std::{
	collections::{BTreeMap, BTreeSet},
	fs,
	path::{Path, PathBuf},
};

fn root() -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository's root")
}

fn read(path: impl AsRef<Path>) -> Option<String> {
	fs::read_to_string(root().join(path)).ok()
}

/// The sources of a pallet that speak of weights.
#[derive(Clone)]
struct Pallet {
	/// The name of its crate, in Rust.
	name: String,
	/// `lib.rs`: the calls.
	calls: String,
	/// `weights.rs`: what has a weight. A pallet without calls has none.
	weights: Option<String>,
	/// `benchmarking.rs`: what is measured.
	benchmarks: String,
	/// What was measured.
	measured: String,
}

/// Pallets that the runtime does not have yet: nothing charges them.
const NOT_IN_THE_RUNTIME: [&str; 1] = ["keel_orderbook"];

/// The pallets of the runtime.
fn pallets() -> Vec<Pallet> {
	let folders = fs::read_dir(root().join("pallets")).expect("there are pallets");
	let mut pallets: Vec<_> = folders
		.map(|folder| folder.expect("it is readable").file_name().into_string().expect("it is UTF-8"))
		.map(|folder| {
			let name = format!("keel_{}", folder.replace('-', "_"));
			let source = |file: &str| read(format!("pallets/{folder}/src/{file}"));
			Pallet {
				calls: source("lib.rs").expect("a pallet has a lib.rs"),
				weights: source("weights.rs"),
				benchmarks: source("benchmarking.rs").unwrap_or_default(),
				measured: read(format!("runtime/src/weights/{name}.rs")).unwrap_or_default(),
				name,
			}
		})
		.collect();
	pallets.retain(|pallet| !NOT_IN_THE_RUNTIME.contains(&pallet.name.as_str()));
	pallets.sort_by(|a, b| a.name.cmp(&b.name));
	pallets
}

/// The name of the function that a line declares.
fn function(line: &str) -> Option<String> {
	let rest = line.trim_start().trim_start_matches("pub ").strip_prefix("fn ")?;
	Some(rest.split(['(', '<']).next()?.to_owned())
}

/// The functions declared in the block that begins with `start`.
fn functions(text: &str, start: &str) -> BTreeSet<String> {
	let block = text.lines().skip_while(|line| !line.starts_with(start)).skip(1);
	block.take_while(|line| !line.starts_with('}')).filter_map(function).collect()
}

/// The functions under an attribute, and what stands between attribute and function.
fn attributed(text: &str, attribute: &str) -> BTreeMap<String, String> {
	let mut found = BTreeMap::new();
	let mut between: Option<String> = None;
	for line in text.lines() {
		if line.trim_start().starts_with(attribute) {
			between = Some(String::new());
		} else if let Some(text) = &mut between {
			match function(line) {
				Some(name) => {
					found.insert(name, between.take().unwrap_or_default());
				}
				None => text.push_str(line),
			}
		}
	}
	found
}

/// What is wrong with the weights of a pallet.
fn faults(pallet: &Pallet) -> Vec<String> {
	let name = &pallet.name;
	let calls = attributed(&pallet.calls, "#[pallet::call_index(");
	// By a weight, or by a function of several.
	let charged = |text: &String| {
		text.contains("#[pallet::weight(")
			&& ["T::WeightInfo::", "::<T>()"].iter().any(|it| text.contains(it))
	};
	let mut faults: Vec<_> = calls
		.iter()
		.filter(|(_, text)| !charged(text))
		.map(|(call, _)| format!("{name}::{call} is not charged"))
		.collect();
	let Some(weights) = &pallet.weights else {
		faults.extend(calls.keys().map(|call| format!("{name}::{call} has no weight")));
		return faults;
	};
	let declared = functions(weights, "pub trait WeightInfo");
	if declared.is_empty() {
		faults.push(format!("{name} has no weights"));
	}
	let benchmarks = attributed(&pallet.benchmarks, "#[benchmark").into_keys().collect();
	let measured = functions(&pallet.measured, "impl<T: frame_system::Config>");
	for (what, there) in [("benchmark", benchmarks), ("figure", measured)] {
		faults.extend(declared.difference(&there).map(|weight| format!("{name}::{weight} has no {what}")));
		faults.extend(
			there.difference(&declared).map(|weight| format!("{name}::{weight} is a {what} of nothing")),
		);
	}
	faults
}

#[test]
fn only_a_pallet_that_the_runtime_does_not_have_may_be_unmeasured() {
	let manifest = read("runtime/Cargo.toml").expect("the runtime has a manifest");
	let depends = |name: &str| manifest.lines().any(|line| line.starts_with(&name.replace('_', "-")));
	assert!(depends("keel_margin"));
	assert!(!NOT_IN_THE_RUNTIME.into_iter().any(depends));
}

#[test]
fn every_weight_is_measured_and_every_call_is_charged() {
	let pallets = pallets();
	assert!(pallets.len() > 5, "the pallets were read");
	let faults: Vec<_> = pallets.iter().flat_map(faults).collect();
	assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn a_weight_that_is_not_measured_is_seen() {
	let pallets = pallets();
	let margin = pallets.iter().find(|pallet| pallet.name == "keel_margin").expect("margin");
	let without = |text: &str, name: &str| text.replace(&format!("fn {name}("), "fn other(");

	let new_unit = Pallet { measured: without(&margin.measured, "judge"), ..margin.clone() };
	assert_eq!(
		faults(&new_unit),
		["keel_margin::judge has no figure", "keel_margin::other is a figure of nothing"]
	);
	let unmeasured = Pallet { benchmarks: without(&margin.benchmarks, "judge"), ..margin.clone() };
	assert_eq!(
		faults(&unmeasured),
		["keel_margin::judge has no benchmark", "keel_margin::other is a benchmark of nothing"]
	);
	let free = Pallet {
		calls: margin
			.calls
			.replace("#[pallet::weight(T::WeightInfo::lift_quarantine())]", "#[pallet::weight(0)]"),
		..margin.clone()
	};
	assert_eq!(faults(&free), ["keel_margin::lift_quarantine is not charged"]);
}

/// Pallets of ours that the runtime does not charge as measured.
fn uncharged(configs: &str) -> Vec<String> {
	let with_weights = pallets().into_iter().filter(|pallet| pallet.weights.is_some());
	with_weights
		.map(|pallet| pallet.name)
		.filter(|name| {
			let start = format!("impl {name}::Config for Runtime");
			let config = configs.lines().skip_while(|line| !line.starts_with(&start));
			let mut config = config.take_while(|line| !line.starts_with('}'));
			!config.any(|line| line.starts_with("\ttype WeightInfo = weights::"))
		})
		.collect()
}

fn configs() -> String {
	let files = fs::read_dir(root().join("runtime/src/configs")).expect("there are configurations");
	files.map(|file| fs::read_to_string(file.expect("it is readable").path()).expect("it is text")).collect()
}

#[test]
fn the_runtime_charges_what_was_measured() {
	assert_eq!(uncharged(&configs()), Vec::<String>::new());
}

#[test]
fn a_pallet_that_is_charged_otherwise_is_seen() {
	let configs = configs().replace("type WeightInfo = weights::Oracle;", "type WeightInfo = ();");
	assert_eq!(uncharged(&configs), ["keel_oracle"]);
}
