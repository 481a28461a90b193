// SPDX-License-Identifier: Apache-2.0
//! What is charged. That each figure was measured is a rule of the house (`keel-tidy`).

use codec::Decode;
use frame_support::{
	dispatch::GetDispatchInfo,
	traits::{GetCallMetadata, PalletsInfoAccess},
};

use keel_runtime::*;

/// Every call of every pallet of ours, with arguments that are all zero.
fn our_calls() -> Vec<RuntimeCall> {
	let ours = AllPalletsWithSystem::infos().into_iter().filter(|it| it.module_name.starts_with("keel_"));
	ours.flat_map(|pallet| {
		let index = u8::try_from(pallet.index).expect("indices are bytes");
		let calls = (0..=u8::MAX).filter_map(move |call| {
			let mut encoded = vec![0; 1_000];
			(encoded[0], encoded[1]) = (index, call);
			RuntimeCall::decode(&mut &encoded[..]).ok()
		});
		let calls: Vec<_> = calls.collect();
		let names: Vec<_> = calls.iter().map(|call| call.get_call_metadata().function_name).collect();
		// A pallet without calls has no names.
		assert_eq!(names, call_names(pallet.name).unwrap_or_default(), "{}: none was left out", pallet.name);
		calls
	})
	.collect()
}

#[test]
fn no_call_of_ours_is_for_nothing() {
	let calls = our_calls();
	assert!(calls.len() > 25, "{}", calls.len());
	for call in calls {
		let charged = call.get_dispatch_info().call_weight;
		assert!(charged.ref_time() > 0, "{:?}", call.get_call_metadata());
	}
}

/// Each share holds a unit of every queue, or pallets refuse to start; this is how many it holds. When a
/// change makes a unit so dear that fewer fit, it is seen here and not in a crash.
#[test]
#[cfg(not(feature = "runtime-benchmarks"))]
fn a_block_gets_done_what_the_documentation_promises() {
	use constants::{hooks, limits, BLOCK_WEIGHT};
	use frame_support::{traits::Get, weights::Weight};
	use keel_liquidation::WeightInfo as _;
	use keel_margin::WeightInfo as _;
	use weights::{Liquidation, Margin};

	let fit =
		|share: Weight, unit: Weight| share.checked_div_per_component(&unit).expect("it costs something");
	let markets = Margin::open_market() * u64::from(limits::MARKETS);
	let margin = (hooks::MARGIN * BLOCK_WEIGHT).checked_sub(&markets).expect("all markets are moved");
	let most: u32 = <Runtime as keel_margin::Config>::MaxPositions::get();
	// As many positions as there may be, each of an ended generation, and a fee to keep.
	let settled = Margin::settle() * u64::from(most) + Margin::keep_fees();
	let judging = Margin::judge(most).max(Margin::seize(most)) + settled;
	assert!(fit(margin, judging) >= 40, "accounts judged: {margin:?} by {judging:?}");
	assert!(fit(margin / 2, Margin::leave()) >= 15, "withdrawals: {margin:?} by {:?}", Margin::leave());

	let share = hooks::LIQUIDATION * BLOCK_WEIGHT - Liquidation::idle();
	let step = step_with(most);
	assert!(fit(share, step) >= 40, "positions closed: {share:?} by {step:?}");
	let bankrupt = closing(most);
	assert!(fit(share, bankrupt) >= 5, "bankrupt accounts resolved: {share:?} by {bankrupt:?}");
}

/// One step with an account that has so many positions.
#[cfg(not(feature = "runtime-benchmarks"))]
fn step_with(positions: u32) -> frame_support::weights::Weight {
	use keel_liquidation::WeightInfo as _;
	use weights::Liquidation;
	Liquidation::step(positions).max(Liquidation::close(positions)).max(Liquidation::park(positions))
}

/// Closing all of an account: a step for each position, each with one less, and one that lets it go.
#[cfg(not(feature = "runtime-benchmarks"))]
fn closing(positions: u32) -> frame_support::weights::Weight {
	use keel_liquidation::WeightInfo as _;
	(1..=positions).map(step_with).fold(weights::Liquidation::release(), |sum, step| sum.saturating_add(step))
}

/// An account pays for what it touches: one with one position a fraction of one with eight. Run with `--nocapture`
/// to see the figures.
#[test]
#[cfg(not(feature = "runtime-benchmarks"))]
fn finding_and_closing_an_account_is_charged_by_its_positions() {
	use keel_margin::WeightInfo as _;
	use weights::Margin;

	// Per second of hook weight.
	let mut rates = Vec::new();
	for positions in [1, 4, 8] {
		let (judge, seize, close) = (Margin::judge(positions), Margin::seize(positions), closing(positions));
		let each = seize.saturating_add(close).ref_time();
		let rate = constants::BLOCK_WEIGHT.ref_time() / each;
		println!(
			"{positions} positions: filed again {} us, handed over {} us, closed {} us; {rate} a second",
			judge.ref_time() / 1_000_000,
			seize.ref_time() / 1_000_000,
			close.ref_time() / 1_000_000,
		);
		rates.push(rate);
	}
	assert!(rates[0] >= 300, "{rates:?}");
	assert!(rates[0] > 4 * rates[2], "{rates:?}");
}
