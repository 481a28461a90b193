// SPDX-License-Identifier: Apache-2.0
//! Stress tests: what the chain says that moves of prices, or a change, would do to the accounts that there are.

use super::{
	forecast::{accepted, moves_value},
	read::{dollars, odd, unsigned},
};
use crate::{
	chain::{self, AtBlock},
	error::{Dispatch, Error, Result},
	units::{Price, SignedDollars, SignedPercent},
	value::{self, Decoded},
};
use subxt::ext::scale_value::Value;

/// A scenario of the chain's library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
	/// Its id.
	pub id: u32,
	/// What it is called.
	pub name: String,
	/// Feeds and their moves.
	pub shocks: Vec<(u32, SignedPercent)>,
	/// Which part of the largest move all other feeds make, in parts per million.
	pub correlation: u32,
}

/// What would have to be closed in a market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToClose {
	/// The market.
	pub market: u32,
	/// Its mark price after the move.
	pub mark: Price,
	/// The notional of longs.
	pub long: SignedDollars,
	/// The notional of shorts.
	pub short: SignedDollars,
}

/// What moves would do to the accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toll {
	/// How many would become unhealthy.
	pub accounts: u32,
	/// How many of these would owe more than they own.
	pub bankrupt: u32,
	/// What these could not pay.
	pub shortfall: SignedDollars,
	/// What would have to be closed.
	pub to_close: Vec<ToClose>,
	/// Whether the figures are too low, because there are more accounts than one question looks at.
	pub cut_short: bool,
}

impl Toll {
	/// The notional of all that would have to be closed.
	pub fn notional(&self) -> SignedDollars {
		let sum = self.to_close.iter().map(|to_close| to_close.long.0.saturating_add(to_close.short.0));
		SignedDollars(sum.fold(0, i128::saturating_add))
	}
}

/// Moves, and what they would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
	/// Markets and their moves.
	pub shocks: Vec<(u32, SignedPercent)>,
	/// What they would do.
	pub toll: Toll,
}

/// What a scenario would do, round by round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
	/// First the scenario alone, then with what closing adds.
	pub rounds: Vec<Round>,
	/// Whether closing adds nothing any more.
	pub stands_still: bool,
}

impl Report {
	/// The scenario alone.
	pub fn first(&self) -> &Toll {
		&self.rounds[0].toll
	}

	/// With all that closing adds.
	pub fn last(&self) -> &Toll {
		&self.rounds[self.rounds.len() - 1].toll
	}

	fn read(view: &Decoded) -> Option<Self> {
		let rounds = value::items(value::field(view, "rounds")?).into_iter().map(|round| {
			Some(Round {
				shocks: moves(value::field(round, "shocks")?, "market")?,
				toll: toll(value::field(round, "toll")?)?,
			})
		});
		let rounds: Vec<_> = rounds.collect::<Option<_>>()?;
		let stands_still = value::field(view, "stands_still").and_then(Value::as_bool)?;
		(!rounds.is_empty()).then_some(Self { rounds, stands_still })
	}
}

/// What a scenario does before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
	/// The scenario; nothing: prices stay as they are.
	pub scenario: Option<u32>,
	/// With the rules of today.
	pub before: Report,
	/// After the change.
	pub after: Report,
}

fn moves(list: &Decoded, of: &str) -> Option<Vec<(u32, SignedPercent)>> {
	let read = |shock: &Decoded| {
		let by = value::field(shock, "by").and_then(value::signed)?;
		Some((unsigned(shock, of)?.try_into().ok()?, SignedPercent(by.try_into().ok()?)))
	};
	value::items(list).into_iter().map(read).collect()
}

fn toll(view: &Decoded) -> Option<Toll> {
	let to_close = value::items(value::field(view, "to_close")?).into_iter().map(|entry| {
		Some(ToClose {
			market: unsigned(entry, "market")?.try_into().ok()?,
			mark: Price(unsigned(entry, "mark")?),
			long: dollars(entry, "long")?,
			short: dollars(entry, "short")?,
		})
	});
	Some(Toll {
		accounts: unsigned(view, "accounts")?.try_into().ok()?,
		bankrupt: unsigned(view, "bankrupt")?.try_into().ok()?,
		shortfall: dollars(view, "shortfall")?,
		to_close: to_close.collect::<Option<_>>()?,
		cut_short: value::field(view, "cut_short").and_then(Value::as_bool)?,
	})
}

/// The chain's library.
pub async fn scenarios(at: &AtBlock) -> Result<Vec<Scenario>> {
	let answer = chain::runtime_api(at, "StressApi", "scenarios", vec![]).await?;
	let read = |pair: &Decoded| {
		let parts = value::items(pair);
		let (id, scenario) = (parts.first()?, parts.get(1)?);
		Some(Scenario {
			id: value::unsigned(value::inner(id))?.try_into().ok()?,
			name: String::from_utf8_lossy(&value::bytes(value::field(scenario, "name")?)?).into_owned(),
			// A bounded list is a list in a struct of one field.
			shocks: moves(value::items(value::field(scenario, "shocks")?).first()?, "feed")?,
			correlation: unsigned(scenario, "correlation")?.try_into().ok()?,
		})
	};
	let all = value::items(&answer).into_iter().map(read).collect::<Option<Vec<_>>>();
	all.ok_or_else(|| odd("scenarios"))
}

/// What a scenario of the library would do.
pub async fn stress(at: &AtBlock, scenario: u32) -> Result<Report> {
	let answer = chain::runtime_api(at, "StressApi", "stress", vec![Value::u128(scenario.into())]).await?;
	Report::read(&accepted(at, "this stress test", &answer)?).ok_or_else(|| odd("stress"))
}

/// What moves of marks, all at once, would do.
pub async fn stress_moves(at: &AtBlock, shocks: &[(u32, SignedPercent)]) -> Result<Report> {
	let answer = chain::runtime_api(at, "StressApi", "stress_moves", vec![moves_value(shocks)]).await?;
	Report::read(&accepted(at, "this stress test", &answer)?).ok_or_else(|| odd("stress_moves"))
}

/// What a call of a vote, by its bytes, would do to the accounts, with each scenario of the library and without.
pub async fn effects(at: &AtBlock, call: &[u8]) -> Result<Vec<Effect>> {
	let answer = chain::runtime_api(at, "StressApi", "effects", vec![Value::from_bytes(call)]).await?;
	let content = value::items_of_variant(&answer).next();
	let effects = match (value::variant(&answer), content) {
		(Some("Ok"), Some(effects)) => effects,
		(Some("Err"), Some(error)) => {
			return Err(match (value::variant(error), value::items_of_variant(error).next()) {
				(Some("Fails" | "NoReport"), Some(error)) => Error::WouldFail {
					what: "the change",
					error: Dispatch::from_value(error, at.metadata_ref()),
				},
				_ => Error::Node("the chain does not know the call".to_owned()),
			})
		}
		_ => return Err(odd("effects")),
	};
	let read = |effect: &Decoded| {
		let scenario = match value::some(value::field(effect, "scenario")?) {
			Some(id) => Some(value::unsigned(value::inner(id))?.try_into().ok()?),
			None => None,
		};
		Some(Effect {
			scenario,
			before: Report::read(value::field(effect, "before")?)?,
			after: Report::read(value::field(effect, "after")?)?,
		})
	};
	let all = value::items(effects).into_iter().map(read).collect::<Option<Vec<_>>>();
	all.ok_or_else(|| odd("effects"))
}
