// SPDX-License-Identifier: Apache-2.0
//! How far closing moves a price, and what moves make together.

use keel_math::{
	stress::{compound, impact, part, RISE_MAX},
	MathError,
};
use keel_primitives::Quote;

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
