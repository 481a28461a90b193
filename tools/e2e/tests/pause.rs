// SPDX-License-Identifier: Apache-2.0
//! Pauses on a real node: what each of them stops, and how it ends.

use keel_e2e::{calls, Node, Options};
use keelctl::{
	chain::{self, Chain, DryRun},
	gov::Body,
	pause,
};
use std::collections::BTreeSet;
use subxt_signer::sr25519::dev;

/// What safe mode lets through: blocks, governance, wrappers whose calls are filtered again, prices,
/// added margin and everything that reduces risk.
const ALIVE_IN_SAFE_MODE: &[&str] = &[
	"Authorship",
	"CircuitBreaker",
	"Council",
	"Democracy",
	"Grandpa",
	"Migrations",
	"Multisig",
	"Oracle",
	"Parameters",
	"Preimage",
	"Proxy",
	"RiskCommittee",
	"SafeMode",
	"Scheduler",
	"SecurityCouncil",
	"Session",
	"System",
	"TechnicalCommittee",
	"Timestamp",
	"Treasury",
	"TxPause",
	"Utility",
	"ValidatorMembership",
];

fn tell(line: &str) {
	eprintln!("{line}");
}

/// The calls that are stopped before they begin, as `Pallet.call`.
async fn stopped(chain: &Chain) -> BTreeSet<String> {
	let at = chain.best().await.expect("a best block");
	let mut stopped = BTreeSet::new();
	for call in calls::all(&at) {
		let outcome =
			chain.dry_run(&call, &dev::bob()).await.unwrap_or_else(|e| panic!("{}: {e}", chain::name(&call)));
		if matches!(&outcome, DryRun::Failed(error) if error.name() == "System.CallFiltered") {
			stopped.insert(chain::name(&call));
		}
	}
	stopped
}

#[tokio::test(flavor = "multi_thread")]
async fn safe_mode_stops_what_it_should_and_another_body_ends_it_early() {
	let node = Node::start(Options::dev()).await;
	let chain = node.chain().await;
	let before = stopped(&chain).await;

	pause::enter_safe_mode(&chain, &[dev::alice()], &tell).await.expect("the Security Council may");
	let until = pause::safe_mode_until(&chain.best().await.expect("a best block")).await.expect("readable");
	assert!(until.is_some(), "the chain says until when safe mode lasts");
	let during = stopped(&chain).await;
	for name in &during {
		let pallet = name.split('.').next().unwrap_or_default();
		assert!(
			before.contains(name) || !ALIVE_IN_SAFE_MODE.contains(&pallet),
			"{name} must live in safe mode"
		);
	}
	for name in ["Balances.transfer_keep_alive", "Assets.transfer", "Faucet.drip"] {
		assert!(during.contains(name), "{name} waits in safe mode");
		assert!(!before.contains(name), "{name} is allowed otherwise");
	}

	pause::leave_safe_mode(&chain, Body::Technical, &[dev::alice()], &tell).await.expect("another body may");
	assert_eq!(stopped(&chain).await, before, "all is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn safe_mode_ends_by_itself() {
	let node = Node::start(Options::quick(300)).await;
	let chain = node.chain().await;
	pause::enter_safe_mode(&chain, &[dev::alice()], &tell).await.expect("the Security Council may");
	let at = chain.best().await.expect("a best block");
	let until = pause::safe_mode_until(&at).await.expect("readable").expect("it is on");
	chain.wait_for_block(until + 2).await.expect("blocks go on in safe mode");
	let at = chain.best().await.expect("a best block");
	assert_eq!(pause::safe_mode_until(&at).await.expect("readable"), None);
}
