// SPDX-License-Identifier: Apache-2.0
//! What a call of a vote would do to the accounts that there are, in each scenario of the chain's library.

use super::super::output::table;
use crate::{
	call::Call,
	chain::{self, AtBlock},
	error::Error,
	exchange::{self, Effect, Scenario},
	Result,
};
use serde_json::{json, Value};

/// What is said of it.
pub struct Told {
	/// For people.
	pub lines: Vec<String>,
	/// For programs; nothing when the call would fail.
	pub object: Value,
}

/// Ask the chain.
pub async fn told(at: &AtBlock, call: &Call) -> Result<Told> {
	let bytes = chain::encode(at, call)?;
	match exchange::effects(at, &bytes).await {
		Ok(effects) => Ok(tell(&effects, &exchange::scenarios(at).await?)),
		Err(Error::WouldFail { error, .. }) => Ok(Told {
			lines: vec![format!("carried out now it would fail: {error}")],
			object: json!({ "fails": error.to_string() }),
		}),
		// A runtime of before.
		Err(Error::Missing { .. }) => Ok(Told { lines: vec![], object: Value::Null }),
		Err(error) => Err(error),
	}
}

fn tell(effects: &[Effect], library: &[Scenario]) -> Told {
	let name = |effect: &Effect| match effect.scenario {
		None => "prices as they are".to_owned(),
		Some(id) => {
			let scenario = library.iter().find(|scenario| scenario.id == id);
			scenario.map_or_else(|| id.to_string(), |scenario| scenario.name.clone())
		}
	};
	let objects: Vec<_> = effects
		.iter()
		.map(|effect| {
			let report = |report: &exchange::Report| {
				let toll = report.last();
				json!({
					"liquidatable": toll.accounts, "notional": toll.notional(), "bankrupt": toll.bankrupt,
					"shortfall": toll.shortfall, "cut_short": toll.cut_short, "stands_still": report.stands_still,
				})
			};
			json!({
				"scenario": effect.scenario, "name": name(effect), "before": report(&effect.before),
				"after": report(&effect.after),
			})
		})
		.collect();
	let changed: Vec<_> = effects.iter().filter(|effect| effect.before != effect.after).collect();
	if changed.is_empty() {
		let lines = vec!["it changes nothing for any account, in no scenario of this chain".to_owned()];
		return Told { lines, object: Value::Array(objects) };
	}
	let rows = effects.iter().map(|effect| {
		let (before, after) = (effect.before.last(), effect.after.last());
		vec![
			name(effect),
			format!("{} -> {}", before.accounts, after.accounts),
			format!("{} -> {}", before.notional(), after.notional()),
			format!("{} -> {}", before.bankrupt, after.bankrupt),
			format!("{} -> {}", before.shortfall, after.shortfall),
		]
	});
	let header = ["scenario", "liquidatable", "to close", "bankrupt", "need of the funds"];
	let mut lines = vec![table(&header, rows.collect()).to_string()];
	let at_once = effects.iter().find(|effect| effect.scenario.is_none());
	let newly = at_once
		.map_or(0, |effect| effect.after.last().accounts.saturating_sub(effect.before.last().accounts));
	if newly > 0 {
		lines.push(format!(
			"IT LIQUIDATES by itself, at the prices of now when its rates are reached: {newly} more"
		));
	}
	lines.push("dollars, with what closing adds; `keelctl stress` says more of a scenario".to_owned());
	Told { lines, object: Value::Array(objects) }
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		exchange::{Report, Round, Toll},
		units::SignedDollars,
	};

	fn report(accounts: u32) -> Report {
		let toll =
			Toll { accounts, bankrupt: 0, shortfall: SignedDollars(0), to_close: vec![], cut_short: false };
		Report { rounds: vec![Round { shocks: vec![], toll }], stands_still: true }
	}

	fn effect(scenario: Option<u32>, before: u32, after: u32) -> Effect {
		Effect { scenario, before: report(before), after: report(after) }
	}

	#[test]
	fn who_is_liquidated_by_the_change_itself_is_said_aloud() {
		let library = [Scenario { id: 4, name: "a bad day".to_owned(), shocks: vec![], correlation: 0 }];
		let told = tell(&[effect(None, 1, 3), effect(Some(4), 5, 9)], &library);
		let text = told.lines.join("\n");
		for part in [
			"a bad day",
			"5 -> 9",
			"IT LIQUIDATES by itself, at the prices of now when its rates are reached: 2 more",
		] {
			assert!(text.contains(part), "{part}: {text}");
		}
		assert_eq!(told.object[1]["after"]["liquidatable"], 9);
	}

	#[test]
	fn what_changes_nothing_says_so_in_one_line() {
		let told = tell(&[effect(None, 0, 0), effect(Some(4), 5, 5)], &[]);
		assert_eq!(told.lines, ["it changes nothing for any account, in no scenario of this chain"]);
	}
}
