// SPDX-License-Identifier: Apache-2.0
//! Who is stuck, and who only stands still because the world does.

use super::landing::{landed, rejected};
use crate::{mock::*, Rejection};
use keel_primitives::{Moment, Price, PriceState};

const HOUR: Moment = 3_600_000;
/// The time between two blocks where days pass.
const STEP: Moment = 20_000;

/// On a chain of slow blocks all report what `price` says of the time that has passed, for `hours`: a price lands in
/// every block, of all five.
fn live(hours: Moment, price: impl Fn(Moment) -> Price) {
	BlockMs::set(STEP);
	for step in 0..hours * HOUR / STEP {
		let said = price(step * STEP);
		unsigned_round(&[said; 5]);
		let seen = btc();
		assert_eq!((seen.price, seen.sources), (said, 5), "after {step} steps");
		assert_eq!((seen.state, seen.landed_at), (PriceState::Valid, NowMs::get()), "after {step} steps");
	}
}

#[test]
fn nobody_is_stuck_where_a_price_jumps_and_then_stands() {
	run(|| {
		round(&[dollars(100); 5]);
		for step in 0..50 {
			unsigned_round(&[dollars(101); 5]);
			assert!(landed(), "after {step} rounds");
			assert_eq!((btc().sources, btc().state), (5, PriceState::Valid), "after {step} rounds");
		}
	});
}

#[test]
fn an_asset_with_closing_hours_is_live_through_nights_and_a_weekend() {
	run(|| {
		// Eight hours a day it moves by a cent every minute; then it stands. It opens 1 % off.
		live(96, |time| {
			let (day, minute) = (u128::from(time / (24 * HOUR)), u128::from(time % (24 * HOUR) / 60_000));
			match (day, minute) {
				// The third day is a holiday.
				(2, _) => cents(10_000 + 100 + 480),
				_ => cents(10_000 + 100 * day + minute.min(480)),
			}
		});
	});
}

#[test]
fn a_peg_that_stands_and_is_reset_is_live() {
	run(|| live(48, |time| if time < 20 * HOUR { dollars(1) } else { cents(98) }));
}

#[test]
fn an_index_published_every_hour_is_live_for_days() {
	run(|| live(72, |time| cents(10_000 + u128::from(time / HOUR) * 70 % 400)));
}

#[test]
fn an_hourly_index_is_live_while_one_member_hears_of_it_late() {
	run(|| {
		for step in 0..300_u128 {
			// A new value every thirty rounds; member 4 hears of it ten rounds after the others.
			let value = |round: u128| cents(10_000 + round / 30 * 70 % 400);
			let said = [value(step), value(step), value(step), value(step), value(step.saturating_sub(10))];
			unsigned_round(&said);
			assert_eq!(btc().price, value(step), "round {step}");
			// It is left out while it is behind, and heard again with the new value.
			assert_eq!(btc().sources == 5, said[4] == said[0], "round {step}");
		}
	});
}

#[test]
fn a_member_who_repeats_one_value_while_others_move_is_left_out() {
	run(|| {
		let round_at = |price: u128| {
			let moving = [cents(price), cents(price + 1), cents(price + 2), cents(price + 3), cents(10_000)];
			round(&moving);
		};
		// The price creeps away from 100.00 by 0.3 % a round: member 4 repeats, within 2 % of the median.
		round_at(10_000);
		for step in 1..=3 {
			round_at(10_000 + 30 * step);
			assert_eq!(rejected(4), None, "{step}");
		}
		round_at(10_120);
		assert_eq!(rejected(4), Some(Rejection::Stuck));
		assert_eq!(btc().sources, 4);
		// A new value is heard again.
		round(&[cents(10_150); 5]);
		assert_eq!((rejected(4), btc().sources), (None, 5));
	});
}

#[test]
fn two_who_are_stuck_together_are_found_as_one_would_be() {
	World { members: 7, params: params() }.run(|| {
		for step in 0..10_u128 {
			round(&[vec![cents(10_000 + 15 * step); 5], vec![dollars(100); 2]].concat());
		}
		assert_eq!((rejected(5), rejected(6)), (Some(Rejection::Stuck), Some(Rejection::Stuck)));
		assert_eq!(btc().sources, 5);
	});
}

#[test]
fn a_member_who_was_stuck_before_the_first_price_is_found_too() {
	run(|| {
		tell(4, dollars(100));
		next_block();
		for step in 0..10_u128 {
			round(&[vec![cents(10_000 + 15 * step); 4], vec![dollars(100)]].concat());
		}
		assert_eq!(rejected(4), Some(Rejection::Stuck));
	});
}

#[test]
fn a_stuck_member_is_heard_again_when_the_others_come_back_to_it() {
	run(|| {
		for step in 0..10_u128 {
			round(&[vec![cents(10_000 + 15 * step); 4], vec![dollars(100)]].concat());
		}
		assert_eq!(rejected(4), Some(Rejection::Stuck));
		round(&[dollars(100); 5]);
		assert_eq!((rejected(4), btc().sources), (None, 5));
	});
}

#[test]
fn nobody_is_stuck_in_a_market_that_does_not_move() {
	run(|| {
		for _ in 0..20 {
			round(&[dollars(100); 5]);
			assert_eq!(btc().sources, 5);
		}
	});
}

#[test]
fn a_liar_cannot_have_honest_members_dropped_as_stuck_in_a_quiet_market() {
	run(|| {
		for step in 0..20_u128 {
			// The honest ones repeat two neighbouring ticks, the liar moves between them.
			let lie = Price(cents(10_000).0 + step * 10_000_000_000_000);
			round(&[cents(10_000), cents(10_000), cents(10_001), cents(10_001), lie]);
			assert_eq!(btc().sources, 5);
		}
	});
}
