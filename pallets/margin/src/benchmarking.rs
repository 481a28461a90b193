// SPDX-License-Identifier: Apache-2.0
//! Every call and every step of the hook at its worst: accounts with as many positions as they may have,
//! keys that must all be written again, a ladder with a thousand keys deleted in the same block.

use crate::{accounts::Cause, pallet::Pallet as Margin, *};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Get},
	weights::WeightMeter,
	BoundedVec,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use keel_math::{keys::sort_key, Generation, Level};
use keel_primitives::*;
use keel_traits::{Custody, Liquidatable, MarketGate, PriceFeed};
use sp_runtime::traits::One;

const MAIN: SubAccount = SubAccount(0);
const PRICE: Price = Price::dollars(100);
/// Keys deleted from a ladder in the same block.
const DELETED: u32 = 1_000;

fn params() -> MarketParams {
	MarketParams {
		initial_rate: Ratio::percent(5),
		maintenance_rate: Ratio::percent(3),
		withdrawal_rate: Ratio::percent(10),
		profit_credit: Ratio::percent(50),
		band: Ratio::percent(2),
		largest_move: Ratio::percent(2),
		worst_fee: Ratio::basis_points(50),
		funding_rate: keel_math::FundingRate(1_000_000),
		funding_cap: Ratio::basis_points(50),
		lot: Size(1_000),
		tick: Price(1_000_000_000_000_000),
		max_open_interest: keel_math::units::SIZE_MAX,
		min_position: Quote::dollars(1),
	}
}

fn name() -> BoundedVec<u8, NameLimit> {
	BoundedVec::truncate_from(b"BENCHMARK-PERPET".to_vec())
}

/// As many markets as an account may have positions in, all at one price.
fn markets<T: Config>() -> Vec<MarketId> {
	let count = T::MaxPositions::get().min(T::MaxMarkets::get());
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

fn rich<T: Config>(name: &'static str) -> T::AccountId {
	let who: T::AccountId = account(name, 0, 0);
	let amount = Quote::dollars(1_000_000);
	Margin::<T>::fund(&who, Quote::dollars(2_000_000));
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

/// A long and a short with a position in each market.
fn traders<T: Config>() -> (T::AccountId, T::AccountId, Vec<MarketId>) {
	frame_system::Pallet::<T>::set_block_number(One::one());
	let markets = markets::<T>();
	let (long, short) = (rich::<T>("long"), rich::<T>("short"));
	for market in &markets {
		let offer = offer::<T>(&long, *market, Side::Long, Size(100 * Size::ONE.0), Intent::Trade);
		Margin::<T>::do_accept(offer, MarginAccount::main(short.clone()), Intent::Trade).expect("rich");
	}
	(long, short, markets)
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
		let (long, _, _) = traders::<T>();
		thin_keys::<T>(&long);
		#[extrinsic_call]
		_(RawOrigin::Signed(long.clone()), MAIN, Quote::dollars(1_000_000));
		assert!(UrgentCalls::<T>::contains_key(&long));
	}

	#[benchmark]
	fn withdraw() {
		let (long, _, _) = traders::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(long), MAIN, Quote::dollars(1_000));
		assert_eq!(LeavingBounds::<T>::get().len(), 1);
	}

	#[benchmark]
	fn transfer() {
		let (long, _, _) = traders::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(long), MAIN, SubAccount(1), Quote::dollars(1_000));
		assert_eq!(LeavingBounds::<T>::get().len(), 1);
	}

	#[benchmark]
	fn offer_trade() {
		let (long, short, markets) = traders::<T>();
		let expires = terms::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(long), MAIN, markets[0], Side::Long, Size::ONE, PRICE, expires, Some(short));
		assert_eq!(Offers::<T>::iter().count(), 1);
	}

	#[benchmark]
	fn offer_reduce() {
		let (long, short, markets) = traders::<T>();
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
		stricter.initial_rate = Ratio::percent(6);
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

	/// One market of a block: the least number there is, so the sum of the claims is charged to it too.
	#[benchmark]
	fn open_market() {
		let (_, _, markets) = traders::<T>();
		for market in markets.iter().skip(1) {
			Markets::<T>::remove(market);
		}
		NextMarket::<T>::put(MarketId(1));
		T::Prices::land(FeedId(0), Price::dollars(101));
		let mut meter = WeightMeter::new();
		#[block]
		{
			Margin::<T>::open_markets(&mut meter);
		}
		assert_eq!(Markets::<T>::get(markets[0]).expect("listed").mark, Price::dollars(101));
	}

	#[benchmark]
	fn leave() {
		let (long, _, _) = traders::<T>();
		thin_keys::<T>(&long);
		let account = MarginAccount::main(long);
		let since = frame_system::Pallet::<T>::block_number();
		let entry = Leaving { account, amount: Quote::dollars(500_000), to: Destination::Owner, since };
		LeavingCount::<T>::insert(&entry.account.owner, 1);
		#[block]
		{
			Margin::<T>::execute_leaving(entry);
		}
		assert!(TotalCash::<T>::get() < Quote::dollars(2_000_000));
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

	#[benchmark]
	fn judge() {
		let (long, _, markets) = traders::<T>();
		thin_keys::<T>(&long);
		// Keys before the account's own that were there and are gone.
		for index in 0..DELETED {
			let stranger = MarginAccount::main(account::<T::AccountId>("stranger", index, 0));
			let sorted = sort_key(Side::Long, Level(i128::MAX - i128::from(index)));
			let key = (markets[0], Side::Long, triggers::TIER, Generation(0), sorted, stranger);
			Triggers::<T>::insert(key.clone(), ());
			Triggers::<T>::remove(key);
		}
		// A small fall in every market, and keys that are too thin for it.
		for market in &markets {
			Markets::<T>::mutate_extant(*market, |market| market.mark = Price::dollars(99));
		}
		let who = MarginAccount::main(long);
		#[block]
		{
			Margin::<T>::judge_one(markets[0], &who, Cause::Fired);
		}
		assert_eq!(Margin::<T>::stored(&who).place, Place::Filed);
	}

	impl_benchmark_test_suite!(Margin, crate::mock::new_test_ext(), crate::mock::Test);
}
