// SPDX-License-Identifier: Apache-2.0
//! What opening takes.

use core::num::NonZeroU32;
use keel_math::{
	initial::{initial_rate, InitialParamsError, VOLATILITY_MULTIPLIER_MAX},
	InitialParams, InitialRates, MathError, Opening,
};
use keel_primitives::{Quote, Ratio, Volatility};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

/// A market that is free of crowding up to 40 million dollars of open interest and full at 100 million,
/// where 250,000 dollars are free of size, and margin covers three standard deviations.
fn params() -> InitialParams {
	InitialParams {
		soft_cap: Quote::dollars(40_000_000),
		hard_cap: Quote::dollars(100_000_000),
		free_notional: Quote::dollars(250_000),
		volatility_multiplier: Ratio::percent(300),
	}
}

/// Somebody who opens a small position in a quiet market.
fn opening() -> Opening {
	Opening {
		base: Ratio::percent(5),
		notional: Quote::dollars(1_000),
		open_interest: Quote::dollars(1_000_000),
		volatility: Volatility(10_000_000),
		leverage: None,
	}
}

fn rate(change: impl FnOnce(&mut Opening)) -> Ratio {
	let mut opening = opening();
	change(&mut opening);
	initial_rate(&params(), &opening).unwrap()
}

fn leverage(cap: u32) -> Option<NonZeroU32> {
	NonZeroU32::new(cap)
}

#[test]
fn in_a_quiet_market_a_small_position_takes_the_base_rate() {
	assert_eq!(rate(|_| ()), Ratio::percent(5));
	// Without a cap of one's own, and with one that asks for less.
	assert_eq!(rate(|o| o.leverage = leverage(20)), Ratio::percent(5));
	assert_eq!(rate(|o| o.leverage = leverage(100)), Ratio::percent(5));
}

#[test]
fn each_of_the_five_can_be_the_largest() {
	assert_eq!(rate(|o| o.base = Ratio::percent(40)), Ratio::percent(40));
	// Four times the free notional doubles the rate.
	assert_eq!(rate(|o| o.notional = Quote::dollars(1_000_000)), Ratio::percent(10));
	// A third of the way from 40 to 100 million: a third of the way from 5 % to 100 %, rounded up.
	assert_eq!(rate(|o| o.open_interest = Quote::dollars(60_000_000)), Ratio(366_666_667));
	// Three times 4 % a day.
	assert_eq!(rate(|o| o.volatility = Volatility(40_000_000)), Ratio::percent(12));
	assert_eq!(rate(|o| o.leverage = leverage(3)), Ratio(333_333_334));

	// And all at once: the largest wins, they do not add up.
	let all = |o: &mut Opening| {
		o.notional = Quote::dollars(1_000_000);
		o.open_interest = Quote::dollars(60_000_000);
		o.volatility = Volatility(40_000_000);
		o.leverage = leverage(4);
	};
	let mut crowded = opening();
	all(&mut crowded);
	let rates = InitialRates::of(&params(), &crowded).unwrap();
	let expected = InitialRates {
		base: Ratio::percent(5),
		size: Ratio::percent(10),
		open_interest: Ratio(366_666_667),
		volatility: Ratio::percent(12),
		leverage: Ratio::percent(25),
	};
	assert_eq!(rates, expected);
	assert_eq!(rate(all), rates.open_interest);
}

#[test]
fn the_boundaries_are_exact() {
	let dollar = |dollars: i64, units: i128| Quote(Quote::dollars(dollars).0 + units);
	for (notional, expected) in [
		(dollar(250_000, 0), 50_000_000),
		// sqrt(1 + 4e-12) of it is above it: up.
		(dollar(250_000, 1), 50_000_001),
		(dollar(1_000_000, -1), 100_000_000),
		(dollar(1_000_000, 0), 100_000_000),
		(dollar(1_000_000, 1), 100_000_001),
		// 400 times the free notional: twenty times the rate.
		(dollar(100_000_000, -1), 1_000_000_000),
		(dollar(100_000_000, 0), 1_000_000_000),
		(dollar(100_000_000, 1), 1_000_000_000),
		(Quote(i128::MAX), 1_000_000_000),
	] {
		assert_eq!(rate(|o| o.notional = notional), Ratio(expected), "{notional:?}");
	}
	// The square that is rooted is rounded up too: the root of a hair more than four is more than two.
	let hair = Opening { base: Ratio(1), notional: dollar(1_000_000, 1), ..opening() };
	assert_eq!(InitialRates::of(&params(), &hair).unwrap().size, Ratio(3));
	for (open_interest, expected) in [
		(dollar(-1, 0), 50_000_000),
		(dollar(40_000_000, 0), 50_000_000),
		(dollar(40_000_000, 1), 50_000_001),
		(dollar(70_000_000, 0), 525_000_000),
		(dollar(100_000_000, -63_157), 1_000_000_000),
		(dollar(100_000_000, -63_158), 999_999_999),
		(dollar(100_000_000, 0), 1_000_000_000),
		(dollar(100_000_000, 1), 1_000_000_000),
		(Quote(i128::MAX), 1_000_000_000),
	] {
		assert_eq!(rate(|o| o.open_interest = open_interest), Ratio(expected), "{open_interest:?}");
	}
	for (volatility, expected) in [
		(16_666_666, 50_000_000),
		(16_666_667, 50_000_001),
		(333_333_334, 1_000_000_000),
		(u64::MAX, 1_000_000_000),
	] {
		assert_eq!(rate(|o| o.volatility = Volatility(volatility)), Ratio(expected), "{volatility}");
	}
	for (cap, expected) in [(1, 1_000_000_000), (2, 500_000_000), (19, 52_631_579), (u32::MAX, 50_000_000)] {
		assert_eq!(rate(|o| o.leverage = leverage(cap)), Ratio(expected), "{cap}");
	}
	// A multiplier of zero takes volatility out, whatever it is; a product is rounded up.
	let still = InitialParams { volatility_multiplier: Ratio::ZERO, ..params() };
	let wild = Opening { volatility: Volatility(u64::MAX), ..opening() };
	assert_eq!(initial_rate(&still, &wild), Ok(Ratio::percent(5)));
	let odd = InitialParams { volatility_multiplier: Ratio(3_000_000_001), ..params() };
	let wild = Opening { volatility: Volatility(20_000_000), ..opening() };
	assert_eq!(initial_rate(&odd, &wild), Ok(Ratio(60_000_001)));
}

#[test]
fn parameters_that_make_no_sense_have_their_own_errors() {
	assert_eq!(params().validate(), Ok(()));
	let at_the_bounds = InitialParams {
		soft_cap: Quote::ZERO,
		hard_cap: Quote(1),
		free_notional: Quote(1),
		volatility_multiplier: VOLATILITY_MULTIPLIER_MAX,
	};
	assert_eq!(at_the_bounds.validate(), Ok(()));
	type Change = fn(&mut InitialParams);
	let refused: [(Change, InitialParamsError); 6] = [
		(|p| p.soft_cap = Quote(-1), InitialParamsError::SoftCapNegative),
		(|p| p.hard_cap = p.soft_cap, InitialParamsError::HardCapNotAboveSoftCap),
		(|p| p.hard_cap = Quote(p.soft_cap.0 - 1), InitialParamsError::HardCapNotAboveSoftCap),
		(|p| p.free_notional = Quote::ZERO, InitialParamsError::FreeNotionalNotPositive),
		(|p| p.free_notional = Quote(-1), InitialParamsError::FreeNotionalNotPositive),
		(
			|p| p.volatility_multiplier = Ratio(VOLATILITY_MULTIPLIER_MAX.0 + 1),
			InitialParamsError::MultiplierTooLarge,
		),
	];
	for (change, error) in refused {
		let mut params = params();
		change(&mut params);
		assert_eq!(params.validate(), Err(error));
	}
	// What was never validated is an error, no number.
	let nonsense = InitialParams { free_notional: Quote::ZERO, ..params() };
	assert_eq!(initial_rate(&nonsense, &opening()), Err(MathError::DivisionByZero));
	let nonsense = InitialParams { hard_cap: Quote::ZERO, soft_cap: Quote::ZERO, ..params() };
	assert_eq!(initial_rate(&nonsense, &opening()), Err(MathError::DivisionByZero));
}

fn amount() -> impl Strategy<Value = Quote> {
	prop_oneof![
		0_i128..1_000_000_000_000_000,
		Just(Quote::dollars(40_000_000).0),
		Just(Quote::dollars(100_000_000).0),
		0..=i128::MAX,
	]
	.prop_map(Quote)
}

prop_compose! {
	fn any_params()(
		soft in 0_i128..1_000_000_000_000_000,
		width in 1_i128..1_000_000_000_000_000,
		free in 1_i128..1_000_000_000_000_000,
		multiplier in 0..=VOLATILITY_MULTIPLIER_MAX.0,
	) -> InitialParams {
		InitialParams {
			soft_cap: Quote(soft),
			hard_cap: Quote(soft + width),
			free_notional: Quote(free),
			volatility_multiplier: Ratio(multiplier),
		}
	}
}

prop_compose! {
	fn any_opening()(
		base in 0_u64..=1_000_000_000,
		notional in amount(),
		open_interest in amount(),
		volatility in prop_oneof![0_u64..200_000_000, any::<u64>()],
		cap in prop_oneof![Just(0_u32), 1_u32..100, any::<u32>()],
	) -> Opening {
		Opening {
			base: Ratio(base),
			notional,
			open_interest,
			volatility: Volatility(volatility),
			leverage: NonZeroU32::new(cap),
		}
	}
}

fn ratio(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> BigRational {
	BigRational::new(numerator.into(), denominator.into())
}

/// The smallest whole number of parts per billion that is not below, at most all of them.
fn up(exact: &BigRational) -> BigInt {
	exact.ceil().to_integer().min(BigInt::from(1_000_000_000))
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn no_rate_is_below_the_base_or_above_the_whole(params in any_params(), opening in any_opening()) {
		prop_assert_eq!(params.validate(), Ok(()));
		let rate = initial_rate(&params, &opening).unwrap();
		prop_assert!(opening.base <= rate && rate <= Ratio::ONE);
	}

	#[test]
	fn every_rate_is_the_exact_one_rounded_up(params in any_params(), opening in any_opening()) {
		let rates = InitialRates::of(&params, &opening).unwrap();
		let base = BigInt::from(opening.base.0);
		let whole = BigInt::from(1_000_000_000);

		// Size: the smallest root whose square is not below, compared as squares.
		let beyond = opening.notional.max(params.free_notional).0;
		let square = ratio(&base * &base * BigInt::from(beyond), params.free_notional.0);
		let root = BigInt::from(rates.size.0);
		prop_assert!(root == whole || ratio(&root * &root, 1) >= square);
		prop_assert!(root == BigInt::from(0) || ratio((&root - 1) * (&root - 1), 1) < square);

		let (soft, hard) = (params.soft_cap.0, params.hard_cap.0);
		let way = ratio(opening.open_interest.0.clamp(soft, hard) - soft, hard - soft);
		let crowded = ratio(base.clone(), 1) + way * ratio(&whole - &base, 1);
		prop_assert_eq!(BigInt::from(rates.open_interest.0), up(&crowded));

		let product = BigInt::from(params.volatility_multiplier.0) * BigInt::from(opening.volatility.0);
		prop_assert_eq!(BigInt::from(rates.volatility.0), up(&ratio(product, 1_000_000_000)));

		let own = opening.leverage.map_or(ratio(0, 1), |cap| ratio(1_000_000_000, cap.get()));
		prop_assert_eq!(BigInt::from(rates.leverage.0), up(&own));

		let all = [rates.base, rates.size, rates.open_interest, rates.volatility, rates.leverage];
		prop_assert_eq!(Some(rates.largest()), all.into_iter().max());
	}

	#[test]
	fn it_rises_with_everything_that_makes_a_position_riskier(
		params in any_params(), opening in any_opening(), more in any_opening(), softer in any_params(),
	) {
		let rate = initial_rate(&params, &opening).unwrap();
		type Riskier<'a> = &'a dyn Fn(&mut InitialParams, &mut Opening);
		let riskier: [(&str, Riskier); 9] = [
			("base", &|_, o| o.base = o.base.max(more.base)),
			("size", &|_, o| o.notional = o.notional.max(more.notional)),
			("crowding", &|_, o| o.open_interest = o.open_interest.max(more.open_interest)),
			("volatility", &|_, o| o.volatility = o.volatility.max(more.volatility)),
			// A lower cap of one's own; none is the highest.
			("leverage", &|_, o| o.leverage = o.leverage.into_iter().chain(more.leverage).min()),
			// And a market that gives less room.
			("free notional", &|p, _| p.free_notional = p.free_notional.min(softer.free_notional)),
			("multiplier", &|p, _| {
				p.volatility_multiplier = p.volatility_multiplier.max(softer.volatility_multiplier);
			}),
			("soft cap", &|p, _| p.soft_cap = p.soft_cap.min(softer.soft_cap)),
			("hard cap", &|p, _| {
				p.hard_cap = p.hard_cap.min(softer.hard_cap).max(Quote(p.soft_cap.0 + 1));
			}),
		];
		for (what, change) in riskier {
			let (mut params, mut opening) = (params, opening);
			change(&mut params, &mut opening);
			prop_assert!(initial_rate(&params, &opening).unwrap() >= rate, "{}", what);
		}
	}
}
