// SPDX-License-Identifier: Apache-2.0
//! The scenarios of `docs/spec` that play on the order book: the rules by example, on the real pallet of margin.
//!
//! Nothing is skipped: an unknown word is an error, a scenario ends with an expectation, and a price that is set must
//! land. The invariants of both pallets are checked after every act, and a refusal must leave the state as it was.

mod acts;
mod chain;
mod controls;
mod expectations;
mod faults;
mod language;
mod parser;
mod stage;

use keel_test_support::spec::{chapters, fail_on, Stage};

#[test]
fn every_scenario_plays() {
	let (chapters, mut faults) = chapters();
	let mut played = 0;
	for chapter in &chapters {
		faults.extend(chapter.playing_on(Stage::Book).filter_map(|scenario| stage::play(scenario).err()));
		played += chapter.playing_on(Stage::Book).count();
	}
	assert!(played > 0, "the chapters were read");
	println!("{played} scenarios");
	fail_on(faults);
}
