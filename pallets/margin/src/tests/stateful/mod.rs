// SPDX-License-Identifier: Apache-2.0
//! Commands that read the state to find its limits.
//!
//! A path is a world of some owners, six markets and a list of commands. Before each command the state is read, to
//! choose an amount that is the limit, a unit beyond it, a unit within, half of it, one, nothing, or the most there
//! is; and what will come of it is foretold by a plain restatement of the rules ([`model`]). At the limit it must
//! go; a unit beyond it must be refused, by the error that says so, and leave nothing behind. After every command
//! all invariants are checked. A failure prints the list of commands, and how to walk it again:
//!
//! ```text
//! KEEL_SEED        where the paths begin; path i of a seed is path 0 of the seed plus i
//! KEEL_SEQUENCES   how many there are at least
//! KEEL_MINUTES     for how long more of them are walked
//! ```

mod acts;
mod block;
mod checks;
mod choose;
mod choose_acts;
mod choose_trades;
mod choose_world;
mod command;
mod controls;
mod model;
mod path;
mod predict;
mod rules;
mod tally;
mod trades;
mod views;

use super::rng;
use crate::mock::*;
use path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tally::Tally;

/// A slice of some seconds.
const SEQUENCES: u64 = 16;
/// Commands on a path.
const STEPS: u64 = 160;

fn variable(name: &str) -> Option<u64> {
	let value = std::env::var(name).ok()?;
	Some(value.parse().unwrap_or_else(|_| panic!("{name}={value} is not a number")))
}

fn seed() -> u64 {
	let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64 >> 10);
	variable("KEEL_SEED").unwrap_or_else(now)
}

fn walk(path: &mut Path, steps: u64) -> checks::Checked {
	let mut outcome = Ok(());
	build_without_check(|| outcome = path.run(steps));
	outcome
}

#[test]
fn every_command_does_what_the_rules_say_at_every_limit() {
	let (seed, least) = (seed(), variable("KEEL_SEQUENCES").unwrap_or(SEQUENCES));
	let time = Duration::from_secs(60 * variable("KEEL_MINUTES").unwrap_or(0));
	let started = Instant::now();
	let mut tally = Tally::default();
	while tally.paths < least || started.elapsed() < time {
		let mut path = Path::new(seed.wrapping_add(tally.paths), None, None, tally);
		if let Err(broken) = walk(&mut path, STEPS) {
			panic!("{broken}, at the last of {} commands", path.log.steps.len());
		}
		tally = core::mem::take(&mut path.tally);
	}
	println!("from KEEL_SEED={seed} in {:.1?}:", started.elapsed());
	tally.print();
}
