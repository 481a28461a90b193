// SPDX-License-Identifier: Apache-2.0
//! A quiet block: prices land and nobody's key fires.

use std::time::Duration;

use keel_sim::chain::Chain;

use crate::{
	blocks::{self, moved, PRICE},
	measured::Measured,
	spread::Spread,
};

/// How often it is measured, after a few times to get warm.
const TIMES: usize = 400;
const TO_GET_WARM: usize = 40;

/// What the exchange's hooks cost in a quiet block.
#[derive(Clone, Copy)]
pub struct Quiet {
	pub all: Spread,
	pub oracle: Spread,
	pub breaker: Spread,
	pub margin: Spread,
	pub liquidation: Spread,
	/// What closing the block takes: the root of the changed state.
	pub root: Spread,
	/// Different keys read, and written.
	pub reads: usize,
	pub writes: usize,
	/// Calls that read, however often of one key.
	pub read_calls: u32,
}

/// Measure the same block again and again: every market has fallen by one percent.
pub fn measure(chain: &mut Chain) -> Quiet {
	chain.act(|| blocks::pass(|_| moved(PRICE, -10_000)));
	let once = || {
		chain.try_out(|| {
			blocks::begin();
			blocks::hooks()
		})
	};
	(0..TO_GET_WARM).for_each(|_| {
		once();
	});
	let took: Vec<_> = (0..TIMES).map(|_| once()).collect();
	let root = || {
		chain.time_of_root(|| {
			blocks::begin();
			blocks::hooks();
		})
	};
	let root = Spread::of((0..TIMES).map(|_| root()).collect());
	let counts = chain
		.try_out_counted(|counts| {
			blocks::begin();
			counts.take();
			blocks::hooks();
			counts.take()
		})
		.outside_of_system();
	// As it was.
	for _ in 0..2 {
		chain.act(|| blocks::pass(|_| PRICE));
	}
	let spread = |of: fn(&blocks::Took) -> Duration| Spread::of(took.iter().map(of).collect());
	Quiet {
		all: spread(blocks::Took::all),
		oracle: spread(|took| took.oracle),
		breaker: spread(|took| took.breaker),
		margin: spread(|took| took.margin),
		liquidation: spread(|took| took.liquidation),
		root,
		reads: counts.reads(b""),
		writes: counts.writes(b""),
		read_calls: counts.read_calls(),
	}
}
