// SPDX-License-Identifier: Apache-2.0
//! What a member that fails, or several, do to prices, markets and calls: each fault is made, every call of the pallets
//! that trade is tried, and the page on the oracle says what is so.

use keel_oracle::Report;
use keel_primitives::*;
use sp_core::Pair;
use sp_keyring::Sr25519Keyring;
use sp_runtime::MultiSignature;

use super::{
	chain::*,
	exchange::{reporter, BTC},
	motions::name,
	states::{traded, Tried},
};
use keel_runtime::{exchange_api::runtime_decl_for_exchange_api::ExchangeApiV1, *};

const MEMBERS: [Sr25519Keyring; 5] = [Alice, Bob, Charlie, Dave, Eve];
/// What bitcoin is worth, in cents, while nothing happens.
const CENTS: u128 = 800_000;

fn cents(cents: u128) -> Price {
	Price(cents * Price::ONE.0 / 100)
}

/// Member `index` says `price` of bitcoin, for `round`. Returns whether it was taken.
fn says(index: usize, round: BlockNumber, price: Price) -> bool {
	let member = MEMBERS[index];
	let others = [(1, 200), (2, 20)].map(|(feed, dollars)| Report {
		feed: FeedId(feed),
		price: Price::dollars(dollars),
		confidence: Price::ZERO,
	});
	let bitcoin = Report { feed: FeedId(0), price, confidence: Price::ZERO };
	let list: Vec<_> = [bitcoin].into_iter().chain(others).collect();
	let reports: keel_oracle::ReportsOf<Runtime> = list.try_into().expect("three feeds");
	let payload = Oracle::report_payload(round, &reports);
	let signature = MultiSignature::Sr25519(reporter(member).sign(&payload));
	let call =
		keel_oracle::Call::<Runtime>::report { member: member.to_account_id(), round, reports, signature };
	general(call).is_ok()
}

/// A block in which members 0 to `count` say `price`.
fn block_of(count: usize, price: u128) {
	next_block();
	let round = System::block_number() - 1;
	for index in 0..count {
		assert!(says(index, round, cents(price)));
	}
}

/// A block in which each of five says its own.
fn each_says(all: [Price; 5]) {
	next_block();
	let round = System::block_number() - 1;
	for (index, price) in all.into_iter().enumerate() {
		assert!(says(index, round, price));
	}
}

/// Four say what is so, and one `wrong`, for some rounds.
fn one_says(wrong: Price) {
	let right = cents(CENTS);
	for _ in 0..5 {
		each_says([right, right, right, right, wrong]);
	}
}

fn stuck() {
	for step in 0..40 {
		// A cent and a half in ten thousand a block: 0.6 % in all.
		let moving = cents(CENTS + 120 * step);
		each_says([moving, moving, moving, moving, cents(CENTS)]);
	}
}

fn late() {
	silence_of(1, 5);
	for _ in 0..8 {
		block_of(4, CENTS);
		let long_ago = System::block_number() - 4;
		assert!(says(4, long_ago, cents(CENTS - 2_000)));
	}
}

fn early() {
	for _ in 0..5 {
		block_of(4, CENTS);
		let this = System::block_number();
		assert!(!says(4, this + 1, cents(CENTS)), "nobody has seen the next block");
		assert!(says(4, this, cents(CENTS)));
	}
}

fn clock_runs_backward() {
	block_of(5, CENTS);
	for back in 2..6 {
		block_of(4, CENTS);
		assert!(!says(4, System::block_number() - back, cents(CENTS)), "rounds go forward");
	}
	block_of(4, CENTS);
}

fn flaps() {
	for turn in 0..10 {
		block_of(4 + turn % 2, CENTS);
	}
}

fn silence_of(members: usize, blocks: BlockNumber) {
	for _ in 0..blocks {
		block_of(5 - members, CENTS);
	}
}

fn two_collude() {
	for _ in 0..5 {
		// Within what the feed lets members differ by.
		let (right, wrong) = (cents(CENTS), cents(CENTS * 1_019 / 1_000));
		each_says([right, right, right, wrong, wrong]);
	}
}

/// These members read what the last of the five reads.
fn read_the_same(members: &[usize]) {
	for index in members {
		let source = keel_oracle::SourceId(4);
		let member = MEMBERS[*index].to_account_id();
		Oracle::correct_source(RuntimeOrigin::root(), member, source).expect("a referendum does it");
	}
}

fn one_source_behind_three() {
	read_the_same(&[2, 3]);
	three_are_wrong();
}

fn one_source_behind_four() {
	// No body leaves so few; here they go behind it one after the other.
	for index in [1, 2, 3] {
		let member = MEMBERS[index].to_account_id();
		keel_oracle::Members::<Runtime>::mutate(member, |seat| {
			seat.as_mut().expect("it has a seat").source = Some(keel_oracle::SourceId(4));
		});
	}
	for _ in 0..40 {
		block_of(5, CENTS);
	}
}

fn three_are_wrong() {
	for _ in 0..5 {
		let (right, wrong) = (cents(CENTS), cents(CENTS * 1_019 / 1_000));
		each_says([right, right, wrong, wrong, wrong]);
	}
}

fn two_venues_apart() {
	let (low, high) = (cents(CENTS * 95 / 100), cents(CENTS * 105 / 100));
	each_says([low, low, cents(CENTS), high, high]);
	next_block();
}

/// Each fault, and how it comes to be. All end in a block whose price is of the fault.
type Fault = (&'static str, fn());
const FAULTS: [Fault; 19] = [
	("none", || silence_of(0, 5)),
	("one is stuck while the price moves", stuck),
	("one says the least price there is", || one_says(Price::MIN)),
	("one is 10 % off", || one_says(cents(CENTS * 11 / 10))),
	("one is off by a decimal", || one_says(cents(CENTS * 10))),
	("one is late by four blocks", late),
	("one is early by a block", early),
	("the clock of one runs backward", clock_runs_backward),
	("one is silent", || silence_of(1, 40)),
	("one is silent every other block", flaps),
	("two are silent", || silence_of(2, 40)),
	("two collude, within what is allowed", two_collude),
	("three are wrong, each with a source of its own", three_are_wrong),
	("one wrong source is behind three", one_source_behind_three),
	("two venues are apart, two members at each", two_venues_apart),
	("one source is behind four, for a minute", one_source_behind_four),
	("three are silent for a minute", || silence_of(3, 40)),
	("all are silent for ten seconds", || silence_of(5, 5)),
	("all are silent for a minute", || silence_of(5, 40)),
];

/// What was found: of each fault the price and its market, and of each state of a price what calls answer.
struct Found {
	faults: Vec<Vec<String>>,
	calls: Vec<Vec<String>>,
}

fn found() -> Found {
	let mut faults = Vec::new();
	let mut answers: Vec<(PriceState, Vec<String>)> = Vec::new();
	let mut names = Vec::new();
	for (fault, make) in FAULTS {
		on("dev", || {
			let all = traded();
			make();
			next_block();
			let seen = Runtime::price(FeedId(0)).expect("the feed exists").observation;
			let status = Runtime::market(BTC).expect("it is listed").status;
			let price = seen.price.0 / (Price::ONE.0 / 100);
			let price = format!("{}.{:02}", price / 100, price % 100);
			faults.push(
				[
					fault.to_owned(),
					seen.sources.to_string(),
					price,
					format!("{:?}", seen.state),
					format!("{status:?}"),
				]
				.to_vec(),
			);
			names = all.iter().map(|tried| format!("`{}`", name(&tried.call))).collect();
			let outcomes: Vec<_> = all.iter().map(Tried::outcome).collect();
			match answers.iter().find(|(state, _)| *state == seen.state) {
				Some((state, before)) => {
					for ((call, now), before) in names.iter().zip(&outcomes).zip(before) {
						assert_eq!(now, before, "{call} while {fault}: as in any {state:?} price");
					}
				}
				None => answers.push((seen.state, outcomes)),
			}
		});
	}
	let states: Vec<_> = answers.iter().map(|(state, _)| *state).collect();
	assert_eq!(states, [PriceState::Valid, PriceState::Uncertain, PriceState::Stale]);
	let of = |at: usize| answers.iter().map(move |(_, outcomes)| outcomes[at].clone());
	let calls = names.iter().enumerate().map(|(at, name)| [name.clone()].into_iter().chain(of(at)).collect());
	Found { faults, calls: calls.collect() }
}

/// The tables of docs/spec/oracle.md under `heading`.
fn documented(heading: &str) -> Vec<Vec<String>> {
	let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/spec/oracle.md");
	let page = std::fs::read_to_string(path).expect("there is a page");
	let chapter = page.split(heading).nth(1).expect("there is such a chapter");
	let rows =
		chapter.lines().take_while(|line| !line.starts_with("##")).filter(|line| line.starts_with("| "));
	let rows = rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect());
	// After the head of the table.
	rows.skip(1).collect()
}

#[test]
fn the_page_on_the_oracle_says_what_each_fault_does_to_prices_markets_and_calls() {
	let Found { faults, calls } = found();
	let pages = [("\n## Faults\n", faults), ("\n## Calls by price\n", calls)];
	let differ: Vec<_> = pages.into_iter().filter(|(heading, found)| documented(heading) != *found).collect();
	for (heading, rows) in &differ {
		println!("{heading}");
		for row in rows {
			println!("| {} |", row.join(" | "));
		}
	}
	assert!(differ.is_empty(), "the tables are printed above as they are");
}
