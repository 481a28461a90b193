// SPDX-License-Identifier: Apache-2.0
//! Motions: a body acts when enough of its members say so.

use super::{share, Tell};
use crate::{
	call::Call,
	chain::{self, AtBlock, Chain, Included},
	error::{Error, Result},
	keys, number,
	value::{self, Decoded},
};
use std::{fmt, str::FromStr};
use subxt::{
	ext::scale_value::{At, Value},
	utils::AccountId32,
};
use subxt_signer::sr25519::Keypair;

/// A body of governance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
	/// The Council.
	Council,
	/// The Technical Committee.
	Technical,
	/// The Risk Committee.
	Risk,
	/// The Security Council.
	Security,
}

impl Body {
	/// All of them.
	pub const ALL: [Self; 4] = [Self::Council, Self::Technical, Self::Risk, Self::Security];

	/// The pallet of the body.
	pub const fn pallet(self) -> &'static str {
		match self {
			Self::Council => "Council",
			Self::Technical => "TechnicalCommittee",
			Self::Risk => "RiskCommittee",
			Self::Security => "SecurityCouncil",
		}
	}

	/// Its name in a sentence.
	pub const fn title(self) -> &'static str {
		match self {
			Self::Council => "the Council",
			Self::Technical => "the Technical Committee",
			Self::Risk => "the Risk Committee",
			Self::Security => "the Security Council",
		}
	}

	/// Its name on the command line.
	pub const fn word(self) -> &'static str {
		match self {
			Self::Council => "council",
			Self::Technical => "technical",
			Self::Risk => "risk",
			Self::Security => "security",
		}
	}

	/// Who sits in it.
	pub async fn members(self, at: &AtBlock) -> Result<Vec<AccountId32>> {
		Ok(chain::storage_as(at, self.pallet(), "Members", vec![]).await?.unwrap_or_default())
	}
}

impl FromStr for Body {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		match text.to_ascii_lowercase().as_str() {
			"council" => Ok(Self::Council),
			"technical" | "tech" => Ok(Self::Technical),
			"risk" => Ok(Self::Risk),
			"security" => Ok(Self::Security),
			_ => Err("the bodies are council, technical, risk and security".to_owned()),
		}
	}
}

/// How a motion is named on the command line: by its number, or by the hash of its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MotionName {
	/// Its number.
	Index(u32),
	/// The hash of its call.
	Hash([u8; 32]),
}

impl FromStr for MotionName {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let wrong = || "a motion is named by its number, like 3, or by its hash, 0x and 64 digits".to_owned();
		match text.strip_prefix("0x") {
			Some(digits) => {
				let bytes = hex::decode(digits).map_err(|_| wrong())?;
				bytes.try_into().map(Self::Hash).map_err(|_| wrong())
			}
			None if text.chars().all(|c| c.is_ascii_digit()) => {
				number::whole(text).map(Self::Index).map_err(|_| wrong())
			}
			None => Err(wrong()),
		}
	}
}

impl fmt::Display for MotionName {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Index(index) => write!(f, "{index}"),
			Self::Hash(hash) => write!(f, "0x{}", hex::encode(hash)),
		}
	}
}

/// An open motion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Motion {
	/// The body.
	pub body: Body,
	/// The hash of its call.
	pub hash: [u8; 32],
	/// Its number.
	pub index: u32,
	/// How many ayes it needs.
	pub threshold: u32,
	/// Who said aye.
	pub ayes: Vec<AccountId32>,
	/// Who said nay.
	pub nays: Vec<AccountId32>,
	/// The block from which it can be closed, however many have voted.
	pub end: u64,
}

/// What closing a motion would do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// It has enough ayes.
	Passes,
	/// It cannot get enough ayes any more, or its time is over.
	Fails,
	/// Neither.
	Open,
}

impl Motion {
	/// What closing it would do in block `now`, in a body of so many seats. Who has not voted said nay.
	pub fn verdict(&self, seats: u32, now: u64) -> Verdict {
		if self.count(true) >= self.threshold {
			Verdict::Passes
		} else if seats.saturating_sub(self.count(false)) < self.threshold || now >= self.end {
			Verdict::Fails
		} else {
			Verdict::Open
		}
	}

	/// How many said aye, or nay.
	pub fn count(&self, aye: bool) -> u32 {
		u32::try_from(if aye { self.ayes.len() } else { self.nays.len() }).unwrap_or(u32::MAX)
	}

	/// What an account has said.
	pub fn voted(&self, account: &AccountId32) -> Option<bool> {
		match (self.ayes.contains(account), self.nays.contains(account)) {
			(true, _) => Some(true),
			(_, true) => Some(false),
			_ => None,
		}
	}

	/// The call it is about.
	pub async fn call(&self, at: &AtBlock) -> Result<Call> {
		let (call, _) = self.stored(at).await?;
		Ok(call)
	}

	/// The call it is about, and the length of its bytes.
	async fn stored(&self, at: &AtBlock) -> Result<(Call, u32)> {
		let key = vec![Value::from_bytes(self.hash)];
		let bytes = chain::storage_bytes(at, self.body.pallet(), "ProposalOf", key).await?;
		let bytes =
			bytes.ok_or_else(|| gone(self.body, &MotionName::Index(self.index), self.index + 1, ""))?;
		let call = at.tx().from_call_data_bytes(&bytes).map_err(Error::node)?;
		Ok((call, u32::try_from(bytes.len()).unwrap_or(u32::MAX)))
	}
}

/// A motion that is not open, of a body that has made so many.
fn gone(body: Body, name: &MotionName, made: u32, others: &str) -> Error {
	let problem = match name {
		MotionName::Index(index) if *index < made => format!("motion {index} of {} is closed", body.pallet()),
		_ => format!("{} has no motion {name}", body.pallet()),
	};
	let open =
		if others.is_empty() { "It has no open ones.".to_owned() } else { format!("Open are {others}.") };
	Error::Governance {
		problem,
		help: format!("{open} See `keelctl gov vote`, and `keelctl gov queue` for what came of closed ones."),
	}
}

/// The open motions of a body.
pub async fn motions(at: &AtBlock, body: Body) -> Result<Vec<Motion>> {
	let mut found = Vec::new();
	for (keys, votes) in chain::storage_map(at, body.pallet(), "Voting", vec![]).await? {
		let motion = keys.first().and_then(value::bytes32).and_then(|hash| read_motion(body, hash, &votes));
		found.push(motion.ok_or_else(|| Error::Node(format!("{}.Voting has another shape", body.pallet())))?);
	}
	found.sort_by_key(|motion| motion.index);
	Ok(found)
}

/// The open motion of a body about the call with this hash.
pub async fn motion_about(at: &AtBlock, body: Body, hash: [u8; 32]) -> Result<Option<Motion>> {
	let votes = chain::storage(at, body.pallet(), "Voting", vec![Value::from_bytes(hash)]).await?;
	Ok(votes.and_then(|votes| read_motion(body, hash, &votes)))
}

/// The open motion with this name.
pub async fn find_motion(at: &AtBlock, body: Body, name: &MotionName) -> Result<Motion> {
	let open = motions(at, body).await?;
	let others: Vec<_> = open.iter().map(|motion| motion.index.to_string()).collect();
	let is_it = |motion: &Motion| match name {
		MotionName::Index(index) => motion.index == *index,
		MotionName::Hash(hash) => motion.hash == *hash,
	};
	let made: u32 = chain::storage_as(at, body.pallet(), "ProposalCount", vec![]).await?.unwrap_or(0);
	open.into_iter().find(is_it).ok_or_else(|| gone(body, name, made, &others.join(", ")))
}

fn read_motion(body: Body, hash: [u8; 32], votes: &Decoded) -> Option<Motion> {
	let number = |name: &str| value::field(votes, name).and_then(value::unsigned);
	let accounts = |name: &str| {
		let list = value::items(value::field(votes, name)?);
		list.into_iter().map(|account| value::bytes32(account).map(AccountId32)).collect::<Option<Vec<_>>>()
	};
	Some(Motion {
		body,
		hash,
		index: number("index")?.try_into().ok()?,
		threshold: number("threshold")?.try_into().ok()?,
		ayes: accounts("ayes")?,
		nays: accounts("nays")?,
		end: number("end")?.try_into().ok()?,
	})
}

/// What became of a motion.
#[derive(Clone, Debug)]
pub enum Outcome {
	/// It was executed; the block and what it caused.
	Executed(Included),
	/// It was closed without enough ayes; nothing was done.
	Rejected {
		/// The motion's number.
		index: u32,
		/// The block.
		block: u64,
		/// Ayes when it was closed.
		ayes: u32,
		/// Ayes needed.
		threshold: u32,
	},
	/// It is open: not enough members have voted yet.
	Open {
		/// The motion's number.
		index: u32,
		/// The hash of its call.
		hash: [u8; 32],
		/// Ayes so far.
		ayes: u32,
		/// Ayes needed.
		threshold: u32,
	},
}

impl Outcome {
	/// What was executed; an error for a motion that is still open.
	pub fn executed(self) -> Result<Included> {
		match self {
			Self::Executed(included) => Ok(included),
			Self::Rejected { index, ayes, threshold, .. } => Err(Error::Governance {
				problem: format!("motion {index} was rejected: it had {ayes} of {threshold} ayes"),
				help: "Talk to the members before it is moved again.".to_owned(),
			}),
			Self::Open { index, ayes, threshold, .. } => Err(Error::Governance {
				problem: format!("motion {index} has {ayes} of {threshold} ayes"),
				help: "Let more members vote (`keelctl gov vote` lists it for them), then give the same \
				       command again: it goes on from here."
					.to_owned(),
			}),
		}
	}
}

/// Move `call` in `body`: propose it, let every signer vote aye, and close it when enough have. A motion
/// about the same call that is open already is joined. How many are enough says the call, unless
/// `threshold` does. What takes one aye is executed at once.
pub async fn motion(
	chain: &Chain,
	body: Body,
	call: &Call,
	signers: &[Keypair],
	threshold: Option<u32>,
	tell: Tell<'_>,
) -> Result<Outcome> {
	let pallet = body.pallet();
	let at = chain.best().await?;
	let members = body.members(&at).await?;
	let proposer = check_signers(pallet, &members, signers)?;
	let seats = u32::try_from(members.len()).unwrap_or(u32::MAX);
	let threshold = share::threshold(&at, body, call, seats, threshold).await?;
	let encoded = chain::encode(&at, call)?;
	let hash = sp_crypto_hashing::blake2_256(&encoded);
	let joined = match motion_about(&at, body, hash).await? {
		Some(open) => {
			let (index, ayes) = (open.index, open.count(true));
			tell(&format!(
				"joined: {pallet} motion {index} is about it, with {ayes} of {} ayes",
				open.threshold
			));
			open
		}
		None => {
			let proposed = propose(chain, pallet, call, encoded.len(), proposer, threshold).await?;
			if threshold < 2 {
				let outcome = executed(chain, pallet, call, &proposed).await?;
				tell(&format!("{pallet} executed {} in block {}", chain::name(call), proposed.number));
				return Ok(outcome);
			}
			let block = proposed.number;
			let open = motion_about(&chain.at(proposed.block).await?, body, hash).await?;
			let open = open.ok_or_else(|| Error::Node(format!("no {pallet} motion in block {block}")))?;
			tell(&format!(
				"{pallet} motion {} proposed in block {block}, {threshold} ayes needed",
				open.index
			));
			open
		}
	};
	for signer in signers {
		if joined.voted(&keys::id(signer)) == Some(true) {
			tell(&format!("{} has voted aye already", keys::display_name(&keys::id(signer))));
		} else {
			cast(chain, &joined, true, signer, tell).await?;
		}
	}
	let at = chain.best().await?;
	// Another member may have closed it meanwhile.
	let open = find_motion(&at, body, &MotionName::Hash(hash)).await?;
	match open.verdict(seats, at.block_number()) {
		Verdict::Passes => close(chain, &open, proposer, tell).await,
		_ => {
			let Motion { index, threshold, .. } = open;
			Ok(Outcome::Open { index, hash, ayes: open.count(true), threshold })
		}
	}
}

async fn propose(
	chain: &Chain,
	pallet: &str,
	call: &Call,
	length: usize,
	proposer: &Keypair,
	threshold: u32,
) -> Result<Included> {
	let propose = chain::call(
		pallet,
		"propose",
		[
			("threshold", Value::u128(threshold.into())),
			("proposal", chain::nested(call)),
			("length_bound", Value::u128(length as u128)),
		],
	);
	chain.submit(&propose, proposer).await
}

/// Vote in an open motion, as one of the members.
pub async fn vote_in_motion(
	chain: &Chain,
	motion: &Motion,
	aye: bool,
	signer: &Keypair,
	tell: Tell<'_>,
) -> Result<Motion> {
	let body = motion.body;
	let members = body.members(&chain.best().await?).await?;
	check_signers(body.pallet(), &members, std::slice::from_ref(signer))?;
	let account = keys::id(signer);
	if motion.voted(&account) == Some(aye) {
		return Err(Error::Governance {
			problem: format!(
				"{} has voted {} in motion {} of {} already",
				keys::display_name(&account),
				word(aye),
				motion.index,
				body.pallet()
			),
			help: format!(
				"Nothing is to be done; `keelctl gov vote motion {} {} {}` would take it back.",
				body.word(),
				motion.index,
				word(!aye)
			),
		});
	}
	cast(chain, motion, aye, signer, tell).await?;
	find_motion(&chain.best().await?, body, &MotionName::Hash(motion.hash)).await
}

async fn cast(
	chain: &Chain,
	motion: &Motion,
	aye: bool,
	signer: &Keypair,
	tell: Tell<'_>,
) -> Result<Included> {
	let vote = chain::call(
		motion.body.pallet(),
		"vote",
		[
			("proposal", Value::from_bytes(motion.hash)),
			("index", Value::u128(motion.index.into())),
			("approve", Value::bool(aye)),
		],
	);
	let included = chain.submit(&vote, signer).await?;
	tell(&format!("{} voted {}", keys::display_name(&keys::id(signer)), word(aye)));
	Ok(included)
}

const fn word(aye: bool) -> &'static str {
	if aye {
		"aye"
	} else {
		"nay"
	}
}

/// Close a motion: it is executed when it has enough ayes, and dropped when it cannot get them. Anybody may.
pub async fn close(chain: &Chain, motion: &Motion, signer: &Keypair, tell: Tell<'_>) -> Result<Outcome> {
	let at = chain.best().await?;
	let (pallet, index, now) = (motion.body.pallet(), motion.index, at.block_number());
	let seats = u32::try_from(motion.body.members(&at).await?.len()).unwrap_or(u32::MAX);
	let (ayes, threshold) = (motion.count(true), motion.threshold);
	if motion.verdict(seats, now) == Verdict::Open {
		return Err(Error::Governance {
			problem: format!("motion {index} of {pallet} is still open: it has {ayes} of {threshold} ayes"),
			help: format!(
				"Let more members vote: `keelctl gov vote motion {} {index} aye`. From block {} on, {} from now, \
				 it can be closed as rejected.",
				motion.body.word(),
				motion.end,
				motion.end.saturating_sub(now)
			),
		});
	}
	let (call, length) = motion.stored(&at).await?;
	let close = chain::call(
		pallet,
		"close",
		[
			("proposal_hash", Value::from_bytes(motion.hash)),
			("index", Value::u128(index.into())),
			("proposal_weight_bound", weight_bound(&at, pallet, &call, length).await?),
			("length_bound", Value::u128(length.into())),
		],
	);
	let closed = chain.submit(&close, signer).await?;
	if closed.event(pallet, "Disapproved").is_some() {
		tell(&format!("{pallet} motion {index} closed as rejected in block {}", closed.number));
		return Ok(Outcome::Rejected { index, block: closed.number, ayes, threshold });
	}
	let outcome = executed(chain, pallet, &call, &closed).await?;
	tell(&format!("{pallet} motion {index} closed and executed in block {}", closed.number));
	Ok(outcome)
}

pub(super) fn check_signers<'a>(
	pallet: &str,
	members: &[AccountId32],
	signers: &'a [Keypair],
) -> Result<&'a Keypair> {
	let names =
		|accounts: &[AccountId32]| accounts.iter().map(keys::display_name).collect::<Vec<_>>().join(", ");
	let help =
		|| format!("Its members are {}. Name their keys: --signers, or --key for one.", names(members));
	for (place, signer) in signers.iter().enumerate() {
		let account = keys::id(signer);
		if !members.contains(&account) {
			return Err(Error::Governance {
				problem: format!("{} has no seat in {pallet}", keys::display_name(&account)),
				help: help(),
			});
		}
		if signers[..place].iter().any(|other| keys::id(other) == account) {
			return Err(Error::Governance {
				problem: format!("{} is named twice, and has one vote", keys::display_name(&account)),
				help: help(),
			});
		}
	}
	signers
		.first()
		.ok_or_else(|| Error::Governance { problem: format!("nobody signs for {pallet}"), help: help() })
}

/// What the chain says the call weighs, as the upper bound that `close` wants.
async fn weight_bound(at: &AtBlock, pallet: &str, call: &Call, length: u32) -> Result<Decoded> {
	let arguments = vec![chain::nested(call), Value::u128(length.into())];
	let info = chain::runtime_api(at, "TransactionPaymentCallApi", "query_call_info", arguments).await;
	match info.ok().as_ref().at("weight") {
		Some(weight) => Ok(weight.clone()),
		None => chain::constant(at, pallet, "MaxProposalWeight"),
	}
}

async fn executed(chain: &Chain, pallet: &str, call: &Call, included: &Included) -> Result<Outcome> {
	let at = chain.at(included.block).await?;
	let event = included
		.event(pallet, "Executed")
		.and_then(|event| event.field("result"))
		.ok_or_else(|| Error::Node(format!("no {pallet}.Executed")))?;
	chain::outcome(event, &at).map_err(|error| Error::Failed { call: chain::name(call), error })?;
	Ok(Outcome::Executed(included.clone()))
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt_signer::sr25519::dev;

	fn accounts(numbers: &[u8]) -> Vec<AccountId32> {
		numbers.iter().map(|number| AccountId32([*number; 32])).collect()
	}

	fn three_of_five(ayes: &[u8], nays: &[u8]) -> Motion {
		Motion {
			body: Body::Council,
			hash: [9; 32],
			index: 4,
			threshold: 3,
			ayes: accounts(ayes),
			nays: accounts(nays),
			end: 100,
		}
	}

	#[test]
	fn a_motion_passes_with_its_ayes_fails_without_hope_or_time_and_is_open_else() {
		for (ayes, nays, now, verdict) in [
			(&[1, 2, 3][..], &[][..], 10, Verdict::Passes),
			(&[1, 2, 3], &[4, 5], 200, Verdict::Passes),
			(&[1, 2], &[], 99, Verdict::Open),
			(&[1, 2], &[4, 5], 99, Verdict::Open),
			(&[], &[3, 4, 5], 10, Verdict::Fails),
			(&[1, 2], &[], 100, Verdict::Fails),
		] {
			assert_eq!(three_of_five(ayes, nays).verdict(5, now), verdict, "{ayes:?} {nays:?} {now}");
		}
		let motion = three_of_five(&[1], &[2]);
		let said = [1, 2, 3].map(|number| motion.voted(&AccountId32([number; 32])));
		assert_eq!(said, [Some(true), Some(false), None]);
	}

	#[test]
	fn a_motion_is_named_by_number_or_hash() {
		assert_eq!("3".parse(), Ok(MotionName::Index(3)));
		let hash = format!("0x{}", "0a".repeat(32));
		assert_eq!(hash.parse(), Ok(MotionName::Hash([10; 32])));
		assert_eq!(MotionName::Hash([10; 32]).to_string(), hash);
		for text in ["", "-1", "+1", "1.5", "#3", "0x0a", "99999999999", "three"] {
			assert!(text.parse::<MotionName>().is_err(), "{text}");
		}
	}

	#[test]
	fn a_body_is_named_by_its_word() {
		for body in Body::ALL {
			assert_eq!(body.word().parse(), Ok(body));
		}
		assert_eq!("Tech".parse(), Ok(Body::Technical));
		assert!("parliament".parse::<Body>().is_err());
	}

	#[test]
	fn a_closed_motion_is_told_from_one_that_never_was() {
		let said = |index| gone(Body::Risk, &MotionName::Index(index), 3, "").to_string();
		assert_eq!(said(2), "motion 2 of RiskCommittee is closed");
		assert_eq!(said(3), "RiskCommittee has no motion 3");
		assert!(gone(Body::Risk, &MotionName::Hash([1; 32]), 3, "").to_string().contains("no motion 0x0101"));
	}

	#[test]
	fn the_votes_of_a_motion_are_read() {
		let list = |numbers: &[u8]| {
			Value::unnamed_composite(numbers.iter().map(|number| Value::from_bytes([*number; 32])))
		};
		let votes = Value::named_composite([
			("index", Value::u128(4)),
			("threshold", Value::u128(3)),
			("ayes", list(&[1, 2])),
			("nays", list(&[])),
			("end", Value::u128(100)),
		]);
		assert_eq!(read_motion(Body::Council, [9; 32], &votes), Some(three_of_five(&[1, 2], &[])));
		assert_eq!(read_motion(Body::Council, [9; 32], &Value::u128(1)), None);
	}

	#[test]
	fn only_members_sign_and_each_once() {
		let members: Vec<_> = [dev::alice(), dev::bob()].iter().map(keys::id).collect();
		let problem =
			|signers: &[Keypair]| check_signers("Council", &members, signers).err().map(|e| e.to_string());
		assert_eq!(problem(&[dev::alice(), dev::bob()]), None);
		assert_eq!(problem(&[dev::eve()]).as_deref(), Some("Eve has no seat in Council"));
		assert_eq!(problem(&[]).as_deref(), Some("nobody signs for Council"));
		let twice = problem(&[dev::bob(), dev::bob()]);
		assert_eq!(twice.as_deref(), Some("Bob is named twice, and has one vote"));
	}
}
