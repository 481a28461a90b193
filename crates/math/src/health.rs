// SPDX-License-Identifier: Apache-2.0
//! Equity, requirement and health: exact sums, rounded once.

use crate::{
	int::I256,
	units::{Level, Units},
	MathResult,
};
use keel_primitives::{Quote, Side};

/// A position as health sees it: units, and what one of them counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
	/// The side held.
	pub side: Side,
	/// Stored units.
	pub units: Units,
	/// `U` at margin rate zero: the value of a unit.
	pub value: Level,
	/// `U` at the margin rate asked for.
	pub margined: Level,
}

/// `cash + sum over longs q U - sum over shorts q U`, exact, in 1e-36 dollars.
///
/// At most sixteen holdings, each below 2^247: the sum cannot overflow within the bounds.
///
/// Domain: the bounds of the crate, at most sixteen terms.
pub fn dot(cash: Quote, terms: impl IntoIterator<Item = (Side, Units, Level)>) -> MathResult<I256> {
	terms.into_iter().try_fold(I256::from(cash), |sum, (side, units, level)| {
		let term = I256::product(units.0, level.0)?;
		match side {
			Side::Long => sum.plus(term),
			Side::Short => sum.minus(term),
		}
	})
}

/// Where an account stands, exact, in 1e-36 dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
	/// Cash and the value of all positions.
	pub equity: I256,
	/// Equity less the margin requirement.
	pub health: I256,
}

impl Standing {
	/// Where an account with `cash` and `holdings` stands.
	///
	/// Domain: the bounds of the crate, at most sixteen holdings.
	pub fn of(cash: Quote, holdings: &[Holding]) -> MathResult<Self> {
		Ok(Self {
			equity: dot(cash, holdings.iter().map(|h| (h.side, h.units, h.value)))?,
			health: dot(cash, holdings.iter().map(|h| (h.side, h.units, h.margined)))?,
		})
	}

	/// The margin requirement, exact.
	///
	/// Domain: every standing that [`Standing::of`] answers.
	pub fn exact_requirement(&self) -> MathResult<I256> {
		self.equity.minus(self.health)
	}

	/// Equity, rounded down.
	///
	/// Domain: every standing; an error beyond all amounts.
	pub fn equity(&self) -> MathResult<Quote> {
		self.equity.quote_floor()
	}

	/// Health, rounded down: negative exactly when the exact health is.
	///
	/// Domain: every standing; an error beyond all amounts.
	pub fn health(&self) -> MathResult<Quote> {
		self.health.quote_floor()
	}

	/// The requirement, rounded up.
	///
	/// Domain: every standing that [`Standing::of`] answers; an error beyond all amounts.
	pub fn requirement(&self) -> MathResult<Quote> {
		self.exact_requirement()?.quote_ceil()
	}

	/// Whether equity over requirement did not fall from `before` to `self`: `E' R >= E R'`, in units
	/// of [`Quote`], where two units (2e-6 dollars) of equity are forgiven: what rounding may cost.
	///
	/// Domain: standings whose equity and requirement are amounts; an error else.
	pub fn is_no_worse_than(&self, before: &Self) -> MathResult<bool> {
		let equity = I256::from(self.equity()?.0).plus(I256::from(2_i128))?;
		let required = before.requirement()?.0.max(0).unsigned_abs();
		let still_required = self.exact_requirement()?.quote_floor()?.0.max(0).unsigned_abs();
		Ok(equity.times(required)? >= I256::product(still_required, before.equity()?.0)?)
	}
}
