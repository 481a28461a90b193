// SPDX-License-Identifier: Apache-2.0
//! Turns prices, positions and parameters into numbers: pure, exact, cannot panic.
//!
//! The health of an account is a dot product: what the account stores (cash and units) times what its
//! markets say (levels). Everything that moves on its own moves a market's [`Book`]; touching an account
//! changes that account alone.
//!
//! | module | what it answers |
//! |---|---|
//! | [`int`] | sums that are exact before they are rounded, once |
//! | [`units`] | scales, levels, stored units, and how sizes become units |
//! | [`book`] | the two sides of a market: open, close, fund, deleverage, end a generation |
//! | [`losses`] | what a side bears of the losses of others, and what of it comes back |
//! | [`health`] | equity, requirement and health of an account |
//! | [`keys`] | at which level an account must be looked at again |
//! | [`margin`] | what to take from an unhealthy account, and who caused a deficit |
//! | `settlement` | the end of a market: [`Book::close_out`] |
//! | [`tiers`] | margin rates by the size of a position |
//! | [`kept_tiers`] | the tiers that a market keeps while its table is replaced |
//! | [`initial`] | what opening takes: by size, crowding, volatility and the account's own cap |
//! | [`funding`] | what one side pays the other, out of the premium over the index |
//! | [`fees`] | what a trade on the order book costs, and the volume that decides it |
//! | [`budget`] | for how long something may be stopped within any window |
//! | [`spending`] | how much money may be spent within any window |
//! | [`impact`] | what an order book pays for a stated amount |
//! | [`stress`] | how far closing moves a price |
//! | [`envelope`] | how far a mark follows a price that only one round has told |
//! | [`band`] | between which prices a position of an account with several may be liquidated |
//!
//! **Rounding** is against the account that gains: what it receives is rounded down, what it pays is
//! rounded up, equity down, requirement up. The rest is never lost: it is the market's dust.
//!
//! **Bounds.** A price lies in `Price::MIN..=Price::MAX` (below 2^90), a scale is at most one (below
//! 2^90), a side has fewer than 2^120 stored units and a size of at most [`units::SIZE_MAX`], levels are `i128`. A product of units and a level is
//! below 2^247, and sixteen of them below 2^251, so an exact sum fits 256 bits with its sign. What could
//! leave these bounds is checked and answers [`MathError`], never wraps.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(
	not(test),
	deny(
		clippy::arithmetic_side_effects,
		clippy::as_conversions,
		clippy::expect_used,
		clippy::float_arithmetic,
		clippy::indexing_slicing,
		clippy::panic,
		clippy::unwrap_used
	)
)]

extern crate alloc;

pub mod band;
pub mod book;
pub mod budget;
pub mod envelope;
pub mod fees;
pub mod funding;
pub mod health;
pub mod impact;
pub mod initial;
pub mod int;
pub mod kept_tiers;
pub mod keys;
pub mod losses;
pub mod margin;
mod settlement;
pub mod spending;
pub mod stress;
pub mod tiers;
pub mod units;

pub use band::{Exposure, LiquidationBand};
pub use book::{Book, Conservation, Ended, Scaled, Settled, SideBook};
pub use budget::Budget;
pub use fees::{FeeRate, RollingVolume};
pub use funding::Premium;
pub use health::{Holding, Standing};
pub use impact::ImpactSide;
pub use initial::{InitialParams, InitialRates, Opening};
pub use int::I256;
pub use kept_tiers::{KeptTier, KeptTiers, KeptTiersFull};
pub use losses::{Borne, Returns};
pub use spending::Spending;
pub use tiers::{Tier, TierIndex, Tiers, TiersError};
pub use units::{FundingRate, Generation, Level, Scale, Units};

/// Why a number could not be computed. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MathError {
	/// A result does not fit its type: an input is outside the bounds of `docs/spec/units.md`.
	Overflow,
	/// A divisor is zero: an empty side or a position without units was asked for its share.
	DivisionByZero,
	/// More was to be taken than there is.
	Insufficient,
}

/// The result of a computation.
pub type MathResult<T> = Result<T, MathError>;
