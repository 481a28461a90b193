// SPDX-License-Identifier: Apache-2.0
//! What trades cost, by what an owner has traded in thirty days, and who gets it.

use crate::{
	pallet::{Config, Error, Event, Fees, Pallet, Schedule, Volumes},
	weights::WeightInfo,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::Get, weights::WeightMeter, BoundedVec};
use keel_math::{
	fees::FEE_MAX,
	units::{share, Rounding},
	FeeRate,
};
use keel_primitives::{MarketId, Quote, Ratio};
use keel_traits::{Claims, Clearing, FeeReceivers};
use scale_info::TypeInfo;
use sp_runtime::{traits::ConstU32, DispatchError};

/// The most fee tiers.
pub type FeeTiersLimit = ConstU32<8>;

/// What owners pay who have traded so much.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
pub struct FeeTier {
	/// From this volume in thirty days on, in 1e-6 dollars.
	pub from: Quote,
	/// What an order pays that rested; negative is a rebate.
	pub maker: FeeRate,
	/// What an order pays that came.
	pub taker: FeeRate,
}

/// Fees, and how they are shared. What neither the insurance fund nor the backstop gets is the treasury's.
#[derive(
	Clone,
	Debug,
	Default,
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
pub struct FeeSchedule {
	/// The tiers, the smallest volume first. None: trades are free.
	pub tiers: BoundedVec<FeeTier, FeeTiersLimit>,
	/// The insurance fund's share.
	pub insurance: Ratio,
	/// The share of those who back the market.
	pub backstop: Ratio,
}

impl FeeSchedule {
	/// The first tier begins at zero and each further; nobody pays more than 1 %, takers pay, and no rebate is
	/// larger than the least that a taker pays; the shares are at most the whole.
	pub fn is_sound(&self) -> bool {
		let tiers = &self.tiers;
		let begins = tiers.first().is_none_or(|tier| tier.from == Quote::ZERO);
		let rises = tiers.iter().zip(tiers.iter().skip(1)).all(|(low, high)| low.from < high.from);
		let least_taker = tiers.iter().map(|tier| tier.taker.0).min().unwrap_or_default();
		let in_bounds = tiers.iter().all(|tier| {
			let rebate = tier.maker.0.min(0).unsigned_abs();
			tier.taker.0 >= 0
				&& tier.taker <= FEE_MAX
				&& tier.maker <= FEE_MAX
				&& rebate <= least_taker.max(0).unsigned_abs()
		});
		let shares = self.insurance.0.checked_add(self.backstop.0);
		begins && rises && in_bounds && shares.is_some_and(|shares| shares <= Ratio::ONE.0)
	}

	/// The tier of a volume.
	pub fn tier(&self, volume: Quote) -> FeeTier {
		self.tiers.iter().rev().find(|tier| volume >= tier.from).copied().unwrap_or_default()
	}
}

impl<T: Config> Pallet<T> {
	/// What maker and taker pay for a trade of so many dollars.
	pub(crate) fn fees_of(
		maker: &T::AccountId,
		taker: &T::AccountId,
		traded: Quote,
	) -> Result<(Quote, Quote), DispatchError> {
		let schedule = Schedule::<T>::get();
		if schedule.tiers.is_empty() {
			return Ok((Quote::ZERO, Quote::ZERO));
		}
		let fee = |rate: FeeRate| rate.of(traded).map_err(|_| Error::<T>::OrderTooLarge);
		let maker = fee(schedule.tier(Self::volume(maker)).maker)?;
		let taker = fee(schedule.tier(Self::volume(taker)).taker)?;
		Ok((maker, taker))
	}

	/// What an owner pays for a trade of so many dollars as a maker.
	pub(crate) fn maker_fee(owner: &T::AccountId, traded: Quote) -> Result<Quote, DispatchError> {
		let schedule = Schedule::<T>::get();
		if schedule.tiers.is_empty() {
			return Ok(Quote::ZERO);
		}
		let rate = schedule.tier(Self::volume(owner)).maker;
		rate.of(traded).map_err(|_| Error::<T>::OrderTooLarge.into())
	}

	/// What an owner has traded in thirty days.
	pub(crate) fn volume(owner: &T::AccountId) -> Quote {
		Volumes::<T>::get(owner).at(T::Now::get())
	}

	pub(crate) fn count_volume(owner: &T::AccountId, traded: Quote) {
		Volumes::<T>::mutate(owner, |volume| *volume = volume.with(traded, T::Now::get()));
	}

	/// Keep fees until they are shared.
	pub(crate) fn keep_fees(market: MarketId, amount: Quote) -> Result<(), DispatchError> {
		if amount.is_zero() {
			return Ok(());
		}
		Fees::<T>::try_mutate(|pots| {
			let pot = pots.get(&market).copied().unwrap_or_default();
			let sum = pot.0.checked_add(amount.0).map(Quote).ok_or(Error::<T>::OrderTooLarge)?;
			pots.try_insert(market, sum).map_err(|_| Error::<T>::OrderTooLarge)?;
			Ok(())
		})
	}

	/// Share the fees of one market: what it owes first, then the fund, those who back it, and the treasury. What the
	/// treasury cannot be paid is the fund's.
	pub(crate) fn share_fees(meter: &mut WeightMeter) {
		let mut pots = Fees::<T>::get();
		let least = T::LeastShared::get();
		let Some((market, pot)) = pots.iter().map(|(id, pot)| (*id, *pot)).find(|(_, pot)| *pot >= least)
		else {
			return;
		};
		if meter.try_consume(T::WeightInfo::share_fees()).is_err() {
			return;
		}
		let debt = T::Margin::repay(market, pot);
		let rest = Quote(pot.0.saturating_sub(debt.0));
		let schedule = Schedule::<T>::get();
		let part = |ratio| share(rest, ratio, Rounding::Down).unwrap_or_default();
		let (mut insurance, backstop) = (part(schedule.insurance), part(schedule.backstop));
		let mut treasury = Quote(rest.0.saturating_sub(insurance.0).saturating_sub(backstop.0));
		// Kept here it would be shared once more, and the treasury's part of it become ever smaller.
		if !treasury.is_zero() && !T::Receivers::treasury(treasury) {
			insurance = Quote(insurance.0.saturating_add(treasury.0));
			treasury = Quote::ZERO;
		}
		if !insurance.is_zero() {
			T::Receivers::insurance(market, insurance);
		}
		if !backstop.is_zero() {
			T::Receivers::backstop(market, backstop);
		}
		pots.remove(&market);
		Fees::<T>::put(pots);
		Self::deposit_event(Event::FeesShared { market, debt, insurance, backstop, treasury });
	}
}

impl<T: Config> Claims for Pallet<T> {
	fn claims() -> Quote {
		// What is claimed is held: it fits.
		Quote(Fees::<T>::get().values().fold(0, |sum: i128, pot| sum.saturating_add(pot.0)))
	}
}
