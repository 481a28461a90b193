// SPDX-License-Identifier: Apache-2.0
//! The room that full blocks keep for urgent calls, and who may use it how often.
//!
//! # Overview
//!
//! Calls of the class `Operational` land also where blocks are full of others: added margin, reductions, what stops the
//! exchange. Whoever could fill that room would keep everybody else from it, so it is not for sale:
//!
//! - Only somebody who can do something with such a call may send it ([`Judge`]): whoever has the money, the position, the
//!   seat. Anybody else's is refused before it enters the pool.
//! - An account uses the room [so often](Kind::allowance) in a block for each [`Kind`] of call, whether the call succeeds or
//!   fails. What is one too many waits for the next block.
//! - Calls in a batch, for a derived account or through a proxy count one by one, for who signs and for whom it is done.
//!
//! The transaction extension [`CheckUrgency`] does it. It has no data: wallets that do not know it sign as before.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
#[allow(clippy::expect_used)]
pub mod benchmarking;
mod extension;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
mod uses;
pub mod weights;

pub use extension::CheckUrgency;
pub use pallet::*;
pub use uses::{Kind, Refusal, Used, Uses};
pub use weights::WeightInfo;

/// Who may use the room, and for what.
pub trait Judge<AccountId, Call> {
	/// What a call that `who` signs would use, or why it may not. Notes each call in it, not only the outermost.
	fn uses(who: &AccountId, call: &Call) -> Result<Uses<AccountId>, Refusal>;

	/// How many times as much as for one call it takes to look at this one, and to note what it uses.
	fn units(call: &Call) -> u32;

	/// A call of one unit that takes the most to look at, which `who` may use.
	#[cfg(feature = "runtime-benchmarks")]
	fn dearest(who: &AccountId) -> Call;
}

#[frame_support::pallet]
pub mod pallet {
	use super::{Judge, Used, WeightInfo};
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Who may use the room.
		type Judge: Judge<Self::AccountId, <Self as frame_system::Config>::RuntimeCall>;

		/// Weights of the extension.
		type WeightInfo: WeightInfo;
	}

	/// What accounts have used of the room in this block. Empty between blocks.
	#[pallet::storage]
	pub type UsedNow<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Used, ValueQuery>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_finalize(_: BlockNumberFor<T>) {
			// Each entry was made in this block by a transaction that has paid for its removal.
			let _ = UsedNow::<T>::clear(u32::MAX, None);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	impl<T: Config> Pallet<T> {
		/// Whether all invariants hold between blocks: nothing is remembered.
		pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
			ensure!(UsedNow::<T>::iter_keys().next().is_none(), "what was used in a block outlives it");
			Ok(())
		}
	}
}
