// SPDX-License-Identifier: Apache-2.0
//! The invariants of this pallet, numbered as in its documentation.

use alloc::vec::Vec;
use frame_support::{ensure, traits::QueryPreimage};
use sp_runtime::TryRuntimeError;

use crate::{pallet::*, Class, Stage};

impl<T: Config> Pallet<T> {
	/// Whether all invariants hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Timetables::<T>::get()
			.validate()
			.map_err(|_| TryRuntimeError::Other("1: the timetable is not valid"))?;
		let looked_after = Open::<T>::get();
		let mut places: Vec<u32> = looked_after.iter().map(|place| place.referendum).collect();
		places.sort_unstable();
		places.dedup();
		ensure!(places.len() == looked_after.len(), "3: a referendum is looked after twice");
		let mut windows = 0u32;
		for (index, change) in Changes::<T>::iter() {
			ensure!(T::Preimages::have(&change.call), "2: the bytes of a change are not stored");
			ensure!(
				!change.call.lookup_needed() || T::Preimages::is_requested(&change.call.hash()),
				"2: the bytes of a change are not pinned"
			);
			ensure!(places.binary_search(&index).is_ok(), "3: a change is not looked after");
			if matches!(change.stage, Stage::Waiting { .. }) && change.class >= Class::Economic {
				windows = windows.saturating_add(1);
			}
		}
		let next = NextReferendum::<T>::get();
		let known = |index: &u32| *index < next || Changes::<T>::contains_key(index);
		ensure!(places.iter().all(known), "3: what is looked after was never tabled");
		ensure!(windows == ExitWindows::<T>::get(), "4: exit windows are counted wrongly");
		Ok(())
	}
}
