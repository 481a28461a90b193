// SPDX-License-Identifier: Apache-2.0
//! The program `keelctl`: `keelctl::cli` for a terminal.

#![forbid(unsafe_code)]

use clap::Parser;
use keelctl::cli;
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
