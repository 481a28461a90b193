// SPDX-License-Identifier: Apache-2.0
//! A position in an isolated market is the only one of its account, by whatever door it is opened.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, storage::with_storage_layer};
use keel_primitives::*;
use keel_traits::{Clearing, Liquidatable, Match, OpenOrders, Unfilled};
use sp_runtime::DispatchError;

/// Ether is isolated; four people have 100,000 dollars each.
fn with_isolated_ether(test: impl FnOnce()) {
	build(|| {
		let rules = MarketParams { isolated: true, ..params() };
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), ETH, rules));
		for who in [ALICE, BOB, CAROL, DAVE] {
			deposit(who, 100_000);
		}
		test();
	});
}

/// `taker` buys of an order that rests.
fn buy(taker: AccountId, maker: AccountId, market: MarketId, at: u32) -> Result<(), Unfilled> {
	with_storage_layer(|| {
		let mut ticket = <Margin as Clearing<_>>::open(&main_of(taker), market, Side::Long, Intent::Trade)?;
		let with = Match {
			maker: main_of(maker),
			intent: Intent::Trade,
			size: thousandths(1_000),
			price: Price::dollars(at),
			maker_fee: Quote::ZERO,
			taker_fee: Quote::ZERO,
		};
		<Margin as Clearing<_>>::fill(&mut ticket, &with)?;
		<Margin as Clearing<_>>::close(ticket).map_err(Unfilled::Taker)
	})
}

fn refused() -> DispatchError {
	Error::<Test>::IsolatedMarket.into()
}

#[test]
fn neither_who_takes_an_order_nor_whose_order_it_is_gets_a_second_position() {
	with_isolated_ether(|| {
		assert_ok!(buy(ALICE, BOB, BTC, 50_000));
		assert_ok!(buy(CAROL, DAVE, ETH, 2_000));
		assert_eq!(buy(ALICE, DAVE, ETH, 2_000), Err(Unfilled::Taker(refused())));
		assert_eq!(buy(CAROL, BOB, ETH, 2_000), Err(Unfilled::Maker(refused())));
		assert_eq!(buy(CAROL, BOB, BTC, 50_000), Err(Unfilled::Taker(refused())));
		assert_eq!(buy(ALICE, DAVE, BTC, 50_000), Err(Unfilled::Maker(refused())));
		assert_ok!(buy(CAROL, DAVE, ETH, 2_000));
		assert_eq!(view(CAROL).positions.len(), 1);
	});
}

#[test]
fn an_order_that_would_open_a_second_position_does_not_rest() {
	with_isolated_ether(|| {
		let open = |market| OpenOrders { market, buys: thousandths(1), sells: Size::ZERO };
		let ensure =
			|who, orders: &[OpenOrders]| <Margin as Clearing<_>>::ensure_backed(&main_of(who), orders);
		trade(ALICE, BOB, BTC, thousandths(10), 50_000);
		assert_ok!(ensure(ALICE, &[open(BTC)]));
		assert_noop!(ensure(ALICE, &[open(ETH)]), refused());
		assert_ok!(ensure(CAROL, &[open(ETH)]));
		assert_noop!(ensure(CAROL, &[open(ETH), open(BTC)]), refused());
	});
}

#[test]
fn liquidation_hands_nobody_a_second_position() {
	with_isolated_ether(|| {
		trade(ALICE, BOB, ETH, thousandths(40_000), 2_000);
		trade(CAROL, DAVE, BTC, thousandths(10), 50_000);
		let (from, at) = (main_of(ALICE), Price::dollars(2_000));
		assert_noop!(Margin::hand_over(&from, &main_of(CAROL), ETH, Size::ONE, at), refused());
		assert_ok!(Margin::hand_over(&from, &MarginAccount::main(BOB), ETH, Size::ONE, at));
	});
}

#[test]
fn others_losses_in_it_stay_in_the_account_that_made_them() {
	with_isolated_ether(|| {
		assert_ok!(transfer(ALICE, 0, 1, Quote::dollars(90_000)));
		next_block();
		trade(ALICE, BOB, ETH, thousandths(50_000), 2_000);
		price(ETH, 1);
		next_block();
		next_block();
		assert_eq!(unhealthy(), [ALICE]);
		let other = Accounts::<Test>::get(ALICE, SubAccount(1));
		assert_eq!((other.cash, other.place), (Quote::dollars(90_000), Place::Idle));
	});
}
