// SPDX-License-Identifier: Apache-2.0
//! What an act does: within its budget, by a right that it uses up, and with an end.

use crate::{
	Act, CallBudgets, CallName, Config, Consumed, Error, Event, Pallet, Pause, Paused, Power, SafeModeBudget,
	Stops, WeightInfo,
};
use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::Get,
	weights::{Weight, WeightMeter},
};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_math::budget::Budget;
use sp_runtime::traits::Saturating;

/// Who does an act.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
	/// Enough members: it uses up their right.
	Members,
	/// A vote, which needs no right.
	Vote,
}

impl<T: Config> Pallet<T> {
	/// Do what was approved of.
	pub(crate) fn perform(act: &Act<T::AccountId>, by: By) -> DispatchResult {
		match act {
			Act::GuardMarket { market, blocks } => T::Stops::guard_market(*market, *blocks)?,
			Act::HaltMarket { market, blocks } => T::Stops::halt_market(*market, *blocks)?,
			Act::ResumeMarket { market } => T::Stops::resume_market(*market)?,
			Act::EnterSafeMode => {
				if by == By::Members {
					Self::consume(Power::SafeMode)?;
				}
				let blocks = T::SafeModeBlocks::get();
				Self::charge_safe_mode(blocks)?;
				T::Stops::enter_safe_mode(blocks)?;
			}
			Act::ExtendSafeMode => {
				let blocks = T::ExtensionBlocks::get();
				Self::charge_safe_mode(blocks)?;
				T::Stops::extend_safe_mode(blocks)?;
			}
			Act::ExitSafeMode => T::Stops::exit_safe_mode()?,
			Act::PauseCall { call } => Self::pause(call, by)?,
			Act::RenewPause { call } => Self::renew(call)?,
			Act::ResumeCall { call } => {
				Paused::<T>::remove(call);
				T::Stops::resume_call(call)?;
			}
			Act::CancelChange { referendum } => T::Stops::cancel_change(*referendum)?,
			Act::Rearm { power } => {
				ensure!(Consumed::<T>::contains_key(power), Error::<T>::NotConsumed);
				Consumed::<T>::remove(power);
			}
		}
		Self::deposit_event(Event::Done { act: act.clone() });
		Ok(())
	}

	/// Use a right that is used up by it.
	pub(crate) fn consume(power: Power<T::AccountId>) -> DispatchResult {
		ensure!(!Consumed::<T>::contains_key(&power), Error::<T>::NotArmed);
		Consumed::<T>::insert(power, frame_system::Pallet::<T>::block_number());
		Ok(())
	}

	fn charge(budget: Budget, blocks: BlockNumberFor<T>) -> Result<Budget, Error<T>> {
		let now = Self::blocks(frame_system::Pallet::<T>::block_number());
		let (window, most) = (Self::blocks(T::Window::get()), Self::blocks(T::Budget::get()));
		budget.charge(now, Self::blocks(blocks), window, most).ok_or(Error::<T>::BudgetExhausted)
	}

	fn charge_safe_mode(blocks: BlockNumberFor<T>) -> DispatchResult {
		SafeModeBudget::<T>::try_mutate(|budget| {
			*budget = Self::charge(*budget, blocks)?;
			Ok(())
		})
	}

	fn charge_call(call: &CallName) -> DispatchResult {
		CallBudgets::<T>::try_mutate(call, |budget| {
			*budget = Self::charge(*budget, T::PauseBlocks::get())?;
			Ok(())
		})
	}

	fn pause(call: &CallName, by: By) -> DispatchResult {
		// Somebody may have lifted it otherwise: then what is left of it here is over.
		ensure!(!Paused::<T>::contains_key(call) || !T::Stops::is_paused(call), Error::<T>::PausedAlready);
		if by == By::Members {
			Self::consume(Power::Pause(call.clone()))?;
		}
		Self::charge_call(call)?;
		T::Stops::pause_call(call)?;
		let until = frame_system::Pallet::<T>::block_number().saturating_add(T::PauseBlocks::get());
		Paused::<T>::insert(call, Pause { until, renewals: 0 });
		ensure!(Paused::<T>::count() <= T::MaxPauses::get(), Error::<T>::TooManyPauses);
		Ok(())
	}

	fn renew(call: &CallName) -> DispatchResult {
		Paused::<T>::try_mutate(call, |pause| {
			let pause = pause.as_mut().filter(|_| T::Stops::is_paused(call)).ok_or(Error::<T>::NotPaused)?;
			ensure!(pause.renewals < T::MaxRenewals::get(), Error::<T>::RenewedTooOften);
			Self::charge_call(call)?;
			pause.until = pause.until.saturating_add(T::PauseBlocks::get());
			pause.renewals = pause.renewals.saturating_add(1);
			Ok(())
		})
	}

	/// Pauses end by themselves, and what a vote has lifted elsewhere is no pause. There are so few that all fit into the
	/// hook's share.
	pub(crate) fn end_pauses(now: BlockNumberFor<T>) -> Weight {
		let mut meter = WeightMeter::new();
		meter.consume(T::WeightInfo::idle(Paused::<T>::count()));
		let is_over = |(call, pause): &(CallName, Pause<BlockNumberFor<T>>)| {
			pause.until <= now || !T::Stops::is_paused(call)
		};
		let over: alloc::vec::Vec<_> = Paused::<T>::iter().filter(is_over).map(|(call, _)| call).collect();
		for call in over {
			meter.consume(T::WeightInfo::end_pause());
			Paused::<T>::remove(&call);
			// Somebody may have lifted it otherwise.
			if T::Stops::is_paused(&call) {
				// Whatever it answers, it is not to be kept here.
				let _ = T::Stops::resume_call(&call);
			}
			Self::deposit_event(Event::PauseEnded { call });
		}
		meter.consumed()
	}
}
