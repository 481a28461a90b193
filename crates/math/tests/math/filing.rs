// SPDX-License-Identifier: Apache-2.0
//! Which keys stay, which are filed again, and how far from the level: by the unit.

use keel_math::{
	keys::{corner, file, filing_weight, Filing},
	Level, Units, I256,
};
use keel_primitives::{Quote, Side};
use primitive_types::U256;

/// Shares are counted in so many parts of a budget: a multiple of it is divided exactly.
const STEP: i128 = 1 << 32;
const LEVEL: i128 = 1_000 * STEP;

/// Exposures of one unit whose keys cost so many steps, of equal weight.
fn filings(side: Side, costs: &[Option<i128>], weight: u32) -> Vec<Filing> {
	let filing = |cost: &Option<i128>| Filing {
		side,
		units: Units(1),
		level: Level(LEVEL),
		key: cost.map(|cost| at(side, cost)),
		weight: U256::from(weight),
	};
	costs.iter().map(filing).collect()
}

/// The key that costs so many steps to reach.
fn at(side: Side, cost: i128) -> Level {
	let cost = cost * STEP;
	Level(if side == Side::Long { LEVEL - cost } else { LEVEL + cost })
}

/// What the keys cost that are on file afterwards, on either side, in steps.
fn filed(budget: i128, costs: &[Option<i128>], touched: Option<usize>, weight: u32) -> Vec<i128> {
	let costs = exactly(budget * STEP, costs, touched, weight);
	assert!(costs.iter().all(|cost| cost % STEP == 0));
	costs.into_iter().map(|cost| cost / STEP).collect()
}

/// The same by the unit.
fn exactly(budget: i128, costs: &[Option<i128>], touched: Option<usize>, weight: u32) -> Vec<i128> {
	let [long, short] = Side::BOTH.map(|side| {
		let keys = file(I256::from(budget), &filings(side, costs, weight), touched).expect("small");
		keys.into_iter().map(|key| (key.0 - LEVEL).abs()).collect::<Vec<_>>()
	});
	assert_eq!(long, short, "the sides are mirrors");
	long
}

fn kept(budget: i128, costs: [i128; 2], touched: Option<usize>) -> Vec<i128> {
	filed(budget, &costs.map(Some), touched, 1)
}

#[test]
fn keys_stay_while_they_cost_no_more_than_the_budget() {
	assert_eq!(kept(100, [40, 40], None), [40, 40]);
	assert_eq!(kept(100, [60, 40], None), [60, 40]);
	assert_eq!(kept(100, [60, 41], None), [50, 50]);
	// Who has none, or whose key has fired, gets one.
	assert_eq!(filed(100, &[Some(40), None], None, 1), [50, 50]);
	assert_eq!(filed(100, &[Some(40), Some(-1)], None, 1), [50, 50]);
}

#[test]
fn a_key_that_uses_less_than_a_quarter_of_its_share_is_too_thin() {
	// A share of 48: a quarter is twelve.
	assert_eq!(kept(96, [12, 48], None), [12, 48]);
	assert_eq!(kept(96, [11, 48], None), [48, 48]);
}

#[test]
fn who_was_touched_keeps_his_key_while_the_others_leave_enough_for_it() {
	assert_eq!(kept(100, [55, 40], Some(0)), [55, 40]);
	assert_eq!(kept(100, [60, 40], Some(0)), [60, 40]);
	// Else it is filed again, out of what they leave, and theirs stay.
	assert_eq!(kept(100, [61, 40], Some(0)), [60, 40]);
	assert_eq!(kept(100, [40, 61], Some(1)), [40, 60]);
	assert_eq!(filed(100, &[None, Some(40)], Some(0), 1), [60, 40]);
	// Too thin a key of one's own is filed again as well.
	assert_eq!(kept(100, [5, 40], Some(0)), [60, 40]);
}

#[test]
fn all_are_filed_again_where_the_others_leave_less_than_a_quarter_of_a_share() {
	assert_eq!(kept(96, [90, 84], Some(0)), [12, 84]);
	assert_eq!(kept(96, [90, 85], Some(0)), [48, 48]);
	assert_eq!(kept(96, [5, 110], Some(0)), [48, 48]);
	// Also where one of theirs is too thin itself.
	assert_eq!(kept(96, [90, 11], Some(0)), [48, 48]);
}

#[test]
fn exposures_that_weigh_nothing_share_equally_and_one_alone_has_all_of_it() {
	assert_eq!(filed(100, &[None, None], None, 0), [50, 50]);
	assert_eq!(filed(100, &[None, None, None, None], None, 0), [25, 25, 25, 25]);
	// To the unit, also where the budget is no multiple of what shares are counted in.
	let odd = STEP + 5;
	assert_eq!(exactly(odd, &[None], None, 0), [odd]);
	assert_eq!(exactly(odd, &[None], None, 7), [odd]);
}

#[test]
fn the_corner_is_health_at_the_keys() {
	let keys = [(Side::Long, Units(3), Level(-5)), (Side::Short, Units(2), Level(7))];
	let exact = I256::from(Quote(1)).minus(I256::from(29_u128)).expect("small");
	assert_eq!(corner(Quote(1), keys), Ok(exact));
	assert_eq!(corner(Quote::ZERO, []), Ok(I256::ZERO));
}

#[test]
fn an_exposure_weighs_its_notional_times_its_volatility_and_at_least_something() {
	assert_eq!(filing_weight(Quote(7), 3), U256::from(21));
	assert_eq!(filing_weight(Quote(1), 5), U256::from(5));
	assert_eq!(filing_weight(Quote(5), 1), U256::from(5));
	for nothing in [Quote::ZERO, Quote(-7)] {
		assert_eq!(filing_weight(nothing, 0), U256::from(1));
	}
}
