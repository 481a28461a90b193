// SPDX-License-Identifier: Apache-2.0
//! What a node says when it starts.

use keel_node::{banner::describe, sealing::Sealing};

#[test]
fn each_way_of_sealing_says_when_blocks_come() {
	let every = Sealing::Every(std::time::Duration::from_millis(250));
	assert_eq!(describe(every), "a block every 250 ms, final at once");
	assert!(describe(Sealing::Instant).contains("each transaction"));
}
