// SPDX-License-Identifier: Apache-2.0
//! What a word can be: a person, a market, an amount, a call.

use super::{Fail, Read};
use keel_primitives::*;
use keel_runtime::{constants::currency::KEEL, Balance};
use keel_test_support::spec::number::{parse, show};
use sp_keyring::Sr25519Keyring::{self, *};

pub const PEOPLE: [(&str, Sr25519Keyring); 6] =
	[("alice", Alice), ("bob", Bob), ("charlie", Charlie), ("dave", Dave), ("eve", Eve), ("ferdie", Ferdie)];
pub const MARKETS: [(&str, MarketId); 3] = [("BTC", MarketId(0)), ("ETH", MarketId(1)), ("SOL", MarketId(2))];
pub const STATUSES: [(&str, MarketStatus); 5] = [
	("open", MarketStatus::Open),
	("guarded", MarketStatus::Guarded),
	("auction", MarketStatus::Auction),
	("halted", MarketStatus::Halted),
	("settling", MarketStatus::Settling),
];
pub const STATES: [(&str, PriceState); 5] = [
	("valid", PriceState::Valid),
	("uncertain", PriceState::Uncertain),
	("volatile", PriceState::Volatile),
	("stale", PriceState::Stale),
	("missing", PriceState::Missing),
];

/// One of a list.
fn one_of<T: Copy>(what: &str, word: &str, list: &[(&str, T)]) -> Read<T> {
	let found = list.iter().find(|(name, _)| *name == word).map(|(_, item)| *item);
	let names = || list.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
	found.ok_or_else(|| Fail::Unread(format!("expected {what} ({}), found `{word}`", names())))
}

pub fn person(word: &str) -> Read<Sr25519Keyring> {
	one_of("a person", word, &PEOPLE)
}

pub fn people(words: &[&str]) -> Read<Vec<Sr25519Keyring>> {
	words.iter().map(|word| person(word)).collect()
}

pub fn market(word: &str) -> Read<MarketId> {
	one_of("a market", word, &MARKETS)
}

pub fn is_market(word: &str) -> bool {
	market(word).is_ok()
}

pub fn feed(word: &str) -> Read<FeedId> {
	market(word).map(|market| FeedId(market.0))
}

pub fn status(word: &str) -> Read<MarketStatus> {
	one_of("a status", word, &STATUSES)
}

pub fn state(word: &str) -> Read<PriceState> {
	one_of("a state", word, &STATES)
}

pub fn side(word: &str) -> Read<Side> {
	one_of("a side", word, &[("long", Side::Long), ("short", Side::Short)])
}

pub fn number(word: &str, decimals: usize) -> Read<i128> {
	parse(word, decimals).map_err(Fail::Unread)
}

/// Not negative.
fn quantity(word: &str, decimals: usize) -> Read<u128> {
	u128::try_from(number(word, decimals)?).map_err(|_| Fail::Unread(format!("`{word}` is negative")))
}

pub fn count(word: &str) -> Read<u32> {
	u32::try_from(quantity(word, 0)?).map_err(|_| Fail::Unread(format!("`{word}` is too large")))
}

pub fn dollars(word: &str) -> Read<Quote> {
	number(word, 6).map(Quote)
}

pub fn keel(word: &str) -> Read<Balance> {
	let decimals = usize::try_from(KEEL.ilog10()).map_err(|_| Fail::Unread("too many decimals".into()))?;
	quantity(word, decimals)
}

pub fn price(word: &str) -> Read<Price> {
	quantity(word, 18).map(Price)
}

pub fn size(word: &str) -> Read<Size> {
	quantity(word, 9).map(Size)
}

/// `5%`.
pub fn ratio(word: &str) -> Read<Ratio> {
	let percent = word.strip_suffix('%').map(|number| quantity(number, 7)).transpose()?;
	let parts = percent.and_then(|parts| u64::try_from(parts).ok());
	parts.map(Ratio).ok_or_else(|| Fail::Unread(format!("expected a percentage like 5%, found `{word}`")))
}

/// What a number must be: `5`, `at least 5`, `at most 5`, `above 5`, `below 5`.
pub fn compare(found: i128, words: &[&str], decimals: usize) -> Read<()> {
	let (holds, word): (fn(i128, i128) -> bool, &str) = match words {
		["at", "least", word] => (|found, other| found >= other, word),
		["at", "most", word] => (|found, other| found <= other, word),
		["above", word] => (|found, other| found > other, word),
		["below", word] => (|found, other| found < other, word),
		[word] => (|found, other| found == other, word),
		_ => return Err(Fail::Unread(format!("expected a number, found `{}`", words.join(" ")))),
	};
	if holds(found, number(word, decimals)?) {
		Ok(())
	} else {
		Err(Fail::Wrong(format!("found {}", show(found, decimals))))
	}
}

/// Whether it is as expected.
pub fn same<T: PartialEq + std::fmt::Debug>(expected: T, found: T) -> Read<()> {
	if expected == found {
		Ok(())
	} else {
		Err(Fail::Wrong(format!("found {found:?}")))
	}
}
