// SPDX-License-Identifier: Apache-2.0
//! What clients ask of the exchange, also light clients: answered by the code that runs the chain.

// The macro repeats the bound of the type parameter.
// It also adds the block to the arguments that a method has.
#![allow(clippy::multiple_bound_locations, clippy::too_many_arguments)]

use alloc::vec::Vec;
use keel_oracle::FeedView;
use keel_primitives::{FeedId, MarketId, Price, Side, Size, SubAccount};
use keel_traits::{AccountView, MarketView, RiskView, Shock, TradePreview};
use sp_runtime::DispatchError;

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

		/// What the margin account `sub` of `owner` would have after buying (`Long`) or selling `size` at
		/// `price`, against somebody who opens as much; or the error that the call would end with.
		fn simulate_trade(
			owner: AccountId,
			sub: SubAccount,
			market: MarketId,
			side: Side,
			size: Size,
			price: Price,
		) -> Result<TradePreview, DispatchError>;

		/// The largest size that account could buy (`Long`) or sell at `price` now; zero when none.
		fn max_size(
			owner: AccountId,
			sub: SubAccount,
			market: MarketId,
			side: Side,
			price: Price,
		) -> Result<Size, DispatchError>;

		/// The accounts that would become unhealthy if the marks moved by `shocks`, all at once, the largest
		/// shortfall first; at most `limit` are looked at. Only accounts whose keys the shocks cross are, not
		/// all there are. Those in liquidation already are not among them.
		fn accounts_at_risk(shocks: Vec<Shock>, limit: u32) -> Result<RiskView<AccountId>, DispatchError>;

		/// Open interest of every market: the size of one side.
		fn open_interest() -> Vec<(MarketId, Size)>;

		/// The price of a feed with its age and state. Nothing for an unknown one.
		fn price(feed: FeedId) -> Option<FeedView>;

		/// All feeds.
		fn prices() -> Vec<FeedView>;
	}
}
