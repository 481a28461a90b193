// SPDX-License-Identifier: Apache-2.0
//! How much money may be spent within any window of time, whenever it begins.
//!
//! What begins anew with each day admits twice its size about midnight. Here time is cut into slices, a few to a window,
//! and what was spent in a slice counts until a whole window has passed since it was over: too long by a slice at most,
//! never too short. It is the sibling for money of [`crate::budget`], which counts blocks.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{Moment, Quote};
use scale_info::TypeInfo;

/// The slices of a window.
pub const SLICES: u32 = 4;

/// The slices that count: those of a window, and the one that is not over.
const KEPT: usize = 5;

/// What was spent of late.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Spending {
	/// The slice in which something was spent last.
	last: u32,
	/// What was spent in it, and in each slice before it.
	amounts: [Quote; KEPT],
}

impl Spending {
	/// How much was spent within the last `window` milliseconds, or a quarter more.
	///
	/// Domain: any moments; `now` is not before that of the last charge, which would count as then. Amounts beyond all
	/// bounds count as the largest.
	pub fn spent(&self, now: Moment, window: Moment) -> Quote {
		let live = KEPT.saturating_sub(self.age(now, window));
		Quote(self.amounts.iter().take(live).fold(0, |sum: i128, amount| sum.saturating_add(amount.0)))
	}

	/// What counts after `amount` more is spent; `None` where that is more than `most` within `window`.
	///
	/// Domain: any moments and amounts; `None` for a negative one.
	pub fn charge(self, now: Moment, amount: Quote, window: Moment, most: Quote) -> Option<Self> {
		let spent = self.spent(now, window).0.checked_add(amount.0)?;
		if amount < Quote::ZERO || spent > most.0 {
			return None;
		}
		let age = self.age(now, window);
		let mut amounts = [Quote::ZERO; KEPT];
		for (to, from) in amounts.iter_mut().skip(age).zip(self.amounts) {
			*to = from;
		}
		let [first, ..] = &mut amounts;
		first.0 = first.0.checked_add(amount.0)?;
		Some(Self { last: Self::slice(now, window).max(self.last), amounts })
	}

	fn slice(now: Moment, window: Moment) -> u32 {
		let length = window.checked_div(SLICES.into()).unwrap_or_default().max(1);
		u32::try_from(now.checked_div(length).unwrap_or_default()).unwrap_or(u32::MAX)
	}

	/// How many slices ago something was spent last, as far as that matters.
	fn age(&self, now: Moment, window: Moment) -> usize {
		let age = Self::slice(now, window).saturating_sub(self.last);
		usize::try_from(age).map_or(KEPT, |age| age.min(KEPT))
	}
}
