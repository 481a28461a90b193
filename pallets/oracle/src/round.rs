// SPDX-License-Identifier: Apache-2.0
//! How one price is made of many reports. Pure: knows neither storage nor blocks.
//!
//! Of `n = 3f + 1` members `f` may lie in any way. With `2f + 1` reports the median has at least as
//! many honest reports on either side as there may be liars, so it lies between the lowest and the
//! highest honest report. What is dropped afterwards keeps the quorum, so the same holds for what is
//! left. So do the report behind the `f` lowest, that before the `f` highest, and the median of the
//! confidences: liars can make a price look no worse than the worst honest member does.
//!
//! Members fail one by one, and with what they read: several behind one source are wrong together. So each
//! source has one weight, which the members behind it share, the median is that of the weights, and a quorum
//! is one of members and of sources. It is then held between the report behind the `f` lowest and that
//! before the `f` highest: naming a source of one's own moves no price further than `f` members can.
//! While more than `f` honest members report, whoever moves the price out of the honest range is more than
//! `f` members, and either more than as many of the sources or more than `2f` members.

use crate::{source::SourceId, stats::mul_div};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{FeedId, Moment, Price, Ratio};
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

/// A report that was left out.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RejectedReport {
	/// On which feed.
	pub feed: FeedId,
	/// Why.
	pub reason: Rejection,
}

/// A fresh report of one member on one feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<Member> {
	/// Who reported.
	pub member: Member,
	/// What the member reads. All who have named none are behind the same one.
	pub source: Option<SourceId>,
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
	/// The least number of sources, before and after some reports were dropped. More than twice `bad_sources`.
	pub sources: u32,
	/// How many of the sources may be wrong.
	pub bad_sources: u32,
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
	/// each as many left away as there may be liars, or wrong sources if those are nearer; and the median of the
	/// confidences.
	pub confidence: Price,
	/// Of how many sources' reports it was made.
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

/// What one source weighs. As many as 31 members share it without a rest: it is the least number that 1 to 31 divide.
pub const WHOLE: u64 = 72_201_776_446_800;

/// The most members who share a source without a rest.
pub const SHARERS_MAX: u32 = 31;

/// A value, and the weight of the report that says it.
pub type Weighed = (u128, u64);

/// Settle a round.
pub fn settle<Member: Copy>(mut candidates: Vec<Candidate<Member>>, rules: &Rules) -> Outcome<Member> {
	let mut rejected = Vec::new();
	candidates.sort_by_key(|c| c.price);
	let weights = weigh(&candidates);
	let prices = weights.of(&candidates, |c| c.price.0);
	let middle = middle(&prices, rules.liars).filter(|_| weights.is_quorum(rules));
	let (Some(middle), Some((low, high))) = (middle, ends(&prices, rules.liars)) else {
		return Outcome { verdict: Verdict::Silent, rejected };
	};

	let mut kept = Vec::new();
	for (at, candidate) in candidates.iter().enumerate() {
		match judge(candidate, Price(middle), || median_without(&prices, at, rules.liars), rules) {
			None => kept.push(*candidate),
			Some(reason) => rejected.push((candidate.member, reason)),
		}
	}
	let verdict = match agree(&kept, rules) {
		Some(agreed) => Verdict::Agreed(agreed),
		None => Verdict::Disagreed(Range { low: Price(low), high: Price(high) }),
	};
	Outcome { verdict, rejected }
}

/// What the reports of a round weigh.
struct Weights {
	/// The share that each has of its source's weight.
	shares: Vec<u64>,
	/// How many sources there are.
	sources: u32,
}

/// Share the weight of each source among the reports of those behind it.
fn weigh<Member>(candidates: &[Candidate<Member>]) -> Weights {
	let mut sources: Vec<_> = candidates.iter().map(|c| c.source).collect();
	sources.sort_unstable();
	let share = |candidate: &Candidate<Member>| {
		let before = sources.partition_point(|other| *other < candidate.source);
		let until = sources.partition_point(|other| *other <= candidate.source);
		let behind = u64::try_from(until.saturating_sub(before)).unwrap_or(u64::MAX);
		WHOLE.checked_div(behind).unwrap_or_default()
	};
	let shares = candidates.iter().map(share).collect();
	sources.dedup();
	Weights { shares, sources: count(&sources) }
}

impl Weights {
	/// Whether they are reports enough, of sources enough.
	fn is_quorum(&self, rules: &Rules) -> bool {
		count(&self.shares) >= rules.quorum && self.sources >= rules.sources
	}

	/// Something that each of the reports says, with its weight, in ascending order.
	fn of<Member>(
		&self,
		candidates: &[Candidate<Member>],
		what: impl Fn(&Candidate<Member>) -> u128,
	) -> Vec<Weighed> {
		let mut all: Vec<_> = candidates.iter().map(what).zip(self.shares.iter().copied()).collect();
		// Stable: prices stay in the order of their reports.
		all.sort_by_key(|(value, _)| *value);
		all
	}
}

fn count<T>(items: &[T]) -> u32 {
	u32::try_from(items.len()).unwrap_or(u32::MAX)
}

/// `others` is the median of everybody else's prices. Who says what they say is not stuck, however long.
fn judge<Member>(
	candidate: &Candidate<Member>,
	middle: Price,
	others: impl Fn() -> Option<Price>,
	rules: &Rules,
) -> Option<Rejection> {
	if is_apart(candidate.price, middle, rules.deviation_max) {
		return Some(Rejection::Deviates);
	}
	if candidate.repeats < rules.stuck_rounds || candidate.anchor.is_zero() {
		return None;
	}
	let others = others()?;
	let has_left = |price| is_apart(price, others, rules.stuck_distance);
	(has_left(candidate.price) && has_left(candidate.anchor)).then_some(Rejection::Stuck)
}

/// The median of all of the sorted prices but the one at `left_out`. What the others weigh stays as it is.
fn median_without(sorted: &[Weighed], left_out: usize, liars: u32) -> Option<Price> {
	let others = sorted.iter().enumerate().filter(|(at, _)| *at != left_out);
	let others: Vec<_> = others.map(|(_, price)| *price).collect();
	middle(&others, liars).map(Price)
}

/// Whether `a` lies further from `b` than `most` of `b`.
pub fn is_apart(a: Price, b: Price, most: Ratio) -> bool {
	a.0.abs_diff(b.0) > share(b, most).0
}

/// `part` of `price`, rounded down.
pub fn share(price: Price, part: Ratio) -> Price {
	Price(mul_div(price.0, u128::from(part.0), u128::from(Ratio::ONE.0)))
}

/// What those who are left agree on, if they are a quorum.
fn agree<Member: Copy>(kept: &[Candidate<Member>], rules: &Rules) -> Option<Agreed> {
	let weights = weigh(kept);
	if !weights.is_quorum(rules) {
		return None;
	}
	let prices = weights.of(kept, |c| c.price.0);
	let price = Price(middle(&prices, rules.liars)?);
	let claimed = middle(&weights.of(kept, |c| c.confidence.0), rules.liars)?;
	let times = weights.of(kept, |c| c.taken_at.into());
	let (low, high) = ends(&times, rules.liars)?;
	let taken_at = Moment::try_from(middles(&times)?.0.max(low).min(high)).ok()?;

	let apart = |(low, high): (u128, u128)| high.saturating_sub(low) / 2;
	let spread = apart(ends(&prices, rules.liars)?).min(apart(ends_by_weight(&prices, rules.bad_sources)?));
	let confidence = Price(spread.max(claimed));
	let news: Vec<_> = kept.iter().filter(|c| c.is_news).copied().collect();
	let renewed = weigh(&news).is_quorum(rules);
	Some(Agreed { price, confidence, sources: weights.sources, taken_at, renewed })
}

/// From the report behind the lowest to that before the highest, as many left away at either end as there may be
/// liars: of three reports of which one may lie it is the middle one alone, of five the second to the fourth.
/// Nothing when there are none.
fn ends(sorted: &[Weighed], liars: u32) -> Option<(u128, u128)> {
	let last = sorted.len().checked_sub(1)?;
	// Of fewer than a quorum it is the middle.
	let away = usize::try_from(liars).unwrap_or(usize::MAX).min(last / 2);
	Some((sorted.get(away)?.0, sorted.get(last.saturating_sub(away))?.0))
}

/// The same by weight: as much left away at either end as that of the sources that may be wrong.
fn ends_by_weight(sorted: &[Weighed], bad_sources: u32) -> Option<(u128, u128)> {
	let away = u64::from(bad_sources).saturating_mul(WHOLE);
	let low = first_over(sorted.iter(), |weight| weight > away)?;
	let high = first_over(sorted.iter().rev(), |weight| weight > away)?;
	Some((low, high))
}

/// The first value whose weight, with that of all before it, is enough.
fn first_over<'a>(
	mut values: impl Iterator<Item = &'a Weighed>,
	is_enough: impl Fn(u64) -> bool,
) -> Option<u128> {
	let mut sum = 0_u64;
	let found = values.find(|(_, weight)| {
		sum = sum.saturating_add(*weight);
		is_enough(sum)
	});
	found.map(|(value, _)| *value)
}

/// The two in the middle of the weight: the first value that has half of it at or below itself, and the first that
/// has more than half. They are one, unless the weight up to a value is exactly half.
fn middles(sorted: &[Weighed]) -> Option<(u128, u128)> {
	let total = sorted.iter().fold(0_u64, |sum, (_, weight)| sum.saturating_add(*weight));
	let low = first_over(sorted.iter(), |sum| sum.saturating_mul(2) >= total)?;
	let high = first_over(sorted.iter(), |sum| sum.saturating_mul(2) > total)?;
	Some((low, high))
}

/// The median of sorted values: the mean of the two in the middle, rounded down to the smallest unit, and held between
/// the value behind the lowest and that before the highest, as many of each as there may be liars.
pub fn middle(sorted: &[Weighed], liars: u32) -> Option<u128> {
	let (a, b) = middles(sorted)?;
	let (low, high) = ends(sorted, liars)?;
	let mean = a.saturating_add(b.saturating_sub(a) / 2);
	Some(mean.max(low).min(high))
}
