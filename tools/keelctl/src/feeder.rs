// SPDX-License-Identifier: Apache-2.0
//! A feeder: asks several sources, reports what it can vouch for, and says why it does not report the
//! rest.
//!
//! Sources ([`source`]) write on a board what they heard. At each new block the reporter ([`report`])
//! judges every feed ([`judge`]): at least a quorum of sources that were heard lately, whose own time
//! stamps are recent, plausible, close to their median and to each other, and not far from
//! what was said last unless they say it twice. What passes goes into one report for the block; what
//! does not is withheld, and logs, metrics and `/healthz` say why.
//!
//! Prices are exact decimals from the source's text to the chain ([`decimal`], [`json`]).

pub mod board;
pub mod config;
pub mod decimal;
pub mod error;
pub mod json;
pub mod judge;
pub mod preset;
pub mod report;
pub mod serve;
pub mod source;
pub mod status;

pub use config::Config;
pub use error::FeederError;

use crate::keys::Key;
use board::Board;
use config::LogFormat;
use std::{path::Path, sync::Arc, time::Duration};
use tokio::sync::watch;
use tracing::info;

/// How much longer than their own time-outs a trial waits for sources.
const TRIAL_EXTRA: Duration = Duration::from_secs(3);

/// Read the configuration in a file.
pub fn read_file(path: &Path) -> Result<Config, FeederError> {
	let shown = path.display().to_string();
	let text = std::fs::read_to_string(path)
		.map_err(|error| FeederError::Unreadable { path: shown.clone(), reason: error.to_string() })?;
	config::read(&text).map_err(|mistakes| FeederError::Config { path: shown, mistakes })
}

/// Ask all sources until each has answered or failed, and return what they said. Nothing is sent to a
/// node.
pub async fn ask_all(config: &Config) -> Result<Arc<Board>, FeederError> {
	let board = Arc::new(Board::new(config));
	let tasks = source::start(config, &board)?;
	let timeouts = config.feeds.iter().flat_map(|feed| &feed.sources).map(|source| source.timeout_ms);
	let patience = Duration::from_millis(timeouts.max().unwrap_or_default()) + TRIAL_EXTRA;
	let complete = async {
		while !board.is_complete() {
			tokio::time::sleep(Duration::from_millis(20)).await;
		}
	};
	// Who has not answered until then is told as such.
	let _ = tokio::time::timeout(patience, complete).await;
	drop(tasks);
	Ok(board)
}

/// Report until `stop` becomes true.
pub async fn run(config: Config, key: Key, stop: watch::Receiver<bool>) -> Result<(), FeederError> {
	let board = Arc::new(Board::new(&config));
	let status = Arc::new(status::Status::new(&config, Arc::clone(&board)));
	let serving = match config.listen {
		Some(address) => {
			let listener = serve::bind(address).await?;
			info!(%address, "serving /metrics and /healthz");
			Some(tokio::spawn(serve::serve(listener, Arc::clone(&status))))
		}
		None => None,
	};
	let sources = source::start(&config, &board)?;
	let ended = report::Reporting::new(config, status, key, stop).run().await;
	drop(sources);
	if let Some(serving) = serving {
		serving.abort();
	}
	ended
}

/// True when the program is asked to end: SIGTERM or Ctrl-C.
pub fn stop_signal() -> Result<watch::Receiver<bool>, FeederError> {
	let (asked, stop) = watch::channel(false);
	#[cfg(unix)]
	let mut terminate = {
		use tokio::signal::unix::{signal, SignalKind};
		let failed = |error| FeederError::System { problem: format!("no signal handler: {error}") };
		signal(SignalKind::terminate()).map_err(failed)?
	};
	tokio::spawn(async move {
		#[cfg(unix)]
		tokio::select! {
			_ = terminate.recv() => {}
			_ = tokio::signal::ctrl_c() => {}
		}
		#[cfg(not(unix))]
		let _ = tokio::signal::ctrl_c().await;
		info!("asked to stop");
		// If nobody listens any more, it has ended.
		let _ = asked.send(true);
	});
	Ok(stop)
}

/// Log to standard error, which service managers keep.
pub fn log(format: LogFormat) {
	use tracing_subscriber::{
		filter::LevelFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt, Layer,
	};
	let ours = tracing_subscriber::filter::Targets::new()
		.with_target("keelctl", LevelFilter::INFO)
		.with_default(LevelFilter::WARN);
	let layer = match format {
		LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(std::io::stderr).boxed(),
		LogFormat::Text => {
			fmt::layer().with_ansi(false).with_target(false).with_writer(std::io::stderr).boxed()
		}
	};
	// Whoever embeds the library has set its own.
	let _ = tracing_subscriber::registry().with(layer.with_filter(ours)).try_init();
}

#[cfg(test)]
mod tests;
