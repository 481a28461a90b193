// SPDX-License-Identifier: Apache-2.0
//! What becomes of the queue: positions are closed at the mark against the other side; what a bankrupt account
//! lacks for one is paid in the step that closes it, by a fund, by the side that gained, by the market.

use crate::{
	faults::Fault,
	invariants::Rule,
	rng::Rng,
	world::{add, note_loss, sub, Account, Cause, Loss, Place, Position, World},
};
use keel_math::{margin::split_deficit, Ended, Generation, Level, MathError, MathResult, Scale, Units, I256};
use keel_primitives::{Price, Quote, Ratio, Side};

impl World {
	/// The queue: bankrupt accounts first, then the most unhealthy.
	pub fn queue(&self) -> Vec<usize> {
		let queued = self.accounts.iter().enumerate().filter(|(_, account)| account.place == Place::Queued);
		let mut queue: Vec<(bool, I256, usize)> = queued
			.filter_map(|(who, account)| {
				let standing = self.standing(account).ok()?;
				Some((!standing.equity.is_negative(), standing.health, who))
			})
			.collect();
		queue.sort();
		queue.into_iter().map(|(_, _, who)| who).collect()
	}

	/// Take up an account. `whole`: all of it now; else some of its markets may have to wait.
	pub fn liquidate(&mut self, who: usize, rng: &mut Rng, whole: bool) -> MathResult<()> {
		self.touch(who, Cause::Touched(None), |_, _| Ok(()))?;
		self.accounts[who].bankrupt = self.standing(&self.accounts[who])?.equity.is_negative();
		self.pay(who, rng)?;
		if self.release(who)? {
			return Ok(());
		}
		for position in self.accounts[who].positions.clone() {
			let waits = !whole && rng.one_in(4);
			if waits || self.markets[position.market].frozen {
				continue;
			}
			let is_bankrupt = self.standing(&self.accounts[who])?.equity.is_negative();
			let part = if !whole && !is_bankrupt { rng.between(1, 10) } else { 10 };
			let units = Units((position.units.0 * u128::from(part)).div_ceil(10));
			self.deleverage(who, position.market, units)?;
			if is_bankrupt {
				self.pay(who, rng)?;
			} else if !whole {
				// A solvent account gives up a part of its equity.
				let equity = self.standing(&self.accounts[who])?.equity()?;
				self.charge(who, Quote(equity.0.max(0) / i128::from(rng.between(2, 20))))?;
			}
			if self.release(who)? {
				return Ok(());
			}
		}
		if self.accounts[who].positions.is_empty() {
			// What was left of its positions was dust.
			self.pay(who, rng)?;
			let released = self.release(who)?;
			self.require(released, Rule::Judged, || format!("nobody pays the debt of account {who}"));
		}
		Ok(())
	}

	/// Let a healthy account go. Answers whether it was.
	fn release(&mut self, who: usize) -> MathResult<bool> {
		if self.standing(&self.accounts[who])?.health.is_negative() {
			return Ok(false);
		}
		self.touch(who, Cause::Touched(None), |_, account| {
			account.place = Place::Idle;
			account.bankrupt = false;
			Ok(())
		})?;
		Ok(true)
	}

	fn charge(&mut self, who: usize, amount: Quote) -> MathResult<()> {
		self.touch(who, Cause::Touched(None), |_, account| {
			account.cash = sub(account.cash, amount)?;
			Ok(())
		})?;
		self.outside -= amount.0;
		Ok(())
	}

	/// Close `units` of an account at the mark against the whole other side.
	pub fn deleverage(&mut self, who: usize, market: usize, units: Units) -> MathResult<()> {
		let Some(position) = self.accounts[who].positions.iter().find(|p| p.market == market).cloned() else {
			return Err(MathError::Insufficient);
		};
		let Position { side, .. } = position;
		let opposite = side.opposite();
		let others = self.bystanders(who, market, opposite);
		let house = self.house(market);
		let rebased = self.touch(who, Cause::Touched(Some(market)), |world, account| {
			let off_mark = world.fault == Some(Fault::OffMark);
			let numbers = &mut world.markets[market];
			if account.place == Place::Queued {
				let lost = numbers.book.side(side).lost(side, units, numbers.mark)?;
				note_loss(account, market, side, lost)?;
			}
			let at = if off_mark { Price(numbers.mark.0 * 99 / 100) } else { numbers.mark };
			let generation = numbers.book.side(opposite).generation;
			let scaled = numbers.book.deleverage(side, units, at)?;
			leave_position(account, market, units, scaled.cash)?;
			if let Some(ended) = scaled.ended {
				numbers.ended.insert((opposite, generation), ended);
				world.count(if ended.is_closed_out() { "side closed out" } else { "side re-based" });
			}
			Ok(scaled.ended.is_some_and(|ended| ended.scale > Scale::ZERO))
		})?;
		self.check_bystanders(others);
		// Re-basing drops a fraction of a unit, a short's in his favour.
		self.check_settling(market, house, rebased);
		Ok(())
	}

	/// The parts of a bankrupt account's debt that belong to positions that are gone.
	fn deficits(&self, account: &Account) -> MathResult<Vec<(Loss, Quote)>> {
		let debt = Quote(-self.standing(account)?.equity()?.0.min(0));
		if debt.is_zero() || account.losses.is_empty() {
			return Ok(Vec::new());
		}
		let mut lost: Vec<Quote> = account.losses.iter().map(|loss| loss.amount).collect();
		for Position { market, side, units, .. } in &account.positions {
			let numbers = &self.markets[*market];
			lost.push(numbers.book.side(*side).lost(*side, *units, numbers.mark)?);
		}
		Ok(account.losses.iter().cloned().zip(split_deficit(debt, &lost)?).collect())
	}

	/// Others pay for what is gone: now and then a fund, a share or all; the rest is laid on who gained.
	fn pay(&mut self, who: usize, rng: &mut Rng) -> MathResult<()> {
		for (loss, part) in self.deficits(&self.accounts[who])? {
			if part.is_zero() {
				continue;
			}
			let from_fund =
				if rng.one_in(4) { Quote(part.0 / 4 * rng.below(5) as i128) } else { Quote::ZERO };
			self.outside += from_fund.0;
			let rest = sub(part, from_fund)?;
			if rest > Quote::ZERO {
				self.socialise(loss.market, loss.side.opposite(), rest)?;
			}
			self.touch(who, Cause::Touched(None), |_, account| {
				account.cash = add(account.cash, part)?;
				account.losses.retain(|l| (l.market, l.side) != (loss.market, loss.side));
				Ok(())
			})?;
		}
		Ok(())
	}

	/// Who bears a loss on `side`: the positions of the present generation; or of the one that has ended, when
	/// nobody else is there, so that units of the next that are too coarse for it let nobody escape. `None` while
	/// a re-based side is converted in part: then nobody can be told apart.
	fn bearers(&self, id: usize, side: Side) -> Option<(Generation, Units)> {
		let market = &self.markets[id];
		let numbers = market.book.side(side);
		let (mut generation, mut units) = (numbers.generation, numbers.units);
		while let Some(last) = generation.0.checked_sub(1).map(Generation) {
			let coarse = self.fault == Some(Fault::LossOnReserved);
			let ended = market.ended.get(&(side, last)).filter(|ended| !coarse || ended.is_closed_out());
			let Some(ended) = ended.filter(|ended| ended.is_alone(units) || !ended.reserved.is_zero()) else {
				break;
			};
			if !ended.is_alone(units) {
				return None;
			}
			(generation, units) = (last, ended.left);
		}
		Some((generation, units))
	}

	/// Lay a loss on `side`, at most what it has gained since the reference. The market owes the rest.
	pub fn socialise(&mut self, id: usize, side: Side, amount: Quote) -> MathResult<()> {
		let house = self.house(id);
		let Some((generation, units)) = self.bearers(id, side) else {
			self.count("loss on a side in conversion");
			return self.markets[id].book.borrow(amount);
		};
		let unbounded = self.fault == Some(Fault::Unbounded);
		let market = &mut self.markets[id];
		let borne = if let Some(ended) = market.ended.get(&(side, generation)).copied() {
			let next = if ended.is_closed_out() {
				Level::ZERO
			} else {
				market.level(side, generation.next(), Ratio::ZERO)?
			};
			let most = if unbounded { amount } else { ended.bearable_at(side, next)?.min(amount) };
			let mut bearing = ended;
			let laid = most > Quote::ZERO && market.book.socialise_ended(side, &mut bearing, most).is_ok();
			market.ended.insert((side, generation), bearing);
			if laid {
				most
			} else {
				Quote::ZERO
			}
		} else {
			let most = if unbounded { amount } else { market.book.bearable(side, market.mark)?.min(amount) };
			let laid = most > Quote::ZERO && market.book.socialise(side, most).is_ok();
			if laid {
				most
			} else {
				Quote::ZERO
			}
		};
		let ended = market.ended.get(&(side, generation)).map(Ended::is_closed_out);
		let owed = sub(amount, borne)?;
		if !owed.is_zero() {
			market.book.borrow(owed)?;
			self.count("loss owed by a market");
		}
		if !borne.is_zero() {
			self.count(match ended {
				None => "loss laid on a side",
				Some(true) => "loss laid on claims",
				Some(false) => "loss laid on a re-based side",
			});
		}
		if self.fault == Some(Fault::LossForHolders) && !borne.is_zero() {
			round_for_holders(self, id, side, generation, units)?;
		}
		self.check_house(id, house);
		if !borne.is_zero() {
			self.check_gain(id, side, generation);
		}
		Ok(())
	}
}

/// Give the last decimal of a loss back to its bearers.
fn round_for_holders(
	world: &mut World,
	id: usize,
	side: Side,
	generation: Generation,
	units: Units,
) -> MathResult<()> {
	let market = &mut world.markets[id];
	let back = Level(if side == Side::Long { 1 } else { -1 });
	let given = I256::from(units.0);
	let ended: Option<&mut Ended> = market.ended.get_mut(&(side, generation));
	match ended {
		Some(ended) => {
			ended.quote = ended.quote.plus(back)?;
			market.book.unsettled = market.book.unsettled.plus(given)?;
		}
		None => {
			let numbers = market.book.side_mut(side);
			numbers.quote = numbers.quote.plus(back)?;
		}
	}
	market.book.dust = market.book.dust.minus(given)?;
	Ok(())
}

/// `units` of a position have become `cash`.
pub fn leave_position(account: &mut Account, market: usize, units: Units, cash: Quote) -> MathResult<()> {
	let index = account.positions.iter().position(|p| p.market == market).ok_or(MathError::Insufficient)?;
	account.cash = add(account.cash, cash)?;
	let position = &mut account.positions[index];
	position.units = position.units.minus(units)?;
	if position.units.is_zero() {
		account.positions.remove(index);
	}
	Ok(())
}
