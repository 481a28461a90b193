// SPDX-License-Identifier: Apache-2.0
//! How one price is made of many reports. Pure: knows neither storage nor blocks.
//!
//! Of `n = 3f + 1` members `f` may lie in any way. With `2f + 1` reports the median has at least as
//! many honest reports on either side as there may be liars, so it lies between the lowest and the
//! highest honest report. What is dropped afterwards keeps the quorum, so the same holds for what is
//! left. So do the report behind the `f` lowest, that before the `f` highest, and the median of the
//! confidences: liars can make a price look no worse than the worst honest member does.

use crate::stats::mul_div;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{Moment, Price, Ratio};
use scale_info::TypeInfo;

/// Why a report was left out of a round.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Rejection {
	/// It is further from the round's median than the feed allows. Check the member's source.
	Deviates,
	/// It has repeated one value for many rounds while the others moved away from it. The member's source or
	/// program hangs.
	Stuck,
}

/// A fresh report of one member on one feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<Member> {
	/// Who reported.
	pub member: Member,
	/// Whether it has come since a quorum last reported anew.
	pub is_news: bool,
	/// When it was taken.
	pub taken_at: Moment,
	/// The price.
	pub price: Price,
	/// How far the member thinks it may be off.
	pub confidence: Price,
	/// In how many rounds in a row the member has reported this same price.
	pub repeats: u32,
	/// The price that landed in the round in which this value was first counted; zero when none did.
	pub anchor: Price,
}

/// What a round must meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
	/// The least number of reports, before and after some were dropped. More than twice `liars`.
	pub quorum: u32,
	/// How many of the seats may belong to liars.
	pub liars: u32,
	/// The furthest a report may lie from the median.
	pub deviation_max: Ratio,
	/// From how many repeats on a report is suspected of being stuck.
	pub stuck_rounds: u32,
	/// How far it must lie from the others, and how far they must have moved meanwhile.
	pub stuck_distance: Ratio,
}

/// What a quorum agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed {
	/// The median.
	pub price: Price,
	/// The larger of half the distance between the report behind the lowest and that before the highest, of
	/// each as many left away as there may be liars, and the median of the confidences.
	pub confidence: Price,
	/// How many reports it was made of.
	pub sources: u32,
	/// When they were taken: the median, of an even number the earlier of the two middle ones.
	pub taken_at: Moment,
	/// Whether those of them that are news are a quorum by themselves.
	pub renewed: bool,
}

/// Between which prices the members are who did not agree: all but as many as may be liars at either end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
	/// The lower end.
	pub low: Price,
	/// The upper end.
	pub high: Price,
}

impl Range {
	/// How far the far end is from `price`.
	pub fn furthest_from(&self, price: Price) -> Price {
		Price(price.0.abs_diff(self.low.0).max(price.0.abs_diff(self.high.0)))
	}
}

/// What a round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// Too few have reported.
	Silent,
	/// Enough have reported, and too few of them are near one another.
	Disagreed(Range),
	/// A quorum agreed.
	Agreed(Agreed),
}

/// What became of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<Member> {
	/// What it came to.
	pub verdict: Verdict,
	/// Who was left out, and why.
	pub rejected: Vec<(Member, Rejection)>,
}

/// How many of the seats may belong to liars: `f` of `3f + 1`.
pub const fn liars_of(seats: u32) -> u32 {
	seats.saturating_sub(1) / 3
}

/// The least number of reports that hides no liar: `2f + 1`.
pub const fn quorum_of(seats: u32) -> u32 {
	liars_of(seats).saturating_mul(2).saturating_add(1)
}

/// Settle a round.
pub fn settle<Member: Copy>(mut candidates: Vec<Candidate<Member>>, rules: &Rules) -> Outcome<Member> {
	let mut rejected = Vec::new();
	candidates.sort_by_key(|c| c.price);
	let middle = median(candidates.iter().map(|c| c.price)).filter(|_| is_quorum(&candidates, rules));
	let (Some(middle), Some(range)) = (middle, range_of(&candidates, rules)) else {
		return Outcome { verdict: Verdict::Silent, rejected };
	};

	let mut kept = Vec::new();
	for (at, candidate) in candidates.iter().enumerate() {
		match judge(candidate, middle, median_without(&candidates, at), rules) {
			None => kept.push(*candidate),
			Some(reason) => rejected.push((candidate.member, reason)),
		}
	}
	let agreed = is_quorum(&kept, rules).then(|| agree(&kept, rules)).flatten();
	Outcome { verdict: agreed.map_or(Verdict::Disagreed(range), Verdict::Agreed), rejected }
}

fn is_quorum<Member>(candidates: &[Candidate<Member>], rules: &Rules) -> bool {
	count(candidates) >= rules.quorum
}

fn count<T>(items: &[T]) -> u32 {
	u32::try_from(items.len()).unwrap_or(u32::MAX)
}

/// `others` is the median of everybody else's prices. Who says what they say is not stuck, however long.
fn judge<Member>(
	candidate: &Candidate<Member>,
	middle: Price,
	others: Option<Price>,
	rules: &Rules,
) -> Option<Rejection> {
	if is_apart(candidate.price, middle, rules.deviation_max) {
		return Some(Rejection::Deviates);
	}
	let has_left = |price| others.is_some_and(|others| is_apart(price, others, rules.stuck_distance));
	let is_stuck = candidate.repeats >= rules.stuck_rounds
		&& !candidate.anchor.is_zero()
		&& has_left(candidate.price)
		&& has_left(candidate.anchor);
	is_stuck.then_some(Rejection::Stuck)
}

/// The median of the prices of all of the sorted candidates but the one at `left_out`.
fn median_without<Member>(sorted: &[Candidate<Member>], left_out: usize) -> Option<Price> {
	let last = sorted.len().checked_sub(2)?;
	let at = |place: usize| sorted.get(place.saturating_add((place >= left_out).into())).map(|c| c.price);
	Some(mean(at(last / 2)?, at(last.div_ceil(2))?))
}

/// Whether `a` lies further from `b` than `most` of `b`.
pub fn is_apart(a: Price, b: Price, most: Ratio) -> bool {
	a.0.abs_diff(b.0) > share(b, most).0
}

/// `part` of `price`, rounded down.
pub fn share(price: Price, part: Ratio) -> Price {
	Price(mul_div(price.0, u128::from(part.0), u128::from(Ratio::ONE.0)))
}

/// `sorted` by price.
fn agree<Member>(sorted: &[Candidate<Member>], rules: &Rules) -> Option<Agreed> {
	let price = median(sorted.iter().map(|c| c.price))?;
	let mut confidences: Vec<_> = sorted.iter().map(|c| c.confidence).collect();
	confidences.sort();
	let claimed = median(confidences.into_iter())?;
	let mut times: Vec<_> = sorted.iter().map(|c| c.taken_at).collect();
	times.sort();
	let taken_at = *times.get(times.len().checked_sub(1)? / 2)?;

	let Range { low, high } = range_of(sorted, rules)?;
	let confidence = Price(high.0.saturating_sub(low.0) / 2).max(claimed);
	let news = u32::try_from(sorted.iter().filter(|c| c.is_news).count()).unwrap_or(u32::MAX);
	Some(Agreed { price, confidence, sources: count(sorted), taken_at, renewed: news >= rules.quorum })
}

/// From the report behind the lowest to that before the highest, as many left away at either end as there may be
/// liars: of three reports of which one may lie it is the middle one alone, of five the second to the fourth.
/// Nothing when nobody is left.
fn range_of<Member>(sorted: &[Candidate<Member>], rules: &Rules) -> Option<Range> {
	let liars = usize::try_from(rules.liars).unwrap_or(usize::MAX);
	let low = sorted.get(liars)?.price;
	let high = sorted.get(sorted.len().checked_sub(liars)?.checked_sub(1)?)?.price;
	Some(Range { low, high })
}

/// The middle of sorted `values`. Of an even number of them the mean of the two middle ones, rounded
/// down to the smallest unit.
pub fn median(values: impl ExactSizeIterator<Item = Price> + Clone) -> Option<Price> {
	let last = values.len().checked_sub(1)?;
	Some(mean(values.clone().nth(last / 2)?, values.clone().nth(last.div_ceil(2))?))
}

/// The middle between `low` and `high`, rounded down to the smallest unit.
fn mean(low: Price, high: Price) -> Price {
	Price(low.0.saturating_add(high.0.saturating_sub(low.0) / 2))
}
