// SPDX-License-Identifier: Apache-2.0
//! The orders of an account: one list, which is all there is to read to know them.
//!
//! The book holds only who comes when; what an order is stands in its account's list. So a maker that is filled
//! in part writes one item, and what open orders reserve is one item to read.

use crate::{
	ladder::rank,
	pallet::{Book, Config, Error, Event, Expiries, Orders, Pallet},
	types::{CancelReason, Order, OrderName},
	OrderList, OrderOf,
};
use alloc::vec::Vec;
use frame_support::{ensure, traits::Get};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_primitives::{MarginAccount, MarketId, Side, Size};
use keel_traits::{Intent, OpenOrders, OrderReserve};
use sp_runtime::{traits::UniqueSaturatedInto, DispatchError};

/// A block as it sorts.
pub(crate) fn sorted_block<T: Config>(block: BlockNumberFor<T>) -> [u8; 4] {
	let block: u32 = block.unique_saturated_into();
	block.to_be_bytes()
}

impl<T: Config> Pallet<T> {
	/// Where an order of a list is.
	pub(crate) fn find(orders: &OrderList<T>, name: OrderName) -> Result<(usize, OrderOf<T>), DispatchError> {
		let found = orders.iter().copied().enumerate().find(|(_, order)| order.is_named(name));
		found.ok_or_else(|| Error::<T>::UnknownOrder.into())
	}

	/// Write a list, or forget it when it is empty.
	pub(crate) fn keep_list(who: &MarginAccount<T::AccountId>, orders: OrderList<T>) {
		if orders.is_empty() {
			Orders::<T>::remove(who);
		} else {
			Orders::<T>::insert(who, orders);
		}
	}

	/// Put an order on the book and its expiry into the calendar. The caller puts it into the list.
	pub(crate) fn put_on_book(who: &MarginAccount<T::AccountId>, order: &OrderOf<T>) {
		let place = rank(order.side, order.price, order.sequence);
		Book::<T>::insert((order.market, order.side, place), who);
		if let Some(block) = order.expires {
			Expiries::<T>::insert((sorted_block::<T>(block), order.id.to_be_bytes()), who);
		}
	}

	/// Take an order off the book and the calendar. The caller takes it off the list.
	pub(crate) fn take_off_book(order: &OrderOf<T>) {
		let place = rank(order.side, order.price, order.sequence);
		Book::<T>::remove((order.market, order.side, place));
		if let Some(block) = order.expires {
			Expiries::<T>::remove((sorted_block::<T>(block), order.id.to_be_bytes()));
		}
	}

	/// Take the orders off that `is_meant`, and tell why. Returns how many there were.
	pub(crate) fn cancel_where(
		who: &MarginAccount<T::AccountId>,
		orders: &mut OrderList<T>,
		reason: CancelReason,
		is_meant: impl Fn(&OrderOf<T>) -> bool,
	) -> u32 {
		let before = orders.len();
		orders.retain(|order| {
			if !is_meant(order) {
				return true;
			}
			Self::take_off_book(order);
			Self::tell_cancelled(who, order, reason);
			false
		});
		u32::try_from(before.saturating_sub(orders.len())).unwrap_or(u32::MAX)
	}

	pub(crate) fn tell_cancelled(
		who: &MarginAccount<T::AccountId>,
		order: &OrderOf<T>,
		reason: CancelReason,
	) {
		let (account, order, left) = (who.clone(), order.id, order.left);
		Self::deposit_event(Event::OrderCancelled { order, account, left, reason });
	}

	/// Whether one more may rest in a market.
	pub(crate) fn ensure_room(orders: &OrderList<T>, market: MarketId) -> Result<(), DispatchError> {
		let all = u32::try_from(orders.len()).unwrap_or(u32::MAX);
		ensure!(all < T::MaxOrders::get(), Error::<T>::TooManyOrders);
		let here = orders.iter().filter(|order| order.market == market).count();
		let here = u32::try_from(here).unwrap_or(u32::MAX);
		ensure!(here < T::MaxOrdersPerMarket::get(), Error::<T>::TooManyOrdersInMarket);
		Ok(())
	}

	/// What orders may open, by market.
	pub(crate) fn sums<'a>(orders: impl IntoIterator<Item = &'a OrderOf<T>>) -> Vec<OpenOrders>
	where
		OrderOf<T>: 'a,
	{
		let mut sums: Vec<OpenOrders> = Vec::new();
		for order in orders.into_iter().filter(|order| order.intent == Intent::Trade) {
			let Order { market, side, left, .. } = *order;
			let index = sums.iter().position(|sum| sum.market == market).unwrap_or_else(|| {
				sums.push(OpenOrders { market, buys: Size::ZERO, sells: Size::ZERO });
				sums.len().saturating_sub(1)
			});
			if let Some(sum) = sums.get_mut(index) {
				let size = match side {
					Side::Long => &mut sum.buys,
					Side::Short => &mut sum.sells,
				};
				// Sizes are below 2^96 each, and there are few: it never saturates.
				size.0 = size.0.saturating_add(left.0);
			}
		}
		sums
	}
}

impl<T: Config> OrderReserve<T::AccountId> for Pallet<T> {
	fn open_orders(account: &MarginAccount<T::AccountId>) -> Vec<OpenOrders> {
		Self::sums(&Orders::<T>::get(account))
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn fill_up(account: &MarginAccount<T::AccountId>, markets: &[MarketId]) {
		crate::benchmarking::fill_list::<T>(account, markets, T::MaxOrders::get());
	}
}
