// SPDX-License-Identifier: Apache-2.0
//! Sources that are listened to.

use super::{back_off, understand, SourceError, BACK_OFF_MAX, BYTES_MAX};
use crate::feeder::{config::Source, json::FindError, judge::Sample};
use futures::{SinkExt, StreamExt};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tokio_tungstenite::{
	connect_async_with_config,
	tungstenite::{error::Error as WsError, protocol::WebSocketConfig, Message},
	MaybeTlsStream, WebSocketStream,
};

type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// How long a stream may send no price until it is connected to anew.
const QUIET_MAX: Duration = Duration::from_secs(30);
/// How often the other side is asked whether it is there.
const PING: Duration = Duration::from_secs(10);

/// Listen for ever.
pub async fn listen(source: &Source, note: &(impl Fn(Result<Sample, SourceError>) + Sync)) {
	let mut waits = None;
	loop {
		let mut heard_some = false;
		let mut hear = |sample| {
			heard_some = true;
			note(Ok(sample));
		};
		let error = session(source, &mut hear).await;
		note(Err(error));
		if heard_some {
			waits = None;
		}
		let wait = waits.get_or_insert_with(|| back_off(source)).next().unwrap_or(BACK_OFF_MAX);
		tokio::time::sleep(wait).await;
	}
}

/// Connect and listen until something goes wrong, and say what.
async fn session(source: &Source, hear: &mut (impl FnMut(Sample) + Send)) -> SourceError {
	let mut socket = match connect(source).await {
		Ok(socket) => socket,
		Err(error) => return error,
	};
	let mut last_price = Instant::now();
	let mut ping = tokio::time::interval(PING);
	ping.tick().await;
	loop {
		let message = tokio::select! {
			message = socket.next() => message,
			_ = ping.tick() => {
				if last_price.elapsed() > QUIET_MAX {
					return SourceError::Quiet(last_price.elapsed().as_millis());
				}
				if let Err(error) = socket.send(Message::Ping(Vec::new().into())).await {
					return trouble(&error);
				}
				continue;
			}
		};
		let text = match message {
			Some(Ok(Message::Text(text))) => text.as_str().to_owned(),
			Some(Ok(Message::Binary(_))) => {
				return FindError::NotJson("the message is binary".to_owned()).into();
			}
			Some(Ok(Message::Close(frame))) => {
				let why = frame.map(|frame| format!("closed with {}", u16::from(frame.code)));
				return SourceError::BrokenOff(why.unwrap_or_else(|| "closed".to_owned()));
			}
			Some(Ok(_)) => continue,
			Some(Err(error)) => return trouble(&error),
			None => return SourceError::BrokenOff("closed".to_owned()),
		};
		match understand(source, &text, Instant::now()) {
			Ok(Some(sample)) => {
				last_price = sample.heard;
				hear(sample);
			}
			Ok(None) => {}
			// What it says next may look right by chance: it has to introduce itself again.
			Err(error) => return error,
		}
	}
}

async fn connect(source: &Source) -> Result<Socket, SourceError> {
	let patience = Duration::from_millis(source.timeout_ms);
	let config = WebSocketConfig::default().max_message_size(Some(BYTES_MAX)).max_frame_size(Some(BYTES_MAX));
	let late = |_| SourceError::Timeout(patience.as_millis());
	let connecting = async {
		let connected = connect_async_with_config(source.url.as_str(), Some(config), true).await;
		let (mut socket, _) = connected.map_err(|error| match error {
			WsError::Io(error) => SourceError::Unreachable(error.to_string()),
			other => trouble(&other),
		})?;
		if let Some(text) = &source.subscribe {
			socket.send(Message::text(text.clone())).await.map_err(|error| trouble(&error))?;
		}
		Ok(socket)
	};
	timeout(patience, connecting).await.map_err(late)?
}

fn trouble(error: &WsError) -> SourceError {
	match error {
		WsError::Http(response) => {
			let status = response.status();
			let location = response.headers().get("location").and_then(|value| value.to_str().ok());
			match location {
				Some(location) if status.is_redirection() => SourceError::Redirected(location.to_owned()),
				_ => SourceError::Status { status: status.as_u16(), retry: None },
			}
		}
		WsError::Capacity(_) => SourceError::TooLong,
		WsError::Io(error) => SourceError::BrokenOff(error.to_string()),
		other => SourceError::BrokenOff(other.to_string()),
	}
}
