// SPDX-License-Identifier: Apache-2.0
//! What a word can be: a person, a market, an amount, a call.

use super::{Fail, Read};
use keel_primitives::*;
use keel_runtime::{constants::currency::KEEL, Balance};
use keel_test_support::spec::{
	number::show,
	words::{self, one_of, SIDES, STATES, STATUSES},
};
use sp_keyring::Sr25519Keyring::{self, *};

pub const PEOPLE: [(&str, Sr25519Keyring); 6] =
	[("alice", Alice), ("bob", Bob), ("charlie", Charlie), ("dave", Dave), ("eve", Eve), ("ferdie", Ferdie)];
pub const MARKETS: [(&str, MarketId); 3] = [("BTC", MarketId(0)), ("ETH", MarketId(1)), ("SOL", MarketId(2))];

pub fn person(word: &str) -> Read<Sr25519Keyring> {
	Ok(one_of("a person", Some(word), &PEOPLE)?)
}

pub fn people(words: &[&str]) -> Read<Vec<Sr25519Keyring>> {
	words.iter().map(|word| person(word)).collect()
}

pub fn market(word: &str) -> Read<MarketId> {
	Ok(one_of("a market", Some(word), &MARKETS)?)
}

pub fn is_market(word: &str) -> bool {
	market(word).is_ok()
}

pub fn feed(word: &str) -> Read<FeedId> {
	market(word).map(|market| FeedId(market.0))
}

pub fn status(word: &str) -> Read<MarketStatus> {
	Ok(one_of("a status", Some(word), &STATUSES)?)
}

pub fn state(word: &str) -> Read<PriceState> {
	Ok(one_of("a state", Some(word), &STATES)?)
}

pub fn side(word: &str) -> Read<Side> {
	Ok(one_of("a side", Some(word), &SIDES)?)
}

pub fn count(word: &str) -> Read<u32> {
	Ok(words::count(Some(word))?)
}

pub fn dollars(word: &str) -> Read<Quote> {
	Ok(words::dollars(Some(word))?)
}

pub fn keel(word: &str) -> Read<Balance> {
	let decimals = usize::try_from(KEEL.ilog10()).map_err(|_| Fail::Unread("too many decimals".into()))?;
	Ok(words::quantity("KEEL", Some(word), decimals)?)
}

pub fn price(word: &str) -> Read<Price> {
	Ok(words::price(Some(word))?)
}

pub fn size(word: &str) -> Read<Size> {
	Ok(words::size(Some(word))?)
}

/// `5%`.
pub fn ratio(word: &str) -> Read<Ratio> {
	Ok(words::rate(Some(word)).map(Ratio)?)
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
	if holds(found, words::number("a figure", Some(word), decimals)?) {
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
