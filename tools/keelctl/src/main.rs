// SPDX-License-Identifier: Apache-2.0
//! The program `keelctl`: `keelctl::cli` for a terminal.

#![forbid(unsafe_code)]

use clap::Parser;
use keelctl::cli;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
	let arguments = match cli::Arguments::try_parse() {
		Ok(arguments) => arguments,
		Err(error) => return misunderstood(&error),
	};
	let json = arguments.json;
	match cli::run(arguments).await {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			let code = error.exit_code();
			cli::output::report(error, json);
			ExitCode::from(code)
		}
	}
}

/// A mistake on the command line, or a wish for help, which is none.
fn misunderstood(error: &clap::Error) -> ExitCode {
	let json = std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
	if error.use_stderr() && json {
		cli::output::report_usage(error);
	} else {
		// There is nobody to tell it to if this fails.
		let _ = error.print();
	}
	ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
