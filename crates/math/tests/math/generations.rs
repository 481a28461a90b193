// SPDX-License-Identifier: Apache-2.0
//! How generations end, and what the two equations see: with numbers that can be followed by hand.

use keel_math::{
	units::{size_of, units_for},
	Book, FundingRate, Generation, Units, I256,
};
use keel_primitives::{Price, Quote, Ratio, Side, Size};
use proptest::prelude::*;

proptest! {
	#[test]
	fn nobody_loses_health_by_deleveraging(
		sizes in prop::collection::vec(1_u64..1_000_000_000_000, 2..8),
		mark in 1_u32..1_000_000,
		share in 1_u128..=10,
	) {
		let mark = Price::dollars(mark);
		let rate = Ratio::percent(3);
		let mut book = Book::default();
		let mut held = Vec::new();
		for size in &sizes {
			for side in Side::BOTH {
				let units = units_for(Size((*size).into()), book.side(side).scale).unwrap();
				book.open(side, units, mark).unwrap();
				held.push((side, units));
			}
		}
		let (side, units) = held[0];
		let levels = |book: &Book, rate| book.side(side.opposite()).level(side.opposite(), mark, rate).unwrap();
		let (before, before_value) = (levels(&book, rate), levels(&book, Ratio::ZERO));
		let scaled = book.deleverage(side, Units(units.0 * share / 10), mark).unwrap();
		if scaled.ended.is_none() && units.0 * share / 10 > 0 {
			// A short owes its level: it must not rise by more than the last decimal.
			prop_assert!(levels(&book, rate).0 <= before.0 + 1);
			prop_assert!(levels(&book, Ratio::ZERO).0 <= before_value.0 + 1);
		}
		prop_assert!(book.conservation().holds());
	}
}

proptest! {
	#[test]
	fn both_sides_closed_against_each_other_are_claims_that_settle_and_the_house_holds_no_size(
		sizes in prop::collection::vec(1_u64..1_000_000_000_000, 2..8),
		mark in 1_u32..1_000_000,
		price in 1_u32..1_000_000,
		share in 0_u128..10,
	) {
		let (mark, price) = (Price::dollars(mark), Price::dollars(price));
		let mut book = Book::default();
		let mut held = Vec::new();
		for size in &sizes {
			for side in Side::BOTH {
				let units = units_for(Size((*size).into()), book.side(side).scale).unwrap();
				book.open(side, units, mark).unwrap();
				held.push((side, units));
			}
		}
		// A scale that is not one, and size that rounding has left to the house.
		let (side, units) = held[0];
		let part = Units(units.0 * share / 10);
		prop_assume!(book.deleverage(side, part, mark).unwrap().ended.is_none());
		held[0].1 = Units(units.0 - part.0);
		let value = |book: &Book, side: Side| book.side(side).level(side, price, Ratio::ZERO).unwrap();
		let worth = Side::BOTH.map(|side| value(&book, side));

		let ended = book.close_out(price).unwrap();
		prop_assert!(book.conservation().holds());
		prop_assert_eq!((book.sink, book.long.units, book.short.units), (I256::ZERO, Units(0), Units(0)));
		for ((side, ended), worth) in Side::BOTH.into_iter().zip(ended).zip(worth) {
			let mut ended = ended.unwrap();
			prop_assert!(ended.is_closed_out());
			// A unit is worth what it was at the price, to the last of 27 decimals.
			prop_assert!(ended.quote.0.abs_diff(worth.0) <= 1);
			for (_, units) in held.iter().filter(|(of, _)| *of == side) {
				book.settle(side, &mut ended, *units).unwrap();
			}
			prop_assert!(ended.is_settled());
		}
		prop_assert_eq!(book.unsettled, I256::ZERO);
		prop_assert!(book.conservation().holds());
		// Nobody is left, and nobody is owed anything: what is there is the house's.
		prop_assert_eq!(I256::from(book.paid_in), book.dust);
	}
}

/// A corrupted book is caught: the equations are equalities, so one unit is enough.
#[test]
fn conservation_sees_a_single_unit() {
	let (mut traded, mark) = (Book::default(), Price::dollars(50_000));
	for side in Side::BOTH {
		traded.open(side, Units(1_000_000_000), mark).unwrap();
	}
	traded.fund(mark, FundingRate(1_000_000), 3_600_000).unwrap();
	assert!(traded.conservation().holds());

	type Corruption = fn(&mut Book);
	let corruptions: [(&str, Corruption); 6] = [
		("a flipped rounding of funding", |book| book.short.quote.0 += 1),
		("a unit nobody paid for", |book| book.long.units.0 += 1),
		("money from nowhere", |book| book.paid_in.0 -= 1),
		("dust that was forgotten", |book| book.dust = book.dust.minus(I256::from(1_i128)).unwrap()),
		("a scale rounded the other way", |book| book.short.scale.0 -= 1),
		("a debt that was forgotten", |book| book.debt.0 += 1),
	];
	for (what, corrupt) in corruptions {
		let mut book = traded;
		corrupt(&mut book);
		assert!(!book.conservation().holds(), "{what} went unnoticed");
	}
}

#[test]
fn a_side_closed_out_leaves_claims_that_bear_losses_and_settle_to_the_unit() {
	let mut book = Book::default();
	let mark = Price::dollars(50_000);
	let one = Units(1_000_000_000);
	assert_eq!(book.open(Side::Long, one, mark).unwrap(), Quote::dollars(-50_000));
	assert_eq!(book.open(Side::Short, one, mark).unwrap(), Quote::dollars(50_000));

	// The long is closed at 40,000 against the only short, which ends its generation.
	let scaled = book.deleverage(Side::Long, one, Price::dollars(40_000)).unwrap();
	assert_eq!(scaled.cash, Quote::dollars(40_000));
	let mut ended = scaled.ended.expect("closed out");
	assert!(ended.is_closed_out());
	assert_eq!(book.short.generation, Generation(1));
	assert!(book.conservation().holds());

	// The long could not pay 3,000 of its loss: the short that gained 10,000 bears it.
	book.socialise_ended(Side::Short, &mut ended, Quote::dollars(3_000)).unwrap();
	assert!(book.conservation().holds());
	let settled = book.settle(Side::Short, &mut ended, one).unwrap();
	assert_eq!(settled, keel_math::Settled { cash: Quote::dollars(-43_000), units: Units::ZERO });
	assert!(ended.is_settled());
	assert!(book.conservation().holds());
	assert_eq!((book.paid_in, book.dust), (Quote::ZERO, I256::ZERO));
}

#[test]
fn a_side_under_the_floor_is_rebased_and_old_positions_keep_their_value() {
	let mut book = Book::default();
	let mark = Price::dollars(1_000);
	let many = Units(100_000_000_000_000_000);
	book.open(Side::Long, many, mark).unwrap();
	book.open(Side::Short, many, mark).unwrap();
	let before = book.short;
	// All but a few ten-millionths of the longs are closed against the shorts.
	let most = Units(many.0 - 20_000_000_000);
	let scaled = book.deleverage(Side::Long, most, mark).unwrap();
	let mut ended = scaled.ended.expect("under the floor");
	assert!(!ended.is_closed_out());
	assert_eq!(book.short.units, Units(20_000_000_000));
	let level = ended.level(Side::Short, book.short.level(Side::Short, mark, Ratio::ZERO).unwrap()).unwrap();
	let old = before.level(Side::Short, mark, Ratio::ZERO).unwrap();
	assert!((level.0 - old.0).abs() <= 1, "{level:?} against {old:?}");

	let settled = book.settle(Side::Short, &mut ended, many).unwrap();
	assert_eq!(settled.units, Units(20_000_000_000));
	assert!(ended.is_settled() && ended.reserved.is_zero());
	assert!(book.conservation().holds());
}

#[test]
fn a_loss_that_meets_an_empty_side_is_the_markets_debt() {
	let mut book = Book::default();
	assert!(book.socialise(Side::Short, Quote::dollars(5)).is_err());
	assert_eq!(book, Book::default());
	book.borrow(Quote::dollars(5)).unwrap();
	assert!(book.conservation().holds());
	assert_eq!(book.repay(Quote::dollars(7)).unwrap(), Quote::dollars(5));
	assert_eq!(book, Book::default());
}

/// Rounding puts more units on a side that has been deleveraged than the other side holds. When the last of
/// the other side goes they must not stay: they would be all there is to bear a loss.
#[test]
fn the_last_position_of_a_side_takes_all_of_the_other_with_it() {
	let mark = Price::dollars(50_000);
	let mut book = Book::default();
	let one = Units(1_000_000_000);
	book.open(Side::Long, one, mark).unwrap();
	book.open(Side::Short, one, mark).unwrap();
	// A third of both sides goes: the shorts' scale is no round number any more.
	book.deleverage(Side::Long, Units(333_333_333), mark).unwrap();
	for _ in 0..100 {
		let size = Size(1_000_003);
		book.open(Side::Long, units_for(size, book.side(Side::Long).scale).unwrap(), mark).unwrap();
		book.open(Side::Short, units_for(size, book.side(Side::Short).scale).unwrap(), mark).unwrap();
	}
	let all = book.side(Side::Long).units;
	let more = size_of(book.side(Side::Short).units, book.side(Side::Short).scale).unwrap();
	assert!(more >= size_of(all, book.side(Side::Long).scale).unwrap());

	let scaled = book.deleverage(Side::Long, all, mark).unwrap();
	assert!(scaled.ended.expect("the shorts' generation ends").is_closed_out());
	assert!(book.side(Side::Short).units.is_zero() && book.side(Side::Long).units.is_zero());
	let conservation = book.conservation();
	assert!(conservation.holds());
}
