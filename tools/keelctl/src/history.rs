// SPDX-License-Identifier: Apache-2.0
//! Price history: bars from a CSV file, and the prices inside a bar.
//!
//! The columns are `ts_utc,venue,symbol,open,high,low,close`, in any order; `ts_utc` is the opening
//! time of the bar. Prices are written like all numbers of keelctl: see `number`. A mistake is reported
//! with its line and column.

use crate::units::Price;
pub use jiff::Timestamp;
use miette::Diagnostic;
use std::{
	collections::{BTreeMap, HashMap},
	io::Read,
	path::Path,
};

/// The columns every file must have.
pub const COLUMNS: [&str; 7] = ["ts_utc", "venue", "symbol", "open", "high", "low", "close"];

/// Open, high, low and close of one symbol on one venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
	/// When the bar opens.
	pub time: Timestamp,
	/// Where it was traded.
	pub venue: String,
	/// What was traded, like `BTC/USD`.
	pub symbol: String,
	/// The first price.
	pub open: Price,
	/// The highest price.
	pub high: Price,
	/// The lowest price.
	pub low: Price,
	/// The last price.
	pub close: Price,
}

impl Bar {
	/// The prices of the bar in the order they are replayed. A bar says nothing about the order of its
	/// extremes; the rule is: one that closes at or above its open went down first (O-L-H-C), one that
	/// closes below it went up first (O-H-L-C).
	pub fn path(&self) -> [Price; 4] {
		if self.close >= self.open {
			[self.open, self.low, self.high, self.close]
		} else {
			[self.open, self.high, self.low, self.close]
		}
	}

	/// The asset before the slash: `BTC` of `BTC/USD`.
	pub fn base(&self) -> &str {
		self.symbol.split(['/', '-']).next().unwrap_or(&self.symbol)
	}
}

/// What is wrong with a price file.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum HistoryError {
	/// The file cannot be opened.
	#[error("cannot read {file}: {reason}")]
	#[diagnostic(code(keelctl::history), help("Check the path and its permissions."))]
	Unreadable {
		/// The path.
		file: String,
		/// What the system says.
		reason: std::io::Error,
	},
	/// It is another kind of file.
	#[error("{file} {found}")]
	#[diagnostic(code(keelctl::history), help("{help}"))]
	NotCsv {
		/// The path.
		file: String,
		/// What it is instead.
		found: &'static str,
		/// What to do.
		help: &'static str,
	},
	/// A column is missing.
	#[error("{file}: line 1 has no column `{column}`")]
	#[diagnostic(
		code(keelctl::history),
		help("The first line must name the columns ts_utc,venue,symbol,open,high,low,close.")
	)]
	MissingColumn {
		/// The path.
		file: String,
		/// The column.
		column: &'static str,
	},
	/// A line has too few or too many fields, or is not text.
	#[error("{file}: line {line}, column {column}: {reason}")]
	#[diagnostic(
		code(keelctl::history),
		help(
			"Every line needs exactly the columns the first line names. A comma inside a number splits it: write \
			 1234.5."
		)
	)]
	Malformed {
		/// The path.
		file: String,
		/// The line, counted from 1.
		line: u64,
		/// The field, counted from 1.
		column: usize,
		/// What is wrong.
		reason: String,
	},
	/// A field has no meaning.
	#[error("{file}: line {line}, column {column} ({name}): {reason}")]
	#[diagnostic(code(keelctl::history), help("{help}"))]
	Field {
		/// The path.
		file: String,
		/// The line, counted from 1.
		line: u64,
		/// The field, counted from 1.
		column: usize,
		/// The column's name.
		name: &'static str,
		/// What is wrong.
		reason: String,
		/// What to do.
		help: String,
	},
	/// There is nothing to replay.
	#[error("{file} has no bars")]
	#[diagnostic(code(keelctl::history), help("Choose a file with at least one line after the header."))]
	Empty {
		/// The path.
		file: String,
	},
}

/// The bars of a file, in the file's order.
pub fn read_file(path: &Path) -> Result<Vec<Bar>, HistoryError> {
	let name = path.display().to_string();
	let unreadable = |reason| HistoryError::Unreadable { file: name.clone(), reason };
	let file = std::fs::File::open(path).map_err(unreadable)?;
	if file.metadata().map_err(unreadable)?.is_dir() {
		let help = "Give one of the files in it.";
		return Err(HistoryError::NotCsv { file: name, found: "is a folder, not a file", help });
	}
	read(std::io::BufReader::new(file), &name)
}

/// The bars of `input`; `name` is what errors call it.
pub fn read(input: impl Read, name: &str) -> Result<Vec<Bar>, HistoryError> {
	let mut reader = csv::Reader::from_reader(input);
	let headers = reader.headers().map_err(|error| malformed(&error, name))?.clone();
	if let Some(found) = separated_otherwise(&headers) {
		let help = "Separate the fields by commas; numbers have a decimal point.";
		return Err(HistoryError::NotCsv { file: name.to_owned(), found, help });
	}
	let mut places = [0usize; COLUMNS.len()];
	for (place, column) in places.iter_mut().zip(COLUMNS) {
		let mut found = headers
			.iter()
			.enumerate()
			.filter(|(_, header)| header.trim_start_matches('\u{feff}') == column)
			.map(|(index, _)| index);
		*place = found.next().ok_or(HistoryError::MissingColumn { file: name.to_owned(), column })?;
		if let Some(again) = found.next() {
			return Err(HistoryError::Malformed {
				file: name.to_owned(),
				line: 1,
				column: again + 1,
				reason: format!("the column `{column}` is named twice"),
			});
		}
	}

	let mut bars = Vec::new();
	let mut last: HashMap<(String, String), Timestamp> = HashMap::new();
	for record in reader.records() {
		let record = record.map_err(|error| malformed(&error, name))?;
		let row = Row { record: &record, places, file: name };
		let bar = row.bar()?;
		let series = (bar.venue.clone(), bar.symbol.clone());
		if last.insert(series, bar.time).is_some_and(|before| before >= bar.time) {
			return Err(row.wrong(
				0,
				format!("{} is not later than the bar before it", bar.time),
				"Sort the bars of each venue and symbol by time, without repetition.",
			));
		}
		bars.push(bar);
	}
	if bars.is_empty() {
		return Err(HistoryError::Empty { file: name.to_owned() });
	}
	Ok(bars)
}

/// What separates the fields if it is not a comma.
fn separated_otherwise(headers: &csv::StringRecord) -> Option<&'static str> {
	let only = headers.get(0).filter(|_| headers.len() == 1)?;
	[
		(';', "is separated by semicolons, not by commas"),
		('\t', "is separated by tabs, not by commas"),
		('|', "is separated by bars, not by commas"),
	]
	.into_iter()
	.find_map(|(separator, found)| only.contains(separator).then_some(found))
}

/// A time as price files and arguments have it.
pub fn time(text: &str) -> Result<Timestamp, String> {
	text.parse().map_err(|_| format!("`{text}` is not a time. {TIME_HELP}"))
}

/// How a time is written.
const TIME_HELP: &str = "Write UTC times like 2020-03-12T10:00:00Z.";

/// One line, with what is needed to say where a mistake is.
struct Row<'a> {
	record: &'a csv::StringRecord,
	places: [usize; COLUMNS.len()],
	file: &'a str,
}

impl Row<'_> {
	fn bar(&self) -> Result<Bar, HistoryError> {
		let time = self
			.text(0)
			.parse::<Timestamp>()
			.map_err(|_| self.wrong(0, format!("`{}` is not a time", self.text(0)), TIME_HELP))?;
		for column in [1, 2] {
			let text = self.text(column);
			if text.is_empty() {
				return Err(self.wrong(column, "it is empty".to_owned(), "Name the venue and the symbol."));
			}
			if text.trim() != text {
				let reason = format!("`{text}` begins or ends with a space");
				return Err(self.wrong(column, reason, "Remove the spaces around the commas."));
			}
		}
		let bar = Bar {
			time,
			venue: self.text(1).to_owned(),
			symbol: self.text(2).to_owned(),
			open: self.price(3)?,
			high: self.price(4)?,
			low: self.price(5)?,
			close: self.price(6)?,
		};
		let within = |price: Price| bar.low <= price && price <= bar.high;
		for (column, price) in [(3, bar.open), (6, bar.close)] {
			if !within(price) {
				return Err(self.wrong(
					column,
					format!("{price} lies outside low {} and high {}", bar.low, bar.high),
					"Low must be the lowest and high the highest price of the bar.",
				));
			}
		}
		Ok(bar)
	}

	fn text(&self, column: usize) -> &str {
		self.record.get(self.places[column]).unwrap_or_default()
	}

	fn price(&self, column: usize) -> Result<Price, HistoryError> {
		self.text(column).parse::<Price>().map_err(|error| {
			let help = error.help().map(|help| help.to_string()).unwrap_or_default();
			self.wrong(column, error.to_string(), help)
		})
	}

	fn wrong(&self, column: usize, reason: String, help: impl Into<String>) -> HistoryError {
		HistoryError::Field {
			file: self.file.to_owned(),
			line: self.record.position().map_or(0, csv::Position::line),
			column: self.places[column] + 1,
			name: COLUMNS[column],
			reason,
			help: help.into(),
		}
	}
}

fn malformed(error: &csv::Error, file: &str) -> HistoryError {
	let file = file.to_owned();
	let line = error.position().map_or(1, csv::Position::line);
	match error.kind() {
		csv::ErrorKind::UnequalLengths { expected_len, len, .. } => HistoryError::Malformed {
			file,
			line,
			// The first field that is missing, or the first that is too many.
			column: usize::try_from(*len.min(expected_len)).unwrap_or(usize::MAX).saturating_add(1),
			reason: format!("the line has {len} fields instead of {expected_len}"),
		},
		csv::ErrorKind::Utf8 { err, .. } => HistoryError::Malformed {
			file,
			line,
			column: err.field() + 1,
			reason: "the field is not UTF-8 text".to_owned(),
		},
		_ => HistoryError::Malformed { file, line, column: 1, reason: error.to_string() },
	}
}

/// Bars that open at the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
	/// When they open.
	pub time: Timestamp,
	/// By base asset, the bar of each venue (in the order of their names).
	pub bars: BTreeMap<String, Vec<Bar>>,
}

/// The bars by time, earliest first; `keep` chooses among them.
pub fn frames(bars: Vec<Bar>, keep: impl Fn(&Bar) -> bool) -> Vec<Frame> {
	let mut by_time: BTreeMap<Timestamp, BTreeMap<String, Vec<Bar>>> = BTreeMap::new();
	for bar in bars.into_iter().filter(|bar| keep(bar)) {
		let base = bar.base().to_owned();
		by_time.entry(bar.time).or_default().entry(base).or_default().push(bar);
	}
	let mut frames: Vec<_> = by_time.into_iter().map(|(time, bars)| Frame { time, bars }).collect();
	for venues in frames.iter_mut().flat_map(|frame| frame.bars.values_mut()) {
		venues.sort_by(|a, b| (&a.venue, &a.symbol).cmp(&(&b.venue, &b.symbol)));
	}
	frames
}

/// How long a bar lasts: the shortest distance between two frames; `None` for a single one.
pub fn bar_seconds(frames: &[Frame]) -> Option<i64> {
	frames.windows(2).map(|pair| pair[1].time.as_second() - pair[0].time.as_second()).min()
}

#[cfg(test)]
mod tests;
