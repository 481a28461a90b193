// SPDX-License-Identifier: Apache-2.0
//! What people order: guardians restrict within their budget, others resume early, also what losses have halted.

use crate::{Cause, Config, Error, Event, Evidence, Market, Markets, Order, Pallet};
use frame_support::{
	ensure,
	pallet_prelude::{DispatchError, DispatchResult},
	traits::Get,
};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_primitives::{MarketId, MarketStatus};
use sp_runtime::traits::{Saturating, UniqueSaturatedInto, Zero};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_guard(market: MarketId, blocks: BlockNumberFor<T>) -> DispatchResult {
		ensure!(blocks <= T::MaxGuardBlocks::get(), Error::<T>::TooLong);
		Self::order(market, blocks, MarketStatus::Guarded, |order, until| {
			ensure!(order.would_guard_longer(until), Error::<T>::NotStricter);
			order.guarded_until = until;
			Ok(())
		})
	}

	pub(crate) fn do_halt(market: MarketId, blocks: BlockNumberFor<T>) -> DispatchResult {
		ensure!(blocks <= T::MaxHaltBlocks::get(), Error::<T>::TooLong);
		Self::order(market, blocks, MarketStatus::Halted, |order, until| {
			ensure!(order.would_halt_longer(until), Error::<T>::NotStricter);
			order.halted_until = until;
			Ok(())
		})
	}

	fn order(
		id: MarketId,
		blocks: BlockNumberFor<T>,
		demand: MarketStatus,
		extend: impl FnOnce(&mut Order<BlockNumberFor<T>>, BlockNumberFor<T>) -> Result<(), Error<T>>,
	) -> DispatchResult {
		ensure!(!blocks.is_zero(), Error::<T>::NoBlocks);
		let now = frame_system::Pallet::<T>::block_number();
		let until = now.saturating_add(blocks);
		Self::change(id, |market| {
			extend(&mut market.guardian, until)?;
			let (window, most) = (Self::count(T::BudgetWindow::get()), Self::count(T::Budget::get()));
			market.budget = market
				.budget
				.charge(Self::count(now), Self::count(blocks), window, most)
				.ok_or(Error::<T>::BudgetExhausted)?;

			market.guardian.status = market.guardian.at(now);
			let (from, to) = market.settle();
			let (cause, evidence) = (Cause::Guardian, Evidence::Ordered { blocks });
			let incident = Self::record(market.guardian.incident, id, cause, demand, evidence);
			market.guardian.incident.opened(incident);
			Self::deposit_event(Event::Tripped { market: id, cause, from, to, until: Some(until), incident });
			Ok(())
		})
	}

	pub(crate) fn do_resume(id: MarketId) -> DispatchResult {
		Self::change(id, |market| {
			let is_ordered = market.guardian.status != MarketStatus::Open;
			let is_held = market.losses.status != MarketStatus::Open;
			ensure!(is_ordered || is_held, Error::<T>::NotOrdered);
			if is_ordered {
				let mut incident = market.guardian.incident;
				let over = incident.over();
				market.guardian = Order { incident, ..Order::default() };
				Self::ease(id, market, Cause::Guardian, over);
			}
			if is_held {
				let over = market.losses.incident.over();
				market.losses.status = MarketStatus::Open;
				Self::ease(id, market, Cause::Losses, over);
			}
			Ok(())
		})
	}

	/// A number of blocks as budgets count them.
	pub(crate) fn count(blocks: BlockNumberFor<T>) -> u32 {
		blocks.unique_saturated_into()
	}

	fn change(
		id: MarketId,
		act: impl FnOnce(&mut Market<BlockNumberFor<T>>) -> DispatchResult,
	) -> DispatchResult {
		Markets::<T>::try_mutate(id, |market| {
			act(market.as_mut().ok_or::<DispatchError>(Error::<T>::UnknownMarket.into())?)
		})
	}

	/// A cause demands less than before: the market stands where the others want it. `over` is its
	/// incident, when it demands nothing any more.
	pub(crate) fn ease(
		id: MarketId,
		market: &mut Market<BlockNumberFor<T>>,
		cause: Cause,
		over: Option<crate::IncidentId>,
	) {
		let (from, to) = market.settle();
		if let Some(incident) = over {
			Self::close(incident);
		}
		Self::deposit_event(Event::Resumed { market: id, cause, from, to });
	}
}
