// SPDX-License-Identifier: Apache-2.0
//! What calls and hook cost at their worst: as many approvals, and as many pauses, as there may be.

use crate::{Pallet as Emergency, *};
use frame_benchmarking::v2::*;
use frame_support::{traits::Get, BoundedVec};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use sp_runtime::traits::{One, Saturating};

fn somebody<T: Config>(number: u32) -> T::AccountId {
	account("member", number, 0)
}

fn name(number: u32) -> CallName {
	let text = alloc::format!("call_{number}").into_bytes();
	CallName { pallet: b"Pallet".to_vec().try_into().expect("short"), call: text.try_into().expect("short") }
}

/// The longest act there is.
fn act<T: Config>(number: u32) -> Act<T::AccountId> {
	let mut long = alloc::vec![b'a'; 64];
	let digits = number.to_le_bytes();
	long.iter_mut().zip(digits).for_each(|(letter, digit)| *letter = digit);
	let name: Name = long.try_into().expect("as long as may be");
	Act::Rearm { power: Power::Pause(CallName { pallet: name.clone(), call: name }) }
}

/// A member of the Council has approved of as many acts as one may.
fn approved_of_much<T: Config>(who: &T::AccountId) {
	T::Bodies::seat(Body::Council, who);
	for number in 0..T::MaxGiven::get() {
		let act = act::<T>(number);
		Given::<T>::mutate(who, |acts| acts.try_push(act.clone()).expect("there is room"));
		Approvals::<T>::mutate(&act, |approvals| {
			let until = frame_system::Pallet::<T>::block_number().saturating_add(One::one());
			approvals.try_push(Approval { who: who.clone(), until }).expect("there is room");
		});
	}
}

fn pauses<T: Config>(count: u32, until: BlockNumberFor<T>) {
	for number in 0..count {
		T::Stops::keep_paused(&name(number));
		Paused::<T>::insert(name(number), Pause { until, renewals: 0 });
	}
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn idle(p: Linear<0, { T::MaxPauses::get() }>) {
		let now = frame_system::Pallet::<T>::block_number();
		pauses::<T>(p, now.saturating_add(One::one()));
		#[block]
		{
			Emergency::<T>::end_pauses(now);
		}
		assert_eq!(Paused::<T>::count(), p);
	}

	#[benchmark]
	fn end_pause() {
		let now = frame_system::Pallet::<T>::block_number();
		pauses::<T>(1, now);
		#[block]
		{
			Emergency::<T>::end_pauses(now);
		}
		assert_eq!(Paused::<T>::count(), 0);
	}

	/// The last of those who are needed: every seat but one has approved, and each of what he gave is filed.
	#[benchmark]
	fn approve() {
		let act = act::<T>(u32::MAX);
		let Act::Rearm { power } = &act else { panic!("it is one") };
		Consumed::<T>::insert(power, frame_system::Pallet::<T>::block_number());
		let until = frame_system::Pallet::<T>::block_number().saturating_add(One::one());
		let others = T::MaxApprovals::get().saturating_sub(1);
		let mut approvals = BoundedVec::default();
		for number in 0..others {
			let who = somebody::<T>(number);
			Given::<T>::insert(&who, BoundedVec::truncate_from(alloc::vec![act.clone()]));
			approvals.try_push(Approval { who, until }).expect("there is room");
		}
		Approvals::<T>::insert(&act, approvals);
		let who = somebody::<T>(u32::MAX);
		approved_of_much::<T>(&who);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), act.clone());
		assert!(frame_system::Pallet::<T>::event_count() > 0);
	}

	#[benchmark]
	fn has_position() {
		let (who, market) = (somebody::<T>(0), T::Stops::market());
		T::Stops::open_accounts(&who);
		let has;
		#[block]
		{
			has = T::Stops::has_position(&who, market);
		}
		assert!(!has);
	}

	#[benchmark]
	fn withdraw_approval() {
		let who = somebody::<T>(0);
		approved_of_much::<T>(&who);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), act::<T>(0));
		assert_eq!(Given::<T>::get(who).len(), T::MaxGiven::get().saturating_sub(1) as usize);
	}

	#[benchmark]
	fn halt_alone() {
		let who = somebody::<T>(0);
		T::Bodies::seat(Body::SecurityCouncil, &who);
		let market = T::Stops::market();
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), market);
		assert!(Consumed::<T>::contains_key(Power::Alone(who)));
	}

	#[benchmark]
	fn forget() {
		let who = somebody::<T>(0);
		for number in 0..T::MaxGiven::get() {
			let act = act::<T>(number);
			Given::<T>::mutate(&who, |acts| acts.try_push(act.clone()).expect("there is room"));
			let until = frame_system::Pallet::<T>::block_number();
			Approvals::<T>::insert(
				&act,
				BoundedVec::truncate_from(alloc::vec![Approval { who: who.clone(), until }]),
			);
		}
		#[extrinsic_call]
		_(RawOrigin::Signed(somebody::<T>(1)), who.clone());
		assert!(!Given::<T>::contains_key(who));
	}

	impl_benchmark_test_suite!(Emergency, crate::mock::chain(), crate::mock::Test);
}
