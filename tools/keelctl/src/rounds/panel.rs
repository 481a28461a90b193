// SPDX-License-Identifier: Apache-2.0
//! A group of reporters, and what each of them says.

use super::{hash, mix, within, Fault, Round, GOLDEN};
use crate::units::Price;
use std::collections::BTreeMap;

/// The least price the chain takes: a millionth of a dollar.
const LEAST: Price = Price(1_000_000_000_000);
/// How far a split moves each half, in basis points: further than a feed of a development chain lets reports lie apart.
const SPLIT: i64 = 500;

/// A group of reporters.
#[derive(Clone, Debug)]
pub struct Panel {
	/// How many there are.
	pub reporters: usize,
	/// How far each is from the venue's price at most, in basis points.
	pub spread: u32,
	/// What is wrong with them.
	pub faults: Vec<Fault>,
	last: BTreeMap<(usize, String), Price>,
	round: u64,
}

impl Panel {
	/// `reporters` honest reporters, at most three basis points from their venue.
	pub fn new(reporters: usize) -> Self {
		Self { reporters, spread: 3, faults: Vec::new(), last: BTreeMap::new(), round: 0 }
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

	/// Whether this reporter is late.
	pub fn is_late(&self, reporter: usize) -> bool {
		self.faults.contains(&Fault::Late(reporter))
	}

	fn say(&mut self, reporter: usize, base: &str, price: Price) -> Price {
		let key = (reporter, base.to_owned());
		if self.faults.contains(&Fault::Stuck(reporter)) {
			if let Some(last) = self.last.get(&key) {
				return *last;
			}
		}
		let honest = price.shifted(self.offset(reporter, base));
		self.last.insert(key, honest);
		self.faults.iter().fold(honest, |price, fault| self.distort(*fault, reporter, price))
	}

	/// `price` as `reporter` says it under `fault`.
	fn distort(&self, fault: Fault, reporter: usize, price: Price) -> Price {
		let half = self.reporters / 2;
		match fault {
			Fault::Floor(member) if member == reporter => LEAST,
			Fault::Split if reporter < half => price.shifted(-SPLIT),
			Fault::Split if reporter >= self.reporters - half => price.shifted(SPLIT),
			Fault::Decimal(member, places) if member == reporter => {
				let factor = 10u128.pow(places.unsigned_abs().into());
				Price(if places < 0 { price.0 / factor } else { price.0.saturating_mul(factor) })
			}
			Fault::Spike(member) if member == reporter && self.round % 5 == 4 => {
				Price(price.0.saturating_mul(10))
			}
			_ => price,
		}
	}

	/// A number in `-spread..=spread` that looks random and is not.
	fn offset(&self, reporter: usize, base: &str) -> i64 {
		let state = hash(base)
			.wrapping_add(self.round.wrapping_mul(GOLDEN))
			.wrapping_add((reporter as u64).wrapping_mul(0xd1b5_4a32_d192_ed03));
		within(mix(state), self.spread)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn price(text: &str) -> Price {
		Price::parse(text).expect("a number")
	}

	fn one_price(base: &str, dollars: &str) -> Round {
		Round { label: String::new(), prices: BTreeMap::from([(base.to_owned(), vec![price(dollars)])]) }
	}

	/// What five reporters with these faults say of a price of 100, in the given round.
	fn said(faults: &[Fault], round: usize) -> Vec<Price> {
		let mut panel = Panel::new(5);
		panel.faults = faults.to_vec();
		let rounds = (0..=round).map(|_| panel.report(&one_price("BTC", "100")));
		rounds.last().expect("one round").iter().map(|said| said[0].1).collect()
	}

	#[test]
	fn honest_reporters_disagree_a_little() {
		let mut panel = Panel::new(5);
		let price = price("10000");
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
		panel.faults = vec![Fault::Stuck(1)];
		let second = panel.report(&one_price("BTC", "50"));
		assert_eq!(second[1], first[1]);
		assert!(second[0][0].1 < first[0][0].1);
	}

	#[test]
	fn a_spike_is_ten_times_the_price_every_fifth_round() {
		let mut panel = Panel::new(3);
		panel.faults = vec![Fault::Spike(2)];
		let far = price("900");
		let rounds: Vec<_> = (0..10).map(|_| panel.report(&one_price("BTC", "100"))).collect();
		let wild: Vec<_> = rounds.iter().map(|said| said[2][0].1 > far).collect();
		assert_eq!(wild, [false, false, false, false, true, false, false, false, false, true]);
		assert!(rounds.iter().all(|said| said[0][0].1 < far && said[1][0].1 < far));
	}

	#[test]
	fn each_fault_is_its_members_alone() {
		let honest = said(&[], 0);
		let faults = [Fault::Floor(0), Fault::Decimal(1, 2), Fault::Decimal(2, -1), Fault::Late(3)];
		let said = said(&faults, 0);
		assert_eq!(said[0], LEAST);
		assert_eq!(said[1].0, honest[1].0 * 100);
		assert_eq!(said[2].0, honest[2].0 / 10);
		assert_eq!(said[3..], honest[3..], "who is late is so by being late");
	}

	#[test]
	fn a_split_leaves_only_the_one_in_the_middle_where_it_was() {
		let (honest, split) = (said(&[], 0), said(&[Fault::Split], 0));
		assert_eq!(split[2], honest[2]);
		assert!(split[..2].iter().all(|said| *said < price("95.1")), "{split:?}");
		assert!(split[3..].iter().all(|said| *said > price("104.9")), "{split:?}");
	}

	#[test]
	fn reporters_take_turns_at_the_venues() {
		let round = Round {
			label: String::new(),
			prices: BTreeMap::from([("BTC".to_owned(), vec![price("100"), price("200")])]),
		};
		let said = Panel::new(4).report(&round);
		let near_200: Vec<_> = said.iter().map(|said| said[0].1 > price("150")).collect();
		assert_eq!(near_200, [false, true, false, true]);
	}
}
