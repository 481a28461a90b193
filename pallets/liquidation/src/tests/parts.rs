// SPDX-License-Identifier: Apache-2.0
//! What is paid of a bankrupt account's debt with each of its positions.

use super::*;
use crate::{round::any_step, MarketReceipts, Place};
use frame_support::weights::Weight;

/// Beside BTC and ETH.
const SOL: MarketId = MarketId(2);

fn is_parked(account: Account) -> bool {
	Entries::<Test>::get(account).is_some_and(|entry| matches!(entry.place, Place::Parked(_)))
}

fn is_waiting_in(market: MarketId) -> bool {
	Side::BOTH.into_iter().any(|side| Margin::is_waiting(market, side))
}

fn loss_of(market: MarketId) -> Quote {
	MarketReceipts::<Test>::get(market).loss
}

/// Loses 3,000 dollars in BTC and 1,000 in ETH, which is halted, with 2,400 of margin: lacks 1,600, of which
/// 1,200 are BTC's part.
fn with_parked(test: impl FnOnce(Account)) {
	run(|| {
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Long, 10, 2_400);
		Margin::halt(ETH);
		set_mark(BTC, 17_000);
		set_mark(ETH, 900);
		tell(alice);
		test(alice);
	});
}

#[test]
fn a_part_is_paid_when_its_position_is_closed() {
	with_parked(|alice| {
		assert!(is_waiting_in(BTC) && is_waiting_in(ETH));
		Losses::keep(BTC, dollars(100));
		Losses::keep(ETH, dollars(9_999));
		Losses::set_fund(dollars(500));
		next_block();
		assert!(is_parked(alice));
		assert_eq!(covered(), [(BTC, [1_200, 100, 500, 600, 0].map(dollars))]);
		assert_eq!(Margin::equity(alice), dollars(-400), "the part of what it still holds");
		assert!(!is_waiting_in(BTC), "who gained there waits for nobody");
		assert!(is_waiting_in(ETH), "it still holds a position there");

		next_block();
		assert_eq!(events(), [], "nothing happens while it waits");
	});
}

/// Market and amount of what was paid back in this block.
fn paid_back() -> Vec<(MarketId, Quote)> {
	let paid = |event| match event {
		Event::PaidBack { market, amount, .. } => Some((market, amount)),
		_ => None,
	};
	events().into_iter().filter_map(paid).collect()
}

#[test]
fn who_recovers_pays_back_what_others_paid_and_keeps_what_is_its_own() {
	with_parked(|alice| {
		next_block();
		assert_eq!(loss_of(BTC), dollars(1_200));
		// 2,400 of margin less 3,000 and plus 1,500 is 900.
		set_mark(ETH, 1_150);
		Margin::resume(ETH);
		next_block();
		assert_eq!(paid_back(), [(BTC, dollars(1_200))]);
		assert_eq!(Losses::tranche(BTC), Quote::ZERO, "it had paid nothing");
		assert_eq!(Margin::borne(BTC, Side::Short), Quote::ZERO, "who bore it has it back");
		assert!(!is_queued(alice), "it meets its requirement");
		assert_eq!(Margin::equity(alice), dollars(900));
	});
}

#[test]
fn who_recovers_in_part_pays_back_in_part_and_no_more() {
	with_parked(|alice| {
		next_block();
		// 2,400 of margin less 3,000 would be 600 less than nothing.
		set_mark(ETH, 1_000);
		Margin::resume(ETH);
		next_block();
		assert_eq!(paid_back(), [(BTC, dollars(600))]);
		assert_eq!(covered(), [], "it owes nobody anything in cash");
		assert!(!is_queued(alice), "all it had is closed");
		assert_eq!(Margin::equity(alice), Quote::ZERO);
		assert_eq!(Margin::borne(BTC, Side::Short), dollars(600));
	});
}

#[test]
fn what_is_paid_back_goes_back_in_the_reverse_order_of_the_receipts() {
	// 100 of the tranche, 500 of the fund, 400 of the shorts, and 200 that the market owes.
	let with = |eth: u32, expected: [i64; 4]| {
		with_parked(|alice| {
			Losses::keep(BTC, dollars(100));
			Losses::set_fund(dollars(500));
			Margin::set_capacity(BTC, Side::Short, dollars(400));
			next_block();
			assert_eq!(covered(), [(BTC, [1_200, 100, 500, 400, 200].map(dollars))]);
			set_mark(ETH, eth);
			Margin::resume(ETH);
			next_block();
			let now =
				[Margin::debt(BTC), Margin::borne(BTC, Side::Short), Losses::fund(), Losses::tranche(BTC)];
			assert_eq!(now, expected.map(dollars));
			assert!(!is_queued(alice));
		});
	};
	// Of 2,400 of margin, less 3,000, and 1,200 that others have paid, 600 are left, and what ether has brought: that it
	// pays back.
	with(950, [100, 400, 0, 0]);
	with(970, [0, 300, 0, 0]);
	with(1_010, [0, 0, 100, 0]);
	with(1_200, [0, 0, 500, 100]);
}

#[test]
fn what_is_paid_back_is_paid_once_and_only_by_whom_it_was_paid_for() {
	with_parked(|alice| {
		next_block();
		set_mark(ETH, 1_150);
		Margin::resume(ETH);
		next_block();
		assert!(!is_queued(alice));
		// The next time is another: unhealthy and solvent, it owes nothing of the first.
		set_mark(ETH, 1_100);
		tell(alice);
		next_block();
		assert_eq!(paid_back(), []);
	});
}

#[test]
fn what_comes_later_is_the_fault_of_what_it_still_held_and_nothing_is_charged_twice() {
	with_parked(|alice| {
		next_block();
		set_mark(ETH, 850);
		Margin::resume(ETH);
		next_block();
		assert_eq!(covered(), [(ETH, [900, 0, 0, 900, 0].map(dollars))]);
		assert!(!is_queued(alice));
		assert_eq!(Margin::cash(alice), Quote::ZERO);
		// 2,400 of margin less 3,000 and 1,500.
		assert_eq!(loss_of(BTC).0 + loss_of(ETH).0, dollars(2_100).0);
		assert!(!is_waiting_in(ETH));
	});
}

#[test]
fn the_parts_are_as_the_losses_are() {
	run(|| {
		// Loses 1,000 in BTC and 3,000 in ETH with 500 of margin.
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Long, 10, 500);
		Margin::halt(ETH);
		set_mark(BTC, 19_000);
		set_mark(ETH, 700);
		tell(alice);
		next_block();
		assert_eq!(covered(), [(BTC, [875, 0, 0, 875, 0].map(dollars))]);
		assert_eq!(Margin::equity(alice), dollars(-2_625), "ETH owes the rest");
		assert!(!is_waiting_in(BTC) && is_waiting_in(ETH));

		Margin::resume(ETH);
		next_block();
		assert_eq!(covered(), [(ETH, [2_625, 0, 0, 2_625, 0].map(dollars))]);
		assert!(!is_queued(alice));
	});
}

#[test]
fn what_a_short_was_paid_is_not_its_own() {
	run(|| {
		// Loses 3,000 in BTC and 1,000 in ETH with 2,400 of margin; it has what it was paid for the short.
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Short, 10, 2_400);
		Margin::halt(ETH);
		set_mark(BTC, 17_000);
		set_mark(ETH, 1_100);
		tell(alice);
		next_block();
		assert!(is_parked(alice));
		assert_eq!(covered(), [(BTC, [1_200, 0, 0, 1_200, 0].map(dollars))]);
		assert!(!is_waiting_in(BTC), "BTC does not wait for ETH");
		assert_eq!(Margin::equity(alice), dollars(-400));

		Margin::resume(ETH);
		next_block();
		assert_eq!(covered(), [(ETH, [400, 0, 0, 400, 0].map(dollars))]);
		assert!(!is_queued(alice) && !is_waiting_in(ETH));
		assert_eq!(Margin::cash(alice), Quote::ZERO);
	});
}

#[test]
fn what_is_paid_for_is_not_asked_for_again() {
	run(|| {
		// Loses 3,000 in BTC, 1,000 in ETH and 900 in SOL with 2,400 of margin: lacks 2,500.
		position(ALICE, BTC, Side::Long, 1, 0);
		position(ALICE, ETH, Side::Long, 10, 0);
		set_mark(SOL, 9_000);
		let alice = position(ALICE, SOL, Side::Short, 1, 2_400);
		Margin::halt(ETH);
		Margin::halt(SOL);
		set_mark(BTC, 17_000);
		set_mark(ETH, 900);
		set_mark(SOL, 9_900);
		tell(alice);
		next_block();
		// 2,500 times 3,000 of 4,900.
		let first = Quote(1_530_612_244);
		assert_eq!(loss_of(BTC), first);
		assert_eq!(Margin::equity(alice), Quote(first.0 - dollars(2_500).0));

		// 330 more are lost where it still held something, in proportion to what was lost there in all.
		set_mark(ETH, 867);
		Margin::resume(ETH);
		Margin::resume(SOL);
		next_block();
		let [btc, eth, sol] = [BTC, ETH, SOL].map(|market| loss_of(market).0);
		assert_eq!(btc, first.0);
		let rest = dollars(2_830).0 - first.0;
		assert_eq!((eth + sol, sol), (rest, rest * 900 / 2_230));
		assert!([BTC, ETH, SOL].into_iter().all(|market| !is_waiting_in(market)));
	});
}

#[test]
fn all_parts_share_one_cap_of_the_fund() {
	with_parked(|alice| {
		Losses::set_fund(dollars(9_999));
		Losses::set_cap(dollars(1_800));
		next_block();
		assert_eq!(covered(), [(BTC, [1_200, 0, 1_200, 0, 0].map(dollars))]);
		set_mark(ETH, 850);
		Margin::resume(ETH);
		next_block();
		assert_eq!(covered(), [(ETH, [900, 0, 600, 300, 0].map(dollars))]);
		assert!(!is_queued(alice));

		// Resolved: the next time is another.
		set_mark(BTC, 20_000);
		long(ALICE);
		set_mark(BTC, 17_900);
		tell(alice);
		next_block();
		assert_eq!(covered(), [(BTC, [100, 0, 100, 0, 0].map(dollars))]);
	});
}

#[test]
fn nothing_is_paid_for_an_account_that_is_solvent() {
	run(|| {
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Long, 10, 2_400);
		Margin::halt(ETH);
		set_mark(BTC, 18_000);
		tell(alice);
		next_block();
		assert!(is_parked(alice));
		assert_eq!(covered(), []);
	});
}

#[test]
fn a_credit_that_loses_a_unit_is_caught_with_the_first_part() {
	with_parked(|alice| {
		Losses::set_fund(dollars(9_999));
		Margin::inject(Fault::CreditLosesAUnit);
		next_block();
		let error = crate::Error::<Test>::ReceiptsDoNotSum.into();
		assert_eq!(events().pop(), Some(Event::PutAside { account: alice, error }));
		assert_eq!(Losses::fund(), dollars(9_999), "the step was undone");
		assert!(is_waiting_in(BTC));
	});
}

#[test]
fn whoever_asks_for_it_is_heard_while_there_is_something_to_close() {
	with_parked(|alice| {
		let liquidate =
			|| Liquidation::liquidate(RuntimeOrigin::signed(CHARLIE), alice).map_err(|refused| refused.error);
		frame_support::assert_ok!(liquidate());
		assert_eq!(loss_of(BTC), dollars(1_200));
		frame_support::assert_noop!(liquidate(), crate::Error::<Test>::NothingLiquidatable);
	});
}

#[test]
fn a_position_is_closed_and_paid_for_in_one_step() {
	use crate::weights::WeightInfo;
	with_parked(|alice| {
		let all = HookWeight::get();
		let one_step = <() as WeightInfo>::idle().saturating_add(any_step::<Test>(2));
		HookWeight::set(one_step - Weight::from_parts(1, 0));
		next_block();
		assert_eq!((Margin::size(alice, BTC), loss_of(BTC)), (Size::ONE, Quote::ZERO));
		assert!(is_waiting_in(BTC));

		HookWeight::set(one_step);
		next_block();
		assert_eq!((Margin::size(alice, BTC), loss_of(BTC)), (Size::ZERO, dollars(1_200)));
		assert!(!is_waiting_in(BTC) && !is_parked(alice));
		HookWeight::set(all);
		next_block();
		assert!(is_parked(alice));
	});
}

#[test]
fn where_a_position_had_no_part_in_the_debt_nobody_waits_once_it_is_closed() {
	run(|| {
		// Nothing is lost in BTC, and 1,000 in ETH, which is halted, with 500 of margin.
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Long, 10, 500);
		Margin::halt(ETH);
		set_mark(ETH, 900);
		tell(alice);
		assert!(is_waiting_in(BTC) && is_waiting_in(ETH));
		next_block();
		assert!(is_parked(alice));
		assert_eq!((Margin::size(alice, BTC), covered()), (Size::ZERO, vec![]));
		assert!(!is_waiting_in(BTC) && is_waiting_in(ETH));
	});
}
