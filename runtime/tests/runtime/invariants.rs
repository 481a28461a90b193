// SPDX-License-Identifier: Apache-2.0
//! The invariants of all pallets, as the runtime puts them together: every block of every test here ends with them.

use super::chain::*;
use frame_support::assert_ok;
use keel_primitives::{Quote, SubAccount};
use keel_runtime::{
	invariants::{self as runtime_invariants, runtime_decl_for_invariants_api::InvariantsApiV1, CHECKS},
	*,
};
use sp_runtime::MultiAddress;

/// Whose invariants do not hold, and which.
pub fn broken() -> Vec<(String, String)> {
	let broken = runtime_invariants::broken().into_iter().map(|broken| (broken.pallet, broken.message));
	#[cfg(feature = "try-runtime")]
	let broken = broken.chain(broken_in_the_sdk());
	broken.collect()
}

/// Pallets of the SDK check theirs only in a build that is made for it.
#[cfg(feature = "try-runtime")]
fn broken_in_the_sdk() -> Option<(String, String)> {
	use frame_support::traits::{TryState, TryStateSelect::All};
	let number = System::block_number();
	let checked = <AllPalletsWithSystem as TryState<BlockNumber>>::try_state(number, All);
	Some(("the SDK".into(), format!("{:?}", checked.err()?)))
}

/// The pallets that have a state to check, as the runtime names them.
fn with_a_check() -> Vec<&'static str> {
	let manifest = include_str!("../../Cargo.toml");
	let mut pallets: Vec<&str> = manifest
		.lines()
		.filter_map(|line| line.trim().strip_prefix('"')?.strip_suffix("/try-runtime\","))
		.filter(|name| name.starts_with("keel-"))
		.collect();
	pallets.sort_unstable();
	pallets
}

#[test]
fn no_pallet_of_ours_is_left_out() {
	assert_eq!(CHECKS.map(|(pallet, _)| pallet).to_vec(), with_a_check());
}

/// Break something of each pallet, and see who says so.
#[test]
fn what_is_broken_in_any_pallet_is_seen_at_the_end_of_the_block() {
	type Corruption = fn();
	let corruptions: [(&str, Corruption); 10] = [
		("keel-change-control", || keel_change_control::ExitWindows::<Runtime>::put(1)),
		("keel-circuit-breaker", || keel_circuit_breaker::NextIncident::<Runtime>::put(9)),
		("keel-emergency", || {
			let nobody = frame_support::BoundedVec::default();
			keel_emergency::Approvals::<Runtime>::insert(keel_emergency::Act::EnterSafeMode, nobody);
		}),
		("keel-faucet", || {
			assert_ok!(send(
				Alice,
				keel_faucet::Call::<Runtime>::drip { who: MultiAddress::Id(Bob.to_account_id()) }
			));
			keel_faucet::Grants::<Runtime>::kill();
		}),
		("keel-insurance-fund", || keel_insurance_fund::Fund::<Runtime>::put(Quote(-1))),
		("keel-liquidation", || {
			keel_liquidation::CurrentParams::<Runtime>::mutate(|params| params.buffer.0 = u64::MAX);
		}),
		("keel-margin", || keel_margin::TotalCash::<Runtime>::put(Quote(1))),
		("keel-oracle", || {
			let nobody = AccountId::from([7; 32]);
			keel_oracle::Reporters::<Runtime>::insert(&nobody, &nobody);
		}),
		("keel-stress-test", || {
			keel_stress_test::Depths::<Runtime>::insert(keel_primitives::MarketId(0), Quote(0))
		}),
		("keel-urgent-calls", || {
			let used = keel_urgent_calls::Used::default();
			keel_urgent_calls::UsedNow::<Runtime>::insert(Alice.to_account_id(), used);
		}),
	];
	for (pallet, corrupt) in corruptions {
		on("dev", || {
			assert_ok!(send(
				Alice,
				keel_faucet::Call::<Runtime>::drip { who: MultiAddress::Id(Alice.to_account_id()) }
			));
			assert_ok!(send(
				Alice,
				keel_margin::Call::<Runtime>::deposit { sub: SubAccount(0), amount: Quote::dollars(100) }
			));
			next_block();
			assert_eq!(broken(), Vec::new());
			let undone: Result<(), sp_runtime::DispatchError> =
				frame_support::storage::with_storage_layer(|| {
					corrupt();
					let found = <Runtime as InvariantsApiV1<Block>>::broken();
					let said = found.iter().find(|broken| broken.pallet == pallet);
					assert!(said.is_some_and(|broken| broken.message.contains(' ')), "{pallet}: {found:?}");
					Err("it is taken back".into())
				});
			assert!(undone.is_err());
		});
	}
}

#[test]
#[should_panic(expected = "invariants are broken in block 1: [(\"keel-margin\"")]
fn a_test_does_not_go_on_with_broken_books() {
	on("dev", || {
		keel_margin::TotalCash::<Runtime>::put(Quote(1));
		next_block();
	});
}
