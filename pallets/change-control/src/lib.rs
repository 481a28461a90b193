// SPDX-License-Identifier: Apache-2.0
//! When a change may take effect: the timetable of governance.
//!
//! ## Overview
//!
//! Every period of governance (how long a vote is open, how long a passed change waits, how long a
//! pause lasts) is one entry of the [`Timetable`], which comes from the genesis of the chain. One
//! runtime Wasm therefore serves a development chain, where a referendum takes seconds, and a
//! production chain, where it takes days; what is rehearsed on the one is the code of the other.
//!
//! The governance pallets read their periods through the [`Get`](frame_support::traits::Get) types of
//! [`periods`]. Clients see the same numbers as constants of those pallets, because metadata is made
//! on the chain's own state.
//!
//! ## Invariants
//!
//! 1. The timetable is valid ([`Timetable::validate`]): no period is zero, a fast-tracked vote is not
//!    longer than a normal one, and votes stay locked at least until the change they carried is enacted.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

pub use pallet::*;

pub mod periods;
mod timetable;

#[cfg(test)]
mod tests;

pub use timetable::{Timetable, TimetableError};

#[frame_support::pallet]
#[allow(missing_docs)]
pub mod pallet {
	use super::Timetable;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The timetable of a chain whose genesis does not name one: production's.
		type DefaultTimetable: Get<Timetable<BlockNumberFor<Self>>>;
	}

	/// How long each step of governance takes, in blocks.
	#[pallet::storage]
	pub type Timetables<T: Config> =
		StorageValue<_, Timetable<BlockNumberFor<T>>, ValueQuery, T::DefaultTimetable>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The chain's timetable; absent: production's.
		pub timetable: Option<Timetable<BlockNumberFor<T>>>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			if let Some(timetable) = &self.timetable {
				// Genesis is built off chain: the message reaches whoever wrote the chain spec.
				if let Err(error) = timetable.validate() {
					panic!("changeControl.timetable: {error:?}");
				}
				Timetables::<T>::put(timetable);
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			if let Err(error) = T::DefaultTimetable::get().validate() {
				panic!("DefaultTimetable: {error:?}");
			}
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	impl<T: Config> Pallet<T> {
		/// The invariants of this pallet, numbered as in its documentation.
		#[cfg(any(feature = "try-runtime", test))]
		pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
			Timetables::<T>::get()
				.validate()
				.map_err(|_| sp_runtime::TryRuntimeError::Other("1: the timetable is not valid"))
		}
	}
}
