// SPDX-License-Identifier: Apache-2.0
//! Every call and every step of the hook at its worst: accounts with as many positions as they may have,
//! keys that must all be written again, and keys of others that were deleted in the same block.

use crate::{
	accounts::Cause,
	pallet::Pallet as Margin,
	triggers::{Headless, Ladder},
	*,
};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Get},
	weights::WeightMeter,
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use keel_math::{
	keys::{key_of, sort_key},
	Generation, InitialParams, Level, Tier, TierIndex, Tiers,
};
use keel_primitives::*;
use keel_traits::{Custody, Liquidatable, MarketGate, PriceFeed};
use sp_runtime::traits::One;

const MAIN: SubAccount = SubAccount(0);
const PRICE: Price = Price::dollars(100);
/// What a trader has, and the size of each position: so much that some is left after its generation has ended.
const EQUITY: Quote = Quote::dollars(1_000_000_000_000);
const SIZE: Size = Size(1_000_000_000 * Size::ONE.0);
/// What a giant has, and trades.
const GIANT_EQUITY: Quote = Quote(1_000_000_000_000 * EQUITY.0);
const GIANT: Size = Size(10_000_000 * SIZE.0);
/// Keys that others judged in the same block have deleted, and that are passed on the way to the next one.
///
/// However many share a key, a key that was deleted is passed twice at most: once by the walk of its ladder, which
/// goes on from its place and never back, and once by the look for the ladder's head, one for each ladder when all
/// walks are over. An account deletes at most one key a position, and pays for passing each twice: at most 32, for
/// there are at most sixteen positions. Here the walk and the look pass as many each.
const DELETED: u32 = 32;
/// The tier of all positions: the last one.
const TOP: TierIndex = TierIndex(3);

/// As many tiers as there may be, up to positions of any size.
fn tiers(initial: Ratio) -> Tiers {
	let tier = |up_to| Tier { up_to, initial, maintenance: Ratio::percent(3) };
	let list = [1, 2, 3].map(Quote::dollars).map(tier);
	Tiers::of(&[list[0], list[1], list[2], tier(Quote(i128::MAX))]).expect("four are allowed")
}

fn params() -> MarketParams {
	MarketParams {
		tiers: tiers(Ratio::percent(5)),
		initial: InitialParams {
			soft_cap: Quote::ZERO,
			hard_cap: Quote(i128::MAX),
			// A tenth of a position: the surcharge for size is computed for each.
			free_notional: Quote::dollars(10_000_000_000),
			volatility_multiplier: Ratio::percent(1),
		},
		withdrawal_rate: Ratio::ONE,
		opening_credit: Ratio::percent(50),
		withdrawal_credit: Ratio::percent(50),
		band: Ratio::percent(2),
		largest_move: Ratio::percent(2),
		worst_fee: Ratio::basis_points(50),
		interest: keel_math::FundingRate(1_000_000),
		damper: Ratio::basis_points(10),
		funding_multiple: Ratio::percent(25),
		lot: Size(1_000),
		tick: Price(1_000_000_000_000_000),
		max_open_interest: keel_math::units::SIZE_MAX,
		min_position: Quote::dollars(1),
	}
}

fn name() -> BoundedVec<u8, NameLimit> {
	BoundedVec::truncate_from(b"BENCHMARK-PERPET".to_vec())
}

/// The first `count` markets, listed and open, all at one price.
fn list<T: Config>(count: u32) -> Vec<MarketId> {
	(0..count)
		.map(|index| {
			let (id, feed) = (MarketId(index), FeedId(index));
			if Markets::<T>::get(id).is_none() {
				Margin::<T>::add_market(feed, name(), params(), false).expect("there is room");
			}
			T::Gate::open(id);
			Markets::<T>::mutate_extant(id, |market| {
				T::Prices::land(market.feed, PRICE);
				market.params = params();
				market.mark = PRICE;
			});
			id
		})
		.collect()
}

/// As many markets as there may be; of them as many as an account may have positions in.
fn markets<T: Config>() -> Vec<MarketId> {
	let mut all = list::<T>(T::MaxMarkets::get());
	all.truncate(T::MaxPositions::get() as usize);
	all
}

fn rich<T: Config>(name: &'static str, amount: Quote) -> T::AccountId {
	let who: T::AccountId = account(name, 0, 0);
	<Margin<T> as Custody<T::AccountId>>::fund(&who, Quote(2 * amount.0));
	Margin::<T>::do_deposit(MarginAccount::main(who.clone()), amount).expect("funded");
	who
}

fn offer<T: Config>(maker: &T::AccountId, market: MarketId, side: Side, size: Size, intent: Intent) -> u64 {
	let expires = frame_system::Pallet::<T>::block_number() + One::one();
	let maker = MarginAccount::main(maker.clone());
	Margin::<T>::do_offer(Offer { maker, market, side, size, price: PRICE, expires, taker: None, intent })
		.expect("good terms");
	OfferIds::<T>::get().next - 1
}

fn trade<T: Config>(long: &T::AccountId, short: &T::AccountId, market: MarketId, size: Size) {
	let offer = offer::<T>(long, market, Side::Long, size, Intent::Trade);
	Margin::<T>::do_accept(offer, MarginAccount::main(short.clone()), Intent::Trade).expect("rich");
}

/// A long and a short with a position in each market.
fn traders<T: Config>() -> (T::AccountId, T::AccountId, Vec<MarketId>) {
	frame_system::Pallet::<T>::set_block_number(One::one());
	let markets = markets::<T>();
	let (long, short) = (rich::<T>("long", EQUITY), rich::<T>("short", EQUITY));
	for market in &markets {
		trade::<T>(&long, &short, *market, SIZE);
	}
	(long, short, markets)
}

/// End the generations of both sides: whoever has a position in the markets must settle it first.
///
/// Two giants come, and each is deleveraged but for a rest: of a unit of the other side less than a millionth
/// is left, and it is re-based.
fn end_generations<T: Config>(markets: &[MarketId]) {
	let (long, short) = (rich::<T>("giant long", GIANT_EQUITY), rich::<T>("giant short", GIANT_EQUITY));
	for market in markets {
		trade::<T>(&long, &short, *market, GIANT);
		for (giant, rest) in [(&short, SIZE), (&long, Size(1_000 * Size::ONE.0))] {
			let giant = MarginAccount::main(giant.clone());
			let exposures = Margin::<T>::exposures(&giant);
			let held = exposures.iter().find(|exposure| exposure.market == *market).expect("it traded");
			Margin::<T>::deleverage(&giant, *market, Size(held.size.0 - rest.0)).expect("it has that");
		}
		let book = Markets::<T>::get(*market).expect("listed").book;
		assert!(book.long.generation > Generation(0) && book.short.generation > Generation(0));
	}
}

/// File all keys of an account for a twentieth of its health: at the next touch they are too thin, and all of
/// them are filed again.
fn thin_keys<T: Config>(who: &T::AccountId) {
	let account = MarginAccount::main(who.clone());
	let health = Margin::<T>::judge(&account).expect("it has positions").health;
	let held_back = health.0 / 20 * 19;
	Margin::<T>::touch(&account, Cause::Touched(None), |account| {
		account.cash.0 -= held_back;
		Ok(())
	})
	.expect("fits");
	Accounts::<T>::mutate(who, MAIN, |account| account.cash.0 += held_back);
	TotalCash::<T>::mutate(|total| total.0 += held_back);
}

fn terms<T: Config>() -> BlockNumberFor<T> {
	frame_system::Pallet::<T>::block_number() + One::one()
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn deposit() {
		let (long, _, markets) = traders::<T>();
		thin_keys::<T>(&long);
		end_generations::<T>(&markets);
		#[extrinsic_call]
		_(RawOrigin::Signed(long.clone()), MAIN, Quote::dollars(1_000_000));
		assert!(UrgentCalls::<T>::contains_key(&long));
	}

	#[benchmark]
	fn withdraw() {
		let (long, _, markets) = traders::<T>();
		thin_keys::<T>(&long);
		end_generations::<T>(&markets);
		#[extrinsic_call]
		_(RawOrigin::Signed(long), MAIN, Quote::dollars(1_000));
		assert_eq!(LeavingBounds::<T>::get().len(), 1);
	}

	#[benchmark]
	fn transfer() {
		let (long, _, markets) = traders::<T>();
		thin_keys::<T>(&long);
		end_generations::<T>(&markets);
		#[extrinsic_call]
		_(RawOrigin::Signed(long), MAIN, SubAccount(1), Quote::dollars(1_000));
		assert_eq!(LeavingBounds::<T>::get().len(), 1);
	}

	#[benchmark]
	fn offer_trade() {
		let (long, short, markets) = traders::<T>();
		thin_keys::<T>(&long);
		end_generations::<T>(&markets);
		let expires = terms::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(long), MAIN, markets[0], Side::Long, Size::ONE, PRICE, expires, Some(short));
		assert_eq!(Offers::<T>::iter().count(), 1);
	}

	#[benchmark]
	fn offer_reduce() {
		let (long, short, markets) = traders::<T>();
		thin_keys::<T>(&long);
		end_generations::<T>(&markets);
		let expires = terms::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(long), MAIN, markets[0], Size::ONE, PRICE, expires, Some(short));
		assert_eq!(Offers::<T>::iter().count(), 1);
	}

	#[benchmark]
	fn cancel_offer() {
		let (long, _, markets) = traders::<T>();
		let id = offer::<T>(&long, markets[0], Side::Long, Size::ONE, Intent::Trade);
		#[extrinsic_call]
		_(RawOrigin::Signed(long), id);
		assert_eq!(Offers::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn accept_trade() {
		let (long, short, markets) = traders::<T>();
		let id = offer::<T>(&long, markets[0], Side::Long, Size(100 * Size::ONE.0), Intent::Trade);
		thin_keys::<T>(&long);
		thin_keys::<T>(&short);
		// While a generation of the market itself waits to be settled nobody opens there.
		end_generations::<T>(&markets[1..]);
		#[extrinsic_call]
		_(RawOrigin::Signed(short), id, MAIN);
		assert_eq!(Offers::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn accept_reduce() {
		let (long, short, markets) = traders::<T>();
		let id = offer::<T>(&long, markets[0], Side::Short, Size(50 * Size::ONE.0), Intent::Reduce);
		thin_keys::<T>(&long);
		thin_keys::<T>(&short);
		end_generations::<T>(&markets);
		#[extrinsic_call]
		_(RawOrigin::Signed(short), id, MAIN);
		assert_eq!(Offers::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn repay_debt() {
		let (long, _, markets) = traders::<T>();
		Markets::<T>::mutate_extant(markets[0], |market| {
			market.book.borrow(Quote::dollars(10)).expect("fits");
		});
		#[extrinsic_call]
		_(RawOrigin::Signed(long), markets[0], Quote::dollars(10));
		assert!(Markets::<T>::get(markets[0]).expect("listed").book.debt.is_zero());
	}

	#[benchmark]
	fn list_market() -> Result<(), BenchmarkError> {
		let origin = T::ListOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let feed = FeedId(0);
		T::Prices::land(feed, PRICE);
		let before = NextMarket::<T>::get();
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, feed, name(), params());
		assert_eq!(NextMarket::<T>::get().0, before.0 + 1);
		Ok(())
	}

	#[benchmark]
	fn set_market_params() -> Result<(), BenchmarkError> {
		let origin = T::ListOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let id = markets::<T>()[0];
		let mut stricter = params();
		stricter.band = Ratio::percent(1);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id, stricter);
		assert_eq!(Markets::<T>::get(id).expect("listed").params, stricter);
		Ok(())
	}

	#[benchmark]
	fn lift_quarantine() -> Result<(), BenchmarkError> {
		let origin = T::ListOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let id = markets::<T>()[0];
		Markets::<T>::mutate_extant(id, |market| market.quarantined = true);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id);
		assert!(!Markets::<T>::get(id).expect("listed").quarantined);
		Ok(())
	}

	#[benchmark]
	fn set_leverage() {
		let (long, _, _) = traders::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(long.clone()), MAIN, Some(7));
		assert_eq!(Accounts::<T>::get(&long, MAIN).leverage.map(|cap| cap.get()), Some(7));
	}

	/// One market of a block, in which nobody's key has fired: the least number there is, so the sum of the
	/// claims is charged to it too.
	#[benchmark]
	fn open_market() {
		frame_system::Pallet::<T>::set_block_number(One::one());
		let markets = list::<T>(1);
		trade::<T>(&rich::<T>("long", EQUITY), &rich::<T>("short", EQUITY), markets[0], SIZE);
		NextMarket::<T>::put(MarketId(1));
		T::Prices::land(FeedId(0), Price::dollars(101));
		let mut meter = WeightMeter::new();
		let now = frame_system::Pallet::<T>::block_number();
		#[block]
		{
			Margin::<T>::open_markets(&mut meter);
			Margin::<T>::judge_fired(now, &mut meter);
		}
		assert_eq!(Markets::<T>::get(markets[0]).expect("listed").mark, Price::dollars(101));
	}

	#[benchmark]
	fn leave() {
		let (long, _, markets) = traders::<T>();
		thin_keys::<T>(&long);
		end_generations::<T>(&markets);
		let before = Custodied::<T>::get();
		let account = MarginAccount::main(long);
		let since = frame_system::Pallet::<T>::block_number();
		let entry = Leaving { account, amount: Quote::dollars(500_000), to: Destination::Owner, since };
		LeavingCount::<T>::insert(&entry.account.owner, 1);
		LeavingQueue::<T>::insert(0, entry);
		#[block]
		{
			let entry = LeavingQueue::<T>::take(0).expect("it waits");
			Margin::<T>::execute_leaving(entry);
		}
		assert_eq!(Custodied::<T>::get().0, before.0 - Quote::dollars(500_000).0);
	}

	#[benchmark]
	fn expire_offer() {
		let (long, _, markets) = traders::<T>();
		let id = offer::<T>(&long, markets[0], Side::Long, Size::ONE, Intent::Trade);
		let before = OfferIds::<T>::get();
		#[block]
		{
			let terms = Offers::<T>::get(id).expect("made");
			Margin::<T>::remove_offer(id, &terms);
			OfferIds::<T>::put(before);
		}
		assert_eq!(Offers::<T>::iter().count(), 0);
	}

	/// One of many: the walk to its key is charged too.
	#[benchmark]
	fn forget_urgent() {
		let owner: T::AccountId = account("owner", 0, 0);
		let now = frame_system::Pallet::<T>::block_number();
		Margin::<T>::note_urgent(&owner, UrgentKind::AddMargin).expect("the first");
		#[block]
		{
			let first = UrgentCalls::<T>::iter_keys().next().expect("there is one");
			Margin::<T>::forget_urgent_of(&first, now + One::one());
		}
		assert_eq!(UrgentCalls::<T>::iter_keys().count(), 0);
	}

	/// A key has fired, all are too thin, and other generations of the account's positions have ended: to settle
	/// one costs more than the two looks that a key of a present generation may cost, when it was the first of its
	/// ladder: one by the walk of that ladder, which starts at it, and one for the new head.
	///
	/// Behind the account are the keys of others that were judged in this block already, and one that was not.
	#[benchmark]
	fn judge() {
		let (long, _, markets) = traders::<T>();
		thin_keys::<T>(&long);
		end_generations::<T>(&markets[1..]);
		// A small fall in every market, and keys that are too thin for it.
		for market in &markets {
			Markets::<T>::mutate_extant(*market, |market| market.mark = Price::dollars(99));
		}
		let who = MarginAccount::main(long);
		let before = Margin::<T>::filings(&Margin::<T>::stored(&who));
		let ladder = Ladder::new::<T>(markets[0], Side::Long, TOP, Generation(0));
		let first = ladder.first::<T>().expect("it is filed");
		assert_eq!(first.account, who);
		let behind: Vec<_> = (1..=DELETED + 1)
			.map(|index| {
				let stranger = MarginAccount::main(account::<T::AccountId>("stranger", index, 0));
				let sorted = sort_key(Side::Long, Level(first.key.0 - i128::from(index)));
				let key = (markets[0], Side::Long, TOP, Generation(0), sorted, stranger);
				Triggers::<T>::insert(key.clone(), ());
				key
			})
			.collect();
		let (last, judged) = behind.split_last().expect("there are some");
		// Whoever was judged has paid for the removal.
		for key in judged {
			frame_benchmarking::benchmarking::add_to_whitelist(
				Triggers::<T>::hashed_key_for(key.clone()).into(),
			);
		}
		let next;
		#[block]
		{
			for key in judged {
				Triggers::<T>::remove(key.clone());
			}
			let mut headless = Headless::new();
			Margin::<T>::judge_one(markets[0], &who, Cause::Fired, &mut headless);
			next = ladder.after::<T>(&first.place);
			Margin::<T>::set_heads(headless);
		}
		let head = Markets::<T>::get(markets[0]).expect("listed").long.head(TOP);
		assert_eq!(head, Some(key_of(Side::Long, last.4)));
		let after = Margin::<T>::stored(&who);
		assert_eq!(after.place, Place::Filed);
		assert!(Margin::<T>::filings(&after).is_disjoint(&before), "all keys were filed again");
		assert_eq!(next.map(|rung| rung.account), Some(last.5.clone()));
	}

	/// The same for an account that is bankrupt: it leaves the trigger book, and whoever liquidates is told.
	#[benchmark]
	fn seize() {
		let (long, _, markets) = traders::<T>();
		end_generations::<T>(&markets[1..]);
		let who = MarginAccount::main(long.clone());
		let equity = Margin::<T>::judge(&who).expect("it has positions").equity;
		let taken = equity.0 + Quote::dollars(1).0;
		Accounts::<T>::mutate(&long, MAIN, |account| account.cash.0 -= taken);
		TotalCash::<T>::mutate(|total| total.0 -= taken);
		end_generations::<T>(&markets[..1]);
		#[block]
		{
			let mut headless = Headless::new();
			Margin::<T>::judge_one(markets[0], &who, Cause::Fired, &mut headless);
			Margin::<T>::set_heads(headless);
		}
		let after = Margin::<T>::stored(&who);
		assert_eq!(after.place, Place::Queued);
		assert_eq!(Triggers::<T>::iter_keys().filter(|key| key.5 == who).count(), 0);
	}

	/// Nobody is left in it.
	#[benchmark]
	fn drain() {
		let (_, _, markets) = traders::<T>();
		let next = Generation(1);
		Markets::<T>::mutate_extant(markets[0], |market| market.book.long.generation = next);
		Triggers::<T>::drain().for_each(drop);
		let mut meter = WeightMeter::new();
		#[block]
		{
			Margin::<T>::drain_ended(markets[0], Side::Long, &mut Headless::new(), &mut meter);
		}
		assert_eq!(Markets::<T>::get(markets[0]).expect("listed").long.drained_to, next);
	}

	impl_benchmark_test_suite!(Margin, crate::mock::new_test_ext(), crate::mock::Test);
}
