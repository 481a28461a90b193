// SPDX-License-Identifier: Apache-2.0
//! A loss that others have borne comes back: to who bore it, as far as he did, and to nobody else.

use crate::{mock::*, pallet::*};
use frame_support::assert_ok;
use keel_primitives::*;
use keel_traits::Liquidatable;

/// Joins the side after it has borne the loss.
const ERIN: AccountId = 5;

/// Alice lacks 1,000 dollars after a fall of 6,000; the two shorts, of one bitcoin each, bear 500 each. She is gone,
/// and half of their size.
fn with_a_loss_borne(test: impl FnOnce()) {
	build(|| {
		deposit(ALICE, 5_000);
		[BOB, CAROL, DAVE, ERIN].into_iter().for_each(|who| deposit(who, 1_000_000));
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		trade(CAROL, DAVE, BTC, Size::ONE, 50_000);
		block_at(44_000);
		let alice = main_of(ALICE);
		assert_ok!(Margin::deleverage(&alice, BTC, Size::ONE));
		for deficit in Margin::deficits(&alice) {
			assert_eq!(Margin::socialise(&alice, deficit), Quote::dollars(1_000));
		}
		assert_ok!(Margin::release(&alice));
		test();
	});
}

/// Somebody is solvent again and gives back so much: here it is out of what Carol has.
fn give_back(side: Side, dollars: i64) -> bool {
	let amount = Margin::charge(&main_of(CAROL), Quote::dollars(dollars));
	assert_eq!(amount, Quote::dollars(dollars));
	let given = Margin::give_back(BTC, side, amount);
	if !given {
		// As liquidation does: it is kept for the market.
		Around::keep_for_test(BTC, amount);
	}
	given
}

/// What an account has back in this block.
fn back(who: AccountId) -> Quote {
	let of = |event| match event {
		RuntimeEvent::Margin(Event::LossReturned { account, amount, .. }) if account == main_of(who) => {
			amount.0
		}
		_ => 0,
	};
	Quote(System::events().into_iter().map(|record| of(record.event)).sum())
}

/// To the unit, rounded down.
fn assert_about(amount: Quote, dollars: i64) {
	let most = Quote::dollars(dollars);
	assert!(amount <= most && amount.0 > most.0 - 3, "{amount:?}, not {most:?}");
}

#[test]
fn who_bore_a_loss_has_it_back_when_his_position_is_next_traded() {
	with_a_loss_borne(|| {
		assert!(give_back(Side::Short, 1_000));
		trade(BOB, CAROL, BTC, thousandths(100), 44_000);
		assert_about(back(BOB), 500);
		trade(BOB, CAROL, BTC, thousandths(100), 44_000);
		assert_about(back(BOB), 500);
		// All of it leaves.
		trade(DAVE, CAROL, BTC, thousandths(500), 44_000);
		assert_about(back(DAVE), 500);
		assert!(market(BTC).book.unclaimed.0 < 3);
	});
}

/// The attack: see that somebody will pay back, and join the side before he does, with more than all others.
#[test]
fn who_joins_before_the_money_comes_has_nothing_of_it() {
	with_a_loss_borne(|| {
		trade(CAROL, ERIN, BTC, thousandths(8_000), 44_000);
		assert!(give_back(Side::Short, 900));
		trade(ERIN, CAROL, BTC, thousandths(8_000), 44_000);
		assert_eq!(back(ERIN), Quote::ZERO);
		assert_about(market(BTC).book.unclaimed, 800);
		trade(BOB, CAROL, BTC, thousandths(100), 44_000);
		trade(DAVE, CAROL, BTC, thousandths(100), 44_000);
		assert_about(back(BOB), 50);
		assert_about(back(DAVE), 50);
		// What is nobody's is kept for the market.
		let taken = Margin::take_unclaimed(BTC);
		assert_about(taken, 800);
		assert_eq!(Margin::take_unclaimed(BTC), Quote::ZERO);
		Around::keep_for_test(BTC, taken);
	});
}

#[test]
fn more_than_was_borne_is_nobodys() {
	with_a_loss_borne(|| {
		assert!(give_back(Side::Short, 5_000));
		trade(BOB, CAROL, BTC, thousandths(100), 44_000);
		trade(DAVE, CAROL, BTC, thousandths(100), 44_000);
		assert_about(back(BOB), 500);
		assert_about(back(DAVE), 500);
		assert_about(market(BTC).book.unclaimed, 4_000);
	});
}

#[test]
fn a_side_that_has_borne_nothing_is_given_nothing() {
	with_a_loss_borne(|| {
		assert!(!give_back(Side::Long, 10));
		assert!(!Margin::give_back(MarketId(77), Side::Long, Quote::ZERO));
		assert_eq!(market(BTC).book.set_apart, keel_math::I256::ZERO);
	});
}

/// The side is closed out with all that it has not fetched: its positions have it when they are settled.
#[test]
fn a_position_that_is_closed_out_has_back_what_it_bore() {
	with_a_loss_borne(|| {
		assert!(give_back(Side::Short, 1_000));
		block_at(44_000);
		System::reset_events();
		assert_ok!(Margin::deleverage(&main_of(CAROL), BTC, Size::ONE));
		next_block();
		assert_about(back(BOB), 500);
		assert_about(back(DAVE), 500);
		assert_eq!(market(BTC).book.short.units.0, 0);
	});
}
