// SPDX-License-Identifier: Apache-2.0
//! What the extension costs: the call that takes the most to look at, noted and forgotten.

use crate::*;
use frame_benchmarking::v2::*;
use frame_support::traits::Hooks;

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn urgent_call() {
		let who: T::AccountId = whitelisted_caller();
		let call = T::Judge::dearest(&who);

		#[block]
		{
			let uses = T::Judge::uses(&who, &call).expect("it may be used");
			Pallet::<T>::remember(&uses).expect("nothing was used before");
			Pallet::<T>::on_finalize(frame_system::Pallet::<T>::block_number());
		}

		assert_eq!(UsedNow::<T>::iter_keys().count(), 0);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::chain(), crate::mock::Test);
}
