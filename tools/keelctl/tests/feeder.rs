// SPDX-License-Identifier: Apache-2.0
//! The feeder as a program: what it says and ends with. No node is needed; its sources are servers in
//! this test.

use assert_cmd::Command;
use predicates::{prelude::PredicateBooleanExt, str::contains};
use std::{
	io::{BufRead, BufReader, Read, Write},
	net::{TcpListener, TcpStream},
	path::{Path, PathBuf},
	process::{Child, ExitStatus, Stdio},
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// A key that nobody uses.
const SECRET: &str = "0x6b65656c2074657374732c206e6f7420666f7220616e79206d6f6e6579212121";

fn keelctl(arguments: &[&str]) -> Command {
	let mut command = Command::cargo_bin("keelctl").expect("the program is built");
	for variable in ["KEEL_URL", "KEEL_SURI", "KEEL_KEY_FILE", "KEEL_SIGNERS", "KEEL_REPORTERS"] {
		command.env_remove(variable);
	}
	command.env("NO_COLOR", "1").args(arguments);
	command
}

/// A folder with a key and a configuration.
struct Setting {
	folder: TempDir,
}

impl Setting {
	fn new(config: &str) -> Self {
		let setting = Self { folder: tempfile::tempdir().expect("a folder") };
		setting.key(SECRET, 0o600);
		std::fs::write(setting.config(), config.replace("KEY", &setting.key_path().display().to_string()))
			.expect("written");
		setting
	}

	fn key(&self, secret: &str, mode: u32) {
		use std::os::unix::fs::PermissionsExt;
		std::fs::write(self.key_path(), secret).expect("written");
		std::fs::set_permissions(self.key_path(), std::fs::Permissions::from_mode(mode)).expect("set");
	}

	fn key_path(&self) -> PathBuf {
		self.folder.path().join("reporter.key")
	}

	fn config(&self) -> PathBuf {
		self.folder.path().join("feeder.toml")
	}

	fn feed(&self, more: &[&str]) -> Command {
		let config = self.config().display().to_string();
		keelctl(&[&["feed", "--config", &config], more].concat())
	}
}

/// A port that nobody listens on.
fn free_port() -> u16 {
	TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port()
}

/// A server that gives every request this body; its address.
fn source(body: &'static str) -> String {
	let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
	let address = listener.local_addr().expect("bound");
	std::thread::spawn(move || {
		for mut stream in listener.incoming().flatten() {
			let mut line = String::new();
			let mut reader = BufReader::new(stream.try_clone().expect("a connection"));
			while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
				line.clear();
			}
			let length = body.len();
			let _ = write!(
				stream,
				"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
			);
		}
	});
	format!("http://{address}")
}

fn config(head: &str, sources: &[String]) -> String {
	let sources: String = sources
		.iter()
		.map(|url| format!("[[feed.source]]\nurl = \"{url}\"\nprice = \"/p\"\ntimeout_ms = 5000\n"))
		.collect();
	format!(
		"key = {{ file = \"KEY\" }}\n{head}\n[[feed]]\nname = \"BTC/USD\"\nlow = 10000\nhigh = 100000\n{sources}"
	)
}

fn three() -> Vec<String> {
	vec![source("{\"p\": 65000.1}"), source("{\"p\": \"65000.2\"}"), source("{\"p\": 65000.3}")]
}

#[test]
fn a_check_reads_configuration_and_key_and_asks_nobody() {
	let sources: Vec<_> = (1..4).map(|port| format!("http://127.0.0.1:{port}")).collect();
	let setting = Setting::new(&config("", &sources));
	setting
		.feed(&["--check"])
		.assert()
		.success()
		.stdout(contains("can be used (feeds: 1, sources: 3, reporter: 5"));
	let output = setting.feed(&["--check", "--json"]).assert().success().get_output().clone();
	let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
	assert_eq!(told["sources"], 3);
}

#[test]
fn every_mistake_is_told_with_line_and_key_and_ends_with_10() {
	let setting = Setting::new(&config("lisen = \"127.0.0.1:1\"", &[]));
	let told = || {
		contains("line 2: lisen: there is no such key")
			.and(contains("line 3: feed[1].source: there are fewer than two"))
	};
	for mode in ["--check", "--dry-run", "--print"] {
		setting.feed(&[mode]).assert().code(10).stderr(told());
	}
	setting.feed(&[]).assert().code(10).stderr(told());
	keelctl(&["feed", "--config", "/no/such.toml"])
		.assert()
		.code(10)
		.stderr(contains("cannot read the configuration /no/such.toml"));
	let output = setting.feed(&["--json"]).assert().code(10).get_output().clone();
	let error: serde_json::Value = serde_json::from_slice(&output.stderr).expect("JSON");
	assert_eq!(error["code"], "keelctl::feeder_config");
}

#[test]
fn a_key_that_cannot_be_read_ends_with_11_and_is_not_shown() {
	let setting = Setting::new(&config("", &three()));
	for (secret, mode, reason) in [
		(SECRET, 0o644, "others may read the key file"),
		("", 0o600, "is empty"),
		(" \n", 0o600, "is empty"),
		("correct horse battery staple", 0o600, "is no secret"),
	] {
		setting.key(secret, mode);
		for more in [&["--check"][..], &[]] {
			setting.feed(more).assert().code(11).stderr(contains(reason).and(contains("horse").not()));
		}
	}
	std::fs::remove_file(setting.key_path()).expect("it was there");
	setting.feed(&[]).assert().code(11).stderr(contains("reporter.key"));

	let text = config("", &three()).replace("file = \"KEY\"", "env = \"KEEL_TEST_REPORTER\"");
	let setting = Setting::new(&text);
	setting
		.feed(&["--check"])
		.assert()
		.code(11)
		.stderr(contains("the environment variable KEEL_TEST_REPORTER is not set"));
	setting.feed(&["--check"]).env("KEEL_TEST_REPORTER", SECRET).assert().success();
}

#[test]
fn a_port_in_use_ends_with_12() {
	let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
	let address = taken.local_addr().expect("bound");
	let setting = Setting::new(&config(&format!("listen = \"{address}\""), &three()));
	setting
		.feed(&[])
		.assert()
		.code(12)
		.stderr(contains(format!("cannot listen on {address}")).and(contains("in use")));
}

#[test]
fn a_dry_run_says_what_would_be_reported() {
	let setting = Setting::new(&config("", &three()));
	setting.feed(&["--dry-run"]).assert().success().stdout(contains("BTC/USD: 65000.2 +- 0.1 of 3 sources"));

	let liar = [&three()[..2], &[source("{\"p\": 3000}")]].concat();
	let setting = Setting::new(&config("", &liar));
	setting.feed(&["--dry-run"]).assert().success().stdout(
		contains("BTC/USD: 65000.15 +- 0.05 of 2 sources; left out: ")
			.and(contains("3,000.00 is not plausible")),
	);

	let two_liars = [source("{\"p\": 65000}"), source("{\"p\": NaN}"), source("{\"p\": 1e400}")];
	let setting = Setting::new(&config("", &two_liars));
	setting
		.feed(&["--dry-run"])
		.assert()
		.code(14)
		.stdout(contains("BTC/USD: not reported: too few sources: 1 of 2").and(contains("not JSON")))
		.stderr(contains("1 of 1 feeds would not be reported"));
	let output = setting.feed(&["--dry-run", "--json"]).assert().code(14).get_output().clone();
	let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
	assert_eq!(told["feeds"][0]["verdict"]["reason"], "too_few_sources");
	assert_eq!(told["feeds"][0]["sources"][0]["price"], "65000");
}

#[test]
fn what_is_printed_can_be_used() {
	let setting = Setting::new(&config("", &three()));
	let printed = setting.feed(&["--print"]).assert().success().get_output().stdout.clone();
	let printed = String::from_utf8(printed).expect("text");
	assert!(printed.contains("every_ms = 1000") && printed.contains("nodes = [\"ws://127.0.0.1:9944\"]"));
	let again = Setting::new(&printed);
	let twice = again.feed(&["--print"]).assert().success().get_output().stdout.clone();
	assert_eq!(String::from_utf8_lossy(&twice), printed);
}

#[test]
fn modes_need_a_configuration_and_exclude_each_other() {
	for arguments in [
		&["feed", "--check"][..],
		&["feed", "--synthetic", "crash", "--dry-run"],
		&["feed", "--config", "a", "--replay", "b"],
		&["feed", "--config", "a", "--check", "--dry-run"],
		&["feed", "--config", "a", "--speed", "2"],
	] {
		keelctl(arguments).assert().code(2);
	}
}

/// A feeder that runs; it is killed when the test is done with it.
struct Running {
	child: Child,
}

impl Running {
	/// Start it and wait until it serves on `port`.
	fn start(mut command: std::process::Command, port: u16) -> Self {
		let child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts");
		let running = Self { child };
		let started = Instant::now();
		while TcpStream::connect(("127.0.0.1", port)).is_err() {
			assert!(started.elapsed() < Duration::from_secs(20), "it does not serve");
			std::thread::sleep(Duration::from_millis(50));
		}
		running
	}

	/// Ask it to stop, as a service manager does; how it ended, and what it has logged.
	fn stop(mut self) -> (ExitStatus, String) {
		let killed = std::process::Command::new("kill").arg(self.child.id().to_string()).status();
		assert!(killed.expect("kill").success());
		let asked = Instant::now();
		let status = loop {
			if let Some(status) = self.child.try_wait().expect("a child") {
				break status;
			}
			assert!(asked.elapsed() < Duration::from_secs(10), "it does not stop");
			std::thread::sleep(Duration::from_millis(20));
		};
		let mut log = String::new();
		self.child.stderr.take().expect("a pipe").read_to_string(&mut log).expect("text");
		(status, log)
	}
}

impl Drop for Running {
	fn drop(&mut self) {
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}

fn get(port: u16, path: &str) -> (u16, String) {
	let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("it serves");
	write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").expect("sent");
	let mut answer = String::new();
	stream.read_to_string(&mut answer).expect("an answer");
	let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
	let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
	(status, body.to_owned())
}

/// The page for operators.
fn page() -> String {
	let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operate.md");
	std::fs::read_to_string(path).expect("docs/operate.md")
}

#[test]
fn without_a_node_it_waits_says_so_and_stops_when_asked() {
	let port = free_port();
	let head = format!(
		"listen = \"127.0.0.1:{port}\"\nlog = \"json\"\nnodes = [\"ws://127.0.0.1:{}\"]",
		free_port()
	);
	let setting = Setting::new(&config(&head, &three()));
	let config = setting.config().display().to_string();
	let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("keelctl"));
	command.args(["feed", "--config", &config]);
	let running = Running::start(command, port);

	let started = Instant::now();
	let metrics = loop {
		let (status, metrics) = get(port, "/metrics");
		assert_eq!(status, 200);
		let up =
			metrics.lines().filter(|line| line.starts_with("keel_feeder_source_up") && line.ends_with(" 1"));
		if up.count() == 3 {
			break metrics;
		}
		assert!(started.elapsed() < Duration::from_secs(20), "{metrics}");
		std::thread::sleep(Duration::from_millis(100));
	};
	assert!(metrics.contains("keel_feeder_node_up 0"), "{metrics}");
	let page = page();
	for line in metrics.lines().filter(|line| !line.starts_with('#')) {
		let name = line.split(['{', ' ']).next().and_then(|name| name.strip_prefix("keel_feeder_"));
		let name = name.unwrap_or_else(|| panic!("{line}"));
		assert!(page.contains(&format!("`{name}")), "docs/operate.md does not explain {name}");
	}

	let (status, health) = get(port, "/healthz");
	let health: serde_json::Value = serde_json::from_str(&health).expect("JSON");
	assert_eq!(status, 503);
	assert_eq!(health["healthy"], false);
	assert_eq!(health["problems"][0], "no node answers");
	assert_eq!(get(port, "/").0, 404);

	let (status, log) = running.stop();
	assert_eq!(status.code(), Some(0), "{log}");
	let lines: Vec<serde_json::Value> =
		log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
	assert!(lines.iter().any(|line| line["message"] == "the node is lost"), "{log}");
	assert!(!log.contains(&SECRET[2..]), "the key is not logged");
}

#[test]
fn the_unit_of_the_page_starts_the_configuration_of_the_page() {
	let page = page();
	let block = |begin: &str| {
		let rest = page.split_once(begin).expect(begin).1;
		rest.split_once("```").expect("an end").0.to_owned()
	};
	let unit = block("# /etc/systemd/system/keel-feeder.service\n");
	let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("a command");
	let words: Vec<_> = line.split_whitespace().collect();
	let [program, arguments @ ..] = words.as_slice() else { panic!("{line}") };
	assert!(program.ends_with("/keelctl"));
	// On this machine: other paths, another port, and nobody at the node's and the sources'.
	let port = free_port();
	let page = block("# /etc/keel/feeder.toml\n");
	Setting::new(&page.replace("/etc/keel/reporter.key", "KEY")).feed(&["--check"]).assert().success();
	let nobody = ["BTC-USD", "BTC/USD", "btcusd"].iter().fold(page, |text, pair| {
		let line = format!("pair = \"{pair}\"");
		assert!(text.contains(&line), "{pair}");
		text.replace(&line, &format!("{line}\nurl = \"http://127.0.0.1:9/{pair}\""))
	});
	let text = nobody
		.replace("prices.example.com", "127.0.0.1:9")
		.replace("/etc/keel/reporter.key", "KEY")
		.replace("127.0.0.1:9620", &format!("127.0.0.1:{port}"))
		.replace("127.0.0.1:9944", &format!("127.0.0.1:{}", free_port()));
	let setting = Setting::new(&text);
	setting.feed(&["--check"]).assert().success().stdout(contains("feeds: 1, sources: 4"));
	let config = setting.config().display().to_string();
	let arguments: Vec<_> =
		arguments.iter().map(|word| word.replace("/etc/keel/feeder.toml", &config)).collect();
	assert!(arguments.contains(&config), "{line}");
	let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("keelctl"));
	command.args(arguments);
	let running = Running::start(command, port);
	assert_eq!(get(port, "/healthz").0, 503);
	let (status, log) = running.stop();
	assert_eq!(status.code(), Some(0), "{log}");
}
