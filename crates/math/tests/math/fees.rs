// SPDX-License-Identifier: Apache-2.0
//! Fees are rounded against who pays or receives them; volume forgets what is older than it counts.

use keel_math::{
	fees::{FeeRate, RollingVolume, FEE_MAX, VOLUME_WINDOW_MS},
	MathError,
};
use keel_primitives::Quote;
use num_bigint::BigInt;
use proptest::prelude::*;

const DAY: u64 = 24 * 3_600_000;

#[test]
fn a_fee_is_rounded_up_and_a_rebate_down() {
	let one_and_a_bit = Quote(1_000_001);
	// 0.05 % of 1.000001 dollars is 500.0005 millionths.
	assert_eq!(FeeRate(500_000).of(one_and_a_bit), Ok(Quote(501)));
	assert_eq!(FeeRate(-500_000).of(one_and_a_bit), Ok(Quote(-500)));
	assert_eq!(FeeRate(0).of(one_and_a_bit), Ok(Quote::ZERO));
	assert_eq!(FeeRate(500_000).of(Quote(-1)), Ok(Quote::ZERO));
	assert_eq!(FEE_MAX.of(Quote::dollars(100)), Ok(Quote::dollars(1)));
	assert_eq!(FeeRate(i32::MAX).of(Quote(i128::MAX)), Err(MathError::Overflow));
}

#[test]
fn volume_of_the_last_window_fades_evenly_and_is_gone_after_the_next() {
	let traded = RollingVolume::default().with(Quote::dollars(300), VOLUME_WINDOW_MS + DAY);
	let at = |day: u64| traded.at(VOLUME_WINDOW_MS + day * DAY);
	assert_eq!(at(1), Quote::dollars(300));
	assert_eq!(at(29), Quote::dollars(300));
	assert_eq!(at(30), Quote::dollars(300));
	assert_eq!(at(31), Quote::dollars(290));
	assert_eq!(at(45), Quote::dollars(150));
	assert_eq!(at(60), Quote::ZERO);
	// What comes meanwhile counts whole, and what faded does not come back.
	let more = traded.with(Quote::dollars(7), VOLUME_WINDOW_MS + 45 * DAY);
	assert_eq!(more.at(VOLUME_WINDOW_MS + 45 * DAY), Quote::dollars(157));
	assert_eq!(more.at(VOLUME_WINDOW_MS + 60 * DAY), Quote::dollars(7));
	// A clock that goes back changes nothing.
	assert_eq!(more.with(Quote::dollars(1), 0).at(VOLUME_WINDOW_MS + 45 * DAY), Quote::dollars(158));
}

#[test]
fn volume_beyond_all_amounts_stays_there() {
	let mut volume = RollingVolume::default();
	for _ in 0..4 {
		volume = volume.with(Quote(i128::MAX), 5);
	}
	assert_eq!(volume.at(5), Quote(i128::MAX));
	assert_eq!(volume.at(u64::MAX), Quote::ZERO);
}

proptest! {
	#[test]
	fn a_fee_is_the_exact_one_rounded_once(rate in -10_000_000_i32..=10_000_000, traded in 0_i128..1 << 100) {
		let exact = BigInt::from(rate) * BigInt::from(traded);
		let billion = BigInt::from(1_000_000_000);
		// Towards plus infinity, either way: against who pays, and against who receives.
		let floor = |value: BigInt| {
			let (quotient, rest) = (&value / &billion, &value % &billion);
			if rest < BigInt::from(0) { quotient - 1 } else { quotient }
		};
		let ceiling = -floor(-exact);
		prop_assert_eq!(BigInt::from(FeeRate(rate).of(Quote(traded)).unwrap().0), ceiling);
	}

	#[test]
	fn volume_is_between_what_was_traded_in_the_window_and_in_two(
		trades in prop::collection::vec((0_i64..1_000_000, 0_u64..20 * DAY), 1..40),
	) {
		let (mut volume, mut now, mut log) = (RollingVolume::default(), 100 * VOLUME_WINDOW_MS, Vec::new());
		for (dollars, later) in trades {
			now += later;
			volume = volume.with(Quote::dollars(dollars), now);
			log.push((now, Quote::dollars(dollars).0));
			let since = |from: u64| log.iter().filter(|(at, _)| *at >= from).map(|(_, amount)| amount).sum::<i128>();
			let counted = volume.at(now).0;
			// Two windows bound it from above, the present one from below.
			prop_assert!(counted <= since(now / VOLUME_WINDOW_MS * VOLUME_WINDOW_MS - VOLUME_WINDOW_MS));
			prop_assert!(counted >= since(now / VOLUME_WINDOW_MS * VOLUME_WINDOW_MS));
		}
	}
}
