// SPDX-License-Identifier: Apache-2.0
//! What people and their tools see of accounts and markets: whole, in units, at this block's levels.

use crate::Judgement;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{
	FeedId, MarginAccount, MarketId, MarketStatus, Price, PriceState, Quote, Ratio, Side, Size,
};
use scale_info::TypeInfo;

/// Where a margin account is.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Place {
	/// It has no position.
	#[default]
	Idle,
	/// Its positions are in the trigger book.
	Filed,
	/// It was found unhealthy and is being liquidated.
	Queued,
}

/// A position as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct PositionView {
	/// The market.
	pub market: MarketId,
	/// Long or short.
	pub side: Side,
	/// The size held now.
	pub size: Size,
	/// The average price it was opened at, as far as it is still open.
	pub entry_price: Option<Price>,
	/// The mark price it is valued at.
	pub mark: Price,
	/// Size at the mark price, rounded up.
	pub notional: Quote,
	/// What closing at the mark price would gain, without funding already accounted.
	pub unrealised_profit: Quote,
	/// Funding received since the position was last touched; negative when paid.
	pub funding: Quote,
	/// The mark price at which the account becomes liquidatable while all else stands still. With several
	/// positions see also the band.
	pub liquidation_price: Option<Price>,
	/// The same when every other position has lost by the largest move of its market.
	pub liquidation_price_earliest: Option<Price>,
	/// The same when every other position has gained by the largest move of its market.
	pub liquidation_price_latest: Option<Price>,
	/// Where the trigger book looks at the account again, as a price.
	pub trigger_price: Option<Price>,
}

/// A margin account as its owner sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct AccountView {
	/// What is settled. Negative while positions are worth more than they cost in cash.
	pub cash: Quote,
	/// Cash and the value of all positions.
	pub equity: Quote,
	/// What must be owned to open.
	pub initial_requirement: Quote,
	/// What must be owned to keep.
	pub maintenance_requirement: Quote,
	/// Equity less the maintenance requirement: below zero the account is liquidated.
	pub health: Quote,
	/// What may be withdrawn.
	pub free_collateral: Quote,
	/// What open orders reserve of the rest.
	pub reserved: Quote,
	/// Where it is.
	pub place: Place,
	/// Whether a margin call comes before liquidation; it comes once between two touches.
	pub warning_armed: bool,
	/// A withdrawal or transfer that waits for the next block.
	pub leaving: Quote,
	/// The most leverage its owner allows it.
	pub leverage: Option<u32>,
	/// The positions.
	pub positions: Vec<PositionView>,
}

/// What a trade would do.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct TradePreview {
	/// The size that would be closed.
	pub closed: Size,
	/// The size that would be opened.
	pub opened: Size,
	/// The profit made on what would be closed; negative is a loss.
	pub realised: Quote,
	/// The account afterwards; nothing when nothing would be left of it.
	pub account: Option<AccountView>,
}

/// A move of a market's mark price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Shock {
	/// The market.
	pub market: MarketId,
	/// By how much, in parts per billion of the mark price; negative is a fall.
	pub by: i64,
}

/// An account in liquidation, or one that shocks would make unhealthy.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct AtRisk<AccountId> {
	/// The account.
	pub account: MarginAccount<AccountId>,
	/// How it would be judged after the shocks.
	pub judgement: Judgement,
	/// Whether it is in liquidation already.
	pub queued: bool,
}

/// The accounts in liquidation, and then those that shocks would make unhealthy: each the largest shortfall first.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct RiskView<AccountId> {
	/// The accounts.
	pub accounts: Vec<AtRisk<AccountId>>,
	/// Whether there was no room for all who are in liquidation, or whose keys were crossed: ask for more.
	pub cut_short: bool,
}

/// Margin rates of positions up to a size.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct TierView {
	/// The largest notional.
	pub up_to: Quote,
	/// Initial margin rate, before anything else raises it.
	pub initial_rate: Ratio,
	/// Maintenance margin rate, now.
	pub maintenance_rate: Ratio,
	/// What that moves to, step by step.
	pub maintenance_target: Ratio,
}

/// A market as everybody sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct MarketView {
	/// The name, in UTF-8.
	pub name: Vec<u8>,
	/// The feed of its index price.
	pub feed: FeedId,
	/// What it may do.
	pub status: MarketStatus,
	/// Whether an equation of its books failed; then it takes no new risk until governance looked.
	pub quarantined: bool,
	/// Whether a position in it is the only one of its sub-account.
	pub isolated: bool,
	/// How far the index price can be trusted.
	pub price_state: PriceState,
	/// The index price, the last that landed.
	pub index: Price,
	/// The age of the index price in milliseconds.
	pub price_age_ms: u64,
	/// The mark price, at which everything is judged.
	pub mark: Price,
	/// The price of the last trade.
	pub last_price: Price,
	/// Open interest: the size of one side.
	pub open_interest: Size,
	/// The most that may be open now; it grows for a while after a market was listed.
	pub max_open_interest: Size,
	/// The notional of open interest from which on initial margin rises, now.
	pub soft_cap: Quote,
	/// The notional of open interest at which initial margin is 100 %, now.
	pub hard_cap: Quote,
	/// The initial margin rate of the smallest position now: the largest of tier, open interest and
	/// volatility.
	pub initial_rate: Ratio,
	/// The maintenance margin rate of the smallest positions, now.
	pub maintenance_rate: Ratio,
	/// Margin rates by the size of a position.
	pub tiers: Vec<TierView>,
	/// Those of tiers that the rules have no more, and positions are left in.
	pub retired_tiers: Vec<TierView>,
	/// How far from mark a block trade may be.
	pub band: Ratio,
	/// Funding per eight hours in parts per billion; positive: longs pay.
	pub funding_rate: i64,
	/// What it will be in the next period if the premium stays at its average of this one.
	pub next_funding_rate: i64,
	/// Losses it still owes to custody.
	pub debt: Quote,
}
