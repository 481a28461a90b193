// SPDX-License-Identifier: Apache-2.0
//! When a price lands, and which.

use crate::{mock::*, *};
use keel_primitives::{Moment, Price, PriceState};

pub(super) fn landed() -> bool {
	events().iter().any(|event| matches!(event, Event::PriceLanded { feed: BTC, .. }))
}

pub(super) fn rejected(index: u8) -> Option<Rejection> {
	events().into_iter().find_map(|event| match event {
		Event::ReportRejected { member: who, feeds } if who == member(index) => {
			feeds.first().map(|rejected| rejected.reason)
		}
		_ => None,
	})
}

#[test]
fn the_price_lands_at_the_start_of_the_next_block() {
	run(|| {
		for index in 0..5 {
			tell(index, dollars(50_000));
		}
		assert_state(PriceState::Missing);
		next_block();
		assert_state(PriceState::Valid);
		let seen = btc();
		assert_eq!((seen.price, seen.age_ms, seen.sources), (dollars(50_000), 2 * SLOT_MS, 5));
		assert_eq!(seen.landed_at, NowMs::get());
		assert_eq!(
			events(),
			[
				Event::PriceLanded {
					feed: BTC,
					price: dollars(50_000),
					confidence: Price::ZERO,
					sources: 5,
					state: PriceState::Valid,
				},
				Event::StateChanged { feed: BTC, from: PriceState::Missing, to: PriceState::Valid },
			]
		);
	});
}

#[test]
fn the_median_is_the_middle_or_the_mean_of_the_two_middle_ones_rounded_down() {
	for (reports, median) in [
		(vec![103, 101, 102], 102),
		(vec![100, 101, 102, 103, 104], 102),
		// (101 + 102) / 2, in 1e-18 dollars, of raw units: rounded down.
		(vec![100, 101, 102, 103], 101),
		(vec![100, 100, 103, 103], 101),
	] {
		let base = dollars(50_000).0;
		World { members: reports.len() as u8, params: params() }.run(|| {
			round(&reports.iter().map(|r| Price(base + r)).collect::<Vec<_>>());
			assert_eq!(btc().price.0 - base, median, "{reports:?}");
		});
	}
}

#[test]
fn two_thirds_are_a_quorum_and_one_less_is_none() {
	// Members, 2f + 1 with f = (n - 1) / 3, and never less than the feed's own quorum of 3.
	for (members, quorum) in [(3, 3), (4, 3), (5, 3), (6, 3), (7, 5), (9, 5), (10, 7)] {
		World { members, params: params() }.run(|| {
			round(&vec![dollars(100); quorum - 1]);
			assert_state(PriceState::Missing);
		});
		World { members, params: params() }.run(|| {
			round(&vec![dollars(100); quorum]);
			assert_state(PriceState::Valid);
			assert_eq!(btc().sources, quorum as u32);
		});
	}
}

#[test]
fn a_feed_may_ask_for_more_than_two_thirds() {
	let strict = FeedParams { quorum_min: 5, ..params() };
	World { members: 5, params: strict }.run(|| {
		round(&[dollars(100); 4]);
		assert_state(PriceState::Missing);
		next_block();
		round(&[dollars(100); 5]);
		assert_state(PriceState::Valid);
	});
}

#[test]
fn members_at_slightly_different_blocks_form_a_quorum() {
	run(|| {
		tell(0, dollars(100));
		next_block();
		assert_state(PriceState::Missing);
		tell(1, dollars(101));
		tell(2, dollars(102));
		next_block();
		assert_eq!((btc().price, btc().sources), (dollars(101), 3));
	});
}

#[test]
fn a_report_outside_the_window_no_longer_counts() {
	run(|| {
		tell(0, dollars(100));
		next_block();
		next_block();
		tell(1, dollars(100));
		tell(2, dollars(100));
		next_block();
		// Member 0 reported for a round that is now four blocks old; the window is three.
		assert_state(PriceState::Missing);
	});
}

#[test]
fn old_reports_alone_do_not_make_a_price_look_new() {
	run(|| {
		round(&[dollars(100); 5]);
		assert!(landed());
		next_block();
		assert!(!landed());
		assert_eq!(btc().age_ms, 3 * SLOT_MS);
	});
}

#[test]
fn without_a_quorum_the_last_price_ages_and_says_so() {
	run(|| {
		round(&[dollars(100); 5]);
		// 60 s is the greatest age, and it was taken 4 s ago.
		for _ in 0..28 {
			next_block();
			assert_state(PriceState::Valid);
		}
		tell(0, dollars(90));
		next_block();
		assert_state(PriceState::Stale);
		assert_eq!((btc().price, btc().age_ms), (dollars(100), 62_000));
		let change = Event::StateChanged { feed: BTC, from: PriceState::Valid, to: PriceState::Stale };
		assert_eq!(events(), [change]);
	});
}

#[test]
fn an_outage_is_seen_in_the_first_block_after_it() {
	run(|| {
		round(&[dollars(100); 5]);
		next_block_after(600_000);
		assert_state(PriceState::Stale);
		assert_eq!(btc().age_ms, 2 * SLOT_MS + 600_000);
	});
}

#[test]
fn reports_made_before_an_outage_do_not_count_after_it() {
	run(|| {
		round(&[dollars(100); 5]);
		// All have seen this block, but what they said waited in the pool for ten minutes.
		let before = now();
		next_block_after(600_000);
		for index in 0..5 {
			send(call(index, before, &[report_of(BTC, dollars(100))])).unwrap();
		}
		next_block();
		assert_state(PriceState::Stale);
		// And what came into the last block before an outage does not count after it either.
		for index in 0..5 {
			tell(index, dollars(100));
		}
		next_block_after(600_000);
		assert_state(PriceState::Stale);
		// Who has seen the first block after it is heard.
		next_block();
		round(&[dollars(80); 5]);
		assert_eq!(btc().price, dollars(80));
	});
}

#[test]
fn a_price_comes_back_after_being_stale() {
	run(|| {
		round(&[dollars(100); 5]);
		next_block_after(61_000);
		assert_state(PriceState::Stale);
		next_block();
		round(&[dollars(101); 5]);
		assert_state(PriceState::Valid);
	});
}

#[test]
fn a_report_too_far_from_the_median_is_left_out_and_the_round_goes_on() {
	run(|| {
		round(&[cents(10_000), cents(10_001), cents(10_002), cents(10_003), cents(10_300)]);
		assert_eq!(rejected(4), Some(Rejection::Deviates));
		assert_eq!(btc().sources, 4);
		assert_eq!(btc().price, Price((cents(10_001).0 + cents(10_002).0) / 2));
	});
}

#[test]
fn when_too_many_are_left_out_no_price_lands() {
	World { members: 4, params: params() }.run(|| {
		round(&[dollars(50), dollars(100), dollars(100), dollars(150)]);
		assert_state(PriceState::Missing);
		assert_eq!(rejected(0), Some(Rejection::Deviates));
		assert_eq!(rejected(3), Some(Rejection::Deviates));
	});
}

#[test]
fn the_distance_is_to_this_rounds_median_so_a_jump_lands() {
	run(|| {
		round(&[dollars(100); 5]);
		round(&[dollars(60); 5]);
		assert_eq!((btc().price, btc().sources), (dollars(60), 5));
	});
}

#[test]
fn the_allowed_distance_grows_with_the_age_of_the_last_price() {
	let params = params();
	assert_eq!(params.allowed_deviation(None).0, params.deviation_max.0);
	assert_eq!(params.allowed_deviation(Some(0)).0, params.deviation_max.0);
	assert_eq!(params.allowed_deviation(Some(60_000)).0, 2 * params.deviation_max.0);
	assert_eq!(params.allowed_deviation(Some(180_000)).0, 4 * params.deviation_max.0);
	assert_eq!(params.allowed_deviation(Some(Moment::MAX)).0, 1_000_000_000);
	run(|| {
		round(&[dollars(100); 5]);
		let apart = [dollars(95), dollars(95), dollars(100), dollars(105), dollars(105)];
		// 5 % is more than 2 %.
		round(&apart);
		assert!(!landed());
		// After two more minutes 6 % and a little are allowed.
		next_block_after(120_000);
		next_block();
		round(&apart);
		assert_eq!(btc().price, dollars(100));
		assert!(landed());
	});
}

#[test]
fn a_removed_member_is_not_heard_and_the_quorum_stays() {
	World { members: 7, params: params() }.run(|| {
		for index in 0..7 {
			tell(index, dollars(100));
		}
		Oracle::do_remove_member(member(6)).unwrap();
		Oracle::do_remove_member(member(0)).unwrap();
		next_block();
		assert_eq!(btc().sources, 5);
		pass(4);
		for index in 1..5 {
			tell(index, dollars(100));
		}
		next_block();
		// Seven seats need five.
		assert_eq!(btc().age_ms, 7 * SLOT_MS);
		tell(5, dollars(100));
		next_block();
		assert_eq!(btc().sources, 5);
	});
}

#[test]
fn time_never_runs_backwards() {
	run(|| {
		round(&[dollars(100); 5]);
		let landed_at = btc().landed_at;
		NowMs::set(GENESIS_MS);
		round(&[dollars(100); 5]);
		// The block before it was a slot earlier.
		assert_eq!((btc().landed_at, btc().age_ms), (landed_at, SLOT_MS));
	});
}

#[test]
fn a_member_is_told_once_a_block_of_all_that_was_left_out() {
	run(|| {
		let said = |btc, eth| [report_of(BTC, dollars(btc)), report_of(ETH, dollars(eth))];
		for index in 0..4 {
			assert!(send(call(index, now() - 1, &said(100, 10))).is_ok());
		}
		assert!(send(call(4, now() - 1, &said(150, 20))).is_ok());
		next_block();
		let told = || -> Vec<_> {
			let told = events().into_iter().filter_map(|event| match event {
				Event::ReportRejected { member, feeds } => Some((member, feeds.into_inner())),
				_ => None,
			});
			told.collect()
		};
		let of = |feed| RejectedReport { feed, reason: Rejection::Deviates };
		assert_eq!(told(), [(member(4), vec![of(BTC), of(ETH)])]);
		// It counts in the next round too, and is not told of again.
		for index in 0..4 {
			assert!(send(call(index, now() - 1, &said(100, 10))).is_ok());
		}
		next_block();
		assert_eq!(told(), []);
	});
}
