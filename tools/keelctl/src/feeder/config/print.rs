// SPDX-License-Identifier: Apache-2.0
//! A configuration written out: presets and defaults filled in. It reads back as the same.

use super::{Config, KeySource, LogFormat, TimeUnit};
use std::fmt;

/// Text in quotes. What JSON escapes, TOML escapes alike.
fn quoted(text: &str) -> String {
	serde_json::Value::from(text).to_string()
}

fn pairs(pairs: &[(String, String)]) -> String {
	let pairs: Vec<_> =
		pairs.iter().map(|(pointer, text)| format!("{} = {}", quoted(pointer), quoted(text))).collect();
	format!("{{ {} }}", pairs.join(", "))
}

impl fmt::Display for Config {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let nodes: Vec<_> = self.nodes.iter().map(|node| quoted(node)).collect();
		if !nodes.is_empty() {
			writeln!(f, "nodes = [{}]", nodes.join(", "))?;
		}
		if let Some(listen) = self.listen {
			writeln!(f, "listen = {}", quoted(&listen.to_string()))?;
		}
		let log = if self.log == LogFormat::Json { "json" } else { "text" };
		writeln!(f, "log = \"{log}\"")?;
		writeln!(f, "blocks_behind = {}", self.blocks_behind)?;
		writeln!(f, "requests_per_minute = {}", self.requests_per_minute)?;
		match &self.key {
			KeySource::File(path) => writeln!(f, "key = {{ file = {} }}", quoted(&path.to_string_lossy()))?,
			KeySource::Env(name) => writeln!(f, "key = {{ env = {} }}", quoted(name))?,
		}
		for feed in &self.feeds {
			writeln!(f, "\n[[feed]]")?;
			writeln!(f, "name = {}", quoted(&feed.name))?;
			writeln!(f, "low = \"{}\"", feed.low.plain())?;
			writeln!(f, "high = \"{}\"", feed.high.plain())?;
			writeln!(f, "quorum = {}", feed.quorum)?;
			writeln!(f, "jump_quorum = {}", feed.jump_quorum)?;
			writeln!(f, "deviation_max = \"{}\"", feed.deviation_max.plain())?;
			writeln!(f, "spread_max = \"{}\"", feed.spread_max.plain())?;
			writeln!(f, "jump_max = \"{}\"", feed.jump_max.plain())?;
			writeln!(f, "age_ms_max = {}", feed.age_ms_max)?;
			writeln!(f, "stamp_ms_max = {}", feed.stamp_ms_max)?;
			writeln!(f, "still_ms_max = {}", feed.still_ms_max)?;
			for source in &feed.sources {
				writeln!(f, "\n[[feed.source]]")?;
				writeln!(f, "name = {}", quoted(&source.name))?;
				writeln!(f, "url = {}", quoted(&source.url))?;
				if let Some(subscribe) = &source.subscribe {
					writeln!(f, "subscribe = {}", quoted(subscribe))?;
				}
				writeln!(f, "price = {}", quoted(&source.price))?;
				if let Some((pointer, unit)) = &source.time {
					writeln!(f, "time = {}", quoted(pointer))?;
					let name =
						TimeUnit::ALL.iter().find(|(_, known)| known == unit).map_or("", |(name, _)| name);
					writeln!(f, "time_unit = \"{name}\"")?;
				}
				if !source.expect.is_empty() {
					writeln!(f, "expect = {}", pairs(&source.expect))?;
				}
				if !source.only.is_empty() {
					writeln!(f, "only = {}", pairs(&source.only))?;
				}
				writeln!(f, "scale = \"{}\"", source.scale)?;
				writeln!(f, "weight = {}", source.weight)?;
				writeln!(f, "every_ms = {}", source.every_ms)?;
				writeln!(f, "timeout_ms = {}", source.timeout_ms)?;
			}
		}
		Ok(())
	}
}
