// SPDX-License-Identifier: Apache-2.0
//! What the oracle says when its members disagree, and when what they said is old.

use super::landing::{landed, rejected};
use crate::{mock::*, *};
use keel_primitives::{Action, Price, PriceState};

/// Two venues apart: nobody is within 2 % of the middle.
fn apart() -> [Price; 4] {
	[dollars(95), dollars(95), dollars(105), dollars(105)]
}

fn four(test: impl FnOnce()) {
	World { members: 4, params: params() }.run(test)
}

#[test]
fn a_quorum_that_does_not_agree_makes_the_price_uncertain_at_once() {
	four(|| {
		round(&[dollars(100); 4]);
		assert_state(PriceState::Valid);
		round(&apart());
		assert_state(PriceState::Uncertain);
		assert!(!landed());
		assert!(!btc().state.allows(Action::Open) && !btc().state.allows(Action::Withdraw));
		// The price is the last one they agreed on, and the furthest of them all but one may be right.
		assert_eq!((btc().price, btc().confidence), (dollars(100), dollars(5)));
		round(&[dollars(100); 4]);
		assert_state(PriceState::Valid);
		assert_eq!(btc().confidence, Price::ZERO);
	});
}

#[test]
fn a_disagreement_says_how_far_the_price_that_is_served_may_be_off() {
	four(|| {
		round(&[dollars(100); 4]);
		round(&[dollars(70), dollars(70), dollars(80), dollars(80)]);
		assert_eq!((btc().price, btc().confidence), (dollars(100), dollars(30)));
		// It stays so when they fall silent, until the price is too old for anything.
		pass(10);
		assert_state(PriceState::Uncertain);
		assert_eq!((btc().price, btc().confidence), (dollars(100), dollars(30)));
		pass(30);
		assert_state(PriceState::Stale);
	});
}

#[test]
fn members_who_are_silent_do_not_disagree() {
	four(|| {
		round(&[dollars(100); 4]);
		// What the others said counts for a while, and these two are not near it.
		round(&[dollars(95), dollars(105)]);
		assert_state(PriceState::Uncertain);
		round(&[dollars(100); 4]);
		pass(4);
		round(&[dollars(95), dollars(105)]);
		assert_state(PriceState::Valid);
	});
}

#[test]
fn a_disagreement_before_the_first_price_is_no_price() {
	four(|| {
		round(&apart());
		assert_state(PriceState::Missing);
	});
}

#[test]
fn one_member_who_lies_is_no_disagreement() {
	four(|| {
		round(&[dollars(100); 4]);
		for lie in [Price::MIN, dollars(98), dollars(103), Price::MAX] {
			round(&[dollars(100), dollars(100), cents(10_001), lie]);
			assert_state(PriceState::Valid);
			assert!(landed());
		}
		assert_eq!(rejected(3), Some(Rejection::Deviates));
	});
}

#[test]
fn the_age_of_a_price_counts_from_when_its_reports_were_taken() {
	run(|| {
		round(&[dollars(100); 5]);
		// Taken two blocks ago.
		assert_eq!((btc().age_ms, btc().landed_at), (2 * SLOT_MS, NowMs::get()));
		// Reports that were taken later make a price of the same block younger: the middle one counts.
		next_block();
		for index in 0..2 {
			send(call(index, now() - 2, &[report_of(BTC, dollars(100))])).unwrap();
		}
		for index in 2..5 {
			tell(index, dollars(100));
		}
		next_block();
		assert_eq!(btc().age_ms, 2 * SLOT_MS);
	});
}

#[test]
fn a_price_that_was_old_when_it_landed_is_over_no_later_for_it() {
	World { members: 5, params: FeedParams { age_ms_max: 10_000, ..params() } }.run(|| {
		round(&[dollars(100); 5]);
		for state in [PriceState::Valid, PriceState::Valid, PriceState::Valid, PriceState::Stale] {
			next_block();
			assert_state(state);
		}
		assert_eq!(btc().age_ms, 12_000);
	});
}

#[test]
fn what_was_said_before_a_gap_does_not_land_after_it() {
	run(|| {
		round(&[dollars(100); 5]);
		// All report, and the chain stands still for a minute less two seconds.
		for index in 0..5 {
			tell(index, dollars(99));
		}
		next_block_after(58_000);
		assert!(!landed());
		assert_eq!(btc().price, dollars(100));
		// Nor does what comes in after it of those who had seen nothing later.
		for index in 0..5 {
			send(call(index, now() - 1, &[report_of(BTC, dollars(98))])).unwrap();
		}
		next_block();
		assert!(!landed());
		// Who has seen the first block after it is heard.
		round(&[dollars(97); 5]);
		assert!(landed());
		assert_eq!((btc().price, btc().age_ms), (dollars(97), 2 * SLOT_MS));
	});
}

#[test]
fn blocks_that_are_only_late_carry_prices() {
	run(|| {
		for _ in 0..10 {
			for index in 0..5 {
				tell(index, dollars(100));
			}
			// As long as a report counts.
			next_block_after(3 * SLOT_MS);
			assert!(landed());
		}
	});
}

#[test]
fn two_of_seven_cannot_make_a_price_uncertain() {
	World { members: 7, params: params() }.run(|| {
		// Inside what the feed allows: they are never left out.
		for lie in [cents(9_801), cents(10_199)] {
			round(&[cents(9_999), cents(10_000), cents(10_000), cents(10_001), cents(10_002), lie, lie]);
			assert_eq!((btc().sources, btc().state), (7, PriceState::Valid));
			assert!(btc().confidence <= cents(1), "{:?}", btc().confidence);
		}
	});
}

#[test]
fn one_of_three_who_report_cannot_make_a_price_uncertain() {
	run(|| {
		round(&[dollars(100), cents(10_001), cents(9_800)]);
		assert_eq!((btc().sources, btc().state), (3, PriceState::Valid));
	});
}

#[test]
fn a_body_cannot_make_honest_members_look_uncertain() {
	// Members whose reports are as far apart as the feed allows would be uncertain, whoever lies.
	let tight = FeedParams { confidence_max: keel_primitives::Ratio(9_999_999), ..params() };
	assert!(!tight.is_valid(10, SLOT_MS));
	assert!(
		FeedParams { confidence_max: keel_primitives::Ratio::percent(1), ..params() }.is_valid(10, SLOT_MS)
	);
}

#[test]
fn a_quorum_and_then_one_member_alone_are_not_three_good_prices() {
	run(|| {
		round(&[dollars(100); 5]);
		assert!(btc().renewed);
		// One new report keeps what the others said a block ago landing.
		round(&[dollars(100)]);
		assert!(landed());
		assert!(!btc().renewed);
		next_block();
		assert!(!btc().renewed);
		round(&[dollars(100); 2]);
		assert!(!btc().renewed, "two of five, one of them for the second time");
		// Whoever has reported since then counts, also in another block.
		for index in 2..4 {
			tell(index, dollars(100));
		}
		next_block();
		assert!(btc().renewed);
		next_block();
		assert!(!btc().renewed, "it was, a block ago");
	});
}

#[test]
fn what_one_round_said_does_not_confirm_itself() {
	run(|| {
		round(&[dollars(100); 5]);
		// All of them share a library that is wrong by ten, for one round.
		round(&[dollars(1_000); 5]);
		assert!(btc().renewed);
		assert_eq!((btc().price, btc().before), (dollars(1_000), dollars(100)));
		// One is right again. What the other four have said still counts, and lands.
		tell(4, dollars(100));
		next_block();
		assert!(landed() && !btc().renewed);
		assert_eq!((btc().price, btc().before), (dollars(1_000), dollars(100)), "nobody has said it twice");
		tell(3, dollars(100));
		next_block();
		assert_eq!(btc().before, dollars(100));
		// A quorum that says it again is a second round.
		round(&[dollars(1_000); 3]);
		assert!(btc().renewed);
		assert_eq!((btc().price, btc().before), (dollars(1_000), dollars(1_000)));
	});
}
