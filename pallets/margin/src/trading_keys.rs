// SPDX-License-Identifier: Apache-2.0
//! Keys that trade for an owner and may not withdraw, and what they may cost him.
//!
//! A proxy dispatches a call with its owner's account and a filter: whoever receives the call sees the account of the
//! owner, and can ask the filter what else the key may do. A key that may not call `withdraw` may not give money away
//! by trading either. Nor may anybody while withdrawals are paused.

use crate::{
	pallet::{Call, Config, Error, Event, KeyCaps, Pallet},
	types::{KeyCap, DAY_MS},
};
use frame_support::{
	ensure,
	traits::{Get, OriginTrait},
};
use frame_system::pallet_prelude::OriginFor;
use keel_primitives::{Quote, SubAccount};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	/// Whether `origin` may call `withdraw` now.
	pub(crate) fn may_withdraw(origin: &OriginFor<T>) -> bool {
		origin.filter_call(&Call::<T>::withdraw { sub: SubAccount(0), amount: Quote::ZERO }.into())
	}

	/// Count what a key has lost against mark: within its owner's cap, or not at all.
	pub(crate) fn note_key_loss(owner: &T::AccountId, loss: Quote) -> DispatchResult {
		if loss <= Quote::ZERO {
			return Ok(());
		}
		let KeyCap { most, lost } = KeyCaps::<T>::get(owner);
		let lost = lost.charge(T::Now::get(), loss, DAY_MS, most).ok_or(Error::<T>::KeyCapReached)?;
		KeyCaps::<T>::insert(owner, KeyCap { most, lost });
		Ok(())
	}

	/// Set an owner's cap. What his keys have lost within a day counts under the new one, whatever it was in between.
	pub(crate) fn do_set_key_cap(owner: T::AccountId, most: Quote) -> DispatchResult {
		ensure!(most >= Quote::ZERO, Error::<T>::AmountTooSmall);
		KeyCaps::<T>::mutate_exists(&owner, |cap| {
			let lost = cap.unwrap_or_default().lost;
			let is_over = lost.spent(T::Now::get(), DAY_MS).is_zero();
			*cap = (!most.is_zero() || !is_over).then_some(KeyCap { most, lost });
		});
		Self::deposit_event(Event::KeyCapSet { owner, most });
		Ok(())
	}
}
