// SPDX-License-Identifier: Apache-2.0
//! What is taken from an unhealthy account, and who bears a deficit.

use keel_math::{
	int::EXACT_PER_QUOTE,
	keys::key_fires,
	margin::{
		entry_part, entry_price, penalty, price_at_zero, profit, size_to_restore, size_worth, split_deficit,
		Reduction,
	},
	units::{notional, share, size_of, units_for, units_to_close, Rounding, SIZE_MAX},
	Book, FundingRate, Holding, Level, MathError, Scale, Standing, Units, I256,
};
use keel_primitives::{Price, Quote, Ratio, Side, Size};
use num_bigint::BigInt;
use proptest::prelude::*;

fn side() -> impl Strategy<Value = Side> {
	any::<bool>().prop_map(|long| if long { Side::Long } else { Side::Short })
}

/// An account with one position of `size`, opened at `entry`, with `margin` dollars.
fn account(book: &mut Book, side: Side, size: Size, entry: Price, margin: Quote) -> (Quote, Units) {
	let units = units_for(size, book.side(side).scale).unwrap();
	let cash = book.open(side, units, entry).unwrap();
	(Quote(margin.0 + cash.0), units)
}

fn standing(book: &Book, cash: Quote, side: Side, units: Units, mark: Price, rate: Ratio) -> Standing {
	let numbers = book.side(side);
	let value = numbers.level(side, mark, Ratio::ZERO).unwrap();
	let margined = numbers.level(side, mark, rate).unwrap();
	Standing::of(cash, &[Holding { side, units, value, margined }]).unwrap()
}

#[test]
fn a_ten_times_long_stands_where_a_calculator_says() {
	let mut book = Book::default();
	// One bitcoin at 50,000 with 5,000 dollars of margin.
	let (cash, units) =
		account(&mut book, Side::Long, Size::ONE, Price::dollars(50_000), Quote::dollars(5_000));
	assert_eq!(cash, Quote::dollars(-45_000));
	let at = |mark| standing(&book, cash, Side::Long, units, Price::dollars(mark), Ratio::percent(3));
	// 47,000 less 45,000, and three percent of 47,000.
	assert_eq!(at(47_000).equity().unwrap(), Quote::dollars(2_000));
	assert_eq!(at(47_000).requirement().unwrap(), Quote::dollars(1_410));
	assert_eq!(at(47_000).health().unwrap(), Quote::dollars(590));
	let price = |surplus, rate| {
		price_at_zero(surplus, Side::Long, units, Scale::ONE, Price::dollars(47_000), rate).unwrap().unwrap()
	};
	assert_eq!(price(at(47_000).equity, Ratio::ZERO), Price::dollars(45_000));
	// 45,000 / 0.97, rounded up.
	assert_eq!(price(at(47_000).health, Ratio::percent(3)).0, 46_391_752_577_319_587_628_866);
	assert_eq!(
		profit(Side::Long, units, Level(47_000 * 10_i128.pow(27)), Quote::dollars(50_000)),
		Ok(Quote::dollars(-3_000))
	);
	assert_eq!(
		entry_price(Side::Long, units, Scale::ONE, Price::dollars(47_000), Quote::dollars(-3_000)),
		Ok(Some(Price::dollars(50_000)))
	);
}

proptest! {
	#[test]
	fn what_somebody_opens_is_what_he_sees(size in 1_u128..(1 << 96), scale in Scale::FLOOR.0..=Scale::ONE.0) {
		let scale = Scale(scale);
		let units = units_for(Size(size), scale).unwrap();
		prop_assert_eq!(size_of(units, scale).unwrap(), Size(size));
	}

	#[test]
	fn what_is_left_after_closing_is_exactly_the_rest(
		units in 1_u128..(1 << 119), scale in Scale::FLOOR.0..=Scale::ONE.0, part in 0_u128..=1_000,
	) {
		let (units, scale) = (Units(units), Scale(scale));
		let size = size_of(units, scale).unwrap();
		let closed = Size(size.0 / 1_000 * part);
		let given = units_to_close(units, scale, closed).unwrap();
		let left = units.minus(given).unwrap();
		prop_assert_eq!(size_of(left, scale).unwrap().0, size.0 - closed.0);
		prop_assert_eq!(units_to_close(units, scale, size).unwrap(), units);
		prop_assert_eq!(units_to_close(units, scale, Size(size.0 + 1)), Err(MathError::Insufficient));
	}

	#[test]
	fn closing_the_restoring_size_restores_and_one_percent_less_does_not(
		side in side(),
		size in 1_000_000_u128..1_000_000_000_000,
		entry in 100_u32..100_000,
		margin_bp in 300_u32..1_000,
		discount_bp in 0_u32..50,
		depth in 0_u32..100,
	) {
		let (rate, buffer, penalty_rate) = (Ratio::percent(3), Ratio::percent(10), Ratio::basis_points(50));
		let entry = Price::dollars(entry);
		let mut book = Book::default();
		let value = notional(Size(size), entry).unwrap();
		let margin = share(value, Ratio::basis_points(margin_bp), Rounding::Up).unwrap();
		let (cash, units) = account(&mut book, side, Size(size), entry, margin);
		// Somewhere between the liquidation and the bankruptcy price.
		let at_entry = standing(&book, cash, side, units, entry, rate);
		let zero = |surplus, rate| price_at_zero(surplus, side, units, Scale::ONE, entry, rate).unwrap().unwrap();
		let (liquidation, bankruptcy) = (zero(at_entry.health, rate), zero(at_entry.equity, Ratio::ZERO));
		let mark = Price((liquidation.0 * u128::from(100 - depth) + bankruptcy.0 * u128::from(depth)) / 100);
		let mark = Price(mark.0 / 1_000 * 1_000);
		let now = standing(&book, cash, side, units, mark, rate);
		let off = mark.0 / 10_000 * u128::from(discount_bp);
		let price = match side { Side::Long => Price(mark.0 - off), Side::Short => Price(mark.0 + off) };
		let reduction = Reduction { side, size: Size(size), mark, price, rate, penalty: penalty_rate, buffer };
		let restore = size_to_restore(&now, &reduction).unwrap();
		let after = |closing: Size| {
			let mut book = book;
			let given = units_to_close(units, Scale::ONE, closing).unwrap();
			let received = book.close(side, given, price).unwrap();
			let charged = share(notional(closing, mark).unwrap(), penalty_rate, Rounding::Up).unwrap();
			let cash = Quote(cash.0 + received.0 - charged.0);
			let then = standing(&book, cash, side, units.minus(given).unwrap(), mark, rate);
			let target = share(then.requirement().unwrap(), Ratio(1_100_000_000), Rounding::Down).unwrap();
			then.equity().unwrap() >= target
		};
		if restore.0 < size {
			prop_assert!(after(restore), "{restore:?} of {size} does not restore");
			let less = Size(restore.0 - restore.0 / 100 - 1);
			// Below a few thousand dollars a cent of rounding is more than a percent.
			if value.0 > 10_000_000_000 && restore.0 > 100_000 {
				prop_assert!(!after(less), "{less:?} would have been enough, {restore:?} was asked");
			}
		}
	}

	#[test]
	fn parts_of_a_deficit_sum_to_it_to_the_unit(
		deficit in 1_i128..1_000_000_000_000_000,
		losses in prop::collection::vec(-1_000_000_i128..1_000_000_000_000, 1..16),
	) {
		let losses: Vec<Quote> = losses.into_iter().map(Quote).collect();
		let parts = split_deficit(Quote(deficit), &losses).unwrap();
		prop_assert_eq!(parts.iter().map(|part| part.0).sum::<i128>(), deficit);
		let total: i128 = losses.iter().map(|loss| loss.0.max(0)).sum();
		for (part, loss) in parts.iter().zip(&losses) {
			prop_assert!(part.0 >= 0);
			if total > 0 {
				let exact = BigInt::from(deficit) * BigInt::from(loss.0.max(0));
				let off: BigInt = BigInt::from(part.0) * BigInt::from(total) - exact;
				prop_assert!(off < BigInt::from(total) && off > BigInt::from(-total));
			}
		}
	}

	#[test]
	fn exact_sums_agree_with_big_integers(
		cash in any::<i64>(),
		terms in prop::collection::vec((side(), 0_u128..(1 << 120), any::<i128>()), 0..16),
	) {
		let holdings: Vec<Holding> = terms.iter().map(|(side, units, level)| Holding {
			side: *side, units: Units(*units), value: Level(*level), margined: Level(*level),
		}).collect();
		let exact = Standing::of(Quote(cash.into()), &holdings).unwrap().equity;
		let model = terms.iter().fold(BigInt::from(cash) * BigInt::from(EXACT_PER_QUOTE), |sum, (side, q, u)| {
			let term = BigInt::from(*q) * BigInt::from(*u);
			match side { Side::Long => sum + term, Side::Short => sum - term }
		});
		let (negative, magnitude) = exact.parts();
		let magnitude: BigInt = magnitude.to_string().parse().unwrap();
		prop_assert_eq!(if negative { -magnitude } else { magnitude }, model);
	}

	#[test]
	fn division_rounds_as_its_name_says(value in any::<i128>(), factor in any::<u64>(), divisor in 1_u128..) {
		let exact = I256::from(value).times(factor.into()).unwrap();
		let (floor, ceil) = (exact.div_floor(divisor.into()).unwrap(), exact.div_ceil(divisor.into()).unwrap());
		let big = BigInt::from(value) * BigInt::from(factor);
		let model = num_integer_floor(&big, &BigInt::from(divisor));
		prop_assert_eq!(text(floor), model.to_string());
		let up = if &model * BigInt::from(divisor) == big { model } else { model + 1 };
		prop_assert_eq!(text(ceil), up.to_string());
	}
}

fn num_integer_floor(a: &BigInt, b: &BigInt) -> BigInt {
	let quotient = a / b;
	if (a % b).sign() == num_bigint::Sign::Minus {
		quotient - 1
	} else {
		quotient
	}
}

fn text(value: I256) -> String {
	let (negative, magnitude) = value.parts();
	if negative {
		format!("-{magnitude}")
	} else {
		magnitude.to_string()
	}
}

#[test]
fn a_penalty_never_bankrupts() {
	let rate = Ratio::percent(1);
	assert_eq!(penalty(Quote::dollars(1_000), rate, Quote::dollars(50)), Ok(Quote::dollars(10)));
	assert_eq!(penalty(Quote::dollars(1_000), rate, Quote::dollars(3)), Ok(Quote::dollars(3)));
	assert_eq!(penalty(Quote::dollars(1_000), rate, Quote::dollars(-3)), Ok(Quote::ZERO));
	assert_eq!(penalty(Quote(1), rate, Quote::dollars(3)), Ok(Quote(1)), "rounded up");
}

#[test]
fn entry_and_sizes_in_parts() {
	assert_eq!(entry_part(Quote::dollars(90), Units(1), Units(3)), Ok(Quote::dollars(30)));
	assert_eq!(entry_part(Quote(-1), Units(1), Units(3)), Ok(Quote(-1)), "towards minus infinity");
	assert_eq!(size_worth(Quote::dollars(10), Price::dollars(50_000)), Ok(Size(200_000)));
	assert_eq!(size_worth(Quote(1), Price::dollars(3)), Ok(Size(334)), "rounded up");
}

#[test]
fn the_corners_of_the_bounds_do_not_overflow() {
	for (price, scale) in [
		(Price::MAX, Scale::ONE),
		(Price::MIN, Scale::FLOOR),
		(Price::MAX, Scale::FLOOR),
		(Price::MIN, Scale::ONE),
	] {
		for side in Side::BOTH {
			let mut book = Book::default();
			let most = units_for(SIZE_MAX, scale).unwrap();
			book.side_mut(side).scale = scale;
			book.open(side, most, price).unwrap();
			book.fund(price, FundingRate(1_000_000_000), 86_400_000).unwrap();
			let numbers = book.side(side);
			let level = numbers.level(side, price, Ratio::percent(50)).unwrap();
			assert!(!key_fires(side, level, level));
			let holding = Holding { side, units: most, value: level, margined: level };
			let all = Standing::of(Quote(i128::MAX / 1_000_000), &[holding; 16]).unwrap();
			assert!(all.health().is_ok());
			book.close(side, most, price).unwrap();
		}
	}
	let mut book = Book::default();
	book.open(Side::Long, Units::MAX, Price::ONE).unwrap();
	assert_eq!(book.open(Side::Long, Units(1), Price::ONE), Err(MathError::Overflow));
}
