// SPDX-License-Identifier: Apache-2.0
//! From text to configuration, with every mistake at once.

use super::{
	table::{Mistake, Mistakes, Table, Text},
	Config, Feed, KeySource, LogFormat, Source, TimeUnit,
};
use crate::{
	feeder::{
		decimal::Decimal,
		preset::{self, Preset, PRESETS},
	},
	units::{Percent, Price, SignedPercent},
};
use std::collections::BTreeMap;

/// How many blocks a report's round stays behind unless told otherwise.
const BLOCKS_BEHIND: u64 = 1;
/// The chain counts a report for five blocks, and two of them pass until it has landed.
const BLOCKS_BEHIND_MAX: u64 = 3;
const REQUESTS_PER_MINUTE: u64 = 60;
const AGE_MS_MAX: u64 = 5_000;
const STAMP_MS_MAX: u64 = 60_000;
/// Five minutes: at night a small market may have no trade for one.
const STILL_MS_MAX: u64 = 300_000;
const EVERY_MS: u64 = 1_000;
const TIMEOUT_MS: u64 = 2_000;
const WEIGHT_MAX: u64 = 1_000;
/// The chain's own bounds.
const PRICE_MIN: Price = Price(1_000_000_000_000);
const PRICE_MAX: Price = Price(1_000_000_000_000_000_000_000_000_000);
/// An hour.
const LONG_MS: u64 = 3_600_000;

/// Read a configuration.
pub fn read(text: &str) -> Result<Config, Mistakes> {
	let document = toml_edit::Document::parse(text).map_err(|error| {
		let at = error.span().map_or(0, |span| span.start);
		let line = Text::new(text).line(at);
		Mistakes(vec![Mistake { line, key: String::new(), problem: error.message().to_owned() }])
	})?;
	let file = Text::new(text);
	let config = whole(&Table::new(&file, String::new(), 1, document.as_table()));
	match (file.into_mistakes(), config) {
		(None, Some(config)) => Ok(config),
		(Some(mistakes), _) => Err(mistakes),
		// What is missing has been told.
		(None, None) => Err(Mistakes::default()),
	}
}

fn whole(root: &Table<'_, '_>) -> Option<Config> {
	let nodes = root.list("nodes").unwrap_or_default();
	for node in &nodes {
		if let Err(problem) = address(node, &["ws", "wss"]) {
			root.wrong("nodes", problem);
		}
	}
	let listen = root.text("listen").and_then(|text| {
		let address = text.parse();
		if address.is_err() {
			root.wrong("listen", format!("`{text}` is not an address and a port, like 127.0.0.1:9620"));
		}
		address.ok()
	});
	let log = match root.text("log").as_deref() {
		None | Some("text") => LogFormat::Text,
		Some("json") => LogFormat::Json,
		Some(other) => {
			root.wrong("log", format!("`{other}` is not a format; write \"text\" or \"json\""));
			LogFormat::Text
		}
	};
	let blocks_behind = root.whole("blocks_behind", 0..=BLOCKS_BEHIND_MAX).unwrap_or(BLOCKS_BEHIND);
	let per_minute = root.whole("requests_per_minute", 1..=60_000).unwrap_or(REQUESTS_PER_MINUTE);
	let key = key(root);
	let tables = root.tables("feed");
	if !root.has("feed") {
		root.wrong("feed", "there is no feed: write [[feed]] and what belongs to it");
	}
	let mut named = BTreeMap::new();
	let mut feeds = Vec::new();
	for table in &tables {
		let feed = feed(table);
		if let Some(name) = feed.as_ref().map(|feed| feed.name.clone()) {
			if let Some(line) = named.insert(name.clone(), table.line()) {
				table.wrong("name", format!("{name} is there already, in line {line}"));
			}
		}
		feeds.push(feed);
	}
	root.finish();
	Some(Config {
		nodes,
		listen,
		log,
		blocks_behind,
		requests_per_minute: u32::try_from(per_minute).ok()?,
		key: key?,
		feeds: feeds.into_iter().collect::<Option<_>>()?,
	})
}

fn key(root: &Table<'_, '_>) -> Option<KeySource> {
	const HOW: &str =
		"write key = { file = \"/etc/keel/reporter.key\" } or key = { env = \"KEEL_REPORTER_KEY\" }";
	if !root.has("key") {
		root.wrong("key", format!("it is missing: {HOW}"));
		return None;
	}
	let Some(table) = root.table("key") else {
		root.wrong("key", format!("a secret does not belong into the configuration: {HOW}"));
		return None;
	};
	let found = match (table.text("file"), table.text("env")) {
		(Some(file), None) => Some(KeySource::File(file.into())),
		(None, Some(name)) => Some(KeySource::Env(name)),
		_ => {
			root.wrong("key", format!("one of `file` and `env` is needed: {HOW}"));
			None
		}
	};
	table.finish();
	found
}

fn feed(table: &Table<'_, '_>) -> Option<Feed> {
	let name = table.needed_text("name", "the feed's name on the chain, like \"BTC/USD\"");
	let low = price(table, "low");
	let high = price(table, "high");
	if let (Some(low), Some(high)) = (low, high) {
		if low >= high {
			table.wrong("high", format!("the plausible range ends at {high}, before it begins at {low}"));
		}
	}
	let deviation_max = percent(table, "deviation_max", 1);
	let spread_max = percent(table, "spread_max", 1);
	let jump_max = percent(table, "jump_max", 5);
	let age_ms_max = table.whole("age_ms_max", 1..=LONG_MS).unwrap_or(AGE_MS_MAX);
	let stamp_ms_max = table.whole("stamp_ms_max", 1..=LONG_MS).unwrap_or(STAMP_MS_MAX);
	let still_ms_max = table.whole("still_ms_max", 1..=LONG_MS).unwrap_or(STILL_MS_MAX);

	let tables = table.tables("source");
	let mut lines = BTreeMap::new();
	let mut names = BTreeMap::new();
	let mut sources = Vec::new();
	for source_table in &tables {
		let source = source(source_table);
		if let Some((source, identity)) = &source {
			if let Some(line) = lines.insert(identity.clone(), source_table.line()) {
				let problem = format!(
					"{} is a source already, in line {line}: what is asked twice does not count twice",
					source.name
				);
				source_table.wrong("", problem);
			} else if let Some(line) = names.insert(source.name.clone(), source_table.line()) {
				source_table.wrong("name", format!("{} is the source in line {line}", source.name));
			}
		}
		sources.push(source.map(|(source, _)| source));
	}
	let count = tables.len();
	if count < 2 {
		let problem =
			"there are fewer than two sources, and whoever is alone is confirmed by nobody: name three";
		table.wrong("source", problem);
	}
	let quorum = quorum(table, "quorum", count, count / 2 + 1);
	let jump_quorum = quorum_from(table, "jump_quorum", count, quorum, quorum);
	table.finish();
	let sources: Vec<Source> = sources.into_iter().collect::<Option<_>>()?;
	let total: u64 = sources.iter().map(|source| u64::from(source.weight)).sum();
	for (source, table) in sources.iter().zip(&tables) {
		if u64::from(source.weight) * 2 > total && sources.len() > 1 {
			table.wrong(
				"weight",
				format!("{} outweighs all others together: it would decide alone", source.name),
			);
		}
	}
	Some(Feed {
		name: name?,
		low: low?,
		high: high?,
		quorum: quorum?,
		jump_quorum: jump_quorum?,
		deviation_max: deviation_max?,
		spread_max: spread_max?,
		jump_max: jump_max?,
		age_ms_max,
		stamp_ms_max,
		still_ms_max,
		sources,
	})
}

fn quorum(table: &Table<'_, '_>, name: &str, sources: usize, default: usize) -> Option<usize> {
	quorum_from(table, name, sources, Some(2), Some(default.max(2)))
}

/// A number of sources, of `least` at least.
fn quorum_from(
	table: &Table<'_, '_>,
	name: &str,
	sources: usize,
	least: Option<usize>,
	default: Option<usize>,
) -> Option<usize> {
	if !table.has(name) {
		return default;
	}
	let least = u64::try_from(least?).ok()?;
	let most = u64::try_from(sources).ok()?.max(least);
	table.whole(name, least..=most).and_then(|number| usize::try_from(number).ok())
}

fn price(table: &Table<'_, '_>, name: &str) -> Option<Price> {
	if !table.has(name) {
		table.wrong(name, "it is missing: one end of the range of plausible prices, in dollars");
	}
	let text = table.number(name)?;
	let price: Price = text.parse().map_err(|error| table.wrong(name, format!("{error}"))).ok()?;
	if !(PRICE_MIN..=PRICE_MAX).contains(&price) {
		table.wrong(name, format!("no market has such a price: from {PRICE_MIN} to {PRICE_MAX} dollars"));
		return None;
	}
	Some(price)
}

/// A percentage greater than zero and at most a hundred.
fn percent(table: &Table<'_, '_>, name: &str, default: u128) -> Option<Percent> {
	const ONE: u128 = 10_000_000;
	if !table.has(name) {
		return Some(Percent(default * ONE));
	}
	let text = table.number(name)?;
	let parsed = SignedPercent::parse(&text).map_err(|error| table.wrong(name, format!("{error}"))).ok()?;
	let parts = u128::try_from(parsed.0).unwrap_or_default();
	if parts == 0 || parts > 100 * ONE {
		table.wrong(name, "a percentage above 0 and up to 100 is needed, without the percent sign");
		return None;
	}
	Some(Percent(parts))
}

/// A source, and what makes it another one than the others.
fn source(table: &Table<'_, '_>) -> Option<(Source, String)> {
	let preset = table.text("preset").and_then(|name| {
		let found = preset::find(&name);
		if found.is_none() {
			let known: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
			table.wrong("preset", format!("there is no preset `{name}`; there are {}", known.join(", ")));
		}
		found
	});
	let has_preset = table.has("preset");
	if has_preset && preset.is_none() {
		return None;
	}
	let pair = match preset {
		Some(preset) => {
			table.needed_text("pair", &format!("as {} writes it, like {}", preset.name, preset.example))
		}
		None => table.text("pair"),
	};
	if preset.is_some() && pair.is_none() {
		return None;
	}
	let fill = |text: &str| {
		let pair = pair.as_deref().unwrap_or("{pair}");
		text.replace("{pair}", pair).replace("{lower}", &pair.to_ascii_lowercase())
	};
	let given = |key: &str, of: Option<&'static str>| table.text(key).or_else(|| of.map(str::to_owned));
	let url = given("url", preset.map(|preset| preset.url));
	if url.is_none() && !table.has("url") {
		table.wrong("url", "it is missing: where the price is asked for, or a preset");
	}
	let url = url.map(|url| fill(&url));
	let checked = url.and_then(|url| match address(&url, &["http", "https", "ws", "wss"]) {
		Ok(host) => Some((url, host)),
		Err(problem) => {
			table.wrong("url", problem);
			None
		}
	});
	let pointer = given("price", preset.map(|preset| preset.price));
	if pointer.is_none() && !table.has("price") {
		table.wrong("price", "it is missing: where in the answer the price is, like \"/data/last\"");
	}
	let pointer = pointer.filter(|pointer| is_pointer(table, "price", pointer));
	let time = time(table, preset);
	let pairs = |name: &str, of: &'static [(&'static str, &'static str)]| {
		let given = table.texts(name);
		let written = given.unwrap_or_else(|| {
			of.iter().map(|(pointer, text)| ((*pointer).to_owned(), (*text).to_owned())).collect()
		});
		for (pointer, _) in &written {
			is_pointer(table, name, pointer);
		}
		written.into_iter().map(|(pointer, text)| (pointer, fill(&text))).collect::<Vec<_>>()
	};
	let expect = pairs("expect", preset.map_or(&[][..], |preset| preset.expect));
	let only = pairs("only", preset.map_or(&[][..], |preset| preset.only));
	let subscribe = given("subscribe", preset.and_then(|preset| preset.subscribe)).map(|text| fill(&text));
	let scale = scale(table);
	let weight = table.whole("weight", 1..=WEIGHT_MAX).unwrap_or(1);
	let every_ms = table.whole("every_ms", 50..=LONG_MS).unwrap_or(EVERY_MS);
	let timeout_ms = table.whole("timeout_ms", 50..=60_000).unwrap_or(TIMEOUT_MS);
	let name = table.text("name");
	table.finish();
	let (url, host) = checked?;
	let name = name.unwrap_or_else(|| preset.map_or(host, |preset| preset.name.to_owned()));
	let source = Source {
		name,
		url,
		subscribe,
		price: pointer?,
		time: time?,
		expect,
		only,
		scale: scale?,
		weight: u32::try_from(weight).ok()?,
		every_ms,
		timeout_ms,
	};
	if !source.is_stream() {
		for key in ["subscribe", "only"] {
			if table.has(key) {
				table.wrong(key, "only a stream (ws:// or wss://) has that");
			}
		}
	}
	let identity = match (preset, &pair) {
		// Asked or listened to, by its own address or by another, it is one exchange's one market.
		(Some(preset), Some(pair)) if !table.has("url") => {
			let exchange = preset.name.trim_end_matches("-stream");
			let letters = pair.chars().filter(char::is_ascii_alphanumeric);
			format!("{exchange} {}", letters.collect::<String>().to_ascii_uppercase())
		}
		_ => format!("{} {} {}", source.url, source.subscribe.as_deref().unwrap_or_default(), source.price),
	};
	Some((source, identity))
}

fn time(table: &Table<'_, '_>, preset: Option<&'static Preset>) -> Option<Option<(String, TimeUnit)>> {
	let place = table.text("time");
	let unit = table.text("time_unit").map(|text| {
		let unit = TimeUnit::ALL.iter().find(|(name, _)| *name == text).map(|(_, unit)| *unit);
		if unit.is_none() {
			table.wrong("time_unit", format!("`{text}` is not a unit; write s, ms, us, ns or iso"));
		}
		unit
	});
	let unit = match unit {
		Some(None) => return None,
		Some(Some(unit)) => Some(unit),
		None => None,
	};
	match (place, unit, preset.and_then(|preset| preset.time)) {
		(Some(pointer), Some(unit), _) => {
			is_pointer(table, "time", &pointer).then_some(Some((pointer, unit)))
		}
		(None, None, known) => Some(known.map(|(pointer, unit)| (pointer.to_owned(), unit))),
		(Some(_), None, _) => {
			table.wrong(
				"time",
				"say how the time is written: time_unit = \"s\", \"ms\", \"us\", \"ns\" or \"iso\"",
			);
			None
		}
		(None, Some(_), _) => {
			table.wrong("time_unit", "say where the time is: time = \"/data/time\"");
			None
		}
	}
}

fn scale(table: &Table<'_, '_>) -> Option<Decimal> {
	let Some(text) = table.number("scale") else {
		return (!table.has("scale")).then_some(Decimal::ONE);
	};
	match Decimal::parse(&text) {
		Ok(scale) if !scale.is_zero() => Some(scale),
		Ok(_) => {
			table.wrong("scale", "it is zero");
			None
		}
		Err(error) => {
			table.wrong("scale", error.to_string());
			None
		}
	}
}

fn is_pointer(table: &Table<'_, '_>, key: &str, pointer: &str) -> bool {
	let is = pointer.is_empty() || pointer.starts_with('/');
	if !is {
		table.wrong(key, format!("`{pointer}` is not a path; it begins with a slash, like \"/data/0/last\""));
	}
	is
}

/// The host and port of an address.
fn address(text: &str, schemes: &[&str]) -> Result<String, String> {
	let wrong = |why: &str| format!("`{text}` is not an address: {why}");
	if text.contains(['{', '}']) {
		return Err(wrong("say what stands for {pair}: pair = \"...\""));
	}
	let url = url::Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
	if !schemes.contains(&url.scheme()) {
		return Err(wrong(&format!("it must begin with {}://", schemes.join(":// or "))));
	}
	if url.password().is_some() || !url.username().is_empty() {
		return Err("an address must not contain a password".to_owned());
	}
	let host = url.host_str().ok_or_else(|| wrong("it has no host"))?;
	Ok(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}
