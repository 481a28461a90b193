// SPDX-License-Identifier: Apache-2.0
//! Worst cases: records are full, so that each new incident pushes an old one out.

use super::*;
use frame_benchmarking::v2::*;
use frame_support::{
	pallet_prelude::*,
	traits::{EnsureOrigin, Hooks},
};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_primitives::{FeedId, MarketId, MarketStatus};
use sp_runtime::traits::{One, Saturating};

fn fill_incidents<T: Config>() {
	while Incidents::<T>::count() < T::MaxIncidents::get() {
		let evidence = Evidence::Ordered { blocks: One::one() };
		let id = Pallet::<T>::record(
			Named::default(),
			MarketId(0),
			Cause::Guardian,
			MarketStatus::Guarded,
			evidence,
		);
		Pallet::<T>::close(id);
	}
}

/// A market that is open although its feed, which is its own, has no price: the next look at it trips it.
fn open_market<T: Config>(id: u32) -> MarketId {
	let feed = FeedId(id.saturating_add(1_000_000));
	Markets::<T>::insert(MarketId(id), Market { feed, ..Default::default() });
	MarketId(id)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// In each market a halt has just ended, and there is no price.
	#[benchmark]
	fn begin_block(m: Linear<1, { T::MaxMarkets::get() }>) -> Result<(), BenchmarkError> {
		let _ = Markets::<T>::clear(u32::MAX, None);
		fill_incidents::<T>();
		for id in 0..m {
			Pallet::<T>::do_halt(open_market::<T>(id), One::one())?;
		}
		let next = frame_system::Pallet::<T>::block_number().saturating_add(One::one());
		frame_system::Pallet::<T>::set_block_number(next);

		#[block]
		{
			Pallet::<T>::on_initialize(next);
		}

		let first = Markets::<T>::get(MarketId(0)).ok_or(BenchmarkError::Weightless)?;
		assert!(first.guardian.incident.open.is_none() && first.price.incident.open.is_some());
		Ok(())
	}

	#[benchmark]
	fn order() -> Result<(), BenchmarkError> {
		let origin = T::GuardOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		fill_incidents::<T>();
		let market = open_market::<T>(u32::MAX);
		let blocks: BlockNumberFor<T> = One::one();

		#[extrinsic_call]
		halt_market(origin as T::RuntimeOrigin, market, blocks);

		assert_eq!(Markets::<T>::get(market).map(|known| known.status), Some(MarketStatus::Halted));
		Ok(())
	}

	#[benchmark]
	fn resume_market() -> Result<(), BenchmarkError> {
		let origin = T::ResumeOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let market = open_market::<T>(u32::MAX);
		Pallet::<T>::do_halt(market, One::one())?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, market);

		assert_eq!(Markets::<T>::get(market).map(|known| known.status), Some(MarketStatus::Open));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Runtime);
}
