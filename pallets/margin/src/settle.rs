// SPDX-License-Identifier: Apache-2.0
//! What becomes of positions whose generation has ended.
//!
//! A re-based side goes on in other units: its positions are converted when they are touched. The positions of
//! a side that was closed out are *claims* of `q * K_end` dollars, and settled when they are touched.
//!
//! But not while somebody bankrupt on the other side waits. What he cannot pay is laid on the claims, as
//! `K_end`; who could be settled before would escape it. Until then a claim stays with its account as a constant
//! that is judged, asks for no margin, and cannot be traded.

use crate::{
	accounts::{fits, minus, plus},
	pallet::{Config, Error, Event, Generations, Markets, Pallet},
	types::{Account, Market, Place, Position},
};
use alloc::vec::Vec;
use frame_support::defensive;
use keel_math::{units::size_of, Ended, Generation, SideBook};
use keel_primitives::{MarginAccount, MarketId, Quote, Side};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Whether a position is of a generation that has ended. When everything is settled that can be, it is a
	/// claim that waits.
	pub(crate) fn is_claim(position: &Position, market: &Market) -> bool {
		position.generation != market.book.side(position.side).generation
	}

	/// Whether a claim of an account in `place` must wait for a loss that may be laid on it.
	///
	/// An account in liquidation is settled at once: two bankrupt accounts with claims on each other would
	/// wait for ever.
	fn must_wait(place: Place, position: &Position, market: &Market) -> bool {
		place != Place::Queued
			&& market.watch(position.side.opposite()).bankrupt_waiting
			&& Self::claims_on(position).is_some()
	}

	/// Whether something of a position is to be settled now.
	pub(crate) fn has_ended(place: Place, position: &Position, market: &Market) -> bool {
		if Self::is_claim(position, market) {
			!Self::must_wait(place, position, market)
		} else {
			Self::is_dust(position, market)
		}
	}

	/// The generation that a position is a claim on, if its side was closed out.
	fn claims_on(position: &Position) -> Option<Ended> {
		Generations::<T>::get((position.market, position.side, position.generation))
			.filter(Ended::is_closed_out)
	}

	/// The numbers that turn a position's units into dollars: its side's; of a claim those its side ended with,
	/// whose scale is zero.
	pub(crate) fn numbers(position: &Position, market: &Market) -> Result<SideBook, DispatchError> {
		if !Self::is_claim(position, market) {
			return Ok(*market.book.side(position.side));
		}
		let Some(ended) = Self::claims_on(position) else {
			defensive!("what has ended is settled or a claim");
			return Err(Error::<T>::Overflow.into());
		};
		let Ended { scale, quote, funding, left, .. } = ended;
		Ok(SideBook { scale, quote, funding, units: left, generation: position.generation })
	}

	/// Whether deleveraging has left less of a position of the present generation than the smallest size.
	fn is_dust(position: &Position, market: &Market) -> bool {
		!position.units.is_zero()
			&& !Self::is_claim(position, market)
			&& size_of(position.units, market.book.side(position.side).scale).is_ok_and(|size| size.is_zero())
	}

	/// Turn positions of ended generations into cash, and units of the present one; dust is closed at mark
	/// against the house. Claims that must wait are kept.
	pub(crate) fn settle_ended(
		who: &MarginAccount<T::AccountId>,
		account: &mut Account<T>,
	) -> Result<(), DispatchError> {
		let mut kept = Vec::new();
		for mut position in account.positions.clone() {
			let (id, side) = (position.market, position.side);
			let mut market = Self::market(id)?;
			if !Self::has_ended(account.place, &position, &market) {
				kept.push(position);
				continue;
			}
			// At most seven steps: each re-basing divides the units by a million, and they are below 2^120.
			while Self::is_claim(&position, &market)
				&& !position.units.is_zero()
				&& !Self::must_wait(account.place, &position, &market)
			{
				let generation = position.generation;
				let Some(mut ended) = Generations::<T>::get((id, side, generation)) else {
					defensive!("a generation is kept while a position refers to it");
					return Err(Error::<T>::Overflow.into());
				};
				let settled = fits::<T, _>(market.book.settle(side, &mut ended, position.units))?;
				Generations::<T>::insert((id, side, generation), ended);
				Self::prune(&mut market, id, side, generation)?;
				Self::pay_out(account, &mut position, settled.cash)?;
				position.units = settled.units;
				position.generation = generation.next();
				position.funding_at = Default::default();
				position.key = None;
				Self::deposit_event(Event::PositionSettled {
					account: who.clone(),
					market: id,
					side,
					received: settled.cash,
				});
			}
			if Self::is_dust(&position, &market) {
				let cash = fits::<T, _>(market.book.close(side, position.units, market.mark))?;
				Self::pay_out(account, &mut position, cash)?;
				position.units = Default::default();
			}
			Markets::<T>::insert(id, market);
			if position.units.is_zero() {
				// The entry that is left is what was lost by a long, or gained by a short.
				let realised = match side {
					Side::Long => minus::<T>(Quote::ZERO, position.entry)?,
					Side::Short => position.entry,
				};
				Self::note_loss(account, id, side, realised)?;
			} else {
				kept.push(position);
			}
		}
		account.positions.truncate(0);
		for position in kept {
			account.positions.try_push(position).map_err(|_| Error::<T>::TooManyPositions)?;
		}
		Ok(())
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
