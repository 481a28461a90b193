// SPDX-License-Identifier: Apache-2.0
//! At the edges of the bounds (`docs/spec/units.md`) every number fits and both equations hold; beyond them there is
//! an error that has changed nothing, and never a panic.

use keel_math::{
	keys::{file, filing_weight, key_fires, key_of, sort_key, Filing},
	margin::{size_to_restore, Reduction},
	units::{units_for, SIZE_MAX},
	Book, Ended, FundingRate, Level, MathError, Scale, Standing, Units, I256,
};
use keel_primitives::{Price, Quote, Ratio, Side, Size};
use num_bigint::BigInt;

const PRICES: [Price; 2] = [Price::MIN, Price::MAX];
const SCALES: [Scale; 3] = [Scale::ONE, Scale(Scale::FLOOR.0 + 1), Scale::FLOOR];

fn big(value: I256) -> BigInt {
	let (negative, magnitude) = value.parts();
	let magnitude = BigInt::from_bytes_le(num_bigint::Sign::Plus, &magnitude.to_little_endian());
	if negative {
		-magnitude
	} else {
		magnitude
	}
}

/// `numerator / denominator`, towards minus infinity.
fn floor(numerator: &BigInt, denominator: &BigInt) -> BigInt {
	let quotient = numerator / denominator;
	if &quotient * denominator > *numerator {
		quotient - 1
	} else {
		quotient
	}
}

/// As much as there may be on both sides, or the least, at a scale.
fn books(price: Price) -> Vec<Book> {
	let mut books = Vec::new();
	for scale in SCALES {
		for size in [SIZE_MAX, Size(SIZE_MAX.0 - 1), Size(1)] {
			let mut book = Book::default();
			for side in Side::BOTH {
				book.side_mut(side).scale = scale;
				let units = units_for(size, scale).expect("a side of the largest size fits");
				book.open(side, units, price).expect("it may be opened");
				book.set_reference(side, price).expect("it has a value");
			}
			assert!(book.conservation().holds());
			books.push(book);
		}
	}
	books
}

/// Parts of so many units: one, half, all but one, all.
fn parts(all: Units) -> Vec<Units> {
	let mut parts = vec![1, all.0 / 2, all.0 - 1, all.0];
	parts.retain(|part| *part > 0);
	parts.dedup();
	parts.into_iter().map(Units).collect()
}

/// What a holder of an ended generation has is settled to the last unit, in two steps.
fn settle(mut book: Book, side: Side, mut ended: Ended) {
	for units in [Units(ended.left.0 / 2), Units(ended.left.0 - ended.left.0 / 2)] {
		book.settle(side, &mut ended, units).expect("a claim fits");
		assert!(book.conservation().holds());
	}
	assert!(ended.is_settled());
	book.absorb(side, ended.reserved).expect("what rounding left is the house's");
	assert!(book.conservation().holds());
}

#[test]
fn deleveraging_and_the_ends_of_generations_fit() {
	let mut ends = (0, 0);
	for (opened, mark) in PRICES.into_iter().flat_map(|opened| PRICES.map(|mark| (opened, mark))) {
		for book in books(opened) {
			for (side, units) in Side::BOTH
				.into_iter()
				.flat_map(|s| parts(book.side(s).units).into_iter().map(move |u| (s, u)))
			{
				let mut book = book;
				let scaled = book.deleverage(side, units, mark).expect("it fits");
				assert!(book.conservation().holds());
				let other = side.opposite();
				if let Some(ended) = scaled.ended {
					*if ended.is_closed_out() { &mut ends.0 } else { &mut ends.1 } += 1;
					settle(book, other, ended);
				}
				// What is left of both sides goes at the other end of the prices.
				for side in Side::BOTH {
					let units = book.side(side).units;
					if !units.is_zero() {
						book.close(side, units, if mark == Price::MIN { Price::MAX } else { Price::MIN })
							.expect("it fits");
						assert!(book.conservation().holds());
					}
				}
			}
		}
	}
	assert!(ends.0 > 0 && ends.1 > 0, "sides were closed out and re-based: {ends:?}");
}

#[test]
fn all_that_was_gained_may_be_borne() {
	for (side, from, to) in [(Side::Long, Price::MIN, Price::MAX), (Side::Short, Price::MAX, Price::MIN)] {
		for mut book in books(from) {
			let most = book.bearable(side, to).expect("a gain fits");
			book.socialise(side, most).expect("what was gained may be borne");
			assert!(book.conservation().holds());
			assert_eq!(book.bearable(side, to), Ok(Quote::ZERO), "once");
			// The other side has lost the same move.
			let (other, units) = (side.opposite(), book.side(side.opposite()).units);
			assert_eq!(book.bearable(other, to), Ok(Quote::ZERO));
			assert!(book.side(other).lost(other, units, to).expect("a loss fits") > Quote::ZERO);
		}
	}
}

#[test]
fn claims_of_an_ended_generation_bear_what_was_gained() {
	for (side, from, to) in [(Side::Long, Price::MIN, Price::MAX), (Side::Short, Price::MAX, Price::MIN)] {
		for mut book in books(from) {
			let other = side.opposite();
			let mut ended = book
				.deleverage(other, book.side(other).units, to)
				.expect("it fits")
				.ended
				.expect("closed out");
			let most = ended.bearable(side).expect("a gain fits");
			book.socialise_ended(side, &mut ended, most).expect("what was gained may be borne");
			assert!(book.conservation().holds());
			settle(book, side, ended);
		}
	}
}

#[test]
fn a_reference_is_translated_exactly_or_unknown() {
	let ends = [i128::MIN, i128::MIN + 1, -1, 0, 1, i128::MAX - 1, i128::MAX];
	let (mut known, mut unknown) = (0, 0);
	for side in Side::BOTH {
		for reference in ends {
			for left in [1, 1_000, Scale::FLOOR.0 / 2] {
				let mut book = Book::default();
				book.open(side, Units(1_000_000_000_000), Price::ONE).expect("it fits");
				book.open(side.opposite(), Units(1_000_000_000_000), Price::ONE).expect("it fits");
				// Of a unit so little is left that the side is re-based.
				book.side_mut(side).reference = Level(reference);
				book.side_mut(side).scale = Scale(Scale::FLOOR.0 + left);
				let units = Units(1_000_000_000_000 / 1_000_000_000);
				let Some(ended) = book.deleverage(side.opposite(), units, Price::ONE).expect("it fits").ended
				else {
					continue;
				};
				if ended.is_closed_out() {
					continue;
				}
				let nothing = Level(if side == Side::Long { i128::MIN } else { i128::MAX });
				let next = book.side(side).reference;
				let distance = BigInt::from(reference) - ended.quote.0;
				let exact = floor(&(distance * Scale::ONE.0), &ended.scale.0.into());
				if Level(reference) == nothing || i128::try_from(exact.clone()).is_err() {
					assert_eq!(next, nothing);
					assert_eq!(book.bearable(side, Price::MAX), Ok(Quote::ZERO));
					unknown += 1;
				} else {
					assert_eq!(BigInt::from(next.0), exact);
					known += 1;
				}
			}
		}
	}
	assert!(known > 0 && unknown > 0, "{known} were translated, {unknown} left the range");
}

#[test]
fn the_restoring_size_is_exact_up_to_1e31_dollars() {
	// 1e31 dollars, in 1e-36 dollars.
	let most = I256::from(10_u128.pow(37)).times(10_u128.pow(30)).expect("fits");
	let amounts = [I256::ZERO, I256::from(1_i128), most];
	let (mut restored, mut whole) = (0, 0);
	for requirement in amounts {
		for equity in amounts.into_iter().chain(amounts.map(I256::negated)) {
			let standing = Standing { equity, health: equity.minus(requirement).expect("fits") };
			for (mark, price) in PRICES.into_iter().flat_map(|mark| PRICES.map(|price| (mark, price))) {
				for side in Side::BOTH {
					for rates in 0..8 {
						let pick = |bit: u32, one: Ratio, other: Ratio| {
							if rates >> bit & 1 == 0 {
								one
							} else {
								other
							}
						};
						let reduction = Reduction {
							side,
							size: SIZE_MAX,
							mark,
							price,
							rate: pick(0, Ratio(1), Ratio::ONE),
							penalty: pick(1, Ratio::ZERO, Ratio::ONE),
							buffer: pick(2, Ratio::ZERO, Ratio::ONE),
						};
						let size = size_to_restore(&standing, &reduction).expect("it fits");
						let expected = restoring(&standing, &reduction);
						assert_eq!(BigInt::from(size.0), expected, "{standing:?} {reduction:?}");
						*if size == SIZE_MAX { &mut whole } else { &mut restored } += 1;
					}
				}
			}
		}
	}
	assert!(restored > 0 && whole > 0);
}

/// The formula of [`size_to_restore`] in integers without end.
fn restoring(standing: &Standing, reduction: &Reduction) -> BigInt {
	let one = BigInt::from(1_000_000_000);
	let buffered = &one + reduction.buffer.0;
	let requirement = big(standing.equity) - big(standing.health) + big(I256::from(Quote(5)));
	let missing = requirement * &buffered - big(standing.equity) * &one;
	let (mark, price) = (BigInt::from(reduction.mark.0), BigInt::from(reduction.price.0));
	let loss = if reduction.side == Side::Long { &mark - price } else { price - &mark };
	let gained = &mark * buffered * reduction.rate.0 - loss * &one * &one - mark * reduction.penalty.0 * one;
	let (none, all) = (BigInt::from(0), BigInt::from(reduction.size.0));
	if missing <= none {
		none
	} else if gained <= none {
		all
	} else {
		(-floor(&-missing, &gained)).min(all)
	}
}

#[test]
fn a_full_account_at_the_ends_of_all_levels_is_filed_within_its_budget() {
	let (lowest, highest) = (Level(i128::MIN), Level(i128::MAX));
	let most = I256::product(Units::MAX.0, i128::MAX).and_then(|one| one.times(16)).expect("fits");
	let heaviest = filing_weight(Quote(i128::MAX), u64::MAX);
	for side in Side::BOTH {
		for level in [lowest, Level(-1), Level::ZERO, Level(1), highest] {
			let furthest = if side == Side::Long { lowest } else { highest };
			for key in [None, Some(level), Some(furthest), Some(lowest), Some(highest)] {
				for units in [Units(1), Units::MAX] {
					let filing = Filing { side, units, level, key, weight: heaviest };
					for budget in [I256::ZERO, I256::from(1_i128), most] {
						for touched in [None, Some(0), Some(15)] {
							let keys = file(budget, &[filing; 16], touched).expect("it fits");
							let spent = |key: &Level| (BigInt::from(level.0) - key.0).magnitude() * units.0;
							assert!(keys.iter().all(|key| !key_fires(side, level, *key)));
							assert!(
								BigInt::from(keys.iter().map(spent).sum::<num_bigint::BigUint>())
									<= big(budget)
							);
						}
					}
				}
			}
		}
	}
	let rising = [lowest, Level(i128::MIN + 1), Level(-1), Level::ZERO, Level(1), highest];
	for pair in rising.windows(2) {
		assert!(sort_key(Side::Short, pair[0]) < sort_key(Side::Short, pair[1]));
		assert!(sort_key(Side::Long, pair[0]) > sort_key(Side::Long, pair[1]));
	}
	for (side, level) in Side::BOTH.into_iter().flat_map(|side| rising.map(|level| (side, level))) {
		assert_eq!(key_of(side, sort_key(side, level)), level);
	}
}

#[test]
fn funding_goes_on_until_a_level_leaves_its_range_and_then_changes_nothing() {
	for rate in [FundingRate(1_000_000_000), FundingRate(-1_000_000_000)] {
		let mut book = books(Price::MAX)[0];
		let mut days = 0;
		let error = loop {
			let before = book;
			match book.fund(Price::MAX, rate, 86_400_000) {
				Ok(()) => assert!(book.conservation().holds()),
				Err(error) => {
					assert_eq!(book, before);
					break error;
				}
			}
			days += 1;
		};
		// 3e36 of 1.7e38 in each.
		assert_eq!((error, days), (MathError::Overflow, 56));
	}
}

type Operation = fn(&mut Book, Side, u128, Price) -> Result<(), MathError>;

/// Every operation of a book, with an amount and a price that may be anything.
const OPERATIONS: [(&str, Operation); 11] = [
	("open", |book, side, amount, price| book.open(side, Units(amount), price).map(drop)),
	("close", |book, side, amount, price| book.close(side, Units(amount), price).map(drop)),
	("deleverage", |book, side, amount, price| book.deleverage(side, Units(amount), price).map(drop)),
	("socialise", |book, side, amount, _| book.socialise(side, Quote(amount as i128))),
	("give back", |book, side, amount, _| book.give_back(side, Quote(amount as i128)).map(drop)),
	("borrow", |book, _, amount, _| book.borrow(Quote(amount as i128))),
	("repay", |book, _, amount, _| book.repay(Quote(amount as i128)).map(drop)),
	("absorb", |book, side, amount, _| book.absorb(side, Units(amount))),
	("set reference", |book, side, _, price| book.set_reference(side, price)),
	("close out", |book, _, _, price| book.close_out(price).map(drop)),
	("fund", |book, _, amount, price| book.fund(price, FundingRate(amount as i64), amount as u64)),
];

#[test]
fn beyond_the_bounds_there_is_an_error_that_has_changed_nothing() {
	let prices = [Price(0), Price(1), Price::MIN, Price::MAX, Price(u128::MAX)];
	let mut refused = std::collections::BTreeSet::new();
	let empty = [Book::default()];
	for book in empty.into_iter().chain(books(Price::MIN)).chain(books(Price::MAX)) {
		let all = book.long.units.0;
		let amounts = [0, 1, all, all + 1, Units::MAX.0, Units::MAX.0 + 1, i128::MAX as u128, u128::MAX];
		for (name, operation) in OPERATIONS {
			for side in Side::BOTH {
				for (amount, price) in
					amounts.into_iter().flat_map(|amount| prices.map(|price| (amount, price)))
				{
					let mut after = book;
					if operation(&mut after, side, amount, price).is_err() {
						assert_eq!(after, book, "{name} of {amount} at {price:?}");
						refused.insert(name);
					} else {
						assert!(after.conservation().holds(), "{name} of {amount} at {price:?}: {after:?}");
					}
				}
			}
		}
	}
	let never: Vec<_> = OPERATIONS.iter().filter(|(name, _)| !refused.contains(name)).collect();
	assert!(never.is_empty(), "never refused: {never:?}");
	let standing = Standing { equity: I256::MAX, health: I256::MAX.negated() };
	let wild = Ratio(u64::MAX);
	let (side, size, mark, price) = (Side::Long, Size(u128::MAX), Price(u128::MAX), Price(0));
	let reduction = Reduction { side, size, mark, price, rate: wild, penalty: wild, buffer: wild };
	assert_eq!(size_to_restore(&standing, &reduction), Err(MathError::Overflow));
	let filing =
		Filing { side, units: Units(0), level: Level(1), key: None, weight: filing_weight(Quote(1), 1) };
	assert_eq!(file(I256::from(1_i128), &[filing], None), Err(MathError::DivisionByZero));
	let filing = Filing { units: Units(1), weight: primitive_types::U256::MAX, ..filing };
	assert_eq!(file(I256::from(1_i128), &[filing; 2], None), Err(MathError::Overflow));
}

#[test]
fn a_sum_is_zero_where_both_of_its_halves_are() {
	let beyond = I256::from(u128::MAX).plus(I256::from(1_u128)).expect("2^128");
	assert!(I256::ZERO.is_zero() && beyond.minus(beyond).expect("zero").is_zero());
	for other in [I256::from(1_u128), I256::from(-1_i128), beyond, beyond.negated()] {
		assert!(!other.is_zero());
	}
}
