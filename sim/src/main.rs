// SPDX-License-Identifier: Apache-2.0
//! `keel-sim`: see `keel-sim --help`.

use std::process::ExitCode;

use clap::Parser;
use keel_sim::cli::{Cli, Command};

fn main() -> ExitCode {
	let Command::Replay(replay) = Cli::parse().command;
	match replay.run() {
		Ok(true) => ExitCode::SUCCESS,
		Ok(false) => ExitCode::FAILURE,
		Err(wrong) => {
			eprintln!("keel-sim: {wrong}");
			ExitCode::from(2)
		}
	}
}
