// SPDX-License-Identifier: Apache-2.0
//! Money in, out and between.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::*;
use keel_traits::Custody;

const MAIN: SubAccount = SubAccount(0);

fn withdraw(who: AccountId, dollars: i64) -> sp_runtime::DispatchResult {
	mock::withdraw(who, Quote::dollars(dollars))
}

fn balance(who: AccountId) -> u128 {
	Usdk::free_balance(who)
}

fn events() -> Vec<Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Margin(event) => Some(event),
			_ => None,
		})
		.collect()
}

#[test]
fn a_deposit_is_in_custody_and_counted() {
	build(|| {
		deposit(ALICE, 1_000);
		assert_eq!(account(ALICE).cash, Quote::dollars(1_000));
		assert_eq!(Custodied::<Test>::get(), Quote::dollars(1_000));
		assert_eq!(balance(Margin::custody_account()), 1_000_000_000);
	});
}

#[test]
fn a_deposit_must_be_worth_its_place_in_the_block() {
	build(|| {
		let deposit = |amount| Margin::deposit(signed(ALICE), MAIN, amount);
		assert_noop!(deposit(Quote(9_999_999)), Error::<Test>::AmountTooSmall);
		assert_noop!(deposit(Quote::ZERO), Error::<Test>::AmountTooSmall);
		assert_noop!(deposit(Quote(-1)), Error::<Test>::AmountTooSmall);
		assert_noop!(deposit(Quote::dollars(2_000_000)), Error::<Test>::InsufficientBalance);
	});
}

#[test]
fn without_positions_money_leaves_at_once() {
	build(|| {
		deposit(ALICE, 1_000);
		assert_noop!(withdraw(ALICE, 1_001), Error::<Test>::InsufficientFreeCollateral);
		assert_noop!(withdraw(ALICE, 0), Error::<Test>::AmountTooSmall);
		assert_noop!(withdraw(ALICE, -1), Error::<Test>::AmountTooSmall);
		assert_ok!(withdraw(ALICE, 1_000));
		assert_eq!(balance(ALICE), 1_000_000_000_000);
		assert!(!Accounts::<Test>::contains_key(ALICE, MAIN), "nothing is left to remember");
	});
}

#[test]
fn with_positions_money_leaves_at_the_next_blocks_levels() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		// A tenth of 50,000 stays.
		assert_noop!(withdraw(ALICE, 5_001), Error::<Test>::InsufficientFreeCollateral);
		assert_ok!(withdraw(ALICE, 5_000));
		assert_noop!(withdraw(ALICE, 1), Error::<Test>::AlreadyLeaving);
		assert_eq!(balance(ALICE), 990_000_000_000);
		next_block();
		assert_eq!(balance(ALICE), 995_000_000_000);
		assert_eq!(account(ALICE).leaving, Quote::ZERO);
	});
}

#[test]
fn money_that_the_next_price_needs_does_not_leave() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		assert_ok!(withdraw(ALICE, 5_000));
		block_at(49_000);
		assert_eq!(balance(ALICE), 990_000_000_000);
		assert!(events().contains(&Event::LeavingRefused {
			account: main_of(ALICE),
			amount: Quote::dollars(5_000),
			reason: Refusal::NotEnoughFreeCollateral,
		}));
		assert_eq!(account(ALICE).leaving, Quote::ZERO);
	});
}

#[test]
fn money_does_not_leave_on_a_price_that_is_not_trusted() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		assert_ok!(withdraw(ALICE, 1_000));
		set_price(feed(BTC), Price::dollars(50_000), PriceState::Uncertain);
		next_block();
		assert_eq!(balance(ALICE), 990_000_000_000);
		assert_noop!(withdraw(ALICE, 1_000), Error::<Test>::PriceUnavailable);
	});
}

#[test]
fn unrealised_profit_counts_only_in_part() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 20_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		block_at(52_000);
		// 10,000 and half of 2,000, less a tenth of 52,000.
		assert_eq!(view(ALICE).free_collateral, Quote::dollars(10_000 + 1_000 - 5_200));
	});
}

#[test]
fn a_transfer_moves_between_sub_accounts_and_follows_the_same_rule() {
	build(|| {
		let two = SubAccount(2);
		let transfer = |amount| transfer(ALICE, 0, 2, Quote::dollars(amount));
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		assert_ok!(transfer(1_000));
		assert_eq!(Accounts::<Test>::get(ALICE, two).cash, Quote::dollars(1_000));
		assert_noop!(mock::transfer(ALICE, 0, 0, Quote::dollars(1)), Error::<Test>::SameAccount);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		assert_ok!(transfer(1_000));
		assert_eq!(Accounts::<Test>::get(ALICE, two).cash, Quote::dollars(1_000), "not yet");
		next_block();
		assert_eq!(Accounts::<Test>::get(ALICE, two).cash, Quote::dollars(2_000));
		assert_eq!(Custodied::<Test>::get(), Quote::dollars(20_000));
	});
}

#[test]
fn the_queue_is_bounded_and_goes_on_in_the_next_block() {
	build(|| {
		deposit(BOB, 100_000);
		for who in 10..16 {
			deposit(who, 10_000);
			trade(who, BOB, BTC, thousandths(100), 50_000);
		}
		for who in 10..15 {
			assert_ok!(withdraw(who, 1_000));
		}
		assert_noop!(withdraw(15, 1_000), Error::<Test>::QueueFull);
		// The hook's share does for the markets and, in half of what is left, two of the five.
		let two = <() as WeightInfo>::open_market()
			.saturating_mul(2)
			.saturating_add(<() as WeightInfo>::leave().saturating_mul(4));
		world(|world| world.hook_weight = two);
		let paid = || (10..15).filter(|who| balance(*who) == 991_000_000_000).count();
		for expected in [2, 4, 5] {
			next_block();
			assert_eq!(paid(), expected);
		}
	});
}

#[test]
fn what_arrives_in_an_account_takes_more_of_a_block_than_what_leaves_for_a_balance() {
	use crate::types::Destination;
	build(|| {
		deposit(BOB, 100_000);
		for who in 10..14 {
			deposit(who, 10_000);
			trade(who, BOB, BTC, thousandths(100), 50_000);
		}
		let sub = SubAccount(1);
		for who in 10..14 {
			assert_ok!(mock::transfer(who, 0, 1, Quote::dollars(1_000)));
		}
		let one = Margin::leaving_weight(&Destination::Sub(sub));
		assert!(one.any_gt(Margin::leaving_weight(&Destination::Owner)));
		// Half of what the markets leave is one transfer, and a withdrawal, but not two transfers.
		let half = one.saturating_add(<() as WeightInfo>::leave());
		let markets = <() as WeightInfo>::open_market().saturating_mul(2);
		world(|world| world.hook_weight = markets.saturating_add(half.saturating_mul(2)));
		let arrived = || (10..14).filter(|who| !Accounts::<Test>::get(who, sub).cash.is_zero()).count();
		for expected in 1..=4 {
			next_block();
			assert_eq!(arrived(), expected);
		}
	});
}

#[test]
fn what_waits_is_a_least_amount() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		// At once, any amount.
		assert_ok!(withdraw(ALICE, 1));
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		assert_noop!(withdraw(ALICE, 19), Error::<Test>::WithdrawalTooSmall);
		assert_noop!(mock::transfer(ALICE, 0, 1, Quote::dollars(19)), Error::<Test>::WithdrawalTooSmall);
		assert_ok!(withdraw(ALICE, 20));
		// Bob has ten dollars left that are free: they leave when he has no position any more.
		assert_ok!(withdraw(BOB, 4_990));
		next_block();
		assert_noop!(withdraw(BOB, 10), Error::<Test>::WithdrawalTooSmall);
		trade(BOB, ALICE, BTC, Size::ONE, 50_000);
		next_block();
		assert_noop!(withdraw(BOB, 10), Error::<Test>::WithdrawalTooSmall);
		next_block();
		assert_ok!(withdraw(BOB, 10));
	});
}

#[test]
fn the_least_amount_grows_with_the_queue() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		for (waiting, least) in [(0, 20), (127, 20), (128, 40), (255, 40), (256, 60), (1_280, 220)] {
			LeavingBounds::<Test>::put(QueueBounds { first: 7, next: 7 + waiting });
			assert_eq!(Margin::least_leaving(), Quote::dollars(least));
		}
		// Too small comes before there is no place.
		LeavingBounds::<Test>::put(QueueBounds { first: 7, next: 7 + 128 });
		assert_noop!(withdraw(ALICE, 39), Error::<Test>::WithdrawalTooSmall);
		assert_noop!(withdraw(ALICE, 40), Error::<Test>::QueueFull);
		LeavingBounds::<Test>::kill();
	});
}

/// Alice is long a tenth of a bitcoin in each of three sub-accounts.
fn with_three_accounts(test: impl FnOnce()) {
	build(|| {
		deposit(ALICE, 30_000);
		deposit(BOB, 30_000);
		for sub in 1..3 {
			assert_ok!(transfer(ALICE, 0, sub, Quote::dollars(10_000)));
		}
		for sub in 0..3 {
			let (size, at) = (thousandths(100), Price::dollars(50_000));
			let expires = System::block_number();
			let sub = SubAccount(sub);
			assert_ok!(Margin::offer_trade(signed(ALICE), sub, BTC, Side::Long, size, at, expires, None));
			assert_ok!(Margin::accept_trade(signed(BOB), OfferIds::<Test>::get().next - 1, MAIN));
		}
		test();
	});
}

#[test]
fn an_owner_has_a_few_withdrawals_waiting_over_all_accounts() {
	with_three_accounts(|| {
		let withdraw_from = |sub| {
			Margin::withdraw(signed(ALICE), SubAccount(sub), Quote::dollars(100))
				.map_err(|refused| refused.error)
		};
		assert_ok!(withdraw_from(0));
		assert_ok!(transfer(ALICE, 1, 2, Quote::dollars(100)));
		assert_noop!(withdraw_from(2), Error::<Test>::TooManyLeaving);
		assert_ok!(withdraw(BOB, 100));
		next_block();
		assert_eq!(LeavingCount::<Test>::iter().count(), 0);
		assert_ok!(withdraw_from(2));
	});
}

#[test]
fn a_refused_withdrawal_gives_its_place_back() {
	with_three_accounts(|| {
		for sub in 0..2 {
			assert_ok!(transfer(ALICE, sub, 2, Quote::dollars(9_000)));
		}
		block_at(40_000);
		assert_eq!(balance(Margin::custody_account()), 60_000_000_000);
		assert_eq!(account(ALICE).leaving, Quote::ZERO);
		assert_eq!(LeavingCount::<Test>::iter().count(), 0);
	});
}

#[test]
fn what_waits_is_charged_for_its_execution_and_what_does_not_is_not() {
	use frame_support::dispatch::GetDispatchInfo;
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		let amount = Quote::dollars(20);
		let withdraw = || Margin::withdraw(signed(ALICE), MAIN, amount);
		let transfer = || Margin::transfer(signed(BOB), MAIN, SubAccount(1), amount);
		let (at_call, moved) = (<() as WeightInfo>::withdraw(), <() as WeightInfo>::transfer());
		let later = <() as WeightInfo>::leave();
		let withdrawal = Call::<Test>::withdraw { sub: MAIN, amount };
		assert_eq!(withdrawal.get_dispatch_info().call_weight, at_call + later);
		let transferral = Call::<Test>::transfer { from: MAIN, to: SubAccount(1), amount };
		// What arrives touches an account too.
		let arrives = <() as WeightInfo>::deposit();
		assert_eq!(transferral.get_dispatch_info().call_weight, moved + later + arrives);
		assert_eq!(withdraw().map(|post| post.actual_weight), Ok(Some(at_call)));
		assert_eq!(transfer().map(|post| post.actual_weight), Ok(Some(moved)));
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		assert_eq!(withdraw().map(|post| post.actual_weight), Ok(None));
		assert_eq!(transfer().map(|post| post.actual_weight), Ok(None));
		assert_eq!(withdraw().map_err(|refused| refused.post_info.actual_weight), Err(Some(at_call)));
	});
}

#[test]
fn a_donation_is_nobodys_claim_and_breaks_nothing() {
	build(|| {
		deposit(ALICE, 1_000);
		assert_ok!(Usdk::transfer_allow_death(signed(BOB), Margin::custody_account(), 77));
		next_block();
		assert_eq!(Custodied::<Test>::get(), Quote::dollars(1_000));
		assert_ok!(withdraw(ALICE, 1_000));
		assert_eq!(balance(Margin::custody_account()), 77);
	});
}

#[test]
fn a_donation_is_counted_for_whoever_sweeps_it() {
	build(|| {
		deposit(ALICE, 1_000);
		let sweep = <Margin as Custody<AccountId>>::sweep;
		assert_eq!(sweep(), Quote::ZERO);
		assert_ok!(Usdk::transfer_allow_death(signed(BOB), Margin::custody_account(), 77));
		assert_eq!(sweep(), Quote(77));
		world(|world| world.other_claims = Quote(77));
		assert_eq!(Custodied::<Test>::get(), Quote(1_000_000_077));
		check();
		assert_eq!(sweep(), Quote::ZERO);
		// While the books are in doubt nothing is given away.
		assert_ok!(Usdk::transfer_allow_death(signed(BOB), Margin::custody_account(), 77));
		world(|world| world.other_claims = Quote(78));
		assert_eq!(sweep(), Quote::ZERO);
		world(|world| world.other_claims = Quote(77));
	});
}

#[test]
fn custody_is_not_paid_out_of_custody() {
	build(|| {
		assert_ok!(<Margin as Custody<AccountId>>::pull(&CAROL, Quote::dollars(500)));
		world(|world| world.other_claims = Quote::dollars(500));
		let push = |to| <Margin as Custody<AccountId>>::push(&to, Quote::dollars(100));
		assert_noop!(push(Margin::custody_account()), Error::<Test>::PaysCustody);
	});
}

#[test]
fn others_keep_their_claims_in_the_same_custody() {
	build(|| {
		assert_ok!(<Margin as Custody<AccountId>>::pull(&CAROL, Quote::dollars(500)));
		world(|world| world.other_claims = Quote::dollars(500));
		next_block();
		assert_ok!(<Margin as Custody<AccountId>>::push(&CAROL, Quote::dollars(500)));
		world(|world| world.other_claims = Quote::ZERO);
		assert_noop!(<Margin as Custody<AccountId>>::push(&CAROL, Quote(1)), Error::<Test>::CustodyBroken);
	});
}

#[test]
fn a_debt_is_repaid_by_anybody_and_no_more_than_it_is() {
	build(|| {
		let repay = |dollars| Margin::repay_debt(signed(CAROL), BTC, Quote::dollars(dollars));
		assert_noop!(repay(5), Error::<Test>::NoDebt);
		// Somebody was paid what a market could not pay.
		deposit(ALICE, 100);
		assert_ok!(Margin::touch(&main_of(ALICE), crate::accounts::Cause::Touched(None), |account| {
			account.cash.0 += 7_000_000;
			Ok(())
		}));
		Markets::<Test>::mutate_extant(BTC, |market| market.book.borrow(Quote::dollars(7)).unwrap());
		next_block();
		assert_ok!(repay(5));
		assert_eq!(market(BTC).book.debt, Quote::dollars(2));
		assert_ok!(repay(5));
		assert_eq!(market(BTC).book.debt, Quote::ZERO);
		assert_eq!(balance(CAROL), 999_993_000_000);
	});
}
