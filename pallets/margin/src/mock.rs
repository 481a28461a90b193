// SPDX-License-Identifier: Apache-2.0
//! A chain with two markets, whose prices, statuses and clock are set by the test.

use crate::{pallet as keel_margin, *};
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU32, ConstU64, Hooks},
	PalletId,
};
use keel_math::FundingRate;
use keel_primitives::*;
use keel_traits::*;
use sp_runtime::{BuildStorage, Perbill};
use std::{cell::RefCell, collections::BTreeMap};

pub type AccountId = u64;

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
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Usdk = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type Margin = keel_margin::Pallet<Test>;
}

type Block = frame_system::mocking::MockBlock<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = u128;
	type ExistentialDeposit = frame_support::traits::ConstU128<1>;
	type AccountStore = System;
}

/// What the world around the pallet says.
#[derive(Clone)]
pub struct World {
	pub prices: BTreeMap<FeedId, Observation>,
	pub statuses: BTreeMap<MarketId, MarketStatus>,
	pub impact: BTreeMap<MarketId, Price>,
	pub now: Moment,
	pub unhealthy: Vec<(MarginAccount<AccountId>, Judgement)>,
	pub other_claims: Quote,
	pub orders: BTreeMap<MarginAccount<AccountId>, Vec<OpenOrders>>,
	pub hook_weight: Weight,
	/// How often a feed was observed, and the status of a market asked for.
	pub observed: u32,
	pub asked: u32,
	/// What an account pays when a key of it fires and it is healthy.
	pub refiling_fee: Quote,
	/// What liquidation takes at most.
	pub liquidation_fee: Ratio,
	/// What markets have earned for their losses.
	pub kept: BTreeMap<MarketId, Quote>,
	/// What who hears of an unhealthy account does.
	pub heard: Option<fn(&MarginAccount<AccountId>)>,
	/// Since when no price has landed; while there is none, every price lands again in every block.
	pub silent_since: Option<Moment>,
	/// Since when prices land because of one member's late report alone: no quorum reports anew.
	pub late_since: Option<Moment>,
	pub safe_mode: bool,
	/// How far maintenance rates move in a block.
	pub maintenance_step: Ratio,
	/// A rule as it once was.
	pub old_rule: Option<OldRule>,
}

use frame_support::weights::Weight;

impl Default for World {
	fn default() -> Self {
		Self {
			prices: BTreeMap::new(),
			statuses: BTreeMap::new(),
			impact: BTreeMap::new(),
			now: 0,
			unhealthy: Vec::new(),
			other_claims: Quote::ZERO,
			orders: BTreeMap::new(),
			hook_weight: Weight::from_parts(250_000_000_000, u64::MAX),
			observed: 0,
			asked: 0,
			refiling_fee: Quote::ZERO,
			liquidation_fee: Ratio::ZERO,
			kept: BTreeMap::new(),
			heard: None,
			silent_since: None,
			late_since: None,
			safe_mode: false,
			maintenance_step: Ratio(10_000),
			old_rule: None,
		}
	}
}

thread_local! {
	static WORLD: RefCell<World> = RefCell::new(World::default());
}

pub fn world<R>(f: impl FnOnce(&mut World) -> R) -> R {
	WORLD.with(|world| f(&mut world.borrow_mut()))
}

pub struct Around;

impl PriceFeed for Around {
	fn observe(feed: FeedId) -> Observation {
		world(|world| {
			world.observed += 1;
			let observation = world.prices.get(&feed).copied().unwrap_or_default();
			let landed_at = world.silent_since.unwrap_or(world.now);
			let renewed_at = world.late_since.unwrap_or(landed_at);
			Observation { landed_at, renewed_at, ..observation }
		})
	}
	fn exists(feed: FeedId) -> bool {
		world(|world| world.prices.contains_key(&feed))
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn land(feed: FeedId, price: Price) {
		set_price(feed, price, PriceState::Valid)
	}
}

impl MarketGate for Around {
	fn status(market: MarketId) -> MarketStatus {
		world(|world| {
			world.asked += 1;
			world.statuses.get(&market).copied().unwrap_or_default()
		})
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn open(market: MarketId) {
		world(|world| world.statuses.insert(market, MarketStatus::Open));
	}
}

impl OnMarketListed for Around {
	fn on_market_listed(_: MarketId, _: FeedId) {}
	fn on_market_settling(market: MarketId) {
		status(market, MarketStatus::Settling);
	}
	fn on_market_relisted(market: MarketId) {
		status(market, MarketStatus::Halted);
	}
}

impl OnUnhealthy<AccountId> for Around {
	fn on_unhealthy(account: &MarginAccount<AccountId>, judgement: &Judgement) {
		let heard = world(|world| {
			world.unhealthy.push((*account, *judgement));
			world.heard
		});
		if let Some(heard) = heard {
			heard(account);
		}
	}

	fn in_liquidation(limit: u32) -> Vec<MarginAccount<AccountId>> {
		let found = world(|world| world.unhealthy.iter().map(|(account, _)| *account).collect::<Vec<_>>());
		let waits = |account: &MarginAccount<AccountId>| Margin::stored(account).place == Place::Queued;
		found.into_iter().filter(waits).take(limit as usize).collect()
	}
}

impl ImpactPrice for Around {
	fn impact_price(market: MarketId) -> Option<Price> {
		world(|world| world.impact.get(&market).copied())
	}
}

impl OrderReserve<AccountId> for Around {
	fn open_orders(account: &MarginAccount<AccountId>) -> Vec<OpenOrders> {
		world(|world| world.orders.get(account).cloned().unwrap_or_default())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn fill_up(account: &MarginAccount<AccountId>, markets: &[MarketId]) {
		let each = |market: &MarketId| OpenOrders { market: *market, buys: Size::ONE, sells: Size::ONE };
		let orders = markets.iter().map(each).collect();
		world(|world| world.orders.insert(*account, orders));
	}
}

impl Claims for Around {
	fn claims() -> Quote {
		world(|world| world.other_claims)
	}
}

impl LossAbsorber<AccountId> for Around {
	fn absorb(_: MarketId, _: &AccountId, _: Quote, _: Quote) -> Payment {
		Payment::default()
	}
	fn pay_old_debt(_: MarketId, _: Quote) -> Payment {
		Payment::default()
	}
	fn give_back(market: MarketId, _: &AccountId, paid: Payment) {
		<Self as LossAbsorber<AccountId>>::keep(market, paid.total());
	}
	fn keep(market: MarketId, amount: Quote) {
		world(|world| {
			world.other_claims.0 += amount.0;
			world.kept.entry(market).or_default().0 += amount.0;
		});
	}
}

impl Around {
	/// Somebody outside keeps for a market what left margin.
	pub fn keep_for_test(market: MarketId, amount: Quote) {
		Self::keep(market, amount);
	}
}

impl frame_support::traits::Get<Quote> for Around {
	fn get() -> Quote {
		world(|world| world.refiling_fee)
	}
}

impl frame_support::traits::Get<Ratio> for Around {
	fn get() -> Ratio {
		world(|world| world.maintenance_step)
	}
}

/// What liquidation takes in the tests.
pub struct LiquidationFee;

impl frame_support::traits::Get<Ratio> for LiquidationFee {
	fn get() -> Ratio {
		world(|world| world.liquidation_fee)
	}
}

impl frame_support::traits::Get<Moment> for Around {
	fn get() -> Moment {
		world(|world| world.now)
	}
}

impl frame_support::traits::Get<Weight> for Around {
	fn get() -> Weight {
		world(|world| world.hook_weight)
	}
}

/// Whether the chain is in safe mode.
pub struct Shut;

impl frame_support::traits::Get<bool> for Shut {
	fn get() -> bool {
		world(|world| world.safe_mode)
	}
}

/// Rules that once let money out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldRule {
	/// A reduction may cost anything that keeps equity over requirement.
	ReductionsExempt,
	/// Without positions money leaves at once, whenever the last trade was.
	PaidAtOnce,
	/// Whatever a round says acts at once.
	EveryRoundActs,
}

pub fn is_old(rule: OldRule) -> bool {
	world(|world| world.old_rule == Some(rule))
}

parameter_types! {
	pub const MarginPalletId: PalletId = PalletId(*b"keel/mrg");
	pub const MinDeposit: Quote = Quote::dollars(10);
	pub const MinReduction: Quote = Quote::dollars(50);
	pub const MinWithdrawal: Quote = Quote::dollars(20);
	pub const SettlementBand: Ratio = Ratio::percent(10);
	pub const WarningShare: Perbill = Perbill::from_percent(25);
	pub const RefilingFeesPerDay: Quote = Quote(250_000);
}

impl keel_margin::Config for Test {
	type Collateral = Usdk;
	type Prices = Around;
	type Gate = Around;
	type Unhealthy = Around;
	type OtherClaims = Around;
	type Losses = Around;
	type MaintenanceStep = Around;
	type RefilingFee = Around;
	type RefilingFeesPerDay = RefilingFeesPerDay;
	type LiquidationFee = LiquidationFee;
	type OnListed = Around;
	type DeadAfter = ConstU64<100>;
	type SettlementBand = SettlementBand;
	type Impact = Around;
	type Orders = Around;
	type ListingRamp = ConstU64<1_000_000>;
	type ListOrigin = frame_system::EnsureRoot<AccountId>;
	type Now = Around;
	type SafeMode = Shut;
	type PalletId = MarginPalletId;
	type MaxMarkets = ConstU32<8>;
	type MaxPositions = ConstU32<4>;
	type MaxOffers = ConstU32<3>;
	type MaxOfferLife = ConstU64<100>;
	type MaxLeaving = ConstU32<5>;
	type MaxLeavingPerOwner = ConstU32<2>;
	type MinWithdrawal = MinWithdrawal;
	type MinDeposit = MinDeposit;
	type MinReduction = MinReduction;
	type MaxFundingTime = ConstU64<60_000>;
	type WarningShare = WarningShare;
	type HookWeight = Around;
	type WeightInfo = ();
}

pub const BTC: MarketId = MarketId(0);
pub const ETH: MarketId = MarketId(1);
pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CAROL: AccountId = 3;
pub const DAVE: AccountId = 4;

/// One tier, for positions of any size.
pub fn tiers(initial: Ratio, maintenance: Ratio) -> keel_math::Tiers {
	let up_to = Quote::dollars(1_000_000_000_000);
	keel_math::Tiers::of(&[keel_math::Tier { up_to, initial, maintenance }]).unwrap()
}

pub fn params() -> MarketParams {
	MarketParams {
		tiers: tiers(Ratio::percent(5), Ratio::percent(3)),
		initial: keel_math::InitialParams {
			soft_cap: Quote::dollars(1_000_000_000_000),
			hard_cap: Quote::dollars(2_000_000_000_000),
			free_notional: Quote::dollars(1_000_000_000_000),
			volatility_multiplier: Ratio::ZERO,
		},
		withdrawal_rate: Ratio::percent(10),
		opening_credit: Ratio::ONE,
		withdrawal_credit: Ratio::percent(50),
		band: Ratio::percent(2),
		largest_move: Ratio::percent(2),
		worst_fee: Ratio::basis_points(50),
		interest: FundingRate(0),
		damper: Ratio::basis_points(50),
		funding_multiple: Ratio::percent(25),
		lot: Size(1_000),
		tick: Price(10_000_000_000_000_000),
		max_open_interest: Size(1_000_000_000_000),
		min_position: Quote::dollars(10),
		isolated: false,
	}
}

pub fn set_price(feed: FeedId, price: Price, state: PriceState) {
	world(|world| {
		let observation = Observation {
			price,
			before: price,
			slow: price,
			volatility: Volatility(40_000_000),
			state,
			sources: 5,
			..Default::default()
		};
		world.prices.insert(feed, observation);
	});
}

pub fn feed(market: MarketId) -> FeedId {
	FeedId(market.0)
}

/// No price lands from now on: what is known stays as it is.
pub fn silence() {
	world(|world| world.silent_since = Some(world.now));
}

/// Prices land from now on only because one member reports late, beside what the others have said.
pub fn late() {
	world(|world| world.late_since = Some(world.now));
}

/// Prices land again, from the next block on.
pub fn speak() {
	world(|world| (world.silent_since, world.late_since) = (None, None));
}

/// The price of the next block, which the block before it has not said: `price` and `set_price` set what two rounds
/// say.
pub fn price_once(market: MarketId, dollars: u32) {
	let before = Around::observe(feed(market)).price;
	price(market, dollars);
	world(|world| {
		if let Some(seen) = world.prices.get_mut(&feed(market)) {
			seen.before = before;
		}
	});
}

/// The price of the next block.
pub fn price(market: MarketId, dollars: u32) {
	set_price(feed(market), Price::dollars(dollars), PriceState::Valid);
}

/// A round is over: what it has said is what the round before the next one said. None is while no price lands,
/// or late reports alone make it land.
pub fn end_round() {
	world(|world| {
		if world.silent_since.or(world.late_since).is_none() {
			world.prices.values_mut().for_each(|seen| seen.before = seen.price);
		}
	});
}

pub fn status(market: MarketId, status: MarketStatus) {
	world(|world| world.statuses.insert(market, status));
}

pub fn main_of(owner: AccountId) -> MarginAccount<AccountId> {
	MarginAccount::main(owner)
}

pub fn next_block() {
	let now = System::block_number() + 1;
	System::set_block_number(now);
	world(|world| world.now += 2_000);
	Margin::on_initialize(now);
	end_round();
	check();
}

/// The next block, at this price of bitcoin.
pub fn block_at(dollars: u32) {
	price(BTC, dollars);
	next_block();
}

pub fn check() {
	if let Err(error) = Margin::do_try_state() {
		panic!("{error:?}");
	}
	let (markets, custody) = Margin::conservation();
	assert!(custody && markets.iter().all(|(_, books)| books.holds()));
}

/// A chain in its first block: bitcoin at 50,000, ether at 2,000, four people with a million each.
pub fn build_without_check(test: impl FnOnce()) {
	WORLD.with(|world| *world.borrow_mut() = World::default());
	price(BTC, 50_000);
	price(ETH, 2_000);
	let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	pallet_balances::GenesisConfig::<Test> {
		balances: (ALICE..=20).map(|who| (who, 1_000_000_000_000)).collect(),
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	let market = |id, name: &str| GenesisMarket { feed: feed(id), name: name.into(), params: params() };
	keel_margin::GenesisConfig::<Test> {
		markets: vec![market(BTC, "BTC-PERP"), market(ETH, "ETH-PERP")],
		..Default::default()
	}
	.assimilate_storage(&mut storage)
	.unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| {
		next_block();
		test();
	});
}

/// The same; every test ends with the invariants.
pub fn build(test: impl FnOnce()) {
	build_without_check(|| {
		test();
		check();
	});
}

#[cfg(feature = "runtime-benchmarks")]
pub fn new_test_ext() -> sp_io::TestExternalities {
	WORLD.with(|world| *world.borrow_mut() = World::default());
	let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
	let mut ext = sp_io::TestExternalities::new(storage);
	ext.execute_with(|| System::set_block_number(1));
	ext
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// Whole bitcoins, or ethers, in thousandths.
pub fn thousandths(count: u128) -> Size {
	Size(count * 1_000_000)
}

/// Deposit into the main account, in a block of its own.
pub fn deposit(who: AccountId, dollars: i64) {
	next_block();
	frame_support::assert_ok!(Margin::deposit(signed(who), SubAccount(0), Quote::dollars(dollars)));
}

/// Withdraw from the main account.
pub fn withdraw(who: AccountId, amount: Quote) -> sp_runtime::DispatchResult {
	Margin::withdraw(signed(who), SubAccount(0), amount).map(|_| ()).map_err(|refused| refused.error)
}

/// Move money between two sub-accounts.
pub fn transfer(who: AccountId, from: u8, to: u8, amount: Quote) -> sp_runtime::DispatchResult {
	Margin::transfer(signed(who), SubAccount(from), SubAccount(to), amount)
		.map(|_| ())
		.map_err(|refused| refused.error)
}

/// `buyer` and `seller` trade in a market.
pub fn try_trade(
	buyer: AccountId,
	seller: AccountId,
	market: MarketId,
	size: Size,
	at: u32,
) -> sp_runtime::DispatchResult {
	let expires = System::block_number() + 10;
	let main = SubAccount(0);
	frame_support::storage::with_storage_layer(|| {
		Margin::offer_trade(
			signed(buyer),
			main,
			market,
			Side::Long,
			size,
			Price::dollars(at),
			expires,
			Some(seller),
		)?;
		let offer = OfferIds::<Test>::get().next - 1;
		Margin::accept_trade(signed(seller), offer, main)
	})
}

pub fn trade(buyer: AccountId, seller: AccountId, market: MarketId, size: Size, at: u32) {
	frame_support::assert_ok!(try_trade(buyer, seller, market, size, at));
}

pub fn account(who: AccountId) -> Account<Test> {
	Accounts::<Test>::get(who, SubAccount(0))
}

pub fn view(who: AccountId) -> AccountView {
	Margin::account_view(main_of(who)).expect("the account is there")
}

pub fn market(id: MarketId) -> Market {
	Markets::<Test>::get(id).expect("listed")
}

pub fn unhealthy() -> Vec<AccountId> {
	world(|world| world.unhealthy.iter().map(|(who, _)| who.owner).collect())
}

/// As much weight as it takes to judge so many accounts with so many positions of present generations in a block.
pub fn share_for(count: u64, positions: u32) -> Weight {
	let markets = <() as WeightInfo>::open_market().saturating_mul(NextMarket::<Test>::get().0.into());
	let one = <() as WeightInfo>::seize(positions).max(<() as WeightInfo>::judge(positions));
	let Some(others) = count.checked_sub(1) else { return markets };
	markets.saturating_add(Margin::judging()).saturating_add(one.saturating_mul(others))
}

/// A hook with no more than that.
pub fn judge_at_most(count: u64, positions: u32) {
	let share = share_for(count, positions);
	world(|world| world.hook_weight = share);
}
