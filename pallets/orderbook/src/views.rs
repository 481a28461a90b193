// SPDX-License-Identifier: Apache-2.0
//! What people and tools see.

use crate::{
	ladder::Ladder,
	pallet::{Config, Orders, Pallet},
	OrderOf,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use keel_primitives::{MarginAccount, MarketId, Price, Side, Size};
use scale_info::TypeInfo;

/// The most orders that are looked at for a depth, whoever asks: a public node answers too.
pub const MOST: u32 = 1_000;

/// All orders of a side at a price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct DepthLevel {
	/// The price.
	pub price: Price,
	/// What is left of the orders.
	pub size: Size,
	/// How many they are.
	pub orders: u32,
}

/// The book of a market by price: the best first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Depth {
	/// Who buys.
	pub bids: Vec<DepthLevel>,
	/// Who sells.
	pub asks: Vec<DepthLevel>,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn depth_of(market: MarketId, levels: u32) -> Depth {
		let [bids, asks] = Side::BOTH.map(|side| Self::depth_side(market, side, levels));
		Depth { bids, asks }
	}

	/// At most `levels` prices, and at most [`MOST`] orders.
	fn depth_side(market: MarketId, side: Side, levels: u32) -> Vec<DepthLevel> {
		let ladder = Ladder::new::<T>(market, side);
		let mut found: Vec<DepthLevel> = Vec::new();
		let mut rung = ladder.first::<T>();
		let mut looked_at = 0_u32;
		while let Some(at) = rung.filter(|_| looked_at < MOST) {
			looked_at = looked_at.saturating_add(1);
			let left = Orders::<T>::get(&at.account)
				.iter()
				.find(|order| order.sequence == at.sequence)
				.map_or(Size::ZERO, |order| order.left);
			let has_room = u32::try_from(found.len()).is_ok_and(|count| count < levels);
			match found.last_mut().filter(|level| level.price == at.price) {
				Some(level) => {
					level.size = Size(level.size.0.saturating_add(left.0));
					level.orders = level.orders.saturating_add(1);
				}
				None if has_room => found.push(DepthLevel { price: at.price, size: left, orders: 1 }),
				None => break,
			}
			rung = ladder.after::<T>(&at.place);
		}
		found
	}

	pub(crate) fn orders_of(account: &MarginAccount<T::AccountId>) -> Vec<OrderOf<T>> {
		Orders::<T>::get(account).into_inner()
	}
}
