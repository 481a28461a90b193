// SPDX-License-Identifier: Apache-2.0
//! Stories of prices that are built in. The shapes are invented; only their sizes are those of days on record.

use super::{hash, mix, within, Round, GOLDEN};
use crate::units::Price;
use std::collections::BTreeMap;

/// By asset, the first price and the reaction in percent: at 120 an asset moves by 1.2 times what a pattern moves.
pub type Start = BTreeMap<String, (Price, u16)>;

/// A kind of story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
	/// Prices walk within about half a percent of where they began. Without end.
	Calm,
	/// Prices drift one way for some minutes, then perhaps the other. Without end.
	Trend,
	/// A calm, a slide, a gap of a seventh, a fall to about half, a partial recovery.
	Crash,
	/// A fifth is gone between two prices; later half of it is back, as suddenly.
	Gap,
}

/// The crash, in basis points of the starting price. The gap is wider than the margin of a 10x long that has
/// survived the slide; after it no step is as large as the maintenance margin.
const CRASH: [u16; 40] = [
	10_000, 9_990, 10_010, 10_000, 9_960, 9_910, 9_860, 9_810, 9_760, 9_700, 9_640, 9_570, 9_500,
	9_450, //
	8_050, 8_000, 7_960, 7_800, 7_620, 7_440, 7_270, 7_100, 6_930, 6_770, 6_610, 6_450, 6_300, 6_150, 6_010,
	5_870, 5_730, 5_600, 5_470, 5_340, 5_200, 5_330, 5_560, 5_700, 5_640, 5_660,
];
/// The gap, in basis points of the starting price.
const GAP: [u16; 24] = [
	10_000, 10_004, 9_997, 10_002, 9_995, 10_001, 9_999, 10_003, //
	8_000, 8_003, 7_996, 8_001, 7_999, 8_004, 7_998, 8_000, //
	9_000, 9_003, 8_998, 9_001, 8_997, 9_002, 8_999, 9_000,
];

/// Levels of walks are in parts per million of the starting price.
const ONE: i64 = 1_000_000;
/// A step of noise is at most this: two basis points.
const NOISE: u32 = 200;
/// A calm walk is pulled back by one part in so many of its distance.
const PULL: i64 = 100;
/// A trend moves by this in each step: three basis points.
const DRIFT: i64 = 300;
/// A trend goes one way for at least so many steps, and for at most four times as many.
const LEG: u64 = 60;

/// The built-in crash, the same every time.
pub fn synthetic_crash(start: &Start) -> Vec<Round> {
	Story::new(Kind::Crash, 0, start.clone()).collect()
}

/// A story, round by round.
#[derive(Clone, Debug)]
pub struct Story {
	kind: Kind,
	start: Start,
	walks: BTreeMap<String, Walk>,
	told: usize,
}

impl Story {
	/// The story of this kind from these prices on. The seed decides the way of those that walk; the patterns of the
	/// others are the same every time.
	pub fn new(kind: Kind, seed: u64, start: Start) -> Self {
		let walk = |base: &String| (base.clone(), Walk::new(mix(seed) ^ hash(base)));
		let walks = start.keys().map(walk).collect();
		Self { kind, start, walks, told: 0 }
	}

	/// How many rounds it has; `None`: it goes on for ever.
	pub const fn rounds(kind: Kind) -> Option<usize> {
		match kind {
			Kind::Calm | Kind::Trend => None,
			Kind::Crash => Some(CRASH.len()),
			Kind::Gap => Some(GAP.len()),
		}
	}

	fn price(&mut self, base: &str, price: Price, reaction: u16) -> Option<Price> {
		let shifted = |level: u16| price.shifted((i64::from(level) - 10_000) * i64::from(reaction) / 100);
		match self.kind {
			Kind::Crash => CRASH.get(self.told).copied().map(shifted),
			Kind::Gap => GAP.get(self.told).copied().map(shifted),
			kind => self.walks.get_mut(base).map(|walk| walk.step(kind).of(price)),
		}
	}
}

impl Iterator for Story {
	type Item = Round;

	fn next(&mut self) -> Option<Round> {
		let rounds = Self::rounds(self.kind);
		if rounds.is_some_and(|rounds| self.told >= rounds) {
			return None;
		}
		let start = self.start.clone();
		let prices = start
			.into_iter()
			.filter_map(|(base, (price, reaction))| {
				let price = self.price(&base, price, reaction)?;
				Some((base, vec![price]))
			})
			.collect();
		self.told += 1;
		let label = match rounds {
			Some(rounds) => format!("step {:>2} of {rounds}", self.told),
			None => format!("step {}", self.told),
		};
		Some(Round { label, prices })
	}
}

/// A price on its way, as a share of where it began.
#[derive(Clone, Debug)]
struct Walk {
	state: u64,
	level: i64,
	direction: i64,
	left: u64,
}

impl Walk {
	const fn new(state: u64) -> Self {
		Self { state, level: ONE, direction: 1, left: 0 }
	}

	fn random(&mut self) -> u64 {
		self.state = self.state.wrapping_add(GOLDEN);
		mix(self.state)
	}

	/// No step is larger than a trend's drift and the noise: nobody's price jumps because a walk sets in.
	fn step(&mut self, kind: Kind) -> &Self {
		let noise = within(self.random(), NOISE);
		match kind {
			Kind::Trend => {
				if self.left == 0 {
					let random = self.random();
					self.left = LEG + random % (3 * LEG);
					self.direction = if random & (1 << 40) == 0 { 1 } else { -1 };
				}
				// A trend that goes on for days must not end at nothing, nor beyond all bounds.
				if self.level < ONE / 4 {
					self.direction = 1;
				} else if self.level > 4 * ONE {
					self.direction = -1;
				}
				self.left -= 1;
				self.level += self.level * (self.direction * DRIFT + noise) / ONE;
			}
			_ => self.level += noise - (self.level - ONE) / PULL,
		}
		self
	}

	fn of(&self, price: Price) -> Price {
		let level = u128::try_from(self.level).unwrap_or(1);
		Price(price.0.saturating_mul(level) / u128::from(ONE.unsigned_abs()))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn price(text: &str) -> Price {
		Price::parse(text).expect("a number")
	}

	fn start() -> Start {
		BTreeMap::from([("BTC".to_owned(), (price("8000"), 100)), ("ETH".to_owned(), (price("200"), 120))])
	}

	/// Basis points of the first price that BTC stands at.
	fn levels(kind: Kind, seed: u64, rounds: usize) -> Vec<u128> {
		let of = |round: Round| round.prices["BTC"][0].0 * 10_000 / price("8000").0;
		Story::new(kind, seed, start()).take(rounds).map(of).collect()
	}

	/// The largest fall between two prices, in percent of the first of them.
	fn widest(levels: &[u128]) -> u128 {
		let fall = |pair: &[u128]| pair[0].saturating_sub(pair[1]) * 100 / pair[0];
		levels.windows(2).map(fall).max().expect("two prices")
	}

	#[test]
	fn the_built_in_crash_is_the_same_every_time() {
		let (a, b) = (synthetic_crash(&start()), synthetic_crash(&start()));
		assert_eq!(a, b);
		let lowest = |base: &str| a.iter().map(|round| round.prices[base][0]).min();
		assert_eq!(lowest("BTC"), Some(price("4160")));
		assert_eq!(lowest("ETH"), Some(price("84.8")));
		assert_eq!(a[0].prices["BTC"][0], price("8000"));
		assert_eq!(a.len(), Story::rounds(Kind::Crash).expect("it ends"));
	}

	#[test]
	fn the_crash_has_one_gap_that_bankrupts_and_no_other_step_that_could() {
		let levels = levels(Kind::Crash, 0, usize::MAX);
		let gap = levels.windows(2).position(|pair| pair[0] * 86 > pair[1] * 100).expect("a gap");
		let (before, after) = levels.split_at(gap + 1);
		// A 10x long has 10.2 % of margin, and is healthy while more than 3 % are left.
		assert!(before.iter().all(|level| *level > 9_350) && after.iter().all(|level| *level < 8_980));
		assert!(widest(before) < 1 && widest(after) < 3, "{} and {}", widest(before), widest(after));
	}

	#[test]
	fn a_gap_is_a_fifth_at_once_and_half_of_it_back() {
		let levels = levels(Kind::Gap, 7, usize::MAX);
		assert_eq!(widest(&levels), 20);
		assert_eq!(levels, self::levels(Kind::Gap, 8, usize::MAX), "no seed changes it");
		assert_eq!((levels[7], levels[8], levels[16]), (10_003, 8_000, 9_000));
	}

	#[test]
	fn a_calm_walk_stays_where_it_is_for_days() {
		for seed in 0..8 {
			let levels = levels(Kind::Calm, seed, 100_000);
			assert_eq!(levels[0].abs_diff(10_000) / 3, 0, "it sets in where the price is");
			let (low, high) = (levels.iter().min().expect("some"), levels.iter().max().expect("some"));
			assert!(*low > 9_900 && *high < 10_100, "seed {seed}: {low} to {high}");
			assert!(*low < 9_985 && *high > 10_015, "seed {seed}: it moves: {low} to {high}");
		}
	}

	#[test]
	fn a_trend_goes_far_in_steps_that_are_small() {
		for seed in 0..8 {
			let levels = levels(Kind::Trend, seed, 100_000);
			let (low, high) = (levels.iter().min().expect("some"), levels.iter().max().expect("some"));
			assert!(high - low > 2_000, "seed {seed}: {low} to {high}");
			assert!(*low > 2_000 && *high < 42_000, "seed {seed}: {low} to {high}");
			assert!(levels.windows(2).all(|pair| pair[0].abs_diff(pair[1]) * 1_000 <= pair[0] + 1_000));
		}
	}

	#[test]
	fn a_seed_gives_the_same_walk_again_and_another_gives_another() {
		for kind in [Kind::Calm, Kind::Trend] {
			let of = |seed| Story::new(kind, seed, start()).take(50).collect::<Vec<_>>();
			assert_eq!(of(7), of(7));
			assert_ne!(of(7), of(8));
			let share = |round: &Round, base: &str| round.prices[base][0].0 * 1_000_000 / start()[base].0 .0;
			assert!(
				of(7).iter().any(|round| share(round, "BTC") != share(round, "ETH")),
				"each goes its own way"
			);
		}
	}
}
