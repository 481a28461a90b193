// SPDX-License-Identifier: Apache-2.0
//! The impact price: what an order book pays for a stated amount of dollars.

use crate::{
	int::{div_floor, narrow, wide_product},
	MathError, MathResult,
};
use keel_primitives::{Price, Quote, Size};
use primitive_types::U256;

/// Size times price has 9 + 18 decimals, a [`Quote`] 6.
const QUOTE_DECIMALS: u128 = 1_000_000_000_000_000_000_000;

/// The orders of a side, taken from the best on until they are worth a notional.
///
/// ```text
/// impact price = notional / (sum of sizes taken, the last one in part)      rounded down
/// ```
///
/// (dYdX v4, Hyperliquid and Drift sample funding so). Exact but for that rounding, and for the size of the last
/// order, rounded down to 1e-9 base units.
#[derive(Clone, Copy, Debug)]
pub struct ImpactSide {
	/// The notional, at 27 decimals.
	notional: U256,
	/// What is missing of it.
	missing: U256,
	/// The sizes taken.
	taken: u128,
}

impl ImpactSide {
	/// Nothing taken yet, of `notional > 0` dollars.
	///
	/// Domain: `notional >= 0`, else [`MathError::Insufficient`].
	pub fn new(notional: Quote) -> MathResult<Self> {
		let notional = u128::try_from(notional.0).map_err(|_| MathError::Insufficient)?;
		let notional = wide_product(notional, QUOTE_DECIMALS);
		Ok(Self { notional, missing: notional, taken: 0 })
	}

	/// Take an order, as far as it is needed. A price of zero is no price.
	///
	/// Domain: a price above zero, any size; an error where all sizes taken are beyond 2^128.
	pub fn take(&mut self, size: Size, price: Price) -> MathResult<()> {
		let worth = wide_product(size.0, price.0);
		let (size, worth) = if worth < self.missing {
			(size.0, worth)
		} else {
			(narrow(div_floor(self.missing, U256::from(price.0))?)?, self.missing)
		};
		self.taken = self.taken.checked_add(size).ok_or(MathError::Overflow)?;
		self.missing = self.missing.checked_sub(worth).ok_or(MathError::Insufficient)?;
		Ok(())
	}

	/// Whether the notional is reached.
	pub fn is_full(&self) -> bool {
		self.missing.is_zero()
	}

	/// The price; none while the notional is not reached, or less than a billionth of a base unit is.
	pub fn price(&self) -> Option<Price> {
		let price = self.notional.checked_div(U256::from(self.taken)).filter(|_| self.is_full())?;
		narrow(price).ok().map(Price)
	}
}

/// The middle of two prices, rounded down.
///
/// Domain: any prices.
pub fn middle(a: Price, b: Price) -> Price {
	Price(a.0.midpoint(b.0))
}
