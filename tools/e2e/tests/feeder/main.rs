// SPDX-License-Identifier: Apache-2.0
//! A feeder among sources that stall, lie, drop, redirect and talk nonsense: real servers in this
//! program. No node is needed: what would be reported is looked at before it is sent.

mod hostile;
mod patience;
mod presets;

use keel_e2e::sources::{Http, Stream};
use keelctl::feeder::{
	self,
	board::{wall_ms, Board, State},
	config,
	judge::{judge, Fair, Memory, Withheld},
	Config,
};
use std::time::Instant;

/// Two good sources, at 65,000.10 and 65,000.30 dollars: a stream and one that is asked.
struct Good {
	http: Http,
	stream: Stream,
}

impl Good {
	async fn start() -> Self {
		Self { http: Http::price("65000.10").await, stream: Stream::price("65000.30").await }
	}

	/// A feed from both and a third at `url`, of which `quorum` are needed.
	fn with(&self, url: &str, more: &str, quorum: usize) -> Config {
		let source = |name: &str, url: &str, more: &str| {
			let more = if more.contains("price =") {
				more.to_owned()
			} else {
				format!("price = \"/price\"\n{more}")
			};
			format!(
				"[[feed.source]]\nname = \"{name}\"\nurl = \"{url}\"\nevery_ms = 100\ntimeout_ms = 1000\n{more}\n"
			)
		};
		let text = format!(
			"requests_per_minute = 60000\nkey = {{ env = \"KEY\" }}\n[[feed]]\nname = \"BTC/USD\"\nlow = \
			 10000\nhigh = 100000\nquorum = {quorum}\n{}{}{}",
			source("http", &self.http.url(), ""),
			source("stream", &self.stream.url(), ""),
			source("third", url, more),
		);
		config::read(&text).unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"))
	}
}

fn verdict(board: &Board) -> Result<Fair, Withheld> {
	verdict_of(board, board.feeds().next().expect("a feed").0.quorum)
}

/// What may be said if so many sources are needed.
fn verdict_of(board: &Board, quorum: usize) -> Result<Fair, Withheld> {
	let (feed, states) = board.feeds().next().expect("a feed");
	let feed = config::Feed { quorum, ..feed.clone() };
	judge(&feed, &Board::standings(&feed, &states), &mut Memory::default(), Instant::now(), wall_ms())
}

/// How the third source is doing.
fn third(board: &Board) -> State {
	board.feeds().next().and_then(|(_, states)| states.into_iter().nth(2)).expect("three sources")
}

/// What a third source at `url` leads to: the price is that of the others, and who asks for three
/// sources is told `reason`.
async fn expect(good: &Good, url: &str, more: &str, reason: &str) {
	let board = feeder::ask_all(&good.with(url, more, 2)).await.expect("sources are asked");
	let fair = verdict(&board).unwrap_or_else(|why| panic!("{reason}: {why}"));
	assert_eq!(fair.price.plain(), "65000.2", "{reason}");
	assert_eq!(fair.sources, 2, "{reason}");

	let why = verdict_of(&board, 3).expect_err(reason).to_string();
	assert!(why.starts_with("too few sources: 2 of 3; third: "), "{why}");
	assert!(why.contains(reason), "`{why}` does not say `{reason}`");
}
