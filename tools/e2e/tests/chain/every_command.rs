// SPDX-License-Identifier: Apache-2.0
//! Every command of the program keelctl on one chain: what it does, what it refuses, and how it ends.

use keel_e2e::{Keelctl, Options, Scene};
use serde_json::{json, Value};
use std::io::Write;

/// Commands that are not tried here, with the reason.
const NOT_TRIED: &[&str] = &[
	// It tells a story of a minute: chain/demo.rs.
	"demo done",
	// It is what `gov upgrade` ends with; by itself it needs an upgrade that somebody else had authorised.
	"gov apply done",
	// What nothing can be wrong with, but that there is no node: tests/bad_input.rs of keelctl.
	"markets refused",
	"trade list refused",
	"gov queue refused",
	"gov status refused",
	// A vote takes several keys and the time of a vote: chain/vote.rs.
	"gov propose done",
	"gov propose refused",
	"gov vote motion done",
	"gov vote motion refused",
	"gov vote referendum done",
	"gov vote referendum refused",
	// It takes a change in its timelock.
	"gov approve cancel done",
	"gov close done",
	"gov close refused",
	// It only looks.
	"oracle members refused",
];

/// Milliseconds between blocks: the test is long.
const BLOCK_TIME: u64 = 300;

/// Bars for all feeds: four prices each, one price a block.
fn bars(hours: usize) -> tempfile::NamedTempFile {
	let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
	writeln!(file, "ts_utc,venue,symbol,open,high,low,close").expect("written");
	for hour in 0..hours {
		for (symbol, price) in [("BTC", 8_000), ("ETH", 200), ("SOL", 20)] {
			let (day, hour) = (1 + hour / 24, hour % 24);
			writeln!(
				file,
				"2020-03-{day:02}T{hour:02}:00:00Z,v,{symbol}/USD,{price},{price}.5,{price},{price}.2"
			)
			.expect("written");
		}
	}
	file
}

fn path(file: &tempfile::NamedTempFile) -> &str {
	file.path().to_str().expect("a path in UTF-8")
}

fn text(value: &Value) -> &str {
	value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_does_what_it_says_and_refuses_what_it_should() {
	let mut scene = Scene::open_on(Options::quick(BLOCK_TIME)).await;
	let keelctl = Keelctl::new(scene.node.url());
	let (price, url) = (scene.terms().price.plain(), scene.node.url());
	let asked = async {
		money(&keelctl).await;
		looks(&keelctl).await;
		trades(&keelctl, &price).await;
		pauses(&keelctl).await;
		approvals(&keelctl).await;
		motions(&keelctl).await;
		Ok(())
	};
	scene.meanwhile(asked).await;
	// From here on the prices come from the program, too.
	feeds(&keelctl).await;
	upgrade(&keelctl).await;
	reporters(&keelctl).await;
	keelctl.refuses("//Alice", &["demo", "--market", "DOGE"], 2, "unknown_market").await;
	assert_eq!(keelctl.uncovered(NOT_TRIED), Vec::<String>::new(), "on the node at {url}");
}

async fn money(keelctl: &Keelctl) {
	let drop = keelctl.does("//Ferdie", &["faucet"]).await;
	assert_eq!(drop["final"], true, "{drop}");
	assert!(
		drop["block"].as_u64().is_some() && !drop["events"].as_array().expect("events").is_empty(),
		"{drop}"
	);
	keelctl.refuses("//Ferdie", &["faucet"], 4, "It gives again from block").await;
	keelctl.refuses("//Nobody", &["deposit", "100"], 4, "has no KEEL for the fee").await;

	for owner in ["//Bob", "//Dave"] {
		keelctl.does(owner, &["deposit", "20000.5"]).await;
	}
	let account = keelctl.does("//Bob", &["account"]).await;
	assert_eq!(account["margin"]["equity"], "20000.5", "{account}");
	assert_eq!(account["final"], true, "{account}");
	keelctl.refuses("//Bob", &["deposit", "0.000001"], 4, "The least deposit is 1.00 dollars").await;
	keelctl.refuses("//Bob", &["deposit", "1,5"], 2, "Write 1.5").await;
	keelctl.refuses("//Bob", &["account", "5Grw"], 2, "keelctl::account").await;

	keelctl.does("//Bob", &["withdraw", "0.5"]).await;
	keelctl.refuses("//Bob", &["withdraw", "1000000"], 4, "Margin.").await;
	let account = keelctl.does("//Alice", &["account", "//Bob"]).await;
	assert_eq!(account["margin"]["equity"], "20000", "{account}");

	keelctl.does("//Bob", &["leverage", "5"]).await;
	keelctl.does("//Bob", &["leverage", "none"]).await;
	keelctl.refuses("//Eve", &["leverage", "5"], 4, "Margin.NoAccount").await;
	let capped = keelctl.does("//Bob", &["key-cap", "250.5"]).await;
	let set =
		capped["events"].as_array().into_iter().flatten().find(|event| event["event"] == "Margin.KeyCapSet");
	assert_eq!(set.map(|event| &event["fields"]["most"]), Some(&"250500000".into()), "{capped}");
	keelctl.does("//Bob", &["key-cap", "none"]).await;
	keelctl.refuses("//Bob", &["key-cap", "1,5"], 2, "Write 1.5").await;
}

async fn looks(keelctl: &Keelctl) {
	let markets = keelctl.does("//Alice", &["markets"]).await;
	assert_eq!(markets["markets"][0]["status"], "Open", "{markets}");
	let market = keelctl.does("//Alice", &["market", "BTC"]).await;
	assert_eq!(market["name"], "BTC-PERP", "{market}");
	assert!(text(&market["initial_rate_percent"]).parse::<f64>().is_ok_and(|rate| rate > 0.0), "{market}");
	keelctl.refuses("//Alice", &["market", "DOGE"], 2, "keelctl::unknown_market").await;

	let library = keelctl.does("//Alice", &["stress"]).await;
	assert_eq!(library["scenarios"][0]["name"], "12 March 2020", "{library}");
	let stressed = keelctl.does("//Alice", &["stress", "march"]).await;
	assert_eq!(stressed["report"]["rounds"][0]["moves"][1]["by_percent"], "-54", "{stressed}");
	assert_eq!(stressed["report"]["stands_still"], true, "{stressed}");
	keelctl.does("//Alice", &["stress", "BTC=-30%", "ETH=-40%"]).await;
	keelctl.refuses("//Alice", &["stress", "2019"], 2, "12 March 2020").await;
	keelctl.refuses("//Alice", &["stress", "BTC=-30"], 2, "no percent sign").await;

	let preview = keelctl.does("//Bob", &["trade", "preview", "BTC", "long", "1"]).await;
	assert_eq!(preview["opened"], "1", "{preview}");
	let large = ["trade", "preview", "BTC", "long", "1000"];
	keelctl.refuses("//Bob", &large, 4, "keelctl::would_fail").await;
	let most = keelctl.does("//Bob", &["trade", "max", "BTC", "long"]).await;
	assert!(text(&most["max_size"]).parse::<f64>().is_ok_and(|size| size > 1.0), "{most}");
	keelctl.refuses("//Bob", &["trade", "max", "DOGE", "long"], 2, "unknown_market").await;
	let risk = keelctl.does("//Bob", &["risk", "BTC=-10%", "ETH=+2.5%"]).await;
	assert_eq!(risk["shocks"][1]["by_percent"], "2.5", "{risk}");
	keelctl.refuses("//Bob", &["risk", "BTC=1%", "BTC=2%"], 2, "moves twice").await;

	let health = keelctl.does("//Alice", &["doctor"]).await;
	assert_eq!(health["well"], true, "{health:#}");
	keelctl.does("//Alice", &["completions", "bash"]).await;
	keelctl.refuses("//Alice", &["completions", "cmd"], 2, "possible values").await;
}

async fn trades(keelctl: &Keelctl, price: &str) {
	let offer = async |arguments: &[&str]| keelctl.does("//Dave", arguments).await["offer"].to_string();
	let id = offer(&["trade", "offer", "BTC", "short", "1", price]).await;
	let list = keelctl.does("//Bob", &["trade", "list"]).await;
	assert_eq!(list["offers"][0]["size"], "1", "{list}");
	assert_eq!(list["offers"][0]["price"], price, "{list}");
	keelctl.does("//Bob", &["trade", "accept", &id]).await;
	keelctl.refuses("//Bob", &["trade", "accept", &id], 4, "Margin.UnknownOffer").await;
	keelctl.refuses("//Dave", &["trade", "offer", "BTC", "short", "1", "1"], 4, "Now it may be from").await;
	let dust = ["trade", "offer", "BTC", "short", "0.000000001", price];
	keelctl.refuses("//Dave", &dust, 4, "a multiple of").await;
	let account = keelctl.does("//Bob", &["account"]).await;
	assert_eq!(account["margin"]["positions"][0]["size"], "1", "{account}");

	let id = offer(&["trade", "offer", "BTC", "short", "0.5", price]).await;
	keelctl.does("//Dave", &["trade", "cancel", &id]).await;
	keelctl.refuses("//Dave", &["trade", "cancel", &id], 4, "UrgentCalls.UnknownOffer").await;

	let id = offer(&["close", "BTC"]).await;
	keelctl.does("//Bob", &["close", "BTC", "--accept", &id]).await;
	keelctl.refuses("//Bob", &["close", "BTC"], 2, "there is no position").await;
}

async fn pauses(keelctl: &Keelctl) {
	let paused = keelctl.does("//Alice", &["pause", "SOL", "--blocks", "40"]).await;
	assert_eq!(paused["status"], "Guarded", "{paused}");
	keelctl.refuses("//Ferdie", &["pause", "SOL"], 4, "UrgentCalls.NoSeat").await;
	let examined = keelctl.ask("//Alice", &["doctor"]).await;
	assert_eq!((examined.code, &examined.result["well"]), (6, &Value::Bool(false)), "{examined:#?}");
	assert!(examined.result.to_string().contains("keelctl resume SOL"), "{examined:#?}");

	keelctl.refuses("//Ferdie", &["resume", "SOL"], 4, "UrgentCalls.NoSeat").await;
	let resumed = keelctl.does("//Alice", &["resume", "SOL"]).await;
	assert_ne!(resumed["status"], "Guarded", "{resumed}");
	keelctl.does("//Alice", &["pause"]).await;
	let stopped = keelctl.does("//Bob", &["markets"]).await;
	assert!(stopped["safe_mode_until"].is_u64() && stopped["markets"][0]["status"] == "Open", "{stopped}");
	keelctl.does("//Alice", &["resume"]).await;
	assert!(keelctl.does("//Bob", &["markets"]).await["safe_mode_until"].is_null());
	// What nobody can pause, and what there is not.
	keelctl.refuses("//Alice", &["pause", "--call", "Margin.deposit"], 4, "nobody can pause it").await;
	keelctl.refuses("//Alice", &["pause", "--call", "Margin.withdrw"], 2, "Did you mean withdraw").await;
	keelctl.refuses("//Alice", &["resume", "--call", "Nope.nope"], 2, "this chain has no pallet Nope").await;
	// What is not stopped takes no approval.
	for (what, problem) in [
		(
			&["resume", "SOL"][..],
			"neither guardians nor losses have stopped SOL-PERP: its price makes it open",
		),
		(&["resume"], "safe mode is off"),
		(&["resume", "--call", "Margin.withdraw"], "Margin.withdraw is not paused"),
	] {
		keelctl.refuses("//Alice", what, 4, problem).await;
	}
}

/// What members approve of besides stopping and resuming; on a development chain one of them is every body.
async fn approvals(keelctl: &Keelctl) {
	let listed = keelctl.does("//Alice", &["gov", "approve"]).await;
	assert_eq!((&listed["open"], &listed["safe_mode_until"]), (&json!([]), &Value::Null), "{listed}");
	// Three days, but for what safe mode has used of them.
	let whole = listed["safe_mode_blocks_left"].as_u64().expect("a budget");
	assert!((129_000..129_600).contains(&whole), "{listed}");
	keelctl.does("//Alice", &["pause", "--call", "Faucet.drip"]).await;
	let renewed = keelctl.does("//Alice", &["gov", "approve", "renew", "Faucet.drip"]).await;
	// The call has a budget of its own: a day of three is left.
	let left = 43_200;
	assert_eq!((&renewed["done"], &renewed["blocks_left"]), (&json!(true), &json!(left)), "{renewed}");
	let listed = keelctl.does("//Alice", &["gov", "approve"]).await;
	assert_eq!(listed["paused"][0]["call"], "Faucet.drip", "{listed}");
	assert_eq!(listed["paused"][0]["blocks_left"], left, "{listed}");
	keelctl.does("//Alice", &["resume", "--call", "Faucet.drip"]).await;

	keelctl.refuses("//Alice", &["pause", "--call", "Faucet.drip"], 4, "Emergency.NotArmed").await;
	for act in [&["extend"][..], &["renew", "Faucet.drip"]] {
		let asked = [&["gov", "approve"], act].concat();
		keelctl.refuses("//Ferdie", &asked, 4, "UrgentCalls.NoSeat").await;
	}
	let rearm = ["gov", "approve", "rearm", "--call", "Faucet.drip"];
	keelctl.refuses("//Ferdie", &rearm, 4, "UrgentCalls.NoSeat").await;
	let rearmed = keelctl.does("//Alice", &rearm).await;
	assert_eq!(rearmed["done"], true, "{rearmed}");
	// Safe mode was entered before, and its right is used up: it is given back once.
	assert_eq!(keelctl.does("//Alice", &["gov", "approve", "rearm"]).await["done"], true);
	keelctl.refuses("//Alice", &["gov", "approve", "rearm"], 4, "Emergency.NotConsumed").await;
	let alone = ["gov", "approve", "rearm", "--alone", "//Alice"];
	keelctl.refuses("//Alice", &alone, 4, "Emergency.NotConsumed").await;
	keelctl.refuses("//Alice", &["gov", "approve", "cancel", "77"], 4, "ChangeControl.").await;

	keelctl.does("//Alice", &["pause"]).await;
	let extended = keelctl.does("//Alice", &["gov", "approve", "extend"]).await;
	assert!(extended["blocks_left"].as_u64().is_some_and(|left| left < whole), "{extended}");
	keelctl.does("//Alice", &["resume"]).await;
}

async fn motions(keelctl: &Keelctl) {
	let registrar = "Identity.add_registrar({\"account\": \"//Eve\"})";
	let motion = keelctl.does("//Alice", &["gov", "motion", "council", registrar]).await;
	assert_eq!(motion["executed"], true, "{motion}");
	let motion = async |call: &str, told: &str| {
		keelctl.refuses("//Alice", &["gov", "motion", "council", call], 2, told).await;
	};
	motion("CircuitBreaker.guard(market: 2)", "guard_market").await;
	motion("CircuitBraker.guard_market(market: 2)", "Did you mean CircuitBreaker").await;
	motion("System.remark()", "It is System.remark(remark: Vec<u8>)").await;
	motion("CircuitBreaker.guard_market(market: \"BTC\", blocks: 5)", "market: MarketId").await;
	motion("CircuitBreaker.guard_market(market: 2, block: 5)", "it has no argument `block`").await;

	// More than 64 bits, to the unit.
	let spend = "Treasury.spend_local({\"amount\": 20000000000000000000, \"beneficiary\": \"//Bob\"})";
	let told = keelctl.does("//Alice", &["gov", "forecast", spend]).await;
	assert_eq!(told["call"], "Treasury.spend_local", "{told}");
	keelctl.refuses("//Alice", &["gov", "forecast", "Nope.nope()"], 2, "keelctl::unknown_call").await;
	keelctl.does("//Alice", &["gov", "status"]).await;
	keelctl.does("//Alice", &["gov", "queue"]).await;
}

async fn feeds(keelctl: &Keelctl) {
	let file = bars(1);
	let fed = keelctl.does("//Alice", &["feed", "--replay", path(&file)]).await;
	assert_eq!(fed["rounds"], 4, "{fed}");
	assert!(fed["landed"].as_u64().is_some_and(|landed| landed > 0), "{fed}");
	keelctl.refuses("//Alice", &["feed", "--replay", "/no/such.csv"], 2, "keelctl::history").await;
	let strange = ["feed", "--replay", path(&file), "--market-map", "BTC=99"];
	keelctl.refuses("//Alice", &strange, 2, "there is no feed 99").await;
}

/// The chain is upgraded while a feeder runs: it goes on.
async fn upgrade(keelctl: &Keelctl) {
	let next = std::env::var("KEEL_NEXT_WASM")
		.unwrap_or_else(|_| panic!("there is no second runtime: run scripts/test, which builds it"));
	keelctl.refuses("//Ferdie", &["gov", "apply", &next], 4, "no upgrade is authorised").await;
	keelctl.refuses("//Alice", &["gov", "upgrade", "/no/such.wasm"], 2, "keelctl::wasm").await;
	let file = bars(16);
	let feed = ["feed", "--replay", path(&file)];
	let steps = ["gov", "upgrade", &next];
	let (fed, upgraded) = tokio::join!(keelctl.does("//Alice", &feed), keelctl.does("//Alice", &steps));
	assert_eq!(fed["rounds"], 64, "{fed}");
	assert!(upgraded["to"].as_u64() > upgraded["from"].as_u64(), "{upgraded}");
	// It has reported long after the first block of the new runtime.
	let (ended, first) =
		(fed["block"].as_u64().expect("a block"), upgraded["first"].as_u64().expect("a block"));
	assert!(ended > first + 5, "the feed ended in block {ended}, the new runtime began in {first}");
	let markets = keelctl.does("//Alice", &["markets"]).await;
	assert_eq!(markets["markets"][0]["price_state"], "Valid", "{markets}");
}

/// At the end: who has another key is silent until it reports with that.
async fn reporters(keelctl: &Keelctl) {
	let seats = keelctl.does("//Alice", &["oracle", "members"]).await;
	assert_eq!((&seats["counted"], &seats["sources"]), (&Value::from(5), &Value::from(5)), "{seats}");
	let named = keelctl.does("//Eve", &["oracle", "source", "3"]).await;
	assert_eq!(named["source"], 3, "{named}");
	let seats = keelctl.does("//Alice", &["oracle", "members"]).await;
	let waits = |seat: &Value| seat["next_source"]["source"] == 3;
	assert_eq!(
		seats["members"].as_array().map(|seats| seats.iter().filter(|seat| waits(seat)).count()),
		Some(1),
		"{seats}"
	);
	keelctl.refuses("//Ferdie", &["oracle", "source", "3"], 4, "Oracle.NotAMember").await;
	let other = ["--reporter-key", "//Eve//second"];
	let proof = keelctl.does("//Eve", &[&["reporter", "prove", "//Eve"], &other[..]].concat()).await;
	assert!(text(&proof["proof"]["Sr25519"]).starts_with("0x"), "{proof}");
	keelctl
		.refuses("//Eve", &[&["reporter", "prove", "//Ferdie"], &other[..]].concat(), 2, "has no seat")
		.await;
	let registered = keelctl.does("//Eve", &[&["reporter", "register"], &other[..]].concat()).await;
	assert_eq!(registered["reporter"], proof["reporter"], "{registered}");
	keelctl
		.refuses("//Bob", &[&["reporter", "register"], &other[..]].concat(), 4, "Oracle.ReporterInUse")
		.await;
}
