// SPDX-License-Identifier: Apache-2.0
//! What leaving through the waterfall costs. Pure.
//!
//! Rounding is against the account where it only loses what is its own (a share of equity), and for it
//! where one more unit could make it bankrupt (discount and penalty): a loss nobody had must not be
//! made by rounding.

use crate::Params;
use keel_primitives::{Price, Quote, Ratio, Side, Size};
use keel_traits::{Exposure, Judgement};
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, ArithmeticError, Rounding};

/// A price has 18 decimals and a size 9, a quote has 6.
const PRODUCTS_PER_QUOTE: u128 = 1_000_000_000_000_000_000_000;
const ONE: u128 = Ratio::ONE.0 as u128;

/// The terms on which the backstop takes a position over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
	/// The stated price: never worse than the mark price for the backstop.
	pub price: Price,
	/// The penalty, in parts per billion of notional.
	pub penalty: Ratio,
}

impl Terms {
	/// The terms for `exposure` of a solvent, unhealthy account.
	///
	/// Each position has its part of the equity, in proportion to its requirement. As a share of the
	/// notional that is the distance to bankruptcy: discount first, then penalty, take at most that.
	pub fn of(params: &Params, judgement: &Judgement, exposure: &Exposure) -> Result<Self, ArithmeticError> {
		let funded = ratio(judgement.equity, judgement.requirement)?.min(ONE);
		let requirement_rate = ratio(exposure.requirement, exposure.notional)?;
		let to_bankruptcy = mul_div(funded, requirement_rate, ONE, Rounding::Down)?;

		let discount = u128::from(params.discount.0).min(to_bankruptcy);
		let penalty = u128::from(params.penalty.0).min(to_bankruptcy.saturating_sub(discount));
		Ok(Self {
			price: stated_price(exposure.mark, exposure.side, discount)?,
			// At most the parameter, which is one.
			penalty: Ratio(u64::try_from(penalty).map_err(|_| ArithmeticError::Overflow)?),
		})
	}
}

/// The mark price less the discount for a long, plus the discount for a short. Rounded towards the mark:
/// the exact discount is the most an account can bear.
fn stated_price(mark: Price, side: Side, discount: u128) -> Result<Price, ArithmeticError> {
	let step = mul_div(mark.0, discount, ONE, Rounding::Down)?;
	let price = match side {
		Side::Long => mark.0.checked_sub(step),
		Side::Short => mark.0.checked_add(step),
	};
	// A price at the end of its range is stated at the end of it.
	let price = price.ok_or(ArithmeticError::Overflow)?.clamp(Price::MIN.0, Price::MAX.0);
	Ok(Price(price))
}

/// A rate of the notional of `size` at `mark`, rounded down.
pub(crate) fn penalty_floor(size: Size, mark: Price, rate: Ratio) -> Result<Quote, ArithmeticError> {
	let notional = mul_div(size.0, mark.0, PRODUCTS_PER_QUOTE, Rounding::Down)?;
	quote(mul_div(notional, u128::from(rate.0), ONE, Rounding::Down)?)
}

/// The part of `size` in the notional of `exposure`, rounded up.
pub(crate) fn notional_ceil(exposure: &Exposure, size: Size) -> Result<Quote, ArithmeticError> {
	quote(mul_div(units(exposure.notional), size.0, exposure.size.0, Rounding::Up)?)
}

/// The equity that belongs to `size` of `exposure`: in proportion to the requirement, rounded up, never
/// more than all of it.
pub(crate) fn equity_share_ceil(
	judgement: &Judgement,
	exposure: &Exposure,
	size: Size,
) -> Result<Quote, ArithmeticError> {
	let part = mul_div(units(exposure.requirement), size.0, exposure.size.0, Rounding::Up)?;
	let requirement = units(judgement.requirement);
	let share = mul_div(units(judgement.equity), part, requirement, Rounding::Up)?;
	Ok(quote(share)?.min(judgement.equity))
}

/// `a / b` in parts per billion, rounded down.
fn ratio(a: Quote, b: Quote) -> Result<u128, ArithmeticError> {
	mul_div(units(a), ONE, units(b), Rounding::Down)
}

/// Of a negative amount: nothing.
fn units(amount: Quote) -> u128 {
	amount.0.max(0).unsigned_abs()
}

fn quote(units: u128) -> Result<Quote, ArithmeticError> {
	i128::try_from(units).map(Quote).map_err(|_| ArithmeticError::Overflow)
}

fn mul_div(a: u128, b: u128, c: u128, rounding: Rounding) -> Result<u128, ArithmeticError> {
	if c == 0 {
		return Err(ArithmeticError::DivisionByZero);
	}
	multiply_by_rational_with_rounding(a, b, c, rounding).ok_or(ArithmeticError::Overflow)
}

#[cfg(test)]
mod tests {
	use super::*;
	use keel_primitives::MarketId;

	/// 1 unit at 1,000 dollars with a maintenance rate of 5 %: a requirement of 50 dollars.
	fn exposure(side: Side) -> Exposure {
		Exposure {
			market: MarketId(0),
			side,
			size: Size::ONE,
			notional: Quote::dollars(1_000),
			requirement: Quote::dollars(50),
			mark: Price::dollars(1_000),
			least: Quote::ZERO,
			liquidatable: true,
			settling: false,
		}
	}

	fn judgement(equity: i64, requirement: i64) -> Judgement {
		let [equity, requirement] = [equity, requirement].map(Quote::dollars);
		Judgement { equity, requirement, health: Quote(equity.0 - requirement.0) }
	}

	#[test]
	fn discount_then_penalty_take_at_most_the_distance_to_bankruptcy() {
		let params = Params { discount: Ratio::percent(2), penalty: Ratio::percent(1), ..Default::default() };
		// Equity, requirement, discount in dollars on 1,000, penalty in percent.
		#[rustfmt::skip]
		let table = [
			("both fit: 40 of 50 is 4 % of notional", 40, 50, 20, Ratio::percent(1)),
			("both fit exactly at 3 %",               30, 50, 20, Ratio::percent(1)),
			("the penalty gives way first",           25, 50, 20, Ratio::basis_points(50)),
			("then the discount",                     10, 50, 10, Ratio::ZERO),
			("nothing is left at bankruptcy",          0, 50,  0, Ratio::ZERO),
			("another position has half of it",       50, 100, 20, Ratio::basis_points(50)),
		];
		for (why, equity, requirement, discount, penalty) in table {
			for (side, price) in [(Side::Long, 1_000 - discount), (Side::Short, 1_000 + discount)] {
				let terms = Terms::of(&params, &judgement(equity, requirement), &exposure(side)).unwrap();
				assert_eq!(terms, Terms { price: Price::dollars(price), penalty }, "{why}, {side:?}");
			}
		}
	}

	#[test]
	fn the_whole_position_has_its_whole_share_of_equity() {
		let share = |equity, requirement, size| {
			equity_share_ceil(&judgement(equity, requirement), &exposure(Side::Long), size).unwrap()
		};
		assert_eq!(share(40, 50, Size::ONE), Quote::dollars(40), "the only position has all");
		assert_eq!(share(40, 100, Size::ONE), Quote::dollars(20), "half of the requirement, half of it");
		assert_eq!(share(40, 50, Size(Size::ONE.0 / 2)), Quote::dollars(20), "half of the position");
		assert_eq!(share(10, 30, Size(1)), Quote(1), "rounded up");
	}

	#[test]
	fn a_bad_judgement_is_an_error_not_a_panic() {
		let nobody = judgement(1, 0);
		assert_eq!(
			Terms::of(&Params::default(), &nobody, &exposure(Side::Long)),
			Err(ArithmeticError::DivisionByZero)
		);
	}
}
