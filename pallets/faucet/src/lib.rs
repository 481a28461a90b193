// SPDX-License-Identifier: Apache-2.0
//! Test money for development chains; a production chain has none to give.
//!
//! ## Overview
//!
//! Genesis decides whether there is a faucet at all: without a [`Grant`] every [`Pallet::drip`] fails
//! with [`Error::Dry`], and no call can ever create one. With a grant, anyone may let it drip on any
//! account, each account once per [`Grant::every`] blocks.
//!
//! ## Invariants
//!
//! 1. A chain without a grant has never dripped.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

pub use pallet::*;
pub use weights::WeightInfo;

mod grant;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod tests;

pub use grant::Grant;

#[frame_support::pallet]
#[allow(missing_docs)]
pub mod pallet {
	use super::{Grant, WeightInfo};
	use frame_support::{
		pallet_prelude::*,
		traits::fungible::{Inspect, Mutate},
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::traits::{Saturating, StaticLookup};

	/// An amount of the native token.
	pub type NativeOf<T> =
		<<T as Config>::Native as Inspect<<T as frame_system::Config>::AccountId>>::Balance;
	/// An amount of the collateral.
	pub type CollateralOf<T> =
		<<T as Config>::Collateral as Inspect<<T as frame_system::Config>::AccountId>>::Balance;
	/// What the faucet of this chain gives.
	pub type GrantOf<T> = Grant<NativeOf<T>, CollateralOf<T>, BlockNumberFor<T>>;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The token that pays fees.
		type Native: Mutate<Self::AccountId>;
		/// The token that margin is kept in.
		type Collateral: Mutate<Self::AccountId>;
		/// Measured weights.
		type WeightInfo: WeightInfo;
	}

	/// What the faucet gives. Absent on a production chain, for ever.
	#[pallet::storage]
	pub type Grants<T: Config> = StorageValue<_, GrantOf<T>>;

	/// When it last dripped on an account.
	#[pallet::storage]
	pub type LastDrip<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, BlockNumberFor<T>>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// What the faucet gives; absent: there is none.
		pub grant: Option<GrantOf<T>>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Grants::<T>::set(self.grant);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// Test money was created for an account.
		Dripped {
			/// Who received it.
			who: T::AccountId,
			/// Native tokens, in their smallest unit.
			native: NativeOf<T>,
			/// Collateral, in its smallest unit.
			collateral: CollateralOf<T>,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// This chain has no faucet. Tokens here are worth something: buy or borrow them.
		Dry,
		/// The account was given test money a short while ago. Wait for the number of blocks in the
		/// faucet's grant.
		TooSoon,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Create test money for an account: native tokens for fees and collateral for trading.
		///
		/// Anyone may call it for anyone, once per account in so many blocks. Fails with `Dry` on a
		/// chain without a faucet.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::drip())]
		pub fn drip(origin: OriginFor<T>, who: <T::Lookup as StaticLookup>::Source) -> DispatchResult {
			ensure_signed(origin)?;
			let who = T::Lookup::lookup(who)?;
			Self::do_drip(who)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	impl<T: Config> Pallet<T> {
		fn do_drip(who: T::AccountId) -> DispatchResult {
			let grant = Grants::<T>::get().ok_or(Error::<T>::Dry)?;
			let now = frame_system::Pallet::<T>::block_number();
			if let Some(last) = LastDrip::<T>::get(&who) {
				// Block numbers do not come near their limit.
				ensure!(now >= last.saturating_add(grant.every), Error::<T>::TooSoon);
			}
			T::Native::mint_into(&who, grant.native)?;
			T::Collateral::mint_into(&who, grant.collateral)?;
			LastDrip::<T>::insert(&who, now);
			Self::deposit_event(Event::Dripped { who, native: grant.native, collateral: grant.collateral });
			Ok(())
		}

		/// The invariants of this pallet, numbered as in its documentation.
		pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
			if Grants::<T>::get().is_none() && LastDrip::<T>::iter().next().is_some() {
				return Err("1: a chain without a faucet has dripped".into());
			}
			Ok(())
		}
	}
}
