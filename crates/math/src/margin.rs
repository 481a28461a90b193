// SPDX-License-Identifier: Apache-2.0
//! What to take from an unhealthy account, and who caused a deficit.

use crate::{
	health::Standing,
	int::{div_ceil, div_floor, narrow, narrow_signed, wide_product, I256},
	units::{share, size_of, Level, Rounding, Scale, Units, ONE_E18, ONE_E27, ONE_E9},
	MathError, MathResult,
};
use alloc::vec::Vec;
use keel_primitives::{Price, Quote, Ratio, Side, Size};
use primitive_types::{U256, U512};

/// A position about to be reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reduction {
	/// The side held.
	pub side: Side,
	/// The size held.
	pub size: Size,
	/// The mark price.
	pub mark: Price,
	/// The price it is closed at.
	pub price: Price,
	/// The maintenance margin rate.
	pub rate: Ratio,
	/// The penalty, a share of the closed notional at mark.
	pub penalty: Ratio,
	/// How far above its requirement the account shall be afterwards.
	pub buffer: Ratio,
}

/// The smallest size whose closing brings equity back to `(1 + buffer)` times the requirement; the
/// whole size when none does.
///
/// Closing `s` costs `s d`, `d = p - x` for a long and `x - p` for a short, and a penalty of `s p pi`; it
/// frees the requirement `s p r`. So
///
/// ```text
/// s = ((1 + b) R - E) / ((1 + b) p r - d - p pi)      rounded up
/// ```
///
/// Decimals: `R` and `E` 36, `b` 9: the numerator 45. Price 18, ratios 9 each: the denominator 36; the
/// size's 9 are the difference. What closing, charging and judging
/// round away, a unit (1e-6 dollars) each, is asked for on top.
///
/// Domain: the bounds of the crate, equity and a requirement of at most 1e31 dollars, rates of at most one.
pub fn size_to_restore(standing: &Standing, reduction: &Reduction) -> MathResult<Size> {
	const ROUNDINGS: Quote = Quote(5);
	let buffered = ONE_E9.checked_add(u128::from(reduction.buffer.0)).ok_or(MathError::Overflow)?;
	let missing = standing
		.exact_requirement()?
		.plus(I256::from(ROUNDINGS))?
		.times(buffered)?
		.minus(standing.equity.times(ONE_E9)?)?;
	if missing <= I256::ZERO {
		return Ok(Size::ZERO);
	}
	let (mark, price) = (I256::from(reduction.mark.0), I256::from(reduction.price.0));
	let loss = match reduction.side {
		Side::Long => mark.minus(price),
		Side::Short => price.minus(mark),
	}?;
	let freed = mark.times(buffered)?.times(u128::from(reduction.rate.0))?;
	let cost = loss.times(ONE_E18)?.plus(mark.times(u128::from(reduction.penalty.0))?.times(ONE_E9)?)?;
	let gained = freed.minus(cost)?;
	if gained <= I256::ZERO {
		return Ok(reduction.size);
	}
	let (_, gained) = gained.parts();
	let size = missing.div_ceil(gained)?.to_i128().map_or(reduction.size.0, i128::unsigned_abs);
	Ok(Size(size.min(reduction.size.0)))
}

/// The price at which `surplus` (equity for the bankruptcy price, health for the liquidation price; exact)
/// is used up while everything else stands still; `None` when no positive price does.
///
/// `p -+ surplus / (q A (1 -+ r))`, rounded against the holder: a long's up, a short's down.
///
/// Domain: the bounds of the crate, a rate of at most one, any surplus.
pub fn price_at_zero(
	surplus: I256,
	side: Side,
	units: Units,
	scale: Scale,
	mark: Price,
	rate: Ratio,
) -> MathResult<Option<Price>> {
	let size = wide_product(units.0, scale.0)
		.checked_mul(U256::from(crate::units::weight(side, rate)))
		.ok_or(MathError::Overflow)?;
	if size.is_zero() {
		return Ok(None);
	}
	// Decimals: surplus 36 + 27, size 36 + 9: 18 are left.
	let moved = match scaled_quotient(surplus, size)? {
		Some(moved) => moved,
		// A debt that no price of this market pays, or wealth that none of them takes.
		None => return Ok(None),
	};
	let move_up = match side {
		Side::Long => moved.negated(),
		Side::Short => moved,
	};
	let price = I256::from(mark.0).plus(move_up)?;
	let (negative, magnitude) = price.parts();
	if negative || magnitude.is_zero() {
		return Ok(None);
	}
	Ok(narrow(magnitude).ok().map(Price))
}

/// `surplus * 1e27 / size`, rounded down; `None` where that is beyond 2^128 either way.
fn scaled_quotient(surplus: I256, size: U256) -> MathResult<Option<I256>> {
	let (negative, magnitude) = surplus.parts();
	let product = magnitude.full_mul(U256::from(ONE_E27));
	let (quotient, rest) = product.div_mod(U512::from(size));
	let up = u8::from(negative && !rest.is_zero());
	let rounded = quotient.checked_add(U512::from(up)).ok_or(MathError::Overflow)?;
	match U256::try_from(rounded) {
		Ok(rounded) if rounded.bits() <= 128 => I256::signed(negative, rounded).map(Some),
		_ => Ok(None),
	}
}

/// A penalty of `rate` on `notional`, at most what is left above bankruptcy.
///
/// Domain: any amounts, a rate of at most one.
pub fn penalty(notional: Quote, rate: Ratio, equity: Quote) -> MathResult<Quote> {
	Ok(share(notional, rate, Rounding::Up)?.min(equity).max(Quote::ZERO))
}

/// The quote a part of a position was opened for: `entry * part / units`, rounded down.
///
/// Domain: `part <= units`, and units above zero, else [`MathError::DivisionByZero`]; any entry.
pub fn entry_part(entry: Quote, part: Units, units: Units) -> MathResult<Quote> {
	I256::product(part.0, entry.0)?.div_floor(U256::from(units.0))?.to_i128().map(Quote)
}

/// What a holder has gained: value less entry for a long, entry less value for a short, rounded down.
///
/// Domain: the bounds of the crate, any entry; an error beyond all amounts.
pub fn profit(side: Side, units: Units, value: Level, entry: Quote) -> MathResult<Quote> {
	let value = I256::product(units.0, value.0)?;
	let entry = I256::from(entry);
	match side {
		Side::Long => value.minus(entry),
		Side::Short => entry.minus(value),
	}?
	.quote_floor()
}

/// Funding received (negative: paid) by `units` since `since`, rounded down.
///
/// Domain: the bounds of the crate, levels whose difference is one; an error beyond all amounts.
pub fn funding_received(side: Side, units: Units, now: Level, since: Level) -> MathResult<Quote> {
	let change = I256::product(units.0, now.minus(since)?.0)?;
	match side {
		Side::Long => change,
		Side::Short => change.negated(),
	}
	.quote_floor()
}

/// The average price at which a position would have no profit: mark less profit per unit of size for a
/// long, plus for a short. `None` when it has no size or the price is not positive.
///
/// Domain: the bounds of the crate, any profit.
pub fn entry_price(
	side: Side,
	units: Units,
	scale: Scale,
	mark: Price,
	profit: Quote,
) -> MathResult<Option<Price>> {
	if size_of(units, scale)?.is_zero() {
		return Ok(None);
	}
	// The price at which the profit is zero is the price at which a surplus of that size is used up.
	price_at_zero(I256::from(profit), side, units, scale, mark, Ratio::ZERO)
}

/// Split `deficit > 0` in proportion to `losses`: every part is rounded down, and the units that are
/// missing go one each to the largest remainders, first come first. The parts sum to the deficit exactly.
///
/// When nothing was lost anywhere, the first position bears all of it.
///
/// Domain: `deficit >= 0`, else [`MathError::Insufficient`]; losses, where a negative one counts as none, whose
/// sum is below 2^128.
pub fn split_deficit(deficit: Quote, losses: &[Quote]) -> MathResult<Vec<Quote>> {
	let amount = u128::try_from(deficit.0).map_err(|_| MathError::Insufficient)?;
	let losses: Vec<u128> = losses.iter().map(|loss| u128::try_from(loss.0).unwrap_or(0)).collect();
	let total =
		losses.iter().try_fold(0_u128, |sum, loss| sum.checked_add(*loss)).ok_or(MathError::Overflow)?;
	if total == 0 {
		let mut parts: Vec<Quote> = losses.iter().map(|_| Quote::ZERO).collect();
		if let Some(first) = parts.first_mut() {
			*first = deficit;
		}
		return Ok(parts);
	}
	let divisor = U256::from(total);
	let mut parts = Vec::with_capacity(losses.len());
	let mut remainders = Vec::with_capacity(losses.len());
	let mut missing = amount;
	for (index, loss) in losses.iter().enumerate() {
		let product = wide_product(amount, *loss);
		let part = narrow_signed(div_floor(product, divisor)?)?;
		missing = missing.checked_sub(part.unsigned_abs()).ok_or(MathError::Overflow)?;
		parts.push(Quote(part));
		remainders.push((product.checked_rem(divisor).ok_or(MathError::DivisionByZero)?, index));
	}
	remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
	for (_, index) in remainders {
		let Some(rest) = missing.checked_sub(1) else { break };
		if let Some(part) = parts.get_mut(index) {
			part.0 = part.0.checked_add(1).ok_or(MathError::Overflow)?;
		}
		missing = rest;
	}
	Ok(parts)
}

/// The smallest size whose notional at `price` is at least `value`.
///
/// Domain: a price above zero, any value, where a negative one counts as none; an error where the size is
/// beyond 2^128.
pub fn size_worth(value: Quote, price: Price) -> MathResult<Size> {
	// Decimals: 6 + 21 less 18: 9.
	const DECIMALS: u128 = 1_000_000_000_000_000_000_000;
	let value = u128::try_from(value.0).unwrap_or(0);
	div_ceil(wide_product(value, DECIMALS), U256::from(price.0)).and_then(narrow).map(Size)
}
