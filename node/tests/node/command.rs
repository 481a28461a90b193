// SPDX-License-Identifier: Apache-2.0
//! The command line.

use clap::{CommandFactory, Parser};
use keel_node::{cli::Cli, command::told};

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

#[test]
fn an_error_is_a_sentence_and_its_code_says_whether_trying_again_helps() {
	let (sentence, code) = told(&"the genesis is refused".into());
	assert_eq!((sentence.as_str(), code), ("the genesis is refused", 2));
	let busy = sc_cli::Error::Application("the RPC port 9944 is in use".to_owned().into());
	assert_eq!(told(&busy), ("the RPC port 9944 is in use".into(), 1));
	let (sentence, code) = told(&sc_cli::Error::NetworkKeyNotFound("/var/lib/keel/key".into()));
	assert!(sentence.contains("/var/lib/keel/key") && sentence.contains("generate-node-key"), "{sentence}");
	assert_eq!(code, 2);
}
