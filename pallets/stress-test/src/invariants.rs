// SPDX-License-Identifier: Apache-2.0
//! What always holds of the library.

use crate::pallet::{Config, Depths, Scenarios};
use frame_support::{ensure, traits::Get};
use sp_runtime::TryRuntimeError;

/// 1. Each stored scenario is one that a call would accept, and there are no more than may be.
/// 2. No depth is zero or negative.
pub fn do_try_state<T: Config>() -> Result<(), TryRuntimeError> {
	let are_valid = Scenarios::<T>::iter_values().all(|scenario| scenario.check().is_ok());
	ensure!(are_valid, "a stored scenario is valid");
	ensure!(Scenarios::<T>::count() <= T::MaxScenarios::get(), "there are no more scenarios than may be");
	ensure!(Depths::<T>::iter_values().all(|depth| depth.0 > 0), "a stored depth is above zero");
	Ok(())
}
