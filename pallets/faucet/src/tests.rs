// SPDX-License-Identifier: Apache-2.0
//! Who is given test money, and when nobody is.

use crate::{Error, Event, Grant, LastDrip};
use frame_support::{
	assert_noop, assert_ok, derive_impl,
	traits::{ConstU64, Currency},
};
use sp_runtime::BuildStorage;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Native = pallet_balances<Instance1>;
	#[runtime::pallet_index(2)]
	pub type Collateral = pallet_balances<Instance2>;
	#[runtime::pallet_index(3)]
	pub type Faucet = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = frame_system::mocking::MockBlock<Test>;
	type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config<pallet_balances::Instance1> for Test {
	type AccountStore = System;
	type ExistentialDeposit = ConstU64<1>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config<pallet_balances::Instance2> for Test {
	type AccountStore = frame_support::traits::StorageMapShim<
		pallet_balances::Account<Test, pallet_balances::Instance2>,
		u64,
		pallet_balances::AccountData<u64>,
	>;
	type ExistentialDeposit = ConstU64<1>;
}

impl crate::Config for Test {
	type Native = Native;
	type Collateral = Collateral;
	type WeightInfo = ();
}

pub const GRANT: Grant<u64, u64, u64> = Grant { native: 7, collateral: 900, every: 10 };
const THIRSTY: u64 = 1;
const HELPFUL: u64 = 2;

pub fn chain(grant: Option<Grant<u64, u64, u64>>) -> sp_io::TestExternalities {
	let mut chain: sp_io::TestExternalities =
		RuntimeGenesisConfig { faucet: crate::GenesisConfig { grant }, ..Default::default() }
			.build_storage()
			.expect("genesis is valid")
			.into();
	chain.execute_with(|| System::set_block_number(1));
	chain
}

fn run(grant: Option<Grant<u64, u64, u64>>, test: impl FnOnce()) {
	chain(grant).execute_with(|| {
		test();
		assert_eq!(Faucet::do_try_state(), Ok(()));
	});
}

#[test]
fn gives_both_tokens_to_whom_anyone_names() {
	run(Some(GRANT), || {
		assert_ok!(Faucet::drip(RuntimeOrigin::signed(HELPFUL), THIRSTY));
		assert_eq!((Native::total_balance(&THIRSTY), Collateral::total_balance(&THIRSTY)), (7, 900));
		System::assert_last_event(Event::Dripped { who: THIRSTY, native: 7, collateral: 900 }.into());
	});
}

#[test]
fn gives_again_only_after_the_interval() {
	run(Some(GRANT), || {
		assert_ok!(Faucet::drip(RuntimeOrigin::signed(HELPFUL), THIRSTY));
		System::set_block_number(10);
		assert_noop!(Faucet::drip(RuntimeOrigin::signed(HELPFUL), THIRSTY), Error::<Test>::TooSoon);
		System::set_block_number(11);
		assert_ok!(Faucet::drip(RuntimeOrigin::signed(HELPFUL), THIRSTY));
		assert_eq!(Collateral::total_balance(&THIRSTY), 1_800);
	});
}

#[test]
fn a_chain_without_a_grant_gives_nothing() {
	run(None, || {
		assert_noop!(Faucet::drip(RuntimeOrigin::signed(HELPFUL), THIRSTY), Error::<Test>::Dry);
	});
}

#[test]
fn the_invariant_check_sees_a_drip_without_a_grant() {
	chain(None).execute_with(|| {
		LastDrip::<Test>::insert(THIRSTY, 1);
		assert_eq!(Faucet::do_try_state(), Err("1: a chain without a faucet has dripped".into()));
	});
}
