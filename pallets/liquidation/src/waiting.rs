// SPDX-License-Identifier: Apache-2.0
//! Which sides of which markets have a bankrupt account waiting.
//!
//! While one waits, nobody may escape paying for it: the owner of the accounts is told when the first
//! one appears on a side and when the last one is resolved.

use crate::{pallet::*, Config};
use keel_primitives::{MarginAccount, MarketId, Side};
use keel_traits::{Judgement, Liquidatable};

impl<T: Config> Pallet<T> {
	/// Note the sides that a bankrupt account of the queue holds, once.
	pub(crate) fn mark_bankrupt(account: &MarginAccount<T::AccountId>, judgement: &Judgement) {
		Entries::<T>::mutate_extant(account, |entry| {
			if !entry.bankrupt_in.is_empty() {
				return;
			}
			for exposure in T::Margin::exposures(account) {
				let held = (exposure.market, exposure.side);
				if !entry.bankrupt_in.contains(&held) && entry.bankrupt_in.try_push(held).is_ok() {
					Self::count_bankrupt(held, |count| count.saturating_add(1));
				}
			}
			Self::deposit_event(Event::Bankrupt { account: account.clone(), judgement: *judgement });
		});
	}

	/// The account is resolved, or solvent again.
	pub(crate) fn clear_bankrupt(account: &MarginAccount<T::AccountId>) {
		// Most accounts never were: read before anything is written.
		let Some(mut entry) = Entries::<T>::get(account).filter(|entry| !entry.bankrupt_in.is_empty()) else {
			return;
		};
		for held in core::mem::take(&mut entry.bankrupt_in) {
			Self::count_bankrupt(held, |count| count.saturating_sub(1));
		}
		Entries::<T>::insert(account, entry);
	}

	fn count_bankrupt(held: (MarketId, Side), change: impl FnOnce(u32) -> u32) {
		BankruptCount::<T>::mutate_exists(held, |count| {
			let before = count.unwrap_or_default();
			let after = change(before);
			*count = Some(after).filter(|count| *count > 0);
			if (before == 0) != (after == 0) {
				let (market, side) = held;
				T::Margin::set_waiting(market, side, after > 0);
			}
		});
	}
}
