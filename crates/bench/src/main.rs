// SPDX-License-Identifier: Apache-2.0
//! Prints the table of docs/performance.md.
//!
//! A crate of its own: it meets the whole runtime from outside, as nothing below the node does, and a run takes
//! minutes and gigabytes, so it is no test.

mod blocks;
mod counting;
mod figures;
mod measured;
mod people;
mod spread;
mod table;

use std::{process::ExitCode, time::Instant};

use figures::{check, fired, markets, quiet, sizes, upkeep};
use people::{Crowd, Keys};
use table::Stage;

/// How many accounts are open, one measurement after the other.
const ACCOUNTS: [u32; 3] = [10_000, 100_000, 1_000_000];
/// How many markets there are in the blocks that show what a market costs.
const MARKETS: [u32; 3] = [8, 20, 50];

fn main() -> ExitCode {
	let arguments: Vec<String> = std::env::args().skip(1).collect();
	let accounts = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
		[] => &ACCOUNTS[..],
		["--quick"] => &ACCOUNTS[..2],
		_ => {
			eprintln!("bench: unknown arguments {arguments:?} (known: --quick)");
			return ExitCode::from(2);
		}
	};
	let start = Instant::now();
	let say = |what: &str| eprintln!("bench: {what} ({} s)", start.elapsed().as_secs());

	table::machine();
	say("a margin check and a transfer, in turns");
	table::check(&check::measure());
	say("bytes of accounts");
	table::sizes(&[sizes::measure(1), sizes::measure(4), sizes::measure(8)]);
	say("what people do, and what the trigger book reads and writes for it");
	table::upkeep(&upkeep::measure());
	say("quiet blocks with more and more markets");
	table::markets(&MARKETS.map(|count| (count, markets::measure(count))));

	say("many who fire in one block");
	let [different, shared] =
		[Keys::Different, Keys::Shared].map(|keys| fired::together(&Crowd::new(keys).chain));

	let mut crowd = Crowd::new(Keys::Different);
	let mut stages = Vec::new();
	for count in accounts {
		say("people come");
		crowd.grow_to(*count);
		say("quiet blocks");
		let quiet = quiet::measure(&mut crowd.chain);
		say("blocks in which keys fire");
		let fired = fired::measure(&crowd.chain);
		say("looking at everybody");
		let scan = fired::scan(&crowd.chain);
		stages.push(Stage { accounts: crowd.accounts(), quiet, fired, scan });
	}
	table::stages(&stages);
	table::together(different, shared);
	table::end(start.elapsed());
	say("done");
	ExitCode::SUCCESS
}
