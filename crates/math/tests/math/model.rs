// SPDX-License-Identifier: Apache-2.0
//! The book against a market in plain numbers ([`Plain`]), through closing, funding, deleveraging, losses and the ends
//! of generations: scales and units agree to the last one, and nobody has a decimal more than is right.

use crate::plain::{pow10, ratio, sign, Plain};
use keel_math::{
	units::{size_of, units_for, units_to_close},
	Book, Ended, FundingRate, Generation, Level, MathResult, Units, I256,
};
use keel_primitives::{Price, Quote, Ratio, Side, Size};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use proptest::prelude::*;
use std::collections::BTreeMap;

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

/// A position as the chain keeps it.
#[derive(Clone, Debug)]
struct Position {
	side: Side,
	units: Units,
	generation: Generation,
	/// What the account has received in all.
	cash: Quote,
}

#[derive(Clone, Copy, Debug)]
enum Step {
	Trade { size: u64, price: u64 },
	Close { who: usize, share: u8 },
	Fund { rate: i64, elapsed: u64 },
	Deleverage { who: usize, share: u8 },
	Socialise { long: bool, amount: u32 },
	Touch { who: usize },
	Move { price: u64 },
}

/// All but a hair: what re-bases the other side.
const ALMOST: u8 = 11;

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		4 => (1_000_u64..10_000_000_000, 20_000_u64..80_000)
			.prop_map(|(size, price)| Step::Trade { size, price }),
		3 => (any::<usize>(), 0_u8..=10).prop_map(|(who, share)| Step::Close { who, share }),
		2 => (-5_000_000_i64..5_000_000, 0_u64..10_000_000)
			.prop_map(|(rate, elapsed)| Step::Fund { rate, elapsed }),
		3 => (any::<usize>(), 1_u8..=ALMOST).prop_map(|(who, share)| Step::Deleverage { who, share }),
		1 => (any::<bool>(), 1_u32..1_000_000_000)
			.prop_map(|(long, amount)| Step::Socialise { long, amount }),
		2 => any::<usize>().prop_map(|who| Step::Touch { who }),
		2 => (10_000_u64..90_000).prop_map(|price| Step::Move { price }),
	]
}

#[derive(Clone)]
struct World {
	book: Book,
	ended: BTreeMap<(Side, Generation), Ended>,
	positions: Vec<Position>,
	plain: Plain,
	price: Price,
	/// What the house has to pay by right: funding on its own position.
	house_due: BigRational,
}

impl World {
	/// In which a trade of a bitcoin at 50,000 dollars was made.
	fn new() -> Self {
		let mut world = Self {
			book: Book::default(),
			ended: BTreeMap::new(),
			positions: Vec::new(),
			plain: Plain::new(),
			price: Price::dollars(50_000),
			house_due: BigRational::zero(),
		};
		world.apply(Step::Trade { size: 1_000_000_000, price: 50_000 });
		world
	}

	/// The house's wealth at the present price, in dollars.
	fn house(&self) -> BigRational {
		ratio(big(self.book.dust), pow10(36)) + ratio(big(self.book.sink), pow10(36)) * dollars(self.price)
	}

	fn open(&mut self, side: Side, size: Size) {
		let numbers = self.book.side(side);
		let (units, generation) = (units_for(size, numbers.scale).expect("small"), numbers.generation);
		let cash = self.book.open(side, units, self.price).expect("within bounds");
		self.positions.push(Position { side, units, generation, cash });
		self.plain.open(side, &size.0.into(), &dollars(self.price));
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
			let generation = position.generation;
			let ended = self.ended.get_mut(&(side, generation)).expect("kept while a position refers to it");
			let settled = self.book.settle(side, ended, position.units).expect("within bounds");
			position.cash.0 += settled.cash.0;
			position.units = settled.units;
			position.generation = generation.next();
			self.plain.settle(who, &dollars(self.price));
			self.prune(side, generation);
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

	fn level(&self, side: Side, generation: Generation) -> MathResult<Level> {
		let current = self.book.side(side);
		if generation == current.generation {
			return current.level(side, self.price, Ratio::ZERO);
		}
		let ended = self.ended[&(side, generation)];
		// Where nothing is reserved it leads nowhere: the generation after it may be gone already.
		if ended.reserved.is_zero() {
			return Ok(ended.quote);
		}
		ended.level(side, self.level(side, generation.next())?)
	}

	fn apply(&mut self, step: Step) {
		let count = self.positions.len();
		match step {
			Step::Trade { size, price } => {
				self.price = Price::dollars(price as u32);
				Side::BOTH.into_iter().for_each(|side| self.open(side, Size(size.into())));
			}
			Step::Move { price } => self.price = Price::dollars(price as u32),
			Step::Touch { who } => self.touch(who % count),
			Step::Close { who, share } => self.close(who % count, share),
			Step::Fund { rate, elapsed } => self.fund(FundingRate(rate), elapsed),
			Step::Deleverage { who, share } => self.deleverage(who % count, share),
			Step::Socialise { long, amount } => {
				self.socialise(if long { Side::Long } else { Side::Short }, Quote(amount.into()))
			}
		}
	}

	/// So many tenths of what a position shows, or almost all of it.
	fn part(&self, who: usize, share: u8) -> Option<(Side, Units, Size)> {
		let position = &self.positions[who];
		let scale = self.book.side(position.side).scale;
		let size = size_of(position.units, scale).expect("fits");
		let part = match share {
			ALMOST => Size(size.0 - size.0 / 10_000_000 - 1.min(size.0)),
			share => Size(size.0 * u128::from(share) / 10),
		};
		if part.is_zero() {
			return None;
		}
		Some((position.side, units_to_close(position.units, scale, part).expect("no more than held"), part))
	}

	fn close(&mut self, who: usize, share: u8) {
		self.touch(who);
		let Some((side, units, part)) = self.part(who, share) else { return };
		let of_model = self.plain.units_of_part(who, &part.0.into());
		self.plain.close(who, &of_model, &dollars(self.price));
		let cash = self.book.close(side, units, self.price).expect("held");
		let position = &mut self.positions[who];
		position.cash.0 += cash.0;
		position.units.0 -= units.0;
		// Somebody takes the other side of it: the same side is opened by a newcomer.
		self.open(side, part);
	}

	fn fund(&mut self, rate: FundingRate, elapsed: u64) {
		let paid = ratio(rate.0, pow10(9)) * ratio(elapsed, 28_800_000) * dollars(self.price);
		self.plain.fund(&paid);
		self.house_due += ratio(big(self.book.sink), pow10(36)) * &paid;
		self.book.fund(self.price, rate, elapsed).expect("within bounds");
	}

	fn deleverage(&mut self, who: usize, share: u8) {
		self.touch(who);
		let Some((side, units, part)) = self.part(who, share) else { return };
		let other = side.opposite();
		if self.book.side(other).units.is_zero() {
			return;
		}
		let generation = self.book.side(other).generation;
		let of_model = self.plain.units_of_part(who, &part.0.into());
		self.plain.deleverage(who, &of_model, &dollars(self.price));
		let scaled = self.book.deleverage(side, units, self.price).expect("held");
		self.positions[who].cash.0 += scaled.cash.0;
		self.positions[who].units.0 -= units.0;
		if let Some(ended) = scaled.ended {
			self.ended.insert((other, generation), ended);
		}
	}

	fn socialise(&mut self, side: Side, amount: Quote) {
		let Some((generation, _)) = self.plain.bearers(side) else { return };
		let laid = match self.ended.get_mut(&(side, Generation(generation))) {
			Some(ended) => self.book.socialise_ended(side, ended, amount),
			None => self.book.socialise(side, amount),
		};
		// A position so small that its part does not fit it cannot bear it.
		if laid.is_ok() {
			self.plain.lose(side, &quote(amount));
		}
	}

	/// Whether the code says what the model says.
	fn compare(&self) -> Result<(), String> {
		if !self.book.conservation().holds() {
			return Err(format!("nothing is conserved: {:?}", self.book));
		}
		for side in Side::BOTH {
			self.compare_side(side)?;
		}
		let price = dollars(self.price);
		for (position, held) in self.positions.iter().zip(&self.plain.held) {
			let units = BigInt::from(position.units.0);
			if units != held.units || position.generation.0 != held.generation {
				return Err(format!("units: {position:?}, not {held:?}"));
			}
			let level = match position.units {
				Units::ZERO => Level::ZERO,
				_ => self.level(position.side, position.generation).map_err(|error| format!("{error:?}"))?,
			};
			let value = ratio(units.clone() * level.0, pow10(36));
			let has = sign(position.side) * value + quote(position.cash);
			let right = self.plain.worth(held, &price);
			// Where it waits to be converted its fraction of a unit, and a decimal of each level between.
			let behind = self.plain.behind(held);
			let fraction = ratio(behind, pow10(9)) * (&price + &price);
			let (mut more, mut less) = (held.favour.clone(), held.rounded.clone());
			match position.side {
				Side::Long => less += fraction,
				Side::Short => more += fraction,
			}
			less += ratio(units * (1 + behind), pow10(36));
			if has > &right + &more {
				let by = has - right;
				return Err(format!("in favour: {position:?} has {by} more than is right, {more} is stated"));
			}
			if has < &right - &less {
				let by = right - has;
				return Err(format!("lost: {position:?} has {by} less than is right, {less} is rounded"));
			}
		}
		Ok(())
	}

	fn compare_side(&self, side: Side) -> Result<(), String> {
		let (numbers, plain) = (self.book.side(side), self.plain.side(side));
		if BigInt::from(numbers.scale.0) != plain.scale || numbers.generation.0 != plain.generation {
			return Err(format!("scale of {side:?}: {numbers:?}, not {plain:?}"));
		}
		let stated = |ended: &Ended| crate::plain::Ended {
			scale: ended.scale.0.into(),
			left: ended.left.0.into(),
			reserved: ended.reserved.0.into(),
		};
		let all = self.ended.iter().filter(|((of, _), _)| *of == side);
		let ended: BTreeMap<u32, _> = all.map(|((_, of), ended)| (of.0, stated(ended))).collect();
		if BigInt::from(numbers.units.0) != plain.units || ended != plain.ended {
			return Err(format!("units of {side:?}: {numbers:?} and {ended:?}, not {plain:?}"));
		}
		Ok(())
	}
}

/// Its first claims are not settled yet when the generation after it is closed out, settled and forgotten.
#[test]
fn a_claim_outlives_the_generation_after_its_own() {
	let mut world = World::new();
	for step in [
		Step::Close { who: 1, share: 1 },
		Step::Deleverage { who: 0, share: 10 },
		Step::Trade { size: 1_000, price: 20_000 },
		Step::Deleverage { who: 3, share: 10 },
		Step::Touch { who: 4 },
	] {
		world.apply(step);
		assert_eq!(world.compare(), Ok(()));
	}
	assert_eq!(world.ended.len(), 1);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn the_book_agrees_with_a_model_that_keeps_every_position(steps in prop::collection::vec(step(), 1..60)) {
		let mut world = World::new();
		for step in steps {
			let moved = matches!(step, Step::Move { .. } | Step::Trade { .. });
			if let Step::Trade { price, .. } = step {
				world.price = Price::dollars(price as u32);
			}
			let house = world.house();
			world.house_due = BigRational::zero();
			let settles = matches!(step, Step::Touch { .. } | Step::Close { .. } | Step::Deleverage { .. });
			world.apply(step);
			prop_assert_eq!(world.compare(), Ok(()));
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
				world.plain.close(who, &units.0.into(), &dollars(world.price));
			}
			prop_assert_eq!(world.compare(), Ok(()));
		}
		prop_assert!(world.ended.is_empty());
		prop_assert!(world.book.long.units.is_zero() && world.book.short.units.is_zero());
		prop_assert_eq!(world.book.sink, I256::ZERO);
		prop_assert_eq!(world.book.unsettled, I256::ZERO);
	}
}

/// A unit of what the account receives, out of the market's: the equations still hold.
fn pay_more(world: &mut World, who: usize) {
	world.positions[who].cash.0 += 1;
	world.book.paid_in.0 -= 1;
	world.book.dust = world.book.dust.minus(I256::from(Quote(1))).expect("fits");
}

/// A decimal of `K` for each holder, out of the house's.
fn raise_quote(world: &mut World, side: Side) {
	let numbers = world.book.side_mut(side);
	let (units, up) = (numbers.units.0, side == Side::Long);
	numbers.quote.0 += if up { 1 } else { -1 };
	world.book.dust = world.book.dust.minus(I256::from(units)).expect("fits");
}

/// A decimal of the scale, or a unit, more; the house has the less.
fn raise(world: &mut World, side: Side, scale: u128, units: u128) {
	let numbers = world.book.side_mut(side);
	let before = I256::product(numbers.units.0, numbers.scale.0 as i128).expect("fits");
	let claims = I256::product(numbers.units.0, numbers.quote.0).expect("fits");
	numbers.scale.0 += scale;
	numbers.units.0 += units;
	let more = I256::product(numbers.units.0, numbers.scale.0 as i128).and_then(|now| now.minus(before));
	let owed = I256::product(numbers.units.0, numbers.quote.0).and_then(|now| now.minus(claims));
	let (more, owed) = (more.expect("fits"), owed.expect("fits"));
	let (sink, dust) = (&mut world.book.sink, &mut world.book.dust);
	(*sink, *dust) = match side {
		Side::Long => (sink.minus(more).expect("fits"), dust.minus(owed).expect("fits")),
		Side::Short => (sink.plus(more).expect("fits"), dust.plus(owed).expect("fits")),
	};
}

/// What the code must not do after a step, though its equations hold; and what the model says of it.
#[test]
fn the_smallest_favour_after_any_step_is_seen() {
	type Favour = fn(&mut World);
	let part = |who, share| Step::Deleverage { who, share };
	let lost = |long| Step::Socialise { long, amount: 1_000_003 };
	let loss = [Step::Trade { size: 333_333_331, price: 40_009 }, part(1, 7)];
	let rebased = [Step::Trade { size: 10_000_000_000, price: 40_009 }, part(0, 10), part(2, ALMOST)];
	let closed_out = [Step::Close { who: 1, share: 1 }, part(0, 10)];
	let funded = Step::Fund { rate: 1_234_567, elapsed: 7_654_321 };
	let cases: [(&str, &[Step], Step, Favour, &str); 12] = [
		("opening", &loss, Step::Trade { size: 77, price: 40_009 }, |w| pay_more(w, 5), "in favour"),
		("closing", &loss, Step::Close { who: 0, share: 3 }, |w| pay_more(w, 0), "in favour"),
		(
			"units given up",
			&loss,
			Step::Close { who: 2, share: 3 },
			|w| w.positions[2].units.0 += 1,
			"units: ",
		),
		("funding received", &[], funded, |w| raise_quote(w, Side::Short), "in favour"),
		("funding paid", &[], funded, |w| raise_quote(w, Side::Long), "in favour"),
		("a scale", &loss, part(2, 1), |w| raise(w, Side::Short, 1, 0), "scale of"),
		("a gain", &loss[..1], part(2, 1), |w| raise_quote(w, Side::Short), "in favour"),
		("a loss of longs", &[], lost(true), |w| raise_quote(w, Side::Long), "in favour"),
		("a loss of shorts", &loss[..1], lost(false), |w| raise_quote(w, Side::Short), "in favour"),
		("a claim", &closed_out, Step::Touch { who: 1 }, |w| pay_more(w, 1), "in favour"),
		("a conversion", &rebased, Step::Touch { who: 3 }, |w| w.positions[3].units.0 += 1, "units: "),
		("reserved units", &rebased[..2], rebased[2], |w| raise(w, Side::Short, 0, 1), "units of"),
	];
	for (what, before, step, favour, says) in cases {
		let mut world = World::new();
		before.iter().for_each(|step| world.apply(*step));
		world.apply(step);
		assert_eq!(world.compare(), Ok(()), "{what}");
		let mut wrong = world.clone();
		favour(&mut wrong);
		assert!(wrong.book.conservation().holds(), "{what}: the equations see it");
		let said = wrong.compare().expect_err(what);
		assert!(said.starts_with(says), "{what}: {said}");
	}
}
