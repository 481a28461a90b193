// SPDX-License-Identifier: Apache-2.0
//! Matching: an order that comes meets those that rest, the best price first, and at a price who came first.

use crate::{
	ladder::{Ladder, Rung},
	pallet::{Book, Config, Error, Event, Orders, Pallet},
	placing::Refused,
	types::{CancelReason, SelfTrade},
	OrderList, OrderOf,
};
use frame_support::{defensive, traits::Get};
use keel_math::units::notional;
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Side, Size};
use keel_traits::{Clearing, Intent, Match, Terms, Unfilled};
use sp_runtime::DispatchError;

/// Whether an order of `side` at `price` meets one of the other side at `other`.
pub(crate) fn crosses(side: Side, price: Price, other: Price) -> bool {
	match side {
		Side::Long => price >= other,
		Side::Short => price <= other,
	}
}

/// Why matching ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum End {
	/// The order is filled, or no order is left that it crosses.
	#[default]
	NothingLeft,
	/// It has met as many orders as a call may.
	Limit,
	/// It met an order of its own owner, and gives way.
	SelfTrade,
	/// The taker or the market could do no more.
	Refused,
}

/// What an order has met.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Met {
	/// How many resting orders: filled, or taken off the book.
	pub count: u32,
	/// Why it met no more.
	pub end: End,
	/// What stopped it.
	pub refusal: Option<DispatchError>,
}

/// The side of the taker, while its order is filled.
pub(crate) struct Taking<T: Config> {
	/// Its account; none before the first fill.
	pub ticket: Option<<T::Margin as Clearing<T::AccountId>>::Ticket>,
	/// What was traded, in dollars.
	pub traded: Quote,
	/// Fees of both, less rebates.
	pub fees: Quote,
}

impl<T: Config> Default for Taking<T> {
	fn default() -> Self {
		Self { ticket: None, traded: Quote::ZERO, fees: Quote::ZERO }
	}
}

/// What came of meeting one order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meeting {
	/// It was filled, in whole or in part.
	Filled,
	/// It could not be, and is off the book.
	Gone,
	/// Nothing more can be filled.
	End(End, Option<DispatchError>),
}

impl<T: Config> Pallet<T> {
	/// Fill an order as far as it crosses the book, and as far as one call may.
	///
	/// An error is the taker's, and undoes all of it. Orders that are met and cannot be filled leave the book.
	pub(crate) fn match_order(
		who: &MarginAccount<T::AccountId>,
		order: &mut OrderOf<T>,
		self_trade: SelfTrade,
		terms: &Terms,
	) -> Result<Met, Refused> {
		let ladder = Ladder::new::<T>(order.market, order.side.opposite());
		let mut taking = Taking::<T>::default();
		let mut met = Met::default();
		let mut rung = ladder.first::<T>();
		while let Some(at) = rung.filter(|at| crosses(order.side, order.price, at.price)) {
			if order.left.is_zero() {
				break;
			}
			if met.count >= T::MaxFills::get() {
				met.end = End::Limit;
				break;
			}
			met.count = met.count.saturating_add(1);
			let meeting = Self::meet(who, order, &at, self_trade, terms, &mut taking);
			if let Meeting::End(end, refusal) = meeting.map_err(|error| Refused { error, met: met.count })? {
				(met.end, met.refusal) = (end, refusal);
				break;
			}
			rung = ladder.after::<T>(&at.place);
		}
		Self::close(who, order.market, taking).map_err(|error| Refused { error, met: met.count })?;
		Ok(met)
	}

	/// Judge the taker, and keep the fees.
	fn close(
		who: &MarginAccount<T::AccountId>,
		market: MarketId,
		taking: Taking<T>,
	) -> Result<(), DispatchError> {
		let Some(ticket) = taking.ticket else { return Ok(()) };
		T::Margin::close(ticket)?;
		Self::count_volume(&who.owner, taking.traded);
		Self::keep_fees(market, taking.fees)
	}

	/// Meet one order.
	pub(crate) fn meet(
		who: &MarginAccount<T::AccountId>,
		order: &mut OrderOf<T>,
		at: &Rung<T::AccountId>,
		self_trade: SelfTrade,
		terms: &Terms,
		taking: &mut Taking<T>,
	) -> Result<Meeting, DispatchError> {
		let maker = &at.account;
		let mut orders = Orders::<T>::get(maker);
		let index = orders.iter().position(|resting| resting.sequence == at.sequence);
		let Some((index, resting)) = index.and_then(|index| Some((index, *orders.get(index)?))) else {
			Self::drop_orphan(order.market, order.side.opposite(), at);
			return Ok(Meeting::Gone);
		};
		let now = frame_system::Pallet::<T>::block_number();
		let gone = |orders: OrderList<T>, reason| {
			Self::drop_resting(maker, orders, index, reason);
			Ok(Meeting::Gone)
		};
		if resting.expires.is_some_and(|last| last < now) {
			return gone(orders, CancelReason::Expired);
		}
		if !terms.is_within_band(resting.price) {
			return gone(orders, CancelReason::OutsideBand);
		}
		if maker.owner == who.owner {
			if self_trade != SelfTrade::CancelNewest {
				Self::drop_resting(maker, orders, index, CancelReason::SelfTrade);
			}
			return Ok(match self_trade {
				SelfTrade::CancelOldest => Meeting::Gone,
				SelfTrade::CancelNewest | SelfTrade::CancelBoth => Meeting::End(End::SelfTrade, None),
			});
		}
		let reducible = Self::reducible(maker, &resting);
		let size = order.left.min(resting.left).min(reducible);
		if size.is_zero() {
			return gone(orders, Self::reason_irreducible(maker, resting.market));
		}
		match Self::fill(who, order, maker, &resting, size, taking)? {
			Ok(()) => {}
			Err(Unfilled::Maker(_)) => return gone(orders, CancelReason::NotBacked),
			// An order that could not be filled at all is refused with the reason.
			Err(Unfilled::Taker(error) | Unfilled::Market(error)) if taking.traded.is_zero() => {
				return Err(error)
			}
			Err(Unfilled::Taker(error) | Unfilled::Market(error)) => {
				return Ok(Meeting::End(End::Refused, Some(error)))
			}
		}
		order.left = Size(order.left.0.saturating_sub(size.0));
		let left = Size(resting.left.0.saturating_sub(size.0));
		if left.is_zero() {
			Self::take_off_book(&resting);
			orders.remove(index);
		} else if let Some(resting) = orders.get_mut(index) {
			resting.left = left;
		}
		// What could reduce no more must not stay across the rest of this order.
		if !left.is_zero() && reducible == size {
			Self::drop_resting(maker, orders, index, CancelReason::NothingToReduce);
		} else {
			Self::keep_list(maker, orders);
		}
		Ok(Meeting::Filled)
	}

	/// Settle a match, with its fees, and tell. The outer error is the taker's.
	fn fill(
		who: &MarginAccount<T::AccountId>,
		order: &OrderOf<T>,
		maker: &MarginAccount<T::AccountId>,
		resting: &OrderOf<T>,
		size: Size,
		taking: &mut Taking<T>,
	) -> Result<Result<(), Unfilled>, DispatchError> {
		let ticket = match &mut taking.ticket {
			Some(ticket) => ticket,
			none => none.insert(T::Margin::open(who, order.market, order.side, order.intent)?),
		};
		let price = resting.price;
		let traded = notional(size, price).map_err(|_| Error::<T>::OrderTooLarge)?;
		let (maker_fee, taker_fee) = Self::fees_of(&maker.owner, &who.owner, traded)?;
		let with = Match { maker: maker.clone(), intent: resting.intent, size, price, maker_fee, taker_fee };
		if let Err(refused) = T::Margin::fill(ticket, &with) {
			return Ok(Err(refused));
		}
		Self::count_volume(&maker.owner, traded);
		let sum = |a: Quote, b: Quote| a.0.checked_add(b.0).map(Quote).ok_or(Error::<T>::OrderTooLarge);
		taking.traded = sum(taking.traded, traded)?;
		taking.fees = sum(taking.fees, sum(maker_fee, taker_fee)?)?;
		Self::deposit_event(Event::OrderFilled {
			market: order.market,
			maker_order: resting.id,
			maker: maker.clone(),
			taker_order: order.id,
			taker: who.clone(),
			taker_side: order.side,
			size,
			price,
			maker_fee,
			taker_fee,
		});
		Ok(Ok(()))
	}

	/// The most that a resting order may trade: what it reduces must be there, and an account in liquidation trades
	/// nothing, so that what it asks for moves no price.
	pub(crate) fn reducible(maker: &MarginAccount<T::AccountId>, resting: &OrderOf<T>) -> Size {
		match (T::Margin::held(maker, resting.market), resting.intent) {
			(Err(_), _) => Size::ZERO,
			(Ok(_), Intent::Trade) => Size(u128::MAX),
			(Ok(held), Intent::Reduce) => {
				held.filter(|(side, _)| *side != resting.side).map_or(Size::ZERO, |(_, size)| size)
			}
		}
	}

	/// Why a resting order of `maker` may trade nothing.
	pub(crate) fn reason_irreducible(maker: &MarginAccount<T::AccountId>, market: MarketId) -> CancelReason {
		match T::Margin::held(maker, market) {
			Err(_) => CancelReason::NotBacked,
			Ok(_) => CancelReason::NothingToReduce,
		}
	}

	/// What is on the book is in the list of its account; if it were not, it must not be met again and again.
	pub(crate) fn drop_orphan(market: MarketId, side: Side, at: &Rung<T::AccountId>) {
		defensive!("what is on the book is in the list of its account");
		Book::<T>::remove((market, side, at.rank(side)));
	}

	/// Take an order that cannot be filled off the book and its list.
	fn drop_resting(
		maker: &MarginAccount<T::AccountId>,
		mut orders: OrderList<T>,
		index: usize,
		reason: CancelReason,
	) {
		if let Some(order) = orders.get(index).copied() {
			orders.remove(index);
			Self::take_off_book(&order);
			Self::tell_cancelled(maker, &order, reason);
		}
		Self::keep_list(maker, orders);
	}
}
