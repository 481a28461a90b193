// SPDX-License-Identifier: Apache-2.0
//! Prices for the tests: the crash of March 2020, or a built-in one where its record is absent.

use keelctl::{
	history, keys,
	rounds::{self, Round},
	units::Price,
};
use std::{collections::BTreeMap, path::PathBuf};
use subxt_signer::sr25519::Keypair;

/// The reporter keys of the development chain's five oracle members.
pub fn reporter_keys() -> Vec<Keypair> {
	["Alice", "Bob", "Charlie", "Dave", "Eve"]
		.map(|name| keys::keypair(&format!("//{name}//reporter"), "the tests").expect("a development key"))
		.to_vec()
}

/// BTC and ETH of 12 and 13 March 2020, an hour per bar, four prices per bar. SOL did not exist yet; it
/// stands still.
pub fn march_2020() -> Vec<Round> {
	let file = folder().join("2020-03_black-thursday_1h.csv");
	let mut rounds = if file.is_file() {
		let bars = history::read_file(&file).expect("the record can be read");
		let time = |text: &str| text.parse::<history::Timestamp>().expect("a time");
		let (from, until) = (time("2020-03-12T00:00:00Z"), time("2020-03-13T12:00:00Z"));
		let wanted = |bar: &history::Bar| bar.venue == "binance-spot" && (from..until).contains(&bar.time);
		rounds::from_frames(&history::frames(bars, wanted))
	} else {
		eprintln!("no record at {} (set KEEL_DATA): the built-in crash is replayed", file.display());
		let price = |dollars: &str| Price::parse(dollars).expect("a price");
		rounds::synthetic_crash(&BTreeMap::from([
			("BTC".to_owned(), (price("8000"), 100)),
			("ETH".to_owned(), (price("200"), 120)),
		]))
	};
	let sol = Price::parse("20").expect("a price");
	for round in &mut rounds {
		round.prices.insert("SOL".to_owned(), vec![sol]);
	}
	rounds
}

fn folder() -> PathBuf {
	let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
	std::env::var_os("KEEL_DATA").map_or(beside, PathBuf::from)
}
