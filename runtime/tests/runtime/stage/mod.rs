// SPDX-License-Identifier: Apache-2.0
//! The scenarios of `docs/spec` that play on the whole chain: the rules by example, in blocks as validators make them.
//!
//! Each plays on a fresh chain with the genesis of `local`, where every body has several members. After every block all
//! invariants of all pallets hold. `docs/spec/README.md` lists the statements. Nothing is skipped: an unknown word, error
//! or event is an error.

mod acts;
mod bodies;
mod calls;
mod controls;
mod expectations;
mod names;
mod words;

use super::chain::{leave, Left};
use keel_primitives::Price;
use keel_runtime::RuntimeEvent;
use keel_test_support::spec::{self, chapters, fail_on, Fault, Scenario};
use sp_keyring::Sr25519Keyring;
use std::{
	collections::{BTreeMap, BTreeSet},
	sync::LazyLock,
};

/// Why a statement is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fail {
	/// It says nothing that is known.
	Unread(String),
	/// A call was refused, with the error of this name.
	Refused(String),
	/// It is not so.
	Wrong(String),
}

impl Fail {
	/// In words, with the statement where that says more.
	fn told(self, statement: &str) -> String {
		match self {
			Self::Unread(what) => what,
			Self::Refused(error) => format!("`{statement}`: refused with {error}"),
			Self::Wrong(what) => format!("`{statement}`: {what}"),
		}
	}
}

impl From<String> for Fail {
	fn from(unread: String) -> Self {
		Self::Unread(unread)
	}
}

pub type Read<T> = Result<T, Fail>;

/// What there is besides the chain.
pub struct Stage {
	/// What everybody sees each market's price at.
	prices: [Price; 3],
	/// Who sees something else.
	apart: BTreeMap<Sr25519Keyring, [Price; 3]>,
	/// Which members of the oracle report in no block.
	silent: BTreeSet<Sr25519Keyring>,
	/// The events of the last act, all its blocks included.
	events: Vec<RuntimeEvent>,
	/// How many events this block had when the last act began.
	seen: usize,
}

impl Default for Stage {
	fn default() -> Self {
		Self {
			prices: [8_000, 200, 20].map(Price::dollars),
			apart: BTreeMap::new(),
			silent: BTreeSet::new(),
			events: Vec::new(),
			seen: 0,
		}
	}
}

impl Stage {
	/// Play a statement.
	fn statement(&mut self, text: &str) -> Read<()> {
		let words: Vec<_> = text.split_whitespace().collect();
		match &words[..] {
			["expect", expected @ ..] => self.expect(expected),
			["refused", error, act @ ..] if error.ends_with(':') => {
				let expected = names::known_error(error.trim_end_matches(':'))?;
				match self.act(act) {
					Err(Fail::Refused(found)) if found == expected => Ok(()),
					Err(Fail::Refused(found)) => Err(Fail::Wrong(format!("refused with {found}"))),
					Err(other) => Err(other),
					Ok(()) => Err(Fail::Wrong("it was not refused".into())),
				}
			}
			act => self.act(act),
		}
	}
}

/// A fresh chain.
static FRESH: LazyLock<Left> = LazyLock::new(|| leave("local", || {}));
/// One whose markets have opened.
static OPEN: LazyLock<Left> = LazyLock::new(|| {
	leave("local", || Stage::default().act(&["markets", "open"]).expect("everybody reports"))
});

/// Play a scenario on a fresh chain, statement by statement.
fn play(scenario: &Scenario) -> Result<(), Fault> {
	let mut played = Ok(());
	// Most begin so: it is done once for all of them.
	let opens = scenario.steps.first().is_some_and(|step| step.text == "markets open");
	let (from, steps) = if opens { (&OPEN, &scenario.steps[1..]) } else { (&FRESH, &scenario.steps[..]) };
	from.go_on(|| {
		let mut stage = Stage::default();
		played = steps.iter().try_for_each(|step| {
			let fault = |fail: Fail| Fault {
				file: scenario.file.clone(),
				line: step.line,
				what: fail.told(&step.text),
			};
			stage.statement(&step.text).map_err(fault)
		});
	});
	played
}

#[test]
fn every_rule_is_shown() {
	let (chapters, mut faults) = chapters();
	faults.extend(spec::faults(&chapters, spec::text_of));
	fail_on(faults);
}

#[test]
fn every_scenario_of_the_whole_chain_plays() {
	let (chapters, mut faults) = chapters();
	let mut played = 0;
	for chapter in &chapters {
		faults.extend(chapter.playing_on(spec::Stage::Chain).filter_map(|scenario| play(scenario).err()));
		played += chapter.playing_on(spec::Stage::Chain).count();
	}
	assert!(played > 0, "the chapters were read");
	println!("{played} scenarios");
	fail_on(faults);
}
