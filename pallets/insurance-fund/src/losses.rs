// SPDX-License-Identifier: Apache-2.0
//! What happens to penalties, losses, contributions and parameters.

use crate::{pallet::*, types, Caps, Config, Pot};
use frame_support::{ensure, traits::Get};
use keel_primitives::{FeedId, MarketId, Quote};
use keel_traits::{Claims, Custody, LossAbsorber, OnMarketListed, Payment};
use sp_runtime::DispatchResult;

impl<T: Config> LossAbsorber for Pallet<T> {
	fn absorb(market: MarketId, loss: Quote, from_fund: Quote) -> Payment {
		if loss <= Quote::ZERO {
			return Payment::default();
		}
		let tranche = Pot::Tranche(market).pay::<T>(loss);
		// A tranche pays at most the loss: the difference is not negative.
		let fund = Self::pay_from_fund(Quote(loss.0.saturating_sub(tranche.0)), from_fund);
		Self::deposit_event(Event::Absorbed { market, loss, tranche, fund });
		Payment { tranche, fund }
	}

	fn keep(market: MarketId, amount: Quote) {
		if amount <= Quote::ZERO {
			return;
		}
		// A market without a tranche has no room either: all goes to the fund.
		let room = Tranches::<T>::get(market).map_or(Quote::ZERO, |tranche| tranche.room());
		let tranche = amount.min(room);
		let fund = Quote(amount.0.saturating_sub(tranche.0));
		Pot::Tranche(market).receive::<T>(tranche);
		Pot::Fund.receive::<T>(fund);
		Self::deposit_event(Event::Kept { market, tranche, fund });
	}
}

impl<T: Config> Claims for Pallet<T> {
	fn claims() -> Quote {
		// As many tranches as markets. Saturation: see `pots`.
		Tranches::<T>::iter_values()
			.fold(Fund::<T>::get(), |sum, tranche| Quote(sum.0.saturating_add(tranche.balance.0)))
	}
}

impl<T: Config> OnMarketListed for Pallet<T> {
	fn on_market_listed(market: MarketId, _: FeedId) {
		Pot::open_tranche::<T>(market, T::InitialTarget::get());
	}
}

impl<T: Config> Pallet<T> {
	/// What the caps let the global fund pay in this block for an account it has paid `before` for.
	pub(crate) fn fund_allowance(before: Quote) -> Quote {
		let block = frame_system::Pallet::<T>::block_number();
		FundSpending::<T>::get().allowance(&FundCaps::<T>::get(), before, block, T::Now::get())
	}

	fn pay_from_fund(loss: Quote, before: Quote) -> Quote {
		let paid = Pot::Fund.pay::<T>(loss.min(Self::fund_allowance(before)));
		if !paid.is_zero() {
			let block = frame_system::Pallet::<T>::block_number();
			FundSpending::<T>::mutate(|spending| spending.record(paid, block, T::Now::get()));
		}
		paid
	}

	pub(crate) fn do_contribute(who: T::AccountId, pot: Pot, amount: Quote) -> DispatchResult {
		ensure!(!amount.is_zero() && types::is_amount(amount), Error::<T>::AmountOutOfBounds);
		ensure!(pot.balance::<T>().is_some(), Error::<T>::UnknownMarket);
		T::Custody::pull(&who, amount)?;
		pot.receive::<T>(amount);
		Self::deposit_event(Event::Contributed { who, pot, amount });
		Ok(())
	}

	pub(crate) fn do_sweep() -> DispatchResult {
		let amount = T::Custody::sweep();
		ensure!(!amount.is_zero(), Error::<T>::NothingToSweep);
		ensure!(types::is_amount(amount), Error::<T>::AmountOutOfBounds);
		Pot::Fund.receive::<T>(amount);
		Self::deposit_event(Event::Swept { amount });
		Ok(())
	}

	pub(crate) fn do_withdraw(pot: Pot, to: T::AccountId, amount: Quote) -> DispatchResult {
		ensure!(!amount.is_zero() && types::is_amount(amount), Error::<T>::AmountOutOfBounds);
		let balance = pot.balance::<T>().ok_or(Error::<T>::UnknownMarket)?;
		ensure!(amount <= balance, Error::<T>::InsufficientBalance);
		pot.pay::<T>(amount);
		T::Custody::push(&to, amount)?;
		Self::deposit_event(Event::Withdrawn { pot, to, amount });
		Ok(())
	}

	pub(crate) fn do_set_target(market: MarketId, target: Quote) -> DispatchResult {
		ensure!(types::is_amount(target), Error::<T>::AmountOutOfBounds);
		Tranches::<T>::try_mutate(market, |tranche| match tranche {
			Some(tranche) => {
				tranche.target = target;
				Ok(())
			}
			None => Err(Error::<T>::UnknownMarket),
		})?;
		Self::deposit_event(Event::TargetSet { market, target });
		Ok(())
	}

	pub(crate) fn do_set_caps(caps: Caps) -> DispatchResult {
		caps.validate().map_err(|_| Error::<T>::InvalidCaps)?;
		FundCaps::<T>::put(caps);
		Self::deposit_event(Event::CapsSet { caps });
		Ok(())
	}
}
