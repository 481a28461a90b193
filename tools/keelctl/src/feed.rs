// SPDX-License-Identifier: Apache-2.0
//! Feeding a chain: rounds of prices through several reporters, one round per block.

use crate::{
	chain::{Chain, Event},
	error::{Error, Result},
	number,
	oracle::{self, Reporter},
	rounds::{Fault, Panel, Round},
	units::Price,
	value,
};
use std::{
	collections::{BTreeMap, BTreeSet, VecDeque},
	future::Future,
	time::Duration,
};

/// How often a node is asked for a new block.
pub(crate) const POLL: Duration = Duration::from_millis(100);
/// For how many rounds a feeder remembers which reports were its own: more than a report counts for.
const MEMORY: usize = 32;

/// What a reporter says, by feed.
type Prices = Vec<(u32, Price)>;

/// A round that was sent. Its reports come in with the next block, and land at the start of the one after.
#[derive(Clone, Debug)]
pub struct Sent {
	/// The block the reporters had seen.
	pub seen: u64,
	/// What each reporter said.
	pub said: Vec<Prices>,
	/// Reports that the pool refused.
	pub refused: Vec<Refused>,
}

/// A report that the pool refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
	/// Whose it was, counted from 0.
	pub reporter: usize,
	/// The node's reason.
	pub reason: String,
}

/// What the oracle made of a block's reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
	/// The feed.
	pub feed: u32,
	/// The price.
	pub price: Price,
	/// Of how many reports.
	pub sources: u32,
	/// How far it can be trusted.
	pub state: String,
}

/// A report that the oracle left out of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
	/// The feed.
	pub feed: u32,
	/// Whose it was.
	pub member: [u8; 32],
	/// Why, as the chain calls it: Deviates or Stuck.
	pub reason: String,
}

/// Several reporters on one chain.
pub struct Feeder {
	chain: Chain,
	reporters: Vec<Reporter>,
	/// How they disagree.
	pub panel: Panel,
	/// Whether it waits for a block as long as it takes, instead of as long as its connection does.
	pub is_patient: bool,
	feeds: BTreeMap<String, u32>,
	last_round: Option<u64>,
	past: VecDeque<(u64, Vec<Prices>)>,
	own: VecDeque<(u64, BTreeSet<[u8; 32]>)>,
}

impl Feeder {
	/// `reporters` for the feeds named in `feeds` (by base asset).
	pub fn new(chain: Chain, reporters: Vec<Reporter>, feeds: BTreeMap<String, u32>) -> Self {
		let panel = Panel::new(reporters.len());
		let (past, own) = (VecDeque::new(), VecDeque::new());
		Self { chain, reporters, panel, is_patient: false, feeds, last_round: None, past, own }
	}

	/// Its reporters, in their order.
	pub fn reporters(&self) -> &[Reporter] {
		&self.reporters
	}

	/// Wait for a block nobody has reported for yet; returns its number. The first round waits for none: where a block
	/// is made for each transaction, reports are what blocks are made for.
	pub async fn next_block(&self) -> Result<u64> {
		let Some(last) = self.last_round else { return self.chain.best_number().await };
		if !self.is_patient {
			return self.chain.wait_for_block(last + 1).await;
		}
		let mut best = self.chain.best_number().await?;
		while best <= last {
			tokio::time::sleep(POLL).await;
			best = self.chain.best_number().await?;
		}
		Ok(best)
	}

	/// Wait for a block nobody has reported for yet, and send the round from every reporter at once.
	pub async fn send(&mut self, round: &Round) -> Result<Sent> {
		self.next_block().await?;
		let at = self.chain.best().await?;
		let seen = at.block_number();
		self.last_round = Some(seen);
		let now = self.say(round);
		let late = self.seen_long_ago(seen, &now);
		let said: Vec<(u64, Prices)> = now
			.into_iter()
			.enumerate()
			.map(|(reporter, prices)| match &late {
				_ if !self.panel.is_late(reporter) => (seen, prices),
				Some((long_ago, then)) => (*long_ago, then[reporter].clone()),
				None => (seen, Prices::new()),
			})
			.collect();
		let reports = self.reporters.iter().zip(&said).enumerate();
		let reports = reports.filter(|(_, (_, (_, prices)))| !prices.is_empty());
		let answers = reports.map(|(index, (reporter, (round, prices)))| {
			let report = oracle::report_round(&self.chain, &at, *round, reporter, prices);
			async move { (index, report.await) }
		});
		let answers = futures::future::join_all(answers).await;
		let taken = answers.iter().filter(|(_, answer)| answer.is_ok());
		let taken = taken.map(|(index, _)| self.reporters[*index].member.0).collect();
		self.own.push_back((seen, taken));
		if self.own.len() > MEMORY {
			self.own.pop_front();
		}
		let refused = answers.into_iter().filter_map(|(reporter, answer)| {
			answer.err().map(|error| Refused { reporter, reason: error.to_string() })
		});
		Ok(Sent {
			seen,
			refused: refused.collect(),
			said: said.into_iter().map(|(_, prices)| prices).collect(),
		})
	}

	/// What each reporter makes of the round, for the feeds that are known.
	fn say(&mut self, round: &Round) -> Vec<Prices> {
		let feed = |(base, price): &(String, Price)| Some((*self.feeds.get(base)?, *price));
		self.panel.report(round).iter().map(|prices| prices.iter().filter_map(feed).collect()).collect()
	}

	/// What was said for the newest round that a late reporter has by now; nothing at the beginning.
	fn seen_long_ago(&mut self, seen: u64, now: &[Prices]) -> Option<(u64, Vec<Prices>)> {
		self.past.push_back((seen, now.to_vec()));
		let by_now = seen.checked_sub(Fault::LATE_BLOCKS)?;
		while self.past.get(1).is_some_and(|(round, _)| *round <= by_now) {
			self.past.pop_front();
		}
		self.past.front().filter(|(round, _)| *round <= by_now).cloned()
	}

	/// A member of this feeder for whom somebody else has reported, by a block's events.
	pub fn usurped(&self, events: &[Event]) -> Option<&Reporter> {
		events.iter().filter(|event| event.is("Oracle", "Reported")).find_map(|event| {
			let member = event.field("member").and_then(value::bytes32)?;
			let round = event.number("round")?;
			let own =
				self.own.iter().any(|(own, taken)| u128::from(*own) == round && taken.contains(&member));
			self.reporters.iter().find(|reporter| !own && reporter.member.0 == member)
		})
	}

	/// Report the same round in every block until `until` is done: prices stay fresh meanwhile.
	pub async fn hold<T>(&mut self, round: &Round, until: impl Future<Output = Result<T>>) -> Result<T> {
		let reporting = async {
			loop {
				self.send(round).await?;
			}
		};
		tokio::pin!(until);
		tokio::select! {
			done = &mut until => done,
			failed = reporting => failed,
		}
	}
}

/// The prices that landed, from a block's events.
pub fn landings(events: &[Event]) -> Vec<Landing> {
	events
		.iter()
		.filter(|event| event.is("Oracle", "PriceLanded"))
		.filter_map(|event| {
			Some(Landing {
				feed: event.number("feed")?.try_into().ok()?,
				price: Price(event.number("price")?),
				sources: event.number("sources")?.try_into().ok()?,
				state: event.field("state").and_then(value::variant)?.to_owned(),
			})
		})
		.collect()
}

/// The reports that were left out, from a block's events.
pub fn rejections(events: &[Event]) -> Vec<Rejection> {
	events
		.iter()
		.filter(|event| event.is("Oracle", "ReportRejected"))
		.filter_map(|event| Some((event.field("member").and_then(value::bytes32)?, event.field("feeds")?)))
		.flat_map(|(member, feeds)| {
			value::bounded_items(feeds).into_iter().filter_map(move |rejected| {
				Some(Rejection {
					feed: value::field(rejected, "feed").and_then(value::unsigned)?.try_into().ok()?,
					member,
					reason: value::field(rejected, "reason").and_then(value::variant)?.to_owned(),
				})
			})
		})
		.collect()
}

/// How long to wait between two rounds. `speed` is seconds of history per second; a chain takes one
/// price per block, so nothing is ever faster than that and nothing is skipped.
pub fn pause(bar_seconds: Option<i64>, speed: Option<u32>) -> Duration {
	match (bar_seconds, speed) {
		(Some(bar), Some(speed)) if speed > 0 => {
			// Four prices per bar.
			let milliseconds = u64::try_from(bar).unwrap_or(0).saturating_mul(1_000) / 4 / u64::from(speed);
			Duration::from_millis(milliseconds)
		}
		_ => Duration::ZERO,
	}
}

/// `BTC/USD=0,ETH=1`: which symbol or asset of a file is which feed.
pub fn parse_market_map(text: &str) -> Result<BTreeMap<String, u32>> {
	let wrong = |part: &str| Error::Usage {
		problem: format!("`{part}` does not map a symbol to a feed"),
		help: "Write SYMBOL=FEED, separated by commas, like BTC=0,ETH=1. `keelctl markets` shows the feeds."
			.to_owned(),
	};
	text.split(',')
		.map(|part| {
			let (symbol, feed) = part.split_once('=').ok_or_else(|| wrong(part))?;
			let feed = number::whole(feed.trim()).map_err(|_| wrong(part))?;
			let base = symbol.trim().split(['/', '-']).next().unwrap_or_default().to_owned();
			if base.is_empty() {
				return Err(wrong(part));
			}
			Ok((base, feed))
		})
		.collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn speed_is_history_per_second() {
		assert_eq!(pause(Some(3_600), Some(450)), Duration::from_secs(2));
		assert_eq!(pause(Some(3_600), None), Duration::ZERO);
		assert_eq!(pause(None, Some(1)), Duration::ZERO);
	}

	#[test]
	fn a_market_map_names_feeds() {
		let map = parse_market_map("BTC/USD=0, ETH=7").expect("a map");
		assert_eq!(map, BTreeMap::from([("BTC".to_owned(), 0), ("ETH".to_owned(), 7)]));
		for text in ["", "BTC", "BTC=", "BTC=x", "=1", "BTC=1,,"] {
			assert!(parse_market_map(text).is_err(), "{text}");
		}
	}
}
