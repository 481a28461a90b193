// SPDX-License-Identifier: Apache-2.0
//! Where a scenario plays: a fresh chain, the names it has given orders, and what is about to happen.

use super::{
	chain::*,
	language::{Statement, Who},
	parser::statement,
};
use crate::OrderId;
use frame_support::storage::{with_transaction, TransactionOutcome};
use keel_primitives::MarketId;
use keel_test_support::spec::{Fault, Scenario};
use sp_runtime::{DispatchError, StateVersion};
use std::collections::{BTreeMap, BTreeSet};

/// What a statement answers when it is not as it should be.
pub type Played = Result<(), String>;

/// What there is besides the chain.
#[derive(Default)]
pub struct Stage {
	/// Whose orders are called what.
	pub orders: BTreeMap<String, (Who, OrderId)>,
	/// Markets whose price lands with the next block.
	pub landing: BTreeSet<MarketId>,
}

/// Play a scenario on a fresh chain, statement by statement.
pub fn play(scenario: &Scenario) -> Result<(), Fault> {
	let at = |line, what| Fault { file: scenario.file.clone(), line, what };
	let mut played = Ok(());
	build(|| {
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
	pub fn statement(&mut self, statement: &Statement) -> Played {
		match statement {
			Statement::Act(act) => {
				System::reset_events();
				self.act(act).map_err(|error| format!("refused with {error}"))?;
				check().map_err(|error| format!("an invariant is broken: {error}"))
			}
			Statement::Refused(error, act) => {
				System::reset_events();
				let before = state();
				match self.act(act) {
					Err(found) if found == *error => {}
					Err(found) => return Err(format!("refused with {found}")),
					Ok(()) => return Err("it was not refused".into()),
				}
				if state() != before {
					return Err("it was refused, and has changed the state".into());
				}
				check()
			}
			// Looking at something changes nothing.
			Statement::Expect(expectation) => with_transaction(|| {
				TransactionOutcome::Rollback(Ok::<_, DispatchError>(self.expect(expectation)))
			})
			.unwrap_or_else(|error| Err(format!("{error:?}"))),
		}
	}

	/// Nothing is left that was to happen.
	fn end(&self) -> Played {
		if self.landing.is_empty() {
			Ok(())
		} else {
			Err("expected a block in which the last price lands".into())
		}
	}
}
