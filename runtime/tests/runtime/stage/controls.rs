// SPDX-License-Identifier: Apache-2.0
//! Scenarios can fail: each way in which one may be wrong, and what is said of it.

use super::{play, spec::Chapter, Stage, OPEN};

const FILE: &str = "docs/spec/test.md";

/// What is said of a scenario with these statements, which begin in line 3.
fn played(statements: &str) -> Vec<String> {
	let (text, mut faults) = (format!("```scenario chain XX-01\nA title\n{statements}\n```\n"), Vec::new());
	let chapter = Chapter::read(FILE, &text, &mut faults);
	faults.extend(chapter.scenarios.iter().filter_map(|scenario| play(scenario).err()));
	faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_scenario_that_is_right_plays() {
	let right = "markets open\ndeposit alice 5000\n# A remark.\nexpect alice cash 5000  # and another";
	assert_eq!(played(right), Vec::<String>::new());
}

/// Somebody bankrupt, and who paid for him.
const STORY: [&str; 8] = [
	"give alice 100 to tranche BTC",
	"deposit ferdie 450",
	"deposit dave 100000",
	"deposit eve 1000",
	"trade ferdie buys 1 BTC from dave at 8000",
	"trade dave buys 1 ETH from eve at 200",
	"price BTC 7040",
	"blocks 6",
];

/// What is said of each of these, after the story.
fn said_of(statements: &[&str]) -> Vec<String> {
	let mut said = Vec::new();
	OPEN.go_on(|| {
		let mut stage = Stage::default();
		for statement in STORY {
			stage.statement(statement).expect("the story is right");
		}
		let mut tell = |statement: &&str| match stage.statement(statement) {
			Ok(()) => "nothing".to_owned(),
			Err(fail) => fail.told(statement),
		};
		said = statements.iter().map(&mut tell).collect();
	});
	said
}

#[test]
fn every_expectation_can_fail() {
	let wrong = [
		("alice cash 1", "found 0"),
		("alice equity at least 1", "found 0"),
		("alice health above 0", "found 0"),
		("alice leaving 1", "found 0"),
		("alice position BTC long 1", "there is no position"),
		("dave position ETH short 1", "found Long"),
		("alice waits in line", "found None"),
		("alice waits for BTC", "found None"),
		("alice has seat extra", ""),
		("alice has no seat", "found true"),
		("ferdie has seat", "found false"),
		("bob holds 1", "found 10000000"),
		("bob KEEL below 1", "found 1000000"),
		("BTC status halted", "found Open"),
		("BTC mark above 8000", "found 7040"),
		("BTC index 8000", "found 7040"),
		("BTC open interest 1", "found 0"),
		("BTC tranche 100", "found 0"),
		("BTC loss at most 500", ""),
		("BTC loss-from-tranche 99", "found 100"),
		("BTC loss-from-fund 1", "found 0"),
		("BTC loss-from-winners 0", ""),
		("BTC loss-owed 1", "found 0"),
		("BTC backstop equity 1", "found 250000"),
		("BTC backstop position long 1", "there is no position"),
		("BTC incidents 9", "found 1"),
		("BTC incidents open 1", "found 0"),
		("BTC budget 1", "found 129600"),
		("feed BTC stale", "found Valid"),
		("feed BTC sources 4", "found 5"),
		("feed BTC price 8000", "found 7040"),
		("feed BTC slow below 7040", ""),
		("feed BTC volatility 9", "found 0"),
		("feed BTC age above 60", "found 4"),
		("feed BTC deviation 1", "found 2"),
		("fund 1", "found 0"),
		("seats 4", "found 5"),
		("quorum counts 4", "found 5"),
		("changes waiting 1", "found 0"),
		("safe mode on", "found false"),
		("event Margin.Deposited", "the last act has told"),
		("no event Liquidation.Bankrupt", "the last act has told"),
		("event Oracle.PriceLanded once", "the last act has told"),
	];
	let statements: Vec<_> = wrong.iter().map(|(wrong, _)| format!("expect {wrong}")).collect();
	let said = said_of(&statements.iter().map(String::as_str).collect::<Vec<_>>());
	for ((statement, said), (_, found)) in statements.iter().zip(&said).zip(wrong) {
		let begins = match statement.as_str() {
			"expect alice has seat extra" => "expected what is known of a person".to_owned(),
			statement => format!("`{statement}`: {found}"),
		};
		assert!(said.starts_with(&begins), "{statement}: {said}");
	}
}

/// Figures of the chapters, changed: none of them plays any more.
#[test]
fn a_figure_of_the_specification_that_is_changed_is_seen() {
	let (chapters, _) = super::chapters();
	let mut changed = 0;
	for chapter in &chapters {
		// One of each chapter: its last expectation of a plain figure.
		let found = chapter.playing_on(super::spec::Stage::Chain).find_map(|scenario| {
			let is_figure = |word: &str| word.parse::<f64>().is_ok();
			let at = scenario.steps.iter().rposition(|step| {
				let words: Vec<_> = step.text.split(' ').collect();
				let plain = !["above", "below", "least", "most"].iter().any(|word| words.contains(word));
				words[0] == "expect" && plain && words.last().is_some_and(|word| is_figure(word))
			})?;
			Some((scenario.clone(), at))
		});
		let Some((mut scenario, at)) = found else { continue };
		let (kept, _) = scenario.steps[at].text.rsplit_once(' ').expect("it has a figure");
		scenario.steps[at].text = format!("{kept} 123456");
		let said = play(&scenario).expect_err("another figure is wrong");
		assert_eq!(
			(said.file.as_str(), said.line),
			(chapter.file.as_str(), scenario.steps[at].line),
			"{said}"
		);
		changed += 1;
	}
	assert!(changed >= 4, "only {changed} chapters have figures");
}

#[test]
fn a_refusal_must_come_with_its_error() {
	assert_eq!(
		played("refused Margin.AmountTooSmall: deposit alice 5"),
		["docs/spec/test.md:3: `refused Margin.AmountTooSmall: deposit alice 5`: it was not refused"]
	);
	assert_eq!(
		played("refused BadOrigin: withdraw alice 5\nexpect fund 0"),
		["docs/spec/test.md:3: `refused BadOrigin: withdraw alice 5`: refused with \
		  Margin.InsufficientFreeCollateral"]
	);
	assert_eq!(
		played("withdraw alice 5\nexpect fund 0"),
		["docs/spec/test.md:3: `withdraw alice 5`: refused with Margin.InsufficientFreeCollateral"]
	);
}

#[test]
fn a_line_that_says_nothing_is_refused_with_what_was_expected() {
	let lines = [
		("hodl BTC", "expected a statement, found `hodl BTC`"),
		("refused Margin.Nonsense: block", "expected the name of an error like Margin.ReducingOnly"),
		("expect event Margin.Nonsense", "expected the name of an event like Oracle.PriceLanded"),
		("expect no event Nonsense", "expected the name of an event like Oracle.PriceLanded"),
		("deposit mallory 5", "expected a person (alice, bob, charlie, dave, eve, ferdie), found `mallory`"),
		("deposit alice much", "dollars: expected a number, found `much`"),
		("price DOGE 5", "expected a market (BTC, ETH, SOL), found `DOGE`"),
		(
			"motion senate alice: remark",
			"expected a body (council, technical, risk, security), found `senate`",
		),
		("motion council alice: riches", "expected a call, found `riches`"),
		("approve alice: dance", "expected an act, found `dance`"),
		("approve alice: pause withdraw", "expected a call like Margin.withdraw, found `withdraw`"),
		("send alice", "expected a statement, found `send alice`"),
		("whisper alice: remark", "expected who says it, found `whisper alice`"),
		("motion risk alice eve: feed BTC colour 1%", "expected a parameter, found `colour 1%`"),
		("expect BTC luck 1", "expected what is known of a market, found `luck 1`"),
		(
			"expect BTC status shut",
			"expected a status (open, guarded, auction, halted, settling), found `shut`",
		),
		(
			"expect feed BTC good",
			"expected a state (valid, uncertain, volatile, stale, missing), found `good`",
		),
		("expect fund at 5", "expected a number, found `at 5`"),
	];
	let said = said_of(&lines.map(|(line, _)| line));
	for ((line, error), said) in lines.iter().zip(said) {
		assert!(said.starts_with(error), "{line}: {said}");
	}
}
