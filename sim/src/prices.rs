// SPDX-License-Identifier: Apache-2.0
//! Price files: bars of several symbols on several venues, and which of them are walked.
//!
//! The columns are `ts_utc,venue,symbol,open,high,low,close`, in any order; `ts_utc` is when the bar opens. Whatever is
//! wrong is told with its line.

use std::{
	collections::BTreeMap,
	io::{BufRead, Read},
	path::Path,
};

use chrono::DateTime;
use keel_primitives::Price;

use crate::wrong::Wrong;

/// The columns that every file must have.
pub const COLUMNS: [&str; 7] = ["ts_utc", "venue", "symbol", "open", "high", "low", "close"];
/// Decimals of a price.
const DECIMALS: usize = 18;

/// Open, high, low and close of some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
	/// The line of the file.
	pub line: u64,
	/// When it opens, in seconds since 1970.
	pub time: i64,
	/// The first price.
	pub open: Price,
	/// The highest.
	pub high: Price,
	/// The lowest.
	pub low: Price,
	/// The last.
	pub close: Price,
}

/// The bars of one symbol on one venue, in order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
	/// Where it was traded.
	pub venue: String,
	/// What was traded, like `BTC/USD`.
	pub symbol: String,
	/// The bars.
	pub bars: Vec<Bar>,
}

impl Series {
	/// The asset before the slash: `BTC` of `BTC/USD`.
	pub fn base(&self) -> &str {
		self.symbol.split(['/', '-']).next().unwrap_or(&self.symbol)
	}
}

/// The part of a file that is walked: bars of several assets that open together, none missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
	/// Each asset that is walked, and whose prices they are.
	pub assets: Vec<Asset>,
	/// When the first bar opens, in seconds since 1970.
	pub start: i64,
	/// How long a bar lasts, in seconds.
	pub seconds: i64,
}

/// An asset and its bars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
	/// What it is called, like `BTC`.
	pub base: String,
	/// Where it was traded.
	pub venue: String,
	/// As what.
	pub symbol: String,
	/// The bars, as many for each asset.
	pub bars: Vec<Bar>,
}

impl History {
	/// How many bars each asset has.
	pub fn rows(&self) -> usize {
		self.assets.first().map_or(0, |asset| asset.bars.len())
	}
}

/// Which part of a file is walked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
	/// Assets; none: all that the exchange has a market for.
	pub assets: Vec<String>,
	/// The venue; none: for each asset that with the most bars.
	pub venue: Option<String>,
	/// The first bar opens no earlier, in seconds since 1970.
	pub from: Option<i64>,
	/// All bars open earlier than this.
	pub until: Option<i64>,
}

/// Read a file.
pub fn read_file(path: &Path) -> Result<Vec<Series>, Wrong> {
	let name = path.display().to_string();
	let file = std::fs::File::open(path).map_err(|error| {
		Wrong::new(
			format!("{name} cannot be read: {error}"),
			"Give the path of a CSV file that you may read.",
		)
	})?;
	if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
		return Err(Wrong::new(format!("{name} is a folder"), "Give one of the files in it."));
	}
	read(file, &name)
}

/// Read `input`, which mistakes call `name`.
pub fn read(input: impl Read, name: &str) -> Result<Vec<Series>, Wrong> {
	let mut lines = (1_u64..).zip(std::io::BufReader::new(input).lines());
	let headers = lines.next().map(|(line, text)| fields(name, line, text)).transpose()?.unwrap_or_default();
	let mut places = [0; COLUMNS.len()];
	for (place, column) in places.iter_mut().zip(COLUMNS) {
		let found = headers.iter().position(|header| header.trim_start_matches('\u{feff}') == column);
		*place = found.ok_or_else(|| {
			Wrong::new(
				format!("{name}, line 1: there is no column `{column}`, only {}", headers.join(", ")),
				format!("Write {} on the first line, separated by commas.", COLUMNS.join(",")),
			)
		})?;
	}
	let mut series: BTreeMap<(String, String), Vec<Bar>> = BTreeMap::new();
	for (line, text) in lines {
		let record = fields(name, line, text)?;
		if record.len() != headers.len() {
			let what = format!("{name}, line {line}: {} fields instead of {}", record.len(), headers.len());
			return Err(Wrong::new(what, FIELDS_HELP));
		}
		let field = |column: usize| record.get(places[column]).map_or("", String::as_str);
		let wrong = |column: usize, reason: &str, help: &str| {
			let (name_of, text) = (COLUMNS[column], field(column));
			Wrong::new(format!("{name}, line {line}, column {name_of}: `{text}` {reason}"), help)
		};
		let time = time(field(0)).map_err(|help| wrong(0, "is not a time", &help))?;
		for column in [1, 2] {
			if field(column).is_empty() || field(column).trim() != field(column) {
				let help = "Write venue and symbol without spaces around them, like bitstamp and BTC/USD.";
				return Err(wrong(column, "is not a name", help));
			}
		}
		let price =
			|column: usize| price(field(column)).map_err(|(reason, help)| wrong(column, reason, help));
		let bar = Bar { line, time, open: price(3)?, high: price(4)?, low: price(5)?, close: price(6)? };
		for (column, inside) in [(3, bar.open), (6, bar.close)] {
			if inside < bar.low || inside > bar.high {
				return Err(wrong(
					column,
					"is not between low and high",
					"Low must be the lowest price of the bar and high the highest.",
				));
			}
		}
		let bars = series.entry((field(1).to_owned(), field(2).to_owned())).or_default();
		if bars.last().is_some_and(|last| last.time >= time) {
			return Err(wrong(
				0,
				"is not later than the bar before it",
				"Sort the bars of each venue and symbol by time, each once.",
			));
		}
		bars.push(bar);
	}
	if series.is_empty() {
		return Err(Wrong::new(format!("{name} has no bars"), "Add lines below the first one."));
	}
	Ok(series.into_iter().map(|((venue, symbol), bars)| Series { venue, symbol, bars }).collect())
}

const FIELDS_HELP: &str = "Write on every line what the first one names, without quotes. A comma inside a number splits it: write 1234.5.";

/// The fields of a line.
fn fields(name: &str, line: u64, text: std::io::Result<String>) -> Result<Vec<String>, Wrong> {
	let text = text
		.map_err(|error| Wrong::new(format!("{name}, line {line}: {error}"), "Give a CSV file in UTF-8."))?;
	if text.contains('"') {
		return Err(Wrong::new(format!("{name}, line {line}: there are quotes in it"), FIELDS_HELP));
	}
	Ok(text.trim_end_matches('\r').split(',').map(str::to_owned).collect())
}

/// A time in seconds since 1970, or how one is written.
pub fn time(text: &str) -> Result<i64, String> {
	let help = "Write a UTC time like 2020-03-12T10:00:00Z.";
	DateTime::parse_from_rfc3339(text).map(|time| time.timestamp()).map_err(|_| help.to_owned())
}

/// What a time is called.
pub fn told(time: i64) -> String {
	let told = DateTime::from_timestamp(time, 0).map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
	told.unwrap_or_else(|| time.to_string())
}

/// A price in dollars, or what is wrong with it and what to write.
fn price(text: &str) -> Result<Price, (&'static str, &'static str)> {
	let help = "Write dollars like 5432.1: digits, and a decimal point where it needs one.";
	if text.starts_with('-') {
		return Err((
			"is negative",
			"A price is above zero. Correct the line, or leave out that time (--from, --until).",
		));
	}
	let (whole, part) = text.split_once('.').unwrap_or((text, ""));
	let digits = |text: &str| text.chars().all(|letter| letter.is_ascii_digit());
	if whole.is_empty() || !digits(whole) || !digits(part) {
		return Err(("is not a number", help));
	}
	// What is finer than the chain's prices is cut off.
	let part: String = part.chars().chain(std::iter::repeat('0')).take(DECIMALS).collect();
	let price = format!("{whole}{part}").parse().map(Price).unwrap_or(Price(u128::MAX));
	if price.in_bounds() {
		Ok(price)
	} else {
		Err((
			"is no price that a market may have",
			"A price is at least 0.000001 and at most 1,000,000,000 dollars.",
		))
	}
}

/// The part of a file that is walked. `listed` are the assets that there are markets for.
pub fn choose(name: &str, all: &[Series], choice: &Choice, listed: &[String]) -> Result<History, Wrong> {
	let in_file = || {
		let names: Vec<_> =
			all.iter().map(|series| format!("{} on {}", series.symbol, series.venue)).collect();
		names.join(", ")
	};
	let wanted = if choice.assets.is_empty() { listed } else { &choice.assets };
	let mut assets = Vec::new();
	for base in wanted {
		if !listed.contains(base) {
			let help = format!("Choose among {}.", listed.join(", "));
			return Err(Wrong::new(format!("there is no market for {base}"), help));
		}
		let fits = |series: &&Series| {
			series.base() == base && choice.venue.as_ref().is_none_or(|venue| *venue == series.venue)
		};
		// Of equally long ones the first by name.
		let longest = all.iter().filter(fits).rev().max_by_key(|series| series.bars.len());
		match longest {
			Some(series) => assets.push(part(name, series, choice)?),
			None if choice.assets.is_empty() => {}
			None => {
				return Err(Wrong::new(
					format!("{name} has no prices of {base}"),
					format!("It has {}: choose --asset and --venue among these.", in_file()),
				))
			}
		}
	}
	if assets.is_empty() {
		return Err(Wrong::new(
			format!("{name} has no prices of {} where it was asked for", wanted.join(", ")),
			format!("It has {}: choose --asset and --venue among these.", in_file()),
		));
	}
	together(name, assets)
}

/// The bars of a series within the chosen time.
fn part(name: &str, series: &Series, choice: &Choice) -> Result<Asset, Wrong> {
	let within = |bar: &&Bar| {
		choice.from.is_none_or(|from| from <= bar.time) && choice.until.is_none_or(|until| bar.time < until)
	};
	let bars: Vec<Bar> = series.bars.iter().filter(within).copied().collect();
	if bars.len() < 2 {
		let (first, last) = (series.bars.first(), series.bars.last());
		let from_to = |bar: Option<&Bar>| bar.map_or_else(String::new, |bar| told(bar.time));
		return Err(Wrong::new(
			format!("{name} has {} bars of {} in that time, two are needed", bars.len(), series.symbol),
			format!("They go from {} to {}: choose --from and --until there.", from_to(first), from_to(last)),
		));
	}
	let (venue, symbol) = (series.venue.clone(), series.symbol.clone());
	Ok(Asset { base: series.base().to_owned(), venue, symbol, bars })
}

/// All assets from the same bar to the same bar, without a gap.
fn together(name: &str, mut assets: Vec<Asset>) -> Result<History, Wrong> {
	let firsts = assets.iter().filter_map(|asset| asset.bars.first()).map(|bar| bar.time);
	let lasts = assets.iter().filter_map(|asset| asset.bars.last()).map(|bar| bar.time);
	let (start, end) = (firsts.max().unwrap_or_default(), lasts.min().unwrap_or_default());
	let steps = |asset: &Asset| {
		asset.bars.windows(2).map(|pair| pair[1].time - pair[0].time).min().unwrap_or_default()
	};
	let seconds = assets.iter().map(steps).min().unwrap_or_default();
	for asset in &mut assets {
		asset.bars.retain(|bar| (start..=end).contains(&bar.time));
		for pair in asset.bars.windows(2) {
			let [before, after] = pair else { continue };
			if after.time - before.time != seconds {
				return Err(Wrong::new(
					format!(
						"{name}, line {}: {} on {} has no bars between {} and {}, and one lasts {seconds} s",
						after.line,
						asset.symbol,
						asset.venue,
						told(before.time),
						told(after.time)
					),
					"Add the missing bars, or walk the time before or after them (--until, --from).",
				));
			}
		}
	}
	let rows = assets.first().map_or(0, |asset| asset.bars.len());
	if rows == 0 || assets.iter().any(|asset| asset.bars.len() != rows) {
		let names: Vec<_> = assets.iter().map(|asset| asset.symbol.as_str()).collect();
		return Err(Wrong::new(
			format!("{name}: {} have no bars that open together", names.join(" and ")),
			"Choose one of them (--asset), or a time in which all have bars (--from, --until).",
		));
	}
	Ok(History { assets, start, seconds })
}

#[cfg(test)]
mod tests;
