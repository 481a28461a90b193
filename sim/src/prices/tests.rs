// SPDX-License-Identifier: Apache-2.0

use super::*;

const HEADER: &str = "ts_utc,venue,symbol,open,high,low,close\n";

fn parse(lines: &str) -> Result<Vec<Series>, Wrong> {
	read(format!("{HEADER}{lines}").as_bytes(), "prices.csv")
}

fn chosen(lines: &str, choice: &Choice) -> Result<History, Wrong> {
	choose("prices.csv", &parse(lines).expect("the lines are good"), choice, &["BTC".into(), "ETH".into()])
}

const THREE: &str = "2020-01-01T00:00:00Z,v,BTC/USD,2,4,1,3\n\
	2020-01-01T01:00:00Z,v,BTC/USD,3,4,1,2\n\
	2020-01-01T02:00:00Z,v,BTC/USD,2,4,1,2\n";

#[test]
fn a_file_is_walked_from_its_first_bar_to_its_last() {
	let history = chosen(THREE, &Choice::default()).expect("three bars");
	assert_eq!((history.rows(), history.seconds, history.assets.len()), (3, 3_600, 1));
	assert_eq!(history.assets[0].bars[0].open, Price::dollars(2));
	assert_eq!(told(history.start), "2020-01-01T00:00:00Z");
}

#[test]
fn decimals_are_read_to_the_last() {
	assert_eq!(price("1.000000000000000001"), Ok(Price(Price::ONE.0 + 1)));
	assert_eq!(price("0.5"), Ok(Price(Price::ONE.0 / 2)));
}

#[test]
fn mistakes_are_told_with_their_line_and_what_to_write() {
	let good = "2020-01-01T00:00:00Z,v,BTC/USD,2,4,1,3\n";
	for (lines, what, help) in [
		(
			"yesterday,v,BTC/USD,2,4,1,3",
			"line 2, column ts_utc: `yesterday` is not a time",
			"2020-03-12T10:00:00Z",
		),
		("2020-01-01T00:00:00Z,,BTC/USD,2,4,1,3", "line 2, column venue: `` is not a name", "bitstamp"),
		("2020-01-01T00:00:00Z,v,BTC/USD,-2,4,1,3", "line 2, column open: `-2` is negative", "above zero"),
		("2020-01-01T00:00:00Z,v,BTC/USD,2,4,0,3", "line 2, column low: `0` is no price", "0.000001"),
		("2020-01-01T00:00:00Z,v,BTC/USD,2,4e1,1,3", "line 2, column high: `4e1` is not a number", "5432.1"),
		("2020-01-01T00:00:00Z,v,BTC/USD,2,\"4,5\",1,3", "line 2: there are quotes in it", "without quotes"),
		("2020-01-01T00:00:00Z,v,BTC/USD,5,4,1,3", "line 2, column open: `5` is not between", "lowest price"),
		("2020-01-01T00:00:00Z,v,BTC/USD,2,4,1", "line 2: 6 fields instead of 7", "1234.5"),
	] {
		let wrong = parse(lines).expect_err("the line is wrong");
		assert!(wrong.what.contains(what) && wrong.help.contains(help), "{wrong}");
	}
	let twice = parse(&format!("{good}{good}")).expect_err("a bar twice");
	assert!(twice.what.contains("line 3") && twice.what.contains("not later"), "{twice}");
	let column = read("ts_utc,venue\n".as_bytes(), "x.csv").expect_err("no symbol");
	assert!(column.what.contains("line 1: there is no column `symbol`"), "{column}");
	assert!(column.help.contains("ts_utc,venue,symbol"), "{column}");
	assert!(parse("").expect_err("nothing").what.contains("no bars"));
	let missing = read_file(Path::new("no/such/file.csv")).expect_err("no file");
	assert!(missing.what.contains("no/such/file.csv cannot be read"), "{missing}");
}

#[test]
fn a_gap_is_told_with_the_line_after_it_and_can_be_left_out() {
	let lines = format!("{THREE}2020-01-01T05:00:00Z,v,BTC/USD,2,4,1,2\n");
	let gap = chosen(&lines, &Choice::default()).expect_err("three hours are missing");
	assert!(gap.what.contains("line 5") && gap.what.contains("between 2020-01-01T02:00:00Z and"), "{gap}");
	assert!(gap.help.contains("--until"), "{gap}");
	let before = Choice { until: time("2020-01-01T05:00:00Z").ok(), ..Choice::default() };
	assert_eq!(chosen(&lines, &before).expect("no gap").rows(), 3);
}

#[test]
fn who_asks_for_what_is_not_there_is_told_what_there_is() {
	let asset = |name: &str| Choice { assets: vec![name.into()], ..Choice::default() };
	assert!(chosen(THREE, &asset("ETH")).expect_err("no ether").help.contains("BTC/USD on v"));
	assert!(chosen(THREE, &asset("XRP")).expect_err("no market").help.contains("BTC, ETH"));
	let venue = Choice { venue: Some("w".into()), ..Choice::default() };
	assert!(chosen(THREE, &venue).expect_err("no venue").help.contains("BTC/USD on v"));
	let late = Choice { from: time("2020-01-01T02:00:00Z").ok(), ..Choice::default() };
	assert!(chosen(THREE, &late).expect_err("one bar").help.contains("from 2020-01-01T00:00:00Z"));
}

#[test]
fn assets_are_walked_where_all_have_bars() {
	let lines =
		format!("{THREE}2020-01-01T01:00:00Z,v,ETH/USD,2,4,1,2\n2020-01-01T02:00:00Z,v,ETH/USD,2,4,1,2\n");
	let history = chosen(&lines, &Choice::default()).expect("two bars");
	assert_eq!((history.rows(), history.assets.len()), (2, 2));
	assert_eq!(told(history.start), "2020-01-01T01:00:00Z");
}
