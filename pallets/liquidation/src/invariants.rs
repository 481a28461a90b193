// SPDX-License-Identifier: Apache-2.0
//! What always holds, one function each.

use crate::{pallet::*, Config, Place};
use alloc::collections::BTreeMap;
use frame_support::ensure;
use keel_primitives::Quote;
use sp_runtime::TryRuntimeError;

/// 1. Every account in line has one key in the queue, at its rank, and the queue has no other keys.
/// 2. Every parked account has one key for each market it waits for, and there are no other keys; the
///    counts by market are theirs.
/// 3. The counts of bankrupt accounts by market and side are those of the entries.
/// 4. The receipts of every market sum to its losses.
/// 5. What an account is to pay back is what others have paid for it, and more than nothing.
/// 6. The parameters are valid, and take no more than any market's envelope leaves room for.
pub fn do_try_state<T: Config>() -> Result<(), TryRuntimeError> {
	queue_is_the_accounts_in_line::<T>()?;
	parking_is_the_parked_accounts::<T>()?;
	bankrupt_counts_are_those_of_entries::<T>()?;
	receipts_sum_to_losses::<T>()?;
	advances_are_owed::<T>()?;
	params_are_valid::<T>()
}

fn advances_are_owed<T: Config>() -> Result<(), TryRuntimeError> {
	for paid in Entries::<T>::iter_values().flat_map(|entry| entry.advanced).map(|advance| advance.paid) {
		ensure!(paid.loss > Quote::ZERO, "nothing is to be paid back");
		ensure!(paid.balance(), "what is to be paid back is not what was paid");
	}
	Ok(())
}

fn queue_is_the_accounts_in_line<T: Config>() -> Result<(), TryRuntimeError> {
	let mut in_line = 0usize;
	for (account, entry) in Entries::<T>::iter() {
		if let Place::InLine(rank) = entry.place {
			ensure!(Queue::<T>::contains_key((rank, &account)), "an account in line is not in the queue");
			in_line = in_line.saturating_add(1);
		}
	}
	ensure!(Queue::<T>::iter_keys().count() == in_line, "the queue has a key of nobody");
	Ok(())
}

fn parking_is_the_parked_accounts<T: Config>() -> Result<(), TryRuntimeError> {
	let mut counts = BTreeMap::new();
	for (account, entry) in Entries::<T>::iter() {
		if let Place::Parked(markets) = entry.place {
			for market in markets {
				ensure!(Parked::<T>::contains_key(market, &account), "a parked account is not parked");
				let count: &mut u32 = counts.entry(market).or_default();
				*count = count.saturating_add(1);
			}
		}
	}
	let all: u32 = counts.values().sum();
	ensure!(Ok(all) == u32::try_from(Parked::<T>::iter_keys().count()), "nobody is parked there");
	ensure!(counts == ParkedCount::<T>::iter().collect(), "parked accounts are miscounted");
	Ok(())
}

fn bankrupt_counts_are_those_of_entries<T: Config>() -> Result<(), TryRuntimeError> {
	let mut counts = BTreeMap::new();
	for held in Entries::<T>::iter_values().flat_map(|entry| entry.bankrupt_in) {
		let count: &mut u32 = counts.entry(held).or_default();
		*count = count.saturating_add(1);
	}
	ensure!(counts == BankruptCount::<T>::iter().collect(), "bankrupt accounts are miscounted");
	Ok(())
}

fn receipts_sum_to_losses<T: Config>() -> Result<(), TryRuntimeError> {
	let balance = MarketReceipts::<T>::iter_values().all(|receipts| receipts.balance());
	ensure!(balance, "receipts do not sum to the loss");
	Ok(())
}

fn params_are_valid<T: Config>() -> Result<(), TryRuntimeError> {
	let params = CurrentParams::<T>::get();
	ensure!(
		Pallet::<T>::is_within_envelopes(&params),
		"liquidation takes more than an envelope leaves room for"
	);
	params.validate().map_err(|_| "the parameters are invalid".into())
}
