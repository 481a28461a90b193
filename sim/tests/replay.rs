// SPDX-License-Identifier: Apache-2.0
//! Replays of a made-up crash, and of real ones where there is a record of them.

use std::path::{Path, PathBuf};

use keel_primitives::{Quote, Ratio};
use keel_sim::{
	book,
	figures::Outcome,
	path::Between,
	prices::{self, Choice, History},
	replay::{self, Plan},
	report,
};

fn plan(accounts: u32, mix: &str, blocks_per_row: u32) -> Plan {
	Plan {
		book: book::Plan {
			accounts,
			mix: mix.parse().expect("a mix"),
			sizes: "1000..50000".parse().expect("sizes"),
			longs: 50,
			seed: 1,
		},
		blocks_per_row,
		between: Between::Line,
		check_every: 100,
		tranche: Quote::dollars(100_000),
		fund: Quote::dollars(1_000_000),
		multiplier: None,
	}
}

fn crash() -> History {
	let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash.csv");
	let series = prices::read_file(&file).expect("a price file");
	prices::choose("crash.csv", &series, &Choice::default(), &replay::listed()).expect("BTC and ETH")
}

fn run(plan: &Plan, history: &History) -> Outcome {
	let outcome = replay::run(plan, history, &|_, _| {}).expect("it runs");
	eprintln!("{}", report::text(plan, history.start, &outcome));
	outcome
}

#[test]
fn a_crash_liquidates_who_borrowed_much_and_every_sum_agrees() {
	let history = crash();
	let plan = plan(80, "2:50,20:50", 30);
	let outcome = run(&plan, &history);
	assert_eq!(outcome.broken, Vec::<String>::new());
	assert!(outcome.checks >= 3, "asked on the way and at the end: {}", outcome.checks);
	assert_eq!(outcome.blocks, 15 * 30);

	let tally = &outcome.tally;
	assert!(tally.queued >= 15, "of eighty accounts twenty are long with leverage 20: {}", tally.queued);
	assert!(tally.by_backstop.count + tally.deleveraged.count >= tally.queued, "each lost something");
	assert!(tally.penalties > Quote::ZERO);
	let receipts = &tally.receipts;
	let paid = receipts.tranche.0 + receipts.fund.0 + receipts.socialised.0 + receipts.market_debt.0;
	assert_eq!(receipts.loss.0, paid, "to the unit");
	assert!(outcome.overshoot.count > 0 && outcome.overshoot.max < 0.2, "{:?}", outcome.overshoot);
	assert_eq!(outcome.in_line, 0, "all were dealt with by the end");
	for market in &outcome.markets {
		assert!(
			market.age_ms.p50 >= 2_000.0,
			"what lands was said a block ago at least: {:?}",
			market.age_ms
		);
		assert!(market.tracking.p50 < 0.02, "{:?}", market.tracking);
		assert!(market.open_at_end < market.open, "a part of it is gone, and the rest is worth less");
	}
}

#[test]
fn a_calm_market_liquidates_nobody() {
	let mut history = crash();
	for asset in &mut history.assets {
		asset.bars.truncate(2);
	}
	let outcome = run(&plan(40, "2:50,5:50", 30), &history);
	assert_eq!(outcome.broken, Vec::<String>::new());
	assert_eq!((outcome.tally.queued, outcome.tally.liquidated()), (0, Quote::ZERO));
	assert_eq!(outcome.pots[0], outcome.pots[1]);
}

#[test]
fn the_same_seed_leaves_the_same_state_and_another_another() {
	let mut history = crash();
	for asset in &mut history.assets {
		asset.bars.truncate(9);
	}
	let mut plan = plan(40, "5:50,20:50", 10);
	let [one, two] = [(), ()].map(|()| run(&plan, &history).root);
	assert_eq!(one, two);
	plan.book.seed = 2;
	assert_ne!(run(&plan, &history).root, one);
}

#[test]
fn a_multiplier_raises_opening_margins_and_liquidates_nobody() {
	let history = crash();
	let mut plan = plan(60, "2:50,10:50", 30);
	let before = run(&plan, &history);
	plan.multiplier = Some(Ratio(3_000_000_000));
	let after = run(&plan, &history);
	assert_eq!(after.broken, Vec::<String>::new());
	assert!(after.markets[0].initial[1] > before.markets[0].initial[1], "it rises in the crash");
	// What is open is judged by maintenance rates, which do not follow volatility.
	assert_eq!(after.tally.liquidated(), before.tally.liquidated());
}

#[test]
fn the_outcome_is_told_as_a_table_as_json_and_as_a_picture() {
	let history = crash();
	let plan = plan(40, "2:50,20:50", 10);
	let outcome = run(&plan, &history);
	let text = report::text(&plan, history.start, &outcome);
	for part in ["seed 1", "Waterfall", "time in queue", "overshoot", "socialised", "age of the landed price"]
	{
		assert!(text.contains(part), "{part}: {text}");
	}
	let json = report::json(&plan, history.start, &outcome);
	assert_eq!(json["loss"], outcome.tally.receipts.loss.0.to_string());
	assert_eq!(json["blocks"], outcome.blocks);
	let svg = report::svg("a crash", &outcome).expect("a picture");
	for part in
		["<svg", "BTC, dollars", "ETH, dollars", "liquidated so far", "in liquidation", "socialised so far"]
	{
		assert!(svg.contains(part), "{part} is missing");
	}
}

/// A record of real prices, where there is one: `KEEL_DATA`, or beside the repository.
fn record(file: &str) -> Option<PathBuf> {
	let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
	let path = std::env::var_os("KEEL_DATA").map_or(beside, PathBuf::from).join(file);
	if path.is_file() {
		return Some(path);
	}
	eprintln!("no record at {} (set KEEL_DATA): nothing is replayed", path.display());
	None
}

/// A part of a record, with a book of two hundred accounts.
fn replayed(file: &str, venue: &str, from: &str, until: &str) -> Option<Outcome> {
	let path = record(file)?;
	let series = prices::read_file(&path).expect("the record can be read");
	let choice = Choice {
		venue: Some(venue.to_owned()),
		from: prices::time(from).ok(),
		until: prices::time(until).ok(),
		..Choice::default()
	};
	let history = prices::choose(file, &series, &choice, &replay::listed()).expect("it has these bars");
	Some(run(&plan(200, "2:50,5:30,10:20", 20), &history))
}

#[test]
fn march_2020_is_survived_with_every_sum_in_agreement() {
	let (from, until) = ("2020-03-12T00:00:00Z", "2020-03-13T12:00:00Z");
	let Some(outcome) = replayed("2020-03_black-thursday_1h.csv", "binance-spot", from, until) else {
		return;
	};
	assert_eq!(outcome.broken, Vec::<String>::new());
	assert!(outcome.tally.queued > 10, "whoever was long with leverage is gone: {}", outcome.tally.queued);
	assert_eq!(outcome.in_line, 0);
}

#[test]
fn may_2021_is_survived_with_every_sum_in_agreement() {
	let (from, until) = ("2021-05-19T00:00:00Z", "2021-05-20T00:00:00Z");
	let Some(outcome) = replayed("2021-05_crash_1h.csv", "binance-spot", from, until) else { return };
	assert_eq!(outcome.broken, Vec::<String>::new());
	assert_eq!(outcome.markets.len(), 3, "bitcoin, ether and solana");
	assert!(outcome.tally.queued > 10, "{}", outcome.tally.queued);
	assert_eq!(outcome.in_line, 0);
}
