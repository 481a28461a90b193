// SPDX-License-Identifier: Apache-2.0
//! A chain with nothing but a breaker, and prices that a test sets.

use crate as keel_circuit_breaker;
use crate::*;
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU32, ConstU64, Hooks, OnGenesis},
};
use frame_system::EnsureSignedBy;
use keel_primitives::{FeedId, MarketId, MarketStatus, Price, PriceState};
use keel_traits::{MarketGate, Observation, OnMarketListed, PriceFeed, SolvencyEnvelope};
use sp_runtime::BuildStorage;
use std::collections::BTreeMap;

pub type Block = frame_system::mocking::MockBlock<Runtime>;

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
	pub struct Runtime;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Runtime>;
	#[runtime::pallet_index(1)]
	pub type Breaker = keel_circuit_breaker::Pallet<Runtime>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = Block;
}

pub const GUARDIAN: u64 = 1;
pub const RESUMER: u64 = 2;
pub const STRANGER: u64 = 3;
pub const BTC: MarketId = MarketId(0);
pub const ETH: MarketId = MarketId(1);

parameter_types! {
	pub static Seen: BTreeMap<FeedId, Observation> = BTreeMap::new();
	pub static Unconfirmed: Vec<MarketId> = Vec::new();
	pub const HookWeight: frame_support::weights::Weight = frame_support::weights::Weight::MAX;
}

/// Prices as the test says they are.
pub struct TestPrices;
impl PriceFeed for TestPrices {
	fn observe(feed: FeedId) -> Observation {
		let nothing = Observation { age_ms: u64::MAX, ..Default::default() };
		Seen::get().get(&feed).copied().unwrap_or(nothing)
	}

	fn exists(_: FeedId) -> bool {
		true
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn land(feed: FeedId, _: Price) {
		see(MarketId(feed.0), PriceState::Valid);
	}
}

frame_support::ord_parameter_types! {
	pub const Guardian: u64 = GUARDIAN;
	pub const Resumer: u64 = RESUMER;
}

/// A price waits for a second round where the test says so.
pub struct TestEnvelope;
impl SolvencyEnvelope for TestEnvelope {
	fn waits_for_second_round(market: MarketId, _: &Observation) -> bool {
		Unconfirmed::get().contains(&market)
	}
}

impl Config for Runtime {
	type Prices = TestPrices;
	type Envelope = TestEnvelope;
	type GuardOrigin = EnsureSignedBy<Guardian, u64>;
	type ResumeOrigin = EnsureSignedBy<Resumer, u64>;
	type MaxMarkets = ConstU32<4>;
	type RecoveryPrices = ConstU32<3>;
	type MaxGuardBlocks = ConstU64<50>;
	type MaxHaltBlocks = ConstU64<20>;
	type Budget = ConstU64<60>;
	type BudgetWindow = ConstU64<200>;
	type MaxIncidents = ConstU32<8>;
	type ReturnBlocks = ConstU64<10>;
	type HookWeight = HookWeight;
	type WeightInfo = ();
}

pub fn new_test_ext() -> sp_io::TestExternalities {
	let storage = RuntimeGenesisConfig::default().build_storage().expect("genesis is valid");
	let mut ext: sp_io::TestExternalities = storage.into();
	ext.execute_with(|| {
		Seen::set(BTreeMap::new());
		Unconfirmed::set(Vec::new());
		AllPalletsWithSystem::on_genesis();
		System::set_block_number(1);
	});
	ext
}

/// Run `test` with markets BTC and ETH open and priced, and check all invariants after it.
pub fn run(test: impl FnOnce()) {
	new_test_ext().execute_with(|| {
		for market in [BTC, ETH] {
			see(market, PriceState::Valid);
			Breaker::on_market_listed(market, feed_of(market));
		}
		System::reset_events();
		test();
		Breaker::do_try_state().expect("the invariants hold");
	});
}

pub fn feed_of(market: MarketId) -> FeedId {
	FeedId(market.0)
}

/// From the next block on a price in this state lands on the market's feed in every block; a stale or
/// missing one ages instead.
pub fn see(market: MarketId, state: PriceState) {
	let age_ms = match state {
		PriceState::Stale => 61_000,
		PriceState::Missing => u64::MAX,
		_ => 0,
	};
	see_aged(market, state, age_ms);
}

/// The price was in this state when it landed, `age_ms` ago; the members have reported anew for it just now, or not
/// since.
pub fn see_aged(market: MarketId, state: PriceState, age_ms: u64) {
	let renewed = age_ms == 0;
	let seen = Observation { state, age_ms, renewed, price: Price::dollars(100), ..Default::default() };
	Seen::mutate(|all| {
		all.insert(feed_of(market), seen);
	});
}

pub fn now() -> u64 {
	System::block_number()
}

pub fn next_block() {
	System::reset_events();
	System::set_block_number(now() + 1);
	Breaker::on_initialize(now());
}

pub fn run_to(block: u64) {
	while now() < block {
		next_block();
	}
}

/// The market's price is in this state, and a block passes.
pub fn block_with(market: MarketId, state: PriceState) {
	see(market, state);
	next_block();
}

pub fn status(market: MarketId) -> MarketStatus {
	Breaker::status(market)
}

pub fn guard(market: MarketId, blocks: u64) -> sp_runtime::DispatchResult {
	Breaker::guard_market(RuntimeOrigin::signed(GUARDIAN), market, blocks)
}

pub fn halt(market: MarketId, blocks: u64) -> sp_runtime::DispatchResult {
	Breaker::halt_market(RuntimeOrigin::signed(GUARDIAN), market, blocks)
}

pub fn resume(market: MarketId) -> sp_runtime::DispatchResult {
	Breaker::resume_market(RuntimeOrigin::signed(RESUMER), market)
}

pub fn events() -> Vec<Event<Runtime>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Breaker(event) => Some(event),
			_ => None,
		})
		.collect()
}
