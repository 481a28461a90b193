// SPDX-License-Identifier: Apache-2.0
//! What must hold, checked by looking at everything: what the chain never does.

use crate::world::{rungs, side_index, Account, Place, Position, World};
use keel_math::{
	book::ROUNDINGS,
	keys::{corner, key_fires},
	units::{ONE_E18, ONE_E27, ONE_E9},
	Generation, MathResult, Units, I256,
};
use keel_primitives::{Quote, Ratio, Side};
use num_bigint::{BigInt, Sign};
use std::collections::{BTreeMap, BTreeSet};

/// An invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
	/// Once all fired keys are walked, whoever is unhealthy is in the queue.
	Found,
	/// Before that, he has a key that has fired, or is in an ended generation that is not drained.
	Seen,
	/// The corner of who is filed is not negative.
	Corner,
	/// Nor below the reserve of a margin call that is armed.
	Reserve,
	/// What was paid in is what is owed, exactly.
	Quote,
	/// Longs and the house own what shorts owe, exactly.
	Size,
	/// Cash and what markets hold is what came in from outside, to the unit.
	Custody,
	/// An account is in one place, with one key for each exposure; and there are no other keys.
	Place,
	/// Units of a generation are those of its positions and those reserved for earlier ones.
	Units,
	/// Everybody can be judged: his numbers are there, and fit.
	Judged,
	/// Deleveraging takes neither equity nor health from anybody else.
	Bystander,
	/// The house does not pay for what is rounded.
	House,
	/// A loss takes no more from a holder than the move that made it gave him.
	Overshoot,
}

/// An invariant that was found broken.
#[derive(Clone, Debug)]
pub struct Broken {
	pub rule: Rule,
	pub how: String,
}

impl core::fmt::Display for Broken {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		write!(f, "{:?}: {}", self.rule, self.how)
	}
}

impl World {
	pub fn note(&mut self, rule: Rule, how: impl FnOnce() -> String) {
		// One of each is enough.
		if self.broken.iter().all(|broken| broken.rule != rule) {
			self.broken.push(Broken { rule, how: how() });
		}
	}

	pub fn require(&mut self, holds: bool, rule: Rule, how: impl FnOnce() -> String) {
		if !holds {
			self.note(rule, how);
		}
	}

	/// Nobody is missed. `walked`: all fired keys have been walked.
	pub fn check_found(&mut self, walked: bool) {
		for who in 0..self.accounts.len() {
			let account = &self.accounts[who];
			if account.place == Place::Queued {
				continue;
			}
			let (unhealthy, seen) = match self.standing(account) {
				Ok(standing) if standing.health.is_negative() => (true, self.is_seen(who)),
				Ok(_) => (false, true),
				Err(_) if self.has_frozen(account) => (false, true),
				Err(_) => {
					self.note(Rule::Judged, || format!("account {who} cannot be judged"));
					continue;
				}
			};
			self.require(seen, Rule::Seen, || format!("account {who} is unhealthy and no key has fired"));
			self.require(!(walked && unhealthy), Rule::Found, || format!("account {who} was missed"));
		}
	}

	/// Whether a key of an account has fired, on file, or it is where everybody is touched next.
	fn is_seen(&self, who: usize) -> bool {
		let account = &self.accounts[who];
		account.positions.iter().zip(rungs(who, account)).any(|(position, rung)| {
			let Position { market, side, generation, key, .. } = *position;
			let numbers = &self.markets[market];
			if numbers.has_ended(position) && generation < numbers.drained_to[side_index(side)] {
				return false;
			}
			let fired = || {
				numbers
					.level(side, generation, numbers.rate)
					.is_ok_and(|level| key.is_some_and(|key| key_fires(side, level, key)))
			};
			self.triggers.contains(&rung) && (numbers.has_ended(position) || fired())
		})
	}

	pub fn has_frozen(&self, account: &Account) -> bool {
		account.positions.iter().any(|position| self.markets[position.market].frozen)
	}

	/// Everything that holds after every step.
	pub fn check(&mut self) {
		self.check_books();
		self.check_custody();
		self.check_places();
		self.check_units();
	}

	fn check_books(&mut self) {
		for market in 0..self.markets.len() {
			let holds = self.markets[market].book.conservation();
			let unsettled =
				self.unsettled(market).is_ok_and(|sum| sum == self.markets[market].book.unsettled);
			self.require(holds.quote && unsettled, Rule::Quote, || format!("market {market}"));
			self.require(holds.size, Rule::Size, || format!("market {market}"));
		}
	}

	fn unsettled(&self, market: usize) -> MathResult<I256> {
		self.markets[market].ended.iter().try_fold(I256::ZERO, |sum, ((side, _), ended)| {
			let claims = I256::product(ended.left.0, ended.quote.0)?;
			match side {
				Side::Long => sum.plus(claims),
				Side::Short => sum.minus(claims),
			}
		})
	}

	fn check_custody(&mut self) {
		let cash: i128 = self.accounts.iter().map(|account| account.cash.0).sum();
		let held: i128 = self.markets.iter().map(|market| market.book.paid_in.0).sum();
		let outside = self.outside;
		self.require(cash + held == outside, Rule::Custody, || format!("{cash} + {held} is not {outside}"));
	}

	fn check_places(&mut self) {
		let mut keys = 0;
		for who in 0..self.accounts.len() {
			let account = &self.accounts[who];
			let filed = rungs(who, account);
			keys += filed.len();
			let all_on_file = filed.iter().all(|rung| self.triggers.contains(rung));
			let markets: BTreeSet<usize> = account.positions.iter().map(|p| p.market).collect();
			let once_each = markets.len() == account.positions.len();
			let in_place = match account.place {
				Place::Idle => account.positions.is_empty(),
				Place::Filed => filed.len() == account.positions.len() && !filed.is_empty(),
				Place::Queued => filed.is_empty(),
			};
			let is_filed = account.place == Place::Filed;
			let reserve = I256::from(account.warning.unwrap_or_default());
			let corner = corner_of(account);
			self.require(all_on_file && once_each && in_place, Rule::Place, || {
				format!("account {who} has the wrong keys")
			});
			if is_filed {
				let holds = corner.is_ok_and(|corner| corner >= I256::ZERO);
				self.require(holds, Rule::Corner, || format!("account {who}: {corner:?}"));
				let holds = corner.is_ok_and(|corner| corner >= reserve);
				self.require(holds, Rule::Reserve, || format!("account {who}: {corner:?}"));
			}
		}
		let on_file = self.triggers.len();
		self.require(on_file == keys, Rule::Place, || format!("{on_file} keys, {keys} known to accounts"));
	}

	fn check_units(&mut self) {
		let mut held: BTreeMap<(usize, Side, Generation), u128> = BTreeMap::new();
		for position in self.accounts.iter().flat_map(|account| &account.positions) {
			*held.entry((position.market, position.side, position.generation)).or_default() +=
				position.units.0;
		}
		let mut stated = BTreeMap::new();
		for (id, market) in self.markets.iter().enumerate() {
			for ((side, generation), ended) in &market.ended {
				*held.entry((id, *side, generation.next())).or_default() += ended.reserved.0;
				stated.insert((id, *side, *generation), ended.left.0);
			}
			for side in Side::BOTH {
				let numbers = market.book.side(side);
				stated.insert((id, side, numbers.generation), numbers.units.0);
			}
		}
		held.retain(|_, units| *units > 0);
		stated.retain(|_, units| *units > 0);
		self.require(held == stated, Rule::Units, || format!("held {held:?}, stated {stated:?}"));
	}

	/// What the house has in a market at mark, in 1e-54 dollars. Between the two halves of a trade it is who
	/// trades: that may be more than 256 bits.
	pub fn house(&self, market: usize) -> BigInt {
		let market = &self.markets[market];
		big(market.book.dust) * ONE_E18 + big(market.book.sink) * market.mark.0
	}

	/// Settling costs the house at most a fraction of a unit for each holder: a short's, which he is not
	/// charged for when his side is re-based, and funding on it. A unit has 1e-9 base units.
	pub fn check_settling(&mut self, market: usize, before: BigInt, converts: bool) {
		let unit = BigInt::from(self.markets[market].mark.0) * ONE_E27;
		let holders = if converts { self.accounts.len() } else { 0 };
		self.check_house(market, before - unit * 2 * holders);
	}

	pub fn check_house(&mut self, market: usize, least: BigInt) {
		let after = self.house(market);
		let holds = after >= least;
		self.require(holds, Rule::House, || format!("market {market}: {least} to {after}"));
	}

	/// A loss was laid on the positions of a generation: it has left them what they were worth at the reference,
	/// but for what is rounded.
	pub fn check_gain(&mut self, market: usize, side: Side, generation: Generation) {
		let numbers = &self.markets[market];
		let bearers = numbers.ended.get(&(side, generation));
		let (units, reference) = bearers.map_or_else(
			|| {
				let current = numbers.book.side(side);
				(current.units, current.reference)
			},
			|ended| (ended.left, ended.reference),
		);
		let gained = numbers.level(side, generation, Ratio::ZERO).map(|level| {
			let gained = BigInt::from(units.0) * (BigInt::from(level.0) - reference.0);
			if side == Side::Long {
				gained
			} else {
				-gained
			}
		});
		// The last decimals: of the step, and of the level of an ended generation.
		let rounded: BigInt = big(I256::from(Quote(ROUNDINGS.0 + 1))) + BigInt::from(units.0) * 3;
		let holds = gained.as_ref().is_ok_and(|gained| *gained >= -rounded);
		self.require(holds, Rule::Overshoot, || format!("market {market}, {side:?}: {gained:?}"));
	}

	/// Equity and health of all but `who`, and how many units of a market's `side` they hold.
	pub fn bystanders(&self, who: usize, market: usize, side: Side) -> Vec<(usize, I256, I256, Units)> {
		let others = self.accounts.iter().enumerate().filter(|(index, _)| *index != who);
		others
			.filter_map(|(index, account)| {
				let standing = self.standing(account).ok()?;
				let on_side = |position: &&Position| position.market == market && position.side == side;
				let units = account.positions.iter().find(on_side).map_or(Units::ZERO, |p| p.units);
				Some((index, standing.equity, standing.health, units))
			})
			.collect()
	}

	/// Nobody is worse off by more than the last decimal of a level: of `A p (1 -+ r)`, of `(A - A') p`, and
	/// of a re-based side's `A_end U`.
	pub fn check_bystanders(&mut self, before: Vec<(usize, I256, I256, Units)>) {
		for (who, equity, health, units) in before {
			let Ok(after) = self.standing(&self.accounts[who]) else { continue };
			let rounded = |was: I256| I256::product(units.0, 3).and_then(|most| was.minus(most));
			let no_worse = |was: I256, is: I256| rounded(was).is_ok_and(|least| is >= least);
			let holds = no_worse(equity, after.equity) && no_worse(health, after.health);
			self.require(holds, Rule::Bystander, || format!("account {who}: {equity:?} to {after:?}"));
		}
	}
}

fn big(value: I256) -> BigInt {
	let (negative, magnitude) = value.parts();
	let sign = if negative { Sign::Minus } else { Sign::Plus };
	BigInt::from_bytes_le(sign, &magnitude.to_little_endian())
}

/// The corner of a filed account.
pub fn corner_of(account: &Account) -> MathResult<I256> {
	let terms = account.positions.iter().filter_map(|p| Some((p.side, p.units, p.key?)));
	corner(account.cash, terms)
}

/// What everybody had at some time, and at which marks.
pub struct Snapshot {
	equity: Vec<Option<I256>>,
	generations: Vec<Option<Generation>>,
	marks: Vec<u128>,
}

impl Snapshot {
	pub fn of(world: &World) -> Self {
		let equity = world.accounts.iter().map(|account| Some(world.standing(account).ok()?.equity));
		let first = |account: &Account| account.positions.first().map(|position| position.generation);
		let generations = world.accounts.iter().map(first).collect();
		Self {
			equity: equity.collect(),
			generations,
			marks: world.markets.iter().map(|market| market.mark.0).collect(),
		}
	}

	/// `self` is before the levels of a block moved, `moved` after it, and now its losses are laid: nobody
	/// who gained has less than before, and nobody else less than the move left him.
	///
	/// What is forgiven is what was rounded: for each account that may have been closed a few units of money and
	/// last decimals of a level; and the move (funding, at most 1 %, included) of the size that rounding has given
	/// to the house, `sinks` at most.
	pub fn check_losses(&self, moved: &Self, world: &mut World, sinks: &[I256], closed: &[usize]) {
		for who in 0..world.accounts.len() {
			let held =
				world.accounts[who].positions.first().map(|position| (position.market, position.units));
			let (Some(before), Some(after), Some((market, units))) =
				(self.equity[who], moved.equity[who], held)
			else {
				continue;
			};
			let Ok(now) = world.standing(&world.accounts[who]) else { continue };
			if closed.contains(&who) {
				continue;
			}
			let distance = self.marks[market].abs_diff(moved.marks[market]) + self.marks[market] / 100;
			let times = world.accounts.len() as i128;
			// Who was converted in between has left a fraction of a unit, 1e-9 base units, in it.
			let converted = self.generations[who] != moved.generations[who];
			let fraction = I256::product(u128::from(converted) * ONE_E9, moved.marks[market] as i128);
			let decimals = I256::product(units.0, 4 * times).and_then(|decimals| decimals.plus(fraction?));
			let rounded = decimals.and_then(|decimals| decimals.plus(I256::from(Quote(20 * times))));
			let least = rounded.and_then(|rounded| before.min(after).minus(rounded)).and_then(|least| {
				let (_, sink) = sinks[market].parts();
				let of_house = I256::signed(false, sink)?.times(distance)?.div_ceil(ONE_E18.into())?;
				least.minus(of_house)
			});
			world.require(least.is_ok_and(|least| now.equity >= least), Rule::Overshoot, || {
				let lacks = least.and_then(|least| least.minus(now.equity));
				format!("account {who} lacks {lacks:?} in market {market}")
			});
		}
	}
}
