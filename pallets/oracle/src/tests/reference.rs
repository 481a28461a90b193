// SPDX-License-Identifier: Apache-2.0
//! The oracle against one that is written down again from the spec, slowly: from a list of all that was ever said. Both
//! say the same of every round, to the unit.
//!
//! ```text
//! KEEL_SEED    what the rounds are made from
//! KEEL_ROUNDS  how many there are
//! ```

use crate::{mock::*, *};
use keel_primitives::{FeedId, Moment, Price, PriceState, Ratio};
use keel_traits::PriceFeed;
use std::collections::{BTreeMap, BTreeSet};

/// Rounds in the usual run.
const ROUNDS: u64 = 10_000;
/// Blocks until the members and their number change.
const BLOCKS: u32 = 250;
const WINDOW: u32 = 3;
const STUCK_ROUNDS: usize = 4;

fn feed_params() -> FeedParams {
	// Prices here stay within a factor of two: none is volatile.
	FeedParams { age_ms_max: 20_000, volatile_max: Ratio::ONE, ..params() }
}

/// SplitMix64.
struct Random(u64);

impl Random {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	fn below(&mut self, bound: u64) -> u64 {
		self.next() % bound
	}

	fn percent(&mut self, chance: u64) -> bool {
		self.below(100) < chance
	}
}

/// Something that was said.
#[derive(Clone, Copy, Debug)]
struct Said {
	member: u8,
	feed: FeedId,
	round: u32,
	received: u32,
	price: u128,
	confidence: u128,
}

/// What landed last on a feed, and what came after it.
#[derive(Clone, Copy, Debug)]
struct Last {
	block: u32,
	price: u128,
	confidence: u128,
	sources: u32,
	taken_at: Moment,
	renewed_in: u32,
	uncertain: bool,
}

/// An oracle that remembers everything and looks at all of it, every time.
struct Naive {
	seats: usize,
	/// What each member reads.
	sources: Vec<Option<u32>>,
	said: Vec<Said>,
	times: BTreeMap<u32, Moment>,
	landed: BTreeMap<FeedId, Vec<(u32, u128)>>,
	last: BTreeMap<FeedId, Last>,
	seen: Seen,
}

/// What has come up: a test that never meets a tie says nothing of ties.
#[derive(Debug, Default)]
struct Seen {
	agreed: u64,
	even: u64,
	ties: u64,
	odd_halves: u64,
	disagreed: u64,
	deviate: u64,
	stuck: u64,
	silent: u64,
	over_a_gap: u64,
	shared: u64,
	too_few_sources: u64,
}

/// Into as many parts a source's weight is cut: 1 to 10 members share them without a rest.
const PARTS: u64 = 2_520;

/// Write each value down as often as its report has parts, cross off the lowest and the highest until one or two are
/// left, and hold what they are between the ends of the honest.
fn middle(values: &[(u128, u64)], liars: usize) -> u128 {
	let mut left: BTreeMap<u128, u64> = BTreeMap::new();
	for (value, parts) in values {
		*left.entry(*value).or_default() += parts;
	}
	loop {
		let total: u64 = left.values().sum();
		let (low, high) = (*left.keys().next().unwrap(), *left.keys().next_back().unwrap());
		if low == high || total <= 2 {
			let mut ends: Vec<_> = values.iter().map(|(value, _)| *value).collect();
			// Of fewer than a quorum at least the middle stays.
			let away = liars.min((ends.len() - 1) / 2);
			cross_off(&mut ends, away);
			return ((low + high) / 2).clamp(*ends.iter().min().unwrap(), *ends.iter().max().unwrap());
		}
		let both = left[&low].min(left[&high]).min((total - 1) / 2);
		for end in [low, high] {
			*left.get_mut(&end).unwrap() -= both;
		}
		left.retain(|_, parts| *parts > 0);
	}
}

/// Cross off the `count` lowest and as many of the highest.
fn cross_off(values: &mut Vec<u128>, count: usize) {
	for _ in 0..count {
		let low = values.iter().position(|v| v == values.iter().min().unwrap()).unwrap();
		values.remove(low);
		let high = values.iter().position(|v| v == values.iter().max().unwrap()).unwrap();
		values.remove(high);
	}
}

/// More than `parts` in 10^9 of `middle` away from it.
fn is_further(price: u128, middle: u128, parts: u128) -> bool {
	price.abs_diff(middle) * 1_000_000_000 > middle * parts
}

impl Naive {
	fn new(sources: Vec<Option<u32>>) -> Self {
		Self {
			seats: sources.len(),
			sources,
			said: Vec::new(),
			times: BTreeMap::from([
				(0, GENESIS_MS),
				(1, GENESIS_MS + SLOT_MS),
				(2, GENESIS_MS + 2 * SLOT_MS),
			]),
			landed: BTreeMap::new(),
			last: BTreeMap::new(),
			seen: Seen::default(),
		}
	}

	/// What the members who said these read, each once.
	fn sources_of(&self, said: &[Said]) -> BTreeSet<Option<u32>> {
		said.iter().map(|said| self.sources[usize::from(said.member)]).collect()
	}

	/// How many parts each of them has.
	fn parts_of(&self, all: &[Said]) -> Vec<u64> {
		let source = |said: &Said| self.sources[usize::from(said.member)];
		let behind = |one: &Said| all.iter().filter(|other| source(other) == source(one)).count();
		all.iter().map(|said| PARTS / behind(said) as u64).collect()
	}

	/// The newest block that whoever reported for `round` had seen.
	fn taken_at(&self, said: &Said) -> Moment {
		self.times[&said.round.min(said.received - 1).max(1)]
	}

	fn is_before_a_gap(&self, taken_at: Moment, block: u32) -> bool {
		let blocks = self.times.range(1..=block);
		let pairs = blocks.clone().zip(blocks.skip(1));
		let mut after_gaps = pairs.filter(|((_, a), (_, b))| *b - *a > u64::from(WINDOW) * SLOT_MS);
		after_gaps.any(|(_, (_, after))| taken_at < *after)
	}

	/// How often a member has said the price of its last report again, and what landed when that was first counted.
	fn repetition(&self, last: &Said) -> (usize, Option<u128>) {
		let mine = self.said.iter().rev().filter(|s| (s.member, s.feed) == (last.member, last.feed));
		let mut run: Vec<_> = mine.take_while(|s| s.price == last.price).collect();
		run.reverse();
		let landed = self.landed.get(&last.feed).map(Vec::as_slice).unwrap_or_default();
		// The last blocks are remembered, no others.
		let anchor = run.windows(2).find_map(|pair| {
			let after = pair[0].received.max(pair[1].received.saturating_sub(WINDOW));
			let known = landed.iter().rev().find(|(block, _)| *block <= pair[1].received)?;
			(known.0 > after).then_some(known.1)
		});
		(run.len() - 1, anchor)
	}

	/// The round of `feed` at the start of `block`. Returns who is told that it was left out, and why.
	fn round(&mut self, feed: FeedId, block: u32) -> Vec<(u8, Rejection)> {
		let params = feed_params();
		let time = self.times[&block];
		let mut heard = Vec::new();
		for member in 0..10 {
			let mut all = self.said.iter().rev();
			let Some(said) = all.find(|s| (s.member, s.feed) == (member, feed)) else { continue };
			let taken_at = self.taken_at(said);
			if block - said.round > WINDOW || time - taken_at > params.age_ms_max {
				continue;
			}
			if self.is_before_a_gap(taken_at, block) {
				self.seen.over_a_gap += 1;
				continue;
			}
			heard.push(*said);
		}
		let liars = (self.seats - 1) / 3;
		let quorum = (2 * liars + 1).max(3);
		let bad_sources = (self.sources.iter().collect::<BTreeSet<_>>().len() - 1) / 3;
		let source_quorum = (2 * bad_sources + 1).max(3);
		let is_new = |said: &Said| said.received == block - 1;
		let sources = self.sources_of(&heard).len();
		self.seen.too_few_sources += u64::from(heard.len() >= quorum && sources < source_quorum);
		if heard.len() < quorum || sources < source_quorum || !heard.iter().any(is_new) {
			self.seen.silent += 1;
			return Vec::new();
		}

		let parts = self.parts_of(&heard);
		let prices: Vec<_> = heard.iter().zip(&parts).map(|(s, parts)| (s.price, *parts)).collect();
		let center = middle(&prices, liars);
		let waited = self.last.get(&feed).map_or(0, |last| time - self.times[&last.block]);
		let deviation = u128::from(params.deviation_max.0);
		let allowed =
			(deviation + deviation * u128::from(waited) / u128::from(params.age_ms_max)).min(1_000_000_000);
		let (mut kept, mut told) = (Vec::new(), Vec::new());
		for (at, said) in heard.iter().enumerate() {
			let others: Vec<_> =
				prices.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, p)| *p).collect();
			let others = middle(&others, liars);
			let (repeats, anchor) = self.repetition(said);
			let left = |price| is_further(price, others, deviation / 4);
			let why = if is_further(said.price, center, allowed) {
				self.seen.deviate += 1;
				Rejection::Deviates
			} else if repeats >= STUCK_ROUNDS && left(said.price) && anchor.is_some_and(left) {
				self.seen.stuck += 1;
				Rejection::Stuck
			} else {
				kept.push(*said);
				continue;
			};
			if is_new(said) {
				told.push((said.member, why));
			}
		}
		let sources = self.sources_of(&kept).len();
		if kept.len() < quorum || sources < source_quorum {
			self.seen.disagreed += 1;
			let mut ends: Vec<_> = heard.iter().map(|s| s.price).collect();
			cross_off(&mut ends, liars);
			if let Some(last) = self.last.get_mut(&feed) {
				let off = ends.iter().map(|price| price.abs_diff(last.price)).max().unwrap();
				last.confidence = off.max(last.price * allowed / 1_000_000_000);
				last.uncertain = true;
			}
			return told;
		}

		let parts = self.parts_of(&kept);
		let weighed = |what: fn(&Said) -> u128| -> Vec<_> {
			kept.iter().zip(&parts).map(|(said, parts)| (what(said), *parts)).collect()
		};
		let price = middle(&weighed(|s| s.price), liars);
		self.seen.agreed += 1;
		self.seen.shared += u64::from(sources < kept.len());
		let mut prices: Vec<_> = kept.iter().map(|s| s.price).collect();
		self.seen.even += u64::from(prices.len() % 2 == 0);
		self.seen.ties += u64::from(prices.iter().filter(|other| **other == price).count() > 1);
		cross_off(&mut prices, liars);
		let spread = prices.iter().max().unwrap() - prices.iter().min().unwrap();
		// The same by weight: crossed off at either end while all that is crossed off is no more than may be wrong.
		let mut written = weighed(|s| s.price);
		written.sort();
		let away = bad_sources as u64 * PARTS;
		let at_end = |written: &[(u128, u64)]| {
			let sums = written.iter().scan(0, |sum, (value, parts)| {
				*sum += parts;
				Some((*value, *sum))
			});
			sums.filter(|(_, sum)| *sum > away).map(|(value, _)| value).next().unwrap()
		};
		let low = at_end(&written);
		written.reverse();
		let spread = spread.min(at_end(&written) - low);
		self.seen.odd_halves += u64::from(spread % 2 == 1);
		let claimed = middle(&weighed(|s| s.confidence), liars);
		let confidence = (spread / 2).max(claimed);
		// Of the two in the middle the earlier one.
		let mut times: Vec<_> = kept.iter().map(|s| self.taken_at(s)).zip(parts.iter().copied()).collect();
		times.sort();
		let half = parts.iter().sum::<u64>();
		let below =
			|time: Moment| times.iter().filter(|(t, _)| *t <= time).map(|(_, parts)| parts).sum::<u64>();
		let earlier = times.iter().map(|(time, _)| *time).find(|time| 2 * below(*time) >= half).unwrap();
		let inner = &times[liars..times.len() - liars];
		let taken_at = earlier.clamp(inner[0].0, inner[inner.len() - 1].0);
		// Those who have reported since a quorum last did.
		let renewed_in = self.last.get(&feed).map_or(0, |last| last.renewed_in);
		let news: Vec<_> = kept.iter().filter(|s| s.received >= renewed_in).copied().collect();
		let renewed = news.len() >= quorum && self.sources_of(&news).len() >= source_quorum;
		let last = Last {
			block,
			price,
			confidence,
			sources: sources as u32,
			taken_at,
			renewed_in: if renewed { block } else { renewed_in },
			uncertain: confidence * 1_000_000_000 > price * u128::from(params.confidence_max.0),
		};
		self.last.insert(feed, last);
		self.landed.entry(feed).or_default().push((block, price));
		told
	}

	fn compare(&self, feed: FeedId, block: u32) {
		let seen = Oracle::observe(feed);
		let Some(last) = self.last.get(&feed) else {
			assert_eq!(seen.state, PriceState::Missing);
			return;
		};
		let time = self.times[&block];
		let state = if time - last.taken_at > feed_params().age_ms_max {
			PriceState::Stale
		} else if last.uncertain {
			PriceState::Uncertain
		} else {
			PriceState::Valid
		};
		assert_eq!(
			(seen.price.0, seen.confidence.0, seen.sources, seen.state),
			(last.price, last.confidence, last.sources, state)
		);
		assert_eq!((seen.taken_at, seen.age_ms), (last.taken_at, time - last.taken_at));
		assert_eq!(seen.landed_at, self.times[&last.block]);
		assert_eq!(seen.renewed, last.renewed_in == block);
	}
}

fn told_of(feed: FeedId) -> Vec<(u8, Rejection)> {
	let told = events().into_iter().filter_map(|event| match event {
		Event::ReportRejected { member, feeds } => {
			let bytes: &[u8] = member.as_ref();
			let rejected = feeds.into_iter().find(|rejected| rejected.feed == feed)?;
			Some((bytes[0], rejected.reason))
		}
		_ => None,
	});
	let mut told: Vec<_> = told.collect();
	told.sort_by_key(|(member, _)| *member);
	told
}

/// What a member says next: what it said, or something near where the market is, in steps that make ties, odd units and
/// distances on both sides of what is allowed.
fn next_price(random: &mut Random, market: u128, before: Option<u128>) -> u128 {
	if let Some(before) = before.filter(|_| random.percent(45)) {
		return before;
	}
	let step = match random.below(10) {
		0..=2 => 1,
		3..=6 => market / 2_000,
		7..=8 => market / 250,
		_ => market / 60,
	};
	let ticks = u128::from(random.below(9));
	(market + ticks * step).saturating_sub(4 * step)
}

#[test]
fn the_oracle_says_what_the_naive_one_does_to_the_unit() {
	let variable = |name: &str| -> Option<u64> {
		let text = std::env::var(name).ok()?;
		Some(text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")))
	};
	let rounds = variable("KEEL_ROUNDS").unwrap_or(ROUNDS);
	let seed = variable("KEEL_SEED").unwrap_or_else(|| {
		std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("it is later").as_millis()
			as u64
	});
	println!("again with KEEL_SEED={seed} KEEL_ROUNDS={rounds}");
	let random = &mut Random(seed);
	let (mut done, mut total) = (0, Vec::new());
	while done < rounds {
		let members = 3 + random.below(8) as u8;
		World { members, params: feed_params() }.run(|| {
			// All different, or some behind the same, or behind none that they name.
			let shared = random.percent(60);
			let count = 2 + random.below(members.into());
			let sources: Vec<_> = (0..members)
				.map(|member| match shared {
					true => Some(random.below(count) as u32).filter(|source| *source > 0),
					false => Some(member.into()),
				})
				.collect();
			for (index, source) in (0..).zip(&sources) {
				reads(index, source.map(SourceId));
			}
			let mut naive = Naive::new(sources);
			let mut market = dollars(100).0 + u128::from(random.below(1_000));
			for _ in 0..BLOCKS {
				for member in 0..members {
					if !random.percent(75) {
						continue;
					}
					let round = now().saturating_sub(1).saturating_sub(random.below(4) as u32 / 3);
					let feeds = if random.percent(20) { vec![BTC] } else { vec![BTC, ETH] };
					let list: Vec<_> = feeds
						.into_iter()
						.map(|feed| {
							let mut mine = naive.said.iter().rev();
							let before = mine.find(|s| (s.member, s.feed) == (member, feed));
							let price = Price(next_price(random, market, before.map(|s| s.price)));
							let confidence =
								Price(if random.percent(80) { 0 } else { u128::from(random.next()) / 16 });
							Report { feed, price, confidence: confidence.min(price) }
						})
						.collect();
					if Oracle::do_report(crate::mock::member(member), round, reports(&list)).is_err() {
						continue;
					}
					for Report { feed, price, confidence } in list {
						let (price, confidence) = (price.0, confidence.0);
						naive.said.push(Said { member, feed, round, received: now(), price, confidence });
					}
				}
				if random.percent(15) {
					market = market * (9_930 + u128::from(random.below(141))) / 10_000;
					market = market.clamp(dollars(70).0, dollars(130).0);
				}
				let slots = match random.below(60) {
					0 => 4 + random.below(9),
					1..=6 => 1 + random.below(3),
					_ => 1,
				};
				next_block_after(slots * SLOT_MS);
				naive.times.insert(now(), NowMs::get());
				for feed in [BTC, ETH] {
					assert_eq!(told_of(feed), naive.round(feed, now()), "left out in block {}", now());
					naive.compare(feed, now());
					done += 1;
				}
			}
			total.push(naive.seen);
		});
	}
	let sum = |count: fn(&Seen) -> u64| total.iter().map(count).sum::<u64>();
	let counts = [
		("agreed", sum(|s| s.agreed), 20),
		("of an even number", sum(|s| s.even), 5),
		("ties", sum(|s| s.ties), 5),
		("halves of odd spreads", sum(|s| s.odd_halves), 1),
		("disagreed", sum(|s| s.disagreed), 1),
		("too far", sum(|s| s.deviate), 5),
		("stuck", sum(|s| s.stuck), 1),
		("silent", sum(|s| s.silent), 1),
		("of before a gap", sum(|s| s.over_a_gap), 1),
		("of shared sources", sum(|s| s.shared), 5),
		("of too few sources", sum(|s| s.too_few_sources), 1),
	];
	println!("{done} rounds: {counts:?}");
	for (what, count, percent) in counts {
		assert!(count * 100 >= percent * done / 4, "{what}: {count} of {done} rounds are too few");
	}
}
