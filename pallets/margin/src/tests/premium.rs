// SPDX-License-Identifier: Apache-2.0
//! The premium: what the order book says, over time.

use crate::mock::*;
use keel_primitives::*;

fn says(price: Option<Price>) {
	world(|world| match price {
		Some(price) => world.impact.insert(BTC, price),
		None => world.impact.remove(&BTC),
	});
}

fn block_after(milliseconds: u64) {
	world(|world| world.now += milliseconds - 2_000);
	next_block();
}

/// The rates of now and of the next hour, in parts per billion.
fn rates() -> (i64, i64) {
	let view = Margin::market_view(BTC).unwrap();
	(view.funding_rate, view.next_funding_rate)
}

/// 1.288 % for half an hour and nothing for the other: 0.644 %, less the damper of 0.5 %.
#[test]
fn an_average_does_not_depend_on_the_length_of_blocks() {
	for length in [2_000, 8_000, 45_000, 60_000] {
		build(|| {
			for price in [Some(Price::dollars(50_644)), None] {
				says(price);
				for _ in 0..1_800_000 / length {
					block_after(length);
				}
			}
			assert_eq!(rates(), (1_440_000, 1_440_000), "blocks of {length}");
		});
	}
}

#[test]
fn whatever_the_book_says_the_rate_keeps_to_its_cap() {
	for (said, cap) in [
		(Price(u128::MAX), 5_000_000),
		(Price::MAX, 5_000_000),
		(Price(1), -5_000_000),
		(Price::ZERO, -5_000_000),
	] {
		build(|| {
			deposit(ALICE, 10_000);
			deposit(BOB, 10_000);
			trade(ALICE, BOB, BTC, Size::ONE, 50_000);
			says(Some(said));
			for _ in 0..60 {
				block_after(60_000);
			}
			assert_eq!(rates(), (cap, cap));
			assert!(!market(BTC).quarantined);
			// 0.5 % of 50,000 per eight hours.
			let before = view(ALICE).equity;
			block_after(60_000);
			let paid = before.0 - view(ALICE).equity.0;
			assert!((paid - i128::from(cap.signum()) * 520_833).abs() <= 1, "{paid}");
		});
	}
}
