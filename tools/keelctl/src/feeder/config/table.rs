// SPDX-License-Identifier: Apache-2.0
//! Reading TOML in which every mistake has its line and key.

use std::{cell::RefCell, collections::BTreeSet, fmt, ops::RangeInclusive};
use toml_edit::{Item, TableLike};

/// Something that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
	/// The line, counted from 1.
	pub line: usize,
	/// The key, with those it lies in.
	pub key: String,
	/// What is wrong, and what to write instead.
	pub problem: String,
}

/// All that is wrong with a file, by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		for (index, Mistake { line, key, problem }) in self.0.iter().enumerate() {
			let between = if index == 0 { "" } else { "\n" };
			let key = if key.is_empty() { String::new() } else { format!(" {key}:") };
			write!(f, "{between}line {line}:{key} {problem}")?;
		}
		Ok(())
	}
}

/// A text that is read, and what is wrong with it so far.
pub struct Text<'t> {
	text: &'t str,
	mistakes: RefCell<Vec<Mistake>>,
}

impl<'t> Text<'t> {
	/// Begin.
	pub const fn new(text: &'t str) -> Self {
		Self { text, mistakes: RefCell::new(Vec::new()) }
	}

	/// The line of a byte.
	pub fn line(&self, at: usize) -> usize {
		self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
	}

	/// Note a mistake.
	pub fn mistake(&self, line: usize, key: String, problem: impl Into<String>) {
		self.mistakes.borrow_mut().push(Mistake { line, key, problem: problem.into() });
	}

	/// All mistakes, by line; nothing if there are none.
	pub fn into_mistakes(self) -> Option<Mistakes> {
		let mut mistakes = self.mistakes.into_inner();
		mistakes.sort_by_key(|mistake| mistake.line);
		(!mistakes.is_empty()).then_some(Mistakes(mistakes))
	}

	fn written(&self, item: &Item) -> &'t str {
		item.span().and_then(|span| self.text.get(span)).unwrap_or_default()
	}
}

/// A table of the file.
pub struct Table<'a, 't> {
	file: &'a Text<'t>,
	path: String,
	line: usize,
	table: &'a dyn TableLike,
	known: RefCell<BTreeSet<String>>,
}

impl<'a, 't> Table<'a, 't> {
	/// `table`, which is called `path` and begins at `line`.
	pub fn new(file: &'a Text<'t>, path: String, line: usize, table: &'a dyn TableLike) -> Self {
		Self { file, path, line, table, known: RefCell::default() }
	}

	/// The line it begins at.
	pub const fn line(&self) -> usize {
		self.line
	}

	/// The line of `name`, or of the table where that is absent.
	pub fn line_of(&self, name: &str) -> usize {
		let key = self.table.key(name).and_then(|key| key.span());
		let span = key.or_else(|| self.table.get(name).and_then(Item::span));
		span.map_or(self.line, |span| self.file.line(span.start))
	}

	/// Say what is wrong with `name`.
	pub fn wrong(&self, name: &str, problem: impl Into<String>) {
		self.file.mistake(self.line_of(name), self.key(name), problem);
	}

	fn key(&self, name: &str) -> String {
		match (self.path.as_str(), name) {
			(path, "") => path.to_owned(),
			("", name) => name.to_owned(),
			(path, name) => format!("{path}.{name}"),
		}
	}

	fn get(&self, name: &str) -> Option<&'a Item> {
		self.known.borrow_mut().insert(name.to_owned());
		self.table.get(name)
	}

	/// Whether `name` is there.
	pub fn has(&self, name: &str) -> bool {
		self.get(name).is_some()
	}

	/// A text.
	pub fn text(&self, name: &str) -> Option<String> {
		let item = self.get(name)?;
		let text = item.as_str();
		if text.is_none() {
			self.wrong(name, format!("a text is needed, in quotes, not {}", item.type_name()));
		}
		text.map(str::to_owned).filter(|text| {
			let empty = text.trim().is_empty();
			if empty {
				self.wrong(name, "it is empty");
			}
			!empty
		})
	}

	/// A text that must be there.
	pub fn needed_text(&self, name: &str, what: &str) -> Option<String> {
		if !self.has(name) {
			self.file.mistake(self.line, self.key(name), format!("it is missing: {what}"));
		}
		self.text(name)
	}

	/// A number as it is written, with or without quotes.
	pub fn number(&self, name: &str) -> Option<String> {
		let item = self.get(name)?;
		if item.is_integer() || item.is_float() {
			return Some(self.file.written(item).trim().to_owned());
		}
		match item.as_str() {
			Some(text) => Some(text.to_owned()),
			None => {
				self.wrong(name, format!("a number is needed, not {}", item.type_name()));
				None
			}
		}
	}

	/// A whole number within `range`.
	pub fn whole(&self, name: &str, range: RangeInclusive<u64>) -> Option<u64> {
		let item = self.get(name)?;
		let number = item.as_integer().and_then(|number| u64::try_from(number).ok());
		let number = number.filter(|number| range.contains(number));
		if number.is_none() {
			let (from, to) = range.into_inner();
			self.wrong(name, format!("a whole number from {from} to {to} is needed, without quotes"));
		}
		number
	}

	/// A table of texts, by key.
	pub fn texts(&self, name: &str) -> Option<Vec<(String, String)>> {
		let item = self.get(name)?;
		let Some(table) = item.as_table_like() else {
			self.wrong(name, "a table is needed, like { \"/symbol\" = \"BTCUSD\" }");
			return None;
		};
		let mut texts = Vec::new();
		for (key, item) in table.iter() {
			match item.as_str() {
				Some(text) => texts.push((key.to_owned(), text.to_owned())),
				None => self.wrong(name, format!("{key} must be a text, in quotes")),
			}
		}
		Some(texts)
	}

	/// A table.
	pub fn table(&self, name: &str) -> Option<Table<'a, 't>> {
		let item = self.get(name)?;
		match item.as_table_like() {
			Some(table) => Some(Table::new(self.file, self.key(name), self.line_of(name), table)),
			None => {
				self.wrong(name, format!("a table is needed, not {}", item.type_name()));
				None
			}
		}
	}

	/// A list of texts, or one alone.
	pub fn list(&self, name: &str) -> Option<Vec<String>> {
		let item = self.get(name)?;
		if let Some(text) = item.as_str() {
			return Some(vec![text.to_owned()]);
		}
		let texts = item.as_array().and_then(|array| {
			array.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
		});
		if texts.is_none() {
			self.wrong(name, "a text or a list of texts is needed");
		}
		texts
	}

	/// The tables `[[name]]`.
	pub fn tables(&self, name: &str) -> Vec<Table<'a, 't>> {
		let Some(item) = self.get(name) else { return Vec::new() };
		let key = |index: usize| self.key(&format!("{name}[{}]", index + 1));
		let line =
			|span: Option<std::ops::Range<usize>>| span.map_or(self.line, |span| self.file.line(span.start));
		if let Some(tables) = item.as_array_of_tables() {
			let tables = tables.iter().enumerate();
			return tables
				.map(|(index, table)| Table::new(self.file, key(index), line(table.span()), table))
				.collect();
		}
		self.wrong(name, format!("write [[{name}]], once for each"));
		Vec::new()
	}

	/// Say which keys nobody has asked for.
	pub fn finish(&self) {
		let known = self.known.borrow();
		for (name, _) in self.table.iter().filter(|(name, _)| !known.contains(*name)) {
			let near = known
				.iter()
				.map(|known| (strsim::jaro_winkler(name, known), known))
				.max_by(|a, b| a.0.total_cmp(&b.0))
				.filter(|(likeness, _)| *likeness > 0.8);
			let hint = match near {
				Some((_, known)) => format!("did you mean `{known}`?"),
				None => {
					format!("known are {}", known.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
				}
			};
			self.wrong(name, format!("there is no such key; {hint}"));
		}
	}
}
