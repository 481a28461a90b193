// SPDX-License-Identifier: Apache-2.0
//! The end of a market: both of its sides are closed against each other.

use crate::{
	book::{Book, Ended},
	int::wide_product,
	MathResult,
};
use keel_primitives::{Price, Side};

impl Book {
	/// Close both sides at `price`, each against the other: from now on each position is a claim. Returns the
	/// generations of longs and shorts that ended by it; none of a side without units.
	///
	/// What rounding has left to the house between them is worth something at that price, and becomes dust: the
	/// house holds no size any more.
	///
	/// Domain: a price within the bounds.
	pub fn close_out(&mut self, price: Price) -> MathResult<[Option<Ended>; 2]> {
		self.atomically(|book| {
			let mut close = |side| {
				let numbers = book.side(side);
				let all = wide_product(numbers.units.0, numbers.scale.0);
				book.scale_down(side, all, price)
			};
			Ok([close(Side::Long)?, close(Side::Short)?])
		})
	}
}
