// SPDX-License-Identifier: Apache-2.0
//! An examination: what is well with a node, its chain and the keys at hand, and what to do about the rest.
//!
//! What is known is gathered by whoever asks; here it is judged. A judgement sends nothing.

use crate::{
	exchange::Market,
	oracle::Feed,
	pause::{CallName, Standing},
	units::{Keel, Price},
};
use std::fmt;

/// How far behind the best block the last final one may be.
const LAG_BLOCKS: u64 = 20;
/// How far ahead of this machine's clock a new block may be, in milliseconds.
const AHEAD_MS: u64 = 2_000;
/// How far behind it, in milliseconds: a slot that somebody missed, and the way to here.
const BEHIND_MS: u64 = 12_000;

/// How it stands with something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// As it should be.
	Well,
	/// Worth knowing, and no fault.
	Note,
	/// Something must be done.
	Ill,
}

impl Verdict {
	/// In a word.
	pub const fn name(self) -> &'static str {
		match self {
			Self::Well => "ok",
			Self::Note => "note",
			Self::Ill => "WRONG",
		}
	}
}

/// What one look has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
	/// What was looked at.
	pub subject: String,
	/// How it stands.
	pub verdict: Verdict,
	/// What was found.
	pub found: String,
	/// What to do; nothing when all is well.
	pub remedy: String,
}

impl Finding {
	/// As it should be.
	pub fn well(subject: impl Into<String>, found: impl Into<String>) -> Self {
		Self { subject: subject.into(), verdict: Verdict::Well, found: found.into(), remedy: String::new() }
	}

	/// Worth knowing.
	pub fn note(subject: impl Into<String>, found: impl Into<String>) -> Self {
		Self { verdict: Verdict::Note, ..Self::well(subject, found) }
	}

	/// Not as it should be.
	pub fn ill(subject: impl Into<String>, found: impl Into<String>, remedy: impl Into<String>) -> Self {
		Self { verdict: Verdict::Ill, remedy: remedy.into(), ..Self::well(subject, found) }
	}
}

impl fmt::Display for Finding {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{:<5}  {:<20} {}", self.verdict.name(), self.subject, self.found)?;
		if self.remedy.is_empty() {
			Ok(())
		} else {
			write!(f, "\n       -> {}", self.remedy)
		}
	}
}

/// What a node says of its peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
	/// How many peers it has.
	pub peers: usize,
	/// Whether it should have some.
	pub should_have_peers: bool,
	/// Whether it fetches old blocks.
	pub syncing: bool,
}

/// Whether the node has what the network has.
pub fn sync(health: Health, best: u64, highest: Option<u64>) -> Finding {
	let peers = match health.peers {
		1 => "1 peer".to_owned(),
		peers => format!("{peers} peers"),
	};
	let behind = highest.unwrap_or(best).saturating_sub(best);
	if health.should_have_peers && health.peers == 0 {
		Finding::ill(
			"sync",
			format!("no peers, block {best}"),
			"Give the node the address of another one (--bootnodes), and let its P2P port through the firewall.",
		)
	} else if health.syncing || behind > LAG_BLOCKS {
		Finding::ill(
			"sync",
			format!("{behind} blocks behind its peers, {peers}"),
			"Wait until it has caught up; what it tells until then is old.",
		)
	} else {
		Finding::well("sync", format!("block {best}, {peers}"))
	}
}

/// Whether blocks come; `seconds` is how long was waited for one.
pub fn blocks(before: u64, after: u64, seconds: u64, sealed: bool) -> Finding {
	if after > before {
		return Finding::well("blocks", format!("block {after} came while looking"));
	}
	let found = format!("no block for {seconds} s: the last one is {after}");
	if sealed {
		return Finding::note(
			"blocks",
			format!("{found}; this chain makes them for transactions or on command"),
		);
	}
	Finding::ill(
		"blocks",
		found,
		"See the node's log. A validator needs session keys in its keystore (author_hasSessionKeys), a clock that is \
		 right, and peers.",
	)
}

/// Whether blocks become final.
pub fn finality(best: u64, finalized: u64) -> Finding {
	let lag = best.saturating_sub(finalized);
	if lag <= LAG_BLOCKS {
		return Finding::well("finality", format!("block {finalized} is final, {lag} behind the best"));
	}
	Finding::ill(
		"finality",
		format!("block {finalized} is the last final one, {lag} behind the best"),
		"Two thirds of the validators must be up and see each other: look at theirs. Until then use --wait best, and \
		 take nothing for certain.",
	)
}

/// Whether the time of a new block is that of this machine; both in milliseconds since 1970.
pub fn clock(block: u64, here: u64, sealed: bool) -> Finding {
	let (ahead, behind) = (block.saturating_sub(here), here.saturating_sub(block));
	let seconds = |milliseconds: u64| format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100);
	if sealed {
		let found = if ahead > behind {
			format!(
				"{} ahead of this machine: without consensus a chain lives two seconds a block",
				seconds(ahead)
			)
		} else {
			format!("{} behind this machine; the next block catches up", seconds(behind))
		};
		return Finding::note("clock", found);
	}
	if ahead > AHEAD_MS {
		return Finding::ill(
			"clock",
			format!("blocks are {} ahead of this machine", seconds(ahead)),
			"Set this machine's clock by NTP; if it is right, the validators' clocks are wrong.",
		);
	}
	if behind > BEHIND_MS {
		return Finding::ill(
			"clock",
			format!("the newest block is {} old", seconds(behind)),
			"If blocks come and the node is in sync, this machine's clock is ahead: set it by NTP.",
		);
	}
	Finding::well("clock", format!("the newest block is {} old", seconds(behind)))
}

/// Whether a price is fresh.
pub fn price(feed: &Feed) -> Finding {
	let subject = format!("price {}", feed.name);
	let age = format!("{} s old", feed.age_ms / 1_000);
	let price = feed.price.map_or("none".to_owned(), |price: Price| price.brief().to_string());
	match feed.state.as_str() {
		"Valid" => Finding::well(subject, format!("{price}, {age}, from {} sources", feed.sources)),
		"Missing" => Finding::ill(
			subject,
			"there is none yet",
			"More than half of the reporters must report it, of three sources at least: start them (docs/operate.md, A feeder). On a \
			 development chain: keelctl feed --synthetic crash.",
		),
		"Stale" => Finding::ill(
			subject,
			format!("{price}, {age}: too old"),
			"Its reporters are silent, too few of them report, or they read too few sources: see that they run, what \
			 `keelctl oracle members` says, and Oracle.ReportRejected in the newest blocks.",
		),
		state => Finding::ill(
			subject,
			format!("{price}, {age}: {}", state.to_lowercase()),
			"Reporters disagree or the price moves fast; it heals when they agree again. Compare their sources.",
		),
	}
}

/// Whether one can trade, and why not.
pub fn market(market: &Market, standing: Option<&Standing>) -> Finding {
	let subject = format!("market {}", market.name);
	if market.quarantined {
		return Finding::ill(
			subject,
			"in quarantine: its books did not add up, it takes no new risk",
			"Margin.lift_quarantine ends it when the cause is known; docs/spec/governance.md says who may.",
		);
	}
	if market.status == "Open" {
		return Finding::well(subject, format!("open at {}", market.mark.brief()));
	}
	let status = market.status.to_lowercase();
	match standing {
		Some(standing) if standing.guardian != "Open" => Finding::ill(
			subject,
			format!("{status} by the guardians until block {}", standing.until),
			format!("Wait, or let another body lift it: keelctl resume {}.", market.base()),
		),
		Some(standing) if standing.losses != "Open" => Finding::ill(
			subject,
			format!("{status}: the insurance fund has paid its share of a day for its losses"),
			format!(
				"It does not open by itself. When somebody has looked at it: keelctl resume {}.",
				market.base()
			),
		),
		_ if market.price_state != "Valid" => Finding::ill(
			subject,
			format!("{status}, because its price is {}", market.price_state.to_lowercase()),
			"It opens by itself soon after its price is valid again.",
		),
		Some(standing) if standing.price != "Open" => Finding::ill(
			subject,
			format!("{status}: its price was not valid lately"),
			"It opens by itself when the price has been valid for some blocks.",
		),
		Some(_) => Finding::ill(
			subject,
			status,
			"See CircuitBreaker.markets in Polkadot.js Apps, Developer, Chain state.",
		),
		None => Finding::ill(
			subject,
			format!("{status}: the breaker does not know it"),
			"A market that the breaker does not know stays halted: see docs/spec/breakers.md.",
		),
	}
}

/// Whether the whole chain stands in safe mode.
pub fn safe_mode(until: Option<u64>) -> Finding {
	match until {
		None => Finding::well("safe mode", "off"),
		Some(block) => Finding::ill(
			"safe mode",
			format!("on until block {block}: positions may only shrink"),
			"Wait, or let another body end it: keelctl resume.",
		),
	}
}

/// What every pallet says of its own state: `broken` are the invariants that do not hold, by pallet.
pub fn books(broken: &[(String, String)]) -> Finding {
	if broken.is_empty() {
		return Finding::well("books", "all invariants hold");
	}
	let told: Vec<_> = broken.iter().map(|(pallet, message)| format!("{pallet}: {message}")).collect();
	Finding::ill(
		"books",
		told.join("; "),
		"Do not trade. Keep this node's database as it is, tell the bodies (docs/spec/governance.md), and let them stop the \
		 market or the exchange: keelctl pause.",
	)
}

/// A call that nobody can make for now.
pub fn paused(call: &CallName, until: u64) -> Finding {
	Finding::ill(
		format!("call {call}"),
		format!("paused until block {until}"),
		format!("Wait, or let another body let it go on: keelctl resume --call {call}."),
	)
}

/// Whether the key that signs can be used. `known` if everybody has it.
pub fn signer(name: &str, keel: Keel, known: bool, development: bool) -> Finding {
	if known && !development {
		return Finding::ill(
			"key",
			format!("{name}: a development key, which everybody has"),
			"Put your own secret into a --key-file or KEEL_SURI.",
		);
	}
	if keel.0 == 0 {
		return Finding::ill(
			"key",
			format!("{name} has no KEEL for fees"),
			"Send it some; where there is a faucet: keelctl --suri //Alice faucet ADDRESS.",
		);
	}
	Finding::well("key", format!("{name} has {keel} KEEL"))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn health(peers: usize, should_have_peers: bool, syncing: bool) -> Health {
		Health { peers, should_have_peers, syncing }
	}

	#[test]
	fn a_node_is_in_sync_with_peers_if_it_should_have_some() {
		assert_eq!(sync(health(0, false, false), 9, None).verdict, Verdict::Well);
		assert_eq!(sync(health(3, true, false), 9, Some(12)).verdict, Verdict::Well);
		assert_eq!(sync(health(0, true, false), 9, None).verdict, Verdict::Ill);
		assert_eq!(sync(health(3, true, true), 9, None).verdict, Verdict::Ill);
		assert_eq!(sync(health(3, true, false), 9, Some(30)).verdict, Verdict::Ill);
	}

	#[test]
	fn blocks_come_and_become_final() {
		assert_eq!(blocks(5, 6, 1, false).verdict, Verdict::Well);
		assert_eq!(blocks(5, 5, 12, false).verdict, Verdict::Ill);
		assert_eq!(blocks(5, 5, 12, true).verdict, Verdict::Note, "it waits for transactions");
		assert_eq!(finality(30, 10).verdict, Verdict::Well);
		assert_eq!(finality(31, 10).verdict, Verdict::Ill);
	}

	#[test]
	fn a_clock_may_be_a_little_off() {
		let noon = 1_600_000_000_000;
		for (block, verdict) in [
			(noon, Verdict::Well),
			(noon + 2_000, Verdict::Well),
			(noon + 2_001, Verdict::Ill),
			(noon - 12_000, Verdict::Well),
			(noon - 12_001, Verdict::Ill),
		] {
			assert_eq!(clock(block, noon, false).verdict, verdict, "{block}");
			assert_eq!(clock(block, noon, true).verdict, Verdict::Note, "its clock is its own");
		}
	}

	#[test]
	fn a_price_is_fresh_or_says_why_not() {
		let feed = |state: &str| Feed {
			id: 0,
			name: "BTC/USD".to_owned(),
			price: Some(Price(8_000)),
			confidence: Price(0),
			age_ms: 61_000,
			sources: 5,
			state: state.to_owned(),
		};
		assert_eq!(price(&feed("Valid")).verdict, Verdict::Well);
		for state in ["Missing", "Stale", "Uncertain", "Volatile"] {
			let finding = price(&feed(state));
			assert!(finding.verdict == Verdict::Ill && !finding.remedy.is_empty(), "{state}");
		}
		assert!(price(&feed("Stale")).found.contains("61 s old: too old"));
	}

	#[test]
	fn a_key_has_money_and_is_not_everybodys() {
		let one = Keel(1_000_000_000_000);
		assert_eq!(signer("Alice", one, true, true).verdict, Verdict::Well);
		assert_eq!(signer("Alice", one, true, false).verdict, Verdict::Ill);
		assert_eq!(signer("5F..", one, false, false).verdict, Verdict::Well);
		assert_eq!(signer("5F..", Keel(0), false, true).verdict, Verdict::Ill);
		assert_eq!(safe_mode(None).verdict, Verdict::Well);
		assert_eq!(safe_mode(Some(9)).verdict, Verdict::Ill);
		let call = "Margin.withdraw".parse().expect("a name");
		assert!(paused(&call, 9).remedy.contains("keelctl resume --call Margin.withdraw"));
	}

	#[test]
	fn broken_books_are_told_by_pallet() {
		assert_eq!(books(&[]).verdict, Verdict::Well);
		let broken = books(&[("keel-margin".to_owned(), "3: cash is lost".to_owned())]);
		assert_eq!((broken.verdict, broken.found.as_str()), (Verdict::Ill, "keel-margin: 3: cash is lost"));
		assert!(broken.remedy.contains("keelctl pause"));
	}

	#[test]
	fn a_finding_is_a_line_and_what_to_do() {
		assert_eq!(Finding::well("sync", "block 9").to_string(), "ok     sync                 block 9");
		let told = Finding::ill("sync", "no peers", "Find some.").to_string();
		assert_eq!(told, "WRONG  sync                 no peers\n       -> Find some.");
	}
}
