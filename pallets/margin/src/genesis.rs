// SPDX-License-Identifier: Apache-2.0
//! Markets and accounts that are there from the start. What does not fit together makes no chain: building
//! its genesis state stops.

use crate::{
	pallet::{Config, Error, Pallet},
	params::MarketParams,
};
use alloc::string::String;
use frame_support::{pallet_macros::pallet_section, BoundedVec};
use keel_primitives::{FeedId, MarginAccount, Quote};

/// What a chain starts with, a section of the pallet.
#[pallet_section]
mod genesis {
	/// The markets that exist from the start.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The markets, in order of their ids.
		pub markets: alloc::vec::Vec<GenesisMarket>,
		/// Margin accounts that have cash from the start. The genesis state of the collateral must hold the
		/// sum of it in the custody account.
		pub accounts: alloc::vec::Vec<GenesisAccount<T::AccountId>>,
		/// Nothing.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::list_first(&self.markets);
			Pallet::<T>::endow_first(&self.accounts);
		}
	}
}

/// A market of the genesis state.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct GenesisMarket {
	/// The feed of its index price.
	pub feed: FeedId,
	/// Its name, such as `BTC-PERP`; at most 16 bytes.
	pub name: String,
	/// Its rules.
	pub params: MarketParams,
}

/// A margin account of the genesis state.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct GenesisAccount<AccountId> {
	/// Whose.
	pub account: MarginAccount<AccountId>,
	/// What it has, in 1e-6 dollars.
	pub cash: Quote,
}

impl<T: Config> Pallet<T> {
	/// List the first markets, in order of their ids.
	pub(crate) fn list_first(markets: &[GenesisMarket]) {
		for market in markets {
			let name = BoundedVec::try_from(market.name.clone().into_bytes());
			let listed = name
				.map_err(|_| Error::<T>::InvalidName.into())
				.and_then(|name| Self::add_market(market.feed, name, market.params, false));
			assert!(listed.is_ok(), "market {} of the genesis state: {listed:?}", market.name);
		}
	}

	/// Give the first accounts their cash.
	pub(crate) fn endow_first(accounts: &[GenesisAccount<T::AccountId>]) {
		for GenesisAccount { account, cash } in accounts {
			let endowed = Self::endow(account, *cash);
			assert!(endowed.is_ok(), "{account:?} of the genesis state: {endowed:?}");
		}
	}
}
