// SPDX-License-Identifier: Apache-2.0
//! A chapter of the spec: its rules and its scenarios, with their lines.

use super::{language::Statement, parser::statement, Fault};

/// A rule: a line that begins `- **MA-08**`, and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
	pub id: String,
	pub line: usize,
	/// The test of the runtime that shows it, where a scenario cannot: `(runtime test: name)`.
	pub shown_by: Option<String>,
}

/// A scenario: what it shows, and its statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
	pub file: String,
	pub line: usize,
	pub rules: Vec<String>,
	pub steps: Vec<Step>,
}

/// A statement, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
	pub line: usize,
	pub text: String,
	pub statement: Statement,
}

/// A chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
	pub file: String,
	pub rules: Vec<Rule>,
	pub scenarios: Vec<Scenario>,
}

type Lines<'a> = std::iter::Peekable<std::iter::Zip<std::ops::RangeFrom<usize>, std::str::Lines<'a>>>;

/// `MA-08`: two or three capitals, two digits.
fn is_id(text: &str) -> bool {
	text.split_once('-').is_some_and(|(chapter, number)| {
		(2..=3).contains(&chapter.len())
			&& chapter.bytes().all(|byte| byte.is_ascii_uppercase())
			&& number.len() == 2
			&& number.bytes().all(|byte| byte.is_ascii_digit())
	})
}

impl Chapter {
	/// Read a chapter; what is wrong in it joins `faults`.
	pub fn read(file: &str, text: &str, faults: &mut Vec<Fault>) -> Self {
		let mut chapter = Self { file: file.into(), rules: Vec::new(), scenarios: Vec::new() };
		let mut lines: Lines = (1..).zip(text.lines()).peekable();
		while let Some((line, text)) = lines.next() {
			let read = if let Some(rest) = text.strip_prefix("- **") {
				Rule::read(line, rest, &mut lines).map(|rule| chapter.rules.push(rule))
			} else if let Some(info) = text.trim_start().strip_prefix("```") {
				read_block(file, line, text, info, &mut lines)
					.map(|scenario| chapter.scenarios.extend(scenario))
			} else {
				Ok(())
			};
			faults.extend(read.err().map(|(line, what)| Fault { file: file.into(), line, what }));
		}
		chapter
	}
}

impl Rule {
	/// The rule that begins with `rest` and ends before a blank line, a fence or the next one.
	fn read(line: usize, rest: &str, lines: &mut Lines) -> Result<Self, (usize, String)> {
		let id = rest.split_once("**").map(|(id, _)| id).filter(|id| is_id(id));
		let id = id.ok_or_else(|| (line, format!("expected the id of a rule like MA-08, found `{rest}`")))?;
		let mut text = rest.to_owned();
		while let Some((_, more)) = lines.next_if(|(_, text)| text.starts_with("  ")) {
			text = format!("{text} {}", more.trim());
		}
		let shown_by = match text.split_once("(runtime test:") {
			None => None,
			Some((_, marker)) => {
				let name = marker.split_once(')').map(|(name, _)| name.trim());
				let is_name = |name: &&str| {
					!name.is_empty() && name.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
				};
				let name = name.filter(is_name);
				Some(name.ok_or((line, "expected the name of a test and `)`".to_owned()))?.to_owned())
			}
		};
		Ok(Self { id: id.into(), line, shown_by })
	}
}

/// A fenced block: a scenario, or something else.
fn read_block(
	file: &str,
	line: usize,
	fence: &str,
	info: &str,
	lines: &mut Lines,
) -> Result<Option<Scenario>, (usize, String)> {
	let mut body = Vec::new();
	loop {
		match lines.next() {
			Some((_, text)) if text.trim() == "```" => break,
			Some(inside) => body.push(inside),
			None => return Err((line, "expected a line ``` that ends the block".into())),
		}
	}
	if !info.to_lowercase().contains("scenario") {
		return Ok(None);
	}
	let Some(rules) = fence.strip_prefix("```scenario ") else {
		return Err((line, format!("expected ```scenario and rules, found `{fence}`")));
	};
	let rules: Vec<_> = rules.split_whitespace().map(str::to_owned).collect();
	if let Some(other) = rules.iter().find(|id| !is_id(id)) {
		return Err((line, format!("expected the id of a rule like MA-08, found `{other}`")));
	}
	if rules.is_empty() {
		return Err((line, "expected the rules that the scenario shows".into()));
	}
	let mut body = body.into_iter().filter(|(_, text)| !text.trim().is_empty());
	// Statements begin with a small letter: a title that was forgotten is not a statement that is skipped.
	let is_title = |(_, text): &(usize, &str)| text.starts_with(char::is_uppercase);
	body.next().filter(is_title).ok_or((line, "expected a title that begins with a capital".to_owned()))?;
	let mut steps = Vec::new();
	for (line, text) in body.filter(|(_, text)| !text.trim_start().starts_with('#')) {
		let statement = statement(text).map_err(|what| (line, what))?;
		steps.push(Step { line, text: text.trim().into(), statement });
	}
	match steps.last().map(|step| &step.statement) {
		Some(Statement::Expect(_) | Statement::Refused(..)) => {
			Ok(Some(Scenario { file: file.into(), line, rules, steps }))
		}
		_ => Err((line, "expected an expectation or a refusal at the end".into())),
	}
}
