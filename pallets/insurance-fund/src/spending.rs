// SPDX-License-Identifier: Apache-2.0
//! What the global fund has paid of late, kept to hold it to its caps: in all, for each market and for each owner.
//!
//! The day is a rolling window, kept in buckets of an hour: what was paid in this hour and in the 24
//! before it. So it covers at least 24 and at most 25 hours, and in no stretch of 24 hours is more than
//! the day's cap paid, wherever that stretch begins.

use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use keel_primitives::{Moment, Quote};
use scale_info::TypeInfo;

/// Milliseconds in the hour of a bucket.
const HOUR_MS: Moment = 60 * 60 * 1_000;
/// How many full hours lie behind the current one.
const HOURS: u64 = 24;
/// The hours behind, and the current one.
type Buckets = ConstU32<25>;

/// An hour since the Unix epoch, and what was paid in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Bucket {
	/// Hours since the Unix epoch.
	pub hour: u64,
	/// What was paid in it, in 1e-6 dollars.
	pub paid: Quote,
}

/// What the global fund has paid for losses within a day, by hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Window {
	/// What it paid by hour, oldest first. Hours that left the window go with the next payment.
	pub hours: BoundedVec<Bucket, Buckets>,
}

impl Window {
	/// What was paid in the window that ends `now`.
	pub(crate) fn paid(&self, now: Moment) -> Quote {
		let in_window = self.hours.iter().filter(|bucket| is_in_window(bucket, now));
		// Bounded by 25 times the day's cap.
		Quote(in_window.fold(0i128, |sum, bucket| sum.saturating_add(bucket.paid.0)))
	}

	/// Write down that `amount` was paid at `now`.
	pub(crate) fn record(&mut self, amount: Quote, now: Moment) {
		self.hours.retain(|bucket| is_in_window(bucket, now));
		let this_hour = Bucket { hour: now / HOUR_MS, paid: Quote::ZERO };
		if self.hours.last().is_none_or(|last| last.hour < this_hour.hour) {
			// There is room: hours rise strictly, and those left are among the 24 before this one.
			let pushed = self.hours.try_push(this_hour);
			frame_support::defensive_assert!(pushed.is_ok());
		}
		// Of a clock that went back the last bucket is a later hour: it then counts for longer.
		if let Some(last) = self.hours.last_mut() {
			last.paid = Quote(last.paid.0.saturating_add(amount.0));
		}
	}

	/// `amount` of what was paid is back, and counts no more. What leaves the window first counts no more first, so
	/// that the rest counts for as long as it can.
	pub(crate) fn give_back(&mut self, amount: Quote, now: Moment) {
		self.hours.retain(|bucket| is_in_window(bucket, now));
		let mut rest = amount;
		for bucket in &mut self.hours {
			let back = rest.min(bucket.paid);
			bucket.paid.0 = bucket.paid.0.saturating_sub(back.0);
			rest.0 = rest.0.saturating_sub(back.0);
		}
	}
}

/// What the global fund has paid for losses, by block and by hour.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo, frame_support::DefaultNoBound,
)]
pub struct Spending<BlockNumber: Default> {
	/// The last block in which it paid.
	pub block: BlockNumber,
	/// What it paid in that block, in 1e-6 dollars.
	pub in_block: Quote,
	/// What it paid within a day.
	pub day: Window,
}

impl<BlockNumber: Default + Copy + PartialEq> Spending<BlockNumber> {
	/// What was paid in `block`.
	pub(crate) fn in_block(&self, block: BlockNumber) -> Quote {
		if self.block == block {
			self.in_block
		} else {
			Quote::ZERO
		}
	}

	/// Write down that `amount` was paid in `block` at `now`.
	pub(crate) fn record(&mut self, amount: Quote, block: BlockNumber, now: Moment) {
		self.in_block = Quote(self.in_block(block).0.saturating_add(amount.0));
		self.block = block;
		self.day.record(amount, now);
	}

	/// `amount` of what was paid is back: it counts no more, in this block and in the window.
	pub(crate) fn give_back(&mut self, amount: Quote, block: BlockNumber, now: Moment) {
		self.in_block = Quote(self.in_block(block).0.saturating_sub(amount.0)).max(Quote::ZERO);
		self.block = block;
		self.day.give_back(amount, now);
	}
}

/// What is left of `cap` when `paid` is paid.
pub(crate) fn left(cap: Quote, paid: Quote) -> Quote {
	Quote(cap.0.saturating_sub(paid.0)).max(Quote::ZERO)
}

fn is_in_window(bucket: &Bucket, now: Moment) -> bool {
	bucket.hour.saturating_add(HOURS) >= now / HOUR_MS
}
