// SPDX-License-Identifier: Apache-2.0
//! Turn by turn: a block comes, what it says is told, and the next round goes out.

use super::{starting_prices, Source};
use crate::{
	chain::{self, Chain, Event},
	cli::Context,
	exchange,
	feed::{self, Feeder, Landing, Rejection},
	keys, oracle,
	rounds::Round,
	story, Result,
};
use serde_json::json;
use std::{
	collections::{BTreeMap, BTreeSet},
	time::{Duration, Instant},
};
use subxt::utils::AccountId32;

/// After so long without a block people are told.
const PATIENCE: Duration = Duration::from_secs(30);
/// So long another program has to be first, where it is let go first.
const COURTESY: Duration = Duration::from_millis(300);
/// After so many blocks without its reports the other program is taken to be gone,
const SILENCE: u32 = 5;
/// or after so long without a block: there may be none because it is gone.
const QUIET: Duration = Duration::from_secs(10);

/// How rounds are told.
pub struct Plan {
	/// The least time between two rounds.
	pub pause: Duration,
	/// Whether the last round is repeated for ever.
	pub hold: bool,
	/// The least time between two reports.
	pub every: Option<Duration>,
	/// Whether others who report for the same members are let go first.
	pub yields: bool,
}

/// What became of a turn.
enum Turn {
	/// The round was reported.
	Sent,
	/// Others reported meanwhile, and are silent now.
	OthersWereHere,
}

/// Rounds on their way to a chain.
pub struct Turns<'a> {
	chain: Chain,
	feeder: Feeder,
	names: BTreeMap<u32, String>,
	plan: Plan,
	context: &'a Context,
	told: u64,
	landed: usize,
	rounds: usize,
	last_block: Instant,
	last_sent: Option<Instant>,
	silence: Option<u32>,
}

impl<'a> Turns<'a> {
	pub async fn new(
		chain: Chain,
		mut feeder: Feeder,
		known: &[oracle::Feed],
		plan: Plan,
		context: &'a Context,
	) -> Result<Self> {
		// It is for whoever started it to stop it: a chain may stand still because nobody has made a block.
		feeder.is_patient = true;
		let names = known.iter().map(|feed| (feed.id, feed.name.clone())).collect();
		let told = chain.best_number().await?;
		Ok(Self {
			chain,
			feeder,
			names,
			plan,
			context,
			told,
			landed: 0,
			rounds: 0,
			last_block: Instant::now(),
			last_sent: None,
			silence: None,
		})
	}

	/// Report all rounds of `source`, and say at the end what came of it.
	pub async fn take(mut self, source: Source, by_asset: &BTreeMap<String, u32>) -> Result<()> {
		tokio::select! {
			done = self.go(source, by_asset) => done?,
			// Whoever stops it wants to know what it did.
			stopped = tokio::signal::ctrl_c() => stopped.map_err(crate::Error::node)?,
		}
		let (rounds, landed) = (self.rounds, self.landed);
		self.context.out.result(
			format!("{rounds} rounds reported, {landed} prices landed"),
			json!({ "rounds": rounds, "landed": landed }),
		);
		Ok(())
	}

	async fn go(&mut self, mut source: Source, by_asset: &BTreeMap<String, u32>) -> Result<()> {
		let mut last = None;
		while let Some(round) = source.next() {
			let begun = Instant::now();
			loop {
				match self.turn(&round).await? {
					Turn::OthersWereHere => {
						let known = oracle::feeds(&self.chain.best().await?).await?;
						source.go_on_at(starting_prices(&known, by_asset));
						break;
					}
					// Until the next round is due this one is repeated, or it would grow old.
					Turn::Sent if begun.elapsed() >= self.plan.pause => break,
					Turn::Sent => (),
				}
			}
			self.rounds += 1;
			last = Some(round);
		}
		if let Some(mut last) = last.filter(|_| self.plan.hold) {
			self.context.out.tell("that was the last price; it is repeated until this program is stopped");
			loop {
				if let Turn::OthersWereHere = self.turn(&last).await? {
					last = self.present(by_asset).await?;
				}
			}
		}
		// The last reports land two blocks after the block they were made on.
		let settled = self.told + 2;
		while self.told < settled {
			self.wait_and_tell().await?;
		}
		Ok(())
	}

	/// The prices that others have left.
	async fn present(&self, by_asset: &BTreeMap<String, u32>) -> Result<Round> {
		let known = oracle::feeds(&self.chain.best().await?).await?;
		let prices = starting_prices(&known, by_asset).into_iter();
		Ok(Round {
			label: "held".to_owned(),
			prices: prices.map(|(base, (price, _))| (base, vec![price])).collect(),
		})
	}

	/// Wait for the next block, tell what it says, and report the round.
	async fn turn(&mut self, round: &Round) -> Result<Turn> {
		loop {
			if let Some(left) = self.until_due() {
				tokio::time::sleep(left).await;
			}
			let usurper = self.wait_and_tell().await?;
			if !self.plan.yields {
				break;
			}
			match (usurper, self.silence) {
				(Some(member), aside) => {
					if aside.is_none() {
						let line = format!("another program reports for {member}: this one stands aside");
						self.context.out.tell(&line);
					}
					self.silence = Some(0);
				}
				(None, Some(blocks)) if blocks < SILENCE && !self.is_quiet() => {
					self.silence = Some(blocks + 1)
				}
				(None, Some(_)) => {
					self.context.out.tell("the other program is silent: this one goes on");
					// The next round is a first one again: it waits for no block.
					(self.silence, self.last_sent) = (None, None);
					return Ok(Turn::OthersWereHere);
				}
				(None, None) => break,
			}
		}
		if self.plan.yields {
			tokio::time::sleep(COURTESY).await;
		}
		let sent = self.feeder.send(round).await?;
		self.last_sent = Some(Instant::now());
		for refused in &sent.refused {
			let member = self.feeder.reporters().get(refused.reporter);
			let name = member.map(|reporter| keys::display_name(&reporter.member)).unwrap_or_default();
			self.context.out.tell(&format!("    {name}: {}", refused.reason));
		}
		self.context.out.now(&format!("{}: reported on block {}", round.label, sent.seen));
		Ok(Turn::Sent)
	}

	/// Whether there is no block to be seen, and perhaps none because this program stands aside.
	fn is_quiet(&self) -> bool {
		self.silence.is_some() && self.last_block.elapsed() >= QUIET
	}

	/// How long the next report has to wait, where reports are not made in every block.
	fn until_due(&self) -> Option<Duration> {
		let (every, last) = (self.plan.every?, self.last_sent?);
		Some(every.saturating_sub(last.elapsed()))
	}

	/// Wait for a block after the last one that was told, and tell all there are. Returns whose reports another program
	/// has made.
	async fn wait_and_tell(&mut self) -> Result<Option<String>> {
		let mut best = self.chain.best_number().await?;
		// The first round is for the block that is there: where each transaction makes a block, it makes the next.
		let is_first = self.last_sent.is_none() && self.silence.is_none();
		let mut begun = Instant::now();
		while best <= self.told && !is_first && !self.is_quiet() {
			if begun.elapsed() >= PATIENCE {
				let seconds = PATIENCE.as_secs();
				self.context.out.tell(&format!(
					"no block for {seconds} s: with --manual-seal it is for you to make one (engine_createBlock), else \
					 look at the node's log"
				));
				begun = Instant::now();
			}
			tokio::time::sleep(feed::POLL).await;
			best = self.chain.best_number().await?;
		}
		if best > self.told {
			self.last_block = Instant::now();
		}
		let mut usurper = None;
		for block in self.told + 1..=best {
			let events = chain::events(&self.chain.at_number(block).await?).await?;
			self.tell(block, &events).await?;
			let found = self.feeder.usurped(&events).map(|reporter| keys::display_name(&reporter.member));
			usurper = found.or(usurper);
		}
		self.told = best;
		Ok(usurper)
	}

	/// What a block says of prices and of what they caused.
	async fn tell(&mut self, block: u64, events: &[Event]) -> Result<()> {
		let mut landings = feed::landings(events);
		landings.sort_by_key(|landing| landing.feed);
		self.landed += landings.len();
		let prices: Vec<_> = landings.iter().map(|landing| self.landing(landing)).collect();
		let prices = if prices.is_empty() { "no price landed".to_owned() } else { prices.join("  ") };
		self.context.out.tell(&format!("block {block}  {prices}"));
		for line in self.rejections(&feed::rejections(events)) {
			self.context.out.tell(&format!("    {line}"));
		}
		let others: Vec<_> = events.iter().filter(|event| event.pallet != "Oracle").collect();
		let caused = ["CircuitBreaker", "Liquidation", "Margin"];
		if others.iter().any(|event| caused.contains(&event.pallet.as_str())) {
			let markets = exchange::markets(&self.chain.at_number(block).await?).await?;
			for line in others.into_iter().filter_map(|event| story::narrate(event, &markets)) {
				self.context.out.tell(&format!("    {line}"));
			}
		}
		Ok(())
	}

	fn name(&self, feed: u32) -> &str {
		self.names.get(&feed).map_or("?", String::as_str)
	}

	fn landing(&self, landing: &Landing) -> String {
		let price = landing.price.brief();
		format!("{} {price} ({}, {} sources)", self.name(landing.feed), landing.state, landing.sources)
	}

	/// What was left out, a line for each member and reason.
	fn rejections(&self, rejections: &[Rejection]) -> Vec<String> {
		let mut feeds: BTreeMap<([u8; 32], &str), BTreeSet<u32>> = BTreeMap::new();
		for rejection in rejections {
			feeds.entry((rejection.member, &rejection.reason)).or_default().insert(rejection.feed);
		}
		let line = |((member, reason), feeds): (([u8; 32], &str), BTreeSet<u32>)| {
			let feeds: Vec<_> = feeds.into_iter().map(|feed| self.name(feed)).collect();
			let why = if reason == "Stuck" { "it is stuck" } else { "it is too far from the others" };
			let member = keys::display_name(&AccountId32(member));
			format!("{member} is left out of {}: {why}", feeds.join(", "))
		};
		feeds.into_iter().map(line).collect()
	}
}
