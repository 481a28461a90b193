// SPDX-License-Identifier: Apache-2.0
//! What is measured: every call and every unit of a hook of our pallets. The SDK's pallets come with weights
//! of their own.
//!
//! `scripts/weights` measures, and writes `runtime/src/weights/`.

mod ballots;
mod trouble;

use alloc::{string::String, vec::Vec};
use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};

use crate::*;

pub use ballots::Ballots;
pub use trouble::Trouble;

// A test compares the list with the pallets that have calls.
frame_benchmarking::define_benchmarks!(
	[keel_change_control, ChangeControl]
	[keel_circuit_breaker, CircuitBreaker]
	[keel_emergency, Emergency]
	[keel_faucet, Faucet]
	[keel_insurance_fund, InsuranceFund]
	[keel_liquidation, Liquidation]
	[keel_margin, Margin]
	[keel_oracle, Oracle]
	[keel_stress_test, StressTest]
	[keel_urgent_calls, UrgentCalls]
);

/// What can be measured.
pub fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::<BenchmarkList>::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

/// Measure.
pub fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
	let mut batches = Vec::<BenchmarkBatch>::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}
