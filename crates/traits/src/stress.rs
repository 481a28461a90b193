// SPDX-License-Identifier: Apache-2.0
//! What a stress test asks of the live book.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use keel_primitives::{FeedId, MarketId, Price, Quote};
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

use crate::Shock;

/// What would have to be closed in a market: all positions there of accounts that would be unhealthy.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct ToClose {
	/// The market.
	pub market: MarketId,
	/// Its mark price after the move.
	pub mark: Price,
	/// The notional of longs, at that price, rounded up. Closing them sells.
	pub long: Quote,
	/// The notional of shorts, at that price, rounded up. Closing them buys.
	pub short: Quote,
}

/// What a move of prices would do to the accounts that are healthy now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Toll {
	/// How many would become unhealthy.
	pub accounts: u32,
	/// How many of these would owe more than they own.
	pub bankrupt: u32,
	/// What these could not pay if they were closed at the prices after the move, in 1e-6 dollars: the need of the funds.
	pub shortfall: Quote,
	/// What would have to be closed, by market; markets with nothing to close are left out.
	pub to_close: Vec<ToClose>,
	/// Whether there are more accounts than one question looks at: then all figures are too low.
	pub cut_short: bool,
}

/// The live book, as a stress test asks it.
pub trait LiveBook {
	/// Each market, and the feed that prices it.
	fn priced() -> Vec<(MarketId, FeedId)>;

	/// Whether there is such a market.
	fn is_listed(market: MarketId) -> bool;

	/// What `shocks`, all at once, would do. Looks only at accounts whose keys the shocks cross. Those that wait for
	/// liquidation already are not among them.
	fn toll(shocks: &[Shock]) -> Result<Toll, DispatchError>;
}
