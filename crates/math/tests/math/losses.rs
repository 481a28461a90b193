// SPDX-License-Identifier: Apache-2.0
//! What comes back of losses that a side has borne, against an account of every dollar: nobody has more back than he
//! bore, and nothing of it is lost.

use keel_math::{
	units::units_to_close, Book, Borne, Ended, Generation, Level, MathError, Returns, Units, I256,
};
use keel_primitives::{Price, Quote, Side, Size};
use num_bigint::BigInt;
use proptest::prelude::*;
use std::collections::BTreeMap;

const MARK: Price = Price::dollars(1_000);
const ONE: u128 = 1_000_000_000;

fn big(value: I256) -> BigInt {
	let (negative, magnitude) = value.parts();
	let magnitude: BigInt = magnitude.to_string().parse().expect("decimal digits");
	if negative {
		-magnitude
	} else {
		magnitude
	}
}

/// A short, and what it has paid and had, by its own account.
#[derive(Clone, Debug)]
struct Holder {
	units: Units,
	generation: Generation,
	borne: Borne,
	/// What losses have taken from it, in 1e-36 dollars.
	paid: BigInt,
	/// What it has had back.
	back: Quote,
}

#[derive(Clone, Default)]
struct World {
	book: Book,
	ended: BTreeMap<Generation, Ended>,
	holders: Vec<Holder>,
	given: Quote,
	taken: Quote,
	/// Whether those who join have a claim to what was borne before: the fault.
	joins_claim: bool,
}

#[derive(Clone, Copy, Debug)]
enum Step {
	Join { size: u64 },
	Lose { amount: u32 },
	GiveBack { amount: u32 },
	Touch { who: usize },
	Leave { who: usize, share: u8 },
	Deleverage { share: u8 },
	Take,
}

fn step() -> impl Strategy<Value = Step> {
	prop_oneof![
		3 => (1_000_u64..10_000_000_000).prop_map(|size| Step::Join { size }),
		3 => (1_u32..1_000_000_000).prop_map(|amount| Step::Lose { amount }),
		3 => (1_u32..1_000_000_000).prop_map(|amount| Step::GiveBack { amount }),
		2 => any::<usize>().prop_map(|who| Step::Touch { who }),
		2 => (any::<usize>(), 1_u8..=10).prop_map(|(who, share)| Step::Leave { who, share }),
		2 => (1_u8..=11).prop_map(|share| Step::Deleverage { share }),
		1 => Just(Step::Take),
	]
}

impl World {
	fn new() -> Self {
		let mut world = Self::default();
		world.join(Size(ONE));
		world
	}

	fn returns(&self, generation: Generation) -> Returns {
		if generation == self.book.short.generation {
			self.book.short.returns
		} else {
			self.ended[&generation].returns
		}
	}

	fn join(&mut self, size: Size) {
		let long = keel_math::units::units_for(size, self.book.long.scale).expect("small");
		let units = keel_math::units::units_for(size, self.book.short.scale).expect("small");
		self.book.open(Side::Long, long, MARK).expect("within bounds");
		self.book.open(Side::Short, units, MARK).expect("within bounds");
		let now = self.book.short.returns;
		let seen = if self.joins_claim { Returns { given: now.given, ..Default::default() } } else { now };
		let generation = self.book.short.generation;
		let borne = Borne::new(seen);
		self.holders.push(Holder { units, generation, borne, paid: BigInt::ZERO, back: Quote::ZERO });
	}

	fn fetch(&mut self, who: usize) {
		let generation = self.holders[who].generation;
		let now = self.returns(generation);
		let holder = &mut self.holders[who];
		let fetched = self.book.fetch(holder.units, &mut holder.borne, now).expect("within bounds");
		holder.back.0 += fetched.0;
	}

	/// Have back what there is, and be converted.
	fn touch(&mut self, who: usize) {
		if self.holders[who].units.is_zero() {
			return;
		}
		self.fetch(who);
		while self.holders[who].generation != self.book.short.generation && !self.holders[who].units.is_zero()
		{
			let generation = self.holders[who].generation;
			let holder = &mut self.holders[who];
			let ended = self.ended.get_mut(&generation).expect("kept while somebody refers to it");
			let settled = self.book.settle(Side::Short, ended, holder.units).expect("within bounds");
			holder.units = settled.units;
			holder.generation = generation.next();
			holder.borne.seen = Returns::default();
			self.prune(generation);
			if !self.holders[who].units.is_zero() {
				self.fetch(who);
			}
		}
	}

	fn prune(&mut self, mut generation: Generation) {
		while let Some(ended) = self.ended.get(&generation).copied().filter(Ended::is_settled) {
			self.ended.remove(&generation);
			generation = generation.next();
			match self.ended.get_mut(&generation) {
				Some(next) => self.book.absorb_ended(Side::Short, next, ended.reserved).expect("reserved"),
				None => self.book.absorb(Side::Short, ended.reserved).expect("reserved"),
			}
		}
	}

	fn apply(&mut self, step: Step) {
		let count = self.holders.len();
		match step {
			Step::Join { size } => self.join(Size(size.into())),
			Step::Touch { who } => self.touch(who % count),
			Step::Lose { amount } => self.lose(Quote(amount.into())),
			Step::GiveBack { amount } => {
				let amount = Quote(amount.into());
				let before = self.book;
				match self.book.give_back(Side::Short, amount) {
					Ok(true) => self.given.0 += amount.0,
					Ok(false) => (),
					// Thousands of dollars for the last units of a side that is all but closed out: nobody gets them.
					Err(error) => {
						assert_eq!((error, self.book), (MathError::Overflow, before), "nothing is changed")
					}
				}
			}
			Step::Leave { who, share } => {
				let who = who % count;
				self.touch(who);
				let units = Units(self.holders[who].units.0 * u128::from(share) / 10);
				if !units.is_zero() {
					self.book.close(Side::Short, units, MARK).expect("held");
					self.holders[who].units.0 -= units.0;
				}
			}
			Step::Deleverage { share } => {
				let long = self.book.long;
				let size = long.size().expect("fits").0;
				let size = if share > 10 { size - size / 10_000_000 } else { size * u128::from(share) / 10 };
				if size == 0 || self.book.short.units.is_zero() {
					return;
				}
				let units = units_to_close(long.units, long.scale, Size(size)).expect("fits");
				let generation = self.book.short.generation;
				if let Some(ended) = self.book.deleverage(Side::Long, units, MARK).expect("held").ended {
					self.ended.insert(generation, ended);
				}
			}
			Step::Take => self.taken.0 += self.book.take_unclaimed().expect("within bounds").0,
		}
	}

	fn lose(&mut self, amount: Quote) {
		let before = self.book.short.quote;
		if self.book.short.units.is_zero() || self.book.socialise(Side::Short, amount).is_err() {
			return;
		}
		let step = self.book.short.quote.0 - before.0;
		for holder in self.holders.iter_mut().filter(|h| h.generation == self.book.short.generation) {
			holder.paid += BigInt::from(holder.units.0) * step;
		}
		// Who waits to be converted bears it with the units that are kept for him.
		for who in 0..self.holders.len() {
			let (mut units, mut generation) = (self.holders[who].units, self.holders[who].generation);
			if generation == self.book.short.generation {
				continue;
			}
			while let Some(ended) = self.ended.get(&generation).filter(|_| !units.is_zero()) {
				units = Units(keel_math::units::size_of(units, ended.scale).expect("fits").0);
				generation = generation.next();
			}
			self.holders[who].paid += BigInt::from(units.0) * step;
		}
	}

	fn check(&self) -> Result<(), String> {
		if !self.book.conservation().holds() {
			return Err(format!("nothing is conserved: {:?}", self.book));
		}
		let unit = BigInt::from(10u8).pow(30);
		for holder in &self.holders {
			if BigInt::from(holder.back.0) * &unit > holder.paid {
				return Err(format!("more than he bore: {holder:?}"));
			}
		}
		// What is set apart is what each of them may fetch, what nobody may, and nothing else.
		let mut owed = BigInt::from(self.book.unclaimed.0) * &unit;
		let mut add = |generation: Generation, units: Units, seen: Level| {
			if !units.is_zero() {
				owed += BigInt::from(units.0) * (self.returns(generation).given.0 - seen.0);
			}
		};
		for holder in &self.holders {
			add(holder.generation, holder.units, holder.borne.seen.given);
		}
		for (generation, ended) in &self.ended {
			let next = generation.next();
			if next == self.book.short.generation || self.ended.contains_key(&next) {
				add(next, ended.reserved, Level::ZERO);
			}
		}
		if big(self.book.set_apart) != owed {
			return Err(format!("set apart is {:?}, not {owed}", self.book.set_apart));
		}
		Ok(())
	}
}

#[test]
fn who_joins_before_the_money_comes_has_nothing_of_it_and_who_left_neither() {
	let mut world = World::new();
	world.join(Size(ONE));
	world.apply(Step::Lose { amount: 100_000_000 });
	// One of the two who have borne 50 dollars each leaves, and somebody with eight times as much joins.
	world.apply(Step::Leave { who: 1, share: 10 });
	world.join(Size(8 * ONE));
	world.apply(Step::GiveBack { amount: 90_000_000 });
	(0..3).for_each(|who| world.touch(who));
	let back: Vec<_> = world.holders.iter().map(|holder| holder.back).collect();
	assert_eq!(back, [10, 0, 0].map(Quote::dollars));
	assert_eq!(world.book.unclaimed, Quote::dollars(80), "the market keeps what is nobody's");
	world.check().unwrap();
	assert_eq!(world.book.take_unclaimed(), Ok(Quote::dollars(80)));
	assert_eq!((world.book.set_apart, world.book.unclaimed), (I256::ZERO, Quote::ZERO));
	world.check().unwrap();
}

#[test]
fn who_bore_it_has_all_of_it_back_when_all_of_it_is_paid_back() {
	let mut world = World::new();
	world.join(Size(3 * ONE));
	world.apply(Step::Lose { amount: 100_000_000 });
	// Touched between: what he bore is not forgotten.
	world.touch(0);
	world.apply(Step::GiveBack { amount: 100_000_000 });
	(0..2).for_each(|who| world.touch(who));
	let back: Vec<_> = world.holders.iter().map(|holder| holder.back).collect();
	assert_eq!(back, [25, 75].map(Quote::dollars));
	world.apply(Step::GiveBack { amount: 100_000_000 });
	(0..2).for_each(|who| world.touch(who));
	assert_eq!(world.holders[0].back, Quote::dollars(25), "and no more");
	world.check().unwrap();
}

#[test]
fn a_side_that_has_borne_nothing_is_given_nothing() {
	let mut world = World::new();
	assert_eq!(world.book.give_back(Side::Short, Quote::dollars(5)), Ok(false));
	assert_eq!(Book::default().give_back(Side::Short, Quote::dollars(5)), Ok(false));
	world.apply(Step::Lose { amount: 5 });
	assert_eq!(world.book.give_back(Side::Long, Quote::dollars(5)), Ok(false), "it has not borne it");
	let before = world.book;
	assert!(world.book.give_back(Side::Short, Quote(-1)).is_err());
	assert_eq!(world.book, before);
}

/// The negative control: were what was borne before they came the claim of those who join, it would be seen.
#[test]
fn a_newcomer_with_a_claim_is_seen() {
	let mut world = World { joins_claim: true, ..World::new() };
	world.apply(Step::Lose { amount: 100_000_000 });
	world.join(Size(8 * ONE));
	world.apply(Step::GiveBack { amount: 90_000_000 });
	world.touch(1);
	assert!(world.check().unwrap_err().starts_with("more than he bore"));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn nobody_has_more_back_than_he_bore_and_nothing_is_lost(steps in prop::collection::vec(step(), 1..60)) {
		let mut world = World::new();
		for step in steps {
			world.apply(step);
			prop_assert_eq!(world.check(), Ok(()), "after {:?}", step);
		}
		for who in 0..world.holders.len() {
			world.apply(Step::Leave { who, share: 10 });
			prop_assert_eq!(world.check(), Ok(()));
		}
		world.apply(Step::Take);
		prop_assert_eq!(world.book.set_apart, I256::ZERO, "all of it is somebody's");
		let back: i128 = world.holders.iter().map(|holder| holder.back.0).sum();
		prop_assert!(back + world.taken.0 <= world.given.0);
	}
}
