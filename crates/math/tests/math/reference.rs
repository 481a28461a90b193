// SPDX-License-Identifier: Apache-2.0
//! What a side may be made to bear: what the move since its reference has given to it.

use keel_math::{book::ROUNDINGS, Book, FundingRate, Level, Units};
use keel_primitives::{Price, Quote, Side, Size};
use proptest::prelude::*;

const HUNDRED: Price = Price::dollars(100);

/// Stored units of a side that was never deleveraged.
fn units(count: u64) -> Units {
	Units(u128::from(count) * Size::ONE.0)
}

/// Ten longs and ten shorts since a price of 100, which is the reference.
fn book() -> Book {
	let mut book = Book::default();
	for side in Side::BOTH {
		book.open(side, units(10), HUNDRED).unwrap();
		book.set_reference(side, HUNDRED).unwrap();
	}
	book
}

fn with_roundings(dollars: i64) -> Quote {
	Quote(Quote::dollars(dollars).0 + ROUNDINGS.0)
}

fn bearable(book: &Book, side: Side, mark: u32) -> Quote {
	book.bearable(side, Price::dollars(mark)).unwrap()
}

#[test]
fn a_side_bears_what_it_has_gained_and_the_other_nothing() {
	let book = book();
	assert_eq!(bearable(&book, Side::Short, 90), with_roundings(100));
	assert_eq!(bearable(&book, Side::Long, 90), Quote::ZERO);
	assert_eq!(bearable(&book, Side::Long, 115), with_roundings(150));
	assert_eq!(bearable(&book, Side::Short, 115), Quote::ZERO);
	let lost = |side, count, mark| book.side(side).lost(side, units(count), Price::dollars(mark)).unwrap();
	assert_eq!(lost(Side::Long, 3, 90), Quote::dollars(30));
	assert_eq!(lost(Side::Short, 3, 90), Quote::ZERO);
	assert_eq!(lost(Side::Short, 3, 101), Quote::dollars(3));
}

#[test]
fn what_it_has_borne_it_does_not_bear_again() {
	let mut book = book();
	book.socialise(Side::Short, Quote::dollars(70)).unwrap();
	assert_eq!(bearable(&book, Side::Short, 90), with_roundings(30));
	// Nor does a new reference give it back.
	book.set_reference(Side::Short, Price::dollars(90)).unwrap();
	assert_eq!(bearable(&book, Side::Short, 90), Quote::ZERO);
	assert_eq!(bearable(&book, Side::Short, 89), with_roundings(10));
}

#[test]
fn a_reference_is_as_old_as_the_side() {
	let mut book = Book::default();
	book.open(Side::Long, units(1), HUNDRED).unwrap();
	assert_eq!(bearable(&book, Side::Long, 100), Quote::ZERO);
	assert_eq!(bearable(&book, Side::Long, 101), with_roundings(1));
	book.close(Side::Long, units(1), Price::dollars(101)).unwrap();
	assert_eq!(book.long.reference, Level::default());
	assert_eq!(bearable(&book, Side::Long, 200), Quote::ZERO, "nobody is there");
	book.set_reference(Side::Long, HUNDRED).unwrap();
	assert_eq!(book.long.reference, Level::default(), "and nobody has one");
}

#[test]
fn who_joins_later_brings_his_own_reference() {
	let mut book = book();
	book.open(Side::Short, units(10), Price::dollars(90)).unwrap();
	// Ten that have gained eleven each, and ten that have gained one.
	assert_eq!(bearable(&book, Side::Short, 89), with_roundings(120));
	book.open(Side::Long, units(30), Price::dollars(90)).unwrap();
	// Ten from 100 and thirty from 90: 92.5 in the mean.
	assert_eq!(bearable(&book, Side::Long, 95), with_roundings(100));
}

#[test]
fn funding_is_part_of_what_a_move_gives() {
	let mut book = book();
	// One percent in eight hours, from longs to shorts.
	book.fund(HUNDRED, FundingRate(10_000_000), keel_math::book::FUNDING_PERIOD_MS).unwrap();
	assert_eq!(bearable(&book, Side::Short, 100), with_roundings(10));
	assert_eq!(book.long.lost(Side::Long, units(10), HUNDRED), Ok(Quote::dollars(10)));
}

#[test]
fn deleveraging_changes_nothing_of_it() {
	let mut book = book();
	book.deleverage(Side::Long, units(4), Price::dollars(90)).unwrap();
	assert_eq!(bearable(&book, Side::Short, 90), with_roundings(100));
	// Six tenths of the size are left.
	assert_eq!(bearable(&book, Side::Short, 80), with_roundings(160));
}

#[test]
fn claims_bear_what_their_side_had_gained() {
	let mut book = book();
	let ended = book.deleverage(Side::Long, units(10), Price::dollars(90)).unwrap().ended;
	let mut claims = ended.expect("closed out");
	assert!(claims.is_closed_out());
	assert_eq!(claims.bearable(Side::Short), Ok(with_roundings(100)));
	book.socialise_ended(Side::Short, &mut claims, Quote::dollars(60)).unwrap();
	assert_eq!(claims.bearable(Side::Short), Ok(with_roundings(40)));
	assert_eq!(claims.lost(Side::Short, units(10)), Ok(Quote::ZERO));

	let mut book = self::book();
	let ended = book.deleverage(Side::Short, units(10), Price::dollars(90)).unwrap().ended;
	let claims = ended.expect("closed out");
	assert_eq!(claims.bearable(Side::Long), Ok(Quote::ZERO));
	assert_eq!(claims.lost(Side::Long, units(10)), Ok(Quote::dollars(100)));
}

#[test]
fn rebasing_changes_nothing_of_it() {
	for (side, mark) in [(Side::Long, 90), (Side::Short, 115)] {
		let mut book = Book::default();
		for each in Side::BOTH {
			book.open(each, units(10_000_000), HUNDRED).unwrap();
			book.set_reference(each, HUNDRED).unwrap();
		}
		let (other, mark) = (side.opposite(), Price::dollars(mark));
		let before = book.bearable(other, mark).unwrap();
		let gone = Units(units(10_000_000).0 - units(5).0);
		let ended = book.deleverage(side, gone, mark).unwrap().ended.expect("re-based");
		assert!(!ended.is_closed_out());
		let after = book.bearable(other, mark).unwrap();
		// Of a unit that stands for two million, a unit of the reference's last place.
		assert!(after.0.abs_diff(before.0) <= 2, "{after:?} and {before:?}");
	}
}

/// An account on the losing side: its units and its margin, in cents of a dollar.
fn losers() -> impl Strategy<Value = Vec<(u64, u64)>> {
	prop::collection::vec((1_u64..50, 1_u64..100_000), 1..6)
}

proptest! {
	/// Everybody was solvent at the reference. Whoever the move has made bankrupt is closed in any order, and
	/// each pays with the step that closes it: what others must pay never exceeds what they gained.
	#[test]
	fn nobody_gives_more_than_the_move_gave_him(
		losers in losers(),
		side in any::<bool>().prop_map(|long| if long { Side::Long } else { Side::Short }),
		by in 1_u32..99,
		start in any::<prop::sample::Index>(),
	) {
		let mut book = Book::default();
		let mut accounts = Vec::new();
		for (count, cents) in &losers {
			let cash = book.open(side, units(*count), HUNDRED).unwrap();
			book.open(side.opposite(), units(*count), HUNDRED).unwrap();
			accounts.push((units(*count), Quote(cash.0 + i128::from(*cents) * 10_000)));
		}
		let all: u64 = losers.iter().map(|(count, _)| count).sum();
		for each in Side::BOTH {
			book.set_reference(each, HUNDRED).unwrap();
		}
		let mark = Price::dollars(match side {
			Side::Long => 100 - by,
			Side::Short => 100 + by,
		});
		let start = start.index(accounts.len());
		accounts.rotate_left(start);
		let mut given = 0;
		for (held, cash) in accounts {
			let value = book.side(side).level(side, mark, keel_primitives::Ratio::ZERO).unwrap();
			let gone = proceeds(side, held, value);
			let debt = -(cash.0 + gone);
			if debt <= 0 {
				continue;
			}
			let scaled = book.deleverage(side, held, mark).unwrap();
			prop_assert_eq!(scaled.cash.0, gone);
			let payer = side.opposite();
			let most = match scaled.ended {
				Some(mut claims) => {
					let most = claims.bearable(payer).unwrap();
					prop_assert!(debt <= most.0, "{debt} of {most:?}");
					book.socialise_ended(payer, &mut claims, Quote(debt)).unwrap();
					most
				}
				None => {
					let most = book.bearable(payer, mark).unwrap();
					prop_assert!(debt <= most.0, "{debt} of {most:?}");
					book.socialise(payer, Quote(debt)).unwrap();
					most
				}
			};
			prop_assert!(most.0 <= i128::from(all) * i128::from(by) * 1_000_000 - given + ROUNDINGS.0 + 1);
			given += debt;
			prop_assert!(book.conservation().holds());
		}
	}
}

/// What closing `held` brings when a unit is worth `value`, as the book rounds it.
fn proceeds(side: Side, held: Units, value: Level) -> i128 {
	let exact = keel_math::I256::product(held.0, value.0).unwrap();
	match side {
		Side::Long => exact.quote_floor().unwrap().0,
		Side::Short => -exact.quote_ceil().unwrap().0,
	}
}
