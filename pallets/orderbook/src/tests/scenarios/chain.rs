// SPDX-License-Identifier: Apache-2.0
//! A chain on which the order book meets the real pallet of margin. Prices, statuses and the clock are set by the test.

use crate::{self as keel_orderbook, WeightInfo};
use frame_support::{
	derive_impl, parameter_types, storage_alias,
	traits::{ConstU128, ConstU32, ConstU64, Hooks},
	weights::Weight,
	PalletId, Twox64Concat,
};
use frame_system::EnsureRoot;
use keel_margin::{GenesisMarket, MarketParams};
use keel_math::{InitialParams, Tier, Tiers};
use keel_primitives::*;
use keel_traits::*;
use sp_runtime::{BuildStorage, Perbill};
use std::{cell::RefCell, collections::BTreeMap};

pub use keel_test_support::AccountId;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeTask,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeViewFunction
	)]
	pub struct Chain;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Chain>;
	#[runtime::pallet_index(1)]
	pub type Usdk = pallet_balances::Pallet<Chain>;
	#[runtime::pallet_index(2)]
	pub type Margin = keel_margin::Pallet<Chain>;
	#[runtime::pallet_index(3)]
	pub type Orderbook = keel_orderbook::Pallet<Chain>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Chain {
	type Block = frame_system::mocking::MockBlock<Chain>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Chain {
	type Balance = u128;
	type ExistentialDeposit = ConstU128<1>;
	type AccountStore = System;
}

/// What the world around the two says.
#[derive(Clone)]
pub struct World {
	pub prices: BTreeMap<FeedId, Observation>,
	pub statuses: BTreeMap<MarketId, MarketStatus>,
	pub now: Moment,
	/// The order book's share of a block.
	pub share: Weight,
}

/// A share of a block that is enough for everything.
pub const ENOUGH: Weight = Weight::from_parts(2_000_000_000_000, 1_000_000_000);

impl Default for World {
	fn default() -> Self {
		// The first block begins a window of thirty days, in which volume is counted.
		Self { prices: BTreeMap::new(), statuses: BTreeMap::new(), now: WINDOW - 2_000, share: ENOUGH }
	}
}

/// Thirty days.
const WINDOW: Moment = 30 * 24 * 3_600_000;

thread_local! {
	static WORLD: RefCell<World> = RefCell::new(World::default());
}

pub fn world<R>(f: impl FnOnce(&mut World) -> R) -> R {
	WORLD.with(|world| f(&mut world.borrow_mut()))
}

/// What both are told.
pub struct Around;

impl PriceFeed for Around {
	fn observe(feed: FeedId) -> Observation {
		world(|world| {
			let observation = world.prices.get(&feed).copied().unwrap_or_default();
			Observation { landed_at: world.now, renewed_at: world.now, ..observation }
		})
	}
	fn exists(feed: FeedId) -> bool {
		world(|world| world.prices.contains_key(&feed))
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn land(_: FeedId, _: Price) {}
}

impl MarketGate for Around {
	fn status(market: MarketId) -> MarketStatus {
		world(|world| world.statuses.get(&market).copied().unwrap_or_default())
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn open(_: MarketId) {}
}

impl OnMarketListed for Around {
	fn on_market_listed(_: MarketId, _: FeedId) {}
	fn on_market_settling(market: MarketId) {
		world(|world| world.statuses.insert(market, MarketStatus::Settling));
	}
	fn on_market_relisted(market: MarketId) {
		world(|world| world.statuses.insert(market, MarketStatus::Halted));
	}
}

impl LossAbsorber<AccountId> for Around {
	fn absorb(_: MarketId, _: &AccountId, _: Quote, _: Quote) -> Payment {
		Payment::default()
	}
	fn pay_old_debt(_: MarketId, _: Quote) -> Payment {
		Payment::default()
	}
	fn give_back(_: MarketId, _: &AccountId, _: Payment) {}
	fn keep(_: MarketId, amount: Quote) {
		Purses::put_in(Purse::Kept, amount);
	}
}

impl frame_support::traits::Get<Moment> for Around {
	fn get() -> Moment {
		world(|world| world.now)
	}
}

impl frame_support::traits::Get<Weight> for Around {
	fn get() -> Weight {
		world(|world| world.share)
	}
}

/// Whose claim on custody money is that left margin.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	codec::Encode,
	codec::Decode,
	codec::MaxEncodedLen,
	scale_info::TypeInfo,
)]
pub enum Purse {
	Fund,
	Backstop,
	Treasury,
	/// What markets have earned for their losses.
	Kept,
}

/// What those were given who share the fees. It stays in custody, and is theirs.
pub struct Purses;

#[storage_alias]
type Given = StorageMap<StagePurses, Twox64Concat, Purse, Quote, frame_support::pallet_prelude::ValueQuery>;

impl Purses {
	pub fn put_in(purse: Purse, amount: Quote) {
		Given::mutate(purse, |sum| sum.0 += amount.0);
	}

	pub fn of(purse: Purse) -> Quote {
		Given::get(purse)
	}
}

impl FeeReceivers for Purses {
	fn insurance(_: MarketId, amount: Quote) {
		Self::put_in(Purse::Fund, amount);
	}
	fn backstop(_: MarketId, amount: Quote) {
		Self::put_in(Purse::Backstop, amount);
	}
	fn treasury(amount: Quote) -> bool {
		Self::put_in(Purse::Treasury, amount);
		true
	}
}

impl Claims for Purses {
	fn claims() -> Quote {
		Quote(Given::iter_values().map(|amount| amount.0).sum())
	}
}

parameter_types! {
	pub const MarginPalletId: PalletId = PalletId(*b"keel/mrg");
	pub const MinDeposit: Quote = Quote::dollars(10);
	pub const MinReduction: Quote = Quote::dollars(50);
	pub const MinWithdrawal: Quote = Quote::dollars(20);
	pub const SettlementBand: Ratio = Ratio::percent(10);
	pub const WarningShare: Perbill = Perbill::from_percent(25);
	pub const MaintenanceStep: Ratio = Ratio(10_000);
	pub const RefilingFee: Quote = Quote::ZERO;
	pub const LiquidationFee: Ratio = Ratio::ZERO;
	pub const HookWeight: Weight = ENOUGH;
	pub const SafeMode: bool = false;
	pub const ImpactNotional: Quote = Quote::dollars(50_000);
	pub const LeastShared: Quote = Quote::dollars(1);
}

impl keel_margin::Config for Chain {
	type Collateral = Usdk;
	type Prices = Around;
	type Gate = Around;
	type Unhealthy = ();
	type OtherClaims = (Orderbook, Purses);
	type Losses = Around;
	type MaintenanceStep = MaintenanceStep;
	type RefilingFee = RefilingFee;
	type RefilingFeesPerDay = RefilingFee;
	type LiquidationFee = LiquidationFee;
	type OnListed = (Around, Orderbook);
	type DeadAfter = ConstU64<100>;
	type SettlementBand = SettlementBand;
	type Impact = Orderbook;
	type Orders = Orderbook;
	type ListingRamp = ConstU64<1_000_000>;
	type ListOrigin = EnsureRoot<AccountId>;
	type Now = Around;
	type SafeMode = SafeMode;
	type PalletId = MarginPalletId;
	type MaxMarkets = ConstU32<4>;
	type MaxPositions = ConstU32<2>;
	type MaxOffers = ConstU32<3>;
	type MaxOfferLife = ConstU64<100>;
	type MaxLeaving = ConstU32<5>;
	type MaxLeavingPerOwner = ConstU32<2>;
	type MinWithdrawal = MinWithdrawal;
	type MinDeposit = MinDeposit;
	type MinReduction = MinReduction;
	type MaxFundingTime = ConstU64<60_000>;
	type WarningShare = WarningShare;
	type HookWeight = HookWeight;
	type WeightInfo = ();
}

impl keel_orderbook::Config for Chain {
	type Margin = Margin;
	type Receivers = Purses;
	type GovernOrigin = EnsureRoot<AccountId>;
	type Now = Around;
	type MaxOrders = ConstU32<4>;
	type MaxOrdersPerMarket = ConstU32<3>;
	type MaxConditionals = ConstU32<4>;
	type MaxFills = ConstU32<3>;
	type MaxOrderLife = ConstU64<1_000>;
	type MaxSwitch = ConstU64<100>;
	type MaxMarkets = ConstU32<4>;
	type ImpactNotional = ImpactNotional;
	type LeastShared = LeastShared;
	type HookWeight = Around;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::mock::Helper;
}

pub const BTC: MarketId = MarketId(0);
pub const ETH: MarketId = MarketId(1);
pub const SOL: MarketId = MarketId(2);

pub fn feed(market: MarketId) -> FeedId {
	FeedId(market.0)
}

/// The rules of each market at first.
fn params() -> MarketParams {
	let large = Quote::dollars(1_000_000_000_000);
	let tier = Tier { up_to: large, initial: Ratio::percent(5), maintenance: Ratio::percent(3) };
	MarketParams {
		tiers: Tiers::of(&[tier]).expect("one tier"),
		initial: InitialParams {
			soft_cap: large,
			hard_cap: Quote(2 * large.0),
			free_notional: large,
			volatility_multiplier: Ratio::ZERO,
		},
		withdrawal_rate: Ratio::percent(10),
		opening_credit: Ratio::ONE,
		withdrawal_credit: Ratio::percent(50),
		band: Ratio::percent(2),
		largest_move: Ratio::percent(2),
		worst_fee: Ratio::basis_points(50),
		interest: keel_math::FundingRate(0),
		damper: Ratio::basis_points(50),
		funding_multiple: Ratio::percent(25),
		lot: Size(1_000),
		tick: Price(Price::ONE.0 / 100),
		max_open_interest: Size(1_000_000_000_000),
		min_position: Quote::dollars(10),
		isolated: false,
	}
}

/// What the next block is told, by two rounds.
pub fn land(market: MarketId, price: Price, state: PriceState) {
	let observation = Observation {
		price,
		before: price,
		slow: price,
		volatility: Volatility(40_000_000),
		state,
		sources: 5,
		..Default::default()
	};
	world(|world| world.prices.insert(feed(market), observation));
}

/// The next block, this long after the last one.
pub fn next_block(milliseconds: u64) {
	let now = System::block_number() + 1;
	System::set_block_number(now);
	world(|world| world.now += milliseconds);
	Margin::on_initialize(now);
	Orderbook::on_initialize(now);
}

/// The invariants of both, and money is neither made nor lost.
pub fn check() -> Result<(), String> {
	Orderbook::do_try_state().map_err(|error| format!("{error:?}"))?;
	Margin::do_try_state().map_err(|error| format!("{error:?}"))?;
	let (markets, custody) = Margin::conservation();
	if custody && markets.iter().all(|(_, books)| books.holds()) {
		Ok(())
	} else {
		Err("claims and custody differ".into())
	}
}

/// What the hook needs for so many orders that expire, and nothing else.
pub fn share_for_expiries(count: u64) -> Weight {
	let one = <() as WeightInfo>::expire_order();
	// Not all of the next one.
	<() as WeightInfo>::idle().saturating_add(one.saturating_mul(count)).saturating_add(one / 2)
}

/// What it needs to find the price of a small auction, and not to fill it in the same block.
pub fn share_for_a_price() -> Weight {
	<() as WeightInfo>::idle()
		.saturating_add(<() as WeightInfo>::look_at_auction())
		.saturating_add(Orderbook::pricing())
		.saturating_add(<() as WeightInfo>::fill_pair())
}

/// A fresh chain in its first block: bitcoin at 50,000, ether at 2,000, SOL at 100 dollars, six people with a million
/// each.
pub fn build(test: impl FnOnce()) {
	WORLD.with(|world| *world.borrow_mut() = World::default());
	let markets = [(BTC, "BTC", 50_000), (ETH, "ETH", 2_000), (SOL, "SOL", 100)];
	for (id, _, dollars) in markets {
		land(id, Price::dollars(dollars), PriceState::Valid);
	}
	let mut storage = frame_system::GenesisConfig::<Chain>::default().build_storage().expect("it is sound");
	pallet_balances::GenesisConfig::<Chain> {
		balances: (1..=6).map(|who| (who, 1_000_000_000_000)).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.expect("it is sound");
	let listed = |(id, name, _): (MarketId, &str, u32)| GenesisMarket {
		feed: feed(id),
		name: format!("{name}-PERP"),
		params: params(),
	};
	keel_margin::GenesisConfig::<Chain> {
		markets: markets.into_iter().map(listed).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.expect("it is sound");
	sp_io::TestExternalities::new(storage).execute_with(|| {
		next_block(2_000);
		test();
	});
}
