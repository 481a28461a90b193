// SPDX-License-Identifier: Apache-2.0
//! Worst cases of the calls: a pot that is a tranche, and accounts that are new.

use super::*;
use frame_benchmarking::v2::*;
use frame_support::traits::EnsureOrigin;
use frame_system::RawOrigin;
use keel_primitives::{MarketId, Quote};
use keel_traits::Custody;

const MARKET: MarketId = MarketId(u32::MAX);
const AMOUNT: Quote = Quote::dollars(100);

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn contribute() {
		let who: T::AccountId = whitelisted_caller();
		let pot = tranche::<T>();
		T::Custody::fund(&who, AMOUNT);

		#[extrinsic_call]
		_(RawOrigin::Signed(who), pot, AMOUNT);

		assert_eq!(pot.balance::<T>(), Some(AMOUNT));
	}

	#[benchmark]
	fn withdraw() -> Result<(), BenchmarkError> {
		let origin = govern::<T>()?;
		let giver: T::AccountId = account("giver", 0, 0);
		let taker: T::AccountId = account("taker", 0, 0);
		let pot = tranche::<T>();
		T::Custody::fund(&giver, AMOUNT);
		Pallet::<T>::contribute(RawOrigin::Signed(giver).into(), pot, AMOUNT)?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, pot, taker, AMOUNT);

		assert_eq!(pot.balance::<T>(), Some(Quote::ZERO));
		Ok(())
	}

	#[benchmark]
	fn sweep() {
		let who: T::AccountId = whitelisted_caller();
		T::Custody::stray(AMOUNT);

		#[extrinsic_call]
		_(RawOrigin::Signed(who));

		assert_eq!(Pot::Fund.balance::<T>(), Some(AMOUNT));
	}

	#[benchmark]
	fn set_target() -> Result<(), BenchmarkError> {
		let origin = govern::<T>()?;
		tranche::<T>();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, MARKET, AMOUNT);

		assert_eq!(Tranches::<T>::get(MARKET).map(|tranche| tranche.target), Some(AMOUNT));
		Ok(())
	}

	#[benchmark]
	fn set_caps() -> Result<(), BenchmarkError> {
		let origin = govern::<T>()?;
		let caps = Caps {
			per_account: AMOUNT,
			per_owner: AMOUNT,
			per_market: AMOUNT,
			per_block: AMOUNT,
			per_day: AMOUNT,
		};

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, caps);

		assert_eq!(FundCaps::<T>::get(), caps);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::World::default().build(), crate::mock::Test);
}

fn tranche<T: Config>() -> Pot {
	Pot::open_tranche::<T>(MARKET, Quote::ZERO);
	Pot::Tranche(MARKET)
}

fn govern<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::GovernOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}
