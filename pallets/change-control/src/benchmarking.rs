// SPDX-License-Identifier: Apache-2.0
//! What calls and hook cost at their worst: a change of as many calls, in as many bytes, as there may be.

use crate::{guard::BoundedCallOf, pallet::Pallet as ChangeControl, *};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{schedule::DispatchTime, EnsureOrigin, StorePreimage},
	weights::{Weight, WeightMeter},
};
use frame_system::RawOrigin;
use sp_runtime::traits::One;

/// What benchmarks need of the others.
pub trait BenchmarkHelper<T: Config> {
	/// Open a vote on `call`, which nearly all take part in; returns its index.
	fn open(call: BoundedCallOf<T>) -> u32;
	/// The vote is over.
	fn close(index: u32);
	/// A change that does nothing, people may want to leave before, and is as large as a change may be.
	fn largest() -> CallOf<T>;
	/// Nobody can withdraw, which is as hard as can be to see.
	fn shut();
}

/// A vote on the largest change; it was not looked at.
fn open<T: Config>() -> u32 {
	let change = T::BenchmarkHelper::largest();
	assert!(
		change.encoded_size() <= MAX_BYTES as usize && change.encoded_size() > MAX_BYTES as usize * 9 / 10
	);
	let call = T::Preimages::bound(change).expect("there is room");
	T::BenchmarkHelper::open(call)
}

/// A vote that was looked at.
fn judged<T: Config>() -> u32 {
	let index = open::<T>();
	ChangeControl::<T>::look_after(&mut WeightMeter::new());
	assert!(Changes::<T>::contains_key(index));
	index
}

/// A change that waits.
fn waiting<T: Config>() -> u32 {
	use frame_support::traits::schedule::v3::Named;
	let index = judged::<T>();
	let call = Changes::<T>::get(index).expect("it was judged").call;
	GuardedScheduler::<T>::schedule_named(
		T::Referenda::task_of(index),
		DispatchTime::After(One::one()),
		None,
		63,
		RawOrigin::Root.into(),
		call,
	)
	.expect("nearly all take part");
	T::BenchmarkHelper::close(index);
	index
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn idle() {
		T::BenchmarkHelper::shut();
		ExitWindows::<T>::put(1);
		frame_system::Pallet::<T>::do_authorize_upgrade(Default::default(), true);
		#[block]
		{
			ChangeControl::<T>::count_standstill();
			ChangeControl::<T>::expire_authorization();
			ChangeControl::<T>::look_after(&mut WeightMeter::new());
		}
		assert_eq!(StoodStill::<T>::get(), One::one());
	}

	#[benchmark]
	fn look() {
		let index = judged::<T>();
		T::BenchmarkHelper::close(index);
		#[block]
		{
			ChangeControl::<T>::look_after(&mut WeightMeter::new());
		}
		assert!(!Changes::<T>::contains_key(index));
	}

	#[benchmark]
	fn judge() {
		let index = open::<T>();
		#[block]
		{
			ChangeControl::<T>::look_after(&mut WeightMeter::new());
		}
		assert!(Changes::<T>::contains_key(index));
	}

	#[benchmark]
	fn enact() {
		let index = waiting::<T>();
		let Some(Stage::Waiting { due, .. }) = Changes::<T>::get(index).map(|change| change.stage) else {
			panic!("it waits")
		};
		frame_system::Pallet::<T>::set_block_number(due);
		// What it declares is refused, so that nothing but the look is measured.
		#[extrinsic_call]
		_(RawOrigin::Root, index, Weight::zero());
		assert!(!Changes::<T>::contains_key(index));
	}

	#[benchmark]
	fn cancel() {
		let index = waiting::<T>();
		let origin = T::CancelOrigin::try_successful_origin().expect("somebody may");
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, index);
		assert!(!Changes::<T>::contains_key(index));
	}

	impl_benchmark_test_suite!(ChangeControl, crate::mock::chain(None), crate::mock::Test);
}
