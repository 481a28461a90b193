// SPDX-License-Identifier: Apache-2.0
//! Markets, accounts and the trigger book between them, kept as the chain keeps them: touched accounts are
//! settled, changed, judged and filed; levels move by themselves.

use crate::{faults::Fault, invariants::Broken};
use keel_math::{
	keys::{file, filing_weight, key_fires, key_of, sort_key, Filing},
	units::{notional, share, size_of, Rounding},
	Book, Ended, Generation, Holding, Level, MathError, MathResult, Standing, Units, I256,
};
use keel_primitives::{Price, Quote, Ratio, Side};
use std::{
	collections::{BTreeMap, BTreeSet},
	ops::Bound,
};

/// The share of its requirement that an account may lose before its margin call.
const WARNING_SHARE: Ratio = Ratio::percent(20);

#[derive(Clone, Debug)]
pub struct Market {
	pub book: Book,
	pub mark: Price,
	/// The maintenance rate.
	pub rate: Ratio,
	pub volatility: u64,
	pub ended: BTreeMap<(Side, Generation), Ended>,
	/// Of each side, the first generation in which somebody may not have been touched since it ended.
	pub drained_to: [Generation; 2],
	/// Its levels left the bounds and stand still: no new risk.
	pub frozen: bool,
	/// Maintenance levels of the block before, for a fault that uses them.
	pub old_levels: [Level; 2],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
	pub market: usize,
	pub side: Side,
	pub units: Units,
	pub generation: Generation,
	/// The key on file.
	pub key: Option<Level>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
	/// Without positions.
	#[default]
	Idle,
	/// Its keys are in the trigger book.
	Filed,
	/// Found unhealthy.
	Queued,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
	pub market: usize,
	pub side: Side,
	pub amount: Quote,
}

#[derive(Clone, Debug, Default)]
pub struct Account {
	pub cash: Quote,
	pub positions: Vec<Position>,
	pub place: Place,
	/// The reserve of a margin call that is armed.
	pub warning: Option<Quote>,
	/// In the queue: found bankrupt.
	pub bankrupt: bool,
	/// What positions that are gone have lost since the references, until others have paid for it.
	pub losses: Vec<Loss>,
}

/// A key on file. Sorted as a ladder is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rung {
	pub market: usize,
	pub side: Side,
	pub generation: Generation,
	pub sorted: [u8; 16],
	pub account: usize,
}

/// Why an account is filed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
	Touched(Option<usize>),
	Fired,
}

#[derive(Clone, Debug, Default)]
pub struct World {
	pub markets: Vec<Market>,
	pub accounts: Vec<Account>,
	pub triggers: BTreeSet<Rung>,
	/// Paid in from outside, less what was paid out.
	pub outside: i128,
	pub fault: Option<Fault>,
	pub broken: Vec<Broken>,
	/// What has happened, and how often: a path on which nothing does proves nothing.
	pub happened: BTreeMap<&'static str, u64>,
}

pub fn side_index(side: Side) -> usize {
	usize::from(side == Side::Short)
}

pub fn add(a: Quote, b: Quote) -> MathResult<Quote> {
	a.0.checked_add(b.0).map(Quote).ok_or(MathError::Overflow)
}

pub fn sub(a: Quote, b: Quote) -> MathResult<Quote> {
	a.0.checked_sub(b.0).map(Quote).ok_or(MathError::Overflow)
}

impl Market {
	pub fn new(mark: Price, rate: Ratio, volatility: u64) -> Self {
		Self {
			book: Book::default(),
			mark,
			rate,
			volatility,
			ended: BTreeMap::new(),
			drained_to: Default::default(),
			frozen: false,
			old_levels: Default::default(),
		}
	}

	pub fn maintenance_level(&self, side: Side) -> MathResult<Level> {
		self.book.side(side).level(side, self.mark, self.rate)
	}

	/// What a unit of a generation counts for at margin `rate`.
	pub fn level(&self, side: Side, generation: Generation, rate: Ratio) -> MathResult<Level> {
		let numbers = self.book.side(side);
		if generation == numbers.generation {
			return numbers.level(side, self.mark, rate);
		}
		let ended = self.ended.get(&(side, generation)).ok_or(MathError::Insufficient)?;
		// What is reserved for others leaves no whole unit of the next generation: that may be gone already.
		if ended.is_closed_out() || ended.reserved.is_zero() {
			return Ok(ended.quote);
		}
		ended.level(side, self.level(side, generation.next(), rate)?)
	}

	pub fn has_ended(&self, position: &Position) -> bool {
		position.generation != self.book.side(position.side).generation
	}

	fn is_dust(&self, position: &Position) -> bool {
		!position.units.is_zero()
			&& !self.has_ended(position)
			&& size_of(position.units, self.book.side(position.side).scale).is_ok_and(|size| size.is_zero())
	}

	/// Forget generations that nobody refers to; what rounding left of their units is the house's.
	fn prune(&mut self, side: Side, mut generation: Generation, early: bool) -> MathResult<()> {
		if early {
			self.ended.remove(&(side, generation));
		}
		while let Some(ended) = self.ended.get(&(side, generation)).copied().filter(Ended::is_settled) {
			self.ended.remove(&(side, generation));
			generation = generation.next();
			if ended.reserved.is_zero() {
				break;
			}
			match self.ended.get_mut(&(side, generation)) {
				Some(next) => self.book.absorb_ended(side, next, ended.reserved)?,
				None => self.book.absorb(side, ended.reserved)?,
			}
		}
		Ok(())
	}
}

impl World {
	pub fn count(&mut self, what: &'static str) {
		*self.happened.entry(what).or_default() += 1;
	}

	/// Do all of `act` or nothing of it.
	pub fn attempt<R>(&mut self, act: impl FnOnce(&mut Self) -> MathResult<R>) -> MathResult<R> {
		let before = self.clone();
		act(self).inspect_err(|_| {
			let broken = core::mem::take(&mut self.broken);
			*self = Self { broken, ..before };
		})
	}

	pub fn standing(&self, account: &Account) -> MathResult<Standing> {
		self.standing_at(account, 1)
	}

	/// Where an account stands at so many times the maintenance rates.
	pub fn standing_at(&self, account: &Account, times: u32) -> MathResult<Standing> {
		let mut holdings = Vec::with_capacity(account.positions.len());
		for position in &account.positions {
			let market = &self.markets[position.market];
			holdings.push(Holding {
				side: position.side,
				units: position.units,
				value: market.level(position.side, position.generation, Ratio::ZERO)?,
				margined: market.level(
					position.side,
					position.generation,
					Ratio(market.rate.0.saturating_mul(times.into())),
				)?,
			});
		}
		Standing::of(account.cash, &holdings)
	}

	/// Settle what has ended, change, judge, file, store.
	pub fn touch<R>(
		&mut self,
		who: usize,
		cause: Cause,
		change: impl FnOnce(&mut Self, &mut Account) -> MathResult<R>,
	) -> MathResult<R> {
		let mut account = self.accounts[who].clone();
		self.settle_ended(&mut account)?;
		let result = change(self, &mut account)?;
		self.place(&mut account, cause)?;
		self.store(who, account);
		Ok(result)
	}

	/// Whether somebody bankrupt waits who holds `side` or owes what was lost on it.
	pub fn is_waiting(&self, market: usize, side: Side) -> bool {
		let of = |m, s| m == market && s == side;
		self.accounts.iter().filter(|account| account.place == Place::Queued && account.bankrupt).any(|a| {
			a.positions.iter().any(|p| of(p.market, p.side)) || a.losses.iter().any(|l| of(l.market, l.side))
		})
	}

	/// Turn positions of ended generations into cash and units of the present one, and dust into cash.
	fn settle_ended(&mut self, account: &mut Account) -> MathResult<()> {
		let early = self.fault == Some(Fault::PrunedEarly);
		for mut position in core::mem::take(&mut account.positions) {
			let (id, side) = (position.market, position.side);
			let house = self.house(id);
			let (mut converts, mut lost) = (false, Quote::ZERO);
			while self.markets[id].has_ended(&position) && !position.units.is_zero() {
				let generation = position.generation;
				let market = &mut self.markets[id];
				let mut ended = *market.ended.get(&(side, generation)).ok_or(MathError::Insufficient)?;
				if ended.is_closed_out() {
					lost = ended.lost(side, position.units)?;
				} else {
					converts = true;
				}
				let settled = market.book.settle(side, &mut ended, position.units)?;
				market.ended.insert((side, generation), ended);
				market.prune(side, generation, early)?;
				account.cash = add(account.cash, settled.cash)?;
				position.units = settled.units;
				position.generation = generation.next();
				position.key = None;
			}
			let market = &mut self.markets[id];
			if market.is_dust(&position) {
				lost = market.book.side(side).lost(side, position.units, market.mark)?;
				account.cash = add(account.cash, market.book.close(side, position.units, market.mark)?)?;
				position.units = Units::ZERO;
			}
			self.check_settling(id, house, converts);
			if position.units.is_zero() {
				note_loss(account, id, side, lost)?;
			} else {
				account.positions.push(position);
			}
		}
		Ok(())
	}

	/// Judge the account and decide where it belongs.
	fn place(&mut self, account: &mut Account, cause: Cause) -> MathResult<()> {
		let standing = self.standing(account)?;
		if account.place == Place::Queued {
			// What it lost while it was solvent its own margin has paid for.
			if !standing.equity.is_negative() {
				account.losses.clear();
			}
			return Ok(());
		}
		account.bankrupt = standing.equity.is_negative();
		if standing.health.is_negative() {
			self.count("found unhealthy");
			account.place = Place::Queued;
			account.warning = None;
			if self.fault != Some(Fault::QueuedKeepsKeys) {
				account.positions.iter_mut().for_each(|position| position.key = None);
			}
			return Ok(());
		}
		account.losses.clear();
		if account.positions.is_empty() {
			account.place = Place::Idle;
			account.warning = None;
			return Ok(());
		}
		account.place = Place::Filed;
		arm(account, &standing, cause)?;
		let reserve = match self.fault {
			Some(Fault::ReserveForgotten) => Quote::ZERO,
			_ => account.warning.unwrap_or_default(),
		};
		let touched = match cause {
			Cause::Touched(market) => market,
			Cause::Fired => None,
		};
		self.refile(account, standing.health.minus(I256::from(reserve))?, touched)
	}

	fn refile(&self, account: &mut Account, budget: I256, touched: Option<usize>) -> MathResult<()> {
		let positions = &account.positions;
		let filings = positions
			.iter()
			.map(|position| self.filing(position, touched))
			.collect::<MathResult<Vec<_>>>()?;
		let touched = positions.iter().position(|position| Some(position.market) == touched);
		let keys = file(budget, &filings, touched)?;
		for ((position, filing), key) in account.positions.iter_mut().zip(&filings).zip(keys) {
			position.key = Some(match self.fault {
				Some(Fault::GenerousKeys) if filing.key != Some(key) => {
					Level(key.0.saturating_add((key.0.saturating_sub(filing.level.0)) / 100))
				}
				_ => key,
			});
		}
		Ok(())
	}

	fn filing(&self, position: &Position, touched: Option<usize>) -> MathResult<Filing> {
		let Position { side, units, key, .. } = *position;
		let market = &self.markets[position.market];
		let size = size_of(units, market.book.side(side).scale)?;
		let stale = self.fault == Some(Fault::OldLevels) && touched != Some(position.market);
		let level =
			if stale { market.old_levels[side_index(side)] } else { market.maintenance_level(side)? };
		let weight = filing_weight(notional(size, market.mark)?, market.volatility);
		Ok(Filing { side, units, level, key, weight })
	}

	fn store(&mut self, who: usize, after: Account) {
		if self.fault != Some(Fault::KeyLeftBehind) {
			for rung in rungs(who, &self.accounts[who]) {
				self.triggers.remove(&rung);
			}
		}
		self.triggers.extend(rungs(who, &after));
		self.accounts[who] = after;
	}

	/// The first key of a ladder after `from`, or its first.
	pub fn next_rung(
		&self,
		(market, side, generation): (usize, Side, Generation),
		from: Option<Rung>,
	) -> Option<Rung> {
		let first = Rung { market, side, generation, sorted: [0; 16], account: 0 };
		let from = from.map_or(Bound::Included(first), Bound::Excluded);
		let rung = self.triggers.range((from, Bound::Unbounded)).next()?;
		(rung.market == market && rung.side == side && rung.generation == generation).then_some(*rung)
	}

	/// Whether somebody on `side` may be unhealthy and has not been judged.
	pub fn has_unjudged(&self, market: usize, side: Side) -> bool {
		let numbers = &self.markets[market];
		let generation = numbers.book.side(side).generation;
		numbers.drained_to[side_index(side)] < generation
			|| self.next_rung((market, side, generation), None).is_some_and(|rung| {
				numbers
					.maintenance_level(side)
					.map_or(true, |level| key_fires(side, level, key_of(side, rung.sorted)))
			})
	}

	/// Whether `side` may soon have to pay for somebody on the other side.
	pub fn may_have_to_pay(&self, market: usize, side: Side) -> bool {
		self.is_waiting(market, side.opposite()) || self.has_unjudged(market, side.opposite())
	}

	/// Judge whoever's key has fired and whoever is left in ended generations, `weight` of them at most.
	/// Answers whether that was all.
	pub fn judge_fired(&mut self, start: usize, weight: &mut u64) -> MathResult<bool> {
		let count = self.markets.len();
		for market in (0..count).map(|index| (start + index) % count) {
			for side in Side::BOTH {
				if !self.drain_ended(market, side, weight)? || !self.walk_fired(market, side, weight)? {
					return Ok(false);
				}
			}
		}
		Ok(true)
	}

	fn judge_one(&mut self, who: usize, cause: Cause, weight: &mut u64) -> MathResult<bool> {
		let Some(rest) = weight.checked_sub(1) else { return Ok(false) };
		*weight = rest;
		self.count(if cause == Cause::Fired { "key fired" } else { "drained" });
		self.touch(who, cause, |_, _| Ok(())).map(|()| true)
	}

	fn walk_fired(&mut self, market: usize, side: Side, weight: &mut u64) -> MathResult<bool> {
		let ladder = (market, side, self.markets[market].book.side(side).generation);
		let level = self.markets[market].maintenance_level(side)?;
		let mut next = self.next_rung(ladder, None);
		while let Some(rung) = next.filter(|rung| key_fires(side, level, key_of(side, rung.sorted))) {
			let passed = self.fault == Some(Fault::FiredKeyPassed) && rung.sorted[15].is_multiple_of(4);
			if !passed && !self.judge_one(rung.account, Cause::Fired, weight)? {
				return Ok(false);
			}
			next = self.next_rung(ladder, Some(rung));
		}
		Ok(true)
	}

	fn drain_ended(&mut self, market: usize, side: Side, weight: &mut u64) -> MathResult<bool> {
		let current = self.markets[market].book.side(side).generation;
		let mut oldest = self.markets[market].drained_to[side_index(side)];
		while oldest < current {
			let mut next = self.next_rung((market, side, oldest), None);
			while let Some(rung) = next.filter(|_| self.fault != Some(Fault::DrainSkipped)) {
				if !self.judge_one(rung.account, Cause::Touched(None), weight)? {
					return Ok(false);
				}
				next = self.next_rung((market, side, oldest), Some(rung));
			}
			oldest = oldest.next();
			self.markets[market].drained_to[side_index(side)] = oldest;
		}
		Ok(true)
	}
}

/// The keys that an account says it has on file.
pub fn rungs(who: usize, account: &Account) -> Vec<Rung> {
	let positions = account.positions.iter();
	positions
		.filter_map(|position| {
			let Position { market, side, generation, key, .. } = *position;
			Some(Rung { market, side, generation, sorted: sort_key(side, key?), account: who })
		})
		.collect()
}

/// Remember what a position that is gone has lost.
pub fn note_loss(account: &mut Account, market: usize, side: Side, amount: Quote) -> MathResult<()> {
	match account.losses.iter_mut().find(|loss| loss.market == market && loss.side == side) {
		Some(loss) => loss.amount = add(loss.amount, amount)?,
		None => account.losses.push(Loss { market, side, amount }),
	}
	Ok(())
}

/// Arm the margin call, or spend it.
fn arm(account: &mut Account, standing: &Standing, cause: Cause) -> MathResult<()> {
	let health = standing.health()?;
	let wanted = share(standing.requirement()?, WARNING_SHARE, Rounding::Up)?;
	let near = |reserve: &Quote| reserve.0.saturating_mul(2) >= wanted.0 && reserve.0 <= wanted.0 * 2;
	account.warning = match cause {
		Cause::Fired => account.warning.filter(|reserve| health >= *reserve),
		Cause::Touched(_) => account
			.warning
			.filter(|reserve| health >= *reserve && near(reserve))
			.or(Some(wanted))
			.filter(|reserve| health >= *reserve),
	};
	Ok(())
}
