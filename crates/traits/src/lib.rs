// SPDX-License-Identifier: Apache-2.0
//! The seams between Keel's pallets.
//!
//! A pallet names the role it needs, never the pallet that fills it; the runtime joins them. Calls
//! go one way, and each arrow is a trait of this crate:
//!
//! ```text
//! liquidation -> margin         Liquidatable     who is unhealthy, take what must be taken
//! order book  -> margin         Clearing         what an order must meet, settle what it trades
//! liquidation -> insurance fund LossAbsorber     pay for losses, keep penalties
//! margin      -> oracle         PriceFeed        a price, its age, its state
//! margin      -> breaker        MarketGate       what a market may do now
//! breaker     -> margin         SolvencyEnvelope whether a price waits for a second round
//! margin      -> order book     OrderReserve     what open orders lay claim to, and ImpactPrice
//! insurance   -> margin         Custody          USDK in and out of custody
//! stress test -> margin         LiveBook         what a move of prices would do to the accounts
//! ```
//!
//! News travels upwards as hooks that carry data and cannot fail: `OnUnhealthy` (margin to
//! liquidation), `OnMarketListed` (margin to whoever keeps a record per market), `OnFundExhausted` (insurance fund to
//! breaker: a market for whose losses no more is paid).

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

mod clearing;
mod custody;
mod liquidation;
mod losses;
mod markets;
mod prices;
mod stress;
mod views;

pub use clearing::{
	Clearing, FeeReceivers, Intent, Match, OpenOrders, OrderReserve, Priority, Terms, Unfilled,
};
pub use custody::{Claims, Custody};
pub use liquidation::{Closed, Deficit, Exposure, Judgement, Liquidatable, OnUnhealthy};
pub use losses::{LossAbsorber, OnFundExhausted, Payment};
pub use markets::{ImpactPrice, MarketGate, OnMarketListed};
pub use prices::{Observation, PriceFeed, SolvencyEnvelope};
pub use stress::{LiveBook, ToClose, Toll};
pub use views::{
	AccountView, AtRisk, MarketView, Place, PositionView, RiskView, Shock, TierView, TradePreview,
};
