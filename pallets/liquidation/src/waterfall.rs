// SPDX-License-Identifier: Apache-2.0
//! The waterfall: what one step does with one account.

use crate::{losses::Paid, pallet::*, terms, terms::Terms, Config, Params, Taker};
use frame_support::{ensure, storage::with_storage_layer, traits::Get, weights::WeightMeter};
use keel_primitives::{MarginAccount, Quote, Ratio, Size};
use keel_traits::{Closed, Exposure, Judgement, Liquidatable};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

/// How it goes on with an account after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
	/// Another step may be taken at once.
	Again,
	/// Released or put aside.
	Done,
	/// Nothing can be taken now.
	Parked,
	/// The block has no weight left for what comes next.
	NoWeight,
}

impl<T: Config> Pallet<T> {
	/// One step. An error undoes it and puts the account aside: the queue goes on.
	pub(crate) fn step(account: &MarginAccount<T::AccountId>, meter: &mut WeightMeter) -> Next {
		// Outside the layer: that a bankrupt account waits stays known when its step fails.
		let judgement = Self::judge_again(account);
		with_storage_layer(|| Self::act(account, judgement, meter)).unwrap_or_else(|error| {
			Self::put_aside(account, error);
			Next::Done
		})
	}

	/// The account as it is now; whether it is bankrupt is noted.
	pub(crate) fn judge_again(account: &MarginAccount<T::AccountId>) -> Option<Judgement> {
		let judgement = T::Margin::judge(account)?;
		if judgement.is_bankrupt() {
			Self::mark_bankrupt(account, &judgement);
		} else {
			Self::clear_bankrupt(account);
		}
		Some(judgement)
	}

	pub(crate) fn act(
		account: &MarginAccount<T::AccountId>,
		judgement: Option<Judgement>,
		meter: &mut WeightMeter,
	) -> Result<Next, DispatchError> {
		let Some(judgement) = judgement else {
			return Self::resolve(account, meter);
		};
		let paid = if judgement.is_bankrupt() {
			Self::pay_left(account, meter)?
		} else {
			Self::pay_back(account, meter)?
		};
		match paid {
			Paid::NoWeight => return Ok(Next::NoWeight),
			Paid::All => return Ok(Next::Again),
			Paid::Nothing => (),
		}
		if !judgement.is_unhealthy() {
			return Self::release(account);
		}
		let exposures = T::Margin::exposures(account);
		let liquidatable = exposures.iter().filter(|exposure| exposure.liquidatable);
		match liquidatable.max_by_key(|exposure| (exposure.settling, exposure.requirement)) {
			None => {
				Self::park(account, &exposures);
				return Ok(Next::Parked);
			}
			Some(exposure) if judgement.is_bankrupt() => {
				Self::deleverage(account, &judgement, exposure)?;
				Self::pay_for_closed(account)?;
			}
			Some(exposure) => {
				// What is settled is closed for nothing: so is everybody's there.
				if exposure.settling || !Self::give_to_backstop(account, &judgement, exposure)? {
					Self::deleverage(account, &judgement, exposure)?;
				}
			}
		}
		Ok(Next::Again)
	}

	/// Hand over as much of a solvent account's position as restores it. `false`: the backstop refused.
	fn give_to_backstop(
		account: &MarginAccount<T::AccountId>,
		before: &Judgement,
		exposure: &Exposure,
	) -> Result<bool, DispatchError> {
		let market = exposure.market;
		let Some(backstop) = Self::backstop_of(market).filter(|backstop| backstop != account) else {
			return Ok(false);
		};
		let params = CurrentParams::<T>::get();
		let Terms { price, penalty } = Terms::of(&params, before, exposure)?;
		let size = T::Margin::size_to_restore(account, exposure, price, penalty, params.buffer);
		let size = size_or_whole(&params, exposure, size)?;
		match T::Margin::hand_over(account, &backstop, market, size, price) {
			Ok(closed) => {
				let penalty = terms::penalty_floor(closed.size, exposure.mark, penalty)?;
				Self::settle(account, before, exposure, closed, penalty, Taker::Backstop)?;
				Ok(true)
			}
			Err(error) => {
				Self::deposit_event(Event::BackstopRefused { market, error });
				Ok(false)
			}
		}
	}

	/// Close the whole position against the opposite side, at the mark.
	///
	/// A solvent account gives up the equity that belongs to it. So no part would restore the account,
	/// equity and requirement fall alike; and leaving this way is never better than leaving by trading.
	///
	/// The backstop gives up nothing: it stands in for others, and only as much is closed as restores it.
	fn deleverage(
		account: &MarginAccount<T::AccountId>,
		before: &Judgement,
		exposure: &Exposure,
	) -> DispatchResult {
		let is_backstop = account.owner == T::BackstopOwner::get();
		let size = if is_backstop && !before.is_bankrupt() && !exposure.settling {
			let params = CurrentParams::<T>::get();
			let buffer = params.buffer;
			let size = T::Margin::size_to_restore(account, exposure, exposure.mark, Ratio::ZERO, buffer);
			size_or_whole(&params, exposure, size)?
		} else {
			exposure.size
		};
		let closed = T::Margin::deleverage(account, exposure.market, size)?;
		let penalty = if before.is_bankrupt() || is_backstop || exposure.settling {
			Quote::ZERO
		} else {
			terms::equity_share_ceil(before, exposure, closed.size)?
		};
		Self::settle(account, before, exposure, closed, penalty, Taker::Deleveraged)
	}

	/// A position was taken: collect what the account owes for it, and tell.
	fn settle(
		account: &MarginAccount<T::AccountId>,
		before: &Judgement,
		exposure: &Exposure,
		closed: Closed,
		penalty: Quote,
		to: Taker,
	) -> DispatchResult {
		let Closed { side, size, price } = closed;
		ensure!(!size.is_zero(), Error::<T>::NoProgress);
		let penalty = T::Margin::charge(account, penalty);
		Self::keep(exposure.market, penalty);
		Self::deposit_event(Event::Liquidated {
			account: account.clone(),
			market: exposure.market,
			side,
			size,
			price,
			mark: exposure.mark,
			requirement: exposure.requirement,
			penalty,
			to,
			before: *before,
			after: T::Margin::judge(account),
		});
		Ok(())
	}

	pub(crate) fn release(account: &MarginAccount<T::AccountId>) -> Result<Next, DispatchError> {
		T::Margin::release(account).map_err(|_| Error::<T>::StillUnhealthy)?;
		Self::leave(account);
		Ok(Next::Done)
	}

	/// Whether every market's envelope leaves room for discount and penalty.
	pub(crate) fn is_within_envelopes(params: &Params) -> bool {
		T::Margin::least_worst_fee().is_none_or(|least| params.fee() <= least)
	}

	pub(crate) fn do_set_params(params: Params) -> DispatchResult {
		params.validate().map_err(|_| Error::<T>::InvalidParams)?;
		ensure!(Self::is_within_envelopes(&params), Error::<T>::AboveWorstFee);
		CurrentParams::<T>::put(params);
		Self::deposit_event(Event::ParamsSet { params });
		Ok(())
	}
}

/// The most that liquidation takes: what the worst fee of every market must leave room for.
impl<T: Config> Get<Ratio> for Pallet<T> {
	fn get() -> Ratio {
		CurrentParams::<T>::get().fee()
	}
}

/// `size`, or the whole position when it, or what would remain of it, is dust: less than liquidation leaves, or less than
/// the market lets anybody hold, which its owner could not reduce.
fn size_or_whole(params: &Params, exposure: &Exposure, size: Size) -> Result<Size, ArithmeticError> {
	let size = size.min(exposure.size);
	let remainder = Size(exposure.size.0.saturating_sub(size.0));
	let least = params.least_position.max(exposure.least);
	let is_dust = exposure.notional < least || terms::notional_ceil(exposure, remainder)? < least;
	Ok(if is_dust { exposure.size } else { size })
}
