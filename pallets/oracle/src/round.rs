// SPDX-License-Identifier: Apache-2.0
//! How one price is made of many reports. Pure: knows neither storage nor blocks.
//!
//! Of `n = 3f + 1` members `f` may lie in any way. With `2f + 1` reports the median has at least as
//! many honest reports on either side as there may be liars, so it lies between the lowest and the
//! highest honest report. What is dropped afterwards keeps the quorum, so the same holds for what is
//! left.

use crate::stats::mul_div;
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{Price, Ratio};
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
	/// The least number of reports, before and after some were dropped.
	pub quorum: u32,
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
	/// The larger of half the spread of the middle half of the prices and the median of the
	/// confidences.
	pub confidence: Price,
	/// How many reports it was made of.
	pub sources: u32,
}

/// What became of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome<Member> {
	/// The price, when a quorum agreed.
	pub agreed: Option<Agreed>,
	/// Who was left out, and why.
	pub rejected: Vec<(Member, Rejection)>,
}

/// The least number of reports that hides no liar: `2f + 1`, where `f = (seats - 1) / 3`.
pub const fn quorum_of(seats: u32) -> u32 {
	(seats.saturating_sub(1) / 3).saturating_mul(2).saturating_add(1)
}

/// Settle a round.
pub fn settle<Member: Copy>(mut candidates: Vec<Candidate<Member>>, rules: &Rules) -> Outcome<Member> {
	let mut rejected = Vec::new();
	if !is_quorum(&candidates, rules) {
		return Outcome { agreed: None, rejected };
	}
	candidates.sort_by_key(|c| c.price);
	let Some(middle) = median(candidates.iter().map(|c| c.price)) else {
		return Outcome { agreed: None, rejected };
	};

	let mut kept = Vec::new();
	for (at, candidate) in candidates.iter().enumerate() {
		match judge(candidate, middle, median_without(&candidates, at), rules) {
			None => kept.push(*candidate),
			Some(reason) => rejected.push((candidate.member, reason)),
		}
	}
	let agreed = is_quorum(&kept, rules).then(|| agree(&kept)).flatten();
	Outcome { agreed, rejected }
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

/// `candidates` are sorted by price.
fn agree<Member>(candidates: &[Candidate<Member>]) -> Option<Agreed> {
	let price = median(candidates.iter().map(|c| c.price))?;
	let mut confidences: Vec<_> = candidates.iter().map(|c| c.confidence).collect();
	confidences.sort();
	let claimed = median(confidences.into_iter())?;
	let confidence = half_spread(candidates)?.max(claimed);
	Some(Agreed { price, confidence, sources: count(candidates) })
}

/// Half the distance between the quartiles, taken as the elements a quarter from either end: with three
/// reports the outer ones, with five the second and the fourth.
fn half_spread<Member>(sorted: &[Candidate<Member>]) -> Option<Price> {
	let quarter = sorted.len() / 4;
	let low = sorted.get(quarter)?.price.0;
	let high = sorted.get(sorted.len().checked_sub(quarter)?.checked_sub(1)?)?.price.0;
	Some(Price(high.abs_diff(low) / 2))
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
