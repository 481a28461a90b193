// SPDX-License-Identifier: Apache-2.0
//! Which sides of which markets have an account waiting that is bankrupt, or parked and may be when it wakes.
//!
//! While one waits, nobody may escape paying for it: the owner of the accounts is told when the first
//! one appears on a side and when the last one is dealt with. A side counts where the account holds a
//! position, and where it has lost and left: what it lost there is not paid yet.

use crate::{pallet::*, Config};
use alloc::vec::Vec;
use keel_primitives::{MarginAccount, MarketId, Side};
use keel_traits::{Judgement, Liquidatable};

impl<T: Config> Pallet<T> {
	/// Note the sides on which a bankrupt account of the queue holds a position or has lost, and tell it, once.
	pub(crate) fn mark_bankrupt(account: &MarginAccount<T::AccountId>, judgement: &Judgement) {
		if Self::mark(account) {
			Self::deposit_event(Event::Bankrupt { account: account.clone(), judgement: *judgement });
		}
	}

	/// Note the sides on which an account of the queue holds a position or has lost. Whether they were not
	/// noted before.
	///
	/// Also of one that is solvent and parked: when its market moves again it may be bankrupt, and in which block
	/// it is judged depends on how many others are. Until then nobody who may have to pay is let go.
	pub(crate) fn mark(account: &MarginAccount<T::AccountId>) -> bool {
		let Some(mut entry) = Entries::<T>::get(account).filter(|entry| entry.bankrupt_in.is_empty()) else {
			return false;
		};
		for side in Self::sides(account) {
			if !entry.bankrupt_in.contains(&side) && entry.bankrupt_in.try_push(side).is_ok() {
				Self::count_bankrupt(side, |count| count.saturating_add(1));
			}
		}
		let is_new = !entry.bankrupt_in.is_empty();
		Entries::<T>::insert(account, entry);
		is_new
	}

	/// The account is resolved, or solvent again.
	pub(crate) fn clear_bankrupt(account: &MarginAccount<T::AccountId>) {
		Self::keep_marks(account, |_| false);
	}

	/// A position is closed and paid for: nobody waits for the account where it has neither a position nor an
	/// unpaid loss.
	pub(crate) fn unmark_settled(account: &MarginAccount<T::AccountId>) {
		let sides = Self::sides(account);
		Self::keep_marks(account, |side| sides.contains(side));
	}

	/// The sides whose opposites may have to pay for the account if it is bankrupt.
	fn sides(account: &MarginAccount<T::AccountId>) -> Vec<(MarketId, Side)> {
		let held = T::Margin::exposures(account).into_iter().map(|exposure| (exposure.market, exposure.side));
		held.chain(T::Margin::losses(account)).collect()
	}

	fn keep_marks(account: &MarginAccount<T::AccountId>, keep: impl Fn(&(MarketId, Side)) -> bool) {
		// Most accounts never were bankrupt: read before anything is written.
		let Some(mut entry) = Entries::<T>::get(account).filter(|entry| !entry.bankrupt_in.is_empty()) else {
			return;
		};
		entry.bankrupt_in.retain(|side| {
			let kept = keep(side);
			if !kept {
				Self::count_bankrupt(*side, |count| count.saturating_sub(1));
			}
			kept
		});
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
