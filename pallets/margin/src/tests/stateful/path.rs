// SPDX-License-Identifier: Apache-2.0
//! A path: commands one after the other, each foretold, each checked.

use super::{
	acts::Act,
	checks::{self, Checked},
	choose::{Choice, Plan},
	command::{name_of, Command},
	controls::{Fault, Tamper},
	model::{accounts, Who},
	predict::{predict, Change},
	rng::Rng,
	tally::{At, Tally},
	views,
};
use crate::{mock::*, *};
use frame_support::traits::fungible::Mutate;
use keel_primitives::*;
use keel_traits::Custody;
use std::collections::{BTreeMap, VecDeque};

/// Who acts: one who has much, and six others.
pub const OWNERS: [AccountId; 7] = [ALICE, 10, 11, 12, 13, 14, 15];
/// Sub-accounts of each.
pub const SUBS: u8 = 3;
/// The markets: the two of the mock and four that were listed later, by a price to begin with, in cents.
pub const LISTED: [(MarketId, &str, u128); 4] = [
	(MarketId(2), "ONE-PERP", 100),
	(MarketId(3), "TEN-PERP", 10_00),
	(MarketId(4), "CENT-PERP", 5),
	(MarketId(5), "CHF-PERP", 30_000),
];

/// What was done on a path. Printed when a panic ends it.
pub struct Log {
	pub seed: u64,
	pub steps: Vec<(u64, Command, Option<String>)>,
}

impl Log {
	pub fn print(&self) {
		for (index, (block, command, outcome)) in self.steps.iter().enumerate() {
			let outcome = outcome.as_deref().unwrap_or("?");
			println!("{index:4} block {block:3} {outcome}: {command:?}");
		}
		println!("again with KEEL_SEED={} KEEL_SEQUENCES=1", self.seed);
	}
}

impl Drop for Log {
	fn drop(&mut self) {
		if std::thread::panicking() {
			self.print();
		}
	}
}

pub struct Path {
	pub rng: Rng,
	pub fault: Option<Fault>,
	/// Done to what is stored after every command, in a control.
	pub tamper: Option<Tamper>,
	pub plans: VecDeque<Plan>,
	pub tally: Tally,
	pub log: Log,
	issued: u128,
	heard: usize,
}

/// What being filed again costs: what the least position of the first rules brings in.
pub const FEE: Quote = Quote(50_000);

impl Path {
	pub fn new(seed: u64, fault: Option<Fault>, tamper: Option<Tamper>, tally: Tally) -> Self {
		let log = Log { seed, steps: Vec::new() };
		Self { rng: Rng::new(seed), fault, tamper, plans: VecDeque::new(), tally, log, issued: 0, heard: 0 }
	}

	/// The world in which a path begins.
	fn begin(&mut self) {
		world(|world| (world.refiling_fee, world.maintenance_step) = (FEE, Ratio::basis_points(50)));
		Usdk::mint_into(&ALICE, 100_000_000_000_000).expect("fits");
		for (id, name, cents) in LISTED {
			set_price(feed(id), Price(Price::ONE.0 / 100 * cents), PriceState::Valid);
			let name = name.as_bytes().to_vec().try_into().expect("short");
			Margin::list_market(RuntimeOrigin::root(), feed(id), name, self.rules_of_new())
				.expect("it is new");
		}
		// What others keep, to pay for losses with.
		Margin::pull(&ALICE, Quote::dollars(20_000)).expect("she has as much");
		world(|world| world.other_claims = Quote::dollars(20_000));
		let past = self.rng.below(2_000_000);
		world(|world| world.now += past);
		next_block();
		for owner in OWNERS {
			let dollars = if owner == ALICE { 900_000 } else { self.rng.between(1_000, 200_000) as i64 };
			Margin::deposit(signed(owner), SubAccount(0), Quote::dollars(dollars)).expect("it has as much");
		}
		self.issued = Usdk::total_issuance();
		System::reset_events();
	}

	/// Of a market that is listed: in one of three a few traders are a crowd.
	fn rules_of_new(&mut self) -> MarketParams {
		let mut rules = params();
		if self.rng.one_in(3) {
			rules.initial.soft_cap = Quote::dollars(50_000);
			rules.initial.hard_cap = Quote::dollars(1_000_000);
		}
		rules
	}

	pub fn run(&mut self, steps: u64) -> Checked {
		self.begin();
		for _ in 0..steps {
			let choice = self.choose();
			self.log.steps.push((System::block_number(), choice.command.clone(), None));
			let outcome = self.play(choice)?;
			if let Some(last) = self.log.steps.last_mut() {
				last.2 = Some(outcome);
			}
			if let Some(tamper) = self.tamper {
				tamper.apply();
			}
			checks::state(self.issued)?;
			self.listen();
		}
		self.tally.paths += 1;
		Ok(())
	}

	/// Do it, and compare what came with what was foretold.
	fn play(&mut self, choice: Choice) -> Result<String, String> {
		let Choice { command, edge, target } = choice;
		let kind = command.kind();
		let before = accounts();
		if let Command::Block(block) = &command {
			self.heard = 0;
			let expected = block.expect(self.fault);
			command.run().expect("a block comes");
			let whole = block.judgings.is_none();
			expected.compare(&before, whole)?;
			if whole {
				checks::nobody_is_missed()?;
			}
			self.tally.note(kind, None, &Ok(()));
			if let (Some(edge), Some(who)) = (edge, target) {
				let met = match edge.guard {
					"found" => expected.found.contains(&who),
					"called" => expected.called.contains(&who) || expected.found.contains(&who),
					_ => before.get(&who) != accounts().get(&who),
				};
				// Who is filed again because of another key pays for it, and may be called by that.
				let paid = edge.guard == "called" && expected.fees.contains_key(&who);
				if met != (edge.at == At::Beyond) && !paid {
					return Err(format!("{who:?} at its limit: {met} for {edge:?}"));
				}
				let count = self.tally.met(kind, edge.guard);
				if met {
					count.beyond += 1;
				} else {
					count.at += 1;
				}
			}
			return Ok(format!("found {:?}, called {:?}", expected.found, expected.called));
		}

		let expected = self.foretell(&command);
		let fingerprint = expected.is_err().then(checks::fingerprint);
		let others = if let Command::Act(act) = &command { act.before() } else { None };
		let told = world(|world| world.unhealthy.len());
		let rates = match &command {
			Command::SetParams { market, .. } => rates_of(&before, *market),
			_ => Vec::new(),
		};
		let result = command.run();
		let outcome = name_of(&result);
		let foretold = expected.as_ref().err().map_or("ok", String::as_str);
		if outcome != foretold {
			return Err(format!("{outcome}, not {foretold}"));
		}
		if let Command::SetParams { market, .. } = &command {
			// Whatever the table, nobody's rate is another at once.
			if rates != rates_of(&before, *market) {
				return Err("a table has changed somebody's rate".into());
			}
		}
		match expected {
			Err(_) => {
				if fingerprint != Some(checks::fingerprint()) {
					return Err(format!("{outcome} has left something behind"));
				}
				// This is of the world, which forgets nothing.
				world(|world| world.unhealthy.truncate(told));
			}
			Ok(changes) => checks::changes(&before, &changes, released(&command))?,
		}
		if let (Command::Act(act), Some(others), true) = (&command, &others, result.is_ok()) {
			act.after(others)?;
		}
		if let Command::View { who, market, side, price } = &command {
			if result.is_ok() {
				views::is_largest(*who, *market, *side, *price, self.fault, &mut self.rng)?;
			}
		}
		self.tally.note(kind, edge, &result);
		Ok(outcome)
	}

	/// The accounts that will change, or the name of the error.
	fn foretell(&self, command: &Command) -> Result<Vec<Change>, String> {
		match command {
			Command::SetParams { fault: Some(fault), .. } => Err((*fault).into()),
			_ => predict(command, self.fault).map_err(|refused| name_of(&Err(refused.into()))),
		}
	}

	/// Count what the chain has told.
	fn listen(&mut self) {
		let events = System::events();
		for record in events.iter().skip(self.heard) {
			let RuntimeEvent::Margin(event) = &record.event else { continue };
			let name = match event {
				Event::GenerationEnded { closed_out: true, .. } => "side closed out",
				Event::GenerationEnded { closed_out: false, .. } => "side re-based",
				Event::PositionSettled { .. } => "position settled",
				Event::LossSocialised { .. } => "loss socialised",
				Event::DebtBooked { .. } => "debt booked",
				Event::MarginCalled { .. } => "margin called",
				Event::FoundUnhealthy { .. } => "found unhealthy",
				Event::Released { .. } => "released",
				Event::LeavingRefused { reason: Refusal::NotEnoughFreeCollateral, .. } => {
					"leaving refused: free"
				}
				Event::LeavingRefused { reason: Refusal::PriceUnavailable, .. } => "leaving refused: price",
				Event::LeavingRefused { reason: Refusal::InLiquidation, .. } => {
					"leaving refused: liquidation"
				}
				Event::FundingAccounted { .. } => "funding accounted",
				Event::OfferExpired { .. } => "offer expired",
				_ => continue,
			};
			*self.tally.outcomes.entry(("it happened", name.into())).or_default() += 1;
		}
		self.heard = events.len();
	}
}

fn released(command: &Command) -> Option<Who> {
	match command {
		Command::Act(Act::Release { who }) => Some(*who),
		_ => None,
	}
}

/// The maintenance rates of all positions in a market.
fn rates_of(accounts: &BTreeMap<Who, Account<Test>>, id: MarketId) -> Vec<Ratio> {
	let market = market(id);
	let positions = accounts.values().filter_map(|account| account.find(id));
	positions.map(|(_, position)| market.maintenance_rate(position.tier)).collect()
}
