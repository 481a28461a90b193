// SPDX-License-Identifier: Apache-2.0
//! Accounts over several markets against a slow model in exact rationals: equity, health and first keys.
//!
//! As in `model`, the model knows nothing of scales, levels and stored units: it keeps the size and the dollars
//! of each position, pays funding and losses position by position and shrinks them when the side is deleveraged.
//! The code may be below it by what it rounds, and never above: not in the account's favour.

use keel_math::{
	keys::{file, filing_weight, key_fires, Filing},
	units::{notional, size_of, units_for},
	Book, FundingRate, Holding, Level, Scale, Standing, Units, I256,
};
use keel_primitives::{Price, Quote, Ratio, Side, Size};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use proptest::prelude::*;

fn ratio(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> BigRational {
	BigRational::new(numerator.into(), denominator.into())
}

fn pow10(exponent: u32) -> BigInt {
	BigInt::from(10).pow(exponent)
}

fn exact(value: I256) -> BigRational {
	let (negative, magnitude) = value.parts();
	let magnitude: BigInt = magnitude.to_string().parse().expect("decimal digits");
	ratio(if negative { -magnitude } else { magnitude }, pow10(36))
}

/// A millionth of a dollar: what an amount is rounded by.
fn unit() -> BigRational {
	ratio(1, pow10(6))
}

fn dollars(price: Price) -> BigRational {
	ratio(price.0, pow10(18))
}

fn part(rate: Ratio) -> BigRational {
	ratio(rate.0, pow10(9))
}

fn sign(side: Side) -> BigRational {
	match side {
		Side::Long => ratio(1, 1),
		Side::Short => ratio(-1, 1),
	}
}

/// A market in which the account holds `units` of `side`, and the model's account of it.
struct Held {
	book: Book,
	mark: Price,
	rate: Ratio,
	volatility: u64,
	side: Side,
	units: Units,
	/// The model: size, and what it owns besides it.
	size: BigRational,
	quote: BigRational,
	/// How often a level was rounded.
	rounded: u32,
}

#[derive(Clone, Debug)]
struct Opening {
	long: bool,
	price: u64,
	size: u64,
	others: u64,
	rate: u32,
	volatility: u64,
}

#[derive(Clone, Debug)]
enum Step {
	Move { price: u64 },
	Rate { rate: u32 },
	Fund { rate: i64, elapsed: u64 },
	Deleverage { share: u8 },
	Lose { amount: u32 },
}

fn opening() -> impl Strategy<Value = Opening> {
	(
		any::<bool>(),
		1_u64..100_000_000,
		1_u64..1_000_000_000_000,
		1_u64..1_000_000_000_000,
		0_u32..2_000,
		0_u64..99,
	)
		.prop_map(|(long, price, size, others, rate, volatility)| Opening {
			long,
			price,
			size,
			others,
			rate,
			volatility,
		})
}

fn step() -> impl Strategy<Value = (usize, Step)> {
	let step = prop_oneof![
		3 => (1_u64..200_000_000).prop_map(|price| Step::Move { price }),
		1 => (0_u32..2_000).prop_map(|rate| Step::Rate { rate }),
		3 => (-9_000_000_i64..9_000_000, 0_u64..30_000_000).prop_map(|(rate, elapsed)| Step::Fund { rate, elapsed }),
		2 => (1_u8..9).prop_map(|share| Step::Deleverage { share }),
		1 => (1_u32..100_000_000).prop_map(|amount| Step::Lose { amount }),
	];
	(any::<usize>(), step)
}

fn cents(price: u64) -> Price {
	Price(u128::from(price) * 10_000_000_000_000_000)
}

impl Held {
	/// Open; what the account receives is added to its cash: what is right, rounded down once. From then on the
	/// model goes by that, so that it sees the last decimal of what comes after.
	fn open(opening: &Opening, cash: &mut Quote) -> Self {
		let side = if opening.long { Side::Long } else { Side::Short };
		let (mark, mut book) = (cents(opening.price), Book::default());
		let units = units_for(Size(opening.size.into()), book.side(side).scale).expect("small");
		let others = Units(opening.others.into());
		let received = book.open(side, units, mark).expect("within bounds");
		cash.0 += received.0;
		book.open(side, others, mark).expect("within bounds");
		book.open(side.opposite(), Units(units.0 + others.0), mark).expect("within bounds");
		let size = ratio(units.0, pow10(9));
		let (received, right) = (ratio(received.0, pow10(6)), -(sign(side) * &size * dollars(mark)));
		assert!(received <= right && &right - &received < unit());
		Self {
			book,
			mark,
			rate: Ratio::basis_points(opening.rate),
			volatility: opening.volatility,
			side,
			units,
			quote: received,
			size,
			rounded: 0,
		}
	}

	fn apply(&mut self, step: &Step) {
		let price = dollars(self.mark);
		match *step {
			Step::Move { price } => self.mark = cents(price),
			Step::Rate { rate } => self.rate = Ratio::basis_points(rate),
			Step::Fund { rate, elapsed } => {
				self.book.fund(self.mark, FundingRate(rate), elapsed).expect("within bounds");
				let fraction = ratio(rate, pow10(9)) * ratio(elapsed, 28_800_000);
				self.quote -= sign(self.side) * &self.size * price * fraction;
			}
			Step::Deleverage { share } => {
				let other = self.book.side(self.side.opposite());
				let units = Units(other.units.0 * u128::from(share) / 10);
				let before = self.book.side(self.side).scale;
				if before.0 < Scale::FLOOR.0 * 10 {
					return;
				}
				let scaled = self.book.deleverage(self.side.opposite(), units, self.mark).expect("held");
				let after = self.book.side(self.side).scale;
				assert!(scaled.ended.is_none(), "at most 80 % of a side goes");
				let closed = &self.size * (ratio(1, 1) - ratio(after.0, before.0));
				self.quote += sign(self.side) * &closed * price;
				self.size -= closed;
			}
			Step::Lose { amount } => {
				let all = self.book.side(self.side).units;
				self.book.socialise(self.side, Quote(amount.into())).expect("not empty");
				self.quote -= ratio(amount, pow10(6)) * ratio(self.units.0, all.0);
			}
		}
		self.rounded += 2;
	}

	fn level(&self, rate: Ratio) -> Level {
		self.book.side(self.side).level(self.side, self.mark, rate).expect("within bounds")
	}

	fn holding(&self) -> Holding {
		let (value, margined) = (self.level(Ratio::ZERO), self.level(self.rate));
		Holding { side: self.side, units: self.units, value, margined }
	}

	fn filing(&self) -> Filing {
		let Self { side, units, .. } = *self;
		let size = size_of(units, self.book.side(side).scale).expect("fits");
		let weight = filing_weight(notional(size, self.mark).expect("fits"), self.volatility);
		Filing { side, units, level: self.level(self.rate), key: None, weight }
	}

	/// The model's value and requirement.
	fn value(&self) -> BigRational {
		sign(self.side) * &self.size * dollars(self.mark) + &self.quote
	}

	fn requirement(&self) -> BigRational {
		&self.size * dollars(self.mark) * part(self.rate)
	}

	/// What the last decimals of its levels come to.
	fn last_decimals(&self) -> BigRational {
		ratio(self.units.0, pow10(36)) * ratio(self.rounded + 1, 1)
	}
}

/// Cash and positions of an account, and what the model knows of its cash: what was paid in.
fn account(openings: &[Opening], deposit: u64) -> (Quote, BigRational, Vec<Held>) {
	let mut cash = Quote(deposit.into());
	let held = openings.iter().map(|opening| Held::open(opening, &mut cash)).collect();
	(cash, ratio(deposit, pow10(6)), held)
}

fn standing(cash: Quote, held: &[Held]) -> Standing {
	let holdings: Vec<Holding> = held.iter().map(Held::holding).collect();
	Standing::of(cash, &holdings).expect("within bounds")
}

/// Whether `code` is the model's number less what may be rounded, and no more than it.
fn is_below(code: &BigRational, model: &BigRational, rounded: &BigRational) -> bool {
	code <= model && model - code <= *rounded
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(512))]

	#[test]
	fn equity_and_health_are_the_models_less_what_is_rounded(
		openings in prop::collection::vec(opening(), 1..6),
		deposit in 0_u64..1_000_000_000_000,
		steps in prop::collection::vec(step(), 0..12),
	) {
		let (cash, model, mut held) = account(&openings, deposit);
		for (market, step) in steps {
			let count = held.len();
			held[market % count].apply(&step);
			let standing = standing(cash, &held);
			let equity = held.iter().fold(model.clone(), |sum, held| sum + held.value());
			let health = held.iter().fold(equity.clone(), |sum, held| sum - held.requirement());
			let rounded = held.iter().fold(BigRational::zero(), |sum, held| sum + held.last_decimals());
			prop_assert!(is_below(&exact(standing.equity), &equity, &rounded));
			prop_assert!(is_below(&exact(standing.health), &health, &rounded));
			// What is shown is rounded once more.
			let shown = |amount: Quote| ratio(amount.0, pow10(6));
			let once = unit() + &rounded;
			prop_assert!(is_below(&shown(standing.equity().unwrap()), &equity, &once));
			prop_assert!(is_below(&shown(standing.health().unwrap()), &health, &once));
			prop_assert!(shown(standing.requirement().unwrap()) >= exact(standing.equity) - exact(standing.health));
		}
	}

	#[test]
	fn a_first_key_is_no_further_than_its_share_of_the_models_health(
		openings in prop::collection::vec(opening(), 1..6),
		deposit in 0_u64..1_000_000_000_000_000,
		steps in prop::collection::vec(step(), 0..6),
	) {
		let (cash, model, mut held) = account(&openings, deposit);
		let count = held.len();
		for (market, step) in steps {
			held[market % count].apply(&step);
		}
		let budget = standing(cash, &held).health;
		if budget.is_negative() {
			return Ok(());
		}
		let health = held.iter().fold(model, |sum, held| sum + held.value() - held.requirement());
		let filings: Vec<Filing> = held.iter().map(Held::filing).collect();
		let keys = file(budget, &filings, None).unwrap();
		let weight = |filing: &Filing| filing.weight.to_string().parse::<BigInt>().expect("decimal digits");
		let all: BigInt = filings.iter().map(weight).sum();
		let mut spent = BigRational::zero();
		for (filing, key) in filings.iter().zip(&keys) {
			prop_assert!(!key_fires(filing.side, filing.level, *key));
			// What is lost when the level reaches the key, and when it is one decimal beyond.
			let distance = |beyond: i128| {
				let away = (BigInt::from(filing.level.0) - key.0).abs() + beyond;
				ratio(away * filing.units.0, pow10(36))
			};
			let share = ratio(weight(filing), all.clone()) * &health;
			prop_assert!(distance(0) <= share, "{key:?} is too far");
			// Shares are counted in 2^32 parts, and each of them is rounded.
			let parts = exact(budget) / ratio(1_u64 << 32, 1) + ratio(1_u64 << 32, pow10(36));
			let behind = &health - exact(budget) + parts;
			let at_end = key.0 == i128::MIN || key.0 == i128::MAX;
			prop_assert!(at_end || distance(1) + behind > share, "{key:?} is too near");
			spent += distance(0);
		}
		prop_assert!(spent <= exact(budget) && spent <= health);
		if let ([filing], [key]) = (&filings[..], &keys[..]) {
			// Alone it is exact: the account's health ends between the key and the next decimal.
			let beyond = if filing.side == Side::Long { -1 } else { 1 };
			let at = |level: i128| {
				let away = I256::product(filing.units.0, level - filing.level.0).unwrap();
				budget.plus(if filing.side == Side::Long { away } else { away.negated() }).unwrap()
			};
			prop_assert!(!at(key.0).is_negative() && at(key.0 + beyond).is_negative());
		}
	}
}
