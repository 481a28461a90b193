// SPDX-License-Identifier: Apache-2.0
//! USDK belongs to governance, and nobody can freeze or burn it.

use codec::Compact;
use frame_support::assert_ok;
use sp_runtime::{DispatchError, MultiAddress};

use super::chain::*;
use keel_runtime::{configs::assets::UsdkIssuer, constants::USDK, *};

type Assets_ = pallet_assets::Call<Runtime>;

fn as_issuer(call: Assets_) -> sp_runtime::DispatchResult {
	// What a referendum would run.
	let call = pallet_utility::Call::<Runtime>::dispatch_as {
		as_origin: Box::new(OriginCaller::system(frame_system::RawOrigin::Signed(UsdkIssuer::get()))),
		call: Box::new(call.into()),
	};
	let seen = System::event_count();
	assert_ok!(sp_runtime::traits::Dispatchable::dispatch(
		RuntimeCall::from(call),
		frame_system::RawOrigin::Root.into()
	));
	System::read_events_no_consensus()
		.skip(seen as usize)
		.find_map(|record| match record.event {
			RuntimeEvent::Utility(pallet_utility::Event::DispatchedAs { result }) => Some(result),
			_ => None,
		})
		.expect("utility tells the result")
}

fn dangers() -> Vec<Assets_> {
	let id = || Compact(USDK);
	let victim = || MultiAddress::Id(Bob.to_account_id());
	vec![
		Assets_::freeze { id: id(), who: victim() },
		Assets_::block { id: id(), who: victim() },
		Assets_::freeze_asset { id: id() },
		Assets_::burn { id: id(), who: victim(), amount: 1 },
		Assets_::force_transfer { id: id(), source: victim(), dest: victim(), amount: 1 },
		Assets_::start_destroy { id: id() },
		Assets_::set_team { id: id(), issuer: victim(), admin: victim(), freezer: victim() },
		Assets_::transfer_ownership { id: id(), owner: victim() },
		Assets_::set_min_balance { id: id(), min_balance: 1 },
	]
}

#[test]
fn governance_mints() {
	on("dev", || {
		let before = Assets::balance(USDK, Bob.to_account_id());
		let beneficiary = MultiAddress::Id(Bob.to_account_id());
		assert_ok!(as_issuer(Assets_::mint { id: Compact(USDK), beneficiary, amount: 5 }));
		assert_eq!(Assets::balance(USDK, Bob.to_account_id()), before + 5);
	});
}

#[test]
fn no_account_freezes_or_burns_directly_or_wrapped() {
	on("dev", || {
		for call in dangers() {
			let filtered = Err(frame_system::Error::<Runtime>::CallFiltered.into());
			assert_eq!(send(Alice, call.clone()), filtered, "{call:?}");
			let batch = pallet_utility::Call::<Runtime>::batch_all { calls: vec![call.clone().into()] };
			assert_eq!(send(Alice, batch), filtered, "{call:?}");
			// A scheduled call of a body is filtered when it runs, as is a motion.
			assert_eq!(motion::<pallet_collective::Instance1>(Alice, call.clone()), filtered, "{call:?}");
		}
	});
}

#[test]
fn root_cannot_change_the_roles_that_could() {
	on("dev", || {
		let call = Assets_::force_asset_status {
			id: Compact(USDK),
			owner: MultiAddress::Id(Bob.to_account_id()),
			issuer: MultiAddress::Id(Bob.to_account_id()),
			admin: MultiAddress::Id(Bob.to_account_id()),
			freezer: MultiAddress::Id(Bob.to_account_id()),
			min_balance: 1,
			is_sufficient: true,
			is_frozen: true,
		};
		let result = sp_runtime::traits::Dispatchable::dispatch(
			RuntimeCall::from(call),
			frame_system::RawOrigin::Root.into(),
		);
		assert_eq!(result.map(|_| ()).map_err(|e| e.error), Err(DispatchError::BadOrigin));
	});
}
