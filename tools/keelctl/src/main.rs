// SPDX-License-Identifier: Apache-2.0
//! The command line of keelctl.

#![forbid(unsafe_code)]

mod cli;

use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
	let arguments = cli::Arguments::parse();
	let json = arguments.json;
	match cli::run(arguments).await {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			cli::output::report(error, json);
			ExitCode::FAILURE
		}
	}
}
