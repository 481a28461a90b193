// SPDX-License-Identifier: Apache-2.0
//! Initial margin: what opening takes. It is nonlinear, and asked only when somebody opens or takes money
//! out; maintenance knows nothing of it, so a crowded market keeps new risk out and liquidates nobody.
//!
//! Five rates, of which the largest counts: that of the tier, and what the account's own size, the open
//! interest of the market, its volatility and the account's own leverage cap make of it.

use crate::{
	int::{div_ceil, narrow, wide_product},
	units::ONE_E9,
	MathError, MathResult,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::num::NonZeroU32;
use keel_primitives::{Quote, Ratio, Volatility};
use primitive_types::U256;
use scale_info::TypeInfo;

/// The largest volatility multiplier: ten standard deviations of a day.
pub const VOLATILITY_MULTIPLIER_MAX: Ratio = Ratio(10_000_000_000);

/// How the initial margin of a market grows. Amounts are notional in 1e-6 dollars.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(
	feature = "serde",
	derive(serde::Serialize, serde::Deserialize),
	serde(rename_all = "camelCase", deny_unknown_fields)
)]
pub struct InitialParams {
	/// Open interest from which on the rate rises.
	pub soft_cap: Quote,
	/// Open interest at which it reaches 100 %.
	pub hard_cap: Quote,
	/// The largest position whose size alone does not raise the rate.
	pub free_notional: Quote,
	/// How many standard deviations of a day the margin covers, in parts per billion: 3000000000 is
	/// three. Zero: volatility does not count.
	pub volatility_multiplier: Ratio,
}

/// Why parameters of the initial margin are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitialParamsError {
	/// The soft cap is negative.
	SoftCapNegative,
	/// The hard cap is not above the soft cap.
	HardCapNotAboveSoftCap,
	/// The free notional is not above zero.
	FreeNotionalNotPositive,
	/// The multiplier is above [`VOLATILITY_MULTIPLIER_MAX`].
	MultiplierTooLarge,
}

impl InitialParams {
	/// `0 <= soft_cap < hard_cap`, `free_notional > 0`, multiplier at most
	/// [`VOLATILITY_MULTIPLIER_MAX`].
	pub fn validate(&self) -> Result<(), InitialParamsError> {
		if self.soft_cap.is_negative() {
			return Err(InitialParamsError::SoftCapNegative);
		}
		if self.hard_cap <= self.soft_cap {
			return Err(InitialParamsError::HardCapNotAboveSoftCap);
		}
		if self.free_notional <= Quote::ZERO {
			return Err(InitialParamsError::FreeNotionalNotPositive);
		}
		if self.volatility_multiplier > VOLATILITY_MULTIPLIER_MAX {
			return Err(InitialParamsError::MultiplierTooLarge);
		}
		Ok(())
	}
}

/// What is known of who opens and of the market he opens in. Amounts are notional in 1e-6 dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
	/// The initial rate of the position's tier.
	pub base: Ratio,
	/// The position after the trade.
	pub notional: Quote,
	/// The open interest after the trade.
	pub open_interest: Quote,
	/// The volatility of the feed.
	pub volatility: Volatility,
	/// The account's own leverage cap, if it has set one.
	pub leverage: Option<NonZeroU32>,
}

/// The five rates, each at most 100 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitialRates {
	/// Of the tier.
	pub base: Ratio,
	/// By the account's own size.
	pub size: Ratio,
	/// By the open interest of the market.
	pub open_interest: Ratio,
	/// By volatility.
	pub volatility: Ratio,
	/// By the account's own leverage cap.
	pub leverage: Ratio,
}

impl InitialRates {
	/// The rates of `opening` in a market of `params`, each rounded up and at most 100 %.
	///
	/// ```text
	/// base            b
	/// size            b sqrt(n / free)                    b up to the free notional
	/// open interest   b + (1 - b) (o - soft) / (hard - soft)     b up to the soft cap, 1 from the hard cap
	/// volatility      multiplier * volatility
	/// leverage        1 / leverage                        0 without a cap
	/// ```
	///
	/// Sources. Size is dYdX v4's before its version 3 (`base_position_notional`), with the root that Drift
	/// v2's `imf` has too: what a trade moves the market by grows with the root of its size. Both raise
	/// maintenance with it; here a position keeps the rate of its tier. Open interest is dYdX v4's
	/// (`liquidity_tier.go`), counted after the trade. Volatility is linear, where Vega's risk factors are
	/// an expected shortfall. A cap of one's own is dYdX v4's and Drift's.
	///
	/// Domain: `params` that [`InitialParams::validate`] accepts; a rate, volatility or notional of any
	/// size. A negative notional or open interest counts as none.
	pub fn of(params: &InitialParams, opening: &Opening) -> MathResult<Self> {
		let base = opening.base.min(Ratio::ONE);
		Ok(Self {
			base,
			size: by_size(base, opening.notional, params.free_notional)?,
			open_interest: by_open_interest(base, opening.open_interest, params.soft_cap, params.hard_cap)?,
			volatility: by_volatility(opening.volatility, params.volatility_multiplier)?,
			leverage: by_leverage(opening.leverage)?,
		})
	}

	/// The rate that counts: the largest. Never below the base, never above 100 %.
	pub fn largest(&self) -> Ratio {
		self.base.max(self.size).max(self.open_interest).max(self.volatility).max(self.leverage)
	}
}

/// The initial margin rate of `opening`: the largest of its [`InitialRates`].
///
/// Domain: as [`InitialRates::of`].
pub fn initial_rate(params: &InitialParams, opening: &Opening) -> MathResult<Ratio> {
	InitialRates::of(params, opening).map(|rates| rates.largest())
}

/// A rate in parts per billion, at most 100 %.
fn capped(rate: U256) -> MathResult<Ratio> {
	let rate = narrow(rate.min(U256::from(ONE_E9)))?;
	u64::try_from(rate).map(Ratio).map_err(|_| MathError::Overflow)
}

/// An amount above zero, as it is multiplied and divided.
fn positive(amount: Quote) -> MathResult<u128> {
	u128::try_from(amount.0).map_err(|_| MathError::Insufficient)
}

/// `base sqrt(n / free)`, rounded up: the smallest `r` with `r^2 >= base^2 n / free`.
fn by_size(base: Ratio, notional: Quote, free: Quote) -> MathResult<Ratio> {
	if notional <= free {
		return Ok(base);
	}
	// base <= 2^30 and n < 2^127: below 2^187.
	let square = wide_product(u128::from(base.0), u128::from(base.0))
		.checked_mul(U256::from(positive(notional)?))
		.ok_or(MathError::Overflow)?;
	let square = div_ceil(square, U256::from(positive(free)?))?;
	let root = square.integer_sqrt();
	let exact = root.checked_mul(root).ok_or(MathError::Overflow)? == square;
	capped(root.checked_add(U256::from(u8::from(!exact))).ok_or(MathError::Overflow)?)
}

/// `base + (1 - base) (o - soft) / (hard - soft)`, rounded up: one at the hard cap, capped beyond it.
fn by_open_interest(base: Ratio, open_interest: Quote, soft: Quote, hard: Quote) -> MathResult<Ratio> {
	if open_interest <= soft {
		return Ok(base);
	}
	let between = |from: Quote, to: Quote| {
		to.0.checked_sub(from.0).ok_or(MathError::Overflow).and_then(|difference| positive(Quote(difference)))
	};
	let rest = ONE_E9.checked_sub(u128::from(base.0)).ok_or(MathError::Overflow)?;
	let raised =
		div_ceil(wide_product(rest, between(soft, open_interest)?), U256::from(between(soft, hard)?))?;
	capped(raised.checked_add(U256::from(base.0)).ok_or(MathError::Overflow)?)
}

/// `multiplier * volatility`, rounded up.
fn by_volatility(volatility: Volatility, multiplier: Ratio) -> MathResult<Ratio> {
	let product = wide_product(u128::from(volatility.0), u128::from(multiplier.0));
	capped(div_ceil(product, U256::from(ONE_E9))?)
}

/// `1 / leverage`, rounded up; nothing without a cap.
fn by_leverage(leverage: Option<NonZeroU32>) -> MathResult<Ratio> {
	leverage
		.map_or(Ok(Ratio::ZERO), |leverage| capped(div_ceil(U256::from(ONE_E9), U256::from(leverage.get()))?))
}
