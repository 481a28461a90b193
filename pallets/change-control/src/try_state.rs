// SPDX-License-Identifier: Apache-2.0
//! The invariants of this pallet, numbered as in its documentation.

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
		let (mut changes, mut windows) = (0usize, 0u32);
		for (index, change) in Changes::<T>::iter() {
			ensure!(T::Preimages::have(&change.call), "2: the bytes of a change are not stored");
			ensure!(
				!change.call.lookup_needed() || T::Preimages::is_requested(&change.call.hash()),
				"2: the bytes of a change are not pinned"
			);
			ensure!(looked_after.contains(&index), "3: a change is not looked after");
			changes = changes.saturating_add(1);
			if matches!(change.stage, Stage::Waiting { .. }) && change.class >= Class::Economic {
				windows = windows.saturating_add(1);
			}
		}
		ensure!(changes == looked_after.len(), "3: what is looked after is not there");
		ensure!(windows == ExitWindows::<T>::get(), "4: exit windows are counted wrongly");
		Ok(())
	}
}
