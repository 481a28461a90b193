// SPDX-License-Identifier: Apache-2.0
//! What is known about a price, what a market may do, and what follows from both.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// How far the price of a feed can be trusted in this block.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum PriceState {
	/// Fresh, with a quorum that agrees.
	Valid,
	/// Fresh, but the reports disagree by more than the feed allows.
	Uncertain,
	/// Fresh and agreed, but further from the slow price than the feed allows.
	Volatile,
	/// The last price is older than the feed allows.
	Stale,
	/// There is no price.
	#[default]
	Missing,
}

/// What a price is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
	/// Take new risk.
	Open,
	/// Reduce a position.
	Close,
	/// Take a position from an unhealthy account.
	Liquidate,
	/// Accrue funding.
	Fund,
	/// Take money out of a margin account that holds positions.
	Withdraw,
	/// Settle a market for good.
	Settle,
}

impl PriceState {
	/// The table `action x state -> allowed?` of `docs/spec/oracle.md` (OR-07).
	///
	/// An uncertain or volatile price is a price: it may close what must be closed, because to wait
	/// costs others; nobody may take new risk or money out on it.
	pub const fn allows(self, action: Action) -> bool {
		match (self, action) {
			(Self::Valid, _) => true,
			(Self::Uncertain | Self::Volatile, Action::Close | Action::Liquidate | Action::Fund) => true,
			(Self::Uncertain | Self::Volatile, Action::Open | Action::Withdraw | Action::Settle) => false,
			(Self::Stale | Self::Missing, _) => false,
		}
	}
}

/// Where a market stands on the ladder of the circuit breaker. Call sites ask questions; they never
/// list variants.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum MarketStatus {
	/// Everything is allowed.
	#[default]
	Open,
	/// Risk may only fall: open interest must not rise and one side strictly reduces.
	Guarded,
	/// Orders are collected and matched at one price; nothing trades in between.
	Auction,
	/// Nothing trades and nothing is liquidated; margin may be added.
	Halted,
	/// The market is dead: positions are closed at a stated price, and nothing else is done in it.
	Settling,
}

impl MarketStatus {
	/// Whether a position may be opened or increased.
	pub const fn accepts_new_risk(self) -> bool {
		matches!(self, Self::Open)
	}

	/// Whether a position may be reduced by its owner.
	pub const fn accepts_reduction(self) -> bool {
		matches!(self, Self::Open | Self::Guarded)
	}

	/// Whether orders that may open a position are taken: to match them, or to collect them for an auction.
	pub const fn accepts_opening_orders(self) -> bool {
		matches!(self, Self::Open | Self::Auction)
	}

	/// Whether orders are taken at all.
	pub const fn accepts_orders(self) -> bool {
		matches!(self, Self::Open | Self::Guarded | Self::Auction)
	}

	/// Whether orders are matched as they come; where they are taken but not matched they are collected.
	pub const fn matches_orders(self) -> bool {
		matches!(self, Self::Open | Self::Guarded)
	}

	/// Whether an unhealthy account's position may be taken.
	pub const fn accepts_liquidation(self) -> bool {
		matches!(self, Self::Open | Self::Guarded)
	}

	/// Whether the mark price, funding and levels move.
	pub const fn moves_levels(self) -> bool {
		matches!(self, Self::Open | Self::Guarded | Self::Auction)
	}

	/// The stricter of two.
	pub fn stricter(self, other: Self) -> Self {
		self.max(other)
	}
}
