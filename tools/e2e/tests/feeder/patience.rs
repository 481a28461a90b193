// SPDX-License-Identifier: Apache-2.0
//! When sources are asked again, and what of their past counts.

use crate::{third, verdict, Good};
use keel_e2e::sources::{Act, Answer, Http, Stream};
use keelctl::feeder::{board::Board, source, Config};
use std::{sync::Arc, time::Duration};

/// Let the sources of `config` talk for a while.
async fn listen(config: &Config, milliseconds: u64) -> Arc<Board> {
	let board = Arc::new(Board::new(config));
	let tasks = source::start(config, &board).expect("sources are asked");
	tokio::time::sleep(Duration::from_millis(milliseconds)).await;
	drop(tasks);
	board
}

/// Wait until `is` holds.
async fn until(what: &str, is: impl Fn() -> bool) {
	for _ in 0..500 {
		if is() {
			return;
		}
		tokio::time::sleep(Duration::from_millis(20)).await;
	}
	panic!("{what}: not within 10 s");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fails_is_asked_more_and_more_rarely_and_who_asks_for_peace_gets_it() {
	let good = Good::start().await;
	let broken = Http::start(Answer::with("500 Internal Server Error", &[], "")).await;
	listen(&good.with(&broken.url(), "", 2), 2_000).await;
	// Every 100 ms while all is well; 0.1, 0.2, 0.4, 0.8 s and as much again at most after failures.
	assert!((3..=6).contains(&broken.asked()), "{}", broken.asked());
	assert!(good.http.asked() >= 8, "{}", good.http.asked());

	let busy = Http::start(Answer::with("429 Too Many Requests", &[("retry-after", "60")], "")).await;
	listen(&good.with(&busy.url(), "", 2), 1_500).await;
	assert_eq!(busy.asked(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_asked_no_more_often_than_the_limit() {
	let good = Good::start().await;
	let third = Http::price("65000.2").await;
	let mut config = good.with(&third.url(), "", 2);
	config.requests_per_minute = 120;
	listen(&config, 1_800).await;
	assert!((3..=4).contains(&third.asked()), "one each half second: {}", third.asked());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_comes_back_counts_again() {
	let good = Good::start().await;
	let moody = Http::start(Answer::Stall).await;
	let config = good.with(&moody.url(), "", 3);
	let board = Arc::new(Board::new(&config));
	let _tasks = source::start(&config, &board).expect("sources are asked");
	until("it fails", || third(&board).failure.is_some()).await;
	assert!(verdict(&board).is_err());
	moody.says(Answer::json("{\"price\": 65000.2}"));
	until("it counts", || verdict(&board).is_ok()).await;
	// What it said stands for a moment when it breaks, and not when it talks nonsense.
	moody.says(Answer::with("500 Internal Server Error", &[], ""));
	until("it breaks", || third(&board).failure.is_some()).await;
	assert!(third(&board).sample.is_some());
	moody.says(Answer::json("{\"price\": -1}"));
	until("it is not believed", || third(&board).sample.is_none()).await;
	assert!(verdict(&board).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_freezes_without_a_time_stamp_is_left_out_while_others_move() {
	let good = Good::start().await;
	// It answers at once and for ever, and what it says is what everybody said then.
	let frozen = Http::price("65000.20").await;
	let mut config = good.with(&frozen.url(), "", 2);
	config.feeds[0].still_ms_max = 1_000;
	let board = Arc::new(Board::new(&config));
	let _tasks = source::start(&config, &board).expect("sources are asked");
	until("all three count", || verdict(&board).is_ok_and(|fair| fair.sources == 3)).await;
	let move_to = |cents: u32| {
		good.http.says(Answer::json(&format!("{{\"price\": \"65001.{cents}\"}}")));
		good.stream.plays(vec![Act::Repeat(format!("{{\"price\": \"65002.{cents}\"}}"))]);
	};
	for cents in 10..30 {
		move_to(cents);
		tokio::time::sleep(Duration::from_millis(100)).await;
	}
	let fair = verdict(&board).expect("two move");
	assert_eq!(fair.sources, 2, "{fair:?}");
	let (name, why) = &fair.others[0];
	assert_eq!((name.as_str(), why.kind()), ("third", "stuck"), "{why}");
	// It lives again, and counts at once.
	frozen.says(Answer::json("{\"price\": \"65001.5\"}"));
	move_to(31);
	until("it counts", || verdict(&board).is_ok_and(|fair| fair.sources == 3)).await;
	// The negative control: when nobody moves any more, the market is quiet, and all count.
	tokio::time::sleep(Duration::from_millis(1_500)).await;
	assert_eq!(verdict(&board).expect("all are still").sources, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_was_cut_is_subscribed_to_anew() {
	let good = Good::start().await;
	let price = Act::Say("{\"type\": \"ticker\", \"price\": 65000.2}".to_owned());
	let hello = Act::Say("{\"type\": \"subscriptions\", \"price\": \"soon\"}".to_owned());
	let stream = Stream::start(vec![Act::Hear, hello, price, Act::Half]).await;
	let more = "subscribe = '{\"subscribe\": \"BTC\"}'\nonly = { \"/type\" = \"ticker\" }";
	let config = good.with(&stream.url(), more, 3);
	let board = Arc::new(Board::new(&config));
	let _tasks = source::start(&config, &board).expect("sources are asked");
	until("it comes back", || stream.connections() >= 3).await;
	until("it counts", || verdict(&board).is_ok()).await;
	assert!(stream.heard().iter().all(|text| text == "{\"subscribe\": \"BTC\"}"), "{:?}", stream.heard());
	assert!(third(&board).answers >= 2, "a price for each connection");
}
