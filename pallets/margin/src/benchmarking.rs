// SPDX-License-Identifier: Apache-2.0
//! Every call and every step of the hook at its worst: accounts with as many positions as they may have,
//! keys that must all be written again, full lists of open orders, and keys of others that were deleted in the same
//! block.

use crate::{
	accounts::Cause, desk::Desk, judging::Walked, pallet::Pallet as Margin, stage::*, triggers::Ladder, *,
};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Get},
	weights::WeightMeter,
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use keel_math::{
	keys::{key_of, sort_key},
	Generation, Level, TierIndex,
};
use keel_primitives::*;
use keel_traits::{Liquidatable, PriceFeed};
use sp_runtime::traits::One;

/// Keys that others judged in the same block have deleted, and that are passed on the way to the next one.
///
/// However many share a key, a key that was deleted is passed twice at most: once by the walk of its ladder, which
/// goes on from its place and never back, and once by the look for the ladder's head, one for each ladder when all
/// walks are over. An account deletes at most one key a position, and pays for passing each twice: at most 32, for
/// there are at most sixteen positions. Here the walk and the look pass as many each.
const DELETED: u32 = 32;
/// The tier of all positions: the last one.
const TOP: TierIndex = TierIndex(3);

fn terms<T: Config>() -> BlockNumberFor<T> {
	frame_system::Pallet::<T>::block_number() + One::one()
}

/// Somebody who is long in so many markets.
fn holder_of<T: Config>(positions: u32) -> (T::AccountId, Vec<MarketId>) {
	frame_system::Pallet::<T>::set_block_number(One::one());
	let mut markets = markets::<T>();
	markets.truncate(positions as usize);
	let (long, _) = pair::<T>(0, &markets);
	(long, markets)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn deposit() {
		let (long, _, markets) = traders::<T>();
		thin_keys::<T>(&main_of(&long));
		end_generations::<T>(&markets);
		#[extrinsic_call]
		_(RawOrigin::Signed(long.clone()), MAIN, Quote::dollars(1_000_000));
		assert!(UrgentCalls::<T>::contains_key(&long));
	}

	#[benchmark]
	fn withdraw() {
		let (long, _, markets) = traders::<T>();
		thin_keys::<T>(&main_of(&long));
		end_generations::<T>(&markets);
		#[extrinsic_call]
		_(RawOrigin::Signed(long), MAIN, Quote::dollars(1_000));
		assert_eq!(LeavingBounds::<T>::get().len(), 1);
	}

	#[benchmark]
	fn transfer() {
		let (long, _, markets) = traders::<T>();
		thin_keys::<T>(&main_of(&long));
		end_generations::<T>(&markets);
		#[extrinsic_call]
		_(RawOrigin::Signed(long), MAIN, SubAccount(1), Quote::dollars(1_000));
		assert_eq!(LeavingBounds::<T>::get().len(), 1);
	}

	#[benchmark]
	fn offer_trade() {
		let (long, short, markets) = traders::<T>();
		thin_keys::<T>(&main_of(&long));
		end_generations::<T>(&markets);
		let expires = terms::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(long), MAIN, markets[0], Side::Long, Size::ONE, PRICE, expires, Some(short));
		assert_eq!(Offers::<T>::iter().count(), 1);
	}

	#[benchmark]
	fn offer_reduce() {
		let (long, short, markets) = traders::<T>();
		thin_keys::<T>(&main_of(&long));
		end_generations::<T>(&markets);
		let expires = terms::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(long), MAIN, markets[0], Size::ONE, PRICE, expires, Some(short));
		assert_eq!(Offers::<T>::iter().count(), 1);
	}

	#[benchmark]
	fn cancel_offer() {
		let (long, _, markets) = traders::<T>();
		let id = offer::<T>(&main_of(&long), markets[0], Side::Long, Size::ONE, Intent::Trade);
		#[extrinsic_call]
		_(RawOrigin::Signed(long), id);
		assert_eq!(Offers::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn accept_trade() {
		let (long, short, markets) = traders::<T>();
		let id = offer::<T>(&main_of(&long), markets[0], Side::Long, Size(100 * Size::ONE.0), Intent::Trade);
		thin_keys::<T>(&main_of(&long));
		thin_keys::<T>(&main_of(&short));
		// While a generation of the market itself waits to be settled nobody opens there.
		end_generations::<T>(&markets[1..]);
		#[extrinsic_call]
		_(RawOrigin::Signed(short), id, MAIN);
		assert_eq!(Offers::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn accept_reduce() {
		let (long, short, markets) = traders::<T>();
		let id = offer::<T>(&main_of(&long), markets[0], Side::Short, Size(50 * Size::ONE.0), Intent::Reduce);
		thin_keys::<T>(&main_of(&long));
		thin_keys::<T>(&main_of(&short));
		end_generations::<T>(&markets);
		#[extrinsic_call]
		_(RawOrigin::Signed(short), id, MAIN);
		assert_eq!(Offers::<T>::iter().count(), 0);
	}

	#[benchmark]
	fn repay_debt() {
		let (long, _, markets) = traders::<T>();
		owe::<T>(markets[0], Quote::dollars(10));
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
	fn settle_market() -> Result<(), BenchmarkError> {
		let origin = T::ListOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let id = markets::<T>()[0];
		let later = frame_system::Pallet::<T>::block_number() + T::DeadAfter::get();
		frame_system::Pallet::<T>::set_block_number(later);
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id, PRICE);
		assert!(Markets::<T>::get(id).expect("listed").settlement.is_some());
		Ok(())
	}

	#[benchmark]
	fn relist_market() -> Result<(), BenchmarkError> {
		let origin = T::ListOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let id = markets::<T>()[0];
		Markets::<T>::mutate_extant(id, |market| {
			let marked_at = Some(market.marked_in);
			market.settlement = Some(Settlement { price: PRICE, marked_at, closed_out: true });
		});
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, id);
		assert!(Markets::<T>::get(id).expect("listed").settlement.is_none());
		Ok(())
	}

	#[benchmark]
	fn close_out() {
		let (_, _, markets) = traders::<T>();
		let id = markets[0];
		let mut market = Markets::<T>::get(id).expect("listed");
		market.settlement = Some(Settlement { price: PRICE, marked_at: Some(0), closed_out: false });
		let mut meter = WeightMeter::new();
		#[block]
		{
			Margin::<T>::advance_settlement(id, &mut market, 0, &mut meter);
		}
		assert!(market.settlement.is_some_and(|settlement| settlement.closed_out));
	}

	#[benchmark]
	fn set_leverage() {
		let (long, _, _) = traders::<T>();
		#[extrinsic_call]
		_(RawOrigin::Signed(long.clone()), MAIN, Some(7));
		assert_eq!(Accounts::<T>::get(&long, MAIN).leverage.map(|cap| cap.get()), Some(7));
	}

	#[benchmark]
	fn set_key_cap() {
		let (long, _, _) = traders::<T>();
		let most = Quote::dollars(100);
		#[extrinsic_call]
		_(RawOrigin::Signed(long.clone()), most);
		assert_eq!(KeyCaps::<T>::get(&long).most, most);
	}

	/// One market of a block, in which nobody's key has fired: the least number there is, so the sum of the
	/// claims is charged to it too.
	#[benchmark]
	fn open_market() {
		frame_system::Pallet::<T>::set_block_number(One::one());
		let markets = list::<T>(1);
		pair::<T>(0, &markets);
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
		thin_keys::<T>(&main_of(&long));
		end_generations::<T>(&markets);
		let before = Custodied::<T>::get();
		let account = MarginAccount::main(long);
		let since = frame_system::Pallet::<T>::block_number();
		let (amount, to, asked_at) = (Quote::dollars(500_000), Destination::Owner, 0);
		let entry = Leaving { account, amount, to, since, asked_at };
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
		let id = offer::<T>(&main_of(&long), markets[0], Side::Long, Size::ONE, Intent::Trade);
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

	/// A key has fired, and all are too thin. Each was the first of its ladder, and costs two looks: one by the walk of
	/// that ladder, which starts at it, and one for the new head.
	///
	/// Behind the account are the keys of others that were judged in this block already, and one that was not.
	#[benchmark]
	fn judge(p: Linear<1, { T::MaxPositions::get() }>) {
		let (long, markets) = holder_of::<T>(p);
		thin_keys::<T>(&main_of(&long));
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
			let mut walked = Walked::default();
			Margin::<T>::judge_one(markets[0], &who, Cause::Fired, &mut walked);
			next = ladder.after::<T>(&first.place);
			walked.fees.clear();
			Margin::<T>::finish(walked);
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
	fn seize(p: Linear<1, { T::MaxPositions::get() }>) {
		let (long, markets) = holder_of::<T>(p);
		let who = main_of(&long);
		let equity = Margin::<T>::judge(&who).expect("it has positions").equity;
		let taken = equity.0 + Quote::dollars(1).0;
		Accounts::<T>::mutate(&long, MAIN, |account| account.cash.0 -= taken);
		TotalCash::<T>::mutate(|total| total.0 -= taken);
		#[block]
		{
			let mut walked = Walked::default();
			Margin::<T>::judge_one(markets[0], &who, Cause::Fired, &mut walked);
			Margin::<T>::finish(walked);
		}
		let after = Margin::<T>::stored(&who);
		assert_eq!(after.place, Place::Queued);
		assert_eq!(Triggers::<T>::iter_keys().filter(|key| key.5 == who).count(), 0);
	}

	/// One position of an ended generation becomes one of the next.
	#[benchmark]
	fn settle() {
		let (long, markets) = holder_of::<T>(1);
		end_generations::<T>(&markets);
		let who = main_of(&long);
		let mut account = Margin::<T>::stored(&who);
		let settled;
		#[block]
		{
			let mut desk = Desk::default();
			settled = Margin::<T>::settle_ended(&mut desk, &who, &mut account);
			desk.put_back();
		}
		assert_eq!(settled, Ok(1));
	}

	#[benchmark]
	fn keep_fees() {
		let (_, markets) = holder_of::<T>(1);
		owe::<T>(markets[0], Quote(1));
		#[block]
		{
			Margin::<T>::keep_for(markets[0], Quote::dollars(1));
		}
		assert!(Markets::<T>::get(markets[0]).expect("listed").book.debt.is_zero());
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
			Margin::<T>::drain_ended(markets[0], Side::Long, &mut Walked::default(), &mut meter);
		}
		assert_eq!(Markets::<T>::get(markets[0]).expect("listed").long.drained_to, next);
	}

	impl_benchmark_test_suite!(Margin, crate::mock::new_test_ext(), crate::mock::Test);
}
