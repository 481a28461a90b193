// SPDX-License-Identifier: Apache-2.0
//! Reporter keys: how a key proves that it reports for a member, and how a member registers it.

use crate::{
	call::Call,
	chain::{self, AtBlock, Chain, Included},
	error::{Error, Result},
	keys, value,
};
use subxt::{
	ext::{codec::Encode, scale_value::Value},
	utils::{AccountId32, H256},
};
use subxt_signer::sr25519::{Keypair, Signature};

/// What the signed bytes of a proof begin with.
const REPORTER_CONTEXT: [u8; 22] = *b"keel/oracle/reporter/1";

/// The reporter key that a member has now; an error for an account without a seat.
pub async fn current(at: &AtBlock, member: &AccountId32) -> Result<Option<AccountId32>> {
	let key = vec![chain::account_value(member)];
	let Some(seat) = chain::storage(at, "Oracle", "Members", key).await? else {
		return Err(Error::Usage {
			problem: format!("{} has no seat of the oracle", keys::display_name(member)),
			help: "Seats are given by governance, Oracle.add_member; one that a body gives waits for a day."
				.to_owned(),
		});
	};
	let reporter = value::field(&seat, "reporter")
		.ok_or_else(|| Error::Node("Oracle.Members has another shape".to_owned()))?;
	Ok(value::some(reporter).and_then(value::bytes32).map(AccountId32))
}

/// The bytes a key signs to report for `member`, whose key is `current` until then.
pub fn payload(genesis: H256, member: &AccountId32, current: Option<&AccountId32>) -> Vec<u8> {
	(REPORTER_CONTEXT, genesis.0, member.0, current.map(|key| key.0)).encode()
}

/// What `key` says: that it reports for `member` from now on.
pub async fn prove(chain: &Chain, member: &AccountId32, key: &Keypair) -> Result<Signature> {
	let current = current(&chain.best().await?, member).await?;
	Ok(key.sign(&payload(chain.genesis(), member, current.as_ref())))
}

/// The call by which a member registers `reporter`.
pub fn call(reporter: &AccountId32, proof: &Signature) -> Call {
	chain::call(
		"Oracle",
		"set_reporter",
		[
			("reporter", chain::account_value(reporter)),
			("proof", Value::unnamed_variant("Sr25519", [Value::from_bytes(proof.0)])),
		],
	)
}

/// Register `key` for the member that signs.
pub async fn register(chain: &Chain, member: &Keypair, key: &Keypair) -> Result<Included> {
	let proof = prove(chain, &keys::id(member), key).await?;
	chain.submit(&call(&keys::id(key), &proof), member).await
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_signed_bytes_are_context_genesis_member_and_present_key() {
		let member = AccountId32([3; 32]);
		let first = [&b"keel/oracle/reporter/1"[..], &[7; 32], &[3; 32], &[0]].concat();
		assert_eq!(payload(H256([7; 32]), &member, None), first);
		let rotated = [&b"keel/oracle/reporter/1"[..], &[7; 32], &[3; 32], &[1], &[5; 32]].concat();
		assert_eq!(payload(H256([7; 32]), &member, Some(&AccountId32([5; 32]))), rotated);
	}
}
