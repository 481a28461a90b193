// SPDX-License-Identifier: Apache-2.0
//! What carries a call already: a motion, a proposal, a vote, or a change that waits. What is proposed
//! again is joined instead of made a second time.

use super::{
	ballot, change,
	motion::{motion_about, Body, Motion},
	referendum::{proposal_hash, Noted},
};
use crate::{
	call::Call,
	chain::{self, AtBlock},
	error::{Error, Result},
	value::{self, Decoded},
};
use clap::ValueEnum;
use std::fmt;

/// How a referendum of the Council's is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Rule {
	/// More ayes are needed the fewer take part. It cannot be fast-tracked.
	Supermajority,
	/// More ayes than nays.
	#[default]
	Majority,
	/// It passes unless enough are against. It takes all of the Council.
	UnlessOpposed,
}

impl Rule {
	const ALL: [Self; 3] = [Self::Supermajority, Self::Majority, Self::UnlessOpposed];

	/// The call by which the Council proposes it.
	pub const fn call(self) -> &'static str {
		match self {
			Self::Supermajority => "external_propose",
			Self::Majority => "external_propose_majority",
			Self::UnlessOpposed => "external_propose_default",
		}
	}

	/// What the Council moves.
	pub fn proposal(self, noted: &Noted) -> Call {
		chain::call("Democracy", self.call(), [("proposal", noted.proposal())])
	}
}

/// What carries a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carrier {
	/// It has passed, and waits.
	Waits {
		/// Its referendum.
		referendum: u32,
		/// The block it is due in.
		due: u64,
	},
	/// It is voted on.
	Voted {
		/// The referendum.
		referendum: u32,
		/// The block in which voting ends.
		end: u64,
		/// How many blocks later it was asked to act.
		delay: u64,
	},
	/// The Council has proposed it.
	External,
	/// Somebody has proposed it publicly.
	Public {
		/// The proposal.
		proposal: u32,
	},
	/// The Council has a motion that proposes it.
	Motion(Rule, Motion),
}

impl Carrier {
	/// What is furthest of all that carries the call, if anything does.
	pub async fn of(at: &AtBlock, noted: &Noted) -> Result<Option<Self>> {
		let same = change::queue(at).await?.into_iter().filter(|change| change.hash == noted.hash);
		let due = same.filter_map(|change| change.waits.map(|timelock| (timelock.due, change.referendum)));
		if let Some((due, referendum)) = due.min() {
			return Ok(Some(Self::Waits { referendum, due }));
		}
		let votes = ballot::open_referenda(at).await?;
		if let Some(vote) = votes.iter().find(|vote| vote.hash == noted.hash) {
			return Ok(Some(Self::Voted { referendum: vote.index, end: vote.end, delay: vote.delay }));
		}
		if external(at).await? == Some(noted.hash) {
			return Ok(Some(Self::External));
		}
		let public = public_proposals(at).await?;
		if let Some((proposal, _)) = public.into_iter().find(|(_, hash)| *hash == noted.hash) {
			return Ok(Some(Self::Public { proposal }));
		}
		for rule in Rule::ALL {
			let bytes = chain::encode(at, &rule.proposal(noted))?;
			let hash = sp_crypto_hashing::blake2_256(&bytes);
			if let Some(motion) = motion_about(at, Body::Council, hash).await? {
				return Ok(Some(Self::Motion(rule, motion)));
			}
		}
		Ok(None)
	}

	/// What it is, for programs.
	pub const fn word(&self) -> &'static str {
		match self {
			Self::Waits { .. } => "timelock",
			Self::Voted { .. } => "referendum",
			Self::External => "external",
			Self::Public { .. } => "public",
			Self::Motion(..) => "motion",
		}
	}
}

impl fmt::Display for Carrier {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Waits { referendum, due } => {
				write!(f, "referendum {referendum} has passed, and its change waits until block {due}")
			}
			Self::Voted { referendum, end, .. } => {
				write!(f, "referendum {referendum} is about it, and is voted on until block {end}")
			}
			Self::External => f.write_str("the Council has proposed it, and it waits to be tabled"),
			Self::Public { proposal } => {
				write!(f, "public proposal {proposal} is about it, and waits to be tabled")
			}
			Self::Motion(_, motion) => write!(
				f,
				"motion {} of the Council proposes it, with {} of {} ayes",
				motion.index,
				motion.count(true),
				motion.threshold
			),
		}
	}
}

/// The hash of what the Council has proposed and what is not tabled yet.
pub async fn external(at: &AtBlock) -> Result<Option<[u8; 32]>> {
	let next = chain::storage(at, "Democracy", "NextExternal", vec![]).await?;
	let Some(next) = next else { return Ok(None) };
	let next = value::some(&next).unwrap_or(&next);
	let hash = value::items(next).first().and_then(|proposal| proposal_hash(proposal));
	hash.map(Some).ok_or_else(|| Error::Node("Democracy.NextExternal has another shape".to_owned()))
}

/// The public proposals that are not tabled yet: number and hash.
pub async fn public_proposals(at: &AtBlock) -> Result<Vec<(u32, [u8; 32])>> {
	let all = chain::storage(at, "Democracy", "PublicProps", vec![]).await?;
	// A bounded list: a newtype around the list.
	let list = all.as_ref().and_then(|all| value::items(all).into_iter().next()).map(value::items);
	list.unwrap_or_default()
		.into_iter()
		.map(read_public)
		.collect::<Option<_>>()
		.ok_or_else(|| Error::Node("Democracy.PublicProps has another shape".to_owned()))
}

fn read_public(entry: &Decoded) -> Option<(u32, [u8; 32])> {
	let [index, proposal, _] = value::items(entry)[..] else { return None };
	Some((value::unsigned(index)?.try_into().ok()?, proposal_hash(proposal)?))
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt::ext::scale_value::Value;

	#[test]
	fn a_proposal_is_found_by_the_hash_of_its_bytes_however_it_is_stored() {
		let bytes = [7u8; 40];
		let noted = Noted::of(&bytes).expect("short");
		let inline = Value::unnamed_variant("Inline", [Value::unnamed_composite([Value::from_bytes(bytes)])]);
		let legacy = Value::named_variant("Legacy", [("hash", Value::from_bytes(noted.hash))]);
		for proposal in [noted.proposal(), inline, legacy] {
			let entry = Value::unnamed_composite([Value::u128(3), proposal, Value::from_bytes([1u8; 32])]);
			assert_eq!(read_public(&entry), Some((3, noted.hash)));
		}
		assert_eq!(read_public(&Value::u128(3)), None);
	}

	#[test]
	fn each_rule_has_its_call() {
		let calls = Rule::ALL.map(Rule::call);
		assert_eq!(calls, ["external_propose", "external_propose_majority", "external_propose_default"]);
		for rule in Rule::ALL {
			assert!(
				super::super::share::share(Body::Council, &format!("Democracy.{}", rule.call())).is_some()
			);
		}
	}
}
