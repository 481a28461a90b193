// SPDX-License-Identifier: Apache-2.0
//! What becomes of positions whose generation has ended.
//!
//! A re-based side goes on in other units: its positions are converted when they are touched. The positions of
//! a side that was closed out are *claims* of `q * K_end` dollars, and settled when they are touched: by
//! their owners, and at the latest by the next block. A loss of the account whose closing ended the side is
//! laid on them in the step that closes it, before anybody can have touched them.

use crate::{
	accounts::{fits, minus, plus},
	desk::Desk,
	pallet::{Config, Error, Event, Generations, Pallet},
	types::{Account, Market, Position},
};
use alloc::vec::Vec;
use frame_support::defensive;
use keel_math::{units::size_of, Generation, SideBook};
use keel_primitives::{MarginAccount, MarketId, Quote, Side};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Whether a position is of a generation that has ended.
	fn is_ended(position: &Position, market: &Market) -> bool {
		position.generation != market.book.side(position.side).generation
	}

	/// Whether something of a position is to be settled.
	pub(crate) fn is_to_settle(position: &Position, market: &Market) -> bool {
		Self::is_ended(position, market) || Self::is_dust(position, market)
	}

	/// Whether deleveraging has left less of a position of the present generation than the smallest size.
	fn is_dust(position: &Position, market: &Market) -> bool {
		!position.units.is_zero()
			&& !Self::is_ended(position, market)
			&& size_of(position.units, market.book.side(position.side).scale).is_ok_and(|size| size.is_zero())
	}

	/// Turn positions of ended generations into cash, and units of the present one; dust is closed at mark
	/// against the house. Returns in how many generations something was settled.
	pub(crate) fn settle_ended(
		desk: &mut Desk<T>,
		who: &MarginAccount<T::AccountId>,
		account: &mut Account<T>,
	) -> Result<u32, DispatchError> {
		let mut kept = Vec::new();
		let mut generations: u32 = 0;
		for mut position in account.positions.clone() {
			let (id, side) = (position.market, position.side);
			if !Self::is_to_settle(&position, desk.market(id)?) {
				kept.push(position);
				continue;
			}
			let market = desk.market_mut(id)?;
			// At most seven steps: each re-basing divides the units by a million, and they are below 2^120.
			let mut lost = Quote::ZERO;
			while Self::is_ended(&position, market) && !position.units.is_zero() {
				let generation = position.generation;
				let Some(mut ended) = Generations::<T>::get((id, side, generation)) else {
					defensive!("a generation is kept while a position refers to it");
					return Err(Error::<T>::Overflow.into());
				};
				generations = generations.saturating_add(1);
				Self::account_funding_until(who, &mut position, ended.funding)?;
				Self::fetch_returns(who, account, &mut position, market, ended.returns)?;
				if ended.is_closed_out() {
					let since = fits::<T, _>(ended.lost(side, position.units))?;
					lost = Self::lost_since(market, &position, position.units, ended.quote, since)?;
				}
				let settled = fits::<T, _>(market.book.settle(side, &mut ended, position.units))?;
				Generations::<T>::insert((id, side, generation), ended);
				Self::prune(market, id, side, generation)?;
				Self::pay_out(account, &mut position, settled.cash)?;
				position.units = settled.units;
				position.generation = generation.next();
				position.funding_at = Default::default();
				position.borne.seen = Default::default();
				position.key = None;
				Self::tell_settled(who, &position, settled.cash);
			}
			if Self::is_dust(&position, market) {
				lost = Self::lost(market, &position, position.units)?;
				let SideBook { funding, returns, .. } = *market.book.side(side);
				Self::account_funding_until(who, &mut position, funding)?;
				Self::fetch_returns(who, account, &mut position, market, returns)?;
				let cash = fits::<T, _>(market.book.close(side, position.units, market.mark))?;
				market.forget_heads_when_empty(side);
				Self::pay_out(account, &mut position, cash)?;
				position.units = Default::default();
				Self::tell_settled(who, &position, cash);
			}
			if position.units.is_zero() {
				Self::note_loss(account, id, side, lost)?;
			} else {
				kept.push(position);
			}
		}
		account.positions.truncate(0);
		for position in kept {
			account.positions.try_push(position).map_err(|_| Error::<T>::TooManyPositions)?;
		}
		Ok(generations)
	}

	fn tell_settled(who: &MarginAccount<T::AccountId>, position: &Position, received: Quote) {
		let Position { market, side, units, .. } = *position;
		Self::deposit_event(Event::PositionSettled { account: who.clone(), market, side, received, units });
	}

	/// A part of a position became cash: it is no longer part of what is open.
	fn pay_out(account: &mut Account<T>, position: &mut Position, cash: Quote) -> Result<(), DispatchError> {
		account.cash = plus::<T>(account.cash, cash)?;
		position.entry = match position.side {
			Side::Long => minus::<T>(position.entry, cash)?,
			Side::Short => plus::<T>(position.entry, cash)?,
		};
		Ok(())
	}

	/// Forget generations that nobody refers to; what rounding left of their units is the house's.
	fn prune(
		market: &mut Market,
		id: MarketId,
		side: Side,
		mut generation: Generation,
	) -> Result<(), DispatchError> {
		while let Some(ended) = Generations::<T>::get((id, side, generation)).filter(|e| e.is_settled()) {
			Generations::<T>::remove((id, side, generation));
			generation = generation.next();
			if ended.reserved.is_zero() {
				break;
			}
			if let Some(mut next) = Generations::<T>::get((id, side, generation)) {
				fits::<T, _>(market.book.absorb_ended(side, &mut next, ended.reserved))?;
				Generations::<T>::insert((id, side, generation), next);
			} else {
				fits::<T, _>(market.book.absorb(side, ended.reserved))?;
			}
		}
		Ok(())
	}
}
