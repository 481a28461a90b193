// SPDX-License-Identifier: Apache-2.0
//! The trigger book misses nobody: random paths over several markets, and after every step a look at everything.
//!
//! `docs/proof.md` proves it; here the proof's rules are tried on the code, and in `faults` each rule is broken
//! once and seen to be. A failure prints how to repeat it:
//!
//! ```text
//! KEEL_SEED    where the paths begin; path i of a seed is path 0 of the seed plus i
//! KEEL_PATHS   how many there are, in all
//! ```

mod faults;
mod fixed;
mod invariants;
mod rng;
mod steps;
mod waterfall;
mod world;

use std::collections::BTreeMap;
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use steps::{Path, Shape};

/// A slice of some seconds: the pallet's own code walks more of them (`pallets/margin/src/tests/completeness`).
const PATHS: u64 = 10_000;

/// What must have happened where there were this many paths.
const MANY: u64 = 2_000;
const MUST_HAPPEN: [&str; 10] = [
	"traded",
	"key fired",
	"drained",
	"found unhealthy",
	"side closed out",
	"side re-based",
	"loss laid on a side",
	"loss laid on claims",
	"loss laid on a re-based side",
	"loss owed by a market",
];

fn variable(name: &str) -> Option<u64> {
	let value = std::env::var(name).ok()?;
	Some(value.parse().unwrap_or_else(|_| panic!("{name}={value} is not a number")))
}

fn seed() -> u64 {
	let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64 >> 10);
	variable("KEEL_SEED").unwrap_or_else(now)
}

/// Half of all paths, in worlds of one shape.
fn walk(shape: Shape) {
	let (seed, paths) = (seed(), variable("KEEL_PATHS").unwrap_or(PATHS).div_ceil(2));
	let started = Instant::now();
	let mut happened: BTreeMap<&str, u64> = BTreeMap::new();
	for index in 0..paths {
		let seed = seed.wrapping_add(index);
		let mut path = Path::new(seed, shape, None);
		path.run_until(|world| !world.broken.is_empty());
		if let Some(broken) = path.world.broken.first() {
			panic!("{broken}\n{shape:?} path {index}; again with KEEL_SEED={seed} KEEL_PATHS=1");
		}
		for (what, times) in path.world.happened {
			*happened.entry(what).or_default() += times;
		}
	}
	println!("{shape:?}: {paths} paths from KEEL_SEED={seed} in {:.1?}: {happened:?}", started.elapsed());
	let missing: Vec<_> = MUST_HAPPEN.iter().filter(|what| !happened.contains_key(**what)).collect();
	assert!(paths < MANY || missing.is_empty(), "never happened: {missing:?}");
}

#[test]
fn nobody_is_missed_and_nothing_is_lost_where_accounts_hold_several_markets() {
	walk(Shape::Crossed);
}

#[test]
fn nobody_is_missed_and_no_loss_overshoots_where_accounts_hold_one_market() {
	walk(Shape::Isolated);
}
