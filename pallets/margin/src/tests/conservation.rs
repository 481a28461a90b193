// SPDX-License-Identifier: Apache-2.0
//! What breaks is contained: one market stops, the chain goes on.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, traits::Hooks};
use keel_primitives::*;

fn block_without_check() {
	let now = System::block_number() + 1;
	System::set_block_number(now);
	Margin::on_initialize(now);
}

#[test]
fn a_market_whose_books_fail_is_quarantined_alone() {
	build_without_check(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		Markets::<Test>::mutate_extant(BTC, |market| market.book.short.quote.0 += 1);
		block_without_check();
		assert!(market(BTC).quarantined && !market(ETH).quarantined);
		assert_eq!(
			try_trade(ALICE, BOB, BTC, thousandths(100), 50_000),
			Err(Error::<Test>::MarketUnsound.into())
		);
		trade(BOB, ALICE, ETH, Size::ONE, 2_000);
		let lift = || Margin::lift_quarantine(RuntimeOrigin::root(), BTC);
		assert_noop!(lift(), Error::<Test>::NotInOrder);
		Markets::<Test>::mutate_extant(BTC, |market| market.book.short.quote.0 -= 1);
		next_block();
		assert!(market(BTC).quarantined, "until governance has looked");
		// Who reduces is never kept in.
		trade(BOB, ALICE, BTC, thousandths(100), 50_000);
		assert_ok!(lift());
		next_block();
		trade(ALICE, BOB, BTC, thousandths(100), 50_000);
		check();
	});
}

#[test]
fn no_money_leaves_while_custody_does_not_add_up() {
	build_without_check(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		assert_ok!(withdraw(ALICE, Quote::dollars(100)));
		Custodied::<Test>::mutate(|counted| counted.0 -= 1);
		block_without_check();
		assert_eq!(LeavingBounds::<Test>::get().len(), 1);
		assert_eq!(withdraw(BOB, Quote::dollars(1)), Err(Error::<Test>::CustodyBroken.into()));
		assert!(System::events()
			.iter()
			.any(|record| matches!(record.event, RuntimeEvent::Margin(Event::CustodyBroken { .. }))));
		Custodied::<Test>::mutate(|counted| counted.0 += 1);
		next_block();
		assert_eq!(LeavingBounds::<Test>::get().len(), 0);
	});
}
