// SPDX-License-Identifier: Apache-2.0
//! What clients ask of the exchange, also light clients: answered by the code that runs the chain.

// The macro repeats the bound of the type parameter.
#![allow(clippy::multiple_bound_locations)]

use alloc::vec::Vec;
use keel_oracle::FeedView;
use keel_primitives::{FeedId, MarketId, SubAccount};
use keel_traits::{AccountView, MarketView};

sp_api::decl_runtime_apis! {
	/// Accounts, markets and prices as the chain judges them in this block.
	pub trait ExchangeApi<AccountId: codec::Codec> {
		/// The margin account `sub` of `owner`: cash, equity, requirements, health, positions with their
		/// liquidation prices. Nothing when it has neither money nor positions.
		fn account(owner: AccountId, sub: SubAccount) -> Option<AccountView>;

		/// A market: status, prices, open interest, rules. Nothing for an unknown one.
		fn market(market: MarketId) -> Option<MarketView>;

		/// The ids of all markets.
		fn markets() -> Vec<MarketId>;

		/// The price of a feed with its age and state. Nothing for an unknown one.
		fn price(feed: FeedId) -> Option<FeedView>;

		/// All feeds.
		fn prices() -> Vec<FeedView>;
	}
}
