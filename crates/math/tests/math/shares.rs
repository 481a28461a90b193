// SPDX-License-Identifier: Apache-2.0
//! Who bears how much, and what a holder gains: the cases in which the last unit goes one way or the other.

use keel_math::{
	margin::{
		entry_price, funding_received, price_at_zero, profit, size_to_restore, size_worth, split_deficit,
		Reduction,
	},
	Level, Scale, Standing, Units, I256,
};
use keel_primitives::{Price, Quote, Ratio, Side, Size};

const ONE: Units = Units(1_000_000_000);

fn dollars(dollars: i128) -> Level {
	Level(dollars * 10_i128.pow(27))
}

fn split(deficit: i128, losses: &[i128]) -> Vec<i128> {
	let losses: Vec<Quote> = losses.iter().copied().map(Quote).collect();
	split_deficit(Quote(deficit), &losses).expect("small").into_iter().map(|part| part.0).collect()
}

#[test]
fn the_last_units_of_a_deficit_go_to_the_largest_remainders() {
	// 25/6 and 5/6: four and nothing, and the one that is missing belongs to the second.
	assert_eq!(split(5, &[5, 1]), [4, 1]);
	assert_eq!(split(7, &[1, 5]), [1, 6]);
	// Of equal ones the first comes first.
	assert_eq!(split(1, &[1, 1]), [1, 0]);
	assert_eq!(split(10, &[1, 1, 4]), [2, 2, 6]);
}

#[test]
fn where_nothing_was_lost_the_first_bears_all_and_where_a_unit_was_its_loser_does() {
	assert_eq!(split(7, &[0, 0]), [7, 0]);
	assert_eq!(split(7, &[-3, -1]), [7, 0]);
	assert_eq!(split(7, &[0, 1]), [0, 7]);
	// A gain is no loss.
	assert_eq!(split(10, &[-5, 10]), [0, 10]);
	assert_eq!(split(10, &[]), [] as [i128; 0]);
}

#[test]
fn profit_and_funding_are_what_a_long_gains_and_a_short_loses_rounded_down() {
	let gain = |side| profit(side, ONE, dollars(13), Quote::dollars(10));
	assert_eq!(gain(Side::Long), Ok(Quote::dollars(3)));
	assert_eq!(gain(Side::Short), Ok(Quote::dollars(-3)));
	let funding = |side| funding_received(side, ONE, dollars(13), dollars(10));
	assert_eq!(funding(Side::Long), Ok(Quote::dollars(3)));
	assert_eq!(funding(Side::Short), Ok(Quote::dollars(-3)));
	// The least there is: nothing for who gains it, a unit for who loses it.
	for (side, least) in [(Side::Long, 0), (Side::Short, -1)] {
		assert_eq!(profit(side, Units(1), Level(1), Quote::ZERO), Ok(Quote(least)));
		assert_eq!(funding_received(side, Units(1), Level(1), Level::ZERO), Ok(Quote(least)));
	}
}

#[test]
fn what_is_too_small_to_be_shown_has_no_entry_price() {
	let price = |units, scale| entry_price(Side::Long, units, scale, Price::ONE, Quote::ZERO);
	assert_eq!(price(Units(999_999), Scale::FLOOR), Ok(None));
	assert_eq!(price(Units(1_000_000), Scale::FLOOR), Ok(Some(Price::ONE)));
}

#[test]
fn a_debt_is_worth_no_size() {
	assert_eq!(size_worth(Quote(-5), Price::ONE), Ok(Size::ZERO));
	assert_eq!(size_worth(Quote::ZERO, Price::ONE), Ok(Size::ZERO));
}

#[test]
fn who_has_exactly_what_is_asked_closes_nothing_also_where_closing_would_not_help() {
	// Closing at a hundredth of mark frees less than it costs.
	let reduction = Reduction {
		side: Side::Long,
		size: Size::ONE,
		mark: Price::dollars(100),
		price: Price::ONE,
		rate: Ratio::percent(3),
		penalty: Ratio::ZERO,
		buffer: Ratio::ZERO,
	};
	// A thousand dollars are required, and five units for what is rounded away.
	let closed = |more: i128| {
		let health = I256::from(Quote(more));
		let equity = I256::from(Quote(1_000_000_000)).plus(health).expect("small");
		size_to_restore(&Standing { equity, health }, &reduction)
	};
	assert_eq!(closed(5), Ok(Size::ZERO));
	assert_eq!(closed(4), Ok(Size::ONE));
}

#[test]
fn a_surplus_of_any_size_is_used_up_at_a_price_or_at_none() {
	let power = |exponent: u32| {
		let high = I256::from(1_u128 << exponent.min(127));
		high.times(1 << exponent.saturating_sub(127).min(127)).expect("below 2^255")
	};
	let mark = Price::dollars(100);
	// The least that a position can be: a unit at the lowest scale, of which margin leaves a billionth.
	let rate = Ratio(999_999_999);
	let least = |surplus| price_at_zero(surplus, Side::Long, Units(1), Scale::FLOOR, mark, rate);
	for exponent in 200..=254 {
		assert_eq!(least(power(exponent)), Ok(None), "2^{exponent}");
		assert_eq!(least(power(exponent).negated()), Ok(None), "-2^{exponent}");
	}
	// A debt that only a price of 2^127 pays.
	let debt = power(127).times(1_000_000_000_000_000_000).expect("below 2^187").negated();
	let price = price_at_zero(debt, Side::Long, ONE, Scale::ONE, mark, Ratio::ZERO);
	assert_eq!(price, Ok(Some(Price(mark.0 + (1 << 127)))));
}
