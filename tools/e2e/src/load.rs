// SPDX-License-Identifier: Apache-2.0
//! A stream of transfers, so that a chain has something to do, and something to lose.

use keelctl::{
	chain::{self, AtBlock, Chain},
	value,
};
use std::{
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
	time::Duration,
};
use subxt::{config::SubstrateExtrinsicParamsBuilder, dynamic::Value, rpcs::rpc_params, utils::AccountId32};
use subxt_signer::sr25519::dev;
use tokio::task::JoinHandle;

/// Twenty transfers a second: forty in a block.
const PAUSE: Duration = Duration::from_millis(50);
/// What each transfer carries: one KEEL.
const AMOUNT: u128 = 1_000_000_000_000;
/// How the pool says that it has a transaction already: the code of the RPC's error.
const ALREADY_IMPORTED: &str = "(1013)";
/// Who receives them. Nobody else sends anything there, so its balance counts them.
const RECEIVER: AccountId32 = AccountId32([7; 32]);

/// Transfers from a well-known account that go to one node, each as soon as the pause is over, whether
/// or not those before are in a block.
pub struct Load {
	stop: Arc<AtomicBool>,
	sending: JoinHandle<u64>,
}

impl Load {
	/// Begin. Ferdie must have sent nothing yet.
	pub async fn begin(chain: Chain) -> Self {
		let at = chain.best().await.expect("a best block");
		let stop = Arc::new(AtomicBool::new(false));
		let stopped = stop.clone();
		let sending = tokio::spawn(async move {
			let mut sent = 0;
			while !stopped.load(Ordering::Relaxed) {
				send(&chain, &at, sent).await;
				sent += 1;
				tokio::time::sleep(PAUSE).await;
			}
			sent
		});
		Self { stop, sending }
	}

	/// End; how many transfers the node has taken.
	pub async fn end(self) -> u64 {
		self.stop.store(true, Ordering::Relaxed);
		self.sending.await.expect("the node takes every transfer")
	}
}

async fn send(chain: &Chain, at: &AtBlock, nonce: u64) {
	let arguments = [("dest", chain::address_value(&RECEIVER)), ("value", Value::u128(AMOUNT))];
	let transfer = chain::call("Balances", "transfer_keep_alive", arguments);
	let params = SubstrateExtrinsicParamsBuilder::new().immortal().nonce(nonce).build();
	let mut unsigned = at.tx().create_signable_offline(&transfer, params).expect("a transfer");
	let signed = unsigned.sign(&dev::ferdie()).expect("a signature");
	let bytes = format!("0x{}", hex::encode(signed.encoded()));
	let taken = chain.rpc().request::<String>("author_submitExtrinsic", rpc_params![bytes]).await;
	// A block that is imported meanwhile may bring the transfer from the pool's memory into its view of the
	// chain first; then the pool says that it has it already. Each is sent once, so it is this one.
	if let Err(error) = taken {
		assert!(error.to_string().contains(ALREADY_IMPORTED), "transfer {nonce}: {error}");
	}
}

/// How many transfers have arrived in this state.
pub async fn arrived(at: &AtBlock) -> u64 {
	let account = vec![chain::account_value(&RECEIVER)];
	let account = chain::storage(at, "System", "Account", account).await.expect("an account");
	let free = account.as_ref().and_then(|account| value::field(account, "data"));
	let free = free.and_then(|data| value::field(data, "free")).and_then(value::unsigned).unwrap_or(0);
	assert_eq!(free % AMOUNT, 0, "only whole transfers arrive");
	u64::try_from(free / AMOUNT).expect("fewer than it takes years to send")
}
