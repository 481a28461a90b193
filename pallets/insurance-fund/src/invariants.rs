// SPDX-License-Identifier: Apache-2.0
//! What always holds, one function each.

use crate::{pallet::*, types, Config, Flow, Pot};
use frame_support::ensure;
use keel_primitives::Quote;
use sp_runtime::TryRuntimeError;

/// 1. The balance of a pot is what it received less what it paid.
/// 2. No balance, target or flow is negative, and no target is out of bounds.
/// 3. Every flow belongs to a pot that exists.
/// 4. The caps are valid.
/// 5. What the global fund spent in the window holds what it spent in the last block, and is part of
///    what it ever paid.
/// 6. So is what it spent for a market, and for an owner.
#[docify::export]
pub fn do_try_state<T: Config>() -> Result<(), TryRuntimeError> {
	balances_are_explained_by_flows::<T>()?;
	amounts_are_in_bounds::<T>()?;
	flows_belong_to_pots::<T>()?;
	caps_are_valid::<T>()?;
	spending_is_part_of_what_was_paid::<T>()?;
	nobody_was_paid_for_more_than_all::<T>()
}

fn balances_are_explained_by_flows<T: Config>() -> Result<(), TryRuntimeError> {
	for (pot, balance) in pots::<T>() {
		let Flow { received, paid } = Flows::<T>::get(pot);
		ensure!(received.0.checked_sub(paid.0) == Some(balance.0), "a balance is not its flows");
	}
	Ok(())
}

fn amounts_are_in_bounds<T: Config>() -> Result<(), TryRuntimeError> {
	ensure!(pots::<T>().all(|(_, balance)| !balance.is_negative()), "a balance is negative");
	let targets = Tranches::<T>::iter_values().map(|tranche| tranche.target);
	ensure!(targets.into_iter().all(types::is_amount), "a target is out of bounds");
	let flows = Flows::<T>::iter_values().all(|flow| flow.received.0 >= 0 && flow.paid.0 >= 0);
	ensure!(flows, "a flow is negative");
	Ok(())
}

fn flows_belong_to_pots<T: Config>() -> Result<(), TryRuntimeError> {
	ensure!(Flows::<T>::iter_keys().all(|pot| pot.balance::<T>().is_some()), "a flow has no pot");
	Ok(())
}

fn caps_are_valid<T: Config>() -> Result<(), TryRuntimeError> {
	FundCaps::<T>::get().validate().map_err(|_| "the caps are invalid".into())
}

fn spending_is_part_of_what_was_paid<T: Config>() -> Result<(), TryRuntimeError> {
	let spending = FundSpending::<T>::get();
	let in_window = spending.day.hours.iter().map(|bucket| bucket.paid.0).sum::<i128>();
	ensure!((0..=in_window).contains(&spending.in_block.0), "a block spent more than its day");
	ensure!(in_window <= Flows::<T>::get(Pot::Fund).paid.0, "more was spent than paid");
	ensure!(spending.day.hours.is_sorted_by_key(|bucket| bucket.hour), "hours are out of order");
	Ok(())
}

fn nobody_was_paid_for_more_than_all<T: Config>() -> Result<(), TryRuntimeError> {
	let paid = Flows::<T>::get(Pot::Fund).paid.0;
	let markets = MarketSpending::<T>::iter_values();
	for window in markets.chain(OwnerSpending::<T>::iter_values()) {
		let sum = window.hours.iter().map(|bucket| bucket.paid.0).sum::<i128>();
		ensure!((0..=paid).contains(&sum), "more was spent for one than was paid for all");
		ensure!(
			window.hours.is_sorted_by_key(|bucket| bucket.hour),
			"hours of a market or an owner are out of order"
		);
	}
	Ok(())
}

fn pots<T: Config>() -> impl Iterator<Item = (Pot, Quote)> {
	let tranches = Tranches::<T>::iter().map(|(market, tranche)| (Pot::Tranche(market), tranche.balance));
	tranches.chain(core::iter::once((Pot::Fund, Fund::<T>::get())))
}
