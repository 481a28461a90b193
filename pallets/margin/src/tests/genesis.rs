// SPDX-License-Identifier: Apache-2.0
//! Accounts and markets that are there from the start.

use crate::{mock::*, pallet as keel_margin, *};
use keel_primitives::*;
use sp_runtime::BuildStorage;

fn endowed(owner: AccountId, sub: u8, cash: Quote) -> GenesisAccount<AccountId> {
	GenesisAccount { account: MarginAccount::new(owner, SubAccount(sub)), cash }
}

/// A chain whose collateral has put `held` dollars into custody.
fn genesis(held: u32, accounts: Vec<GenesisAccount<AccountId>>, test: impl FnOnce()) {
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: vec![(Margin::custody_account(), u128::from(held) * 1_000_000)],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	let markets = vec![GenesisMarket { feed: feed(BTC), name: "BTC-PERP".into(), params: params() }];
	keel_margin::GenesisConfig::<Test> { markets, accounts, ..Default::default() }
		.assimilate_storage(&mut storage)
		.unwrap();
	sp_io::TestExternalities::new(storage).execute_with(test);
}

#[test]
fn cash_of_the_genesis_state_is_counted_and_in_custody() {
	let accounts = vec![
		endowed(ALICE, 0, Quote::dollars(700)),
		endowed(BOB, 3, Quote::dollars(300)),
		// The same account twice: it has both.
		endowed(BOB, 3, Quote(1)),
		endowed(CAROL, 0, Quote::ZERO),
	];
	genesis(1_001, accounts, || {
		check();
		let cash = |owner, sub| Accounts::<Test>::get(owner, SubAccount(sub)).cash;
		assert_eq!(cash(ALICE, 0), Quote::dollars(700));
		assert_eq!(cash(BOB, 3), Quote(300_000_001));
		assert!(!Accounts::<Test>::contains_key(CAROL, SubAccount(0)), "nothing is not remembered");
		assert_eq!(TotalCash::<Test>::get(), Quote(1_000_000_001));
		assert_eq!(Custodied::<Test>::get(), Quote(1_000_000_001));
		assert_eq!(market(BTC).name.to_vec(), b"BTC-PERP");
	});
}

#[test]
fn cash_that_the_collateral_does_not_hold_is_seen() {
	genesis(999, vec![endowed(ALICE, 0, Quote::dollars(1_000))], || {
		assert!(!Margin::conservation().1);
		assert!(Margin::do_try_state().is_err());
	});
}

#[test]
#[should_panic(expected = "of the genesis state")]
fn a_debt_is_no_genesis_state() {
	genesis(1_000, vec![endowed(ALICE, 0, Quote(-1))], || {});
}

#[test]
#[should_panic(expected = "of the genesis state")]
fn cash_beyond_all_amounts_is_no_genesis_state() {
	genesis(1_000, vec![endowed(ALICE, 0, Quote(i128::MAX)), endowed(BOB, 0, Quote(1))], || {});
}

#[test]
#[should_panic(expected = "market BTC-PERPETUAL-FUTURE of the genesis state")]
fn a_market_whose_name_is_too_long_is_no_genesis_state() {
	let market = GenesisMarket { feed: feed(BTC), name: "BTC-PERPETUAL-FUTURE".into(), params: params() };
	let config =
		keel_margin::GenesisConfig::<Test> { markets: vec![market], accounts: vec![], ..Default::default() };
	let _ = config.build_storage();
}
