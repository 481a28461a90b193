// SPDX-License-Identifier: Apache-2.0
//! Sources that are asked.

use super::{back_off, understand, SourceError, BACK_OFF_MAX, BYTES_MAX};
use crate::feeder::{board::lock, config::Source, error::FeederError, judge::Sample};
use reqwest::{header, redirect::Policy, Client, Response};
use std::{
	collections::BTreeMap,
	sync::Mutex,
	time::{Duration, Instant},
};

/// The longest that a source may ask to be left alone.
const RETRY_MAX: Duration = Duration::from_secs(600);

/// A client that follows nobody anywhere.
pub fn client() -> Result<Client, FeederError> {
	let agent = concat!("keelctl/", env!("CARGO_PKG_VERSION"));
	let builder = Client::builder().redirect(Policy::none()).user_agent(agent).no_proxy();
	builder.build().map_err(|error| FeederError::System { problem: format!("no HTTP client: {error}") })
}

/// When each host may be asked next.
#[derive(Debug)]
pub struct Limits {
	between: Duration,
	next: Mutex<BTreeMap<String, Instant>>,
}

impl Limits {
	/// At most so many requests to one host in a minute, evenly spread.
	pub fn new(per_minute: u32) -> Self {
		Self { between: Duration::from_secs(60) / per_minute.max(1), next: Mutex::default() }
	}

	/// Take the next place in the row for `url`'s host.
	pub fn reserve(&self, url: &str, now: Instant) -> Instant {
		let host = url::Url::parse(url).ok().map(|url| {
			format!(
				"{}:{}",
				url.host_str().unwrap_or_default(),
				url.port_or_known_default().unwrap_or_default()
			)
		});
		let mut next = lock(&self.next);
		let slot = next.entry(host.unwrap_or_default()).or_insert(now);
		let mine = (*slot).max(now);
		*slot = mine + self.between;
		mine
	}
}

/// Ask for ever.
pub async fn poll(
	client: &Client,
	limits: &Limits,
	source: &Source,
	note: &(impl Fn(Result<Sample, SourceError>) + Sync),
) {
	let mut waits = None;
	loop {
		tokio::time::sleep_until(limits.reserve(&source.url, Instant::now()).into()).await;
		let wait = match ask(client, source).await {
			Ok(sample) => {
				waits = None;
				note(Ok(sample));
				Duration::from_millis(source.every_ms)
			}
			Err(error) => {
				let next = waits.get_or_insert_with(|| back_off(source)).next().unwrap_or(BACK_OFF_MAX);
				let asked_for = error.retry();
				note(Err(error));
				asked_for.map_or(next, |asked| asked.max(next))
			}
		};
		tokio::time::sleep(wait).await;
	}
}

/// Ask once.
async fn ask(client: &Client, source: &Source) -> Result<Sample, SourceError> {
	let patience = Duration::from_millis(source.timeout_ms);
	let asked = Instant::now();
	let answer = async {
		let response = client.get(&source.url).send().await.map_err(|error| trouble(&error))?;
		let response = accept(response)?;
		let text = body(response).await?;
		understand(source, &text, asked)?.ok_or_else(|| SourceError::Price {
			pointer: source.price.clone(),
			problem: "the answer is about something else".to_owned(),
		})
	};
	let late = |_| SourceError::Timeout(patience.as_millis());
	tokio::time::timeout(patience, answer).await.map_err(late)?
}

fn accept(response: Response) -> Result<Response, SourceError> {
	let status = response.status();
	let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
	if status.is_redirection() {
		return Err(SourceError::Redirected(text(header::LOCATION).unwrap_or_else(|| "nowhere".to_owned())));
	}
	if !status.is_success() {
		let seconds = text(header::RETRY_AFTER).and_then(|text| text.trim().parse().ok());
		let retry = seconds.map(Duration::from_secs).map(|after| after.min(RETRY_MAX));
		return Err(SourceError::Status { status: status.as_u16(), retry });
	}
	Ok(response)
}

async fn body(mut response: Response) -> Result<String, SourceError> {
	let broken = |error: &reqwest::Error| SourceError::BrokenOff(innermost(error));
	let mut bytes = Vec::new();
	while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
		if bytes.len() + chunk.len() > BYTES_MAX {
			return Err(SourceError::TooLong);
		}
		bytes.extend_from_slice(&chunk);
	}
	let not_text = |_| crate::feeder::json::FindError::NotJson("it is not UTF-8".to_owned());
	Ok(String::from_utf8(bytes).map_err(not_text)?)
}

fn trouble(error: &reqwest::Error) -> SourceError {
	if error.is_connect() {
		SourceError::Unreachable(innermost(error))
	} else {
		SourceError::BrokenOff(innermost(error))
	}
}

/// The reason at the bottom: what lies above repeats the address.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
	let mut error = error;
	while let Some(source) = error.source() {
		error = source;
	}
	error.to_string()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_host_is_asked_no_faster_than_allowed_and_others_do_not_wait_for_it() {
		let limits = Limits::new(60);
		let now = Instant::now();
		let wait = |url: &str| limits.reserve(url, now) - now;
		assert_eq!(wait("https://a.example/x"), Duration::ZERO);
		assert_eq!(wait("https://a.example/y"), Duration::from_secs(1));
		assert_eq!(wait("https://a.example:443/z"), Duration::from_secs(2));
		assert_eq!(wait("https://b.example/x"), Duration::ZERO);
	}
}
