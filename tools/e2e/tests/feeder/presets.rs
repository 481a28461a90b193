// SPDX-License-Identifier: Apache-2.0
//! The presets, against local servers that answer in the exchanges' documented formats. The exchanges
//! themselves are not asked: what they answer today is for `keelctl feed --dry-run` to say.

use keel_e2e::sources::{Act, Answer, Http, Stream};
use keelctl::feeder::{self, board::Board, config, preset::PRESETS, source};
use std::{sync::Arc, time::Duration};

/// What an exchange's documentation shows, with the price and the time in it.
const DOCUMENTED: &[(&str, &[&str], &str, Option<i64>)] = &[
	(
		"binance",
		&[r#"{"symbol":"BTCUSDT","openPrice":"0.00150000","highPrice":"0.00156000","lowPrice":"0.00145000",
			"lastPrice":"4.00000200","volume":"150.00000000","quoteVolume":"0.20000000",
			"openTime":1499783499040,"closeTime":1499869899040,"firstId":28385,"lastId":28460,"count":76}"#],
		"4.000002",
		Some(1_499_869_899_040),
	),
	(
		"binance-stream",
		&[r#"{"e":"24hrMiniTicker","E":1672515782136,"s":"BTCUSDT","c":"0.0025","o":"0.0010","h":"0.0025",
			"l":"0.0010","v":"10000","q":"18"}"#],
		"0.0025",
		Some(1_672_515_782_136),
	),
	(
		"bitstamp",
		&[r#"{"timestamp":"1643640186","open":"2211.00","high":"2811.00","low":"2188.97","last":"2211.00",
			"volume":"213.26801100","vwap":"2189.80","bid":"2188.97","ask":"2211.00","side":"0",
			"open_24":"2211.00","percent_change_24":"13.57"}"#],
		"2211",
		Some(1_643_640_186_000),
	),
	(
		"bitstamp-stream",
		&[
			r#"{"event":"bts:subscription_succeeded","channel":"live_trades_btcusd","data":{}}"#,
			r#"{"data":{"id":104007706,"timestamp":"1580336834","amount":0.01513062,"amount_str":"0.01513062",
			"price":9281.96,"price_str":"9281.96","type":0,"microtimestamp":"1580336834250000",
			"buy_order_id":4621328909,"sell_order_id":4621329035},"channel":"live_trades_btcusd",
			"event":"trade"}"#,
		],
		"9281.96",
		Some(1_580_336_834_250),
	),
	(
		"coinbase",
		&[r#"{"ask":"6267.71","bid":"6265.15","volume":"53602.03940154","trade_id":86326522,
			"price":"6268.48","size":"0.00698254","time":"2020-03-20T00:22:57.833Z"}"#],
		"6268.48",
		Some(1_584_663_777_833),
	),
	(
		"coinbase-stream",
		&[
			r#"{"type":"subscriptions","channels":[{"name":"ticker","product_ids":["BTC-USD"]}]}"#,
			r#"{"type":"ticker","sequence":37475248783,"product_id":"BTC-USD","price":"1285.22",
			"open_24h":"1310.79","volume_24h":"245532.79269678","best_bid":"1285.04","best_ask":"1285.27",
			"side":"buy","time":"2022-10-19T23:28:22.061769Z","trade_id":370843401,"last_size":"11.4396987"}"#,
		],
		"1285.22",
		Some(1_666_222_102_061),
	),
	(
		"kraken",
		&[r#"{"error":[],"result":{"XXBTZUSD":{"a":["30300.10000","1","1.000"],
			"b":["30300.00000","1","1.000"],"c":["30303.20000","0.00067643"],
			"v":["4083.67001100","4412.73601799"],"p":["30706.77771","30689.13205"],"t":[34619,38907],
			"l":["29868.30000","29868.30000"],"h":["31631.00000","31631.00000"],"o":"30502.80000"}}}"#],
		"30303.2",
		None,
	),
	(
		"kraken-stream",
		&[
			r#"{"channel":"status","type":"update","data":[{"system":"online","api_version":"v2"}]}"#,
			r#"{"method":"subscribe","result":{"channel":"ticker","event_trigger":"bbo","snapshot":true,
			"symbol":"BTC/USD"},"success":true}"#,
			r#"{"channel":"heartbeat"}"#,
			r#"{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":0.10025,
			"bid_qty":740.0,"ask":0.10036,"ask_qty":1361.44813783,"last":0.10035,"volume":997038.98383185,
			"vwap":0.10148,"low":0.09979,"high":0.10285,"change":-0.00017,"change_pct":-0.17}]}"#,
		],
		"0.10035",
		None,
	),
	(
		"okx",
		&[r#"{"code":"0","msg":"","data":[{"instType":"SPOT","instId":"BTC-USDT","last":"9999.99",
			"lastSz":"1","askPx":"9999.99","askSz":"11","bidPx":"8888.88","bidSz":"5","open24h":"9000",
			"high24h":"10000","low24h":"8888.88","ts":"1597026383085"}]}"#],
		"9999.99",
		Some(1_597_026_383_085),
	),
	(
		"okx-stream",
		&[
			r#"{"event":"subscribe","arg":{"channel":"tickers","instId":"BTC-USDT"},"connId":"a4d3ae55"}"#,
			r#"{"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"instType":"SPOT",
			"instId":"BTC-USDT","last":"9999.99","lastSz":"0.1","askPx":"9999.99","ts":"1597026383085"}]}"#,
		],
		"9999.99",
		Some(1_597_026_383_085),
	),
];

/// A server for the preset's messages.
enum Server {
	Http(Http),
	Stream(Stream),
}

async fn server(name: &str, messages: &[&str]) -> Server {
	if !name.ends_with("-stream") {
		return Server::Http(Http::start(Answer::json(messages[0])).await);
	}
	let subscribes = feeder::preset::find(name).is_some_and(|preset| preset.subscribe.is_some());
	let mut acts: Vec<_> = subscribes.then_some(Act::Hear).into_iter().collect();
	acts.extend(messages.iter().map(|message| Act::Say((*message).to_owned())));
	acts.push(Act::Stall);
	Server::Stream(Stream::start(acts).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_preset_reads_what_its_exchange_documents() {
	assert_eq!(DOCUMENTED.len(), PRESETS.len());
	for (name, messages, price, time) in DOCUMENTED {
		let preset = feeder::preset::find(name).expect("a preset");
		let server = server(name, messages).await;
		let base = match &server {
			Server::Http(http) => http.url(),
			Server::Stream(stream) => stream.url(),
		};
		// The preset's own address, on this machine.
		let path = preset.url.splitn(4, '/').nth(3).map_or(String::new(), |path| format!("/{path}"));
		let source = |url: &str| {
			format!(
				"[[feed.source]]\npreset = \"{name}\"\nname = \"{url}\"\npair = \"{}\"\nurl = \"{url}\"\n",
				preset.example
			)
		};
		let text = format!(
			"key = {{ env = \"K\" }}\n[[feed]]\nname = \"X/USD\"\nlow = 1\nhigh = 2\n{}{}",
			source(&format!("{base}{path}")),
			source(&format!("{}/{path}", "http://127.0.0.1:9")),
		);
		let config = config::read(&text).unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"));
		let board = Arc::new(Board::new(&config));
		let _tasks = source::start(&config, &board).expect("sources are asked");
		let state = || board.feeds().next().map(|(_, states)| states[0].clone()).expect("a source");
		for _ in 0..250 {
			if state().sample.is_some() || state().failure.is_some() {
				break;
			}
			tokio::time::sleep(Duration::from_millis(20)).await;
		}
		let state = state();
		let sample = state.sample.unwrap_or_else(|| panic!("{name}: {:?}", state.failure));
		assert_eq!(sample.price.plain(), *price, "{name}");
		assert_eq!(sample.time_ms, *time, "{name}");
		match server {
			Server::Http(http) => {
				let path =
					path.replace("{pair}", preset.example).replace("{lower}", &preset.example.to_lowercase());
				assert_eq!(http.heard()[0], format!("GET {path} HTTP/1.1"), "{name}");
			}
			Server::Stream(stream) => {
				let asked = stream.heard();
				let asked = asked.first().map(|text| serde_json::from_str::<serde_json::Value>(text));
				assert!(asked.is_none_or(|asked| asked.is_ok()), "{name} subscribes in JSON");
			}
		}
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preset_that_is_answered_about_another_pair_says_so() {
	let other = DOCUMENTED[0].1[0].replace("BTCUSDT", "ETHUSDT");
	let http = Http::start(Answer::json(&other)).await;
	let good = crate::Good::start().await;
	let more = "price = \"/lastPrice\"\npreset = \"binance\"\npair = \"BTCUSDT\"";
	crate::expect(&good, &http.url(), more, "speaks of something else: /symbol is `ETHUSDT`, not `BTCUSDT`")
		.await;
}
