// SPDX-License-Identifier: Apache-2.0
//! Proposals: what one would do and who could stop it, told before it is made; and the making of it.

use super::{
	carrier::{self, Carrier, Rule},
	change::{self, Forecast, Standstill, Timetable},
	clock::{blocks, Clock, Periods, Steps},
	motion::{motion, Body, Outcome},
	referendum::{self, Noted},
	share, Tell,
};
use crate::{
	call::Call,
	chain::{self, AtBlock, Chain},
	error::{Error, Result},
	keys,
	number::counted,
	units::Keel,
	value,
};
use subxt::{ext::scale_value::Value, utils::AccountId32};
use subxt_signer::sr25519::Keypair;

/// By which way a call comes to a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
	/// A motion of the Council.
	Council {
		/// How the vote is counted.
		rule: Rule,
		/// How many ayes the motion needs; as many as the chain asks for by default.
		threshold: Option<u32>,
	},
	/// Anybody, with a deposit.
	Public,
}

/// Who can stop a proposal, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
	/// When.
	pub stage: &'static str,
	/// Who.
	pub who: String,
	/// How.
	pub how: String,
}

/// Who can give a proposal a shorter vote, and how.
#[derive(Clone, Debug)]
pub struct Hurry {
	/// Who.
	pub who: String,
	/// How.
	pub how: String,
}

impl std::fmt::Display for Hurry {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "{} can fast-track it: {}", self.who, self.how)
	}
}

/// What a proposal takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
	/// So many ayes in the Council.
	Ayes {
		/// Needed.
		needed: u32,
		/// Seats there are.
		seats: u32,
	},
	/// A deposit, which comes back when it is tabled.
	Deposit(Keel),
}

/// What a proposal would do, and when.
#[derive(Clone, Debug)]
pub struct Outlook {
	/// The call's name.
	pub name: String,
	/// Its bytes' hash and length.
	pub noted: Noted,
	/// What it would be as a change.
	pub forecast: Forecast,
	/// What carries the same call already.
	pub carrier: Option<Carrier>,
	/// When it would act at the earliest.
	pub ordinary: Steps,
	/// The same, when it is fast-tracked, and who can do that.
	pub fast_tracked: Option<(Steps, Hurry)>,
	/// Who can stop it.
	pub stops: Vec<Stop>,
	/// What it takes to propose it; none when it is on its way.
	pub takes: Option<Takes>,
	/// The chain's clock.
	pub clock: Clock,
	/// By which way.
	road: Road,
}

impl Outlook {
	/// Of `call`, proposed by `road` now. Nothing is sent.
	pub async fn of(chain: &Chain, call: &Call, road: Road) -> Result<Self> {
		let at = chain.best().await?;
		let forecast = change::forecast(&at, call).await?;
		let noted = Noted::of(&chain::encode(&at, call)?)?;
		let carrier = Carrier::of(&at, &noted).await?;
		let (clock, periods) = (Clock::read(&at).await?, Periods::read(&at)?);
		let fast = Timetable::read(&at).await?.fast_track;
		let takes = takes(&at, road, carrier.as_ref()).await?;
		let sent = clock.block + transactions(takes, carrier.as_ref());
		let before = launches_before(&at, road, carrier.as_ref()).await?;
		let ordinary = match &carrier {
			Some(Carrier::Waits { referendum, due }) => {
				let due = due + held_up(&at, chain, *referendum).await?;
				Steps { tabled: clock.block, voted: clock.block, acts: due }
			}
			Some(Carrier::Voted { end, delay, .. }) => {
				let acts = end + periods.timelock(*delay, forecast.delay);
				Steps { tabled: clock.block, voted: *end, acts }
			}
			_ => periods.ordinary(sent, before, forecast.delay),
		};
		let by_council = matches!(
			(&carrier, road),
			(Some(Carrier::External | Carrier::Motion(Rule::Majority | Rule::UnlessOpposed, _)), _)
				| (None, Road::Council { rule: Rule::Majority | Rule::UnlessOpposed, .. })
		);
		let fast_tracked = (fast && by_council).then(|| periods.fast_tracked(sent + 1, forecast.delay));
		let fast_tracked = match fast_tracked.filter(|fast| fast.acts < ordinary.acts) {
			Some(steps) => Some((steps, hurry(&at, noted.hash, forecast.delay).await?)),
			None => None,
		};
		let stops = stops(&at, road, carrier.as_ref()).await?;
		let name = chain::name(call);
		Ok(Self { name, noted, forecast, carrier, ordinary, fast_tracked, stops, takes, clock, road })
	}

	/// In lines, for people.
	pub fn lines(&self) -> Vec<String> {
		let Forecast { class, delay, turnout, weight } = &self.forecast;
		let mut lines = vec![
			format!("{} is {class}", self.name),
			format!("it waits at least {} after the vote", blocks(*delay)),
			format!("{turnout} KEEL must take part in the vote"),
			format!("it declares {}", counted(weight / 1_000_000, "microsecond")),
		];
		if let Some(carrier) = &self.carrier {
			lines.push(format!("it is on its way already: {carrier}"));
		}
		lines.extend(self.takes.map(|takes| match takes {
			Takes::Ayes { needed, seats } => format!("the Council proposes it with {needed} of {seats} ayes"),
			Takes::Deposit(deposit) => {
				format!("it takes a deposit of {deposit} KEEL, which comes back when it is tabled")
			}
		}));
		let Steps { tabled, voted, acts } = self.ordinary;
		if voted > self.clock.block {
			if tabled > self.clock.block {
				lines.push(format!("tabled at the earliest in {}", self.clock.countdown(tabled)));
			}
			lines.push(format!("voted on until {}", self.clock.countdown(voted)));
		}
		lines.push(format!("it acts at the earliest in {}", self.clock.countdown(acts)));
		if let Some((fast, hurry)) = &self.fast_tracked {
			lines.push(format!("fast-tracked: in {}", self.clock.countdown(fast.acts)));
			lines.push(format!("  {hurry}"));
		}
		lines.push("who can stop it:".to_owned());
		lines
			.extend(self.stops.iter().map(|stop| format!("  {}: {}, by {}", stop.stage, stop.who, stop.how)));
		lines
	}
}

/// What it takes to propose it from where it stands.
async fn takes(at: &AtBlock, road: Road, carrier: Option<&Carrier>) -> Result<Option<Takes>> {
	let seats =
		async { Ok::<_, Error>(u32::try_from(Body::Council.members(at).await?.len()).unwrap_or(u32::MAX)) };
	Ok(match (carrier, road) {
		(Some(Carrier::Motion(_, motion)), Road::Council { .. }) => {
			Some(Takes::Ayes { needed: motion.threshold, seats: seats.await? })
		}
		(None, Road::Council { rule, threshold }) => {
			let seats = seats.await?;
			let share = share::share(Body::Council, &format!("Democracy.{}", rule.call()));
			let needed = threshold.or(share.map(|share| share.ayes(seats))).unwrap_or(seats);
			Some(Takes::Ayes { needed, seats })
		}
		(None | Some(Carrier::Public { .. }), Road::Public) => {
			Some(Takes::Deposit(Keel(chain::constant(at, "Democracy", "MinimumDeposit")?)))
		}
		_ => None,
	})
}

/// How many blocks the transactions take that bring it into the queue.
fn transactions(takes: Option<Takes>, carrier: Option<&Carrier>) -> u64 {
	match (carrier, takes) {
		(Some(Carrier::Motion(_, motion)), _) => {
			u64::from(motion.threshold.saturating_sub(motion.count(true))) + 1
		}
		// The bytes, and the proposal; what takes one aye is executed at once.
		(None, Some(Takes::Deposit(_) | Takes::Ayes { needed: 0 | 1, .. })) => 2,
		// The bytes, and a motion: proposed, voted on, closed.
		(None, Some(Takes::Ayes { needed, .. })) => 3 + u64::from(needed),
		_ => 0,
	}
}

/// How many launches belong to others: proposals of the Council and of the public take turns.
async fn launches_before(at: &AtBlock, road: Road, carrier: Option<&Carrier>) -> Result<u64> {
	let public_is_next: bool =
		chain::storage_as(at, "Democracy", "LastTabledWasExternal", vec![]).await?.unwrap_or(false);
	let is_public = match carrier {
		Some(Carrier::Public { .. }) => true,
		Some(_) => false,
		None => road == Road::Public,
	};
	let other_waits = if is_public {
		carrier::external(at).await?.is_some()
	} else {
		!carrier::public_proposals(at).await?.is_empty()
	};
	Ok(u64::from(other_waits && public_is_next != is_public))
}

async fn held_up(at: &AtBlock, chain: &Chain, referendum: u32) -> Result<u64> {
	let standstill = Standstill::read(at, chain).await?;
	let changes = change::queue(at).await?;
	let change = changes.iter().find(|change| change.referendum == referendum);
	let timelock = change.filter(|change| change.leaves_a_way_out()).and_then(|change| change.waits);
	Ok(timelock.map_or(0, |timelock| standstill.still_to_wait(&timelock)))
}

/// Who can stop a proposal from where it stands on.
async fn stops(at: &AtBlock, road: Road, carrier: Option<&Carrier>) -> Result<Vec<Stop>> {
	let cooloff: u32 = chain::constant(at, "Democracy", "CooloffPeriod")?;
	let veto = Stop {
		stage: "before it is tabled",
		who: "any member of the Technical Committee".to_owned(),
		how: format!(
			"TechnicalCommittee.execute(Democracy.veto_external): it is not tabled again for {}",
			blocks(cooloff.into())
		),
	};
	let number =
		|referendum: Option<u32>| referendum.map_or("REFERENDUM".to_owned(), |index| index.to_string());
	let early = match (carrier, road) {
		(Some(Carrier::Waits { .. } | Carrier::Voted { .. }), _) => None,
		(Some(Carrier::Public { proposal }), _) => Some(cancel_proposal(at, &proposal.to_string()).await?),
		(None, Road::Public) => Some(cancel_proposal(at, "PROPOSAL").await?),
		_ => Some(veto),
	};
	let (voted, waits) = match carrier {
		Some(Carrier::Waits { referendum, .. }) => (None, Some(*referendum)),
		Some(Carrier::Voted { referendum, .. }) => (Some(Some(*referendum)), Some(*referendum)),
		_ => (Some(None), None),
	};
	let mut all: Vec<_> = early.into_iter().collect();
	if let Some(referendum) = voted {
		all.push(during_the_vote(at, &number(referendum)).await?);
	}
	all.push(in_the_timelock(at, &number(waits)).await?);
	Ok(all)
}

/// Who can take a change out of its timelock.
pub(crate) async fn in_the_timelock(at: &AtBlock, referendum: &str) -> Result<Stop> {
	Ok(Stop {
		stage: "in the timelock",
		who: format!("{}, once", who(at, "ChangeControl.cancel").await?),
		how: format!("`keelctl gov motion security 'ChangeControl.cancel({referendum})'`"),
	})
}

/// Who can end a vote.
pub(crate) async fn during_the_vote(at: &AtBlock, referendum: &str) -> Result<Stop> {
	Ok(Stop {
		stage: "while it is voted on",
		who: who(at, "Democracy.emergency_cancel").await?,
		how: format!("`keelctl gov motion BODY 'Democracy.emergency_cancel({referendum})'`"),
	})
}

/// Who can give a proposal of the Council a shorter vote.
pub(crate) async fn hurry(at: &AtBlock, hash: [u8; 32], delay: u64) -> Result<Hurry> {
	let period = Periods::read(at)?.fast_track;
	Ok(Hurry {
		who: who(at, "Democracy.fast_track").await?,
		how: format!(
			"`keelctl gov motion technical 'Democracy.fast_track(0x{}, {period}, {delay})'`",
			hex::encode(hash)
		),
	})
}

/// Who can cancel a public proposal.
pub(crate) async fn cancel_proposal(at: &AtBlock, proposal: &str) -> Result<Stop> {
	Ok(Stop {
		stage: "before it is tabled",
		who: who(at, "Democracy.cancel_proposal").await?,
		how: format!(
			"`keelctl gov motion technical 'Democracy.cancel_proposal({proposal})'`: its backers lose their deposits"
		),
	})
}

/// `two thirds of the Council (2 of 3) or two thirds of the Security Council (4 of 5)`.
async fn who(at: &AtBlock, call: &str) -> Result<String> {
	let mut all = Vec::new();
	for (body, share) in share::bodies(call) {
		let seats = u32::try_from(body.members(at).await?.len()).unwrap_or(u32::MAX);
		all.push(format!("{share} of {} ({} of {seats})", body.title(), share.ayes(seats)));
	}
	Ok(all.join(" or "))
}

/// What became of a proposal.
#[derive(Clone, Debug)]
pub enum Proposed {
	/// The Council has proposed it: it is tabled at the next launch.
	External,
	/// The Council's motion needs more ayes.
	Motion {
		/// The motion.
		index: u32,
		/// Ayes so far.
		ayes: u32,
		/// Ayes needed.
		threshold: u32,
	},
	/// It is proposed publicly, and this many have backed it.
	Public {
		/// The proposal.
		proposal: u32,
	},
	/// It stands where it stood: nothing was sent.
	Stands(Carrier),
}

/// Propose a call as its outlook says. What carries it already is joined.
pub async fn propose(
	chain: &Chain,
	call: &Call,
	outlook: &Outlook,
	signers: &[Keypair],
	tell: Tell<'_>,
) -> Result<Proposed> {
	let first = signers.first().ok_or_else(|| Error::Usage {
		problem: "nobody signs".to_owned(),
		help: "Name a key with --key.".to_owned(),
	})?;
	match (&outlook.carrier, outlook.road) {
		(Some(carrier @ Carrier::Motion(rule, motion)), Road::Council { .. }) => {
			tell(&format!("joined: {carrier}"));
			check_members(chain, signers).await?;
			check_room(chain, &outlook.noted).await?;
			referendum::note_preimage(chain, call, first, tell).await?;
			external(chain, &outlook.noted, *rule, Some(motion.threshold), signers, tell).await
		}
		(Some(carrier @ Carrier::Public { proposal }), Road::Public) => {
			tell(&format!("joined: {carrier}"));
			second(chain, *proposal, first, tell).await?;
			Ok(Proposed::Public { proposal: *proposal })
		}
		(Some(carrier), _) => Ok(Proposed::Stands(carrier.clone())),
		(None, Road::Council { rule, threshold }) => {
			// Found out before the bytes are stored.
			check_members(chain, signers).await?;
			check_room(chain, &outlook.noted).await?;
			let noted = referendum::note_preimage(chain, call, first, tell).await?;
			external(chain, &noted, rule, threshold, signers, tell).await
		}
		(None, Road::Public) => {
			let noted = referendum::note_preimage(chain, call, first, tell).await?;
			Ok(Proposed::Public { proposal: publicly(chain, &noted, first, tell).await? })
		}
	}
}

async fn check_members(chain: &Chain, signers: &[Keypair]) -> Result<()> {
	let members = Body::Council.members(&chain.best().await?).await?;
	super::motion::check_signers(Body::Council.pallet(), &members, signers).map(drop).map_err(|error| {
		match error {
			Error::Governance { problem, help } => {
				Error::Governance { problem, help: format!("{help} Anybody proposes with --public.") }
			}
			other => other,
		}
	})
}

/// Only one proposal of the Council waits at a time.
pub(super) async fn check_room(chain: &Chain, noted: &Noted) -> Result<()> {
	let at = chain.best().await?;
	match carrier::external(&at).await? {
		Some(other) if other != noted.hash => {
			let launch = Periods::read(&at)?.launch_after(at.block_number());
			let clock = Clock::read(&at).await?;
			Err(Error::Governance {
				problem: format!(
					"the Council has proposed something else, 0x{}, and one proposal waits at a time",
					hex::encode(other)
				),
				help: format!(
					"Give the same command again when it is tabled, at the earliest in {}.",
					clock.countdown(launch)
				),
			})
		}
		_ => Ok(()),
	}
}

async fn external(
	chain: &Chain,
	noted: &Noted,
	rule: Rule,
	threshold: Option<u32>,
	signers: &[Keypair],
	tell: Tell<'_>,
) -> Result<Proposed> {
	match motion(chain, Body::Council, &rule.proposal(noted), signers, threshold, tell).await? {
		Outcome::Open { index, ayes, threshold, .. } => Ok(Proposed::Motion { index, ayes, threshold }),
		outcome => outcome.executed().map(|_| Proposed::External),
	}
}

/// Propose publicly, with the least deposit. Returns the proposal's number.
pub(super) async fn publicly(
	chain: &Chain,
	noted: &Noted,
	proposer: &Keypair,
	tell: Tell<'_>,
) -> Result<u32> {
	let deposit: u128 = chain::constant(&chain.best().await?, "Democracy", "MinimumDeposit")?;
	let propose = chain::call(
		"Democracy",
		"propose",
		[("proposal", noted.proposal()), ("value", Value::u128(deposit))],
	);
	let proposed = chain.submit(&propose, proposer).await?;
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
	Ok(index)
}

/// Back a public proposal with as much as its maker, unless the account does so already.
pub(super) async fn second(chain: &Chain, proposal: u32, signer: &Keypair, tell: Tell<'_>) -> Result<()> {
	let account = keys::id(signer);
	let name = keys::display_name(&account);
	if backers(&chain.best().await?, proposal).await?.contains(&account) {
		tell(&format!("{name} backs it already"));
	} else {
		referendum::second(chain, proposal, signer).await?;
		tell(&format!("{name} seconded it"));
	}
	Ok(())
}

/// Who backs a public proposal.
pub async fn backers(at: &AtBlock, proposal: u32) -> Result<Vec<AccountId32>> {
	let deposits = chain::storage(at, "Democracy", "DepositOf", vec![Value::u128(proposal.into())]).await?;
	let Some(deposits) = deposits else { return Ok(Vec::new()) };
	let deposits = value::some(&deposits).unwrap_or(&deposits);
	// A pair of a bounded list (a newtype around the list) and the amount of each.
	let list = value::items(deposits).first().and_then(|list| value::items(list).into_iter().next());
	let accounts =
		value::items(list.ok_or_else(|| Error::Node("Democracy.DepositOf has another shape".to_owned()))?);
	Ok(accounts.into_iter().filter_map(value::bytes32).map(AccountId32).collect())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::gov::Motion;

	#[test]
	fn a_proposal_takes_a_block_for_each_transaction() {
		let ayes = |needed| Some(Takes::Ayes { needed, seats: 5 });
		assert_eq!(transactions(ayes(1), None), 2);
		assert_eq!(transactions(ayes(3), None), 6);
		assert_eq!(transactions(Some(Takes::Deposit(Keel(1))), None), 2);
		assert_eq!(transactions(None, Some(&Carrier::External)), 0);
		let motion = Motion {
			body: Body::Council,
			hash: [0; 32],
			index: 0,
			threshold: 3,
			ayes: vec![AccountId32([1; 32])],
			nays: Vec::new(),
			end: 9,
		};
		let carrier = Carrier::Motion(Rule::Majority, motion);
		assert_eq!(transactions(ayes(3), Some(&carrier)), 3, "two more ayes, and it is closed");
	}
}
