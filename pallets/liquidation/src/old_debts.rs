// SPDX-License-Identifier: Apache-2.0
//! Old debts: what a market owes because nobody could bear a loss is paid in later blocks by those who can.
//!
//! A market that owes takes no new risk. Penalties and pay-backs repay it; so do its tranche and the global fund, as soon
//! as they have something and the caps allow it again. One market a block is looked at, in turn, of those that ever caused
//! a loss: at most as many as there are markets.

use crate::{pallet::*, Config, WeightInfo};
use frame_support::{
	defensive_assert,
	weights::{Weight, WeightMeter},
};
use keel_primitives::{MarketId, Quote};
use keel_traits::{Liquidatable, LossAbsorber};

impl<T: Config> Pallet<T> {
	/// Look at the next market, and say what it cost: at most `limit`.
	pub(crate) fn pay_old_debts(limit: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(limit);
		let Some(market) = Self::next_with_losses() else { return Weight::zero() };
		if meter.try_consume(T::WeightInfo::pay_old_debt()).is_ok() {
			LastRepaid::<T>::put(market);
			Self::pay_old_debt(market);
		}
		meter.consumed()
	}

	/// The market after the one that was looked at last; after the last of all the first.
	fn next_with_losses() -> Option<MarketId> {
		let behind = LastRepaid::<T>::get().and_then(|last| {
			MarketReceipts::<T>::iter_keys_from(MarketReceipts::<T>::hashed_key_for(last)).next()
		});
		behind.or_else(|| MarketReceipts::<T>::iter_keys().next())
	}

	fn pay_old_debt(market: MarketId) {
		// First what came back in the market and is nobody's.
		Self::keep(market, Quote::ZERO);
		let owed = T::Margin::market_debt(market);
		if owed.is_zero() {
			return;
		}
		let paid = T::Losses::pay_old_debt(market, owed);
		if paid.total().is_zero() {
			return;
		}
		let repaid = T::Margin::pay_debt(market, paid.total());
		defensive_assert!(repaid == paid.total(), "a market owes what it says it owes");
		Self::deposit_event(Event::OldDebtPaid {
			market,
			tranche: paid.tranche,
			fund: paid.fund,
			left: T::Margin::market_debt(market),
		});
	}
}
