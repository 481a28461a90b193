// SPDX-License-Identifier: Apache-2.0
//! A page of the documentation, as somebody follows it: its blocks that are marked for a test.

/// A fenced block that a comment before it marks: `<!-- test: every machine -->`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
	/// What the mark says.
	pub mark: String,
	/// What stands between the fences.
	pub text: String,
}

/// The marked blocks of a page, in order.
pub fn marked(page: &str) -> Vec<Block> {
	let mut blocks = Vec::new();
	let mut lines = page.lines();
	while let Some(line) = lines.next() {
		let mark = line.strip_prefix("<!-- test: ").and_then(|rest| rest.strip_suffix(" -->"));
		let Some(mark) = mark else { continue };
		assert!(
			lines.next().is_some_and(|fence| fence.starts_with("```")),
			"no block follows the mark '{mark}'"
		);
		let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
		blocks.push(Block { mark: mark.to_owned(), text: text.join("\n") + "\n" });
	}
	blocks
}

/// `text` with each `<name>` replaced by what `fill` says of it.
pub fn filled(text: &str, mut fill: impl FnMut(&str) -> String) -> String {
	let mut parts = text.split('<');
	let mut whole = parts.next().unwrap_or_default().to_owned();
	for part in parts {
		let (name, rest) = part.split_once('>').unwrap_or_else(|| panic!("'<{part}' has no end"));
		whole += &fill(name);
		whole += rest;
	}
	whole
}

/// The command that a systemd unit starts, its words with `${NAME}` replaced by what `variable` says.
pub fn exec_start(unit: &str, variable: impl Fn(&str) -> String) -> Vec<String> {
	let unit = unit.replace("\\\n", " ");
	let command =
		unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a unit starts something");
	let word = |word: &str| {
		let mut parts = word.split("${");
		let first = parts.next().unwrap_or_default().to_owned();
		parts.fold(first, |whole, part| {
			let (name, rest) = part.split_once('}').expect("a variable has an end");
			whole + &variable(name) + rest
		})
	};
	command.split_whitespace().map(word).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn only_marked_blocks_are_taken_as_they_stand() {
		let page =
			"text\n```sh\nnot this\n```\n<!-- test: here -->\n```sh\none\n\n\ttwo\n```\n<!-- a comment -->\n";
		assert_eq!(marked(page), [Block { mark: "here".to_owned(), text: "one\n\n\ttwo\n".to_owned() }]);
	}

	#[test]
	fn what_is_in_angle_brackets_is_filled_in() {
		assert_eq!(filled("[\"<a b>\", <c>]", |name| name.to_uppercase()), "[\"A B\", C]");
	}

	#[test]
	fn a_unit_starts_a_command_with_its_variables() {
		let unit = "[Service]\nExecStart=/bin/x --a ${A} \\\n    --b /ip4/${B}/tcp/${A}\nRestart=no\n";
		let command = exec_start(unit, |name| format!("({name})"));
		assert_eq!(command, ["/bin/x", "--a", "(A)", "--b", "/ip4/(B)/tcp/(A)"]);
	}
}
