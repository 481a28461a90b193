// SPDX-License-Identifier: Apache-2.0
//! What a market adds to a quiet block.

use keel_primitives::{MarketId, Size};
use keel_sim::chain::Chain;

use super::quiet::{self, Quiet};
use crate::{
	blocks,
	people::{come, person, trade},
};

/// A quiet block with so many markets, a long and a short in each.
pub fn measure(count: u32) -> Quiet {
	let mut chain = Chain::genesis();
	chain.act(|| {
		blocks::open_markets(count);
		for market in 0..count {
			let (long, short) = (person("long", market), person("short", market));
			come(&long, 10_000);
			come(&short, 10_000);
			trade(&long, &short, MarketId(market), Size::ONE).expect("both have margin");
		}
	});
	// Their deposits had priority, which blocks forget.
	for _ in 0..4 {
		chain.act(|| blocks::pass(|_| blocks::PRICE));
	}
	quiet::measure(&mut chain)
}
