// SPDX-License-Identifier: Apache-2.0
//! Two nodes with the keys of one validator, as after a move in which the old machine was not stopped: what
//! docs/operate.md says of it.

use keel_e2e::{network::peer_id, node::free_port, Node, Options};
use keelctl::{chain, value};
use std::time::Duration;
use subxt::{rpcs::rpc_params, utils::H256};
use subxt_signer::sr25519::dev;

/// How long it may take until both have made a block and voted for it.
const PATIENCE: Duration = Duration::from_secs(180);

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_that_runs_twice_is_named_in_the_logs_of_others_and_nowhere_on_the_chain() {
	let (key, port) = (format!("{:064x}", 7), free_port());
	let address = format!("/ip4/127.0.0.1/tcp/{port}/p2p/{}", peer_id(&key));
	let beside = |name: &str, arguments: Vec<String>| {
		let reserved = ["--reserved-nodes".to_owned(), address.clone()];
		Options {
			name: name.to_owned(),
			arguments: [arguments, reserved.to_vec()].concat(),
			..Options::dev()
		}
	};
	let mut first = Options::dev();
	first.p2p_port = Some(port);
	first.arguments.extend(["--node-key".to_owned(), key]);
	let _first = Node::start(first).await;
	let watcher = Node::start(beside("watcher", Vec::new())).await;
	let _second = Node::start(beside("second", Options::dev().arguments)).await;

	// What a node could do about it on the chain, it asks the runtime for: a proof of whose key it was.
	let chain = watcher.chain().await;
	let at = chain.at(chain.genesis()).await.expect("the first block");
	let alice = chain::account_value(&keelctl::keys::id(&dev::alice()));
	let keys = chain::storage(&at, "Session", "NextKeys", vec![alice]).await.expect("an answer");
	let grandpa = keys.as_ref().and_then(|keys| value::field(keys, "grandpa")).and_then(value::bytes);
	let grandpa = hex::encode(grandpa.expect("Alice has keys"));
	let proof: String = chain
		.rpc()
		.request(
			"state_call",
			rpc_params![
				"GrandpaApi_generate_key_ownership_proof",
				format!("0x{:016x}{grandpa}", 0),
				None::<H256>
			],
		)
		.await
		.expect("an answer");
	assert_eq!(proof, "0x00", "there is none: nobody is reported");

	// Two blocks for one slot, and two votes in one round.
	watcher.wait_for_log("Slot author is equivocating at slot", PATIENCE).await;
	watcher.wait_for_log("Detected prevote equivocation", PATIENCE).await;
	let log = watcher.log();
	let line =
		log.lines().find(|line| line.contains("Detected prevote equivocation")).expect("it was logged");
	assert!(line.contains(&grandpa), "it does not say whose: {line}");
	assert!(line.to_lowercase().contains("equivocat"), "the word that docs/operate.md has people search for");
}
