// SPDX-License-Identifier: Apache-2.0
//! The way of a price inside of a bar, block by block.
//!
//! A bar says nothing about the order of its extremes. The rule is: one that closes at or above its open went down
//! first (open, low, high, close), one that closes below it went up first (open, high, low, close). The blocks between
//! two of these are divided evenly, and each of the four is met exactly.

use keel_primitives::Price;

use crate::{prices::Bar, random::Random};

/// The fewest blocks in which a bar is walked: one for each of its four prices.
pub const LEAST_BLOCKS: u32 = 4;

/// How the price goes from one to the next of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
	/// In a straight line: the calmest way there is.
	Line,
	/// By a random walk that ends where the line does, never leaves the bar, and whose steps together vary as much as
	/// the whole way is long. Volatility that is measured from block to block means something only here.
	Walk,
}

/// The price of every block of a bar, as many as `blocks`.
pub fn inside(bar: &Bar, blocks: u32, between: Between, random: &mut Random) -> Vec<Price> {
	let four = if bar.close >= bar.open {
		[bar.open, bar.low, bar.high, bar.close]
	} else {
		[bar.open, bar.high, bar.low, bar.close]
	};
	let last = blocks.max(LEAST_BLOCKS) - 1;
	let at = [0, last / 3, last * 2 / 3, last];
	let mut path = vec![four[0]];
	for leg in 0..3 {
		let steps = at[leg + 1] - at[leg];
		path.extend(way(four[leg], four[leg + 1], steps, bar, between, random));
	}
	path
}

/// The prices after `from`, the last of which is `to`.
fn way(from: Price, to: Price, steps: u32, bar: &Bar, between: Between, random: &mut Random) -> Vec<Price> {
	let line = |step: u32| {
		let (step, steps) = (u128::from(step), u128::from(steps));
		// Prices are below 2^90: a product with a number of blocks fits.
		Price((from.0 * (steps - step) + to.0 * step) / steps)
	};
	match between {
		Between::Line => (1..=steps).map(line).collect(),
		Between::Walk => {
			// Steps of equal size up or down, so that their squares sum to that of the way.
			let count = i128::from(steps);
			let size =
				i128::try_from(from.0.abs_diff(to.0)).unwrap_or(i128::MAX) / i128::from(steps.isqrt().max(1));
			let ups: Vec<i128> = (0..steps).map(|_| if random.below(2) == 0 { 1 } else { -1 }).collect();
			let end: i128 = ups.iter().sum();
			let mut sum = 0;
			(1..=steps)
				.zip(ups)
				.map(|(step, up)| {
					sum += up;
					// A bridge: what the walk has strayed at its end is taken back evenly.
					let strayed = sum * size - end * size / count * i128::from(step);
					let price = line(step).0.saturating_add_signed(strayed);
					let price = Price(price).clamp(bar.low, bar.high);
					if step == steps {
						to
					} else {
						price
					}
				})
				.collect()
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn bar(open: u32, high: u32, low: u32, close: u32) -> Bar {
		let [open, high, low, close] = [open, high, low, close].map(Price::dollars);
		Bar { line: 2, time: 0, open, high, low, close }
	}

	fn dollars(bar: &Bar, blocks: u32, between: Between) -> Vec<u128> {
		inside(bar, blocks, between, &mut Random::new(1)).iter().map(|price| price.0 / Price::ONE.0).collect()
	}

	#[test]
	fn a_rising_bar_falls_first_and_a_falling_bar_rises_first() {
		assert_eq!(dollars(&bar(20, 40, 10, 30), 4, Between::Line), [20, 10, 40, 30]);
		assert_eq!(dollars(&bar(30, 40, 10, 20), 4, Between::Line), [30, 40, 10, 20]);
	}

	#[test]
	fn all_four_prices_are_met_whatever_the_number_of_blocks() {
		let bar = bar(3_000, 4_000, 1_000, 2_000);
		for blocks in [4, 5, 17, 60, 1_800] {
			for between in [Between::Line, Between::Walk] {
				let path = dollars(&bar, blocks, between);
				assert_eq!(path.len(), blocks as usize);
				assert_eq!((path[0], path.last()), (3_000, Some(&2_000)));
				assert!(path.contains(&4_000) && path.contains(&1_000), "{blocks} {between:?}");
				assert!(path.iter().all(|price| (1_000..=4_000).contains(price)));
			}
		}
	}

	#[test]
	fn a_walk_varies_as_much_as_its_way_is_long_and_a_line_does_not() {
		let bar = bar(1_000, 2_000, 500, 1_900);
		let squares = |between| -> f64 {
			let path = inside(&bar, 1_800, between, &mut Random::new(7));
			path.windows(2).map(|pair| (pair[1].0 as f64 - pair[0].0 as f64).powi(2) / 1e36).sum()
		};
		// 500, 1,500 and 100 dollars.
		let whole = 500_f64.powi(2) + 1_500_f64.powi(2) + 100_f64.powi(2);
		let (line, walk) = (squares(Between::Line) / whole, squares(Between::Walk) / whole);
		assert!(line < 0.01, "{line}");
		assert!(0.5 < walk && walk < 1.5, "{walk}");
	}
}
