// SPDX-License-Identifier: Apache-2.0
//! Order, weights and constants that the design fixes.

use frame_support::{
	dispatch::DispatchClass,
	traits::{PalletInfoAccess, PalletsInfoAccess},
};
use sp_runtime::Perbill;

use super::chain::*;
use keel_runtime::{configs::system::Weights, constants::*, *};

/// Pallets by index: the order in which their hooks run.
fn hook_order() -> Vec<&'static str> {
	let mut pallets = AllPalletsWithSystem::infos();
	pallets.sort_by_key(|pallet| pallet.index);
	pallets.iter().map(|pallet| pallet.name).collect()
}

#[test]
fn hooks_run_in_the_order_of_the_design() {
	let order = hook_order();
	// G2: a heavy pallet before the scheduler would starve it, and an approved call would be dropped.
	assert_eq!(order[..3], ["System", "Timestamp", "Scheduler"]);
	let place = |name: &str| order.iter().position(|pallet| *pallet == name);
	let exchange = ["Scheduler", "Oracle", "CircuitBreaker", "Margin", "Liquidation"];
	let places: Vec<usize> = exchange.iter().filter_map(|name| place(name)).collect();
	assert!(places.len() == exchange.len() && places.is_sorted(), "{order:?}");
	// G1: democracy takes all the weight that is left.
	assert_eq!(order.last(), Some(&"Democracy"));
	assert_eq!(order[order.len() - 2], "ChangeControl");
}

#[test]
fn pallets_really_run_by_index() {
	// The control: the order that hooks use is the order of this tuple.
	let declared: Vec<usize> = AllPalletsWithSystem::infos().iter().map(|pallet| pallet.index).collect();
	assert!(declared.is_sorted(), "{declared:?}");
	assert_eq!(Democracy::index(), 63);
}

#[test]
fn hooks_get_at_most_half_a_block() {
	let total = hooks::ALL.iter().fold(Perbill::zero(), |total, (_, share)| {
		assert!(Perbill::one() - total >= *share);
		total + *share
	});
	assert!(total <= Perbill::from_percent(50), "{total:?}");
}

#[test]
fn a_block_is_a_second_and_keeps_a_quarter_for_operational_calls() {
	let weights = Weights::get();
	assert_eq!(weights.max_block.ref_time(), 1_000_000_000_000);
	assert_eq!(weights.get(DispatchClass::Normal).max_total.unwrap().ref_time(), 750_000_000_000);
	assert_eq!(weights.get(DispatchClass::Operational).reserved.unwrap().ref_time(), 250_000_000_000);
}

#[test]
fn the_clock_of_a_block_is_its_slot_also_before_the_inherent() {
	on("dev", || {
		let now = Timestamp::get();
		assert_eq!(configs::system::SlotClock::get(), now);
		next_block();
		assert_eq!(configs::system::SlotClock::get(), now + time::SLOT_MS);
	});
}

#[test]
fn names_that_apps_depends_on_are_exact() {
	let order = hook_order();
	for name in [
		"Democracy",
		"Council",
		"TechnicalCommittee",
		"Preimage",
		"Scheduler",
		"Utility",
		"Session",
		"Treasury",
		"Identity",
		"Proxy",
		"Multisig",
		"Grandpa",
		"Timestamp",
		"Balances",
		"Assets",
	] {
		assert!(order.contains(&name), "{name}");
	}
	for avoided in ["Sudo", "Staking", "VoterList", "BagsList", "Membership", "Auctions"] {
		assert!(!order.contains(&avoided), "{avoided}");
	}
}

#[test]
fn the_metadata_hash_is_built_for_our_token() {
	let build = include_str!("../../build.rs");
	let expected = format!("enable_metadata_hash(\"{}\", {})", currency::SYMBOL, currency::DECIMALS);
	assert!(build.contains(&expected), "{expected}");
}
