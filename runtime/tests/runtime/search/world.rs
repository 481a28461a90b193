// SPDX-License-Identifier: Apache-2.0
//! Everybody there is, and all they may try.

use codec::Encode;
use frame_support::{
	traits::{
		schedule::{v3::Anon, DispatchTime},
		Bounded, UnfilteredDispatchable,
	},
	weights::Weight,
};
use keel_change_control::Class;
use keel_emergency::Act;
use pallet_democracy::{AccountVote, Conviction, NextExternal, Vote};
use sp_keyring::Sr25519Keyring::{self, Ferdie, One, Two};
use sp_runtime::{traits::Hash as _, MultiAddress};

use super::{
	leaves::{self, Kind, BLOCKS},
	rng::Rng,
	watch::{weight_of, Cause, Tree, Watch},
};
use crate::{
	chain::*,
	matrix::table::{Body, BODIES},
};
use keel_runtime::{
	configs::{
		governance::{bodies, MinimumDeposit},
		wallets::ProxyType,
	},
	constants::currency::KEEL,
	*,
};

type Hashing = <Runtime as frame_system::Config>::Hashing;
type Proposal = Bounded<RuntimeCall, Hashing>;
type DemocracyCall = pallet_democracy::Call<Runtime>;

/// Everybody.
const PEOPLE: [Sr25519Keyring; 8] = [Alice, Bob, Charlie, Dave, Eve, Ferdie, One, Two];

/// Which guard is missing: the control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
	/// None: nothing must be found.
	Nothing,
	/// What is voted on is put into the scheduler as Root, as it would be if votes scheduled by themselves.
	Adapter,
	/// What was refused or cancelled stays in the scheduler.
	Refusals,
	/// The motions of one body count as Root.
	Bodies,
	/// The chain's own timetable forgets a delay, or all turnouts: only genesis differs.
	Delay,
	Turnout,
	/// One approval is as good as all.
	Approvals,
}

pub struct World {
	pub rng: Rng,
	pub watch: Watch,
	pub log: Vec<String>,
	missing: Missing,
	made: u64,
}

type Step = Result<(), String>;

/// Runs `$do` with the instance of a body.
macro_rules! of_body {
	($body:expr, $instance:ident => $do:expr) => {
		match $body {
			Body::Council => {
				type $instance = bodies::Council;
				$do
			}
			Body::TechnicalCommittee => {
				type $instance = bodies::TechnicalCommittee;
				$do
			}
			Body::RiskCommittee => {
				type $instance = bodies::RiskCommittee;
				$do
			}
			Body::SecurityCouncil => {
				type $instance = bodies::SecurityCouncil;
				$do
			}
		}
	};
}

pub fn members(body: Body) -> Vec<AccountId> {
	of_body!(body, I => pallet_collective::Members::<Runtime, I>::get())
}

/// Those who have a seat and a key.
fn seated(body: Body) -> Vec<Sr25519Keyring> {
	let members = members(body);
	PEOPLE.into_iter().filter(|key| members.contains(&key.to_account_id())).collect()
}

impl World {
	pub fn new(rng: Rng, watch: Watch, missing: Missing) -> Self {
		Self { rng, watch, log: Vec::new(), missing, made: 0 }
	}

	fn one_of<T: Clone>(&mut self, all: &[T]) -> Option<T> {
		(!all.is_empty()).then(|| all[self.rng.index(all.len())].clone())
	}

	fn anybody(&mut self) -> Sr25519Keyring {
		PEOPLE[self.rng.index(PEOPLE.len())]
	}

	/// Send a call; most are refused, and that is well.
	fn send(&mut self, who: Sr25519Keyring, call: impl Into<RuntimeCall>, cause: Cause) -> Step {
		let call = call.into();
		self.watch.count(match submit(who, call) {
			Ok(Ok(())) => "sent, accepted",
			Ok(Err(_)) => "sent, failed",
			Err(_) => "sent, invalid",
		});
		self.watch.look(cause)
	}

	/// A motion of `body` that up to `ayes` members agree to.
	fn motion(&mut self, body: Body, ayes: usize, call: impl Into<RuntimeCall>) -> Step {
		let call = call.into();
		let (voters, seats) = (seated(body), members(body).len() as u32);
		let ayes = ayes.clamp(1, voters.len().max(1));
		let Some(first) = voters.first().copied() else { return Ok(()) };
		let (threshold, length_bound) = (ayes as u32, call.encoded_size() as u32);
		let cause = Cause::Motion(body, threshold, seats);
		let hash = Hashing::hash_of(&call);
		let weight = weight_of(&call);
		of_body!(body, I => {
			type Call = pallet_collective::Call<Runtime, I>;
			let index = pallet_collective::ProposalCount::<Runtime, I>::get();
			self.send(first, Call::propose { threshold, proposal: Box::new(call), length_bound }, cause)?;
			if ayes > 1 {
				for voter in voters.iter().take(ayes) {
					let vote = Call::vote { proposal: hash, index, approve: true };
					self.send(*voter, vote, Cause::Accounts)?;
				}
				let closer = self.anybody();
				let close = Call::close {
					proposal_hash: hash,
					index,
					proposal_weight_bound: weight,
					length_bound: length_bound + 4,
				};
				self.send(closer, close, cause)?;
			}
		});
		Ok(())
	}

	/// As many members as are needed for anything, most of the time.
	fn ayes(&mut self) -> usize {
		if self.rng.one_in(4) {
			1 + self.rng.index(5)
		} else {
			5
		}
	}

	fn leaf(&mut self) -> Tree {
		let refused = self.rng.one_in(9);
		let fits = |kind: &Kind| kind.class.is_none() == refused;
		let kinds: Vec<usize> =
			(0..self.watch.kinds.len()).filter(|index| fits(&self.watch.kinds[*index])).collect();
		let kind = kinds[self.rng.index(kinds.len())];
		self.made += 1;
		// Sometimes what was there before.
		let nth = if self.rng.one_in(8) { 1 + self.rng.below(self.made) } else { self.made };
		let number = self.watch.kinds[kind].number(nth);
		let leaf = self.watch.leaf(kind, number);
		let kind = &self.watch.kinds[kind];
		Tree { call: (kind.call)(number), leaves: vec![leaf], class: kind.class }
	}

	/// A call that carries up to three leaves, some of them deep.
	fn grow(&mut self, depth: u32) -> Tree {
		use pallet_utility::Call::*;
		if depth == 0 || self.rng.one_in(2) {
			return self.leaf();
		}
		let branches: Vec<Tree> = (0..self.rng.between(1, 2)).map(|_| self.grow(depth - 1)).collect();
		let leaves = branches.iter().flat_map(|branch| branch.leaves.clone()).collect();
		// The weightiest; none where one has none.
		let class =
			branches.iter().map(|branch| branch.class).reduce(|one, other| Some(one?.max(other?))).flatten();
		let mut calls: Vec<RuntimeCall> = branches.into_iter().map(|branch| branch.call).collect();
		let call: RuntimeCall = match self.rng.below(5) {
			0 => batch { calls }.into(),
			1 => batch_all { calls }.into(),
			2 => force_batch { calls }.into(),
			3 => {
				let main = Box::new(calls.remove(0));
				// A remark is a call too, and has a class.
				let other = calls.pop();
				let class =
					if other.is_none() { class.map(|class| class.max(Class::Operational)) } else { class };
				let other = other.unwrap_or_else(|| frame_system::Call::remark { remark: vec![] }.into());
				return Tree { call: if_else { main, fallback: Box::new(other) }.into(), leaves, class };
			}
			_ => {
				let one = if calls.len() == 1 { calls.remove(0) } else { batch { calls }.into() };
				with_weight { weight: weight_of(&one), call: Box::new(one) }.into()
			}
		};
		Tree { call, leaves, class }
	}

	/// A call that is remembered: a new one, or one that was tried before.
	fn tree(&mut self) -> Tree {
		if self.rng.one_in(4) {
			let known: Vec<Hash> = self.watch.trees.keys().copied().collect();
			if let Some(hash) = self.one_of(&known) {
				return self.watch.trees[&hash].clone();
			}
		}
		let tree = self.grow(3);
		self.watch.trees.insert(Hashing::hash_of(&tree.call), tree.clone());
		tree
	}

	/// A call as a vote refers to it: its bytes, or where they are stored.
	fn refer(&mut self, tree: &Tree) -> Result<Proposal, String> {
		let bytes = tree.call.encode();
		let (hash, len) = (Hashing::hash(&bytes), bytes.len() as u32);
		if self.rng.one_in(2) {
			if let Ok(inline) = bytes.clone().try_into() {
				return Ok(Bounded::Inline(inline));
			}
		}
		// Seldom nobody stores them.
		if !self.rng.one_in(20) {
			let who = self.anybody();
			self.send(who, pallet_preimage::Call::<Runtime>::note_preimage { bytes }, Cause::Accounts)?;
		}
		Ok(Bounded::Lookup { hash, len })
	}

	/// The Council tables something, and mostly the Technical Committee hurries it.
	fn table(&mut self) -> Step {
		let tree = self.tree();
		let proposal = self.refer(&tree)?;
		let call = match self.rng.below(6) {
			0 => DemocracyCall::external_propose { proposal },
			1 => DemocracyCall::external_propose_default { proposal },
			_ => DemocracyCall::external_propose_majority { proposal },
		};
		let ayes = self.ayes();
		self.motion(Body::Council, ayes, call)?;
		if self.rng.one_in(5) {
			Ok(())
		} else {
			self.fast_track()
		}
	}

	fn fast_track(&mut self) -> Step {
		let Some((proposal, _)) = NextExternal::<Runtime>::get() else { return Ok(()) };
		let voting_period = self.one_of(&[1, 1, 2, 4, 8, 9]).unwrap_or(1);
		let delay = self.one_of(&[0, 0, 0, 1, 5, 50_000]).unwrap_or(0);
		let call = DemocracyCall::fast_track { proposal_hash: proposal.hash(), voting_period, delay };
		let ayes = self.ayes();
		self.motion(Body::TechnicalCommittee, ayes, call)?;
		// Whoever hurries has votes ready.
		if self.rng.one_in(3) {
			Ok(())
		} else {
			self.vote()
		}
	}

	/// The public proposes and seconds.
	fn propose(&mut self) -> Step {
		let tree = self.tree();
		let proposal = self.refer(&tree)?;
		let (who, other) = (self.anybody(), self.anybody());
		let value = MinimumDeposit::get();
		self.send(who, DemocracyCall::propose { proposal, value }, Cause::Accounts)?;
		let count = pallet_democracy::PublicPropCount::<Runtime>::get();
		let proposal = self.rng.below(u64::from(count) + 1) as u32;
		self.send(other, DemocracyCall::second { proposal }, Cause::Accounts)
	}

	/// Some vote on something that is open: with dust, or with much.
	fn vote(&mut self) -> Step {
		let open = self.watch.open();
		let Some((ref_index, _)) = self.one_of(&open) else { return Ok(()) };
		let amounts = [100, KEEL, 1_700 * KEEL, 5_000 * KEEL, 20_000 * KEEL, 60_000 * KEEL, 60_000 * KEEL];
		for _ in 0..self.rng.between(1, 3) {
			let (who, balance) = (self.anybody(), self.one_of(&amounts).unwrap_or(KEEL));
			let aye = !self.rng.one_in(8);
			let vote = match self.rng.below(10) {
				0 => AccountVote::Split { aye: balance, nay: 0 },
				1 => AccountVote::Standard { vote: Vote { aye, conviction: Conviction::Locked6x }, balance },
				_ => AccountVote::Standard { vote: Vote { aye, conviction: Conviction::None }, balance },
			};
			self.send(who, DemocracyCall::vote { ref_index, vote }, Cause::Accounts)?;
		}
		Ok(())
	}

	/// Votes are lent, taken back, unlocked.
	fn lend(&mut self) -> Step {
		let (who, other) = (self.anybody(), self.anybody());
		let to = MultiAddress::Id(other.to_account_id());
		let call = match self.rng.below(4) {
			0 => DemocracyCall::delegate { to, conviction: Conviction::Locked1x, balance: 5_000 * KEEL },
			1 => DemocracyCall::undelegate {},
			2 => DemocracyCall::unlock { target: to },
			_ => {
				let index = self.watch.open().first().map_or(0, |(index, _)| *index);
				DemocracyCall::remove_vote { index }
			}
		};
		self.send(who, call, Cause::Accounts)
	}

	/// A single member does something as such: a veto, or what the member may not.
	fn execute(&mut self) -> Step {
		let body = BODIES[self.rng.index(4)];
		let Some(who) = self.one_of(&seated(body)) else { return Ok(()) };
		let call = if self.rng.one_in(2) {
			let external = NextExternal::<Runtime>::get().map(|(proposal, _)| proposal.hash());
			DemocracyCall::veto_external { proposal_hash: external.unwrap_or_default() }.into()
		} else {
			self.tree().call
		};
		let length_bound = call.encoded_size() as u32;
		let proposal = Box::new(call);
		of_body!(body, I => {
			self.send(who, pallet_collective::Call::<Runtime, I>::execute { proposal, length_bound }, Cause::Accounts)
		})
	}

	/// Something is taken from the vote, or from its timelock.
	fn cancel(&mut self) -> Step {
		let ayes = self.ayes();
		let body = if self.rng.one_in(4) { Body::Council } else { Body::SecurityCouncil };
		let waiting = self.watch.waiting();
		match (self.rng.one_in(3), self.one_of(&waiting)) {
			(false, Some(referendum)) => {
				self.motion(body, ayes, keel_change_control::Call::<Runtime>::cancel { referendum })
			}
			_ => {
				let open = self.watch.open();
				let Some((ref_index, _)) = self.one_of(&open) else { return Ok(()) };
				self.motion(body, ayes, DemocracyCall::emergency_cancel { ref_index })
			}
		}
	}

	/// A body does by itself what it may, or may not.
	fn act(&mut self) -> Step {
		let (body, ayes, tree) = (BODIES[self.rng.index(4)], self.ayes(), self.tree());
		if self.missing == Missing::Bodies && body == Body::RiskCommittee {
			// As if one body's motions were Root's.
			let _ = tree.call.clone().dispatch_bypass_filter(RuntimeOrigin::root());
		}
		let count = ayes.clamp(1, seated(body).len().max(1)) as u32;
		self.watch.decide(&tree.leaves, body, count, members(body).len() as u32);
		self.motion(body, ayes, tree.call)
	}

	/// An account tries, one way or another.
	fn attack(&mut self) -> Step {
		let (who, other, call) = (self.anybody(), self.anybody(), self.tree().call);
		let other = other.to_account_id();
		let boxed = Box::new(call.clone());
		let length_bound = call.encoded_size() as u32;
		let call: RuntimeCall = match self.rng.below(8) {
			0 => call,
			1 => pallet_utility::Call::batch_all { calls: vec![call] }.into(),
			2 => pallet_utility::Call::as_derivative { index: 1, call: boxed }.into(),
			3 => {
				let real = MultiAddress::Id(other);
				pallet_proxy::Call::proxy { real, force_proxy_type: None, call: boxed }.into()
			}
			4 => {
				let other_signatories = vec![other];
				pallet_multisig::Call::as_multi_threshold_1 { other_signatories, call: boxed }.into()
			}
			5 => {
				let as_origin = Box::new(frame_system::RawOrigin::<AccountId>::Root.into());
				pallet_utility::Call::dispatch_as { as_origin, call: boxed }.into()
			}
			// Alone, and at once.
			6 => {
				let propose = pallet_collective::Call::<Runtime, bodies::SecurityCouncil>::propose {
					threshold: 1,
					proposal: boxed,
					length_bound,
				};
				let real = MultiAddress::Id(other);
				pallet_proxy::Call::proxy { real, force_proxy_type: None, call: Box::new(propose.into()) }
					.into()
			}
			_ => {
				let referendum = self.watch.waiting().first().copied().unwrap_or(0);
				keel_change_control::Call::enact { referendum, weight: Weight::MAX }.into()
			}
		};
		self.send(who, call, Cause::Accounts)
	}

	/// Two sign together.
	fn multisig(&mut self) -> Step {
		let call = self.tree().call;
		let (one, two) = (One.to_account_id(), Two.to_account_id());
		for (who, other) in [(One, two), (Two, one)] {
			let asked = pallet_multisig::Multisigs::<Runtime>::iter_values().next();
			let as_multi = pallet_multisig::Call::<Runtime>::as_multi {
				threshold: 2,
				other_signatories: vec![other],
				maybe_timepoint: asked.map(|asked| asked.when),
				max_weight: weight_of(&call),
				call: Box::new(call.clone()),
			};
			self.send(who, as_multi, Cause::Accounts)?;
		}
		Ok(())
	}

	/// The scheduler is asked for by those who may not.
	fn schedule(&mut self) -> Step {
		let (who, call, after) =
			(self.anybody(), Box::new(self.tree().call), self.rng.below(4) as BlockNumber);
		let schedule = pallet_scheduler::Call::<Runtime>::schedule_after {
			after,
			maybe_periodic: None,
			priority: 0,
			call,
		};
		let cancel = pallet_scheduler::Call::<Runtime>::cancel { when: System::block_number() + 1, index: 0 };
		match self.rng.below(4) {
			0 => self.send(who, schedule, Cause::Accounts),
			1 => self.send(who, cancel, Cause::Accounts),
			_ => {
				let (body, ayes) = (BODIES[self.rng.index(4)], self.ayes());
				self.motion(body, ayes, schedule)
			}
		}
	}

	/// Bytes are stored, taken back, asked for, let go of.
	fn preimage(&mut self) -> Step {
		let tree = self.tree();
		let bytes = tree.call.encode();
		let (who, hash) = (self.anybody(), Hashing::hash(&bytes));
		type Call = pallet_preimage::Call<Runtime>;
		match self.rng.below(5) {
			0 => self.send(who, Call::note_preimage { bytes }, Cause::Accounts),
			1 => {
				let (body, ayes) = (BODIES[self.rng.index(4)], self.ayes());
				self.motion(body, ayes, Call::unrequest_preimage { hash })
			}
			// Whoever it was.
			_ => {
				for who in PEOPLE {
					self.send(who, Call::unnote_preimage { hash }, Cause::Accounts)?;
				}
				Ok(())
			}
		}
	}

	/// Safe mode is entered, extended, left.
	fn pause(&mut self) -> Step {
		let (body, ayes) = (BODIES[self.rng.index(4)], self.ayes());
		let call: RuntimeCall = match self.rng.below(4) {
			0 => pallet_safe_mode::Call::force_enter {}.into(),
			1 => pallet_safe_mode::Call::force_extend {}.into(),
			_ => pallet_safe_mode::Call::force_exit {}.into(),
		};
		// What a body does here is a leaf too.
		let kind = self.watch.kinds.iter().position(|kind| kind.name == "SafeMode.force_enter");
		if let Some(kind) = kind {
			self.watch.leaf(kind, 0);
		}
		self.motion(body, ayes, call)
	}

	/// Somebody approves of an emergency act, or takes the approval back.
	fn approve(&mut self) -> Step {
		let name =
			self.one_of(&["Emergency.act", "TxPause.unpause", "SafeMode.force_enter"]).unwrap_or_default();
		let Some(kind) = self.watch.kinds.iter().position(|kind| kind.name == name) else { return Ok(()) };
		// Few, so that several approve of the same.
		let number = self.watch.kinds[kind].number(self.rng.below(2));
		let leaf = self.watch.leaf(kind, number);
		let act = leaves::approvable(name, number);
		for _ in 0..self.rng.between(1, 4) {
			self.approve_of(leaf, act.clone())?;
		}
		Ok(())
	}

	/// One approval of an act with this effect, or one less.
	fn approve_of(&mut self, leaf: usize, act: Act<AccountId>) -> Step {
		let body = BODIES[self.rng.index(4)];
		let member = self.one_of(&seated(body));
		let who = member.filter(|_| !self.rng.one_in(4)).unwrap_or_else(|| self.anybody());
		let approved = self.watch.approved.entry(leaf).or_default();
		if self.rng.one_in(6) {
			approved.remove(&who.to_account_id());
			let withdraw = keel_emergency::Call::<Runtime>::withdraw_approval { act };
			return self.send(who, withdraw, Cause::Accounts);
		}
		// What counts of it is judged by the seats: a stranger's is none.
		approved.insert(who.to_account_id());
		if self.missing == Missing::Approvals {
			let _ = Emergency::act(RuntimeOrigin::root(), act.clone());
		}
		self.send(who, keel_emergency::Call::<Runtime>::approve { act }, Cause::Approval(leaf))
	}

	/// The guard that is missing.
	fn sabotage(&mut self) {
		let hashes: Vec<Hash> = match self.missing {
			Missing::Adapter => self.watch.open().into_iter().map(|(_, hash)| hash).collect(),
			Missing::Refusals => self.watch.over(),
			_ => return,
		};
		let Some(tree) = self.one_of(&hashes).and_then(|hash| self.watch.trees.get(&hash).cloned()) else {
			return;
		};
		let Ok(bytes) = tree.call.encode().try_into() else { return };
		let _ = <Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::schedule(
			DispatchTime::After(0),
			None,
			63,
			frame_system::RawOrigin::<AccountId>::Root.into(),
			Bounded::Inline(bytes),
		);
	}

	fn blocks(&mut self) -> Step {
		for _ in 0..self.rng.between(1, 4) {
			if System::block_number() + 1 >= BLOCKS {
				break;
			}
			if self.rng.one_in(4) {
				self.sabotage();
			}
			next_block();
			self.watch.count("blocks");
			self.watch.look(Cause::Block)?;
		}
		Ok(())
	}

	/// Who acts for whom.
	pub fn prepare(&mut self) -> Step {
		for (real, delegate, proxy_type) in
			[(Alice, Eve, ProxyType::Governance), (Bob, Two, ProxyType::Any), (One, Two, ProxyType::Any)]
		{
			let delegate = MultiAddress::Id(delegate.to_account_id());
			let add = pallet_proxy::Call::<Runtime>::add_proxy { delegate, proxy_type, delay: 0 };
			self.send(real, add, Cause::Accounts)?;
		}
		Ok(())
	}

	/// Somebody does something.
	pub fn step(&mut self) -> Step {
		type Doing = fn(&mut World) -> Step;
		let doings: [(u64, &str, Doing); 16] = [
			(26, "blocks", Self::blocks),
			(14, "the Council tables", Self::table),
			(5, "a fast track", Self::fast_track),
			(4, "the public proposes", Self::propose),
			(14, "votes", Self::vote),
			(4, "votes are lent", Self::lend),
			(4, "a member alone", Self::execute),
			(5, "a cancellation", Self::cancel),
			(8, "a body acts", Self::act),
			(8, "an account acts", Self::attack),
			(2, "two sign", Self::multisig),
			(3, "the scheduler", Self::schedule),
			(4, "preimages", Self::preimage),
			(3, "safe mode", Self::pause),
			(8, "an approval", Self::approve),
			(1, "nothing", |_| Ok(())),
		];
		let mut point = self.rng.below(doings.iter().map(|(weight, ..)| weight).sum());
		for (weight, name, doing) in doings {
			if point < weight {
				self.log.push(format!("block {}: {name}", System::block_number()));
				return doing(self);
			}
			point -= weight;
		}
		Ok(())
	}
}
