// SPDX-License-Identifier: Apache-2.0
//! The trigger book misses nobody: random paths of the pallet itself, over several markets and tiers, through
//! generations that are closed out and re-based.
//!
//! `crates/math/tests/completeness` walks such paths with the arithmetic alone. Here calls, hooks and what liquidation
//! may do are the pallet's, and it is its code that settles, judges and files. What everybody has is worked out anew
//! after every step from the numbers that are stored, without its judging and its trigger book. In `faults` each rule
//! is broken once and seen to be. A failure prints how to repeat it:
//!
//! ```text
//! KEEL_SEED    where the paths begin; path i of a seed is path 0 of the seed plus i
//! KEEL_PATHS   how many there are, in all
//! ```

mod faults;
mod house;
mod invariants;
mod path;
mod world;

use super::rng;
use path::{Path, Shape};
use std::collections::BTreeMap;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A slice of some seventy seconds of a core.
const PATHS: u64 = 20_000;

/// What must have happened where there were this many paths.
const MANY: u64 = 2_000;
const MUST_HAPPEN: [&str; 12] = [
	"traded",
	"found unhealthy",
	"found in a higher tier",
	"found in a retired tier",
	"margin called",
	"side closed out",
	"side re-based",
	"position settled",
	"closed against the other side",
	"loss laid on others",
	"rates changed",
	"withdrawn",
];

fn variable(name: &str) -> Option<u64> {
	let value = std::env::var(name).ok()?;
	Some(value.parse().unwrap_or_else(|_| panic!("{name}={value} is not a number")))
}

fn seed() -> u64 {
	let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64 >> 10);
	variable("KEEL_SEED").unwrap_or_else(now)
}

/// Half of all paths, in worlds of one shape, in which this must happen too.
fn walk(shape: Shape, also: &[&'static str]) {
	let (seed, paths) = (seed(), variable("KEEL_PATHS").unwrap_or(PATHS).div_ceil(2));
	let started = Instant::now();
	let mut happened: BTreeMap<&str, u64> = BTreeMap::new();
	for index in 0..paths {
		let seed = seed.wrapping_add(index);
		let path = Path::walk(seed, shape, None, None);
		if let Some(broken) = path.broken.0.first() {
			panic!("{broken}\n{shape:?} path {index}; again with KEEL_SEED={seed} KEEL_PATHS=1");
		}
		for (what, times) in path.happened {
			*happened.entry(what).or_default() += times;
		}
	}
	println!("{shape:?}: {paths} paths from KEEL_SEED={seed} in {:.1?}: {happened:?}", started.elapsed());
	let missing: Vec<_> =
		MUST_HAPPEN.iter().chain(also).filter(|what| !happened.contains_key(**what)).collect();
	assert!(paths < MANY || missing.is_empty(), "never happened: {missing:?}");
}

#[test]
fn nobody_is_missed_and_nothing_is_lost_where_accounts_hold_several_markets() {
	walk(Shape::Crossed, &["handed over", "loss owed by a market", "out of weight"]);
}

#[test]
fn nobody_is_missed_and_no_loss_overshoots_where_accounts_hold_one_market() {
	walk(Shape::Isolated, &["losses of one move", "paid in a hook"]);
}
