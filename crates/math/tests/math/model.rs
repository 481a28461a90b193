// SPDX-License-Identifier: Apache-2.0
//! The book against a slow model that keeps every position by itself, in exact rationals.
//!
//! The model knows nothing of scales, levels and generations: funding is paid position by position,
//! deleveraging shrinks position by position, a socialised loss is split position by position.

use keel_math::{
	units::{size_of, units_for, units_to_close},
	Book, Ended, FundingRate, Generation, Level, Units, I256,
};
use keel_primitives::{Price, Quote, Ratio, Side, Size};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn ratio(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> BigRational {
	BigRational::new(numerator.into(), denominator.into())
}

fn pow10(exponent: u32) -> BigInt {
	BigInt::from(10).pow(exponent)
}

fn big(value: I256) -> BigInt {
	let (negative, magnitude) = value.parts();
	let magnitude: BigInt = magnitude.to_string().parse().expect("decimal digits");
	if negative {
		-magnitude
	} else {
		magnitude
	}
}

fn dollars(price: Price) -> BigRational {
	ratio(price.0, pow10(18))
}

fn quote(amount: Quote) -> BigRational {
	ratio(amount.0, pow10(6))
}

/// A position, as the chain keeps it and as the model keeps it.
#[derive(Clone, Debug)]
struct Position {
	side: Side,
	units: Units,
	generation: Generation,
	/// What the account has received in all.
	cash: Quote,
	/// The model: size and quote in exact rationals; `quote` is what it owns besides its size.
	size: BigRational,
	quote: BigRational,
}

#[derive(Clone, Debug)]
enum Step {
	Trade { size: u64, price: u64 },
	Close { who: usize, share: u8 },
	Fund { rate: i64, elapsed: u64 },
	Deleverage { who: usize, share: u8 },
	Socialise { long: bool, amount: u32 },
	Touch { who: usize },
	Move { price: u64 },
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		4 => (1_000_u64..10_000_000_000, 20_000_u64..80_000)
			.prop_map(|(size, price)| Step::Trade { size, price }),
		3 => (any::<usize>(), 0_u8..=10).prop_map(|(who, share)| Step::Close { who, share }),
		2 => (-5_000_000_i64..5_000_000, 0_u64..10_000_000)
			.prop_map(|(rate, elapsed)| Step::Fund { rate, elapsed }),
		3 => (any::<usize>(), 1_u8..=10).prop_map(|(who, share)| Step::Deleverage { who, share }),
		1 => (any::<bool>(), 1_u32..1_000_000_000)
			.prop_map(|(long, amount)| Step::Socialise { long, amount }),
		2 => any::<usize>().prop_map(|who| Step::Touch { who }),
		2 => (10_000_u64..90_000).prop_map(|price| Step::Move { price }),
	]
}

struct World {
	book: Book,
	ended: BTreeMap<(Side, Generation), Ended>,
	positions: Vec<Position>,
	price: Price,
	/// How far a position's value may be from the model's, in dollars: grows with what is rounded.
	tolerance: BigRational,
	/// What the house has to pay by right: funding on its own position.
	house_due: BigRational,
}

impl World {
	fn new() -> Self {
		Self {
			book: Book::default(),
			ended: BTreeMap::new(),
			positions: Vec::new(),
			price: Price::dollars(50_000),
			tolerance: BigRational::zero(),
			house_due: BigRational::zero(),
		}
	}

	/// The house's wealth at the present price, in dollars.
	fn house(&self) -> BigRational {
		ratio(big(self.book.dust), pow10(36)) + ratio(big(self.book.sink), pow10(36)) * dollars(self.price)
	}

	fn trade(&mut self, size: Size, price: Price) {
		self.price = price;
		for side in Side::BOTH {
			let units = units_for(size, self.book.side(side).scale).expect("small");
			let cash = self.book.open(side, units, price).expect("within bounds");
			let sign = sign(side);
			let amount = ratio(size.0, pow10(9));
			self.positions.push(Position {
				side,
				units,
				generation: self.book.side(side).generation,
				cash,
				size: amount.clone(),
				quote: -(sign * amount * dollars(price)),
			});
		}
	}

	/// Bring a position into the present generation, or turn it into cash.
	fn touch(&mut self, who: usize) {
		loop {
			let position = &mut self.positions[who];
			let side = position.side;
			let current = self.book.side(side).generation;
			if position.generation == current || position.units.is_zero() {
				break;
			}
			let key = (side, position.generation);
			let ended = self.ended.get_mut(&key).expect("kept while a position refers to it");
			let settled = self.book.settle(side, ended, position.units).expect("within bounds");
			position.cash.0 += settled.cash.0;
			position.units = settled.units;
			position.generation = position.generation.next();
			// A fraction of a unit and two of cash.
			self.tolerance += ratio(1, pow10(9)) * dollars(self.price) + ratio(2, pow10(6));
			self.prune(side, key.1);
		}
	}

	fn prune(&mut self, side: Side, mut generation: Generation) {
		while let Some(ended) = self.ended.get(&(side, generation)).copied().filter(Ended::is_settled) {
			self.ended.remove(&(side, generation));
			generation = generation.next();
			match self.ended.get_mut(&(side, generation)) {
				Some(next) => self.book.absorb_ended(side, next, ended.reserved).expect("reserved"),
				None => self.book.absorb(side, ended.reserved).expect("reserved"),
			}
		}
	}

	fn level(&self, side: Side, generation: Generation) -> Level {
		let current = self.book.side(side);
		if generation == current.generation {
			return current.level(side, self.price, Ratio::ZERO).expect("within bounds");
		}
		let ended = self.ended[&(side, generation)];
		// A side that was closed out leads nowhere: the generation after it may be gone already.
		let next = if ended.is_closed_out() { Level::ZERO } else { self.level(side, generation.next()) };
		ended.level(side, next).expect("within bounds")
	}

	fn apply(&mut self, step: Step) {
		match step {
			Step::Trade { size, price } => self.trade(Size(size.into()), Price::dollars(price as u32)),
			Step::Move { price } => self.price = Price::dollars(price as u32),
			Step::Touch { who } if !self.positions.is_empty() => self.touch(who % self.positions.len()),
			Step::Close { who, share } if !self.positions.is_empty() => {
				// Both sides close the same size, as in a trade.
				let who = who % self.positions.len();
				self.touch(who);
				self.close(who, share);
			}
			Step::Fund { rate, elapsed } => self.fund(FundingRate(rate), elapsed),
			Step::Deleverage { who, share } if !self.positions.is_empty() => {
				let who = who % self.positions.len();
				self.touch(who);
				self.deleverage(who, share);
			}
			Step::Socialise { long, amount } => {
				self.socialise(if long { Side::Long } else { Side::Short }, Quote(amount.into()))
			}
			_ => {}
		}
	}

	fn part(&self, who: usize, share: u8) -> Option<(Side, Units, Size)> {
		let position = &self.positions[who];
		let scale = self.book.side(position.side).scale;
		let size = size_of(position.units, scale).expect("fits");
		let part = Size(size.0 * u128::from(share) / 10);
		if part.is_zero() {
			return None;
		}
		Some((position.side, units_to_close(position.units, scale, part).expect("no more than held"), part))
	}

	fn model_close(&mut self, who: usize, units: Units) {
		let price = dollars(self.price);
		let position = &mut self.positions[who];
		let left = ratio(position.units.0 - units.0, position.units.0);
		// What is closed leaves with its size, its quote becomes cash at the price.
		let closed = &position.size * (ratio(1, 1) - &left);
		position.size -= &closed;
		position.quote += sign(position.side) * closed * price;
	}

	fn close(&mut self, who: usize, share: u8) {
		let Some((side, units, part)) = self.part(who, share) else { return };
		self.model_close(who, units);
		let cash = self.book.close(side, units, self.price).expect("held");
		let position = &mut self.positions[who];
		position.cash.0 += cash.0;
		position.units.0 -= units.0;
		// Somebody takes the other side of it: the same side is opened by a newcomer.
		let units = units_for(part, self.book.side(side).scale).expect("small");
		let cash = self.book.open(side, units, self.price).expect("within bounds");
		let size = ratio(part.0, pow10(9));
		let generation = self.book.side(side).generation;
		let quote = -(sign(side) * &size * dollars(self.price));
		self.positions.push(Position { side, units, generation, cash, size, quote });
	}

	fn fund(&mut self, rate: FundingRate, elapsed: u64) {
		let fraction = ratio(rate.0, pow10(9)) * ratio(elapsed, 28_800_000) * dollars(self.price);
		for position in &mut self.positions {
			position.quote -= sign(position.side) * &position.size * &fraction;
		}
		self.house_due += ratio(big(self.book.sink), pow10(36)) * &fraction;
		self.book.fund(self.price, rate, elapsed).expect("within bounds");
	}

	fn deleverage(&mut self, who: usize, share: u8) {
		let Some((side, units, _)) = self.part(who, share) else { return };
		let opposite = self.book.side(side.opposite());
		if opposite.units.is_zero() {
			return;
		}
		let before = opposite.scale;
		let generation = opposite.generation;
		self.model_close(who, units);
		let scaled = self.book.deleverage(side, units, self.price).expect("held");
		self.positions[who].cash.0 += scaled.cash.0;
		self.positions[who].units.0 -= units.0;
		let after = match scaled.ended {
			Some(ended) => {
				self.ended.insert((side.opposite(), generation), ended);
				ended.scale
			}
			None => self.book.side(side.opposite()).scale,
		};
		let left = ratio(after.0, before.0);
		let price = dollars(self.price);
		for position in self.positions.iter_mut().filter(|p| p.side == side.opposite()) {
			let closed = &position.size * (ratio(1, 1) - &left);
			position.size -= &closed;
			position.quote += sign(position.side) * closed * &price;
		}
	}

	fn socialise(&mut self, side: Side, amount: Quote) {
		let numbers = *self.book.side(side);
		// Positions that wait to be converted are part of the side; keep the model simple.
		if numbers.units.is_zero() || self.ended.keys().any(|(s, _)| *s == side) {
			return;
		}
		self.book.socialise(side, amount).expect("not empty");
		for position in self.positions.iter_mut().filter(|p| p.side == side) {
			position.quote -= quote(amount) * ratio(position.units.0, numbers.units.0);
		}
	}

	fn check(&mut self) {
		assert!(self.book.conservation().holds(), "{:?}", self.book);
		for side in Side::BOTH {
			self.check_units(side);
		}
		for position in &self.positions {
			let level = if position.units.is_zero() {
				Level::ZERO
			} else {
				self.level(position.side, position.generation)
			};
			let value = ratio(big(I256::product(position.units.0, level.0).expect("fits")), pow10(36));
			let value = sign(position.side) * value + quote(position.cash);
			let model = sign(position.side) * &position.size * dollars(self.price) + &position.quote;
			let off = (value - &model).abs();
			// Every operation rounds each of its amounts once, by a millionth of a dollar, and sizes by
			// a billionth of a base unit at a price of at most 90,000 dollars.
			let allowed = &self.tolerance + ratio(1, 50);
			assert!(off <= allowed, "{position:?} is off by {off} at {:?}", self.price);
		}
	}

	fn check_units(&self, side: Side) {
		let current = self.book.side(side);
		let held = |generation| -> u128 {
			self.positions
				.iter()
				.filter(|p| p.side == side && p.generation == generation)
				.map(|p| p.units.0)
				.sum()
		};
		let reserved = |generation: Generation| -> u128 {
			self.ended
				.iter()
				.filter(|((s, g), _)| *s == side && g.next() == generation)
				.map(|(_, ended)| ended.reserved.0)
				.sum()
		};
		assert_eq!(current.units.0, held(current.generation) + reserved(current.generation));
		for ((_, generation), ended) in self.ended.iter().filter(|((s, _), _)| *s == side) {
			assert_eq!(ended.left.0, held(*generation) + reserved(*generation));
		}
	}
}

fn sign(side: Side) -> BigRational {
	match side {
		Side::Long => ratio(1, 1),
		Side::Short => ratio(-1, 1),
	}
}

/// Its first claims are not settled yet when the generation after it is closed out, settled and forgotten.
#[test]
fn a_claim_outlives_the_generation_after_its_own() {
	let mut world = World::new();
	world.trade(Size::ONE, Price::dollars(50_000));
	for step in [
		Step::Close { who: 1, share: 1 },
		Step::Deleverage { who: 0, share: 10 },
		Step::Trade { size: 1_000, price: 20_000 },
		Step::Deleverage { who: 3, share: 10 },
		Step::Touch { who: 4 },
	] {
		world.apply(step);
		world.check();
	}
	assert_eq!(world.ended.len(), 1);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn the_book_agrees_with_a_model_that_keeps_every_position(steps in prop::collection::vec(step(), 1..60)) {
		let mut world = World::new();
		world.trade(Size::ONE, Price::dollars(50_000));
		for step in steps {
			let moved = matches!(step, Step::Move { .. } | Step::Trade { .. });
			if let Step::Trade { price, .. } = step {
				world.price = Price::dollars(price as u32);
			}
			let house = world.house();
			world.house_due = BigRational::zero();
			let settles = matches!(step, Step::Touch { .. } | Step::Close { .. } | Step::Deleverage { .. });
			world.apply(step);
			world.check();
			// The house never pays for a rounding, but on re-basing: there a short's fraction of a unit is
			// rounded in his favour, because no price is at hand to charge him.
			if !moved && !settles {
				prop_assert!(world.house() + &world.house_due >= house);
			}
		}
		// Everybody leaves: only the house is left, and nothing was created.
		for who in 0..world.positions.len() {
			world.touch(who);
			let (side, units) = (world.positions[who].side, world.positions[who].units);
			if !units.is_zero() {
				let cash = world.book.close(side, units, world.price).expect("held");
				world.positions[who].cash.0 += cash.0;
				world.positions[who].units = Units::ZERO;
			}
		}
		prop_assert!(world.ended.is_empty());
		prop_assert!(world.book.conservation().holds());
		prop_assert!(world.book.long.units.is_zero() && world.book.short.units.is_zero());
		prop_assert_eq!(world.book.sink, I256::ZERO);
		prop_assert_eq!(world.book.unsettled, I256::ZERO);
	}

	#[test]
	fn nobody_loses_health_by_deleveraging(
		sizes in prop::collection::vec(1_u64..1_000_000_000_000, 2..8),
		mark in 1_u32..1_000_000,
		share in 1_u128..=10,
	) {
		let mark = Price::dollars(mark);
		let rate = Ratio::percent(3);
		let mut book = Book::default();
		let mut held = Vec::new();
		for size in &sizes {
			for side in Side::BOTH {
				let units = units_for(Size((*size).into()), book.side(side).scale).unwrap();
				book.open(side, units, mark).unwrap();
				held.push((side, units));
			}
		}
		let (side, units) = held[0];
		let levels = |book: &Book, rate| book.side(side.opposite()).level(side.opposite(), mark, rate).unwrap();
		let (before, before_value) = (levels(&book, rate), levels(&book, Ratio::ZERO));
		let scaled = book.deleverage(side, Units(units.0 * share / 10), mark).unwrap();
		if scaled.ended.is_none() && units.0 * share / 10 > 0 {
			// A short owes its level: it must not rise by more than the last decimal.
			prop_assert!(levels(&book, rate).0 <= before.0 + 1);
			prop_assert!(levels(&book, Ratio::ZERO).0 <= before_value.0 + 1);
		}
		prop_assert!(book.conservation().holds());
	}
}

/// A corrupted book is caught: the equations are equalities, so one unit is enough.
#[test]
fn conservation_sees_a_single_unit() {
	let mut world = World::new();
	world.trade(Size::ONE, Price::dollars(50_000));
	world.fund(FundingRate(1_000_000), 3_600_000);
	assert!(world.book.conservation().holds());

	type Corruption = fn(&mut Book);
	let corruptions: [(&str, Corruption); 6] = [
		("a flipped rounding of funding", |book| book.short.quote.0 += 1),
		("a unit nobody paid for", |book| book.long.units.0 += 1),
		("money from nowhere", |book| book.paid_in.0 -= 1),
		("dust that was forgotten", |book| book.dust = book.dust.minus(I256::from(1_i128)).unwrap()),
		("a scale rounded the other way", |book| book.short.scale.0 -= 1),
		("a debt that was forgotten", |book| book.debt.0 += 1),
	];
	for (what, corrupt) in corruptions {
		let mut book = world.book;
		corrupt(&mut book);
		assert!(!book.conservation().holds(), "{what} went unnoticed");
	}
}

#[test]
fn a_side_closed_out_leaves_claims_that_bear_losses_and_settle_to_the_unit() {
	let mut book = Book::default();
	let mark = Price::dollars(50_000);
	let one = Units(1_000_000_000);
	assert_eq!(book.open(Side::Long, one, mark).unwrap(), Quote::dollars(-50_000));
	assert_eq!(book.open(Side::Short, one, mark).unwrap(), Quote::dollars(50_000));

	// The long is closed at 40,000 against the only short, which ends its generation.
	let scaled = book.deleverage(Side::Long, one, Price::dollars(40_000)).unwrap();
	assert_eq!(scaled.cash, Quote::dollars(40_000));
	let mut ended = scaled.ended.expect("closed out");
	assert!(ended.is_closed_out());
	assert_eq!(book.short.generation, Generation(1));
	assert!(book.conservation().holds());

	// The long could not pay 3,000 of its loss: the short that gained 10,000 bears it.
	book.socialise_ended(Side::Short, &mut ended, Quote::dollars(3_000)).unwrap();
	assert!(book.conservation().holds());
	let settled = book.settle(Side::Short, &mut ended, one).unwrap();
	assert_eq!(settled, keel_math::Settled { cash: Quote::dollars(-43_000), units: Units::ZERO });
	assert!(ended.is_settled());
	assert!(book.conservation().holds());
	assert_eq!((book.paid_in, book.dust), (Quote::ZERO, I256::ZERO));
}

#[test]
fn a_side_under_the_floor_is_rebased_and_old_positions_keep_their_value() {
	let mut book = Book::default();
	let mark = Price::dollars(1_000);
	let many = Units(100_000_000_000_000_000);
	book.open(Side::Long, many, mark).unwrap();
	book.open(Side::Short, many, mark).unwrap();
	let before = book.short;
	// All but a few ten-millionths of the longs are closed against the shorts.
	let most = Units(many.0 - 20_000_000_000);
	let scaled = book.deleverage(Side::Long, most, mark).unwrap();
	let mut ended = scaled.ended.expect("under the floor");
	assert!(!ended.is_closed_out());
	assert_eq!(book.short.units, Units(20_000_000_000));
	let level = ended.level(Side::Short, book.short.level(Side::Short, mark, Ratio::ZERO).unwrap()).unwrap();
	let old = before.level(Side::Short, mark, Ratio::ZERO).unwrap();
	assert!((level.0 - old.0).abs() <= 1, "{level:?} against {old:?}");

	let settled = book.settle(Side::Short, &mut ended, many).unwrap();
	assert_eq!(settled.units, Units(20_000_000_000));
	assert!(ended.is_settled() && ended.reserved.is_zero());
	assert!(book.conservation().holds());
}

#[test]
fn a_loss_that_meets_an_empty_side_is_the_markets_debt() {
	let mut book = Book::default();
	assert!(book.socialise(Side::Short, Quote::dollars(5)).is_err());
	assert_eq!(book, Book::default());
	book.borrow(Quote::dollars(5)).unwrap();
	assert!(book.conservation().holds());
	assert_eq!(book.repay(Quote::dollars(7)).unwrap(), Quote::dollars(5));
	assert_eq!(book, Book::default());
}

/// Rounding puts more units on a side that has been deleveraged than the other side holds. When the last of
/// the other side goes they must not stay: they would be all there is to bear a loss.
#[test]
fn the_last_position_of_a_side_takes_all_of_the_other_with_it() {
	let mark = Price::dollars(50_000);
	let mut book = Book::default();
	let one = Units(1_000_000_000);
	book.open(Side::Long, one, mark).unwrap();
	book.open(Side::Short, one, mark).unwrap();
	// A third of both sides goes: the shorts' scale is no round number any more.
	book.deleverage(Side::Long, Units(333_333_333), mark).unwrap();
	for _ in 0..100 {
		let size = Size(1_000_003);
		book.open(Side::Long, units_for(size, book.side(Side::Long).scale).unwrap(), mark).unwrap();
		book.open(Side::Short, units_for(size, book.side(Side::Short).scale).unwrap(), mark).unwrap();
	}
	let all = book.side(Side::Long).units;
	let more = size_of(book.side(Side::Short).units, book.side(Side::Short).scale).unwrap();
	assert!(more >= size_of(all, book.side(Side::Long).scale).unwrap());

	let scaled = book.deleverage(Side::Long, all, mark).unwrap();
	assert!(scaled.ended.expect("the shorts' generation ends").is_closed_out());
	assert!(book.side(Side::Short).units.is_zero() && book.side(Side::Long).units.is_zero());
	let conservation = book.conservation();
	assert!(conservation.holds());
}
