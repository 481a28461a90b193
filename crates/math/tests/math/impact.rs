// SPDX-License-Identifier: Apache-2.0
//! The impact price against exact rationals.

use keel_math::impact::{middle, ImpactSide};
use keel_primitives::{Price, Quote, Size};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

fn of(notional: Quote, orders: &[(Size, Price)]) -> Option<Price> {
	let mut side = ImpactSide::new(notional).unwrap();
	for (size, price) in orders {
		side.take(*size, *price).unwrap();
	}
	side.price()
}

#[test]
fn the_last_order_counts_as_far_as_it_is_needed() {
	let dollars = Price::dollars;
	// A whole at 100, and half of one at 200: 200 dollars for one and a half.
	let two = [(Size::ONE, dollars(100)), (Size(9 * Size::ONE.0), dollars(200))];
	assert_eq!(of(Quote::dollars(200), &two), Some(Price(133_333_333_333_333_333_333)));
	assert_eq!(of(Quote::dollars(100), &two), Some(dollars(100)));
	assert_eq!(of(Quote::dollars(1_900), &two), Some(dollars(190)));
	assert_eq!(of(Quote(1_900_000_001), &two), None);
	assert_eq!(of(Quote::dollars(1), &[]), None);
	assert!(ImpactSide::new(Quote(-1)).is_err());
	assert_eq!(middle(dollars(3), dollars(4)), Price(Price::ONE.0 * 7 / 2));
	assert_eq!(middle(Price(u128::MAX), Price(u128::MAX)), Price(u128::MAX));
}

#[test]
fn what_is_too_dear_for_the_smallest_size_has_no_price() {
	// A millionth of a dollar at 1e9 dollars is less than 1e-9 of a base unit.
	assert_eq!(of(Quote(1), &[(Size::ONE, Price::MAX)]), None);
}

proptest! {
	#[test]
	fn the_price_is_the_exact_one_but_for_roundings(
		orders in prop::collection::vec((1_u64..1_000_000_000_000, 1_u64..100_000), 1..12),
		notional in 1_i64..10_000_000,
	) {
		let orders: Vec<_> =
			orders.iter().map(|(size, at)| (Size((*size).into()), Price::dollars(*at as u32))).collect();
		let ratio = |a: BigInt, b: BigInt| BigRational::new(a, b);
		let one = |n: u32| ratio(BigInt::from(10).pow(n), BigInt::from(1));
		let (mut missing, mut base) = (ratio(notional.into(), 1.into()), ratio(0.into(), 1.into()));
		for (size, price) in &orders {
			let size = ratio(size.0.into(), 1.into()) / one(9);
			let price = ratio(price.0.into(), 1.into()) / one(18);
			let part = size.min(&missing / &price);
			missing -= &part * &price;
			base += part;
		}
		let got = of(Quote::dollars(notional), &orders);
		if missing > ratio(0.into(), 1.into()) {
			prop_assert_eq!(got, None);
		} else {
			let exact = ratio(notional.into(), 1.into()) / &base;
			let got = ratio(got.unwrap().0.into(), 1.into()) / one(18);
			// The size is a billionth too small at most, the price a decimal.
			let highest = ratio(notional.into(), 1.into()) / (&base - ratio(1.into(), 1.into()) / one(9));
			let decimal = ratio(1.into(), 1.into()) / one(18);
			prop_assert!(&got + &decimal > exact && got <= highest + decimal);
		}
	}
}
