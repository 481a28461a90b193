// SPDX-License-Identifier: Apache-2.0
//! Motions: a body acts when enough of its members say so.

use super::Tell;
use crate::{
	call::Call,
	chain::{self, Chain, Included},
	error::{Error, Result},
	keys,
	value::{self, Decoded},
};
use std::str::FromStr;
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
	/// The pallet of the body.
	pub const fn pallet(self) -> &'static str {
		match self {
			Self::Council => "Council",
			Self::Technical => "TechnicalCommittee",
			Self::Risk => "RiskCommittee",
			Self::Security => "SecurityCouncil",
		}
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

/// What became of a motion.
#[derive(Clone, Debug)]
pub enum Outcome {
	/// It was executed; the block and what it caused.
	Executed(Included),
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
			Self::Open { index, ayes, threshold, .. } => Err(Error::Governance {
				problem: format!("motion {index} has {ayes} of {threshold} ayes"),
				help: "Name more members with --signers, or let them vote in Polkadot.js Apps.".to_owned(),
			}),
		}
	}
}

/// Move `call` in `body`: propose it, let every signer vote aye, and close it. The default threshold is
/// all signers. A body of one seat executes at once.
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
	let members: Vec<AccountId32> =
		chain::storage_as(&at, pallet, "Members", vec![]).await?.unwrap_or_default();
	let proposer = check_signers(pallet, &members, signers)?;
	let encoded = chain::encode(&at, call)?;
	// The bound is checked against the stored bytes with their length in front.
	let length = chain::encoded_len(&encoded);
	let ayes = u32::try_from(signers.len()).unwrap_or(u32::MAX);
	let threshold = threshold.unwrap_or(ayes);

	let propose = chain::call(
		pallet,
		"propose",
		[
			("threshold", Value::u128(threshold.into())),
			("proposal", chain::nested(call)),
			("length_bound", Value::u128(length.into())),
		],
	);
	let proposed = chain.submit(&propose, proposer).await?;
	if threshold < 2 {
		let outcome = executed(chain, pallet, call, &proposed).await?;
		tell(&format!("{pallet} executed {} in block {}", chain::name(call), proposed.number));
		return Ok(outcome);
	}

	let event =
		proposed.event(pallet, "Proposed").ok_or_else(|| Error::Node(format!("no {pallet}.Proposed")))?;
	let missing = || Error::Node(format!("{pallet}.Proposed has other fields than expected"));
	let index = event.number("proposal_index").and_then(|n| u32::try_from(n).ok()).ok_or_else(missing)?;
	let hash = event.field("proposal_hash").and_then(value::bytes32).ok_or_else(missing)?;
	tell(&format!("{pallet} motion {index} proposed in block {}, {threshold} ayes needed", proposed.number));
	for signer in signers {
		let vote = chain::call(
			pallet,
			"vote",
			[
				("proposal", Value::from_bytes(hash)),
				("index", Value::u128(index.into())),
				("approve", Value::bool(true)),
			],
		);
		chain.submit(&vote, signer).await?;
		tell(&format!("{} voted aye", keys::display_name(&keys::id(signer))));
	}
	if ayes < threshold {
		return Ok(Outcome::Open { index, hash, ayes, threshold });
	}
	let close = chain::call(
		pallet,
		"close",
		[
			("proposal_hash", Value::from_bytes(hash)),
			("index", Value::u128(index.into())),
			("proposal_weight_bound", weight_bound(chain, pallet, call, length).await?),
			("length_bound", Value::u128(length.into())),
		],
	);
	let closed = chain.submit(&close, proposer).await?;
	let outcome = executed(chain, pallet, call, &closed).await?;
	tell(&format!("{pallet} motion {index} closed and executed in block {}", closed.number));
	Ok(outcome)
}

fn check_signers<'a>(pallet: &str, members: &[AccountId32], signers: &'a [Keypair]) -> Result<&'a Keypair> {
	let names =
		|accounts: &[AccountId32]| accounts.iter().map(keys::display_name).collect::<Vec<_>>().join(", ");
	for signer in signers {
		let account = keys::id(signer);
		if !members.contains(&account) {
			return Err(Error::Governance {
				problem: format!("{} has no seat in {pallet}", keys::display_name(&account)),
				help: format!("Its members are {}. Name them with --signers.", names(members)),
			});
		}
	}
	signers.first().ok_or_else(|| Error::Governance {
		problem: format!("nobody signs for {pallet}"),
		help: format!("Its members are {}. Name them with --signers.", names(members)),
	})
}

/// What the chain says the call weighs, as the upper bound that `close` wants.
async fn weight_bound(chain: &Chain, pallet: &str, call: &Call, length: u32) -> Result<Decoded> {
	let at = chain.best().await?;
	let arguments = vec![chain::nested(call), Value::u128(length.into())];
	let info = chain::runtime_api(&at, "TransactionPaymentCallApi", "query_call_info", arguments).await;
	match info.ok().as_ref().at("weight") {
		Some(weight) => Ok(weight.clone()),
		None => chain::constant(&at, pallet, "MaxProposalWeight"),
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
