// SPDX-License-Identifier: Apache-2.0
//! Someone who knows what things are worth, and how well.

use codec::{Decode, Encode, MaxEncodedLen};
use keel_primitives::{FeedId, MarketId, Moment, Price, PriceState, Volatility};
use scale_info::TypeInfo;

/// What is known of a feed in this block. All readers of one block see the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Observation {
	/// The last price that landed. Meaningless unless `state` allows the action it is read for.
	pub price: Price,
	/// What was said before a quorum last reported anew; the price itself when it is the first.
	pub before: Price,
	/// How far the price may be off, in its unit: half the spread of the reports that no liar can be at the ends of, and
	/// never less than the middle member claims. While members disagree: how far they are from this price.
	pub confidence: Price,
	/// The slow price: an exponentially weighted average, for decisions that must not follow a spike.
	pub slow: Price,
	/// Volatility per day, before this block's price.
	pub volatility: Volatility,
	/// When the reports that the price was made of were taken.
	pub taken_at: Moment,
	/// When the price landed: a block or more after it was taken.
	pub landed_at: Moment,
	/// When a price last landed for which a quorum had reported anew: not one member alone, beside what the others said
	/// some blocks ago.
	pub renewed_at: Moment,
	/// How long ago it was taken, in milliseconds; `u64::MAX` when there has never been a price.
	pub age_ms: u64,
	/// Of how many sources' reports it was made: members who read the same one count once.
	pub sources: u32,
	/// Whether that was in this block.
	pub renewed: bool,
	/// How far it can be trusted.
	pub state: PriceState,
}

/// Prices by feed.
///
/// Contract: constant within a block; never serves an old price as a new one: the `state` says so.
pub trait PriceFeed {
	/// What is known of `feed` now. An unknown feed is `Missing`.
	fn observe(feed: FeedId) -> Observation;

	/// Whether the feed is listed.
	fn exists(feed: FeedId) -> bool;

	/// Make `feed` exist and land `price` as valid, as if two rounds had said it, for benchmarks of whoever reads prices.
	#[cfg(feature = "runtime-benchmarks")]
	fn land(feed: FeedId, price: Price);
}

/// Someone who knows how far the mark of a market follows a price.
pub trait SolvencyEnvelope {
	/// Whether the price has moved further than the mark follows before a second round confirms it.
	fn waits_for_second_round(market: MarketId, seen: &Observation) -> bool;
}

/// Every price is followed at once.
impl SolvencyEnvelope for () {
	fn waits_for_second_round(_: MarketId, _: &Observation) -> bool {
		false
	}
}
