// SPDX-License-Identifier: Apache-2.0
//! Starting, watching, killing and restarting real nodes.

use crate::spec;
use keelctl::Chain;
use std::{
	collections::BTreeSet,
	fs::File,
	io::{Read, Write},
	net::{Ipv4Addr, TcpListener, TcpStream},
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	sync::Mutex,
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long a node may take until it answers. Generous: several nodes share two cores.
const START: Duration = Duration::from_secs(90);
/// How long it may take to look at its books.
const BOOKS: Duration = Duration::from_secs(30);
/// An empty list.
pub const NOTHING_BROKEN: &str = "0x00";
/// How much of the log is shown when a test fails.
const LOG_LINES: usize = 60;

/// How a node is started.
#[derive(Clone, Debug)]
pub struct Options {
	/// A name for logs.
	pub name: String,
	/// The chain: `dev`, `local`, or the path of a specification.
	pub chain: String,
	/// Make a block every so many milliseconds, without consensus; only for `dev`.
	pub block_time: Option<u64>,
	/// Keep the state and the transactions of every block. A node that syncs by warp cannot.
	pub archive: bool,
	/// The port for other nodes, where they must know it beforehand; else a free one.
	pub p2p_port: Option<u16>,
	/// Further arguments.
	pub arguments: Vec<String>,
}

impl Options {
	/// A development chain with consensus: a block every two seconds, final by GRANDPA.
	pub fn dev() -> Self {
		Self {
			name: "dev".to_owned(),
			chain: "dev".to_owned(),
			block_time: None,
			archive: true,
			p2p_port: None,
			arguments: vec!["--alice".to_owned(), "--force-authoring".to_owned()],
		}
	}

	/// A development chain that makes a block every `milliseconds`. Its clock still advances two seconds
	/// per block.
	pub fn quick(milliseconds: u64) -> Self {
		Self { block_time: Some(milliseconds), ..Self::dev() }
	}
}

/// A running node with a database of its own. It is killed when the test is done with it.
pub struct Node {
	options: Options,
	folder: TempDir,
	rpc_port: u16,
	p2p_port: u16,
	child: Option<Child>,
}

impl Node {
	/// The binary that is tested.
	pub fn binary() -> PathBuf {
		let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
		let path = std::env::var_os("KEEL_NODE").map(PathBuf::from).unwrap_or_else(|| {
			let folder = std::env::var_os("KEEL_BIN").map(PathBuf::from);
			folder.unwrap_or_else(|| home().join(".cache/keel/target/ci")).join("keel-node")
		});
		Self::binary_at(path)
	}

	/// `path`, which must be a node.
	pub fn binary_at(path: PathBuf) -> PathBuf {
		assert!(
			path.is_file(),
			"there is no node at {}: run scripts/test, which builds it, or set KEEL_NODE to its path",
			path.display()
		);
		path
	}

	/// Start a node and wait until it answers.
	pub async fn start(options: Options) -> Self {
		let folder = tempfile::Builder::new().prefix("keel-e2e-").tempdir().expect("a temporary folder");
		let p2p_port = options.p2p_port.unwrap_or_else(free_port);
		let mut node = Self { options, folder, rpc_port: free_port(), p2p_port, child: None };
		node.spawn();
		node.wait_until_it_answers().await;
		node
	}

	/// Where its RPC listens.
	pub fn url(&self) -> String {
		format!("ws://127.0.0.1:{}", self.rpc_port)
	}

	/// The port of its RPC.
	pub fn rpc_port(&self) -> u16 {
		self.rpc_port
	}

	/// A connection to it.
	pub async fn chain(&self) -> Chain {
		Chain::connect(&self.url()).await.unwrap_or_else(|error| panic!("{}: {error}", self.options.name))
	}

	/// Kill it without warning, as a power failure would.
	pub fn kill(&mut self) {
		if let Some(mut child) = self.child.take() {
			// It may have ended by itself.
			let _ = child.kill();
			let _ = child.wait();
		}
	}

	/// Start it again on its database and ports, and wait until it answers.
	pub async fn restart(&mut self) {
		self.kill();
		self.spawn();
		self.wait_until_it_answers().await;
	}

	/// All it has logged.
	pub fn log(&self) -> String {
		std::fs::read_to_string(self.log_path()).unwrap_or_default()
	}

	/// Wait until it logs `text`; panics after `patience`.
	pub async fn wait_for_log(&self, text: &str, patience: Duration) {
		let start = Instant::now();
		while !self.log().contains(text) {
			assert!(start.elapsed() < patience, "{} did not log `{text}`", self.options.name);
			tokio::time::sleep(Duration::from_millis(200)).await;
		}
	}

	/// Have a client that shares no code with Keel decode every event and every call of every block.
	/// `scripts/test` says where it is; without `KEEL_CLIENTS` this asks for nothing and says so.
	pub fn decode_with_javascript(&self) {
		let Some(clients) = std::env::var_os("KEEL_CLIENTS").map(PathBuf::from) else {
			eprintln!("not decoded by a client in JavaScript: KEEL_CLIENTS is not set");
			return;
		};
		let mut decoder = Command::new("node");
		let output = decoder.arg(clients.join("decode.js")).arg(self.url()).output();
		let output = output.unwrap_or_else(|error| panic!("Node.js: {error}: run scripts/setup --js"));
		let (told, failed) =
			(String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
		eprintln!("{told}");
		assert!(output.status.success() && told.starts_with("decoded "), "{failed}");
	}

	/// What the chain says of its own books in its best block, as the node answers `state_call`: SCALE, in hexadecimal.
	pub fn books(&self) -> Result<String, String> {
		let question =
			r#"{"jsonrpc":"2.0","id":1,"method":"state_call","params":["InvariantsApi_broken","0x"]}"#;
		let address = (Ipv4Addr::LOCALHOST, self.rpc_port);
		let request = format!(
			"POST / HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
			 Connection: close\r\n\r\n{question}",
			self.rpc_port,
			question.len()
		);
		let ask = || {
			let mut stream = TcpStream::connect(address)?;
			stream.set_read_timeout(Some(BOOKS))?;
			stream.write_all(request.as_bytes())?;
			let mut answer = String::new();
			stream.read_to_string(&mut answer).map(|_| answer)
		};
		let answer = ask().map_err(|error| error.to_string())?;
		let result = answer.split_once(r#""result":""#).and_then(|(_, rest)| rest.split_once('"'));
		result.map(|(result, _)| result.to_owned()).ok_or(answer)
	}

	/// Whether it still runs.
	fn is_running(&mut self) -> bool {
		self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
	}

	/// The folder of its database.
	pub fn base_path(&self) -> &Path {
		self.folder.path()
	}

	fn log_path(&self) -> PathBuf {
		self.folder.path().join("node.log")
	}

	fn spawn(&mut self) {
		let log =
			File::options().create(true).append(true).open(self.log_path()).expect("the log can be written");
		let errors = log.try_clone().expect("the log can be shared");
		let mut command = Command::new(Self::binary());
		// Nodes of the same build share what they compile.
		if let Some(folder) = std::env::var_os("KEEL_WASM_CACHE") {
			command.arg("--wasm-cache").arg(folder);
		}
		command
			.arg("--chain")
			.arg(spec::raw(&self.options.chain))
			.arg("--base-path")
			.arg(self.folder.path().join("data"))
			.args(["--rpc-port", &self.rpc_port.to_string(), "--port", &self.p2p_port.to_string()])
			.args(["--no-prometheus", "--no-telemetry", "--no-mdns", "--unsafe-force-node-key-generation"])
			.args(&self.options.arguments)
			.stdin(Stdio::null())
			.stdout(log)
			.stderr(errors);
		if self.options.archive {
			command.args(["--state-pruning", "archive", "--blocks-pruning", "archive"]);
		}
		if let Some(milliseconds) = self.options.block_time {
			command.args(["--block-time", &milliseconds.to_string()]);
		}
		self.child = Some(command.spawn().expect("the node can be started"));
	}

	async fn wait_until_it_answers(&mut self) {
		let start = Instant::now();
		loop {
			if let Ok(chain) = Chain::connect(&self.url()).await {
				if chain.best().await.is_ok() {
					return;
				}
			}
			let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
			if let Some(status) = ended {
				panic!("{} ended with {status}:\n{}", self.options.name, self.last_lines());
			}
			assert!(start.elapsed() < START, "{} does not answer:\n{}", self.options.name, self.last_lines());
			tokio::time::sleep(Duration::from_millis(200)).await;
		}
	}

	fn last_lines(&self) -> String {
		let log = self.log();
		let lines: Vec<_> = log.lines().collect();
		lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
	}
}

impl Drop for Node {
	/// The end of a test: where the node still runs, the books of its chain must be right.
	fn drop(&mut self) {
		let books = (self.is_running() && !std::thread::panicking()).then(|| self.books());
		self.kill();
		match books {
			Some(Ok(books)) => {
				assert_eq!(books, NOTHING_BROKEN, "{}: invariants are broken", self.options.name)
			}
			// It is busy, or does not listen any more.
			Some(Err(why)) => eprintln!("{}: its books were not looked at: {why}", self.options.name),
			None => {}
		}
		if std::thread::panicking() {
			eprintln!("--- log of {} ---\n{}", self.options.name, self.last_lines());
		}
	}
}

/// A port that nobody listens on, and that this program has not named before: tests run beside each other. Another
/// program may take it before the node does; then the node says so.
pub fn free_port() -> u16 {
	static NAMED: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
	loop {
		let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
		let port = listener.local_addr().expect("a bound listener has an address").port();
		if NAMED.lock().expect("nobody panics while holding it").insert(port) {
			return port;
		}
	}
}
