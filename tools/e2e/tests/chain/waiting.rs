// SPDX-License-Identifier: Apache-2.0
//! What keelctl waits for, what it says when that does not come, and the chains without consensus.

use keel_e2e::{Keelctl, Node, Options};
use keelctl::{
	chain::{self, Chain},
	exchange,
	gov::{self, ByCouncil, Checks},
	keys,
	units::{Dollars, Keel},
	wasm::Runtime,
};
use std::path::Path;
use subxt::{dynamic::Value, rpcs::rpc_params, utils::H256};
use subxt_signer::sr25519::dev;

fn sealed(option: &str) -> Options {
	let mut options = Options::dev();
	options.arguments.push(option.to_owned());
	options
}

/// Make a block on command; its hash.
async fn seal(chain: &Chain, finalize: bool, parent: Option<H256>) -> H256 {
	let parameters = rpc_params![true, finalize, parent];
	let made =
		chain.rpc().request::<serde_json::Value>("engine_createBlock", parameters).await.expect("a block");
	serde_json::from_value(made["hash"].clone()).expect("it has a hash")
}

fn next_runtime() -> String {
	std::env::var("KEEL_NEXT_WASM")
		.unwrap_or_else(|_| panic!("there is no second runtime: run scripts/test, which builds it"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_is_final_or_says_that_it_is_not() {
	let node = Node::start(Options::dev()).await;
	let keelctl = Keelctl::new(node.url());
	let chain = node.chain().await;
	let quick = keelctl.does("//Bob", &["deposit", "100", "--wait", "best"]).await;
	assert_eq!(quick["final"], false, "nobody has voted on this block yet: {quick}");
	let sure = keelctl.does("//Bob", &["deposit", "100"]).await;
	assert_eq!(sure["final"], true, "{sure}");
	let block = sure["block"].as_u64().expect("a number");
	assert!(chain.finalized_number().await.expect("a number") >= block, "{sure}");
	let seen = keelctl.does("//Bob", &["account"]).await;
	assert_eq!(seen["margin"]["equity"], "200", "{seen}");

	// Its clock is that of this machine, its blocks come and become final; nobody reports prices.
	let examined = keelctl.ask("//Alice", &["doctor"]).await;
	assert_eq!(examined.code, 6, "{examined:#?}");
	let verdict = |subject: &str| {
		let findings = examined.result["findings"].as_array().expect("findings");
		let finding = findings.iter().find(|finding| finding["subject"] == subject);
		finding.unwrap_or_else(|| panic!("{subject}: {examined:#?}"))["verdict"].clone()
	};
	for subject in ["node", "sync", "blocks", "finality", "clock", "P2P port", "key", "books", "safe mode"] {
		assert_eq!(verdict(subject), "well", "{subject}: {examined:#?}");
	}
	assert_eq!((verdict("price BTC/USD"), verdict("market BTC-PERP")), ("wrong".into(), "wrong".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_finality_the_result_is_told_and_called_not_final() {
	let node = Node::start(sealed("--no-grandpa")).await;
	let keelctl = Keelctl::new(node.url());
	let answer = keelctl.ask("//Bob", &["deposit", "100", "--patience", "6"]).await;
	assert_eq!(answer.code, 5, "{answer:#?}");
	assert_eq!(answer.error["code"], "keelctl::not_final", "{answer:#?}");
	assert_eq!(answer.result["final"], false, "what was done is told: {answer:#?}");
	assert!(answer.result["block"].as_u64().is_some(), "{answer:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_is_replaced_is_not_told_as_done() {
	let node = Node::start(sealed("--manual-seal")).await;
	let keelctl = Keelctl::new(node.url());
	let chain = node.chain().await;
	let parent = seal(&chain, true, None).await;
	let before = chain.best_number().await.expect("a number");
	let losing = async {
		// The deposit goes into a block that is not final, and another branch overtakes it.
		while chain.best_number().await.expect("a number") == before {
			tokio::time::sleep(std::time::Duration::from_millis(500)).await;
			if pending(&chain).await > 0 {
				seal(&chain, false, Some(parent)).await;
			}
		}
		// keelctl sees it there before it is gone.
		tokio::time::sleep(std::time::Duration::from_secs(2)).await;
		let other = seal(&chain, false, Some(parent)).await;
		seal(&chain, true, Some(other)).await;
	};
	let (answer, ()) = tokio::join!(keelctl.ask("//Bob", &["deposit", "100"]), losing);
	assert_eq!((answer.code, &answer.error["code"]), (5, &"keelctl::replaced".into()), "{answer:#?}");
	assert!(answer.result.is_null(), "it is not told as done: {answer:#?}");
}

async fn pending(chain: &Chain) -> usize {
	let pending = chain.rpc().request::<Vec<String>>("author_pendingExtrinsics", rpc_params![]).await;
	pending.expect("the pool").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn when_no_block_comes_a_command_ends_and_loses_nothing() {
	let node = Node::start(sealed("--manual-seal")).await;
	let keelctl = Keelctl::new(node.url());
	let chain = node.chain().await;
	seal(&chain, true, None).await;
	let answer = keelctl.ask("//Bob", &["deposit", "100", "--patience", "3"]).await;
	assert_eq!(answer.code, 3, "{answer:#?}");
	assert_eq!(answer.error["code"], "keelctl::no_blocks", "{answer:#?}");
	assert!(answer.error["help"].to_string().contains("engine_createBlock"), "{answer:#?}");
	assert_eq!(pending(&chain).await, 1, "it waits in the node");
	seal(&chain, true, None).await;
	let seen = keelctl.does("//Bob", &["account"]).await;
	assert_eq!(seen["margin"]["equity"], "100", "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_each_transaction_makes_a_block_what_needs_no_time_works() {
	let node = Node::start(sealed("--instant-seal")).await;
	let keelctl = Keelctl::new(node.url());
	keelctl.does("//Alice", &["markets"]).await;
	let done = keelctl.does("//Bob", &["deposit", "100"]).await;
	assert_eq!(done["final"], true, "a block is final at once: {done}");
	let next = next_runtime();
	let answer = keelctl.ask("//Alice", &["gov", "upgrade", &next, "--patience", "3"]).await;
	assert_eq!(answer.code, 3, "a vote takes blocks, and none comes: {answer:#?}");
	assert!(answer.error["help"].to_string().contains("--block-time"), "{answer:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_before_an_upgrade_is_signed_again_after_it() {
	let node = Node::start(Options::quick(300)).await;
	let chain = node.chain().await;
	let runtime = Runtime::read(Path::new(&next_runtime())).expect("the second runtime");
	let (alice, bob, tell) = (dev::alice(), dev::bob(), |line: &str| eprintln!("{line}"));
	let council = ByCouncil {
		council: vec![alice.clone()],
		technical: vec![alice.clone()],
		voter: alice,
		balance: Keel(1_000_000_000_000_000),
		voting_period: None,
		delay: None,
	};
	gov::by_council(&chain, &runtime, &council, &tell).await.expect("it is authorised");

	// A deposit that waits for the transaction before it, and so for the new runtime.
	let nonce = chain.next_nonce(&keys::id(&bob)).await.expect("a nonce");
	let deposit = exchange::deposit_call(0, Dollars::parse("100").expect("dollars"));
	let waiting = chain.submit_with_nonce(&deposit, &bob, nonce + 1);
	let upgraded = async {
		// The pool does not show what waits for another: time enough to sign it.
		tokio::time::sleep(std::time::Duration::from_secs(2)).await;
		let applied = gov::apply(&chain, &runtime, &dev::ferdie(), Checks::BeforeSending, &tell).await;
		let applied = applied.expect("it is applied");
		let remark = chain::call("System", "remark", [("remark", Value::from_bytes([1]))]);
		chain.submit_with_nonce(&remark, &bob, nonce).await.expect("it fills the gap");
		applied
	};
	let (deposited, applied) = tokio::join!(waiting, upgraded);
	let deposited = deposited.expect("it is signed again for the new runtime");
	assert!(deposited.number >= applied.first, "{} and {}", deposited.number, applied.first);
	let at = chain.best().await.expect("a best block");
	let account = exchange::account(&at, &keys::id(&bob), 0).await.expect("readable").expect("an account");
	assert_eq!(account.equity.plain(), "100", "once, not twice");
}
