// SPDX-License-Identifier: Apache-2.0
//! What clients ask of stress tests: what moves of prices would do now, and what they would do after a change.

// The macro repeats the bound of the type parameter.
// It also adds the block to the arguments that a method has.
#![allow(clippy::multiple_bound_locations, clippy::too_many_arguments)]

use alloc::vec::Vec;
use codec::{Decode, DecodeLimit, Encode};
use frame_support::storage::{with_transaction, TransactionOutcome};
use keel_stress_test::{Report, Scenario, ScenarioId};
use keel_traits::Shock;
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{ConstU32, Dispatchable},
	DispatchError,
};

use crate::{constants::limits, Margin, RuntimeCall, RuntimeOrigin, StressTest};

/// How deep calls may lie in one another.
const DEPTH: u32 = 32;

/// A scenario of this chain.
pub type ScenarioOfChain = Scenario<ConstU32<{ limits::SCENARIO_SHOCKS }>>;

/// What a change does to the accounts, whatever prices do.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Effect {
	/// The scenario; nothing: prices stay as they are.
	pub scenario: Option<ScenarioId>,
	/// What it does with the rules of today.
	pub before: Report,
	/// What it does after the change.
	pub after: Report,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum NoEffect {
	/// The bytes are no call of this chain.
	NoCall,
	/// The call fails.
	Fails(DispatchError),
	/// A report cannot be made.
	NoReport(DispatchError),
}

sp_api::decl_runtime_apis! {
	/// Stress tests of this block. Nothing is changed. A report looks at up to 10,000 accounts in each of its rounds, and
	/// `effects` makes two for each scenario: ask it of a node of your own.
	pub trait StressApi {
		/// The library.
		fn scenarios() -> Vec<(ScenarioId, ScenarioOfChain)>;

		/// What a scenario of the library would do, round by round.
		fn stress(scenario: ScenarioId) -> Result<Report, DispatchError>;

		/// What moves of marks, all at once, would do, round by round.
		fn stress_moves(shocks: Vec<Shock>) -> Result<Report, DispatchError>;

		/// What each scenario of the library, and none, does today, and would do after a vote has carried out a call, given
		/// by its bytes.
		fn effects(call: Vec<u8>) -> Result<Vec<Effect>, NoEffect>;
	}
}

/// What no scenario and each of the library does.
fn reports() -> Result<Vec<(Option<ScenarioId>, Report)>, NoEffect> {
	let still = (None, StressTest::moves(Vec::new()));
	let library = StressTest::scenarios().into_iter().map(|(id, _)| (Some(id), StressTest::run(id)));
	let all = core::iter::once(still).chain(library);
	all.map(|(id, report)| Ok((id, report.map_err(NoEffect::NoReport)?))).collect()
}

/// See [`StressApi`].
pub fn effects(call: &[u8]) -> Result<Vec<Effect>, NoEffect> {
	let call =
		RuntimeCall::decode_all_with_depth_limit(DEPTH, &mut &call[..]).map_err(|_| NoEffect::NoCall)?;
	let before = reports()?;
	let tables = Margin::tables();
	let after = with_transaction(|| {
		let done = call.dispatch(RuntimeOrigin::root()).map_err(|failed| NoEffect::Fails(failed.error));
		// Maintenance rates move by steps; what counts is where they will be.
		let after = done.and_then(|_| {
			Margin::reach_maintenance(&tables);
			reports()
		});
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(after))
	})
	.map_err(NoEffect::NoReport)??;
	let pairs = before.into_iter().zip(after);
	Ok(pairs.map(|((scenario, before), (_, after))| Effect { scenario, before, after }).collect())
}
