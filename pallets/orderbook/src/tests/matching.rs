// SPDX-License-Identifier: Apache-2.0
//! An order that comes is filled at the prices of those that rest, and not further than it may.

use crate::{mock::*, *};
use frame_support::{assert_ok, storage::with_storage_layer};
use keel_primitives::*;
use keel_test_support::Margin;

#[test]
fn an_order_is_filled_at_the_price_of_the_one_that_rests_and_what_is_left_of_it_rests() {
	run(|| {
		let ask = place(ALICE, sell(300, 50_010));
		let bid = place(BOB, buy(500, 50_020));
		assert_eq!(fills(), [(ask, bid, 300, 50_010)]);
		assert_eq!(book(), (vec![(50_020, 200)], vec![]));
		assert_eq!((position(ALICE), position(BOB)), (-300, 300));
		assert_eq!(open(BOB), [(bid, 200)]);
		// The rest is filled by who comes then, at its price.
		let second = place(CAROL, sell(100, 50_000));
		assert_eq!(fills().last(), Some(&(bid, second, 100, 50_020)));
		assert_eq!(open(BOB), [(bid, 100)]);
	});
}

#[test]
fn orders_that_do_not_cross_rest_beside_each_other() {
	run(|| {
		place(ALICE, sell(100, 50_010));
		place(BOB, buy(100, 50_009));
		place(CAROL, buy(200, 50_009));
		place(DAVE, buy(50, 49_000));
		assert_eq!(fills(), []);
		assert_eq!(book(), (vec![(50_009, 300), (49_000, 50)], vec![(50_010, 100)]));
	});
}

#[test]
fn an_order_walks_through_prices_and_a_depth_shows_what_is_left() {
	run(|| {
		for (size, at) in [(100, 50_030), (100, 50_010), (100, 50_020)] {
			place(ALICE, sell(size, at));
		}
		place(BOB, buy(250, 50_100));
		let prices: Vec<_> = fills().into_iter().map(|(_, _, size, at)| (size, at)).collect();
		assert_eq!(prices, [(100, 50_010), (100, 50_020), (50, 50_030)]);
		assert_eq!(book(), (vec![], vec![(50_030, 50)]));
	});
}

#[test]
fn immediate_or_cancel_keeps_what_was_filled_and_cancels_the_rest() {
	run(|| {
		place(ALICE, sell(100, 50_010));
		let market = NewOrder { time_in_force: TimeInForce::ImmediateOrCancel, ..buy(300, 50_500) };
		let id = place(BOB, market);
		assert_eq!(position(BOB), 100);
		assert_eq!(cancelled(), [(id, CancelReason::NotFilled)]);
		assert_eq!((book(), open(BOB)), ((vec![], vec![]), vec![]));
		// Worse than its price nothing is filled, and that is no error.
		place(ALICE, sell(100, 50_600));
		let id = place(BOB, market);
		assert_eq!(cancelled().last(), Some(&(id, CancelReason::NotFilled)));
		assert_eq!(position(BOB), 100);
	});
}

#[test]
fn fill_or_kill_is_filled_whole_or_changes_nothing() {
	run(|| {
		place(ALICE, sell(100, 50_010));
		place(CAROL, sell(100, 50_020));
		let whole = |size| NewOrder { time_in_force: TimeInForce::FillOrKill, ..buy(size, 50_020) };
		assert_eq!(refused(BOB, whole(201)), Error::<Test>::NotFilled.into());
		place(BOB, whole(200));
		assert_eq!((position(BOB), book()), (200, (vec![], vec![])));
	});
}

#[test]
fn a_post_only_order_is_refused_where_it_would_be_filled_or_slides_to_where_it_rests() {
	run(|| {
		place(ALICE, sell(100, 50_010));
		let post = |post_only, new| NewOrder { post_only, ..new };
		assert_eq!(refused(BOB, post(PostOnly::Reject, buy(100, 50_010))), Error::<Test>::WouldCross.into());
		place(BOB, post(PostOnly::Reject, buy(100, 50_005)));
		place(BOB, post(PostOnly::Slide, buy(100, 50_300)));
		place(CAROL, post(PostOnly::Slide, buy(100, 50_001)));
		let bids: Vec<_> = Orderbook::depth(BTC, 9).bids.into_iter().map(|level| level.price).collect();
		assert_eq!(bids, [cents(5_000_999), cents(5_000_500), cents(5_000_100)]);
		// The other side slides upwards.
		place(DAVE, post(PostOnly::Slide, sell(100, 49_000)));
		assert_eq!(Orderbook::depth(BTC, 1).asks[0].price, cents(5_001_000));
		assert_eq!(fills(), []);
	});
}

#[test]
fn a_call_meets_so_many_orders_and_its_rest_does_not_stay_across_the_others() {
	run(|| {
		for _ in 0..5 {
			place(ALICE, sell(10, 50_000));
			place(CAROL, sell(10, 50_000));
		}
		let id = place(BOB, buy(100, 50_000));
		assert_eq!(position(BOB), 80);
		assert_eq!(cancelled(), [(id, CancelReason::FillLimit)]);
		assert_eq!(book(), (vec![], vec![(50_000, 20)]));
		// Filled whole with the last one it may meet, nothing is cut.
		MaxFills::set(2);
		place(BOB, buy(20, 50_000));
		assert_eq!((position(BOB), cancelled().len()), (100, 1));
		// What does not fit a call must not be half done when it must be whole.
		for _ in 0..3 {
			place(ALICE, sell(10, 50_000));
		}
		let whole = NewOrder { time_in_force: TimeInForce::FillOrKill, ..buy(30, 50_000) };
		assert_eq!(refused(BOB, whole), Error::<Test>::NotFilled.into());
	});
}

#[test]
fn only_what_was_met_is_charged() {
	run(|| {
		place(ALICE, sell(10, 50_000));
		place(ALICE, sell(10, 50_001));
		let call = |size, time_in_force| {
			let NewOrder { market, side, price, post_only, self_trade, client, .. } = buy(size, 50_001);
			let size = thousandths(size);
			with_storage_layer(|| {
				Orderbook::place_order(
					signed(BOB),
					MAIN,
					market,
					side,
					size,
					price,
					time_in_force,
					post_only,
					self_trade,
					client,
				)
			})
		};
		// With the first one the taker is judged.
		let expected = |met: u64| match met {
			0 => <()>::place_order(),
			_ => <()>::place_order()
				.saturating_add(<()>::take_order())
				.saturating_add(<()>::meet_order().saturating_mul(met - 1)),
		};
		let (rests, whole) = (TimeInForce::GoodTillCancelled, TimeInForce::FillOrKill);
		// Refused after it has met both: the search is charged.
		assert_eq!(call(30, whole).unwrap_err().post_info.actual_weight, Some(expected(2)));
		assert_eq!(call(15, rests).unwrap().actual_weight, Some(expected(2)));
		assert_eq!(call(5, rests).unwrap().actual_weight, Some(expected(1)));
		assert_eq!(call(10, rests).unwrap().actual_weight, Some(expected(0)));
		// Refused before anything was met: only the placing is charged.
		assert_eq!(call(0, rests).unwrap_err().post_info.actual_weight, Some(expected(0)));
	});
}

#[test]
fn nobody_trades_with_himself() {
	for (policy, filled, bids, asks) in [
		(SelfTrade::CancelNewest, 50, vec![], vec![(50_000, 100), (50_000, 70)]),
		(SelfTrade::CancelOldest, 120, vec![(50_000, 30)], vec![]),
		(SelfTrade::CancelBoth, 50, vec![], vec![(50_000, 70)]),
	] {
		run(|| {
			place(CAROL, sell(50, 50_000));
			// Another sub-account of the same owner is the same owner.
			Margin::deposit(MarginAccount::new(ALICE, SubAccount(1)), Quote::dollars(100_000));
			place(ALICE, sell(100, 50_000));
			place(DAVE, sell(70, 50_000));
			let new = NewOrder { self_trade: policy, ..buy(150, 50_000) };
			let NewOrder { market, side, size, price, time_in_force, post_only, self_trade, client, .. } =
				new;
			assert_ok!(Orderbook::place_order(
				signed(ALICE),
				SubAccount(1),
				market,
				side,
				size,
				price,
				time_in_force,
				post_only,
				self_trade,
				client
			));
			let bought = Margin::position(MarginAccount::new(ALICE, SubAccount(1)), BTC);
			assert_eq!(bought, Some((Side::Long, thousandths(filled))), "{policy:?}");
			let total = |levels: &[(u128, u128)]| levels.iter().map(|(_, size)| size).sum::<u128>();
			assert_eq!((total(&book().0), total(&book().1)), (total(&bids), total(&asks)), "{policy:?}");
			assert!(cancelled().iter().all(|(_, reason)| *reason == CancelReason::SelfTrade));
		});
	}
}

#[test]
fn an_owner_who_meets_his_own_order_of_the_same_account_loses_no_other() {
	run(|| {
		let kept = place(ALICE, sell(100, 50_500));
		place(ALICE, sell(100, 50_000));
		let new = NewOrder { self_trade: SelfTrade::CancelOldest, ..buy(100, 50_000) };
		let bid = place(ALICE, new);
		assert_eq!(open(ALICE), [(kept, 100), (bid, 100)]);
	});
}
