// SPDX-License-Identifier: Apache-2.0
//! What a trade would do, answered by doing it and taking it back.

use crate::{
	pallet::{Config, Error, Pallet},
	types::{Fill, Intent, Market, Offer},
};
use alloc::boxed::Box;
use frame_support::{ensure, storage::with_storage_layer};
use keel_math::margin::size_worth;
use keel_primitives::{MarginAccount, MarketId, Price, Side, Size};
use keel_traits::{AccountView, TradePreview};
use sp_runtime::DispatchError;

/// What ends a simulation: nothing of it stays.
enum End {
	Done(Fill, Box<Option<AccountView>>),
	Refused(DispatchError),
}

impl From<DispatchError> for End {
	fn from(error: DispatchError) -> Self {
		Self::Refused(error)
	}
}

impl<T: Config> Pallet<T> {
	/// What `who` would have after buying (`Long`) or selling `size` at `price`, when somebody does the other
	/// side. An error is that of taking such an offer. Nothing is changed.
	pub(crate) fn preview_trade(
		who: &MarginAccount<T::AccountId>,
		id: MarketId,
		side: Side,
		size: Size,
		price: Price,
	) -> Result<TradePreview, DispatchError> {
		let terms = Self::terms_of(who, id, side, size, price)?;
		Self::ensure_open(&terms, Intent::Reduce)?;
		let end = with_storage_layer(|| {
			let traded = Self::trade(who, &terms, side, Intent::Trade)?;
			Self::ensure_may_have_traded(who, &terms, side, &traded, false)?;
			Self::ensure_together(id, &traded.fill, &Fill::default())?;
			Err::<(), End>(End::Done(traded.fill, Box::new(Self::view_account(who))))
		});
		match end {
			Err(End::Done(fill, account)) => Ok(TradePreview {
				closed: fill.closed,
				opened: fill.opened,
				realised: fill.realised,
				account: *account,
			}),
			Err(End::Refused(error)) => Err(error),
			Ok(()) => Err(Error::<T>::Overflow.into()),
		}
	}

	/// The largest size that `who` could buy or sell at `price` now: in whole lots, or exactly what closes the
	/// position; zero when none.
	///
	/// Sizes are tried out, at most 128. From the first that leaves the least position on `side` on, margin that is
	/// needed grows with the size, so halving finds the largest. Before it lie sizes of which none is possible: those
	/// that turn a position into one too small.
	pub(crate) fn largest_trade(
		who: &MarginAccount<T::AccountId>,
		id: MarketId,
		side: Side,
		price: Price,
	) -> Result<Size, DispatchError> {
		let market = Self::market(id)?;
		let lot = market.params.lot.0.max(1);
		let lots = |size: Size| size.0.div_ceil(lot);
		let is_possible = |size| Self::preview_trade(who, id, side, size, price).is_ok();
		let held = Self::held_when_settled(&Self::stored(who), id)?;
		let (whole, kept) = match held {
			Some((held, size)) if held != side => (size, Size::ZERO),
			Some((_, size)) => (Size::ZERO, size),
			None => (Size::ZERO, Size::ZERO),
		};
		// No trade is larger: it turns what is held into the largest position there may be.
		let largest = Self::largest_position(&market, price)?;
		let most = lots(Size(whole.0.saturating_add(largest.0))).saturating_add(1);
		let least = size_worth(market.params.min_position, market.mark).unwrap_or(Size::ZERO);
		let first = lots(Size(whole.0.saturating_add(least.0.saturating_sub(kept.0)))).max(1);
		let (mut possible, mut impossible) = match () {
			() if is_possible(Size(first.saturating_mul(lot))) => (first, most),
			() if !whole.is_zero() && is_possible(whole) => return Ok(whole),
			// A part of what is held.
			() => (0, lots(whole)),
		};
		while impossible.saturating_sub(possible) > 1 {
			let middle = possible.saturating_add(impossible.saturating_sub(possible) / 2);
			if is_possible(Size(middle.saturating_mul(lot))) {
				possible = middle;
			} else {
				impossible = middle;
			}
		}
		Ok(Size(possible.saturating_mul(lot)))
	}

	/// No position may grow larger.
	fn largest_position(market: &Market, price: Price) -> Result<Size, DispatchError> {
		ensure!(price.in_bounds() && market.mark.in_bounds(), Error::<T>::PriceUnavailable);
		let largest = market.params.tiers.last().up_to;
		let by_tier = size_worth(largest, market.mark).unwrap_or(market.params.max_open_interest);
		Ok(by_tier.min(market.params.max_open_interest))
	}

	fn terms_of(
		who: &MarginAccount<T::AccountId>,
		market: MarketId,
		side: Side,
		size: Size,
		price: Price,
	) -> Result<crate::types::OfferOf<T>, DispatchError> {
		ensure!(!size.is_zero(), Error::<T>::ZeroSize);
		Ok(Offer {
			maker: who.clone(),
			market,
			side,
			size,
			price,
			expires: frame_system::Pallet::<T>::block_number(),
			taker: None,
			intent: Intent::Trade,
			by_key: false,
		})
	}
}
