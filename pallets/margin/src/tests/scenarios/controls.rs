// SPDX-License-Identifier: Apache-2.0
//! Scenarios can fail: each way in which one may be wrong, and what is said of it.

use super::{parser::statement, stage};
use keel_test_support::spec::{Chapter, Fault};

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

/// What is said of a scenario with these statements, which begin in line 7.
fn played(statements: &str) -> Vec<String> {
	let (chapter, mut faults) = read(&chapter(statements));
	faults.extend(chapter.scenarios.iter().filter_map(|it| stage::play(it).err()).map(|it| it.to_string()));
	faults
}

#[test]
fn a_scenario_that_is_right_plays() {
	let right = "deposit alice 5000\n\n# A remark.\nexpect alice cash 5000  # and another";
	assert_eq!(played(right), Vec::<String>::new());
}

#[test]
fn a_wrong_figure_fails_with_its_line_and_what_was_found() {
	assert_eq!(
		played("deposit alice 5000\nexpect alice cash 5000.000001"),
		["docs/spec/test.md:8: `expect alice cash 5000.000001`: found 5000"]
	);
}

/// Two accounts with 5,000 dollars each, long and short a bitcoin at 50,000.
const OPEN: &str = "deposit alice 5000\ndeposit bob 5000\ntrade alice buys 1 BTC from bob at 50000\n";

#[test]
fn every_expectation_can_fail() {
	for (wrong, found) in [
		("alice cash 5000", "found -45000"),
		("alice equity 4999", "found 5000"),
		("alice health 3501", "found 3500"),
		("alice requirement 0", "found 1500"),
		("alice initial 0", "found 2500"),
		("alice free 5000", "found 0"),
		("alice leaving 1", "found 0"),
		("alice balance 5000", "found 995000"),
		("alice corner 0", "found 375"),
		("alice warning 374", "found 375"),
		("alice no warning", "found 375"),
		("alice key BTC 45374", "found 45375"),
		("alice key ETH 1", "there is no key"),
		("alice place idle", "found Filed"),
		("alice judged bankrupt", "found Healthy"),
		("alice position BTC short 1", "found Long"),
		("alice position BTC long 2", "found 1"),
		("alice position ETH long 1", "there is no position"),
		("alice claim BTC", "there is no claim"),
		("BTC mark 49999", "found 50000"),
		("BTC open interest 2", "found 1"),
		("BTC units long 2", "found 1"),
		("BTC funding long 1", "found 0"),
		("BTC dust 1", "found 0"),
		("BTC sink 1", "found 0"),
		("BTC quarantined", "found false"),
		("BTC keys long 2", "found 1"),
		("BTC ended long 1", "found 0"),
		("BTC open interest limit 1", "found 1000"),
		("BTC soft cap 1", "found 1000000000000"),
		("BTC hard cap 1", "found 2000000000000"),
		("BTC initial rate 4%", "found 5%"),
		("BTC funding rate 1%", "found 0%"),
		("BTC next funding rate 1%", "found 0%"),
		("SOL mark 1", "there is no such market"),
		("alice tier BTC 1", "found 0"),
		("alice leverage 5", "found None"),
		("alice liquidation BTC 1", "found 46391.752577319587628866"),
		("alice liquidation BTC none", "found 46391.752577319587628866"),
		("alice liquidation ETH 1", "there is no position"),
		("custody 9999", "found 10000"),
		("claims 9999", "found 10000"),
		("held 9999", "found 10000"),
		("margin call alice", "margin calls of the last act: "),
		("keys kept", "the last act has written keys"),
	] {
		assert_eq!(
			played(&format!("{OPEN}expect {wrong}")),
			[format!("{FILE}:10: `expect {wrong}`: {found}")]
		);
	}
	let no_position = played(&format!("{OPEN}expect alice no position BTC"));
	assert!(no_position[0].contains("found Position"), "{no_position:?}");
	assert_eq!(
		played(&format!("{OPEN}block\nexpect keys written")),
		["docs/spec/test.md:11: `expect keys written`: the last act has written no key"]
	);
	assert_eq!(
		played(&format!("{OPEN}price BTC 46700\nblock\nexpect no margin call")),
		["docs/spec/test.md:12: `expect no margin call`: margin calls of the last act: alice"]
	);
	assert_eq!(
		played("miscount BTC by 0.000001\nblock\nexpect BTC sound"),
		["docs/spec/test.md:9: `expect BTC sound`: found true"]
	);
}

#[test]
fn a_refusal_must_come_with_its_error() {
	assert_eq!(
		played("refused AmountTooSmall: deposit alice 5000"),
		["docs/spec/test.md:7: `refused AmountTooSmall: deposit alice 5000`: it was not refused"]
	);
	assert_eq!(
		played("refused OncePerBlock: deposit alice 5"),
		["docs/spec/test.md:7: `refused OncePerBlock: deposit alice 5`: refused with AmountTooSmall"]
	);
	assert_eq!(
		played("deposit alice 5\nexpect alice cash 5"),
		["docs/spec/test.md:7: `deposit alice 5`: refused with AmountTooSmall"]
	);
}

#[test]
fn what_was_to_happen_must_happen() {
	assert_eq!(
		played("price BTC 40000\nexpect BTC mark 50000"),
		["docs/spec/test.md:5: expected a block in which the last price lands"]
	);
	assert_eq!(
		played("miscount custody by 1\nexpect custody 1"),
		["docs/spec/test.md:5: expected what was miscounted to be put right"]
	);
}

#[test]
fn a_word_that_is_not_expected_is_named() {
	for (line, error) in [
		("hodl BTC", "expected a statement, found `hodl`"),
		("deposit", "expected an account, found nothing"),
		("deposit mallory 1", "expected an account like alice or alice/1, found `mallory`"),
		("deposit alice/x 1", "expected an account like alice or alice/1, found `alice/x`"),
		("deposit alice/256 1", "expected an account like alice or alice/1, found `alice/256`"),
		("deposit alice", "expected dollars, found nothing"),
		("deposit alice much", "dollars: expected a number, found `much`"),
		("deposit alice 1.0000001", "dollars: expected at most 6 decimals, found `1.0000001`"),
		("deposit alice 1 2", "expected the end of the line, found `2`"),
		("donate alice/1 1", "expected a person, found a sub-account"),
		("transfer alice 5 alice/1", "expected `to`, found `alice/1`"),
		("transfer alice 5 to bob", "a transfer is between sub-accounts of one owner"),
		("trade alice gets 1 BTC", "expected what is done (buys, sells, reduces), found `gets`"),
		("trade alice buys -1 BTC", "a size is not negative: `-1`"),
		("trade alice buys 1 XRP", "expected a market (BTC, ETH, SOL), found `XRP`"),
		("trade alice buys 1 BTC to bob", "expected `from`, found `to`"),
		("trade alice sells 1 BTC from bob", "expected `to`, found `from`"),
		("trade alice buys 1 BTC from bob", "expected `at`, found nothing"),
		("offer alice buys 1 BTC at", "expected a price, found nothing"),
		("accept bob offer first", "a count: expected a number, found `first`"),
		("accept bob quickly", "expected the end of the line, found `quickly`"),
		("price BTC 1 sure", "expected the end of the line, found `sure`"),
		("price BTC 1 volatility 4", "expected a percentage like 5%, found `4`"),
		("price BTC 1 volatility -4%", "a rate is not negative"),
		("status BTC shut", "expected a status (open, guarded, auction, halted, settling), found `shut`"),
		("block 5", "expected the end of the line, found `5`"),
		("block after 5 minutes", "expected `seconds`, found `minutes`"),
		("blocks 0", "expected at least one block"),
		("blocks 5 after 60", "expected `seconds`, found nothing"),
		("leverage alice", "expected a count, found nothing"),
		("leverage alice few", "a count: expected a number, found `few`"),
		("leverage alice 4294967296", "the leverage is too large"),
		("impact BTC", "expected a price, found nothing"),
		("volatility BTC 4", "expected a percentage like 5%, found `4`"),
		("set BTC", "expected a change, found nothing"),
		("set BTC tiers", "expected two rates like 5%/3%, found nothing"),
		("set BTC tiers 5% to 100", "expected two rates like 5%/3%, found `5%`"),
		("set BTC tiers 5%/-3% to 100", "a rate is not negative"),
		("set BTC tiers 5%/3 to 100", "expected a percentage like 5%, found `3`"),
		("set BTC tiers 5%/3% 100", "expected `to`, found `100`"),
		(
			"set BTC tiers 1%/1% to 1 1%/1% to 2 1%/1% to 3 1%/1% to 4 1%/1% to 5",
			"expected at most four tiers",
		),
		("set BTC soft-cap 1%", "dollars: expected a number, found `1%`"),
		("set BTC damper -1%", "a rate is not negative"),
		("blocks 1.5", "a count: expected at most 0 decimals, found `1.5`"),
		("waiting BTC alice", "expected a side (long, short), found `alice`"),
		("prices rise", "expected `go`, found `rise`"),
		("safe mode over", "expected the end of the line, found `over`"),
		("judge nobody", "expected `at`, found `nobody`"),
		("miscount BTC 1", "expected `by`, found `1`"),
		("refused: deposit alice 1", "expected a statement, found `refused:`"),
		("refused Nonsense: deposit alice 1", "expected the name of an error and a colon, found `Nonsense:`"),
		("refused ZeroSize deposit alice 1", "expected the name of an error and a colon, found `ZeroSize`"),
		("refused ZeroSize: block", "only a call can be refused"),
		("refused ZeroSize: expect BTC mark 1", "expected a statement, found `expect`"),
		("expect", "expected an account, found nothing"),
		("expect alice", "expected what is known of an account, found nothing"),
		("expect alice rich", "expected what is known of an account, found `rich`"),
		("expect alice place nowhere", "expected a place (idle, filed, queued), found `nowhere`"),
		("expect alice judged well", "expected a judgement (healthy, unhealthy, bankrupt), found `well`"),
		("expect alice no luck", "expected `position`, found `luck`"),
		("expect BTC level 1", "expected what is known of a market, found `level`"),
		("expect BTC open 1", "expected `interest`, found `1`"),
		("expect BTC funding 1", "expected a side (long, short), found `1`"),
		("expect BTC funding rate 1", "expected a percentage like 5%, found `1`"),
		("expect BTC next rate 1%", "expected `funding`, found `rate`"),
		("expect BTC soft limit 1", "expected `cap`, found `limit`"),
		("expect alice liquidation BTC", "expected a price, found nothing"),
		("expect alice liquidation BTC 1 from 2", "expected `to`, found nothing"),
		("expect keys lost", "expected what became of them (kept, written), found `lost`"),
		("expect margin alice", "expected `call`, found `alice`"),
		("expect margin call", "expected an account, found nothing"),
	] {
		assert_eq!(statement(line).err().as_deref(), Some(error), "{line}");
	}
	let set = statement("set BTC leverage 10").unwrap_err();
	assert!(set.starts_with("expected `tiers` or a parameter (initial-rate, "), "{set}");
	assert_eq!(
		played("deposit alice 5000\nhodl BTC\nexpect BTC mark 50000"),
		["docs/spec/test.md:8: expected a statement, found `hodl`"]
	);
}
