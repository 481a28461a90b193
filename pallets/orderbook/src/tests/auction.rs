// SPDX-License-Identifier: Apache-2.0
//! Auctions: one price for all, the largest volume, then the least that is left, then the nearest to mark.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, weights::Weight};
use keel_primitives::*;
use keel_test_support::Margin;
use keel_traits::{Intent, Liquidatable};

/// Collect orders, each of another owner, and let the market trade.
fn collect(orders: &[NewOrder<u64>]) {
	Margin::set_status(BTC, MarketStatus::Auction);
	for (index, new) in orders.iter().enumerate() {
		let who = 100 + index as AccountId;
		Margin::deposit(main_of(who), Quote::dollars(1_000_000));
		place(who, *new);
	}
}

/// Price in dollars and thousandths of every auction that ended in this block.
fn uncrossed() -> Vec<(u128, u128)> {
	let of = |event| match event {
		Event::AuctionUncrossed { price, volume, .. } => Some((price.0 / Price::ONE.0, volume.0 / 1_000_000)),
		_ => None,
	};
	events().into_iter().filter_map(of).collect()
}

fn open_now() {
	Margin::set_status(BTC, MarketStatus::Open);
	next_block();
}

/// The price and volume of an auction of these orders, indicated and then done.
fn auction(orders: &[NewOrder<u64>]) -> Option<(u128, u128)> {
	let mut result = None;
	run(|| {
		Margin::set_rules(keel_test_support::Rules { tick: Price::ONE, ..Default::default() });
		collect(orders);
		Margin::set_status(BTC, MarketStatus::Open);
		let indicated = Orderbook::indication(BTC);
		next_block();
		result = uncrossed().first().copied();
		let indicated = indicated.map(|it| (it.price.0 / Price::ONE.0, it.volume.0 / 1_000_000));
		assert_eq!(indicated, result);
		assert!(uncrossed().len() <= 1);
		assert_eq!(Auctions::<Test>::get().len(), 0);
	});
	result
}

#[test]
fn the_price_trades_the_largest_volume() {
	let bids = [buy(100, 50_030), buy(200, 50_020), buy(300, 50_000)];
	let asks = [sell(150, 49_980), sell(100, 50_010), sell(400, 50_040)];
	// 250 at 50,010 to 50,020, and at each of them 50 more would buy: the nearest to 50,000.
	assert_eq!(auction(&[bids, asks].concat()), Some((50_010, 250)));
}

#[test]
fn of_such_prices_the_one_that_leaves_the_least_unfilled_then_the_nearest_to_mark() {
	// All is filled at any of them: mark is 50,000.
	assert_eq!(auction(&[buy(100, 50_030), sell(100, 49_980)]), Some((50_000, 100)));
	assert_eq!(auction(&[buy(100, 50_030), sell(100, 50_010)]), Some((50_010, 100)));
	assert_eq!(auction(&[buy(100, 49_990), sell(100, 49_980)]), Some((49_990, 100)));
	// Bids are left at 50,010, so it is above them.
	assert_eq!(auction(&[buy(100, 50_030), buy(50, 50_010), sell(100, 49_980)]), Some((50_011, 100)));
	// Asks are left at 49,990, so it is below them.
	assert_eq!(auction(&[buy(100, 50_030), sell(50, 49_990), sell(100, 49_980)]), Some((49_989, 100)));
	// Bids are left at the best price: the fewest down to where the next ones begin.
	assert_eq!(auction(&[buy(150, 50_030), buy(9, 50_015), sell(100, 49_980)]), Some((50_016, 100)));
	assert_eq!(auction(&[buy(100, 50_020), sell(9, 49_985), sell(150, 49_970)]), Some((49_984, 100)));
	assert_eq!(auction(&[buy(100, 49_990), sell(150, 49_970), sell(9, 49_985)]), Some((49_984, 100)));
	// Bids at 50,004 and asks at 50,005 are left: there the fewer are.
	let both =
		|bids, asks| auction(&[buy(100, 50_009), buy(bids, 50_004), sell(100, 49_999), sell(asks, 50_005)]);
	assert_eq!(
		(both(7, 8), both(8, 7), both(7, 7)),
		(Some((50_004, 100)), Some((50_005, 100)), Some((50_004, 100)))
	);
}

#[test]
fn nothing_crosses_and_nothing_trades() {
	assert_eq!(auction(&[buy(100, 49_990), sell(100, 50_010)]), None);
	assert_eq!(auction(&[buy(100, 49_990)]), None);
}

#[test]
fn a_price_outside_the_band_is_never_one_and_an_order_beyond_it_counts_at_its_edge() {
	run(|| {
		collect(&[buy(100, 52_000), sell(100, 51_900), sell(50, 49_000)]);
		// The band is now 46,080 to 49,920.
		Margin::set_mark(BTC, Price::dollars(48_000));
		open_now();
		// What is left of the bid is as much at 49,000 as at the edge.
		assert_eq!(uncrossed(), [(49_000, 50)]);
		// The ask beyond the band may wait for mark to come back; the bid crosses it, and would lose by it.
		assert_eq!(cancelled(), [(0, CancelReason::OutsideBand)]);
		assert_eq!(book(), (vec![], vec![(51_900, 100)]));
	});
}

#[test]
fn at_the_price_who_came_first_is_filled_first_and_all_at_the_same_price() {
	run(|| {
		collect(&[buy(100, 50_020), buy(100, 50_010), buy(100, 50_020), sell(250, 49_990)]);
		open_now();
		let filled: Vec<_> = events()
			.into_iter()
			.filter_map(|event| match event {
				Event::AuctionFilled { bid, size, price, .. } => Some((bid, size.0 / 1_000_000, price)),
				_ => None,
			})
			.collect();
		let price = filled[0].2;
		assert_eq!(filled, [(0, 100, price), (2, 100, price), (1, 50, price)]);
		assert_eq!((position(100), position(101), position(102), position(103)), (100, 50, 100, -250));
	});
}

#[test]
fn an_order_that_cannot_be_honoured_leaves_and_the_others_are_filled() {
	run(|| {
		collect(&[buy(1_000, 50_020), buy(100, 50_010), sell(100, 49_990), sell(100, 50_015)]);
		Margin::deposit(main_of(100), Quote::dollars(-999_999));
		Margin::queue(main_of(102));
		open_now();
		let gone = [(2, CancelReason::NotBacked), (0, CancelReason::NotBacked)];
		assert_eq!(cancelled(), gone);
		// What is left does not cross.
		assert_eq!((uncrossed(), book()), (vec![], (vec![(50_010, 100)], vec![(50_015, 100)])));
	});
}

#[test]
fn nobody_trades_with_himself_in_an_auction_either() {
	run(|| {
		collect(&[]);
		place(ALICE, buy(100, 50_010));
		let newer = place(ALICE, sell(100, 49_990));
		open_now();
		assert_eq!(cancelled(), [(newer, CancelReason::SelfTrade)]);
		assert_eq!(position(ALICE), 0);
	});
}

#[test]
fn a_reduction_is_filled_with_what_is_there() {
	run(|| {
		Margin::open(main_of(ALICE), BTC, Side::Long, thousandths(100));
		collect(&[buy(300, 50_010)]);
		let ask = place(ALICE, NewOrder { intent: Intent::Reduce, ..sell(100, 49_990) });
		// More than half of it is gone by then.
		Margin::deleverage(&main_of(ALICE), BTC, thousandths(60)).unwrap();
		open_now();
		assert_eq!((position(ALICE), uncrossed()), (0, vec![(50_000, 40)]));
		assert_eq!(cancelled(), [(ask, CancelReason::NothingToReduce)]);
	});
}

#[test]
fn an_auction_goes_on_in_the_next_block_and_nobody_disturbs_it() {
	run(|| {
		let bids = (0..40).map(|at| buy(10, 50_010 + at));
		let asks = (0..40).map(|at| sell(10, 49_960 + at));
		collect(&bids.chain(asks).collect::<Vec<_>>());
		Margin::set_status(BTC, MarketStatus::Open);
		let step = <()>::idle().saturating_add(<()>::look_at_auction()).saturating_add(Orderbook::pricing());
		HookWeight::set(step.saturating_add(Weight::from_parts(1_000, 1_000)));
		let mut blocks = 0;
		while uncrossed().is_empty() {
			assert!(next_block().all_lte(HookWeight::get()));
			if uncrossed().is_empty() {
				assert_eq!(refused(ALICE, buy(10, 50_000)), Error::<Test>::Uncrossing.into());
			}
			blocks += 1;
			assert!(blocks < 50);
		}
		assert!(blocks > 4);
		assert_eq!(uncrossed(), [(50_000, 400)]);
		for _ in 0..2 {
			next_block();
		}
		assert!(Auctions::<Test>::get().is_empty());
		place(ALICE, buy(10, 50_000));
	});
}

#[test]
fn while_the_market_refuses_an_auction_waits_and_then_gives_up_the_newer_order() {
	run(|| {
		collect(&[buy(100, 50_010), sell(100, 49_990)]);
		Margin::refuse_opening(BTC, true);
		Margin::set_status(BTC, MarketStatus::Open);
		for _ in 0..6 {
			assert_eq!(cancelled(), []);
			next_block();
		}
		assert_eq!(cancelled(), [(1, CancelReason::MarketRefused)]);
		assert!(Auctions::<Test>::get().is_empty());
	});
}

#[test]
fn a_market_may_have_an_auction_in_every_block() {
	run(|| {
		assert_noop!(Orderbook::set_mode(signed(ALICE), BTC, true), sp_runtime::DispatchError::BadOrigin);
		let unknown = Orderbook::set_mode(RuntimeOrigin::root(), MarketId(9), true);
		assert_noop!(unknown, Error::<Test>::UnknownMarket);
		assert_ok!(Orderbook::set_mode(RuntimeOrigin::root(), BTC, true));
		for (first, second) in [(ALICE, BOB), (CAROL, DAVE)] {
			place(first, buy(100, 50_010));
			place(second, sell(100, 49_990));
			assert_eq!(fills(), []);
			next_block();
			assert_eq!(uncrossed(), [(50_000, 100)]);
		}
		// Back again: what was collected last is still filled at one price.
		place(ALICE, buy(10, 50_010));
		place(BOB, sell(10, 49_990));
		assert_ok!(Orderbook::set_mode(RuntimeOrigin::root(), BTC, false));
		next_block();
		assert_eq!(uncrossed(), [(50_000, 10)]);
		place(ALICE, buy(10, 50_010));
		place(BOB, sell(10, 49_990));
		assert_eq!(fills().len(), 1);
	});
}
