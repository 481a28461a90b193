// SPDX-License-Identifier: Apache-2.0
//! Asking and listening: one task for each source.

mod http;
mod stream;

pub use http::{client, Limits};

use super::{
	board::Board,
	config::{Config, Source},
	decimal::{Decimal, NumberError},
	json::{self, FindError},
	judge::Sample,
};
use backon::{BackoffBuilder, ExponentialBuilder};
use serde_json::value::RawValue;
use std::{
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// The longest answer or message that is read.
const BYTES_MAX: usize = 1 << 20;
/// The longest wait after failures.
const BACK_OFF_MAX: Duration = Duration::from_secs(30);

/// Why a source gave no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
	/// Nobody is there.
	#[error("cannot be reached: {0}")]
	Unreachable(String),
	/// It took too long.
	#[error("gave no answer within {0} ms")]
	Timeout(u128),
	/// It wants to be asked elsewhere. That is for the operator to decide.
	#[error("redirects to {0}, which is not followed: put the address you trust into the configuration")]
	Redirected(String),
	/// It refused.
	#[error("answered {status}{}", in_seconds(.retry))]
	Status {
		/// The status.
		status: u16,
		/// When to ask again.
		retry: Option<Duration>,
	},
	/// It talks too much.
	#[error("sent more than {} kB", BYTES_MAX / 1024)]
	TooLong,
	/// It hung up.
	#[error("broke off: {0}")]
	BrokenOff(String),
	/// It has been silent.
	#[error("has sent no price for {0} ms")]
	Quiet(u128),
	/// What it said is not what was expected.
	#[error(transparent)]
	Format(#[from] FindError),
	/// What is where the price should be is none.
	#[error("the price at {pointer} cannot be used: {problem}")]
	Price {
		/// Where.
		pointer: String,
		/// Why not.
		problem: String,
	},
	/// What is where the time should be is none.
	#[error("the time at {pointer} cannot be read: {text}")]
	Time {
		/// Where.
		pointer: String,
		/// What is there.
		text: String,
	},
	/// It speaks of something else.
	#[error("speaks of something else: {pointer} is `{found}`, not `{expected}`")]
	Subject {
		/// Where it says so.
		pointer: String,
		/// What it says.
		found: String,
		/// What it should.
		expected: String,
	},
}

fn in_seconds(retry: &Option<Duration>) -> String {
	retry.map_or_else(String::new, |after| format!(", come back in {} s", after.as_secs()))
}

impl SourceError {
	/// The reason in a word, for metrics.
	pub const fn kind(&self) -> &'static str {
		match self {
			Self::Unreachable(_) => "unreachable",
			Self::Timeout(_) => "timeout",
			Self::Redirected(_) => "redirected",
			Self::Status { .. } => "status",
			Self::TooLong => "too_long",
			Self::BrokenOff(_) => "broken_off",
			Self::Quiet(_) => "quiet",
			Self::Format(_) => "format",
			Self::Price { .. } => "price",
			Self::Time { .. } => "time",
			Self::Subject { .. } => "subject",
		}
	}

	/// Whether it said something wrong, where the others said nothing.
	pub const fn is_about_content(&self) -> bool {
		matches!(
			self,
			Self::Redirected(_)
				| Self::TooLong
				| Self::Format(_)
				| Self::Price { .. }
				| Self::Time { .. }
				| Self::Subject { .. }
		)
	}

	const fn retry(&self) -> Option<Duration> {
		match self {
			Self::Status { retry, .. } => *retry,
			_ => None,
		}
	}
}

/// Start a task for each source of `config`, which writes to `board`. They end when the set is dropped.
pub fn start(config: &Config, board: &Arc<Board>) -> Result<JoinSet<()>, super::FeederError> {
	let client = client()?;
	let limits = Arc::new(Limits::new(config.requests_per_minute));
	let mut tasks = JoinSet::new();
	for (feed, sources) in config.feeds.iter().map(|feed| &feed.sources).enumerate() {
		for (index, source) in sources.iter().enumerate() {
			let (source, board) = (source.clone(), Arc::clone(board));
			let note = move |heard| board.note(feed, index, heard);
			if source.is_stream() {
				tasks.spawn(async move { stream::listen(&source, &note).await });
			} else {
				let (client, limits) = (client.clone(), Arc::clone(&limits));
				tasks.spawn(async move { http::poll(&client, &limits, &source, &note).await });
			}
		}
	}
	Ok(tasks)
}

/// Growing waits with jitter, so that feeders do not come back all at once.
fn back_off(source: &Source) -> impl Iterator<Item = Duration> {
	let first = Duration::from_millis(source.every_ms).min(BACK_OFF_MAX);
	ExponentialBuilder::default()
		.with_min_delay(first)
		.with_max_delay(BACK_OFF_MAX)
		.with_jitter()
		.without_max_times()
		.build()
}

/// The price in an answer of `source` that was asked for or heard at `heard`; nothing if it is about
/// something else than prices.
pub fn understand(source: &Source, text: &str, heard: Instant) -> Result<Option<Sample>, SourceError> {
	let answer = json::parse(text)?;
	let counts = |(pointer, expected): &(String, String)| {
		json::find(answer, pointer).is_ok_and(|found| shown(found) == *expected)
	};
	if !source.only.iter().all(counts) {
		return Ok(None);
	}
	for (pointer, expected) in &source.expect {
		let found = shown(json::find(answer, pointer)?);
		if found != *expected {
			let (pointer, expected) = (pointer.clone(), expected.clone());
			return Err(SourceError::Subject { pointer, found, expected });
		}
	}
	let wrong = |problem: String| SourceError::Price { pointer: source.price.clone(), problem };
	let written = json::scalar(json::find(answer, &source.price)?).map_err(wrong)?;
	let read = |text: &str| Decimal::parse(text)?.price(source.scale);
	let price = read(&written).map_err(|error: NumberError| wrong(error.to_string()))?;
	let time_ms = match &source.time {
		None => None,
		Some((pointer, unit)) => {
			let text = shown(json::find(answer, pointer)?);
			let unreadable = || SourceError::Time { pointer: pointer.clone(), text: text.clone() };
			Some(unit.milliseconds(&text).ok_or_else(unreadable)?)
		}
	};
	Ok(Some(Sample { price, heard, time_ms }))
}

/// A value as text: what is in quotes without them.
fn shown(value: &RawValue) -> String {
	let text = json::scalar(value).unwrap_or_else(|_| value.get().to_owned());
	text.chars().take(80).collect()
}
