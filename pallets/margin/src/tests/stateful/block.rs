// SPDX-License-Identifier: Apache-2.0
//! A block: whom it will find, whom it will call, what it will pay, and whom it will leave alone.

use super::{
	controls::Fault,
	model::{accounts, peek, Model, Who},
};
use crate::{mock::*, *};
use frame_support::{
	traits::Hooks,
	weights::{Weight, WeightMeter},
};
use keel_primitives::*;
use keel_traits::Observation;
use std::collections::{BTreeMap, BTreeSet};

/// What is new in a block.
#[derive(Clone, Debug, Default)]
pub struct Block {
	/// Milliseconds since the last one.
	pub elapsed: Moment,
	/// What the feeds say, where they say something new.
	pub feeds: Vec<(MarketId, Observation)>,
	/// What the order books would pay.
	pub impacts: Vec<(MarketId, Option<Price>)>,
	/// Whether no price lands.
	pub silent: bool,
	/// Whether the chain is in safe mode.
	pub shut: bool,
	/// How many accounts the hook has weight to judge; as many as there are without it.
	pub judgings: Option<u64>,
}

/// What must come of it.
#[derive(Debug, Default)]
pub struct Expected {
	/// Withdrawals and transfers, in order, and why they are refused.
	pub leaving: Vec<(Who, Option<Refusal>)>,
	pub found: BTreeSet<Who>,
	pub called: BTreeSet<Who>,
	/// What who is filed again pays for it.
	pub fees: BTreeMap<Who, Quote>,
	/// Who may also be called, or not, and pay or not: it is judged for another reason than a key.
	touched: BTreeSet<Who>,
	/// Who stays as he is, to the last bit.
	still: BTreeMap<Who, Account<Test>>,
}

impl Block {
	/// The world of the block, before its hook has run.
	pub fn dawn(&self) {
		System::set_block_number(System::block_number() + 1);
		System::reset_events();
		end_round();
		world(|world| {
			world.silent_since = self.silent.then(|| world.silent_since.unwrap_or(world.now));
			world.safe_mode = self.shut;
			world.now += self.elapsed;
			world.unhealthy.clear();
			for (id, observation) in &self.feeds {
				world.prices.insert(feed(*id), *observation);
			}
			for (id, impact) in &self.impacts {
				match impact {
					Some(price) => world.impact.insert(*id, *price),
					None => world.impact.remove(id),
				};
			}
			world.hook_weight = match self.judgings {
				None => World::default().hook_weight,
				Some(count) => {
					let markets = u64::from(NextMarket::<Test>::get().0);
					let all = <() as WeightInfo>::open_market().saturating_mul(markets);
					all.saturating_add(Margin::judging().saturating_mul(count))
				}
			};
		});
	}

	pub fn run(&self) {
		self.dawn();
		let used = Margin::on_initialize(System::block_number());
		let most: Weight = world(|world| world.hook_weight);
		assert!(used.all_lte(most), "the hook used {used:?} of {most:?}");
	}

	/// The same with levels moved and nothing else done.
	pub fn levels(&self) {
		self.dawn();
		Margin::open_markets(&mut WeightMeter::new());
	}

	pub fn expect(&self, fault: Option<Fault>) -> Expected {
		peek(|| {
			self.levels();
			let mut expected = Expected::default();
			let mut moved = BTreeSet::new();
			let waiting: BTreeMap<u64, _> = LeavingQueue::<Test>::iter().collect();
			for entry in waiting.into_values() {
				if self.shut || waits(&entry) {
					continue;
				}
				let account = Margin::current(&entry.account).expect("fits");
				let mut free = Model::now(fault).surplus(&account, Requirement::Withdrawal);
				free += if fault == Some(Fault::LeavingIgnored) { 0 } else { account.leaving.0 };
				let refusal = match () {
					() if account.place == Place::Queued => Some(Refusal::InLiquidation),
					() if !Model::now(fault).money_may_leave(&account) => Some(Refusal::PriceUnavailable),
					() if free < entry.amount.0 => Some(Refusal::NotEnoughFreeCollateral),
					// Who has lost it owes it still.
					() if entry.to == Destination::Owner && Custodied::<Test>::get() < entry.amount => {
						Some(Refusal::PaymentFailed)
					}
					() => None,
				};
				moved.insert(entry.account);
				if let Destination::Sub(sub) = entry.to {
					moved.insert(Who::new(entry.account.owner, sub));
				}
				expected.leaving.push((entry.account, refusal));
				Margin::execute_leaving(entry);
			}
			let now = System::block_number();
			moved.extend(
				Offers::<Test>::iter_values().filter(|terms| terms.expires < now).map(|terms| terms.maker),
			);
			let model = Model::now(fault);
			for (who, account) in accounts() {
				expected.note(&model, who, account, moved.contains(&who));
			}
			expected
		})
	}
}

/// Whether a market had no price since the money was asked for, and may have one yet.
fn waits(entry: &Leaving<AccountId, u64>) -> bool {
	let (model, account) = (Model::now(None), Margin::stored(&entry.account));
	let has_landed = |position: &Position| model.observed(position.market).landed_at > entry.asked_at;
	account.place != Place::Queued
		&& model.money_may_leave(&account)
		&& !account.positions.iter().all(has_landed)
}

impl Expected {
	fn note(&mut self, model: &Model, who: Who, account: Account<Test>, moved: bool) {
		let ended = account.positions.iter().any(|position| {
			let market = model.market(position.market);
			market.watch(position.side).drained_to <= position.generation
				&& position.generation < market.book.side(position.side).generation
		});
		if account.place == Place::Filed {
			let current = peek(|| Margin::current(&who).expect("fits"));
			let health = model.standing(&current).health().expect("fits");
			let fires = account.positions.iter().any(|position| model.has_fired(position));
			let fee = if fires && !ended { model.refiling_fee(&account, health) } else { Quote::ZERO };
			if !fee.is_zero() && !health.is_negative() {
				self.fees.insert(who, fee);
			}
			if health.is_negative() {
				self.found.insert(who);
			} else if ended {
				self.touched.insert(who);
			} else if account.warning.is_some_and(|reserve| health.0 - fee.0 < reserve.0) {
				self.called.insert(who);
			}
		}
		let fires = account.positions.iter().any(|position| model.has_fired(position));
		if !ended && !fires && !moved {
			self.still.insert(who, account);
		}
	}

	/// Whether it came so. What there was no weight for may have been left.
	pub fn compare(&self, before: &BTreeMap<Who, Account<Test>>, whole: bool) -> Result<(), String> {
		let after = accounts();
		let queued = |all: &BTreeMap<Who, Account<Test>>| -> BTreeSet<Who> {
			all.iter().filter(|(_, account)| account.place == Place::Queued).map(|(who, _)| *who).collect()
		};
		let found = &queued(&after) - &queued(before);
		let told: Vec<Who> = world(|world| world.unhealthy.iter().map(|(who, _)| *who).collect());
		if told.len() != found.len() || told.iter().any(|who| !found.contains(who)) {
			return Err(format!("told of {told:?}, found {found:?}"));
		}
		let Heard { called, leaving, mut fees } = heard();
		fees.retain(|who, _| !self.touched.contains(who));
		if whole {
			if found != self.found {
				return Err(format!("found {found:?}, not {:?}", self.found));
			}
			let others = &called - &self.called;
			if !self.called.is_subset(&called) || !others.is_subset(&self.touched) {
				return Err(format!("called {called:?}, not {:?}", self.called));
			}
			if fees != self.fees {
				return Err(format!("{fees:?} were paid for filing again, not {:?}", self.fees));
			}
			if leaving != self.leaving {
				return Err(format!("of withdrawals came {leaving:?}, not {:?}", self.leaving));
			}
		} else if !self.leaving.starts_with(&leaving) {
			return Err(format!("of withdrawals came {leaving:?}, not the first of {:?}", self.leaving));
		}
		for (who, account) in &self.still {
			if after.get(who) != Some(account) {
				return Err(format!("{who:?} was to stay {account:?}, is {:?}", after.get(who)));
			}
		}
		Ok(())
	}
}

/// Who was called, what became of withdrawals, and who paid for being filed again, by the events of the block.
#[derive(Default)]
struct Heard {
	called: BTreeSet<Who>,
	leaving: Vec<(Who, Option<Refusal>)>,
	fees: BTreeMap<Who, Quote>,
}

fn heard() -> Heard {
	let mut heard = Heard::default();
	for record in System::events() {
		let RuntimeEvent::Margin(event) = record.event else { continue };
		match event {
			Event::MarginCalled { account, .. } => {
				heard.called.insert(account);
			}
			Event::LeavingRefused { account, reason, .. } => heard.leaving.push((account, Some(reason))),
			Event::Withdrawn { account, .. } | Event::Transferred { from: account, .. } => {
				heard.leaving.push((account, None));
			}
			Event::RefilingFeePaid { account, amount, .. } => {
				heard.fees.insert(account, amount);
			}
			_ => {}
		}
	}
	heard
}
