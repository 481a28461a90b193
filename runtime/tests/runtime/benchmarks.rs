// SPDX-License-Identifier: Apache-2.0
//! Every benchmark runs, as the tool that measures runs it: on the genesis of a development chain, by the
//! runtime's own interface, at the ends of each component's range.

use frame_benchmarking::{BenchmarkConfig, BenchmarkParameter, BenchmarkResult};
use frame_support::traits::PalletsInfoAccess;
use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
use sp_runtime::{traits::BlakeTwo256, BuildStorage};

use super::chain::config;
use keel_runtime::{benchmarks, *};

/// A benchmark of a pallet, and the values of its components.
struct Case {
	pallet: Vec<u8>,
	instance: Vec<u8>,
	benchmark: Vec<u8>,
	components: Vec<(BenchmarkParameter, u32)>,
}

/// All components at their most, and each one at its least.
fn cases() -> Vec<Case> {
	let (lists, _) = benchmarks::metadata(true);
	let mut cases = Vec::new();
	for list in lists {
		for benchmark in list.benchmarks {
			let most: Vec<_> = benchmark.components.iter().map(|(name, _, most)| (*name, *most)).collect();
			let mut choices = vec![most.clone()];
			for (index, (name, least, _)) in benchmark.components.iter().enumerate() {
				let mut choice = most.clone();
				choice[index] = (*name, *least);
				choices.push(choice);
			}
			cases.extend(choices.into_iter().map(|components| Case {
				pallet: list.pallet.clone(),
				instance: list.instance.clone(),
				benchmark: benchmark.name.clone(),
				components,
			}));
		}
	}
	cases
}

/// Run `test` on the state that the tool runs on, which counts reads and writes.
fn on_benchmarking_state<R>(test: impl FnOnce() -> R) -> R {
	let genesis: RuntimeGenesisConfig = serde_json::from_value(config("dev")).expect("it is a genesis");
	let genesis = genesis.build_storage().expect("genesis builds");
	let state = sc_client_db::BenchmarkingState::<BlakeTwo256>::new(genesis, None, false, true)
		.expect("the state opens");
	let mut overlay = Default::default();
	let mut extensions = sp_externalities::Extensions::new();
	extensions.register(KeystoreExt::new(MemoryKeystore::new()));
	let mut ext = sp_state_machine::Ext::new(&mut overlay, &state, Some(&mut extensions));
	sp_externalities::set_and_run_with_externalities(&mut ext, test)
}

fn measure(case: &Case) -> Result<BenchmarkResult, String> {
	let config = BenchmarkConfig {
		pallet: case.pallet.clone(),
		instance: case.instance.clone(),
		benchmark: case.benchmark.clone(),
		selected_components: case.components.clone(),
		verify: true,
		internal_repeats: 1,
	};
	let run = std::panic::AssertUnwindSafe(|| benchmarks::dispatch(config));
	let batches = std::panic::catch_unwind(run).map_err(|_| "it panics".to_owned())??;
	let result = batches.into_iter().flat_map(|batch| batch.results).next();
	result.ok_or_else(|| "it was skipped".to_owned())
}

#[test]
fn every_benchmark_runs() {
	let mut failed = Vec::new();
	for case in cases() {
		let name = String::from_utf8([&case.pallet[..], b"::", &case.benchmark].concat()).expect("a name");
		match on_benchmarking_state(|| measure(&case)) {
			Ok(result) => {
				let BenchmarkResult { reads, writes, extrinsic_time, .. } = result;
				println!("{name} {:?}: {reads} reads, {writes} writes, {extrinsic_time} ns", case.components);
				// A benchmark that cannot have its origin answers that it is weightless.
				if extrinsic_time == 0 {
					failed.push(format!("{name}: nothing was measured"));
				}
			}
			Err(error) => failed.push(format!("{name} {:?}: {error}", case.components)),
		}
	}
	assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_pallet_of_ours_with_calls_is_measured() {
	let (lists, _) = benchmarks::metadata(true);
	let measured: Vec<_> = lists.into_iter().map(|list| list.pallet).collect();
	for pallet in AllPalletsWithSystem::infos() {
		let has_calls = call_names(pallet.name).is_some_and(|calls| !calls.is_empty());
		if pallet.module_name.starts_with("keel_") && has_calls {
			assert!(measured.contains(&pallet.module_name.as_bytes().to_vec()), "{}", pallet.name);
		}
	}
}
