// SPDX-License-Identifier: Apache-2.0
//! Validators join and leave by vote, and rotate their keys.

use frame_support::assert_ok;
use keel_change_control::periods::SessionPeriod;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::MultiAddress;

use super::{chain::*, governance::through_the_council};
use keel_runtime::*;

fn keys(aura: Sr25519Keyring, grandpa: Ed25519Keyring) -> SessionKeys {
	SessionKeys { aura: aura.public().into(), grandpa: grandpa.public().into() }
}

/// Proof that whoever sets keys has them.
fn proof(owner: Sr25519Keyring, aura: Sr25519Keyring, grandpa: Ed25519Keyring) -> Vec<u8> {
	use codec::Encode;
	let statement = sp_core::proof_of_possession::statement_of_ownership(&owner.to_account_id().encode());
	(aura.sign(&statement), grandpa.sign(&statement)).encode()
}

fn set_keys(
	owner: Sr25519Keyring,
	aura: Sr25519Keyring,
	grandpa: Ed25519Keyring,
) -> pallet_session::Call<Runtime> {
	pallet_session::Call::set_keys { keys: keys(aura, grandpa), proof: proof(owner, aura, grandpa) }
}

/// Until a change made now is in force: this session and the next must end.
fn pass_two_sessions() {
	let session = SessionPeriod::<Runtime>::get();
	let now = System::block_number();
	to_block((now / session + 2) * session + 1);
}

#[test]
fn a_validator_joins_by_vote_once_it_has_keys() {
	on("dev", || {
		let add =
			pallet_membership::Call::<Runtime>::add_member { who: MultiAddress::Id(Bob.to_account_id()) };
		to_block(through_the_council(add.into()));
		pass_two_sessions();
		assert_eq!(Session::validators(), vec![Alice.to_account_id()], "a member without keys waits");
		assert_ok!(send(Bob, set_keys(Bob, Bob, Ed25519Keyring::Bob)));
		pass_two_sessions();
		let validators = Session::validators();
		assert!(validators.contains(&Bob.to_account_id()), "{validators:?}");
		assert_eq!(Grandpa::grandpa_authorities().len(), 2);
		assert_eq!(pallet_aura::Authorities::<Runtime>::get().len(), 2);
	});
}

#[test]
fn the_finality_set_changes_only_with_the_validators_or_their_keys() {
	on("local", || {
		let set = pallet_grandpa::CurrentSetId::<Runtime>::get;
		pass_two_sessions();
		pass_two_sessions();
		assert_eq!(set(), 0, "nothing has changed");
		assert_ok!(send(Alice, set_keys(Alice, Eve, Ed25519Keyring::Ferdie)));
		pass_two_sessions();
		assert_eq!(set(), 1, "a key has");
	});
}

#[test]
fn a_validator_leaves_by_vote() {
	on("local", || {
		assert_eq!(Session::validators().len(), 4);
		assert_ok!(ValidatorMembership::remove_member(
			frame_system::RawOrigin::Root.into(),
			MultiAddress::Id(Dave.to_account_id())
		));
		pass_two_sessions();
		assert_eq!(Session::validators().len(), 3);
	});
}

#[test]
fn the_last_validator_cannot_be_lost() {
	on("dev", || {
		assert_ok!(ValidatorMembership::remove_member(
			frame_system::RawOrigin::Root.into(),
			MultiAddress::Id(Alice.to_account_id())
		));
		pass_two_sessions();
		assert_eq!(Session::validators(), vec![Alice.to_account_id()]);
	});
}

#[test]
fn a_chain_goes_on_with_the_keys_it_has_when_all_validators_take_theirs_back() {
	on("dev", || {
		assert_ok!(send(Alice, pallet_session::Call::<Runtime>::purge_keys {}));
		pass_two_sessions();
		pass_two_sessions();
		let authors = pallet_aura::Authorities::<Runtime>::get();
		assert_eq!(authors.to_vec(), vec![Alice.public().into()], "blocks are made");
		assert_eq!(Grandpa::grandpa_authorities().len(), 1, "and made final");
		// Whoever is a member comes back by setting keys.
		assert_ok!(send(Alice, set_keys(Alice, Eve, Ed25519Keyring::Eve)));
		pass_two_sessions();
		assert_eq!(Session::validators(), vec![Alice.to_account_id()]);
		let authors = pallet_aura::Authorities::<Runtime>::get();
		assert_eq!(authors.to_vec(), vec![Eve.public().into()]);
	});
	on("local", || {
		for validator in [Bob, Charlie, Dave] {
			assert_ok!(send(validator, pallet_session::Call::<Runtime>::purge_keys {}));
		}
		pass_two_sessions();
		assert_eq!(Session::validators(), vec![Alice.to_account_id()]);
		assert_eq!(Grandpa::grandpa_authorities().len(), 1);
	});
}

#[test]
fn keys_are_rotated_by_setting_them_again() {
	on("dev", || {
		assert_ok!(send(Alice, set_keys(Alice, Charlie, Ed25519Keyring::Charlie)));
		pass_two_sessions();
		let aura = pallet_aura::Authorities::<Runtime>::get();
		assert_eq!(aura.to_vec(), vec![Charlie.public().into()]);
	});
}

#[test]
fn keys_without_a_proof_of_possession_are_refused() {
	on("dev", || {
		let call =
			pallet_session::Call::<Runtime>::set_keys { keys: keys(Bob, Ed25519Keyring::Bob), proof: vec![] };
		assert!(send(Bob, call).is_err());
	});
}
