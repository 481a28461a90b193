// SPDX-License-Identifier: Apache-2.0
//! Rounds of prices, and reporters who disagree a little about them.
//!
//! Everything here is deterministic: the same history gives the same reports, byte for byte.

use crate::{history::Frame, units::Price};
use std::collections::BTreeMap;

/// What is reported in one round: by base asset, the price on each venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
	/// The time in the history, for people.
	pub label: String,
	/// The prices.
	pub prices: BTreeMap<String, Vec<Price>>,
}

/// The rounds of a history: four for each bar.
pub fn from_frames(frames: &[Frame]) -> Vec<Round> {
	let step = |frame: &Frame, index: usize| Round {
		label: frame.time.strftime("%Y-%m-%d %H:%M").to_string(),
		prices: frame
			.bars
			.iter()
			.map(|(base, venues)| (base.clone(), venues.iter().map(|bar| bar.path()[index]).collect()))
			.collect(),
	};
	frames.iter().flat_map(|frame| (0..4).map(move |index| step(frame, index))).collect()
}

/// The built-in crash, in basis points of the starting price: a calm, a slide, a fall to about half,
/// and a partial recovery. The shape is invented; only its size is that of the worst days on record.
const CRASH: [u16; 36] = [
	10_000, 9_990, 10_010, 10_000, 9_960, 9_920, 9_880, 9_840, 9_790, 9_740, 9_680, 9_620, 9_550, 9_480,
	9_400, 9_320, 9_230, 9_140, 9_040, 8_940, 8_700, 8_400, 8_050, 7_650, 7_200, 6_800, 6_350, 5_900, 5_500,
	5_200, 5_400, 5_800, 6_150, 6_000, 6_100, 6_080,
];

/// The built-in crash. `start` gives each asset its first price and its reaction in percent: at 120 an
/// asset falls by 1.2 times what the pattern falls.
pub fn synthetic_crash(start: &BTreeMap<String, (Price, u16)>) -> Vec<Round> {
	let at = |price: Price, reaction: u16, level: u16| {
		price.shifted((i64::from(level) - 10_000) * i64::from(reaction) / 100)
	};
	CRASH
		.iter()
		.enumerate()
		.map(|(index, level)| Round {
			label: format!("step {:>2} of {}", index + 1, CRASH.len()),
			prices: start
				.iter()
				.map(|(base, (price, reaction))| (base.clone(), vec![at(*price, *reaction, *level)]))
				.collect(),
		})
		.collect()
}

/// A group of reporters.
#[derive(Clone, Debug)]
pub struct Panel {
	/// How many there are.
	pub reporters: usize,
	/// How far each is from the venue's price at most, in basis points.
	pub spread: u16,
	/// The reporter (counted from 0) that repeats its last price for ever.
	pub stuck: Option<usize>,
	/// The reporter (counted from 0) that prints ten times the price every fifth round.
	pub outlier: Option<usize>,
	last: BTreeMap<(usize, String), Price>,
	round: u64,
}

impl Panel {
	/// `reporters` honest reporters, at most three basis points from their venue.
	pub fn new(reporters: usize) -> Self {
		Self { reporters, spread: 3, stuck: None, outlier: None, last: BTreeMap::new(), round: 0 }
	}

	/// What each reporter says in this round: a list by reporter of (base asset, price). Reporters
	/// take turns at the venues.
	pub fn report(&mut self, round: &Round) -> Vec<Vec<(String, Price)>> {
		let said = (0..self.reporters)
			.map(|reporter| {
				round
					.prices
					.iter()
					.filter(|(_, venues)| !venues.is_empty())
					.map(|(base, venues)| {
						(base.clone(), self.say(reporter, base, venues[reporter % venues.len()]))
					})
					.collect()
			})
			.collect();
		self.round += 1;
		said
	}

	fn say(&mut self, reporter: usize, base: &str, price: Price) -> Price {
		let key = (reporter, base.to_owned());
		if self.stuck == Some(reporter) {
			if let Some(last) = self.last.get(&key) {
				return *last;
			}
		}
		let honest = price.shifted(self.offset(reporter, base));
		self.last.insert(key, honest);
		if self.outlier == Some(reporter) && self.round % 5 == 4 {
			return Price(honest.0.saturating_mul(10));
		}
		honest
	}

	/// A number in `-spread..=spread` that looks random and is not.
	fn offset(&self, reporter: usize, base: &str) -> i64 {
		let seed = base.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
			(hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
		});
		let mut z = seed
			.wrapping_add(self.round.wrapping_mul(0x9e37_79b9_7f4a_7c15))
			.wrapping_add((reporter as u64).wrapping_mul(0xd1b5_4a32_d192_ed03));
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^= z >> 31;
		let width = 2 * u64::from(self.spread) + 1;
		i64::try_from(z % width).unwrap_or(0) - i64::from(self.spread)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn one_price(base: &str, dollars: &str) -> Round {
		Round {
			label: String::new(),
			prices: BTreeMap::from([(base.to_owned(), vec![Price::parse(dollars).expect("a number")])]),
		}
	}

	fn start() -> BTreeMap<String, (Price, u16)> {
		let price = |text: &str| Price::parse(text).expect("a number");
		BTreeMap::from([("BTC".to_owned(), (price("8000"), 100)), ("ETH".to_owned(), (price("200"), 120))])
	}

	#[test]
	fn the_built_in_crash_is_the_same_every_time() {
		let (a, b) = (synthetic_crash(&start()), synthetic_crash(&start()));
		assert_eq!(a, b);
		let lowest = |base: &str| a.iter().map(|round| round.prices[base][0]).min();
		assert_eq!(lowest("BTC"), Price::parse("4160").ok());
		assert_eq!(lowest("ETH"), Price::parse("84.8").ok());
		assert_eq!(a[0].prices["BTC"][0], Price::parse("8000").expect("a number"));
	}

	#[test]
	fn honest_reporters_disagree_a_little() {
		let mut panel = Panel::new(5);
		let price = Price::parse("10000").expect("a number");
		let mut seen = std::collections::BTreeSet::new();
		for _ in 0..50 {
			for said in panel.report(&one_price("BTC", "10000")) {
				let said = said[0].1;
				assert!(said.0.abs_diff(price.0) <= price.shifted(3).0 - price.0, "{said}");
				seen.insert(said);
			}
		}
		assert_eq!(seen.len(), 7, "every offset from -3 to 3 basis points occurs");
	}

	#[test]
	fn a_stuck_reporter_repeats_and_the_others_go_on() {
		let mut panel = Panel::new(3);
		let first = panel.report(&one_price("BTC", "100"));
		panel.stuck = Some(1);
		let second = panel.report(&one_price("BTC", "50"));
		assert_eq!(second[1], first[1]);
		assert!(second[0][0].1 < first[0][0].1);
	}

	#[test]
	fn an_outlier_prints_ten_times_the_price_every_fifth_round() {
		let mut panel = Panel::new(3);
		panel.outlier = Some(2);
		let far = Price::parse("900").expect("a number");
		let rounds: Vec<_> = (0..10).map(|_| panel.report(&one_price("BTC", "100"))).collect();
		let wild: Vec<_> = rounds.iter().map(|said| said[2][0].1 > far).collect();
		assert_eq!(wild, [false, false, false, false, true, false, false, false, false, true]);
		assert!(rounds.iter().all(|said| said[0][0].1 < far && said[1][0].1 < far));
	}

	#[test]
	fn reporters_take_turns_at_the_venues() {
		let price = |text: &str| Price::parse(text).expect("a number");
		let round = Round {
			label: String::new(),
			prices: BTreeMap::from([("BTC".to_owned(), vec![price("100"), price("200")])]),
		};
		let said = Panel::new(4).report(&round);
		let near_200: Vec<_> = said.iter().map(|said| said[0].1 > price("150")).collect();
		assert_eq!(near_200, [false, true, false, true]);
	}
}
