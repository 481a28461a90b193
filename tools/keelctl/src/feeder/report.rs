// SPDX-License-Identifier: Apache-2.0
//! From verdicts to reports: one per block, through a node that may fail.
//!
//! A report names a round: a block whose price it knows. The round is the newest block that had been
//! seen when a quorum of the sources was heard, so that no price looks younger than it is, and stays
//! `blocks_behind` behind the newest one. A node takes a report for the block it makes next; one that is
//! further behind calls it a report of the future, refuses it and bans its bytes for half an hour. With
//! one block of distance, nodes that lag by two take it as well. What the feeder's own node refuses as
//! early is signed anew, which makes other bytes of it, and sent again.

use super::{
	board::{age_ms, wall_ms},
	config::Config,
	error::FeederError,
	judge::{judge, Exclusion, Fair, LeftOut, Memory},
	status::{Status, Verdict, PATIENCE_MS},
};
use crate::{
	chain::{self, AtBlock, Chain},
	keys::{self, Key, KeyError},
	oracle::{self, Reporter},
	units::Price,
	value, Error,
};
use backon::{BackoffBuilder, ExponentialBuilder};
use std::{
	collections::{BTreeMap, BTreeSet, VecDeque},
	sync::Arc,
	time::{Duration, Instant},
};
use subxt::utils::AccountId32;
use tokio::sync::watch;
use tracing::{debug, error, info, warn};

/// How often the node is asked for a new block.
const LOOK: Duration = Duration::from_millis(100);
/// How long a node may take for an answer.
const ANSWER: Duration = Duration::from_secs(5);
/// A round further behind than this would be too old when it lands.
const ROUND_AGE_MAX: u64 = 3;
/// How many blocks are watched for another feeder with the same key before the first report.
const STANDBY_BLOCKS: u64 = 3;
/// How often a report that is early is tried, and how long between.
const TRIES: usize = 8;
const BETWEEN_TRIES: Duration = Duration::from_millis(300);
/// How many of its own rounds the feeder remembers.
const SENT_MAX: usize = 64;
/// How often a reason that stays the same is told again.
const REPEAT: Duration = Duration::from_secs(60);

/// What became of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
	/// The node's pool has it.
	Taken,
	/// The node has not seen the round's block.
	Early,
	/// A later round of this member is in a block, or the round is too old.
	Late,
	/// A report for this round waits already.
	Duplicate,
	/// Something else, in the node's words.
	Refused(String),
}

impl Delivery {
	/// In a word, for metrics.
	pub const fn kind(&self) -> &'static str {
		match self {
			Self::Taken => "taken",
			Self::Early => "early",
			Self::Late => "late",
			Self::Duplicate => "duplicate",
			Self::Refused(_) => "refused",
		}
	}

	fn of(reason: String) -> Self {
		let told = reason.to_ascii_lowercase();
		let any = |words: &[&str]| words.iter().any(|word| told.contains(word));
		if any(&["future", "banned"]) {
			Self::Early
		} else if any(&["outdated", "stale"]) {
			Self::Late
		} else if any(&["already imported", "priority is too low", "too low priority"]) {
			Self::Duplicate
		} else {
			Self::Refused(reason)
		}
	}
}

/// Send one report, and again while the node calls it early.
pub async fn deliver(
	chain: &Chain,
	at: &AtBlock,
	reporter: &Reporter,
	round: u64,
	reports: &[(u32, Price, Price)],
) -> crate::Result<Delivery> {
	let round = u32::try_from(round).map_err(Error::node)?;
	let mut delivery = Delivery::Early;
	for attempt in 0..TRIES {
		if attempt > 0 {
			tokio::time::sleep(BETWEEN_TRIES).await;
		}
		// Each signature is another one: what was refused once is banned by its bytes.
		let call = oracle::report_call(chain.genesis(), reporter, round, reports);
		delivery = match patient(chain.submit_authorized(at, &call)).await {
			Ok(_) => Delivery::Taken,
			Err(Error::Refused { reason, .. }) => Delivery::of(reason),
			Err(other) => return Err(other),
		};
		if delivery != Delivery::Early {
			break;
		}
	}
	Ok(delivery)
}

async fn patient<T>(answer: impl std::future::Future<Output = crate::Result<T>>) -> crate::Result<T> {
	let late = |_| Error::Node(format!("no answer for {} s", ANSWER.as_secs()));
	tokio::time::timeout(ANSWER, answer).await.map_err(late)?
}

/// Blocks, and when each was seen first.
#[derive(Debug, Default)]
struct Blocks(VecDeque<(u64, Instant)>);

impl Blocks {
	fn saw(&mut self, number: u64, now: Instant) {
		// After a reorganisation the numbers come again.
		while self.0.back().is_some_and(|(last, _)| *last >= number) {
			self.0.pop_back();
		}
		self.0.push_back((number, now));
		while self.0.len() > 16 {
			self.0.pop_front();
		}
	}

	/// The newest block that had been seen at `then`.
	fn known_at(&self, then: Instant) -> Option<u64> {
		self.0.iter().rev().find(|(_, seen)| *seen <= then).map(|(number, _)| *number)
	}
}

/// Why the reporter stops following a node.
enum End {
	Stopped,
	Lost(Error),
	Fatal(FeederError),
}

impl From<Error> for End {
	fn from(error: Error) -> Self {
		Self::Lost(error)
	}
}

/// Reports what the sources say.
pub struct Reporting {
	config: Config,
	status: Arc<Status>,
	key: Key,
	stop: watch::Receiver<bool>,
	memories: Vec<Memory>,
	told: Vec<Option<(&'static str, Instant)>>,
	/// The sources that are told as left out: of which feed, by name, why, and when last seen so.
	out: BTreeMap<(usize, String), (&'static str, Instant)>,
	/// The rounds reported by this feeder.
	sent: BTreeSet<u64>,
	/// The newest block when it began; nothing before the first node has answered.
	began: Option<u64>,
}

impl Reporting {
	/// Nothing has been reported yet. `stop` becomes true when it shall end.
	pub fn new(config: Config, status: Arc<Status>, key: Key, stop: watch::Receiver<bool>) -> Self {
		let feeds = config.feeds.len();
		Self {
			config,
			status,
			key,
			stop,
			memories: vec![Memory::default(); feeds],
			told: vec![None; feeds],
			out: BTreeMap::new(),
			sent: BTreeSet::new(),
			began: None,
		}
	}

	/// Report until asked to stop, through one node after the other.
	pub async fn run(&mut self) -> Result<(), FeederError> {
		let waits = || {
			ExponentialBuilder::default()
				.with_min_delay(Duration::from_millis(500))
				.with_max_delay(Duration::from_secs(15))
				.with_jitter()
				.without_max_times()
				.build()
		};
		let mut waiting = waits();
		for url in self.config.nodes.clone().into_iter().cycle() {
			let began = Instant::now();
			let end = self.follow(&url).await;
			self.status.reporting().node = None;
			let lost = match end {
				End::Stopped => return Ok(()),
				End::Fatal(error) => return Err(error),
				End::Lost(error) => error,
			};
			if began.elapsed() > Duration::from_secs(30) {
				waiting = waits();
			}
			let wait = waiting.next().unwrap_or(Duration::from_secs(15));
			warn!(node = url, reason = %lost, again_ms = age_of(wait), "the node is lost");
			if self.stopped_within(wait).await {
				return Ok(());
			}
		}
		Ok(())
	}

	/// Whether it was asked to stop within `wait`.
	async fn stopped_within(&mut self, wait: Duration) -> bool {
		let asked = self.stop.wait_for(|stop| *stop);
		// Whoever could ask is gone: that is a stop as well.
		tokio::time::timeout(wait, asked).await.is_ok()
	}

	async fn follow(&mut self, url: &str) -> End {
		match self.reports(url).await {
			Ok(()) => End::Stopped,
			Err(end) => end,
		}
	}

	async fn reports(&mut self, url: &str) -> Result<(), End> {
		let mut stop = self.stop.clone();
		let chain = tokio::select! {
			connected = Chain::connect(url) => connected?,
			_ = stop.wait_for(|stop| *stop) => return Ok(()),
		};
		let at = patient(chain.best()).await?;
		self.is_meant_for(&patient(chain.kind()).await?)?;
		let ids = self.learn(&at).await?;
		let reporter = self.reporter(&at).await?;
		info!(node = url, member = %reporter.member, best = at.block_number(), "connected");
		self.status.reporting().node = Some(url.to_owned());
		if self.began.is_none() {
			if !self.alone(&chain, &reporter, at.block_number()).await? {
				return Ok(());
			}
			self.began = Some(at.block_number());
		}
		let mut blocks = Blocks::default();
		let mut last = None;
		while let Some(number) = self.next_block(&chain, last).await? {
			last = Some(number);
			blocks.saw(number, Instant::now());
			self.status.reporting().best = Some((number, Instant::now()));
			self.report(&chain, &reporter, &ids, &blocks).await?;
		}
		Ok(())
	}

	/// A key that everybody knows lets everybody report.
	fn is_meant_for(&self, kind: &str) -> Result<(), End> {
		if !self.key.well_known || matches!(kind, "Development" | "Local") {
			return Ok(());
		}
		let name = self.config.key.to_string();
		Err(End::Fatal(KeyError::WellKnown { name, kind: kind.to_owned() }.into()))
	}

	/// The ids of the feeds, and on the first time what the chain takes for their prices.
	async fn learn(&mut self, at: &AtBlock) -> Result<Vec<u32>, End> {
		let known = patient(oracle::feeds(at)).await?;
		let mut ids = Vec::new();
		for (feed, memory) in self.config.feeds.iter().zip(&mut self.memories) {
			let Some(found) = known.iter().find(|known| known.name == feed.name) else {
				let known: Vec<_> = known.iter().map(|feed| feed.name.as_str()).collect();
				let (name, known) = (feed.name.clone(), known.join(", "));
				return Err(End::Fatal(FeederError::UnknownFeed { name, known }));
			};
			ids.push(found.id);
			let is_fresh = !["Stale", "Missing"].contains(&found.state.as_str());
			memory.last = memory.last.or(found.price.filter(|_| is_fresh));
		}
		Ok(ids)
	}

	async fn reporter(&self, at: &AtBlock) -> Result<Reporter, End> {
		let found = patient(oracle::reporters(at, [self.key.pair.clone()])).await?;
		let reporter = keys::id(&self.key.pair).to_string();
		found.into_iter().next().ok_or(End::Fatal(FeederError::NotAReporter { reporter }))
	}

	/// Watch a few blocks before the first report: whoever reports meanwhile has the same key, and was
	/// first. Of two feeders that both went on, each would lose half of its reports. False if it was asked
	/// to stop meanwhile.
	async fn alone(&mut self, chain: &Chain, reporter: &Reporter, began: u64) -> Result<bool, End> {
		let mut last = Some(began);
		while last < Some(began + STANDBY_BLOCKS) {
			last = self.next_block(chain, last).await?;
			if last.is_none() {
				return Ok(false);
			}
		}
		let round = last_round(&patient(chain.best()).await?, &reporter.member).await?;
		match round.filter(|round| *round > began) {
			Some(round) => {
				let member = reporter.member.to_string();
				Err(End::Fatal(FeederError::Twin { member, round }))
			}
			None => Ok(true),
		}
	}

	/// Wait for another best block than `last`; nothing if it was asked to stop.
	async fn next_block(&mut self, chain: &Chain, last: Option<u64>) -> Result<Option<u64>, End> {
		let mut told = Instant::now();
		loop {
			let number = patient(chain.best_number()).await?;
			if Some(number) != last {
				return Ok(if *self.stop.borrow() { None } else { Some(number) });
			}
			if age_ms(told) > PATIENCE_MS {
				told = Instant::now();
				warn!(best = number, "no block for {} s", PATIENCE_MS / 1_000);
			}
			if self.stopped_within(LOOK).await {
				return Ok(None);
			}
		}
	}

	async fn report(
		&mut self,
		chain: &Chain,
		reporter: &Reporter,
		ids: &[u32],
		blocks: &Blocks,
	) -> Result<(), End> {
		let at = patient(chain.best()).await?;
		let best = at.block_number();
		let landed = last_round(&at, &reporter.member).await?;
		self.look_for_a_twin(landed);
		// On a node that is behind, or after a reorganisation, later rounds come again.
		let sent = self.sent.range(..=best).last().copied();
		let least = sent.max(landed).map_or(0, |last| last + 1);
		let newest = best.saturating_sub(self.config.blocks_behind);

		let mut said: Vec<(usize, u64, Fair)> = Vec::new();
		let boards: Vec<_> = self
			.status
			.board
			.feeds()
			.map(|(feed, states)| super::board::Board::standings(feed, &states))
			.collect();
		for (index, standings) in boards.iter().enumerate() {
			let (Some(feed), Some(memory)) = (self.config.feeds.get(index), self.memories.get_mut(index))
			else {
				continue;
			};
			let judged = judge(feed, standings, memory, Instant::now(), wall_ms());
			let left_out = match &judged {
				Ok(fair) => fair.others.clone(),
				Err(why) => why.others().clone(),
			};
			let verdict = match judged {
				Err(why) => Verdict::Withheld(why),
				Ok(fair) => {
					let round = blocks.known_at(fair.heard).map(|round| round.min(newest));
					match round.filter(|round| *round >= least && round + ROUND_AGE_MAX >= best) {
						Some(round) => {
							said.push((index, round, fair.clone()));
							Verdict::Vouched(fair)
						}
						None => Verdict::NoNews,
					}
				}
			};
			self.tell_left_out(index, left_out);
			self.tell(index, verdict);
		}
		// One round for all: the oldest of them is not too new for any.
		let Some(round) = said.iter().map(|(_, round, _)| *round).min() else { return Ok(()) };
		let mut reports: Vec<_> = said
			.iter()
			.filter_map(|(index, _, fair)| Some((*ids.get(*index)?, fair.price, fair.confidence)))
			.collect();
		reports.sort_by_key(|(feed, ..)| *feed);
		// Noted before it is sent: if the node is lost meanwhile, it may have the report all the same.
		let is_first = self.sent.insert(round);
		while self.sent.len() > SENT_MAX {
			self.sent.pop_first();
		}
		let delivery = deliver(chain, &at, reporter, round, &reports).await?;
		*self.status.reporting().reports.entry(delivery.kind()).or_default() += 1;
		match delivery {
			Delivery::Taken => self.remember(round, said),
			Delivery::Duplicate if !is_first => {}
			Delivery::Late => debug!(round, "a later round is in a block already"),
			Delivery::Early => warn!(round, best, "the node does not know the round's block"),
			Delivery::Duplicate => self.twin(round),
			Delivery::Refused(reason) => {
				warn!(round, reason, "the report was refused");
				// If the key was replaced, there is nothing more to do here.
				self.reporter(&at).await?;
			}
		}
		Ok(())
	}

	fn remember(&mut self, round: u64, said: Vec<(usize, u64, Fair)>) {
		let mut reporting = self.status.reporting();
		for (index, _, fair) in said {
			if let Some(memory) = self.memories.get_mut(index) {
				memory.said(fair.price);
			}
			if let (Some(status), Some(feed)) = (reporting.feeds.get_mut(index), self.config.feeds.get(index))
			{
				let (price, confidence) = (fair.price.plain(), fair.confidence.plain());
				info!(feed = feed.name, price, confidence, sources = fair.sources, round, "reported");
				status.reports += 1;
				status.reported = Some((fair, round, Instant::now()));
			}
		}
	}

	/// Keep who is left out, and log who was not before. That a source fails is logged by the board.
	fn tell_left_out(&mut self, index: usize, left_out: LeftOut) {
		let Some(feed) = self.config.feeds.get(index) else { return };
		let now = Instant::now();
		let told = left_out.iter().filter(|(_, why)| !matches!(why, Exclusion::Silent(_)));
		for (source, why) in told {
			let before = self.out.insert((index, source.clone()), (why.kind(), now));
			if before.is_none_or(|(kind, _)| kind != why.kind()) {
				warn!(feed = feed.name, source, kind = why.kind(), reason = %why, "the source is left out");
			}
		}
		// Who is at the edge goes in and out with every block: that is told once.
		self.out.retain(|(of, source), (_, seen)| {
			let is_back = *of == index && seen.elapsed() > REPEAT;
			if is_back {
				info!(feed = feed.name, source, "the source counts again");
			}
			!is_back
		});
		if let Some(status) = self.status.reporting().feeds.get_mut(index) {
			status.left_out = left_out;
		}
	}

	/// Keep the verdict, and log it when it is another one than before.
	fn tell(&mut self, index: usize, verdict: Verdict) {
		let (Some(feed), Some(told)) = (self.config.feeds.get(index), self.told.get_mut(index)) else {
			return;
		};
		let mut reporting = self.status.reporting();
		let Some(status) = reporting.feeds.get_mut(index) else { return };
		match &verdict {
			Verdict::Withheld(why) => {
				*status.withheld.entry(why.kind()).or_default() += 1;
				let is_known = told.is_some_and(|(kind, when)| kind == why.kind() && when.elapsed() < REPEAT);
				if !is_known {
					*told = Some((why.kind(), Instant::now()));
					warn!(feed = feed.name, kind = why.kind(), reason = %why, "not reported");
				}
			}
			Verdict::Vouched(_) => {
				if told.take().is_some() {
					info!(feed = feed.name, "reported again");
				}
			}
			Verdict::NoNews | Verdict::Unknown => {}
		}
		status.verdict = verdict;
	}

	/// Rounds of this member that are not from here, and no predecessor's.
	fn look_for_a_twin(&self, landed: Option<u64>) {
		let began = self.began.unwrap_or_default();
		let is_remembered = |round: u64| self.sent.first().is_none_or(|oldest| round > *oldest);
		match landed {
			Some(round) if round > began && is_remembered(round) && !self.sent.contains(&round) => {
				self.twin(round);
			}
			_ => {}
		}
	}

	fn twin(&self, round: u64) {
		let mut reporting = self.status.reporting();
		if reporting.twin.is_none_or(|(known, _)| known != round) {
			reporting.twin_rounds += 1;
			reporting.twin = Some((round, Instant::now()));
			error!(round, "another feeder reports with this key: stop one of the two");
		}
	}
}

fn age_of(wait: Duration) -> u64 {
	u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

/// The last round of a member that is in a block.
async fn last_round(at: &AtBlock, member: &AccountId32) -> crate::Result<Option<u64>> {
	let known = patient(chain::storage(at, "Oracle", "Members", vec![chain::account_value(member)])).await?;
	let round = known.as_ref().and_then(|known| value::field(known, "last_round")).and_then(value::some);
	Ok(round.and_then(value::unsigned).and_then(|round| u64::try_from(round).ok()))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_price_is_reported_for_the_newest_block_it_can_know() {
		let start = Instant::now();
		let at = |ms| start + Duration::from_millis(ms);
		let mut blocks = Blocks::default();
		assert_eq!(blocks.known_at(at(0)), None);
		for (number, ms) in [(7, 100), (8, 2_100), (9, 4_100)] {
			blocks.saw(number, at(ms));
		}
		for (heard, round) in
			[(99, None), (100, Some(7)), (2_000, Some(7)), (2_100, Some(8)), (9_000, Some(9))]
		{
			assert_eq!(blocks.known_at(at(heard)), round, "{heard}");
		}
		// A reorganisation: another block 8 was seen at 5 s.
		blocks.saw(8, at(5_000));
		assert_eq!(blocks.known_at(at(4_500)), Some(7));
		assert_eq!(blocks.known_at(at(5_000)), Some(8));
	}

	#[test]
	fn a_refusal_is_told_by_the_nodes_words() {
		for (reason, kind) in [
			("Transaction will be valid in the future", "early"),
			("Transaction is temporarily banned", "early"),
			("Transaction is outdated", "late"),
			("Priority is too low: (18446744073709551615 vs 18446744073709551615)", "duplicate"),
			("Transaction is already imported", "duplicate"),
			("Transaction has a bad signature", "refused"),
		] {
			assert_eq!(Delivery::of(reason.to_owned()).kind(), kind, "{reason}");
		}
	}
}
