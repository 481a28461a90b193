// SPDX-License-Identifier: Apache-2.0
//! Runtime upgrades: a referendum authorises the hash of the new code, and after the timelock anybody
//! brings the code.

use super::{
	ballot,
	carrier::{Carrier, Rule},
	change,
	motion::{motion, Body, Outcome},
	propose,
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
	/// What carried it already, where it was joined.
	pub joined: Option<&'static str>,
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

/// The road of the Council: preimage, motion, fast track where the chain has one, vote, timelock. Ends when
/// the upgrade is authorised. What carries the same authorisation already is joined where it stands.
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
	let call = authorize_upgrade(runtime);
	let (noted, carrier) = find(chain, &call, tell).await?;
	let joined = carrier.as_ref().map(Carrier::word);
	let index = match carrier {
		Some(Carrier::Waits { referendum, due }) => {
			let authorised = authorisation(chain, runtime, referendum, due, tell).await?;
			return Ok(Authorised { joined, ..authorised });
		}
		Some(Carrier::Voted { referendum, .. }) => referendum,
		Some(Carrier::Public { .. }) => launched(chain, &noted, tell).await?,
		Some(Carrier::External) => fast_track(chain, &noted, plan, tell).await?,
		Some(Carrier::Motion(rule, _)) => {
			propose::check_room(chain, &noted).await?;
			referendum::note_preimage(chain, &call, first, tell).await?;
			motion(chain, Body::Council, &rule.proposal(&noted), &plan.council, None, tell)
				.await?
				.executed()?;
			fast_track(chain, &noted, plan, tell).await?
		}
		None => {
			propose::check_room(chain, &noted).await?;
			referendum::note_preimage(chain, &call, first, tell).await?;
			wait_for_room_before_the_launch(chain).await?;
			let proposal = Rule::Majority.proposal(&noted);
			motion(chain, Body::Council, &proposal, &plan.council, None, tell).await?.executed()?;
			fast_track(chain, &noted, plan, tell).await?
		}
	};
	referendum::keep_preimage(chain, &call, first, tell).await?;
	vote_aye(chain, index, plan.balance, &plan.voter, tell).await?;
	Ok(Authorised { joined, ..enacted(chain, runtime, index, tell).await? })
}

/// What carries the authorisation already, if anything does.
async fn find(chain: &Chain, call: &Call, tell: Tell<'_>) -> Result<(Noted, Option<Carrier>)> {
	let at = chain.best().await?;
	let noted = Noted::of(&chain::encode(&at, call)?)?;
	let carrier = Carrier::of(&at, &noted).await?;
	if let Some(carrier) = &carrier {
		tell(&format!("joined: {carrier}"));
	}
	Ok((noted, carrier))
}

/// Vote for the upgrade, unless the account has.
async fn vote_aye(chain: &Chain, index: u32, balance: Keel, voter: &Keypair, tell: Tell<'_>) -> Result<()> {
	let account = keys::id(voter);
	let name = keys::display_name(&account);
	match ballot::ballot_of(&chain.best().await?, index, &account).await? {
		Some(ballot) if ballot.aye => {
			tell(&format!("{name} has voted {ballot} in referendum {index} already"))
		}
		_ => {
			ballot::vote(chain, index, true, balance, voter).await?;
			tell(&format!("{name} voted aye in referendum {index}"));
		}
	}
	Ok(())
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

/// Fast-track the Council's proposal, where the chain has fast tracks; else wait until it is launched. Returns
/// its referendum.
async fn fast_track(chain: &Chain, noted: &Noted, plan: &ByCouncil, tell: Tell<'_>) -> Result<u32> {
	let at = chain.best().await?;
	if !change::Timetable::read(&at).await?.fast_track {
		tell("this chain has no fast track: the vote takes its ordinary time");
		return launched(chain, noted, tell).await;
	}
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
		Ok(_) => started(chain, noted, 1).await,
		// A launch came between the two motions.
		Err(error) if error.dispatch_name().as_deref() == Some("Democracy.ProposalMissing") => {
			let index = referendum::find_referendum(&chain.best().await?, noted.hash).await?.ok_or(error)?;
			tell(&format!("it was launched as referendum {index} already: the vote takes its ordinary time"));
			Ok(index)
		}
		Err(error) if error.dispatch_name().as_deref() == Some("Democracy.NotSimpleMajority") => {
			tell("it was proposed for a supermajority, which has no fast track");
			launched(chain, noted, tell).await
		}
		Err(error) => Err(error),
	}
}

/// The public road: propose, second, launch, vote, delegate, timelock, and unlock what was voted with.
/// Ends when the upgrade is authorised. What carries the same authorisation already is joined.
pub async fn by_public(
	chain: &Chain,
	runtime: &Runtime,
	plan: &ByPublic,
	tell: Tell<'_>,
) -> Result<Authorised> {
	let call = authorize_upgrade(runtime);
	let (noted, carrier) = find(chain, &call, tell).await?;
	let joined = carrier.as_ref().map(Carrier::word);
	let index = match carrier {
		Some(Carrier::Waits { referendum, due }) => {
			let authorised = authorisation(chain, runtime, referendum, due, tell).await?;
			return Ok(Authorised { joined, ..authorised });
		}
		Some(Carrier::Voted { referendum, .. }) => referendum,
		Some(Carrier::External | Carrier::Motion(..)) => launched(chain, &noted, tell).await?,
		Some(Carrier::Public { proposal }) => {
			propose::second(chain, proposal, &plan.seconder, tell).await?;
			launched(chain, &noted, tell).await?
		}
		None => {
			referendum::note_preimage(chain, &call, &plan.proposer, tell).await?;
			let proposal = propose::publicly(chain, &noted, &plan.proposer, tell).await?;
			propose::second(chain, proposal, &plan.seconder, tell).await?;
			launched(chain, &noted, tell).await?
		}
	};
	referendum::keep_preimage(chain, &call, &plan.proposer, tell).await?;
	delegate(chain, plan, tell).await?;
	vote_aye(chain, index, plan.balance, &plan.voter, tell).await?;
	let authorised = enacted(chain, runtime, index, tell).await?;
	referendum::free_votes(chain, None, &plan.delegator, tell).await?;
	referendum::free_votes(chain, Some(index), &plan.voter, tell).await?;
	Ok(Authorised { joined, ..authorised })
}

async fn delegate(chain: &Chain, plan: &ByPublic, tell: Tell<'_>) -> Result<()> {
	let name = keys::display_name(&keys::id(&plan.delegator));
	match referendum::delegate(chain, &keys::id(&plan.voter), plan.balance, &plan.delegator).await {
		Ok(_) => tell(&format!("{name} delegated {} KEEL", plan.balance)),
		Err(error) if error.dispatch_name().as_deref() == Some("Democracy.AlreadyDelegating") => {
			tell(&format!("{name} has delegated already"));
		}
		Err(error) => return Err(error),
	}
	Ok(())
}

/// Wait until a proposal is launched as a referendum: at the next launch, or the one after it.
async fn launched(chain: &Chain, noted: &Noted, tell: Tell<'_>) -> Result<u32> {
	let launch: u32 = chain::constant(&chain.best().await?, "Democracy", "LaunchPeriod")?;
	tell(&format!(
		"waiting for the launch: every {launch} blocks, proposals of the Council and of the public take turns"
	));
	started(chain, noted, 2 * u64::from(launch) + PATIENCE).await
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
async fn enacted(chain: &Chain, runtime: &Runtime, index: u32, tell: Tell<'_>) -> Result<Authorised> {
	let end = referendum::wait_for_end(chain, index, tell).await?;
	if let Some(reason) = change::refusal(chain, index, end).await? {
		return Err(Error::Governance {
			problem: format!("referendum {index} passed, and nothing comes of it"),
			help: reason,
		});
	}
	// Not before the delay of its class, whatever was asked for; it may be over by now.
	let due = change::due(&chain.best().await?, index).await?.unwrap_or(end + 1);
	authorisation(chain, runtime, index, due, tell).await
}

/// Wait for the end of a timelock.
async fn authorisation(
	chain: &Chain,
	runtime: &Runtime,
	index: u32,
	due: u64,
	tell: Tell<'_>,
) -> Result<Authorised> {
	tell(&format!("timelock: the upgrade is authorised in block {due}"));
	let hash = runtime.hash;
	let left = due.saturating_sub(chain.best_number().await?);
	chain
		.wait_until(
			"the authorisation of the upgrade",
			left + PATIENCE,
			"The change may have failed or wait longer: see `keelctl gov queue`, and ChangeControl.Enacted and Held in the blocks since.",
			|at| async move { Ok(authorised(&at).await?.filter(|found| *found == hash)) },
		)
		.await?;
	tell(&format!("authorised: 0x{}", hex::encode(hash)));
	Ok(Authorised { hash, referendum: Some(index), joined: None })
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
