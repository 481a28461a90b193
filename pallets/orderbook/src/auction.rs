// SPDX-License-Identifier: Apache-2.0
//! Call auctions: orders are collected without being matched, and then filled at one price for all.
//!
//! The price is found by pairing the best bids with the best asks until they cross no more: what is paired is the
//! largest volume there is, and the last pair bounds the prices at which it can be traded. Pairing takes orders in
//! order and remembers its place, so it goes on in the next block where the weight of this one ends; while it does,
//! the market takes no new orders. Filling, in `uncross.rs`, takes the best of both sides at that price until one side
//! has none left.

use crate::{
	ladder::{rank, Ladder, Rank},
	pallet::{Config, Pallet},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{cmp::Ordering, marker::PhantomData};
use keel_primitives::{MarketId, Price, Side, Size};
use keel_traits::Terms;
use scale_info::TypeInfo;

/// The most orders at one price that are looked at to see on which side more is left: that is done in one step.
pub const WEIGHED_MAX: u32 = 32;

/// The auction of a market.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Auction {
	/// Whether there is one in every block: the market's permanent mode.
	pub every_block: bool,
	/// Where it stands.
	pub stage: Stage,
}

/// Where an auction stands.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Stage {
	/// Orders are collected.
	#[default]
	Collecting,
	/// The price is being found.
	Pricing(Pairing),
	/// Orders are being filled at this price.
	Filling {
		/// The price for all.
		price: Price,
		/// What was traded so far.
		volume: Size,
		/// For how many blocks the market has refused.
		refused: u8,
	},
}

/// Where pairing stands on a side.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Head {
	/// Before the best order.
	#[default]
	Start,
	/// At an order.
	At {
		/// Its place on the book.
		rank: Rank,
		/// The price it counts at: its own, but within the band.
		price: Price,
		/// What is not paired yet; nothing when the next one is to be taken.
		left: Size,
	},
	/// Behind the last that can trade.
	End,
}

impl Head {
	/// The price and what is left there; none at the end.
	fn open(self) -> Option<(Price, Size)> {
		match self {
			Self::At { price, left, .. } => Some((price, left)),
			Self::Start | Self::End => None,
		}
	}

	/// Whether the next order is to be taken.
	fn is_used_up(self) -> bool {
		matches!(self, Self::Start) || self.open().is_some_and(|(_, left)| left.is_zero())
	}

	fn less(self, size: Size) -> Self {
		match self {
			Self::At { rank, price, left } => {
				Self::At { rank, price, left: Size(left.0.saturating_sub(size.0)) }
			}
			other => other,
		}
	}
}

/// Bids and asks paired so far, the best first.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Pairing {
	bid: Head,
	ask: Head,
	/// The prices of the last pair.
	last: Option<(Price, Price)>,
	/// What is paired.
	volume: Size,
}

/// The result of an auction as things stand.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Indication {
	/// The price for all.
	pub price: Price,
	/// What would be traded, if every account can honour its orders.
	pub volume: Size,
}

/// A market whose orders are paired, at the terms of this block.
pub(crate) struct Bench<'a, T: Config> {
	market: MarketId,
	terms: &'a Terms,
	_config: PhantomData<T>,
}

/// No weight is left: go on in the next block.
pub(crate) struct Later;

impl<'a, T: Config> Bench<'a, T> {
	pub(crate) fn new(market: MarketId, terms: &'a Terms) -> Self {
		Self { market, terms, _config: PhantomData }
	}

	/// The lowest and the highest price within the band, in whole ticks.
	fn band(&self) -> (Price, Price) {
		let tick = self.terms.tick.0.max(1);
		let up = self.terms.lowest.0.div_ceil(tick).saturating_mul(tick);
		let down = self.terms.highest.0.checked_rem(tick).unwrap_or_default();
		(Price(up), Price(self.terms.highest.0.saturating_sub(down)))
	}

	fn ladder(&self, side: Side) -> Ladder {
		Ladder::new::<T>(self.market, side)
	}

	/// The price an order counts at; none when the band lets it trade at no price. A bid beyond the band is as good
	/// as one at its edge.
	fn counts_at(&self, side: Side, price: Price) -> Option<Price> {
		let (lowest, highest) = self.band();
		match side {
			Side::Long => (price >= lowest).then(|| price.min(highest)),
			Side::Short => (price <= highest).then(|| price.max(lowest)),
		}
	}

	/// One order further.
	pub(crate) fn next(&self, side: Side, head: Head) -> Head {
		let ladder = self.ladder(side);
		let rung = match head {
			Head::Start => ladder.first::<T>(),
			Head::At { rank, .. } => ladder.behind::<T>(&rank),
			Head::End => None,
		};
		rung.and_then(|at| {
			let price = self.counts_at(side, at.price)?;
			Some(Head::At { rank: at.rank(side), price, left: Pallet::<T>::tradable(&at) })
		})
		.unwrap_or(Head::End)
	}

	/// Pair on, an order a step, until nothing crosses any more. `Err`: there are no more steps now.
	pub(crate) fn pair(&self, pairing: &mut Pairing, step: &mut impl FnMut() -> bool) -> Result<(), Later> {
		loop {
			let mut moved = false;
			for (side, head) in [(Side::Long, &mut pairing.bid), (Side::Short, &mut pairing.ask)] {
				if head.is_used_up() {
					if !step() {
						return Err(Later);
					}
					*head = self.next(side, *head);
					moved = true;
				}
			}
			if moved {
				continue;
			}
			let (Some((bid, buys)), Some((ask, sells))) = (pairing.bid.open(), pairing.ask.open()) else {
				return Ok(());
			};
			if bid < ask {
				return Ok(());
			}
			let size = buys.min(sells);
			pairing.last = Some((bid, ask));
			pairing.volume = Size(pairing.volume.0.saturating_add(size.0));
			(pairing.bid, pairing.ask) = (pairing.bid.less(size), pairing.ask.less(size));
		}
	}

	/// How many orders are looked at to find the price, at most: those at one price of each side, and the next price.
	#[allow(clippy::arithmetic_side_effects)]
	pub(crate) const LOOKED_AT: u32 = 2 * WEIGHED_MAX + 4;

	/// The price for all, of orders that are paired: the largest volume, then the least that is left unfilled, then
	/// the nearest to mark.
	///
	/// The largest volume trades at every price from the last ask that was paired up to the last bid. Of what is not
	/// paired, bids are left at prices up to `demand`, asks from `supply` on; between the two nothing is.
	pub(crate) fn price(&self, pairing: &Pairing) -> Option<Indication> {
		let (highest, lowest) = pairing.last?;
		let tick = self.terms.tick.0.max(1);
		let above = |price: Price| Price(price.0.saturating_add(tick));
		let below = |price: Price| Price(price.0.saturating_sub(tick));
		let demand = pairing.bid.open().map(|(price, _)| price).filter(|price| *price >= lowest);
		let supply = pairing.ask.open().map(|(price, _)| price).filter(|price| *price <= highest);
		let from = demand.map_or(lowest, above);
		let to = supply.map_or(highest, below);
		let (from, to) = match (demand, supply) {
			_ if from <= to => (from, to),
			// Bids are left at every price: the fewest at the highest, down to where the next ones are.
			(Some(demand), None) => {
				(self.level_behind(Side::Long, demand).map_or(lowest, above).max(lowest), demand)
			}
			(None, Some(supply)) => {
				(supply, self.level_behind(Side::Short, supply).map_or(highest, below).min(highest))
			}
			(Some(demand), Some(supply)) => {
				let (bids, asks) =
					(self.left_at(Side::Long, pairing.bid), self.left_at(Side::Short, pairing.ask));
				match bids.cmp(&asks) {
					Ordering::Less => (demand, demand),
					Ordering::Greater => (supply, supply),
					Ordering::Equal => (demand, supply),
				}
			}
			(None, None) => (lowest, highest),
		};
		Some(Indication { price: self.nearest_to_mark(from, to), volume: pairing.volume })
	}

	/// The price of a whole number of ticks between two such prices that is nearest to mark.
	fn nearest_to_mark(&self, from: Price, to: Price) -> Price {
		let (mark, tick) = (self.terms.mark.0, self.terms.tick.0.max(1));
		let below = mark.saturating_sub(mark.checked_rem(tick).unwrap_or_default());
		let above = below.saturating_add(tick);
		let nearest = if mark.saturating_sub(below) <= above.saturating_sub(mark) { below } else { above };
		Price(nearest).max(from).min(to)
	}

	/// The next price of a side behind `price` that counts.
	fn level_behind(&self, side: Side, price: Price) -> Option<Price> {
		let rank = rank(side, price, u64::MAX);
		let behind = self.ladder(side).behind::<T>(&rank)?;
		self.counts_at(side, behind.price)
	}

	/// What is left at the price of a head, of at most [`WEIGHED_MAX`] orders.
	fn left_at(&self, side: Side, head: Head) -> u128 {
		let Head::At { rank, price, left } = head else { return 0 };
		let ladder = self.ladder(side);
		let mut sum = left.0;
		let mut rung = ladder.behind::<T>(&rank);
		for _ in 0..WEIGHED_MAX {
			let Some(at) = rung.filter(|at| self.counts_at(side, at.price) == Some(price)) else { break };
			sum = sum.saturating_add(Pallet::<T>::tradable(&at).0);
			rung = ladder.after::<T>(&at.place);
		}
		sum
	}
}
