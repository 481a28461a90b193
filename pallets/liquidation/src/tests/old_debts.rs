// SPDX-License-Identifier: Apache-2.0
//! A market that owes is no dead end.

use super::*;
use crate::{MarketReceipts, Receipts};

/// Alice lacks 100 dollars in BTC, and nobody bears it: the market owes it.
fn with_debt(test: impl FnOnce()) {
	run(|| {
		Margin::set_capacity(BTC, Side::Short, Quote::ZERO);
		let alice = long(ALICE);
		set_mark(BTC, 17_900);
		tell(alice);
		next_block();
		assert_eq!(covered(), [(BTC, [100, 0, 0, 0, 100].map(dollars))]);
		assert_eq!(Margin::debt(BTC), dollars(100));
		test();
	});
}

fn paid() -> Vec<(MarketId, [Quote; 3])> {
	let paid = |event| match event {
		Event::OldDebtPaid { market, tranche, fund, left } => Some((market, [tranche, fund, left])),
		_ => None,
	};
	events().into_iter().filter_map(paid).collect()
}

#[test]
fn the_tranche_and_the_fund_pay_what_a_market_owes_as_soon_as_they_have_it() {
	with_debt(|| {
		next_block();
		assert_eq!((paid(), Margin::debt(BTC)), (vec![], dollars(100)), "they have nothing");
		Losses::keep(BTC, dollars(30));
		next_block();
		assert_eq!(paid(), [(BTC, [30, 0, 70].map(dollars))]);
		Losses::set_fund(dollars(500));
		next_block();
		assert_eq!(paid(), [(BTC, [0, 70, 0].map(dollars))]);
		assert_eq!((Margin::debt(BTC), Losses::fund()), (Quote::ZERO, dollars(430)));
		next_block();
		assert_eq!(paid(), []);
		assert_eq!(Losses::fund(), dollars(430), "nothing more is paid");
	});
}

#[test]
fn markets_take_turns_and_none_is_passed_over() {
	with_debt(|| {
		for market in 1..5 {
			MarketReceipts::<Test>::insert(MarketId(market), Receipts::default());
			Margin::owe(MarketId(market), dollars(1));
		}
		Losses::set_fund(dollars(1_000));
		let mut turns = Vec::new();
		for _ in 0..5 {
			next_block();
			turns.extend(paid().into_iter().map(|(market, _)| market));
		}
		turns.sort();
		assert_eq!(turns, [0, 1, 2, 3, 4].map(MarketId));
	});
}

#[test]
fn what_came_back_and_is_nobodys_pays_it_first() {
	run(|| {
		Margin::set_capacity(BTC, Side::Short, dollars(60));
		let alice = long(ALICE);
		set_mark(BTC, 17_900);
		tell(alice);
		next_block();
		assert_eq!(covered(), [(BTC, [100, 0, 0, 60, 40].map(dollars))]);
		// Those who bore it have left when somebody gives it back.
		Margin::leave(BTC, Side::Short, dollars(60));
		assert!(Margin::give_back(BTC, Side::Short, dollars(60)));
		next_block();
		assert_eq!((Margin::debt(BTC), Losses::tranche(BTC)), (Quote::ZERO, dollars(20)));
	});
}

#[test]
fn a_block_without_weight_for_it_pays_nothing_and_the_next_one_does() {
	with_debt(|| {
		let all = HookWeight::get();
		Losses::set_fund(dollars(500));
		HookWeight::set(crate::round::largest_step::<Test>());
		next_block();
		assert_eq!(paid(), []);
		HookWeight::set(all);
		next_block();
		assert_eq!(paid(), [(BTC, [0, 100, 0].map(dollars))]);
	});
}
