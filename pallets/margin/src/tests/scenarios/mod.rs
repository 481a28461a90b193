// SPDX-License-Identifier: Apache-2.0
//! The scenarios of `docs/spec` that play on margin alone, on a fresh chain each: the rules by example, which cannot
//! grow stale. Those of the whole chain play in the runtime's tests.
//!
//! Nothing is skipped: an unknown word is an error, a scenario ends with an expectation, and a price that is set must
//! land. The invariants of the pallet are checked after every statement.

mod acts;
mod controls;
mod expectations;
mod language;
mod parser;
mod stage;
mod words;

use keel_test_support::spec::{chapters, fail_on, Stage};

#[test]
fn every_scenario_plays() {
	let (chapters, mut faults) = chapters();
	let mut played = 0;
	for chapter in &chapters {
		faults.extend(chapter.playing_on(Stage::Margin).filter_map(|scenario| stage::play(scenario).err()));
		played += chapter.playing_on(Stage::Margin).count();
	}
	assert!(played > 0, "the chapters were read");
	println!("{played} scenarios");
	fail_on(faults);
}
