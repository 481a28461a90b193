// SPDX-License-Identifier: Apache-2.0
//! What a vote would change, what waits in its timelock, and why one was refused.

use super::referendum::proposal_hash;
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
	/// The hash of its call.
	pub hash: [u8; 32],
	/// What it changes.
	pub class: String,
	/// The timelock; none while it is being voted on.
	pub waits: Option<Timelock>,
}

/// The timelock of a change that has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timelock {
	/// The block it is due in.
	pub due: u64,
	/// For how many blocks nobody could withdraw, of all the chain's, when that block was set.
	stood_still: u64,
	/// For how many blocks it has been held up for that.
	held: u64,
}

impl Change {
	/// Whether people may want to leave before it, so that its timelock stands still while they cannot.
	pub fn leaves_a_way_out(&self) -> bool {
		matches!(self.class.as_str(), "Economic" | "Constitutional")
	}
}

/// What the chain's timetable says of changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timetable {
	/// Whether the Technical Committee may give a proposal of the Council a shorter vote.
	pub fast_track: bool,
	/// For how long a timelock stands still at most.
	pub longest_standstill: u64,
	/// What must take part in a vote by class, in millionths of all KEEL.
	turnout: [(&'static str, u128); 4],
}

impl Timetable {
	/// As it is on chain.
	pub async fn read(at: &AtBlock) -> Result<Self> {
		let table = chain::storage(at, "ChangeControl", "Timetables", vec![]).await?;
		table.as_ref().and_then(Self::from_value).ok_or_else(|| odd("Timetables"))
	}

	fn from_value(table: &Decoded) -> Option<Self> {
		let least = value::field(table, "least_turnout")?;
		let part = |class, name: &str| Some((class, value::field(least, name).and_then(value::unsigned)?));
		Some(Self {
			fast_track: value::field(table, "fast_track").and_then(Value::as_bool)?,
			longest_standstill: number(table, "longest_standstill")?,
			turnout: [
				part("Emergency", "emergency")?,
				part("Operational", "operational")?,
				part("Economic", "economic")?,
				part("Constitutional", "constitutional")?,
			],
		})
	}

	/// How much must take part in a vote on a change of this class, of all there is.
	pub fn turnout(&self, class: &str, issuance: Keel) -> Option<Keel> {
		let (_, millionths) = self.turnout.iter().find(|(name, _)| *name == class)?;
		// In two parts: all KEEL times a million may be more than a number holds.
		let (whole, rest) = (issuance.0 / 1_000_000, issuance.0 % 1_000_000);
		Some(Keel(whole.checked_mul(*millionths)? + (rest * millionths).div_ceil(1_000_000)))
	}
}

/// Why timelocks stand still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standstill {
	/// What keeps people from withdrawing now; none when nothing does.
	pub reason: Option<String>,
	/// For how many blocks of the chain's life nobody could withdraw while a change waited.
	stood_still: u64,
	/// For how long a timelock is held up at most.
	longest: u64,
}

impl Standstill {
	/// As it is now.
	pub async fn read(at: &AtBlock, chain: &Chain) -> Result<Self> {
		let stood_still = stood_still(at).await?;
		let longest = Timetable::read(at).await?.longest_standstill;
		let Some(before) = at.block_number().checked_sub(1) else {
			return Ok(Self { reason: None, stood_still, longest });
		};
		// It is counted in each block, so a block that has counted one more says that it goes on.
		let counts = self::stood_still(&chain.at_number(before).await?).await? < stood_still;
		let reason = if counts { Some(shut(at).await?) } else { None };
		Ok(Self { reason, stood_still, longest })
	}

	/// By how many blocks a timelock will be held up for what has passed so far.
	pub fn still_to_wait(&self, timelock: &Timelock) -> u64 {
		let lost = self.stood_still.saturating_sub(timelock.stood_still);
		lost.min(self.longest.saturating_sub(timelock.held))
	}
}

/// For how many blocks nobody could withdraw while a change waited.
async fn stood_still(at: &AtBlock) -> Result<u64> {
	Ok(chain::storage_as(at, "ChangeControl", "StoodStill", vec![]).await?.unwrap_or(0))
}

/// What keeps people from withdrawing.
async fn shut(at: &AtBlock) -> Result<String> {
	if let Some(until) = chain::storage_as::<u64>(at, "SafeMode", "EnteredUntil", vec![]).await? {
		return Ok(format!("the chain is in safe mode until block {until}"));
	}
	let call = Value::unnamed_composite([Value::from_bytes("Margin"), Value::from_bytes("withdraw")]);
	if chain::storage(at, "TxPause", "PausedCalls", vec![call]).await?.is_some() {
		return Ok("Margin.withdraw is paused".to_owned());
	}
	Ok("more than half of what is open is in markets that pay nothing out".to_owned())
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
		let waits = |due| {
			Some(Timelock { due, stood_still: number(stage, "stood_still")?, held: number(stage, "held")? })
		};
		Some(Change {
			referendum: value::unsigned(index)?.try_into().ok()?,
			hash: value::field(change, "call").and_then(proposal_hash)?,
			class: value::field(change, "class").and_then(value::variant)?.to_owned(),
			waits: number(stage, "due").and_then(waits),
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
		.and_then(|change| change.waits.map(|timelock| timelock.due)))
}

/// The block from which the authorised upgrade is authorised no more.
pub async fn authorization_expiry(at: &AtBlock) -> Result<Option<u64>> {
	let known = chain::storage(at, "ChangeControl", "Authorization", vec![]).await?;
	let Some(known) = known else { return Ok(None) };
	let pair = value::some(&known).unwrap_or(&known);
	let until = value::items(pair).get(1).and_then(|block| value::unsigned(block));
	until.and_then(|block| u64::try_from(block).ok()).map(Some).ok_or_else(|| odd("Authorization"))
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

	fn timetable() -> Value<()> {
		let turnout =
			[("emergency", 1), ("operational", 10), ("economic", 30_000), ("constitutional", 50_000)];
		let turnout = turnout.map(|(class, parts)| (class, Value::unnamed_composite([Value::u128(parts)])));
		Value::named_composite([
			("fast_track", Value::bool(true)),
			("longest_standstill", Value::u128(10)),
			("least_turnout", Value::named_composite(turnout)),
		])
	}

	#[test]
	fn a_turnout_is_a_part_of_all_there_is_rounded_up() {
		let table = Timetable::from_value(&timetable()).expect("a timetable");
		let all = Keel(10_000_001);
		let of = |class| table.turnout(class, all).map(|keel| keel.0);
		assert_eq!(of("Constitutional"), Some(500_001));
		assert_eq!(of("Operational"), Some(101));
		assert_eq!(of("Emergency"), Some(11));
		assert_eq!(of("Invented"), None);
		assert_eq!(table.turnout("Economic", Keel(0)), Some(Keel(0)));
	}

	#[test]
	fn a_timelock_is_held_up_for_what_was_lost_and_no_longer_than_the_longest() {
		let standstill = Standstill { reason: None, stood_still: 30, longest: 10 };
		for (stood_still, held, wait) in [(30, 0, 0), (25, 0, 5), (0, 0, 10), (25, 8, 2), (25, 10, 0)] {
			let timelock = Timelock { due: 99, stood_still, held };
			assert_eq!(standstill.still_to_wait(&timelock), wait, "{stood_still} {held}");
		}
	}

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
