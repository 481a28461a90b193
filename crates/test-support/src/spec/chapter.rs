// SPDX-License-Identifier: Apache-2.0
//! A chapter of the spec: its rules and its scenarios, with their lines.

use super::Fault;

/// A rule: a line that begins `- **MA-08**`, and what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
	/// Its name: `MA-08`.
	pub id: String,
	/// Where it stands.
	pub line: usize,
}

/// A rule that no scenario can show: a row `| MA-08 | why | `test` in `path` |` of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
	/// The rules.
	pub rules: Vec<String>,
	/// Where it stands.
	pub line: usize,
	/// Why no scenario can.
	pub why: String,
	/// The tests that show it, and the files they are in.
	pub tests: Vec<(String, String)>,
}

/// Where a scenario plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
	/// On the pallet of margin alone, which is told prices and states: ```` ```scenario MA-08 ````.
	Margin,
	/// On the order book and the pallet of margin: ```` ```scenario book OB-07 ````.
	Book,
	/// On the whole chain, as its blocks are made: ```` ```scenario chain WF-03 ````.
	Chain,
}

/// A scenario: what it shows, and its statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
	/// The chapter.
	pub file: String,
	/// Where it begins.
	pub line: usize,
	/// Where it plays.
	pub stage: Stage,
	/// The rules it shows.
	pub rules: Vec<String>,
	/// Its statements.
	pub steps: Vec<Step>,
}

/// A statement, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
	/// Where it stands.
	pub line: usize,
	/// What it says, without the remark.
	pub text: String,
}

/// A chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
	/// Its file, by its path from the root.
	pub file: String,
	/// Its rules.
	pub rules: Vec<Rule>,
	/// Its scenarios.
	pub scenarios: Vec<Scenario>,
	/// The rules that no scenario can show.
	pub exceptions: Vec<Exception>,
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
		let mut chapter =
			Self { file: file.into(), rules: Vec::new(), scenarios: Vec::new(), exceptions: Vec::new() };
		let mut lines: Lines = (1..).zip(text.lines()).peekable();
		while let Some((line, text)) = lines.next() {
			let read = if let Some(rest) = text.strip_prefix("- **") {
				Rule::read(line, rest).map(|rule| chapter.rules.push(rule))
			} else if let Some(info) = text.trim_start().strip_prefix("```") {
				read_block(file, line, text, info, &mut lines)
					.map(|scenario| chapter.scenarios.extend(scenario))
			} else if text.starts_with('|') {
				Exception::read(line, text).map(|exception| chapter.exceptions.extend(exception))
			} else {
				Ok(())
			};
			faults.extend(read.err().map(|(line, what)| Fault { file: file.into(), line, what }));
		}
		chapter
	}

	/// Its scenarios that play on a stage.
	pub fn playing_on(&self, stage: Stage) -> impl Iterator<Item = &Scenario> {
		self.scenarios.iter().filter(move |scenario| scenario.stage == stage)
	}
}

impl Rule {
	/// The rule that begins with `rest`.
	fn read(line: usize, rest: &str) -> Result<Self, (usize, String)> {
		let id = rest.split_once("**").map(|(id, _)| id).filter(|id| is_id(id));
		let id = id.ok_or_else(|| (line, format!("expected the id of a rule like MA-08, found `{rest}`")))?;
		Ok(Self { id: id.into(), line })
	}
}

impl Exception {
	/// A row of a table; nothing when its first cell is not one or several rules.
	fn read(line: usize, text: &str) -> Result<Option<Self>, (usize, String)> {
		let cells: Vec<_> = text.trim().trim_matches('|').split('|').map(str::trim).collect();
		let rules: Vec<_> = cells[0].split(", ").map(str::to_owned).collect();
		if !rules.iter().all(|rule| is_id(rule)) {
			return Ok(None);
		}
		let [_, why, tests] = cells[..] else {
			return Err((line, "expected | rules | why no scenario shows them | tests |".into()));
		};
		if why.split_whitespace().count() < 4 {
			return Err((line, format!("expected why no scenario shows it, found `{why}`")));
		}
		let mut shown_by = Vec::new();
		for part in tests.split("; ") {
			let read = part.split_once(" in ").and_then(|(names, path)| {
				let path = path.strip_prefix('`')?.strip_suffix('`')?;
				names
					.split(", ")
					.map(|name| Some((name.strip_prefix('`')?.strip_suffix('`')?.into(), path.into())))
					.collect::<Option<Vec<_>>>()
			});
			shown_by.extend(read.ok_or_else(|| (line, format!("expected `test` in `path`, found {part}")))?);
		}
		Ok(Some(Self { rules, line, why: why.into(), tests: shown_by }))
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
	let (stage, rules) = match rules.split_once(' ') {
		Some(("chain", rules)) => (Stage::Chain, rules),
		Some(("book", rules)) => (Stage::Book, rules),
		_ => (Stage::Margin, rules),
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
	let steps: Vec<_> = body
		.map(|(line, text)| (line, text.split_once(" #").map_or(text, |(statement, _)| statement).trim()))
		.filter(|(_, text)| !text.starts_with('#'))
		.map(|(line, text)| Step { line, text: text.into() })
		.collect();
	let ends = |step: &Step| matches!(step.text.split(' ').next(), Some("expect" | "refused"));
	if !steps.last().is_some_and(ends) {
		return Err((line, "expected an expectation or a refusal at the end".into()));
	}
	Ok(Some(Scenario { file: file.into(), line, stage, rules, steps }))
}
