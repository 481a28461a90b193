// SPDX-License-Identifier: Apache-2.0
//! How good a member's reports are: how far from the prices that landed, and how late.

use crate::{stats::mul_div, Config, Pallet, Prices, ReportedOf};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_primitives::{Moment, Ratio};
use scale_info::TypeInfo;
use sp_runtime::traits::{One, Saturating};

/// A new value counts one in so many of an average.
const MEMORY: u64 = 32;

/// Averages over a member's last reports, of which each counts a 32nd less than the next. They begin at zero.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Score {
	/// How far its prices were from those that landed in the block after them, as a part of these.
	pub distance: Ratio,
	/// How many blocks more than one after their round they came, in 1e-6 blocks.
	pub lateness: u64,
}

/// The distances of one report, over its feeds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Distances {
	sum: u64,
	count: u64,
}

impl Distances {
	/// Take one feed's into account.
	pub fn add(&mut self, distance: Ratio) {
		self.sum = self.sum.saturating_add(distance.0);
		self.count = self.count.saturating_add(1);
	}

	fn mean(&self) -> Option<u64> {
		self.sum.checked_div(self.count)
	}
}

impl Score {
	/// With another report: its distances, and by how many blocks it is late.
	pub(crate) fn after(self, distances: &Distances, late: u32) -> Self {
		let distance = distances.mean().map_or(self.distance.0, |mean| average(self.distance.0, mean));
		let late = u64::from(late).saturating_mul(1_000_000);
		Self { distance: Ratio(distance), lateness: average(self.lateness, late) }
	}
}

/// The average with `new`, rounded down.
fn average(old: u64, new: u64) -> u64 {
	let before = old.saturating_mul(MEMORY.saturating_sub(1));
	before.saturating_add(new).checked_div(MEMORY).unwrap_or_default()
}

impl<T: Config> Pallet<T> {
	/// How far a report was from the price that landed in the block after it; nothing when none did, or another has
	/// landed since: what is a block old is no measure.
	pub(crate) fn distance(
		reported: &ReportedOf<T>,
		rounds: &[(BlockNumberFor<T>, Moment)],
	) -> Option<Ratio> {
		let next = reported.received.saturating_add(One::one());
		let time = rounds.iter().find(|(block, _)| *block == next)?.1;
		let landed = Prices::<T>::get(reported.report.feed).filter(|landed| landed.landed_at == time)?.price;
		let apart = landed.0.abs_diff(reported.report.price.0).min(landed.0);
		let parts = mul_div(apart, u128::from(Ratio::ONE.0), landed.0);
		u64::try_from(parts).ok().map(Ratio)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_average_follows_and_forgets() {
		let mut distances = Distances::default();
		distances.add(Ratio::percent(2));
		distances.add(Ratio::percent(4));
		// A 32nd of 3 %, and of two blocks.
		let mut score = Score::default().after(&distances, 2);
		assert_eq!(score, Score { distance: Ratio(937_500), lateness: 62_500 });
		// Nothing landed: the distance stays.
		score = score.after(&Distances::default(), 0);
		assert_eq!(score.distance, Ratio(937_500));
		for _ in 0..1_000 {
			score = score.after(&distances, 2);
		}
		assert!((29_999_900..=30_000_000).contains(&score.distance.0), "{score:?}");
		let mut right = Distances::default();
		right.add(Ratio(0));
		for _ in 0..1_000 {
			score = score.after(&right, 0);
		}
		assert_eq!(score, Score::default());
	}
}
