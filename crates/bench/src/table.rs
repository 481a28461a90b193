// SPDX-License-Identifier: Apache-2.0
//! The table, in Markdown, as docs/performance.md shows it.

use std::{
	fs::read_to_string,
	time::{Duration, SystemTime, UNIX_EPOCH},
};

use crate::{
	figures::{
		check::Check,
		fired::{Fired, Scan},
		quiet::Quiet,
		sizes::Sizes,
		upkeep::{Upkeep, MIX},
	},
	spread::{short, Spread},
};

/// What was measured with so many accounts open.
pub struct Stage {
	pub accounts: u32,
	pub quiet: Quiet,
	pub fired: Vec<Fired>,
	pub scan: Scan,
}

fn verdict(met: bool) -> &'static str {
	if met {
		"met"
	} else {
		"**missed**"
	}
}

/// A number with a comma at every thousand.
fn grouped(number: u128) -> String {
	let digits = number.to_string();
	let mut grouped = String::new();
	for (index, digit) in digits.chars().enumerate() {
		if index > 0 && (digits.len() - index).is_multiple_of(3) {
			grouped.push(',');
		}
		grouped.push(digit);
	}
	grouped
}

/// The value of a field of a file of the kernel.
fn field(path: &str, name: &str) -> String {
	let text = read_to_string(path).unwrap_or_default();
	let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
	line.split_once(':').map_or("unknown", |(_, value)| value.trim()).to_owned()
}

fn gigabytes(path: &str, name: &str) -> f64 {
	let value = field(path, name);
	let kilobytes: f64 = value.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default();
	kilobytes * 1024.0 / 1e9
}

/// On what, and how, it was measured.
pub fn machine() {
	let cores = std::thread::available_parallelism().map_or(0, usize::from);
	let checks = if cfg!(debug_assertions) { "with" } else { "without" };
	let days = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / 86_400;
	println!(
		"{}, {cores} cores used by one thread, {:.0} GB of memory; the runtime compiled for the machine, {checks} \
		 debug assertions; day {days} since 1970.\n",
		field("/proc/cpuinfo", "model name"),
		gigabytes("/proc/meminfo", "MemTotal"),
	);
	println!("Times are medians; in brackets, between which values four of five measurements lie.\n");
}

pub fn check(check: &Check) {
	let ratio = check.judge.ratio_to(check.transfer);
	println!("### Margin check, database excluded\n");
	println!("| | time | of a transfer | target | |");
	println!("|---|---|---|---|---|");
	println!("| `transfer_keep_alive` | {} | 1 | | |", check.transfer);
	let row = |what: &str, took: &Spread, target: &str, verdict: &str| {
		println!("| {what} | {took} | {:.2} | {target} | {verdict} |", took.ratio_to(check.transfer));
	};
	row("margin check, 8 positions", &check.judge, "≤ 1.5", verdict(ratio <= 1.5));
	row("margin check, 1 position", &check.judge_one, "", "");
	row("account view, 8 positions", &check.view, "", "");
	row("deposit, 8 positions", &check.deposit, "", "");
	println!();
}

pub fn sizes(all: &[Sizes]) {
	println!("### Bytes in the state\n");
	println!(
		"| positions | account's item | of a system account's {} | trigger entries | target | |",
		all[0].system
	);
	println!("|---|---|---|---|---|---|");
	for sizes in all {
		let ratio = sizes.account as f64 / sizes.system as f64;
		let (target, verdict) =
			if sizes.positions == 4 { ("≤ 5", verdict(ratio <= 5.0)) } else { ("", "") };
		println!(
			"| {} | {} | {ratio:.2} | {} keys, {} bytes, no values | {target} | {verdict} |",
			sizes.positions, sizes.account, sizes.triggers, sizes.trigger_bytes
		);
	}
	println!();
}

pub fn upkeep(upkeep: &Upkeep) {
	let total = upkeep.total();
	let per_touch = |count: usize| count as f64 / f64::from(total.touches);
	let (reads, writes) = (per_touch(total.reads), per_touch(total.writes));
	println!("### Upkeep of the trigger book\n");
	println!("| | touches | reads a touch | writes a touch | target | |");
	println!("|---|---|---|---|---|---|");
	for (deed, share) in MIX {
		let cost = upkeep.calls.get(&deed).copied().unwrap_or_default();
		let each = |count: usize| count as f64 / f64::from(cost.touches);
		println!(
			"| {deed:?}, {share} % of what is tried | {} | {:.2} | {:.2} | | |",
			grouped(cost.touches.into()),
			each(cost.reads),
			each(cost.writes)
		);
	}
	println!(
		"| hooks, over all touches | | {:.2} | {:.2} | | |",
		per_touch(upkeep.hooks.reads),
		per_touch(upkeep.hooks.writes)
	);
	println!(
		"| all | {} | {reads:.2} | {writes:.2} | ≤ 2 and ≤ 2 | {} |\n",
		grouped(total.touches.into()),
		verdict(reads <= 2.0 && writes <= 2.0)
	);
	println!(
		"{:.1} positions each on average; {} refused; {} accounts written by hooks.\n",
		upkeep.mean_positions(),
		upkeep.refused,
		upkeep.in_hooks
	);
}

pub fn markets(all: &[(u32, Quiet)]) {
	println!("### A quiet block and its markets\n");
	println!("| markets | oracle | breaker | margin | liquidation | all | keys read | keys written |");
	println!("|---|---|---|---|---|---|---|---|");
	for (count, quiet) in all {
		println!(
			"| {count} | {} | {} | {} | {} | {} | {} | {} |",
			short(quiet.oracle.median),
			short(quiet.breaker.median),
			short(quiet.margin.median),
			short(quiet.liquidation.median),
			quiet.all,
			quiet.reads,
			quiet.writes
		);
	}
	for (from, to) in all.iter().zip(&all[1..]) {
		let more = to.0 - from.0;
		println!(
			"\nFrom {} to {} markets each adds {}, {:.2} reads and {:.2} writes.",
			from.0,
			to.0,
			short(to.1.all.median.saturating_sub(from.1.all.median) / more),
			(to.1.reads - from.1.reads) as f64 / f64::from(more),
			(to.1.writes - from.1.writes) as f64 / f64::from(more),
		);
	}
	println!();
}

pub fn stages(stages: &[Stage]) {
	let first = &stages[0];
	println!("### A quiet block and its accounts\n");
	println!("| accounts | time of the hooks | of the first | keys read | keys written | reading calls | target | | root of the state |");
	println!("|---|---|---|---|---|---|---|---|---|");
	for stage in stages {
		let (quiet, base) = (&stage.quiet, &first.quiet);
		let ratio = quiet.all.ratio_to(base.all);
		let same = (quiet.reads, quiet.writes) == (base.reads, base.writes) && (ratio - 1.0).abs() <= 0.1;
		println!(
			"| {} | {} | {ratio:.2} | {} | {} | {} | within 10 % | {} | {} |",
			grouped(stage.accounts.into()),
			quiet.all,
			quiet.reads,
			quiet.writes,
			quiet.read_calls,
			verdict(same),
			quiet.root
		);
	}
	println!("\n### Finding the unhealthy\n");
	println!("| accounts | fired | blocks | found and queued | each | of the first | reads each | writes each | closed, each |");
	println!("|---|---|---|---|---|---|---|---|---|");
	for stage in stages {
		let one = stage.fired[0].found.median;
		for fired in &stage.fired {
			let count = u32::try_from(fired.accounts).expect("few fire");
			let each = |keys: usize| keys as f64 / f64::from(count);
			let of_first = (fired.found.median / count).as_secs_f64() / one.as_secs_f64();
			println!(
				"| {} | {count} | {} | {} | {} | {of_first:.2} | {:.1} | {:.1} | {} |",
				grouped(stage.accounts.into()),
				fired.blocks,
				fired.found,
				short(fired.found.median / count),
				each(fired.reads),
				each(fired.writes),
				short(fired.closed.median / count),
			);
		}
	}
	println!("\n| accounts | looking at everybody | unhealthy | through the book | times cheaper | target | | only reading everybody | times |");
	println!("|---|---|---|---|---|---|---|---|---|");
	for stage in stages {
		let (scan, found) = (&stage.scan, &stage.fired[stage.fired.len() - 1]);
		assert_eq!(scan.unhealthy, found.accounts, "the book has found whom a look at everybody finds");
		let times = |time: Duration| time.as_secs_f64() / found.found.median.as_secs_f64();
		let aimed = stage.accounts >= 1_000_000;
		println!(
			"| {} | {} | {} | {} | {:.0} | {} | {} | {} | {:.0} |",
			grouped(stage.accounts.into()),
			short(scan.judged),
			scan.unhealthy,
			short(found.found.median),
			times(scan.judged),
			if aimed { "≥ 1,000" } else { "" },
			if aimed { verdict(times(scan.judged) >= 1_000.0) } else { "" },
			short(scan.read),
			times(scan.read),
		);
	}
	println!();
}

/// What each costs of many who fire in one block, by whether their keys differ.
pub fn together(different: (usize, Spread), shared: (usize, Spread)) {
	println!(
		"In one block: {} with keys of their own, {} each; {} who share two keys, {} each.\n",
		different.0, different.1, shared.0, shared.1
	);
}

/// What the run itself took.
pub fn end(took: Duration) {
	println!(
		"The run took {:.0} minutes and {:.1} GB of memory at most.",
		took.as_secs_f64() / 60.0,
		gigabytes("/proc/self/status", "VmHWM")
	);
}
