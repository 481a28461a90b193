// SPDX-License-Identifier: Apache-2.0
//! Four validators on one machine: they finalise, survive the loss of one, take it back, and let a
//! stranger in by warp sync.

use keel_e2e::{load, Load, Network, Node};
use keelctl::{chain::AtBlock, Chain};
use std::time::{Duration, Instant};
use subxt::{rpcs::rpc_params, utils::H256};

/// How far finality may be behind the best block, and a node behind another, in blocks. In a quiet
/// network it is two or three; here five nodes share what other work leaves of two cores.
const LAG: u64 = 20;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// The last block of the local chain's third session.
const THREE_SESSIONS: u64 = 30;
/// Transfers that must have arrived before a validator is lost, so that it is lost under load.
const UNDER_LOAD: u64 = 100;
/// How long finality must stand still to count as stopped: several rounds of votes.
const STANDSTILL: Duration = Duration::from_secs(8);

/// The highest final block of a node.
async fn finalized(chain: &Chain) -> AtBlock {
	chain.finalized().await.expect("a final block")
}

/// Wait until block `number` is final for `who`; the final block then.
async fn wait_until_final(who: &str, chain: &Chain, number: u64) -> AtBlock {
	let start = Instant::now();
	loop {
		let at = finalized(chain).await;
		if at.block_number() >= number {
			return at;
		}
		assert!(
			start.elapsed() < PATIENCE,
			"{who} has finalised {} and not {number} after {} s",
			at.block_number(),
			PATIENCE.as_secs()
		);
		tokio::time::sleep(Duration::from_millis(250)).await;
	}
}

/// Wait until `count` transfers are final for a node; the final block then.
async fn wait_for_transfers(chain: &Chain, count: u64) -> AtBlock {
	let start = Instant::now();
	loop {
		let at = finalized(chain).await;
		let arrived = load::arrived(&at).await;
		if arrived >= count {
			return at;
		}
		assert!(start.elapsed() < PATIENCE, "only {arrived} of {count} transfers are final");
		tokio::time::sleep(Duration::from_millis(250)).await;
	}
}

/// How far finality is behind the best block of a node; not far.
async fn lag(chain: &Chain) -> u64 {
	let finalized = finalized(chain).await.block_number();
	let lag = best(chain).await.saturating_sub(finalized);
	assert!(lag <= LAG, "finality is {lag} blocks behind");
	lag
}

/// How far a node's finality is behind another's; not far.
async fn behind(chain: &Chain, other: &Chain) -> u64 {
	let there = finalized(other).await.block_number();
	let behind = there.saturating_sub(finalized(chain).await.block_number());
	assert!(behind <= LAG, "it is {behind} blocks behind");
	behind
}

async fn best(chain: &Chain) -> u64 {
	chain.best_number().await.expect("a best block")
}

/// The nodes have the same state in the same final block.
async fn assert_same_state(chains: &[(&str, &Chain)], block: &AtBlock) {
	let expected = load::arrived(block).await;
	for (who, chain) in chains {
		wait_until_final(who, chain, block.block_number()).await;
		let there = chain.at_number(block.block_number()).await.expect("it has the block");
		assert_eq!(there.block_hash(), block.block_hash(), "{who} has finalised another block");
		assert_eq!(load::arrived(&there).await, expected, "the state of {who}");
	}
}

/// Whether a node has the transactions of a block.
async fn has_body(chain: &Chain, block: H256) -> bool {
	let block = chain.rpc().request::<serde_json::Value>("chain_getBlock", rpc_params![block]).await;
	!block.expect("an answer").is_null()
}

/// Whether a node has the state of a block: every state has code.
async fn has_state(chain: &Chain, block: H256) -> bool {
	let code = format!("0x{}", hex::encode(b":code"));
	let hash = chain.rpc().request::<Option<H256>>("state_getStorageHash", rpc_params![code, block]).await;
	matches!(hash, Ok(Some(_)))
}

/// The number of the block that a node had when it last started.
fn block_at_start(log: &str) -> u64 {
	let (_, after) = log.rsplit_once("Highest known block at #").expect("a node says what it has");
	let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
	digits.parse().expect("a number")
}

/// The steps with their times: shown when the test fails, or with `--nocapture`.
struct Story(Instant);

impl Story {
	fn tell(&self, line: &str) {
		eprintln!("{:4} s  {line}", self.0.elapsed().as_secs());
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn four_validators_survive_the_loss_of_one_take_it_back_and_let_a_guest_warp_to_them() {
	let story = Story(Instant::now());
	let network = Network::local();
	story.tell("the specification is written");
	let (alice, mut bob, mut charlie, mut dave) = tokio::join!(
		Node::start(network.validator("Alice")),
		Node::start(network.validator("Bob")),
		Node::start(network.validator("Charlie")),
		Node::start(network.validator("Dave")),
	);
	let (a, b, c, d) = (alice.chain().await, bob.chain().await, charlie.chain().await, dave.chain().await);
	story.tell("four validators answer");

	let block = wait_until_final("Alice", &a, 3).await;
	assert_same_state(&[("Bob", &b), ("Charlie", &c), ("Dave", &d)], &block).await;
	story.tell(&format!("they finalise: block {}, {} behind the best", block.block_number(), lag(&a).await));

	// Under load one is lost. Blocks made after that become final without it.
	let load = Load::begin(a.clone()).await;
	wait_for_transfers(&d, UNDER_LOAD).await;
	dave.kill();
	let lost_at = best(&a).await;
	let arrived = load::arrived(&finalized(&a).await).await;
	story.tell(&format!("Dave is killed at block {lost_at}, {arrived} transfers have arrived"));
	let block = wait_until_final("Alice", &a, lost_at + 8).await;
	assert!(load::arrived(&block).await > arrived, "transfers go on");
	assert_same_state(&[("Bob", &b), ("Charlie", &c)], &block).await;
	story.tell(&format!(
		"three go on: block {} is final, {} behind the best, {} transfers have arrived",
		block.block_number(),
		lag(&a).await,
		load::arrived(&block).await
	));

	// It comes back with what it had, and gets what it missed.
	dave.restart().await;
	let had = block_at_start(&dave.log());
	assert!((1..=lost_at + LAG).contains(&had), "Dave returns with block {had}, killed at {lost_at}");
	let d = dave.chain().await;
	let block = finalized(&a).await;
	story.tell(&format!("Dave is back with block {had}; block {} is final", block.block_number()));
	assert_same_state(&[("Dave", &d)], &block).await;
	story.tell(&format!(
		"Dave has caught up with block {}, {} behind",
		block.block_number(),
		behind(&d, &a).await
	));

	let (_guest, g) = a_guest_warps(&network, &a, &story).await;

	// Three of four are needed: when another is lost, finality is the proof that Dave votes again.
	charlie.kill();
	let lost_at = best(&a).await;
	story.tell(&format!("Charlie is killed at block {lost_at}"));
	let block = wait_until_final("Alice", &a, lost_at + 5).await;
	story.tell(&format!("Alice, Bob and Dave go on: block {} is final", block.block_number()));

	// Not one transfer was lost on the way, and none came twice.
	let sent = load.end().await;
	let block = wait_for_transfers(&a, sent).await;
	assert_eq!(load::arrived(&block).await, sent, "no transfer arrives twice");
	assert_same_state(&[("Bob", &b), ("Dave", &d), ("the guest", &g)], &block).await;
	story.tell(&format!("all {sent} transfers are final in block {}", block.block_number()));

	// The control: with a second one lost blocks go on, and finality must not.
	bob.kill();
	tokio::time::sleep(STANDSTILL).await;
	let (stood, made) = (finalized(&a).await.block_number(), best(&a).await);
	tokio::time::sleep(STANDSTILL).await;
	let made_since = best(&a).await;
	assert_eq!(finalized(&a).await.block_number(), stood, "two of four validators finalise nothing");
	assert!(made_since > made, "two of four validators still make blocks");
	story.tell(&format!("two stand at final block {stood} and make block {made_since}"));
}

/// A node with an empty database joins: it takes over finality by proofs and the state of a final block,
/// without executing the blocks before.
///
/// The validator set is handed on at each session's end, even where it stays the same, so a proof over
/// three sessions has to follow the hand-overs.
async fn a_guest_warps(network: &Network, alice: &Chain, story: &Story) -> (Node, Chain) {
	wait_until_final("Alice", alice, THREE_SESSIONS).await;
	let first = alice.at_number(1).await.expect("the first block").block_hash();
	assert!(has_state(alice, first).await, "the validators still have the first block's state");

	let mut options = network.guest("guest");
	options.arguments.extend(["--sync".to_owned(), "warp".to_owned()]);
	let begun = Instant::now();
	let guest = Node::start(options).await;
	for step in ["Warp sync is complete", "State sync is complete"] {
		guest.wait_for_log(step, PATIENCE).await;
	}
	assert!(!guest.log().contains("Warp sync failed"), "it must not fall back to all blocks");
	let chain = guest.chain().await;
	// It may have heard of a later final block than this validator.
	let reached = finalized(&chain).await.block_number();
	let block = wait_until_final("Alice", alice, reached).await;
	assert_same_state(&[("the guest", &chain)], &block).await;
	story.tell(&format!(
		"a guest has warped within {} s: it has the state of block {}, {} behind",
		begun.elapsed().as_secs(),
		block.block_number(),
		behind(&chain, alice).await
	));

	// Had it executed the blocks, it would have this state, as the validators do.
	assert!(!has_state(&chain, first).await, "the guest has not executed the first block");
	// What it skipped it gets afterwards, as a record.
	let begun = Instant::now();
	while !has_body(&chain, first).await {
		assert!(begun.elapsed() < PATIENCE, "the guest does not get the history");
		tokio::time::sleep(Duration::from_millis(250)).await;
	}
	story.tell("the guest has the history, and no early state");
	(guest, chain)
}
