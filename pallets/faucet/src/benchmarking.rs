// SPDX-License-Identifier: Apache-2.0
//! What a drip costs: on an account that does not exist yet, so that both tokens create one.

use super::*;
use frame_benchmarking::v2::*;
use frame_support::traits::fungible::Inspect;
use frame_system::RawOrigin;
use sp_runtime::traits::StaticLookup;

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn drip() {
		let caller: T::AccountId = whitelisted_caller();
		let who: T::AccountId = account("thirsty", 0, 0);
		let native = T::Native::minimum_balance();
		let collateral = T::Collateral::minimum_balance();
		Grants::<T>::put(Grant { native, collateral, every: 1u32.into() });

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), T::Lookup::unlookup(who.clone()));

		assert_eq!(T::Collateral::balance(&who), collateral);
	}

	impl_benchmark_test_suite!(Pallet, crate::tests::chain(Some(crate::tests::GRANT)), crate::tests::Test);
}
