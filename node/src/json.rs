// SPDX-License-Identifier: Apache-2.0
//! Where in a JSON text something is: people correct a line, not a path.

use std::fmt;

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
	/// To the value of a key.
	Key(String),
	/// To an element of a list.
	Index(usize),
}

/// The way from the whole of a text to a value in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Step>);

impl Path {
	/// The same and one key further.
	pub fn key(&self, key: &str) -> Self {
		let mut steps = self.0.clone();
		steps.push(Step::Key(key.into()));
		Self(steps)
	}
}

impl fmt::Display for Path {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		for (place, step) in self.0.iter().enumerate() {
			match step {
				Step::Key(key) if place == 0 => write!(f, "{key}")?,
				Step::Key(key) => write!(f, ".{key}")?,
				Step::Index(index) => write!(f, "[{index}]")?,
			}
		}
		Ok(())
	}
}

/// The line, counted from one, on which the value at `path` begins, or its key. Nothing, if there is none.
pub fn line_of(text: &str, path: &Path) -> Option<usize> {
	let offset = places(text).into_iter().find_map(|(place, offset)| (place == *path).then_some(offset))?;
	Some(text.as_bytes().get(..offset)?.iter().filter(|byte| **byte == b'\n').count().saturating_add(1))
}

/// The value that a parser was reading when it complained of a line and column, both counted from one.
pub fn path_at(text: &str, line: usize, column: usize) -> Path {
	let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
	let end = before.saturating_add(column);
	let begun = places(text).into_iter().take_while(|(_, offset)| *offset < end);
	begun.last().map(|(path, _)| path).unwrap_or_default()
}

/// What a parser complains of, without the place, and the place.
pub fn complaint(error: &str) -> (&str, Option<(usize, usize)>) {
	let split = || {
		let (what, place) = error.rsplit_once(" at line ")?;
		let (line, column) = place.split_once(" column ")?;
		let digits = |text: &str| -> Option<usize> {
			text.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
		};
		Some((what, (digits(line)?, digits(column)?)))
	};
	match split() {
		Some((what, place)) => (what, Some(place)),
		None => (error, None),
	}
}

/// Every value of a text with its path, in order; where its key begins, or else itself. The text must be JSON.
fn places(text: &str) -> Vec<(Path, usize)> {
	let mut walk = Walk { bytes: text.as_bytes(), at: 0, path: Path::default(), places: Vec::new() };
	walk.space();
	walk.value(walk.at);
	walk.places
}

struct Walk<'a> {
	bytes: &'a [u8],
	at: usize,
	path: Path,
	places: Vec<(Path, usize)>,
}

impl Walk<'_> {
	fn next(&self) -> Option<u8> {
		self.bytes.get(self.at).copied()
	}

	fn step(&mut self) {
		self.at = self.at.saturating_add(1);
	}

	/// Over what lies between values.
	fn space(&mut self) {
		while matches!(self.next(), Some(b' ' | b'\n' | b'\t' | b'\r' | b',' | b':')) {
			self.step();
		}
	}

	/// A string, as it is written.
	fn string(&mut self) -> String {
		self.step();
		let begin = self.at;
		loop {
			match self.next() {
				Some(b'\\') => {
					self.step();
					self.step();
				}
				Some(b'"') | None => break,
				Some(_) => self.step(),
			}
		}
		let text = String::from_utf8_lossy(self.bytes.get(begin..self.at).unwrap_or_default()).into_owned();
		self.step();
		text
	}

	fn inside(&mut self, step: Step, begin: usize) {
		self.path.0.push(step);
		self.value(begin);
		self.path.0.pop();
	}

	fn value(&mut self, begin: usize) {
		self.places.push((self.path.clone(), begin));
		match self.next() {
			Some(b'{') => {
				self.step();
				self.space();
				while self.next() == Some(b'"') {
					let begin = self.at;
					let key = self.string();
					self.space();
					self.inside(Step::Key(key), begin);
					self.space();
				}
				self.step();
			}
			Some(b'[') => {
				self.step();
				self.space();
				let mut index = 0usize;
				while !matches!(self.next(), Some(b']') | None) {
					self.inside(Step::Index(index), self.at);
					index = index.saturating_add(1);
					self.space();
				}
				self.step();
			}
			Some(b'"') => {
				self.string();
			}
			_ => {
				while !matches!(self.next(), None | Some(b',' | b'}' | b']' | b' ' | b'\n' | b'\t' | b'\r')) {
					self.step();
				}
			}
		}
	}
}
