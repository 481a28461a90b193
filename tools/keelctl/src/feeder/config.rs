// SPDX-License-Identifier: Apache-2.0
//! What a feeder is told: which node, which key, which feeds, and what it may believe of whom.

mod print;
mod read;
mod table;

pub use read::read;
pub use table::{Mistake, Mistakes};

use super::{decimal::Decimal, error::FeederError};
use crate::{
	keys::{Key, KeyName},
	units::{Percent, Price},
};
use std::{net::SocketAddr, path::PathBuf};

/// A whole configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
	/// The nodes to report to; the next one is taken when one fails. If it names none, the command line
	/// does.
	pub nodes: Vec<String>,
	/// Where metrics and health are served.
	pub listen: Option<SocketAddr>,
	/// How it logs.
	pub log: LogFormat,
	/// How many blocks behind the newest one a report's round is at least. Nodes that are one block
	/// further behind than that still take the report instead of banning it as one of the future.
	pub blocks_behind: u64,
	/// The most requests to one host.
	pub requests_per_minute: u32,
	/// The reporter key.
	pub key: KeySource,
	/// The feeds.
	pub feeds: Vec<Feed>,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
	/// For people.
	Text,
	/// One object per line.
	Json,
}

/// Where the reporter key's secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
	/// In a file that only its owner may read.
	File(PathBuf),
	/// In an environment variable.
	Env(String),
}

/// A feed, and when something may be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
	/// Its name on the chain.
	pub name: String,
	/// From here on a price of this asset is plausible.
	pub low: Price,
	/// Up to here.
	pub high: Price,
	/// The least number of sources.
	pub quorum: usize,
	/// How many sources must confirm a jump.
	pub jump_quorum: usize,
	/// The furthest a source may be from the median.
	pub deviation_max: Percent,
	/// The furthest that the sources may be apart.
	pub spread_max: Percent,
	/// The largest step from what was said last that needs no confirmation.
	pub jump_max: Percent,
	/// How long ago a source may have been heard.
	pub age_ms_max: u64,
	/// How old a source's own time stamp may be.
	pub stamp_ms_max: u64,
	/// How long a source may name one price while others move.
	pub still_ms_max: u64,
	/// The sources.
	pub sources: Vec<Source>,
}

/// Where prices come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
	/// Its name in logs and metrics.
	pub name: String,
	/// Where to ask (`http`, `https`) or listen (`ws`, `wss`).
	pub url: String,
	/// What to send after connecting.
	pub subscribe: Option<String>,
	/// Where in an answer the price is.
	pub price: String,
	/// Where its time is.
	pub time: Option<(String, TimeUnit)>,
	/// What an answer must contain.
	pub expect: Vec<(String, String)>,
	/// Which messages of a stream count; others are passed over.
	pub only: Vec<(String, String)>,
	/// What the price is multiplied with.
	pub scale: Decimal,
	/// How much it counts in the median.
	pub weight: u32,
	/// How often it is asked.
	pub every_ms: u64,
	/// How long an answer may take.
	pub timeout_ms: u64,
}

impl Source {
	/// Whether it is listened to, not asked.
	pub fn is_stream(&self) -> bool {
		self.url.starts_with("ws://") || self.url.starts_with("wss://")
	}
}

/// How a source writes the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
	/// Seconds since 1970, perhaps with decimals.
	Seconds,
	/// Milliseconds since 1970.
	Milliseconds,
	/// Microseconds since 1970.
	Microseconds,
	/// Nanoseconds since 1970.
	Nanoseconds,
	/// Like 2026-01-31T12:00:00.5Z.
	Iso,
}

impl TimeUnit {
	const ALL: [(&'static str, Self); 5] = [
		("s", Self::Seconds),
		("ms", Self::Milliseconds),
		("us", Self::Microseconds),
		("ns", Self::Nanoseconds),
		("iso", Self::Iso),
	];

	/// The time written in `text`, in milliseconds since 1970.
	pub fn milliseconds(self, text: &str) -> Option<i64> {
		let places = match self {
			Self::Seconds => 3,
			Self::Milliseconds => 0,
			Self::Microseconds => -3,
			Self::Nanoseconds => -6,
			Self::Iso => return text.parse().ok().map(|time: jiff::Timestamp| time.as_millisecond()),
		};
		Decimal::parse(text).ok()?.shifted(places)?.try_into().ok()
	}
}

impl KeySource {
	/// The key. Its text is never shown.
	pub fn open(&self) -> Result<Key, FeederError> {
		let name = match self {
			Self::File(path) => KeyName::File(path.clone()),
			Self::Env(name) => KeyName::Variable(name.clone()),
		};
		Ok(name.open()?)
	}
}

impl std::fmt::Display for KeySource {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		match self {
			Self::File(path) => write!(f, "the key file {}", path.display()),
			Self::Env(name) => write!(f, "the environment variable {name}"),
		}
	}
}
