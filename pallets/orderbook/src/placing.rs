// SPDX-License-Identifier: Apache-2.0
//! Orders that come: what they must be, and what becomes of what is not filled at once.

use crate::{
	ladder::Ladder,
	matching::{crosses, End, Met},
	pallet::{Config, Error, Event, NextOrder, Orders, Pallet},
	types::{CancelReason, NewOrder, Order, OrderId, OrderName, PostOnly, SelfTrade, TimeInForce},
	NewOrderOf, OrderList, OrderOf,
};
use frame_support::{ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_math::units::notional;
use keel_primitives::{MarginAccount, MarketId, Price, Side, Size};
use keel_traits::{Clearing, Intent, Terms};
use sp_runtime::{traits::Saturating, DispatchError};

/// How an order wants to be treated.
#[derive(Clone, Copy)]
pub(crate) struct Wish<BlockNumber> {
	pub time_in_force: TimeInForce<BlockNumber>,
	pub post_only: PostOnly,
	pub self_trade: SelfTrade,
}

/// Why an order was refused, and how many resting orders it had met by then.
#[derive(Debug)]
pub(crate) struct Refused {
	pub error: DispatchError,
	pub met: u32,
}

impl<E: Into<DispatchError>> From<E> for Refused {
	fn from(error: E) -> Self {
		Self { error: error.into(), met: 0 }
	}
}

impl<T: Config> Pallet<T> {
	/// Place an order. Returns how many resting orders it has met.
	pub(crate) fn do_place(who: &MarginAccount<T::AccountId>, new: &NewOrderOf<T>) -> Result<u32, Refused> {
		let orders = Orders::<T>::get(who);
		if let Some(client) = new.client {
			let is_used = orders.iter().any(|order| order.is_named(OrderName::Client(client)));
			ensure!(!is_used, Error::<T>::ClientIdInUse);
		}
		let id = Self::next_order();
		let NewOrder { market, side, size, price, client, intent, .. } = *new;
		let expires = match new.time_in_force {
			TimeInForce::GoodTillBlock(block) => Some(block),
			_ => None,
		};
		let order =
			Order { id, sequence: id, market, side, price, size, left: size, expires, client, intent };
		let NewOrder { time_in_force, post_only, self_trade, .. } = *new;
		let wish = Wish { time_in_force, post_only, self_trade };
		Self::submit(who, orders, order, &wish, |order| Event::OrderPlaced { account: who.clone(), order })
	}

	/// Place an order that reduces what is held; its side follows from that.
	pub(crate) fn reducing_side(
		who: &MarginAccount<T::AccountId>,
		market: MarketId,
	) -> Result<Side, DispatchError> {
		let (side, _) = T::Margin::held(who, market)?.ok_or(Error::<T>::NothingToReduce)?;
		Ok(side.opposite())
	}

	pub(crate) fn next_order() -> OrderId {
		NextOrder::<T>::mutate(|next| {
			let id = *next;
			*next = next.saturating_add(1);
			id
		})
	}

	/// Change an order. Only one that becomes smaller at its price keeps its place in the queue.
	pub(crate) fn do_amend(
		who: &MarginAccount<T::AccountId>,
		name: OrderName,
		size: Option<Size>,
		price: Option<Price>,
		post_only: PostOnly,
	) -> Result<u32, Refused> {
		let mut orders = Orders::<T>::get(who);
		let (index, old) = Self::find(&orders, name)?;
		let filled = old.size.0.saturating_sub(old.left.0);
		let mut new = old;
		new.size = size.unwrap_or(old.size);
		new.price = price.unwrap_or(old.price);
		new.left = Size(new.size.0.checked_sub(filled).ok_or(Error::<T>::AlreadyFilled)?);
		ensure!(!new.left.is_zero(), Error::<T>::AlreadyFilled);
		ensure!(new != old, Error::<T>::NothingToAmend);
		let account = who.clone();
		if new.price == old.price && new.size < old.size {
			let terms = T::Margin::terms(new.market, new.intent)?;
			Self::ensure_size(who, &new, &terms)?;
			if let Some(order) = orders.get_mut(index) {
				*order = new;
			}
			Self::keep_list(who, orders);
			Self::deposit_event(Event::OrderAmended { account, order: new });
			return Ok(0);
		}
		orders.remove(index);
		Self::take_off_book(&old);
		Self::keep_list(who, orders.clone());
		new.sequence = Self::next_order();
		let time_in_force = match new.expires {
			Some(block) => TimeInForce::GoodTillBlock(block),
			None => TimeInForce::GoodTillCancelled,
		};
		let wish = Wish { time_in_force, post_only, self_trade: SelfTrade::default() };
		Self::submit(who, orders, new, &wish, |order| Event::OrderAmended { account, order })
	}

	/// Fill what can be filled of an order that is not on the book, and let rest what may.
	fn submit(
		who: &MarginAccount<T::AccountId>,
		orders: OrderList<T>,
		mut order: OrderOf<T>,
		wish: &Wish<BlockNumberFor<T>>,
		news: impl FnOnce(OrderOf<T>) -> Event<T>,
	) -> Result<u32, Refused> {
		let mut terms = T::Margin::terms(order.market, order.intent)?;
		let collects = Self::collects(order.market)?;
		terms.matches = terms.matches && !collects;
		Self::ensure_price(order.price, &terms)?;
		Self::ensure_size(who, &order, &terms)?;
		Self::ensure_wish(wish, &terms)?;
		if wish.time_in_force.rests() {
			Self::ensure_room(&orders, order.market)?;
		}
		if order.intent == Intent::Trade {
			T::Margin::ensure_backed(who, &Self::sums(orders.iter().chain([&order])))?;
		}
		if terms.matches && wish.post_only != PostOnly::No {
			order.price = Self::resting_price(&order, wish.post_only, &terms)?;
		}
		Self::deposit_event(news(order));
		let met = if terms.matches {
			Self::match_order(who, &mut order, wish.self_trade, &terms)?
		} else {
			Met::default()
		};
		if order.left.is_zero() {
			return Ok(met.count);
		}
		if wish.time_in_force == TimeInForce::FillOrKill {
			let error = met.refusal.unwrap_or_else(|| Error::<T>::NotFilled.into());
			return Err(Refused { error, met: met.count });
		}
		// What was met may have been an order of the same account.
		let mut orders = if met.count == 0 { orders } else { Orders::<T>::get(who) };
		match Self::reason_to_cancel(who, &orders, &order, wish, &met) {
			Some(reason) => Self::tell_cancelled(who, &order, reason),
			None => {
				if !terms.matches && !collects {
					Self::note_collected(order.market)?;
				}
				Self::put_on_book(who, &order);
				orders.try_push(order).map_err(|_| Error::<T>::TooManyOrders)?;
				Self::keep_list(who, orders);
			}
		}
		Ok(met.count)
	}

	/// Why what is left of an order must not rest.
	fn reason_to_cancel(
		who: &MarginAccount<T::AccountId>,
		orders: &OrderList<T>,
		order: &OrderOf<T>,
		wish: &Wish<BlockNumberFor<T>>,
		met: &Met,
	) -> Option<CancelReason> {
		match met.end {
			End::SelfTrade => Some(CancelReason::SelfTrade),
			// It would rest across the orders that it has not met.
			End::Limit => Some(CancelReason::FillLimit),
			End::Refused => Some(CancelReason::MarketRefused),
			End::NothingLeft if !wish.time_in_force.rests() => Some(CancelReason::NotFilled),
			End::NothingLeft if met.count == 0 || order.intent == Intent::Reduce => None,
			End::NothingLeft => T::Margin::ensure_backed(who, &Self::sums(orders.iter().chain([order])))
				.is_err()
				.then_some(CancelReason::NotBacked),
		}
	}

	fn ensure_price(price: Price, terms: &Terms) -> Result<(), DispatchError> {
		ensure!(price.in_bounds(), Error::<T>::InvalidPrice);
		ensure!(price.0.is_multiple_of(terms.tick.0), Error::<T>::NotWholeTicks);
		ensure!(terms.is_within_band(price), Error::<T>::OutsideBand);
		Ok(())
	}

	/// Whole lots, worth a least amount; only what closes a position whole may be less. A reduction is no larger
	/// than what is held.
	fn ensure_size(
		who: &MarginAccount<T::AccountId>,
		order: &OrderOf<T>,
		terms: &Terms,
	) -> Result<(), DispatchError> {
		ensure!(!order.left.is_zero(), Error::<T>::ZeroSize);
		if order.intent == Intent::Reduce {
			let held = T::Margin::held(who, order.market)?.filter(|(side, _)| *side != order.side);
			let (_, held) = held.ok_or(Error::<T>::NothingToReduce)?;
			ensure!(order.left <= held, Error::<T>::WouldFlip);
			if order.left == held {
				return Ok(());
			}
		}
		ensure!(order.left.0.is_multiple_of(terms.lot.0), Error::<T>::NotWholeLots);
		let worth = notional(order.left, order.price).map_err(|_| Error::<T>::OrderTooLarge)?;
		ensure!(worth >= terms.least, Error::<T>::OrderTooSmall);
		Ok(())
	}

	fn ensure_wish(wish: &Wish<BlockNumberFor<T>>, terms: &Terms) -> Result<(), DispatchError> {
		if !wish.time_in_force.rests() {
			ensure!(wish.post_only == PostOnly::No, Error::<T>::PostOnlyMustRest);
			ensure!(terms.matches, Error::<T>::Collecting);
		}
		if let TimeInForce::GoodTillBlock(block) = wish.time_in_force {
			let now = frame_system::Pallet::<T>::block_number();
			let latest = now.saturating_add(T::MaxOrderLife::get());
			ensure!(block >= now && block <= latest, Error::<T>::InvalidExpiry);
		}
		Ok(())
	}

	/// The price at which an order rests that must not be filled at once.
	fn resting_price(order: &OrderOf<T>, post_only: PostOnly, terms: &Terms) -> Result<Price, DispatchError> {
		let best = Ladder::new::<T>(order.market, order.side.opposite()).best();
		let Some(best) = best.filter(|best| crosses(order.side, order.price, *best)) else {
			return Ok(order.price);
		};
		ensure!(post_only == PostOnly::Slide, Error::<T>::WouldCross);
		let slid = match order.side {
			Side::Long => best.0.saturating_sub(terms.tick.0),
			Side::Short => best.0.saturating_add(terms.tick.0),
		};
		// The tick may have been changed since the best order came.
		let slid = match order.side {
			Side::Long => slid.checked_div(terms.tick.0),
			Side::Short => Some(slid.div_ceil(terms.tick.0.max(1))),
		};
		let slid = Price(slid.unwrap_or_default().saturating_mul(terms.tick.0));
		Self::ensure_price(slid, terms)?;
		Ok(slid)
	}
}
