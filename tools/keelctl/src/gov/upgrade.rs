// SPDX-License-Identifier: Apache-2.0
//! Runtime upgrades: a referendum authorises the hash of the new code, and after the timelock anybody
//! brings the code.

use super::{
	change,
	motion::{motion, Body, Outcome},
	referendum::{self, Noted, Standing, PATIENCE},
	Tell,
};
use crate::{
	call::Call,
	chain::{self, AtBlock, Chain, Included},
	error::{Dispatch, Error, Result},
	keys,
	units::Keel,
	value,
	wasm::Runtime,
};
use subxt::ext::scale_value::Value;
use subxt_signer::sr25519::Keypair;

/// Whether mistakes are found before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
	/// Find them first: nothing is sent that the chain would refuse.
	BeforeSending,
	/// Send it and hear what the chain says.
	ByTheChain,
}

/// Who takes the road of the Council, and how fast.
#[derive(Clone, Debug)]
pub struct ByCouncil {
	/// Members of the Council that vote for the motion; the first one also notes the preimage.
	pub council: Vec<Keypair>,
	/// Members of the Technical Committee that fast-track the referendum.
	pub technical: Vec<Keypair>,
	/// Who votes in the referendum.
	pub voter: Keypair,
	/// With how much.
	pub balance: Keel,
	/// The voting period in blocks; the chain's shortest fast track by default.
	pub voting_period: Option<u32>,
	/// The timelock in blocks; the chain's enactment period by default.
	pub delay: Option<u32>,
}

/// Who takes the public road.
#[derive(Clone, Debug)]
pub struct ByPublic {
	/// Who proposes (and pays the deposit).
	pub proposer: Keypair,
	/// Who seconds.
	pub seconder: Keypair,
	/// Who votes.
	pub voter: Keypair,
	/// Who delegates to the voter.
	pub delegator: Keypair,
	/// With how much voter and delegator take part.
	pub balance: Keel,
}

/// A hash that the chain accepts as its next code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorised {
	/// The hash of the code.
	pub hash: [u8; 32],
	/// The referendum that decided it.
	pub referendum: Option<u32>,
}

/// An upgrade that happened.
#[derive(Clone, Debug)]
pub struct Applied {
	/// The block that carried the new code.
	pub block: u64,
	/// The first block that runs on it.
	pub first: u64,
	/// The version before.
	pub from: u32,
	/// The version now.
	pub to: u32,
}

/// Find out before anything is sent whether `runtime` can become this chain's code.
pub async fn check(chain: &Chain, runtime: &Runtime) -> Result<()> {
	let (name, version) = chain.runtime_version().await?;
	if runtime.spec_name != name {
		return Err(Error::Governance {
			problem: format!("the Wasm is for the chain `{}`, this chain is `{name}`", runtime.spec_name),
			help:
				"Build the runtime of this chain with scripts/wasm, or connect to the other chain with --url."
					.to_owned(),
		});
	}
	if runtime.spec_version <= version {
		return Err(Error::Governance {
			problem: format!("the Wasm has spec version {}, the chain runs {version}", runtime.spec_version),
			help: format!(
				"Raise `spec_version` to {} or more in the runtime and build it again.",
				version + 1
			),
		});
	}
	Ok(())
}

/// What the chain accepts as its next code, if anything.
pub async fn authorised(at: &AtBlock) -> Result<Option<[u8; 32]>> {
	let authorised = chain::storage(at, "System", "AuthorizedUpgrade", vec![]).await?;
	// Plain storage of an `Option` query decodes as the value itself.
	let authorised = authorised.as_ref().map(|value| value::some(value).unwrap_or(value));
	Ok(authorised.and_then(|value| value::field(value, "code_hash")).and_then(value::bytes32))
}

fn authorize_upgrade(runtime: &Runtime) -> Call {
	chain::call("System", "authorize_upgrade", [("code_hash", Value::from_bytes(runtime.hash))])
}

/// The road of the Council: preimage, motion, fast track, vote, timelock. Ends when the upgrade is
/// authorised.
pub async fn by_council(
	chain: &Chain,
	runtime: &Runtime,
	plan: &ByCouncil,
	tell: Tell<'_>,
) -> Result<Authorised> {
	let nobody = || Error::Governance {
		problem: "nobody signs for the Council".to_owned(),
		help: "Name at least one member.".to_owned(),
	};
	let first = plan.council.first().ok_or_else(nobody)?;
	let noted = referendum::note_preimage(chain, &authorize_upgrade(runtime), first, tell).await?;

	wait_for_room_before_the_launch(chain).await?;
	let propose = chain::call("Democracy", "external_propose_majority", [("proposal", noted.proposal())]);
	motion(chain, Body::Council, &propose, &plan.council, None, tell).await?.executed()?;
	let delay = fast_track(chain, &noted, plan, tell).await?;

	let index = started(chain, &noted, 1).await?;
	referendum::vote(chain, index, true, plan.balance, &plan.voter).await?;
	tell(&format!("{} voted aye in referendum {index}", keys::display_name(&keys::id(&plan.voter))));
	enacted(chain, runtime, index, u64::from(delay), tell).await
}

/// A launch turns the Council's proposal into an ordinary referendum. Where launches are frequent, as on
/// development chains, propose right after one, so that the fast track comes before the next.
async fn wait_for_room_before_the_launch(chain: &Chain) -> Result<()> {
	const ROOM: u64 = 3;
	let at = chain.best().await?;
	let launch: u32 = chain::constant(&at, "Democracy", "LaunchPeriod")?;
	let launch = u64::from(launch.max(1));
	let left = launch - at.block_number() % launch;
	if launch > ROOM && left <= ROOM {
		chain.wait_for_block(at.block_number() + left).await?;
	}
	Ok(())
}

/// Fast-track the Council's proposal. Returns the blocks between the vote and the authorisation.
async fn fast_track(chain: &Chain, noted: &Noted, plan: &ByCouncil, tell: Tell<'_>) -> Result<u32> {
	let at = chain.best().await?;
	let period = |own: Option<u32>, name: &str| match own {
		Some(blocks) => Ok(blocks),
		None => chain::constant::<u32>(&at, "Democracy", name),
	};
	let voting_period = period(plan.voting_period, "FastTrackVotingPeriod")?;
	let delay = period(plan.delay, "EnactmentPeriod")?;
	let call = chain::call(
		"Democracy",
		"fast_track",
		[
			("proposal_hash", Value::from_bytes(noted.hash)),
			("voting_period", Value::u128(voting_period.into())),
			("delay", Value::u128(delay.into())),
		],
	);
	let executed = motion(chain, Body::Technical, &call, &plan.technical, None, tell).await;
	match executed.and_then(Outcome::executed) {
		Ok(_) => Ok(delay),
		// A launch came between the two motions.
		Err(error) if error.dispatch_name().as_deref() == Some("Democracy.ProposalMissing") => {
			let index = referendum::find_referendum(&chain.best().await?, noted.hash).await?.ok_or(error)?;
			tell(&format!("it was launched as referendum {index} already: the vote takes its ordinary time"));
			chain::constant(&at, "Democracy", "EnactmentPeriod")
		}
		Err(error) => Err(error),
	}
}

/// The public road: propose, second, launch, vote, delegate, timelock, and unlock what was voted with.
/// Ends when the upgrade is authorised.
pub async fn by_public(
	chain: &Chain,
	runtime: &Runtime,
	plan: &ByPublic,
	tell: Tell<'_>,
) -> Result<Authorised> {
	let noted = referendum::note_preimage(chain, &authorize_upgrade(runtime), &plan.proposer, tell).await?;
	let at = chain.best().await?;
	let deposit: u128 = chain::constant(&at, "Democracy", "MinimumDeposit")?;
	let launch: u32 = chain::constant(&at, "Democracy", "LaunchPeriod")?;
	let delay: u32 = chain::constant(&at, "Democracy", "EnactmentPeriod")?;

	let propose = chain::call(
		"Democracy",
		"propose",
		[("proposal", noted.proposal()), ("value", Value::u128(deposit))],
	);
	let proposed = chain.submit(&propose, &plan.proposer).await?;
	let index = proposed
		.event("Democracy", "Proposed")
		.and_then(|event| event.number("proposal_index"))
		.and_then(|number| u32::try_from(number).ok())
		.ok_or_else(|| Error::Node("no Democracy.Proposed".to_owned()))?;
	tell(&format!(
		"proposal {index} made in block {} with a deposit of {} KEEL",
		proposed.number,
		Keel(deposit)
	));
	referendum::second(chain, index, &plan.seconder).await?;
	tell(&format!("{} seconded it", keys::display_name(&keys::id(&plan.seconder))));
	referendum::delegate(chain, &keys::id(&plan.voter), plan.balance, &plan.delegator).await?;
	tell(&format!("{} delegated {} KEEL", keys::display_name(&keys::id(&plan.delegator)), plan.balance));

	tell(&format!("waiting for the launch: every {launch} blocks, external proposals in between"));
	let referendum = started(chain, &noted, 2 * u64::from(launch) + PATIENCE).await?;
	referendum::vote(chain, referendum, true, plan.balance, &plan.voter).await?;
	tell(&format!("{} voted aye in referendum {referendum}", keys::display_name(&keys::id(&plan.voter))));
	let authorised = enacted(chain, runtime, referendum, u64::from(delay), tell).await?;
	referendum::free_votes(chain, None, &plan.delegator, tell).await?;
	referendum::free_votes(chain, Some(referendum), &plan.voter, tell).await?;
	Ok(authorised)
}

/// Wait for the referendum on a noted call.
async fn started(chain: &Chain, noted: &Noted, blocks: u64) -> Result<u32> {
	let hash = noted.hash;
	chain
		.wait_until(
			"the start of the referendum",
			blocks,
			"Another referendum may be before it; see Governance, Democracy in Polkadot.js Apps.",
			|at| async move { referendum::find_referendum(&at, hash).await },
		)
		.await
}

/// Wait for a referendum's end and timelock, until its hash is what the chain accepts.
async fn enacted(
	chain: &Chain,
	runtime: &Runtime,
	index: u32,
	delay: u64,
	tell: Tell<'_>,
) -> Result<Authorised> {
	let end = referendum::wait_for_end(chain, index, tell).await?;
	if let Some(reason) = change::refusal(chain, index, end).await? {
		return Err(Error::Governance {
			problem: format!("referendum {index} passed, and nothing comes of it"),
			help: reason,
		});
	}
	// Not before the delay of its class, whatever was asked for.
	let due = change::due(&chain.best().await?, index).await?.unwrap_or(end + delay);
	let delay = due.saturating_sub(end);
	tell(&format!("timelock: the upgrade is authorised in block {due}"));
	let hash = runtime.hash;
	chain
		.wait_until(
			"the authorisation of the upgrade",
			delay + PATIENCE,
			"The change may have failed or wait longer: see ChangeControl.Enacted and Held in the blocks since.",
			|at| async move { Ok(authorised(&at).await?.filter(|found| *found == hash)) },
		)
		.await?;
	tell(&format!("authorised: 0x{}", hex::encode(hash)));
	Ok(Authorised { hash, referendum: Some(index) })
}

/// Bring the code of an authorised upgrade. The signer needs no role.
pub async fn apply(
	chain: &Chain,
	runtime: &Runtime,
	signer: &Keypair,
	checks: Checks,
	tell: Tell<'_>,
) -> Result<Applied> {
	let (_, from) = chain.runtime_version().await?;
	if checks == Checks::BeforeSending {
		check(chain, runtime).await?;
		check_authorised(&chain.best().await?, runtime).await?;
	}
	let call =
		chain::call("System", "apply_authorized_upgrade", [("code", Value::from_bytes(&runtime.code))]);
	let included = chain.submit(&call, signer).await?;
	check_not_rejected(chain, &call, &included).await?;
	tell(&format!("{} brought the code in block {}", keys::display_name(&keys::id(signer)), included.number));
	let to = runtime.spec_version;
	let first = chain
		.wait_until(
			"the first block of the new runtime",
			PATIENCE,
			"The node's log says why the new code does not start.",
			|at| async move { Ok((at.spec_version() == to).then(|| at.block_number())) },
		)
		.await?;
	tell(&format!("block {first} runs on spec version {to}"));
	Ok(Applied { block: included.number, first, from, to })
}

async fn check_authorised(at: &AtBlock, runtime: &Runtime) -> Result<()> {
	match authorised(at).await? {
		Some(hash) if hash == runtime.hash => Ok(()),
		Some(hash) => Err(Error::Governance {
			problem: format!(
				"the chain accepts 0x{}, the file is 0x{}",
				hex::encode(hash),
				hex::encode(runtime.hash)
			),
			help: "Find the file that was voted on; scripts/wasm prints the hash of what it builds."
				.to_owned(),
		}),
		None => Err(Error::Governance {
			problem: "no upgrade is authorised".to_owned(),
			help: whereabouts(at, runtime).await?,
		}),
	}
}

/// Where the referendum on a runtime stands, for somebody who comes too early.
async fn whereabouts(at: &AtBlock, runtime: &Runtime) -> Result<String> {
	let bytes = chain::encode(at, &authorize_upgrade(runtime))?;
	let index = referendum::find_referendum(at, sp_crypto_hashing::blake2_256(&bytes)).await?;
	Ok(match index {
		Some(index) => match referendum::standing(at, index).await? {
			Some(Standing::Ongoing { end, delay }) => format!(
				"Too early: referendum {index} ends in block {end}, its timelock {delay} blocks later; this is \
				 block {}.",
				at.block_number()
			),
			_ => {
				format!("Referendum {index} is over: wait for its timelock, or see whether it was rejected.")
			}
		},
		None => {
			"Propose it first with `keelctl gov upgrade`; a referendum that is over may be in its timelock."
				.to_owned()
		}
	})
}

/// The SDK answers Ok and takes the authorisation back when the version does not fit: that is a failure.
async fn check_not_rejected(chain: &Chain, call: &Call, included: &Included) -> Result<()> {
	let Some(event) = included.event("System", "RejectedInvalidAuthorizedUpgrade") else { return Ok(()) };
	let at = chain.at(included.block).await?;
	let error = match event.field("error") {
		Some(error) => Dispatch::from_value(error, at.metadata_ref()),
		None => Dispatch::plain("RejectedInvalidAuthorizedUpgrade", ""),
	};
	Err(Error::Failed { call: chain::name(call), error })
}
