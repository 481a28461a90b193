// SPDX-License-Identifier: Apache-2.0
//! Each invariant can fail: corrupt what it watches, and see it caught.

use crate::{mock::*, *};
use keel_math::{Generation, Level, TierIndex, Units, I256};
use keel_primitives::*;

fn caught(corrupt: impl FnOnce(), message: &'static str) {
	build_without_check(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		check();
		corrupt();
		let error = Margin::do_try_state().expect_err("the corruption went unnoticed");
		assert_eq!(error, sp_runtime::DispatchError::Other(message));
	});
}

fn change_market(change: impl FnOnce(&mut Market)) {
	Markets::<Test>::mutate_extant(BTC, change);
}

fn change_account(change: impl FnOnce(&mut Account<Test>)) {
	Accounts::<Test>::mutate(ALICE, SubAccount(0), change);
}

#[test]
fn sees_dollars_that_are_not_owed() {
	caught(|| change_market(|m| m.book.dust = I256::from(1_i128)), "paid in is not what is owed");
}

#[test]
fn sees_size_that_nobody_holds() {
	caught(
		|| change_market(|m| m.book.sink = I256::from(1_i128)),
		"longs and house do not own what shorts owe",
	);
}

#[test]
fn sees_claims_of_generations_that_are_not_there() {
	caught(
		|| {
			change_market(|m| {
				m.book.unsettled = I256::from(5_i128);
				m.book.dust = m.book.dust.minus(I256::from(5_i128)).unwrap();
			})
		},
		"ended generations own something else",
	);
}

#[test]
fn sees_cash_from_nowhere() {
	caught(|| change_account(|a| a.cash.0 += 1), "the sum of cash is another");
}

#[test]
fn sees_claims_above_custody() {
	caught(|| world(|world| world.other_claims = Quote(1)), "claims are not what custody counted and holds");
}

#[test]
fn sees_custody_that_does_not_hold_what_it_counts() {
	caught(
		|| {
			let spent = Usdk::transfer_allow_death(signed(Margin::custody_account()), BOB, 1);
			assert!(spent.is_ok());
		},
		"claims are not what custody counted and holds",
	);
}

#[test]
fn sees_a_key_that_is_not_on_file() {
	caught(|| change_account(|a| a.positions[0].key = Some(Level(7))), "a key is not on file");
}

#[test]
fn sees_a_key_that_belongs_to_nobody() {
	caught(
		|| {
			Triggers::<Test>::insert(
				(BTC, Side::Long, TierIndex::FIRST, Generation(0), [7; 16], main_of(CAROL)),
				(),
			)
		},
		"a key that belongs to nobody",
	);
}

#[test]
fn sees_a_corner_below_its_reserve() {
	caught(|| change_account(|a| a.warning = Some(Quote::dollars(9_000))), "a corner is below its reserve");
}

#[test]
fn sees_an_account_in_two_places() {
	caught(|| change_account(|a| a.place = Place::Queued), "a queued account has a key");
	caught(|| change_account(|a| a.place = Place::Idle), "an idle account has a position");
}

#[test]
fn sees_a_wrong_head() {
	caught(|| change_market(|m| m.long.heads = Default::default()), "the first key of a ladder is another");
}

#[test]
fn sees_units_that_nobody_holds() {
	caught(
		|| {
			// Both sides at once, so that sizes still match.
			change_market(|m| {
				m.book.long.units = Units(m.book.long.units.0 + 1);
				m.book.short.units = Units(m.book.short.units.0 + 1);
			})
		},
		"units are not those of positions",
	);
}

#[test]
fn sees_an_offer_that_is_not_counted() {
	caught(|| change_account(|a| a.offers = 1), "an account counts other offers");
}

#[test]
fn sees_a_withdrawal_that_is_not_marked() {
	caught(
		|| LeavingBounds::<Test>::mutate(|bounds| bounds.next += 1),
		"the queue of withdrawals is out of order",
	);
}

#[test]
fn sees_a_withdrawal_that_is_not_counted_for_its_owner() {
	caught(|| LeavingCount::<Test>::insert(BOB, 1), "an owner counts other withdrawals");
}

#[test]
fn sees_rules_that_do_not_fit_together() {
	caught(|| change_market(|m| m.params.tick = Price::ZERO), "a market's rules do not fit together");
}
