// SPDX-License-Identifier: Apache-2.0
//! What liquidation may do to accounts.

use crate::{
	accounts::{fits, minus, plus, Cause},
	pallet::{Config, Error, Event, Generations, Markets, Pallet},
	types::{Account, Fill, Loss, Place, Requirement},
};
use alloc::vec::Vec;
use frame_support::{defensive, ensure, storage::with_storage_layer, traits::Get};
use keel_math::{
	margin::{size_to_restore, split_deficit, Reduction},
	units::{notional, share, size_of, units_to_close, Rounding},
	Generation,
};
use keel_primitives::{Action, MarginAccount, MarketId, Price, Quote, Ratio, Side, Size};
use keel_traits::{Closed, Custody, Deficit, Exposure, Judgement, Liquidatable, MarketGate, PriceFeed};
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	fn exposure_list(account: &Account<T>) -> Result<Vec<Exposure>, DispatchError> {
		let mut exposures = Vec::new();
		for position in &account.positions {
			let market = Self::market(position.market)?;
			if Self::is_claim(position, &market) {
				continue;
			}
			let size = fits::<T, _>(size_of(position.units, market.book.side(position.side).scale))?;
			let notional = fits::<T, _>(notional(size, market.mark))?;
			exposures.push(Exposure {
				market: position.market,
				side: position.side,
				size,
				notional,
				requirement: fits::<T, _>(share(notional, market.params.maintenance_rate, Rounding::Up))?,
				mark: market.mark,
				liquidatable: Self::is_liquidatable(position.market),
			});
		}
		Ok(exposures)
	}

	fn try_size_to_restore(
		account: &MarginAccount<T::AccountId>,
		exposure: &Exposure,
		price: Price,
		penalty: Ratio,
		buffer: Ratio,
	) -> Result<Size, DispatchError> {
		let market = Self::market(exposure.market)?;
		let standing = Self::standing(&Self::current(account)?)?;
		let reduction = Reduction {
			side: exposure.side,
			size: exposure.size,
			mark: market.mark,
			price,
			rate: market.params.maintenance_rate,
			penalty,
			buffer,
		};
		fits::<T, _>(size_to_restore(&standing, &reduction))
	}

	fn try_hand_over(
		from: &MarginAccount<T::AccountId>,
		to: &MarginAccount<T::AccountId>,
		id: MarketId,
		size: Size,
		price: Price,
	) -> Result<Closed, DispatchError> {
		ensure!(from != to, Error::<T>::SelfTrade);
		ensure!(!size.is_zero(), Error::<T>::ZeroSize);
		ensure!(price.in_bounds(), Error::<T>::InvalidPrice);
		let (side, _) = Self::fill_for_liquidation(from, id, size, price, None)?;
		let (_, fill) = Self::fill_for_liquidation(to, id, size, price, Some(side))?;
		if !fill.opened.is_zero() {
			let receiver = Self::stored(to);
			let free = Self::surplus(&receiver, Requirement::Initial)?;
			ensure!(receiver.place != Place::Queued && free.0 >= 0, Error::<T>::InsufficientMargin);
		}
		Ok(Closed { side, size, price })
	}

	/// Fill one side of a hand-over: `side` is bought or sold, or, when there is none, the account's own
	/// position is reduced. Returns the side held or filled, and the fill.
	fn fill_for_liquidation(
		who: &MarginAccount<T::AccountId>,
		id: MarketId,
		size: Size,
		price: Price,
		side: Option<Side>,
	) -> Result<(Side, Fill), DispatchError> {
		Self::touch(who, Cause::Touched(Some(id)), |account| {
			let mut market = Self::market(id)?;
			let held = Self::held(account, id, &market)?;
			let (name, does) = match (side, held) {
				(Some(side), _) => (side, side),
				(None, Some((held, most))) => {
					ensure!(size <= most, Error::<T>::NotReducing);
					(held, held.opposite())
				}
				(None, None) => return Err(Error::<T>::NoPosition.into()),
			};
			let fill = Self::fill(who, account, id, &mut market, does, size, price)?;
			Markets::<T>::insert(id, market);
			Ok((name, fill))
		})
	}

	fn try_deleverage(
		who: &MarginAccount<T::AccountId>,
		id: MarketId,
		size: Size,
	) -> Result<Closed, DispatchError> {
		ensure!(!size.is_zero(), Error::<T>::ZeroSize);
		let closed = Self::touch(who, Cause::Touched(Some(id)), |account| {
			let mut market = Self::market(id)?;
			let (_, position) = account.find(id).ok_or(Error::<T>::NoPosition)?;
			ensure!(!Self::is_claim(&position, &market), Error::<T>::LossesPending);
			let side = position.side;
			let scale = market.book.side(side).scale;
			let units = fits::<T, _>(units_to_close(position.units, scale, size))?;
			let scaled = fits::<T, _>(market.book.deleverage(side, units, market.mark))?;
			Self::leave_position(account, id, units, scaled.cash)?;
			if let Some(ended) = scaled.ended {
				Self::keep_ended(id, &mut market, side.opposite(), ended);
			}
			let price = market.mark;
			Markets::<T>::insert(id, market);
			Ok(Closed { side, size, price })
		})?;
		Self::deposit_event(Event::Deleveraged {
			account: who.clone(),
			market: id,
			side: closed.side,
			size: closed.size,
			price: closed.price,
		});
		Ok(closed)
	}

	/// What of a debt is certain, and which of the markets the account has left have caused it.
	///
	/// What is still held may bring back what it has lost: until it is closed, the account owes what it lacks
	/// now, and no market pays for more than was lost in it.
	fn deficit_list(account: &Account<T>) -> Result<Vec<Deficit>, DispatchError> {
		let left: Vec<&Loss> =
			account.losses.iter().filter(|loss| account.find(loss.market).is_none()).collect();
		let lost: Vec<Quote> = left.iter().map(|loss| loss.amount).collect();
		// Without positions equity is cash. With them, what a short was paid is cash and not its own.
		let equity = fits::<T, _>(Self::standing(account)?.equity())?;
		let mut debt = minus::<T>(Quote::ZERO, equity)?;
		if !account.positions.is_empty() {
			let lost = lost.iter().filter(|amount| !amount.is_negative());
			debt = debt.min(lost.copied().try_fold(Quote::ZERO, plus::<T>)?);
		}
		if debt <= Quote::ZERO {
			return Ok(Vec::new());
		}
		let parts = fits::<T, _>(split_deficit(debt, &lost))?;
		Ok(left
			.into_iter()
			.zip(parts)
			.filter(|(_, amount)| !amount.is_zero())
			.map(|(loss, amount)| Deficit { market: loss.market, side: loss.side, amount })
			.collect())
	}

	/// A part of the debt is paid: it is cash, and lost no longer.
	fn receive(who: &MarginAccount<T::AccountId>, paid: &Deficit) -> DispatchResult {
		Self::touch(who, Cause::Touched(None), |account| {
			account.cash = plus::<T>(account.cash, paid.amount)?;
			let mut losses = account.losses.iter_mut();
			if let Some(loss) = losses.find(|loss| loss.market == paid.market && loss.side == paid.side) {
				loss.amount = minus::<T>(loss.amount, paid.amount)?;
			}
			Ok(())
		})
	}

	/// Lay a loss on whoever gained: the side, or, when it has just been closed out, its claims.
	fn try_socialise(who: &MarginAccount<T::AccountId>, deficit: &Deficit) -> Result<Quote, DispatchError> {
		let (id, side) = (deficit.market, deficit.side.opposite());
		let mut market = Self::market(id)?;
		let numbers = *market.book.side(side);
		let last = Generation(numbers.generation.0.saturating_sub(1));
		let claims = Generations::<T>::get((id, side, last))
			.filter(|ended| ended.is_closed_out() && !ended.is_settled());
		let is_borne = match claims {
			// Nobody holds this side but those whose positions have ended.
			Some(mut ended) if numbers.units.is_zero() => {
				let is_borne = market.book.socialise_ended(side, &mut ended, deficit.amount).is_ok();
				Generations::<T>::insert((id, side, last), ended);
				is_borne
			}
			_ => !numbers.units.is_zero() && market.book.socialise(side, deficit.amount).is_ok(),
		};
		// A side so small that the loss does not fit its units cannot bear it: like an empty one.
		let borne = if is_borne {
			deficit.amount
		} else {
			fits::<T, _>(market.book.borrow(deficit.amount))?;
			Quote::ZERO
		};
		Markets::<T>::insert(id, market);
		Self::receive(who, deficit)?;
		Self::deposit_event(if borne.is_zero() {
			Event::DebtBooked { market: id, amount: deficit.amount }
		} else {
			Event::LossSocialised { market: id, side, amount: deficit.amount }
		});
		Ok(borne)
	}

	/// Add `from`'s USDK to somebody else's account. No call lets people choose whose: only the house's
	/// accounts are given to.
	fn try_give(from: &T::AccountId, to: &MarginAccount<T::AccountId>, amount: Quote) -> DispatchResult {
		ensure!(amount >= T::MinDeposit::get() && amount > Quote::ZERO, Error::<T>::AmountTooSmall);
		Self::pull(from, amount)?;
		Self::add_cash(to, amount)?;
		Self::deposit_event(Event::Deposited { account: to.clone(), amount });
		Ok(())
	}

	fn try_release(who: &MarginAccount<T::AccountId>) -> Result<Result<(), Judgement>, DispatchError> {
		let judgement = Self::judgement(&Self::standing(&Self::current(who)?)?)?;
		// Without positions there is no requirement: a debt that is left keeps it queued.
		if judgement.is_unhealthy() {
			return Ok(Err(judgement));
		}
		Self::touch(who, Cause::Touched(None), |account| {
			account.place = Place::Idle;
			Ok(())
		})?;
		Self::deposit_event(Event::Released { account: who.clone(), judgement });
		Ok(Ok(()))
	}
}

impl<T: Config> Liquidatable<T::AccountId> for Pallet<T> {
	fn judge(account: &MarginAccount<T::AccountId>) -> Option<Judgement> {
		let account = Self::current(account).ok()?;
		if account.positions.is_empty() {
			return None;
		}
		Self::judgement(&Self::standing(&account).ok()?).ok()
	}

	fn exposures(account: &MarginAccount<T::AccountId>) -> Vec<Exposure> {
		Self::current(account).and_then(|account| Self::exposure_list(&account)).unwrap_or_default()
	}

	fn size_to_restore(
		account: &MarginAccount<T::AccountId>,
		exposure: &Exposure,
		price: Price,
		penalty_rate: Ratio,
		buffer: Ratio,
	) -> Size {
		Self::try_size_to_restore(account, exposure, price, penalty_rate, buffer).unwrap_or(exposure.size)
	}

	fn hand_over(
		from: &MarginAccount<T::AccountId>,
		to: &MarginAccount<T::AccountId>,
		market: MarketId,
		size: Size,
		price: Price,
	) -> Result<Closed, DispatchError> {
		with_storage_layer(|| Self::try_hand_over(from, to, market, size, price))
	}

	fn deleverage(
		account: &MarginAccount<T::AccountId>,
		market: MarketId,
		size: Size,
	) -> Result<Closed, DispatchError> {
		with_storage_layer(|| Self::try_deleverage(account, market, size))
	}

	fn charge(account: &MarginAccount<T::AccountId>, amount: Quote) -> Quote {
		with_storage_layer(|| {
			let equity = fits::<T, _>(Self::standing(&Self::current(account)?)?.equity())?;
			let taken = amount.min(equity).max(Quote::ZERO);
			Self::touch(account, Cause::Touched(None), |account| {
				account.cash = minus::<T>(account.cash, taken)?;
				Ok(taken)
			})
		})
		.unwrap_or(Quote::ZERO)
	}

	fn deficits(account: &MarginAccount<T::AccountId>) -> Vec<Deficit> {
		Self::current(account).and_then(|account| Self::deficit_list(&account)).unwrap_or_default()
	}

	fn losses(account: &MarginAccount<T::AccountId>) -> Vec<(MarketId, Side)> {
		let Ok(account) = Self::current(account) else { return Vec::new() };
		let unpaid = account.losses.iter().filter(|loss| loss.amount > Quote::ZERO);
		unpaid.map(|loss| (loss.market, loss.side)).collect()
	}

	fn forget_losses(account: &MarginAccount<T::AccountId>) {
		let forgotten = with_storage_layer(|| {
			Self::touch(account, Cause::Touched(None), |account| {
				let positions = account.positions.clone();
				account.losses.retain(|loss| positions.iter().any(|position| position.market == loss.market));
				Ok(())
			})
		});
		if forgotten.is_err() {
			defensive!("an account that was judged can be written");
		}
	}

	fn credit(account: &MarginAccount<T::AccountId>, paid: Deficit) {
		if with_storage_layer(|| Self::receive(account, &paid)).is_err() {
			defensive!("all dollars there are fit an amount");
		}
	}

	fn socialise(account: &MarginAccount<T::AccountId>, deficit: Deficit) -> Quote {
		with_storage_layer(|| Self::try_socialise(account, &deficit)).unwrap_or(Quote::ZERO)
	}

	fn exposures_max() -> u32 {
		T::MaxPositions::get()
	}

	fn is_liquidatable(market: MarketId) -> bool {
		Markets::<T>::get(market).is_some_and(|listed| {
			T::Gate::status(market).accepts_liquidation()
				&& T::Prices::observe(listed.feed).state.allows(Action::Liquidate)
		})
	}

	fn is_listed(market: MarketId) -> bool {
		Markets::<T>::contains_key(market)
	}

	fn give(
		from: &T::AccountId,
		to: &MarginAccount<T::AccountId>,
		amount: Quote,
	) -> Result<(), DispatchError> {
		with_storage_layer(|| Self::try_give(from, to, amount))
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn enrich(who: &T::AccountId, amount: Quote) {
		<Self as Custody<T::AccountId>>::fund(who, amount);
	}

	fn seize(account: &MarginAccount<T::AccountId>) -> Option<Judgement> {
		let judgement = Self::judge(account).filter(Judgement::is_unhealthy)?;
		// A touch takes an unhealthy account out of the trigger book and tells.
		with_storage_layer(|| Self::touch(account, Cause::Touched(None), |_| Ok(()))).ok()?;
		Some(judgement)
	}

	fn release(account: &MarginAccount<T::AccountId>) -> Result<(), Judgement> {
		with_storage_layer(|| Self::try_release(account)).unwrap_or_else(|_| Err(Judgement::default()))
	}

	fn set_waiting(market: MarketId, side: Side, bankrupt_waiting: bool) {
		Markets::<T>::mutate_extant(market, |market| {
			market.watch_mut(side).bankrupt_waiting = bankrupt_waiting;
		});
	}
}
