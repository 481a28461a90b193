// SPDX-License-Identifier: Apache-2.0
//! Rules and what shows them belong together.

use super::{Chapter, Fault};
use std::collections::BTreeMap;

/// Rules that share an id, or that neither a scenario nor a test shows; scenarios and exceptions of rules that are not
/// there; exceptions whose tests are not there, or that a scenario shows after all. `text_of` reads a file of the
/// repository.
pub fn faults(chapters: &[Chapter], text_of: impl Fn(&str) -> Option<String>) -> Vec<Fault> {
	let mut faults = Vec::new();
	let mut at = |file: &str, line, what: String| faults.push(Fault { file: file.into(), line, what });

	let mut known: BTreeMap<&str, &str> = BTreeMap::new();
	for chapter in chapters {
		for rule in &chapter.rules {
			if let Some(other) = known.insert(&rule.id, &chapter.file) {
				at(&chapter.file, rule.line, format!("{} is also a rule of {other}", rule.id));
			}
		}
	}

	let played = |id: &String| {
		chapters.iter().flat_map(|chapter| &chapter.scenarios).any(|scenario| scenario.rules.contains(id))
	};
	for chapter in chapters {
		for scenario in &chapter.scenarios {
			for id in scenario.rules.iter().filter(|id| !known.contains_key(id.as_str())) {
				at(&chapter.file, scenario.line, format!("there is no rule {id}"));
			}
		}
		for exception in &chapter.exceptions {
			for id in &exception.rules {
				if !known.contains_key(id.as_str()) {
					at(&chapter.file, exception.line, format!("there is no rule {id}"));
				} else if played(id) {
					at(&chapter.file, exception.line, format!("{id} has a scenario: it is no exception"));
				}
			}
			for (test, path) in &exception.tests {
				match text_of(path) {
					None => at(&chapter.file, exception.line, format!("there is no file {path}")),
					Some(text) if !has_test(&text, test) => {
						at(&chapter.file, exception.line, format!("{path} has no test {test}"));
					}
					Some(_) => {}
				}
			}
		}
		let excepted = |id: &String| {
			chapters
				.iter()
				.flat_map(|chapter| &chapter.exceptions)
				.any(|exception| exception.rules.contains(id))
		};
		for rule in &chapter.rules {
			if !played(&rule.id) && !excepted(&rule.id) {
				at(&chapter.file, rule.line, format!("{} has no scenario", rule.id));
			}
		}
	}
	faults
}

/// Whether a file has a test of this name: a function right below `#[test]`, perhaps with other attributes and a doc
/// comment between.
fn has_test(text: &str, name: &str) -> bool {
	let Some((before, _)) = text.split_once(&format!("fn {name}(")) else { return false };
	let between = before.rsplit_once("#[test]").map(|(_, between)| between);
	let is_attribute = |line: &str| line.is_empty() || line.starts_with("#[") || line.starts_with("//");
	between.is_some_and(|between| between.lines().map(str::trim).all(is_attribute))
}
