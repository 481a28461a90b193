// SPDX-License-Identifier: Apache-2.0
//! Random histories of votes: no change takes effect earlier than its class allows, whatever is tried.

use std::collections::BTreeMap;

use crate::{mock::*, Class, Event, PerClass, Referenda, Timetable};
use frame_support::weights::Weight;
use proptest::prelude::*;

/// What somebody tries.
#[derive(Clone, Debug)]
enum Try {
	/// Table a call: its letter, how deep it is hidden.
	Table(u8, u8),
	/// End a vote as passed, asking for a delay.
	Pass(usize, u64),
	/// End a vote as not passed.
	Fail(usize),
	/// A guardian cancels.
	Cancel(usize),
	/// Somebody enacts by himself, as root's own call inside a batch would.
	Enact(usize),
	/// Nobody can withdraw, or everybody can.
	Shut(bool),
	/// Blocks pass.
	Blocks(u64),
}

fn tries() -> impl Strategy<Value = Try> {
	prop_oneof![
		3 => (prop::sample::select(b"soec?".to_vec()), 0u8..4).prop_map(|(letter, deep)| Try::Table(letter, deep)),
		3 => (0usize..20, 0u64..80).prop_map(|(which, delay)| Try::Pass(which, delay)),
		1 => (0usize..20).prop_map(Try::Fail),
		1 => (0usize..20).prop_map(Try::Cancel),
		1 => (0usize..20).prop_map(Try::Enact),
		1 => any::<bool>().prop_map(Try::Shut),
		3 => (1u64..30).prop_map(Try::Blocks),
	]
}

/// What is known of the votes, kept beside the pallet.
struct Seen {
	least: PerClass<u64>,
	classes: BTreeMap<u32, Class>,
	passed: BTreeMap<u32, u64>,
}

impl Seen {
	/// Look at what happened in this block.
	fn look(&mut self) -> Result<(), TestCaseError> {
		for event in events() {
			if let Event::Enacted { referendum, class, .. } = event {
				let expected = self.classes[&referendum];
				prop_assert_eq!(class, expected);
				let waited = System::block_number() - self.passed[&referendum];
				let least = self.least.of(expected);
				prop_assert!(waited >= least, "{:?} after {} blocks, not {}", expected, waited, least);
			}
		}
		System::reset_events();
		Ok(())
	}
}

fn class_of(letter: u8) -> Option<Class> {
	Some(match letter {
		b's' => Class::Emergency,
		b'o' => Class::Operational,
		b'e' => Class::Economic,
		b'c' => Class::Constitutional,
		_ => return None,
	})
}

/// Play a history on a chain with the given timetable, and expect the delays of this file's.
fn run(timetable: Timetable<u64>, history: Vec<Try>) -> Result<(), TestCaseError> {
	chain(Some(timetable)).execute_with(|| {
		let least = TIMETABLE.least_delay;
		let mut seen = Seen { least, classes: BTreeMap::new(), passed: BTreeMap::new() };
		for (step, attempt) in history.into_iter().enumerate() {
			play(step, attempt, &mut seen)?;
			seen.look()?;
		}
		Ok(())
	})
}

/// The vote that `which` points at among those there were, and whether it is open.
fn pick(which: usize) -> Option<(u32, bool)> {
	let index = u32::try_from(which).ok()?.checked_rem(Votes::count())?;
	Some((index, Votes::proposal(index).is_some()))
}

fn play(step: usize, attempt: Try, seen: &mut Seen) -> Result<(), TestCaseError> {
	match attempt {
		Try::Table(letter, deep) => {
			let mut call = remark(letter, 1 + step);
			for _ in 0..deep {
				call = pallet_utility::Call::batch { calls: vec![remark(b's', 1), call] }.into();
			}
			let index = table(&call);
			if let Some(class) = class_of(letter) {
				seen.classes.insert(index, class);
			}
		}
		Try::Pass(which, delay) => {
			if let Some((index, true)) = pick(which) {
				seen.passed.insert(index, System::block_number());
				let _ = pass(index, delay);
			}
		}
		Try::Fail(which) => {
			if let Some((index, true)) = pick(which) {
				end(index);
			}
		}
		Try::Cancel(which) => {
			if let Some((index, _)) = pick(which) {
				let _ = ChangeControl::cancel(RuntimeOrigin::signed(9), index);
			}
		}
		Try::Enact(which) => {
			if let Some((index, _)) = pick(which) {
				let _ = ChangeControl::enact(RuntimeOrigin::root(), index, Weight::MAX);
			}
		}
		Try::Shut(now) => shut(now),
		Try::Blocks(count) => {
			for _ in 0..count {
				seen.look()?;
				next_block();
			}
		}
	}
	Ok(())
}

proptest! {
	#[test]
	fn no_change_takes_effect_before_its_time(history in prop::collection::vec(tries(), 1..60)) {
		run(TIMETABLE, history)?;
	}
}

#[test]
fn the_search_finds_a_delay_that_is_not_kept() {
	let mut forgotten = TIMETABLE;
	forgotten.least_delay.economic = forgotten.least_delay.operational;
	let mut runner = proptest::test_runner::TestRunner::deterministic();
	let found = runner.run(&prop::collection::vec(tries(), 1..60), |history| run(forgotten, history));
	assert!(found.is_err(), "a missing guard is not noticed");
}
