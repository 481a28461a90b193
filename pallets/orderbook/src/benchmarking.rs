// SPDX-License-Identifier: Apache-2.0
//! Every call and every step of the hook at its worst: accounts with as many positions and orders as they may have,
//! whose keys must all be written again and whose generations have ended.

use super::*;
use crate::{
	auction::Bench,
	ladder::Ladder,
	matching::{Meeting, Taking},
	uncross::Filled,
};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Get, Hooks},
	weights::WeightMeter,
	BoundedBTreeMap, BoundedVec,
};
use frame_system::RawOrigin;
use keel_math::FeeRate;
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Ratio, Side, Size, SubAccount};
use keel_traits::{Clearing, Intent, Terms};
use sp_runtime::traits::{One, Saturating};

/// What benchmarks need of those who keep prices and margin.
pub trait BenchmarkHelper<AccountId> {
	/// As many markets as there may be, open, at one price. Returns those in which traders have positions: as many
	/// as an account may have.
	fn markets() -> Vec<MarketId>;
	/// Two traders with much margin and a large position in each market: a long, and a short. Up to nine pairs may be
	/// worn.
	fn pair(index: u32, markets: &[MarketId]) -> (AccountId, AccountId);
	/// All keys of the traders are too thin, and the generations of all their positions but those in the first market
	/// have ended: whoever touches one of them writes all of it again.
	fn wear(traders: &[AccountId], markets: &[MarketId]);
	/// `market` owes ten dollars, and those who back it hold a position there that is worn.
	fn burden(market: MarketId);
}

const MAIN: SubAccount = SubAccount(0);
/// The size of orders that rest beside the one that is looked at.
const UNIT: Size = Size(Size::ONE.0 / 1_000);
/// A size that is worth trading, and more than the impact notional.
const MUCH: Size = Size(1_000 * Size::ONE.0);

/// A trader of this benchmark.
type Trader<T> = MarginAccount<<T as frame_system::Config>::AccountId>;

/// Markets, and a long and a short with orders in all of them.
struct Scene<T: Config> {
	markets: Vec<MarketId>,
	/// The first of them.
	market: MarketId,
	/// One in which the generations of those who are worn have ended.
	ended: MarketId,
	mark: Price,
	long: Trader<T>,
	short: Trader<T>,
}

/// Set it. `free` is how many places for orders each of the two has left.
fn scene<T: Config>(free: u32) -> Scene<T> {
	charge_fees::<T>();
	let markets = T::BenchmarkHelper::markets();
	let (market, ended) = (markets[0], markets[1 % markets.len()]);
	let mark = terms::<T>(market).mark;
	let (long, short) = pair::<T>(0, &markets, free);
	Scene { markets, market, ended, mark, long, short }
}

/// Two traders, with orders in all markets.
fn pair<T: Config>(index: u32, markets: &[MarketId], free: u32) -> (Trader<T>, Trader<T>) {
	let (long, short) = T::BenchmarkHelper::pair(index, markets);
	let (long, short) = (MarginAccount::main(long), MarginAccount::main(short));
	for who in [&long, &short] {
		fill_list::<T>(who, markets, T::MaxOrders::get() - free);
	}
	(long, short)
}

fn wear<T: Config>(traders: &[&Trader<T>], markets: &[MarketId]) {
	let owners: Vec<_> = traders.iter().map(|trader| trader.owner.clone()).collect();
	T::BenchmarkHelper::wear(&owners, markets);
}

fn terms<T: Config>(market: MarketId) -> Terms {
	T::Margin::terms(market, Intent::Trade).expect("the market is open")
}

/// As many tiers as there may be.
fn schedule() -> FeeSchedule {
	let tier = |from: i64| FeeTier { from: Quote::dollars(from), maker: FeeRate(-10), taker: FeeRate(500) };
	let third = Ratio(Ratio::ONE.0 / 3);
	FeeSchedule {
		tiers: BoundedVec::truncate_from((0..8).map(tier).collect()),
		insurance: third,
		backstop: third,
	}
}

fn charge_fees<T: Config>() {
	Schedule::<T>::put(schedule());
}

fn now<T: Config>() -> BlockNumberFor<T> {
	frame_system::Pallet::<T>::block_number()
}

/// The block up to which orders rest.
fn expiry<T: Config>() -> BlockNumberFor<T> {
	now::<T>().saturating_add(T::MaxOrderLife::get())
}

/// An order, as it would be placed.
fn order<T: Config>(market: MarketId, side: Side, price: Price, left: Size, intent: Intent) -> OrderOf<T> {
	let id = Pallet::<T>::next_order();
	let (expires, client) = (Some(expiry::<T>()), Some(id));
	Order { id, sequence: id, market, side, price, size: left, left, expires, client, intent }
}

/// Let an order rest that was not judged.
fn rest<T: Config>(who: &Trader<T>, order: OrderOf<T>) -> OrderOf<T> {
	Pallet::<T>::put_on_book(who, &order);
	Orders::<T>::mutate(who, |orders| orders.try_push(order)).expect("there is a place");
	order
}

/// Let so many orders rest, across all markets, a percent from mark.
pub(crate) fn fill_list<T: Config>(who: &Trader<T>, markets: &[MarketId], count: u32) {
	for index in 0..count as usize {
		let market = markets[index % markets.len()];
		let mark = terms::<T>(market).mark.0;
		let (side, price) = match index / markets.len() % 2 {
			0 => (Side::Long, mark / 100 * 99),
			_ => (Side::Short, mark / 100 * 101),
		};
		rest::<T>(who, order::<T>(market, side, Price(price), UNIT, Intent::Trade));
	}
}

/// A conditional order that waits for mark to fall by a tenth, placed by its owner.
fn wait<T: Config>(who: &Trader<T>, market: MarketId, other: Option<OrderId>) -> ConditionalOf<T> {
	let mark = terms::<T>(market).mark;
	let order = NewOrder {
		market,
		side: Side::Long,
		size: MUCH,
		price: Price(mark.0 / 100 * 99),
		time_in_force: TimeInForce::GoodTillBlock(expiry::<T>()),
		post_only: PostOnly::No,
		self_trade: SelfTrade::CancelNewest,
		client: None,
		intent: Intent::Trade,
	};
	let (trigger, when) = (Price(mark.0 / 10 * 9), When::AtOrBelow);
	Pallet::<T>::do_place_conditional(who, Conditional { id: 0, trigger, when, order, other })
		.expect("there is a place");
	*Conditionals::<T>::get(who).last().expect("it waits")
}

/// Markets that nobody trades in: they fill up what is kept by market.
fn strangers<T: Config>() -> impl Iterator<Item = MarketId> {
	(0..T::MaxMarkets::get() - 1).map(|index| MarketId(u32::MAX - index))
}

/// Conditional orders wait in as many markets as they may, but for `free`.
fn watch_strangers<T: Config>(free: usize) {
	Watched::<T>::mutate(|watched| {
		strangers::<T>().skip(free - 1).for_each(|market| {
			watched.try_insert(market, 1).expect("there is room");
		});
	});
}

fn unlimited() -> WeightMeter {
	WeightMeter::new()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn idle() {
		T::BenchmarkHelper::markets();

		#[block]
		{
			Pallet::<T>::on_initialize(now::<T>());
		}
	}

	#[benchmark]
	fn place_order() {
		let Scene { markets, market, mark, long, short, .. } = scene::<T>(1);
		// It slides from where it would be filled.
		rest::<T>(&short, order::<T>(market, Side::Short, mark, UNIT, Intent::Trade));
		wear::<T>(&[&long], &markets);
		let life = TimeInForce::GoodTillBlock(expiry::<T>());
		let (post_only, self_trade) = (PostOnly::Slide, SelfTrade::CancelNewest);
		let signed = RawOrigin::Signed(long.owner.clone());

		#[extrinsic_call]
		_(signed, MAIN, market, Side::Long, MUCH, mark, life, post_only, self_trade, Some(u64::MAX));

		assert_eq!(Orders::<T>::get(&long).len() as u32, T::MaxOrders::get());
	}

	#[benchmark]
	fn reduce_order() {
		let Scene { markets, ended, mark, long, short, .. } = scene::<T>(1);
		rest::<T>(&short, order::<T>(ended, Side::Long, mark, UNIT, Intent::Trade));
		wear::<T>(&[&long], &markets);
		let life = TimeInForce::GoodTillBlock(expiry::<T>());
		let signed = RawOrigin::Signed(long.owner.clone());

		#[extrinsic_call]
		_(signed, MAIN, ended, Size::ONE, mark, life, PostOnly::Slide, Some(u64::MAX));

		assert_eq!(Orders::<T>::get(&long).len() as u32, T::MaxOrders::get());
	}

	#[benchmark]
	fn take_order() {
		let Scene { markets, market, mark, long, short, .. } = scene::<T>(1);
		rest::<T>(&short, order::<T>(market, Side::Short, mark, MUCH, Intent::Trade));
		wear::<T>(&[&long, &short], &markets);
		let mut taker = order::<T>(market, Side::Long, mark, MUCH, Intent::Trade);
		let terms = terms::<T>(market);
		let met;

		#[block]
		{
			met = Pallet::<T>::match_order(&long, &mut taker, SelfTrade::CancelNewest, &terms);
		}

		assert_eq!(met.expect("both have margin").count, 1);
		assert!(taker.left.is_zero());
	}

	#[benchmark]
	fn meet_order() {
		let Scene { markets, market, mark, long, short, .. } = scene::<T>(1);
		let (_, second) = pair::<T>(1, &markets, 1);
		for maker in [&short, &second] {
			rest::<T>(maker, order::<T>(market, Side::Short, mark, MUCH, Intent::Trade));
		}
		wear::<T>(&[&long, &short, &second], &markets);
		let size = Size(2 * MUCH.0);
		let mut taker = order::<T>(market, Side::Long, mark, size, Intent::Trade);
		let terms = terms::<T>(market);
		let ladder = Ladder::new::<T>(market, Side::Short);
		let mut taking = Taking::<T>::default();
		let mut meet = |taking: &mut Taking<T>, at| {
			Pallet::<T>::meet(&long, &mut taker, at, SelfTrade::CancelNewest, &terms, taking)
		};
		let first = ladder.first::<T>().expect("both rest");
		assert_eq!(meet(&mut taking, &first), Ok(Meeting::Filled));
		let at = ladder.first::<T>().expect("the second rests");
		assert_eq!(at.account, second);
		let meeting;

		#[block]
		{
			meeting = meet(&mut taking, &at);
			ladder.after::<T>(&at.place);
		}

		assert_eq!(meeting, Ok(Meeting::Filled));
	}

	#[benchmark]
	fn cancel_order() {
		let Scene { long, .. } = scene::<T>(0);
		let last = *Orders::<T>::get(&long).last().expect("it has orders");
		let name = OrderName::Client(last.client.expect("it has an id"));
		let signed = RawOrigin::Signed(long.owner.clone());

		#[extrinsic_call]
		_(signed, MAIN, name);

		assert_eq!(Orders::<T>::get(&long).len() as u32, T::MaxOrders::get() - 1);
	}

	#[benchmark]
	fn cancel_all(n: Linear<0, { T::MaxOrders::get() }>) {
		let Scene { long, .. } = scene::<T>(T::MaxOrders::get() - n);
		let signed = RawOrigin::Signed(long.owner.clone());

		#[extrinsic_call]
		_(signed, MAIN, None);

		assert!(!Orders::<T>::contains_key(&long));
	}

	#[benchmark]
	fn amend_order() {
		let Scene { markets, market, mark, long, short, .. } = scene::<T>(1);
		rest::<T>(&short, order::<T>(market, Side::Short, mark, UNIT, Intent::Trade));
		let below = Price(mark.0 / 100 * 99);
		let old = rest::<T>(&long, order::<T>(market, Side::Long, below, UNIT, Intent::Trade));
		wear::<T>(&[&long], &markets);
		let signed = RawOrigin::Signed(long.owner.clone());

		#[extrinsic_call]
		_(signed, MAIN, OrderName::Id(old.id), Some(MUCH), Some(mark), PostOnly::Slide);

		let new = *Orders::<T>::get(&long).last().expect("it has orders");
		assert!(new.id == old.id && new.sequence > old.sequence && new.size == MUCH);
	}

	#[benchmark]
	fn keep_alive() {
		let Scene { long, .. } = scene::<T>(0);
		Pallet::<T>::set_switch(&long, Some(One::one())).expect("a block is possible");
		let signed = RawOrigin::Signed(long.owner.clone());

		#[extrinsic_call]
		_(signed, MAIN, Some(T::MaxSwitch::get()));

		assert_eq!(Switches::<T>::get(&long), Some(now::<T>().saturating_add(T::MaxSwitch::get())));
	}

	#[benchmark]
	fn set_fees() -> Result<(), BenchmarkError> {
		let origin = T::GovernOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, schedule());

		assert_eq!(Schedule::<T>::get(), schedule());
		Ok(())
	}

	#[benchmark]
	fn set_mode() -> Result<(), BenchmarkError> {
		let origin = T::GovernOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let market = T::BenchmarkHelper::markets()[0];
		strangers::<T>().for_each(|other| Pallet::<T>::note_collected(other).expect("there is room"));

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, market, true);

		assert_eq!(Auctions::<T>::get().len() as u32, T::MaxMarkets::get());
		Ok(())
	}

	#[benchmark]
	fn expire_order() {
		let Scene { market, mark, long, .. } = scene::<T>(1);
		frame_system::Pallet::<T>::set_block_number(now::<T>() + One::one());
		let below = Price(mark.0 / 100 * 99);
		let old = order::<T>(market, Side::Long, below, UNIT, Intent::Trade);
		rest::<T>(&long, Order { expires: Some(now::<T>() - One::one()), ..old });

		#[block]
		{
			Pallet::<T>::expire_orders(now::<T>(), &mut unlimited());
		}

		assert_eq!(Orders::<T>::get(&long).len() as u32, T::MaxOrders::get() - 1);
	}

	#[benchmark]
	fn fire_switch(n: Linear<0, { T::MaxOrders::get() }>) {
		let Scene { long, .. } = scene::<T>(T::MaxOrders::get() - n);
		Pallet::<T>::set_switch(&long, Some(One::one())).expect("a block is possible");
		frame_system::Pallet::<T>::set_block_number(now::<T>() + 2u32.into());

		#[block]
		{
			Pallet::<T>::fire_switches(now::<T>(), &mut unlimited());
		}

		assert!(!Orders::<T>::contains_key(&long) && !Switches::<T>::contains_key(&long));
	}

	#[benchmark]
	fn share_fees() {
		charge_fees::<T>();
		let market = T::BenchmarkHelper::markets()[0];
		T::BenchmarkHelper::burden(market);
		let mut pots = BoundedBTreeMap::new();
		pots.try_insert(market, Quote::dollars(1_000)).expect("there is room");
		for other in strangers::<T>() {
			pots.try_insert(other, Quote::dollars(1)).expect("there is room");
		}
		Fees::<T>::put(pots);

		#[block]
		{
			Pallet::<T>::share_fees(&mut unlimited());
		}

		assert!(!Fees::<T>::get().contains_key(&market));
	}

	#[benchmark]
	fn place_conditional() {
		let Scene { market, mark, long, .. } = scene::<T>(1);
		watch_strangers::<T>(1);
		for _ in 1..T::MaxConditionals::get() {
			wait::<T>(&long, market, None);
		}
		let last = Conditionals::<T>::get(&long).last().expect("there are some").id;
		let (trigger, when) = (Price(mark.0 / 10 * 9), When::AtOrBelow);
		let life = TimeInForce::GoodTillBlock(expiry::<T>());
		let signed = RawOrigin::Signed(long.owner.clone());
		let (side, intent) = (Side::Long, Intent::Trade);

		#[extrinsic_call]
		_(signed, MAIN, trigger, when, market, side, MUCH, trigger, life, intent, Some(last));

		assert_eq!(Conditionals::<T>::get(&long).len() as u32, T::MaxConditionals::get());
	}

	#[benchmark]
	fn cancel_conditional(n: Linear<1, { T::MaxConditionals::get() }>) {
		let Scene { market, long, .. } = scene::<T>(1);
		watch_strangers::<T>(1);
		(0..n).for_each(|_| {
			wait::<T>(&long, market, None);
		});
		let signed = RawOrigin::Signed(long.owner.clone());

		#[extrinsic_call]
		_(signed, MAIN, None);

		assert!(!Conditionals::<T>::contains_key(&long));
	}

	/// A conditional order in each direction, neither of which fires.
	#[benchmark]
	fn look_at_triggers() {
		let Scene { market, mark, long, .. } = scene::<T>(1);
		let waiting = wait::<T>(&long, market, None);
		let (trigger, when) = (Price(mark.0 / 10 * 11), When::AtOrAbove);
		Pallet::<T>::do_place_conditional(&long, Conditional { trigger, when, ..waiting })
			.expect("there is a place");

		#[block]
		{
			Pallet::<T>::fire_conditionals(&mut unlimited());
		}

		assert_eq!(Conditionals::<T>::get(&long).len(), 2);
	}

	/// Its order rests, and one that was paired with it is cancelled.
	#[benchmark]
	fn fire_conditional() {
		let Scene { markets, market, ended, long, .. } = scene::<T>(1);
		watch_strangers::<T>(2);
		let first = wait::<T>(&long, market, None);
		for _ in 2..T::MaxConditionals::get() {
			wait::<T>(&long, ended, None);
		}
		wait::<T>(&long, ended, Some(first.id));
		wear::<T>(&[&long], &markets);
		let reached = Terms { mark: first.trigger, ..terms::<T>(market) };

		#[block]
		{
			assert!(Pallet::<T>::fire_in(market, first.when, &reached, &mut unlimited()));
		}

		assert_eq!(Conditionals::<T>::get(&long).len() as u32, T::MaxConditionals::get() - 2);
		assert_eq!(Orders::<T>::get(&long).len() as u32, T::MaxOrders::get());
	}

	/// The last order of those that are looked at makes the notional full, on each side; every one is another's, who
	/// reduces by it.
	#[benchmark]
	fn find_impact() {
		charge_fees::<T>();
		let markets = T::BenchmarkHelper::markets();
		let market = markets[0];
		let mark = terms::<T>(market).mark;
		for index in 0..IMPACT_ORDERS {
			let (long, short) = pair::<T>(index, &markets, 1);
			let left = if index + 1 == IMPACT_ORDERS { MUCH } else { UNIT };
			for (who, side) in [(&long, Side::Short), (&short, Side::Long)] {
				rest::<T>(who, order::<T>(market, side, mark, left, Intent::Reduce));
			}
		}
		let before = NextOrder::<T>::get();
		Sequences::<T>::put(SequencesAt { now: before, before });
		// Only this market has orders on the book.
		for other in &markets[1..] {
			let _ = Book::<T>::clear_prefix((other,), u32::MAX, None);
		}

		#[block]
		{
			Pallet::<T>::find_impacts(&mut unlimited());
		}

		assert_eq!(Impacts::<T>::get(market).map(|impact| impact.price), Some(mark));
	}

	/// Its best orders do not cross.
	#[benchmark]
	fn look_at_auction() {
		let Scene { market, .. } = scene::<T>(1);
		Pallet::<T>::set_every_block(market, true).expect("there is room");

		#[block]
		{
			Pallet::<T>::uncross(&mut unlimited());
		}

		assert_eq!(Auctions::<T>::get().get(&market).map(|auction| auction.stage), Some(Stage::Collecting));
	}

	#[benchmark]
	fn price_order() {
		let Scene { markets, ended, mark, short, long, .. } = scene::<T>(1);
		let best = rest::<T>(&short, order::<T>(ended, Side::Short, mark, UNIT, Intent::Trade));
		let next = rest::<T>(&long, order::<T>(ended, Side::Short, mark, UNIT, Intent::Reduce));
		wear::<T>(&[&long], &markets);
		let terms = terms::<T>(ended);
		let at = |order: OrderOf<T>, left| {
			let rank = rank(Side::Short, order.price, order.sequence);
			Head::At { rank, price: order.price, left }
		};
		let head;

		#[block]
		{
			head = Bench::<T>::new(ended, &terms).next(Side::Short, at(best, Size::ZERO));
		}

		assert_eq!(head, at(next, UNIT));
	}

	#[benchmark]
	fn fill_pair() {
		let Scene { markets, market, mark, long, short, .. } = scene::<T>(1);
		rest::<T>(&short, order::<T>(market, Side::Short, mark, MUCH, Intent::Trade));
		rest::<T>(&long, order::<T>(market, Side::Long, mark, MUCH, Intent::Trade));
		wear::<T>(&[&long, &short], &markets);
		let filled;

		#[block]
		{
			filled = Pallet::<T>::fill_at(market, mark, Size::ZERO, 0, &mut unlimited());
		}

		assert_eq!(filled, Filled::All(MUCH));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::world(), crate::mock::Test);
}
