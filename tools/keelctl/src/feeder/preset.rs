// SPDX-License-Identifier: Apache-2.0
//! Public exchanges and the documented formats of their tickers.
//!
//! `{pair}` is the pair as the configuration writes it, `{lower}` the same in small letters. Each entry
//! is the exchange's public documentation put into pointers; its own addresses are only reached from
//! where the feeder runs.

use super::config::TimeUnit;

/// What is known of an exchange.
#[derive(Debug)]
pub struct Preset {
	/// How the configuration calls it.
	pub name: &'static str,
	/// How it writes a pair.
	pub example: &'static str,
	/// Where to ask or listen.
	pub url: &'static str,
	/// What to send after connecting.
	pub subscribe: Option<&'static str>,
	/// Where the price is.
	pub price: &'static str,
	/// Where the time is, and how it is written.
	pub time: Option<(&'static str, TimeUnit)>,
	/// What an answer must contain to be about this pair.
	pub expect: &'static [(&'static str, &'static str)],
	/// Which messages of a stream are about prices; others are passed over.
	pub only: &'static [(&'static str, &'static str)],
}

/// All presets.
pub const PRESETS: &[Preset] = &[
	Preset {
		name: "binance",
		example: "BTCUSDT",
		url: "https://api.binance.com/api/v3/ticker/24hr?symbol={pair}&type=MINI",
		subscribe: None,
		price: "/lastPrice",
		time: Some(("/closeTime", TimeUnit::Milliseconds)),
		expect: &[("/symbol", "{pair}")],
		only: &[],
	},
	Preset {
		name: "binance-stream",
		example: "BTCUSDT",
		url: "wss://stream.binance.com:9443/ws/{lower}@miniTicker",
		subscribe: None,
		price: "/c",
		time: Some(("/E", TimeUnit::Milliseconds)),
		expect: &[("/s", "{pair}")],
		only: &[("/e", "24hrMiniTicker")],
	},
	Preset {
		name: "bitstamp",
		example: "btcusd",
		url: "https://www.bitstamp.net/api/v2/ticker/{lower}/",
		subscribe: None,
		price: "/last",
		time: Some(("/timestamp", TimeUnit::Seconds)),
		expect: &[],
		only: &[],
	},
	Preset {
		name: "bitstamp-stream",
		example: "btcusd",
		url: "wss://ws.bitstamp.net",
		subscribe: Some(r#"{"event":"bts:subscribe","data":{"channel":"live_trades_{lower}"}}"#),
		price: "/data/price_str",
		time: Some(("/data/microtimestamp", TimeUnit::Microseconds)),
		expect: &[("/channel", "live_trades_{lower}")],
		only: &[("/event", "trade")],
	},
	Preset {
		name: "coinbase",
		example: "BTC-USD",
		url: "https://api.exchange.coinbase.com/products/{pair}/ticker",
		subscribe: None,
		price: "/price",
		time: Some(("/time", TimeUnit::Iso)),
		expect: &[],
		only: &[],
	},
	Preset {
		name: "coinbase-stream",
		example: "BTC-USD",
		url: "wss://ws-feed.exchange.coinbase.com",
		subscribe: Some(r#"{"type":"subscribe","product_ids":["{pair}"],"channels":["ticker"]}"#),
		price: "/price",
		time: Some(("/time", TimeUnit::Iso)),
		expect: &[("/product_id", "{pair}")],
		only: &[("/type", "ticker")],
	},
	Preset {
		name: "kraken",
		example: "XBTUSD",
		url: "https://api.kraken.com/0/public/Ticker?pair={pair}",
		subscribe: None,
		// The answer calls the pair by another name than the question.
		price: "/result/*/c/0",
		time: None,
		expect: &[],
		only: &[],
	},
	Preset {
		name: "kraken-stream",
		example: "BTC/USD",
		url: "wss://ws.kraken.com/v2",
		subscribe: Some(
			r#"{"method":"subscribe","params":{"channel":"ticker","symbol":["{pair}"],"event_trigger":"bbo"}}"#,
		),
		price: "/data/0/last",
		time: None,
		expect: &[("/data/0/symbol", "{pair}")],
		only: &[("/channel", "ticker")],
	},
	Preset {
		name: "okx",
		example: "BTC-USDT",
		url: "https://www.okx.com/api/v5/market/ticker?instId={pair}",
		subscribe: None,
		price: "/data/0/last",
		time: Some(("/data/0/ts", TimeUnit::Milliseconds)),
		expect: &[("/code", "0"), ("/data/0/instId", "{pair}")],
		only: &[],
	},
	Preset {
		name: "okx-stream",
		example: "BTC-USDT",
		url: "wss://ws.okx.com:8443/ws/v5/public",
		subscribe: Some(r#"{"op":"subscribe","args":[{"channel":"tickers","instId":"{pair}"}]}"#),
		price: "/data/0/last",
		time: Some(("/data/0/ts", TimeUnit::Milliseconds)),
		expect: &[("/arg/instId", "{pair}")],
		// What has data is a ticker; the answer to the subscription has none.
		only: &[("/arg/channel", "tickers"), ("/data/0/instType", "SPOT")],
	},
];

/// The preset called `name`.
pub fn find(name: &str) -> Option<&'static Preset> {
	PRESETS.iter().find(|preset| preset.name == name)
}
