// SPDX-License-Identifier: Apache-2.0
//! How far a mark follows a price that one or two rounds have told.

use keel_math::envelope::{confirmed, is_beyond};
use keel_primitives::{Price, Ratio};
use proptest::prelude::*;

const MOVE: Ratio = Ratio::percent(2);

fn at(dollars: u32) -> Price {
	Price::dollars(dollars)
}

fn mark(mark: u32, before: u32, price: u32) -> Price {
	confirmed(at(mark), at(before), at(price), MOVE)
}

#[test]
fn a_move_within_the_envelope_is_followed_at_once() {
	assert_eq!(mark(50_000, 50_000, 51_000), at(51_000));
	assert_eq!(mark(50_000, 50_000, 49_000), at(49_000));
	// Also back from where a round was that nobody has confirmed.
	assert_eq!(mark(50_000, 500_000, 50_100), at(50_100));
}

#[test]
fn a_larger_one_waits_for_a_second_round() {
	assert_eq!(mark(50_000, 50_000, 51_001), at(50_000));
	assert_eq!(mark(50_000, 50_000, 500_000), at(50_000));
	assert_eq!(mark(50_000, 500_000, 500_000), at(500_000));
	// The second says less, or more: what both say.
	assert_eq!(mark(50_000, 46_000, 44_000), at(46_000));
	assert_eq!(mark(50_000, 44_000, 46_000), at(46_000));
	// A second round near the first one is followed.
	assert_eq!(mark(50_000, 46_000, 45_500), at(45_500));
}

#[test]
fn two_rounds_that_say_opposite_things_move_nothing() {
	assert_eq!(mark(50_000, 55_000, 45_000), at(50_000));
	assert_eq!(mark(50_000, 45_000, 55_000), at(50_000));
}

fn price() -> impl Strategy<Value = Price> {
	prop_oneof![1u128..1_000, 1u128..=Price::MAX.0, Just(Price::MAX.0)].prop_map(Price)
}

proptest! {
	#[test]
	fn the_mark_goes_no_further_than_one_of_two_rounds_says_and_beyond_the_envelope_than_both(
		mark in price(),
		before in price(),
		price in price(),
		most in 0u64..=Ratio::ONE.0,
	) {
		let most = Ratio(most);
		let after = confirmed(mark, before, price, most);
		prop_assert!(mark.min(price) <= after && after <= mark.max(price));
		if is_beyond(mark, after, most) {
			// The round before has gone as far, but for one step within the envelope.
			let reached = before.max(mark.min(price)).min(mark.max(price));
			prop_assert!(reached != mark && !is_beyond(reached, after, most));
		}
	}
}
