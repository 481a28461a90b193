// SPDX-License-Identifier: Apache-2.0
//! What must hold between calls.

use crate::{
	ladder::{rank, Ladder},
	lists::sorted_block,
	pallet::{Book, Config, Deadlines, Expiries, Orders, Pallet, Schedule, Switches},
	types::OrderName,
};
use alloc::collections::BTreeSet;
use frame_support::{ensure, traits::Get};
use keel_primitives::Side;
use keel_traits::{Clearing, Intent};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// - What is on the book is in the list of its account, once, and the other way round.
	/// - Something is left of each order, and no more than it is in all.
	/// - Ids and client ids of an account are its own; lists keep to their limits.
	/// - The calendar holds the orders that expire and no other; so do the deadlines of switches.
	/// - Where orders are matched as they come, no bid is as high as an ask.
	/// - Fees are sound.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut count = 0_usize;
		let (mut expiring, mut ids) = (0_usize, BTreeSet::new());
		for (who, orders) in Orders::<T>::iter() {
			ensure!(!orders.is_empty(), "an empty list is forgotten");
			for (index, order) in orders.iter().enumerate() {
				let place = rank(order.side, order.price, order.sequence);
				let owner = Book::<T>::get((order.market, order.side, place));
				ensure!(owner.as_ref() == Some(&who), "an order of a list is on the book");
				ensure!(!order.left.is_zero() && order.left <= order.size, "something is left of an order");
				ensure!(ids.insert(order.id), "an id is given once");
				let others = orders.iter().skip(index.saturating_add(1));
				let is_shared = order
					.client
					.is_some_and(|id| others.clone().any(|other| other.is_named(OrderName::Client(id))));
				ensure!(!is_shared, "a client id is used once");
				let here = orders.iter().filter(|other| other.market == order.market).count();
				let most = usize::try_from(T::MaxOrdersPerMarket::get()).unwrap_or(usize::MAX);
				ensure!(here <= most, "a market has no more orders of an account than it may");
				if let Some(block) = order.expires {
					let entry = Expiries::<T>::get((sorted_block::<T>(block), order.id));
					ensure!(entry.as_ref() == Some(&who), "who expires is in the calendar");
					expiring = expiring.saturating_add(1);
				}
			}
			count = count.saturating_add(orders.len());
		}
		ensure!(Book::<T>::iter_keys().count() == count, "what is on the book is in a list");
		ensure!(Expiries::<T>::iter_keys().count() == expiring, "the calendar holds orders that expire");
		for (who, deadline) in Switches::<T>::iter() {
			let is_set = Deadlines::<T>::contains_key((sorted_block::<T>(deadline), who));
			ensure!(is_set, "a switch has its deadline");
		}
		ensure!(Deadlines::<T>::iter_keys().count() == Switches::<T>::iter_keys().count(), "one each");
		for market in Book::<T>::iter_keys().map(|(market, ..)| market).collect::<BTreeSet<_>>() {
			let matches = T::Margin::terms(market, Intent::Reduce).is_ok_and(|terms| terms.matches);
			let [bid, ask] = Side::BOTH.map(|side| Ladder::new::<T>(market, side).best::<T>());
			let is_crossed = bid.zip(ask).is_some_and(|(bid, ask)| bid >= ask);
			ensure!(!matches || !is_crossed, "the book is not crossed");
		}
		ensure!(Schedule::<T>::get().is_sound(), "the fee schedule is sound");
		Ok(())
	}
}
