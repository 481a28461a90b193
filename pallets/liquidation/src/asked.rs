// SPDX-License-Identifier: Apache-2.0
//! One step for whoever asks for it, without jumping the queue.
//!
//! What a step gives away is limited: the room of the backstop, the gain of the other side, what the fund may pay in a
//! block. So a step is taken only with whoever is at the head of the line. Anybody else is put in line, where he belongs.
//! Who is healthy again is let go at once: that takes nothing from those who wait.

use crate::{
	pallet::*,
	round::{any_payment, any_step, waking},
	waterfall::Next,
	Config, Place, WeightInfo,
};
use frame_support::{
	dispatch::{DispatchErrorWithPostInfo, DispatchResultWithPostInfo, Pays, PostDispatchInfo},
	ensure,
	weights::{Weight, WeightMeter},
};
use keel_primitives::MarginAccount;
use keel_traits::{Judgement, Liquidatable};
use sp_runtime::DispatchError;

/// Looking at an account that is new, parked or in line, and putting it where it belongs.
fn looking<T: Config>() -> Weight {
	T::WeightInfo::liquidate().saturating_add(T::WeightInfo::advance()).max(waking::<T>())
}

/// What `liquidate` costs at most: an account that is new, parked or in line, perhaps bankrupt since, takes a
/// step.
pub(crate) fn largest_call<T: Config>() -> Weight {
	looking::<T>().saturating_add(any_step::<T>(crate::EXPOSURES_MAX)).saturating_add(any_payment::<T>())
}

impl<T: Config> Pallet<T> {
	/// One step for whoever asks. An error is the caller's, and changes nothing.
	pub(crate) fn do_liquidate(account: &MarginAccount<T::AccountId>) -> DispatchResultWithPostInfo {
		let at_most_looked = |error: DispatchError| DispatchErrorWithPostInfo {
			post_info: Some(looking::<T>()).into(),
			error,
		};
		let is_moved = Self::line_up_if_unhealthy(account).map_err(at_most_looked)?;
		let judgement = Self::judge_again(account);
		if !Self::may_step(account, judgement.as_ref()) {
			// It has its place now; whoever had one before keeps it.
			ensure!(is_moved, at_most_looked(Error::<T>::NotItsTurn.into()));
			return Ok(free(looking::<T>()));
		}
		let step = any_step::<T>(T::Margin::positions(account));
		let mut meter = WeightMeter::with_limit(any_payment::<T>());
		let next = Self::act(account, judgement, &mut meter)?;
		ensure!(next != Next::Parked, Error::<T>::NothingLiquidatable);
		Ok(free(looking::<T>().saturating_add(step).saturating_add(meter.consumed())))
	}

	/// Put an account in line that is not. Whether it was not.
	fn line_up_if_unhealthy(account: &MarginAccount<T::AccountId>) -> Result<bool, DispatchError> {
		match Entries::<T>::get(account).map(|entry| entry.place) {
			None => {
				let judgement = T::Margin::seize(account).ok_or(Error::<T>::Healthy)?;
				if !Entries::<T>::contains_key(account) {
					Self::enter(account, &judgement);
				}
			}
			Some(Place::Parked(_)) => {
				// It would only be parked again.
				let mut exposures = T::Margin::exposures(account).into_iter();
				let is_stuck = exposures.len() > 0 && !exposures.any(|exposure| exposure.liquidatable);
				let is_healthy = T::Margin::judge(account).is_some_and(|judgement| !judgement.is_unhealthy());
				ensure!(is_healthy || !is_stuck, Error::<T>::NothingLiquidatable);
				Self::unpark(account);
			}
			Some(Place::InLine(_)) => return Ok(false),
		}
		Ok(true)
	}

	/// Whether a step may be taken now: with the head of the line, and with who is healthy and only pays back what he
	/// owes and leaves.
	fn may_step(account: &MarginAccount<T::AccountId>, judgement: Option<&Judgement>) -> bool {
		judgement.is_some_and(|judgement| !judgement.is_unhealthy())
			|| Queue::<T>::iter_keys().next().is_some_and(|(_, head)| head == *account)
	}
}

/// The call was needed: whoever made it pays nothing.
fn free(actual_weight: Weight) -> PostDispatchInfo {
	PostDispatchInfo { actual_weight: Some(actual_weight), pays_fee: Pays::No }
}
