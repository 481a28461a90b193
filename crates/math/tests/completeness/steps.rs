// SPDX-License-Identifier: Apache-2.0
//! Random paths: blocks in which levels move, keys are walked, the queue is worked off, and accounts do what
//! they like.

use crate::{
	faults::Fault,
	invariants::{Rule, Snapshot},
	rng::Rng,
	waterfall::leave_position,
	world::{add, side_index, Account, Cause, Market, Place, Position, World},
};
use keel_math::{
	book::FUNDING_PERIOD_MS,
	margin::{price_at_zero, size_worth},
	units::{size_of, units_for, units_to_close, SIZE_MAX},
	FundingRate, MathError, MathResult, Units, I256,
};
use keel_primitives::{Price, Quote, Ratio, Side, Size};

const BLOCKS: u32 = 20;

/// How accounts and markets hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
	/// Accounts hold positions in several markets. The hook may run out of weight, the queue may have to wait.
	Crossed,
	/// Each account trades in one market, and whoever is found is closed in the same block.
	Isolated,
}

/// A random path of a world.
pub struct Path {
	pub world: World,
	rng: Rng,
	shape: Shape,
	/// Exponents of what accounts come with, in units of money.
	wealth: (u32, u32),
}

impl Path {
	pub fn new(seed: u64, shape: Shape, fault: Option<Fault>) -> Self {
		let mut rng = Rng::new(seed);
		// Exponents: wealth in 1e-6 dollars, prices in 1e-18 dollars.
		let (wealth, prices) = match rng.below(8) {
			0 => ((0, 7), (18, 24)),
			1 => ((18, 32), (12, 26)),
			2 => ((3, 20), (12, 26)),
			_ => ((6, 13), (16, 22)),
		};
		let mut world = World { fault, ..World::default() };
		let markets = rng.between(1, if shape == Shape::Crossed { 4 } else { 2 });
		for _ in 0..markets {
			let mark = Price(rng.magnitude(prices.0, prices.1)).clamp(Price::MIN, Price::MAX);
			let rate = Ratio::basis_points(rng.between(50, 1_000) as u32);
			world.markets.push(Market::new(mark, rate, rng.between(1, 200_000_000)));
		}
		world.accounts = vec![Account::default(); rng.between(3, 8) as usize];
		let mut path = Self { world, rng, shape, wealth };
		for who in 0..path.world.accounts.len() {
			let amount = path.fortune();
			path.change_cash(who, amount);
		}
		path
	}

	fn fortune(&mut self) -> Quote {
		Quote(self.rng.magnitude(self.wealth.0, self.wealth.1) as i128)
	}

	/// Run it to its end, or until `stop` says so.
	pub fn run_until(&mut self, stop: impl Fn(&World) -> bool) {
		for _ in 0..BLOCKS {
			if self.block().is_err() {
				// Where a market stands still nobody can be judged in it; nowhere else.
				let frozen = self.world.markets.iter().any(|market| market.frozen);
				self.world.require(frozen, Rule::Judged, || "an account cannot be judged".into());
				break;
			}
			if stop(&self.world) {
				break;
			}
		}
	}

	fn block(&mut self) -> MathResult<()> {
		let before = Snapshot::of(&self.world);
		for market in 0..self.world.markets.len() {
			self.move_levels(market);
		}
		self.world.check_found(false);

		let out_of_weight = self.shape == Shape::Crossed && self.rng.one_in(8);
		let mut weight = if out_of_weight { self.rng.below(4) } else { u64::MAX };
		let walked = self.world.judge_fired(self.rng.index(self.world.markets.len()), &mut weight)?;
		self.world.check_found(walked);
		self.world.check();

		// Settling has rounded what had ended: that is no part of the losses that come now.
		let moved = Snapshot::of(&self.world);
		let closed = self.world.queue();
		let mut sinks: Vec<I256> = self.world.markets.iter().map(|market| market.book.sink).collect();
		for who in closed.iter().copied() {
			self.liquidate(who);
			for (most, market) in sinks.iter_mut().zip(&self.world.markets) {
				if most.parts().1 < market.book.sink.parts().1 {
					*most = market.book.sink;
				}
			}
			self.world.check_found(false);
			self.world.check();
		}
		if self.shape == Shape::Isolated && self.world.markets.iter().all(|market| !market.frozen) {
			before.check_losses(&moved, &mut self.world, &sinks, &closed);
		}

		for _ in 0..self.rng.below(6) {
			self.transaction();
			self.world.check_found(false);
			self.world.check();
		}
		Ok(())
	}

	/// Funding for the time that has passed, a new mark, now and then another rate: whole or not at all.
	fn move_levels(&mut self, id: usize) {
		let to_pay = Side::BOTH.map(|side| self.world.may_have_to_pay(id, side));
		let market = &mut self.world.markets[id];
		for (side, to_pay) in Side::BOTH.into_iter().zip(to_pay) {
			if !to_pay {
				// A value out of range leaves the reference where it was.
				let _ = market.book.set_reference(side, market.mark);
			}
		}
		if self.rng.one_in(4) || market.frozen {
			return;
		}
		let mark = self.price_after(id);
		let mut next = self.world.markets[id].clone();
		for side in Side::BOTH {
			next.old_levels[side_index(side)] = next.maintenance_level(side).unwrap_or_default();
		}
		let rate = FundingRate(self.rng.between(0, 20_000_000) as i64 - 10_000_000);
		let elapsed = self.rng.between(0, FUNDING_PERIOD_MS);
		next.mark = mark;
		if self.rng.one_in(8) {
			next.rate = Ratio::basis_points(self.rng.between(50, 1_000) as u32);
		}
		let moved = (|| {
			next.book.fund(self.world.markets[id].mark, rate, elapsed)?;
			next.maintenance_level(Side::Long)?;
			next.maintenance_level(Side::Short)
		})();
		if moved.is_ok() {
			self.world.markets[id] = next;
		} else {
			self.world.markets[id].frozen = true;
		}
	}

	/// Mostly within 2 %, one time in ten a jump of 20 to 90 %; often to where somebody's health ends, or about
	/// there; now and then by a hair or not at all.
	fn price_after(&mut self, id: usize) -> Price {
		let mark = self.world.markets[id].mark;
		let parts = match self.rng.below(20) {
			0 | 1 => self.rng.between(200_000, 900_000),
			2 => return mark,
			3 => return Price(mark.0 + 1).clamp(Price::MIN, Price::MAX),
			4..=9 => {
				let end = self.end_of_health(id).filter(|end| end.0 > mark.0 / 4 && end.0 < mark.0 * 4);
				return end.unwrap_or(mark).clamp(Price::MIN, Price::MAX);
			}
			_ => self.rng.between(0, 20_000),
		};
		let step = mark.0 / 1_000_000 * u128::from(parts);
		let up = self.rng.one_in(2);
		let price = if up { mark.0 + step } else { mark.0.saturating_sub(step) };
		Price(price).clamp(Price::MIN, Price::MAX)
	}

	/// The price at which somebody's health is used up, the one before or after, or half a percent beyond.
	fn end_of_health(&mut self, id: usize) -> Option<Price> {
		let account = &self.world.accounts[self.rng.index(self.world.accounts.len())];
		let position = account.positions.iter().find(|position| position.market == id)?;
		let market = &self.world.markets[id];
		let (side, mark) = (position.side, market.mark);
		let scale = market.book.side(side).scale;
		let health = self.world.standing(account).ok()?.health;
		let end = price_at_zero(health, side, position.units, scale, mark, market.rate).ok()??.0;
		let beyond = end.abs_diff(mark.0) / 200;
		Some(Price(match (self.rng.below(4), end < mark.0) {
			(0, _) => end,
			(1, _) => end.saturating_add(1),
			(2, _) => end.saturating_sub(1),
			(_, true) => end.saturating_sub(beyond),
			(_, false) => end.saturating_add(beyond),
		}))
	}

	fn liquidate(&mut self, who: usize) {
		let whole = self.shape == Shape::Isolated;
		let late = self.world.fault == Some(Fault::ClosedLate) && self.rng.one_in(2);
		let later = !whole && self.rng.one_in(3);
		if late || later || self.world.accounts[who].place != Place::Queued {
			return;
		}
		let rng = &mut self.rng;
		let done = self.world.attempt(|world| world.liquidate(who, rng, whole));
		if done.is_err() {
			// The numbers of one of its markets have left the bounds.
			self.world.count("closing failed");
			self.world.require(!whole, Rule::Judged, || format!("account {who} cannot be closed"));
		}
	}

	fn transaction(&mut self) {
		let who = self.rng.index(self.world.accounts.len());
		match self.rng.below(10) {
			0 => {
				let amount = self.deposit(who);
				self.change_cash(who, amount);
			}
			1 | 2 => {
				let amount = self.withdrawal(who);
				self.change_cash(who, amount);
			}
			3 => self.shrink(who),
			_ => self.trade(who),
		}
	}

	fn deposit(&mut self, who: usize) -> Quote {
		match self.rng.below(3) {
			0 => Quote(1),
			1 => Quote(self.world.accounts[who].cash.0.abs() / 2),
			_ => self.fortune(),
		}
	}

	/// All that may leave, a unit less, a unit more, or half of it.
	fn withdrawal(&mut self, who: usize) -> Quote {
		let standing = self.world.standing(&self.world.accounts[who]);
		let health = standing.and_then(|standing| standing.health()).map_or(0, |health| health.0);
		Quote(match self.rng.below(4) {
			0 => -health,
			1 => 1 - health,
			2 => -1 - health,
			_ => -health / 2,
		})
	}

	/// Pay in, or out when negative; what would leave an account unhealthy stays.
	fn change_cash(&mut self, who: usize, amount: Quote) {
		let kept = i128::from(self.world.fault == Some(Fault::UnitKept) && amount.0 < -1);
		let not_filed = self.world.fault == Some(Fault::CashNotFiled);
		let done = self.world.attempt(|world| {
			let change = |world: &mut World, account: &mut Account| {
				account.cash = add(account.cash, amount)?;
				let healthy = !world.standing(account)?.health.is_negative();
				if amount.0 > 0 || (healthy && account.place != Place::Queued) {
					Ok(())
				} else {
					Err(MathError::Insufficient)
				}
			};
			if not_filed && amount.0 < 0 {
				let mut account = world.accounts[who].clone();
				change(world, &mut account)?;
				world.accounts[who] = account;
				return Ok(());
			}
			world.touch(who, Cause::Touched(None), change)
		});
		if done.is_ok() {
			self.world.outside += amount.0 + kept;
		}
	}

	/// A part of a position, all but a hair of it or all of it is closed against the whole other side.
	fn shrink(&mut self, who: usize) {
		// Who has not been judged since a loss was laid on him is judged first.
		let judged = self.world.attempt(|world| world.touch(who, Cause::Touched(None), |_, _| Ok(())));
		let account = &self.world.accounts[who];
		if judged.is_err() || account.place != Place::Filed {
			return;
		}
		let position = &account.positions[self.rng.index(account.positions.len())];
		let (market, held) = (position.market, position.units.0);
		let units = match self.rng.below(4) {
			0 => held,
			1 => held - 1,
			2 => held - held / 10_000_000,
			_ => held / 10 * u128::from(self.rng.between(1, 9)),
		};
		if units > 0 {
			// What leaves the bounds is refused.
			let _ = self.world.attempt(|world| world.deleverage(who, market, Units(units)));
		}
	}

	/// Somebody buys what somebody else sells, at the mark or within half a percent of it.
	fn trade(&mut self, who: usize) {
		let world = &self.world;
		let market = self.rng.index(world.markets.len());
		let with = self.rng.index(world.accounts.len());
		// Isolated accounts belong to a market each.
		let apart = |account: usize| account % world.markets.len() != market;
		if who == with || (self.shape == Shape::Isolated && (apart(who) || apart(with))) {
			return;
		}
		let mark = world.markets[market].mark.0;
		let price = match self.rng.below(3) {
			0 => mark / 1_000 * u128::from(self.rng.between(995, 1_005)),
			_ => mark,
		};
		let Ok(size) = self.size(market, who, with) else { return };
		// What is refused changes nothing.
		let done = self.world.attempt(|world| {
			world.fill(who, market, Side::Long, size, Price(price))?;
			world.fill(with, market, Side::Short, size, Price(price))?;
			let open = world.markets[market].book.open_interest()?;
			match world.fault {
				Some(Fault::UnitCountedTwice) => world.markets[market].book.paid_in.0 += 1,
				Some(Fault::SinkForgotten) => world.markets[market].book.sink = I256::ZERO,
				_ => {}
			}
			if open <= SIZE_MAX {
				Ok(())
			} else {
				Err(MathError::Overflow)
			}
		});
		self.world.count(if done.is_ok() { "traded" } else { "trade refused" });
	}

	/// A hair, what one of the two has, twice that, or what his equity carries.
	fn size(&mut self, market: usize, who: usize, with: usize) -> MathResult<Size> {
		let world = &self.world;
		let account = &world.accounts[if self.rng.one_in(2) { who } else { with }];
		let held = account.positions.iter().find(|position| position.market == market);
		let numbers = &world.markets[market];
		let held = match held.filter(|position| !numbers.has_ended(position)) {
			Some(Position { side, units, .. }) => size_of(*units, numbers.book.side(*side).scale)?,
			None => Size::ZERO,
		};
		let equity = world.standing(account)?.equity()?.0.max(0);
		Ok(match self.rng.below(10) {
			0 => Size(self.rng.between(1, 1_000).into()),
			1 | 2 if !held.is_zero() => held,
			3 if !held.is_zero() => Size(held.0 * 2),
			4 if !held.is_zero() => Size(held.0 / 2),
			_ => size_worth(Quote(equity / 10 * i128::from(self.rng.between(1, 200))), numbers.mark)?,
		}
		.min(SIZE_MAX))
	}
}

impl World {
	/// An account buys (`Long`) or sells (`Short`): closes what is opposite, opens the rest.
	fn fill(&mut self, who: usize, id: usize, side: Side, size: Size, price: Price) -> MathResult<()> {
		self.touch(who, Cause::Touched(Some(id)), |world, account| {
			if account.place == Place::Queued || size.is_zero() || !price.in_bounds() {
				return Err(MathError::Insufficient);
			}
			let before = world.standing(account)?;
			let mut opened = size;
			let held = account.positions.iter().find(|position| position.market == id).cloned();
			let market = &mut world.markets[id];
			if market.frozen {
				return Err(MathError::Insufficient);
			}
			if let Some(Position { side: held, units, .. }) = held.filter(|position| position.side != side) {
				let scale = market.book.side(held).scale;
				let closed = size_of(units, scale)?.min(size);
				let part = units_to_close(units, scale, closed)?;
				let cash = market.book.close(held, part, price)?;
				leave_position(account, id, part, cash)?;
				opened = Size(size.0 - closed.0);
			}
			if !opened.is_zero() {
				if world.may_have_to_pay(id, side) {
					return Err(MathError::Insufficient);
				}
				world.open(account, id, side, opened, price)?;
			}
			// Initial margin is twice maintenance; or it only reduces, and is no worse off.
			let initial = world.standing_at(account, 2)?;
			let reduces = opened.is_zero() && initial.equity >= I256::ZERO;
			let after = world.standing(account)?;
			if !initial.health.is_negative() || (reduces && after.is_no_worse_than(&before)?) {
				Ok(())
			} else {
				Err(MathError::Insufficient)
			}
		})
	}

	fn open(
		&mut self,
		account: &mut Account,
		id: usize,
		side: Side,
		size: Size,
		price: Price,
	) -> MathResult<()> {
		let market = &mut self.markets[id];
		let numbers = *market.book.side(side);
		let units = units_for(size, numbers.scale)?;
		let cash = market.book.open(side, units, price)?;
		account.cash = add(account.cash, cash)?;
		match account.positions.iter_mut().find(|position| position.market == id) {
			Some(position) => position.units = position.units.plus(units)?,
			None => {
				let generation = numbers.generation;
				account.positions.push(Position { market: id, side, units, generation, key: None });
			}
		}
		Ok(())
	}
}
