// SPDX-License-Identifier: Apache-2.0
//! `keelctl feed`.

use super::{keys_for, Context};
use crate::{
	chain::{self, Chain},
	error::Error,
	feed::{self, Feeder},
	history,
	keys::KeyName,
	oracle,
	rounds::{self, Round},
	units::Price,
	Result,
};
use clap::{Args, ValueEnum};
use serde_json::json;
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// The reporter keys of the development chain's five oracle members.
const DEVELOPMENT_REPORTERS: [&str; 5] =
	["//Alice//reporter", "//Bob//reporter", "//Charlie//reporter", "//Dave//reporter", "//Eve//reporter"];

#[derive(Args)]
#[command(group = clap::ArgGroup::new("source").required(true))]
pub struct Command {
	/// A file with the columns ts_utc,venue,symbol,open,high,low,close. Each bar becomes four prices:
	/// open, low, high, close if it rose, open, high, low, close if it fell.
	#[arg(long, value_name = "FILE", group = "source")]
	replay: Option<PathBuf>,

	/// A story that is built in.
	#[arg(long, value_enum, group = "source")]
	synthetic: Option<Synthetic>,

	/// Seconds of history per second. Without it, one price per block, which is also the fastest.
	#[arg(long, value_name = "N", value_parser = super::from_one::<u32>)]
	speed: Option<u32>,

	/// Which symbol is which feed, like BTC=0,ETH=1. By default the names of the chain's feeds.
	#[arg(long, value_name = "MAP")]
	market_map: Option<String>,

	/// Only the bars of this venue; by default reporters take turns at all of them.
	#[arg(long, requires = "replay")]
	venue: Option<String>,

	/// Start at this time of the history, like 2020-03-12T00:00:00Z.
	#[arg(long, requires = "replay", value_name = "TIME", value_parser = history::time)]
	from: Option<jiff::Timestamp>,

	/// Stop before this time of the history.
	#[arg(long, requires = "replay", value_name = "TIME", value_parser = history::time)]
	until: Option<jiff::Timestamp>,

	/// Let this reporter (1 is the first) repeat its first price for ever.
	#[arg(long, value_name = "N", value_parser = super::from_one::<usize>)]
	stick: Option<usize>,

	/// Let this reporter (1 is the first) print ten times the price every fifth round.
	#[arg(long, value_name = "N", value_parser = super::from_one::<usize>)]
	outlier: Option<usize>,

	/// The reporter keys, separated by commas; those of the development chain by default.
	#[arg(long, env = "KEEL_REPORTERS", hide_env_values = true, value_delimiter = ',', value_name = "KEYS")]
	reporters: Vec<KeyName>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Synthetic {
	/// A calm, a slide, a fall to about half, a partial recovery.
	Crash,
}

pub async fn run(command: Command, context: &Context) -> Result<()> {
	// The file is read before anything is sent: a mistake in its last line must not end a replay halfway.
	let history = command.replay.as_ref().map(|path| read(path, &command)).transpose()?;
	let chain = context.chain().await?;
	let known = oracle::feeds(&chain.best().await?).await?;
	let by_asset = match &command.market_map {
		Some(text) => feed::parse_market_map(text)?,
		None => known.iter().map(|feed| (feed.base().to_owned(), feed.id)).collect(),
	};
	for feed in by_asset.values() {
		if !known.iter().any(|known| known.id == *feed) {
			let feeds: Vec<_> = known.iter().map(|known| format!("{} ({})", known.id, known.name)).collect();
			return Err(Error::Usage {
				problem: format!("there is no feed {feed}"),
				help: format!("The chain has the feeds {}.", feeds.join(", ")),
			});
		}
	}
	let (rounds, pause) = match history {
		Some(frames) => {
			let kept: Vec<_> = frames
				.into_iter()
				.map(|mut frame| {
					frame.bars.retain(|base, _| by_asset.contains_key(base));
					frame
				})
				.filter(|frame| !frame.bars.is_empty())
				.collect();
			(rounds::from_frames(&kept), feed::pause(history::bar_seconds(&kept), command.speed))
		}
		None => (rounds::synthetic_crash(&starting_prices(&known, &by_asset)), Duration::ZERO),
	};
	if rounds.is_empty() {
		return Err(Error::Usage {
			problem: "nothing is left to report".to_owned(),
			help: format!(
				"The chain has feeds for {}; choose bars with --venue, --from, --until and --market-map.",
				by_asset.keys().cloned().collect::<Vec<_>>().join(", ")
			),
		});
	}
	let mut feeder = feeder(&chain, &command, by_asset).await?;
	let names: BTreeMap<u32, String> = known.into_iter().map(|feed| (feed.id, feed.name)).collect();
	replay(&chain, &mut feeder, &rounds, pause, &names, context).await
}

fn read(path: &std::path::Path, command: &Command) -> Result<Vec<history::Frame>> {
	let bars = history::read_file(path)?;
	let wanted = |bar: &history::Bar| {
		command.venue.as_ref().is_none_or(|venue| *venue == bar.venue)
			&& command.from.is_none_or(|from| bar.time >= from)
			&& command.until.is_none_or(|until| bar.time < until)
	};
	Ok(history::frames(bars, wanted))
}

/// The crash begins at the chain's prices, or at those of a new chain.
fn starting_prices(
	known: &[oracle::Feed],
	by_asset: &BTreeMap<String, u32>,
) -> BTreeMap<String, (Price, u16)> {
	by_asset
		.iter()
		.filter_map(|(base, id)| {
			let feed = known.iter().find(|feed| feed.id == *id)?;
			Some((base.clone(), (feed.price.or_else(|| first_price(base))?, reaction(base))))
		})
		.collect()
}

/// What the built-in story starts with on a chain that has no price yet.
pub fn first_price(base: &str) -> Option<Price> {
	let dollars = match base {
		"BTC" => "8000",
		"ETH" => "200",
		"SOL" => "20",
		_ => return None,
	};
	Price::parse(dollars).ok()
}

/// How much of the pattern an asset follows, in percent.
pub fn reaction(base: &str) -> u16 {
	if base == "BTC" {
		100
	} else {
		120
	}
}

async fn feeder(chain: &Chain, command: &Command, by_asset: BTreeMap<String, u32>) -> Result<Feeder> {
	let reporters = reporters(chain, &command.reporters).await?;
	let mut feeder = Feeder::new(chain.clone(), reporters, by_asset);
	feeder.panel.stuck = place(command.stick, "--stick", feeder.panel.reporters)?;
	feeder.panel.outlier = place(command.outlier, "--outlier", feeder.panel.reporters)?;
	Ok(feeder)
}

/// The reporters behind the given keys, or those of the development chain.
pub async fn reporters(chain: &Chain, given: &[KeyName]) -> Result<Vec<oracle::Reporter>> {
	let names = match given {
		[] => DEVELOPMENT_REPORTERS.map(KeyName::from).to_vec(),
		given => given.to_vec(),
	};
	let keys = keys_for(chain, &names).await?;
	let found = oracle::reporters(&chain.best().await?, keys).await?;
	if found.is_empty() {
		return Err(Error::Usage {
			problem: "none of the keys is a reporter of this chain".to_owned(),
			help: "Give the members' reporter keys in KEEL_REPORTERS; a member registers its key with \
			       Oracle.set_reporter."
				.to_owned(),
		});
	}
	Ok(found)
}

/// The reporter that an option names, counted from 0.
pub fn place(option: Option<usize>, name: &str, reporters: usize) -> Result<Option<usize>> {
	match option {
		Some(number) if number == 0 || number > reporters => Err(Error::Usage {
			problem: format!("{name} {number}: there is no such reporter"),
			help: format!("Reporters are counted from 1 to {reporters}."),
		}),
		other => Ok(other.map(|number| number - 1)),
	}
}

async fn replay(
	chain: &Chain,
	feeder: &mut Feeder,
	rounds: &[Round],
	pause: Duration,
	names: &BTreeMap<u32, String>,
	context: &Context,
) -> Result<()> {
	let mut landed = 0usize;
	let mut next = chain.best_number().await? + 1;
	for (index, round) in rounds.iter().enumerate() {
		let started = std::time::Instant::now();
		let sent = feeder.send(round).await?;
		for reason in &sent.refused {
			context.out.tell(&format!("{}: {reason}", round.label));
		}
		context.out.now(&format!("{}: round {} of {}", round.label, index + 1, rounds.len()));
		landed += show_landings(chain, next..=sent.seen, names, context).await?;
		next = sent.seen + 1;
		tokio::time::sleep(pause.saturating_sub(started.elapsed())).await;
	}
	// The last reports land two blocks after the block they were made on.
	let last = chain.wait_for_block(next + 1).await?;
	landed += show_landings(chain, next..=last, names, context).await?;
	context.out.result(
		format!("{} rounds reported, {landed} prices landed", rounds.len()),
		json!({ "rounds": rounds.len(), "landed": landed }),
	);
	Ok(())
}

async fn show_landings(
	chain: &Chain,
	blocks: std::ops::RangeInclusive<u64>,
	names: &BTreeMap<u32, String>,
	context: &Context,
) -> Result<usize> {
	let mut count = 0;
	for block in blocks {
		let landings = feed::landings(&chain::events(&chain.at_number(block).await?).await?);
		count += landings.len();
		let prices: Vec<_> = landings
			.iter()
			.map(|landing| {
				let name = names.get(&landing.feed).map_or("?", String::as_str);
				format!("{name} {} ({}, {} sources)", landing.price, landing.state, landing.sources)
			})
			.collect();
		let prices = if prices.is_empty() { "no price landed".to_owned() } else { prices.join("  ") };
		context.out.tell(&format!("block {block}  {prices}"));
	}
	Ok(count)
}
