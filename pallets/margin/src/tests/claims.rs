// SPDX-License-Identifier: Apache-2.0
//! Who gained from a bankrupt account cannot leave before its loss is laid on them.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::*;
use keel_traits::{Deficit, Liquidatable};

const MAIN: SubAccount = SubAccount(0);
const LOSS: Quote = Quote::dollars(1_000);

/// Alice, long a bitcoin from 50,000 with 5,000 dollars, is bankrupt at 44,000 and owes a thousand. Bob, who was
/// short with 10,000, is closed out and has gained 6,000. Carol and Dave are rich.
fn with_claim(test: impl FnOnce()) {
	build(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 10_000);
		deposit(CAROL, 200_000);
		deposit(DAVE, 200_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		block_at(44_000);
		assert_eq!(account(ALICE).place, Place::Queued);
		Margin::set_waiting(BTC, Side::Long, true);
		assert_ok!(Margin::deleverage(&main_of(ALICE), BTC, Size::ONE));
		next_block();
		test();
	});
}

fn lay_loss() {
	let deficit = Deficit { market: BTC, side: Side::Long, amount: LOSS };
	assert_eq!(Margin::deficits(&main_of(ALICE)), vec![deficit]);
	assert_eq!(Margin::socialise(&main_of(ALICE), deficit), LOSS);
	assert_ok!(Margin::release(&main_of(ALICE)));
}

/// The loss is laid, nobody bankrupt is left, and the next block settles.
fn resolve() {
	lay_loss();
	Margin::set_waiting(BTC, Side::Long, false);
	next_block();
	assert_eq!(Generations::<Test>::iter().count(), 0);
	assert_eq!(account(BOB).find(BTC), None);
	assert_eq!(market(BTC).book, keel_math::Book { short: market(BTC).book.short, ..Default::default() });
}

fn has_claim() -> bool {
	account(BOB).find(BTC).is_some() && Generations::<Test>::iter().count() == 1
}

#[test]
fn a_deposit_does_not_settle_a_claim_that_a_loss_may_be_laid_on() {
	with_claim(|| {
		deposit(BOB, 100);
		assert!(has_claim());
		assert_eq!(view(BOB).equity, Quote::dollars(16_100), "margin may always be added");
		resolve();
		assert_eq!(account(BOB).cash, Quote::dollars(15_100));
		assert_eq!(account(BOB).place, Place::Idle);
	});
}

#[test]
fn a_claim_is_settled_at_once_when_nobody_bankrupt_waits() {
	with_claim(|| {
		Margin::set_waiting(BTC, Side::Long, false);
		assert_ok!(Margin::deposit(signed(BOB), MAIN, Quote::dollars(100)));
		assert!(!has_claim());
		assert_eq!(account(BOB).cash, Quote::dollars(16_100));
	});
}

#[test]
fn a_withdrawal_leaves_the_profit_of_a_claim_and_what_its_position_had_to_leave() {
	with_claim(|| {
		let withdraw = |dollars| withdraw(BOB, Quote::dollars(dollars));
		// 10,000 without the 6,000 gained, less a tenth of 44,000.
		assert_eq!(view(BOB).free_collateral, Quote::dollars(5_600));
		assert_eq!(withdraw(5_601), Err(Error::<Test>::InsufficientFreeCollateral.into()));
		assert_ok!(withdraw(5_600));
		next_block();
		assert_eq!(Usdk::free_balance(BOB), 1_000_000_000_000 - 10_000_000_000 + 5_600_000_000);
		assert!(has_claim());
		resolve();
		assert_eq!(account(BOB).cash, Quote::dollars(10_000 - 5_600 + 6_000 - 1_000));
	});
}

#[test]
fn a_market_is_not_traded_while_a_claim_on_it_is_held() {
	with_claim(|| {
		let pending: sp_runtime::DispatchResult = Err(Error::<Test>::LossesPending.into());
		assert_eq!(try_trade(BOB, CAROL, BTC, Size::ONE, 44_000), pending);
		assert_eq!(
			Margin::offer_reduce(signed(BOB), MAIN, BTC, Size::ONE, Price::dollars(44_000), 20, None),
			pending
		);
		assert!(Margin::exposures(&main_of(BOB)).is_empty());
		assert_noop!(Margin::deleverage(&main_of(BOB), BTC, thousandths(1)), Error::<Test>::LossesPending);
		// Other markets are traded as ever, and that settles nothing.
		trade(BOB, CAROL, ETH, Size::ONE, 2_000);
		assert!(has_claim());
		resolve();
		assert_eq!(view(BOB).equity, Quote::dollars(15_000));
	});
}

#[test]
fn opening_does_not_use_the_profit_of_a_claim() {
	with_claim(|| {
		// 10,000 less a twentieth of 44,000 carry 156,000 dollars of ether.
		let ether = |count| try_trade(BOB, CAROL, ETH, Size(count * Size::ONE.0), 2_000);
		assert_eq!(ether(79), Err(Error::<Test>::InsufficientMargin.into()));
		assert_eq!(ether(78), Ok(()));
		resolve();
	});
}

#[test]
fn who_holds_a_claim_is_judged_on_everything_else() {
	with_claim(|| {
		trade(BOB, CAROL, ETH, Size(50 * Size::ONE.0), 2_000);
		// 16,000 less 50 times the fall, against 3 % of 50 ether: gone at 1,731.96.
		price(ETH, 1_732);
		next_block();
		assert_eq!(unhealthy(), vec![ALICE]);
		assert_eq!(view(BOB).maintenance_requirement, Quote::dollars(2_598), "a claim needs no margin");
		price(ETH, 1_731);
		next_block();
		assert_eq!(unhealthy(), vec![ALICE, BOB]);
		// In liquidation it is settled at once.
		assert_eq!(Margin::exposures(&main_of(BOB)).len(), 1);
		assert!(!has_claim());
		// The loss meets an empty side now.
		let deficit = Margin::deficits(&main_of(ALICE))[0];
		assert_eq!(Margin::socialise(&main_of(ALICE), deficit), Quote::ZERO);
		assert_eq!(market(BTC).book.debt, LOSS);
	});
}

#[test]
fn who_becomes_unhealthy_by_a_loss_on_a_claim_is_found_while_others_still_wait() {
	with_claim(|| {
		trade(BOB, CAROL, ETH, Size(50 * Size::ONE.0), 2_000);
		price(ETH, 1_740);
		next_block();
		// 3,000 are left against 2,610.
		assert_eq!(view(BOB).health, Quote::dollars(390));
		assert_eq!(account(BOB).place, Place::Filed);
		lay_loss();
		next_block();
		assert_eq!(account(BOB).place, Place::Queued);
		assert_eq!(unhealthy(), vec![ALICE, BOB]);
	});
}

#[test]
fn an_account_that_cannot_be_written_is_not_half_settled() {
	with_claim(|| {
		Margin::set_waiting(BTC, Side::Long, false);
		let state = || (account(BOB), market(BTC), Generations::<Test>::iter().collect::<Vec<_>>());
		let (before, cash) = (state(), TotalCash::<Test>::get());
		// The sum of all cash has no room for what the claim comes to.
		TotalCash::<Test>::put(Quote(i128::MIN));
		assert_eq!(Margin::current(&main_of(BOB)).err(), Some(Error::<Test>::Overflow.into()));
		assert_eq!(state(), before);
		TotalCash::<Test>::put(cash);
		assert!(Margin::exposures(&main_of(BOB)).is_empty());
		assert!(!has_claim());
	});
}

#[test]
fn a_claim_after_a_rebasing_waits_too() {
	build(|| {
		let mut wide = params();
		wide.max_open_interest = keel_math::units::SIZE_MAX;
		wide.min_position = Quote(1);
		wide.lot = Size(1);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), ETH, wide));
		price(ETH, 1);
		deposit(ALICE, 300_000);
		deposit(BOB, 900_000);
		deposit(CAROL, 100);
		let much = Size(5_000_000 * Size::ONE.0);
		trade(ALICE, BOB, ETH, much, 1);
		trade(CAROL, BOB, ETH, Size::ONE, 1);
		Margin::set_waiting(ETH, Side::Long, true);
		// Bob is re-based by the first and closed out by the second.
		assert_ok!(Margin::deleverage(&main_of(ALICE), ETH, much));
		assert_ok!(Margin::deleverage(&main_of(CAROL), ETH, Size::ONE));
		assert_eq!(Generations::<Test>::iter().count(), 2);
		next_block();
		// Converted by the block, but not settled.
		assert_eq!(Generations::<Test>::iter().count(), 1);
		assert_eq!(account(BOB).find(ETH).unwrap().1.generation, keel_math::Generation(1));
		deposit(BOB, 100);
		assert!(account(BOB).find(ETH).is_some());
		Margin::set_waiting(ETH, Side::Long, false);
		next_block();
		assert_eq!(Generations::<Test>::iter().count(), 0);
		assert_eq!(account(BOB).place, Place::Idle);
	});
}

#[test]
fn two_bankrupt_accounts_with_claims_on_each_other_do_not_wait_for_each_other() {
	build(|| {
		let other = MarketId(2);
		price(other, 100);
		let name = b"X-PERP".to_vec().try_into().unwrap();
		assert_ok!(Margin::list_market(RuntimeOrigin::root(), feed(other), name, params()));
		for who in [ALICE, BOB, CAROL] {
			deposit(who, 8_000);
		}
		trade(ALICE, BOB, BTC, thousandths(100), 50_000);
		trade(BOB, ALICE, ETH, Size::ONE, 2_000);
		trade(ALICE, CAROL, other, Size(100 * Size::ONE.0), 100);
		trade(BOB, CAROL, other, Size(100 * Size::ONE.0), 100);
		price(other, 10);
		next_block();
		assert!(unhealthy().contains(&ALICE) && unhealthy().contains(&BOB));
		for id in [BTC, ETH, other] {
			Margin::set_waiting(id, Side::Long, true);
		}
		let bankrupt = [main_of(ALICE), main_of(BOB)];
		// Alice's long of bitcoin closes Bob's short out, and Bob's long of ether Alice's.
		assert_ok!(Margin::deleverage(&bankrupt[0], BTC, thousandths(100)));
		assert_ok!(Margin::deleverage(&bankrupt[1], ETH, Size::ONE));
		for who in &bankrupt {
			assert_eq!(Margin::exposures(who).len(), 1);
			assert_ok!(Margin::deleverage(who, other, Size(100 * Size::ONE.0)));
			let deficits = Margin::deficits(who);
			assert!(!deficits.is_empty(), "nothing of it waits");
			for deficit in deficits {
				Margin::socialise(who, deficit);
			}
			assert_ok!(Margin::release(who));
		}
		for id in [BTC, ETH, other] {
			Margin::set_waiting(id, Side::Long, false);
		}
		next_block();
		assert_eq!(Generations::<Test>::iter().count(), 0);
		// 24,000 were there. Carol gained 18,000 and bears what the others could not pay.
		assert_eq!(account(CAROL).cash, Quote::dollars(24_000));
	});
}
