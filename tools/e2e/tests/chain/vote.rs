// SPDX-License-Identifier: Apache-2.0
//! Governance by people with one key each: proposed by one, voted on by another, closed by anybody. Each of
//! them has `keelctl` and a file with a key.

use keel_e2e::{Keelctl, Node, Options};
use keelctl::{chain, gov, wasm::Runtime};
use serde_json::{json, Value as Json};
use std::path::Path;
use subxt::dynamic::Value;
use subxt_signer::sr25519::dev;

use super::motion::author_for_all;

/// The second runtime.
fn next_runtime() -> String {
	std::env::var("KEEL_NEXT_WASM").unwrap_or_else(|_| {
		panic!("there is no second runtime: run scripts/test, which builds it, or set KEEL_NEXT_WASM")
	})
}

/// The Council of the `local` preset: Alice, Bob and Charlie, of whom two must agree.
#[tokio::test(flavor = "multi_thread")]
async fn one_proposes_another_votes_and_anybody_closes() {
	let node = Node::start(Options { chain: "local".to_owned(), ..Options::dev() }).await;
	let chain = node.chain().await;
	author_for_all(&chain).await;
	let keelctl = Keelctl::of_several(node.url());
	let [alice, bob, ferdie] = ["Alice", "Bob", "Ferdie"].map(|name| keelctl.key(name));
	let propose = ["gov", "propose", "System.remark(0x0102)"];

	// Looked at, and nothing sent.
	let outlook = keelctl.does(&ferdie, &[&propose[..], &["--dry-run"]].concat()).await;
	assert_eq!(outlook["class"], "Operational", "{outlook}");
	let [tabled, voted, earliest] =
		["tabled", "voted", "earliest"].map(|step| outlook[step]["block"].as_u64());
	assert_eq!(tabled.map(|block| block % 10), Some(0), "a launch every ten blocks: {outlook}");
	assert_eq!((voted, earliest), (tabled.map(|block| block + 15), tabled.map(|block| block + 17)));
	assert!(outlook["fast_tracked"]["block"].as_u64() < earliest, "{outlook}");
	let hurry = &outlook["fast_track"];
	assert_eq!(hurry["who"], "two thirds of the Technical Committee (2 of 3)", "{outlook}");
	let printed = hurry["how"].as_str().and_then(|how| how.split('\'').nth(1)).expect("a call in quotes");
	let printed = chain.resolve(printed.parse().expect("a call")).await.expect("a call of this chain");
	let bytes = chain::encode(&chain.best().await.expect("a block"), &printed);
	assert!(bytes.is_ok(), "what is told can be given: {outlook}");
	let stops = outlook["stops"].as_array().expect("a list");
	assert_eq!(stops.len(), 3, "before, during and after the vote: {outlook}");
	assert_eq!(stops[2]["who"], "two thirds of the Security Council (4 of 5), once");
	let nothing = keelctl.does(&ferdie, &["gov", "queue"]).await;
	assert_eq!((&nothing["motions"], &nothing["proposals"]), (&json!([]), &json!([])));

	// Whoever has no seat is told before anything is sent.
	let (problem, help) = keelctl.fails(&ferdie, &propose).await;
	assert_eq!(problem, "Ferdie has no seat in Council");
	assert!(["Alice", "Bob", "Charlie", "--public"].iter().all(|name| help.contains(name)), "{help}");

	let proposed = keelctl.does(&alice, &propose).await;
	assert_eq!(proposed["outcome"]["stands"], "motion", "{proposed}");
	assert_eq!((&proposed["outcome"]["ayes"], &proposed["outcome"]["threshold"]), (&1.into(), &2.into()));
	assert_eq!(proposed["joined"], Json::Null);

	let list = keelctl.does(&bob, &["gov", "vote"]).await;
	assert_eq!(list["seats"][0], "the Council", "{list}");
	assert_eq!(list["motions"][0]["call"], "Democracy.external_propose_majority", "{list}");
	assert_eq!(list["motions"][0]["closable"], false);
	let (problem, help) = keelctl.fails(&ferdie, &["gov", "close", "council", "0"]).await;
	assert_eq!(problem, "motion 0 of Council is still open: it has 1 of 2 ayes");
	assert!(help.contains("From block"), "{help}");
	let (problem, _) = keelctl.fails(&ferdie, &["gov", "vote", "motion", "council", "0", "aye"]).await;
	assert_eq!(problem, "Ferdie has no seat in Council");
	let (problem, _) = keelctl.fails(&alice, &["gov", "vote", "motion", "council", "0", "aye"]).await;
	assert_eq!(problem, "Alice has voted aye in motion 0 of Council already");
	let (problem, help) = keelctl.fails(&bob, &["gov", "vote", "motion", "council", "7", "aye"]).await;
	assert!(problem == "Council has no motion 7" && help.starts_with("Open are 0."), "{problem} {help}");

	let voted = keelctl.does(&bob, &["gov", "vote", "motion", "council", "0", "aye"]).await;
	assert_eq!(
		(&voted["ayes"], &voted["closable"], &voted["voted"]),
		(&2.into(), &true.into(), &true.into())
	);
	let closed = keelctl.does(&ferdie, &["gov", "close", "council", "0"]).await;
	assert_eq!(closed["executed"], true, "{closed}");
	let (problem, _) = keelctl.fails(&ferdie, &["gov", "close", "council", "0"]).await;
	assert_eq!(problem, "motion 0 of Council is closed");

	// The same again finds what was made. It may have been tabled by now.
	let again = keelctl.does(&bob, &propose).await;
	let joined = again["joined"].as_str().expect("it is on its way");
	assert!(["external", "referendum"].contains(&joined), "{again}");
	assert_eq!(again["outcome"]["stands"], joined, "{again}");

	let open = |at| async move { Ok((!gov::open_referenda(&at).await?.is_empty()).then_some(())) };
	chain
		.wait_until("the referendum", 22, "There is a launch every ten blocks.", open)
		.await
		.expect("tabled");
	let (problem, help) =
		keelctl.fails(&alice, &["gov", "vote", "referendum", "1", "aye", "--balance", "5"]).await;
	assert!(
		problem.starts_with("there is no referendum 1") && help.starts_with("Open are 0."),
		"{problem} {help}"
	);
	let vote = ["gov", "vote", "referendum", "0", "aye", "--balance", "5000", "--conviction", "2x"];
	let voted = keelctl.does(&ferdie, &vote).await;
	assert_eq!((&voted["conviction"], &voted["locked_blocks"]), (&"2x".into(), &30.into()), "{voted}");
	let (problem, _) = keelctl.fails(&ferdie, &vote).await;
	assert!(problem.starts_with("Ferdie has voted aye with 5,000 KEEL at 2x"), "{problem}");
	let queue = keelctl.does(&ferdie, &["gov", "queue"]).await;
	let change = &queue["changes"][0];
	assert_eq!((&change["class"], &change["turnout"]), (&"Operational".into(), &"5000".into()), "{queue}");
	assert!(change["end"]["time"].is_string() && change["stop"]["who"].is_string(), "{queue}");

	// Anybody proposes publicly. Given again it costs no second deposit; another one backs it.
	let publicly = ["gov", "propose", "System.remark(0x03)", "--public"];
	let proposed = keelctl.does(&ferdie, &publicly).await;
	assert_eq!((&proposed["outcome"]["stands"], &proposed["joined"]), (&"public".into(), &Json::Null));
	assert_eq!(proposed["deposit"], "100", "{proposed}");
	assert_eq!(keelctl.does(&ferdie, &publicly).await["joined"], "public");
	let backers = async || keelctl.does(&ferdie, &["gov", "queue"]).await["proposals"][0]["backers"].clone();
	assert_eq!(backers().await, 1);
	assert_eq!(keelctl.does(&bob, &publicly).await["joined"], "public");
	assert_eq!(backers().await, 2);
}

/// While nobody can withdraw, what people may want to leave before does not come nearer.
#[tokio::test(flavor = "multi_thread")]
async fn a_timelock_that_stands_still_says_why_and_who_can_cancel_it() {
	let node = Node::start(Options::quick(1_000)).await;
	let chain = node.chain().await;
	let keelctl = Keelctl::of_several(node.url());
	let proposed =
		keelctl.does("//Alice", &["gov", "propose", "InsuranceFund.set_target(0, 100000000)"]).await;
	assert_eq!(
		(&proposed["class"], &proposed["outcome"]["stands"]),
		(&"Economic".into(), &"external".into())
	);
	let hash = proposed["hash"].as_str().expect("a hash");
	let fast_track = format!("Democracy.fast_track({hash}, 8, 2)");
	assert_eq!(keelctl.does("//Alice", &["gov", "motion", "technical", &fast_track]).await["executed"], true);
	keelctl.does("//Alice", &["gov", "vote", "referendum", "0", "aye", "--balance", "1000"]).await;
	assert!(keelctl.does("//Alice", &["pause"]).await["safe_mode_until"].is_u64());

	let waits = |at| async move { gov::change::due(&at, 0).await };
	let due =
		chain.wait_until("the end of the vote", 12, "It takes eight blocks.", waits).await.expect("passed");
	chain.wait_for_block(due).await.expect("blocks are made");
	let queue = keelctl.does("//Alice", &["gov", "queue"]).await;
	let change = &queue["changes"][0];
	assert_eq!(change["call"], "InsuranceFund.set_target", "{queue}");
	assert!(change["stands_still"].as_str().is_some_and(|why| why.contains("safe mode")), "{queue}");
	assert!(change["acts"]["block"].as_u64() > Some(due), "{queue}");
	assert_eq!(change["stop"]["who"], "two thirds of the Security Council (1 of 1), once");
	keelctl.does("//Alice", &["gov", "motion", "security", "ChangeControl.cancel(0)"]).await;
	assert_eq!(keelctl.does("//Alice", &["gov", "queue"]).await["changes"], json!([]), "it was cancelled");
}

/// Whoever has stored the bytes takes them back before the vote begins. Nobody could read what is voted on, and the vote
/// would come to nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_stores_again_what_was_taken_back() {
	let node = Node::start(Options::quick(1_000)).await;
	let chain = node.chain().await;
	let keelctl = Keelctl::of_several(node.url());
	let wasm = next_runtime();
	let code = hex::encode(Runtime::read(Path::new(&wasm)).expect("the second runtime").hash);
	let call = format!("System.authorize_upgrade(0x{code})");
	let proposed = keelctl.does("//Alice", &["gov", "propose", &call]).await;
	let hash = proposed["hash"].as_str().and_then(|hash| hex::decode(&hash[2..]).ok()).expect("a hash");
	let take = keelctl::chain::call("Preimage", "unnote_preimage", [("hash", Value::from_bytes(hash))]);
	chain.submit(&take, &dev::alice()).await.expect("they are hers");
	let queue = keelctl.does("//Bob", &["gov", "queue"]).await;
	let on_its_way = queue["proposals"].get(0).unwrap_or(&queue["changes"][0]);
	assert_eq!(on_its_way["stored"], false, "{queue}");
	let upgraded = keelctl.does("//Alice", &["gov", "upgrade", &wasm]).await;
	assert!(upgraded["joined"].is_string(), "{upgraded}");
}

/// The first is stopped in the middle of the vote; the second finds the vote, and goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_upgrade_with_the_same_code_joins_the_first() {
	let node = Node::start(Options::quick(1_000)).await;
	let chain = node.chain().await;
	let keelctl = Keelctl::of_several(node.url());
	let wasm = next_runtime();
	let next = Runtime::read(Path::new(&wasm)).expect("the second runtime").spec_version;
	keelctl.until("voted aye in referendum 0", &["gov", "upgrade", &wasm]).await;
	let upgraded =
		keelctl.does("//Alice", &["gov", "upgrade", &wasm, "--applier", &keelctl.key("Ferdie")]).await;
	assert_eq!((&upgraded["joined"], &upgraded["to"]), (&"referendum".into(), &next.into()), "{upgraded}");
	let at = chain.best().await.expect("a best block");
	assert_eq!(gov::open_referenda(&at).await.expect("they are readable"), []);
	assert_eq!(gov::standing(&at, 1).await.expect("it is readable"), None, "there was one referendum");
}
