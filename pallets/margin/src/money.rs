// SPDX-License-Identifier: Apache-2.0
//! Money into, out of and between margin accounts.

use crate::{
	accounts::{minus, plus, Cause},
	desk::{block_number, Desk},
	pallet::{Config, Error, Event, LeavingBounds, LeavingCount, LeavingQueue, Markets, Pallet},
	types::{Account, Destination, Leaving, Place, Refusal, Requirement},
};
use frame_support::{
	dispatch::{DispatchResultWithPostInfo, WithPostDispatchInfo},
	ensure,
	storage::with_storage_layer,
	traits::Get,
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_math::units::{notional, size_of};
use keel_primitives::{Action, MarginAccount, MarketId, Quote, SubAccount};
use keel_traits::Custody;
use sp_runtime::{DispatchError, DispatchResult};

/// How many waiting withdrawals raise the least amount of the next one by another least amount.
pub const LEAVING_STEP: u64 = 128;

impl<T: Config> Pallet<T> {
	/// USDK from the owner's balance into an account.
	pub(crate) fn do_deposit(account: MarginAccount<T::AccountId>, amount: Quote) -> DispatchResult {
		ensure!(amount >= T::MinDeposit::get() && amount > Quote::ZERO, Error::<T>::AmountTooSmall);
		Self::pull(&account.owner, amount)?;
		Self::add_cash(&account, amount)?;
		Self::deposit_event(Event::Deposited { account, amount });
		Ok(())
	}

	/// Add cash that is already in custody.
	pub(crate) fn add_cash(account: &MarginAccount<T::AccountId>, amount: Quote) -> DispatchResult {
		Self::touch(account, Cause::Touched(None), |account| {
			account.cash = plus::<T>(account.cash, amount)?;
			Ok(())
		})
	}

	/// Give an account its share of fees, also while it is queued, out of a claim on custody that the caller gives
	/// up. An error has changed nothing.
	pub fn give_fees(account: &MarginAccount<T::AccountId>, amount: Quote) -> DispatchResult {
		ensure!(amount > Quote::ZERO, Error::<T>::AmountTooSmall);
		with_storage_layer(|| Self::add_cash(account, amount))?;
		Self::deposit_event(Event::FeesEarned { account: account.clone(), amount });
		Ok(())
	}

	/// Money leaves an account: at once when it has no position and its last trade is two blocks old, else in a later
	/// block, at levels of prices that are not known yet. Returns whether it waits.
	///
	/// A place in the queue is bought with work in a later block: it is for a least amount, which grows with the
	/// queue, and an owner, who may have many accounts, holds a few at most.
	pub(crate) fn do_leave(
		who: MarginAccount<T::AccountId>,
		amount: Quote,
		to: Destination,
	) -> Result<bool, DispatchError> {
		ensure!(amount > Quote::ZERO, Error::<T>::AmountTooSmall);
		ensure!(to != Destination::Sub(who.sub), Error::<T>::SameAccount);
		ensure!(Self::custody_holds().is_ok(), Error::<T>::CustodyBroken);
		let mut desk = Desk::default();
		let account = Self::current_on(&mut desk, &who)?;
		ensure!(account.place != Place::Queued, Error::<T>::InLiquidation);
		ensure!(account.leaving.is_zero(), Error::<T>::AlreadyLeaving);
		let free = Self::free_collateral(&mut desk, &who, &account)?;
		ensure!(free >= amount, Error::<T>::InsufficientFreeCollateral);
		let is_settled = account.free_from <= block_number::<T>();
		#[cfg(test)]
		let is_settled = is_settled || crate::mock::is_old(crate::mock::OldRule::PaidAtOnce);
		if account.positions.is_empty() && is_settled {
			Self::leave(&who, amount, to)?;
			return Ok(false);
		}
		ensure!(amount >= Self::least_leaving(), Error::<T>::WithdrawalTooSmall);
		ensure!(Self::money_may_leave(&mut desk, &account), Error::<T>::PriceUnavailable);
		Self::touch(&who, Cause::Touched(None), |account| {
			account.leaving = amount;
			Ok(())
		})?;
		let (since, asked_at) = (frame_system::Pallet::<T>::block_number(), T::Now::get());
		Self::enqueue_leaving(Leaving { account: who.clone(), amount, to, since, asked_at })?;
		Self::deposit_event(Event::LeavingQueued { account: who, amount, to });
		Ok(true)
	}

	/// The least amount that may join the queue: `least * (1 + waiting / LEAVING_STEP)`. To hold up others by
	/// filling it takes capital that grows with the square of the delay.
	pub(crate) fn least_leaving() -> Quote {
		let steps = LeavingBounds::<T>::get().len().checked_div(LEAVING_STEP).unwrap_or_default();
		Quote(T::MinWithdrawal::get().0.saturating_mul(i128::from(steps).saturating_add(1)))
	}

	/// What a withdrawal or transfer costs: `at_call`, and its execution in a later block only if it waits.
	pub(crate) fn charge_leaving(
		waits: Result<bool, DispatchError>,
		at_call: Weight,
	) -> DispatchResultWithPostInfo {
		match waits {
			Ok(true) => Ok(().into()),
			Ok(false) => Ok(Some(at_call).into()),
			Err(error) => Err(error.with_weight(at_call)),
		}
	}

	fn enqueue_leaving(entry: Leaving<T::AccountId, BlockNumberFor<T>>) -> DispatchResult {
		let mut bounds = LeavingBounds::<T>::get();
		ensure!(bounds.len() < u64::from(T::MaxLeaving::get()), Error::<T>::QueueFull);
		let owner = &entry.account.owner;
		let waiting = LeavingCount::<T>::get(owner);
		ensure!(waiting < T::MaxLeavingPerOwner::get(), Error::<T>::TooManyLeaving);
		LeavingCount::<T>::insert(owner, waiting.saturating_add(1));
		LeavingQueue::<T>::insert(bounds.next, entry);
		bounds.next = bounds.next.saturating_add(1);
		LeavingBounds::<T>::put(bounds);
		Ok(())
	}

	/// Whether a market in which the account holds a position has had no price since the money was asked for. A price
	/// that is too old, or in doubt, is not waited for: then the answer is no, and the price grows too old by itself.
	pub(crate) fn waits_for_price(entry: &Leaving<T::AccountId, BlockNumberFor<T>>) -> bool {
		let account = Self::stored(&entry.account);
		let desk = &mut Desk::<T>::default();
		let has_landed = |desk: &mut Desk<T>, id| {
			desk.market(id).is_ok_and(|market| market.observation().renewed_at > entry.asked_at)
		};
		account.place != Place::Queued
			&& Self::money_may_leave(desk, &account)
			&& !account.positions.iter().all(|position| has_landed(desk, position.market))
	}

	/// Do what waits, if the account can still afford it at this block's levels; else tell why not.
	pub(crate) fn execute_leaving(entry: Leaving<T::AccountId, BlockNumberFor<T>>) {
		let Leaving { account: who, amount, to, .. } = entry;
		LeavingCount::<T>::mutate_exists(&who.owner, |count| {
			*count = count.and_then(|count| count.checked_sub(1)).filter(|count| *count > 0);
		});
		let refused = Self::try_leaving(&who, amount, to).err();
		let Some(reason) = refused else { return };
		// Only the mark of the queue is taken off: no level and no cash has changed.
		let mut account = Self::stored(&who);
		account.leaving = Quote::ZERO;
		Self::remember(&who, account);
		Self::deposit_event(Event::LeavingRefused { account: who, amount, reason });
	}

	fn try_leaving(who: &MarginAccount<T::AccountId>, amount: Quote, to: Destination) -> Result<(), Refusal> {
		let mut desk = Desk::default();
		let mut account = Self::current_on(&mut desk, who).map_err(|_| Refusal::PaymentFailed)?;
		// This is what waits.
		account.leaving = Quote::ZERO;
		if account.place == Place::Queued {
			return Err(Refusal::InLiquidation);
		}
		if !Self::money_may_leave(&mut desk, &account) {
			return Err(Refusal::PriceUnavailable);
		}
		let free =
			Self::free_collateral(&mut desk, who, &account).map_err(|_| Refusal::NotEnoughFreeCollateral)?;
		if free < amount {
			return Err(Refusal::NotEnoughFreeCollateral);
		}
		with_storage_layer(|| Self::leave(who, amount, to)).map_err(|_| Refusal::PaymentFailed)
	}

	/// Pay.
	fn leave(who: &MarginAccount<T::AccountId>, amount: Quote, to: Destination) -> DispatchResult {
		Self::touch(who, Cause::Touched(None), |account| {
			account.cash = minus::<T>(account.cash, amount)?;
			account.leaving = Quote::ZERO;
			Ok(())
		})?;
		match to {
			Destination::Owner => {
				Self::push(&who.owner, amount)?;
				Self::deposit_event(Event::Withdrawn { account: who.clone(), amount });
			}
			Destination::Sub(sub) => Self::move_to_sub(who, sub, amount)?,
		}
		Ok(())
	}

	fn move_to_sub(who: &MarginAccount<T::AccountId>, to: SubAccount, amount: Quote) -> DispatchResult {
		Self::add_cash(&MarginAccount::new(who.owner.clone(), to), amount)?;
		Self::deposit_event(Event::Transferred { from: who.clone(), to, amount });
		Ok(())
	}

	/// What may leave: the surplus over what a withdrawal must leave, less what open orders reserve; negative
	/// when it is lacking.
	pub(crate) fn free_collateral(
		desk: &mut Desk<T>,
		who: &MarginAccount<T::AccountId>,
		account: &Account<T>,
	) -> Result<Quote, DispatchError> {
		let surplus = Self::surplus(desk, account, Requirement::Withdrawal)?;
		minus::<T>(surplus, Self::reserved_by_orders(desk, who, account)?)
	}

	/// Whether money may leave on the prices of all markets the account is in: they can be trusted, and the
	/// marks have followed them in this block. A mark that stands still hides what has been lost since.
	pub(crate) fn money_may_leave(desk: &mut Desk<T>, account: &Account<T>) -> bool {
		account.positions.iter().all(|position| Self::lets_out(desk, position.market))
	}

	fn lets_out(desk: &mut Desk<T>, id: MarketId) -> bool {
		desk.market(id).is_ok_and(|market| {
			market.observation().state.allows(Action::Withdraw)
				&& market.status().moves_levels()
				&& market.is_live()
				&& !market.quarantined
		})
	}

	/// Of all that is open, in dollars at the marks, how much is in markets whose holders can withdraw now, and how much
	/// there is.
	pub fn open_notional_that_may_leave() -> (Quote, Quote) {
		let desk = &mut Desk::default();
		let (mut may_leave, mut all) = (Quote::ZERO, Quote::ZERO);
		for (id, market) in Markets::<T>::iter() {
			let long = market.book.long;
			let open = size_of(long.units, long.scale).and_then(|size| notional(size, market.mark));
			// What cannot be told counts as much as can be.
			let open = open.unwrap_or(Quote(i128::MAX));
			all.0 = all.0.saturating_add(open.0);
			if Self::lets_out(desk, id) {
				may_leave.0 = may_leave.0.saturating_add(open.0);
			}
		}
		(may_leave, all)
	}

	/// Pay a market's debt from a balance.
	pub(crate) fn do_repay(who: T::AccountId, id: MarketId, amount: Quote) -> DispatchResult {
		ensure!(amount > Quote::ZERO, Error::<T>::AmountTooSmall);
		let mut market = Self::market(id)?;
		ensure!(!market.book.debt.is_zero(), Error::<T>::NoDebt);
		let used = crate::accounts::fits::<T, _>(market.book.repay(amount))?;
		Self::pull(&who, used)?;
		Markets::<T>::insert(id, market);
		Self::deposit_event(Event::DebtRepaid { market: id, who, amount: used });
		Ok(())
	}
}
