// SPDX-License-Identifier: Apache-2.0
//! Every mistake has an error of its own, and changes nothing.

use crate::{mock::*, *};
use keel_primitives::*;
use sp_runtime::DispatchError;

#[test]
fn what_an_order_says_must_make_sense() {
	run(|| {
		place(ALICE, NewOrder { client: Some(5), ..buy(10, 49_000) });
		let now = System::block_number();
		let until = |block| NewOrder { time_in_force: TimeInForce::GoodTillBlock(block), ..buy(10, 50_000) };
		let post = |time_in_force| NewOrder { time_in_force, post_only: PostOnly::Slide, ..buy(10, 50_000) };
		let mistakes: [(NewOrder<u64>, DispatchError); 14] = [
			(buy(0, 50_000), Error::<Test>::ZeroSize.into()),
			(NewOrder { size: Size(1_000_001), ..buy(1, 50_000) }, Error::<Test>::NotWholeLots.into()),
			(NewOrder { price: Price::ZERO, ..buy(10, 0) }, Error::<Test>::InvalidPrice.into()),
			(NewOrder { price: Price(u128::MAX), ..buy(10, 0) }, Error::<Test>::InvalidPrice.into()),
			(
				NewOrder { price: Price(cents(5_000_000).0 + 1), ..buy(10, 0) },
				Error::<Test>::NotWholeTicks.into(),
			),
			(NewOrder { price: cents(5_200_001), ..buy(10, 0) }, Error::<Test>::OutsideBand.into()),
			(NewOrder { price: cents(4_799_999), ..buy(10, 0) }, Error::<Test>::OutsideBand.into()),
			(
				NewOrder { market: ETH, price: Price::dollars(2_000), ..buy(4, 0) },
				Error::<Test>::OrderTooSmall.into(),
			),
			(
				NewOrder { size: Size(u128::MAX / 1_000_000 * 1_000_000), ..buy(1, 50_000) },
				Error::<Test>::OrderTooLarge.into(),
			),
			(until(now - 1), Error::<Test>::InvalidExpiry.into()),
			(until(now + 1_001), Error::<Test>::InvalidExpiry.into()),
			(post(TimeInForce::ImmediateOrCancel), Error::<Test>::PostOnlyMustRest.into()),
			(post(TimeInForce::FillOrKill), Error::<Test>::PostOnlyMustRest.into()),
			(NewOrder { client: Some(5), ..buy(10, 50_000) }, Error::<Test>::ClientIdInUse.into()),
		];
		for (new, error) in mistakes {
			assert_eq!(refused(ALICE, new), error, "{new:?}");
		}
		// At the bounds.
		for new in [until(now), until(now + 1_000), NewOrder { price: cents(5_200_000), ..buy(10, 0) }] {
			place(ALICE, new);
		}
		place(ALICE, NewOrder { price: cents(4_800_000), ..buy(10, 0) });
		place(ALICE, NewOrder { market: ETH, price: Price::dollars(2_000), ..buy(5, 0) });
		place(BOB, NewOrder { client: Some(5), ..buy(10, 49_000) });
	});
}

#[test]
fn there_is_no_such_market() {
	run(|| {
		let new = NewOrder { market: MarketId(7), ..buy(10, 50_000) };
		assert_eq!(refused(ALICE, new), DispatchError::Other("unknown market"));
	});
}

#[test]
fn an_account_has_so_many_orders_in_a_market_and_in_all() {
	run(|| {
		for at in 0..8 {
			place(ALICE, buy(10, 49_000 + at));
		}
		assert_eq!(refused(ALICE, buy(10, 49_100)), Error::<Test>::TooManyOrdersInMarket.into());
		// What does not rest needs no place.
		place(ALICE, NewOrder { time_in_force: TimeInForce::ImmediateOrCancel, ..buy(10, 49_100) });
		let ether = |at| NewOrder { market: ETH, price: Price::dollars(at), ..buy(1_000, 0) };
		for at in 0..4 {
			place(ALICE, ether(1_990 + at));
		}
		assert_eq!(refused(ALICE, ether(1_980)), Error::<Test>::TooManyOrders.into());
		place(BOB, ether(1_980));
	});
}

#[test]
fn an_amendment_must_amend() {
	run(|| {
		let id = place(ALICE, buy(10, 50_000));
		let amend = |size, price| {
			frame_support::storage::with_storage_layer(|| {
				Orderbook::amend_order(signed(ALICE), MAIN, OrderName::Id(id), size, price, PostOnly::No)
			})
			.map_err(|refused| refused.error)
		};
		let fails = |size, price, error: Error<Test>| {
			frame_support::assert_noop!(amend(size, price), error);
		};
		fails(None, None, Error::NothingToAmend);
		fails(Some(thousandths(10)), Some(Price::dollars(50_000)), Error::NothingToAmend);
		fails(Some(Size::ZERO), None, Error::AlreadyFilled);
		fails(Some(Size(9_999_999)), None, Error::NotWholeLots);
		fails(None, Some(Price::dollars(60_000)), Error::OutsideBand);
		fails(None, Some(Price(1)), Error::InvalidPrice);
	});
}
