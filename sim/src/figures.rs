// SPDX-License-Identifier: Apache-2.0
//! What comes out of a replay.

use keel_primitives::{Price, Quote};

use crate::{orders::Orders, tally::Tally};

/// Many measurements as three numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
	/// How many there are.
	pub count: usize,
	/// Half of them are at most this.
	pub p50: f64,
	/// Of a hundred, ninety-nine are at most this.
	pub p99: f64,
	/// The largest.
	pub max: f64,
}

impl Spread {
	/// Of any number of measurements, in any order.
	pub fn of(mut all: Vec<f64>) -> Self {
		all.sort_by(f64::total_cmp);
		let at = |percent: usize| all.get((all.len() * percent).div_ceil(100).saturating_sub(1)).copied();
		let [p50, p99, max] = [50, 99, 100].map(|percent| at(percent).unwrap_or_default());
		Self { count: all.len(), p50, p99, max }
	}
}

/// What a market was like in a block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MarketPoint {
	/// What the world's price is, in dollars: it lands in the next block.
	pub world: f64,
	/// The price that has landed, in dollars.
	pub landed: f64,
	/// The mark, in dollars.
	pub mark: f64,
	/// Standard deviation of a day, as the chain measures it.
	pub sigma: f64,
}

/// What the exchange was like after a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Point {
	/// Hours of the record since its first bar.
	pub hour: f64,
	/// By market, in the order of the replay.
	pub markets: Vec<MarketPoint>,
	/// What was liquidated so far.
	pub liquidated: Quote,
	/// What the pots have: tranches and fund.
	pub pots: Quote,
	/// What sides have borne so far.
	pub socialised: Quote,
	/// How many are in line.
	pub queue: u64,
}

/// A market over the whole replay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MarketFigures {
	/// What it is called.
	pub base: String,
	/// Whose prices were walked.
	pub source: String,
	/// The first price, the lowest, the highest and the last.
	pub prices: [f64; 4],
	/// What was open on a side when all had come.
	pub open: Quote,
	/// The same at the end, at the mark of then.
	pub open_at_end: Quote,
	/// How old the landed price was, in milliseconds of chain time, block by block.
	pub age_ms: Spread,
	/// How far it was from the world's, as a part of that.
	pub tracking: Spread,
	/// In how many blocks it was not open: guarded or halted.
	pub not_open: u64,
	/// In how many of these it was halted.
	pub halted: u64,
	/// Volatility of a day as the chain measured it: when all had come, at most, at the end.
	pub sigma: [f64; 3],
	/// Initial margin rate of the smallest position: when all had come, at most, at the end.
	pub initial: [f64; 3],
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
	/// What was counted.
	pub tally: Tally,
	/// By market.
	pub markets: Vec<MarketFigures>,
	/// How many blocks were walked after all had come.
	pub blocks: u64,
	/// How many bars each asset had.
	pub rows: usize,
	/// How long a bar lasts, in seconds.
	pub seconds: i64,
	/// How many accounts came, and what they brought.
	pub accounts: usize,
	/// What they brought.
	pub deposited: Quote,
	/// Blocks that each stay in the line took.
	pub waits: Spread,
	/// How far the mark was beyond the level of each account when it was first taken from.
	pub overshoot: Spread,
	/// Whose positions closed when somebody was deleveraged, and whose would have in another order.
	pub orders: Orders,
	/// The longest line.
	pub queue_max: u64,
	/// Who is still in line.
	pub in_line: u64,
	/// What pots had when all had come, and at the end.
	pub pots: [Quote; 2],
	/// How often all invariants were asked.
	pub checks: u64,
	/// What did not hold, with the block in which it was seen.
	pub broken: Vec<String>,
	/// The root of the state at the end.
	pub root: String,
	/// Block by block.
	pub points: Vec<Point>,
}

/// A price in dollars, for people and plots.
pub fn dollars_of(price: Price) -> f64 {
	price.0 as f64 / Price::ONE.0 as f64
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn percentiles_are_measurements() {
		let spread = Spread::of((1..=200).rev().map(f64::from).collect());
		assert_eq!(spread, Spread { count: 200, p50: 100.0, p99: 198.0, max: 200.0 });
		assert_eq!(Spread::of(vec![7.0]), Spread { count: 1, p50: 7.0, p99: 7.0, max: 7.0 });
		assert_eq!(Spread::of(vec![]), Spread::default());
	}
}
