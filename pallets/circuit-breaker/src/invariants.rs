// SPDX-License-Identifier: Apache-2.0
//! What must hold between blocks, numbered; each has a test that breaks it.

use crate::{Cause, Config, IncidentId, Incidents, Market, Markets, NextIncident, Pallet};
use frame_support::{ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_primitives::{MarketId, MarketStatus};
use sp_runtime::{traits::Saturating, TryRuntimeError};

impl<T: Config> Pallet<T> {
	/// All invariants.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		ensure!(Markets::<T>::count() <= T::MaxMarkets::get(), "more markets than the bound");
		for (id, market) in Markets::<T>::iter() {
			Self::strictest_cause_wins(&market)?;
			Self::orders_end(&market)?;
			Self::latch_lets_go_in_time(&market)?;
			Self::budget_is_kept(&market)?;
			Self::open_incidents_are_the_markets(id, &market)?;
		}
		Self::incidents_are_the_last_ones()
	}

	/// 1. A market stands where its strictest cause wants it.
	fn strictest_cause_wins(market: &Market<BlockNumberFor<T>>) -> Result<(), TryRuntimeError> {
		ensure!(market.status == market.strictest(), "a market does not stand where its causes want it");
		Ok(())
	}

	/// 2. The guardians' demand is what their orders say in this block, and every order ends within its
	///    greatest length.
	fn orders_end(market: &Market<BlockNumberFor<T>>) -> Result<(), TryRuntimeError> {
		let now = frame_system::Pallet::<T>::block_number();
		let order = market.guardian;
		ensure!(order.status == order.at(now), "an order outlives its end");
		let within = |until: BlockNumberFor<T>, most| until <= now.saturating_add(most);
		ensure!(within(order.guarded_until, T::MaxGuardBlocks::get()), "a guard that is too long");
		ensure!(within(order.halted_until, T::MaxHaltBlocks::get()), "a halt that is too long");
		Ok(())
	}

	/// 3. The price's latch knows only the rungs it may demand, counts fewer good prices than let it go,
	///    and those demanded less than it does.
	fn latch_lets_go_in_time(market: &Market<BlockNumberFor<T>>) -> Result<(), TryRuntimeError> {
		use MarketStatus::*;
		let latch = market.price;
		ensure!(matches!(latch.status, Open | Guarded | Halted), "a price demands an unknown rung");
		ensure!(latch.calm < T::RecoveryPrices::get(), "a latch holds in spite of good prices");
		ensure!(latch.calm == 0 || latch.calm_demand < latch.status, "a latch counts bad prices as good");
		Ok(())
	}

	/// 4. The guardians never spend more than their budget.
	fn budget_is_kept(market: &Market<BlockNumberFor<T>>) -> Result<(), TryRuntimeError> {
		let now = Self::count(frame_system::Pallet::<T>::block_number());
		let spent = market.budget.spent(now, Self::count(T::BudgetWindow::get()));
		ensure!(spent <= Self::count(T::Budget::get()), "a budget is overspent");
		let costs = market.guardian.status == MarketStatus::Open || spent > 0;
		ensure!(costs, "an order that cost nothing");
		Ok(())
	}

	/// 5. A cause that demands nothing has no open incident. An incident a cause names is that market's
	///    and that cause's, and open, unless it was forgotten.
	fn open_incidents_are_the_markets(
		id: MarketId,
		market: &Market<BlockNumberFor<T>>,
	) -> Result<(), TryRuntimeError> {
		for (cause, status, incident) in [
			(Cause::Guardian, market.guardian.status, market.guardian.incident),
			(Cause::Price, market.price.status, market.price.incident),
			(Cause::Vote, market.vote.status, market.vote.incident),
			(Cause::Losses, market.losses.status, market.losses.incident),
		] {
			ensure!(
				status != MarketStatus::Open || incident.open.is_none(),
				"an incident outlives its cause"
			);
			let Some(known) = incident.open.and_then(Incidents::<T>::get) else { continue };
			ensure!(known.market == id && known.cause == cause, "an incident of another market or cause");
			ensure!(known.closed.is_none(), "a cause holds, but its incident is closed");
			ensure!(known.demand >= status, "an incident hides how far it went");
		}
		Ok(())
	}

	/// 6. The last `MaxIncidents` incidents are remembered, and of older ones those that are open; each open one is named
	///    by its market.
	fn incidents_are_the_last_ones() -> Result<(), TryRuntimeError> {
		let (next, from) = (NextIncident::<T>::get(), Self::kept_from());
		let mut kept = 0_u64;
		for (id, incident) in Incidents::<T>::iter() {
			ensure!(id < next, "an incident with a wrong number");
			ensure!(id >= from || incident.closed.is_none(), "an incident that has left is still there");
			kept = kept.saturating_add(u64::from(id >= from));
			let named: Option<IncidentId> =
				Markets::<T>::get(incident.market).and_then(|market| match incident.cause {
					Cause::Guardian => market.guardian.incident.open,
					Cause::Price => market.price.incident.open,
					Cause::Vote => market.vote.incident.open,
					Cause::Losses => market.losses.incident.open,
				});
			ensure!(incident.closed.is_some() || named == Some(id), "an open incident nobody will close");
		}
		ensure!(kept == next.saturating_sub(from), "an incident is lost");
		Ok(())
	}
}
