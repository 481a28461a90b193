// SPDX-License-Identifier: Apache-2.0
//! What happens to penalties, losses, contributions and parameters.

use crate::{pallet::*, spending::left, types, Caps, Config, Pot};
use frame_support::{ensure, traits::Get};
use keel_primitives::{FeedId, MarketId, Moment, Quote};
use keel_traits::{Claims, Custody, LossAbsorber, OnFundExhausted, OnMarketListed, Payment};
use sp_runtime::DispatchResult;

impl<T: Config> LossAbsorber<T::AccountId> for Pallet<T> {
	fn absorb(market: MarketId, owner: &T::AccountId, loss: Quote, from_fund: Quote) -> Payment {
		if loss <= Quote::ZERO {
			return Payment::default();
		}
		let tranche = Pot::Tranche(market).pay::<T>(loss);
		// A tranche pays at most the loss: the difference is not negative.
		let fund = Self::pay_from_fund(market, owner, Quote(loss.0.saturating_sub(tranche.0)), from_fund);
		Self::deposit_event(Event::Absorbed { market, loss, tranche, fund });
		Self::tell_exhausted(market, fund);
		Payment { tranche, fund }
	}

	fn pay_old_debt(market: MarketId, debt: Quote) -> Payment {
		if debt <= Quote::ZERO {
			return Payment::default();
		}
		let tranche = Pot::Tranche(market).pay::<T>(debt);
		let kept = Quote(FundCaps::<T>::get().per_market.0 / 2);
		let allowed = left(Self::market_allowance(market), kept).min(Self::fund_allowance(Quote::ZERO));
		let fund = Self::take_from_fund(market, Quote(debt.0.saturating_sub(tranche.0)).min(allowed));
		let paid = Payment { tranche, fund };
		if !paid.total().is_zero() {
			Self::deposit_event(Event::OldDebtPaid { market, tranche, fund });
		}
		paid
	}

	fn give_back(market: MarketId, owner: &T::AccountId, paid: Payment) {
		if paid.total() <= Quote::ZERO {
			return;
		}
		// What a market without a tranche gives back is the fund's.
		let known = Tranches::<T>::contains_key(market);
		let Payment { tranche, fund } =
			if known { paid } else { Payment { tranche: Quote::ZERO, fund: paid.total() } };
		Pot::Tranche(market).receive::<T>(tranche);
		Pot::Fund.receive::<T>(fund);
		if !paid.fund.is_zero() {
			let block = frame_system::Pallet::<T>::block_number();
			let now = T::Now::get();
			FundSpending::<T>::mutate(|spending| spending.give_back(paid.fund, block, now));
			MarketSpending::<T>::mutate(market, |window| window.give_back(paid.fund, now));
			OwnerSpending::<T>::mutate(owner, |window| window.give_back(paid.fund, now));
			Self::forget_owners(now);
		}
		Self::deposit_event(Event::GivenBack { market, tranche, fund });
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
	/// What the caps let the global fund pay in this block for an account it has paid `before` for; whatever its
	/// market and its owner.
	pub(crate) fn fund_allowance(before: Quote) -> Quote {
		let block = frame_system::Pallet::<T>::block_number();
		let (caps, spending) = (FundCaps::<T>::get(), FundSpending::<T>::get());
		left(caps.per_account, before)
			.min(left(caps.per_block, spending.in_block(block)))
			.min(left(caps.per_day, spending.day.paid(T::Now::get())))
	}

	/// What the caps leave for `market` within the day.
	pub(crate) fn market_allowance(market: MarketId) -> Quote {
		left(FundCaps::<T>::get().per_market, MarketSpending::<T>::get(market).paid(T::Now::get()))
	}

	/// What the caps leave for all accounts of `owner` within the day.
	pub(crate) fn owner_allowance(owner: &T::AccountId) -> Quote {
		left(FundCaps::<T>::get().per_owner, OwnerSpending::<T>::get(owner).paid(T::Now::get()))
	}

	fn pay_from_fund(market: MarketId, owner: &T::AccountId, loss: Quote, before: Quote) -> Quote {
		let allowed = Self::fund_allowance(before)
			.min(Self::market_allowance(market))
			.min(Self::owner_allowance(owner));
		let paid = Self::take_from_fund(market, loss.min(allowed));
		if !paid.is_zero() {
			let now = T::Now::get();
			OwnerSpending::<T>::mutate(owner, |window| window.record(paid, now));
			Self::forget_owners(now);
		}
		paid
	}

	/// Let the fund pay up to `amount` for `market`, and write down what it did.
	fn take_from_fund(market: MarketId, amount: Quote) -> Quote {
		let paid = Pot::Fund.pay::<T>(amount);
		if !paid.is_zero() {
			let (block, now) = (frame_system::Pallet::<T>::block_number(), T::Now::get());
			FundSpending::<T>::mutate(|spending| spending.record(paid, block, now));
			MarketSpending::<T>::mutate(market, |window| window.record(paid, now));
		}
		paid
	}

	/// The last of what the fund may pay for a market within a day was paid just now: tell who can stop the market.
	fn tell_exhausted(market: MarketId, just_paid: Quote) {
		if just_paid.is_zero() || !Self::market_allowance(market).is_zero() {
			return;
		}
		let paid = MarketSpending::<T>::get(market).paid(T::Now::get());
		Self::deposit_event(Event::MarketCapReached { market, paid });
		T::OnExhausted::on_fund_exhausted(market, paid);
	}

	/// Look at two owners, in turn, and forget those for whom nothing was paid within the day. Two are looked at for
	/// each that is written: the map holds those of a day, and those not come to yet.
	fn forget_owners(now: Moment) {
		let mut owners = match NextOwner::<T>::get() {
			Some(last) => OwnerSpending::<T>::iter_from(OwnerSpending::<T>::hashed_key_for(last)),
			None => OwnerSpending::<T>::iter(),
		};
		let looked: [Option<_>; 2] = [owners.next(), owners.next()];
		let last = looked.iter().flatten().last().map(|(owner, _)| owner.clone());
		// After the last of all it begins again.
		NextOwner::<T>::set(last.filter(|_| looked.iter().all(Option::is_some)));
		for (owner, window) in looked.into_iter().flatten() {
			if window.paid(now).is_zero() {
				OwnerSpending::<T>::remove(owner);
			}
		}
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
