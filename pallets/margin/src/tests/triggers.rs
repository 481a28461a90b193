// SPDX-License-Identifier: Apache-2.0
//! The trigger book finds the unhealthy, and nobody else.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::*;
use keel_traits::Liquidatable;

fn called() -> usize {
	System::events()
		.into_iter()
		.filter(|record| matches!(record.event, RuntimeEvent::Margin(Event::MarginCalled { .. })))
		.count()
}

/// Alice is long a bitcoin from 50,000 with 5,000 dollars; Bob, who is rich, is short.
fn with_long(test: impl FnOnce()) {
	build(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		test();
	});
}

#[test]
fn an_account_is_found_in_the_block_in_which_it_becomes_unhealthy() {
	with_long(|| {
		// 45,000 / 0.97 = 46,391.75.
		block_at(46_392);
		assert!(unhealthy().is_empty());
		assert_eq!(account(ALICE).place, Place::Filed);
		block_at(46_391);
		assert_eq!(unhealthy(), vec![ALICE]);
		assert_eq!(account(ALICE).place, Place::Queued);
		assert_eq!(Triggers::<Test>::iter_keys().count(), 1, "only Bob's is left");
		// It is handed over once.
		block_at(46_000);
		assert_eq!(unhealthy(), vec![ALICE]);
	});
}

#[test]
fn a_short_is_found_when_the_price_rises() {
	build(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 500_000);
		trade(BOB, ALICE, BTC, Size::ONE, 50_000);
		// 55,000 / 1.03 = 53,398.06.
		block_at(53_398);
		assert!(unhealthy().is_empty());
		block_at(53_399);
		assert_eq!(unhealthy(), vec![ALICE]);
	});
}

#[test]
fn a_margin_call_comes_before_liquidation_and_once() {
	with_long(|| {
		assert!(view(ALICE).warning_armed);
		// A quarter of the requirement (375 at filing) is held back for it.
		block_at(46_800);
		assert_eq!(called(), 0);
		block_at(46_700);
		assert_eq!(called(), 1);
		assert!(!view(ALICE).warning_armed);
		System::reset_events();
		block_at(46_500);
		assert_eq!(called(), 0, "it was spent");
		block_at(46_391);
		assert_eq!(unhealthy(), vec![ALICE]);
	});
}

#[test]
fn a_deposit_after_a_call_arms_it_again() {
	with_long(|| {
		block_at(46_700);
		assert!(!view(ALICE).warning_armed);
		deposit(ALICE, 3_000);
		assert!(view(ALICE).warning_armed);
		block_at(46_000);
		assert!(unhealthy().is_empty());
		assert_eq!(called(), 1);
	});
}

#[test]
fn a_hedged_account_is_judged_as_a_whole() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		trade(BOB, ALICE, ETH, Size(25 * Size::ONE.0), 2_000);
		// Both fall together: keys of the long fire, the account stays healthy and is filed again.
		for step in 1..=20_u32 {
			price(ETH, 2_000 - 40 * step);
			block_at(50_000 - 1_000 * step);
			assert!(unhealthy().is_empty(), "at step {step}");
		}
		// Bitcoin alone falls on.
		block_at(21_000);
		assert_eq!(unhealthy(), vec![ALICE]);
	});
}

#[test]
fn nothing_is_written_while_keys_hold() {
	with_long(|| {
		let keys = || Triggers::<Test>::iter_keys().collect::<Vec<_>>();
		let before = keys();
		block_at(49_000);
		block_at(51_000);
		deposit(ALICE, 100);
		assert_eq!(keys(), before);
	});
}

#[test]
fn a_stricter_rule_finds_whom_it_makes_unhealthy() {
	with_long(|| {
		world(|world| world.maintenance_step = Ratio::basis_points(130));
		block_at(47_000);
		let mut stricter = params();
		stricter.tiers = tiers(Ratio::percent(5), Ratio::basis_points(450));
		stricter.damper = Ratio::ZERO;
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, stricter));
		next_block();
		assert_eq!(unhealthy(), vec![ALICE]);
	});
}

#[test]
fn judging_stops_at_its_share_and_opening_against_the_unjudged_is_refused() {
	build(|| {
		deposit(BOB, 900_000);
		for who in 10..15 {
			deposit(who, 5_000);
			trade(who, BOB, BTC, Size::ONE, 50_000);
		}
		deposit(CAROL, 100_000);
		deposit(DAVE, 100_000);
		judge_at_most(2, 1);
		block_at(46_000);
		assert_eq!(unhealthy().len(), 2);
		// Shorts would pay for longs that are bankrupt: nobody may join them now. Who buys is welcome, but
		// here somebody would have to open a short.
		assert_eq!(try_trade(CAROL, DAVE, BTC, Size::ONE, 46_000), Err(Error::<Test>::LossesPending.into()));
		// Taking over from a short that reduces goes on.
		trade(BOB, CAROL, ETH, Size::ONE, 2_000);
		next_block();
		assert_eq!(unhealthy().len(), 4);
		next_block();
		assert_eq!(unhealthy().len(), 5);
		trade(CAROL, DAVE, BTC, Size::ONE, 46_000);
	});
}

#[test]
fn a_bankrupt_account_that_waits_keeps_others_from_joining_the_payers() {
	with_long(|| {
		use keel_traits::Liquidatable;
		deposit(CAROL, 100_000);
		deposit(DAVE, 100_000);
		Margin::set_waiting(BTC, Side::Long, true);
		assert_eq!(try_trade(CAROL, DAVE, BTC, Size::ONE, 50_000), Err(Error::<Test>::LossesPending.into()));
		// Bob's short reduces, Carol takes the long's side over from nobody: Dave is not needed.
		trade(BOB, ALICE, BTC, thousandths(500), 50_000);
		Margin::set_waiting(BTC, Side::Long, false);
		trade(CAROL, DAVE, BTC, Size::ONE, 50_000);
	});
}

#[test]
fn a_market_that_stands_still_judges_nobody() {
	with_long(|| {
		status(BTC, MarketStatus::Halted);
		block_at(40_000);
		assert!(unhealthy().is_empty());
		assert_eq!(market(BTC).mark, Price::dollars(50_000));
		status(BTC, MarketStatus::Open);
		set_price(feed(BTC), Price::dollars(40_000), PriceState::Stale);
		next_block();
		assert!(unhealthy().is_empty());
		block_at(40_000);
		assert_eq!(unhealthy(), vec![ALICE]);
	});
}

#[test]
fn a_queued_account_may_only_add_margin() {
	with_long(|| {
		block_at(46_000);
		assert_eq!(account(ALICE).place, Place::Queued);
		deposit(ALICE, 100);
		assert_eq!(withdraw(ALICE, Quote::dollars(1)), Err(Error::<Test>::InLiquidation.into()));
		assert_eq!(try_trade(BOB, ALICE, BTC, Size::ONE, 46_000), Err(Error::<Test>::InLiquidation.into()));
		assert_noop!(
			Margin::offer_trade(
				signed(ALICE),
				SubAccount(0),
				BTC,
				Side::Short,
				Size::ONE,
				Price::dollars(46_000),
				System::block_number(),
				None
			),
			Error::<Test>::InLiquidation
		);
	});
}

/// Alice's key has fired at `dollars`, and the hook has had no weight to judge her.
fn with_unjudged(dollars: u32, test: impl FnOnce(MarginAccount<AccountId>)) {
	with_long(|| {
		let none = <() as WeightInfo>::open_market().saturating_mul(2);
		world(|world| world.hook_weight = none);
		block_at(dollars);
		assert_eq!((account(ALICE).place, unhealthy()), (Place::Filed, vec![]));
		test(main_of(ALICE));
		world(|world| world.hook_weight = World::default().hook_weight);
	});
}

/// What the account lacks, and whose losses made it.
fn debt_and_parts(who: &MarginAccount<AccountId>) -> (Quote, Vec<(MarketId, Side, Quote)>) {
	let parts = Margin::deficits(who).into_iter().map(|part| (part.market, part.side, part.amount));
	(Margin::debt(who), parts.collect())
}

#[test]
fn who_is_deleveraged_before_his_turn_leaves_a_debt_that_somebody_pays() {
	with_unjudged(44_000, |alice| {
		assert_ok!(Margin::deleverage(&alice, BTC, Size::ONE));
		let lacks = Quote::dollars(1_000);
		assert_eq!(debt_and_parts(&alice), (lacks, vec![(BTC, Side::Long, lacks)]));
		assert_eq!(unhealthy(), vec![ALICE], "liquidation has heard of her");
		let part = Margin::deficits(&alice)[0];
		assert_eq!(Margin::socialise(&alice, part), lacks);
		assert_ok!(Margin::release(&alice));
		assert_eq!(account(ALICE).cash, Quote::ZERO);
		Margin::current(&main_of(BOB)).unwrap();
		assert_eq!(account(BOB).cash, Quote::dollars(505_000));
	});
}

#[test]
fn who_is_handed_over_before_his_turn_leaves_a_debt_that_somebody_pays() {
	with_unjudged(44_000, |alice| {
		assert_ok!(Margin::hand_over(&alice, &main_of(BOB), BTC, Size::ONE, Price::dollars(44_000)));
		let lacks = Quote::dollars(1_000);
		assert_eq!(debt_and_parts(&alice), (lacks, vec![(BTC, Side::Long, lacks)]));
		assert_eq!(unhealthy(), vec![ALICE], "liquidation has heard of her");
		Margin::socialise(&alice, Margin::deficits(&alice)[0]);
		assert_ok!(Margin::release(&alice));
	});
}

#[test]
fn who_is_healthy_stays_on_file_when_a_part_of_his_position_is_taken() {
	with_long(|| {
		let alice = main_of(ALICE);
		assert_ok!(Margin::deleverage(&alice, BTC, thousandths(500)));
		assert_eq!((account(ALICE).place, unhealthy()), (Place::Filed, vec![]));
		assert!(account(ALICE).losses.is_empty());
	});
}
