// SPDX-License-Identifier: Apache-2.0
//! Between the book and margin: what an account may no longer do, no order of it does.

use super::chain::*;
use crate::{
	CancelReason, ConditionalEnd, Error, Event, Orders, PostOnly, SelfTrade, TimeInForce, Triggers, When,
};
use frame_support::assert_ok;
use keel_primitives::*;
use keel_traits::{Clearing, ImpactPrice, Intent, Liquidatable};
use sp_runtime::DispatchError;

const ALICE: AccountId = 1;
const BOB: AccountId = 2;
const CAROL: AccountId = 3;
const MAIN: SubAccount = SubAccount(0);

fn main_of(owner: AccountId) -> MarginAccount<AccountId> {
	MarginAccount::main(owner)
}

fn block() {
	next_block(2_000);
	check().expect("the invariants hold");
}

fn block_at(dollars: u32) {
	land(BTC, Price::dollars(dollars), PriceState::Valid);
	block();
}

fn deposit(who: AccountId, dollars: i64) {
	assert_ok!(Margin::deposit(RuntimeOrigin::signed(who), MAIN, Quote::dollars(dollars)));
}

/// A bitcoin has a thousand of them.
fn try_place(who: AccountId, side: Side, thousandths: u128, dollars: u32) -> Result<u64, DispatchError> {
	let id = crate::NextOrder::<Chain>::get();
	let placed = Orderbook::place_order(
		RuntimeOrigin::signed(who),
		MAIN,
		BTC,
		side,
		Size(thousandths * 1_000_000),
		Price::dollars(dollars),
		TimeInForce::GoodTillCancelled,
		PostOnly::No,
		SelfTrade::CancelNewest,
		None,
	);
	placed.map(|_| id).map_err(|refused| refused.error)
}

fn place(who: AccountId, side: Side, thousandths: u128, dollars: u32) -> u64 {
	try_place(who, side, thousandths, dollars).expect("it is placed")
}

fn cancelled() -> Vec<(u64, CancelReason)> {
	let events = System::events().into_iter();
	let reason = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Orderbook(Event::OrderCancelled { order, reason, .. }) => Some((order, reason)),
		_ => None,
	};
	events.filter_map(reason).collect()
}

/// Alice, long a bitcoin at 50,000 with 2,500 dollars, is found unhealthy at 48,600; her orders rest.
fn alice_in_liquidation(orders: impl FnOnce()) {
	deposit(ALICE, 102_500);
	deposit(BOB, 900_000);
	deposit(CAROL, 900_000);
	place(BOB, Side::Short, 1_000, 50_000);
	place(ALICE, Side::Long, 1_000, 50_000);
	orders();
	// She had a hundred thousand more, and lost it elsewhere.
	assert_eq!(Margin::charge(&main_of(ALICE), Quote::dollars(100_000)), Quote::dollars(100_000));
	Purses::put_in(Purse::Kept, Quote::dollars(100_000));
	block_at(49_000);
	block_at(48_500);
	assert!(<Margin as Clearing<_>>::held(&main_of(ALICE), BTC).is_err(), "she is in liquidation");
}

#[test]
fn who_is_in_liquidation_moves_no_price_of_the_book() {
	build(|| {
		alice_in_liquidation(|| {
			place(ALICE, Side::Long, 20_000, 49_000);
		});
		// Hers is the best bid, of twenty bitcoins that nobody would be paid for.
		place(CAROL, Side::Long, 1_100, 48_400);
		place(BOB, Side::Short, 1_100, 49_200);
		for _ in 0..2 {
			block();
		}
		let impact = <Orderbook as ImpactPrice>::impact_price(BTC).map(|price| price.0 / Price::ONE.0);
		assert_eq!(impact, Some(48_800));
	});
}

#[test]
fn who_is_in_liquidation_moves_no_price_of_an_auction() {
	build(|| {
		let mut bid = 0;
		alice_in_liquidation(|| bid = place(ALICE, Side::Long, 20_000, 49_000));
		world(|world| world.statuses.insert(BTC, MarketStatus::Auction));
		block();
		place(CAROL, Side::Long, 1_000, 49_200);
		place(BOB, Side::Short, 1_000, 48_400);
		// With hers the least would be left at 49,000.01, a tick above what she wants.
		let found = Orderbook::indication(BTC).expect("they cross");
		assert_eq!((found.price, found.volume), (Price::dollars(48_500), Size(1_000_000_000)));
		world(|world| world.statuses.insert(BTC, MarketStatus::Open));
		System::reset_events();
		block();
		let traded = System::events().into_iter().find_map(|record| match record.event {
			RuntimeEvent::Orderbook(Event::AuctionUncrossed { price, volume, .. }) => Some((price, volume)),
			_ => None,
		});
		assert_eq!(traded, Some((Price::dollars(48_500), Size(1_000_000_000))));
		// It leaves when it is met, with the reason.
		System::reset_events();
		place(BOB, Side::Short, 1_000, 49_000);
		assert_eq!(cancelled(), [(bid, CancelReason::NotBacked)]);
	});
}

#[test]
fn a_reduction_of_who_is_in_liquidation_leaves_with_the_reason() {
	build(|| {
		let mut ask = 0;
		alice_in_liquidation(|| {
			ask = crate::NextOrder::<Chain>::get();
			assert_ok!(Orderbook::reduce_order(
				RuntimeOrigin::signed(ALICE),
				MAIN,
				BTC,
				Size(1_000_000_000),
				Price::dollars(49_100),
				TimeInForce::GoodTillCancelled,
				PostOnly::No,
				None,
			));
		});
		System::reset_events();
		place(CAROL, Side::Long, 1_000, 49_100);
		assert_eq!(cancelled(), [(ask, CancelReason::NotBacked)]);
	});
}

/// Nobody trades by an order that was meant for the market before it died.
#[test]
fn orders_of_a_market_that_is_settled_leave_the_book() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		let bid = place(ALICE, Side::Long, 1_000, 49_500);
		let ask = place(BOB, Side::Short, 1_000, 50_500);
		assert_ok!(Orderbook::place_conditional(
			RuntimeOrigin::signed(BOB),
			MAIN,
			Price::dollars(49_000),
			When::AtOrBelow,
			BTC,
			Side::Long,
			Size(1_000_000_000),
			Price::dollars(49_500),
			TimeInForce::GoodTillCancelled,
			Intent::Trade,
			None,
		));
		// Its feed is silent for a hundred blocks.
		land(BTC, Price::dollars(50_000), PriceState::Missing);
		world(|world| world.statuses.insert(BTC, MarketStatus::Halted));
		for _ in 0..101 {
			block();
		}
		assert_eq!(Orders::<Chain>::iter().count(), 2, "a halt cancels nothing");
		assert_ok!(Margin::settle_market(RuntimeOrigin::root(), BTC, Price::dollars(50_000)));
		// Half of what the hook has is enough for one of them, and then for none.
		world(|world| world.share = share_for_expiries(2));
		System::reset_events();
		block();
		assert_eq!(cancelled(), [(bid, CancelReason::MarketSettled)]);
		assert_eq!(Margin::account_view(main_of(ALICE)).expect("it is there").reserved, Quote::ZERO);
		world(|world| world.share = share_for_expiries(0));
		for _ in 0..3 {
			block();
		}
		// Listed again it takes no orders before the last one has left.
		assert_ok!(Margin::relist_market(RuntimeOrigin::root(), BTC));
		world(|world| world.statuses.insert(BTC, MarketStatus::Open));
		for _ in 0..3 {
			block_at(50_000);
		}
		assert_eq!(try_place(ALICE, Side::Long, 100, 50_500), Err(Error::<Chain>::Clearing.into()));
		world(|world| world.share = ENOUGH);
		System::reset_events();
		block();
		assert_eq!(cancelled(), [(ask, CancelReason::MarketSettled)]);
		assert_eq!(Triggers::<Chain>::iter().count(), 0);
		let ended = System::events().into_iter().find_map(|record| match record.event {
			RuntimeEvent::Orderbook(Event::ConditionalEnded { end, .. }) => Some(end),
			_ => None,
		});
		assert_eq!(ended, Some(ConditionalEnd::MarketSettled));
		place(ALICE, Side::Long, 100, 50_500);
		assert_eq!(Orderbook::depth(BTC, 10).bids.len(), 1);
	});
}
