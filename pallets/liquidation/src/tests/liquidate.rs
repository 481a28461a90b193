// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::Error;
use frame_support::{assert_noop, assert_ok, dispatch::Pays};

fn liquidate(account: Account) -> frame_support::dispatch::DispatchResultWithPostInfo {
	Liquidation::liquidate(RuntimeOrigin::signed(CHARLIE), account)
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
			liquidate(alice).map_err(|error| error.error)
		})
		.is_err()));
	});
}
