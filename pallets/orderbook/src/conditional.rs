// SPDX-License-Identifier: Apache-2.0
//! Conditional orders: stops and take-profits. They wait off the book, sorted by their trigger price, and are placed
//! when mark reaches it.
//!
//! They reserve nothing while they wait, and are judged like any order when they are placed. In a market that collects
//! orders they are placed into its next auction.

use crate::{
	ladder::{rank, Rank},
	pallet::{Conditionals, Config, Error, Event, Pallet, Triggers, Watched},
	placing::Refused,
	types::{ConditionalEnd, NewOrder, OrderId, TimeInForce, When},
	weights::WeightInfo,
	ConditionalList, ConditionalOf,
};
use codec::Decode;
use frame_support::{ensure, storage::with_storage_layer, traits::Get, weights::WeightMeter};
use keel_math::units::SIZE_MAX;
use keel_ordered::Ordered;
use keel_primitives::{MarginAccount, MarketId, Price, Side, Size};
use keel_traits::{Clearing, Intent, Terms};
use sp_runtime::{
	traits::{One, Saturating},
	DispatchError, DispatchResult,
};

/// Bytes that sort as conditional orders fire while mark moves their way; at a price who came first.
pub(crate) fn trigger_rank(when: When, price: Price, id: OrderId) -> Rank {
	// A falling mark meets the highest trigger first, as a seller meets the highest bid.
	let side = match when {
		When::AtOrAbove => Side::Short,
		When::AtOrBelow => Side::Long,
	};
	rank(side, price, id)
}

impl When {
	/// Whether mark has reached a trigger.
	pub fn is_met(self, trigger: Price, mark: Price) -> bool {
		match self {
			Self::AtOrAbove => mark >= trigger,
			Self::AtOrBelow => mark <= trigger,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Let an order wait for mark.
	pub(crate) fn do_place_conditional(
		who: &MarginAccount<T::AccountId>,
		mut new: ConditionalOf<T>,
	) -> DispatchResult {
		let NewOrder { market, size, price, intent, .. } = new.order;
		let terms = T::Margin::terms(market, intent)?;
		for price in [new.trigger, price] {
			ensure!(price.in_bounds(), Error::<T>::InvalidPrice);
			ensure!(price.0.is_multiple_of(terms.tick.0), Error::<T>::NotWholeTicks);
		}
		ensure!(!new.when.is_met(new.trigger, terms.mark), Error::<T>::WouldFireAtOnce);
		ensure!(!size.is_zero(), Error::<T>::ZeroSize);
		ensure!(size <= SIZE_MAX, Error::<T>::OrderTooLarge);
		let mut list = Conditionals::<T>::get(who);
		new.id = Self::next_order();
		if let Some(other) = new.other {
			let partner = list.iter_mut().find(|waiting| waiting.id == other);
			let partner = partner.ok_or(Error::<T>::UnknownOrder)?;
			ensure!(partner.other.is_none(), Error::<T>::AlreadyPaired);
			partner.other = Some(new.id);
		}
		list.try_push(new).map_err(|_| Error::<T>::TooManyConditionals)?;
		Conditionals::<T>::insert(who, list);
		Triggers::<T>::insert((market, new.when, trigger_rank(new.when, new.trigger, new.id)), who);
		Self::watch(market, 1)?;
		Self::deposit_event(Event::ConditionalPlaced { account: who.clone(), conditional: new });
		Ok(())
	}

	/// Take one off, or all of an account. Returns how many there were.
	pub(crate) fn do_cancel_conditional(
		who: &MarginAccount<T::AccountId>,
		id: Option<OrderId>,
	) -> Result<u32, DispatchError> {
		let list = Conditionals::<T>::get(who);
		let meant: alloc::vec::Vec<OrderId> = list
			.iter()
			.map(|waiting| waiting.id)
			.filter(|waiting| id.is_none_or(|id| *waiting == id))
			.collect();
		ensure!(id.is_none() || !meant.is_empty(), Error::<T>::UnknownOrder);
		let mut list = list;
		for id in &meant {
			if let Some(gone) = Self::remove_conditional(&mut list, *id) {
				Self::tell_conditional(who, gone.id, ConditionalEnd::Cancelled);
			}
		}
		Self::keep_conditionals(who, list);
		Ok(u32::try_from(meant.len()).unwrap_or(u32::MAX))
	}

	/// Take one off its list and the triggers. What it was paired with waits alone from now on.
	fn remove_conditional(list: &mut ConditionalList<T>, id: OrderId) -> Option<ConditionalOf<T>> {
		let index = list.iter().position(|waiting| waiting.id == id)?;
		let gone = list.remove(index);
		Triggers::<T>::remove((gone.order.market, gone.when, trigger_rank(gone.when, gone.trigger, id)));
		// It was counted when it came.
		let _ = Self::watch(gone.order.market, -1);
		for waiting in list.iter_mut().filter(|waiting| waiting.other == Some(id)) {
			waiting.other = None;
		}
		Some(gone)
	}

	/// End the wait of one whose trigger is there. Returns whether there was one.
	pub(crate) fn end_conditional(raw: &[u8], id: OrderId, end: ConditionalEnd) -> bool {
		let Some(who) = frame_support::storage::unhashed::get::<MarginAccount<T::AccountId>>(raw) else {
			return false;
		};
		let mut list = Conditionals::<T>::get(&who);
		if Self::remove_conditional(&mut list, id).is_none() {
			return false;
		}
		Self::keep_conditionals(&who, list);
		Self::tell_conditional(&who, id, end);
		true
	}

	fn keep_conditionals(who: &MarginAccount<T::AccountId>, list: ConditionalList<T>) {
		if list.is_empty() {
			Conditionals::<T>::remove(who);
		} else {
			Conditionals::<T>::insert(who, list);
		}
	}

	fn tell_conditional(who: &MarginAccount<T::AccountId>, conditional: OrderId, end: ConditionalEnd) {
		Self::deposit_event(Event::ConditionalEnded { account: who.clone(), conditional, end });
	}

	/// Count the conditional orders of a market: only markets that have some are looked at.
	fn watch(market: MarketId, by: i8) -> DispatchResult {
		Watched::<T>::try_mutate(|watched| {
			let count = watched.get(&market).copied().unwrap_or_default().saturating_add_signed(by.into());
			if count == 0 {
				watched.remove(&market);
			} else {
				watched.try_insert(market, count).map_err(|_| Error::<T>::TooManyConditionals)?;
			}
			Ok(())
		})
	}

	/// Place the conditional orders whose trigger mark has reached, in every market that trades. Goes on in the next
	/// block where the weight ends.
	pub(crate) fn fire_conditionals(meter: &mut WeightMeter) {
		for market in Watched::<T>::get().into_inner().into_keys() {
			if meter.try_consume(T::WeightInfo::look_at_triggers()).is_err() {
				return;
			}
			let Ok(terms) = T::Margin::terms(market, Intent::Reduce) else { continue };
			// While orders are collected nothing fires: it would act before the auction does.
			if !terms.matches || Self::collects(market).is_err() {
				continue;
			}
			for when in [When::AtOrBelow, When::AtOrAbove] {
				if !Self::fire_in(market, when, &terms, meter) {
					return;
				}
			}
		}
	}

	/// Fire in one direction. Returns whether there was weight for all.
	pub(crate) fn fire_in(market: MarketId, when: When, terms: &Terms, meter: &mut WeightMeter) -> bool {
		let map = Ordered::new(Triggers::<T>::iter_key_prefix((market, when)).prefix().to_vec());
		let mut entry = map.first();
		while let Some(at) = entry {
			let Some((trigger, id)) = trigger_of(when, at.rest()) else { return true };
			if !when.is_met(trigger, terms.mark) {
				return true;
			}
			let most = T::WeightInfo::fire_conditional().saturating_add(Self::meeting(T::MaxFills::get()));
			if !meter.can_consume(most) {
				return false;
			}
			let met = Self::fire_one(&at.raw, id, terms);
			meter.consume(T::WeightInfo::fire_conditional().saturating_add(Self::meeting(met)));
			entry = map.after(&at.raw);
		}
		true
	}

	/// Place one. Returns how many resting orders it has met.
	fn fire_one(raw: &[u8], id: OrderId, terms: &Terms) -> u32 {
		let Some(who) = frame_support::storage::unhashed::get::<MarginAccount<T::AccountId>>(raw) else {
			return 0;
		};
		let mut list = Conditionals::<T>::get(&who);
		let Some(fired) = Self::remove_conditional(&mut list, id) else {
			frame_support::defensive!("a trigger belongs to a conditional order");
			frame_support::storage::unhashed::kill(raw);
			return 0;
		};
		if let Some(other) = fired.other.and_then(|other| Self::remove_conditional(&mut list, other)) {
			Self::tell_conditional(&who, other.id, ConditionalEnd::OtherFired);
		}
		Self::keep_conditionals(&who, list);
		let placed = with_storage_layer(|| {
			let new = Self::as_placed(&who, &fired, terms)?;
			Self::do_place(&who, &new)
		});
		let (end, met) = match placed {
			Ok(met) => (ConditionalEnd::Fired, met),
			Err(Refused { error, met }) => (ConditionalEnd::Refused(error), met),
		};
		Self::tell_conditional(&who, id, end);
		met
	}

	/// The order as it is placed: no worse than the edge of the band, and a reduction no larger than what is held.
	/// Into an auction it must rest, and if it was meant to be filled at once it does so until the next block.
	fn as_placed(
		who: &MarginAccount<T::AccountId>,
		fired: &ConditionalOf<T>,
		terms: &Terms,
	) -> Result<crate::NewOrderOf<T>, DispatchError> {
		let mut new = fired.order;
		let tick = terms.tick.0.max(1);
		new.price = match new.side {
			Side::Long => {
				let edge =
					terms.highest.0.saturating_sub(terms.highest.0.checked_rem(tick).unwrap_or_default());
				new.price.min(Price(edge))
			}
			Side::Short => new.price.max(Price(terms.lowest.0.div_ceil(tick).saturating_mul(tick))),
		};
		if new.intent == Intent::Reduce {
			let held = T::Margin::held(who, new.market)?.filter(|(side, _)| *side != new.side);
			new.size = new.size.min(held.map_or(Size::ZERO, |(_, size)| size));
			ensure!(!new.size.is_zero(), Error::<T>::NothingToReduce);
		}
		if !new.time_in_force.rests() && Self::collects(new.market)? {
			let next = frame_system::Pallet::<T>::block_number().saturating_add(One::one());
			new.time_in_force = TimeInForce::GoodTillBlock(next);
		}
		Ok(new)
	}
}

/// Trigger price and id of sorted bytes.
pub(crate) fn trigger_of(when: When, mut sorted: &[u8]) -> Option<(Price, OrderId)> {
	let price = u128::from_be_bytes(<[u8; 16]>::decode(&mut sorted).ok()?);
	let id = u64::from_be_bytes(<[u8; 8]>::decode(&mut sorted).ok()?);
	let price = match when {
		When::AtOrAbove => price,
		When::AtOrBelow => !price,
	};
	Some((Price(price), id))
}
