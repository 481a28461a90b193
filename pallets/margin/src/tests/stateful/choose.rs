// SPDX-License-Identifier: Apache-2.0
//! What is done next: the state is read, and an amount chosen that lies at a limit, next to it, or anywhere.

use super::{
	command::Command,
	model::{accounts, Refused, Who},
	path::{Path, LISTED, OWNERS, SUBS},
	predict::party,
	tally::{At, Edge},
};
use crate::{mock::*, *};
use frame_support::traits::fungible::Inspect;
use keel_primitives::*;

/// What is done, where it lies from a limit, and whom that limit concerns.
pub struct Choice {
	pub command: Command,
	pub edge: Option<Edge>,
	pub target: Option<Who>,
}

impl Choice {
	pub fn plain(command: Command) -> Option<Self> {
		Some(Self { command, edge: None, target: None })
	}

	pub fn at(command: Command, guard: &'static str, at: At) -> Option<Self> {
		Some(Self { command, edge: Some(Edge { guard, at }), target: None })
	}
}

/// What is to follow.
pub enum Plan {
	Accept {
		who: Who,
		offer: u64,
		intent: Intent,
		edge: Option<Edge>,
	},
	/// The same offer once more by the same maker.
	Offer(OfferOf<Test>),
	Withdraw,
	Restore {
		market: MarketId,
		params: Box<MarketParams>,
	},
}

impl Path {
	pub fn choose(&mut self) -> Choice {
		while let Some(plan) = self.plans.pop_front() {
			if let Some(choice) = self.planned(plan) {
				return choice;
			}
		}
		loop {
			let is_queue = accounts().values().any(|account| account.place == Place::Queued);
			let choice = match self.rng.below(100) {
				_ if is_queue && self.rng.one_in(3) => self.act(),
				0..6 => self.deposit(),
				6..18 => self.leave(),
				18..42 => self.trade(),
				42..47 => self.offer(),
				47..58 => self.reduce(),
				58..61 => self.accept(),
				61..64 => self.cancel(),
				64..67 => self.leverage(),
				67..68 => self.repay(),
				68..72 => self.rules(),
				72..74 => self.status(),
				74..77 => self.view(),
				77..78 => self.short(),
				78..80 => self.act(),
				_ => self.block(),
			};
			if let Some(choice) = choice {
				return choice;
			}
		}
	}

	fn planned(&mut self, plan: Plan) -> Option<Choice> {
		match plan {
			Plan::Accept { who, offer, intent, edge } => {
				Offers::<Test>::get(offer)?;
				Some(Choice { command: Command::Accept { who, offer, intent }, edge, target: None })
			}
			Plan::Offer(terms) => Choice::at(Command::Offer { terms }, "TooManyOffers", At::Any),
			Plan::Withdraw => self.leave(),
			Plan::Restore { market, params } => {
				// Unless the rates have moved away from it meanwhile.
				let mut next = crate::mock::market(market);
				let fits = next.set_params(*params).is_ok() && params.check_at(&next.tiers).is_ok();
				Choice::plain(Command::SetParams { market, params, fault: None }).filter(|_| fits)
			}
		}
	}

	pub fn owner(&mut self) -> AccountId {
		OWNERS[self.rng.index(OWNERS.len())]
	}

	/// Any account, mostly a main one.
	pub fn who(&mut self) -> Who {
		let sub = if self.rng.one_in(3) { self.rng.below(SUBS.into()) as u8 } else { 0 };
		Who::new(self.owner(), SubAccount(sub))
	}

	/// An account that holds something.
	pub fn holder(&mut self) -> Option<Who> {
		let holders: Vec<Who> = accounts()
			.into_iter()
			.filter(|(_, account)| !account.positions.is_empty())
			.map(|(who, _)| who)
			.collect();
		self.one_of(&holders)
	}

	pub fn one_of<T: Clone>(&mut self, list: &[T]) -> Option<T> {
		if list.is_empty() {
			return None;
		}
		Some(list[self.rng.index(list.len())].clone())
	}

	pub fn any_market(&mut self) -> MarketId {
		match self.rng.below(10) {
			0..4 => BTC,
			4..7 => ETH,
			_ => LISTED[self.rng.index(LISTED.len())].0,
		}
	}

	/// A place from a limit.
	pub fn at(&mut self) -> At {
		match self.rng.below(20) {
			0..5 => At::Limit,
			5..10 => At::Beyond,
			10..12 => At::Within,
			12..15 => At::Half,
			15 => At::One,
			16 => At::Zero,
			17 => At::Most,
			_ => At::Any,
		}
	}

	/// An amount at a place from the most there may be.
	pub fn near(&mut self, most: i128, at: At) -> i128 {
		match at {
			At::Limit => most,
			At::Beyond => most.saturating_add(1),
			At::Within => most - 1,
			At::Half => most / 2,
			At::One => 1,
			At::Zero => 0,
			At::Most => i128::MAX,
			At::Any => most / 1_000 * i128::from(self.rng.between(1, 1_100)),
		}
	}

	/// An amount at a place from the least there may be.
	pub fn near_least(&mut self, least: i128, at: At) -> i128 {
		match at {
			At::Limit => least,
			At::Beyond => least - 1,
			At::Within => least + 1,
			_ => self.near(least, at),
		}
	}

	fn deposit(&mut self) -> Option<Choice> {
		let (who, at) = (self.who(), self.at());
		let least = <Test as Config>::MinDeposit::get().0;
		let (amount, guard) = match self.rng.below(4) {
			0 => (self.near_least(least, at), "AmountTooSmall"),
			1 => (self.near(Usdk::balance(&who.owner) as i128, at), "InsufficientBalance"),
			_ => (Quote::dollars(self.rng.between(10, 50_000) as i64).0, ""),
		};
		Choice::at(Command::Deposit { who, amount: Quote(amount) }, guard, at)
	}

	pub fn leave(&mut self) -> Option<Choice> {
		let who = if self.rng.one_in(3) { self.who() } else { self.holder().unwrap_or(self.who()) };
		let to = match self.rng.below(2) {
			0 => Destination::Owner,
			_ => Destination::Sub(SubAccount(self.rng.below(SUBS.into()) as u8)),
		};
		let (model, party) = party(who, None);
		let (free, at) = (model.surplus(&party.account, Requirement::Withdrawal), self.at());
		// Several in a row: the queue is short.
		if self.rng.one_in(12) {
			self.plans.extend((0..6).map(|_| super::choose::Plan::Withdraw));
		}
		let (amount, guard) = match self.rng.below(4) {
			0 => (self.near_least(<Test as Config>::MinWithdrawal::get().0, at), "WithdrawalTooSmall"),
			_ => (self.near(free, at), "InsufficientFreeCollateral"),
		};
		Choice::at(Command::Leave { who, to, amount: Quote(amount) }, guard, at)
	}

	fn short(&mut self) -> Option<Choice> {
		let who = self.who();
		Choice::plain(Command::Short { who, amount: Quote(self.rng.below(3) as i128) })
	}

	fn cancel(&mut self) -> Option<Choice> {
		let offers: Vec<_> = Offers::<Test>::iter().map(|(id, terms)| (id, terms.maker.owner)).collect();
		let (offer, maker) = self.one_of(&offers).unwrap_or((OfferIds::<Test>::get().next, ALICE));
		let owner = if self.rng.one_in(3) { self.owner() } else { maker };
		let offer = if self.rng.one_in(10) { offer + 1 } else { offer };
		Choice::plain(Command::Cancel { owner, offer })
	}

	fn leverage(&mut self) -> Option<Choice> {
		let who = self.who();
		let (times, at) = match self.rng.below(8) {
			0 => (Some(1_000), At::Limit),
			1 => (Some(1_001), At::Beyond),
			2 => (Some(0), At::Zero),
			3 => (Some(1), At::One),
			4 => (Some(u32::MAX), At::Most),
			5 => (Some(self.rng.between(2, 30) as u32), At::Any),
			_ => (None, At::Any),
		};
		Choice::at(Command::SetLeverage { who, leverage: times }, "InvalidLeverage", at)
	}

	fn repay(&mut self) -> Option<Choice> {
		let owing: Vec<_> =
			Markets::<Test>::iter().filter(|(_, market)| !market.book.debt.is_zero()).collect();
		let (market, debt) = match self.one_of(&owing) {
			Some((id, market)) => (id, market.book.debt),
			None => (MarketId(self.rng.below(8) as u32), Quote::ZERO),
		};
		let at = self.at();
		let amount = Quote(self.near(debt.0, at));
		Choice::plain(Command::Repay { owner: self.owner(), market, amount })
	}

	fn view(&mut self) -> Option<Choice> {
		let who = self.holder().unwrap_or(self.who());
		let market = self.any_market();
		let (price, _) = self.price(market);
		let side = Side::BOTH[self.rng.index(2)];
		Choice::plain(Command::View { who, market, side, price })
	}
}

/// The name by which a refusal guards a limit.
pub fn guard(refused: &Refused) -> &'static str {
	refused.as_str()
}
