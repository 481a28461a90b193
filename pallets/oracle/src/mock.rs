// SPDX-License-Identifier: Apache-2.0
//! A chain with nothing but an oracle, and people who report to it.

use crate as keel_oracle;
use crate::*;
use frame_support::{derive_impl, parameter_types, traits::Hooks};
use frame_system::{EnsureRoot, EnsureSignedBy};
use keel_primitives::{FeedId, Moment, Price, PriceState, Ratio};
use keel_traits::{Observation, PriceFeed};
use sp_core::{sr25519, Pair};
use sp_runtime::{generic, traits::BlakeTwo256, AccountId32, BuildStorage, MultiAddress, MultiSignature};

pub type Extensions = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
);
pub type Extrinsic =
	generic::UncheckedExtrinsic<MultiAddress<AccountId32, ()>, RuntimeCall, MultiSignature, Extensions>;
pub type Header = generic::Header<u32, BlakeTwo256>;
pub type Block = generic::Block<Header, Extrinsic>;

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
	pub type Oracle = keel_oracle::Pallet<Runtime>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Runtime {
	type Block = Block;
	type AccountId = AccountId32;
	type Lookup = sp_runtime::traits::AccountIdLookup<AccountId32, ()>;
}

parameter_types! {
	pub static NowMs: Moment = GENESIS_MS;
	pub static BlockMs: u64 = SLOT_MS;
	pub static Followed: Vec<FeedId> = Vec::new();
	pub const Governor: AccountId32 = GOVERNOR;
	pub const Guardian: AccountId32 = GUARDIAN;
	pub const Vetoer: AccountId32 = VETOER;
	pub const DefaultPeriods: Periods<u32> = Periods { seat_delay: DELAY, removal: REMOVAL };
	pub const HookWeight: frame_support::weights::Weight = frame_support::weights::Weight::MAX;
}

pub const GENESIS_MS: Moment = 1_700_000_000_000;
pub const SLOT_MS: Moment = 2_000;
/// What a body decides waits so many blocks.
pub const DELAY: u32 = 5;
/// A removal by a body ends after so many.
pub const REMOVAL: u32 = 20;
/// How long a veto holds.
pub const COOL_OFF: u32 = 15;
pub const GOVERNOR: AccountId32 = AccountId32::new([0xaa; 32]);
pub const GUARDIAN: AccountId32 = AccountId32::new([0xbb; 32]);
pub const VETOER: AccountId32 = AccountId32::new([0xdd; 32]);
pub const STRANGER: AccountId32 = AccountId32::new([0xcc; 32]);
pub const BTC: FeedId = FeedId(0);
pub const ETH: FeedId = FeedId(1);

impl Config for Runtime {
	type Signature = MultiSignature;
	type EnactOrigin = EnsureRoot<AccountId32>;
	type GovernOrigin = EnsureSignedBy<OneOf<Governor>, AccountId32>;
	type VetoOrigin = EnsureSignedBy<OneOf<Vetoer>, AccountId32>;
	type CoolOff = frame_support::traits::ConstU32<COOL_OFF>;
	type GuardOrigin = EnsureSignedBy<OneOf<Guardian>, AccountId32>;
	type DefaultPeriods = DefaultPeriods;
	type InUse = FollowedFeeds;
	type BlockTime = BlockMs;
	type Now = NowMs;
	type MaxMembers = frame_support::traits::ConstU32<10>;
	type MaxFeeds = frame_support::traits::ConstU32<4>;
	type ReportWindow = frame_support::traits::ConstU32<3>;
	type StuckRounds = frame_support::traits::ConstU32<4>;
	type SlowHalfLife = frame_support::traits::ConstU64<3_600_000>;
	type VolatilityHalfLife = frame_support::traits::ConstU64<1_800_000>;
	type HookWeight = HookWeight;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = ();
}

/// The feeds that a market names.
pub struct FollowedFeeds;
impl frame_support::traits::Contains<FeedId> for FollowedFeeds {
	fn contains(feed: &FeedId) -> bool {
		Followed::get().contains(feed)
	}
}

/// A set of one.
pub struct OneOf<Who>(core::marker::PhantomData<Who>);
impl<Who: frame_support::traits::Get<AccountId32>> frame_support::traits::SortedMembers<AccountId32>
	for OneOf<Who>
{
	fn sorted_members() -> Vec<AccountId32> {
		vec![Who::get()]
	}
}

/// Stale after 60 s, 2 % off the median, uncertain above 1 %, volatile 10 % off the slow price.
pub fn params() -> FeedParams {
	FeedParams {
		age_ms_max: 60_000,
		deviation_max: Ratio::percent(2),
		confidence_max: Ratio::percent(1),
		volatile_max: Ratio::percent(10),
		quorum_min: 3,
	}
}

pub fn member(index: u8) -> AccountId32 {
	AccountId32::new([index; 32])
}

/// The reporter key of member `index`.
pub fn key(index: u8) -> sr25519::Pair {
	sr25519::Pair::from_string(&format!("//reporter/{index}"), None).expect("is a valid path")
}

pub fn reporter(index: u8) -> AccountId32 {
	key(index).public().into()
}

/// A chain with feeds BTC and ETH and some members.
pub struct World {
	pub members: u8,
	pub params: FeedParams,
}

impl Default for World {
	fn default() -> Self {
		Self { members: 5, params: params() }
	}
}

impl World {
	pub fn storage(&self) -> sp_io::TestExternalities {
		let oracle = GenesisConfig {
			feeds: vec![(BTC, "BTC/USD".into(), self.params), (ETH, "ETH/USD".into(), self.params)],
			members: (0..self.members).map(|i| (member(i), reporter(i))).collect(),
			..Default::default()
		};
		let storage = RuntimeGenesisConfig { oracle, ..Default::default() }.build_storage();
		let mut ext: sp_io::TestExternalities = storage.expect("genesis is valid").into();
		ext.execute_with(|| {
			NowMs::set(GENESIS_MS);
			BlockMs::set(SLOT_MS);
			// Members have seen a block before the first that a test begins in.
			pass(2);
		});
		ext
	}

	/// Run `test` from the first block on, and check all invariants after it.
	pub fn run(self, test: impl FnOnce()) {
		self.storage().execute_with(|| {
			test();
			Oracle::do_try_state().expect("the invariants hold");
		});
	}
}

/// Run `test` with five members and check all invariants after it.
pub fn run(test: impl FnOnce()) {
	World::default().run(test)
}

pub fn now() -> u32 {
	System::block_number()
}

/// The next block begins one slot later.
pub fn next_block() {
	next_block_after(SLOT_MS)
}

/// The next block begins `gap_ms` later.
pub fn next_block_after(gap_ms: Moment) {
	NowMs::mutate(|time| *time += gap_ms);
	let number = now() + 1;
	System::reset_events();
	System::set_block_number(number);
	Oracle::on_initialize(number);
}

/// So many blocks pass.
pub fn pass(blocks: u32) {
	for _ in 0..blocks {
		next_block();
	}
}

/// Member `index` registers the key of `key_of`, which proves that it is its own.
pub fn register(index: u8, key_of: u8) -> sp_runtime::DispatchResult {
	let current = Members::<Runtime>::get(member(index)).and_then(|known| known.reporter);
	let proof = key(key_of).sign(&Oracle::reporter_payload(&member(index), &current));
	Oracle::set_reporter(RuntimeOrigin::signed(member(index)), reporter(key_of), proof.into())
}

/// A referendum gives member `index` a seat, and it registers its key. It reads a source of its own.
pub fn seat(index: u8) {
	Oracle::add_member(RuntimeOrigin::root(), member(index)).expect("there is room");
	register(index, index).expect("the key is its own");
	reads(index, Some(SourceId(index.into())));
}

/// Member `index` is behind `source` from now on, however long a member would wait for that.
pub fn reads(index: u8, source: Option<SourceId>) {
	Members::<Runtime>::mutate(member(index), |seat| {
		seat.as_mut().expect("there is such a seat").source = source;
	});
}

/// Members 0, 1, ... read these.
pub fn all_read(sources: &[u32]) {
	for (index, source) in (0..).zip(sources) {
		reads(index, Some(SourceId(*source)));
	}
}

pub fn report_of(feed: FeedId, price: Price) -> Report {
	Report { feed, price, confidence: Price::ZERO }
}

pub fn reports(list: &[Report]) -> ReportsOf<Runtime> {
	list.to_vec().try_into().expect("within the bound")
}

/// The signed call of member `index`.
pub fn call(index: u8, round: u32, list: &[Report]) -> Call<Runtime> {
	let reports = reports(list);
	let signature = key(index).sign(&Oracle::report_payload(round, &reports)).into();
	Call::report { member: member(index), round, reports, signature }
}

/// Send it as the pool and a block would take it: authorised, then dispatched.
pub fn send(call: Call<Runtime>) -> Result<(), sp_runtime::transaction_validity::TransactionValidityError> {
	use frame_support::{
		pallet_prelude::TransactionSource,
		traits::{Authorize, UnfilteredDispatchable},
	};
	call.authorize(TransactionSource::External).expect("report is an authorised call")?;
	call.dispatch_bypass_filter(frame_system::RawOrigin::Authorized.into())
		.expect("what is authorised does not fail");
	Ok(())
}

/// Member `index` reports `price` for BTC, having seen the block before this one.
pub fn tell(index: u8, price: Price) {
	send(call(index, now() - 1, &[report_of(BTC, price)])).expect("the report is valid");
}

/// Members 0, 1, ... report these prices for BTC, and the next block begins.
pub fn round(prices: &[Price]) {
	for (index, price) in (0..).zip(prices) {
		tell(index, *price);
	}
	next_block();
}

/// The same, of as many rounds as a test likes: nothing is signed.
pub fn unsigned_round(prices: &[Price]) {
	for (index, price) in (0..).zip(prices) {
		let report = reports(&[report_of(BTC, *price)]);
		Oracle::do_report(member(index), now() - 1, report).expect("the report is valid");
	}
	next_block_after(BlockMs::get());
}

pub fn btc() -> Observation {
	Oracle::observe(BTC)
}

pub fn cents(cents: u128) -> Price {
	Price(cents * Price::ONE.0 / 100)
}

pub fn dollars(whole: u32) -> Price {
	Price::dollars(whole)
}

pub fn events() -> Vec<Event<Runtime>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Oracle(event) => Some(event),
			_ => None,
		})
		.collect()
}

pub fn assert_state(state: PriceState) {
	assert_eq!(btc().state, state);
}

/// With a keystore, which benchmarks sign with.
#[cfg(feature = "runtime-benchmarks")]
pub fn new_test_ext() -> sp_io::TestExternalities {
	let mut ext = World { members: 0, params: params() }.storage();
	ext.register_extension(sp_keystore::KeystoreExt::new(sp_keystore::testing::MemoryKeystore::new()));
	ext
}
