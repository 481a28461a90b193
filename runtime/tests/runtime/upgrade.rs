// SPDX-License-Identifier: Apache-2.0
//! New code: authorised by referendum as a hash, brought by anybody.

use frame_support::assert_ok;
use sp_runtime::traits::Hash as _;

use super::{chain::*, governance::through_the_council};
use keel_runtime::*;

fn authorise(code: &[u8]) -> RuntimeCall {
	let code_hash = <Runtime as frame_system::Config>::Hashing::hash(code);
	frame_system::Call::<Runtime>::authorize_upgrade { code_hash }.into()
}

fn apply(code: &[u8]) -> frame_system::Call<Runtime> {
	frame_system::Call::apply_authorized_upgrade { code: code.to_vec() }
}

fn rejected() -> bool {
	events().iter().any(|event| {
		matches!(event, RuntimeEvent::System(frame_system::Event::RejectedInvalidAuthorizedUpgrade { .. }))
	})
}

#[test]
fn nothing_is_applied_before_it_is_authorised() {
	on("dev", || {
		let nothing = Err(frame_system::Error::<Runtime>::NothingAuthorized.into());
		assert_eq!(answer(Eve, apply(b"code")), nothing);
	});
}

#[test]
fn other_code_than_the_authorised_is_refused() {
	on("dev", || {
		to_block(through_the_council(authorise(b"authorised")));
		assert_eq!(answer(Eve, apply(b"other")), Err(frame_system::Error::<Runtime>::Unauthorized.into()));
		assert!(frame_system::Pallet::<Runtime>::authorized_upgrade().is_some());
	});
}

#[test]
fn authorised_code_that_is_no_runtime_is_rejected_with_an_event_although_the_call_succeeds() {
	on("dev", || {
		to_block(through_the_council(authorise(b"text, not Wasm")));
		assert_ok!(send(Eve, apply(b"text, not Wasm")));
		assert!(rejected(), "clients must look for the event");
		assert!(frame_system::Pallet::<Runtime>::authorized_upgrade().is_none(), "and it is used up");
	});
}
