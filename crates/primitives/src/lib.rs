// SPDX-License-Identifier: Apache-2.0
//! The nouns of Keel: ids, units, sides, states.
//!
//! Every amount that crosses a crate boundary is one of these types, so that a price cannot be
//! added to a size. What may be computed with them is in `keel-math`; this crate only says what
//! they are. Units and bounds are specified in `docs/spec/units.md`, words in
//! `docs/spec/glossary.md`.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod ids;
mod side;
mod state;
mod units;

pub use ids::{FeedId, MarginAccount, MarketId, SubAccount};
pub use side::Side;
pub use state::{Action, MarketStatus, PriceState};
pub use units::{Price, Quote, Ratio, Size, Volatility};

/// Milliseconds since the Unix epoch, the unit of `pallet-timestamp`.
pub type Moment = u64;
