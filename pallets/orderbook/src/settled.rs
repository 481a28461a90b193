// SPDX-License-Identifier: Apache-2.0
//! The end of a market's orders: when it is settled they leave the book, with what waits for its mark. Listed again it
//! begins with an empty book, and nobody trades by an order that was meant for the market as it was.

use crate::{
	auction::Stage,
	conditional::trigger_of,
	ladder::Ladder,
	pallet::{Auctions, Config, Orders, Pallet, Settled, Triggers},
	types::{CancelReason, ConditionalEnd, When},
	weights::WeightInfo,
};
use frame_support::{defensive, weights::WeightMeter};
use keel_ordered::Ordered;
use keel_primitives::{FeedId, MarketId, Side};
use keel_traits::OnMarketListed;

impl<T: Config> Pallet<T> {
	/// Take the orders of markets that are settled off the book, and off the triggers, within half of the weight that is left:
	/// what waits in other markets goes on. Goes on in the next block where the weight ends.
	pub(crate) fn clear_settled(left: &mut WeightMeter) {
		let mut half = WeightMeter::with_limit(left.remaining().saturating_div(2));
		Self::clear_within(&mut half);
		left.consume(half.consumed());
	}

	fn clear_within(meter: &mut WeightMeter) {
		for market in Settled::<T>::get() {
			if !Self::clear_book(market, meter) || !Self::clear_triggers(market, meter) {
				return;
			}
			Auctions::<T>::mutate(|auctions| {
				if auctions.get(&market).is_some_and(|auction| !auction.every_block) {
					auctions.remove(&market);
				} else if let Some(auction) = auctions.get_mut(&market) {
					auction.stage = Stage::Collecting;
				}
			});
			Settled::<T>::mutate(|markets| markets.remove(&market));
		}
	}

	/// Returns whether no order is left.
	fn clear_book(market: MarketId, meter: &mut WeightMeter) -> bool {
		for side in Side::BOTH {
			let ladder = Ladder::new::<T>(market, side);
			// A walk goes on from its place: from the front it would pass all that this block has deleted.
			let mut rung = ladder.first::<T>();
			while let Some(at) = rung {
				if meter.try_consume(T::WeightInfo::expire_order()).is_err() {
					return false;
				}
				let mut orders = Orders::<T>::get(&at.account);
				let reason = CancelReason::MarketSettled;
				let gone =
					Self::cancel_where(&at.account, &mut orders, reason, |it| it.sequence == at.sequence);
				if gone == 0 {
					Self::drop_orphan(market, side, &at);
				} else {
					Self::keep_list(&at.account, orders);
				}
				rung = ladder.after::<T>(&at.place);
			}
		}
		true
	}

	/// Returns whether nothing waits any more.
	fn clear_triggers(market: MarketId, meter: &mut WeightMeter) -> bool {
		for when in [When::AtOrBelow, When::AtOrAbove] {
			let map = Ordered::new(Triggers::<T>::iter_key_prefix((market, when)).prefix().to_vec());
			let mut entry = map.first();
			while let Some(at) = entry {
				if meter.try_consume(T::WeightInfo::cancel_conditional(1)).is_err() {
					return false;
				}
				let ended = trigger_of(when, at.rest())
					.is_some_and(|(_, id)| Self::end_conditional(&at.raw, id, ConditionalEnd::MarketSettled));
				if !ended {
					defensive!("a trigger belongs to a conditional order");
					frame_support::storage::unhashed::kill(&at.raw);
				}
				entry = map.after(&at.raw);
			}
		}
		true
	}
}

impl<T: Config> OnMarketListed for Pallet<T> {
	fn on_market_listed(_: MarketId, _: FeedId) {}

	fn on_market_settling(market: MarketId) {
		Settled::<T>::mutate(|markets| {
			if markets.try_insert(market).is_err() {
				defensive!("there are no more markets than there may be");
			}
		});
	}
}
