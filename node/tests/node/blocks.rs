// SPDX-License-Identifier: Apache-2.0
//! What a development node says of each block.

use keel_node::blocks::line;

#[test]
fn a_block_is_one_line() {
	let said = line(12, Default::default(), 3, 10);
	assert!(said.starts_with("block 12 0x") && said.ends_with(": 3 transactions, final up to 10"), "{said}");
	assert!(line(1, Default::default(), 1, 0).contains(" 1 transaction,"));
}
