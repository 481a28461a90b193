// SPDX-License-Identifier: Apache-2.0
//! A specification that is wrong is seen: each way in which it may be, and what is said of it.

use super::*;

const FILE: &str = "docs/spec/test.md";

fn read(text: &str) -> (Chapter, Vec<String>) {
	let mut faults = Vec::new();
	let chapter = Chapter::read(FILE, text, &mut faults);
	(chapter, faults.iter().map(Fault::to_string).collect())
}

/// A chapter with one rule and one scenario of it.
fn chapter(statements: &str) -> String {
	format!("# Test\n\n- **XX-01** A rule.\n\n```scenario XX-01\nA title\n{statements}\n```\n")
}

/// Two tests, of which one is none.
const TESTS: &str = "#[test]\nfn there_is_one() {\n}\n\nfn no_test() {\n}\n";

fn rule_faults(text: &str) -> Vec<String> {
	let (chapter, faults) = read(text);
	assert_eq!(faults, Vec::<String>::new());
	let text_of = |path: &str| (path == "tests.rs").then(|| TESTS.to_owned());
	faults_of(&[chapter], text_of)
}

fn faults_of(chapters: &[Chapter], text_of: impl Fn(&str) -> Option<String>) -> Vec<String> {
	super::faults(chapters, text_of).iter().map(Fault::to_string).collect()
}

#[test]
fn a_scenario_is_a_title_and_ends_with_an_expectation() {
	let no_title = "```scenario XX-01\ndeposit alice 5000\nexpect alice cash 5000\n```\n";
	assert_eq!(read(no_title).1, ["docs/spec/test.md:1: expected a title that begins with a capital"]);
	let empty = "```scenario XX-01\n\n```\n";
	assert_eq!(read(empty).1, ["docs/spec/test.md:1: expected a title that begins with a capital"]);
	let at_the_end = ["docs/spec/test.md:5: expected an expectation or a refusal at the end"];
	assert_eq!(read(&chapter("deposit alice 5000")).1, at_the_end);
	assert_eq!(read(&chapter("# expect alice cash 5000")).1, at_the_end);
}

#[test]
fn a_scenario_says_where_it_plays_and_remarks_are_for_the_reader() {
	let (chapter, faults) = read("```scenario chain XX-01 XX-02\nA title\n\n# one\nexpect a # two\n```\n");
	assert_eq!(faults, Vec::<String>::new());
	let [scenario] = &chapter.scenarios[..] else { panic!("{chapter:?}") };
	assert_eq!((scenario.stage, scenario.line), (Stage::Chain, 1));
	assert_eq!(scenario.rules, ["XX-01", "XX-02"]);
	assert_eq!(scenario.steps, [Step { line: 5, text: "expect a".into() }]);
	assert_eq!(chapter.playing_on(Stage::Margin).count(), 0);
	let (chapter, _) = read("```scenario book XX-01\nA title\nexpect a\n```\n");
	assert_eq!(chapter.playing_on(Stage::Book).count(), 1);
}

#[test]
fn a_block_that_is_nearly_a_scenario_is_not_skipped() {
	let expected =
		|fence: &str| format!("docs/spec/test.md:1: expected ```scenario and rules, found `{fence}`");
	for fence in [
		"```Scenario XX-01",
		"``` scenario XX-01",
		"  ```scenario XX-01",
		"```scenario",
		"```scenarios XX-01",
	] {
		assert_eq!(read(&format!("{fence}\nA title\n```\n")).1, [expected(fence)]);
	}
	for (fence, found) in [("```scenario XX-1", "XX-1"), ("```scenario Chain XX-01", "Chain")] {
		let expected = format!("docs/spec/test.md:1: expected the id of a rule like MA-08, found `{found}`");
		assert_eq!(read(&format!("{fence}\nA title\n```\n")).1, [expected]);
	}
	for fence in ["```scenario ", "```scenario chain ", "```scenario book "] {
		let expected = ["docs/spec/test.md:1: expected the rules that the scenario shows"];
		assert_eq!(read(&format!("{fence}\nA title\n```\n")).1, expected);
	}
	assert_eq!(
		read("```scenario XX-01\nA title\n").1,
		["docs/spec/test.md:1: expected a line ``` that ends the block"]
	);
	assert_eq!(read("```text\nanything\n```\n"), (read("").0, Vec::new()));
}

#[test]
fn rules_are_shown_once_and_named_well() {
	assert_eq!(rule_faults(&chapter("expect it")), Vec::<String>::new());
	assert_eq!(rule_faults("- **XX-01** A rule.\n"), ["docs/spec/test.md:1: XX-01 has no scenario"]);
	let unknown = chapter("expect it").replace("```scenario XX-01", "```scenario XX-01 XX-02");
	assert_eq!(rule_faults(&unknown), ["docs/spec/test.md:5: there is no rule XX-02"]);
	let twice = chapter("expect it") + "\n- **XX-01** Another.\n";
	assert_eq!(rule_faults(&twice), ["docs/spec/test.md:10: XX-01 is also a rule of docs/spec/test.md"]);
	assert_eq!(
		read("- **MA8** A rule.\n").1,
		["docs/spec/test.md:1: expected the id of a rule like MA-08, found `MA8** A rule.`"]
	);
}

#[test]
fn a_rule_without_a_scenario_says_why_and_names_tests_that_are_there() {
	let with = |row: &str| format!("- **XX-01** A rule.\n\n| rules | why | tests |\n|---|---|---|\n{row}\n");
	let why = "a genesis that breaks it does not build";
	let row = |tests: &str| with(&format!("| XX-01 | {why} | {tests} |"));
	let at = |what: &str| vec![format!("{FILE}:5: {what}")];
	assert_eq!(rule_faults(&row("`there_is_one` in `tests.rs`")), Vec::<String>::new());
	assert_eq!(rule_faults(&row("`there_is` in `tests.rs`")), at("tests.rs has no test there_is"));
	assert_eq!(rule_faults(&row("`no_test` in `tests.rs`")), at("tests.rs has no test no_test"));
	assert_eq!(rule_faults(&row("`there_is_one` in `no.rs`")), at("there is no file no.rs"));
	assert_eq!(
		rule_faults(&row("`there_is_one`, `no_test` in `tests.rs`; `a` in `b.rs`")),
		[format!("{FILE}:5: tests.rs has no test no_test"), format!("{FILE}:5: there is no file b.rs")]
	);
	let unknown = row("`there_is_one` in `tests.rs`").replace("| XX-01 |", "| XX-01, XX-02 |");
	assert_eq!(rule_faults(&unknown), at("there is no rule XX-02"));
	let both = chapter("expect it") + &format!("| XX-01 | {why} | `there_is_one` in `tests.rs` |\n");
	assert_eq!(rule_faults(&both), [format!("{FILE}:9: XX-01 has a scenario: it is no exception")]);

	let tests = "`there_is_one` in `tests.rs`";
	assert_eq!(
		read(&with("| XX-01 | no |")).1,
		at("expected | rules | why no scenario shows them | tests |")
	);
	assert_eq!(
		read(&with(&format!("| XX-01 | cannot be | {tests} |"))).1,
		at("expected why no scenario shows it, found `cannot be`")
	);
	assert_eq!(read(&row("there_is_one")).1, at("expected `test` in `path`, found there_is_one"));
}
