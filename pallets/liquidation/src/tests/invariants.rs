// SPDX-License-Identifier: Apache-2.0
//! Negative controls: each check sees the smallest thing it is there to see.

use super::*;
use crate::{
	invariants::do_try_state, BankruptCount, CurrentParams, Entry, MarketReceipts, Parked, ParkedCount,
	Place, Queue, Rank,
};
use keel_primitives::Ratio;

/// A world with one account in line, one parked, one resolved; `corrupt` breaks it, and the check must
/// say `complaint`.
fn assert_seen(complaint: &'static str, corrupt: impl FnOnce()) {
	world().execute_with(|| {
		let [alice, bob] = [long(ALICE), long(BOB)];
		let charlie = position(CHARLIE, ETH, Side::Long, 10, 1_000);
		set_mark(BTC, 17_900);
		set_mark(ETH, 890);
		tell(alice);
		next_block();
		Margin::halt(ETH);
		tell(charlie);
		next_block();
		tell(bob);
		do_try_state::<Test>().unwrap();

		corrupt();
		assert_eq!(do_try_state::<Test>(), Err(complaint.into()));
	});
}

#[test]
fn an_account_lost_from_the_queue_is_seen() {
	assert_seen("an account in line is not in the queue", || {
		let key = Queue::<Test>::iter_keys().next().unwrap();
		Queue::<Test>::remove(key);
	});
}

#[test]
fn a_second_place_in_the_queue_is_seen() {
	assert_seen("the queue has a key of nobody", || {
		Queue::<Test>::insert((Rank::first(), main_of(BOB)), ());
	});
}

#[test]
fn an_account_lost_from_parking_is_seen() {
	assert_seen("a parked account is not parked", || Parked::<Test>::remove(ETH, main_of(CHARLIE)));
}

#[test]
fn a_stranger_in_parking_is_seen() {
	assert_seen("nobody is parked there", || Parked::<Test>::insert(BTC, main_of(9), ()));
}

#[test]
fn a_wrong_count_of_parked_accounts_is_seen() {
	assert_seen("parked accounts are miscounted", || ParkedCount::<Test>::insert(BTC, 1));
}

#[test]
fn a_wrong_count_of_bankrupt_accounts_is_seen() {
	assert_seen("bankrupt accounts are miscounted", || {
		BankruptCount::<Test>::mutate((BTC, Side::Long), |count| *count = Some(2));
	});
}

#[test]
fn a_forgotten_bankrupt_account_is_seen() {
	assert_seen("bankrupt accounts are miscounted", || {
		Entries::<Test>::mutate_extant(main_of(BOB), |Entry { place, bankrupt_in, .. }| {
			assert!(matches!(place, Place::InLine(_)));
			bankrupt_in.clear();
		});
	});
}

#[test]
fn a_receipt_that_misses_a_unit_is_seen() {
	assert_seen("receipts do not sum to the loss", || {
		MarketReceipts::<Test>::mutate(BTC, |receipts| receipts.socialised.0 -= 1);
	});
}

#[test]
fn receipts_that_only_cancel_out_are_seen() {
	assert_seen("receipts do not sum to the loss", || {
		MarketReceipts::<Test>::mutate(BTC, |receipts| {
			receipts.socialised.0 += receipts.fund.0 + 1;
			receipts.fund.0 = -1;
		});
	});
}

#[test]
fn invalid_parameters_are_seen() {
	assert_seen("the parameters are invalid", || {
		CurrentParams::<Test>::mutate(|params| params.buffer = Ratio(u64::MAX));
	});
}

#[test]
fn a_penalty_beyond_an_envelope_is_seen() {
	assert_seen("liquidation takes more than an envelope leaves room for", || {
		Margin::set_worst_fee(Ratio::basis_points(124));
	});
}

#[test]
fn an_advance_of_nothing_is_seen() {
	assert_seen("nothing is to be paid back", || {
		Entries::<Test>::mutate_extant(main_of(BOB), |entry| {
			entry.advanced.try_push(advance(Quote::ZERO)).unwrap();
		});
	});
}

fn advance(loss: Quote) -> crate::Advance {
	let paid = crate::Receipts { loss, tranche: Quote::ZERO, ..Default::default() };
	crate::Advance { market: BTC, side: Side::Long, paid }
}

#[test]
fn an_advance_that_nobody_paid_is_seen() {
	assert_seen("what is to be paid back is not what was paid", || {
		Entries::<Test>::mutate_extant(main_of(BOB), |entry| {
			entry.advanced.try_push(advance(dollars(1))).unwrap();
		});
	});
}
