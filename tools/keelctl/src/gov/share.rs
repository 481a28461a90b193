// SPDX-License-Identifier: Apache-2.0
//! Which part of a body must agree to what: the defaults of a motion's threshold.
//!
//! The chain does not tell it, so it is a table here. `docs/spec/governance.md` has the same one, and
//! tests hold both to what the runtime does.

use super::Body;
use crate::{
	call::Call,
	chain::{self, AtBlock},
	error::{Error, Result},
	number::counted,
	value,
};
use std::fmt;

/// A part of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
	/// At least half.
	Half,
	/// At least three fifths.
	ThreeFifths,
	/// At least two thirds.
	TwoThirds,
	/// Everybody.
	All,
}

impl Share {
	/// How many of `seats` that are, at least one.
	pub const fn ayes(self, seats: u32) -> u32 {
		let (part, whole) = match self {
			Self::Half => (1, 2),
			Self::ThreeFifths => (3, 5),
			Self::TwoThirds => (2, 3),
			Self::All => (1, 1),
		};
		let ayes = seats.saturating_mul(part).div_ceil(whole);
		if ayes == 0 {
			1
		} else {
			ayes
		}
	}
}

impl fmt::Display for Share {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Half => "half",
			Self::ThreeFifths => "three fifths",
			Self::TwoThirds => "two thirds",
			Self::All => "all",
		})
	}
}

/// What a body does by a motion.
const TABLE: [(Body, Share, &[&str]); 11] = [
	(
		Body::Council,
		Share::Half,
		&[
			"Democracy.external_propose",
			"Democracy.external_propose_majority",
			"Identity.add_registrar",
			"Identity.add_username_authority",
			"Identity.remove_registrar",
			"Identity.remove_username_authority",
			"Treasury.remove_approval",
			"Treasury.void_spend",
		],
	),
	(Body::Council, Share::ThreeFifths, &["Treasury.spend", "Treasury.spend_local"]),
	(Body::Council, Share::TwoThirds, &["Democracy.emergency_cancel"]),
	(Body::Council, Share::All, &["Democracy.external_propose_default"]),
	(Body::Technical, Share::Half, &["Oracle.veto_change"]),
	(Body::Technical, Share::TwoThirds, &["Democracy.fast_track"]),
	(Body::Technical, Share::All, &["Democracy.cancel_proposal"]),
	(Body::Risk, Share::Half, &["Oracle.remove_member"]),
	(
		Body::Risk,
		Share::TwoThirds,
		&[
			"Oracle.add_feed",
			"Oracle.add_member",
			"Oracle.close_seat",
			"Oracle.correct_source",
			"Oracle.retire_feed",
			"Oracle.set_feed_params",
			"Oracle.withdraw_change",
		],
	),
	(Body::Security, Share::Half, &["Oracle.remove_member"]),
	(Body::Security, Share::TwoThirds, &["ChangeControl.cancel", "Democracy.emergency_cancel"]),
];

/// The part of `body` that must agree to the call with this name; none when the body does not do such things.
pub fn share(body: Body, call: &str) -> Option<Share> {
	bodies(call).find(|(known, _)| *known == body).map(|(_, share)| share)
}

/// The bodies that do this, and which part of each must agree.
pub fn bodies(call: &str) -> impl Iterator<Item = (Body, Share)> + '_ {
	TABLE.iter().filter(move |(_, _, calls)| calls.contains(&call)).map(|(body, share, _)| (*body, *share))
}

/// How many ayes a motion of `body` with `seats` needs for `call`. What was asked for is checked; else the
/// call decides.
pub async fn threshold(at: &AtBlock, body: Body, call: &Call, seats: u32, asked: Option<u32>) -> Result<u32> {
	let name = chain::name(call);
	let pallet = body.pallet();
	match asked {
		Some(ayes) if ayes == 0 || ayes > seats => Err(Error::Usage {
			problem: format!(
				"no motion of {pallet} gathers {}: it has {}",
				counted(ayes, "aye"),
				counted(seats, "seat")
			),
			help: format!("Give a threshold from 1 to {seats}, or none: the call decides then."),
		}),
		Some(ayes) => Ok(ayes),
		None if is_instant(at, call)? => Ok(Share::All.ayes(seats)),
		None => share(body, &name).map(|share| share.ayes(seats)).ok_or_else(|| Error::Governance {
			problem: format!("{name} is nothing that a motion of {pallet} does"),
			help: elsewhere(&name),
		}),
	}
}

/// A vote that is shorter than a fast track allows takes the whole Technical Committee.
fn is_instant(at: &AtBlock, call: &Call) -> Result<bool> {
	if chain::name(call) != "Democracy.fast_track" {
		return Ok(false);
	}
	let shortest: u32 = chain::constant(at, "Democracy", "FastTrackVotingPeriod")?;
	let fields = call.call_data();
	let period = value::field_of(fields, "voting_period").or_else(|| fields.values().nth(1));
	Ok(period.and_then(value::unsigned).is_some_and(|period| period < shortest.into()))
}

/// Who does what a body does not do.
fn elsewhere(call: &str) -> String {
	let others: Vec<_> = bodies(call).map(|(body, share)| format!("{share} of {}", body.pallet())).collect();
	let who = if others.is_empty() {
		"No body does; `keelctl gov propose` puts it to a vote of all.".to_owned()
	} else {
		format!("It takes {}.", others.join(", or "))
	};
	format!("{who} With --threshold it is moved all the same.")
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::BTreeSet;

	/// What docs/spec/governance.md says of motions: `Body: share of it: call`.
	fn documented() -> BTreeSet<String> {
		let page = include_str!("../../../../docs/spec/governance.md");
		let rows = page.lines().filter_map(|line| line.strip_prefix("| **"));
		let rows = rows.filter_map(|line| line.split_once("**: "));
		rows.flat_map(|(body, rest)| {
			let (share, calls) = rest.split_once(" | ").expect("a share, and calls");
			calls.split('`').skip(1).step_by(2).map(move |call| format!("{body}: {share}: {call}"))
		})
		.collect()
	}

	#[test]
	fn the_table_is_that_of_the_page_on_governance() {
		let here: BTreeSet<_> = TABLE
			.iter()
			.flat_map(|(body, share, calls)| {
				calls
					.iter()
					.map(move |call| format!("{}: {share}: {call}", body.title().trim_start_matches("the ")))
			})
			.collect();
		assert!(here.len() > 15, "the table was read");
		assert_eq!(here, documented());
	}

	#[test]
	fn a_share_is_rounded_up_and_never_nobody() {
		let ayes = |share: Share| [1, 2, 3, 5, 7, 21].map(|seats| share.ayes(seats));
		assert_eq!(ayes(Share::Half), [1, 1, 2, 3, 4, 11]);
		assert_eq!(ayes(Share::ThreeFifths), [1, 2, 2, 3, 5, 13]);
		assert_eq!(ayes(Share::TwoThirds), [1, 2, 2, 4, 5, 14]);
		assert_eq!(ayes(Share::All), [1, 2, 3, 5, 7, 21]);
		assert_eq!(Share::Half.ayes(0), 1);
	}

	#[test]
	fn the_same_call_takes_another_share_of_another_body() {
		assert_eq!(share(Body::Council, "Democracy.emergency_cancel"), Some(Share::TwoThirds));
		assert_eq!(share(Body::Risk, "Oracle.remove_member"), Some(Share::Half));
		assert_eq!(share(Body::Council, "SafeMode.force_enter"), None);
		assert_eq!(share(Body::Council, "System.set_code"), None);
	}

	#[test]
	fn who_asks_the_wrong_body_is_told_the_right_one() {
		assert!(elsewhere("Democracy.emergency_cancel")
			.starts_with("It takes two thirds of Council, or two thirds of Sec"));
		assert!(elsewhere("System.set_code").starts_with("No body does; `keelctl gov propose`"));
	}
}
