// SPDX-License-Identifier: Apache-2.0
//! What liquidation may do to accounts.

use crate::{
	accounts::{fits, minus, plus, Cause},
	desk::{Desk, Listed},
	pallet::{Config, Error, Event, Generations, Markets, Pallet},
	types::{Account, Fill, Market, Place, Requirement},
};
use alloc::vec::Vec;
use frame_support::{defensive, ensure, storage::with_storage_layer, traits::Get};
use keel_math::{
	margin::{size_to_restore, split_deficit, Reduction},
	units::{notional, share, size_of, units_to_close, Rounding},
	Ended, Generation, Level, Standing,
};
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Ratio, Side, Size};
use keel_traits::{Clearing, Closed, Custody, Deficit, Exposure, Judgement, Liquidatable};
use sp_runtime::{DispatchError, DispatchResult};

/// Who bears a loss on a side.
enum Bearers {
	/// The positions of its present generation.
	Side,
	/// Those of a generation that has ended, for nobody else holds the side; and what a unit of the next one is
	/// worth. Units that wait for them may be fewer than they are: who is converted to none would escape a loss
	/// that was laid on those, and the house would bear it.
	Ended(Generation, Ended, Level),
	/// Some are converted or have joined, others are not: they cannot be told apart to the unit.
	Nobody,
}

impl<T: Config> Pallet<T> {
	/// The account with everything settled that has ended, and where it stands.
	fn current_standing(who: &MarginAccount<T::AccountId>) -> Result<(Account<T>, Standing), DispatchError> {
		let mut desk = Desk::default();
		let account = Self::current_on(&mut desk, who)?;
		let standing = Self::standing_on(&mut desk, &account)?;
		Ok((account, standing))
	}

	fn exposure_list(who: &MarginAccount<T::AccountId>) -> Result<Vec<Exposure>, DispatchError> {
		let mut desk = Desk::default();
		let account = Self::current_on(&mut desk, who)?;
		let mut exposures = Vec::new();
		for position in &account.positions {
			let market = desk.market(position.market)?;
			let size = fits::<T, _>(size_of(position.units, market.book.side(position.side).scale))?;
			let notional = fits::<T, _>(notional(size, market.mark))?;
			exposures.push(Exposure {
				market: position.market,
				side: position.side,
				size,
				notional,
				requirement: fits::<T, _>(share(
					notional,
					market.maintenance_rate(position.tier),
					Rounding::Up,
				))?,
				mark: market.mark,
				least: market.params.min_position,
				liquidatable: market.is_liquidatable(),
				settling: market.is_settling(),
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
		let mut desk = Desk::default();
		let current = Self::current_on(&mut desk, account)?;
		let (_, position) = current.find(exposure.market).ok_or(Error::<T>::NoPosition)?;
		let standing = Self::standing_on(&mut desk, &current)?;
		let market = desk.market(exposure.market)?;
		let reduction = Reduction {
			side: exposure.side,
			size: exposure.size,
			mark: market.mark,
			price,
			rate: market.maintenance_rate(position.tier),
			penalty,
			buffer,
		};
		fits::<T, _>(size_to_restore(&standing, &reduction))
	}

	/// An account whose key has fired may not have had its turn yet. It is judged before a position is taken from
	/// it: only of an account in liquidation is it remembered what is gone, and nobody could be charged with a
	/// debt of which that is not known.
	fn judge_first(who: &MarginAccount<T::AccountId>) {
		if Self::stored(who).place != Place::Queued {
			// Who is healthy goes on as he is; whose numbers do not fit is refused when he is touched.
			let _ = Self::seize(who);
		}
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
		Self::judge_first(from);
		let (side, _) = Self::fill_for_liquidation(from, id, size, price, None)?;
		let (_, fill) = Self::fill_for_liquidation(to, id, size, price, Some(side))?;
		if !fill.opened.is_zero() {
			let (receiver, desk) = (Self::stored(to), &mut Desk::default());
			Self::ensure_alone(desk, &receiver, &[])?;
			let free = Self::surplus(desk, &receiver, Requirement::TakeOver)?;
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
		Self::touch_on(who, Cause::Touched(Some(id)), |account, desk| {
			let market = desk.market_mut(id)?;
			let held = Self::held(account, id, market)?;
			let (name, does) = match (side, held) {
				(Some(side), _) => (side, side),
				(None, Some((held, most))) => {
					ensure!(size <= most, Error::<T>::NotReducing);
					(held, held.opposite())
				}
				(None, None) => return Err(Error::<T>::NoPosition.into()),
			};
			let fill = Self::fill(who, account, id, market, does, size, price)?;
			Ok((name, fill))
		})
	}

	fn try_deleverage(
		who: &MarginAccount<T::AccountId>,
		id: MarketId,
		size: Size,
	) -> Result<Closed, DispatchError> {
		ensure!(!size.is_zero(), Error::<T>::ZeroSize);
		Self::judge_first(who);
		let (closed, scale) = Self::touch_on(who, Cause::Touched(Some(id)), |account, desk| {
			let market = desk.market_mut(id)?;
			Self::account_funding(who, account, id, market)?;
			let (_, position) = account.find(id).ok_or(Error::<T>::NoPosition)?;
			let side = position.side;
			let scale = market.book.side(side).scale;
			let units = fits::<T, _>(units_to_close(position.units, scale, size))?;
			Self::note_leaving(account, market, id, side, units)?;
			let scaled = fits::<T, _>(market.book.deleverage(side, units, market.mark))?;
			market.forget_heads_when_empty(side);
			let realised = Self::leave_position(account, id, units, scaled.cash)?;
			let (price, fill) = (market.mark, Fill { closed: size, realised, ..Default::default() });
			Self::tell_change(who, account, id, market, side.opposite(), price, fill)?;
			if let Some(ended) = scaled.ended {
				Self::keep_ended(id, market, side.opposite(), ended);
			}
			let scale = market.book.side(side.opposite()).scale;
			Ok((Closed { side, size, price }, scale))
		})?;
		Self::deposit_event(Event::Deleveraged {
			account: who.clone(),
			market: id,
			side: closed.side,
			size: closed.size,
			price: closed.price,
			scale,
		});
		Ok(closed)
	}

	/// The parts of a debt that belong to positions that are gone.
	///
	/// The whole debt is split in proportion to what was lost since the references: by what is gone, and by
	/// what is still held, whose parts are paid when it is closed.
	fn deficit_list(who: &MarginAccount<T::AccountId>) -> Result<Vec<Deficit>, DispatchError> {
		let mut desk = Desk::default();
		let account = Self::current_on(&mut desk, who)?;
		let debt = Self::debt_on(&mut desk, &account)?;
		if debt.is_zero() || account.losses.is_empty() {
			return Ok(Vec::new());
		}
		let mut lost: Vec<Quote> = account.losses.iter().map(|loss| loss.amount).collect();
		for position in &account.positions {
			let market = desk.market(position.market)?;
			lost.push(Self::lost(market, position, position.units)?);
		}
		let parts = fits::<T, _>(split_deficit(debt, &lost))?;
		Ok(account
			.losses
			.iter()
			.zip(parts)
			.filter(|(_, amount)| !amount.is_zero())
			.map(|(loss, amount)| Deficit { market: loss.market, side: loss.side, amount })
			.collect())
	}

	/// What an account lacks in equity.
	fn debt_on(desk: &mut Desk<T>, account: &Account<T>) -> Result<Quote, DispatchError> {
		let equity = fits::<T, _>(Self::standing_on(desk, account)?.equity())?;
		Ok(minus::<T>(Quote::ZERO, equity)?.max(Quote::ZERO))
	}

	/// A part of the debt is paid: it is cash, and what else was lost there the account has borne itself.
	fn receive(who: &MarginAccount<T::AccountId>, paid: &Deficit) -> DispatchResult {
		let Deficit { market, side, amount } = *paid;
		Self::touch(who, Cause::Touched(None), |account| {
			account.cash = plus::<T>(account.cash, amount)?;
			account.losses.retain(|loss| loss.market != market || loss.side != side);
			Ok(())
		})?;
		Self::deposit_event(Event::DebtCovered { account: who.clone(), market, side, amount });
		Ok(())
	}

	/// Lay a loss on whoever gained, at most what they gained: the side, or, when its generation has just ended,
	/// the positions of that. The market owes the rest. Returns what was laid on them.
	fn try_socialise(who: &MarginAccount<T::AccountId>, deficit: &Deficit) -> Result<Quote, DispatchError> {
		let (id, side, amount) = (deficit.market, deficit.side.opposite(), deficit.amount);
		let mut market = Self::market(id)?;
		let borne = match Self::bearers(&market, id, side)? {
			Bearers::Nobody => Quote::ZERO,
			Bearers::Ended(generation, mut ended, next) => {
				let most = ended.bearable_at(side, next).unwrap_or_default().min(amount);
				// A position so small that its part does not fit it cannot bear it.
				let laid = !most.is_zero() && market.book.socialise_ended(side, &mut ended, most).is_ok();
				Generations::<T>::insert((id, side, generation), ended);
				if laid {
					most
				} else {
					Quote::ZERO
				}
			}
			Bearers::Side => {
				let most = market.book.bearable(side, market.mark).unwrap_or_default().min(amount);
				let laid = !most.is_zero() && market.book.socialise(side, most).is_ok();
				if laid {
					most
				} else {
					Quote::ZERO
				}
			}
		};
		let owed = minus::<T>(amount, borne)?;
		if !owed.is_zero() {
			fits::<T, _>(market.book.borrow(owed))?;
		}
		Markets::<T>::insert(id, market);
		Self::receive(who, deficit)?;
		if !borne.is_zero() {
			Self::deposit_event(Event::LossSocialised { market: id, side, amount: borne });
		}
		if !owed.is_zero() {
			Self::deposit_event(Event::DebtBooked { market: id, amount: owed });
		}
		Ok(borne)
	}

	/// Who bears a loss on a side.
	fn bearers(market: &Market, id: MarketId, side: Side) -> Result<Bearers, DispatchError> {
		let numbers = market.book.side(side);
		let mut next = fits::<T, _>(numbers.level(side, market.mark, Ratio::ZERO))?;
		let (mut generation, mut units, mut bearers) = (numbers.generation, numbers.units, Bearers::Side);
		// Back over generations that ended in this block, or were not drained for want of weight. Each re-basing
		// divides the units by a million: there are few.
		while let Some(last) = generation.0.checked_sub(1).map(Generation) {
			let Some(ended) = Generations::<T>::get((id, side, last)) else { break };
			if !ended.is_alone(units) {
				return Ok(if ended.reserved.is_zero() { bearers } else { Bearers::Nobody });
			}
			bearers = Bearers::Ended(last, ended, next);
			next = fits::<T, _>(ended.level(side, next))?;
			(generation, units) = (last, ended.left);
		}
		Ok(bearers)
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
		let judgement = Self::judgement(&Self::current_standing(who)?.1)?;
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
		let (account, standing) = Self::current_standing(account).ok()?;
		if account.positions.is_empty() {
			return None;
		}
		Self::judgement(&standing).ok()
	}

	fn exposures(account: &MarginAccount<T::AccountId>) -> Vec<Exposure> {
		Self::exposure_list(account).unwrap_or_default()
	}

	fn positions(account: &MarginAccount<T::AccountId>) -> u32 {
		u32::try_from(Self::stored(account).positions.len()).unwrap_or(u32::MAX)
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
			let equity = fits::<T, _>(Self::current_standing(account)?.1.equity())?;
			let taken = amount.min(equity).max(Quote::ZERO);
			Self::touch(account, Cause::Touched(None), |account| {
				account.cash = minus::<T>(account.cash, taken)?;
				Ok(())
			})?;
			if !taken.is_zero() {
				Self::deposit_event(Event::Charged { account: account.clone(), amount: taken });
			}
			Ok::<_, DispatchError>(taken)
		})
		.unwrap_or(Quote::ZERO)
	}

	fn market_debt(market: MarketId) -> Quote {
		Markets::<T>::get(market).map_or(Quote::ZERO, |market| market.book.debt)
	}

	fn pay_debt(market: MarketId, amount: Quote) -> Quote {
		<Self as Clearing<T::AccountId>>::repay(market, amount)
	}

	fn deficits(account: &MarginAccount<T::AccountId>) -> Vec<Deficit> {
		Self::deficit_list(account).unwrap_or_default()
	}

	fn debt(account: &MarginAccount<T::AccountId>) -> Quote {
		let mut desk = Desk::default();
		Self::current_on(&mut desk, account)
			.and_then(|account| Self::debt_on(&mut desk, &account))
			.unwrap_or_default()
	}

	fn losses(account: &MarginAccount<T::AccountId>) -> Vec<(MarketId, Side)> {
		let Ok(account) = Self::current(account) else { return Vec::new() };
		account.losses.iter().map(|loss| (loss.market, loss.side)).collect()
	}

	fn forget_losses(account: &MarginAccount<T::AccountId>) {
		let forgotten = with_storage_layer(|| {
			Self::touch(account, Cause::Touched(None), |account| {
				account.losses.truncate(0);
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

	fn give_back(market: MarketId, side: Side, amount: Quote) -> bool {
		let given = Markets::<T>::mutate(market, |market| {
			market.as_mut().is_some_and(|market| market.book.give_back(side, amount) == Ok(true))
		});
		if given {
			Self::deposit_event(Event::ReturnSetApart { market, side, amount });
		}
		given
	}

	fn take_unclaimed(market: MarketId) -> Quote {
		let Some(mut listed) = Markets::<T>::get(market).filter(|listed| !listed.book.unclaimed.is_zero())
		else {
			return Quote::ZERO;
		};
		let taken = listed.book.take_unclaimed().unwrap_or_default();
		Markets::<T>::insert(market, listed);
		taken
	}

	fn exposures_max() -> u32 {
		T::MaxPositions::get()
	}

	fn is_liquidatable(market: MarketId) -> bool {
		Desk::<T>::default().market(market).is_ok_and(Listed::is_liquidatable)
	}

	fn least_worst_fee() -> Option<Ratio> {
		Markets::<T>::iter_values().map(|market| market.params.worst_fee).min()
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
