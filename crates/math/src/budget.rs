// SPDX-License-Identifier: Apache-2.0
//! For how long something may be stopped within any window, however the orders lie.
//!
//! A counter that begins anew with each window admits twice its size, at the border of two windows; one that leaks as
//! much in a window as it holds does too. Here each order is kept until a whole window has passed since what it ordered
//! was over at the latest. Of the orders that reach into a window the last one still saw all others, so together they are
//! within the budget.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// How many orders are kept apart. When there are more, the two oldest are kept as one, until the later of them is over
/// for a window: too long, never too short.
pub const ORDERS: usize = 8;

/// An order: for how many blocks, and the block in which it is over. One of no blocks is no order.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
struct Order {
	end: u32,
	blocks: u32,
}

/// What was ordered of late, in blocks.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Budget {
	/// In no order; those that count no more may still be there.
	orders: [Order; ORDERS],
}

impl Budget {
	/// How much of the budget is spent in block `now`, for windows of `window` blocks.
	///
	/// Domain: any numbers; what is beyond a `u32` counts as the largest.
	pub fn spent(&self, now: u32, window: u32) -> u32 {
		let counts = |order: &&Order| order.end.saturating_add(window) > now;
		self.orders.iter().filter(counts).fold(0, |spent, order| spent.saturating_add(order.blocks))
	}

	/// The budget after `blocks` are ordered in block `now`; `None` where that is more than `most` in a window.
	///
	/// Of blocks that were stopped in any window of `window` blocks then, at most `most` were ordered here.
	///
	/// Domain: any numbers; `None` also where `now + blocks` is beyond a `u32`.
	pub fn charge(self, now: u32, blocks: u32, window: u32, most: u32) -> Option<Self> {
		let spent = self.spent(now, window);
		spent.checked_add(blocks).filter(|spent| *spent <= most)?;
		let mut orders = self.orders;
		for order in &mut orders {
			if order.end.saturating_add(window) <= now {
				*order = Order::default();
			}
		}
		// What is no order comes first: it is over in block zero.
		orders.sort_unstable_by_key(|order| (order.blocks > 0, order.end));
		let [oldest, next, ..] = &mut orders;
		if oldest.blocks > 0 {
			next.blocks = next.blocks.saturating_add(oldest.blocks);
		}
		*oldest = Order { end: now.checked_add(blocks)?, blocks };
		Some(Self { orders })
	}
}
