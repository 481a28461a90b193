// SPDX-License-Identifier: Apache-2.0
//! Trigger keys: at which level an account must be looked at again.
//!
//! An account files one key, a level, per exposure. Its *corner* is its health with every level replaced
//! by its key. A key fires when the level is strictly beyond it: below for a long, above for a short. While
//! the corner is not negative and no key has fired, every term of health is at least the corner's, so
//! health is not negative: whoever has not been found is healthy.

use crate::{
	health::dot,
	int::{div_floor, wide_product, I256},
	units::{Level, Units},
	MathError, MathResult,
};
use alloc::vec::Vec;
use keel_primitives::{Quote, Side};
use primitive_types::U256;

/// Shares of a budget are counted in 2^32 parts.
const PARTS: u128 = 1 << 32;
/// A share below one in this many of what a fresh filing would give is too thin: it would fire early,
/// and be filed again, for nothing.
const THIN: u128 = 4;

/// An exposure that has, or needs, a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filing {
	/// The side held.
	pub side: Side,
	/// Stored units, more than zero.
	pub units: Units,
	/// The level of a unit at the margin rate of the ladder.
	pub level: Level,
	/// The key on file, if any.
	pub key: Option<Level>,
	/// How much of the account's health this exposure may use, relative to the others: notional times
	/// volatility.
	pub weight: U256,
}

/// Whether a level is strictly beyond a key.
///
/// Domain: any levels.
pub fn key_fires(side: Side, level: Level, key: Level) -> bool {
	match side {
		Side::Long => level < key,
		Side::Short => level > key,
	}
}

/// Health with every level replaced by its key, exact.
///
/// Domain: the bounds of the crate, at most sixteen keys.
pub fn corner(cash: Quote, keys: impl IntoIterator<Item = (Side, Units, Level)>) -> MathResult<I256> {
	dot(cash, keys)
}

/// Sixteen bytes that sort as a key fires: the first to fire is the first in order. A long's ladder
/// falls (its highest key fires first), so it is complemented.
///
/// Domain: any level.
pub fn sort_key(side: Side, key: Level) -> [u8; 16] {
	let ascending = key.0.cast_unsigned() ^ (1 << 127);
	match side {
		Side::Long => (!ascending).to_be_bytes(),
		Side::Short => ascending.to_be_bytes(),
	}
}

/// The key of sixteen sorted bytes.
///
/// Domain: any bytes.
pub fn key_of(side: Side, sorted: [u8; 16]) -> Level {
	let ascending = match side {
		Side::Long => !u128::from_be_bytes(sorted),
		Side::Short => u128::from_be_bytes(sorted),
	};
	Level((ascending ^ (1 << 127)).cast_signed())
}

impl Filing {
	/// What is lost, exact, when the level moves from where it is to its key; `None` when there is no
	/// key or it has fired.
	fn spent(&self) -> MathResult<Option<I256>> {
		let Some(key) = self.key.filter(|key| !key_fires(self.side, self.level, *key)) else {
			return Ok(None);
		};
		let here = I256::product(self.units.0, self.level.0)?;
		let there = I256::product(self.units.0, key.0)?;
		match self.side {
			Side::Long => here.minus(there),
			Side::Short => there.minus(here),
		}
		.map(Some)
	}

	/// The key that `budget >= 0` pays for: `U - floor(budget / q)` for a long, plus for a short. At the
	/// ends of the range it stops, which is the careful side.
	fn key_within(&self, budget: I256) -> MathResult<Level> {
		let distance = budget.div_floor(U256::from(self.units.0))?.to_i128().unwrap_or(i128::MAX);
		Ok(Level(match self.side {
			Side::Long => self.level.0.saturating_sub(distance),
			Side::Short => self.level.0.saturating_add(distance),
		}))
	}
}

/// Every filing's part of [`PARTS`], by weight, rounded down; equal when no weight says anything.
fn parts(filings: &[Filing]) -> MathResult<Vec<u128>> {
	let total = filings
		.iter()
		.try_fold(U256::zero(), |sum, filing| sum.checked_add(filing.weight))
		.ok_or(MathError::Overflow)?;
	let count = u128::try_from(filings.len()).unwrap_or(u128::MAX).max(1);
	filings
		.iter()
		.map(|filing| {
			if total.is_zero() {
				return PARTS.checked_div(count).ok_or(MathError::DivisionByZero);
			}
			let scaled = filing.weight.checked_mul(U256::from(PARTS)).ok_or(MathError::Overflow)?;
			div_floor(scaled, total).map(|part| part.low_u128())
		})
		.collect()
}

/// `budget * part / PARTS`, rounded down: all of it when the part is the whole.
fn part_of(budget: I256, part: u128) -> MathResult<I256> {
	if part == PARTS {
		return Ok(budget);
	}
	budget.div_floor(U256::from(PARTS))?.times(part)
}

/// The keys of all `filings`, none of which is beyond its level, such that the corner is at least
/// `health - budget`.
///
/// `budget >= 0` is the health that may be lost before somebody must look. Keys on file stay while they
/// cost no more than the budget and no share is too thin; else only the `touched` exposure gets a new key,
/// out of what the others leave; all of them only when that is too thin.
///
/// Domain: the bounds of the crate: at most sixteen filings, each of more than zero units, any levels and keys,
/// weights of [`filing_weight`]; `budget >= 0`, and a health that such an account can have.
pub fn file(budget: I256, filings: &[Filing], touched: Option<usize>) -> MathResult<Vec<Level>> {
	let parts = parts(filings)?;
	let mut spent_by_others = I256::ZERO;
	let mut others_hold = true;
	let mut touched_spent = None;
	for (index, (filing, part)) in filings.iter().zip(&parts).enumerate() {
		let spent = filing.spent()?;
		let thin = match spent {
			Some(spent) => spent.times(THIN)? < part_of(budget, *part)?,
			None => true,
		};
		if touched == Some(index) {
			touched_spent = spent.filter(|_| !thin);
		} else {
			others_hold = others_hold && !thin;
			spent_by_others = spent_by_others.plus(spent.unwrap_or_default())?;
		}
	}
	let rest = budget.minus(spent_by_others)?;
	let touched_fair =
		touched.and_then(|index| parts.get(index)).map_or(Ok(I256::ZERO), |part| part_of(budget, *part))?;
	let whole_holds = match touched {
		Some(_) => touched_spent.is_some_and(|spent| spent <= rest),
		None => !rest.is_negative(),
	};
	let touched_fits = touched.is_some() && !rest.is_negative() && rest.times(THIN)? >= touched_fair;

	filings
		.iter()
		.zip(&parts)
		.enumerate()
		.map(|(index, (filing, part))| match filing.key {
			Some(key) if others_hold && whole_holds => Ok(key),
			Some(key) if others_hold && touched_fits && touched != Some(index) => Ok(key),
			_ if others_hold && touched_fits => filing.key_within(rest),
			_ => filing.key_within(part_of(budget, *part)?),
		})
		.collect()
}

/// The weight of an exposure: notional times volatility, both at least one unit.
///
/// Domain: any numbers.
pub fn filing_weight(notional: Quote, volatility: u64) -> U256 {
	let notional = u128::try_from(notional.0).unwrap_or(0).max(1);
	wide_product(notional, u128::from(volatility.max(1)))
}
