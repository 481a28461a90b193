// SPDX-License-Identifier: Apache-2.0
//! Filling an account: close what is opposite, open the rest.

use crate::{
	accounts::{fits, minus, plus},
	desk::{block_number, Desk},
	pallet::{Config, Error, Event, Generations, Pallet},
	types::{Account, Fill, Loss, Market, Opened, Place, Position},
};
use alloc::collections::BTreeSet;
use frame_support::ensure;
use keel_math::{
	margin::{entry_part, funding_received},
	units::{notional, size_of, units_for, units_to_close},
	Borne, Ended, Level, Returns, SideBook, TierIndex, Units,
};
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Side, Size};
use keel_traits::OpenOrders;
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// The size of an account's position in a market, and its side.
	pub(crate) fn held(
		account: &Account<T>,
		id: MarketId,
		market: &Market,
	) -> Result<Option<(Side, Size)>, DispatchError> {
		let Some((_, position)) = account.find(id) else { return Ok(None) };
		let scale = market.book.side(position.side).scale;
		Ok(Some((position.side, fits::<T, _>(size_of(position.units, scale))?)))
	}

	/// The same once what has ended is settled: a look that settles nothing.
	pub(crate) fn held_when_settled(
		account: &Account<T>,
		id: MarketId,
	) -> Result<Option<(Side, Size)>, DispatchError> {
		let Some((_, position)) = account.find(id) else { return Ok(None) };
		let now = *Self::market(id)?.book.side(position.side);
		let (mut units, mut generation) = (position.units, position.generation);
		// At most seven steps, as in `settle_ended`.
		while generation != now.generation && !units.is_zero() {
			let place = (id, position.side, generation);
			let ended = Generations::<T>::get(place).ok_or(Error::<T>::Overflow)?;
			units = Units(fits::<T, _>(size_of(units, ended.scale))?.0);
			generation = generation.next();
		}
		let size = fits::<T, _>(size_of(units, now.scale))?;
		Ok((!size.is_zero()).then_some((position.side, size)))
	}

	/// The account buys (`Long`) or sells (`Short`) `size` at `price`.
	pub(crate) fn fill(
		who: &MarginAccount<T::AccountId>,
		account: &mut Account<T>,
		id: MarketId,
		market: &mut Market,
		side: Side,
		size: Size,
		price: Price,
	) -> Result<Fill, DispatchError> {
		Self::account_funding(who, account, id, market)?;
		account.free_from = block_number::<T>().saturating_add(2);
		let mut fill = Fill::default();
		if let Some((held_side, held)) = Self::held(account, id, market)?.filter(|(held, _)| *held != side) {
			fill.closed = held.min(size);
			fill.realised = Self::close_part(account, id, market, held_side, fill.closed, price)?;
		}
		fill.opened = Size(size.0.saturating_sub(fill.closed.0));
		if !fill.opened.is_zero() {
			Self::open_part(account, id, market, side, fill.opened, price)?;
		}
		Self::retier(account, id, market, !fill.opened.is_zero())?;
		Self::tell_change(who, account, id, market, side, price, fill)?;
		Ok(fill)
	}

	/// Tell what became of a position.
	pub(crate) fn tell_change(
		who: &MarginAccount<T::AccountId>,
		account: &Account<T>,
		id: MarketId,
		market: &Market,
		side: Side,
		price: Price,
		fill: Fill,
	) -> Result<(), DispatchError> {
		let after = Self::held(account, id, market)?;
		let (units, entry) =
			account.find(id).map(|(_, position)| (position.units, position.entry)).unwrap_or_default();
		let (cash, account) = (account.cash, who.clone());
		Self::deposit_event(Event::PositionChanged {
			account,
			market: id,
			side,
			price,
			fill,
			after,
			units,
			entry,
			cash,
		});
		Ok(())
	}

	/// Put a position that was traded into the tier it belongs to. Only growing may raise it.
	fn retier(
		account: &mut Account<T>,
		id: MarketId,
		market: &Market,
		increased: bool,
	) -> Result<(), DispatchError> {
		let Some((index, mut position)) = account.find(id) else { return Ok(()) };
		let size = fits::<T, _>(size_of(position.units, market.book.side(position.side).scale))?;
		let worth = fits::<T, _>(notional(size, market.mark))?;
		position.tier = market
			.tiers
			.next_tier(&market.params.tiers, position.tier, worth, increased)
			.ok_or(Error::<T>::PositionTooLarge)?;
		Self::put_position(account, index, position)
	}

	/// Account the funding of a position since its last touch, and have back what it bore of losses that were paid
	/// after all.
	pub(crate) fn account_funding(
		who: &MarginAccount<T::AccountId>,
		account: &mut Account<T>,
		id: MarketId,
		market: &mut Market,
	) -> Result<(), DispatchError> {
		let Some((index, mut position)) = account.find(id) else { return Ok(()) };
		let SideBook { funding, returns, .. } = *market.book.side(position.side);
		Self::account_funding_until(who, &mut position, funding)?;
		Self::fetch_returns(who, account, &mut position, market, returns)?;
		Self::put_position(account, index, position)
	}

	/// Pay out what was given back to a position, of a generation whose accumulators are `now`. Before any unit of it
	/// leaves.
	pub(crate) fn fetch_returns(
		who: &MarginAccount<T::AccountId>,
		account: &mut Account<T>,
		position: &mut Position,
		market: &mut Market,
		now: Returns,
	) -> Result<(), DispatchError> {
		let amount = fits::<T, _>(market.book.fetch(position.units, &mut position.borne, now))?;
		if !amount.is_zero() {
			account.cash = plus::<T>(account.cash, amount)?;
			let (account, market) = (who.clone(), position.market);
			Self::deposit_event(Event::LossReturned { account, market, amount });
		}
		Ok(())
	}

	/// Account funding up to a state of the side's accumulator: it moves from the unrealised profit into what
	/// the position has cost. Cash does not change; the level carries it.
	pub(crate) fn account_funding_until(
		who: &MarginAccount<T::AccountId>,
		position: &mut Position,
		until: Level,
	) -> Result<(), DispatchError> {
		let received =
			fits::<T, _>(funding_received(position.side, position.units, until, position.funding_at))?;
		position.entry = match position.side {
			Side::Long => plus::<T>(position.entry, received)?,
			Side::Short => minus::<T>(position.entry, received)?,
		};
		position.funding_at = until;
		if !received.is_zero() {
			let (account, market) = (who.clone(), position.market);
			Self::deposit_event(Event::FundingAccounted { account, market, received });
		}
		Ok(())
	}

	/// Close `size` of the position that is held on `side`. Returns the profit.
	fn close_part(
		account: &mut Account<T>,
		id: MarketId,
		market: &mut Market,
		side: Side,
		size: Size,
		price: Price,
	) -> Result<Quote, DispatchError> {
		let (_, position) = account.find(id).ok_or(Error::<T>::NoPosition)?;
		let units = fits::<T, _>(units_to_close(position.units, market.book.side(side).scale, size))?;
		Self::note_leaving(account, market, id, side, units)?;
		let cash = fits::<T, _>(market.book.close(side, units, price))?;
		market.forget_heads_when_empty(side);
		Self::leave_position(account, id, units, cash)
	}

	/// `units` of a position have become `cash`. Returns the profit.
	pub(crate) fn leave_position(
		account: &mut Account<T>,
		id: MarketId,
		units: Units,
		cash: Quote,
	) -> Result<Quote, DispatchError> {
		let (index, mut position) = account.find(id).ok_or(Error::<T>::NoPosition)?;
		let side = position.side;
		let entry = fits::<T, _>(entry_part(position.entry, units, position.units))?;
		let realised = match side {
			Side::Long => minus::<T>(cash, entry)?,
			Side::Short => plus::<T>(entry, cash)?,
		};
		account.cash = plus::<T>(account.cash, cash)?;
		position.units = fits::<T, _>(position.units.minus(units))?;
		position.entry = minus::<T>(position.entry, entry)?;
		if position.units.is_zero() {
			account.positions.remove(index);
		} else {
			Self::put_position(account, index, position)?;
		}
		Ok(realised)
	}

	/// `units` of an account in liquidation are about to be closed: remember what they have lost, to know who
	/// caused a deficit.
	pub(crate) fn note_leaving(
		account: &mut Account<T>,
		market: &Market,
		id: MarketId,
		side: Side,
		units: Units,
	) -> Result<(), DispatchError> {
		if account.place != Place::Queued {
			return Ok(());
		}
		let (_, position) = account.find(id).ok_or(Error::<T>::NoPosition)?;
		let lost = Self::lost(market, &position, units)?;
		Self::note_loss(account, id, side, lost)
	}

	/// Remember what a position that is gone has lost. Forgotten when it is paid, or the account is solvent.
	pub(crate) fn note_loss(
		account: &mut Account<T>,
		market: MarketId,
		side: Side,
		amount: Quote,
	) -> Result<(), DispatchError> {
		if let Some(loss) = account.losses.iter_mut().find(|loss| loss.market == market && loss.side == side)
		{
			loss.amount = plus::<T>(loss.amount, amount)?;
			return Ok(());
		}
		// As many as positions: a queued account opens none.
		account
			.losses
			.try_push(Loss { market, side, amount })
			.map_err(|_| Error::<T>::TooManyPositions.into())
	}

	/// Open `size` on `side`, in a position that is on this side or is not there.
	fn open_part(
		account: &mut Account<T>,
		id: MarketId,
		market: &mut Market,
		side: Side,
		size: Size,
		price: Price,
	) -> Result<(), DispatchError> {
		let numbers = *market.book.side(side);
		let units = fits::<T, _>(units_for(size, numbers.scale))?;
		let cash = fits::<T, _>(market.book.open(side, units, price))?;
		let paid = match side {
			Side::Long => minus::<T>(Quote::ZERO, cash)?,
			Side::Short => cash,
		};
		account.cash = plus::<T>(account.cash, cash)?;
		match account.find(id) {
			Some((index, mut position)) => {
				position.units = fits::<T, _>(position.units.plus(units))?;
				position.entry = plus::<T>(position.entry, paid)?;
				position.opened = position.opened.grow(market.references);
				Self::put_position(account, index, position)?;
			}
			None => {
				let position = Position {
					market: id,
					side,
					units,
					generation: numbers.generation,
					tier: TierIndex::FIRST,
					entry: paid,
					funding_at: numbers.funding,
					opened: Opened::new(market.references),
					borne: Borne::new(numbers.returns),
					key: None,
				};
				account.positions.try_push(position).map_err(|_| Error::<T>::TooManyPositions)?;
			}
		}
		Ok(())
	}

	fn put_position(account: &mut Account<T>, index: usize, position: Position) -> Result<(), DispatchError> {
		*account.positions.get_mut(index).ok_or(Error::<T>::NoPosition)? = position;
		Ok(())
	}

	/// Whoever opens in an isolated market has no other position, nor orders that may open one; and elsewhere none in an
	/// isolated market.
	pub(crate) fn ensure_alone(
		desk: &mut Desk<T>,
		account: &Account<T>,
		orders: &[OpenOrders],
	) -> Result<(), DispatchError> {
		let held = account.positions.iter().map(|position| position.market);
		let markets: BTreeSet<MarketId> = held.chain(orders.iter().map(|open| open.market)).collect();
		if markets.len() > 1 {
			for id in markets {
				ensure!(!desk.market(id)?.params.isolated, Error::<T>::IsolatedMarket);
			}
		}
		Ok(())
	}

	/// What is left of a position must be worth having, or nothing.
	pub(crate) fn ensure_worth_having(
		account: &Account<T>,
		id: MarketId,
		market: &Market,
	) -> Result<(), DispatchError> {
		if let Some((_, size)) = Self::held(account, id, market)? {
			let notional = fits::<T, _>(notional(size, market.mark))?;
			ensure!(notional >= market.params.min_position, Error::<T>::PositionTooSmall);
		}
		Ok(())
	}

	/// A generation of `side` has ended: keep it, and start a new ladder.
	pub(crate) fn keep_ended(id: MarketId, market: &mut Market, side: Side, ended: Ended) {
		let next = market.book.side(side).generation;
		// The book has counted on already.
		let generation = keel_math::Generation(next.0.saturating_sub(1));
		Generations::<T>::insert((id, side, generation), ended);
		market.watch_mut(side).heads = Default::default();
		Self::deposit_event(Event::GenerationEnded {
			market: id,
			side,
			generation,
			closed_out: ended.is_closed_out(),
		});
	}
}
