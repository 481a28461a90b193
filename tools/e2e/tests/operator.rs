// SPDX-License-Identifier: Apache-2.0
//! `docs/operate.md` as an operator follows it: its commands, files and services make a chain of three machines that
//! finalises. The machines are three folders of this one; nothing else of the page is changed.

use keel_e2e::{
	node::free_port,
	page::{exec_start, filled, marked, Block},
	Node,
};
use keelctl::{chain, value, Chain};
use serde_json::Value;
use std::{
	collections::{BTreeMap, BTreeSet},
	fs::{self, File},
	io::{Read, Write},
	net::TcpStream,
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};
use subxt::{rpcs::rpc_params, utils::AccountId32};

/// How long the three may take until they have finalised a few blocks.
const PATIENCE: Duration = Duration::from_secs(180);
/// A block that all must have made final.
const FINAL: u64 = 3;

const PAGE: &str = include_str!("../../../docs/operate.md");
const ALERTS: &str = include_str!("../../../docs/monitoring/alerts.yml");
const FEEDER_ALERTS: &str = include_str!("../../../docs/monitoring/feeder.yml");
const BOARD: &str = include_str!("../../../docs/monitoring/board.json");
const FEEDER_BOARD: &str = include_str!("../../../docs/monitoring/feeder-board.json");

/// A machine: a folder that has its `/etc/keel` and `/var/lib/keel`.
struct Machine {
	folder: PathBuf,
	variables: BTreeMap<String, String>,
	child: Option<Child>,
}

impl Machine {
	/// With the settings of the page, but for what must differ on one machine.
	fn new(place: &Path, name: &str, settings: &str) -> Self {
		let folder = place.join(name);
		fs::create_dir_all(folder.join("etc")).expect("a folder");
		fs::create_dir_all(folder.join("lib")).expect("a folder");
		let mut variables: BTreeMap<String, String> = settings
			.lines()
			.filter_map(|line| line.split_once('='))
			.map(|(key, value)| (key.to_owned(), value.to_owned()))
			.collect();
		let own = [
			("NAME", name.to_owned()),
			("ADDRESS", "127.0.0.1".to_owned()),
			("P2P_PORT", free_port().to_string()),
			("RPC_PORT", free_port().to_string()),
			("METRICS_PORT", free_port().to_string()),
		];
		assert!(variables.keys().map(String::as_str).eq([
			"ADDRESS",
			"METRICS_PORT",
			"NAME",
			"P2P_PORT",
			"RPC_PORT"
		]));
		variables.extend(own.map(|(key, value)| (key.to_owned(), value)));
		let text: String = variables.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
		fs::write(folder.join("etc/keel.env"), text).expect("it can be written");
		Self { folder, variables, child: None }
	}

	fn etc(&self, file: &str) -> PathBuf {
		self.folder.join("etc").join(file)
	}

	fn port(&self, variable: &str) -> u16 {
		self.variables[variable].parse().expect("a port")
	}

	/// The page's text with the folders of this machine.
	fn here(&self, text: &str) -> String {
		let (etc, lib) = (self.folder.join("etc"), self.folder.join("lib"));
		text.replace("/etc/keel", &etc.display().to_string())
			.replace("/var/lib/keel", &lib.display().to_string())
			.replace("/usr/local/bin/keel-node", &Node::binary().display().to_string())
	}

	fn run(&self, block: &Block) -> String {
		run(&self.here(&block.text), &self.folder)
	}

	/// What systemd would do with the unit.
	fn start(&mut self, unit: &Block) {
		let unit = self.here(&unit.text);
		let command = exec_start(&unit, |name| self.variables[name].clone());
		let log = File::create(self.folder.join("log")).expect("the log can be written");
		let mut child = Command::new(&command[0]);
		child.args(&command[1..]).stdin(Stdio::null());
		// Only quicker: the runtime is compiled once for all tests.
		if let Some(folder) = std::env::var_os("KEEL_WASM_CACHE") {
			child.arg("--wasm-cache").arg(folder);
		}
		child.stdout(log.try_clone().expect("the log can be shared")).stderr(log);
		self.child = Some(child.spawn().expect("the node can be started"));
	}

	fn log(&self) -> String {
		fs::read_to_string(self.folder.join("log")).unwrap_or_default()
	}

	/// What Prometheus would read.
	fn metrics(&self) -> Option<String> {
		let mut stream = TcpStream::connect(("127.0.0.1", self.port("METRICS_PORT"))).ok()?;
		stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
		stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
		let mut answer = String::new();
		stream.read_to_string(&mut answer).ok()?;
		Some(answer)
	}

	/// The highest final block, as its metrics tell.
	fn finalized(&self) -> Option<u64> {
		let metrics = self.metrics()?;
		let line = metrics.lines().find(|line| {
			line.starts_with("substrate_block_height{") && line.contains("status=\"finalized\"")
		})?;
		line.rsplit(' ').next()?.parse().ok()
	}

	async fn wait_until_final(&mut self, number: u64) {
		let start = Instant::now();
		while self.finalized().is_none_or(|final_block| final_block < number) {
			let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
			assert!(ended.is_none() && start.elapsed() < PATIENCE, "{ended:?}: {}", self.log());
			tokio::time::sleep(Duration::from_millis(200)).await;
		}
	}

	async fn chain(&self) -> Chain {
		let url = format!("ws://127.0.0.1:{}", self.port("RPC_PORT"));
		let start = Instant::now();
		loop {
			match Chain::connect(&url).await {
				Ok(chain) => return chain,
				Err(error) => assert!(start.elapsed() < PATIENCE, "{error}: {}", self.log()),
			}
			tokio::time::sleep(Duration::from_millis(200)).await;
		}
	}
}

impl Drop for Machine {
	fn drop(&mut self) {
		if let Some(mut child) = self.child.take() {
			// It may have ended by itself.
			let _ = child.kill();
			let _ = child.wait();
		}
	}
}

/// Run commands of the page in `folder`; what they print.
fn run(commands: &str, folder: &Path) -> String {
	// `keel-node` is where the page has put it: on the path.
	let bin = folder.join("bin");
	fs::create_dir_all(&bin).expect("a folder");
	let link = bin.join("keel-node");
	if !link.exists() {
		std::os::unix::fs::symlink(Node::binary(), link).expect("a link");
	}
	let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
	let output = Command::new("bash")
		.args(["-euo", "pipefail", "-c", commands])
		.current_dir(folder)
		.env("PATH", path)
		.output()
		.expect("bash runs");
	let (told, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
	assert!(output.status.success(), "{commands}\n{told}\n{failed}");
	told.into_owned()
}

/// The account of somebody who made it alone.
fn stranger(name: &str) -> AccountId32 {
	let mut bytes = [0; 32];
	for (to, from) in bytes.iter_mut().zip(name.bytes()) {
		*to = from;
	}
	AccountId32(bytes)
}

/// `chain.json`, with what the machines have sent and addresses of strangers.
fn chain_file(block: &Block, machines: &BTreeMap<&str, Machine>) -> String {
	filled(&block.text, |name| match name.split_once(": ") {
		Some((machine, entry)) => {
			let sent = fs::read(machines[machine].etc("public.json")).expect("it was made");
			let sent: Value = serde_json::from_slice(&sent).expect("it is JSON");
			let text = sent[entry].as_str().unwrap_or_else(|| panic!("{machine} has sent no {entry}"));
			assert!(text.len() > 40, "{machine}: {entry}: {text}");
			text.to_owned()
		}
		None => stranger(name).to_string(),
	})
}

/// Metrics that the rules and the board ask for.
fn asked_for() -> BTreeSet<String> {
	let board: Value = serde_json::from_str(BOARD).expect("the board is JSON");
	let panels = board["panels"].as_array().expect("it has panels");
	let targets = panels.iter().flat_map(|panel| {
		panel["targets"].as_array().unwrap_or_else(|| panic!("{} shows nothing", panel["title"]))
	});
	let board = targets.map(|target| target["expr"].as_str().expect("an expression").to_owned());
	let words = board.chain([ALERTS.to_owned()]).flat_map(|text| {
		let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
		words.filter(|word| word.starts_with("substrate_")).map(str::to_owned).collect::<Vec<_>>()
	});
	words.collect()
}

/// The board can be laid out: panels have ids of their own and do not lie on each other.
fn assert_board_is_sound(board: &str) {
	let board: Value = serde_json::from_str(board).expect("the board is JSON");
	let mut taken = BTreeSet::new();
	let mut ids = BTreeSet::new();
	for panel in board["panels"].as_array().expect("it has panels") {
		assert!(ids.insert(panel["id"].as_u64().expect("an id")), "{panel}");
		let side = |name: &str| panel["gridPos"][name].as_u64().expect("a place");
		for x in side("x")..side("x") + side("w") {
			for y in side("y")..side("y") + side("h") {
				assert!(x < 24 && taken.insert((x, y)), "{} lies on another", panel["title"]);
			}
		}
	}
}

#[test]
fn boards_can_be_laid_out() {
	for board in [BOARD, FEEDER_BOARD] {
		assert_board_is_sound(board);
	}
}

#[test]
fn the_page_says_of_each_alert_what_to_do() {
	let rules = [ALERTS, FEEDER_ALERTS].join("\n");
	let names: Vec<_> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
	assert!(names.len() > 15, "{names:?}");
	let rows: Vec<_> = PAGE.lines().filter(|line| line.starts_with("| `Keel")).collect();
	for name in &names {
		assert!(rows.iter().any(|row| row.contains(&format!("`{name}`"))), "nothing is said of {name}");
	}
	// And of no alert that there is not.
	let told =
		rows.iter().flat_map(|row| row.split('`').skip(1).step_by(2)).filter(|word| word.starts_with("Keel"));
	let unknown: Vec<_> = told.filter(|word| !names.contains(word)).collect();
	assert!(unknown.is_empty(), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_who_follows_the_page_has_a_chain_of_three_machines_that_finalises() {
	let place = tempfile::Builder::new().prefix("keel-operator-").tempdir().expect("a temporary folder");
	let blocks = marked(PAGE);
	let of = |mark: &str| blocks.iter().filter(move |block| block.mark == mark).collect::<Vec<_>>();
	let only = |mark: &str| of(mark).into_iter().next().unwrap_or_else(|| panic!("the page has no '{mark}'"));
	let known = [
		"every machine",
		"file chain.json",
		"file keel.env",
		"one place",
		"public node",
		"running machine",
		"validator",
	];
	let marks: BTreeSet<&str> = blocks.iter().map(|block| block.mark.as_str()).collect();
	assert!(marks.into_iter().eq(known), "a mark that is not followed");

	// Keys on every machine, the chain's file in one place.
	let settings = &only("file keel.env").text;
	let names = ["one", "two", "three"];
	let mut machines: BTreeMap<&str, Machine> =
		names.map(|name| (name, Machine::new(place.path(), name, settings))).into();
	let each_machine = of("every machine");
	let (keys, start) = each_machine.split_first().expect("two blocks");
	for machine in machines.values() {
		machine.run(keys);
	}
	let office = place.path().join("office");
	fs::create_dir(&office).expect("a folder");
	fs::write(office.join("chain.json"), chain_file(only("file chain.json"), &machines))
		.expect("it can be written");
	run(&only("one place").text, &office);

	// Everybody gets the specification and starts.
	for machine in machines.values_mut() {
		fs::copy(office.join("keel.json"), machine.etc("keel.json")).expect("it was made");
		start.iter().for_each(|block| {
			machine.run(block);
		});
		machine.start(only("validator"));
	}
	let mut public = Machine::new(place.path(), "public", settings);
	fs::copy(office.join("keel.json"), public.etc("keel.json")).expect("it was made");
	public.start(only("public node"));
	for machine in machines.values_mut().chain([&mut public]) {
		machine.wait_until_final(FINAL).await;
	}

	// It is one chain, with what the file says.
	let mut hashes = BTreeSet::new();
	for machine in machines.values().chain([&public]) {
		let chain = machine.chain().await;
		hashes.insert(chain.at_number(FINAL).await.expect("the block is there").block_hash());
		let name: String = chain.rpc().request("system_chain", rpc_params![]).await.expect("an answer");
		assert_eq!(name, "Our Exchange");
	}
	assert_eq!(hashes.len(), 1, "they have finalised different blocks");
	let chain = machines["one"].chain().await;
	let at = chain.best().await.expect("a best block");
	let markets = chain::storage_map(&at, "Margin", "Markets", vec![]).await.expect("an answer");
	assert_eq!(markets.len(), 1, "the market of the file");
	let founder = vec![chain::account_value(&stranger("founder"))];
	let founder = chain::storage(&at, "System", "Account", founder).await.expect("an answer");
	let free = founder.as_ref().and_then(|account| value::field(account, "data"));
	let free = free.and_then(|data| value::field(data, "free")).and_then(value::unsigned);
	assert_eq!(free, Some(100_000_000_000_000_000_000), "more than 64 bits hold, to the unit");

	// What the page does with a running machine.
	for machine in machines.values() {
		for block in of("running machine") {
			machine.run(block);
		}
		let rotated = fs::read_to_string(machine.etc("rotated.json")).expect("keys were rotated");
		assert!(rotated.contains("\"keys\":\"0x") && rotated.contains("\"proof\":\"0x"), "{rotated}");
		let saved = run("tar --list --gzip --file etc/backup.tar.gz", &machine.folder);
		// Two from the start, two from the rotation.
		assert_eq!(saved.matches("/keystore/61757261").count(), 2, "{saved}");
		assert_eq!(saved.matches("/keystore/6772616e").count(), 2, "{saved}");
		assert!(!machine.etc("aura.secret").exists(), "no secret is left where it was made");
	}

	// The public node answers, and hands out no keys.
	let chain = public.chain().await;
	let health: Value = chain.rpc().request("system_health", rpc_params![]).await.expect("an answer");
	assert!(health["peers"].as_u64().is_some_and(|peers| peers > 0), "{health}");
	let refused = chain.rpc().request::<Value>("author_rotateKeys", rpc_params![]).await;
	assert!(refused.is_err_and(|error| error.to_string().contains("unsafe")), "an unsafe method is refused");

	// What is monitored is there.
	let metrics = machines["one"].metrics().expect("it answers");
	let asked = asked_for();
	assert!(asked.len() > 8, "{asked:?}");
	for metric in asked {
		let mut lines = metrics.lines();
		let is_there = lines
			.any(|line| line.strip_prefix(metric.as_str()).is_some_and(|rest| rest.starts_with(['{', ' '])));
		assert!(is_there, "no node has the metric {metric}");
	}
}
