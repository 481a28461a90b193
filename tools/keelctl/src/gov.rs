// SPDX-License-Identifier: Apache-2.0
//! Governance: motions of the bodies, referenda, and runtime upgrades by either road.

mod ballot;
mod carrier;
pub mod change;
pub mod clock;
mod motion;
mod propose;
mod referendum;
mod share;
mod upgrade;

pub use ballot::{
	ballot_of, cast, open_referenda, open_referendum, vote, vote_in_referendum, Ballot, Conviction,
	Referendum,
};
pub use carrier::{external, public_proposals, Carrier, Rule};
pub use motion::{
	close, find_motion, motion, motions, vote_in_motion, Body, Motion, MotionName, Outcome, Verdict,
};
pub use propose::{backers, propose, Hurry, Outlook, Proposed, Road, Stop, Takes};
pub(crate) use propose::{cancel_proposal, during_the_vote, hurry, in_the_timelock};
pub use referendum::{
	delegate, find_referendum, free_votes, note_preimage, second, standing, stored_call, wait_for_end, Noted,
	Standing,
};
pub use share::{share, Share};
pub use upgrade::{
	apply, authorised, by_council, by_public, check, Applied, Authorised, ByCouncil, ByPublic, Checks,
};

/// Where progress is told, one sentence at a time.
pub type Tell<'a> = &'a (dyn Fn(&str) + Send + Sync);
