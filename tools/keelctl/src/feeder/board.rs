// SPDX-License-Identifier: Apache-2.0
//! Where sources write what they heard, and the reporter reads it.

use super::{
	config::{Config, Feed},
	judge::{Sample, Standing},
	source::SourceError,
};
use crate::units::Price;
use std::{
	sync::{Mutex, MutexGuard, PoisonError},
	time::Instant,
};
use tracing::{info, warn};

/// How a source is doing.
#[derive(Clone, Debug, Default)]
pub struct State {
	/// The last price that could be understood, unless it was taken back.
	pub sample: Option<Sample>,
	/// The last price, and since when no other was named; it stays when the price is taken back.
	pub still: Option<(Price, Instant)>,
	/// What went wrong since.
	pub failure: Option<SourceError>,
	/// How many prices it has given.
	pub answers: u64,
	/// How many times it failed.
	pub failures: u64,
}

/// The sources of all feeds.
#[derive(Debug)]
pub struct Board {
	feeds: Vec<(Feed, Mutex<Vec<State>>)>,
}

/// A lock that holds although somebody panicked: what is behind it is replaced as a whole.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Board {
	/// Nothing has been heard yet.
	pub fn new(config: &Config) -> Self {
		let feeds = config.feeds.iter();
		let feeds = feeds.map(|feed| (feed.clone(), Mutex::new(vec![State::default(); feed.sources.len()])));
		Self { feeds: feeds.collect() }
	}

	/// Write down what source `source` of feed `feed` said.
	pub fn note(&self, feed: usize, source: usize, heard: Result<Sample, SourceError>) {
		let Some((feed, states)) = self.feeds.get(feed) else { return };
		let mut states = lock(states);
		let (Some(state), Some(source)) = (states.get_mut(source), feed.sources.get(source)) else { return };
		match heard {
			Ok(sample) => {
				if state.failure.take().is_some() {
					info!(feed = feed.name, source = source.name, "the source answers again");
				}
				if state.still.is_none_or(|(price, _)| price != sample.price) {
					state.still = Some((sample.price, sample.heard));
				}
				state.sample = Some(sample);
				state.answers += 1;
			}
			Err(error) => {
				let known = state.failure.as_ref().is_some_and(|known| known.kind() == error.kind());
				if !known {
					let (feed, source) = (&feed.name, &source.name);
					warn!(feed, source, kind = error.kind(), reason = %error, "the source failed");
				}
				// Who says something else than a price has not confirmed the one before.
				if error.is_about_content() {
					state.sample = None;
				}
				state.failure = Some(error);
				state.failures += 1;
			}
		}
	}

	/// The feeds, and how the sources of each are doing.
	pub fn feeds(&self) -> impl Iterator<Item = (&Feed, Vec<State>)> {
		self.feeds.iter().map(|(feed, states)| (feed, lock(states).clone()))
	}

	/// What the sources of a feed say.
	pub fn standings(feed: &Feed, states: &[State]) -> Vec<Standing> {
		let sources = feed.sources.iter().zip(states);
		sources
			.map(|(source, state)| Standing {
				name: source.name.clone(),
				weight: source.weight,
				sample: state.sample,
				since: state.still.map(|(_, since)| since),
				failure: state.failure.as_ref().map(ToString::to_string),
			})
			.collect()
	}

	/// Whether every source has said something, or failed.
	pub fn is_complete(&self) -> bool {
		let said = |state: &State| state.sample.is_some() || state.failure.is_some();
		self.feeds.iter().all(|(_, states)| lock(states).iter().all(said))
	}
}

/// The time for people, in milliseconds since 1970.
pub fn wall_ms() -> i64 {
	jiff::Timestamp::now().as_millisecond()
}

/// How long ago.
pub fn age_ms(then: Instant) -> u64 {
	u64::try_from(then.elapsed().as_millis()).unwrap_or(u64::MAX)
}
