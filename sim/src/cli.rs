// SPDX-License-Identifier: Apache-2.0
//! The command line.

use std::{io::IsTerminal, path::PathBuf, time::Instant};

use clap::{Args, Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use keel_primitives::{Quote, Ratio};

use crate::{
	book::{self, Mix, Sizes},
	path::{Between, LEAST_BLOCKS},
	prices::{self, Choice, History},
	replay::{self, Plan},
	report,
	wrong::Wrong,
};

/// The most standard deviations that initial margin may cover.
const MULTIPLIER_MAX: f64 = 10.0;

/// The runtime of Keel without a node.
#[derive(Debug, Parser)]
#[command(name = "keel-sim", version, after_help = "Start with: keel-sim replay --help")]
pub struct Cli {
	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Walk a record of prices through the exchange, block by block, and tell what became of its accounts.
	#[command(after_help = AFTER)]
	Replay(Replay),
}

const AFTER: &str =
	"The file has the columns ts_utc,venue,symbol,open,high,low,close. Amounts are in dollars.
Exit code: 0 all invariants held and all sums agree, 1 one did not, 2 the file or an argument is wrong.

  keel-sim replay prices.csv --accounts 1000 --leverage-mix 2:50,5:30,10:20 --plot crash.svg
  keel-sim replay prices.csv --from 2020-03-12T00:00:00Z --until 2020-03-14T00:00:00Z --blocks-per-row 1800

docs/replays.md says what each figure means.";

/// How the price goes between two of the four that a bar has.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Way {
	/// Straight: the calmest way there is.
	Line,
	/// A random walk inside of the bar: for volatility.
	Walk,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct Replay {
	/// The price file (CSV).
	pub file: PathBuf,
	/// How many margin accounts are open at first, longs and shorts together.
	#[arg(long, default_value_t = 1_000)]
	pub accounts: u32,
	/// With how much leverage, as leverage:percent of the accounts. Percents sum to 100. A market that allows less
	/// gives what it allows.
	#[arg(long, default_value = "2:50,5:30,10:20", value_name = "LEVERAGE:PERCENT,...")]
	pub leverage_mix: String,
	/// What positions are worth when they are opened, in dollars; half of them are in the lowest eighth.
	#[arg(long, default_value = "1000..50000", value_name = "LEAST..MOST")]
	pub sizes: String,
	/// How many percent of the accounts are long.
	#[arg(long, default_value_t = 50, value_name = "PERCENT")]
	pub longs: u32,
	/// What chance begins with: the same seed and file give the same state root.
	#[arg(long, default_value_t = 1)]
	pub seed: u64,
	/// Only this asset, like BTC; may be given again. Without it all that have a market.
	#[arg(long)]
	pub asset: Vec<String>,
	/// Only this venue. Without it, for each asset, the one with the most bars.
	#[arg(long)]
	pub venue: Option<String>,
	/// The first bar opens at this time or later, like 2020-03-12T00:00:00Z.
	#[arg(long, value_name = "TIME")]
	pub from: Option<String>,
	/// All bars open before this time.
	#[arg(long, value_name = "TIME")]
	pub until: Option<String>,
	/// In how many blocks a bar is walked, at least 4. A block takes two seconds of chain time: an hour's bar in 1800
	/// blocks takes its time, in fewer the same moves come faster.
	#[arg(long, default_value_t = 60, value_name = "BLOCKS")]
	pub blocks_per_row: u32,
	/// How the price goes inside of a bar.
	#[arg(long, value_enum, default_value_t = Way::Line)]
	pub between: Way,
	/// What each market's tranche has at first, in dollars.
	#[arg(long, default_value_t = 100_000, value_name = "DOLLARS")]
	pub tranche: u32,
	/// What the fund has at first, in dollars.
	#[arg(long, default_value_t = 1_000_000, value_name = "DOLLARS")]
	pub fund: u32,
	/// How many standard deviations of a day initial margin covers once all accounts are open, 0 to 10. Without it the
	/// rule of the development chain stays.
	#[arg(long, value_name = "TIMES")]
	pub volatility_multiplier: Option<f64>,
	/// All invariants are asked every so many blocks, and at the end.
	#[arg(long, default_value_t = 1_000, value_name = "BLOCKS")]
	pub check_every: u32,
	/// Write a plot (SVG) to this file, or into this folder.
	#[arg(long, value_name = "FILE|FOLDER")]
	pub plot: Option<PathBuf>,
	/// Tell the result as JSON.
	#[arg(long)]
	pub json: bool,
}

impl Replay {
	/// The plan and the prices, or what is wrong with the arguments.
	pub fn read(&self) -> Result<(Plan, History), Wrong> {
		let time = |name: &str, text: &Option<String>| -> Result<Option<i64>, Wrong> {
			let told = |help| {
				Wrong::new(format!("--{name} is not a time: `{}`", text.as_deref().unwrap_or("")), help)
			};
			text.as_deref().map(prices::time).transpose().map_err(told)
		};
		let choice = Choice {
			assets: self.asset.clone(),
			venue: self.venue.clone(),
			from: time("from", &self.from)?,
			until: time("until", &self.until)?,
		};
		if self.blocks_per_row < LEAST_BLOCKS {
			return Err(Wrong::new(
				format!("a bar cannot be walked in {} blocks", self.blocks_per_row),
				format!("Write --blocks-per-row {LEAST_BLOCKS} or more: one for each price of a bar."),
			));
		}
		if self.check_every == 0 {
			return Err(Wrong::new(
				"--check-every is 0",
				"Write after how many blocks invariants are asked, at least 1.",
			));
		}
		if !(1..=99).contains(&self.longs) {
			return Err(Wrong::new(
				format!("{} percent of the accounts cannot be long", self.longs),
				"Write --longs between 1 and 99: every long needs a short.",
			));
		}
		let multiplier = self.volatility_multiplier.map(multiplier).transpose()?;
		let plan = Plan {
			book: book::Plan {
				accounts: self.accounts,
				mix: self.leverage_mix.parse::<Mix>()?,
				sizes: self.sizes.parse::<Sizes>()?,
				longs: self.longs,
				seed: self.seed,
			},
			blocks_per_row: self.blocks_per_row,
			between: match self.between {
				Way::Line => Between::Line,
				Way::Walk => Between::Walk,
			},
			check_every: self.check_every,
			tranche: Quote::dollars(self.tranche.into()),
			fund: Quote::dollars(self.fund.into()),
			multiplier,
		};
		let series = prices::read_file(&self.file)?;
		let name = self.file.display().to_string();
		let history = prices::choose(&name, &series, &choice, &replay::listed())?;
		Ok((plan, history))
	}

	/// Do it. Whether all invariants held and all sums agreed.
	pub fn run(&self) -> Result<bool, Wrong> {
		let begun = Instant::now();
		let (plan, history) = self.read()?;
		// Before minutes of work, not after.
		let plot = self.plot.as_ref().map(|path| plot_file(path)).transpose()?;
		eprintln!("keel-sim: opening {} accounts (seed {})", plan.book.accounts, plan.book.seed);
		let bar = bar();
		let outcome = replay::run(&plan, &history, &|done, all| {
			if let Some(bar) = &bar {
				bar.set_length(all);
				bar.set_position(done);
			}
		})?;
		if let Some(bar) = bar {
			bar.finish_and_clear();
		}
		if let Some(file) = plot {
			let title = format!("{} accounts from {}", outcome.accounts, prices::told(history.start));
			let unwritten =
				|error: String| Wrong::new(format!("{} is not written: {error}", file.display()), PLOT_HELP);
			let drawn = report::svg(&title, &outcome).map_err(unwritten)?;
			std::fs::write(&file, drawn).map_err(|error| unwritten(error.to_string()))?;
			eprintln!("keel-sim: plot in {}", file.display());
		}
		if self.json {
			println!("{:#}", report::json(&plan, history.start, &outcome));
		} else {
			print!("{}", report::text(&plan, history.start, &outcome));
		}
		eprintln!("keel-sim: {} blocks in {:.1} s{}", outcome.blocks, begun.elapsed().as_secs_f64(), peak());
		for broken in &outcome.broken {
			eprintln!("keel-sim: broken: {broken}");
		}
		Ok(outcome.broken.is_empty())
	}
}

const PLOT_HELP: &str = "Give --plot a file that you may write, like crash.svg, or a folder that exists.";

fn multiplier(times: f64) -> Result<Ratio, Wrong> {
	if (0.0..=MULTIPLIER_MAX).contains(&times) {
		Ok(Ratio((times * Ratio::ONE.0 as f64) as u64))
	} else {
		Err(Wrong::new(
			format!("the volatility multiplier {times} is out of bounds"),
			format!(
				"Write how many standard deviations of a day initial margin covers: 0 to {MULTIPLIER_MAX}."
			),
		))
	}
}

/// The file that a plot goes to, which can be written.
fn plot_file(path: &std::path::Path) -> Result<PathBuf, Wrong> {
	let file = if path.is_dir() { path.join("replay.svg") } else { path.to_owned() };
	std::fs::File::options()
		.create(true)
		.append(true)
		.open(&file)
		.map_err(|error| Wrong::new(format!("{} cannot be written: {error}", file.display()), PLOT_HELP))?;
	Ok(file)
}

/// Moves where somebody watches.
fn bar() -> Option<ProgressBar> {
	let watched = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
	watched.then(|| {
		let bar = ProgressBar::new(1);
		let style = ProgressStyle::with_template("{wide_bar} block {pos} of {len}, {eta} left");
		if let Ok(style) = style {
			bar.set_style(style);
		}
		bar
	})
}

/// The most memory that this program has had, where the system says it.
fn peak() -> String {
	let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
	let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
	kilobytes.map_or_else(String::new, |kilobytes| format!(", at most {} MB of memory", kilobytes / 1_024))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn wrong(arguments: &[&str]) -> Wrong {
		let all = ["keel-sim", "replay", "no-such-file.csv"].iter().chain(arguments);
		let Command::Replay(replay) = Cli::try_parse_from(all).expect("it parses").command;
		replay.read().expect_err("it is wrong")
	}

	#[test]
	fn wrong_arguments_are_told_with_what_to_write() {
		for (arguments, what, help) in [
			(&["--leverage-mix", "2:50"][..], "sums to 50 percent", "sum to 100"),
			(&["--sizes", "9"], "`9` are no range", "1000..50000"),
			(&["--from", "noon"], "--from is not a time: `noon`", "2020-03-12T10:00:00Z"),
			(&["--blocks-per-row", "3"], "in 3 blocks", "--blocks-per-row 4"),
			(&["--check-every", "0"], "--check-every is 0", "at least 1"),
			(&["--longs", "100"], "100 percent", "between 1 and 99"),
			(&["--volatility-multiplier", "11"], "11 is out of bounds", "0 to 10"),
			(&[], "no-such-file.csv cannot be read", "path of a CSV file"),
		] {
			let wrong = wrong(arguments);
			assert!(wrong.what.contains(what) && wrong.help.contains(help), "{arguments:?}: {wrong}");
		}
	}
}
