// SPDX-License-Identifier: Apache-2.0
//! What hot calls and hooks ask of the state, against what they asked when it was last looked at.
//!
//! `counts.txt` has a line for each: how many different keys it reads, and how many it writes, those of `System` aside.
//! A count may differ by a quarter and two; beyond that the file is written anew with `KEEL_WRITE_COUNTS=1`, and the
//! change says why. Weights are measured from the same calls: a count that has doubled makes them wrong.

#[allow(dead_code)]
#[path = "../../../crates/bench/src/counting.rs"]
mod counting;

use super::{chain::*, exchange::*};
use counting::{Counting, Counts};
use frame_support::assert_ok;
use keel_emergency::Act;
use keel_margin::{Call, OfferIds};
use keel_primitives::*;
use keel_runtime::*;
use sp_externalities::{set_and_run_with_externalities, with_externalities};
use sp_runtime::DispatchResult;
use std::{cell::RefCell, collections::BTreeMap, fs, path::PathBuf, rc::Rc};

/// Reads and writes, by name.
type Table = BTreeMap<String, [usize; 2]>;

const SUB: SubAccount = SubAccount(0);
const PRICES: [u32; 3] = [8_000, 200, 20];

/// What `act` asks of the state.
fn counted(act: impl FnOnce()) -> [usize; 2] {
	let counts = Rc::new(RefCell::new(Counts::default()));
	with_externalities(|state| {
		let mut counting = Counting::new(state, counts.clone());
		set_and_run_with_externalities(&mut counting, act);
	})
	.expect("a chain is there");
	let counts = counts.take().outside_of_system();
	[counts.reads(&[]), counts.writes(&[])]
}

fn file() -> PathBuf {
	PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/runtime/counts.txt"))
}

fn table(text: &str) -> Table {
	let read = |line: &str| {
		let (name, counts) = line.split_once(": ")?;
		let (reads, writes) = counts.strip_suffix(" writes")?.split_once(" reads, ")?;
		Some((name.to_owned(), [reads.parse().ok()?, writes.parse().ok()?]))
	};
	let lines = text.lines().filter(|line| !line.starts_with('#'));
	lines.map(|line| read(line).unwrap_or_else(|| panic!("expected a count, found `{line}`"))).collect()
}

fn text(table: &Table) -> String {
	let line =
		|(name, [reads, writes]): (&String, &[usize; 2])| format!("{name}: {reads} reads, {writes} writes\n");
	"# Written by KEEL_WRITE_COUNTS=1 cargo test -p keel-runtime --test runtime counts\n".to_owned()
		+ &table.iter().map(line).collect::<String>()
}

/// What is out of proportion.
fn complaints(known: &Table, found: &Table) -> Vec<String> {
	let strays = |known: usize, found: usize| known.abs_diff(found) > known / 4 + 2;
	let mut complaints = Vec::new();
	for (name, now) in found {
		match known.get(name) {
			None => complaints.push(format!("{name} is not in counts.txt")),
			Some(then) if strays(then[0], now[0]) || strays(then[1], now[1]) => complaints.push(format!(
				"{name}: {} reads and {} writes were {} and {}: find out why; if it must be, measure its weight again \
				 and write counts.txt with KEEL_WRITE_COUNTS=1",
				now[0], now[1], then[0], then[1]
			)),
			Some(_) => {}
		}
	}
	complaints.extend(
		known
			.keys()
			.filter(|name| !found.contains_key(*name))
			.map(|name| format!("{name} is counted no more")),
	);
	complaints
}

/// Finish this block and begin the next, without looking at the invariants: that would be counted.
fn bare_block() {
	Executive::finalize_block();
	begin_block();
}

fn taken(answer: DispatchResult) {
	assert_eq!(answer, Ok(()));
}

/// Everything that is counted, on one chain.
fn found() -> Table {
	let mut found = Table::new();
	on("dev", || {
		open_markets(PRICES);
		let mut count = |name: &str, act: &mut dyn FnMut()| {
			found.insert(name.to_owned(), counted(act));
		};
		let offer = |side, reducing| {
			let (market, size, price) = (BTC, Size::ONE, Price::dollars(8_000));
			let (expires, taker) = (System::block_number() + 10, Some(Bob.to_account_id()));
			if reducing {
				Call::<Runtime>::offer_reduce { sub: SUB, market, size, price, expires, taker }
			} else {
				Call::<Runtime>::offer_trade { sub: SUB, market, side, size, price, expires, taker }
			}
		};
		let last = || OfferIds::<Runtime>::get().next - 1;
		for who in [Bob, Dave] {
			dollars(who, 5_000);
		}
		next_block();
		count("Margin.deposit", &mut || dollars(Bob, 10));
		count("Margin.offer_trade", &mut || taken(send(Dave, offer(Side::Short, false))));
		let trade = Call::<Runtime>::accept_trade { offer: last(), sub: SUB };
		count("Margin.accept_trade, opening", &mut || taken(send(Bob, trade.clone())));
		next_block();
		count("Margin.offer_reduce", &mut || taken(send(Dave, offer(Side::Long, true))));
		let reduce = Call::<Runtime>::accept_reduce { offer: last(), sub: SUB };
		count("Margin.accept_reduce, closing", &mut || taken(send(Bob, reduce.clone())));
		let out = || Call::<Runtime>::withdraw { sub: SUB, amount: Quote::dollars(10) };
		count("Margin.withdraw, without positions", &mut || taken(send(Dave, out())));
		count("Oracle.report", &mut || assert_eq!(report(Alice, PRICES), Ok(Ok(()))));
		let halt = || keel_emergency::Call::<Runtime>::approve {
			act: Act::HaltMarket { market: MarketId(2), blocks: 1 },
		};
		count("Emergency.approve, of a market", &mut || taken(send(Alice, halt())));

		count("a block after one report, in which a market halts", &mut bare_block);
		for member in [Alice, Bob, Charlie, Dave, Eve] {
			assert_eq!(report(member, PRICES), Ok(Ok(())));
		}
		count("a block with prices", &mut bare_block);

		// Ten-fold, and then too little.
		dollars(Charlie, 810);
		next_block();
		assert_ok!(send(
			Dave,
			Call::<Runtime>::offer_trade {
				sub: SUB,
				market: BTC,
				side: Side::Short,
				size: Size::ONE,
				price: Price::dollars(8_000),
				expires: System::block_number() + 10,
				taker: None,
			}
		));
		assert_ok!(send(Charlie, Call::<Runtime>::accept_trade { offer: last(), sub: SUB }));
		let mut liquidated = None;
		for price in [7_800, 7_600, 7_400, 7_400, 7_400, 7_400] {
			reported_block([price, 200, 20]);
			let before = keel_liquidation::Entries::<Runtime>::iter().count();
			let counts = counted(bare_block);
			let happened = events().into_iter().any(|event| {
				matches!(event, RuntimeEvent::Liquidation(keel_liquidation::Event::Liquidated { .. }))
			});
			if happened && before == 0 {
				liquidated = Some(counts);
			}
		}
		found.insert(
			"a block in which an account is found and reduced".into(),
			liquidated.expect("it was liquidated in a block"),
		);
	});
	found
}

#[test]
fn hot_calls_and_hooks_ask_no_more_of_the_state_than_they_did() {
	let found = found();
	if std::env::var_os("KEEL_WRITE_COUNTS").is_some() {
		fs::write(file(), text(&found)).expect("the file can be written");
	}
	let known = table(&fs::read_to_string(file()).expect("counts.txt is there"));
	let complaints = complaints(&known, &found);
	assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn a_count_that_doubles_or_is_missing_is_seen() {
	let known = table(&fs::read_to_string(file()).expect("counts.txt is there"));
	assert!(known.len() >= 10 && known.values().all(|[reads, _]| *reads > 2), "{known:?}");
	assert_eq!(complaints(&known, &known), Vec::<String>::new());
	assert_eq!(table(&text(&known)), known);
	for name in known.keys() {
		let mut doubled = known.clone();
		doubled.entry(name.clone()).and_modify(|[reads, _]| *reads *= 2);
		assert_eq!(complaints(&known, &doubled).len(), 1, "{name}: twice its reads are not seen");
		let mut without = known.clone();
		without.remove(name);
		assert_eq!(complaints(&known, &without), [format!("{name} is counted no more")]);
		assert_eq!(complaints(&without, &known), [format!("{name} is not in counts.txt")]);
	}
}
