// SPDX-License-Identifier: Apache-2.0
//! The words of a line, and what a word can be: a name, an amount, a rate.

use super::language::{Who, MARKETS, PEOPLE, SIDES};
use crate::{mock::Test, Error};
use keel_math::Level;
use keel_primitives::*;
use keel_test_support::spec::number::{parse, show};
use scale_info::{TypeDef, TypeInfo};

pub type Read<T> = Result<T, String>;

/// The words of a line, the next one last.
pub struct Words<'a>(Vec<&'a str>);

/// The names of the pallet's errors.
fn errors() -> Vec<&'static str> {
	match Error::<Test>::type_info().type_def {
		TypeDef::Variant(variants) => variants.variants.iter().map(|variant| variant.name).collect(),
		_ => Vec::new(),
	}
}

impl<'a> Words<'a> {
	/// What follows `#` is for the reader.
	pub fn of(line: &'a str) -> Self {
		let mut words: Vec<_> = line.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
		words.reverse();
		Self(words)
	}

	pub fn peek(&self) -> Option<&'a str> {
		self.0.last().copied()
	}

	pub fn take(&mut self) -> Option<&'a str> {
		self.0.pop()
	}

	/// An error that names what was expected before `found`.
	pub fn expected<T>(what: impl AsRef<str>, found: Option<&str>) -> Read<T> {
		let found = found.map_or("nothing".into(), |word| format!("`{word}`"));
		Err(format!("expected {}, found {found}", what.as_ref()))
	}

	pub fn end(&mut self) -> Read<()> {
		match self.take() {
			None => Ok(()),
			found => Self::expected("the end of the line", found),
		}
	}

	/// Exactly these words.
	pub fn words(&mut self, expected: &str) -> Read<()> {
		expected.split(' ').try_for_each(|word| match self.take() {
			Some(found) if found == word => Ok(()),
			found => Self::expected(format!("`{word}`"), found),
		})
	}

	/// Whether `word` comes next; then it is taken.
	pub fn takes(&mut self, word: &str) -> bool {
		let comes = self.peek() == Some(word);
		if comes {
			self.take();
		}
		comes
	}

	/// One of a list.
	pub fn one_of<T: Clone>(&mut self, what: &str, list: &[(&str, T)]) -> Read<T> {
		let found = self.take();
		match list.iter().find(|(name, _)| Some(*name) == found) {
			Some((_, item)) => Ok(item.clone()),
			None => {
				let names: Vec<_> = list.iter().map(|(name, _)| *name).collect();
				Self::expected(format!("{what} ({})", names.join(", ")), found)
			}
		}
	}

	pub fn number(&mut self, what: &str, decimals: usize) -> Read<i128> {
		match self.take() {
			Some(word) => parse(word, decimals).map_err(|error| format!("{what}: {error}")),
			None => Self::expected(what, None),
		}
	}

	pub fn quantity(&mut self, what: &str, decimals: usize) -> Read<u128> {
		let number = self.number(what, decimals)?;
		u128::try_from(number).map_err(|_| format!("{what} is not negative: `{}`", show(number, decimals)))
	}

	pub fn count(&mut self) -> Read<u64> {
		u64::try_from(self.quantity("a count", 0)?).map_err(|_| "the count is too large".into())
	}

	/// `5%`, in parts per billion.
	pub fn percentage(&mut self) -> Read<i128> {
		let found = self.take();
		let Some(number) = found.and_then(|word| word.strip_suffix('%')) else {
			return Self::expected("a percentage like 5%", found);
		};
		parse(number, 7).map_err(|error| format!("a percentage: {error}"))
	}

	pub fn rate(&mut self) -> Read<u64> {
		u64::try_from(self.percentage()?).map_err(|_| "a rate is not negative".into())
	}

	/// `5%/3%`.
	pub fn two_rates(&mut self) -> Read<(Ratio, Ratio)> {
		let found = self.take();
		let Some((first, second)) = found.and_then(|word| word.split_once('/')) else {
			return Self::expected("two rates like 5%/3%", found);
		};
		let rate = |word| Self(vec![word]).rate().map(Ratio);
		Ok((rate(first)?, rate(second)?))
	}

	pub fn dollars(&mut self) -> Read<Quote> {
		self.number("dollars", 6).map(Quote)
	}

	pub fn price(&mut self) -> Read<Price> {
		self.quantity("a price", 18).map(Price)
	}

	pub fn price_or_none(&mut self) -> Read<Option<Price>> {
		if self.takes("none") {
			Ok(None)
		} else {
			self.price().map(Some)
		}
	}

	pub fn size(&mut self) -> Read<Size> {
		self.quantity("a size", 9).map(Size)
	}

	pub fn level(&mut self) -> Read<Level> {
		self.number("a level", 27).map(Level)
	}

	pub fn market(&mut self) -> Read<MarketId> {
		self.one_of("a market", &MARKETS)
	}

	pub fn side(&mut self) -> Read<Side> {
		self.one_of("a side", &SIDES)
	}

	/// `alice`, or `alice/1` for a sub-account other than the main one.
	pub fn account(&mut self) -> Read<Who> {
		let found = self.take();
		let (name, sub) = match found.map(|word| word.split_once('/').unwrap_or((word, "0"))) {
			Some(parts) => parts,
			None => return Self::expected("an account", None),
		};
		let owner = PEOPLE.iter().find(|(known, _)| *known == name).map(|(_, owner)| *owner);
		let sub = parse(sub, 0).ok().and_then(|sub| u8::try_from(sub).ok());
		match (owner, sub) {
			(Some(owner), Some(sub)) => Ok(MarginAccount::new(owner, SubAccount(sub))),
			_ => Self::expected("an account like alice or alice/1", found),
		}
	}

	pub fn owner(&mut self) -> Read<u64> {
		let who = self.account()?;
		if who.sub == SubAccount(0) {
			Ok(who.owner)
		} else {
			Err("expected a person, found a sub-account".into())
		}
	}

	/// `InsufficientMargin:`.
	pub fn error(&mut self) -> Read<String> {
		let found = self.take();
		match found.and_then(|word| word.strip_suffix(':')).filter(|name| errors().contains(name)) {
			Some(name) => Ok(name.to_owned()),
			None => Self::expected("the name of an error and a colon", found),
		}
	}
}
