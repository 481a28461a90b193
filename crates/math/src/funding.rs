// SPDX-License-Identifier: Apache-2.0
//! The funding rate: what one side pays the other so that the price of the market stays near the index.
//!
//! All rates are [`FundingRate`]s: signed, in parts per billion per eight hours, positive when longs pay. A
//! premium is one too: the rate at which funding gives it back within eight hours. What is paid is
//! [`crate::Book::fund`]'s.

use crate::{
	int::{narrow, wide_product},
	units::{FundingRate, ONE_E9},
	MathError, MathResult,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{Moment, Price, Ratio};
use primitive_types::U256;
use scale_info::TypeInfo;

/// The time a premium is averaged over, in milliseconds: an hour, as at dYdX v4 and Hyperliquid. Shorter,
/// and a few blocks of pushing the price are paid for by everybody; longer, and the rate answers
/// yesterday's market.
pub const AVERAGING_MS: Moment = 3_600_000;

/// A premium beyond this, either way, counts as this: 100 % of the index.
pub const PREMIUM_MAX: FundingRate = FundingRate(1_000_000_000);

/// The most that funding per eight hours may be, whatever it is a multiple of: 100 % of notional, the domain
/// of [`crate::Book::fund`].
pub const FUNDING_MAX: Ratio = Ratio::ONE;

/// The premium of `price` over `index`: `(price - index) / index` in parts per billion, rounded towards
/// zero, at most [`PREMIUM_MAX`] either way.
///
/// Domain: an index above zero.
pub fn premium(price: Price, index: Price) -> MathResult<FundingRate> {
	let scaled = wide_product(price.0.abs_diff(index.0), ONE_E9);
	let ratio = scaled.checked_div(U256::from(index.0)).ok_or(MathError::DivisionByZero)?;
	let ratio = narrow(ratio.min(U256::from(PREMIUM_MAX.0.unsigned_abs())))?;
	let ratio = i64::try_from(ratio).map_err(|_| MathError::Overflow)?;
	Ok(FundingRate(if price < index { ratio.saturating_neg() } else { ratio }))
}

/// The premium of a market, averaged over time.
///
/// Over each [`AVERAGING_MS`] of the time it was told of,
///
/// ```text
/// average = (sum over samples of premium * time it was held + carried) / AVERAGING_MS    towards zero
/// carried = what the division left                      below AVERAGING_MS, so less than 1 part per billion
/// ```
///
/// so that averages times their periods, and what is carried and summed, are all that was ever sampled, to
/// the unit. The average of a period is the rate's of the next one. Time-weighted as at Vega and Drift, so
/// that a block that comes late counts for as long as its premium stood; at dYdX v4, as here, what nobody
/// knows counts as zero.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Premium {
	/// Premium times milliseconds in the present period: at most 1e9 * [`AVERAGING_MS`], below 2^52.
	sum: i64,
	/// What the averages so far have left, in the same unit.
	carried: i64,
	/// How much of the present period has passed: less than [`AVERAGING_MS`].
	elapsed: Moment,
	/// The average of the last whole period.
	average: FundingRate,
}

impl Premium {
	/// The premium was `sample` for `held_ms`; `None` when none is known, which counts as zero. Returns
	/// whether a period ended, and with it a new average begins.
	///
	/// No sample counts for longer than [`AVERAGING_MS`]: what stood still for so long was an outage, not a
	/// price. One beyond [`PREMIUM_MAX`] counts as that.
	///
	/// Domain: any sample, any time.
	pub fn hold(&mut self, sample: Option<FundingRate>, held_ms: Moment) -> bool {
		let most = PREMIUM_MAX.0;
		let sample = sample.unwrap_or_default().0.min(most).max(most.saturating_neg());
		let held = held_ms.min(AVERAGING_MS);
		// Nothing here saturates: a sum is below 2^52, a time at most AVERAGING_MS.
		let rest = AVERAGING_MS.saturating_sub(self.elapsed);
		if held < rest {
			self.sum = self.sum.saturating_add(weighted(sample, held));
			self.elapsed = self.elapsed.saturating_add(held);
			return false;
		}
		let total = self.sum.saturating_add(weighted(sample, rest)).saturating_add(self.carried);
		let period = i64::try_from(AVERAGING_MS).unwrap_or(i64::MAX);
		self.average = FundingRate(total.checked_div(period).unwrap_or_default());
		self.carried = total.checked_rem(period).unwrap_or_default();
		self.elapsed = held.saturating_sub(rest);
		self.sum = weighted(sample, self.elapsed);
		true
	}

	/// The average of the last whole period; zero before the first has ended.
	pub const fn average(&self) -> FundingRate {
		self.average
	}

	/// The average of the present period so far, rounded towards zero: what the next rate would be made of
	/// if the premium stayed at it. The last average while nothing has passed.
	pub fn so_far(&self) -> FundingRate {
		i64::try_from(self.elapsed)
			.ok()
			.and_then(|elapsed| self.sum.checked_div(elapsed))
			.map_or(self.average, FundingRate)
	}
}

/// `sample * time`, for a time of at most [`AVERAGING_MS`].
fn weighted(sample: i64, time: Moment) -> i64 {
	sample.saturating_mul(i64::try_from(time).unwrap_or(i64::MAX))
}

/// The most funding per eight hours, either way: `multiple * (initial - maintenance)`, rounded down, at most
/// [`FUNDING_MAX`].
///
/// As at dYdX v4, where the multiple is 600 %: what an account has between opening and liquidation lasts for
/// some hours of the worst funding. Zero, and nobody pays funding, at a multiple of zero or when the initial
/// rate is not above the maintenance rate.
///
/// Domain: any rates.
pub fn cap_8h(multiple: Ratio, initial: Ratio, maintenance: Ratio) -> Ratio {
	let between = u128::from(initial.0.saturating_sub(maintenance.0));
	// Two factors below 2^64: the product fits, and the divisor is not zero.
	let cap = u128::from(multiple.0).saturating_mul(between).checked_div(ONE_E9).unwrap_or_default();
	u64::try_from(cap).map_or(FUNDING_MAX, |cap| Ratio(cap).min(FUNDING_MAX))
}

/// Funding per eight hours:
///
/// ```text
/// clamp(average + clamp(interest - average, -damper, damper), -cap, cap)
/// ```
///
/// Exact, and minus itself when premium and interest change their signs. As at Binance and Hyperliquid:
/// while the average premium is within `damper` of `interest` the rate is `interest`, and beyond that the
/// premium less the damper. It lies between `average` and `interest`, so it fits whatever the inputs.
///
/// Domain: any rates.
pub fn rate_8h(average: FundingRate, interest: FundingRate, damper: Ratio, cap: Ratio) -> FundingRate {
	let (average, interest) = (i128::from(average.0), i128::from(interest.0));
	// No sum of two numbers below 2^65 saturates.
	let towards = within(interest.saturating_sub(average), damper);
	let rate = within(average.saturating_add(towards), cap);
	FundingRate(i64::try_from(rate).unwrap_or_default())
}

/// `value`, at most `bound` away from zero.
fn within(value: i128, bound: Ratio) -> i128 {
	let bound = i128::from(bound.0);
	value.min(bound).max(bound.saturating_neg())
}
