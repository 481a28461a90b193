// SPDX-License-Identifier: Apache-2.0
//! The band of prices at which a position of an account with several may be liquidated.

use keel_math::{
	units::{units_for, ONE_E27},
	Book, Exposure, Holding, LiquidationBand, Scale, Standing, Units, I256,
};
use keel_primitives::{Price, Quote, Ratio, Side, Size};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::One;
use primitive_types::U256;
use proptest::prelude::*;

fn side() -> impl Strategy<Value = Side> {
	any::<bool>().prop_map(|long| if long { Side::Long } else { Side::Short })
}

/// A position of whole base units, at three percent.
fn exposure(side: Side, units: u128, mark: u32) -> Exposure {
	Exposure {
		side,
		units: Units(units * 1_000_000_000),
		scale: Scale::ONE,
		mark: Price::dollars(mark),
		rate: Ratio::percent(3),
	}
}

fn dollars(amount: i64) -> I256 {
	I256::from(Quote::dollars(amount))
}

fn band(earliest: u32, still: u32, latest: u32) -> LiquidationBand {
	let price = |dollars| Some(Price::dollars(dollars));
	LiquidationBand { earliest: price(earliest), still: price(still), latest: price(latest) }
}

#[test]
fn two_positions_on_paper() {
	let largest = Ratio::percent(10);
	// Ten ether at 3,000 dollars: ten percent moves 97 % of 3,000 dollars for a long, 103 % for a short.
	let long_ether = exposure(Side::Long, 10, 3_000).swing(largest).unwrap();
	let short_ether = exposure(Side::Short, 10, 3_000).swing(largest).unwrap();
	assert_eq!((long_ether, short_ether), (dollars(2_910), dollars(3_090)));

	// A bitcoin at 50,000 and 4,850 dollars of health: 97 cents for each dollar that it falls.
	let long = exposure(Side::Long, 1, 50_000);
	assert_eq!(long.liquidation_band(dollars(4_850), long_ether), Ok(band(48_000, 45_000, 42_000)));
	// Short of it: 1.03 dollars for each that it rises.
	let short = exposure(Side::Short, 1, 50_000);
	assert_eq!(short.liquidation_band(dollars(5_150), short_ether), Ok(band(52_000, 55_000, 58_000)));
	// Alone in the account, there is one price.
	assert_eq!(long.liquidation_band(dollars(4_850), I256::ZERO), Ok(band(45_000, 45_000, 45_000)));
	// The others' moves alone can be enough: the earliest is beyond the mark.
	assert_eq!(long.liquidation_band(dollars(970), long_ether), Ok(band(52_000, 49_000, 46_000)));
	assert_eq!(short.liquidation_band(dollars(1_030), short_ether), Ok(band(48_000, 51_000, 54_000)));
}

#[test]
fn prices_that_no_market_has() {
	let (long, short) = (exposure(Side::Long, 1, 50_000), exposure(Side::Short, 1, 50_000));
	let prices = |exposure: Exposure, health, swing| {
		let band = exposure.liquidation_band(health, swing).unwrap();
		(band.earliest, band.still, band.latest)
	};
	// A debt that no price of this market pays: at once; and what no price can take: never.
	let beyond = dollars(10_000_000_000);
	assert_eq!(prices(long, I256::ZERO, beyond), (Some(Price::MAX), Some(long.mark), None));
	assert_eq!(prices(short, I256::ZERO, beyond), (Some(Price::MIN), Some(short.mark), None));
	// 48,500 dollars: the price that takes them is nothing, and below every price.
	assert_eq!(prices(long, dollars(48_500), I256::ZERO), (None, None, None));
	// The lowest and the highest price themselves are prices.
	let at = |exposure: Exposure, price: Price| {
		let weight = if exposure.side == Side::Long { 970_000_000 } else { 1_030_000_000 };
		I256::product(exposure.mark.0.abs_diff(price.0), weight).unwrap().times(1_000_000_000).unwrap()
	};
	for (exposure, price) in [(long, Price::MIN), (short, Price::MAX)] {
		let health = at(exposure, price);
		assert_eq!(prices(exposure, health, I256::ZERO).1, Some(price));
		let more = health.plus(I256::from(2 * 10_u128.pow(18))).unwrap();
		assert_eq!(prices(exposure, more, I256::ZERO).1, None);
	}
	for (exposure, price) in [(long, Price::MAX), (short, Price::MIN)] {
		let debt = at(exposure, price).negated();
		assert_eq!(prices(exposure, debt, I256::ZERO).1, Some(price));
		let deeper = debt.minus(I256::from(2 * 10_u128.pow(18))).unwrap();
		assert_eq!(prices(exposure, deeper, I256::ZERO).1, Some(price));
	}
	// Debts and riches beyond the domain.
	for exposure in [long, short] {
		let best = if exposure.side == Side::Long { Price::MAX } else { Price::MIN };
		let huge = I256::from(i128::MAX).times(1 << 120).unwrap();
		assert_eq!(prices(exposure, I256::ZERO, huge), (Some(best), Some(exposure.mark), None));
	}
	// Nothing held: this price changes nothing.
	let none = Exposure { units: Units::ZERO, ..long };
	assert_eq!(prices(none, I256::ZERO, dollars(1)), (Some(Price::MAX), None, None));
}

fn big(value: I256) -> BigInt {
	let (negative, magnitude) = value.parts();
	let magnitude: BigInt = magnitude.to_string().parse().unwrap();
	if negative {
		-magnitude
	} else {
		magnitude
	}
}

fn ratio(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> BigRational {
	BigRational::new(numerator.into(), denominator.into())
}

/// `A q (1 -+ r)`: by how many whole dollars health changes when the price changes by one.
fn slope(exposure: &Exposure) -> BigRational {
	let rate = ratio(exposure.rate.0, 1_000_000_000);
	let weight = match exposure.side {
		Side::Long => BigRational::one() - rate,
		Side::Short => BigRational::one() + rate,
	};
	ratio(exposure.units.0, 1_000_000_000) * ratio(exposure.scale.0, ONE_E27) * weight
}

/// How a price sorts: the earlier a position is liquidated, the lower.
fn lateness(side: Side, price: Option<Price>) -> i128 {
	let signed = |price: Price| i128::try_from(price.0).unwrap();
	price.map_or(i128::MAX, |price| if side == Side::Long { -signed(price) } else { signed(price) })
}

prop_compose! {
	fn any_exposure()(
		side in side(),
		units in prop_oneof![1_u128..1_000_000_000_000, 1..=Units::MAX.0],
		scale in Scale::FLOOR.0..=Scale::ONE.0,
		mark in prop_oneof![Price::MIN.0..=Price::MAX.0, Price::ONE.0..1_000_000 * Price::ONE.0],
		rate in prop_oneof![1_u64..200_000_000, 1_u64..=1_000_000_000],
	) -> Exposure {
		Exposure { side, units: Units(units), scale: Scale(scale), mark: Price(mark), rate: Ratio(rate) }
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn the_band_is_in_order_and_within_the_bounds(
		exposure in any_exposure(), health in any::<i128>(), factor in 0_u128..1 << 100, swing in 0..=i128::MAX,
	) {
		let health = I256::from(health).times(factor).unwrap();
		let swing = I256::from(swing).times(factor).unwrap();
		let band = exposure.liquidation_band(health, swing).unwrap();
		let late = |price| lateness(exposure.side, price);
		prop_assert!(late(band.earliest) <= late(band.still) && late(band.still) <= late(band.latest));
		for price in [band.earliest, band.still, band.latest].into_iter().flatten() {
			prop_assert!(price.in_bounds());
		}
	}

	#[test]
	fn every_price_is_the_exact_one_rounded_against_the_holder(
		exposure in any_exposure(), part in -20_000_i32..20_000, share in 0_i32..10_000,
	) {
		// Some part of what the position is worth, so that most of the prices are prices.
		prop_assume!(exposure.rate < Ratio::ONE);
		let price = ratio(exposure.mark.0, Price::ONE.0);
		let worth = slope(&exposure) * &price * ratio(10_i128.pow(36), 1);
		let most = BigInt::from(28 * 10_i128.pow(12)) * 10_i128.pow(36);
		let amount = |part: i32| {
			let exact = (&worth * ratio(part, 10_000)).floor().to_integer().clamp(-&most, most.clone());
			let digits = exact.magnitude().to_string();
			I256::signed(exact < BigInt::from(0), U256::from_dec_str(&digits).unwrap()).unwrap()
		};
		let (health, swing) = (amount(part), amount(share));
		let band = exposure.liquidation_band(health, swing).unwrap();
		for (found, left) in [
			(band.earliest, big(health) - big(swing)),
			(band.still, big(health)),
			(band.latest, big(health) + big(swing)),
		] {
			let distance = ratio(left, 10_i128.pow(36)) / slope(&exposure) * ratio(Price::ONE.0, 1);
			let mark = ratio(exposure.mark.0, 1);
			let (min, max) = (BigInt::from(Price::MIN.0), BigInt::from(Price::MAX.0));
			let expected = match exposure.side {
				Side::Long => {
					let exact = (mark - distance).ceil().to_integer();
					(exact >= min).then(|| exact.min(max))
				},
				Side::Short => {
					let exact = (mark + distance).floor().to_integer();
					(exact <= max).then(|| exact.max(min))
				},
			};
			prop_assert_eq!(found.map(|price| BigInt::from(price.0)), expected);
		}
	}

	#[test]
	fn a_swing_is_the_exact_one_rounded_up(exposure in any_exposure(), largest in 0_u64..=1_000_000_000) {
		let found = ratio(big(exposure.swing(Ratio(largest)).unwrap()), 10_i128.pow(36));
		let exact = slope(&exposure) * ratio(exposure.mark.0, Price::ONE.0) * ratio(largest, 1_000_000_000);
		// Twice, at the last digit of a unit's level.
		let digit = ratio(exposure.units.0, 1_000_000_000) * ratio(2, ONE_E27);
		prop_assert!(found >= exact && found < exact + digit);
	}

	#[test]
	fn at_the_band_health_is_used_up_when_the_others_have_moved(
		sides in [side(), side(), side()],
		sizes in [1_000_000_u64..1_000_000_000_000, 1_000_000_u64..1_000_000_000_000, 1_000_000_u64..1_000_000_000_000],
		marks in [1_000_u32..100_000, 1_000_u32..100_000, 1_000_u32..100_000],
		moves in [0_u32..30, 0_u32..30],
		left in 0_i64..2_000,
	) {
		let rate = Ratio::percent(3);
		let books = [Book::default(); 3];
		let units = sizes.map(|size| units_for(Size(u128::from(size)), Scale::ONE).unwrap());
		let standing = |cash: Quote, prices: [Price; 3]| {
			let holdings: Vec<Holding> = (0..3)
				.map(|at| {
					let side = sides[at];
					let numbers = books[at].side(side);
					let value = numbers.level(side, prices[at], Ratio::ZERO).unwrap();
					let margined = numbers.level(side, prices[at], rate).unwrap();
					Holding { side, units: units[at], value, margined }
				})
				.collect();
			Standing::of(cash, &holdings).unwrap()
		};
		let now = marks.map(Price::dollars);
		let all = |at: usize| {
			Exposure { side: sides[at], units: units[at], scale: Scale::ONE, mark: now[at], rate }
		};
		// So much cash that some health is left: at most the notional of the first position.
		let notional = i128::from(marks[0]) * i128::from(sizes[0]) / 1_000;
		let wanted = notional * i128::from(left) / 2_000;
		let cash = Quote(wanted - standing(Quote::ZERO, now).health().unwrap().0);
		let health = standing(cash, now).health;
		let swing = |at: usize| all(at).swing(Ratio::percent(moves[at - 1])).unwrap();
		let band = all(0).liquidation_band(health, swing(1).plus(swing(2)).unwrap()).unwrap();

		// -1: all others move against the account, 0: they stand, 1: they move in its favour.
		for (found, way) in [(band.earliest, -1_i128), (band.still, 0), (band.latest, 1)] {
			let moved = |at: usize| {
				let sign = if sides[at] == Side::Long { way } else { -way };
				let mark = i128::try_from(now[at].0).unwrap();
				Price((mark + sign * mark / 100 * i128::from(moves[at - 1])).unsigned_abs())
			};
			let health_at = |price: u128| standing(cash, [Price(price), moved(1), moved(2)]).health;
			match (found, sides[0]) {
				(Some(Price::MAX), Side::Long) => prop_assert!(health_at(Price::MAX.0) <= I256::ZERO),
				(Some(Price::MIN), Side::Short) => prop_assert!(health_at(Price::MIN.0).is_negative()),
				// At the price there is still health, a step beyond there is none.
				(Some(price), side) => {
					let beyond = if side == Side::Long { price.0 - 1 } else { price.0 + 1 };
					prop_assert!(!health_at(price.0).is_negative());
					prop_assert!(health_at(beyond).is_negative());
				},
				(None, Side::Long) => prop_assert!(!health_at(Price::MIN.0).is_negative()),
				(None, Side::Short) => prop_assert!(!health_at(Price::MAX.0).is_negative()),
			}
		}
	}
}
