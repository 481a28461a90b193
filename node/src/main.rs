// SPDX-License-Identifier: Apache-2.0
//! The node of Keel.

fn main() -> sc_cli::Result<()> {
	keel_node::command::run()
}
