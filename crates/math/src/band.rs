// SPDX-License-Identifier: Apache-2.0
//! The band of prices at which a position of an account with several may be liquidated.
//!
//! With one position there is one such price. With several it depends on where the others' prices go, and a
//! single number would be wrong most of the time. The band says how wrong: it spans from all others moving
//! against the account to all of them moving in its favour, each by the largest move its market states.

use crate::{
	int::I256,
	margin::price_at_zero,
	units::{scaled_price, weight, Rounding, Scale, Units, ONE_E9},
	MathError, MathResult,
};
use keel_primitives::{Price, Ratio, Side};
use primitive_types::U256;

/// A position, as far as a price moves the health of its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
	/// The side held.
	pub side: Side,
	/// Stored units.
	pub units: Units,
	/// The scale of its side.
	pub scale: Scale,
	/// The mark price.
	pub mark: Price,
	/// The maintenance margin rate.
	pub rate: Ratio,
}

/// Where health reaches zero when the price of one position moves.
///
/// A long is liquidated below its price, so `earliest >= still >= latest`; a short above, so
/// `earliest <= still <= latest`. `None` comes after all of them: no price of this market does it.
///
/// Every price lies in `Price::MIN..=Price::MAX`. One on the far side of the mark (above it for a long) says
/// that the others' moves are enough. At the bound where the position is worth most (`Price::MAX` for a
/// long), no price of this market prevents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiquidationBand {
	/// When all others have moved against the account.
	pub earliest: Option<Price>,
	/// When all others stand still.
	pub still: Option<Price>,
	/// When all others have moved in the account's favour.
	pub latest: Option<Price>,
}

impl Exposure {
	/// By how much health changes when the mark moves by `largest_move` of itself, in 1e-36 dollars:
	///
	/// ```text
	/// q A p (1 - r) move for a long, q A p (1 + r) move for a short
	/// ```
	///
	/// Each rounded up at the 27th decimal of a unit's level, so that a band is never too narrow. Domain:
	/// the bounds of the crate, and a move of at most 100 %.
	pub fn swing(&self, largest_move: Ratio) -> MathResult<I256> {
		let level = scaled_price(self.scale, self.mark, weight(self.side, self.rate), Rounding::Up)?;
		let moved = I256::from(level.0).times(u128::from(largest_move.0))?.div_ceil(U256::from(ONE_E9))?;
		I256::product(self.units.0, moved.to_i128()?)
	}

	/// The liquidation prices of this position, given the exact health of its account, and the sum of all
	/// *other* positions' [`Exposure::swing`]s; both in 1e-36 dollars.
	///
	/// [`price_at_zero`] of `health - swing`, `health` and `health + swing`, each rounded against the holder
	/// (a long's up, a short's down). Domain: `swing >= 0`, and `|health| + swing` at most 57 trillion
	/// dollars. A debt beyond that counts as one that no price pays, wealth as what no price takes.
	pub fn liquidation_band(&self, health: I256, swing: I256) -> MathResult<LiquidationBand> {
		Ok(LiquidationBand {
			earliest: self.liquidation_price(health.minus(swing)?)?,
			still: self.liquidation_price(health)?,
			latest: self.liquidation_price(health.plus(swing)?)?,
		})
	}

	/// The price within the bounds at which `health` is used up. The bound where this position is worth most
	/// if it is used up even there; `None` if something is left even where the position is worth least.
	fn liquidation_price(&self, health: I256) -> MathResult<Option<Price>> {
		let (best, worst) = match self.side {
			Side::Long => (Price::MAX, Price::MIN),
			Side::Short => (Price::MIN, Price::MAX),
		};
		let worse = |a: Price, b: Price| match self.side {
			Side::Long => a < b,
			Side::Short => a > b,
		};
		match price_at_zero(health, self.side, self.units, self.scale, self.mark, self.rate) {
			Ok(Some(price)) if worse(price, worst) => Ok(None),
			Ok(Some(price)) if worse(best, price) => Ok(Some(best)),
			Ok(Some(price)) => Ok(Some(price)),
			// No price, or none that fits: of a debt, none that helps; else none that harms.
			Ok(None) | Err(MathError::Overflow) if health.is_negative() => Ok(Some(best)),
			none_or_error => none_or_error,
		}
	}
}
