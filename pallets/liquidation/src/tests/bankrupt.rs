// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::{Error, MarketReceipts, Receipts};

/// A long that is bankrupt by 100 dollars.
fn bankrupt(owner: AccountId) -> Account {
	set_mark(BTC, 20_000);
	let account = long(owner);
	set_mark(BTC, 17_900);
	account
}

#[test]
fn is_closed_whole_at_mark_and_pays_no_penalty() {
	run(|| {
		let backstop = fund_backstop(BTC, 1_000_000);
		let alice = bankrupt(ALICE);
		tell(alice);
		next_block();
		assert_eq!(taken(), [(alice, Size::ONE, Price::dollars(17_900), Quote::ZERO, Taker::Deleveraged)]);
		assert_eq!(Margin::size(backstop, BTC), Size::ZERO, "the backstop never takes from the bankrupt");
		assert_eq!(Margin::cash(alice), Quote::ZERO, "the debt is paid, and nothing is left");
		assert!(!is_queued(alice));
	});
}

#[test]
fn tranche_then_fund_then_the_side_that_gained_then_the_market() {
	// Of a loss of 100 dollars. What each has, and what each pays.
	#[rustfmt::skip]
	let table = [
		("the tranche suffices",            [150,   0, 999], [100,  0,   0,   0]),
		("then the fund",                   [ 60, 999, 999], [ 60, 40,   0,   0]),
		("then the side that gained",       [ 60,  30, 999], [ 60, 30,  10,   0]),
		("nobody else has anything",        [  0,   0, 999], [  0,  0, 100,   0]),
		("what it cannot bear is a debt",   [ 10,  20,  30], [ 10, 20,  30,  40]),
		("nobody at all",                   [  0,   0,   0], [  0,  0,   0, 100]),
	];
	for (why, [tranche, fund, capacity], paid) in table {
		run(|| {
			let alice = bankrupt(ALICE);
			Losses::keep(BTC, dollars(tranche));
			Losses::set_fund(dollars(fund));
			Margin::set_capacity(BTC, Side::Short, dollars(capacity));
			tell(alice);
			next_block();

			let [tranche, fund, socialised, market_debt] = paid.map(dollars);
			let loss = dollars(100);
			assert_eq!(covered(), [(BTC, [loss, tranche, fund, socialised, market_debt])], "{why}");
			assert_eq!(Margin::borne(BTC, Side::Short), socialised, "{why}");
			assert_eq!(Margin::debt(BTC), market_debt, "{why}");
			let receipts = Receipts { loss, tranche, fund, socialised, market_debt };
			assert_eq!(MarketReceipts::<Test>::get(BTC), receipts, "{why}");
		});
	}
}

#[test]
fn each_market_pays_for_what_it_caused() {
	run(|| {
		// Loses 2,000 in BTC and 1,000 in ETH with 2,400 of margin: two thirds of 600, and one third.
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Long, 10, 2_400);
		set_mark(BTC, 18_000);
		set_mark(ETH, 900);
		Losses::keep(ETH, dollars(1_000));
		tell(alice);
		next_block();
		assert_eq!(
			covered(),
			[
				(BTC, [400, 0, 0, 400, 0].map(dollars)), // the tranche of ETH does not pay for BTC
				(ETH, [200, 200, 0, 0, 0].map(dollars)),
			]
		);
	});
}

#[test]
fn the_fund_pays_for_an_account_once_however_many_markets_it_lost_in() {
	run(|| {
		// Two thirds of 600 in BTC, one third in ETH; the fund pays 500 for one account.
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Long, 10, 2_400);
		let bob = position(BOB, ETH, Side::Long, 1, 50);
		set_mark(BTC, 18_000);
		set_mark(ETH, 900);
		Losses::set_fund(dollars(9_999));
		Losses::set_cap(dollars(500));
		tell(alice);
		tell(bob);
		next_block();
		assert_eq!(
			covered(),
			[
				(BTC, [400, 0, 400, 0, 0].map(dollars)),
				(ETH, [200, 0, 100, 100, 0].map(dollars)),
				(ETH, [50, 0, 50, 0, 0].map(dollars)), // another account has a cap of its own
			]
		);
	});
}

#[test]
fn an_account_whose_last_positions_were_profitable_is_just_closed() {
	run(|| {
		// Bankrupt by 100 when queued; the price recovers before its turn.
		let alice = bankrupt(ALICE);
		tell(alice);
		set_mark(BTC, 20_000);
		next_block();
		assert_eq!(events(), [Event::Released { account: alice }]);
	});
}

#[test]
fn a_credit_that_loses_a_unit_is_caught() {
	run(|| {
		let alice = bankrupt(ALICE);
		Losses::set_fund(dollars(1_000));
		Margin::inject(Fault::CreditLosesAUnit);
		tell(alice);
		next_block();
		let error = Error::<Test>::ReceiptsDoNotSum.into();
		assert_eq!(events().pop(), Some(Event::PutAside { account: alice, error }));
		assert_eq!(Losses::fund(), dollars(1_000), "the step was undone");

		Margin::heal(Fault::CreditLosesAUnit);
		next_block();
		assert_eq!(covered(), [(BTC, [100, 0, 100, 0, 0].map(dollars))]);
		assert!(!is_queued(alice));
	});
}

#[test]
fn deficits_that_miss_a_unit_are_caught() {
	run(|| {
		let alice = bankrupt(ALICE);
		Margin::inject(Fault::DeficitsMissAUnit);
		tell(alice);
		next_block();
		let error = Error::<Test>::ReceiptsDoNotSum.into();
		assert_eq!(events().pop(), Some(Event::PutAside { account: alice, error }));
		assert_eq!((Margin::equity(alice), Margin::size(alice, BTC)), (dollars(-100), Size::ONE), "undone");
	});
}
