// SPDX-License-Identifier: Apache-2.0
//! One source of three is hostile. The price stays that of the other two; where three are needed,
//! nothing is said, and why.

use crate::{expect, verdict, Good};
use keel_e2e::sources::{Act, Answer, Http, Stream};
use keelctl::feeder;

fn body(text: &str) -> Answer {
	Answer::json(text)
}

fn say(text: &str) -> Vec<Act> {
	vec![Act::Say(text.to_owned()), Act::Stall]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_price_is_refused_with_the_reason() {
	let good = Good::start().await;
	for (text, reason) in [
		(r#"{"price": NaN}"#, "the answer is not JSON: expected value"),
		(r#"{"price": Infinity}"#, "the answer is not JSON: expected value"),
		(r#"{"price": "NaN"}"#, "the price at /price cannot be used: `NaN` is not a number"),
		(r#"{"price": 1e400}"#, "the price at /price cannot be used: `1e400` is larger than any price"),
		(r#"{"price": "1e400"}"#, "`1e400` is larger than any price"),
		(r#"{"price": 1e-400}"#, "`1e-400` is zero, or less than the smallest price"),
		(r#"{"price": 0}"#, "`0` is zero"),
		(r#"{"price": -65000.2}"#, "`-65000.2` is negative"),
		(r#"{"price": "65,000.2"}"#, "`65,000.2` is not a number"),
		(r#"{"price": "65000,2"}"#, "`65000,2` is not a number"),
		(r#"{"price": "0xfde8"}"#, "`0xfde8` is not a number"),
		(r#"{"price": ""}"#, "`` is not a number"),
		(r#"{"price": null}"#, "the price at /price cannot be used: it is null, not a number"),
		(r#"{"price": {"usd": 65000}}"#, "the price at /price cannot be used: it is an object, not a number"),
		(r#"{"price": [65000]}"#, "the price at /price cannot be used: it is a list, not a number"),
		(r#"{"price": true}"#, "the price at /price cannot be used: it is true or false, not a number"),
		(r#"{"last": 65000}"#, "the answer has nothing at /price: there is no `price`"),
		(r#"{"price": 65000, "price": 3000}"#, "the answer has nothing at /price: `price` is there twice"),
		(r#"[65000]"#, "the answer has nothing at /price: `price` is no index"),
		("<html><body>65000</body></html>", "the answer is not JSON"),
		("price=65000", "the answer is not JSON"),
		("", "the answer is not JSON"),
		(r#"{"price": 65000"#, "the answer is not JSON: EOF"),
		(r#"{"price": 650.002}"#, "650.002 is not plausible: another asset, another unit"),
		(r#"{"price": 99000}"#, "99,000.00 is too far from the median 65,000.30"),
	] {
		let http = Http::start(body(text)).await;
		expect(&good, &http.url(), "", reason).await;
		// A stream must find the text to be about prices before it refuses it.
		let stream = Stream::start(say(text)).await;
		expect(&good, &stream.url(), "", reason).await;
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn another_asset_is_found_out_by_its_name_and_an_old_price_by_its_time() {
	let good = Good::start().await;
	let now = feeder::board::wall_ms();
	let named = "expect = { \"/symbol\" = \"BTCUSD\" }";
	let timed = "time = \"/at\"\ntime_unit = \"ms\"";
	for (text, more, reason) in [
		(
			r#"{"symbol": "WBTCUSD", "price": 65000}"#.to_owned(),
			named,
			"speaks of something else: /symbol is `WBTCUSD`, not `BTCUSD`",
		),
		(r#"{"price": 65000}"#.to_owned(), named, "the answer has nothing at /symbol: there is no `symbol`"),
		(format!(r#"{{"price": 65000, "at": {}}}"#, now - 100_000), timed, "its own time stamp is 10"),
		(
			format!(r#"{{"price": 65000, "at": {}}}"#, now + 100_000),
			timed,
			"ms ahead of this machine's clock",
		),
		(r#"{"price": 65000, "at": "noon"}"#.to_owned(), timed, "the time at /at cannot be read: noon"),
		(r#"{"price": 65000}"#.to_owned(), timed, "the answer has nothing at /at"),
	] {
		let http = Http::start(body(&text)).await;
		expect(&good, &http.url(), more, reason).await;
		let stream = Stream::start(say(&text)).await;
		expect(&good, &stream.url(), more, reason).await;
	}
	// The negative control: the right name and the right time count.
	let right = format!(r#"{{"symbol": "BTCUSD", "price": 65000.2, "at": {now}}}"#);
	let http = Http::start(body(&right)).await;
	let board =
		feeder::ask_all(&good.with(&http.url(), &format!("{named}\n{timed}"), 3)).await.expect("asked");
	assert_eq!(verdict(&board).expect("three sources").sources, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_properly_is_named_for_it() {
	let good = Good::start().await;
	let elsewhere = Http::price("65000.2").await;
	let there = elsewhere.url();
	let redirect = Answer::with("302 Found", &[("location", there.as_str())], "");
	let moved = format!("redirects to {}, which is not followed", elsewhere.url());
	let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"price\": 65000".to_vec();
	let endless =
		[&b"HTTP/1.1 200 OK\r\n\r\n{\"price\": 65000, \"x\": \""[..], &vec![b'x'; 2 << 20][..]].concat();
	for (answer, reason) in [
		(Answer::Stall, "gave no answer within 1000 ms"),
		(redirect.clone(), moved.as_str()),
		(Answer::Bytes(half), "broke off: "),
		(Answer::Bytes(Vec::new()), "broke off: "),
		(Answer::Bytes(b"SSH-2.0-something\r\n".to_vec()), "broke off: "),
		(Answer::Bytes(endless), "sent more than 1024 kB"),
		(
			Answer::with("429 Too Many Requests", &[("retry-after", "7")], "{\"price\": 65000}"),
			"answered 429, come back in 7 s",
		),
		(Answer::with("500 Internal Server Error", &[], "{\"price\": 65000}"), "answered 500"),
		(Answer::with("200 OK", &[], "\u{1f4b8}"), "the answer is not JSON"),
	] {
		let http = Http::start(answer).await;
		expect(&good, &http.url(), "", reason).await;
	}
	assert_eq!(elsewhere.asked(), 0, "nobody was sent there");
	let gone = Http::price("65000.2").await.url();
	expect(&good, &gone, "", "cannot be reached: ").await;

	for (acts, reason) in [
		(vec![Act::Refuse(redirect)], moved.as_str()),
		(vec![Act::Refuse(Answer::with("503 Service Unavailable", &[], ""))], "answered 503"),
		(vec![Act::Refuse(Answer::Stall)], "gave no answer within 1000 ms"),
		(vec![Act::Refuse(Answer::Bytes(b"SSH-2.0-something\r\n".to_vec()))], "broke off: "),
		(vec![Act::Half], "broke off: "),
		(vec![Act::Goodbye], "broke off: closed with 1012"),
		(vec![Act::Bytes(vec![1, 2, 3])], "the answer is not JSON: the message is binary"),
		(vec![Act::Say(format!("\"{}\"", "x".repeat(2 << 20)))], "sent more than 1024 kB"),
		(vec![Act::Stall], "has not answered yet"),
	] {
		let stream = Stream::start(acts).await;
		expect(&good, &stream.url(), "", reason).await;
	}
}
