// SPDX-License-Identifier: Apache-2.0
//! Governance: motions of the bodies, referenda, and runtime upgrades by either road.

pub mod change;
mod motion;
mod referendum;
mod upgrade;

pub use motion::{motion, Body, Outcome};
pub use referendum::{
	delegate, find_referendum, free_votes, note_preimage, second, standing, vote, wait_for_end, Noted,
	Standing,
};
pub use upgrade::{
	apply, authorised, by_council, by_public, check, Applied, Authorised, ByCouncil, ByPublic, Checks,
};

/// Where progress is told, one sentence at a time.
pub type Tell<'a> = &'a (dyn Fn(&str) + Send + Sync);
