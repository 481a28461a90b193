// SPDX-License-Identifier: Apache-2.0
//! What is known of the votes and of what they carry, kept beside the chain: whatever takes effect must have come to it by a
//! vote that was open, had the turnout, and waited; or by a body that the matrix gives the power.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::weights::Weight;
use keel_change_control::{Class, Event, PerClass};
use pallet_democracy::{ReferendumInfo, ReferendumInfoOf};

use super::{leaves::Kind, world::members};
use crate::matrix::table::{self, Body};
use keel_runtime::*;

/// What has happened in this block so far, from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
	/// The block began: the scheduler and all other hooks have run.
	Block,
	/// A motion of a body was executed, with so many Ayes of so many seats.
	Motion(Body, u32, u32),
	/// Accounts have sent something.
	Accounts,
	/// A member has approved of the act that has this effect.
	Approval(usize),
}

/// A call with an effect.
pub struct Leaf {
	/// Which kind it is of.
	pub kind: usize,
	/// What tells it from others of its kind.
	pub number: u64,
	shown: bool,
}

/// A call that is voted on, or moved: what it carries, and the class of a vote on it.
#[derive(Clone)]
pub struct Tree {
	pub call: RuntimeCall,
	pub leaves: Vec<usize>,
	/// None: no vote may carry it.
	pub class: Option<Class>,
}

/// A referendum.
struct Vote {
	hash: Hash,
	turnout: u128,
	/// The block it passed in, and how many tokens there were.
	passed: Option<(BlockNumber, u128)>,
	/// Nothing may come of it: refused, cancelled, or not passed.
	over: bool,
	enacted: Option<BlockNumber>,
}

/// How often something happened.
pub type Tally = BTreeMap<String, u64>;

/// The observer.
pub struct Watch {
	pub kinds: Vec<Kind>,
	pub leaves: Vec<Leaf>,
	pub trees: BTreeMap<Hash, Tree>,
	votes: BTreeMap<u32, Vote>,
	/// The powers of bodies, by call.
	powers: BTreeMap<String, table::Who>,
	/// The delays and turnouts that must be kept.
	delay: PerClass<BlockNumber>,
	turnout: PerClass<sp_runtime::Permill>,
	/// Changes of the oracle that its body has decided on, and when.
	pub decided: BTreeMap<usize, BlockNumber>,
	/// Who has approved of the act that has an effect, since it last had it.
	pub approved: BTreeMap<usize, BTreeSet<AccountId>>,
	seen: (BlockNumber, usize),
	pub tally: Tally,
}

impl Watch {
	pub fn new(
		kinds: Vec<Kind>,
		delay: PerClass<BlockNumber>,
		turnout: PerClass<sp_runtime::Permill>,
		tally: Tally,
	) -> Self {
		let rows = table::rows(&table::PAGE).expect("the page can be read");
		let powers = rows
			.iter()
			.flat_map(|row| row.calls.iter().map(|call| (call.clone(), row.who.clone())))
			.collect();
		Self {
			kinds,
			leaves: Vec::new(),
			trees: BTreeMap::new(),
			votes: BTreeMap::new(),
			powers,
			delay,
			turnout,
			decided: BTreeMap::new(),
			approved: BTreeMap::new(),
			seen: (0, 0),
			tally,
		}
	}

	pub fn count(&mut self, what: impl Into<String>) {
		*self.tally.entry(what.into()).or_default() += 1;
	}

	/// The leaf of this kind and number; the same for the same.
	pub fn leaf(&mut self, kind: usize, number: u64) -> usize {
		let known = self.leaves.iter().position(|leaf| leaf.kind == kind && leaf.number == number);
		known.unwrap_or_else(|| {
			let shown = (self.kinds[kind].shows)(number);
			self.leaves.push(Leaf { kind, number, shown });
			self.leaves.len() - 1
		})
	}

	/// The votes that are open.
	pub fn open(&self) -> Vec<(u32, Hash)> {
		let open = |vote: &Vote| !vote.over && vote.passed.is_none();
		self.votes.iter().filter(|(_, vote)| open(vote)).map(|(index, vote)| (*index, vote.hash)).collect()
	}

	/// The votes that have passed, and whose change was not seen to take effect.
	pub fn waiting(&self) -> Vec<u32> {
		let waits = |vote: &Vote| !vote.over && vote.passed.is_some() && vote.enacted.is_none();
		self.votes.iter().filter(|(_, vote)| waits(vote)).map(|(index, _)| *index).collect()
	}

	/// The votes of which nothing may come.
	pub fn over(&self) -> Vec<Hash> {
		self.votes.values().filter(|vote| vote.over).map(|vote| vote.hash).collect()
	}

	fn follow_events(&mut self) {
		let now = System::block_number();
		let from = if self.seen.0 == now { self.seen.1 } else { 0 };
		let new: Vec<RuntimeEvent> =
			System::read_events_no_consensus().skip(from).map(|record| record.event).collect();
		self.seen = (now, from + new.len());
		for event in new {
			let RuntimeEvent::ChangeControl(event) = event else { continue };
			match event {
				Event::Refused { referendum, reason, .. } => {
					let reason = format!("{reason:?}");
					let short = reason.split([' ', '{']).next().unwrap_or_default().to_owned();
					self.count(format!("refused: {short}"));
					if let Some(vote) = self.votes.get_mut(&referendum) {
						vote.over = true;
					}
				}
				Event::Cancelled { referendum, .. } => {
					self.count("cancelled in the timelock");
					if let Some(vote) = self.votes.get_mut(&referendum) {
						vote.over = true;
					}
				}
				Event::Enacted { referendum, class, result } => {
					let how = if result.is_ok() { "enacted" } else { "enacted to no effect" };
					self.count(format!("{how}: {class:?}"));
					if let Some(vote) = self.votes.get_mut(&referendum) {
						vote.enacted = Some(now);
					}
				}
				Event::Held { .. } => self.count("held"),
				_ => {}
			}
		}
	}

	fn follow_votes(&mut self) {
		let now = System::block_number();
		for index in 0..pallet_democracy::ReferendumCount::<Runtime>::get() {
			let info = ReferendumInfoOf::<Runtime>::get(index);
			let Some(vote) = self.votes.get_mut(&index) else {
				if let Some(ReferendumInfo::Ongoing(status)) = info {
					let (hash, turnout) = (status.proposal.hash(), status.tally.turnout);
					let vote = Vote { hash, turnout, passed: None, over: false, enacted: None };
					self.votes.insert(index, vote);
					self.count("tabled");
				}
				continue;
			};
			match info {
				Some(ReferendumInfo::Ongoing(status)) => vote.turnout = status.tally.turnout,
				Some(ReferendumInfo::Finished { approved: true, .. }) => {
					if vote.passed.is_none() {
						vote.passed = Some((now, Balances::total_issuance()));
						self.count("passed");
					}
				}
				Some(ReferendumInfo::Finished { approved: false, .. }) | None => vote.over = true,
			}
		}
	}

	/// Whether this vote may have this effect now.
	fn is_due(&self, vote: &Vote, leaf: usize) -> bool {
		let now = System::block_number();
		let Some(tree) = self.trees.get(&vote.hash) else { return false };
		let (Some(class), Some((passed, issuance))) = (tree.class, vote.passed) else { return false };
		!vote.over
			&& tree.leaves.contains(&leaf)
			&& vote.enacted.is_none_or(|enacted| enacted == now)
			&& now >= passed + self.delay.of(class)
			&& vote.turnout >= self.turnout.of(class).mul_ceil(issuance)
	}

	/// Whether this body may have this effect by itself.
	fn has_power(&self, leaf: usize, body: Body, ayes: u32, seats: u32) -> bool {
		let kind = &self.kinds[self.leaves[leaf].kind];
		let share = self.powers.get(kind.name).and_then(|who| who.motions.get(&body));
		kind.by_bodies && share.is_some_and(|share| ayes >= table::enough(*share, seats))
	}

	/// Whether the oracle's body decided on it a seat delay ago.
	fn has_waited(&self, leaf: usize) -> bool {
		let delay = keel_oracle::SeatPeriods::<Runtime>::get().seat_delay;
		self.decided.get(&leaf).is_some_and(|since| System::block_number() >= since + delay)
	}

	/// Whether enough members of a body that the matrix names have approved of it.
	fn has_approvals(&self, leaf: usize) -> bool {
		let needs = match self.kinds[self.leaves[leaf].kind].name {
			"Emergency.act" => &[(Body::SecurityCouncil, (1, 2))][..],
			"SafeMode.force_enter" => &[(Body::SecurityCouncil, (2, 3))],
			"TxPause.unpause" => &[(Body::TechnicalCommittee, (1, 2)), (Body::Council, (1, 2))],
			_ => &[],
		};
		let Some(approved) = self.approved.get(&leaf) else { return false };
		needs.iter().any(|(body, share)| {
			let members = members(*body);
			let ayes = members.iter().filter(|member| approved.contains(member)).count();
			ayes as u32 >= table::enough(*share, members.len() as u32)
		})
	}

	/// Note what the oracle's body has decided on.
	pub fn decide(&mut self, leaves: &[usize], body: Body, ayes: u32, seats: u32) {
		for leaf in leaves {
			let name = self.kinds[self.leaves[*leaf].kind].name;
			if name.starts_with("Oracle.") && self.has_power(*leaf, body, ayes, seats) {
				self.decided.entry(*leaf).or_insert_with(System::block_number);
			}
		}
	}

	/// Look at the chain: an error says what took effect that may not have.
	pub fn look(&mut self, cause: Cause) -> Result<(), String> {
		self.follow_votes();
		self.follow_events();
		let mut new = Vec::new();
		for (index, leaf) in self.leaves.iter_mut().enumerate() {
			let shows = (self.kinds[leaf.kind].shows)(leaf.number);
			if shows && !leaf.shown {
				new.push(index);
			}
			leaf.shown = shows;
		}
		for leaf in new {
			let allowed = match cause {
				Cause::Block => {
					self.votes.values().any(|vote| self.is_due(vote, leaf)) || self.has_waited(leaf)
				}
				Cause::Motion(body, ayes, seats) => self.has_power(leaf, body, ayes, seats),
				Cause::Accounts => false,
				Cause::Approval(of) => of == leaf && self.has_approvals(leaf),
			};
			let Leaf { kind, number, .. } = self.leaves[leaf];
			let Kind { name, class, .. } = self.kinds[kind];
			if !allowed {
				let votes: Vec<_> = self
					.votes
					.iter()
					.filter(|(_, vote)| {
						self.trees.get(&vote.hash).is_some_and(|tree| tree.leaves.contains(&leaf))
					})
					.map(|(index, vote)| {
						let class = self.trees.get(&vote.hash).and_then(|tree| tree.class);
						format!(
							"referendum {index}: {class:?}, turnout {}, passed {:?}, over {}, enacted {:?}",
							vote.turnout, vote.passed, vote.over, vote.enacted
						)
					})
					.collect();
				return Err(format!(
					"block {}: {name} ({class:?}, number {number}) took effect by {cause:?}; {votes:?}",
					System::block_number()
				));
			}
			self.approved.remove(&leaf);
			let by = match cause {
				Cause::Block => "by vote",
				Cause::Approval(_) => "by approvals",
				_ => "by a body",
			};
			self.count(format!("{by}: {name}"));
		}
		Ok(())
	}
}

/// What a call declares to weigh.
pub fn weight_of(call: &RuntimeCall) -> Weight {
	frame_support::dispatch::GetDispatchInfo::get_dispatch_info(call).call_weight
}
