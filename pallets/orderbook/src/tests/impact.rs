// SPDX-License-Identifier: Apache-2.0
//! The impact price: the middle of what 1,000 dollars would be sold and bought for.

use crate::{mock::*, *};
use frame_support::assert_ok;
use keel_primitives::*;
use keel_test_support::Margin;
use keel_traits::ImpactPrice;

fn impact_of(market: MarketId) -> Option<u128> {
	Orderbook::impact_price(market).map(|price| price.0 / Price::ONE.0)
}

fn impact() -> Option<u128> {
	impact_of(BTC)
}

#[test]
fn only_orders_that_have_rested_a_whole_block_count() {
	run(|| {
		// In the middle of a block.
		place(ALICE, buy(100, 49_900));
		place(BOB, sell(100, 50_300));
		next_block();
		assert_eq!(impact(), None);
		next_block();
		assert_eq!(impact(), Some(50_100));
		// Better ones that come and go within a block change nothing.
		let passing = place(CAROL, buy(100, 50_200));
		next_block();
		assert_ok!(Orderbook::cancel_order(signed(CAROL), MAIN, OrderName::Id(passing)));
		next_block();
		assert_eq!(impact(), Some(50_100));
	});
}

#[test]
fn a_little_at_a_good_price_moves_it_little() {
	run(|| {
		// 2 thousandths are 100 dollars: 900 of the 1,000 are at 49,000.
		place(ALICE, buy(2, 50_000));
		place(ALICE, buy(100, 49_000));
		place(BOB, sell(100, 51_000));
		next_block();
		next_block();
		// 1,000 dollars for 0.002 and 900 / 49,000.
		assert_eq!(impact(), Some((49_098 + 51_000) / 2));
	});
}

#[test]
fn one_side_alone_or_a_thin_one_says_nothing() {
	run(|| {
		place(ALICE, buy(100, 49_000));
		place(BOB, sell(19, 51_000));
		next_block();
		next_block();
		assert_eq!(impact(), None, "969 dollars");
		place(BOB, sell(1, 51_000));
		next_block();
		next_block();
		assert_eq!(impact(), Some(50_000));
		// Orders beyond the band, and of a position that is gone, do not count.
		Margin::set_mark(BTC, Price::dollars(49_000));
		next_block();
		assert_eq!(impact(), None);
	});
}

#[test]
fn a_side_is_looked_at_so_far_and_no_further() {
	run(|| {
		for who in [ALICE, CAROL] {
			for _ in 0..8 {
				place(who, buy(1, 49_000));
			}
		}
		place(DAVE, buy(100, 49_000));
		place(BOB, sell(100, 51_000));
		next_block();
		next_block();
		assert_eq!(impact(), None, "the first sixteen are 784 dollars");
	});
}

#[test]
fn each_market_has_its_turn_and_an_old_price_is_none() {
	run(|| {
		let ether = |side, at| NewOrder { market: ETH, price: Price::dollars(at), ..order(side, 5_000, 0) };
		place(ALICE, buy(100, 49_000));
		place(ALICE, sell(100, 51_000));
		place(ALICE, ether(Side::Long, 1_990));
		place(ALICE, ether(Side::Short, 2_010));
		next_block();
		// One a block.
		HookWeight::set(<()>::idle().saturating_add(<()>::find_impact().saturating_mul(3) / 2));
		next_block();
		assert_eq!((impact(), impact_of(ETH)), (Some(50_000), None));
		next_block();
		assert_eq!(impact_of(ETH), Some(2_000));
		HookWeight::set(<()>::idle());
		for _ in 0..IMPACT_BLOCKS - 1 {
			next_block();
			assert_eq!(impact(), Some(50_000));
		}
		next_block();
		assert_eq!((impact(), impact_of(ETH)), (None, Some(2_000)));
	});
}
