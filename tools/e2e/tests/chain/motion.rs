// SPDX-License-Identifier: Apache-2.0
//! Motions in bodies of several seats, on the `local` preset.

use keel_e2e::{Node, Options};
use keelctl::{
	call::CallText,
	chain::Chain,
	gov::{self, Body, Outcome},
	Error,
};
use subxt::rpcs::rpc_params;
use subxt_signer::sr25519::dev;

fn tell(line: &str) {
	eprintln!("{line}");
}

/// Let the one node make the blocks of all four validators: nobody has to wait for the others' slots.
pub async fn author_for_all(chain: &Chain) {
	for (name, key) in [("//Bob", dev::bob()), ("//Charlie", dev::charlie()), ("//Dave", dev::dave())] {
		let public = format!("0x{}", hex::encode(key.public_key().0));
		let parameters = rpc_params!["aura", name, public];
		chain.rpc().request::<()>("author_insertKey", parameters).await.expect("the node takes the key");
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_several_seats_acts_when_enough_of_it_agree() {
	let node = Node::start(Options { chain: "local".to_owned(), ..Options::dev() }).await;
	let chain = node.chain().await;
	author_for_all(&chain).await;
	let cancel = |referendum: u32| format!("Democracy.emergency_cancel(ref_index: {referendum})");
	let resolve =
		async |text: &str| chain.resolve(text.parse::<CallText>().expect("a call")).await.expect("it has it");
	let first = resolve(&cancel(0)).await;

	let stranger = [dev::ferdie()];
	let error = gov::motion(&chain, Body::Security, &first, &stranger, None, &tell).await;
	let error = error.expect_err("Ferdie has no seat");
	assert!(matches!(&error, Error::Governance { problem, .. } if problem.contains("no seat")), "{error}");

	// Two thirds of five seats are four: the call says so, and what was begun is joined.
	let three = [dev::alice(), dev::bob(), dev::charlie()];
	let four = [dev::alice(), dev::bob(), dev::charlie(), dev::dave()];
	let open = gov::motion(&chain, Body::Security, &first, &three, None, &tell).await;
	assert!(matches!(open, Ok(Outcome::Open { index: 0, ayes: 3, threshold: 4, .. })), "{open:?}");
	let acted = gov::motion(&chain, Body::Security, &first, &four[3..], None, &tell).await;
	let error = acted.expect_err("there is no such referendum: but the body has acted");
	assert!(
		matches!(&error, Error::Failed { error, .. } if error.name().starts_with("Democracy.")),
		"{error}"
	);
	let registrar = format!(
		"Identity.add_registrar({{\"account\": {{\"Id\": \"0x{}\"}}}})",
		hex::encode(dev::ferdie().public_key().0)
	);
	let registrar = resolve(&registrar).await;
	let acted = gov::motion(&chain, Body::Council, &registrar, &four[..2], None, &tell).await;
	assert!(matches!(acted, Ok(Outcome::Executed(_))), "{acted:?}");

	let error = gov::motion(&chain, Body::Security, &registrar, &four, None, &tell).await;
	let error = error.expect_err("it is another body's");
	assert!(matches!(&error, Error::Governance { help, .. } if help.contains("half of Council")), "{error}");
	let error = gov::motion(&chain, Body::Security, &registrar, &four, Some(6), &tell).await;
	assert!(matches!(error, Err(Error::Usage { .. })), "there are five seats: {error:?}");
	// Moved all the same, it is the chain that refuses.
	let error = gov::motion(&chain, Body::Security, &registrar, &four, Some(4), &tell).await;
	let error = error.expect_err("it is another body's");
	assert!(matches!(&error, Error::Failed { error, .. } if error.name() == "BadOrigin"), "{error}");

	// An emergency needs no motion.
	let act = keelctl::pause::Act::EnterSafeMode;
	let open = keelctl::pause::approve(&chain, &act, &three, &tell).await.expect("they may");
	assert!(matches!(open, keelctl::pause::Approved::Waiting { approvals: 3, .. }), "{open:?}");
	let done = keelctl::pause::approve(&chain, &act, &four[3..], &tell).await.expect("he may");
	assert!(matches!(done, keelctl::pause::Approved::Done(_)), "{done:?}");
}
