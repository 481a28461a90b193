// SPDX-License-Identifier: Apache-2.0
//! What a vote would change, what waits in its timelock, and why one was refused.

use crate::{
	call::Call,
	chain::{self, AtBlock, Chain},
	error::{Error, Result},
	units::Keel,
	value::{self, Decoded},
};
use subxt::ext::scale_value::Value;

/// What a call would be as a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
	/// Emergency, Operational, Economic or Constitutional.
	pub class: String,
	/// How many blocks it waits at least when it has passed.
	pub delay: u64,
	/// How much must take part in the vote.
	pub turnout: Keel,
	/// The time it declares to take, in picoseconds.
	pub weight: u128,
}

/// A change that is being voted on or waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
	/// Its referendum.
	pub referendum: u32,
	/// What it changes.
	pub class: String,
	/// The block it is due in; none while it is being voted on.
	pub due: Option<u64>,
}

fn odd(function: &'static str) -> Error {
	Error::Node(format!("ChangeControl.{function} answered in another form than this keelctl knows"))
}

fn number(value: &Decoded, name: &str) -> Option<u64> {
	value::field(value, name).and_then(value::unsigned).and_then(|number| u64::try_from(number).ok())
}

/// What `call` would be as a change; an error that says which call in it is refused, and why.
pub async fn forecast(at: &AtBlock, call: &Call) -> Result<Forecast> {
	let bytes = chain::encode(at, call)?;
	let answer = chain::view(at, "ChangeControl", "forecast", vec![Value::from_bytes(bytes)]).await?;
	let content = value::items_of_variant(&answer).next().ok_or_else(|| odd("forecast"))?;
	if value::variant(&answer) == Some("Err") {
		return Err(Error::Governance {
			problem: format!("no vote carries {}: {}", chain::name(call), refusal_text(content)),
			help: "docs/spec/governance.md lists what a vote may do, and how long it waits.".to_owned(),
		});
	}
	read_forecast(content).ok_or_else(|| odd("forecast"))
}

fn read_forecast(content: &Decoded) -> Option<Forecast> {
	Some(Forecast {
		class: value::field(content, "class").and_then(value::variant)?.to_owned(),
		delay: number(content, "delay")?,
		turnout: Keel(value::field(content, "turnout").and_then(value::unsigned)?),
		weight: weight(value::field(content, "weight")?)?,
	})
}

fn weight(value: &Decoded) -> Option<u128> {
	value::field(value, "ref_time").and_then(value::unsigned)
}

/// What is being voted on or waits, by referendum.
pub async fn queue(at: &AtBlock) -> Result<Vec<Change>> {
	let answer = chain::view(at, "ChangeControl", "changes", vec![]).await?;
	let read = |entry: &Decoded| {
		let [index, change] = value::items(entry)[..] else { return None };
		let stage = value::field(change, "stage")?;
		Some(Change {
			referendum: value::unsigned(index)?.try_into().ok()?,
			class: value::field(change, "class").and_then(value::variant)?.to_owned(),
			due: number(stage, "due"),
		})
	};
	value::items(&answer).into_iter().map(read).collect::<Option<_>>().ok_or_else(|| odd("changes"))
}

/// The block in which the change of a referendum is due, when it waits.
pub async fn due(at: &AtBlock, referendum: u32) -> Result<Option<u64>> {
	Ok(queue(at)
		.await?
		.into_iter()
		.find(|change| change.referendum == referendum)
		.and_then(|change| change.due))
}

/// Why nothing comes of a referendum, when that was said in `from` or a later block.
pub async fn refusal(chain: &Chain, referendum: u32, from: u64) -> Result<Option<String>> {
	for block in from..=chain.best_number().await? {
		let events = chain::events(&chain.at_number(block).await?).await?;
		let refused = events
			.iter()
			.filter(|event| event.is("ChangeControl", "Refused"))
			.find(|event| event.number("referendum") == Some(referendum.into()));
		if let Some(event) = refused {
			let call = event.field("call").and_then(value::bytes).unwrap_or_default();
			let reason = event.field("reason").map(reason_text).unwrap_or_default();
			return Ok(Some(said(&call, &reason)));
		}
	}
	Ok(None)
}

/// A refusal: which call, and why.
fn refusal_text(refusal: &Decoded) -> String {
	let call = value::field(refusal, "call")
		.map(|call| value::bytes(value::inner(call)).or_else(|| value::bytes(call)));
	let reason = value::field(refusal, "reason").map(reason_text).unwrap_or_default();
	said(&call.flatten().unwrap_or_default(), &reason)
}

fn said(call: &[u8], reason: &str) -> String {
	if call.is_empty() {
		reason.to_owned()
	} else {
		format!("{}: {reason}", String::from_utf8_lossy(call))
	}
}

/// A reason in a sentence.
fn reason_text(reason: &Decoded) -> String {
	let amount = |name: &str| value::field(reason, name).and_then(value::unsigned).unwrap_or_default();
	let time = |name: &str| value::field(reason, name).and_then(weight).unwrap_or_default() / 1_000_000;
	match value::variant(reason).unwrap_or("of an unknown kind") {
		"NeverAllowed" => "it passes by all rules, and no vote carries it".to_owned(),
		"Unlisted" => "it is on no list of what may be voted".to_owned(),
		"NeedsAnAccount" => "only an account can send it".to_owned(),
		"ActsForAnother" => "it acts for an account that no vote acts for".to_owned(),
		"AboveItsCap" => format!("it asks for {}, and {} is the most", amount("asked"), amount("most")),
		"OutOfBounds" => "what it sets is out of its bounds".to_owned(),
		"PaysAPallet" => "it pays an account of a pallet, where nobody could spend it".to_owned(),
		"TooManyCalls" => "there are more calls in it than are looked at; vote on them apart".to_owned(),
		"Unreadable" => {
			"its bytes are not stored, too many, or no call of this runtime: note the preimage first"
				.to_owned()
		}
		"TooHeavy" => format!(
			"it declares {} microseconds, and the scheduler has {}: split it",
			time("weight"),
			time("most")
		),
		"Blacklisted" => "it was vetoed or blacklisted, and still is".to_owned(),
		"TurnoutTooLow" => {
			format!("{} KEEL took part, and {} must", Keel(amount("voted")), Keel(amount("needed")))
		}
		"TooManyOpen" => "too many referenda are open; try again when one is over".to_owned(),
		"NotTabled" => "it was never looked at".to_owned(),
		"MeansSomethingElse" => {
			"the runtime was upgraded meanwhile, and its bytes mean something else now".to_owned()
		}
		"NoRoom" => "no block within reach has room for it".to_owned(),
		other => other.to_owned(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_reason_is_a_sentence_with_its_figures() {
		let plain = |name: &str| Value::unnamed_variant(name, []);
		assert!(reason_text(&plain("NeverAllowed")).contains("no vote"));
		assert_eq!(reason_text(&plain("Invented")), "Invented");
		let dust = Value::named_variant(
			"TurnoutTooLow",
			[("voted", Value::u128(1_500_000_000_000)), ("needed", Value::u128(12_000_000_000_000))],
		);
		assert_eq!(
			reason_text(&dust),
			format!("{} KEEL took part, and {} must", Keel(1_500_000_000_000), Keel(12_000_000_000_000))
		);
		assert_eq!(said(b"System.set_storage", "why"), "System.set_storage: why");
		assert_eq!(said(b"", "why"), "why");
	}
}
