// SPDX-License-Identifier: Apache-2.0
//! The members of the oracle: what each reads, when it last reported, and whether it is heard.

use crate::{
	call::Call,
	chain::{self, AtBlock},
	error::{Error, Result},
	value::{self, Decoded},
};
use subxt::{ext::scale_value::Value, utils::AccountId32};

/// For how many blocks a report counts, when the chain does not say.
const REPORT_WINDOW: u32 = 5;

/// What a member will read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextSource {
	/// The source.
	pub source: u32,
	/// From which block on.
	pub due: u64,
}

/// A seat of the oracle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
	/// Whose it is.
	pub member: AccountId32,
	/// The key that signs its reports.
	pub reporter: Option<AccountId32>,
	/// What it reads; none when it has named nothing, and shares a source with all who have not.
	pub source: Option<u32>,
	/// What it has said that it will read.
	pub next_source: Option<NextSource>,
	/// Whether a body has corrected its source.
	pub is_corrected: bool,
	/// The round of its last report.
	pub last_round: Option<u64>,
	/// How far its prices are from those that land, on average: 1e-9 of them.
	pub distance: u64,
	/// By how many blocks it is late, on average: in 1e-6 blocks.
	pub lateness: u64,
	/// Whether the quorum counts the seat.
	pub counts: bool,
	/// The block in which it comes back, when a body has removed it.
	pub back_at: Option<u64>,
}

impl Seat {
	/// How it stands in block `now`, of whose members reports count for `window` blocks.
	pub fn standing(&self, now: u64, window: u32) -> String {
		if let Some(back_at) = self.back_at {
			return format!("removed until block {back_at}");
		}
		if self.reporter.is_none() {
			return "no reporter key".to_owned();
		}
		match self.last_round {
			Some(round) if now.saturating_sub(round) <= u64::from(window) => "heard".to_owned(),
			Some(_) => "silent".to_owned(),
			None if self.counts => "never heard".to_owned(),
			None => "never heard, does not count yet".to_owned(),
		}
	}

	/// Its average distance in percent.
	pub fn distance_percent(&self) -> String {
		format!("{}.{:05}", self.distance / 10_000_000, self.distance % 10_000_000 / 100)
	}

	/// By how many blocks it is late on average.
	pub fn blocks_late(&self) -> String {
		format!("{}.{:02}", self.lateness / 1_000_000, self.lateness % 1_000_000 / 10_000)
	}

	/// What it reads in block `now`.
	pub fn source_in(&self, now: u64) -> Option<u32> {
		let due = self.next_source.filter(|next| next.due <= now);
		due.map(|next| next.source).or(self.source)
	}

	fn read(key: &[Decoded], seat: &Decoded) -> Option<Self> {
		let option = |name: &str| value::field(seat, name).map(value::some);
		let number = |found: &Decoded| value::unsigned(found).and_then(|number| u64::try_from(number).ok());
		let source = |found: &Decoded| value::unsigned(found).and_then(|number| u32::try_from(number).ok());
		let score = |name: &str| value::field(value::field(seat, "score")?, name).and_then(number);
		let flag = |name: &str| value::field(seat, name)?.as_bool();
		let next_source = match option("next_source")? {
			Some(next) => Some(NextSource {
				source: value::field(next, "source").and_then(source)?,
				due: value::field(next, "due").and_then(number)?,
			}),
			None => None,
		};
		Some(Self {
			member: key.first().and_then(value::bytes32).map(AccountId32)?,
			reporter: option("reporter")?.and_then(value::bytes32).map(AccountId32),
			source: option("source")?.and_then(source),
			next_source,
			is_corrected: flag("is_corrected")?,
			last_round: option("last_round")?.and_then(number),
			distance: score("distance")?,
			lateness: score("lateness")?,
			counts: flag("counts")?,
			back_at: option("back_at")?.and_then(number),
		})
	}
}

/// All seats, those with the lowest source first.
pub async fn all(at: &AtBlock) -> Result<Vec<Seat>> {
	let entries = chain::storage_map(at, "Oracle", "Members", vec![]).await?;
	let seats = entries.iter().map(|(key, seat)| Seat::read(key, seat)).collect::<Option<Vec<_>>>();
	let mut seats = seats.ok_or_else(|| Error::Node("Oracle.Members has another shape".to_owned()))?;
	let now = at.block_number();
	seats.sort_by_key(|seat| (seat.source_in(now), seat.member.0));
	Ok(seats)
}

/// For how many blocks a report counts.
pub fn window(at: &AtBlock) -> u32 {
	chain::constant(at, "Oracle", "ReportWindow").unwrap_or(REPORT_WINDOW)
}

/// The call by which a member names what it reads.
pub fn name_source(source: u32) -> Call {
	chain::call("Oracle", "set_source", [("source", Value::u128(source.into()))])
}

#[cfg(test)]
mod tests {
	use super::*;

	fn seat() -> Seat {
		Seat {
			member: AccountId32([1; 32]),
			reporter: Some(AccountId32([2; 32])),
			source: Some(3),
			next_source: Some(NextSource { source: 9, due: 100 }),
			is_corrected: false,
			last_round: Some(90),
			distance: 12_345_600,
			lateness: 1_250_000,
			counts: true,
			back_at: None,
		}
	}

	fn some(value: Decoded) -> Decoded {
		Value::unnamed_variant("Some", [value])
	}

	fn none() -> Decoded {
		Value::unnamed_variant("None", [])
	}

	#[test]
	fn a_seat_is_read_as_the_chain_keeps_it() {
		let number = |number: u128| Value::u128(number);
		let account = |byte: u8| Value::from_bytes([byte; 32]);
		let next =
			Value::named_composite([("source", Value::unnamed_composite([number(9)])), ("due", number(100))]);
		let kept = |next| {
			Value::named_composite([
				("reporter", some(account(2))),
				("last_round", some(number(90))),
				("since", number(0)),
				("counts", Value::bool(true)),
				("back_at", none()),
				("removable_from", number(0)),
				("source", some(Value::unnamed_composite([number(3)]))),
				("next_source", next),
				(
					"score",
					Value::named_composite([
						("distance", Value::unnamed_composite([number(12_345_600)])),
						("lateness", number(1_250_000)),
					]),
				),
				("is_corrected", Value::bool(false)),
			])
		};
		assert_eq!(Seat::read(&[account(1)], &kept(some(next))), Some(seat()));
		let settled = Seat { next_source: None, ..seat() };
		assert_eq!(Seat::read(&[account(1)], &kept(none())), Some(settled));
		// Another shape is no seat, and not one without a source.
		assert_eq!(Seat::read(&[account(1)], &Value::named_composite([("counts", Value::bool(true))])), None);
	}

	#[test]
	fn a_seat_says_how_it_stands() {
		assert_eq!(seat().standing(95, 5), "heard");
		assert_eq!(seat().standing(96, 5), "silent");
		assert_eq!((seat().distance_percent().as_str(), seat().blocks_late().as_str()), ("1.23456", "1.25"));
		let removed = Seat { back_at: Some(200), ..seat() };
		assert_eq!(removed.standing(95, 5), "removed until block 200");
		assert_eq!(Seat { reporter: None, ..seat() }.standing(95, 5), "no reporter key");
		assert_eq!((seat().source_in(99), seat().source_in(100)), (Some(3), Some(9)));
	}
}
