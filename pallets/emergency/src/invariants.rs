// SPDX-License-Identifier: Apache-2.0
//! What holds after every call and hook.
//!
//! 1. Each approval is in the list of who gave it, and each list names approvals that exist.
//! 2. No act has an approval twice from one member, and none that nobody approves of is kept.
//! 3. Nothing is paused here that is paused for longer than its renewals allow.
//! 4. Of no budget more is spent than there is.

use crate::{Approvals, CallBudgets, Config, Given, Pallet, Paused, SafeModeBudget};
use alloc::vec::Vec;
use frame_support::{ensure, traits::Get};
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto},
	TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Whether all invariants hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		for (act, approvals) in Approvals::<T>::iter() {
			ensure!(!approvals.is_empty(), "2: an act is kept that nobody approves of");
			let mut who: Vec<_> = approvals.iter().map(|approval| &approval.who).collect();
			who.sort();
			who.dedup();
			ensure!(who.len() == approvals.len(), "2: somebody approves of an act twice");
			ensure!(
				who.iter().all(|who| Given::<T>::get(who).contains(&act)),
				"1: an approval is not in the list of who gave it"
			);
		}
		for (who, acts) in Given::<T>::iter() {
			let exists = |act| Approvals::<T>::get(act).iter().any(|approval| approval.who == who);
			ensure!(acts.iter().all(exists), "1: a list names an approval that does not exist");
		}
		let now = frame_system::Pallet::<T>::block_number();
		let times: u32 = T::MaxRenewals::get().saturating_add(1);
		let longest = T::PauseBlocks::get().saturating_mul(times.into());
		for (_, pause) in Paused::<T>::iter() {
			ensure!(pause.until <= now.saturating_add(longest), "3: a pause lasts too long");
		}
		let (window, most) = (Self::blocks(T::Window::get()), Self::blocks(T::Budget::get()));
		let now: u32 = now.unique_saturated_into();
		let budgets = CallBudgets::<T>::iter_values().chain([SafeModeBudget::<T>::get()]);
		for budget in budgets {
			ensure!(budget.spent(now, window) <= most, "4: more is spent than there is");
		}
		Ok(())
	}
}
