// SPDX-License-Identifier: Apache-2.0
//! Ways to take money out that no withdrawal counts. Each was open once; each is played as it was played then.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::*;
use keel_traits::Liquidatable;

const MAIN: SubAccount = SubAccount(0);

fn equity(who: AccountId) -> Quote {
	view(who).equity
}

fn balance(who: AccountId) -> u128 {
	Usdk::free_balance(who)
}

fn open(buyer: AccountId, seller: AccountId, market: MarketId, size: Size, at: u32) {
	frame_support::assert_ok!(try_trade(buyer, seller, market, size, at));
}

/// Rounds of a block trade at mark, and back at the edge of the band, until one is refused. Returns what the first
/// has lost to the second.
fn round_trips(from: AccountId, to: AccountId, first: u128) -> (Quote, sp_runtime::DispatchError) {
	let before = equity(from);
	let mut size = first;
	loop {
		let refused = try_trade(from, to, BTC, thousandths(size), 50_000)
			.and_then(|()| try_trade(to, from, BTC, thousandths(size), 49_000));
		if let Err(refused) = refused {
			return (Quote(before.0 - equity(from).0), refused);
		}
		size = size * 6 / 10;
		if size == 0 {
			return (Quote(before.0 - equity(from).0), "nobody said no".into());
		}
	}
}

#[test]
fn round_trips_of_block_trades_hand_out_what_a_withdrawal_may_and_no_more() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		deposit(CAROL, 10_000);
		open(ALICE, CAROL, BTC, Size::ONE, 50_000);
		assert_eq!(view(ALICE).free_collateral, Quote::dollars(5_000));
		let (given, refused) = round_trips(ALICE, BOB, 3_000);
		assert!(given <= Quote::dollars(5_000), "{given:?} were handed out of 5,000");
		assert_eq!(given, Quote::dollars(4_800), "3,000 and 1,800");
		assert_eq!(refused, Error::<Test>::InsufficientFreeCollateral.into());
	});
}

#[test]
fn what_a_block_trade_has_handed_out_is_not_paid_in_its_block() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		open(ALICE, BOB, BTC, thousandths(3_000), 50_000);
		open(BOB, ALICE, BTC, thousandths(3_000), 49_000);
		assert!(account(BOB).positions.is_empty());
		let before = balance(BOB);
		assert_ok!(withdraw(BOB, Quote::dollars(13_000)));
		assert_eq!(balance(BOB), before, "paid at once");
		next_block();
		assert_eq!(balance(BOB), before + 13_000_000_000);
	});
}

#[test]
fn who_holds_a_position_in_a_halted_market_hands_out_nothing() {
	build(|| {
		deposit(ALICE, 1_000);
		deposit(BOB, 10_000);
		deposit(CAROL, 10_000);
		open(ALICE, CAROL, ETH, Size::ONE, 2_000);
		// The world trades at 1,000: there is nothing left of Alice's equity but at the mark that stands still.
		status(ETH, MarketStatus::Halted);
		set_price(feed(ETH), Price::dollars(2_000), PriceState::Stale);
		next_block();
		assert_noop!(withdraw(ALICE, Quote::dollars(100)), Error::<Test>::PriceUnavailable);
		// 1,000 less 5 % of 2,000 carry 18,000 of bitcoin; two percent of it are 360, and so on.
		let (given, refused) = round_trips(ALICE, BOB, 360);
		assert_eq!(given, Quote::ZERO);
		assert_eq!(refused, Error::<Test>::PriceUnavailable.into());
	});
}

/// Alice is long ten bitcoins at 8,000, and really has nothing: halted there, the index is 6,000.
fn with_a_market_that_comes_back(test: impl FnOnce()) {
	build(|| {
		block_at(8_000);
		deposit(ALICE, 20_000);
		deposit(CAROL, 10_000);
		deposit(DAVE, 100_000);
		open(ALICE, DAVE, BTC, thousandths(10_000), 8_000);
		status(BTC, MarketStatus::Halted);
		price(BTC, 6_000);
		world(|world| world.prices.get_mut(&feed(BTC)).unwrap().slow = Price::dollars(7_400));
		next_block();
		next_block();
		// A vote of the middle of the block.
		status(BTC, MarketStatus::Open);
		test();
	});
}

#[test]
fn a_market_that_comes_back_within_a_block_does_not_trade_at_the_mark_of_before() {
	with_a_market_that_comes_back(|| {
		assert_eq!(market(BTC).mark, Price::dollars(8_000));
		let handed = try_trade(CAROL, ALICE, BTC, thousandths(10_000), 8_000);
		assert_eq!(handed, Err(Error::<Test>::MarkStandsStill.into()));
		assert_noop!(withdraw(ALICE, Quote::dollars(1_000)), Error::<Test>::InsufficientFreeCollateral);
		assert!(!Margin::is_liquidatable(BTC));
		next_block();
		assert_eq!(market(BTC).mark, Price::dollars(6_000));
		assert_eq!(unhealthy(), [ALICE]);
	});
}

#[test]
fn a_market_stands_still_until_a_price_has_landed_since() {
	with_a_market_that_comes_back(|| {
		silence();
		for _ in 0..3 {
			next_block();
			assert_eq!(market(BTC).mark, Price::dollars(8_000), "an old price moves nothing");
			assert_eq!(
				try_trade(CAROL, DAVE, BTC, thousandths(1_000), 8_000),
				Err(Error::<Test>::MarkStandsStill.into())
			);
			assert!(!Margin::is_liquidatable(BTC));
		}
		speak();
		next_block();
		assert_eq!(market(BTC).mark, Price::dollars(6_000));
		assert!(Margin::is_liquidatable(BTC));
		open(CAROL, DAVE, BTC, thousandths(1_000), 6_000);
	});
}

#[test]
fn a_quarantine_that_is_lifted_within_a_block_opens_nothing_before_the_next_price() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		Markets::<Test>::mutate_extant(BTC, |market| market.quarantined = true);
		block_at(40_000);
		assert_ok!(Margin::lift_quarantine(RuntimeOrigin::root(), BTC));
		assert_eq!(
			try_trade(ALICE, BOB, BTC, thousandths(100), 50_000),
			Err(Error::<Test>::MarkStandsStill.into())
		);
		next_block();
		open(ALICE, BOB, BTC, thousandths(100), 40_000);
	});
}

#[test]
fn what_may_open_is_judged_at_the_index_too() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 100_000);
		open(ALICE, BOB, BTC, Size::ONE, 50_000);
		let free = || {
			let desk = &mut crate::desk::Desk::default();
			Margin::surplus(desk, &account(ALICE), Requirement::Initial).unwrap()
		};
		assert_eq!(free(), Quote::dollars(7_500));
		world(|world| world.prices.get_mut(&feed(BTC)).unwrap().price = Price::dollars(46_000));
		// 10,000 less 4,000, less 5 % of 46,000.
		assert_eq!(free(), Quote::dollars(3_700));
		world(|world| world.prices.get_mut(&feed(BTC)).unwrap().slow = Price::dollars(45_000));
		assert_eq!(free(), Quote::dollars(2_750));
	});
}

#[test]
fn a_quarantined_market_is_neither_liquidated_nor_opened_in() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 100_000);
		deposit(CAROL, 100_000);
		open(ALICE, BOB, ETH, Size::ONE, 2_000);
		Markets::<Test>::mutate_extant(ETH, |market| market.quarantined = true);
		price(ETH, 1_400);
		next_block();
		assert_eq!(market(ETH).mark, Price::dollars(2_000));
		assert!(!Margin::is_liquidatable(ETH));
		assert!(Margin::exposures(&main_of(ALICE)).iter().all(|exposure| !exposure.liquidatable));
		// Nobody takes over at a price that is not one.
		assert_eq!(
			try_trade(CAROL, ALICE, ETH, thousandths(500), 2_000),
			Err(Error::<Test>::MarketUnsound.into())
		);
		// Two who both leave settle it between them.
		open(BOB, ALICE, ETH, thousandths(500), 2_000);
	});
}

#[test]
fn a_profit_in_a_quarantined_market_opens_nothing() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 100_000);
		open(ALICE, BOB, BTC, Size::ONE, 50_000);
		block_at(60_000);
		let free = || {
			let desk = &mut crate::desk::Desk::default();
			Margin::surplus(desk, &account(ALICE), Requirement::Initial).unwrap()
		};
		assert_eq!(free(), Quote::dollars(17_000));
		Markets::<Test>::mutate_extant(BTC, |market| market.quarantined = true);
		next_block();
		assert_eq!(free(), Quote::dollars(7_000));
	});
}

#[test]
fn money_leaves_when_a_price_has_landed_after_it_was_asked_for() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		open(ALICE, BOB, BTC, Size::ONE, 50_000);
		silence();
		let before = balance(ALICE);
		assert_ok!(withdraw(ALICE, Quote::dollars(5_000)));
		for _ in 0..10 {
			next_block();
			assert_eq!(balance(ALICE), before, "paid at the level at which it was asked for");
			assert_eq!(account(ALICE).leaving, Quote::dollars(5_000));
		}
		// The world has fallen by eight percent, and now it is told.
		speak();
		block_at(46_000);
		assert_eq!((balance(ALICE), account(ALICE).leaving), (before, Quote::ZERO));
		assert_eq!(equity(ALICE), Quote::dollars(6_000));
	});
}

#[test]
fn who_waits_for_a_price_holds_up_nobody() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		open(ALICE, BOB, BTC, Size::ONE, 50_000);
		deposit(CAROL, 10_000);
		silence();
		next_block();
		assert_ok!(withdraw(ALICE, Quote::dollars(1_000)));
		// Carol waits for no price.
		assert_ok!(Margin::touch(&main_of(CAROL), crate::accounts::Cause::Touched(None), |account| {
			account.free_from = 1_000;
			Ok(())
		}));
		assert_ok!(withdraw(CAROL, Quote::dollars(1_000)));
		let before = (balance(ALICE), balance(CAROL));
		next_block();
		assert_eq!((balance(ALICE), balance(CAROL)), (before.0, before.1 + 1_000_000_000));
		// A price that is too old is none: it is not waited for without end.
		set_price(feed(BTC), Price::dollars(50_000), PriceState::Stale);
		next_block();
		assert_eq!(account(ALICE).leaving, Quote::ZERO);
		assert_eq!(LeavingQueue::<Test>::iter().count(), 0);
	});
}

#[test]
fn without_positions_money_waits_while_a_trade_is_young() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		open(ALICE, BOB, BTC, Size::ONE, 50_000);
		open(BOB, ALICE, BTC, Size::ONE, 50_000);
		let ten = Quote::dollars(100);
		let before = balance(ALICE);
		assert_ok!(withdraw(ALICE, ten));
		assert_eq!(balance(ALICE), before);
		next_block();
		assert_eq!(balance(ALICE), before + 100_000_000);
		assert_ok!(transfer(ALICE, 0, 1, ten));
		assert_eq!(Accounts::<Test>::get(ALICE, SubAccount(1)).cash, Quote::ZERO);
		next_block();
		assert_eq!(Accounts::<Test>::get(ALICE, SubAccount(1)).cash, ten);
		assert_ok!(withdraw(ALICE, ten));
		assert_eq!(balance(ALICE), before + 200_000_000, "the trade is two blocks old");
		let _ = MAIN;
	});
}
