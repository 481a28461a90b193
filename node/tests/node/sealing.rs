// SPDX-License-Identifier: Apache-2.0
//! Blocks without consensus: their clock, and who may have them.

use keel_node::{chain_spec, sealing::*};

#[test]
fn the_clock_advances_a_slot_per_block_and_catches_up_with_the_wall() {
	for (why, parent, wall, expected) in [
		("the wall clock is ahead", 1_000, 9_000, 9_000),
		("blocks are quicker than slots", 9_000, 9_050, 11_000),
		("a block exactly a slot later", 9_000, 11_000, 11_000),
	] {
		assert_eq!(next_time(parent, wall, 2_000), expected, "{why}");
	}
}

#[test]
fn only_a_development_chain_does_without_consensus() {
	let dev = chain_spec::load("dev").unwrap();
	let local = chain_spec::load("local").unwrap();
	assert!(Sealing::Instant.check(dev.as_ref()).is_ok());
	assert!(Sealing::Instant.check(local.as_ref()).unwrap_err().contains("keel-local"));
	assert!(Sealing::Consensus.check(local.as_ref()).is_ok());
}
