// SPDX-License-Identifier: Apache-2.0
//! The node of Keel.

fn main() -> std::process::ExitCode {
	keel_node::command::main()
}
