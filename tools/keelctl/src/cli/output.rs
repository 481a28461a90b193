// SPDX-License-Identifier: Apache-2.0
//! Results on standard output, progress on standard error.

use crate::Error;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{json, Value};
use std::{io::IsTerminal, time::Duration};

/// Where results and progress go.
pub struct Output {
	json: bool,
	bar: Option<ProgressBar>,
}

impl Output {
	/// For people, or as JSON for programs.
	pub fn new(json: bool) -> Self {
		// A moving bar is for people who watch; a log gets plain lines.
		let watched = !json && std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
		let bar = watched.then(|| {
			let bar = ProgressBar::new_spinner();
			if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
				bar.set_style(style);
			}
			bar
		});
		Self { json, bar }
	}

	/// Something was done or happened: a line that stays.
	pub fn tell(&self, line: &str) {
		match &self.bar {
			_ if self.json => {}
			Some(bar) => bar.println(line),
			None => eprintln!("{line}"),
		}
	}

	/// What is going on right now: replaced by what comes next, and only shown to whoever watches.
	pub fn now(&self, line: &str) {
		if let Some(bar) = &self.bar {
			bar.enable_steady_tick(Duration::from_millis(120));
			bar.set_message(line.to_owned());
		}
	}

	/// The result: text for people, an object for programs.
	pub fn result(&self, text: impl std::fmt::Display, object: Value) {
		if let Some(bar) = &self.bar {
			bar.finish_and_clear();
		}
		if self.json {
			println!("{object:#}");
		} else {
			println!("{text}");
		}
	}
}

/// A table without lines around it.
pub fn table(header: &[&str], rows: Vec<Vec<String>>) -> comfy_table::Table {
	let mut table = comfy_table::Table::new();
	table.load_style(comfy_table::presets::NOTHING).set_header(header.to_vec());
	table.add_rows(rows);
	table
}

/// Say what went wrong and what to do.
pub fn report(error: Error, json: bool) {
	if json {
		use miette::Diagnostic;
		let help = error.help().map(|help| help.to_string());
		let code = error.code().map(|code| code.to_string());
		eprintln!("{:#}", json!({ "error": error.to_string(), "code": code, "help": help }));
	} else {
		// Addresses and commands are copied from here: they are not broken at punctuation.
		let handler = |_: &_| -> Box<dyn miette::ReportHandler> {
			Box::new(
				miette::MietteHandlerOpts::new()
					.width(100)
					.break_words(false)
					.word_separator(textwrap::WordSeparator::AsciiSpace)
					.word_splitter(textwrap::WordSplitter::NoHyphenation)
					.build(),
			)
		};
		// It is set once, and nothing else sets it.
		let _ = miette::set_hook(Box::new(handler));
		eprintln!("{:?}", miette::Report::new(error));
	}
}
