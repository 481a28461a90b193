// SPDX-License-Identifier: Apache-2.0
//! A market in plain numbers, by the rules of `docs/spec` alone: nothing of it is taken from the code.
//!
//! Scales and units are integers that the rules round in a stated way: they must be the code's to the last one. What
//! a position has in dollars is exact here, position by position: no level, no dust. The code may give an account
//! less by what it rounds, and never more; with one exception, which is counted: a short whose side is re-based is
//! not charged for his fraction of a unit.

use keel_primitives::Side;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use std::collections::BTreeMap;

pub fn ratio(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> BigRational {
	BigRational::new(numerator.into(), denominator.into())
}

pub fn pow10(exponent: u32) -> BigInt {
	BigInt::from(10).pow(exponent)
}

/// A scale of one, at 27 decimals.
fn one() -> BigInt {
	pow10(27)
}

/// The scale under which a side is re-based: 1e-6.
fn floor() -> BigInt {
	pow10(21)
}

pub fn sign(side: Side) -> BigRational {
	match side {
		Side::Long => ratio(1, 1),
		Side::Short => ratio(-1, 1),
	}
}

pub fn index(side: Side) -> usize {
	usize::from(side == Side::Short)
}

fn ceil_div(a: BigInt, b: &BigInt) -> BigInt {
	(a + b - BigInt::one()) / b
}

/// A generation that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
	pub scale: BigInt,
	pub left: BigInt,
	pub reserved: BigInt,
}

/// A side.
#[derive(Clone, Debug)]
pub struct PlainSide {
	pub scale: BigInt,
	pub units: BigInt,
	/// What a whole unit that has been there since the generation began counts beside its size, exact: only to say
	/// what a fraction of one is worth.
	pub quote: BigRational,
	pub generation: u32,
	pub ended: BTreeMap<u32, Ended>,
	/// The same of generations that have ended.
	pub ended_quotes: BTreeMap<u32, BigRational>,
}

/// A position.
#[derive(Clone, Debug)]
pub struct Held {
	pub side: Side,
	pub units: BigInt,
	pub generation: u32,
	/// What it has beside its size: cash received and paid, funding, losses.
	pub quote: BigRational,
	/// What rounding has left it beyond what is right.
	pub favour: BigRational,
	/// What rounding has taken from it, at most.
	pub rounded: BigRational,
}

impl Held {
	/// The last decimal of a level, for all its units.
	fn decimal(&self) -> BigRational {
		ratio(self.units.clone(), pow10(36))
	}
}

/// Both sides and everybody.
#[derive(Clone, Debug)]
pub struct Plain {
	pub sides: [PlainSide; 2],
	pub held: Vec<Held>,
}

impl Plain {
	pub fn new() -> Self {
		let side = || PlainSide {
			scale: one(),
			units: BigInt::zero(),
			quote: BigRational::zero(),
			generation: 0,
			ended: BTreeMap::new(),
			ended_quotes: BTreeMap::new(),
		};
		Self { sides: [side(), side()], held: Vec::new() }
	}

	pub fn side(&self, side: Side) -> &PlainSide {
		&self.sides[index(side)]
	}

	fn side_mut(&mut self, side: Side) -> &mut PlainSide {
		&mut self.sides[index(side)]
	}

	/// `q A`, exact, through all generations that lead to the present one; nothing of a side that was closed out.
	pub fn size(&self, held: &Held) -> BigRational {
		let numbers = self.side(held.side);
		let mut size = ratio(held.units.clone(), pow10(9));
		for generation in held.generation..numbers.generation {
			let Some(ended) = numbers.ended.get(&generation) else { return BigRational::zero() };
			if ended.reserved.is_zero() {
				return BigRational::zero();
			}
			size *= ratio(ended.scale.clone(), one());
		}
		size * ratio(numbers.scale.clone(), one())
	}

	/// What it is worth, with all that it has received and paid.
	pub fn worth(&self, held: &Held, price: &BigRational) -> BigRational {
		sign(held.side) * self.size(held) * price + &held.quote
	}

	/// What a whole unit of a generation counts for: owned by a long, owed by a short.
	pub fn unit(&self, side: Side, generation: u32, price: &BigRational) -> BigRational {
		let numbers = self.side(side);
		if generation == numbers.generation {
			return ratio(numbers.scale.clone(), one()) * price + &numbers.quote;
		}
		let quote = numbers.ended_quotes[&generation].clone();
		match numbers.ended.get(&generation) {
			Some(ended) if !ended.reserved.is_zero() => {
				ratio(ended.scale.clone(), one()) * self.unit(side, generation + 1, price) + quote
			}
			_ => quote,
		}
	}

	/// How many generations a position is behind.
	pub fn behind(&self, held: &Held) -> u32 {
		self.side(held.side).generation - held.generation
	}

	/// The fewest units that are shown as a size: `ceil(size / A)`.
	pub fn units_for(&self, side: Side, size: &BigInt) -> BigInt {
		ceil_div(size * one(), &self.side(side).scale)
	}

	/// What is shown: `floor(q A)`.
	pub fn shown(&self, held: &Held) -> BigInt {
		&held.units * &self.side(held.side).scale / one()
	}

	/// Open a size at a price: what it costs is what its units are worth.
	pub fn open(&mut self, side: Side, size: &BigInt, price: &BigRational) {
		let units = self.units_for(side, size);
		let numbers = self.side_mut(side);
		numbers.units += &units;
		let held = Held {
			side,
			units,
			generation: numbers.generation,
			quote: BigRational::zero(),
			favour: BigRational::zero(),
			rounded: ratio(1, pow10(6)),
		};
		let quote = -(sign(side) * self.size(&held) * price);
		self.held.push(Held { quote, ..held });
	}

	/// The units given up when a part of what is shown is closed: such that exactly the rest is shown.
	pub fn units_of_part(&self, who: usize, part: &BigInt) -> BigInt {
		let held = &self.held[who];
		&held.units - self.units_for(held.side, &(self.shown(held) - part))
	}

	/// Units of a position become cash at a price.
	pub fn close(&mut self, who: usize, units: &BigInt, price: &BigRational) {
		let held = &self.held[who];
		let (side, before) = (held.side, self.size(held));
		self.held[who].units -= units;
		let closed = before - self.size(&self.held[who]);
		let held = &mut self.held[who];
		held.quote += sign(side) * closed * price;
		held.rounded += held.decimal() + ratio(units.clone(), pow10(36)) + ratio(1, pow10(6));
		self.leave(side, units);
	}

	/// Units leave a side. Without any it starts afresh.
	fn leave(&mut self, side: Side, units: &BigInt) {
		let numbers = self.side_mut(side);
		numbers.units -= units;
		Self::reset_when_empty(numbers);
	}

	fn reset_when_empty(numbers: &mut PlainSide) {
		if numbers.units.is_zero() {
			numbers.scale = one();
			numbers.quote = BigRational::zero();
		}
	}

	/// Longs pay shorts `fraction` of what their size is worth; both by their exact size.
	pub fn fund(&mut self, paid: &BigRational) {
		for who in 0..self.held.len() {
			let size = self.size(&self.held[who]);
			let held = &mut self.held[who];
			held.quote -= sign(held.side) * size * paid;
			held.rounded += held.decimal();
		}
		for numbers in &mut self.sides {
			numbers.quote -= ratio(numbers.scale.clone(), one()) * paid;
			Self::reset_when_empty(numbers);
		}
	}

	/// Close units of a position against the whole other side: each of its units gives up `floor(take / Q)` of
	/// scale, which becomes dollars at the price.
	pub fn deleverage(&mut self, who: usize, units: &BigInt, price: &BigRational) {
		let side = self.held[who].side;
		let take = units * &self.side(side).scale;
		self.close(who, units, price);
		let (alone, other) = (self.side(side).units.is_zero(), side.opposite());
		let numbers = self.side(other).clone();
		if numbers.units.is_zero() {
			return;
		}
		let take = if alone { &numbers.units * &numbers.scale } else { take };
		let mut scale = (&numbers.scale - take / &numbers.units).max(BigInt::zero());
		if (&numbers.units * &scale / one()).is_zero() {
			scale = BigInt::zero();
		}
		let sizes: Vec<BigRational> = self.held.iter().map(|held| self.size(held)).collect();
		let left = ratio(scale.clone(), numbers.scale.clone());
		for (held, size) in self.held.iter_mut().zip(sizes).filter(|(held, _)| held.side == other) {
			held.quote += sign(other) * size * (BigRational::one() - &left) * price;
			held.rounded += held.decimal();
		}
		let numbers = self.side_mut(other);
		if scale < floor() {
			let reserved = &numbers.units * &scale / one();
			let left = core::mem::replace(&mut numbers.units, reserved.clone());
			let quote = &numbers.quote + ratio(&numbers.scale - &scale, one()) * price;
			numbers.ended_quotes.insert(numbers.generation, quote);
			numbers.ended.insert(numbers.generation, Ended { scale, left, reserved });
			numbers.generation += 1;
			numbers.scale = one();
			numbers.quote = BigRational::zero();
		} else {
			numbers.quote += ratio(&numbers.scale - &scale, one()) * price;
			numbers.scale = scale;
		}
	}

	/// Bring a position into the present generation, or turn it into cash. Its fraction of a unit is worth what it
	/// is: a long loses it, a short is not charged for it.
	pub fn settle(&mut self, who: usize, price: &BigRational) {
		let Held { side, units, generation, .. } = self.held[who].clone();
		let ended = self.side(side).ended[&generation].clone();
		let next = &units * &ended.scale / one();
		// The fraction of a whole unit of the next generation, by what one counts for.
		let dropped = ratio(&units * &ended.scale - &next * one(), pow10(36));
		let dropped = dropped * self.unit(side, generation + 1, price);
		let before = self.size(&self.held[who]);
		self.held[who].units = next.clone();
		self.held[who].generation += 1;
		let fraction = (before - self.size(&self.held[who])) * price;
		let held = &mut self.held[who];
		held.quote += sign(side) * &fraction;
		held.rounded += ratio(units.clone(), pow10(36)) + ratio(1, pow10(6));
		// A debt that is dropped is a favour: a short's, or that of a long whose units have lost more than they are.
		if (side == Side::Short) == dropped.is_positive() {
			held.favour += dropped.abs();
		} else {
			held.rounded += dropped.abs();
		}
		let ended = self.side_mut(side).ended.get_mut(&generation).expect("it is there");
		ended.left -= units;
		ended.reserved -= next;
		self.prune(side, generation);
	}

	/// Generations that nobody refers to are forgotten; units that rounding has left of them are the house's.
	fn prune(&mut self, side: Side, mut generation: u32) {
		while let Some(ended) = self.side(side).ended.get(&generation).cloned() {
			if !ended.left.is_zero() {
				break;
			}
			self.side_mut(side).ended.remove(&generation);
			generation += 1;
			match self.side_mut(side).ended.get_mut(&generation) {
				Some(next) => next.left -= ended.reserved,
				None => self.leave(side, &ended.reserved),
			}
		}
	}

	/// Whose a loss of a side is: units of its present generation, or, when that is where all are, of the last one
	/// that has ended. None while they cannot be told apart.
	pub fn bearers(&self, side: Side) -> Option<(u32, BigInt)> {
		let numbers = self.side(side);
		let last = numbers.generation.checked_sub(1);
		let bearers = match last.and_then(|last| Some((last, numbers.ended.get(&last)?))) {
			Some((last, ended)) if ended.reserved == numbers.units => (last, ended.left.clone()),
			_ => (numbers.generation, numbers.units.clone()),
		};
		let of = |held: &&Held| held.side == side && held.generation == bearers.0;
		let units: BigInt = self.held.iter().filter(of).map(|held| &held.units).sum();
		(units == bearers.1 && !units.is_zero()).then_some(bearers)
	}

	/// A loss is borne by them, unit by unit.
	pub fn lose(&mut self, side: Side, amount: &BigRational) {
		let Some((generation, units)) = self.bearers(side) else { return };
		for held in self.held.iter_mut().filter(|held| (held.side, held.generation) == (side, generation)) {
			held.quote -= amount * ratio(held.units.clone(), units.clone());
			held.rounded += held.decimal();
		}
		let (numbers, each) = (self.side_mut(side), sign(side) * amount * ratio(pow10(9), units));
		match numbers.ended_quotes.get_mut(&generation) {
			Some(quote) => *quote -= each,
			None => numbers.quote -= each,
		}
	}
}
