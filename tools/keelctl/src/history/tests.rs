// SPDX-License-Identifier: Apache-2.0

use super::*;

const HEADER: &str = "ts_utc,venue,symbol,open,high,low,close\n";

fn parse(lines: &str) -> Result<Vec<Bar>, HistoryError> {
	read(format!("{HEADER}{lines}").as_bytes(), "prices.csv")
}

fn message(lines: &str) -> String {
	parse(lines).expect_err("the lines are wrong").to_string()
}

fn price(text: &str) -> Price {
	text.parse().expect("a price")
}

#[test]
fn a_line_is_a_bar() {
	let bars = parse("2020-03-12T10:00:00Z,bitstamp,BTC/USD,7300.5,7350,5555,6100\n").expect("a bar");
	assert_eq!(bars.len(), 1);
	assert_eq!(bars[0].base(), "BTC");
	assert_eq!(bars[0].open, price("7300.5"));
	assert_eq!(bars[0].time.to_string(), "2020-03-12T10:00:00Z");
}

#[test]
fn columns_may_come_in_any_order() {
	let text = "close,low,high,open,symbol,venue,ts_utc\n2,1,4,3,ETH/USD,v,2020-01-01T00:00:00Z\n";
	let bars = read(text.as_bytes(), "x").expect("a bar");
	assert_eq!((bars[0].open, bars[0].close), (price("3"), price("2")));
}

#[test]
fn a_rising_bar_falls_first_and_a_falling_bar_rises_first() {
	let bars = parse(
		"2020-01-01T00:00:00Z,v,BTC/USD,2,4,1,3\n\
		 2020-01-01T01:00:00Z,v,BTC/USD,3,4,1,2\n\
		 2020-01-01T02:00:00Z,v,BTC/USD,2,4,1,2\n",
	)
	.expect("three bars");
	let paths: Vec<_> = bars.iter().map(|bar| bar.path().map(|p| p.to_string()).join(" ")).collect();
	assert_eq!(paths, ["2.00 1.00 4.00 3.00", "3.00 4.00 1.00 2.00", "2.00 1.00 4.00 2.00"]);
}

#[test]
fn mistakes_are_told_with_line_and_column() {
	let good = "2020-01-01T00:00:00Z,v,BTC/USD,2,4,1,3\n";
	for (lines, expected) in [
		("yesterday,v,BTC/USD,2,4,1,3", "prices.csv: line 2, column 1 (ts_utc): `yesterday` is not a time"),
		("2020-01-01T00:00:00Z,,BTC/USD,2,4,1,3", "prices.csv: line 2, column 2 (venue): it is empty"),
		(
			"2020-01-01T00:00:00Z,v,BTC/USD,two,4,1,3",
			"prices.csv: line 2, column 4 (open): `two` is not a number: it has no digits",
		),
		(
			"2020-01-01T00:00:00Z,v,BTC/USD, 2,4,1,3",
			"prices.csv: line 2, column 4 (open): ` 2` is not a number: it has a space",
		),
		(
			"2020-01-01T00:00:00Z,v,BTC/USD,2,\"4,5\",1,3",
			"prices.csv: line 2, column 5 (high): `4,5` is not a number: it has a comma",
		),
		(
			"2020-01-01T00:00:00Z,v,BTC/USD,2,4e0,1,3",
			"prices.csv: line 2, column 5 (high): `4e0` is not a number: it has an exponent",
		),
		(
			"2020-01-01T00:00:00Z,v ,BTC/USD,2,4,1,3",
			"prices.csv: line 2, column 2 (venue): `v ` begins or ends with a space",
		),
		(
			"2020-01-01T00:00:00Z,v,BTC/USD,2,4,1,3,5",
			"prices.csv: line 2, column 8: the line has 8 fields instead of 7",
		),
		(
			"2020-01-01T00:00:00Z,v,BTC/USD,2,4,0,3",
			"prices.csv: line 2, column 6 (low): the price must not be zero",
		),
		("2020-01-01T00:00:00Z,v,BTC/USD,2,4,-1,3", "prices.csv: line 2, column 6 (low): `-1` is negative"),
		(
			"2020-01-01T00:00:00Z,v,BTC/USD,5,4,1,3",
			"prices.csv: line 2, column 4 (open): 5.00 lies outside low 1.00 and high 4.00",
		),
		(
			"2020-01-01T00:00:00Z,v,BTC/USD,2,4,1",
			"prices.csv: line 2, column 7: the line has 6 fields instead of 7",
		),
		(
			"2020-01-01T00:00:00Z,v,BTC/USD,2,4,1,3,9",
			"prices.csv: line 2, column 8: the line has 8 fields instead of 7",
		),
	] {
		assert_eq!(message(lines), expected);
		assert_eq!(message(&format!("{good}{lines}")), expected.replace("line 2", "line 3"));
	}
}

#[test]
fn time_must_not_go_back_within_a_series() {
	let lines = "2020-01-01T01:00:00Z,v,BTC/USD,2,4,1,3\n2020-01-01T00:00:00Z,v,BTC/USD,2,4,1,3\n";
	assert!(message(lines).starts_with("prices.csv: line 3, column 1 (ts_utc)"), "{}", message(lines));
	let two_series = "2020-01-01T01:00:00Z,v,BTC/USD,2,4,1,3\n2020-01-01T00:00:00Z,w,BTC/USD,2,4,1,3\n";
	assert!(parse(two_series).is_ok());
}

#[test]
fn a_file_needs_its_columns_and_a_bar() {
	let missing = read("ts_utc,venue,symbol,open,high,close\n".as_bytes(), "x").expect_err("no low");
	assert_eq!(missing.to_string(), "x: line 1 has no column `low`");
	let twice = read("ts_utc,venue,symbol,open,high,low,close,open\n".as_bytes(), "x").expect_err("two");
	assert_eq!(twice.to_string(), "x: line 1, column 8: the column `open` is named twice");
	assert_eq!(message(""), "prices.csv has no bars");
	let not_text = [HEADER.as_bytes(), b"2020-01-01T00:00:00Z,\xff,BTC/USD,2,4,1,3\n"].concat();
	let error = read(&not_text[..], "x").expect_err("not UTF-8").to_string();
	assert_eq!(error, "x: line 2, column 2: the field is not UTF-8 text");
}

#[test]
fn another_kind_of_file_is_named() {
	for (separator, found) in [(";", "separated by semicolons"), ("\t", "separated by tabs")] {
		let text = HEADER.replace(',', separator);
		let error = read(text.as_bytes(), "x").expect_err("other separators").to_string();
		assert!(error.contains(found), "{error}");
	}
	let folder = tempfile::tempdir().expect("a folder");
	let error = read_file(folder.path()).expect_err("a folder").to_string();
	assert!(error.ends_with("is a folder, not a file"), "{error}");
}

#[test]
fn a_time_is_told_with_an_example() {
	assert!(time("2020-03-12T10:00:00Z").is_ok());
	let error = time("yesterday").expect_err("not a time");
	assert!(error.contains("`yesterday` is not a time") && error.contains("2020-03-12T10:00:00Z"), "{error}");
}

#[test]
fn frames_join_what_opens_together() {
	let bars = parse(
		"2020-01-01T00:00:00Z,b,BTC/USD,2,4,1,3\n\
		 2020-01-01T01:00:00Z,b,BTC/USD,2,4,1,3\n\
		 2020-01-01T00:00:00Z,a,BTC/USDT,2,4,1,3\n\
		 2020-01-01T00:00:00Z,a,ETH/USD,2,4,1,3\n",
	)
	.expect("bars");
	let frames = frames(bars, |bar| bar.base() != "DOGE");
	assert_eq!(frames.len(), 2);
	let venues: Vec<_> = frames[0].bars["BTC"].iter().map(|bar| bar.venue.as_str()).collect();
	assert_eq!(venues, ["a", "b"]);
	assert_eq!(bar_seconds(&frames), Some(3600));
}

#[test]
fn recorded_history_can_be_read() {
	let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
	let folder = std::env::var_os("KEEL_DATA").map_or(folder, Into::into);
	let Ok(entries) = std::fs::read_dir(&folder) else {
		eprintln!("skipped: no folder {} (set KEEL_DATA)", folder.display());
		return;
	};
	for entry in entries.flatten().filter(|e| e.path().extension().is_some_and(|x| x == "csv")) {
		let bars = read_file(&entry.path()).unwrap_or_else(|e| panic!("{e}"));
		assert!(!bars.is_empty());
	}
}
