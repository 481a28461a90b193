// SPDX-License-Identifier: Apache-2.0
//! Scenarios can fail: each of them, when anything that it expects is changed, and each way in which a statement may be
//! wrong.

use super::stage;
use keel_test_support::spec::{
	chapters,
	number::{parse, show},
	Chapter, Fault, Stage, Step,
};

const FILE: &str = "docs/spec/test.md";

/// What is said of a scenario with these statements, which begin in line 3.
fn played(statements: &str) -> Vec<String> {
	let mut faults = Vec::new();
	let text = format!("```scenario book XX-01\nA title\n{statements}\n```\n");
	let chapter = Chapter::read(FILE, &text, &mut faults);
	faults.extend(chapter.scenarios.iter().filter_map(|it| stage::play(it).err()));
	faults.iter().map(Fault::to_string).collect()
}

/// A statement that says something else than this one, if it says that something is so.
fn changed(text: &str) -> Option<String> {
	if let Some(rest) = text.strip_prefix("refused ") {
		let (error, act) = rest.split_once(": ")?;
		let other =
			if error == "Orderbook.ZeroSize" { "Orderbook.UnknownOrder" } else { "Orderbook.ZeroSize" };
		return Some(format!("refused {other}: {act}"));
	}
	let said = text.strip_prefix("expect ")?;
	for (from, to) in [
		(" no position BTC", " position BTC long 1"),
		("fills none", "fills 1 at 1"),
		("left none", "left 1"),
		("none", "1 at 1"),
		(" waits", " fired"),
		(" fired", " waits"),
		(" gave-way", " waits"),
		(" called-off", " waits"),
		(" settled", " waits"),
	] {
		if let Some(kept) = said.strip_suffix(from) {
			// An impact price has no size.
			let to = if said.starts_with("impact") { "1" } else { to };
			return Some(format!("expect {kept}{to}"));
		}
	}
	if let Some((kept, reason)) = said.split_once(" cancelled ") {
		let other = if reason == "Owner" { "Expired" } else { "Owner" };
		return Some(format!("expect {kept} cancelled {other}"));
	}
	if let Some((kept, _)) = said.split_once(" refused ") {
		return Some(format!("expect {kept} fired"));
	}
	let (kept, figure) = said.rsplit_once(' ')?;
	let other = show(parse(figure, 18).ok()? + 10_i128.pow(18), 18);
	Some(format!("expect {kept} {other}"))
}

#[test]
fn nothing_that_a_scenario_expects_could_be_otherwise() {
	let (chapters, _) = chapters();
	let mut count = 0;
	for scenario in chapters.iter().flat_map(|chapter| chapter.playing_on(Stage::Book)) {
		for (index, Step { line, text }) in scenario.steps.iter().enumerate() {
			let says = text.starts_with("expect ") || text.starts_with("refused ");
			let Some(other) = changed(text) else {
				assert!(!says, "{}:{line}: `{text}` was not changed", scenario.file);
				continue;
			};
			let mut wrong = scenario.clone();
			wrong.steps[index].text.clone_from(&other);
			let fault = stage::play(&wrong).expect_err(&other);
			assert_eq!(fault.line, *line, "{fault}");
			count += 1;
		}
	}
	assert!(count > 100, "only {count} statements were changed");
	println!("{count} statements changed");
}

#[test]
fn a_scenario_that_is_right_plays() {
	let right = "deposit alice 5000\n\n# A remark.\nexpect alice cash 5000  # and another";
	assert_eq!(played(right), Vec::<String>::new());
}

#[test]
fn what_is_found_is_said() {
	let trade = "deposit alice 10000\ndeposit bob 10000\nbob sells 1 BTC at 50000 as ask\nalice buys 1 BTC at 50000\n";
	for (wrong, found) in [
		("alice cash 1", "found -40000"),
		("alice equity 1", "found 10000"),
		("alice reserved 1", "found 0"),
		("alice paid 1", "found 0"),
		("alice volume 1", "found 50000"),
		("alice position BTC long 2", "found Long 1"),
		("alice position BTC short 1", "found Long 1"),
		("alice position ETH long 1", "there is no position"),
		("alice no position BTC", "found Long 1"),
		("bids BTC 1 at 50000", "found none"),
		("asks BTC 1 at 50000", "found none"),
		("fills none", "found 1 at 50000"),
		("fills 1 at 50000 1 at 50000", "found 1 at 50000"),
		("indication BTC 1 at 50000", "found none"),
		("impact BTC 50000", "found none"),
		("fees BTC 1", "found 0"),
		("given fund 1", "found 0"),
		("debt BTC 1", "found 0"),
		("order ask left 1", "found none"),
		("order ask at 50000", "found none"),
		("order ask cancelled Owner", "found \"that it was not cancelled in the last act\""),
		("order ask waits", "found false"),
		("order ask fired", "found None"),
		("order bid left 1", "no order is called `bid`"),
	] {
		assert_eq!(
			played(&format!("{trade}expect {wrong}")),
			[format!("{FILE}:7: `expect {wrong}`: {found}")]
		);
	}
}

#[test]
fn a_refusal_must_come_with_its_error_and_what_was_to_happen_must_happen() {
	for (lines, found) in [
		("refused Margin.AmountTooSmall: deposit alice 10", "it was not refused"),
		("refused Margin.NoAccount: deposit alice 5", "refused with Margin.AmountTooSmall"),
		("deposit alice 5\nexpect alice cash 5", "refused with Margin.AmountTooSmall"),
	] {
		let statement = lines.lines().next().expect("there is one");
		assert_eq!(played(lines), [format!("{FILE}:3: `{statement}`: {found}")]);
	}
	assert_eq!(
		played("price BTC 40000\nexpect fills none"),
		[format!("{FILE}:1: expected a block in which the last price lands")]
	);
}

#[test]
fn a_word_that_is_not_expected_is_named() {
	for (line, error) in [
		("hodl BTC", "expected a statement, found `hodl`"),
		("deposit mallory 1", "expected an account like alice or alice/1, found `mallory`"),
		("alice hugs 1 BTC", "expected what is done (buys, sells, reduces), found `hugs`"),
		("alice buys 1 XRP at 1", "expected a market (BTC, ETH, SOL), found `XRP`"),
		("alice buys 1 BTC for 1", "expected `at`, found `for`"),
		("alice buys 1 BTC at 1 soon", "expected how the order is treated, found `soon`"),
		("alice buys 1 BTC at 1 for 5 days", "expected `blocks`, found `days`"),
		("alice buys 1 BTC at 1 as 7", "expected the name of an order, found `7`"),
		("alice buys 1 BTC at 1 cancels all", "expected which (oldest, both), found `all`"),
		("alice buys 1 BTC at 1 when at 2", "expected a way (above, below), found `at`"),
		("alice buys 1 BTC at 1 reducing", "only an order that waits is `reducing` or `paired`"),
		("alice reduces 1 BTC at 1 when above 2", "an order that waits buys or sells, and is treated as any"),
		("alice reduces 1 BTC at 1 cancels both", "a reduction gives way to its owner's orders"),
		("cancel alice", "expected the name of an order, found nothing"),
		("cancel alice it", "`cancel alice it`: refused with no order is called `it`"),
		("fees 1%", "expected fees of maker and taker like 0.01%/0.05%, found `1%`"),
		("mode BTC dark", "expected a mode (auctions, matching), found `dark`"),
		("set BTC", "expected a parameter, found nothing"),
		("hook does 2 prices", "expected `expiries`, found `prices`"),
		("block after 5 years", "expected a time (seconds, days), found `years`"),
		("blocks 0", "expected at least one block"),
		("refused Nonsense: block", "expected the name of an error and a colon, found `Nonsense:`"),
		("refused Orderbook.ZeroSize: block", "only a call can be refused"),
		("expect luck", "expected what is so, found `luck`"),
		("expect alice happy", "expected what is known of an account, found `happy`"),
		("expect order it sleeps", "expected what is known of an order, found `sleeps`"),
		("expect order it refused Nonsense", "expected the name of an error, found `Nonsense`"),
		("expect fees BTC 1 2", "expected the end of the line, found `2`"),
	] {
		let said = played(&format!("{line}\nexpect fills none"));
		assert_eq!(said, [format!("{FILE}:3: {error}")], "{line}");
	}
}
