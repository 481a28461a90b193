// SPDX-License-Identifier: Apache-2.0
//! The accounts that take over positions, and how they get their margin.

use crate::{pallet::*, Config};
use frame_support::{ensure, traits::Get};
use keel_primitives::{MarginAccount, MarketId, Quote, SubAccount};
use keel_traits::Liquidatable;
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	/// The sub-account of the backstop that takes over positions of `market`.
	pub fn backstop_of(market: MarketId) -> Option<MarginAccount<T::AccountId>> {
		let sub = SubAccount(u8::try_from(market.0).ok()?);
		Some(MarginAccount::new(T::BackstopOwner::get(), sub))
	}

	pub(crate) fn do_fund_backstop(who: T::AccountId, market: MarketId, amount: Quote) -> DispatchResult {
		ensure!(T::Margin::is_listed(market), Error::<T>::UnknownMarket);
		let backstop = Self::backstop_of(market).ok_or(Error::<T>::UnknownMarket)?;
		T::Margin::give(&who, &backstop, amount)?;
		Self::deposit_event(Event::BackstopFunded { market, backstop, who, amount });
		Ok(())
	}
}
