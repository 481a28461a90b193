// SPDX-License-Identifier: Apache-2.0
//! The funding rate.

use keel_math::{
	funding::{cap_8h, premium, rate_8h, AVERAGING_MS, FUNDING_MAX, PREMIUM_MAX},
	FundingRate, MathError, Premium,
};
use keel_primitives::{Price, Ratio};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;
use proptest::prelude::*;

const MINUTE: u64 = 60_000;
const HOUR: u64 = AVERAGING_MS;

/// A hundredth of a basis point is a thousand parts per billion.
fn bp(hundredths: i64) -> FundingRate {
	FundingRate(hundredths * 1_000)
}

#[test]
fn a_premium_is_a_share_of_the_index() {
	let index = Price::dollars(10_000);
	assert_eq!(premium(Price::dollars(10_100), index), Ok(FundingRate(10_000_000)));
	assert_eq!(premium(Price::dollars(9_900), index), Ok(FundingRate(-10_000_000)));
	assert_eq!(premium(index, index), Ok(FundingRate(0)));
	// A third: towards zero, either way.
	assert_eq!(premium(Price::dollars(4), Price::dollars(3)), Ok(FundingRate(333_333_333)));
	assert_eq!(premium(Price::dollars(2), Price::dollars(3)), Ok(FundingRate(-333_333_333)));
	assert_eq!(premium(Price::MAX, Price::MIN), Ok(PREMIUM_MAX));
	assert_eq!(premium(Price::MIN, Price::MAX), Ok(FundingRate(-999_999_999)));
	assert_eq!(premium(Price(u128::MAX), Price(1)), Ok(PREMIUM_MAX));
	assert_eq!(premium(index, Price::ZERO), Err(MathError::DivisionByZero));
}

#[test]
fn the_average_is_weighted_by_how_long_a_premium_stood() {
	let mut market = Premium::default();
	assert_eq!(market.average(), FundingRate(0));
	// A quarter of an hour at 8 basis points, the rest at 4.
	assert!(!market.hold(Some(bp(800)), 15 * MINUTE));
	assert_eq!(market.so_far(), bp(800));
	assert!(!market.hold(Some(bp(400)), 44 * MINUTE));
	assert_eq!(market.average(), FundingRate(0));
	assert!(market.hold(Some(bp(400)), MINUTE));
	assert_eq!(market.average(), bp(500));
	// Nothing of the new period has passed: the forecast is the last average.
	assert_eq!(market.so_far(), bp(500));
	// The average stays until the next hour has passed.
	assert!(!market.hold(Some(bp(-100)), 30 * MINUTE));
	assert_eq!((market.average(), market.so_far()), (bp(500), bp(-100)));
}

#[test]
fn a_premium_that_nobody_knows_counts_as_zero() {
	let mut market = Premium::default();
	market.hold(Some(bp(800)), 30 * MINUTE);
	assert!(market.hold(None, 30 * MINUTE));
	assert_eq!(market.average(), bp(400));
}

#[test]
fn what_stands_across_the_hour_counts_in_both() {
	let mut market = Premium::default();
	market.hold(Some(bp(0)), 50 * MINUTE);
	// Ten minutes of it in the first hour, twenty in the second.
	assert!(market.hold(Some(bp(600)), 30 * MINUTE));
	assert_eq!((market.average(), market.so_far()), (bp(100), bp(600)));
	assert!(market.hold(Some(bp(0)), 40 * MINUTE));
	assert_eq!(market.average(), bp(200));
}

#[test]
fn an_outage_and_a_wild_sample_count_within_bounds() {
	let mut market = Premium::default();
	// A year counts as an hour.
	assert!(market.hold(Some(bp(100)), 8_760 * HOUR));
	assert_eq!(market.average(), bp(100));
	assert_eq!(market.so_far(), bp(100));
	assert!(!market.hold(Some(bp(0)), HOUR - 1));
	let mut market = Premium::default();
	for (sample, average) in [(i64::MAX, PREMIUM_MAX.0), (i64::MIN, -PREMIUM_MAX.0)] {
		assert!(market.hold(Some(FundingRate(sample)), HOUR));
		assert_eq!(market.average(), FundingRate(average));
	}
}

#[test]
fn what_the_division_leaves_is_carried() {
	let mut market = Premium::default();
	// A part per billion for a third of each hour: every third average is one.
	let averages: Vec<i64> = (0..6)
		.map(|_| {
			market.hold(Some(FundingRate(1)), 20 * MINUTE);
			market.hold(Some(FundingRate(0)), 40 * MINUTE);
			market.average().0
		})
		.collect();
	assert_eq!(averages, [0, 0, 1, 0, 0, 1]);
}

fn samples() -> impl Strategy<Value = Vec<(Option<i64>, u64)>> {
	let sample = prop_oneof![-2_000_000_000_i64..=2_000_000_000, -9_i64..=9, any::<i64>()];
	let held = prop_oneof![0_u64..10_000, 0_u64..2 * HOUR, Just(HOUR), Just(HOUR - 1)];
	prop::collection::vec((prop::option::weighted(0.9, sample), held), 1..80)
}

/// The integral of the premium over time until each moment, by walking the samples.
fn integral(samples: &[(Option<i64>, u64)], until: u64) -> BigInt {
	let mut left = until;
	samples
		.iter()
		.map(|(sample, held)| {
			let held = (*held).min(HOUR).min(left);
			left -= held;
			let sample = sample.unwrap_or(0).clamp(-1_000_000_000, 1_000_000_000);
			BigInt::from(sample) * BigInt::from(held)
		})
		.sum()
}

proptest! {
	#[test]
	fn averages_are_the_integral_to_the_unit(samples in samples()) {
		let (mut market, mut mirror) = (Premium::default(), Premium::default());
		let (mut averages, mut told) = (BigInt::from(0), 0);
		let period = BigInt::from(HOUR);
		for (number, (sample, held)) in samples.iter().enumerate() {
			let before = told / HOUR;
			told += (*held).min(HOUR);
			let ended = market.hold(sample.map(FundingRate), *held);
			prop_assert_eq!(ended, told / HOUR > before);
			mirror.hold(sample.map(|s| FundingRate(s.checked_neg().unwrap_or(i64::MAX))), *held);
			prop_assert_eq!(mirror.average().0, -market.average().0);
			prop_assert_eq!(mirror.so_far().0, -market.so_far().0);
			prop_assert!(market.average().0.abs() <= PREMIUM_MAX.0);
			let known = &samples[..=number];
			let whole = integral(known, told / HOUR * HOUR);
			if ended {
				// Towards zero, of everything that no average has had yet.
				let exact = BigRational::new(&whole - &averages * &period, period.clone());
				prop_assert_eq!(BigInt::from(market.average().0), exact.trunc().to_integer());
				averages += market.average().0;
			}
			// What is carried never makes a part per billion.
			let carried = &whole - &averages * &period;
			prop_assert!(carried < period && carried > -period.clone());
			let open = told % HOUR;
			if open > 0 {
				let so_far = BigRational::new(integral(known, told) - whole, BigInt::from(open));
				prop_assert_eq!(BigInt::from(market.so_far().0), so_far.trunc().to_integer());
			} else {
				prop_assert_eq!(market.so_far(), market.average());
			}
		}
	}

	#[test]
	fn a_premium_is_the_exact_one_towards_zero(price in 1_u128..1 << 90, index in 1_u128..1 << 90) {
		let exact = BigRational::new(
			(BigInt::from(price) - BigInt::from(index)) * BigInt::from(1_000_000_000),
			BigInt::from(index),
		);
		let exact = exact.trunc().to_integer().min(BigInt::from(PREMIUM_MAX.0));
		prop_assert_eq!(BigInt::from(premium(Price(price), Price(index)).unwrap().0), exact);
	}
}

/// One basis point of interest, a damper of five, a cap of forty.
fn rate(average: FundingRate) -> FundingRate {
	rate_8h(average, bp(100), Ratio(bp(500).0.unsigned_abs()), Ratio(bp(4_000).0.unsigned_abs()))
}

#[test]
fn near_the_index_the_rate_is_the_interest_and_beyond_it_the_premium_less_the_damper() {
	for (average, expected) in [
		(0, 100),
		(100, 100),
		// Within five basis points of one, ends included.
		(600, 100),
		(601, 101),
		(-400, 100),
		(-401, 99),
		(-500, 0),
		// A premium of 0.2 % less 0.05 %.
		(2_000, 1_500),
		(4_500, 4_000),
		(4_501, 4_000),
		(-4_500, -4_000),
		(-4_501, -4_000),
	] {
		assert_eq!(rate(bp(average)), bp(expected), "{average}");
	}
}

#[test]
fn the_cap_is_a_multiple_of_what_lies_between_opening_and_liquidation() {
	let (five, three) = (Ratio::percent(5), Ratio::percent(3));
	assert_eq!(cap_8h(Ratio::percent(600), five, three), Ratio::percent(12));
	// Rounded down: 1.5 times one part per billion.
	assert_eq!(cap_8h(Ratio::percent(150), Ratio(2), Ratio(1)), Ratio(1));
	assert_eq!(cap_8h(Ratio::ZERO, five, three), Ratio::ZERO);
	assert_eq!(cap_8h(Ratio::percent(600), three, three), Ratio::ZERO);
	assert_eq!(cap_8h(Ratio::percent(600), three, five), Ratio::ZERO);
	assert_eq!(cap_8h(Ratio::percent(5_000), five, three), FUNDING_MAX);
	assert_eq!(cap_8h(Ratio(u64::MAX), Ratio(u64::MAX), Ratio::ZERO), FUNDING_MAX);
	// Then nobody pays, whatever the premium.
	for average in [bp(10_000), bp(-10_000), bp(0)] {
		assert_eq!(rate_8h(average, bp(100), Ratio(1_000), Ratio::ZERO), FundingRate(0));
	}
}

fn any_rate() -> impl Strategy<Value = i64> {
	// Two that are close, two that are not, and what no market has.
	prop_oneof![-2_000_i64..2_000, -1_000_000_000_i64..=1_000_000_000, -i64::MAX..=i64::MAX]
}

fn any_bound() -> impl Strategy<Value = u64> {
	prop_oneof![Just(0_u64), 0_u64..2_000, 0_u64..1_000_000_000, any::<u64>()]
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(4_000))]

	#[test]
	fn the_rate_is_the_formula_in_exact_numbers(
		average in any_rate(), interest in any_rate(), damper in any_bound(), cap in any_bound(),
	) {
		let rate = |average, interest| {
			rate_8h(FundingRate(average), FundingRate(interest), Ratio(damper), Ratio(cap)).0
		};
		let exact = |number: i64| BigRational::from(BigInt::from(number));
		let clamp = |value: BigRational, bound: u64| {
			let bound = BigRational::from(BigInt::from(bound));
			if value > bound { bound } else if value < -bound.clone() { -bound } else { value }
		};
		let towards = clamp(exact(interest) - exact(average), damper);
		let expected = clamp(exact(average) + towards, cap);
		prop_assert!(expected.is_integer());
		let found = rate(average, interest);
		prop_assert_eq!(Some(found), expected.to_i64());
		prop_assert_eq!(rate(-average, -interest), -found);
		prop_assert!(found.unsigned_abs() <= cap);
	}

	#[test]
	fn the_cap_is_the_formula_rounded_down(
		multiple in any_bound(), initial in any_bound(), maintenance in any_bound(),
	) {
		let between = BigInt::from(initial.saturating_sub(maintenance));
		let exact = BigRational::new(BigInt::from(multiple) * between, BigInt::from(1_000_000_000));
		let expected = exact.floor().to_integer().min(BigInt::from(FUNDING_MAX.0));
		let found = cap_8h(Ratio(multiple), Ratio(initial), Ratio(maintenance));
		prop_assert_eq!(BigInt::from(found.0), expected);
	}
}
