// SPDX-License-Identifier: Apache-2.0
//! No way round the timelock, on a real node: two bodies and one vote do not move what others have deposited.

use keel_e2e::{Node, Options};
use keelctl::{
	call::{Call, CallText},
	chain::{self, Chain},
	gov::{self, Body, Outcome},
	keys,
};
use subxt::{ext::scale_value::Value, utils::AccountId32};
use subxt_signer::sr25519::dev;

/// An asset's amounts are in millionths of a dollar.
const HALF: u128 = 1_000_000;

fn tell(line: &str) {
	eprintln!("{line}");
}

/// The account that holds all collateral: a pallet's.
fn custody() -> AccountId32 {
	let mut bytes = [0; 32];
	bytes[..12].copy_from_slice(b"modlkeel/mrg");
	AccountId32(bytes)
}

/// Move collateral as if custody had signed it.
fn theft() -> Call {
	let transfer = chain::call(
		"Assets",
		"transfer",
		[
			("id", Value::u128(1)),
			("target", chain::address_value(&keys::id(&dev::eve()))),
			("amount", Value::u128(HALF)),
		],
	);
	let signed = Value::unnamed_variant("Signed", [chain::account_value(&custody())]);
	let origin = Value::unnamed_variant("system", [signed]);
	chain::call("Utility", "dispatch_as", [("as_origin", origin), ("call", chain::nested(&transfer))])
}

async fn held(chain: &Chain) -> String {
	let at = chain.best().await.expect("a best block");
	let key = vec![Value::u128(1), chain::account_value(&custody())];
	let account = chain::storage(&at, "Assets", "Account", key).await.expect("it is readable");
	format!("{:?}", account.expect("custody has dollars"))
}

async fn moved(chain: &Chain, body: Body, call: &Call) {
	let outcome =
		gov::motion(chain, body, call, &[dev::alice()], None, &tell).await.expect("Alice is the body");
	assert!(matches!(outcome, Outcome::Executed(_)), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bodies_and_a_vote_do_not_move_what_others_have_deposited() {
	let node = Node::start(Options::dev()).await;
	let chain = node.chain().await;
	let before = held(&chain).await;

	// Asked beforehand, the chain says so.
	let at = chain.best().await.expect("a best block");
	let error = gov::change::forecast(&at, &theft()).await.expect_err("no vote carries it");
	assert!(error.to_string().contains("Utility.dispatch_as: it acts for an account"), "{error}");
	let remark: CallText = "System.remark(0x01)".parse().expect("a call");
	let remark = chain.resolve(remark).await.expect("the chain has it");
	let told = gov::change::forecast(&at, &remark).await.expect("a vote may say something");
	assert_eq!((told.class.as_str(), told.delay), ("Operational", 1));

	// Tried all the same, as fast as can be.
	let noted = gov::note_preimage(&chain, &theft(), &dev::alice(), &tell).await.expect("it is stored");
	let propose = chain::call("Democracy", "external_propose_majority", [("proposal", noted.proposal())]);
	moved(&chain, Body::Council, &propose).await;
	let track = chain::call(
		"Democracy",
		"fast_track",
		[
			("proposal_hash", Value::from_bytes(noted.hash)),
			("voting_period", Value::u128(4)),
			("delay", Value::u128(0)),
		],
	);
	let from = chain.best_number().await.expect("a best block");
	moved(&chain, Body::Technical, &track).await;
	let asked = &chain;
	let refused = chain
		.wait_until("the refusal", 6, "The guard of change control says nothing.", |_| async move {
			gov::change::refusal(asked, 0, from).await
		})
		.await
		.expect("it is refused");
	assert!(refused.starts_with("Utility.dispatch_as"), "{refused}");
	let at = chain.best().await.expect("a best block");
	assert_eq!(gov::standing(&at, 0).await.expect("it is readable"), None, "nobody votes on it");
	assert_eq!(gov::change::queue(&at).await.expect("it is readable"), []);
	assert_eq!(held(&chain).await, before);
}
