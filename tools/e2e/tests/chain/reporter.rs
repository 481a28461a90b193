// SPDX-License-Identifier: Apache-2.0
//! Registering a reporter key on a real node: who has the key may, who has only seen it may not.

use keel_e2e::{Node, Options};
use keelctl::{keys, oracle, reporter, Error};
use subxt_signer::sr25519::dev;

#[tokio::test(flavor = "multi_thread")]
async fn a_member_registers_a_key_that_proves_itself() {
	let node = Node::start(Options::dev()).await;
	let chain = node.chain().await;
	chain.wait_for_block(1).await.expect("blocks are made");
	let key = keys::keypair("//Alice//second", "the tests").expect("a development key");

	// Bob copies what Alice will send.
	let proof = reporter::prove(&chain, &keys::id(&dev::alice()), &key).await.expect("Alice has a seat");
	let stolen = chain.submit(&reporter::call(&keys::id(&key), &proof), &dev::bob()).await;
	let error = stolen.expect_err("the proof names Alice");
	assert!(matches!(&error, Error::Failed { error, .. } if error.name() == "Oracle.NotProven"), "{error}");

	reporter::register(&chain, &dev::alice(), &key).await.expect("it is Alice's");
	let at = chain.best().await.expect("a best block");
	let found = oracle::reporters(&at, [key.clone()]).await.expect("it is readable");
	assert_eq!(found.first().map(|found| found.member), Some(keys::id(&dev::alice())));

	let error = reporter::register(&chain, &dev::ferdie(), &key).await.expect_err("Ferdie has no seat");
	assert!(error.to_string().contains("no seat"), "{error}");
}
