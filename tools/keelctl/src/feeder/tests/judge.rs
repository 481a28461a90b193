// SPDX-License-Identifier: Apache-2.0
//! Verdicts on a feed.

use crate::{
	feeder::{
		config::{read, Feed},
		judge::{judge, median, Exclusion, Fair, Memory, Sample, Standing, Withheld},
	},
	units::Price,
};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Half past four on some afternoon.
const WALL_MS: i64 = 1_770_000_000_000;

fn price(text: &str) -> Price {
	text.parse().expect("a price")
}

/// Three of five sources, from 10,000 to 100,000 dollars, 1 % from the median and apart, 5 % a step.
fn feed() -> Feed {
	let source = |name: &str| {
		format!("[[feed.source]]\nname = \"{name}\"\nurl = \"http://{name}.example\"\nprice = \"/p\"\n")
	};
	let sources: String = ["a", "b", "c", "d", "e"].map(source).concat();
	let text = format!(
		"key = {{ env = \"K\" }}\n[[feed]]\nname = \"BTC/USD\"\nlow = 10000\nhigh = 100000\nquorum = 3\n{sources}"
	);
	read(&text).expect("a configuration").feeds.remove(0)
}

fn standing(name: &str, said: &str, now: Instant) -> Standing {
	let sample = Some(Sample { price: price(said), heard: now, time_ms: Some(WALL_MS) });
	Standing { name: name.to_owned(), weight: 1, sample, since: Some(now), failure: None }
}

fn all(prices: [&str; 5], now: Instant) -> Vec<Standing> {
	let names = ["a", "b", "c", "d", "e"];
	names.iter().zip(prices).map(|(name, said)| standing(name, said, now)).collect()
}

fn look(sources: &[Standing], memory: &mut Memory, now: Instant) -> Result<Fair, Withheld> {
	judge(&feed(), sources, memory, now, WALL_MS)
}

fn fresh(sources: &[Standing], now: Instant) -> Result<Fair, Withheld> {
	look(sources, &mut Memory::default(), now)
}

fn reason(verdict: Result<Fair, Withheld>) -> String {
	verdict.expect_err("nothing can be said").to_string()
}

#[test]
fn sources_that_agree_make_a_price_with_half_their_spread() {
	let now = Instant::now();
	let fair = fresh(&all(["65010", "64990", "65000", "65003", "64999"], now), now).expect("a price");
	assert_eq!(fair.price, price("65000"));
	assert_eq!(fair.confidence, price("10"));
	assert_eq!((fair.sources, fair.others.len()), (5, 0));
}

#[test]
fn two_liars_of_five_are_left_out_and_do_not_move_it() {
	let now = Instant::now();
	let fair = fresh(&all(["65010", "64990", "65000", "99999", "10001"], now), now).expect("a price");
	assert_eq!((fair.price, fair.sources), (price("65000"), 3));
	let why: Vec<_> = fair.others.iter().map(|(name, _)| name.as_str()).collect();
	assert_eq!(why, ["d", "e"]);
	// Three of five decide: that is what a quorum is.
	let fair = fresh(&all(["70010", "69990", "70000", "65000", "65000"], now), now).expect("a price");
	assert_eq!(fair.price, price("70000"));
}

#[test]
fn without_a_quorum_nothing_is_said_and_each_source_has_its_reason() {
	let now = Instant::now();
	let mut sources = all(["65000", "65000", "65000", "3000", "65000"], now);
	sources[0].sample = None;
	sources[0].failure = Some("answered 500".to_owned());
	sources[1].sample = sources[1].sample.map(|s| Sample { time_ms: Some(WALL_MS - 61_000), ..s });
	sources[2].sample = sources[2].sample.map(|s| Sample { time_ms: Some(WALL_MS + 9_000), ..s });
	let told = reason(fresh(&sources, now));
	for part in [
		"too few sources: 1 of 3",
		"a: answered 500",
		"b: its own time stamp is 61000 ms old",
		"c: its own time stamp is 9000 ms ahead",
		"d: 3,000.00 is not plausible",
	] {
		assert!(told.contains(part), "{told}");
	}
	let later = now + Duration::from_millis(5_001);
	let told = reason(judge(&feed(), &all(["65000"; 5], now), &mut Memory::default(), later, WALL_MS));
	assert!(told.contains("a: was last heard 5001 ms ago"), "{told}");
}

#[test]
fn sources_that_do_not_agree_make_no_price() {
	let now = Instant::now();
	// Each within 1 % of the median, and 1.5 % apart.
	let told = reason(fresh(&all(["65500", "64525", "65000", "65000", "65000"], now), now));
	assert!(told.contains("spread too wide: the sources are 1.5 % apart, at most 1 %"), "{told}");
	// Everybody somewhere else: nobody is near the median.
	let told = reason(fresh(&all(["50000", "60000", "70000", "80000", "90000"], now), now));
	assert!(told.contains("too few sources: 1 of 3"), "{told}");
	assert!(told.contains("60,000.00 is too far from the median 70,000.00"), "{told}");
}

#[test]
fn a_jump_is_told_until_the_sources_say_it_again() {
	let now = Instant::now();
	let mut memory = Memory::default();
	memory.said(price("60000"));
	let told = reason(look(&all(["65000"; 5], now), &mut memory, now));
	assert!(
		told.contains("jump: from 60,000.00 to 65,000.00 is more than 5 %; 0 of 3 sources have confirmed it"),
		"{told}"
	);
	// The same samples again confirm nothing.
	let later = now + Duration::from_secs(2);
	assert!(matches!(look(&all(["65000"; 5], now), &mut memory, later), Err(Withheld::Jump { .. })));
	// Two of them again: not enough.
	let mut sources = all(["65000"; 5], now);
	for source in &mut sources[..2] {
		source.sample = source.sample.map(|sample| Sample { heard: later, ..sample });
	}
	let told = reason(look(&sources, &mut memory, later));
	assert!(told.contains("2 of 3"), "{told}");
	let fair = look(&all(["65001"; 5], later), &mut memory, later).expect("they have all said it again");
	assert_eq!(fair.price, price("65001"));
}

#[test]
fn a_jump_that_goes_away_or_turns_round_begins_anew() {
	let now = Instant::now();
	let at = |seconds| now + Duration::from_secs(seconds);
	let mut memory = Memory::default();
	memory.said(price("60000"));
	assert!(look(&all(["65000"; 5], at(0)), &mut memory, at(0)).is_err());
	assert!(look(&all(["55000"; 5], at(1)), &mut memory, at(1)).is_err(), "another direction");
	assert!(look(&all(["60100"; 5], at(2)), &mut memory, at(2)).is_ok());
	assert!(look(&all(["65000"; 5], at(3)), &mut memory, at(3)).is_err(), "a new jump");
	assert!(look(&all(["65000"; 5], at(4)), &mut memory, at(4)).is_ok());
}

#[test]
fn a_price_knows_of_what_a_quorum_has_said() {
	let now = Instant::now();
	let mut sources = all(["65000"; 5], now);
	for (age, source) in sources.iter_mut().enumerate() {
		let heard = now.checked_sub(Duration::from_millis(age as u64 * 100));
		source.sample = source.sample.map(|sample| Sample { heard: heard.unwrap_or(now), ..sample });
	}
	let fair = fresh(&sources, now).expect("a price");
	assert_eq!(Some(fair.heard), now.checked_sub(Duration::from_millis(200)), "the third newest of five");
}

/// Five sources that agree. The first `stuck` of them have named their price for `minutes`.
fn some_stuck(stuck: usize, minutes: u64, now: Instant) -> Vec<Standing> {
	let mut sources = all(["65000", "65001", "65002", "65003", "65004"], now);
	for source in &mut sources[..stuck] {
		source.since = now.checked_sub(Duration::from_secs(60 * minutes + 1));
	}
	sources
}

#[test]
fn who_names_one_price_while_others_move_is_left_out() {
	let now = Instant::now() + Duration::from_secs(3_600);
	let fair = fresh(&some_stuck(2, 5, now), now).expect("three move");
	assert_eq!((fair.price, fair.sources), (price("65003"), 3));
	let told: Vec<_> =
		fair.others.iter().map(|(name, why)| format!("{name}: {why}, {}", why.kind())).collect();
	assert_eq!(told[0], "a: has named 65,000.00 for 301 s, while others moved, stuck");
	assert_eq!(told.len(), 2);
	// A cache that three of five share does not outvote the two that live: nothing is said.
	let told = reason(fresh(&some_stuck(3, 5, now), now));
	assert!(told.starts_with("too few sources: 2 of 3; a: has named 65,000.00 for 301 s"), "{told}");
}

#[test]
fn where_hardly_anybody_moves_the_market_is_quiet() {
	let now = Instant::now() + Duration::from_secs(3_600);
	// Nobody moves, one of five does, and two do, though not for long enough to tell.
	for (stuck, minutes) in [(5, 50), (4, 50), (3, 4)] {
		let fair =
			fresh(&some_stuck(stuck, minutes, now), now).unwrap_or_else(|why| panic!("{stuck}: {why}"));
		assert_eq!((fair.price, fair.sources), (price("65002"), 5), "{stuck}");
	}
}

#[test]
fn a_verdict_against_a_price_names_who_was_left_out_before() {
	let now = Instant::now() + Duration::from_secs(3_600);
	let mut memory = Memory::default();
	memory.said(price("60000"));
	let Err(jump) = look(&some_stuck(2, 5, now), &mut memory, now) else { panic!("a jump") };
	assert_eq!((jump.kind(), jump.others().len()), ("jump", 2));
	let mut apart = some_stuck(1, 5, now);
	for (source, said) in apart[1..].iter_mut().zip(["64525", "65000", "65000", "65500"]) {
		source.sample = source.sample.map(|sample| Sample { price: price(said), ..sample });
	}
	let why = fresh(&apart, now).expect_err("they are apart");
	assert_eq!((why.kind(), why.others()[0].1.kind()), ("spread_too_wide", "stuck"));
}

#[test]
fn a_silent_source_has_a_reason_too() {
	let now = Instant::now();
	let mut sources = all(["65000"; 5], now);
	for source in &mut sources[..3] {
		source.sample = None;
	}
	let Err(Withheld::TooFewSources { others, .. }) = fresh(&sources, now) else { panic!("no quorum") };
	assert_eq!(others[0].1, Exclusion::Silent("has not answered yet".to_owned()));
}

/// Prices with weights; sums of prices stay within 128 bits.
fn weighted(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<(Price, u32)>> {
	prop::collection::vec((1u128..1 << 100, 1u32..20), count)
		.prop_map(|prices| prices.into_iter().map(|(raw, weight)| (Price(raw), weight)).collect())
}

proptest! {
	#[test]
	fn the_median_is_the_middle_of_as_many_copies_as_the_weights_say(prices in weighted(1..8)) {
		let mut copies: Vec<u128> =
			prices.iter().flat_map(|(price, weight)| vec![price.0; *weight as usize]).collect();
		copies.sort_unstable();
		let (low, high) = (copies[(copies.len() - 1) / 2], copies[copies.len() / 2]);
		prop_assert_eq!(median(prices), Some(Price((low + high) / 2)));
	}

	#[test]
	fn the_order_of_sources_does_not_matter(prices in weighted(1..8).prop_shuffle()) {
		let mut sorted = prices.clone();
		sorted.sort_unstable();
		prop_assert_eq!(median(prices), median(sorted));
	}

	#[test]
	fn whoever_has_less_than_half_of_the_weight_cannot_leave_the_honest_range(
		honest in weighted(1..6),
		lies in weighted(0..6),
	) {
		let weight = |prices: &[(Price, u32)]| prices.iter().map(|(_, weight)| weight).sum::<u32>();
		let mut lies = lies;
		while weight(&lies) >= weight(&honest) {
			lies.pop();
		}
		let low = honest.iter().map(|(price, _)| *price).min();
		let high = honest.iter().map(|(price, _)| *price).max();
		let said = median([honest, lies].concat());
		prop_assert!(low <= said && said <= high);
	}

	#[test]
	fn what_is_said_lies_among_its_sources_and_claims_no_less_than_half_their_spread(
		cents in prop::collection::vec(6_400_000u128..6_600_000, 5),
	) {
		let now = Instant::now();
		let mut sources = all(["65000"; 5], now);
		for (source, cents) in sources.iter_mut().zip(&cents) {
			let price = Price(cents * 10_000_000_000_000_000);
			source.sample = source.sample.map(|sample| Sample { price, ..sample });
		}
		if let Ok(fair) = fresh(&sources, now) {
			let left_out: Vec<_> = fair.others.iter().map(|(name, _)| name.clone()).collect();
			let used: Vec<_> = sources
				.iter()
				.filter(|source| !left_out.contains(&source.name))
				.filter_map(|source| source.sample.map(|sample| sample.price))
				.collect();
			let (low, high) = (used.iter().min().unwrap(), used.iter().max().unwrap());
			prop_assert!(used.len() == fair.sources && fair.sources >= 3);
			prop_assert!(*low <= fair.price && fair.price <= *high);
			prop_assert!(fair.confidence.0 * 2 >= high.0 - low.0);
		}
	}
}

#[test]
fn of_liars_with_half_of_the_weight_the_property_does_not_hold() {
	// The negative control: one honest source, one liar.
	let said = median(vec![(price("65000"), 1), (price("99000"), 1)]).expect("a median");
	assert!(said > price("65000"));
	assert_eq!(median(vec![]), None);
}
