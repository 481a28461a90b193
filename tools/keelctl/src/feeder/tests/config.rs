// SPDX-License-Identifier: Apache-2.0
//! Configurations, right and wrong.

use crate::{
	feeder::{
		config::{read, KeySource, TimeUnit},
		preset::PRESETS,
	},
	units::{Percent, Price},
};

const GOOD: &str = r#"
nodes = ["ws://127.0.0.1:9944", "wss://node.example"]
listen = "127.0.0.1:9620"
log = "json"
key = { file = "/etc/keel/reporter.key" }

[[feed]]
name = "BTC/USD"
low = 10000
high = "500000.50"
jump_max = 2.5

[[feed.source]]
preset = "coinbase"
pair = "BTC-USD"

[[feed.source]]
preset = "kraken-stream"
pair = "BTC/USD"

[[feed.source]]
name = "own"
url = "https://prices.example/v1/{pair}"
pair = "btc"
price = "/data/*/cents"
time = "/data/0/at"
time_unit = "us"
expect = { "/data/0/asset" = "{pair}" }
scale = "0.01"
weight = 1
"#;

/// Each line of `GOOD` with `from` becomes `to`.
fn mistakes(from: &str, to: &str) -> Vec<String> {
	assert!(GOOD.contains(from), "{from}");
	let error = read(&GOOD.replacen(from, to, 1)).expect_err(to);
	error.to_string().lines().map(str::to_owned).collect()
}

/// The only mistake.
fn mistake(from: &str, to: &str) -> String {
	let all = mistakes(from, to);
	assert_eq!(all.len(), 1, "{all:?}");
	all.into_iter().next().unwrap()
}

#[test]
fn a_configuration_is_read_with_presets_and_defaults() {
	let config = read(GOOD).expect("a configuration");
	assert_eq!(config.nodes.len(), 2);
	assert_eq!(config.key, KeySource::File("/etc/keel/reporter.key".into()));
	let [feed] = config.feeds.as_slice() else { panic!("one feed") };
	assert_eq!(feed.low, Price(10_000 * 10u128.pow(18)));
	assert_eq!(feed.jump_max, Percent(25_000_000));
	assert_eq!((feed.quorum, feed.jump_quorum), (2, 2), "more than half of three");
	let [coinbase, kraken, own] = feed.sources.as_slice() else { panic!("three sources") };
	assert_eq!(coinbase.url, "https://api.exchange.coinbase.com/products/BTC-USD/ticker");
	assert!(kraken.is_stream() && !own.is_stream());
	assert!(kraken.subscribe.as_ref().is_some_and(|text| text.contains(r#""symbol":["BTC/USD"]"#)));
	assert_eq!(own.url, "https://prices.example/v1/btc");
	assert_eq!(own.time, Some(("/data/0/at".to_owned(), TimeUnit::Microseconds)));
	assert_eq!(own.expect, [("/data/0/asset".to_owned(), "btc".to_owned())]);
}

#[test]
fn what_is_printed_reads_back_as_the_same() {
	let config = read(GOOD).expect("a configuration");
	assert_eq!(read(&config.to_string()), Ok(config));
	let presets: String = PRESETS
		.iter()
		.map(|preset| {
			format!("[[feed.source]]\npreset = \"{}\"\npair = \"{}\"\n", preset.name, preset.example)
		})
		.collect::<String>();
	let head = "key = { env = \"KEY\" }\n[[feed]]\nname = \"A\\\"\\\\B\"\nlow = \"0.000001\"\nhigh = 1\n";
	// HTTP and stream of one exchange are one source: half of them are enough.
	let streams = presets.split("[[feed.source]]").filter(|part| part.contains("-stream"));
	let text = streams.fold(head.to_owned(), |text, part| format!("{text}[[feed.source]]{part}"));
	let config = read(&text).expect("all streams");
	assert_eq!(config.feeds[0].sources.len(), PRESETS.len() / 2);
	assert_eq!(read(&config.to_string()), Ok(config));
}

#[test]
fn every_mistake_has_its_line_and_key() {
	for (from, to, told) in [
		("listen =", "lisen =", "line 3: lisen: there is no such key; did you mean `listen`?"),
		("127.0.0.1:9620", "9620", "line 3: listen: `9620` is not an address and a port, like 127.0.0.1:9620"),
		("\"json\"", "\"xml\"", "line 4: log: `xml` is not a format; write \"text\" or \"json\""),
		("\"wss://node.example\"", "\"http://node.example\"", "line 2: nodes: `http://node.example` is not an address: it must begin with ws:// or wss://"),
		("name = \"BTC/USD\"", "name = 5", "line 8: feed[1].name: a text is needed, in quotes, not integer"),
		("low = 10000", "low = nan", "line 9: feed[1].low: `nan` is not a number"),
		("low = 10000", "low = -1", "line 9: feed[1].low: `-1` is negative"),
		("low = 10000", "low = 600000", "line 10: feed[1].high: the plausible range ends at 500,000.50, before it begins at 600,000.00"),
		("low = 10000", "low = \"0.0000009\"", "line 9: feed[1].low: no market has such a price: from 0.000001 to 1,000,000,000.00 dollars"),
		("jump_max = 2.5", "jump_max = 0", "line 11: feed[1].jump_max: a percentage above 0 and up to 100 is needed, without the percent sign"),
		("jump_max = 2.5", "quorum = 4", "line 11: feed[1].quorum: a whole number from 2 to 3 is needed, without quotes"),
		("jump_max = 2.5", "quorum = 1", "line 11: feed[1].quorum: a whole number from 2 to 3 is needed, without quotes"),
		("jump_max = 2.5", "age_ms_max = \"5s\"", "line 11: feed[1].age_ms_max: a whole number from 1 to 3600000 is needed, without quotes"),
		("preset = \"coinbase\"", "preset = \"coinbse\"", "line 14: feed[1].source[1].preset: there is no preset `coinbse`; there are"),
		("pair = \"BTC-USD\"", "", "line 13: feed[1].source[1].pair: it is missing: as coinbase writes it, like BTC-USD"),
		("/v1/{pair}\"\npair = \"btc\"", "/v1/{pair}\"\n", "line 23: feed[1].source[3].url: `https://prices.example/v1/{pair}` is not an address: say what stands for {pair}"),
		("https://prices.example", "https://me:secret@prices.example", "line 23: feed[1].source[3].url: an address must not contain a password"),
		("\"/data/*/cents\"", "\"data.cents\"", "line 25: feed[1].source[3].price: `data.cents` is not a path; it begins with a slash"),
		("time_unit = \"us\"", "time_unit = \"min\"", "line 27: feed[1].source[3].time_unit: `min` is not a unit; write s, ms, us, ns or iso"),
		("time_unit = \"us\"", "", "line 26: feed[1].source[3].time: say how the time is written"),
		("scale = \"0.01\"", "scale = \"1,5\"", "line 29: feed[1].source[3].scale: `1,5` is not a number"),
		("weight = 1", "weight = 3", "line 30: feed[1].source[3].weight: own outweighs all others together: it would decide alone"),
		("weight = 1", "subscribe = \"x\"", "line 30: feed[1].source[3].subscribe: only a stream (ws:// or wss://) has that"),
	] {
		let found = mistake(from, to);
		assert!(found.starts_with(told), "{found}\nis not\n{told}");
	}
}

#[test]
fn a_secret_in_the_configuration_is_refused_and_not_repeated() {
	for secret in ["\"//Alice\"", "{ phrase = \"bottom drive obey\" }", "{ file = \"a\", env = \"B\" }", "{}"]
	{
		let all = mistakes("{ file = \"/etc/keel/reporter.key\" }", secret).join("\n");
		assert!(all.contains("line 5: key") && all.contains("key = { file ="), "{all}");
		assert!(!all.contains("bottom") && !all.contains("Alice"), "{all}");
	}
	let all = mistakes("key = { file = \"/etc/keel/reporter.key\" }", "");
	assert!(all[0].contains("key: it is missing"), "{all:?}");
}

#[test]
fn what_is_not_toml_has_its_line() {
	let found = mistake("low = 10000", "low = 10.000.000");
	assert!(found.starts_with("line 9:"), "{found}");
	let found = mistakes("low = 10000", "low = 10000\nlow = 10000");
	assert!(found[0].starts_with("line 10:") || found[0].starts_with("line 9:"), "{found:?}");
}

#[test]
fn what_is_there_twice_is_told_with_both_lines() {
	let twice = "preset = \"coinbase-stream\"\npair = \"btc-usd\"";
	let found = mistake("preset = \"kraken-stream\"\npair = \"BTC/USD\"", twice);
	assert_eq!(
		found,
		"line 17: feed[1].source[2]: coinbase-stream is a source already, in line 13: what is asked twice does \
		 not count twice"
	);
	let two = format!("{GOOD}\n{}", &GOOD[GOOD.find("[[feed]]").unwrap()..]);
	let error = read(&two).expect_err("two feeds of one name").to_string();
	assert_eq!(error, "line 33: feed[2].name: BTC/USD is there already, in line 7");
}

#[test]
fn all_mistakes_are_told_at_once() {
	let text = GOOD.replace("listen", "lisen").replace("low = 10000", "low = 0").replace("\"us\"", "\"d\"");
	let error = read(&text).expect_err("three mistakes");
	let lines: Vec<_> = error.0.iter().map(|mistake| mistake.line).collect();
	assert_eq!(lines, [3, 9, 27]);
}

#[test]
fn nobody_is_alone() {
	let text = &GOOD[..GOOD.find("[[feed.source]]\npreset = \"kraken").unwrap()];
	let error = read(text).expect_err("one source").to_string();
	assert!(
		error.contains("there are fewer than two sources, and whoever is alone is confirmed by nobody"),
		"{error}"
	);
	let error = read("").expect_err("nothing").to_string();
	assert!(error.contains("key: it is missing") && error.contains("feed: there is no feed"), "{error}");
}

#[test]
fn times_are_read_in_every_unit() {
	for (unit, text, ms) in [
		(TimeUnit::Seconds, "1643640186", Some(1_643_640_186_000)),
		(TimeUnit::Seconds, "1688671955.1234", Some(1_688_671_955_123)),
		(TimeUnit::Milliseconds, "1597026383085", Some(1_597_026_383_085)),
		(TimeUnit::Microseconds, "1580336834250000", Some(1_580_336_834_250)),
		(TimeUnit::Nanoseconds, "1580336834250000999", Some(1_580_336_834_250)),
		(TimeUnit::Iso, "2020-03-20T00:22:57.833Z", Some(1_584_663_777_833)),
		(TimeUnit::Iso, "yesterday", None),
		(TimeUnit::Milliseconds, "2020-03-20T00:22:57.833Z", None),
		(TimeUnit::Seconds, "-5", None),
		(TimeUnit::Seconds, "1e400", None),
	] {
		assert_eq!(unit.milliseconds(text), ms, "{text}");
	}
}
