// SPDX-License-Identifier: Apache-2.0
//! What a market may do, and who must know of it.

use keel_primitives::{MarketId, MarketStatus, Price};

/// Someone who may stop a market.
///
/// Contract: constant within a call; an unknown market is `Halted`.
pub trait MarketGate {
	/// The rung of the ladder `market` stands on.
	fn status(market: MarketId) -> MarketStatus;

	/// Make `market` known and open, for benchmarks of whoever asks.
	#[cfg(feature = "runtime-benchmarks")]
	fn open(market: MarketId);
}

/// What an order book would pay for a stated notional: the middle between buying and selling it.
///
/// Contract: constant within a call; only orders that have rested for a block count.
pub trait ImpactPrice {
	/// The impact price of `market`; none while its book is empty on a side.
	fn impact_price(market: MarketId) -> Option<Price>;
}

/// No order book: no premium is known.
impl ImpactPrice for () {
	fn impact_price(_: MarketId) -> Option<Price> {
		None
	}
}

/// News: a market was listed. Carries data and cannot fail.
pub trait OnMarketListed {
	/// `market` exists from now on.
	fn on_market_listed(market: MarketId, feed: keel_primitives::FeedId);

	/// `market` is dead, and settled from now on. It is listed already.
	fn on_market_settling(_market: MarketId) {}

	/// `market` was settled, and is listed again: it begins like a new one.
	fn on_market_relisted(_market: MarketId) {}
}

impl OnMarketListed for () {
	fn on_market_listed(_: MarketId, _: keel_primitives::FeedId) {}
}

impl<A: OnMarketListed, B: OnMarketListed> OnMarketListed for (A, B) {
	fn on_market_listed(market: MarketId, feed: keel_primitives::FeedId) {
		A::on_market_listed(market, feed);
		B::on_market_listed(market, feed);
	}

	fn on_market_settling(market: MarketId) {
		A::on_market_settling(market);
		B::on_market_settling(market);
	}

	fn on_market_relisted(market: MarketId) {
		A::on_market_relisted(market);
		B::on_market_relisted(market);
	}
}
