// SPDX-License-Identifier: Apache-2.0
//! A market whose losses have used up what others stand in for is halted where the last of it is paid.
//!
//! Not only at the start of a block: what pays for a loss is the hook of liquidation, or a call that takes a step of it.
//! A step that fails takes its payment back, and the trip with it.

use crate::{Cause, Config, Event, Evidence, Markets, Pallet};
use keel_primitives::{MarketId, MarketStatus, Quote};
use keel_traits::OnFundExhausted;

impl<T: Config> OnFundExhausted for Pallet<T> {
	fn on_fund_exhausted(id: MarketId, paid: Quote) {
		// One that is not watched is halted.
		let Some(mut market) = Markets::<T>::get(id) else { return };
		let (cause, evidence) = (Cause::Losses, Evidence::Losses { paid });
		market.losses.status = MarketStatus::Halted;
		let (from, to) = market.settle();
		let incident = Self::record(market.losses.incident, id, cause, MarketStatus::Halted, evidence);
		market.losses.incident.opened(incident);
		Markets::<T>::insert(id, market);
		Self::deposit_event(Event::Tripped { market: id, cause, from, to, until: None, incident });
	}
}
