// SPDX-License-Identifier: Apache-2.0
//! Results on standard output, progress on standard error.

use crate::{chain::Standing, Error};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{json, Value};
use std::{
	io::{IsTerminal, Write},
	sync::{Mutex, PoisonError},
	time::Duration,
};

/// Where results and progress go.
pub struct Output {
	json: bool,
	bar: Option<ProgressBar>,
	/// What will be told when it is known how final it is.
	result: Mutex<Option<(String, Value)>>,
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
		Self { json, bar, result: Mutex::new(None) }
	}

	/// Whether a program reads.
	pub const fn is_json(&self) -> bool {
		self.json
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

	/// The result: text for people, an object for programs. It is told when the command is done and it is
	/// known whether it is final.
	pub fn result(&self, text: impl std::fmt::Display, object: Value) {
		*self.result.lock().unwrap_or_else(PoisonError::into_inner) = Some((text.to_string(), object));
	}

	/// Tell the result, and how final it is if it is about a chain; `true` if something was sent there.
	pub fn tell_result(&self, standing: Option<(&Standing, bool)>) {
		if let Some(bar) = &self.bar {
			bar.finish_and_clear();
		}
		let result = self.result.lock().unwrap_or_else(PoisonError::into_inner).take();
		let Some((mut text, mut object)) = result else { return };
		if let Some((standing, sent)) = standing {
			let (Standing::Final(block) | Standing::NotFinal { block, .. }) = standing;
			if object.get("block").is_none() {
				object["block"] = (*block).into();
			}
			object["final"] = matches!(standing, Standing::Final(_)).into();
			if let Some(line) = how_final(standing, sent) {
				text = format!("{text}\n{line}");
			}
		}
		if self.json {
			print(&format!("{object:#}"));
		} else {
			print(&text);
		}
	}
}

/// A line on standard output. Whoever reads it may have enough and go; that is no mistake of ours.
pub fn print(line: &str) {
	let _ = writeln!(std::io::stdout(), "{line}");
}

fn how_final(standing: &Standing, sent: bool) -> Option<String> {
	match standing {
		Standing::Final(block) => sent.then(|| format!("final: block {block} cannot be replaced")),
		Standing::NotFinal { block, finalized } => {
			let last = finalized.map_or("not known".to_owned(), |finalized| finalized.to_string());
			Some(format!(
				"NOT FINAL: block {block} may still be replaced, the last final one is {last} (--wait final waits)"
			))
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

/// A mistake on the command line, for programs.
pub fn report_usage(error: &clap::Error) {
	let (problem, help) = usage(&error.render().to_string());
	eprintln!("{:#}", json!({ "error": problem, "code": "keelctl::usage", "help": help }));
}

/// The mistake, and what to do about it: the first paragraph of what people read, and the others.
fn usage(rendered: &str) -> (String, String) {
	let mut paragraphs = rendered.trim().split("\n\n").map(|paragraph| {
		paragraph.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
	});
	let problem = paragraphs.next().unwrap_or_default();
	let help: Vec<_> = paragraphs.collect();
	(problem.trim_start_matches("error: ").to_owned(), help.join(" "))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_mistake_is_told_whole_and_apart_from_the_help() {
		let rendered =
			"error: the following required arguments were not provided:\n  <ID>\n\nUsage: keelctl trade \
		                accept <ID>\n\nFor more information, try '--help'.\n";
		let (problem, help) = usage(rendered);
		assert_eq!(problem, "the following required arguments were not provided: <ID>");
		assert_eq!(help, "Usage: keelctl trade accept <ID> For more information, try '--help'.");
	}

	#[test]
	fn what_is_not_final_is_told_as_such() {
		let not_final = Standing::NotFinal { block: 7, finalized: Some(5) };
		for sent in [true, false] {
			let line = how_final(&not_final, sent).expect("a line");
			assert!(line.contains("NOT FINAL: block 7") && line.contains("one is 5"), "{line}");
		}
		let line = how_final(&Standing::Final(7), true).expect("a line");
		assert_eq!(line, "final: block 7 cannot be replaced");
		assert_eq!(how_final(&Standing::Final(7), false), None, "a look at what is final needs no word");
	}
}
