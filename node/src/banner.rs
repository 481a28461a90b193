// SPDX-License-Identifier: Apache-2.0
//! What a development node says when it starts: where it is, who has money, what to try.

use sc_service::{ChainType, Configuration};
use sp_core::crypto::Ss58Codec;
use sp_keyring::Sr25519Keyring;

use crate::sealing::Sealing;

/// The text, for development chains only.
pub fn for_config(config: &Configuration, sealing: Sealing) -> Option<String> {
	if config.chain_spec.chain_type() != ChainType::Development {
		return None;
	}
	let asked = config.rpc.addr.iter().flatten().map(|endpoint| endpoint.listen_addr.port()).next();
	let endpoint = format!("ws://127.0.0.1:{}", asked.unwrap_or(config.rpc.port));
	let accounts: Vec<String> = [
		Sr25519Keyring::Alice,
		Sr25519Keyring::Bob,
		Sr25519Keyring::Charlie,
		Sr25519Keyring::Dave,
		Sr25519Keyring::Eve,
		Sr25519Keyring::Ferdie,
	]
	.into_iter()
	.map(|key| format!("    //{:<8} {}", key.to_string(), key.to_account_id().to_ss58check()))
	.collect();
	Some(format!(
		"
  Keel development chain: {blocks}
    RPC   {endpoint}
    Apps  https://polkadot.js.org/apps/?rpc={endpoint}

  Accounts with a million KEEL and ten million USDK each; Alice is every body and the validator:
{accounts}

  Three things to try, from a second terminal in the repository:
    scripts/keelctl demo               a crash: prices fall, a position is liquidated, the losses are paid
    scripts/keelctl gov upgrade WASM   vote a new runtime in and watch it take effect
    scripts/keelctl pause              stop the exchange as the Security Council; 'resume' starts it again
",
		blocks = describe(sealing),
		accounts = accounts.join("\n"),
	))
}

/// When blocks come.
pub fn describe(sealing: Sealing) -> String {
	match sealing {
		Sealing::Consensus => "a block every two seconds, final a little later".into(),
		Sealing::Instant => "a block for each transaction, final at once".into(),
		Sealing::Manual => "a block on each engine_createBlock, final at once".into(),
		Sealing::Every(interval) => format!("a block every {} ms, final at once", interval.as_millis()),
	}
}
