// SPDX-License-Identifier: Apache-2.0
//! What must hold between calls.

use crate::{
	conditional::trigger_rank,
	ladder::{rank, Ladder},
	lists::sorted_block,
	pallet::{
		Auctions, Book, Conditionals, Config, Deadlines, Expiries, Orders, Pallet, Schedule, Switches,
		Triggers, Watched,
	},
	types::OrderName,
};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::Get};
use keel_primitives::{MarketId, Side};
use keel_traits::{Clearing, Intent};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// - What is on the book is in the list of its account, once, and the other way round.
	/// - Something is left of each order, and no more than it is in all.
	/// - Ids and client ids of an account are its own; lists keep to their limits.
	/// - The calendar holds the orders that expire and no other; so do the deadlines of switches.
	/// - A conditional order has its trigger, once, and markets that have some are counted.
	/// - Where orders are matched as they come, no bid is as high as an ask.
	/// - Fees are sound.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
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
					let entry = Expiries::<T>::get((sorted_block::<T>(block), order.id.to_be_bytes()));
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
		let deadlines = Deadlines::<T>::iter_keys().count();
		ensure!(deadlines == Switches::<T>::iter_keys().count(), "a deadline has its switch");
		for market in Book::<T>::iter_keys().map(|(market, ..)| market).collect::<BTreeSet<_>>() {
			let matches = T::Margin::terms(market, Intent::Reduce).is_ok_and(|terms| terms.matches)
				&& !Auctions::<T>::get().contains_key(&market);
			let [bid, ask] = Side::BOTH.map(|side| Ladder::new::<T>(market, side).best());
			let is_crossed = bid.zip(ask).is_some_and(|(bid, ask)| bid >= ask);
			ensure!(!matches || !is_crossed, "the book is not crossed");
		}
		let mut watched = BTreeMap::<MarketId, u32>::new();
		for (who, list) in Conditionals::<T>::iter() {
			ensure!(!list.is_empty(), "an empty list is forgotten");
			for waiting in &list {
				let place = trigger_rank(waiting.when, waiting.trigger, waiting.id);
				let owner = Triggers::<T>::get((waiting.order.market, waiting.when, place));
				ensure!(owner.as_ref() == Some(&who), "a conditional order has its trigger");
				let partner = waiting.other.map(|other| list.iter().find(|it| it.id == other));
				let is_mutual = partner.is_none_or(|it| it.is_some_and(|it| it.other == Some(waiting.id)));
				ensure!(is_mutual, "a pair knows each other");
				watched
					.entry(waiting.order.market)
					.and_modify(|count| *count = count.saturating_add(1))
					.or_insert(1);
			}
		}
		let count: usize = Triggers::<T>::iter_keys().count();
		let counted = watched.values().fold(0_u32, |sum, count| sum.saturating_add(*count));
		ensure!(u32::try_from(count) == Ok(counted), "a trigger has its conditional order");
		ensure!(Watched::<T>::get().into_inner() == watched, "markets with triggers are counted");
		ensure!(Schedule::<T>::get().is_sound(), "the fee schedule is sound");
		Ok(())
	}
}
