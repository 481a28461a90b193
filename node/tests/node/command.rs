// SPDX-License-Identifier: Apache-2.0
//! The command line.

use clap::{CommandFactory, Parser};
use keel_node::cli::Cli;

#[test]
fn the_command_line_is_consistent() {
	Cli::command().debug_assert();
}

#[test]
fn a_chain_is_sealed_in_one_way_only() {
	for wrong in [
		["keel-node", "--instant-seal", "--manual-seal"],
		["keel-node", "--instant-seal", "--block-time=100"],
		["keel-node", "--manual-seal", "--block-time=100"],
	] {
		assert!(Cli::try_parse_from(wrong).is_err(), "{wrong:?}");
	}
	assert!(Cli::try_parse_from(["keel-node", "--dev", "--block-time", "100"]).is_ok());
	assert!(Cli::try_parse_from(["keel-node", "--dev", "--block-time", "0"]).is_err());
}
