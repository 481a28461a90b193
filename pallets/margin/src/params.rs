// SPDX-License-Identifier: Apache-2.0
//! The rules of a market, and the relations between them that keep it solvent.

use crate::pallet::{Config, Error};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_math::{
	funding::{cap_8h, rate_8h},
	units::{FundingRate, SIZE_MAX},
	InitialParams, KeptTiers, Tier, Tiers,
};
use keel_primitives::{Moment, Price, Quote, Ratio, Size};
use scale_info::TypeInfo;

/// The rules of a market. Ratios are in parts per billion: 50000000 is 5 %. Amounts are in 1e-6 dollars.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MarketParams {
	/// Initial and maintenance margin by the size of a position, the smallest first; at most four. The last
	/// one's reach is the most a position may be worth when it grows.
	pub tiers: Tiers,
	/// What raises initial margin beyond that of the tier.
	pub initial: InitialParams,
	/// Margin that a withdrawal leaves, as a share of notional; at least the initial rate of every tier.
	pub withdrawal_rate: Ratio,
	/// How much of an unrealised profit counts for opening.
	pub opening_credit: Ratio,
	/// How much of an unrealised profit counts for a withdrawal; at most what counts for opening.
	pub withdrawal_credit: Ratio,
	/// How far from mark a block trade may be; less than the lowest maintenance rate.
	pub band: Ratio,
	/// The largest move between two blocks that the market is solvent for.
	pub largest_move: Ratio,
	/// The most that all fees of a liquidation may take, as a share of notional.
	pub worst_fee: Ratio,
	/// Funding per eight hours while there is no premium. Positive: longs pay shorts.
	pub interest: FundingRate,
	/// How far a premium may be from the interest without changing the rate.
	pub damper: Ratio,
	/// The most funding per eight hours, either way, as a multiple of initial less maintenance rate of the
	/// first tier.
	pub funding_multiple: Ratio,
	/// Sizes that open are multiples of this.
	pub lot: Size,
	/// Prices are multiples of this.
	pub tick: Price,
	/// The most that may be open on a side.
	pub max_open_interest: Size,
	/// The least notional that a position may have.
	pub min_position: Quote,
	/// Whether a position is the only one of its account: for a market too thin for its losses.
	#[serde(default)]
	pub isolated: bool,
}

/// What is wrong with the rules of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsFault {
	/// There is no tier.
	NoTier,
	/// A tier does not reach further than the one before it, or the first not above zero.
	TiersNotRising,
	/// In each tier 100 % >= initial rate > maintenance rate > 0.
	TierRates,
	/// Rates do not fall from a tier to the next.
	TierRatesFalling,
	/// 0 <= soft cap < hard cap of open interest.
	OpenInterestCaps,
	/// The notional that is free of the surcharge for size is more than zero.
	FreeNotional,
	/// The volatility multiplier is at most ten.
	VolatilityMultiplier,
	/// A withdrawal leaves at least the initial rate of the last tier, and at most everything.
	WithdrawalRate,
	/// The credits are at most 100 %, and that of a withdrawal is at most that of opening.
	ProfitCredit,
	/// The band is narrower than the lowest maintenance rate.
	Band,
	/// The interest is at most the damper, either way, and the damper at most the cap of funding.
	Funding,
	/// Largest move, a period of the highest funding and the worst fee are at most the lowest maintenance
	/// rate: the solvency envelope.
	SolvencyEnvelope,
	/// The lot is more than zero.
	Lot,
	/// The tick is more than zero.
	Tick,
	/// Open interest is more than zero and fits the arithmetic.
	MaxOpenInterest,
	/// The least position is more than zero and not larger than the largest.
	MinPosition,
}

impl From<keel_math::TiersError> for ParamsFault {
	fn from(error: keel_math::TiersError) -> Self {
		use keel_math::TiersError::*;
		match error {
			// More than four are not decoded.
			Empty | TooMany => Self::NoTier,
			ReachNotRising => Self::TiersNotRising,
			RatesOutOfOrder | RateAboveWhole => Self::TierRates,
			RatesFalling => Self::TierRatesFalling,
		}
	}
}

impl From<keel_math::initial::InitialParamsError> for ParamsFault {
	fn from(error: keel_math::initial::InitialParamsError) -> Self {
		use keel_math::initial::InitialParamsError::*;
		match error {
			SoftCapNegative | HardCapNotAboveSoftCap => Self::OpenInterestCaps,
			FreeNotionalNotPositive => Self::FreeNotional,
			MultiplierTooLarge => Self::VolatilityMultiplier,
		}
	}
}

impl MarketParams {
	/// Whether the rules keep the relations that make the market solvent.
	pub fn check(&self) -> Result<(), ParamsFault> {
		let ensure = |holds: bool, fault| if holds { Ok(()) } else { Err(fault) };
		self.tiers.validate()?;
		self.initial.validate()?;
		let (first, last) = (self.tiers.first(), self.tiers.last());
		let whole = |ratio| ratio <= Ratio::ONE;
		ensure(
			self.withdrawal_rate >= last.initial && whole(self.withdrawal_rate),
			ParamsFault::WithdrawalRate,
		)?;
		ensure(
			whole(self.opening_credit) && self.withdrawal_credit <= self.opening_credit,
			ParamsFault::ProfitCredit,
		)?;
		let is_damped = self.damper <= self.funding_cap();
		ensure(self.interest.0.unsigned_abs() <= self.damper.0 && is_damped, ParamsFault::Funding)?;
		self.covered_by(first.maintenance)?;
		ensure(!self.lot.is_zero(), ParamsFault::Lot)?;
		ensure(!self.tick.is_zero(), ParamsFault::Tick)?;
		let open_interest = self.max_open_interest;
		ensure(!open_interest.is_zero() && open_interest <= SIZE_MAX, ParamsFault::MaxOpenInterest)?;
		ensure(self.min_position > Quote::ZERO && self.min_position <= last.up_to, ParamsFault::MinPosition)
	}

	/// Whether the relations hold at the maintenance rates that a market has now, in retired tiers too. In no tier of the
	/// table must anybody keep as much as it asks of who opens.
	pub fn check_at(&self, kept: &KeptTiers) -> Result<(), ParamsFault> {
		let asks_more_to_open = |tier: &Tier| {
			let index = kept.index_of(tier.up_to);
			index.is_some_and(|index| kept.maintenance(index) < tier.initial)
		};
		if !self.tiers.as_slice().iter().all(asks_more_to_open) {
			return Err(ParamsFault::TierRates);
		}
		self.covered_by(kept.lowest(&self.tiers))
	}

	/// Whether the lowest maintenance rate that anybody has covers what may be lost before he is closed.
	fn covered_by(&self, lowest: Ratio) -> Result<(), ParamsFault> {
		if self.band >= lowest {
			return Err(ParamsFault::Band);
		}
		// One slot's funding is far less than a period's: the careful bound.
		let cap = self.funding_cap();
		let lost = self.largest_move.0.checked_add(self.worst_fee.0).and_then(|sum| sum.checked_add(cap.0));
		match lost {
			Some(lost) if lost <= lowest.0 => Ok(()),
			_ => Err(ParamsFault::SolvencyEnvelope),
		}
	}

	/// The most funding per eight hours, either way.
	pub fn funding_cap(&self) -> Ratio {
		let tier = self.tiers.first();
		cap_8h(self.funding_multiple, tier.initial, tier.maintenance)
	}

	/// Funding per eight hours at an average premium.
	pub fn funding_rate(&self, premium: FundingRate) -> FundingRate {
		rate_8h(premium, self.interest, self.damper, self.funding_cap())
	}
}

/// The share of its limits that a market may use `elapsed` after it was listed: a tenth at first, and the
/// whole after `ramp`.
pub fn listing_share(elapsed: Moment, ramp: Moment) -> Ratio {
	const START: u64 = 100_000_000;
	let rest = u128::from(Ratio::ONE.0.saturating_sub(START));
	if elapsed >= ramp {
		return Ratio::ONE;
	}
	let gained = rest.saturating_mul(elapsed.into()).checked_div(ramp.into()).unwrap_or(rest);
	Ratio(START.saturating_add(u64::try_from(gained).unwrap_or_default()))
}

impl<T: Config> From<ParamsFault> for Error<T> {
	fn from(fault: ParamsFault) -> Self {
		match fault {
			ParamsFault::NoTier => Self::NoTier,
			ParamsFault::TiersNotRising => Self::TiersNotRising,
			ParamsFault::TierRates => Self::InvalidTierRates,
			ParamsFault::TierRatesFalling => Self::TierRatesFalling,
			ParamsFault::OpenInterestCaps => Self::InvalidOpenInterestCaps,
			ParamsFault::FreeNotional => Self::NoFreeNotional,
			ParamsFault::VolatilityMultiplier => Self::VolatilityMultiplierTooLarge,
			ParamsFault::WithdrawalRate => Self::InvalidWithdrawalRate,
			ParamsFault::ProfitCredit => Self::InvalidProfitCredit,
			ParamsFault::Band => Self::BandTooWide,
			ParamsFault::Funding => Self::InvalidFunding,
			ParamsFault::SolvencyEnvelope => Self::SolvencyEnvelopeBroken,
			ParamsFault::Lot => Self::NoLot,
			ParamsFault::Tick => Self::NoTick,
			ParamsFault::MaxOpenInterest => Self::InvalidMaxOpenInterest,
			ParamsFault::MinPosition => Self::InvalidMinPosition,
		}
	}
}
