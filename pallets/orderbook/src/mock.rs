// SPDX-License-Identifier: Apache-2.0
//! A chain with this pallet alone, and a world to test it in.

use crate::{self as keel_orderbook, *};
use frame_support::{
	derive_impl, parameter_types, storage::with_storage_layer, storage_alias, traits::Hooks, weights::Weight,
	Twox64Concat,
};
use frame_system::EnsureRoot;
use keel_primitives::*;
use keel_test_support::{Clock, Margin};
use keel_traits::{FeeReceivers, Intent};
use sp_runtime::{traits::IdentityLookup, BuildStorage, DispatchError};

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
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Orderbook = keel_orderbook;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type AccountId = AccountId;
	type Lookup = IdentityLookup<Self::AccountId>;
	type Block = frame_system::mocking::MockBlock<Test>;
}

/// Writes down what each was given.
pub struct Receivers;

#[storage_alias]
type Received = StorageMap<MockReceivers, Twox64Concat, u8, Quote, frame_support::pallet_prelude::ValueQuery>;
#[storage_alias]
type TreasuryRefuses = StorageValue<MockReceivers, (), frame_support::pallet_prelude::OptionQuery>;

impl FeeReceivers for Receivers {
	fn insurance(_: MarketId, amount: Quote) {
		Received::mutate(0, |sum| sum.0 += amount.0);
	}
	fn backstop(_: MarketId, amount: Quote) {
		Received::mutate(1, |sum| sum.0 += amount.0);
	}
	fn treasury(amount: Quote) -> bool {
		let pays = !TreasuryRefuses::exists();
		if pays {
			Received::mutate(2, |sum| sum.0 += amount.0);
		}
		pays
	}
}

/// What fund, backstop and treasury have received.
pub fn received() -> [Quote; 3] {
	[0, 1, 2].map(Received::get)
}

pub fn let_treasury_refuse() {
	TreasuryRefuses::put(());
}

parameter_types! {
	pub const ImpactNotional: Quote = Quote::dollars(1_000);
	pub const LeastShared: Quote = Quote::dollars(1);
	pub static HookWeight: Weight = Weight::from_parts(2_000_000_000_000, 1_000_000_000);
	pub static MaxFills: u32 = 8;
}

impl keel_orderbook::Config for Test {
	type Margin = Margin;
	type Receivers = Receivers;
	type GovernOrigin = EnsureRoot<AccountId>;
	type Now = Clock;
	type MaxOrders = frame_support::traits::ConstU32<12>;
	type MaxOrdersPerMarket = frame_support::traits::ConstU32<8>;
	type MaxConditionals = frame_support::traits::ConstU32<4>;
	type MaxFills = MaxFills;
	type MaxOrderLife = frame_support::traits::ConstU64<1_000>;
	type MaxSwitch = frame_support::traits::ConstU64<100>;
	type MaxMarkets = frame_support::traits::ConstU32<4>;
	type ImpactNotional = ImpactNotional;
	type LeastShared = LeastShared;
	type HookWeight = HookWeight;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Helper;
}

/// Traders of this world, whose positions have no keys and no generations.
#[cfg(feature = "runtime-benchmarks")]
pub struct Helper;

#[cfg(feature = "runtime-benchmarks")]
impl BenchmarkHelper<AccountId> for Helper {
	fn markets() -> Vec<MarketId> {
		vec![BTC, ETH]
	}

	fn pair(index: u32, markets: &[MarketId]) -> (AccountId, AccountId) {
		let index = AccountId::from(index);
		for (who, side) in [(100 + index, Side::Long), (200 + index, Side::Short)] {
			Margin::deposit(main_of(who), Quote::dollars(1_000_000_000));
			markets
				.iter()
				.for_each(|market| Margin::open(main_of(who), *market, side, thousandths(2_000_000)));
		}
		(100 + index, 200 + index)
	}

	fn wear(_: &[AccountId], _: &[MarketId]) {}

	fn burden(market: MarketId) {
		Margin::set_owed(market, Quote::dollars(10));
	}
}

pub const BTC: MarketId = MarketId(0);
pub const ETH: MarketId = MarketId(1);
pub const MAIN: SubAccount = SubAccount(0);

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CAROL: AccountId = 3;
pub const DAVE: AccountId = 4;

/// Bitcoin at 50,000 dollars, ether at 2,000; four people with a million dollars each.
pub fn world() -> sp_io::TestExternalities {
	let storage = RuntimeGenesisConfig::default().build_storage().unwrap();
	let mut world = sp_io::TestExternalities::new(storage);
	world.execute_with(|| {
		System::set_block_number(1);
		Margin::set_mark(BTC, Price::dollars(50_000));
		Margin::set_mark(ETH, Price::dollars(2_000));
		for who in [ALICE, BOB, CAROL, DAVE] {
			Margin::deposit(main_of(who), Quote::dollars(1_000_000));
		}
	});
	world
}

/// Run the test in a new world, and check the invariants at its end.
pub fn run(test: impl FnOnce()) {
	world().execute_with(|| {
		test();
		check();
	});
}

pub fn check() {
	if let Err(error) = Orderbook::do_try_state() {
		panic!("{error:?}");
	}
}

pub fn next_block() -> Weight {
	check();
	System::reset_events();
	System::set_block_number(System::block_number() + 1);
	Clock::advance(2_000);
	Orderbook::on_initialize(System::block_number())
}

pub fn main_of(owner: AccountId) -> MarginAccount<AccountId> {
	MarginAccount::main(owner)
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

/// Thousandths of a bitcoin.
pub fn thousandths(count: u128) -> Size {
	Size(count * 1_000_000)
}

/// Cents as a price.
pub fn cents(count: u128) -> Price {
	Price(count * Price::ONE.0 / 100)
}

/// A limit order on bitcoin that is good till cancelled: thousandths, at whole dollars.
pub fn order(side: Side, size: u128, at: u32) -> NewOrder<u64> {
	NewOrder {
		market: BTC,
		side,
		size: thousandths(size),
		price: Price::dollars(at),
		time_in_force: TimeInForce::GoodTillCancelled,
		post_only: PostOnly::No,
		self_trade: SelfTrade::CancelNewest,
		client: None,
		intent: Intent::Trade,
	}
}

pub fn buy(size: u128, at: u32) -> NewOrder<u64> {
	order(Side::Long, size, at)
}

pub fn sell(size: u128, at: u32) -> NewOrder<u64> {
	order(Side::Short, size, at)
}

/// Place by the call. Returns the id.
pub fn try_place(who: AccountId, new: NewOrder<u64>) -> Result<OrderId, DispatchError> {
	let NewOrder { market, side, size, price, time_in_force, post_only, self_trade, client, intent } = new;
	let placed = with_storage_layer(|| match intent {
		Intent::Trade => Orderbook::place_order(
			signed(who),
			MAIN,
			market,
			side,
			size,
			price,
			time_in_force,
			post_only,
			self_trade,
			client,
		),
		Intent::Reduce => {
			Orderbook::reduce_order(signed(who), MAIN, market, size, price, time_in_force, post_only, client)
		}
	});
	placed.map(|_| NextOrder::<Test>::get() - 1).map_err(|refused| refused.error)
}

pub fn place(who: AccountId, new: NewOrder<u64>) -> OrderId {
	try_place(who, new).expect("it is placed")
}

/// The refusal of an order, which changes nothing.
pub fn refused(who: AccountId, new: NewOrder<u64>) -> DispatchError {
	let before = sp_io::storage::root(sp_runtime::StateVersion::V1);
	let error = try_place(who, new).expect_err("it is refused");
	assert_eq!(before, sp_io::storage::root(sp_runtime::StateVersion::V1), "and changes nothing");
	error
}

/// The open orders of an account: id and thousandths left, in the order they came.
pub fn open(who: AccountId) -> Vec<(OrderId, u128)> {
	let orders = Orderbook::open_orders(main_of(who));
	orders.iter().map(|order| (order.id, order.left.0 / 1_000_000)).collect()
}

/// What an account holds of bitcoin in thousandths: short is negative.
pub fn position(who: AccountId) -> i128 {
	match Margin::position(main_of(who), BTC) {
		Some((Side::Long, size)) => size.0 as i128 / 1_000_000,
		Some((Side::Short, size)) => -(size.0 as i128 / 1_000_000),
		None => 0,
	}
}

/// Prices and sizes of a side: dollars and thousandths.
pub type Levels = Vec<(u128, u128)>;

/// The bids and asks of bitcoin.
pub fn book() -> (Levels, Levels) {
	let Depth { bids, asks } = Orderbook::depth(BTC, 100);
	let side = |levels: Vec<DepthLevel>| {
		levels.iter().map(|level| (level.price.0 / Price::ONE.0, level.size.0 / 1_000_000)).collect()
	};
	(side(bids), side(asks))
}

/// The events of this pallet in this block.
pub fn events() -> Vec<Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Orderbook(event) => Some(event),
			_ => None,
		})
		.collect()
}

/// What was filled in this block: maker order, taker order, thousandths and dollars.
pub fn fills() -> Vec<(OrderId, OrderId, u128, u128)> {
	let fill = |event| match event {
		Event::OrderFilled { maker_order, taker_order, size, price, .. } => {
			Some((maker_order, taker_order, size.0 / 1_000_000, price.0 / Price::ONE.0))
		}
		_ => None,
	};
	events().into_iter().filter_map(fill).collect()
}

/// What was cancelled in this block.
pub fn cancelled() -> Vec<(OrderId, CancelReason)> {
	let cancel = |event| match event {
		Event::OrderCancelled { order, reason, .. } => Some((order, reason)),
		_ => None,
	};
	events().into_iter().filter_map(cancel).collect()
}
