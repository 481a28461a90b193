// SPDX-License-Identifier: Apache-2.0
//! The custody account: the one place that holds users' USDK.

use crate::{
	accounts::{minus, plus},
	pallet::{Config, Custodied, Error, Markets, Pallet, TotalCash},
};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
		Get,
	},
};
use keel_primitives::{MarginAccount, MarketId, Quote};
use keel_traits::{Claims, Custody};
use sp_runtime::{traits::AccountIdConversion, DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	/// The account that holds the USDK.
	pub fn custody_account() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// Give an account cash of the genesis state, which the collateral's own genesis puts into custody.
	pub(crate) fn endow(account: &MarginAccount<T::AccountId>, cash: Quote) -> DispatchResult {
		ensure!(!cash.is_negative(), Error::<T>::AmountTooSmall);
		Custodied::<T>::put(plus::<T>(Custodied::<T>::get(), cash)?);
		Self::add_cash(account, cash)
	}

	/// The sum of all claims: cash of accounts, what positions have paid into markets, and what others keep.
	pub(crate) fn claims() -> Result<Quote, DispatchError> {
		let own = plus::<T>(TotalCash::<T>::get(), T::OtherClaims::claims())?;
		Self::market_ids()
			.filter_map(Markets::<T>::get)
			.try_fold(own, |sum, market| plus::<T>(sum, market.book.paid_in))
	}

	/// Whether all claims are what custody has counted, and no more than it holds.
	pub(crate) fn custody_holds() -> Result<(), (Quote, Quote)> {
		let counted = Custodied::<T>::get();
		let claims = Self::claims().unwrap_or(Quote(i128::MIN));
		let held = T::Collateral::balance(&Self::custody_account());
		let covered = u128::try_from(counted.0).is_ok_and(|counted| counted <= held);
		if claims == counted && covered {
			Ok(())
		} else {
			Err((claims, counted))
		}
	}

	/// Whether the equations hold, market by market, and custody's: what every block checks.
	pub fn conservation() -> (alloc::vec::Vec<(MarketId, keel_math::Conservation)>, bool) {
		let markets = Self::market_ids()
			.filter_map(|id| Markets::<T>::get(id).map(|market| (id, market.book.conservation())))
			.collect();
		(markets, Self::custody_holds().is_ok())
	}
}

/// An amount as the asset counts it.
fn balance_of<T: Config>(amount: Quote) -> Result<u128, DispatchError> {
	u128::try_from(amount.0)
		.ok()
		.filter(|amount| *amount > 0)
		.ok_or_else(|| Error::<T>::AmountTooSmall.into())
}

impl<T: Config> Custody<T::AccountId> for Pallet<T> {
	fn pull(from: &T::AccountId, amount: Quote) -> Result<(), DispatchError> {
		let balance = balance_of::<T>(amount)?;
		let total = plus::<T>(Custodied::<T>::get(), amount)?;
		ensure!(T::Collateral::balance(from) >= balance, Error::<T>::InsufficientBalance);
		T::Collateral::transfer(from, &Self::custody_account(), balance, Preservation::Expendable)?;
		Custodied::<T>::put(total);
		Ok(())
	}

	fn push(to: &T::AccountId, amount: Quote) -> Result<(), DispatchError> {
		// It would be counted as gone, and be there still.
		ensure!(*to != Self::custody_account(), Error::<T>::PaysCustody);
		let balance = balance_of::<T>(amount)?;
		let total = minus::<T>(Custodied::<T>::get(), amount)?;
		ensure!(total >= Quote::ZERO, Error::<T>::CustodyBroken);
		T::Collateral::transfer(&Self::custody_account(), to, balance, Preservation::Expendable)?;
		Custodied::<T>::put(total);
		Ok(())
	}

	fn sweep() -> Quote {
		// What is above a sum that is in doubt is in doubt too.
		if Self::custody_holds().is_err() {
			return Quote::ZERO;
		}
		let held = i128::try_from(T::Collateral::balance(&Self::custody_account())).unwrap_or_default();
		let stray = Quote(held.saturating_sub(Custodied::<T>::get().0).max(0));
		Custodied::<T>::mutate(|counted| counted.0 = counted.0.saturating_add(stray.0));
		stray
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn stray(amount: Quote) {
		Self::fund(&Self::custody_account(), amount);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn fund(who: &T::AccountId, amount: Quote) {
		if let Ok(balance) = balance_of::<T>(amount) {
			let minted = T::Collateral::mint_into(who, balance);
			frame_support::defensive_assert!(minted.is_ok(), "benchmarks can mint");
		}
	}
}
