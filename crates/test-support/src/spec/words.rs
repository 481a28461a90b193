// SPDX-License-Identifier: Apache-2.0
//! The words of a statement, and what a word can be: one of a list, an amount, a rate. The stages of margin and of the
//! order book read them here.

use super::number::{parse, show};
use keel_primitives::{MarketStatus, Price, PriceState, Quote, Ratio, Side, Size, SubAccount};
use scale_info::{TypeDef, TypeInfo};

/// What was read, or what was expected and what was found.
pub type Read<T> = Result<T, String>;

/// What breakers say of a market.
pub const STATUSES: [(&str, MarketStatus); 5] = [
	("open", MarketStatus::Open),
	("guarded", MarketStatus::Guarded),
	("auction", MarketStatus::Auction),
	("halted", MarketStatus::Halted),
	("settling", MarketStatus::Settling),
];
/// What the oracle says of a price.
pub const STATES: [(&str, PriceState); 5] = [
	("valid", PriceState::Valid),
	("uncertain", PriceState::Uncertain),
	("volatile", PriceState::Volatile),
	("stale", PriceState::Stale),
	("missing", PriceState::Missing),
];
/// The sides of a position.
pub const SIDES: [(&str, Side); 2] = [("long", Side::Long), ("short", Side::Short)];

/// An error that names what was expected before `found`.
pub fn expected<T>(what: impl AsRef<str>, found: Option<&str>) -> Read<T> {
	let found = found.map_or("nothing".into(), |word| format!("`{word}`"));
	Err(format!("expected {}, found {found}", what.as_ref()))
}

/// One of a list.
pub fn one_of<T: Clone>(what: &str, found: Option<&str>, list: &[(&str, T)]) -> Read<T> {
	match list.iter().find(|(name, _)| Some(*name) == found) {
		Some((_, item)) => Ok(item.clone()),
		None => {
			let names: Vec<_> = list.iter().map(|(name, _)| *name).collect();
			expected(format!("{what} ({})", names.join(", ")), found)
		}
	}
}

/// Whether a list has this name.
pub fn is_one_of<T>(found: Option<&str>, list: &[(&str, T)]) -> bool {
	list.iter().any(|(name, _)| Some(*name) == found)
}

/// A number in units of `10^-decimals`.
pub fn number(what: &str, found: Option<&str>, decimals: usize) -> Read<i128> {
	match found {
		Some(word) => parse(word, decimals).map_err(|error| format!("{what}: {error}")),
		None => expected(what, None),
	}
}

/// The same, not negative.
pub fn quantity(what: &str, found: Option<&str>, decimals: usize) -> Read<u128> {
	let number = number(what, found, decimals)?;
	u128::try_from(number).map_err(|_| format!("{what} is not negative: `{}`", show(number, decimals)))
}

/// How many.
pub fn count<T: TryFrom<u128>>(found: Option<&str>) -> Read<T> {
	T::try_from(quantity("a count", found, 0)?).map_err(|_| "the count is too large".into())
}

/// An amount.
pub fn dollars(found: Option<&str>) -> Read<Quote> {
	number("dollars", found, 6).map(Quote)
}

/// A price in dollars.
pub fn price(found: Option<&str>) -> Read<Price> {
	quantity("a price", found, 18).map(Price)
}

/// A size in whole base units.
pub fn size(found: Option<&str>) -> Read<Size> {
	quantity("a size", found, 9).map(Size)
}

/// `5%`, in parts per billion.
pub fn percentage(found: Option<&str>) -> Read<i128> {
	let Some(number) = found.and_then(|word| word.strip_suffix('%')) else {
		return expected("a percentage like 5%", found);
	};
	parse(number, 7).map_err(|error| format!("a percentage: {error}"))
}

/// The same, not negative.
pub fn rate(found: Option<&str>) -> Read<u64> {
	u64::try_from(percentage(found)?).map_err(|_| "a rate is not negative".into())
}

/// The names of an enum's variants: errors, reasons, events.
pub fn variants<T: TypeInfo>() -> Vec<&'static str> {
	match T::type_info().type_def {
		TypeDef::Variant(variants) => variants.variants.iter().map(|variant| variant.name).collect(),
		_ => Vec::new(),
	}
}

/// The words of a line, the next one last.
pub struct Words<'a>(Vec<&'a str>);

impl<'a> Words<'a> {
	/// What follows `#` is for the reader.
	pub fn of(line: &'a str) -> Self {
		let mut words: Vec<_> = line.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
		words.reverse();
		Self(words)
	}

	/// The next one, which stays.
	pub fn peek(&self) -> Option<&'a str> {
		self.0.last().copied()
	}

	/// The next one.
	pub fn take(&mut self) -> Option<&'a str> {
		self.0.pop()
	}

	/// There is no other.
	pub fn end(&mut self) -> Read<()> {
		match self.take() {
			None => Ok(()),
			found => expected("the end of the line", found),
		}
	}

	/// Exactly these words.
	pub fn words(&mut self, these: &str) -> Read<()> {
		these.split(' ').try_for_each(|word| match self.take() {
			Some(found) if found == word => Ok(()),
			found => expected(format!("`{word}`"), found),
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
		one_of(what, self.take(), list)
	}

	/// A number in units of `10^-decimals`.
	pub fn number(&mut self, what: &str, decimals: usize) -> Read<i128> {
		number(what, self.take(), decimals)
	}

	/// How many.
	pub fn count<T: TryFrom<u128>>(&mut self) -> Read<T> {
		count(self.take())
	}

	/// `5%`, in parts per billion.
	pub fn percentage(&mut self) -> Read<i128> {
		percentage(self.take())
	}

	/// The same, not negative.
	pub fn rate(&mut self) -> Read<u64> {
		rate(self.take())
	}

	/// `5%/3%`.
	pub fn two_rates(&mut self) -> Read<(Ratio, Ratio)> {
		let found = self.take();
		let Some((first, second)) = found.and_then(|word| word.split_once('/')) else {
			return expected("two rates like 5%/3%", found);
		};
		Ok((Ratio(rate(Some(first))?), Ratio(rate(Some(second))?)))
	}

	/// An amount.
	pub fn dollars(&mut self) -> Read<Quote> {
		dollars(self.take())
	}

	/// A price in dollars.
	pub fn price(&mut self) -> Read<Price> {
		price(self.take())
	}

	/// A price, or `none`.
	pub fn price_or_none(&mut self) -> Read<Option<Price>> {
		if self.takes("none") {
			Ok(None)
		} else {
			self.price().map(Some)
		}
	}

	/// A size in whole base units.
	pub fn size(&mut self) -> Read<Size> {
		size(self.take())
	}

	/// `long` or `short`.
	pub fn side(&mut self) -> Read<Side> {
		self.one_of("a side", &SIDES)
	}

	/// What breakers say of a market.
	pub fn status(&mut self) -> Read<MarketStatus> {
		self.one_of("a status", &STATUSES)
	}

	/// What the oracle says of a price; valid where nothing is said.
	pub fn state(&mut self) -> Read<PriceState> {
		if is_one_of(self.peek(), &STATES) {
			self.one_of("a state", &STATES)
		} else {
			Ok(PriceState::Valid)
		}
	}

	/// `alice`, or `alice/1` for a sub-account other than the main one.
	pub fn account<T: Clone>(&mut self, people: &[(&str, T)]) -> Read<(T, SubAccount)> {
		let found = self.take();
		let (name, sub) = match found.map(|word| word.split_once('/').unwrap_or((word, "0"))) {
			Some(parts) => parts,
			None => return expected("an account", None),
		};
		let owner = people.iter().find(|(known, _)| *known == name).map(|(_, owner)| owner.clone());
		let sub = parse(sub, 0).ok().and_then(|sub| u8::try_from(sub).ok());
		match (owner, sub) {
			(Some(owner), Some(sub)) => Ok((owner, SubAccount(sub))),
			_ => expected("an account like alice or alice/1", found),
		}
	}

	/// `InsufficientMargin:`, one of these.
	pub fn error(&mut self, known: &[&str]) -> Read<String> {
		let found = self.take();
		match found.and_then(|word| word.strip_suffix(':')).filter(|name| known.contains(name)) {
			Some(name) => Ok(name.to_owned()),
			None => expected("the name of an error and a colon", found),
		}
	}
}
