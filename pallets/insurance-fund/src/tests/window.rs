// SPDX-License-Identifier: Apache-2.0

use super::*;
use keel_test_support::Clock;

const HOUR: u64 = 60 * 60 * 1_000;

/// A loss too large for every cap: what is paid is what the caps allow.
fn paid_in(block: u64) -> Quote {
	System::set_block_number(block);
	absorb(BTC, dollars(1_000_000)).fund
}

#[test]
fn a_block_has_its_own_cap() {
	World::default().fund(10_000).caps(10, 25, 1_000).run(|| {
		let paid: Vec<_> = [1, 1, 1, 1, 2].map(paid_in).into();
		assert_eq!(paid, [10, 10, 5, 0, 10].map(dollars));
	});
}

#[test]
fn the_day_is_a_window_that_moves() {
	World::default().fund(10_000).caps(60, 60, 100).run(|| {
		#[rustfmt::skip]
		let table = [
			("the first payment is bounded by the block",    0,         60),
			("half a day later 40 are left of the day",      12 * HOUR, 40),
			("nothing is left at 24 hours",                  12 * HOUR, 0),
			("the first payment leaves, the second stays",   HOUR,      60),
			("the second payment leaves, the third stays",   12 * HOUR, 40),
			("after two quiet days the window is empty",     48 * HOUR, 60),
		];
		for (block, (why, pause, expected)) in (1..).zip(table) {
			Clock::advance(pause);
			assert_eq!(paid_in(block), dollars(expected), "{why}");
		}
	});
}

#[test]
fn no_24_hours_cost_more_than_the_cap_of_the_day() {
	World::default().fund(1_000_000).caps(7, 7, 100).run(|| {
		// Greedy: take all that is given, every 17 minutes for four days.
		let mut payments = Vec::new();
		for step in 0..340u64 {
			payments.push((step * 17 * 60 * 1_000, paid_in(step + 1)));
			Clock::advance(17 * 60 * 1_000);
		}
		for (start, _) in &payments {
			let day = payments.iter().filter(|(at, _)| at >= start && *at < start + 24 * HOUR);
			let paid: i128 = day.map(|(_, paid)| paid.0).sum();
			assert!(paid <= dollars(100).0, "{paid} in the day from {start}");
		}
	});
}

#[test]
fn a_clock_that_goes_back_opens_nothing() {
	World::default().fund(10_000).caps(60, 60, 100).run(|| {
		Clock::set(30 * HOUR);
		assert_eq!(paid_in(1), dollars(60));
		Clock::set(0);
		assert_eq!(paid_in(2), dollars(40));
		assert_eq!(paid_in(3), Quote::ZERO);
	});
}

#[test]
fn the_allowance_is_what_one_more_loss_would_get() {
	World::default().fund(10_000).caps(10, 25, 1_000).run(|| {
		assert_eq!(InsuranceFund::allowance(), dollars(10));
		paid_in(1);
		paid_in(1);
		assert_eq!(InsuranceFund::allowance(), dollars(5));
	});
}
