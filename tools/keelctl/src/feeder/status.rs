// SPDX-License-Identifier: Apache-2.0
//! What the feeder is doing, for whoever watches it.

use super::{
	board::{age_ms, lock, Board},
	config::Config,
	judge::{Fair, LeftOut, Withheld},
};
use serde_json::{json, Value};
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard},
	time::Instant,
};

/// How long nothing may happen until something is wrong, in milliseconds.
pub const PATIENCE_MS: u64 = 30_000;

/// What became of a feed in the last block.
#[derive(Clone, Debug, Default)]
pub enum Verdict {
	/// It has not been looked at.
	#[default]
	Unknown,
	/// It is reported.
	Vouched(Fair),
	/// It could be, but nothing new has been heard since the last report.
	NoNews,
	/// It is not, and why.
	Withheld(Withheld),
}

/// A feed as it is reported.
#[derive(Clone, Debug, Default)]
pub struct FeedStatus {
	/// The last verdict.
	pub verdict: Verdict,
	/// What was said last, in which round, and when.
	pub reported: Option<(Fair, u64, Instant)>,
	/// How many times it was said.
	pub reports: u64,
	/// Which sources were left out at the last verdict, and why.
	pub left_out: LeftOut,
	/// In how many blocks it was not, by reason.
	pub withheld: BTreeMap<&'static str, u64>,
}

/// The reporter as it stands.
#[derive(Debug, Default)]
pub struct Reporting {
	/// The node in use.
	pub node: Option<String>,
	/// The newest block, and when it was seen.
	pub best: Option<(u64, Instant)>,
	/// What became of the reports.
	pub reports: BTreeMap<&'static str, u64>,
	/// A round that somebody else reported with this key, and when it was seen.
	pub twin: Option<(u64, Instant)>,
	/// How many of those.
	pub twin_rounds: u64,
	/// The feeds, as in the configuration.
	pub feeds: Vec<FeedStatus>,
}

/// What sources and reporter know, together.
#[derive(Debug)]
pub struct Status {
	/// The sources.
	pub board: Arc<Board>,
	reporting: Mutex<Reporting>,
}

impl Status {
	/// Before anything has happened.
	pub fn new(config: &Config, board: Arc<Board>) -> Self {
		let feeds = vec![FeedStatus::default(); config.feeds.len()];
		Self { board, reporting: Mutex::new(Reporting { feeds, ..Reporting::default() }) }
	}

	/// The reporter's part.
	pub fn reporting(&self) -> MutexGuard<'_, Reporting> {
		lock(&self.reporting)
	}

	/// Whether all is well, and the details.
	pub fn health(&self) -> (bool, Value) {
		let reporting = self.reporting();
		let mut problems: Vec<String> = Vec::new();
		match (&reporting.node, reporting.best) {
			(None, _) => problems.push("no node answers".to_owned()),
			(Some(_), Some((number, seen))) if age_ms(seen) > PATIENCE_MS => {
				problems.push(format!("no block for {} s after block {number}", age_ms(seen) / 1_000));
			}
			_ => {}
		}
		if let Some((round, seen)) = reporting.twin {
			if age_ms(seen) < 2 * PATIENCE_MS {
				problems.push(format!("another feeder reports with this key (round {round})"));
			}
		}
		let mut feeds = Vec::new();
		for ((feed, states), status) in self.board.feeds().zip(&reporting.feeds) {
			let age = status.reported.as_ref().map(|(_, _, when)| age_ms(*when));
			if age.is_none_or(|age| age > PATIENCE_MS) {
				let why = match &status.verdict {
					Verdict::Withheld(why) => why.to_string(),
					_ => "it has not been reported lately".to_owned(),
				};
				problems.push(format!("{}: {why}", feed.name));
			}
			let withheld = match &status.verdict {
				Verdict::Withheld(why) => Some(why.to_string()),
				_ => None,
			};
			let left_out = |source: &String| {
				status.left_out.iter().find(|(name, _)| name == source).map(|(_, why)| why.to_string())
			};
			let sources: Vec<_> = Board::standings(feed, &states)
				.into_iter()
				.map(|source| {
					json!({
						"name": source.name,
						"price": source.sample.map(|sample| sample.price.plain()),
						"age_ms": source.sample.map(|sample| age_ms(sample.heard)),
						"failure": source.failure,
						"left_out": left_out(&source.name),
					})
				})
				.collect();
			feeds.push(json!({
				"name": feed.name,
				"price": status.reported.as_ref().map(|(fair, ..)| fair.price.plain()),
				"round": status.reported.as_ref().map(|(_, round, _)| round),
				"report_age_ms": age,
				"withheld": withheld,
				"sources": sources,
			}));
		}
		let healthy = problems.is_empty();
		let details = json!({
			"healthy": healthy,
			"problems": problems,
			"node": reporting.node,
			"best_block": reporting.best.map(|(number, _)| number),
			"feeds": feeds,
		});
		(healthy, details)
	}
}
