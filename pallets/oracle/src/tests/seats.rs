// SPDX-License-Identifier: Apache-2.0
//! What a body could do with seats and feeds: each attack as it is made.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::{PriceState, Ratio};

fn signed(who: sp_runtime::AccountId32) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

#[test]
fn a_body_gives_seven_seats_in_one_block_and_owns_the_price_in_the_next() {
	World { members: 3, params: params() }.run(|| {
		round(&[dollars(100); 3]);
		for index in 3..10 {
			assert_ok!(Oracle::add_member(signed(GOVERNOR), member(index)));
			assert_ok!(Oracle::set_reporter(signed(member(index)), reporter(index)));
		}
		round(&[vec![dollars(100); 3], vec![dollars(1); 7]].concat());
		assert_eq!(btc().price, dollars(1));
	});
}

#[test]
fn a_removal_lowers_the_quorum_until_two_liars_decide() {
	World { members: 7, params: params() }.run(|| {
		round(&[dollars(100); 7]);
		for index in 4..7 {
			assert_ok!(Oracle::remove_member(signed(GUARDIAN), member(index)));
		}
		// What the fourth said before counts no more.
		for _ in 0..3 {
			next_block();
		}
		round(&[cents(10_190), cents(10_190), dollars(100)]);
		assert_eq!(btc().price, cents(10_190));
	});
}

#[test]
fn removals_halt_every_market_without_an_end() {
	run(|| {
		for index in 0..3 {
			assert_ok!(Oracle::remove_member(signed(GUARDIAN), member(index)));
		}
		for index in 3..5 {
			tell(index, dollars(100));
		}
		next_block();
		assert_state(PriceState::Missing);
	});
}

#[test]
fn a_feed_is_loosened_at_once() {
	run(|| {
		let loose = FeedParams { age_ms_max: AGE_MS_MAX, deviation_max: Ratio::percent(50), ..params() };
		assert_ok!(Oracle::set_feed_params(signed(GOVERNOR), BTC, loose));
		assert_eq!(Feeds::<Runtime>::get(BTC).unwrap().params, loose);
	});
}

#[test]
fn a_feed_is_tightened_until_no_round_agrees() {
	run(|| {
		let tight = FeedParams { deviation_max: Ratio(1), ..params() };
		assert_ok!(Oracle::set_feed_params(signed(GOVERNOR), BTC, tight));
		round(&[cents(10_000), cents(10_001), cents(10_002), cents(10_003), cents(10_004)]);
		assert_state(PriceState::Missing);
	});
}

#[test]
fn a_key_that_was_seen_in_the_pool_is_taken_by_somebody_else() {
	run(|| {
		assert_ok!(Oracle::set_reporter(signed(member(1)), reporter(7)));
		assert_noop!(Oracle::set_reporter(signed(member(0)), reporter(7)), Error::<Runtime>::ReporterInUse);
	});
}

#[test]
fn what_a_member_said_before_it_left_is_said_again_when_it_is_back() {
	run(|| {
		let old = call(0, now(), &[report_of(BTC, dollars(1))]);
		assert_ok!(send(old.clone()));
		assert_ok!(Oracle::remove_member(signed(GOVERNOR), member(0)));
		assert_ok!(Oracle::add_member(signed(GOVERNOR), member(0)));
		assert_ok!(Oracle::set_reporter(signed(member(0)), reporter(0)));
		next_block();
		assert_ok!(send(old));
	});
}
