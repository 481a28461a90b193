// SPDX-License-Identifier: Apache-2.0
//! Worst cases of each unit of work that `round.rs` meters, and of the calls: an account with as many
//! positions as it may have, and a backstop that refuses.

use super::*;
use crate::{losses::Paid, waterfall::Next};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Hooks},
	weights::{Weight, WeightMeter},
	BoundedVec,
};
use frame_system::RawOrigin;
use keel_primitives::{MarginAccount, Quote, Ratio};
use keel_traits::{Judgement, Liquidatable, LossAbsorber};

/// Brings accounts into trouble, where prices and margin are known: in the runtime.
pub trait BenchmarkHelper<AccountId> {
	/// A solvent account that is unhealthy with one position of the same worth in each of `markets`
	/// markets, has not been told to anybody, and whose backstops have no margin. Nobody else is on its
	/// side of a market: closing a position ends the other side.
	fn unhealthy(markets: u32) -> MarginAccount<AccountId>;
	/// Ends the generations that the positions of the unhealthy account belong to: whoever looks at it next
	/// settles them first. It stays unhealthy, and solvent if it was.
	fn end_generations();
	/// The price falls, and makes the unhealthy account bankrupt in all its markets. It may have been told. The
	/// global fund can pay for some of the first part.
	fn ruin();
	/// Halt all markets, or open them again.
	fn set_halted(halted: bool);
	/// Let a market owe more than a tranche and the global fund can pay.
	fn owe(market: keel_primitives::MarketId);
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn idle() {
		#[block]
		{
			Pallet::<T>::on_initialize(1u32.into());
		}
	}

	#[benchmark]
	fn ask() {
		let account = T::BenchmarkHelper::unhealthy(1);
		queue::<T>(&account);
		T::BenchmarkHelper::set_halted(true);
		assert_eq!(take_step::<T>(&account), Next::Parked);

		#[block]
		{
			Pallet::<T>::wake(Weight::MAX);
		}

		assert!(matches!(Entries::<T>::get(&account).map(|entry| entry.place), Some(Place::Parked(_))));
	}

	#[benchmark]
	fn wake() {
		let account = unhealthy::<T>();
		queue::<T>(&account);
		T::BenchmarkHelper::set_halted(true);
		assert_eq!(take_step::<T>(&account), Next::Parked);
		T::BenchmarkHelper::set_halted(false);
		T::BenchmarkHelper::end_generations();

		#[block]
		{
			Pallet::<T>::unpark(&account);
		}

		assert!(matches!(Entries::<T>::get(&account).map(|entry| entry.place), Some(Place::InLine(_))));
	}

	#[benchmark]
	fn rejudge(p: Linear<1, { T::Margin::exposures_max() }>) {
		let account = T::BenchmarkHelper::unhealthy(p);
		queue::<T>(&account);
		// Behind somebody who was judged before.
		let before = MarginAccount::main(frame_benchmarking::account("before", 0, 0));
		Rejudged::<T>::put((Rank::solvent(), before));
		T::BenchmarkHelper::end_generations();

		#[block]
		{
			Pallet::<T>::rejudge(Weight::MAX);
		}

		assert!(!Rejudged::<T>::exists());
	}

	#[benchmark]
	fn advance() {
		let account = unhealthy::<T>();
		queue::<T>(&account);
		T::BenchmarkHelper::ruin();
		let judgement = T::Margin::judge(&account);
		let earlier = Pallet::<T>::rank_of(judgement.as_ref());

		#[block]
		{
			Pallet::<T>::advance(&account, earlier, judgement.as_ref());
		}

		let entry = Entries::<T>::get(&account).expect("it is queued");
		assert_eq!(entry.bankrupt_in.len(), T::Margin::exposures(&account).len());
		assert_eq!(entry.place, Place::InLine(earlier));
	}

	#[benchmark]
	fn step(p: Linear<1, { T::Margin::exposures_max() }>) {
		let account = T::BenchmarkHelper::unhealthy(p);
		queue::<T>(&account);
		// It was bankrupt before: that is taken back first.
		Pallet::<T>::mark_bankrupt(&account, &Default::default());
		let before = T::Margin::exposures(&account).len();
		T::BenchmarkHelper::end_generations();

		#[block]
		{
			assert_eq!(take_step::<T>(&account), Next::Again);
		}

		assert!(Entries::<T>::get(&account).is_none_or(|entry| entry.bankrupt_in.is_empty()));
		assert_eq!(T::Margin::exposures(&account).len(), before - 1);
	}

	#[benchmark]
	fn release() {
		let account = T::BenchmarkHelper::unhealthy(1);
		queue::<T>(&account);
		for exposure in T::Margin::exposures(&account) {
			T::Margin::deleverage(&account, exposure.market, exposure.size).expect("it is there");
		}
		// What is settled besides is somebody else's.
		assert_eq!(T::Margin::positions(&account), 0);

		#[block]
		{
			assert_eq!(take_step::<T>(&account), Next::Done);
		}

		assert!(!Entries::<T>::contains_key(&account));
	}

	#[benchmark]
	fn park(p: Linear<1, { T::Margin::exposures_max() }>) {
		let account = T::BenchmarkHelper::unhealthy(p);
		queue::<T>(&account);
		T::BenchmarkHelper::ruin();
		T::BenchmarkHelper::set_halted(true);
		T::BenchmarkHelper::end_generations();

		#[block]
		{
			assert_eq!(take_step::<T>(&account), Next::Parked);
		}

		let entry = Entries::<T>::get(&account).expect("it is parked");
		assert_eq!(entry.bankrupt_in.len(), T::Margin::exposures(&account).len());
	}

	#[benchmark]
	fn close(p: Linear<1, { T::Margin::exposures_max() }>) {
		let account = T::BenchmarkHelper::unhealthy(p);
		queue::<T>(&account);
		T::BenchmarkHelper::ruin();
		T::BenchmarkHelper::end_generations();
		let exposures = T::Margin::exposures(&account);
		let before = exposures.len();
		// Each tranche pays something, and not enough.
		exposures.iter().for_each(|exposure| T::Losses::keep(exposure.market, Quote(2)));

		#[block]
		{
			assert_eq!(take_step::<T>(&account), Next::Again);
		}

		assert_eq!(T::Margin::exposures(&account).len(), before - 1);
		let entry = Entries::<T>::get(&account).expect("it is not let go yet");
		assert_eq!(entry.bankrupt_in.len(), before - 1);
	}

	#[benchmark]
	fn resolve(d: Linear<1, { T::Margin::exposures_max() }>) {
		let account = T::BenchmarkHelper::unhealthy(d);
		queue::<T>(&account);
		T::BenchmarkHelper::ruin();
		for exposure in T::Margin::exposures(&account) {
			T::Margin::deleverage(&account, exposure.market, exposure.size).expect("it is there");
		}
		Pallet::<T>::mark_bankrupt(&account, &Default::default());
		let deficits = T::Margin::deficits(&account);
		assert_eq!(deficits.len(), d as usize);
		// Each tranche pays something, and not enough.
		deficits.iter().for_each(|deficit| T::Losses::keep(deficit.market, Quote(2)));

		#[block]
		{
			assert_eq!(take_step::<T>(&account), Next::Done);
		}

		assert!(!Entries::<T>::contains_key(&account));
	}

	#[benchmark]
	fn pay_back(m: Linear<1, { T::Margin::exposures_max() }>) {
		let account = unhealthy::<T>();
		queue::<T>(&account);
		let markets = T::Margin::exposures(&account).into_iter().map(|exposure| exposure.market);
		// A part goes to each tranche, and what it has no room for to the fund.
		let advanced: Vec<_> = markets.take(m as usize).map(advance_of).collect();
		Entries::<T>::mutate_extant(&account, |entry| entry.advanced = BoundedVec::truncate_from(advanced));
		T::BenchmarkHelper::end_generations();

		#[block]
		{
			let paid = Pallet::<T>::pay_back(&account, &mut WeightMeter::with_limit(Weight::MAX));
			assert_eq!(paid, Ok(Paid::All));
		}

		assert!(Entries::<T>::get(&account).expect("it is still unhealthy").advanced.is_empty());
	}

	/// The tranche has a part of what the market owes, and the fund the rest.
	#[benchmark]
	fn pay_old_debt() {
		let account = unhealthy::<T>();
		queue::<T>(&account);
		let market = T::Margin::exposures(&account).first().expect("it has a position").market;
		T::BenchmarkHelper::owe(market);
		MarketReceipts::<T>::insert(market, Receipts::default());
		T::Losses::keep(market, Quote(2));
		let owed = T::Margin::market_debt(market);

		#[block]
		{
			Pallet::<T>::pay_old_debts(Weight::MAX);
		}

		assert!(T::Margin::market_debt(market) < owed);
	}

	#[benchmark]
	fn liquidate() {
		let account = unhealthy::<T>();
		T::BenchmarkHelper::end_generations();
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), account.clone());

		assert!(Entries::<T>::contains_key(&account));
	}

	#[benchmark]
	fn set_params() -> Result<(), BenchmarkError> {
		let origin = T::GovernOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		// As many markets as there may be, each with a worst fee of its own: the extreme ones allow for none.
		T::BenchmarkHelper::unhealthy(1);
		let params = Params { discount: Ratio::ZERO, penalty: Ratio::ZERO, ..Params::default() };

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, params);

		Ok(())
	}

	#[benchmark]
	fn fund_backstop() -> Result<(), BenchmarkError> {
		let account = T::BenchmarkHelper::unhealthy(1);
		let market = T::Margin::exposures(&account).first().expect("it has a position").market;
		let backstop = Pallet::<T>::backstop_of(market).expect("the market has a backstop");
		let caller: T::AccountId = whitelisted_caller();
		let amount = Quote::dollars(100_000_000);
		T::Margin::enrich(&caller, Quote(amount.0 * 2));
		let signed = RawOrigin::Signed(caller);
		Pallet::<T>::fund_backstop(signed.clone().into(), market, amount)?;
		queue::<T>(&account);
		assert_eq!(take_step::<T>(&account), Next::Again);
		assert_eq!(T::Margin::exposures(&backstop).len(), 1);
		let before = T::Margin::judge(&backstop).expect("it holds a position").equity;
		T::BenchmarkHelper::end_generations();

		#[extrinsic_call]
		_(signed, market, amount);

		let after = T::Margin::judge(&backstop).expect("it holds a position").equity;
		// Up to what rounding takes when the position is converted.
		assert!((after.0 - before.0 - amount.0).abs() < 10);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::world(), crate::mock::Test);
}

/// Of each of those who pay a unit.
fn advance_of(market: keel_primitives::MarketId) -> Advance {
	let [tranche, fund, socialised, market_debt] = [Quote(1); 4];
	let paid = Receipts { loss: Quote(4), tranche, fund, socialised, market_debt };
	Advance { market, side: keel_primitives::Side::Long, paid }
}

fn unhealthy<T: Config>() -> MarginAccount<T::AccountId> {
	T::BenchmarkHelper::unhealthy(T::Margin::exposures_max())
}

/// As the owner of the accounts does it: out of the trigger book, into the queue.
fn queue<T: Config>(account: &MarginAccount<T::AccountId>) {
	let judgement = T::Margin::seize(account).expect("the helper made an unhealthy account");
	enter::<T>(account, &judgement);
}

/// Some owners tell, some do not.
fn enter<T: Config>(account: &MarginAccount<T::AccountId>, judgement: &Judgement) {
	if !Entries::<T>::contains_key(account) {
		Pallet::<T>::enter(account, judgement);
	}
}

fn take_step<T: Config>(account: &MarginAccount<T::AccountId>) -> Next {
	Pallet::<T>::step(account, &mut WeightMeter::with_limit(Weight::MAX))
}
