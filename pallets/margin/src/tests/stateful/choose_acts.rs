// SPDX-License-Identifier: Apache-2.0
//! What liquidation may do with those who are queued: all, a part, a unit, more than there is.

use super::{
	acts::Act,
	choose::{guard, Choice},
	command::Command,
	model::{accounts, peek, Model, Refused, Who},
	path::Path,
	predict::party,
	tally::{At, Edge},
};
use crate::{mock::*, *};
use keel_primitives::*;
use keel_traits::Liquidatable;

impl Path {
	pub fn act(&mut self) -> Option<Choice> {
		let queued: Vec<Who> = accounts()
			.into_iter()
			.filter(|(_, account)| account.place == Place::Queued)
			.map(|(who, _)| who)
			.collect();
		let Some(who) = self.one_of(&queued) else { return self.calm() };
		let deficits = peek(|| Margin::deficits(&who));
		if self.rng.one_in(3) && !deficits.is_empty() {
			return self.cover(who);
		}
		match self.rng.below(12) {
			0..3 => self.hand_over(who),
			3..8 => self.deleverage(who),
			8 => self.charge(who),
			9 => self.cover(who),
			10 => self.release(who),
			_ => self.wait(),
		}
	}

	/// Nobody is queued.
	fn calm(&mut self) -> Option<Choice> {
		match self.rng.below(4) {
			0 | 1 => Choice::plain(Command::Act(Act::Seize { who: self.who() })),
			2 => self.wait(),
			_ => {
				let at = self.at();
				let amount = Quote(self.near_least(<Test as Config>::MinDeposit::get().0, at));
				let act = Act::Give { from: ALICE, to: self.who(), amount };
				Choice::at(Command::Act(act), "AmountTooSmall", at)
			}
		}
	}

	fn wait(&mut self) -> Option<Choice> {
		let waiting: Vec<(MarketId, Side)> = Markets::<Test>::iter()
			.flat_map(|(id, market)| Side::BOTH.map(|side| (id, side, market.watch(side).bankrupt_waiting)))
			.filter_map(|(id, side, waiting)| waiting.then_some((id, side)))
			.collect();
		let act = match self.one_of(&waiting) {
			Some((market, side)) if !self.rng.one_in(4) => Act::Wait { market, side, waiting: false },
			_ => Act::Wait { market: self.any_market(), side: Side::BOTH[self.rng.index(2)], waiting: true },
		};
		Choice::plain(Command::Act(act))
	}

	/// One of the positions of an account, and its size.
	fn position(&mut self, who: Who) -> Option<(MarketId, Side, Size)> {
		let (model, party) = party(who, None);
		let id = self.one_of(&party.account.positions)?.market;
		let (side, size) = model.held(&party.account, id)?;
		Some((id, side, size))
	}

	fn sized(&mut self, held: Size, at: At) -> Size {
		Size(self.near(held.0 as i128, at).clamp(0, 1 << 100) as u128)
	}

	fn hand_over(&mut self, who: Who) -> Option<Choice> {
		let (market, side, held) = self.position(who)?;
		let to = if self.rng.one_in(2) { Who::main(ALICE) } else { self.who() };
		let (model, [from, receiver]) = Model::of([who, to], None);
		let mark = model.market(market).mark;
		let price = match self.rng.below(6) {
			0 => Price(mark.0 / 100 * 99),
			1 => Price(mark.0 / 100 * 101),
			2 if self.rng.one_in(5) => Price::ZERO,
			_ => mark,
		};
		let at = self.at();
		// As much as the receiver just has the margin for, if that is less than all.
		let goes = |size: u128| -> Result<(), Refused> {
			let (mut model, mut party) = (model.clone(), receiver.clone());
			let mut left = from.account.clone();
			model.fill(&mut left, market, side.opposite(), Size(size.min(held.0)), price)?;
			model.fill(&mut party.account, market, side, Size(size), price)?;
			let free = model.surplus(&party.account, Requirement::TakeOver);
			super::model::ensure(free >= 0 && !party.queued, Refused::InsufficientMargin)
		};
		let edge = |guard| Some(Edge { guard, at });
		let (size, edge) = match (goes(1), goes(held.0)) {
			(Ok(()), Err(_)) if price.in_bounds() => {
				let (mut possible, mut impossible) = (1, held.0);
				while impossible - possible > 1 {
					let middle = possible + (impossible - possible) / 2;
					if goes(middle).is_ok() {
						possible = middle;
					} else {
						impossible = middle;
					}
				}
				let refused = goes(possible + 1).err().unwrap_or(Refused::InsufficientMargin);
				(self.sized(Size(possible), at), edge(guard(&refused)))
			}
			_ => (self.sized(held, at), edge("NotReducing")),
		};
		let act = Act::HandOver { who, to, market, size, price };
		Some(Choice { command: Command::Act(act), edge, target: None })
	}

	fn deleverage(&mut self, who: Who) -> Option<Choice> {
		let (market, _, held) = self.position(who)?;
		// Mostly all of it: that is what scales a side down.
		let at = if self.rng.one_in(2) { At::Limit } else { self.at() };
		let size = self.sized(held, at);
		Choice::at(Command::Act(Act::Deleverage { who, market, size }), "Overflow", at)
	}

	fn charge(&mut self, who: Who) -> Option<Choice> {
		let (model, party) = party(who, None);
		let equity = model.standing(&party.account).equity().ok()?;
		let at = self.at();
		let amount = Quote(self.near(equity.0.max(0), at));
		Choice::plain(Command::Act(Act::Charge { who, amount }))
	}

	fn cover(&mut self, who: Who) -> Option<Choice> {
		let deficits = peek(|| Margin::deficits(&who));
		let Some(deficit) = self.one_of(&deficits) else {
			return Choice::plain(Command::Act(Act::Forget { who }));
		};
		let kept = world(|world| world.other_claims.0).max(0);
		let part = [0, deficit.amount.0, deficit.amount.0 / 2, 1][self.rng.index(4)];
		let paid = Quote(part.min(kept));
		Choice::plain(Command::Act(Act::Cover { who, deficit, paid }))
	}

	fn release(&mut self, who: Who) -> Option<Choice> {
		Choice::plain(Command::Act(Act::Release { who }))
	}
}
