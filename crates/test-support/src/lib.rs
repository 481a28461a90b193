// SPDX-License-Identifier: Apache-2.0
//! Mocks of the seams in `keel-traits`: one a role, small enough to be believed.
//!
//! A mock keeps its state in storage, not in thread-locals: a transaction that is rolled back rolls
//! the mock back with it, and every `TestExternalities` starts empty. Account ids are `u64`.
//!
//! [`spec`] reads the chapters of `docs/spec`, so that their scenarios run wherever there is a stage for them.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod clearing;
mod clock;
mod custody;
mod losses;
mod margin;
pub mod spec;

pub use clearing::{Rules, Ticket};
pub use clock::Clock;
pub use custody::Custody;
pub use losses::Losses;
pub use margin::{Fault, Margin};

/// The account id of all mocks.
pub type AccountId = u64;

/// Well-known accounts, so that a test reads as a story.
pub const ALICE: AccountId = 1;
/// See [`ALICE`].
pub const BOB: AccountId = 2;
/// See [`ALICE`].
pub const CHARLIE: AccountId = 3;
