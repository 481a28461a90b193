// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::Error;
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchResultWithPostInfo, Pays, PostDispatchInfo},
};
use sp_runtime::DispatchError;

fn asked(account: Account) -> DispatchResultWithPostInfo {
	Liquidation::liquidate(RuntimeOrigin::signed(CHARLIE), account)
}

fn liquidate(account: Account) -> Result<PostDispatchInfo, DispatchError> {
	asked(account).map_err(|refused| refused.error)
}

#[test]
fn anyone_may_and_it_is_free_when_it_was_needed() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		let paid = liquidate(alice).unwrap();
		assert_eq!(paid.pays_fee, Pays::No);
		assert_eq!(taken().len(), 1);
	});
}

#[test]
fn fails_while_healthy() {
	run(|| {
		let alice = long(ALICE);
		assert_noop!(liquidate(alice), Error::<Test>::Healthy);
		assert_noop!(liquidate(main_of(BOB)), Error::<Test>::Healthy);
	});
}

#[test]
fn releases_a_queued_account_that_is_healthy_again() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		tell(alice);
		set_mark(BTC, 20_000);
		assert_ok!(liquidate(alice));
		assert!(!is_queued(alice));
		assert_eq!(Margin::size(alice, BTC), Size::ONE);
	});
}

#[test]
fn fails_when_nothing_can_be_taken() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		Margin::halt(BTC);
		assert_noop!(liquidate(alice), Error::<Test>::NothingLiquidatable);

		tell(alice);
		next_block();
		assert_noop!(liquidate(alice), Error::<Test>::NothingLiquidatable);
		Margin::resume(BTC);
		assert_ok!(liquidate(alice));
	});
}

#[test]
fn works_a_bankrupt_account_off_step_by_step() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 17_900);
		assert_ok!(liquidate(alice));
		assert_eq!(covered(), [(BTC, [100, 0, 0, 100, 0].map(dollars))]);
		assert!(is_queued(alice));
		assert_ok!(liquidate(alice));
		assert_noop!(liquidate(alice), Error::<Test>::Healthy);
	});
}

#[test]
fn the_error_of_a_step_is_the_callers_and_changes_nothing() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 17_900);
		tell(alice);
		Margin::inject(Fault::CannotClose(ALICE));
		frame_support::assert_storage_noop!(assert!(frame_support::storage::with_storage_layer(|| {
			liquidate(alice)
		})
		.is_err()));
	});
}

/// Loses more: it comes first.
fn with_a_larger_one(test: impl FnOnce(Account, Account)) {
	run(|| {
		let alice = position(ALICE, BTC, Side::Long, 3, 6_000);
		let bob = long(BOB);
		set_mark(BTC, 17_900);
		test(alice, bob);
	});
}

/// The attack: have one's own account served first, and with it what the fund may pay.
#[test]
fn nobody_has_his_own_account_served_before_larger_losses() {
	with_a_larger_one(|alice, bob| {
		Losses::set_fund(dollars(100));
		tell(alice);
		tell(bob);
		assert_noop!(liquidate(bob), Error::<Test>::NotItsTurn);
		assert_ok!(liquidate(alice));
		assert_eq!(
			covered(),
			[(BTC, [300, 0, 100, 200, 0].map(dollars))],
			"the fund's is for the larger loss"
		);
		assert_ok!(liquidate(alice));
		assert_ok!(liquidate(bob));
	});
}

#[test]
fn who_is_not_in_line_is_put_there_and_waits_for_those_before_it() {
	with_a_larger_one(|alice, bob| {
		tell(alice);
		let done = liquidate(bob).unwrap();
		assert_eq!(done.pays_fee, Pays::No, "it was needed");
		assert!(is_queued(bob) && Margin::size(bob, BTC) == Size::ONE);
		assert!(Margin::is_waiting(BTC, Side::Long), "that it is bankrupt is known");
		assert_noop!(liquidate(bob), Error::<Test>::NotItsTurn);
	});
}

#[test]
fn a_healthy_account_leaves_whoever_waits() {
	with_a_larger_one(|alice, bob| {
		tell(alice);
		tell(bob);
		Margin::deposit(bob, dollars(2_000));
		assert_ok!(liquidate(bob));
		assert!(!is_queued(bob) && is_queued(alice));
	});
}

#[test]
fn a_parked_account_is_put_in_line_once_it_can_be_liquidated_and_no_sooner() {
	with_a_larger_one(|alice, bob| {
		Margin::halt(BTC);
		tell(bob);
		next_block();
		assert_noop!(liquidate(bob), Error::<Test>::NothingLiquidatable);
		tell(alice);
		assert_noop!(liquidate(bob), Error::<Test>::NothingLiquidatable);
		Margin::resume(BTC);
		assert_ok!(liquidate(bob));
		assert_eq!(Margin::size(bob, BTC), Size::ONE, "Alice comes first");
		assert_ok!(liquidate(alice));
	});
}

#[test]
fn only_what_was_done_is_charged() {
	use crate::{asked::largest_call, round::any_step, weights::WeightInfo};
	with_a_larger_one(|alice, bob| {
		let looked = <() as WeightInfo>::liquidate().saturating_add(<() as WeightInfo>::advance());
		let refused = asked(main_of(CHARLIE)).unwrap_err().post_info;
		assert_eq!(refused.actual_weight, Some(looked));
		tell(alice);
		assert_eq!(asked(bob).unwrap().actual_weight, Some(looked));
		assert_eq!(asked(bob).unwrap_err().post_info.actual_weight, Some(looked));
		let stepped = asked(alice).unwrap().actual_weight.unwrap();
		assert_eq!(stepped, looked.saturating_add(any_step::<Test>(1)), "one position, nothing to pay left");
		assert!(stepped.all_lt(largest_call::<Test>()));
	});
}
