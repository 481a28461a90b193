// SPDX-License-Identifier: Apache-2.0
//! Rules and scenarios belong together.

use super::{chapter::Chapter, Fault};
use std::collections::BTreeMap;

/// Chapters that are not there, rules that share an id or are not shown, scenarios of rules that are not there.
/// `tests` is the text of the runtime's tests.
pub fn faults(chapters: &[Chapter], shown: &[&str], tests: &str) -> Vec<Fault> {
	let mut faults = Vec::new();
	let mut at = |file: &str, line, what: String| faults.push(Fault { file: file.into(), line, what });

	for missing in shown.iter().filter(|file| chapters.iter().all(|chapter| chapter.file != **file)) {
		at(missing, 0, "expected a chapter".into());
	}

	let mut known: BTreeMap<&str, &str> = BTreeMap::new();
	for chapter in chapters {
		for rule in &chapter.rules {
			if let Some(other) = known.insert(&rule.id, &chapter.file) {
				at(&chapter.file, rule.line, format!("{} is also a rule of {other}", rule.id));
			}
		}
	}

	let scenarios = || chapters.iter().flat_map(|chapter| &chapter.scenarios);
	for scenario in scenarios() {
		for id in scenario.rules.iter().filter(|id| !known.contains_key(id.as_str())) {
			at(&scenario.file, scenario.line, format!("there is no rule {id}"));
		}
	}

	for chapter in chapters {
		let must_be_shown = shown.contains(&chapter.file.as_str());
		for rule in &chapter.rules {
			if let Some(test) = &rule.shown_by {
				if !tests.contains(&format!("#[test]\nfn {test}() {{\n")) {
					at(&chapter.file, rule.line, format!("{}: the runtime has no test {test}", rule.id));
				}
			} else if must_be_shown && scenarios().all(|scenario| !scenario.rules.contains(&rule.id)) {
				at(&chapter.file, rule.line, format!("{} has no scenario", rule.id));
			}
		}
	}
	faults
}
