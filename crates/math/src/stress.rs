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
