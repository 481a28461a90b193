// SPDX-License-Identifier: Apache-2.0
//! The presets, and one Wasm for all timings.

use keel_change_control::periods::*;

use super::chain::*;
use keel_runtime::{constants::time::DAYS, constants::USDK, *};

#[test]
fn every_preset_builds_and_its_chain_runs() {
	for preset in ["dev", "local"] {
		on(preset, || {
			to_block(30);
		});
	}
}

#[test]
fn the_timetable_comes_from_genesis() {
	for (preset, vote, timelock) in [("dev", 60, 10), ("local", 60, 10)] {
		on(preset, || {
			assert_eq!(VotingPeriod::<Runtime>::get(), vote, "{preset}");
			assert_eq!(<Runtime as pallet_democracy::Config>::EnactmentPeriod::get(), timelock, "{preset}");
		});
	}
	let config: RuntimeGenesisConfig = serde_json::from_value(config("production")).unwrap();
	let mut chain: sp_io::TestExternalities =
		sp_runtime::BuildStorage::build_storage(&config).unwrap().into();
	chain.execute_with(|| {
		assert_eq!(VotingPeriod::<Runtime>::get(), 7 * DAYS);
		assert_eq!(EnactmentPeriod::<Runtime>::get(), 7 * DAYS);
	});
}

#[test]
fn clients_read_the_timetable_as_constants() {
	use codec::Decode;
	use frame_support::__private::metadata::{RuntimeMetadata, RuntimeMetadataPrefixed};
	on("dev", || {
		let encoded = Runtime::metadata_at_version(15).expect("version 15 is served").to_vec();
		let metadata = RuntimeMetadataPrefixed::decode(&mut &encoded[..]).expect("it decodes");
		let RuntimeMetadata::V15(metadata) = metadata.1 else { panic!("it is not version 15") };
		let democracy = metadata.pallets.iter().find(|pallet| pallet.name == "Democracy").unwrap();
		let constant = |name: &str| {
			let constant = democracy.constants.iter().find(|constant| constant.name == name).unwrap();
			BlockNumber::decode(&mut &constant.value[..]).unwrap()
		};
		assert_eq!(constant("VotingPeriod"), 60);
		assert_eq!(constant("LaunchPeriod"), 150);
		assert_eq!(constant("EnactmentPeriod"), 10);
		assert_eq!(constant("VoteLockingPeriod"), 60);
		assert_eq!(constant("FastTrackVotingPeriod"), 30);
		assert_eq!(constant("CooloffPeriod"), 60);
	});
}

#[test]
fn only_development_chains_have_a_faucet() {
	use sp_runtime::MultiAddress;
	let drip = || keel_faucet::Call::drip { who: MultiAddress::Id(Bob.to_account_id()) };
	on("dev", || {
		let before = Assets::balance(USDK, Bob.to_account_id());
		assert_eq!(send(Alice, drip()), Ok(()));
		assert_eq!(Assets::balance(USDK, Bob.to_account_id()), before + 1_000_000_000_000);
	});
	let mut dry = config("dev");
	dry["faucet"]["grant"] = serde_json::Value::Null;
	on_genesis(dry, || {
		assert_eq!(send(Alice, drip()), Err(keel_faucet::Error::<Runtime>::Dry.into()));
	});
	assert!(config("production")["faucet"]["grant"].is_null());
}

#[test]
fn production_has_no_accounts_of_its_own() {
	let config = config("production");
	for list in [
		"/balances/balances",
		"/assets/accounts",
		"/session/keys",
		"/council/members",
		"/technicalCommittee/members",
		"/riskCommittee/members",
		"/securityCouncil/members",
		"/validatorMembership/members",
	] {
		assert!(config.pointer(list).unwrap().as_array().unwrap().is_empty(), "{list}");
	}
}

#[test]
fn no_preset_has_sudo_and_every_dev_body_is_alice() {
	on("dev", || {
		let alice = vec![Alice.to_account_id()];
		assert_eq!(pallet_collective::Members::<Runtime, pallet_collective::Instance1>::get(), alice);
		assert_eq!(pallet_collective::Members::<Runtime, pallet_collective::Instance2>::get(), alice);
		assert_eq!(pallet_collective::Members::<Runtime, pallet_collective::Instance3>::get(), alice);
		assert_eq!(pallet_collective::Members::<Runtime, pallet_collective::Instance4>::get(), alice);
	});
	assert_eq!(call_names("Sudo"), None);
}
