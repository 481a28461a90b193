// SPDX-License-Identifier: Apache-2.0
//! A side of a market by the unit: its size, what its holders have lost, and what opening takes.

use keel_math::{
	book::ROUNDINGS, units::units_for, Book, Ended, FundingRate, Level, Returns, Scale, SideBook, Units,
};
use keel_primitives::{Price, Quote, Ratio, Side, Size};
use num_bigint::BigInt;

const MARK: Price = Price::dollars(1_000);

/// A whole on each side.
fn book() -> (Book, Units) {
	let mut book = Book::default();
	let units = units_for(Size::ONE, book.long.scale).expect("one");
	for side in Side::BOTH {
		book.open(side, units, MARK).expect("small");
		book.set_reference(side, MARK).expect("small");
	}
	(book, units)
}

#[test]
fn open_interest_is_the_size_of_all_longs() {
	let (mut book, units) = book();
	assert_eq!((book.long.size(), book.open_interest()), (Ok(Size::ONE), Ok(Size::ONE)));
	book.close(Side::Short, units, MARK).expect("they are there");
	assert_eq!((book.short.size(), book.open_interest()), (Ok(Size::ZERO), Ok(Size::ONE)));
	// Half of what a unit was: half of the size, rounded down.
	book.long.scale = Scale(Scale::ONE.0 / 2);
	assert_eq!(book.open_interest(), Ok(Size(Size::ONE.0 / 2)));
}

#[test]
fn the_least_loss_since_the_reference_counts_as_a_unit_and_a_gain_as_none() {
	for (side, worse) in [(Side::Long, 1), (Side::Short, -1)] {
		let (mut book, _) = book();
		let now = book.side(side).level(side, MARK, Ratio::ZERO).expect("small");
		let lost = |book: &Book| book.side(side).lost(side, Units(1), MARK);
		assert_eq!(lost(&book), Ok(Quote::ZERO));
		// The reference was the least there is above what a long has now, below for a short.
		book.side_mut(side).reference = Level(now.0 + worse);
		assert_eq!(lost(&book), Ok(Quote(1)), "{side:?}");
		assert_eq!(book.bearable(side, MARK), Ok(Quote::ZERO), "{side:?}");
		book.side_mut(side).reference = Level(now.0 - worse);
		assert_eq!(lost(&book), Ok(Quote::ZERO), "{side:?}");
		// And the least gain is a unit that may have to be given up, with what rounding may add.
		assert_eq!(book.bearable(side, MARK), Ok(Quote(1 + ROUNDINGS.0)), "{side:?}");

		let [long, short] = book.close_out(MARK).expect("small");
		let mut ended = if side == Side::Long { long } else { short }.expect("somebody holds it");
		ended.reference = Level(ended.quote.0 + worse);
		assert_eq!(ended.lost(side, Units(1)), Ok(Quote(1)), "{side:?}");
		ended.reference = Level(ended.quote.0 - worse);
		assert_eq!(ended.lost(side, Units(1)), Ok(Quote::ZERO), "{side:?}");
	}
}

#[test]
fn a_reference_that_has_left_the_range_stays_unknown_whoever_joins() {
	for (side, unknown, better) in [(Side::Long, i128::MIN, 2_000), (Side::Short, i128::MAX, 500)] {
		let (mut book, units) = book();
		book.side_mut(side).reference = Level(unknown);
		book.open(side, units, MARK).expect("small");
		assert_eq!(book.side(side).reference, Level(unknown), "{side:?}");
		// Nothing is known to have been gained, so nothing is to be borne.
		assert_eq!(book.bearable(side, Price::dollars(better)), Ok(Quote::ZERO), "{side:?}");
		// It begins afresh when nobody holds the side any more.
		book.close(side, Units(2 * units.0), MARK).expect("they are there");
		book.open(side, units, MARK).expect("small");
		assert!(book.bearable(side, Price::dollars(better)).expect("small") > Quote::ZERO, "{side:?}");
	}
}

#[test]
fn the_reference_of_those_who_join_is_the_mean_rounded_against_bearing_more() {
	// One unit at 1,000 dollars and two at 1,001: 1,000 and two thirds.
	let third = 10_i128.pow(30) + 2 * 10_i128.pow(27) / 3;
	for (side, mean) in [(Side::Long, third + 1), (Side::Short, third)] {
		let mut book = Book::default();
		book.open(side, Units(1), MARK).expect("small");
		book.open(side, Units(2), Price::dollars(1_001)).expect("small");
		assert_eq!(book.side(side).reference, Level(mean), "{side:?}");
	}
}

#[test]
fn who_opens_nothing_changes_nothing_also_where_nobody_is() {
	for side in Side::BOTH {
		let mut book = Book::default();
		assert_eq!(book.open(side, Units::ZERO, MARK), Ok(Quote::ZERO));
		assert_eq!(book, Book::default());
	}
}

#[test]
fn who_opens_pays_no_less_and_is_paid_no_more_than_the_exact_value() {
	// A scale and a price whose product ends beyond what a level keeps, times many units.
	let (scale, price, units) = (Scale(Scale::FLOOR.0 + 1), Price(333_333_333_333), Units(1 << 110));
	let exact = BigInt::from(units.0) * BigInt::from(scale.0) * BigInt::from(price.0);
	// Decimals: 9 + 27 + 18, less 6.
	let unit = BigInt::from(10).pow(48);
	for side in Side::BOTH {
		let mut book = Book::default();
		book.side_mut(side).scale = scale;
		let received = book.open(side, units, price).expect("within bounds");
		assert!(BigInt::from(received.0) * &unit <= -side_of(side) * &exact, "{side:?}");
		// And who closes at once the same, in the other direction.
		let received = book.close(side, units, price).expect("they are there");
		assert!(BigInt::from(received.0) * &unit <= side_of(side) * &exact, "{side:?}");
	}
}

#[test]
fn funding_is_told_apart_and_leaves_no_mark_on_an_empty_side() {
	let (mut book, units) = book();
	book.fund(MARK, FundingRate(1_000_000), 28_800_000).expect("small");
	// A tenth of a percent of 1,000 dollars.
	assert_eq!(
		(book.long.funding, book.short.funding),
		(Level(-(10_i128.pow(27))), Level(-(10_i128.pow(27))))
	);
	assert_eq!((book.long.quote, book.short.quote), (book.long.funding, book.short.funding));
	book.close(Side::Short, units, MARK).expect("they are there");
	book.fund(MARK, FundingRate(1_000_000), 28_800_000).expect("small");
	assert_eq!(book.short, SideBook::default());
}

fn ended(scale: Scale) -> Ended {
	Ended {
		scale,
		quote: Level::ZERO,
		funding: Level::ZERO,
		left: Units(7),
		reserved: Units(5),
		reference: Level::ZERO,
		returns: Returns::default(),
	}
}

#[test]
fn a_generation_is_alone_while_all_of_the_next_one_is_reserved_for_it() {
	let waiting = ended(Scale::FLOOR);
	assert!(waiting.is_alone(Units(5)));
	assert!(!waiting.is_alone(Units(6)));
	assert!(!Ended { left: Units::ZERO, ..waiting }.is_alone(Units(5)));
	assert!(!Ended { left: Units::ZERO, ..waiting }.is_alone(Units(6)));
}

#[test]
fn a_third_of_the_least_level_is_nothing_to_own_and_the_least_to_owe() {
	let third = ended(Scale(Scale::ONE.0 / 3));
	assert_eq!(third.level(Side::Long, Level(1)), Ok(Level::ZERO));
	assert_eq!(third.level(Side::Short, Level(1)), Ok(Level(1)));
}

#[test]
fn a_side_is_re_based_below_the_lowest_scale_and_not_at_it() {
	let all = Units(1_000_000_000);
	let mut book = Book::default();
	for side in Side::BOTH {
		book.open(side, all, MARK).expect("small");
	}
	// All but a millionth is closed against the shorts.
	let scaled = book.deleverage(Side::Long, Units(999_999_000), MARK).expect("they are there");
	assert_eq!((scaled.ended, book.short.scale), (None, Scale::FLOOR));
	let scaled = book.deleverage(Side::Long, Units(1), MARK).expect("they are there");
	assert!(scaled.ended.is_some_and(|ended| !ended.is_closed_out()));
}

#[test]
fn a_side_of_which_less_is_left_than_the_smallest_size_is_closed_out() {
	let mut book = Book::default();
	book.short.scale = Scale(Scale::ONE.0 / 2);
	book.open(Side::Long, Units(100), MARK).expect("small");
	// Four and a half of the smallest size, of which four go.
	book.open(Side::Short, Units(9), MARK).expect("small");
	let scaled = book.deleverage(Side::Long, Units(4), MARK).expect("they are there");
	assert!(scaled.ended.is_some_and(|ended| ended.is_closed_out()));
	assert!(book.conservation().holds());
}

#[test]
fn a_market_that_nobody_is_in_ends_without_a_generation() {
	assert_eq!(Book::default().close_out(MARK), Ok([None, None]));
}

fn side_of(side: Side) -> i32 {
	if side == Side::Long {
		1
	} else {
		-1
	}
}
