// SPDX-License-Identifier: Apache-2.0
//! Keys that trade for an owner and may not withdraw, and what they may cost him.
//!
//! A proxy dispatches a call with its owner's account and a filter: whoever receives the call sees the account of the
//! owner, and can ask the filter what else the key may do. A key that may not call `withdraw` may not give money away
//! by trading either. Nor may anybody while withdrawals are paused.

use crate::{
	accounts::plus,
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
		let mut cap = KeyCaps::<T>::get(owner);
		let today = T::Now::get().checked_div(DAY_MS).unwrap_or_default();
		if cap.day != today {
			cap = KeyCap { day: today, lost: Quote::ZERO, ..cap };
		}
		cap.lost = plus::<T>(cap.lost, loss)?;
		ensure!(cap.lost <= cap.most, Error::<T>::KeyCapReached);
		KeyCaps::<T>::insert(owner, cap);
		Ok(())
	}

	/// Set an owner's cap. What his keys have lost today counts under the new one; none at all forgets it.
	pub(crate) fn do_set_key_cap(owner: T::AccountId, most: Quote) -> DispatchResult {
		ensure!(most >= Quote::ZERO, Error::<T>::AmountTooSmall);
		KeyCaps::<T>::mutate_exists(&owner, |cap| {
			*cap = (!most.is_zero()).then(|| KeyCap { most, ..cap.unwrap_or_default() });
		});
		Self::deposit_event(Event::KeyCapSet { owner, most });
		Ok(())
	}
}
