// SPDX-License-Identifier: Apache-2.0
//! What the order book may do to accounts: reserve margin for orders, and settle what they trade.

use crate::{
	accounts::{fits, minus, plus, Cause},
	desk::{Desk, Listed},
	pallet::{Config, Error, Event, Markets, Pallet},
	types::{Account, Fill, Intent, Market, Place, Requirement},
	urgent::UrgentKind,
};
use frame_support::{ensure, storage::with_storage_layer, traits::Get};
use keel_math::{
	units::{notional, share, Rounding},
	Standing,
};
use keel_primitives::{Action, MarginAccount, MarketId, Price, Quote, Side, Size};
use keel_traits::{Clearing, Match, OpenOrders, OrderReserve, Priority, Terms, Unfilled};
use sp_runtime::{DispatchError, DispatchResult};

/// The account of a taker, while its order is filled: it is judged, filed and written once.
pub struct Ticket<T: Config> {
	who: MarginAccount<T::AccountId>,
	market: MarketId,
	side: Side,
	intent: Intent,
	stored: Account<T>,
	account: Account<T>,
	before: Standing,
	filled: Fill,
}

impl<T: Config> Pallet<T> {
	/// The margin that open orders reserve: what the worse side of each market would add to the initial margin
	/// of what is held, at mark. Who also reduces by it reserves nothing for that.
	pub(crate) fn reserved(
		desk: &mut Desk<T>,
		account: &Account<T>,
		orders: &[OpenOrders],
	) -> Result<Quote, DispatchError> {
		orders.iter().try_fold(Quote::ZERO, |sum, open| {
			plus::<T>(sum, Self::reserved_in(desk.market(open.market)?, account, open)?)
		})
	}

	fn reserved_in(
		market: &Listed<T>,
		account: &Account<T>,
		open: &OpenOrders,
	) -> Result<Quote, DispatchError> {
		let (buys, sells) = (open.buys.0, open.sells.0);
		let held = Self::held(account, open.market, market)?;
		let worse = match held {
			Some((Side::Long, held)) => [held.0.checked_add(buys), sells.checked_sub(held.0)],
			Some((Side::Short, held)) => [buys.checked_sub(held.0), sells.checked_add(held.0)],
			None => [Some(buys), Some(sells)],
		};
		let after = worse.into_iter().flatten().max().unwrap_or_default();
		let before = held.map_or(Size::ZERO, |(_, size)| size);
		// What turns a position round to the same size opens as much as it closes.
		let more = Size(after.saturating_sub(before.0));
		if more.is_zero() {
			return Ok(Quote::ZERO);
		}
		let asked = Self::initial_margin_of(account, market, Size(after), more)?;
		let added = minus::<T>(asked, Self::initial_margin_held(account, open.market, market)?)?;
		Ok(added.max(Quote::ZERO))
	}

	/// The initial margin of what is held in a market, rounded down: what a larger position would free.
	pub(crate) fn initial_margin_held(
		account: &Account<T>,
		id: MarketId,
		market: &Listed<T>,
	) -> Result<Quote, DispatchError> {
		let Some((_, position)) = account.find(id) else { return Ok(Quote::ZERO) };
		let rate = Self::initial_rate(account, &position, market)?;
		let size = Self::held(account, id, market)?.map_or(Size::ZERO, |(_, size)| size);
		fits::<T, _>(share(fits::<T, _>(notional(size, market.mark))?, rate, Rounding::Down))
	}

	/// What the open orders of an account reserve now.
	pub(crate) fn reserved_by_orders(
		desk: &mut Desk<T>,
		who: &MarginAccount<T::AccountId>,
		account: &Account<T>,
	) -> Result<Quote, DispatchError> {
		Self::reserved(desk, account, &T::Orders::open_orders(who))
	}

	/// Positions, and markets in which orders may open one, are together no more than positions may be.
	fn ensure_room(desk: &mut Desk<T>, account: &Account<T>, orders: &[OpenOrders]) -> DispatchResult {
		let new = orders.iter().filter(|open| account.find(open.market).is_none()).count();
		let all = u32::try_from(account.positions.len().saturating_add(new)).unwrap_or(u32::MAX);
		ensure!(all <= T::MaxPositions::get(), Error::<T>::TooManyPositions);
		if new > 0 {
			Self::ensure_alone(desk, account, orders)?;
		}
		Ok(())
	}

	/// What a market asks of orders.
	fn try_terms(id: MarketId, intent: Intent) -> Result<Terms, DispatchError> {
		let mut desk = Desk::<T>::default();
		let market = desk.market(id)?;
		let (status, price) = (market.status(), market.observation().state);
		ensure!(status.accepts_orders(), Error::<T>::MarketHalted);
		ensure!(price.allows(Action::Close), Error::<T>::PriceUnavailable);
		ensure!(market.may_trade(), Error::<T>::MarkStandsStill);
		if intent == Intent::Trade {
			ensure!(status.accepts_opening_orders(), Error::<T>::ReducingOnly);
			ensure!(price.allows(Action::Open), Error::<T>::PriceUnavailable);
			// One that owes takes orders: who reduces on the other side is let out. What both do is looked at when they
			// meet, and there nobody opens against somebody who opens.
			ensure!(!market.quarantined, Error::<T>::MarketUnsound);
		}
		let band = Self::band_of(market)?;
		Ok(Terms {
			mark: market.mark,
			tick: market.params.tick,
			lot: market.params.lot,
			lowest: Price(market.mark.0.saturating_sub(band)).max(Price::MIN),
			highest: Price(market.mark.0.saturating_add(band)).min(Price::MAX),
			least: market.params.min_position,
			matches: status.matches_orders(),
		})
	}

	fn try_open(
		taker: &MarginAccount<T::AccountId>,
		market: MarketId,
		side: Side,
		intent: Intent,
	) -> Result<Ticket<T>, DispatchError> {
		let stored = Self::stored(taker);
		let mut account = stored.clone();
		let mut desk = Desk::default();
		Self::settle_ended(&mut desk, taker, &mut account)?;
		ensure!(account.place != Place::Queued, Error::<T>::InLiquidation);
		let before = Self::standing_on(&mut desk, &account)?;
		desk.put_back();
		let filled = Fill::default();
		Ok(Ticket { who: taker.clone(), market, side, intent, stored, account, before, filled })
	}

	fn try_fill(ticket: &mut Ticket<T>, with: &Match<T::AccountId>) -> Result<(), Unfilled> {
		let (id, side) = (ticket.market, ticket.side);
		let mut account = ticket.account.clone();
		let mut desk = Desk::<T>::default();
		let who = &ticket.who;
		let market = desk.market_mut(id)?;
		let taken = Self::fill(who, &mut account, id, market, side, with.size, with.price)
			.and_then(|taken| Self::ensure_intent(ticket.intent, &taken).map(|()| taken))
			.map_err(Unfilled::Taker)?;
		Self::ensure_may_join(market, side, &taken)?;
		market.last_price = with.price;
		if !taken.opened.is_zero() {
			Self::ensure_alone(&mut desk, &account, &[]).map_err(Unfilled::Taker)?;
		}
		Self::pay_fee(who, id, &mut account, with.taker_fee).map_err(Unfilled::Taker)?;
		// The maker's markets lie on another desk.
		desk.put_back();

		let made = Self::fill_maker(id, side.opposite(), with)?;
		Self::ensure_together(id, &made, &taken)?;
		let (buyer, seller) = match side {
			Side::Long => (ticket.who.clone(), with.maker.clone()),
			Side::Short => (with.maker.clone(), ticket.who.clone()),
		};
		Self::deposit_event(Event::Traded {
			offer: None,
			market: id,
			buyer,
			seller,
			size: with.size,
			price: with.price,
		});
		ticket.account = account;
		let filled = ticket.filled.and(&taken).ok_or(Error::<T>::Overflow);
		ticket.filled = filled.map_err(|error| Unfilled::Taker(error.into()))?;
		Ok(())
	}

	/// The maker's side of a match. What the maker may not do is the maker's fault; that its side cannot be
	/// joined now, or not at this price's state, is nobody's.
	fn fill_maker(id: MarketId, side: Side, with: &Match<T::AccountId>) -> Result<Fill, Unfilled> {
		let (before, filled) = Self::touch_on(&with.maker, Cause::Touched(Some(id)), |account, desk| {
			ensure!(account.place != Place::Queued, Error::<T>::InLiquidation);
			let before = Self::standing_on(desk, account)?;
			let market = desk.market_mut(id)?;
			let filled = Self::fill(&with.maker, account, id, market, side, with.size, with.price)?;
			Self::ensure_intent(with.intent, &filled)?;
			if !filled.opened.is_zero() {
				Self::ensure_alone(desk, account, &[])?;
			}
			Self::pay_fee(&with.maker, id, account, with.maker_fee)?;
			Ok((before, filled))
		})
		.map_err(Unfilled::Maker)?;
		Self::ensure_may_join(&Self::market(id)?, side, &filled)?;
		Self::ensure_may_fill(&Self::stored(&with.maker), &before, &filled).map_err(Unfilled::Maker)?;
		Ok(filled)
	}

	fn ensure_intent(intent: Intent, fill: &Fill) -> DispatchResult {
		ensure!(intent == Intent::Trade || fill.reduces(), Error::<T>::NotReducing);
		Ok(())
	}

	/// Whoever opens joins a side that will soon bear no loss made before.
	fn ensure_may_join(market: &Market, side: Side, fill: &Fill) -> DispatchResult {
		ensure!(fill.opened.is_zero() || !market.may_have_to_pay(side), Error::<T>::LossesPending);
		Ok(())
	}

	fn pay_fee(
		who: &MarginAccount<T::AccountId>,
		market: MarketId,
		account: &mut Account<T>,
		amount: Quote,
	) -> DispatchResult {
		if amount.is_zero() {
			return Ok(());
		}
		account.cash = minus::<T>(account.cash, amount)?;
		Self::deposit_event(Event::FeePaid { account: who.clone(), market, amount });
		Ok(())
	}

	fn try_close(ticket: Ticket<T>) -> DispatchResult {
		let Ticket { who, market, stored, mut account, before, filled, .. } = ticket;
		// A loss against mark is no withdrawal here, as in a block trade it is: what is given away by trading with
		// the best order of all anybody could have taken.
		if filled != Fill::default() {
			Self::ensure_may_fill(&account, &before, &filled)?;
		}
		let mut desk = Desk::default();
		let news = Self::place(&mut desk, &mut account, Cause::Touched(Some(market)))?;
		Self::store(desk, None, &who, &stored, account)?;
		Self::tell(&who, news);
		Ok(())
	}
}

impl<T: Config> Clearing<T::AccountId> for Pallet<T> {
	type Ticket = Ticket<T>;

	fn has_market(market: MarketId) -> bool {
		Markets::<T>::contains_key(market)
	}

	fn terms(market: MarketId, intent: Intent) -> Result<Terms, DispatchError> {
		Self::try_terms(market, intent)
	}

	fn held(
		account: &MarginAccount<T::AccountId>,
		market: MarketId,
	) -> Result<Option<(Side, Size)>, DispatchError> {
		let stored = Self::stored(account);
		ensure!(stored.place != Place::Queued, Error::<T>::InLiquidation);
		Self::held_when_settled(&stored, market)
	}

	fn ensure_backed(
		account: &MarginAccount<T::AccountId>,
		orders: &[OpenOrders],
	) -> Result<(), DispatchError> {
		let desk = &mut Desk::default();
		let current = Self::current_on(desk, account)?;
		ensure!(current.place != Place::Queued, Error::<T>::InLiquidation);
		Self::ensure_room(desk, &current, orders)?;
		let free = Self::surplus(desk, &current, Requirement::Initial)?;
		ensure!(free >= Self::reserved(desk, &current, orders)?, Error::<T>::InsufficientMargin);
		Ok(())
	}

	fn open(
		taker: &MarginAccount<T::AccountId>,
		market: MarketId,
		side: Side,
		intent: Intent,
	) -> Result<Ticket<T>, DispatchError> {
		with_storage_layer(|| Self::try_open(taker, market, side, intent))
	}

	fn fill(ticket: &mut Ticket<T>, with: &Match<T::AccountId>) -> Result<(), Unfilled> {
		with_storage_layer(|| Self::try_fill(ticket, with))
	}

	fn close(ticket: Ticket<T>) -> Result<(), DispatchError> {
		with_storage_layer(|| Self::try_close(ticket))
	}

	fn repay(id: MarketId, amount: Quote) -> Quote {
		Markets::<T>::mutate(id, |market| {
			let book = &mut market.as_mut()?.book;
			let owed = amount.min(book.debt);
			(owed > Quote::ZERO).then(|| book.repay(owed).ok()).flatten()
		})
		.unwrap_or_default()
	}
}

impl<T: Config> Priority<T::AccountId> for Pallet<T> {
	fn note_reduction(owner: &T::AccountId) -> DispatchResult {
		Self::note_urgent(owner, UrgentKind::Reduce)
	}

	fn note_cancel(owner: &T::AccountId) -> DispatchResult {
		Self::note_urgent(owner, UrgentKind::Cancel)
	}
}
