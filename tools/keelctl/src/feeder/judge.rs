// SPDX-License-Identifier: Apache-2.0
//! What may be said of a feed, and why not. Pure: knows neither network nor clock.
//!
//! The price is the weighted median of the sources that can be vouched for; the confidence is half of
//! what lies between the lowest and the highest of them. Of `n` sources with equal weight, fewer than
//! half may lie in any way: the median stays between honest ones.

use super::{
	config::Feed,
	decimal::{exceeds, is_apart, share},
};
use crate::units::{Percent, Price};
use std::{
	fmt,
	time::{Duration, Instant},
};

/// How far a source's clock may be ahead of this machine's.
const AHEAD_MAX: Duration = Duration::from_secs(5);

/// What a source has said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
	/// The price.
	pub price: Price,
	/// When it was asked for or heard: the price is not older than its sender's answer.
	pub heard: Instant,
	/// What the source says about its time, in milliseconds since 1970.
	pub time_ms: Option<i64>,
}

/// One source of a feed, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
	/// Its name.
	pub name: String,
	/// How much it counts.
	pub weight: u32,
	/// The last it said that could be understood.
	pub sample: Option<Sample>,
	/// Since when it has named no other price.
	pub since: Option<Instant>,
	/// What went wrong since.
	pub failure: Option<String>,
}

/// Why a source is left out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Exclusion {
	/// It has said nothing that counts.
	#[error("{0}")]
	Silent(String),
	/// What it said is too long ago.
	#[error("was last heard {} ms ago", .0.as_millis())]
	Old(Duration),
	/// Its own time stamp is too old: it repeats itself.
	#[error("its own time stamp is {0} ms old")]
	StampOld(i64),
	/// Its own time stamp is in the future: its clock or this machine's is wrong.
	#[error("its own time stamp is {0} ms ahead of this machine's clock")]
	StampAhead(i64),
	/// No price of this asset.
	#[error("{0} is not plausible: another asset, another unit, or a range that must be moved")]
	Implausible(Price),
	/// It names one price while others move: what it repeats may be long past.
	#[error("has named {0} for {still} s, while others moved", still = .1.as_secs())]
	Stuck(Price, Duration),
	/// It is alone with its price.
	#[error("{0} is too far from the median {1}")]
	Deviates(Price, Price),
}

impl Exclusion {
	/// The reason in a word, for metrics.
	pub const fn kind(&self) -> &'static str {
		match self {
			Self::Silent(_) => "silent",
			Self::Old(_) => "old",
			Self::StampOld(_) => "stamp_old",
			Self::StampAhead(_) => "stamp_ahead",
			Self::Implausible(_) => "implausible",
			Self::Stuck(..) => "stuck",
			Self::Deviates(..) => "deviates",
		}
	}
}

/// Sources that are left out, and why.
pub type LeftOut = Vec<(String, Exclusion)>;

/// Why nothing is said of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withheld {
	/// Too few sources can be vouched for.
	TooFewSources {
		/// How many can.
		have: usize,
		/// How many must.
		need: usize,
		/// What is wrong with the others.
		others: LeftOut,
	},
	/// The sources do not agree.
	SpreadTooWide {
		/// From the lowest to the highest, as a share of the median.
		spread: Percent,
		/// What is allowed.
		most: Percent,
		/// Who was left out before, and why.
		others: LeftOut,
	},
	/// Far from what was said last, and not confirmed yet.
	Jump {
		/// What was said last.
		from: Price,
		/// What would be said.
		to: Price,
		/// The furthest step that needs no confirmation.
		most: Percent,
		/// How many sources have said so anew since it was first seen.
		confirmed: usize,
		/// How many must.
		need: usize,
		/// Who was left out before, and why.
		others: LeftOut,
	},
}

impl Withheld {
	/// The reason in a word, for metrics.
	pub const fn kind(&self) -> &'static str {
		match self {
			Self::TooFewSources { .. } => "too_few_sources",
			Self::SpreadTooWide { .. } => "spread_too_wide",
			Self::Jump { .. } => "jump",
		}
	}

	/// Who was left out, and why.
	pub const fn others(&self) -> &LeftOut {
		match self {
			Self::TooFewSources { others, .. }
			| Self::SpreadTooWide { others, .. }
			| Self::Jump { others, .. } => others,
		}
	}
}

impl fmt::Display for Withheld {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::TooFewSources { have, need, others } => {
				write!(f, "too few sources: {have} of {need}")?;
				others.iter().try_for_each(|(name, why)| write!(f, "; {name}: {why}"))
			}
			Self::SpreadTooWide { spread, most, .. } => {
				write!(
					f,
					"spread too wide: the sources are {} apart, at most {most} is allowed",
					spread.brief(3)
				)
			}
			Self::Jump { from, to, most, confirmed, need, .. } => write!(
				f,
				"jump: from {from} to {to} is more than {most}; {confirmed} of {need} sources have confirmed it"
			),
		}
	}
}

/// A price that can be vouched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fair {
	/// The weighted median.
	pub price: Price,
	/// Half of the spread, rounded up.
	pub confidence: Price,
	/// From the lowest to the highest source, as a share of the price.
	pub spread: Percent,
	/// How many sources it was made of.
	pub sources: usize,
	/// When a quorum of them had been heard: the price knows of nothing later.
	pub heard: Instant,
	/// Who was left out, and why.
	pub others: LeftOut,
}

/// What is remembered of a feed from one look to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
	/// What was said last.
	pub last: Option<Price>,
	/// A jump that waits for confirmation: when it was first seen, and whether upwards.
	jump: Option<(Instant, bool)>,
}

impl Memory {
	/// Remember what was said.
	pub fn said(&mut self, price: Price) {
		*self = Self { last: Some(price), jump: None };
	}
}

/// Judge what the sources of `feed` say, at `now`, which is `wall_ms` for people.
pub fn judge(
	feed: &Feed,
	sources: &[Standing],
	memory: &mut Memory,
	now: Instant,
	wall_ms: i64,
) -> Result<Fair, Withheld> {
	let mut others = Vec::new();
	let mut used: Vec<(&Standing, Sample)> = Vec::new();
	for source in sources {
		match vouch(feed, source, now, wall_ms) {
			Ok(sample) => used.push((source, sample)),
			Err(why) => others.push((source.name.clone(), why)),
		}
	}
	leave_out_stuck(feed, &mut used, &mut others, now);
	let too_few = |have: usize, others| Err(Withheld::TooFewSources { have, need: feed.quorum, others });
	if used.len() < feed.quorum {
		return too_few(used.len(), others);
	}
	let Some(middle) = median_of(&used) else { return too_few(0, others) };
	used.retain(|(source, sample)| {
		let apart = is_apart(sample.price, middle, feed.deviation_max);
		if apart {
			others.push((source.name.clone(), Exclusion::Deviates(sample.price, middle)));
		}
		!apart
	});
	if used.len() < feed.quorum {
		return too_few(used.len(), others);
	}
	let Some(price) = median_of(&used) else { return too_few(0, others) };
	let prices = || used.iter().map(|(_, sample)| sample.price);
	let (low, high) = (prices().min().unwrap_or(price), prices().max().unwrap_or(price));
	let distance = Price(high.0.abs_diff(low.0));
	if exceeds(distance, price, feed.spread_max) {
		let (spread, most) = (share(distance, price), feed.spread_max);
		return Err(Withheld::SpreadTooWide { spread, most, others });
	}
	if let Some(Unconfirmed { from, confirmed }) = unconfirmed(feed, &used, price, memory, now) {
		let (most, need) = (feed.jump_max, feed.jump_quorum);
		return Err(Withheld::Jump { from, to: price, most, confirmed, need, others });
	}

	let mut heard: Vec<Instant> = used.iter().map(|(_, sample)| sample.heard).collect();
	heard.sort_unstable_by(|a, b| b.cmp(a));
	let heard = heard.get(feed.quorum.saturating_sub(1)).copied().unwrap_or(now);
	Ok(Fair {
		price,
		confidence: Price(distance.0.div_ceil(2)),
		spread: share(distance, price),
		sources: used.len(),
		heard,
		others,
	})
}

/// Leave out who names one price for long, when at least half of the others have moved meanwhile. Where nobody moves the
/// market may be quiet. That half is not asked for more: a cache that several sources share must not outvote those that
/// are alive.
fn leave_out_stuck(feed: &Feed, used: &mut Vec<(&Standing, Sample)>, others: &mut LeftOut, now: Instant) {
	let still = |source: &Standing| {
		let still = now.saturating_duration_since(source.since?);
		(still > Duration::from_millis(feed.still_ms_max)).then_some(still)
	};
	let moving = used.iter().filter(|(source, _)| still(source).is_none()).count();
	if moving == 0 || moving * 2 < used.len().saturating_sub(1) {
		return;
	}
	used.retain(|(source, sample)| match still(source) {
		Some(still) => {
			others.push((source.name.clone(), Exclusion::Stuck(sample.price, still)));
			false
		}
		None => true,
	});
}

/// A step that is not believed yet.
struct Unconfirmed {
	from: Price,
	confirmed: usize,
}

/// A step beyond the bound is believed when enough sources say so again after it was first seen.
fn unconfirmed(
	feed: &Feed,
	used: &[(&Standing, Sample)],
	price: Price,
	memory: &mut Memory,
	now: Instant,
) -> Option<Unconfirmed> {
	let Some(from) = memory.last.filter(|last| is_apart(price, *last, feed.jump_max)) else {
		memory.jump = None;
		return None;
	};
	let up = price > from;
	let seen = match memory.jump {
		Some((seen, direction)) if direction == up => seen,
		_ => now,
	};
	memory.jump = Some((seen, up));
	let confirmed = used.iter().filter(|(_, sample)| sample.heard > seen).count();
	(confirmed < feed.jump_quorum).then_some(Unconfirmed { from, confirmed })
}

fn vouch(feed: &Feed, source: &Standing, now: Instant, wall_ms: i64) -> Result<Sample, Exclusion> {
	let Some(sample) = source.sample else {
		let nothing = || "has not answered yet".to_owned();
		return Err(Exclusion::Silent(source.failure.clone().unwrap_or_else(nothing)));
	};
	let age = now.saturating_duration_since(sample.heard);
	if age > Duration::from_millis(feed.age_ms_max) {
		return Err(match &source.failure {
			Some(failure) => Exclusion::Silent(failure.clone()),
			None => Exclusion::Old(age),
		});
	}
	if let Some(stamp) = sample.time_ms {
		let old = wall_ms.saturating_sub(stamp);
		if old > i64::try_from(feed.stamp_ms_max).unwrap_or(i64::MAX) {
			return Err(Exclusion::StampOld(old));
		}
		if -old > i64::try_from(AHEAD_MAX.as_millis()).unwrap_or(i64::MAX) {
			return Err(Exclusion::StampAhead(-old));
		}
	}
	if sample.price < feed.low || sample.price > feed.high {
		return Err(Exclusion::Implausible(sample.price));
	}
	Ok(sample)
}

fn median_of(used: &[(&Standing, Sample)]) -> Option<Price> {
	median(used.iter().map(|(source, sample)| (sample.price, source.weight)).collect())
}

/// The weighted median: as much weight below it as above. Where a whole stretch has that property it is
/// the middle of the stretch, rounded down to the chain's unit.
pub fn median(mut prices: Vec<(Price, u32)>) -> Option<Price> {
	prices.retain(|(_, weight)| *weight > 0);
	prices.sort_unstable();
	let total: u64 = prices.iter().map(|(_, weight)| u64::from(*weight)).sum();
	let reach = |enough: &dyn Fn(u64) -> bool| {
		let mut below = 0u64;
		prices.iter().find_map(|(price, weight)| {
			below = below.saturating_add(u64::from(*weight));
			enough(below.saturating_mul(2)).then_some(*price)
		})
	};
	let low = reach(&|twice| twice >= total)?;
	let high = reach(&|twice| twice > total)?;
	Some(Price(low.0.saturating_add(high.0.abs_diff(low.0) / 2)))
}
