// SPDX-License-Identifier: Apache-2.0
//! The node of Keel.

// The errors are the SDK's, as large as they are.
#![allow(clippy::result_large_err)]

fn main() -> sc_cli::Result<()> {
	keel_node::command::run()
}
