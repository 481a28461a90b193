// SPDX-License-Identifier: Apache-2.0
//! What a market pays leaves it, and what it is paid comes in, to the unit, on either side.

use keel_math::{units::units_for, Book, Units, I256};
use keel_primitives::{Price, Quote, Side, Size};

const MARK: Price = Price::dollars(1_000);
const LOSS: Quote = Quote::dollars(7);

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
fn a_loss_that_is_laid_on_a_side_is_paid_out_and_what_comes_back_is_paid_in() {
	for side in Side::BOTH {
		let (mut book, _) = book();
		let before = book.paid_in;
		book.socialise(side, LOSS).expect("somebody holds it");
		assert_eq!(book.paid_in.0, before.0 - LOSS.0, "{side:?}");
		assert_eq!(book.dust, I256::ZERO, "a dollar for each unit, and the rest for nobody");
		assert!(book.give_back(side, LOSS).expect("somebody has borne it"));
		assert_eq!(book.paid_in, before, "{side:?}");
		assert_eq!(book.set_apart, I256::from(LOSS));
		assert!(book.conservation().holds());
	}
}

#[test]
fn claims_that_bear_a_loss_are_paid_less_and_leave_nothing_behind() {
	for side in Side::BOTH {
		let (mut book, units) = book();
		let mut ended = book.close_out(MARK).expect("small").map(|ended| ended.expect("somebody holds it"));
		let bearing = usize::from(side == Side::Short);
		let before = book.paid_in;
		book.socialise_ended(side, &mut ended[bearing], LOSS).expect("somebody holds it");
		assert_eq!(book.paid_in.0, before.0 - LOSS.0, "{side:?}");
		let mut paid = Quote::ZERO;
		for (side, ended) in Side::BOTH.into_iter().zip(&mut ended) {
			paid.0 += book.settle(side, ended, units).expect("its holder").cash.0;
			assert!(book.conservation().holds());
		}
		// A long's thousand is a short's, and the loss was paid out before.
		assert_eq!(paid.0, -LOSS.0, "{side:?}");
		assert_eq!(
			(book.unsettled, book.paid_in, book.dust),
			(I256::ZERO, Quote::ZERO, I256::ZERO),
			"{side:?}"
		);
	}
}

#[test]
fn what_was_given_back_to_units_that_nobody_holds_is_the_houses() {
	for side in Side::BOTH {
		let (mut book, units) = book();
		book.socialise(side, LOSS).expect("somebody holds it");
		assert!(book.give_back(side, LOSS).expect("somebody has borne it"));
		let half = Units(units.0 / 2);
		let mut later = book;
		book.absorb(side, half).expect("they are there");
		assert_eq!(book.set_apart, I256::from(Quote(LOSS.0 / 2)), "{side:?}");
		// The same when their generation has ended.
		let [long, short] = later.close_out(MARK).expect("small");
		let mut ended = if side == Side::Long { long } else { short }.expect("somebody holds it");
		later.absorb_ended(side, &mut ended, half).expect("they are there");
		assert_eq!(later.set_apart, I256::from(Quote(LOSS.0 / 2)), "{side:?}");
		assert_eq!(ended.left, half);
		later.settle(side, &mut ended, half).expect("their holder");
		// The other side is a claim of the same amount, or owes it.
		let other = if side == Side::Long { short } else { long }.map(|mut other| {
			later.settle(side.opposite(), &mut other, units).expect("their holder");
			other.left
		});
		assert_eq!((later.unsettled, other), (I256::ZERO, Some(Units::ZERO)), "{side:?}");
		assert!(book.conservation().holds() && later.conservation().holds());
	}
}

#[test]
fn no_more_is_set_apart_than_was_given_back() {
	for side in Side::BOTH {
		let mut book = Book::default();
		// A unit of quote over three units leaves something.
		book.open(side, Units(3), MARK).expect("small");
		book.socialise(side, Quote(1)).expect("somebody holds it");
		let dust = book.dust;
		assert!(book.give_back(side, Quote(1)).expect("somebody has borne it"));
		assert!(book.set_apart < I256::from(Quote(1)) && book.dust > dust, "{side:?}");
		assert!(book.conservation().holds());
	}
}
