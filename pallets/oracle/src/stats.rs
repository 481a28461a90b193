// SPDX-License-Identifier: Apache-2.0
//! What a feed's history says: a slow price and a volatility, in constant space and time.
//!
//! Both are exponentially weighted averages over *time*, not over rounds: an observation loses half
//! its weight every half-life, however often prices land in between.
//!
//! Volatility is made of returns over a minute or more ([`GRID_MS`]), not from round to round: those would measure how
//! members differ. A return counts as far as two rounds in a row confirm it, so that a round which is off and the one
//! that takes it back are no move; and only up to [`SIGMAS`] times what the volatility so far leads one to expect, or
//! [`FLOOR`], so that one jump is not a day's volatility.
//!
//! Fixed point with 18 decimals ([`SCALE`]), no floats. Prices are at most 1e27, returns at most 1e18
//! and daily variances below 1e26, so that no product here reaches 2^128; where the type still asks
//! for an answer the operation saturates. All divisions round down.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{Price, Ratio, Volatility};
use scale_info::TypeInfo;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// One, with 18 decimals.
pub const SCALE: u128 = 1_000_000_000_000_000_000;
/// The natural logarithm of two, with 18 decimals.
const LN_2: u128 = 693_147_180_559_945_309;
/// What a [`Ratio`]'s part is in parts of [`SCALE`].
const PER_RATIO_PART: u128 = SCALE / 1_000_000_000;
/// The period volatility is stated for.
const DAY_MS: u128 = 86_400_000;
/// The shortest time a return is taken over: a minute.
pub const GRID_MS: u64 = 60_000;
/// A return counts up to so many standard deviations of the time it took.
pub const SIGMAS: u128 = 8;
/// A return of this size always counts, with 18 decimals: half a percent.
pub const FLOOR: u128 = SCALE / 200;
/// Terms of the exponential series: for exponents below ln 2 the next one is under 1e-19.
const TERMS: u128 = 19;
/// After as many halvings nothing is left of 18 decimals.
const HALVINGS_MAX: u64 = 60;

/// How fast the averages follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
	/// After as many milliseconds a price has half its weight in the slow price.
	pub slow_half_life_ms: u64,
	/// After as many milliseconds a return has half its weight in the variance.
	pub variance_half_life_ms: u64,
	/// The longest time one observation may stand for. A single price after an outage must not own
	/// the averages.
	pub elapsed_max_ms: u64,
	/// The furthest from the slow price that a price may pull it.
	pub jump_max: Ratio,
}

/// What is kept of a feed's history.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Stats {
	/// The slow price.
	pub slow: Price,
	/// Weighted sum of squared returns per day, with 18 decimals.
	pub variance: u128,
	/// The weight `variance` has gathered, with 18 decimals. It approaches one; before that the sum is
	/// divided by it, so that a young feed does not look calm.
	pub weight: u128,
	/// The confirmed price from which the next return is taken.
	pub grid_price: Price,
	/// How long ago that was, in milliseconds, when the last price landed.
	pub since_grid_ms: u64,
}

impl Stats {
	/// The history of a feed whose first price has just landed.
	pub const fn start(price: Price) -> Self {
		Self { slow: price, variance: 0, weight: 0, grid_price: price, since_grid_ms: 0 }
	}

	/// Standard deviation of log returns per day, rounded down. Zero while there was no return yet.
	pub fn volatility(&self) -> Volatility {
		// The root of 18 decimals has 9: parts per billion.
		Volatility(u64::try_from(self.variance_per_day().isqrt()).unwrap_or(u64::MAX))
	}

	fn variance_per_day(&self) -> u128 {
		if self.weight == 0 {
			return 0;
		}
		mul_div(self.variance, SCALE, self.weight)
	}

	/// The history after `price` has landed, `elapsed_ms` after `last`.
	///
	/// Two prices in the same millisecond say nothing about speed: then nothing changes.
	pub fn after(self, last: Price, price: Price, elapsed_ms: u64, pace: &Pace) -> Self {
		if elapsed_ms == 0 {
			return self;
		}
		let counted_ms = elapsed_ms.min(pace.elapsed_max_ms);
		let jump_max = u128::from(pace.jump_max.0).saturating_mul(PER_RATIO_PART);

		let bounded = clamp_to(price.0, self.slow.0, jump_max);
		let slow = blend(self.slow.0, bounded, decay(counted_ms, pace.slow_half_life_ms));

		let next =
			Self { slow: Price(slow), since_grid_ms: self.since_grid_ms.saturating_add(elapsed_ms), ..self };
		if next.since_grid_ms < GRID_MS {
			return next;
		}
		// As far as both of the last two rounds are from it, on the same side.
		let (low, high) = (last.min(price), last.max(price));
		let confirmed = self.grid_price.clamp(low, high);
		next.with_return(abs_return(self.grid_price.0, confirmed.0), pace).counted_from(confirmed)
	}

	/// With a return of size `moved`, which took as long as the last one is ago.
	fn with_return(self, moved: u128, pace: &Pace) -> Self {
		let took_ms = u128::from(self.since_grid_ms);
		let expected = mul_div(self.variance_per_day(), took_ms, DAY_MS);
		let most = expected.saturating_mul(SIGMAS.saturating_mul(SIGMAS)).max(mul_div(FLOOR, FLOOR, SCALE));
		// The move took all of the time, however long it is counted for.
		let per_day = mul_div(mul_div(moved, moved, SCALE).min(most), DAY_MS, took_ms);
		let kept =
			decay(self.since_grid_ms.min(pace.elapsed_max_ms.max(GRID_MS)), pace.variance_half_life_ms);
		Self {
			variance: blend(self.variance, per_day, kept),
			weight: blend(self.weight, SCALE, kept),
			..self
		}
	}

	/// The next return is taken from `price`, and begins now.
	fn counted_from(self, price: Price) -> Self {
		Self { grid_price: price, since_grid_ms: 0, ..self }
	}
}

/// `2^(-elapsed / half_life)` with 18 decimals: the weight that is left after `elapsed_ms`.
pub fn decay(elapsed_ms: u64, half_life_ms: u64) -> u128 {
	let Some(halvings) = elapsed_ms.checked_div(half_life_ms) else { return 0 };
	if halvings > HALVINGS_MAX {
		return 0;
	}
	// Below ln 2, because the remainder is below the half-life.
	let rest = u128::from(elapsed_ms.checked_rem(half_life_ms).unwrap_or(0));
	let exponent = mul_div(rest, LN_2, u128::from(half_life_ms));

	// e^-x = 1 - x + x^2/2! - ...: gathered by sign, because the numbers have none.
	let (mut plus, mut minus, mut term) = (SCALE, 0_u128, SCALE);
	for k in 1..=TERMS {
		term = mul_div(term, exponent, SCALE.saturating_mul(k));
		if k % 2 == 0 {
			plus = plus.saturating_add(term);
		} else {
			minus = minus.saturating_add(term);
		}
	}
	let fraction = plus.saturating_sub(minus);
	u32::try_from(halvings).ok().and_then(|n| fraction.checked_shr(n)).unwrap_or(0)
}

/// The size of the move from `from` to `to` with 18 decimals: `2 |to - from| / (to + from)`.
///
/// Equal for a move and its way back, and equal to the log return but for a third-order term: 0.03 %
/// too low at a move of 20 %.
pub fn abs_return(from: u128, to: u128) -> u128 {
	mul_div(from.abs_diff(to).saturating_mul(2), SCALE, from.saturating_add(to))
}

/// `value`, or as near to it as `most` of `around` allows.
fn clamp_to(value: u128, around: u128, most: u128) -> u128 {
	let reach = mul_div(around, most, SCALE);
	value.clamp(around.saturating_sub(reach), around.saturating_add(reach))
}

/// `old` moved towards `new`, of which `kept` (18 decimals) stays.
fn blend(old: u128, new: u128, kept: u128) -> u128 {
	let step = mul_div(old.abs_diff(new), SCALE.saturating_sub(kept), SCALE);
	if new >= old {
		old.saturating_add(step)
	} else {
		old.saturating_sub(step)
	}
}

/// `a * b / c`, rounded down, with a 256-bit product. Everything divided by nothing is the largest.
pub fn mul_div(a: u128, b: u128, c: u128) -> u128 {
	multiply_by_rational_with_rounding(a, b, c, Rounding::Down).unwrap_or(u128::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const PACE: Pace = Pace {
		slow_half_life_ms: 3_600_000,
		variance_half_life_ms: 1_800_000,
		elapsed_max_ms: 60_000,
		jump_max: Ratio(100_000_000),
	};

	/// The same averages by another road: floats, and `exp2` of the standard library.
	struct Reference {
		slow: f64,
		variance: f64,
		weight: f64,
		grid: f64,
		since: f64,
	}

	impl Reference {
		fn new(price: f64) -> Self {
			Self { slow: price, variance: 0.0, weight: 0.0, grid: price, since: 0.0 }
		}

		fn after(&mut self, last: f64, price: f64, elapsed_ms: u64) {
			let elapsed = elapsed_ms as f64;
			let counted = elapsed.min(PACE.elapsed_max_ms as f64);
			let kept = (-counted / PACE.slow_half_life_ms as f64).exp2();
			let bounded = price.clamp(self.slow * 0.9, self.slow * 1.1);
			self.slow = self.slow * kept + bounded * (1.0 - kept);
			self.since += elapsed;
			if self.since < 60_000.0 {
				return;
			}
			let confirmed = if (last - self.grid) * (price - self.grid) <= 0.0 {
				self.grid
			} else if (last - self.grid).abs() < (price - self.grid).abs() {
				last
			} else {
				price
			};
			let moved = 2.0 * (confirmed - self.grid).abs() / (confirmed + self.grid);
			let days = self.since / 86_400_000.0;
			let sigma = if self.weight > 0.0 { (self.variance / self.weight).sqrt() } else { 0.0 };
			let moved = moved.min((8.0 * sigma * days.sqrt()).max(0.005));
			let kept = (-self.since.min(60_000.0) / PACE.variance_half_life_ms as f64).exp2();
			self.variance = self.variance * kept + moved * moved / days * (1.0 - kept);
			self.weight = self.weight * kept + 1.0 - kept;
			(self.grid, self.since) = (confirmed, 0.0);
		}
	}

	fn cents(cents: u64) -> Price {
		Price(u128::from(cents) * Price::ONE.0 / 100)
	}

	fn close(value: f64, reference: f64, tolerance: f64) -> bool {
		(value - reference).abs() <= tolerance * reference.abs().max(1e-9)
	}

	#[test]
	fn decay_halves_every_half_life() {
		assert_eq!(decay(0, 1_000), SCALE);
		assert_eq!(decay(1_000, 1_000), SCALE / 2);
		assert_eq!(decay(3_000, 1_000), SCALE / 8);
		assert_eq!(decay(61_000, 1_000), 0);
		assert_eq!(decay(1, 0), 0, "without a half-life nothing lasts");
	}

	#[test]
	fn decay_never_overflows_and_stays_a_share() {
		for (elapsed, half_life) in
			[(u64::MAX, 1), (u64::MAX, u64::MAX), (u64::MAX - 1, u64::MAX), (1, u64::MAX)]
		{
			assert!(decay(elapsed, half_life) <= SCALE);
		}
	}

	#[test]
	fn return_is_the_same_both_ways() {
		assert_eq!(abs_return(100, 110), abs_return(110, 100));
		assert_eq!(abs_return(7, 7), 0);
		// 2 * 10 / 210 = 0.095238...; the log return is 0.095310.
		assert_eq!(abs_return(100, 110), 95_238_095_238_095_238);
	}

	/// A feed on which `price` of the seconds that have passed lands every two seconds, for so many minutes.
	fn fed(start: Stats, minutes: u64, price: impl Fn(u64) -> Price) -> Stats {
		let mut last = start.grid_price;
		(1..=minutes * 30).fold(start, |stats, step| {
			let price = price(2 * step);
			let next = stats.after(last, price, 2_000, &PACE);
			last = price;
			next
		})
	}

	/// `base` cents, and `by` more every other minute, from the middle of one to that of the next.
	fn flips(second: u64, base: u64, by: u64) -> Price {
		cents(base + (second + 30) / 60 % 2 * by)
	}

	fn per_mille(stats: Stats) -> u64 {
		stats.volatility().0 / 1_000_000
	}

	#[test]
	fn a_young_feed_does_not_look_calm() {
		let start = Stats::start(Price::dollars(100));
		assert_eq!(start.volatility(), Volatility::ZERO, "nothing is known");
		// Half a percent in a minute: 0.005 * sqrt(1_440) = 0.1897 per day.
		assert_eq!(per_mille(fed(start, 1, |_| Price::dollars(101))), 189);
	}

	#[test]
	fn a_round_that_is_off_and_taken_back_is_no_move() {
		let calm = fed(Stats::start(Price::dollars(100)), 60, |second| flips(second, 10_000, 1));
		let before = per_mille(calm);
		assert!(before <= 4, "{before}");
		// At any place of the minute, also where the return is taken.
		for off in (2..=180).step_by(2) {
			for wrong in [Price::dollars(90), Price::dollars(110), Price::dollars(1_000)] {
				let after = fed(calm, 3, |second| if second == off { wrong } else { cents(10_000) });
				assert!(per_mille(after) <= before, "{off}: {before} to {}", per_mille(after));
			}
		}
		// The negative control: from round to round the same makes more than half of the price a day.
		let moved = abs_return(100, 110) as f64 / 1e18;
		let kept = (-2.0 / 1_800.0_f64).exp2();
		let naive = (2.0 * moved * moved * 43_200.0 * (1.0 - kept)).sqrt();
		assert!(naive > 0.5, "{naive}");
	}

	#[test]
	fn members_who_differ_a_little_do_not_make_a_dead_market_move() {
		// Two basis points up and down from round to round: 4 % a day, were they returns.
		let dead = fed(Stats::start(cents(10_000)), 600, |second| cents(9_999 + 2 * (second / 2 % 2)));
		assert!(per_mille(dead) <= 1, "{}", per_mille(dead));
	}

	#[test]
	fn one_jump_is_not_a_days_volatility_and_a_market_that_goes_on_moving_is_seen() {
		let calm = fed(Stats::start(cents(10_000)), 240, |second| flips(second, 10_000, 10));
		let before = per_mille(calm);
		assert_eq!(before, 37, "ten basis points a minute: 0.001 * sqrt(1_440)");
		let jumped = fed(calm, 2, |_| Price::dollars(150));
		// 1 + 64 * (1 - 2^(-1/30)), the root of it.
		assert!((before * 15 / 10..=before * 16 / 10).contains(&per_mille(jumped)), "{}", per_mille(jumped));
		let start = Stats { grid_price: Price::dollars(150), ..jumped };
		// Half a percent every minute for an hour.
		let wild = fed(start, 60, |second| flips(second, 15_000, 75));
		assert!((160..190).contains(&per_mille(wild)), "{}", per_mille(wild));
	}

	#[test]
	fn a_price_pulls_the_slow_price_only_so_far() {
		let jump = Stats::start(Price::dollars(100)).after(
			Price::dollars(100),
			Price::dollars(10_000),
			2_000,
			&PACE,
		);
		assert!(jump.slow <= Price::dollars(110));
	}

	#[test]
	fn one_price_after_an_outage_does_not_own_the_slow_price() {
		let (before, after) = (Price::dollars(100), Price::dollars(105));
		let hour = Stats::start(before).after(before, after, 86_400_000, &PACE);
		let minute = Stats::start(before).after(before, after, 60_000, &PACE);
		assert_eq!(hour.slow, minute.slow);
	}

	#[test]
	fn nothing_changes_when_no_time_passes() {
		let stats = Stats::start(Price::dollars(100));
		assert_eq!(stats.after(Price::dollars(100), Price::dollars(200), 0, &PACE), stats);
	}

	#[test]
	fn extreme_prices_do_not_overflow() {
		let mut stats = Stats::start(Price::MIN);
		let wide = Pace { jump_max: Ratio::ONE, ..PACE };
		for (last, price) in [(Price::MIN, Price::MAX), (Price::MAX, Price::MIN), (Price::MIN, Price::MAX)] {
			stats = stats.after(last, price, 1, &wide);
		}
		assert!(stats.slow.0 <= Price::MAX.0);
		assert!(stats.variance < 1 << 100);
	}

	proptest! {
		#[test]
		fn decay_is_two_to_the_minus_time(elapsed in 0_u64..10_000_000, half_life in 1_u64..10_000_000) {
			let expected = (-(elapsed as f64) / half_life as f64).exp2();
			let value = decay(elapsed, half_life) as f64 / 1e18;
			prop_assert!((value - expected).abs() < 1e-14, "{value} {expected}");
		}

		#[test]
		fn averages_follow_the_reference(
			steps in prop::collection::vec((-80_000_i64..80_000, 1_u64..120_000), 1..60),
		) {
			let mut price = 50_000.0_f64;
			let mut last = Price(50_000_000_000_000_000_000_000);
			let mut stats = Stats::start(last);
			let mut reference = Reference::new(price);
			for (millionths, elapsed_ms) in steps {
				let next_price = price * (1.0 + millionths as f64 / 1e6);
				let next = Price((next_price * 1e6) as u128 * 1_000_000_000_000);
				stats = stats.after(last, next, elapsed_ms, &PACE);
				reference.after(price, next_price, elapsed_ms);
				(price, last) = (next_price, next);
			}
			prop_assert!(close(stats.slow.0 as f64 / 1e18, reference.slow, 1e-9));
			if reference.weight > 0.0 {
				let volatility = (reference.variance / reference.weight).sqrt();
				prop_assert!(close(stats.volatility().0 as f64 / 1e9, volatility, 1e-5) || volatility < 1e-3);
			}
		}
	}
}
