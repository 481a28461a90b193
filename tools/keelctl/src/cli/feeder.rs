// SPDX-License-Identifier: Apache-2.0
//! `keelctl feed --config`.

use super::{output, Context};
use crate::{
	feeder::{
		self,
		board::{age_ms, wall_ms, Board},
		config::LogFormat,
		judge::{judge, Memory},
		Config, FeederError,
	},
	keys, Result,
};
use clap::Args;
use serde_json::{json, Value};
use std::{
	path::{Path, PathBuf},
	time::Instant,
};

/// Reporting what several sources say.
#[derive(Args)]
pub struct FromSources {
	/// Report what the sources in this configuration say, until stopped. docs/operate.md has a complete
	/// one.
	#[arg(
		long,
		value_name = "FILE",
		group = "source",
		conflicts_with_all = ["seed", "speed", "hold", "every", "yields", "market_map", "list"]
	)]
	pub config: Option<PathBuf>,

	/// Only read the configuration and the key, and say what is wrong with them.
	#[arg(long, requires = "config", conflicts_with_all = ["replay", "synthetic", "dry_run", "print"])]
	check: bool,

	/// Only ask the sources once, and say what would be reported; nothing is sent.
	#[arg(long, requires = "config", conflicts_with_all = ["replay", "synthetic", "print"])]
	dry_run: bool,

	/// Only write the configuration out, with presets and defaults filled in.
	#[arg(long, requires = "config", conflicts_with_all = ["replay", "synthetic"])]
	print: bool,
}

pub async fn run(path: &Path, asked: &FromSources, context: &Context) -> Result<()> {
	let mut config = feeder::read_file(path)?;
	if config.nodes.is_empty() {
		config.nodes.push(context.url.clone());
	}
	if asked.print {
		let text = config.to_string();
		context.out.result(text.trim_end(), json!({ "config": text }));
		return Ok(());
	}
	if asked.dry_run {
		return dry_run(&config, context).await;
	}
	let key = config.key.open()?;
	if asked.check {
		let sources: usize = config.feeds.iter().map(|feed| feed.sources.len()).sum();
		let (feeds, reporter) = (config.feeds.len(), keys::id(&key.pair).to_string());
		let text = format!(
			"{} can be used (feeds: {feeds}, sources: {sources}, reporter: {reporter})",
			path.display()
		);
		context.out.result(text, json!({ "feeds": feeds, "sources": sources, "reporter": reporter }));
		return Ok(());
	}
	feeder::log(if context.out.is_json() { LogFormat::Json } else { config.log });
	Ok(feeder::run(config, key, feeder::stop_signal()?).await?)
}

async fn dry_run(config: &Config, context: &Context) -> Result<()> {
	let board = feeder::ask_all(config).await?;
	let (mut lines, mut objects, mut missing) = (Vec::new(), Vec::new(), 0);
	for (feed, states) in board.feeds() {
		let standings = Board::standings(feed, &states);
		let mut rows = Vec::new();
		let mut sources = Vec::new();
		for source in &standings {
			let price = source.sample.map(|sample| sample.price.plain());
			let age = source.sample.map(|sample| age_ms(sample.heard));
			let trouble = source.failure.clone().unwrap_or_default();
			rows.push(vec![
				format!("  {}", source.name),
				price.clone().unwrap_or_else(|| "-".to_owned()),
				age.map_or_else(String::new, |age| format!("{age} ms ago")),
				trouble,
			]);
			sources.push(json!({
				"name": source.name, "price": price, "age_ms": age, "failure": source.failure,
			}));
		}
		let verdict = judge(feed, &standings, &mut Memory::default(), Instant::now(), wall_ms());
		let (line, object): (String, Value) = match &verdict {
			Ok(fair) => {
				let (price, confidence) = (fair.price.plain(), fair.confidence.plain());
				let others: Vec<_> = fair.others.iter().map(|(name, why)| format!("{name}: {why}")).collect();
				let but = if others.is_empty() {
					String::new()
				} else {
					format!("; left out: {}", others.join("; "))
				};
				(
					format!("{}: {price} +- {confidence} of {} sources{but}", feed.name, fair.sources),
					json!({ "price": price, "confidence": confidence, "used": fair.sources, "left_out": others }),
				)
			}
			Err(why) => {
				missing += 1;
				(
					format!("{}: not reported: {why}", feed.name),
					json!({ "withheld": why.to_string(), "reason": why.kind() }),
				)
			}
		};
		let table = output::table(&["  source", "price", "heard", "trouble"], rows);
		lines.push(format!("{line}\n{table}"));
		objects.push(json!({ "name": feed.name, "verdict": object, "sources": sources }));
	}
	context.out.result(lines.join("\n"), json!({ "feeds": objects }));
	match missing {
		0 => Ok(()),
		missing => Err(FeederError::DryRun { missing, all: config.feeds.len() }.into()),
	}
}
