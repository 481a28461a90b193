// SPDX-License-Identifier: Apache-2.0
//! Feeders with configurations keep a market open on a real chain; liars among their sources do not move
//! its price.

use keel_e2e::{
	prices,
	sources::{Act, Answer, Http, Stream},
	Node, Options,
};
use keelctl::{
	chain::Chain,
	exchange,
	feeder::{self, config, report, FeederError},
	keys::Key,
	oracle::{self, Feed},
	story,
	units::Price,
	Error,
};
use std::{collections::BTreeSet, future::Future, path::Path, time::Duration};
use subxt_signer::sr25519::Keypair;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	sync::watch,
	task::JoinHandle,
};

/// Milliseconds between blocks; the chain's clock still advances two seconds per block.
const BLOCK_TIME: u64 = 500;

fn price(text: &str) -> Price {
	Price::parse(text).expect("a price")
}

/// Three sources of BTC.
struct Sources {
	first: Http,
	second: Http,
	stream: Stream,
}

impl Sources {
	async fn start(prices: [&str; 3]) -> Self {
		let [first, second, stream] = prices;
		Self {
			first: Http::price(first).await,
			second: Http::price(second).await,
			stream: Stream::price(stream).await,
		}
	}

	/// A feeder that asks them, and does everything quickly: blocks are made four times as fast.
	fn config(&self, node: &str, listen: u16) -> config::Config {
		let source =
			|url: String| {
				format!("[[feed.source]]\nurl = \"{url}\"\nprice = \"/price\"\nevery_ms = 100\ntimeout_ms = 1000\n")
			};
		let text = format!(
			"nodes = [\"{node}\"]\nlisten = \"127.0.0.1:{listen}\"\nrequests_per_minute = 60000\nkey = {{ env = \
			 \"NONE\" }}\n[[feed]]\nname = \"BTC/USD\"\nlow = 10000\nhigh = 200000\n{}{}{}",
			source(self.first.url()),
			source(self.second.url()),
			source(self.stream.url()),
		);
		config::read(&text).unwrap_or_else(|mistakes| panic!("{mistakes}"))
	}
}

async fn btc(chain: &Chain) -> Feed {
	let at = chain.best().await.expect("a best block");
	oracle::feeds(&at).await.expect("feeds").into_iter().find(|feed| feed.base() == "BTC").expect("BTC")
}

/// Wait for a price of BTC for which `is` holds.
async fn landed(chain: &Chain, what: &str, is: impl Fn(&Feed) -> bool) -> Feed {
	for _ in 0..60 {
		let feed = btc(chain).await;
		if is(&feed) {
			return feed;
		}
		let next = chain.best_number().await.expect("a best block") + 1;
		chain.wait_for_block(next).await.expect("blocks are made");
	}
	panic!("{what}: not within 60 blocks: {:?}", btc(chain).await)
}

/// For so many blocks, the price of BTC is fresh, of five sources, and satisfies `is`.
async fn stays(chain: &Chain, blocks: u64, is: impl Fn(Price) -> bool) {
	let from = chain.best_number().await.expect("a best block");
	for number in from + 1..=from + blocks {
		chain.wait_for_block(number).await.expect("blocks are made");
		let feed = btc(chain).await;
		let price = feed.price.expect("a price");
		assert!(is(price) && feed.state == "Valid" && feed.age_ms <= 10_000, "block {number}: {feed:?}");
	}
}

async fn get(port: u16, path: &str) -> (bool, String) {
	let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.expect("it serves");
	let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
	stream.write_all(request.as_bytes()).await.expect("sent");
	let mut answer = String::new();
	stream.read_to_string(&mut answer).await.expect("an answer");
	let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
	(head.starts_with("HTTP/1.1 200"), body.to_owned())
}

async fn health(port: u16) -> (bool, serde_json::Value) {
	let (healthy, body) = get(port, "/healthz").await;
	(healthy, serde_json::from_str(&body).expect("JSON"))
}

/// The metrics that the alert rules and the board ask for.
fn asked_for() -> BTreeSet<String> {
	let asks = ["feeder.yml", "feeder-board.json"].map(|name| {
		let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/monitoring");
		std::fs::read_to_string(folder.join(name)).expect(name)
	});
	let asks = asks.concat();
	let words = asks.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
	words.filter(|word| word.starts_with("keel_feeder_")).map(str::to_owned).collect()
}

/// A development key.
fn known(key: &Keypair) -> Key {
	Key { pair: key.clone(), well_known: true }
}

type Ended = JoinHandle<Result<(), FeederError>>;

async fn in_time<T>(what: &str, deed: impl Future<Output = T>) -> T {
	tokio::time::timeout(Duration::from_secs(15), deed)
		.await
		.unwrap_or_else(|_| panic!("{what}: not in 15 s"))
}

#[tokio::test(flavor = "multi_thread")]
async fn feeders_keep_a_market_open_and_liars_do_not_move_it() {
	let node = Node::start(Options::quick(BLOCK_TIME)).await;
	let chain = node.chain().await;
	let keys = prices::reporter_keys();
	let honest = Sources::start(["65000.10", "65000.20", "65000.30"]).await;
	let own = Sources::start(["65000.15", "65000.25", "65000.35"]).await;

	// Before anybody reports: a report that is two blocks early is lost to whoever does not sign it anew.
	early_reports(&chain, &keys[4]).await;

	// Four members share sources, the fifth has its own.
	let (ask, stop) = watch::channel(false);
	let ports: Vec<u16> = keys.iter().map(|_| keel_e2e::node::free_port()).collect();
	let feeders: Vec<Ended> = keys
		.iter()
		.zip(&ports)
		.enumerate()
		.map(|(index, (key, port))| {
			let sources = if index == 4 { &own } else { &honest };
			tokio::spawn(feeder::run(sources.config(&node.url(), *port), known(key), stop.clone()))
		})
		.collect();
	let market = exchange::market(&chain.best().await.expect("a block"), "BTC").await.expect("BTC");
	let opened =
		tokio::time::timeout(Duration::from_secs(40), story::wait_until_open(&chain, market.id)).await;
	opened.expect("within 40 s").expect("the market opens");
	let feed = landed(&chain, "five sources", |feed| feed.sources == 5).await;
	assert_eq!(feed.price, Some(price("65000.20")));
	let (healthy, details) = health(ports[0]).await;
	assert!(healthy, "{details:#}");
	assert_eq!(details["feeds"][0]["price"], "65000.2");

	// A second feeder with the first one's key sees that it is not alone, and the first one goes on.
	let port = keel_e2e::node::free_port();
	let twin = feeder::run(honest.config(&node.url(), port), known(&keys[0]), stop.clone());
	let error = in_time("the twin ends", twin).await.expect_err("there is another one");
	assert!(matches!(error, FeederError::Twin { .. }) && error.exit_code() == 13, "{error}");
	// So does a feeder with a key that is nobody's.
	let stranger = subxt_signer::sr25519::dev::ferdie();
	let stranger =
		feeder::run(honest.config(&node.url(), keel_e2e::node::free_port()), known(&stranger), stop.clone());
	let error = in_time("the stranger ends", stranger).await.expect_err("nobody knows it");
	assert!(matches!(error, FeederError::NotAReporter { .. }) && error.exit_code() == 11, "{error}");

	// One of the three shared sources lies, grossly and then within what is believed.
	honest.first.says(Answer::json("{\"price\": \"97500\"}"));
	stays(&chain, 6, |price| price >= self::price("65000.20") && price <= self::price("65000.30")).await;
	honest.first.says(Answer::json("{\"price\": \"65300\"}"));
	stays(&chain, 6, |price| price >= self::price("65000.20") && price <= self::price("65000.30")).await;
	let (healthy, details) = health(ports[0]).await;
	assert!(healthy, "{details:#}");
	honest.first.says(Answer::json("{\"price\": \"65000.10\"}"));

	// All sources of one member lie: it reports that after a second look, and the chain leaves it out.
	let lie = "{\"price\": \"97500\"}";
	own.first.says(Answer::json(lie));
	own.second.says(Answer::json(lie));
	own.stream.plays(vec![Act::Repeat(lie.to_owned())]);
	landed(&chain, "one member is left out", |feed| feed.sources == 4).await;
	stays(&chain, 4, |price| price == self::price("65000.20")).await;

	// Two of three sources are silent: nobody vouches for a price, says why, and the chain's grows old.
	honest.second.says(Answer::Stall);
	honest.stream.plays(vec![Act::Stall]);
	// Longer than a source is heard after its last price.
	landed(&chain, "the price grows old", |feed| feed.age_ms >= 32_000).await;
	let (_, details) = health(ports[0]).await;
	let withheld = details["feeds"][0]["withheld"].as_str().unwrap_or_default().to_owned();
	assert!(withheld.starts_with("too few sources: 1 of 2; "), "{details:#}");
	let left_out = details["feeds"][0]["sources"][1]["left_out"].as_str().unwrap_or_default();
	assert!(left_out.starts_with("gave no answer within"), "{details:#}");

	// What the alert rules ask for is there.
	let (_, metrics) = get(ports[0], "/metrics").await;
	let asked = asked_for();
	assert!(asked.len() > 10, "{asked:?}");
	for metric in asked {
		let is_there = metrics.lines().any(|line| line.split(['{', ' ']).next() == Some(metric.as_str()));
		assert!(is_there, "no feeder has the metric {metric}: {metrics}");
	}

	ask.send(true).expect("they listen");
	for feeder in feeders {
		in_time("a feeder stops", feeder).await.expect("no panic").expect("it was asked to stop");
	}
}

/// What a node calls early it bans by its bytes; signed anew, the report gets in when its block is there.
async fn early_reports(chain: &Chain, key: &Keypair) {
	let at = chain.best().await.expect("a best block");
	let [reporter] =
		oracle::reporters(&at, [key.clone()]).await.expect("reporters").try_into().ok().expect("one");
	let feed = btc(chain).await.id;
	let reports = [(feed, price("65000"), price("1"))];
	let round = at.block_number() + 3;
	let call =
		oracle::report_call(chain.genesis(), &reporter, u32::try_from(round).expect("young"), &reports);
	let refused = |answer: keelctl::Result<_>| match answer {
		Err(Error::Refused { reason, .. }) => reason,
		other => panic!("not refused: {other:?}"),
	};
	let reason = refused(chain.submit_authorized(&at, &call).await.map(|_| ()));
	assert!(reason.contains("future"), "{reason}");
	let now = chain.best().await.expect("a best block");
	let delivery = report::deliver(chain, &now, &reporter, round, &reports).await.expect("the node answers");
	assert_eq!(delivery, report::Delivery::Taken);
	assert!(chain.best_number().await.expect("a best block") + 1 >= round, "it was early");
	let reason = refused(chain.submit_authorized(&at, &call).await.map(|_| ()));
	// The feeder of this member must not take it for another one's.
	chain.wait_for_block(round + 2).await.expect("blocks are made");
	assert!(reason.contains("banned"), "the same bytes do not get in again: {reason}");
}
