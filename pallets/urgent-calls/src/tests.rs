// SPDX-License-Identifier: Apache-2.0
//! Who uses the room and how often, and that nothing is left of it.

use crate::{mock::*, *};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchInfo, GetDispatchInfo},
	pallet_prelude::TransactionSource,
	traits::Hooks,
};
use sp_runtime::{
	traits::{DispatchTransaction, TransactionExtension},
	transaction_validity::{InvalidTransaction, TransactionValidityError},
};

type Extension = CheckUrgency<Test>;

/// A transaction of `who` comes into the block: the extension says so before the call is made.
fn comes(who: u64, call: &RuntimeCall) -> Result<(), TransactionValidityError> {
	let origin = frame_system::RawOrigin::Signed(who).into();
	let info = call.get_dispatch_info();
	Extension::new().validate_and_prepare(origin, call, &info, 0, 0).map(|_| ())
}

fn refused(refusal: Refusal) -> TransactionValidityError {
	refusal.into()
}

fn waits() -> TransactionValidityError {
	InvalidTransaction::ExhaustsResources.into()
}

#[test]
fn an_account_uses_the_room_as_often_as_its_kind_allows_in_a_block() {
	chain().execute_with(|| {
		for kind in Kind::ALL {
			for _ in 0..kind.allowance() {
				assert_ok!(comes(1, &one(kind)));
			}
			assert_noop!(comes(1, &one(kind)), waits());
		}
		// One account does not use up another's.
		assert_ok!(comes(2, &one(Kind::AddMargin)));
		UrgentCalls::on_finalize(1);
		assert_ok!(comes(1, &one(Kind::AddMargin)));
	});
}

#[test]
fn whoever_may_not_is_refused_and_uses_nothing() {
	chain().execute_with(|| {
		assert_noop!(comes(STRANGER, &one(Kind::Stop)), refused(Refusal::NoSeat));
		let unknown = frame_system::Call::set_storage { items: vec![] }.into();
		assert_noop!(comes(1, &unknown), refused(Refusal::NotByAccounts));
		assert_eq!(UsedNow::<Test>::iter().count(), 0);
	});
}

#[test]
fn calls_in_a_batch_count_one_by_one() {
	chain().execute_with(|| {
		// No block would ever take it: it is told so, and does not wait.
		assert_noop!(comes(1, &batch(2)), refused(Refusal::TooMany));
		assert_ok!(comes(1, &batch(1)));
		assert_noop!(comes(1, &batch(1)), waits());
		assert_ok!(comes(1, &batch(0)));
	});
}

#[test]
fn who_acts_for_somebody_counts_for_both() {
	chain().execute_with(|| {
		assert_ok!(comes(1, &proxied()));
		assert_noop!(comes(PRINCIPAL, &one(Kind::AddMargin)), waits());
		assert_noop!(comes(2, &proxied()), waits());
		// Nothing was noted for the second: neither for him nor for the other.
		assert_ok!(comes(2, &one(Kind::AddMargin)));
		assert_noop!(comes(1, &one(Kind::AddMargin)), waits());
	});
}

#[test]
fn what_is_not_urgent_or_not_signed_is_none_of_its_business() {
	chain().execute_with(|| {
		for _ in 0..10 {
			assert_ok!(comes(STRANGER, &ordinary()));
		}
		let origin = frame_system::RawOrigin::Root.into();
		let call = one(Kind::Stop);
		let info = call.get_dispatch_info();
		let source = TransactionSource::External;
		let valid = Extension::new().validate_only(origin, &call, &info, 0, source, 0);
		assert!(valid.is_ok());
		assert_eq!(UsedNow::<Test>::iter().count(), 0);
	});
}

#[test]
fn it_costs_nothing_where_nothing_is_urgent_and_as_much_as_it_looks_at_elsewhere() {
	let weight = |call: &RuntimeCall| Extension::new().weight(call);
	let unit = <() as WeightInfo>::urgent_call();
	assert_eq!(weight(&ordinary()), frame_support::weights::Weight::zero());
	assert_eq!(weight(&one(Kind::Vote)), unit);
	assert_eq!(weight(&batch(9)), unit.saturating_mul(9));
	// What is charged is in the information about a transaction.
	let DispatchInfo { class, .. } = ordinary().get_dispatch_info();
	assert_eq!(class, frame_support::dispatch::DispatchClass::Normal);
}

#[test]
fn what_was_used_is_forgotten_with_the_block_and_the_invariants_see_what_is_not() {
	chain().execute_with(|| {
		assert_ok!(UrgentCalls::do_try_state());
		for who in 0..50 {
			assert_ok!(comes(who, &one(Kind::AddMargin)));
		}
		assert_eq!(UrgentCalls::do_try_state(), Err("what was used in a block outlives it".into()));
		UrgentCalls::on_finalize(1);
		assert_ok!(UrgentCalls::do_try_state());
	});
}

#[test]
fn it_carries_nothing_that_a_wallet_would_have_to_know() {
	use codec::Encode;
	assert_eq!(Extension::new().encode(), Vec::<u8>::new());
	assert_eq!(Extension::new().implicit().map(|implicit| implicit.encode()), Ok(Vec::new()));
}

#[test]
fn each_refusal_has_a_code_of_its_own() {
	let mut codes: Vec<_> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
	for refusal in Refusal::ALL {
		assert_eq!(refused(refusal), InvalidTransaction::Custom(refusal.code()).into());
	}
	codes.dedup();
	assert_eq!(codes.len(), Refusal::ALL.len());
}
