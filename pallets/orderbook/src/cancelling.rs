// SPDX-License-Identifier: Apache-2.0
//! Orders that go: at their owner's word, when their time is over, or when he is not heard of.

use crate::{
	lists::sorted_block,
	pallet::{Config, Deadlines, Error, Event, Expiries, Orders, Pallet, Switches},
	types::{CancelReason, OrderName},
	weights::WeightInfo,
};
use codec::Decode;
use frame_support::{ensure, storage::StoragePrefixedMap, traits::Get, weights::WeightMeter};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_ordered::Ordered;
use keel_primitives::{MarginAccount, MarketId};
use sp_runtime::{traits::Saturating, DispatchResult};

impl<T: Config> Pallet<T> {
	/// Cancel one.
	pub(crate) fn do_cancel(who: &MarginAccount<T::AccountId>, name: OrderName) -> DispatchResult {
		let mut orders = Orders::<T>::get(who);
		let (index, order) = Self::find(&orders, name)?;
		orders.remove(index);
		Self::take_off_book(&order);
		Self::keep_list(who, orders);
		Self::tell_cancelled(who, &order, CancelReason::Owner);
		Ok(())
	}

	/// Cancel all, or all in a market. Returns how many there were: none is no error.
	pub(crate) fn cancel_all_of(
		who: &MarginAccount<T::AccountId>,
		market: Option<MarketId>,
		reason: CancelReason,
	) -> u32 {
		let mut orders = Orders::<T>::get(who);
		let count = Self::cancel_where(who, &mut orders, reason, |order| {
			market.is_none_or(|market| order.market == market)
		});
		if count > 0 {
			Self::keep_list(who, orders);
		}
		count
	}

	/// Set the dead man's switch of an account, push it further away, or take it off.
	pub(crate) fn set_switch(
		who: &MarginAccount<T::AccountId>,
		after: Option<BlockNumberFor<T>>,
	) -> DispatchResult {
		if let Some(old) = Switches::<T>::take(who) {
			Deadlines::<T>::remove((sorted_block::<T>(old), who));
		}
		let deadline = match after {
			Some(blocks) => {
				let is_possible = blocks > BlockNumberFor::<T>::default() && blocks <= T::MaxSwitch::get();
				ensure!(is_possible, Error::<T>::InvalidSwitch);
				let deadline = frame_system::Pallet::<T>::block_number().saturating_add(blocks);
				Switches::<T>::insert(who, deadline);
				Deadlines::<T>::insert((sorted_block::<T>(deadline), who), ());
				Some(deadline)
			}
			None => None,
		};
		Self::deposit_event(Event::SwitchSet { account: who.clone(), deadline });
		Ok(())
	}

	/// Cancel orders whose last block has passed, oldest first. Goes on in the next block where the weight ends.
	pub(crate) fn expire_orders(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		let map = Ordered::new(Expiries::<T>::final_prefix().to_vec());
		let mut entry = map.first();
		while let Some(at) = entry {
			let mut rest = at.rest();
			let Ok((block, id)) = <([u8; 4], [u8; 8])>::decode(&mut rest) else { return };
			if block >= sorted_block::<T>(now) || meter.try_consume(T::WeightInfo::expire_order()).is_err() {
				return;
			}
			if let Some(who) = Expiries::<T>::take((block, id)) {
				let mut orders = Orders::<T>::get(&who);
				let is_meant = |order: &crate::OrderOf<T>| order.id == u64::from_be_bytes(id);
				Self::cancel_where(&who, &mut orders, CancelReason::Expired, is_meant);
				Self::keep_list(&who, orders);
			}
			entry = map.after(&at.raw);
		}
	}

	/// Cancel all orders of whoever has not been heard of in time.
	pub(crate) fn fire_switches(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		let map = Ordered::new(Deadlines::<T>::final_prefix().to_vec());
		let mut entry = map.first();
		while let Some(at) = entry {
			let mut rest = at.rest();
			let Ok(block) = <[u8; 4]>::decode(&mut rest) else { return };
			let Ok(who) = MarginAccount::<T::AccountId>::decode(&mut rest) else { return };
			let weight = T::WeightInfo::fire_switch(T::MaxOrders::get());
			if block >= sorted_block::<T>(now) || meter.try_consume(weight).is_err() {
				return;
			}
			Deadlines::<T>::remove((block, &who));
			Switches::<T>::remove(&who);
			let cancelled = Self::cancel_all_of(&who, None, CancelReason::SwitchFired);
			Self::deposit_event(Event::SwitchFired { account: who, cancelled });
			entry = map.after(&at.raw);
		}
	}
}
