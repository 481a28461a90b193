// SPDX-License-Identifier: Apache-2.0
//! How far closing positions moves a price, and what two moves make together. Moves are in parts per billion.

use crate::{MathError, MathResult};
use keel_primitives::Quote;

/// A whole.
const WHOLE: i128 = 1_000_000_000;
/// One percent of it.
const PERCENT: i128 = WHOLE / 100;
/// The largest rise: about 137 times the price.
pub const RISE_MAX: i64 = 1 << 37;

/// By how much buying `net` dollars more than are sold moves a price, when `depth` dollars move it by one percent:
///
/// ```text
/// move = net / depth * 1 %        rounded away from zero
/// ```
///
/// Linear, as in Kyle, *Continuous Auctions and Insider Trading* (1985). A negative `net` sells. A price falls by at most
/// all of it, and rises by at most [`RISE_MAX`].
///
/// Domain: any `net`, `depth > 0`, else [`MathError::Insufficient`].
pub fn impact(net: Quote, depth: Quote) -> MathResult<i64> {
	if depth.0 <= 0 {
		return Err(MathError::Insufficient);
	}
	let product = net.0.saturating_mul(PERCENT);
	let whole = product.checked_div(depth.0).ok_or(MathError::Overflow)?;
	let rest = product.checked_rem(depth.0).ok_or(MathError::Overflow)?;
	Ok(bounded(whole.saturating_add(rest.signum())))
}

/// What a move and, after it, another make together: `(1 + first)(1 + then) - 1`, rounded down.
///
/// Domain: any moves. A price falls by at most all of it, and rises by at most [`RISE_MAX`].
pub fn compound(first: i64, then: i64) -> i64 {
	let factor = |by: i64| WHOLE.saturating_add(by.into()).max(0);
	// Each factor is below 2^64.
	let product = factor(first).saturating_mul(factor(then)).div_euclid(WHOLE);
	bounded(product.saturating_sub(WHOLE))
}

/// `share` parts per million of a move, rounded down.
///
/// Domain: any move and share.
pub fn part(by: i64, share: u32) -> i64 {
	bounded(i128::from(by).saturating_mul(share.into()).div_euclid(1_000_000))
}

/// A move that a price can make.
fn bounded(by: i128) -> i64 {
	i64::try_from(by.clamp(-WHOLE, RISE_MAX.into())).unwrap_or(RISE_MAX)
}

#[cfg(test)]
mod tests {
	use super::*;

	const MILLION: Quote = Quote::dollars(1_000_000);

	#[test]
	fn the_depth_moves_a_price_by_one_percent() {
		assert_eq!(impact(MILLION, MILLION), Ok(10_000_000));
		assert_eq!(impact(Quote(-MILLION.0), MILLION), Ok(-10_000_000));
		assert_eq!(impact(Quote::dollars(12_345_678), MILLION), Ok(123_456_780));
		assert_eq!(impact(Quote::ZERO, MILLION), Ok(0));
	}

	#[test]
	fn a_part_of_a_billionth_counts_as_one() {
		assert_eq!(impact(Quote(1), Quote(30_000_000)), Ok(1));
		assert_eq!(impact(Quote(-1), Quote(30_000_000)), Ok(-1));
	}

	#[test]
	fn a_price_falls_by_all_of_it_at_most() {
		assert_eq!(impact(Quote(-(101 * MILLION.0)), MILLION), Ok(-1_000_000_000));
		assert_eq!(impact(Quote(i128::MIN), Quote(1)), Ok(-1_000_000_000));
		assert_eq!(impact(Quote(i128::MAX), Quote(1)), Ok(RISE_MAX));
		assert_eq!(compound(-1_000_000_000, RISE_MAX), -1_000_000_000);
		assert_eq!(compound(i64::MIN, i64::MAX), -1_000_000_000);
		assert_eq!(compound(i64::MAX, i64::MAX), RISE_MAX);
	}

	#[test]
	fn nothing_is_deep_enough_for_no_depth() {
		assert_eq!(impact(MILLION, Quote::ZERO), Err(MathError::Insufficient));
		assert_eq!(impact(MILLION, Quote(-1)), Err(MathError::Insufficient));
	}

	#[test]
	fn two_moves_multiply() {
		assert_eq!(compound(-500_000_000, -500_000_000), -750_000_000);
		assert_eq!(compound(-100_000_000, 100_000_000), -10_000_000);
		assert_eq!(compound(0, 7), 7);
		assert_eq!(compound(-1, -1), -2);
	}

	#[test]
	fn a_part_of_a_move_is_rounded_down() {
		assert_eq!(part(-500_000_000, 1_000_000), -500_000_000);
		assert_eq!(part(-500_000_000, 500_000), -250_000_000);
		assert_eq!(part(-1, 500_000), -1);
		assert_eq!(part(i64::MAX, u32::MAX), RISE_MAX);
		assert_eq!(part(i64::MIN, 1_000_000), -1_000_000_000);
	}
}
