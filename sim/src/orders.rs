// SPDX-License-Identifier: Apache-2.0
//! Two ways to choose whose positions close when somebody is deleveraged: everybody's on the other side, pro rata, as the
//! exchange does; or whole positions, those with the most leverage first, as others do.
//!
//! The second is computed beside the chain: for each block in which somebody was deleveraged, on the book as it was
//! before that block. What the chain does is not changed by it.

use std::collections::BTreeMap;

use keel_liquidation::{Event, Taker};
use keel_primitives::{MarketId, Side, Size, SubAccount};
use keel_runtime::{
	configs::exchange::BackstopOwner, exchange_api::runtime_decl_for_exchange_api::ExchangeApiV1, AccountId,
	Runtime, RuntimeEvent,
};

use crate::figures::Spread;

/// A position on the side that gives way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held {
	/// Its size.
	pub size: Size,
	/// Its notional over the equity of its account.
	pub leverage: f64,
}

/// What a way of choosing does, once for each block, market and side that gave way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order {
	/// How many positions became smaller.
	pub touched: Vec<f64>,
	/// How many were closed whole.
	pub closed: Vec<f64>,
	/// The largest part of a position that somebody lost.
	pub worst: Vec<f64>,
	/// The leverage of what was closed, by size.
	pub leverage: Vec<f64>,
}

/// Both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Orders {
	/// Everybody pro rata.
	pub pro_rata: Order,
	/// Whole positions, the most leverage first.
	pub highest_first: Order,
}

impl Orders {
	/// How often somebody was deleveraged: blocks, by market and side.
	pub fn count(&self) -> usize {
		self.pro_rata.touched.len()
	}

	/// Compare both for `wanted` of what is `held` on the side that gives way.
	pub fn compare(&mut self, wanted: Size, held: &[Held]) {
		let all: u128 = held.iter().map(|held| held.size.0).sum();
		if all == 0 || wanted.is_zero() {
			return;
		}
		let wanted = wanted.0.min(all);
		let share = wanted as f64 / all as f64;
		let weighted: f64 = held.iter().map(|held| held.leverage * held.size.0 as f64 / all as f64).sum();
		let whole = if wanted == all { held.len() as f64 } else { 0.0 };
		self.pro_rata.add(held.len() as f64, whole, share, weighted);

		let mut sorted = held.to_vec();
		sorted.sort_by(|a, b| b.leverage.total_cmp(&a.leverage));
		let (mut left, mut touched, mut closed, mut worst, mut leverage) = (wanted, 0.0, 0.0, 0.0_f64, 0.0);
		for held in sorted {
			if left == 0 {
				break;
			}
			let taken = held.size.0.min(left);
			left -= taken;
			touched += 1.0;
			closed += f64::from(u8::from(taken == held.size.0));
			worst = worst.max(taken as f64 / held.size.0 as f64);
			leverage += held.leverage * taken as f64 / wanted as f64;
		}
		self.highest_first.add(touched, closed, worst, leverage);
	}
}

impl Order {
	fn add(&mut self, touched: f64, closed: f64, worst: f64, leverage: f64) {
		self.touched.push(touched);
		self.closed.push(closed);
		self.worst.push(worst);
		self.leverage.push(leverage);
	}

	/// Positions that became smaller, that were closed whole, the largest part lost, and leverage closed.
	pub fn spreads(&self) -> [Spread; 4] {
		[&self.touched, &self.closed, &self.worst, &self.leverage].map(|all| Spread::of(all.clone()))
	}
}

/// What was deleveraged in a block: by market and the side that gave way.
pub fn deleveraged(events: &[RuntimeEvent]) -> BTreeMap<(MarketId, Side), Size> {
	let mut sizes: BTreeMap<(MarketId, Side), Size> = BTreeMap::new();
	for event in events {
		if let RuntimeEvent::Liquidation(Event::Liquidated {
			market,
			side,
			size,
			to: Taker::Deleveraged,
			..
		}) = event
		{
			sizes.entry((*market, side.opposite())).or_default().0 += size.0;
		}
	}
	sizes
}

/// Everybody who holds a side of a market, within a chain. The backstops are among them, as in the exchange.
pub fn holders(market: MarketId, side: Side) -> Vec<Held> {
	let held = |owner: AccountId, sub: SubAccount| {
		let of_house = owner == BackstopOwner::get();
		let account = Runtime::account(owner, sub)?;
		let position = account.positions.iter().find(|held| held.market == market && held.side == side)?;
		let notional: i128 = account.positions.iter().map(|held| held.notional.0).sum();
		let leverage = match account.equity.0 {
			equity if equity > 0 => notional as f64 / equity as f64,
			// Who has nothing is first, but for the house: its losses are everybody's.
			_ if of_house => 0.0,
			_ => f64::from(u32::MAX),
		};
		Some(Held { size: position.size, leverage })
	};
	keel_margin::Accounts::<Runtime>::iter_keys().filter_map(|(owner, sub)| held(owner, sub)).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn held(size: u128, leverage: f64) -> Held {
		Held { size: Size(size), leverage }
	}

	#[test]
	fn pro_rata_takes_a_little_of_everybody_and_the_other_all_of_a_few() {
		let mut orders = Orders::default();
		orders.compare(Size(30), &[held(10, 2.0), held(20, 10.0), held(30, 5.0), held(40, 1.0)]);
		assert_eq!(orders.count(), 1);
		let Orders { pro_rata, highest_first } = orders;
		assert_eq!((pro_rata.touched[0], pro_rata.closed[0], pro_rata.worst[0]), (4.0, 0.0, 0.3));
		// Twenty of the one with ten, and ten of the thirty with five.
		assert_eq!(
			(highest_first.touched[0], highest_first.closed[0], highest_first.worst[0]),
			(2.0, 1.0, 1.0)
		);
		assert!((highest_first.leverage[0] - (20.0 * 10.0 + 10.0 * 5.0) / 30.0).abs() < 1e-9);
		assert!((pro_rata.leverage[0] - (0.2 + 2.0 + 1.5 + 0.4)).abs() < 1e-9);
	}

	#[test]
	fn a_side_that_is_closed_out_is_the_same_either_way() {
		let mut orders = Orders::default();
		orders.compare(Size(100), &[held(10, 2.0), held(20, 10.0)]);
		assert_eq!(orders.pro_rata, orders.highest_first);
		orders.compare(Size(5), &[]);
		assert_eq!(orders.count(), 1, "nobody is there to give way");
	}
}
