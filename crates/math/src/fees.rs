// SPDX-License-Identifier: Apache-2.0
//! Fees of trades on the order book, and the volume that decides them.

use crate::{
	int::{div_floor, narrow_signed, wide_product},
	units::{share, Rounding},
	MathError, MathResult,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{Moment, Quote, Ratio};
use primitive_types::U256;
use scale_info::TypeInfo;

/// The days that volume is counted over: thirty, in milliseconds.
pub const VOLUME_WINDOW_MS: Moment = 30 * 24 * 3_600_000;
/// The highest fee, either way: 1 % of what is traded.
pub const FEE_MAX: FeeRate = FeeRate(10_000_000);

/// A fee in parts per billion of what is traded; negative is a rebate.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FeeRate(pub i32);

impl FeeRate {
	/// What is paid on `traded >= 0` dollars, in 1e-6 dollars: a fee rounded up, a rebate rounded down, so both
	/// against who pays or receives it. A negative amount counts as nothing.
	///
	/// Domain: any amount, a rate of at most [`FEE_MAX`] either way.
	pub fn of(self, traded: Quote) -> MathResult<Quote> {
		let rate = Ratio(u64::from(self.0.unsigned_abs()));
		if self.0 < 0 {
			let rebate = share(traded, rate, Rounding::Down)?;
			return rebate.0.checked_neg().map(Quote).ok_or(MathError::Overflow);
		}
		share(traded, rate, Rounding::Up)
	}
}

/// What an owner has traded in the last thirty days, in two numbers.
///
/// Time is cut into windows of [`VOLUME_WINDOW_MS`]. Of the window before the present one so much counts as is
/// still within thirty days if it was traded evenly:
///
/// ```text
/// volume = current + floor(previous * (1 - elapsed / window))
/// ```
///
/// (the sliding window counter of rate limiters). Exact for even trading, never more than what was traded in
/// sixty days, and zero after sixty days of none.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RollingVolume {
	/// The number of the present window since the epoch.
	window: u32,
	/// What was traded in it, in 1e-6 dollars.
	current: u128,
	/// What was traded in the one before.
	previous: u128,
}

impl RollingVolume {
	/// The volume at `now`, in 1e-6 dollars, rounded down. Beyond all amounts it stays at the largest.
	///
	/// Domain: any time.
	pub fn at(&self, now: Moment) -> Quote {
		let moved = self.moved_to(now);
		let elapsed = now.checked_rem(VOLUME_WINDOW_MS).unwrap_or_default();
		let rest = VOLUME_WINDOW_MS.saturating_sub(elapsed);
		let kept = div_floor(wide_product(moved.previous, rest.into()), U256::from(VOLUME_WINDOW_MS));
		// At most `previous`, so it fits.
		let kept = kept.map_or(0, |kept| kept.low_u128());
		narrow_signed(U256::from(moved.current.saturating_add(kept))).map_or(Quote(i128::MAX), Quote)
	}

	/// The volume after `traded >= 0` more at `now`. A time before the last one counts as that.
	///
	/// Domain: any amount, where a negative one counts as none, and any time.
	#[must_use]
	pub fn with(&self, traded: Quote, now: Moment) -> Self {
		let mut moved = self.moved_to(now);
		// More than all amounts is never traded in thirty days; a volume that stops there only keeps its tier.
		moved.current = moved.current.saturating_add(u128::try_from(traded.0).unwrap_or_default());
		moved
	}

	fn moved_to(&self, now: Moment) -> Self {
		let window = now.checked_div(VOLUME_WINDOW_MS).unwrap_or_default();
		let window = u32::try_from(window).unwrap_or(u32::MAX).max(self.window);
		match window.saturating_sub(self.window) {
			0 => *self,
			1 => Self { window, current: 0, previous: self.current },
			_ => Self { window, ..Self::default() },
		}
	}
}
