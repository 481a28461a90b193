// SPDX-License-Identifier: Apache-2.0
//! Orders that are collected: no order is matched while the market does not match.

use crate::{mock::*, *};
use keel_primitives::*;
use keel_test_support::Margin;

#[test]
fn while_a_market_collects_orders_rest_across_each_other() {
	run(|| {
		Margin::set_status(BTC, MarketStatus::Auction);
		place(ALICE, sell(100, 49_900));
		place(BOB, buy(100, 50_100));
		assert_eq!(book(), (vec![(50_100, 100)], vec![(49_900, 100)]));
		for time_in_force in [TimeInForce::ImmediateOrCancel, TimeInForce::FillOrKill] {
			let new = NewOrder { time_in_force, ..buy(10, 50_000) };
			assert_eq!(refused(CAROL, new), Error::<Test>::Collecting.into());
		}
	});
}

#[test]
fn a_depth_is_cut_at_so_many_prices() {
	run(|| {
		for at in [49_000, 49_100, 49_200] {
			place(ALICE, buy(10, at));
			place(BOB, buy(20, at));
		}
		let bids = Orderbook::depth(BTC, 2).bids;
		let shown: Vec<_> = bids.iter().map(|level| (level.price, level.size, level.orders)).collect();
		let level = |at| (Price::dollars(at), thousandths(30), 2);
		assert_eq!(shown, [level(49_200), level(49_100)]);
		assert_eq!(Orderbook::depth(BTC, 0), Depth::default());
	});
}
