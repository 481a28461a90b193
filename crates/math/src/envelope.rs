// SPDX-License-Identifier: Apache-2.0
//! How far a mark follows a price that has moved far: as far as two rounds in a row say.

use crate::units::ONE_E9;
use keel_primitives::{Price, Ratio};
use primitive_types::U256;

/// Whether `price` lies further from `from` than `most` of `from`.
///
/// Domain: any numbers; it cannot fail.
pub fn is_beyond(from: Price, price: Price, most: Ratio) -> bool {
	// Below 2^128 times 2^64.
	let product = |a: u128, b: u128| U256::from(a).saturating_mul(U256::from(b));
	product(price.0.abs_diff(from.0), ONE_E9) > product(from.0, u128::from(most.0))
}

/// The mark after a round that says `price`, where the round before it has said `before`:
///
/// ```text
/// price                           if |price - mark| <= largest_move * mark
/// price                           if |price - m| <= largest_move * m
/// m = median(mark, before, price) else
/// ```
///
/// A move within the largest one is followed at once. Of a larger one the mark follows the part that both rounds
/// agree on: nothing of it when only one says so, or when they say opposite things.
///
/// Domain: any numbers; it cannot fail.
pub fn confirmed(mark: Price, before: Price, price: Price, largest_move: Ratio) -> Price {
	if !is_beyond(mark, price, largest_move) {
		return price;
	}
	let (low, high) = (mark.min(price), mark.max(price));
	let agreed = before.max(low).min(high);
	if is_beyond(agreed, price, largest_move) {
		agreed
	} else {
		price
	}
}
