// SPDX-License-Identifier: Apache-2.0
//! `keelctl feed`.

mod turns;

use super::{keys_for, read, Context};
use crate::{
	chain::Chain,
	error::Error,
	feed::{self, Feeder},
	history,
	keys::{self, KeyName},
	oracle,
	rounds::{self, Fault, Kind, Round, Start, Story},
	units::Price,
	Result,
};
use clap::Args;
use std::{
	collections::BTreeMap,
	path::PathBuf,
	time::{Duration, SystemTime},
};
use turns::{Plan, Turns};

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
	synthetic: Option<Kind>,

	#[command(flatten)]
	sources: super::feeder::FromSources,

	/// The way a calm or a trend takes: the same seed, the same way. By default another each time; it is told.
	#[arg(long, value_name = "N", conflicts_with = "replay", value_parser = super::whole::<u64>)]
	seed: Option<u64>,

	/// Seconds of history per second. Without it, one price per block, which is also the fastest. Between two prices
	/// the last one is repeated in every block, so that it does not grow old.
	#[arg(long, value_name = "N", conflicts_with = "synthetic", value_parser = super::from_one::<u32>)]
	speed: Option<u32>,

	/// When the last price is told, repeat it until stopped.
	#[arg(long)]
	hold: bool,

	/// Report at most once in so many seconds, instead of in every block: for chains that make a block for each
	/// transaction.
	#[arg(long, value_name = "SECONDS", value_parser = super::from_one::<u64>)]
	every: Option<u64>,

	/// Stand aside while another program reports for the same members, and go on when it has been silent for a while.
	#[arg(long = "yield")]
	yields: bool,

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

	#[command(flatten)]
	faults: Faults,

	/// The reporter keys, separated by commas; those of the development chain by default.
	#[arg(long, env = "KEEL_REPORTERS", hide_env_values = true, value_delimiter = ',', value_name = "KEYS")]
	reporters: Vec<KeyName>,
}

/// What is wrong with the reporters.
#[derive(Args)]
pub struct Faults {
	/// Let members fail, counted from 1: stuck:2 repeats its price, floor:3 says the least price there is, late:1 says
	/// what it saw long ago, decimal:4 has its decimal point a place too far to the right (decimal:4:-2 two to the left),
	/// spike:5 prints ten times the price now and then, and split sets one half against the other.
	#[arg(long = "fault", value_name = "FAULTS", value_delimiter = ',', value_parser = read::<Fault>)]
	list: Vec<Fault>,
}

impl Faults {
	/// Let the members of `feeder` fail, and say how.
	pub fn befall(&self, feeder: &mut Feeder, context: &Context) -> Result<()> {
		let reporters = feeder.reporters().len();
		for fault in &self.list {
			let who = match fault.member() {
				Some(member) => {
					let reporter = feeder.reporters().get(member).ok_or_else(|| Error::Usage {
						problem: format!("{fault}: there is no such member"),
						help: format!("Members are counted from 1 to {reporters}."),
					})?;
					format!("{} ", keys::display_name(&reporter.member))
				}
				None => String::new(),
			};
			context.out.tell(&format!("fault {fault}: {who}{}", fault.describe()));
		}
		feeder.panel.faults.clone_from(&self.list);
		Ok(())
	}
}

pub async fn run(command: Command, context: &Context) -> Result<()> {
	if let Some(config) = &command.sources.config {
		return super::feeder::run(config, &command.sources, context).await;
	}
	// The file is read before anything is sent: a mistake in its last line must not end a replay halfway.
	let history = command.replay.as_ref().map(|path| frames(path, &command)).transpose()?;
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
	let (source, pause) = match (history, command.synthetic) {
		(Some(frames), _) => {
			let kept: Vec<_> = frames
				.into_iter()
				.map(|mut frame| {
					frame.bars.retain(|base, _| by_asset.contains_key(base));
					frame
				})
				.filter(|frame| !frame.bars.is_empty())
				.collect();
			let pause = feed::pause(history::bar_seconds(&kept), command.speed);
			(Source::Replay(rounds::from_frames(&kept).into_iter()), pause)
		}
		(None, kind) => {
			let kind = kind.unwrap_or(Kind::Calm);
			let start = starting_prices(&known, &by_asset);
			(Source::story(kind, command.seed, start, context), Duration::ZERO)
		}
	};
	if source.is_empty() {
		return Err(Error::Usage {
			problem: "nothing is left to report".to_owned(),
			help: format!(
				"The chain has feeds for {}; choose bars with --venue, --from, --until and --market-map.",
				by_asset.keys().cloned().collect::<Vec<_>>().join(", ")
			),
		});
	}
	let reporters = reporters(&chain, &command.reporters).await?;
	let mut feeder = Feeder::new(chain.clone(), reporters, by_asset.clone());
	command.faults.befall(&mut feeder, context)?;
	let plan = Plan {
		pause,
		hold: command.hold,
		every: command.every.map(Duration::from_secs),
		yields: command.yields,
	};
	Turns::new(chain, feeder, &known, plan, context).await?.take(source, &by_asset).await
}

/// Where rounds come from.
enum Source {
	/// A file.
	Replay(std::vec::IntoIter<Round>),
	/// A story, and what it was begun with.
	Story { story: Story, kind: Kind, seed: u64 },
}

impl Source {
	fn story(kind: Kind, seed: Option<u64>, start: Start, context: &Context) -> Self {
		let seed = seed.unwrap_or_else(|| {
			let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
			// The low bits differ from one run to the next.
			since.map_or(0, |since| since.as_nanos() as u32).into()
		});
		if Story::rounds(kind).is_none() {
			context.out.tell(&format!("seed {seed} (--seed {seed} takes the same way again)"));
		}
		Self::Story { story: Story::new(kind, seed, start), kind, seed }
	}

	/// Whether there is nothing to report.
	fn is_empty(&self) -> bool {
		let first = match self {
			Self::Replay(rounds) => rounds.clone().next(),
			Self::Story { story, .. } => story.clone().next(),
		};
		first.is_none_or(|round| round.prices.is_empty())
	}

	/// Go on at these prices, if it is a walk: others have moved them meanwhile. Anything else goes on where it was.
	fn go_on_at(&mut self, prices: Start) {
		if let Self::Story { story, kind, seed } = self {
			if Story::rounds(*kind).is_none() {
				*seed = seed.wrapping_add(1);
				*story = Story::new(*kind, *seed, prices);
			}
		}
	}
}

impl Iterator for Source {
	type Item = Round;

	fn next(&mut self) -> Option<Round> {
		match self {
			Self::Replay(rounds) => rounds.next(),
			Self::Story { story, .. } => story.next(),
		}
	}
}

fn frames(path: &std::path::Path, command: &Command) -> Result<Vec<history::Frame>> {
	let bars = history::read_file(path)?;
	let wanted = |bar: &history::Bar| {
		command.venue.as_ref().is_none_or(|venue| *venue == bar.venue)
			&& command.from.is_none_or(|from| bar.time >= from)
			&& command.until.is_none_or(|until| bar.time < until)
	};
	Ok(history::frames(bars, wanted))
}

/// A story begins at the chain's prices, or at those of a new chain.
fn starting_prices(known: &[oracle::Feed], by_asset: &BTreeMap<String, u32>) -> Start {
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
			       `keelctl reporter register`."
				.to_owned(),
		});
	}
	Ok(found)
}
