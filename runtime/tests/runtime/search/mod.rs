// SPDX-License-Identifier: Apache-2.0
//! Random histories of everybody who is not Root, on whole blocks: no change takes effect before its time, without its votes,
//! or by anybody who has no power to it; whatever calls it is wrapped in, and whatever else goes on.
//!
//! ```text
//! KEEL_SEED        where the histories begin; history i of a seed is history 0 of the seed plus i
//! KEEL_SEQUENCES   how many there are at least
//! KEEL_MINUTES     for how long more of them are tried
//! ```

mod leaves;
#[allow(dead_code)]
#[path = "../../../../crates/math/tests/completeness/rng.rs"]
mod rng;
mod watch;
mod world;

use std::{
	collections::BTreeSet,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use keel_change_control::PerClass;
use serde_json::json;
use sp_runtime::Permill;

use crate::chain::*;
use keel_runtime::{
	configs::changes::{Entry, CALLS},
	*,
};
use rng::Rng;
use watch::{Tally, Watch};
use world::{Missing, World};

/// A slice that takes half a minute of a core.
const SEQUENCES: u64 = 6;
/// As many as must have seen a change of each class take effect, and an act by approvals.
const MANY: u64 = 60;
/// What is tried in a history.
const STEPS: u64 = 120;

/// Every class waits another time.
const DELAY: PerClass<BlockNumber> =
	PerClass { emergency: 1, operational: 3, economic: 6, constitutional: 10 };

/// Of sixteen million KEEL: 1,600, 4,800, 16,000 and 48,000.
fn turnout() -> PerClass<Permill> {
	PerClass {
		emergency: Permill::from_parts(100),
		operational: Permill::from_parts(300),
		economic: Permill::from_parts(1_000),
		constitutional: Permill::from_parts(3_000),
	}
}

/// `local`, whose bodies have several members, with short periods; a guard less in the controls.
fn genesis(missing: Missing) -> serde_json::Value {
	let mut config = config("local");
	let (mut delay, mut floor) = (DELAY, turnout());
	match missing {
		Missing::Delay => delay.economic = delay.operational,
		Missing::Turnout => {
			let one = Permill::from_parts(1);
			floor = PerClass { emergency: one, operational: one, economic: one, constitutional: one };
		}
		_ => {}
	}
	config["changeControl"]["timetable"] = json!({
		"launchPeriod": 5, "votingPeriod": 8, "fastTrackVotingPeriod": 4, "enactmentPeriod": 2, "voteLockingPeriod": 12,
		"cooloffPeriod": 6, "motionDuration": 12, "sessionPeriod": 10, "safeModeDuration": 6, "safeModeExtension": 3,
		"leastDelay": delay, "leastTurnout": floor, "longestStandstill": 5, "authorizationLife": 20,
		"fastTrack": true, "instant": true,
	});
	config
}

fn kinds() -> Vec<leaves::Kind> {
	leaves::votable().into_iter().chain(leaves::refused()).collect()
}

/// Play the history of this seed: what was found, and what has happened.
fn play(seed: u64, missing: Missing, tally: Tally) -> (Result<(), String>, Tally) {
	let mut outcome = None;
	on_genesis(genesis(missing), || {
		let watch = Watch::new(kinds(), DELAY, turnout(), tally);
		let mut world = World::new(Rng::new(seed), watch, missing);
		leaves::prepare();
		let mut result = world.prepare();
		for _ in 0..STEPS {
			result = result.and_then(|()| world.step());
		}
		let result = result.map_err(|found| {
			let last: Vec<_> = world.log.iter().rev().take(12).rev().cloned().collect();
			format!("{found}\nthe last steps: {last:#?}\nagain with KEEL_SEED={seed} KEEL_SEQUENCES=1")
		});
		outcome = Some((result, world.watch.tally));
	});
	outcome.expect("the chain has run")
}

fn variable(name: &str) -> Option<u64> {
	let value = std::env::var(name).ok()?;
	Some(value.parse().unwrap_or_else(|_| panic!("{name}={value} is not a number")))
}

fn seed() -> u64 {
	let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64 >> 10);
	variable("KEEL_SEED").unwrap_or_else(now)
}

#[test]
fn no_change_acts_before_its_class_allows_whatever_anybody_tries() {
	let (seed, least) = (seed(), variable("KEEL_SEQUENCES").unwrap_or(SEQUENCES));
	let time = Duration::from_secs(60 * variable("KEEL_MINUTES").unwrap_or(0));
	let started = Instant::now();
	let (mut tally, mut histories) = (Tally::default(), 0);
	while histories < least || started.elapsed() < time {
		let (found, happened) = play(seed.wrapping_add(histories), Missing::Nothing, tally);
		if let Err(found) = found {
			panic!("{found}");
		}
		(tally, histories) = (happened, histories + 1);
	}
	println!("{histories} histories from KEEL_SEED={seed} in {:.1?}: {tally:#?}", started.elapsed());
	// It did look at something.
	let all: &[&str] = match histories {
		MANY.. => &[
			"enacted: Emergency",
			"enacted: Operational",
			"enacted: Economic",
			"enacted: Constitutional",
			"by approvals",
		],
		SEQUENCES.. => &["enacted", "refused"],
		_ => &[],
	};
	for what in all {
		let seen = tally.keys().any(|key| key.starts_with(what));
		assert!(seen, "{what}: never in {histories} histories from KEEL_SEED={seed}");
	}
}

/// How many histories it takes until something is found.
fn found_within(most: u64, missing: Missing) -> Option<(u64, String)> {
	(0..most).find_map(|seed| play(seed, missing, Tally::default()).0.err().map(|found| (seed + 1, found)))
}

/// The control: a chain without one of its guards.
#[test]
fn the_search_finds_each_guard_that_is_missing() {
	use Missing::*;
	for missing in [Adapter, Refusals, Bodies, Delay, Turnout, Approvals] {
		let Some((histories, found)) = found_within(20, missing) else {
			panic!("{missing:?} is not noticed")
		};
		let first = found.lines().next().unwrap_or_default();
		println!("{missing:?} after {histories}: {first}");
		assert!(found.contains("took effect"), "{missing:?}: {found}");
	}
}

/// Each pallet that a vote may reach is reached by the search.
#[test]
fn every_pallet_that_a_vote_reaches_has_a_leaf() {
	let votable = leaves::votable();
	let reached: BTreeSet<&str> = votable.iter().filter_map(|kind| kind.name.split('.').next()).collect();
	let mut left = BTreeSet::new();
	for (pallet, entries) in CALLS {
		let votes = |entry: &Entry| matches!(entry, Entry::Is(_) | Entry::Depends);
		if entries.iter().any(|(_, entry)| votes(entry)) && !reached.contains(pallet) {
			left.insert(*pallet);
		}
	}
	// To ask for bytes shows nowhere else.
	left.remove("Preimage");
	// Safe mode ends by itself too, so that its end does not tell who ended it.
	left.remove("SafeMode");
	assert_eq!(left, BTreeSet::new());
}
