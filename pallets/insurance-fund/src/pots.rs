// SPDX-License-Identifier: Apache-2.0
//! Pots: the only place that changes balances.
//!
//! Each change of a balance is written to the pot's flow as well, so that the balance can always be
//! explained. Amounts are non-negative. Sums saturate, which cannot happen: to reach the bound of
//! [`Quote`], 10^20 times [`AMOUNT_MAX`](crate::AMOUNT_MAX) would have to pass through one pot.

use crate::{pallet::*, Config, Pot, Tranche};
use keel_primitives::{MarketId, Quote};

impl Pot {
	/// Give `market` an empty tranche, unless it has one.
	pub(crate) fn open_tranche<T: Config>(market: MarketId, target: Quote) {
		if !Tranches::<T>::contains_key(market) {
			Tranches::<T>::insert(market, Tranche { balance: Quote::ZERO, target });
			Pallet::<T>::deposit_event(Event::TrancheOpened { market, target });
		}
	}

	/// What it has; `None` when there is no such pot.
	pub(crate) fn balance<T: Config>(self) -> Option<Quote> {
		match self {
			Self::Tranche(market) => Tranches::<T>::get(market).map(|tranche| tranche.balance),
			Self::Fund => Some(Fund::<T>::get()),
		}
	}

	/// Add `amount` to a pot that exists.
	pub(crate) fn receive<T: Config>(self, amount: Quote) {
		if amount.is_zero() {
			return;
		}
		self.change::<T>(|balance| balance.0 = balance.0.saturating_add(amount.0));
		Flows::<T>::mutate(self, |flow| flow.received.0 = flow.received.0.saturating_add(amount.0));
	}

	/// Take up to `amount` out of it, and say how much that was.
	pub(crate) fn pay<T: Config>(self, amount: Quote) -> Quote {
		let paid = amount.min(self.balance::<T>().unwrap_or_default()).max(Quote::ZERO);
		if !paid.is_zero() {
			self.change::<T>(|balance| balance.0 = balance.0.saturating_sub(paid.0));
			Flows::<T>::mutate(self, |flow| flow.paid.0 = flow.paid.0.saturating_add(paid.0));
		}
		paid
	}

	fn change<T: Config>(self, change: impl FnOnce(&mut Quote)) {
		match self {
			Self::Tranche(market) => Tranches::<T>::mutate(market, |tranche| {
				if let Some(tranche) = tranche {
					change(&mut tranche.balance);
				} else {
					frame_support::defensive!("callers looked the tranche up", market);
				}
			}),
			Self::Fund => Fund::<T>::mutate(change),
		}
	}
}
