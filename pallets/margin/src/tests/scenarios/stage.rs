// SPDX-License-Identifier: Apache-2.0
//! Where a scenario plays: a fresh chain, and what is about to happen on it.

use super::{
	language::{Statement, Who},
	parser::statement,
};
use crate::{mock::*, Event, Triggers};
use frame_support::storage::{with_transaction, TransactionOutcome};
use keel_primitives::{FeedId, Quote};
use keel_test_support::spec::{Fault, Scenario};
use keel_traits::Observation;
use sp_runtime::{DispatchError, StateVersion};
use std::collections::BTreeSet;

/// What a statement answers when it is not as it should be.
pub type Played = Result<(), String>;

/// What there is besides the chain.
#[derive(Default)]
pub struct Stage {
	/// Prices that land with the next block.
	pub landing: Vec<(FeedId, Observation)>,
	/// By how much the books are wrong on purpose.
	pub miscounted: Quote,
	/// The trigger book before the last act.
	keys_before: BTreeSet<Vec<u8>>,
}

/// Play a scenario on a fresh chain, statement by statement.
pub fn play(scenario: &Scenario) -> Result<(), Fault> {
	let at = |line, what| Fault { file: scenario.file.clone(), line, what };
	let mut played = Ok(());
	build_without_check(|| {
		let mut stage = Stage::default();
		played = scenario
			.steps
			.iter()
			.try_for_each(|step| {
				let statement = statement(&step.text).map_err(|what| at(step.line, what))?;
				let outcome = stage.statement(&statement);
				outcome.map_err(|what| at(step.line, format!("`{}`: {what}", step.text)))
			})
			.and_then(|()| stage.end().map_err(|what| at(scenario.line, what)));
	});
	played
}

fn state() -> Vec<u8> {
	sp_io::storage::root(StateVersion::V1)
}

impl Stage {
	fn statement(&mut self, statement: &Statement) -> Played {
		match statement {
			Statement::Act(act) => {
				self.begin();
				self.act(act).map_err(|error| format!("refused with {error}"))?;
				self.check()
			}
			Statement::Refused(error, act) => {
				self.begin();
				let before = state();
				match self.act(act) {
					Err(found) if found == *error => {}
					Err(found) => return Err(format!("refused with {found}")),
					Ok(()) => return Err("it was not refused".into()),
				}
				if state() != before {
					return Err("it was refused, and has changed the state".into());
				}
				self.check()
			}
			// Looking at something changes nothing: not even what a touch would settle.
			Statement::Expect(expectation) => with_transaction(|| {
				TransactionOutcome::Rollback(Ok::<_, DispatchError>(self.expect(expectation)))
			})
			.unwrap_or_else(|error| Err(format!("{error:?}"))),
		}
	}

	/// An act begins: what is asked about "the last act" is counted from here.
	fn begin(&mut self) {
		System::reset_events();
		self.keys_before = Self::keys();
	}

	/// The invariants hold, or see what is wrong on purpose.
	pub fn check(&self) -> Played {
		match (Margin::do_try_state(), self.miscounted.is_zero()) {
			(Ok(()), true) | (Err(_), false) => Ok(()),
			(Err(error), true) => Err(format!("an invariant is broken: {error:?}")),
			(Ok(()), false) => Err("the invariants do not see what was miscounted".into()),
		}
	}

	/// Nothing is left that was to happen.
	fn end(&self) -> Played {
		if !self.landing.is_empty() {
			return Err("expected a block in which the last price lands".into());
		}
		if !self.miscounted.is_zero() {
			return Err("expected what was miscounted to be put right".into());
		}
		Ok(())
	}

	fn keys() -> BTreeSet<Vec<u8>> {
		Triggers::<Test>::iter_keys().map(Triggers::<Test>::hashed_key_for).collect()
	}

	/// Whether the last act has written a key.
	pub fn has_written_keys(&self) -> bool {
		Self::keys() != self.keys_before
	}

	/// Whose margin call the last act has made.
	pub fn called() -> Vec<Who> {
		let called = |event| match event {
			RuntimeEvent::Margin(Event::MarginCalled { account, .. }) => Some(account),
			_ => None,
		};
		System::events().into_iter().filter_map(|record| called(record.event)).collect()
	}
}
