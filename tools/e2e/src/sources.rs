// SPDX-License-Identifier: Apache-2.0
//! Sources of prices: real HTTP and WebSocket servers on this machine, which answer well, badly or not
//! at all.

use futures::{SinkExt, StreamExt};
use std::{
	net::SocketAddr,
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc, Mutex,
	},
	time::Duration,
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpListener, TcpStream},
	task::JoinHandle,
};
use tokio_tungstenite::{
	accept_async,
	tungstenite::{
		protocol::{frame::coding::CloseCode, CloseFrame},
		Message,
	},
};

/// How often a stream repeats what it has to say.
const BEAT: Duration = Duration::from_millis(100);

/// What a server does with a request.
#[derive(Clone, Debug)]
pub enum Answer {
	/// These bytes, and then the connection is closed.
	Bytes(Vec<u8>),
	/// Nothing, and the connection stays open.
	Stall,
}

impl Answer {
	/// An answer with a body of JSON.
	pub fn json(body: &str) -> Self {
		Self::with("200 OK", &[("content-type", "application/json")], body)
	}

	/// An answer with a status, headers and a body.
	pub fn with(status: &str, headers: &[(&str, &str)], body: &str) -> Self {
		let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
		let length = body.len();
		Self::Bytes(
			format!(
				"HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
			)
			.into_bytes(),
		)
	}

	async fn give(self, connection: &mut TcpStream) {
		match self {
			// Whoever has hung up does not want it.
			Self::Bytes(bytes) => {
				let _ = connection.write_all(&bytes).await;
				let _ = connection.shutdown().await;
			}
			Self::Stall => std::future::pending().await,
		}
	}
}

/// What a server and the test share.
struct Shared<T> {
	says: Mutex<T>,
	asked: AtomicUsize,
	heard: Mutex<Vec<String>>,
}

/// A server that is asked.
pub struct Http {
	address: SocketAddr,
	shared: Arc<Shared<Answer>>,
	task: JoinHandle<()>,
}

impl Http {
	/// Start one that gives `answer` to every request.
	pub async fn start(answer: Answer) -> Self {
		let (listener, address) = listen().await;
		let shared = Arc::new(Shared::new(answer));
		let its = Arc::clone(&shared);
		let task = tokio::spawn(async move {
			while let Ok((mut connection, _)) = listener.accept().await {
				let its = Arc::clone(&its);
				tokio::spawn(async move {
					its.hear(request(&mut connection).await);
					let answer = its.says.lock().expect("nobody panics here").clone();
					answer.give(&mut connection).await;
				});
			}
		});
		Self { address, shared, task }
	}

	/// One that answers `{"price": "..."}`.
	pub async fn price(price: &str) -> Self {
		Self::start(Answer::json(&format!("{{\"price\": \"{price}\"}}"))).await
	}

	/// From now on it gives this answer.
	pub fn says(&self, answer: Answer) {
		*self.shared.says.lock().expect("nobody panics here") = answer;
	}

	/// Where it is, without a path.
	pub fn url(&self) -> String {
		format!("http://{}", self.address)
	}

	/// How many times it was asked.
	pub fn asked(&self) -> usize {
		self.shared.asked.load(Ordering::SeqCst)
	}

	/// The first lines of the requests.
	pub fn heard(&self) -> Vec<String> {
		self.shared.heard.lock().expect("nobody panics here").clone()
	}
}

impl Drop for Http {
	fn drop(&mut self) {
		self.task.abort();
	}
}

/// What a stream does, one after the other; at the end the connection is cut.
#[derive(Clone, Debug)]
pub enum Act {
	/// Refuse the connection with this answer; only as the first.
	Refuse(Answer),
	/// Wait for a message.
	Hear,
	/// Send a text.
	Say(String),
	/// Send bytes.
	Bytes(Vec<u8>),
	/// Begin a message and cut the connection in the middle of it.
	Half,
	/// Say goodbye.
	Goodbye,
	/// Send this text again and again.
	Repeat(String),
	/// Send nothing more.
	Stall,
}

/// A server that is listened to.
pub struct Stream {
	address: SocketAddr,
	shared: Arc<Shared<Vec<Act>>>,
	task: JoinHandle<()>,
}

impl Stream {
	/// Start one that plays `acts` to every connection.
	pub async fn start(acts: Vec<Act>) -> Self {
		let (listener, address) = listen().await;
		let shared = Arc::new(Shared::new(acts));
		let its = Arc::clone(&shared);
		let task = tokio::spawn(async move {
			while let Ok((connection, _)) = listener.accept().await {
				let its = Arc::clone(&its);
				tokio::spawn(async move {
					// Whoever has hung up does not hear the rest.
					let _ = play(&its, connection).await;
				});
			}
		});
		Self { address, shared, task }
	}

	/// One that repeats `{"price": "..."}`.
	pub async fn price(price: &str) -> Self {
		Self::start(vec![Act::Repeat(format!("{{\"price\": \"{price}\"}}"))]).await
	}

	/// From now on it plays this; a text that is repeated is replaced at once.
	pub fn plays(&self, acts: Vec<Act>) {
		*self.shared.says.lock().expect("nobody panics here") = acts;
	}

	/// Where it is, without a path.
	pub fn url(&self) -> String {
		format!("ws://{}", self.address)
	}

	/// How many times somebody has connected.
	pub fn connections(&self) -> usize {
		self.shared.asked.load(Ordering::SeqCst)
	}

	/// What it was told.
	pub fn heard(&self) -> Vec<String> {
		self.shared.heard.lock().expect("nobody panics here").clone()
	}
}

impl Drop for Stream {
	fn drop(&mut self) {
		self.task.abort();
	}
}

impl<T: Clone> Shared<T> {
	fn new(says: T) -> Self {
		Self { says: Mutex::new(says), asked: AtomicUsize::new(0), heard: Mutex::default() }
	}

	fn hear(&self, text: String) {
		self.asked.fetch_add(1, Ordering::SeqCst);
		self.heard.lock().expect("nobody panics here").push(text);
	}

	fn now(&self) -> T {
		self.says.lock().expect("nobody panics here").clone()
	}
}

async fn listen() -> (TcpListener, SocketAddr) {
	let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
	let address = listener.local_addr().expect("a bound listener has an address");
	(listener, address)
}

/// Read a request without a body; its first line.
async fn request(connection: &mut TcpStream) -> String {
	let mut bytes = Vec::new();
	while !bytes.ends_with(b"\r\n\r\n") {
		match connection.read_u8().await {
			Ok(byte) => bytes.push(byte),
			Err(_) => break,
		}
	}
	String::from_utf8_lossy(&bytes).lines().next().unwrap_or_default().to_owned()
}

async fn play(
	its: &Shared<Vec<Act>>,
	mut connection: TcpStream,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
	its.asked.fetch_add(1, Ordering::SeqCst);
	let acts = its.now();
	if let Some(Act::Refuse(answer)) = acts.first() {
		request(&mut connection).await;
		answer.clone().give(&mut connection).await;
		return Ok(());
	}
	let mut socket = accept_async(connection).await?;
	for act in acts {
		match act {
			Act::Refuse(_) => panic!("a connection is refused before anything else"),
			Act::Hear => {
				if let Some(message) = socket.next().await {
					its.heard.lock().expect("nobody panics here").push(message?.to_string());
				}
			}
			Act::Say(text) => socket.send(Message::text(text)).await?,
			Act::Bytes(bytes) => socket.send(Message::binary(bytes)).await?,
			Act::Half => {
				// A text of 256 bytes of which one comes.
				socket.get_mut().write_all(&[0x81, 0x7e, 0x01, 0x00, b'{']).await?;
				socket.get_mut().shutdown().await?;
			}
			Act::Goodbye => {
				let frame = CloseFrame { code: CloseCode::Restart, reason: "back soon".into() };
				socket.close(Some(frame)).await?;
			}
			Act::Repeat(text) => {
				let mut text = text;
				loop {
					socket.send(Message::text(text.clone())).await?;
					tokio::time::sleep(BEAT).await;
					match its.now().last() {
						Some(Act::Repeat(newer)) => text = newer.clone(),
						_ => return Ok(()),
					}
				}
			}
			Act::Stall => std::future::pending().await,
		}
	}
	Ok(())
}
