// SPDX-License-Identifier: Apache-2.0
//! Prices that stay alive: the development script with its reporters, faults that show, and a chain that makes a block
//! for each transaction.

use keel_e2e::{cli::Run, node::free_port, Keelctl, Node, Options, Scene};
use keelctl::{
	exchange::{self, Market},
	story, Chain,
};
use std::{
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};

/// Milliseconds between blocks; the chain's clock still advances two seconds per block.
const BLOCK_TIME: u64 = 400;
/// From a node's first block to open markets.
const MINUTE: Duration = Duration::from_secs(60);

/// `scripts/dev` at work. It is killed without warning, as a closed terminal would.
struct Dev {
	child: Child,
	port: u16,
	folder: tempfile::TempDir,
}

impl Dev {
	fn start(arguments: &[&str]) -> Self {
		let folder = tempfile::tempdir().expect("a temporary folder");
		let port = free_port();
		let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/dev");
		let log = std::fs::File::create(folder.path().join("node.log")).expect("the log can be written");
		let mut command = Command::new(script);
		command
			.args(arguments)
			.args(["--rpc-port", &port.to_string(), "--port", &free_port().to_string(), "--no-prometheus"])
			.env("KEEL_NODE", Node::binary())
			.env("KEEL_KEELCTL", Keelctl::binary())
			.env("KEEL_FEED_LOG", folder.path().join("feed.log"))
			.stdin(Stdio::null())
			.stdout(log.try_clone().expect("the log can be shared"))
			.stderr(log);
		if let Some(cache) = std::env::var_os("KEEL_WASM_CACHE") {
			command.arg("--wasm-cache").arg(cache);
		}
		Self { child: command.spawn().expect("the script can be started"), port, folder }
	}

	fn url(&self) -> String {
		format!("ws://127.0.0.1:{}", self.port)
	}

	async fn chain(&self) -> Chain {
		let begun = Instant::now();
		loop {
			if let Ok(chain) = Chain::connect(&self.url()).await {
				return chain;
			}
			assert!(begun.elapsed() < 2 * MINUTE, "no node answers:\n{}", self.read("node.log"));
			tokio::time::sleep(Duration::from_millis(200)).await;
		}
	}

	/// Wait for the first block, and from there at most a minute for an open market.
	async fn opens(&self, chain: &Chain) {
		chain.wait_for_block(1).await.expect("a first block");
		let opening = story::wait_until_open(chain, 0);
		let opened = tokio::time::timeout(MINUTE, opening).await.expect("it opens within a minute");
		assert_eq!(opened.expect("the market opens").status, "Open");
	}

	/// Wait until the reporters have seen that the other program is silent.
	async fn goes_on(&self) {
		let begun = Instant::now();
		while !self.read("feed.log").contains("this one goes on") {
			assert!(begun.elapsed() < MINUTE, "the reporters go on");
			tokio::time::sleep(Duration::from_millis(200)).await;
		}
	}

	fn read(&self, log: &str) -> String {
		std::fs::read_to_string(self.folder.path().join(log)).unwrap_or_default()
	}

	/// Programs that were started with this node's address.
	fn reporters(&self) -> Vec<PathBuf> {
		let url = self.url();
		let processes = std::fs::read_dir("/proc").expect("processes are listed").filter_map(Result::ok);
		let command =
			|process: &PathBuf| std::fs::read_to_string(process.join("cmdline")).unwrap_or_default();
		let paths = processes.map(|process| process.path());
		paths
			.filter(|process| command(process).contains(&url) && command(process).contains("--yield"))
			.collect()
	}
}

impl Drop for Dev {
	fn drop(&mut self) {
		// It may have ended by itself.
		let _ = self.child.kill();
		let _ = self.child.wait();
		if std::thread::panicking() {
			eprintln!("--- node ---\n{}\n--- feed ---\n{}", self.read("node.log"), self.read("feed.log"));
		}
	}
}

async fn btc(chain: &Chain) -> Market {
	exchange::market(&chain.best().await.expect("a best block"), "BTC").await.expect("the BTC market")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_development_chain_has_open_markets_and_lets_other_reporters_go_first() {
	let mut dev = Dev::start(&["--block-time", &BLOCK_TIME.to_string()]);
	let chain = dev.chain().await;
	dev.opens(&chain).await;

	// Eighty seconds of the chain's clock: a price that is not repeated is stale after sixty.
	let last = chain.best_number().await.expect("a block") + 40;
	for block in (0..=last).rev().step_by(10).collect::<Vec<_>>().into_iter().rev() {
		chain.wait_for_block(block).await.expect("blocks are made");
		let market = btc(&chain).await;
		assert_eq!((market.status.as_str(), market.price_state.as_str()), ("Open", "Valid"), "block {block}");
		assert!(market.price_age_ms <= 10_000, "block {block}: {} ms", market.price_age_ms);
	}

	let before = btc(&chain).await.mark;
	let other = Keelctl::new(dev.url()).tells(&["feed", "--synthetic", "gap"]).await;
	assert_eq!(other.code, Some(0), "{other:?}");
	let after = btc(&chain).await.mark;
	assert!(after < before.shifted(-800) && after > before.shifted(-1_200), "{before} to {after}");
	dev.goes_on().await;
	let resumed = chain.best_number().await.expect("a block");
	chain.wait_for_block(resumed + 10).await.expect("blocks are made");
	let market = btc(&chain).await;
	assert!(market.status == "Open" && market.price_age_ms <= 10_000, "{market:?}");
	let apart = market.mark.0.abs_diff(after.0) * 1_000 / after.0;
	assert!(apart < 10, "they go on where the others have left it: {after} to {}", market.mark);

	assert_eq!(dev.reporters().len(), 1, "one program reports");
	dev.child.kill().expect("it runs");
	let begun = Instant::now();
	while !dev.reporters().is_empty() {
		assert!(begun.elapsed() < Duration::from_secs(10), "the reporters end with the node");
		tokio::time::sleep(Duration::from_millis(100)).await;
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_told_line_by_line_and_the_others_go_on() {
	let scene = Scene::open_on(Options::quick(BLOCK_TIME)).await;
	let url = scene.node.url();
	let keelctl = &Keelctl::new(url.clone());
	let feed =
		|faults| async move { keelctl.tells(&["feed", "--synthetic", "gap", "--fault", faults]).await };
	let holds = |run: &Run, told: &[&str]| {
		assert_eq!(run.code, Some(0), "{run:?}");
		for line in told {
			assert!(run.told.contains(line), "`{line}` is not in:\n{}", run.told);
		}
	};

	// Two of five fail: three are a quorum.
	let run = feed("stuck:2,decimal:4").await;
	holds(
		&run,
		&[
			"fault stuck:2: Bob repeats its first price for ever",
			"fault decimal:4:1: Dave has its decimal point moved by 1 to the right",
			"Bob is left out of BTC/USD, ETH/USD, SOL/USD: it is too far from the others",
			"Dave is left out of BTC/USD, ETH/USD, SOL/USD: it is too far from the others",
			"(Valid, 3 sources)",
		],
	);
	let market = btc(&scene.chain).await;
	assert!(market.status == "Open" && market.price_age_ms <= 10_000, "{market:?}");

	// Three fail: nobody knows who is right, and no price is better than a wrong one.
	let before = market.index;
	let run = feed("late:1,floor:3,decimal:4:-2").await;
	holds(&run, &["Alice: Oracle.report was refused", "no price landed"]);
	let market = btc(&scene.chain).await;
	assert!(market.price_age_ms >= 30_000, "{market:?}");
	assert!(market.index.0.abs_diff(before.0) * 100 < before.0, "{before} to {}", market.index);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_each_transaction_makes_a_block_reports_make_the_first_and_the_next() {
	let dev = Dev::start(&["--instant-seal"]);
	let chain = dev.chain().await;
	dev.opens(&chain).await;
	let other = Keelctl::new(dev.url()).tells(&["feed", "--synthetic", "gap"]).await;
	assert_eq!(other.code, Some(0), "{other:?}");
	// Nobody makes a block now, unless the reporters do.
	let last = chain.best_number().await.expect("a block");
	dev.goes_on().await;
	chain.wait_for_block(last + 2).await.expect("reports make blocks");
	let market = btc(&chain).await;
	assert!(market.status == "Open" && market.price_age_ms <= 20_000, "{market:?}");
}
