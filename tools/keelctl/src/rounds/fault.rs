// SPDX-License-Identifier: Apache-2.0
//! What can be wrong with members, to see what a chain makes of it.

use std::{fmt, str::FromStr};

/// A decimal point is moved by at most so many places.
const MOST_PLACES: u8 = 9;

/// What is wrong with one member, or with all of them. Members are counted from 0 here, from 1 in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
	/// The member repeats its last price for ever.
	Stuck(usize),
	/// The member reports the least price there is, as a source does that has run empty.
	Floor(usize),
	/// Half of the members see a twentieth less, half a twentieth more; the one in the middle of an odd number is right.
	Split,
	/// The member reports what it saw long ago, and says so.
	Late(usize),
	/// The member's decimal point is so many places too far to the right; to the left where it is negative.
	Decimal(usize, i8),
	/// The member prints ten times the price every fifth round.
	Spike(usize),
}

/// Why a text is no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum FaultError {
	/// There is no fault of this name.
	#[error("`{text}` is no fault")]
	#[diagnostic(
		code(keelctl::fault),
		help("Write stuck:2, floor:3, late:1, decimal:4, decimal:4:-2, spike:5 or split; several with commas between.")
	)]
	Unknown {
		/// What was given.
		text: String,
	},
	/// The member is missing, or is none.
	#[error("`{text}` does not say which member")]
	#[diagnostic(
		code(keelctl::fault),
		help("Members are counted from 1, like stuck:2. Only `split` has none.")
	)]
	NoMember {
		/// What was given.
		text: String,
	},
	/// The decimal point would stay, or be moved too far.
	#[error("`{text}` does not move the decimal point")]
	#[diagnostic(
		code(keelctl::fault),
		help("Give 1 to 9 places to the right or -1 to -9 to the left, like decimal:4:-2.")
	)]
	NoPlaces {
		/// What was given.
		text: String,
	},
}

impl Fault {
	/// Whom it concerns; nobody alone when it concerns all.
	pub const fn member(self) -> Option<usize> {
		match self {
			Self::Stuck(member)
			| Self::Floor(member)
			| Self::Late(member)
			| Self::Decimal(member, _)
			| Self::Spike(member) => Some(member),
			Self::Split => None,
		}
	}

	/// What is wrong, as a sentence whose subject is the member.
	pub fn describe(self) -> String {
		match self {
			Self::Stuck(_) => "repeats its first price for ever".to_owned(),
			Self::Floor(_) => "reports the least price there is".to_owned(),
			Self::Split => "half of the members see 5 % less, half of them 5 % more".to_owned(),
			Self::Late(_) => format!("reports what it saw {} blocks before", Self::LATE_BLOCKS),
			Self::Decimal(_, places) if places < 0 => {
				format!("has its decimal point moved by {} to the left", places.unsigned_abs())
			}
			Self::Decimal(_, places) => format!("has its decimal point moved by {places} to the right"),
			Self::Spike(_) => "prints ten times the price every fifth round".to_owned(),
		}
	}

	/// How many blocks a late member lags: more than a report counts for.
	pub const LATE_BLOCKS: u64 = 8;
}

impl FromStr for Fault {
	type Err = FaultError;

	fn from_str(text: &str) -> Result<Self, FaultError> {
		let unknown = || FaultError::Unknown { text: text.to_owned() };
		let mut parts = text.trim().split(':');
		let name = parts.next().unwrap_or_default();
		if !["stuck", "floor", "split", "late", "decimal", "spike"].contains(&name) {
			return Err(unknown());
		}
		if name == "split" {
			return parts.next().is_none().then_some(Self::Split).ok_or_else(unknown);
		}
		let number = parts.next().and_then(|part| part.parse::<usize>().ok());
		let member = number
			.and_then(|number| number.checked_sub(1))
			.ok_or_else(|| FaultError::NoMember { text: text.to_owned() })?;
		let places = parts.next();
		if parts.next().is_some() || places.is_some() && name != "decimal" {
			return Err(unknown());
		}
		Ok(match name {
			"stuck" => Self::Stuck(member),
			"floor" => Self::Floor(member),
			"late" => Self::Late(member),
			"spike" => Self::Spike(member),
			_ => {
				let places = places.map_or(Some(1), |places| places.parse::<i8>().ok());
				let is_some = |places: &i8| *places != 0 && places.unsigned_abs() <= MOST_PLACES;
				let places =
					places.filter(is_some).ok_or_else(|| FaultError::NoPlaces { text: text.to_owned() })?;
				Self::Decimal(member, places)
			}
		})
	}
}

impl fmt::Display for Fault {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Stuck(member) => write!(f, "stuck:{}", member + 1),
			Self::Floor(member) => write!(f, "floor:{}", member + 1),
			Self::Split => f.write_str("split"),
			Self::Late(member) => write!(f, "late:{}", member + 1),
			Self::Decimal(member, places) => write!(f, "decimal:{}:{places}", member + 1),
			Self::Spike(member) => write!(f, "spike:{}", member + 1),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_fault_is_written_as_it_is_read() {
		for text in ["stuck:2", "floor:3", "split", "late:1", "decimal:4:1", "decimal:4:-9", "spike:5"] {
			let fault: Fault = text.parse().expect(text);
			assert_eq!(fault.to_string(), text);
		}
		assert_eq!("decimal:4".parse(), Ok(Fault::Decimal(3, 1)));
		assert_eq!(Fault::Split.member(), None);
		assert_eq!(Fault::Late(0).member(), Some(0));
	}

	#[test]
	fn what_is_no_fault_is_refused_with_the_reason() {
		let text = |text: &str| text.to_owned();
		for unknown in ["", "broken:1", "split:1", "stuck:1:2", "decimal:1:2:3", "Stuck:1"] {
			assert_eq!(unknown.parse::<Fault>(), Err(FaultError::Unknown { text: text(unknown) }));
		}
		for nobody in ["stuck", "stuck:", "stuck:0", "late:-1", "floor:x", "decimal"] {
			assert_eq!(nobody.parse::<Fault>(), Err(FaultError::NoMember { text: text(nobody) }));
		}
		for nowhere in ["decimal:1:0", "decimal:1:10", "decimal:1:-10", "decimal:1:x", "decimal:1:-128"] {
			assert_eq!(nowhere.parse::<Fault>(), Err(FaultError::NoPlaces { text: text(nowhere) }));
		}
	}
}
