// SPDX-License-Identifier: Apache-2.0
//! Feeding a chain: rounds of prices through several reporters, one round per block.

use crate::{
	chain::{Chain, Event},
	error::{Error, Result},
	number,
	oracle::{self, Reporter},
	rounds::{Panel, Round},
	units::Price,
	value,
};
use std::{collections::BTreeMap, future::Future, time::Duration};

/// A round that was sent. Its reports come in with the next block, and land at the start of the one after.
#[derive(Clone, Debug)]
pub struct Sent {
	/// The block the reporters had seen.
	pub seen: u64,
	/// What each reporter said, by feed.
	pub said: Vec<Vec<(u32, Price)>>,
	/// Reports that the pool refused, with the reason.
	pub refused: Vec<String>,
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

/// Several reporters on one chain.
pub struct Feeder {
	chain: Chain,
	reporters: Vec<Reporter>,
	/// How they disagree.
	pub panel: Panel,
	feeds: BTreeMap<String, u32>,
	last_round: u64,
}

impl Feeder {
	/// `reporters` for the feeds named in `feeds` (by base asset).
	pub fn new(chain: Chain, reporters: Vec<Reporter>, feeds: BTreeMap<String, u32>) -> Self {
		let panel = Panel::new(reporters.len());
		Self { chain, reporters, panel, feeds, last_round: 0 }
	}

	/// Wait for a block nobody has reported for yet, and send the round from every reporter at once.
	pub async fn send(&mut self, round: &Round) -> Result<Sent> {
		self.chain.wait_for_block(self.last_round + 1).await?;
		let at = self.chain.best().await?;
		let seen = at.block_number();
		self.last_round = seen;
		let said: Vec<Vec<(u32, Price)>> = self
			.panel
			.report(round)
			.into_iter()
			.map(|prices| {
				prices.iter().filter_map(|(base, price)| Some((*self.feeds.get(base)?, *price))).collect()
			})
			.collect();
		let reports = self.reporters.iter().zip(&said).filter(|(_, prices)| !prices.is_empty());
		let sent = reports.map(|(reporter, prices)| oracle::report(&self.chain, &at, reporter, prices));
		let refused = futures::future::join_all(sent)
			.await
			.into_iter()
			.filter_map(|result| result.err().map(|error| error.to_string()))
			.collect();
		Ok(Sent { seen, said, refused })
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
