// SPDX-License-Identifier: Apache-2.0
//! How far a price can be trusted, and what history says.

use crate::{mock::*, *};
use keel_primitives::{FeedId, Price, PriceState, Volatility};
use keel_traits::PriceFeed;

/// Everybody reports `price`, with `confidence`.
fn agree_on(price: Price, confidence: Price) {
	for index in 0..5 {
		let report = Report { feed: BTC, price, confidence };
		send(call(index, now() - 1, &[report])).unwrap();
	}
	next_block();
}

#[test]
fn an_unknown_feed_is_missing_and_infinitely_old() {
	run(|| {
		let nothing = Oracle::observe(FeedId(9));
		assert_eq!(
			(nothing.state, nothing.age_ms, nothing.price),
			(PriceState::Missing, u64::MAX, Price::ZERO)
		);
		assert!(!Oracle::exists(FeedId(9)));
		assert!(Oracle::exists(BTC));
	});
}

#[test]
fn confidence_is_half_the_spread_of_the_middle_reports() {
	run(|| {
		round(&[cents(9_950), cents(9_980), cents(10_000), cents(10_040), cents(10_150)]);
		// The second and the fourth of five: (100.40 - 99.80) / 2.
		assert_eq!(btc().confidence, cents(30));
	});
}

#[test]
fn confidence_is_never_better_than_the_middle_member_claims() {
	run(|| {
		for (index, claim) in [0_u128, 10, 20, 30, 4_000].into_iter().enumerate() {
			let report = Report { feed: BTC, price: dollars(100), confidence: cents(claim) };
			send(call(index as u8, now() - 1, &[report])).unwrap();
		}
		next_block();
		assert_eq!(btc().confidence, cents(20));
	});
}

#[test]
fn a_price_with_a_wide_spread_is_uncertain() {
	run(|| {
		agree_on(dollars(100), dollars(1));
		assert_state(PriceState::Valid);
		agree_on(dollars(100), cents(101));
		assert_state(PriceState::Uncertain);
		agree_on(dollars(100), dollars(1));
		assert_state(PriceState::Valid);
	});
}

#[test]
fn a_price_far_from_the_slow_price_is_volatile() {
	run(|| {
		round(&[dollars(100); 5]);
		round(&[dollars(110); 5]);
		assert_state(PriceState::Valid);
		round(&[dollars(112); 5]);
		assert_state(PriceState::Volatile);
		round(&[dollars(100); 5]);
		assert_state(PriceState::Valid);
	});
}

#[test]
fn volatile_outranks_uncertain_and_stale_outranks_both() {
	run(|| {
		round(&[dollars(100); 5]);
		agree_on(dollars(120), dollars(20));
		assert_state(PriceState::Volatile);
		next_block_after(61_000);
		assert_state(PriceState::Stale);
	});
}

#[test]
fn the_slow_price_starts_at_the_first_and_follows_slowly() {
	run(|| {
		round(&[dollars(100); 5]);
		assert_eq!(btc().slow, dollars(100));
		round(&[dollars(105); 5]);
		// 5 * (1 - 2^(-2 / 3600)) dollars.
		let expected = 100.0 + 5.0 * (1.0 - (-2.0_f64 / 3_600.0).exp2());
		assert!((btc().slow.0 as f64 / 1e18 - expected).abs() < 1e-12);
	});
}

#[test]
fn volatility_is_the_one_before_this_blocks_price() {
	run(|| {
		round(&[dollars(100); 5]);
		// A return is taken over a minute.
		for _ in 0..30 {
			unsigned_round(&[dollars(101); 5]);
			assert_eq!(btc().volatility, Volatility::ZERO, "there was no return before this price");
		}
		next_block();
		let after = btc().volatility;
		assert!(!after.is_zero(), "now there was");
		round(&[dollars(105); 5]);
		assert_eq!(btc().volatility, after);
	});
}

#[test]
fn a_view_shows_what_other_pallets_are_told() {
	run(|| {
		round(&[dollars(100); 5]);
		let view = Oracle::feed_view(BTC).unwrap();
		assert_eq!(view.observation, btc());
		assert_eq!(view.name.as_slice(), b"BTC/USD");
		assert_eq!(Oracle::feeds().len(), 2);
		assert_eq!(Oracle::feed_view(FeedId(9)), None);
	});
}
