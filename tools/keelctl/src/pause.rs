// SPDX-License-Identifier: Apache-2.0
//! Pauses: safe mode for the whole chain, guarded markets, and the way back.

use crate::{
	chain::{self, AtBlock, Chain, Included},
	error::Result,
	gov::{self, Body, Tell},
};
use subxt_signer::sr25519::Keypair;

/// The block until which safe mode lasts, if the chain is in it.
pub async fn safe_mode_until(at: &AtBlock) -> Result<Option<u64>> {
	chain::storage_as(at, "SafeMode", "EnteredUntil", vec![]).await
}

/// Enter safe mode: two thirds of the Security Council. It ends by itself.
pub async fn enter_safe_mode(chain: &Chain, security: &[Keypair], tell: Tell<'_>) -> Result<Included> {
	let call = chain::call("SafeMode", "force_enter", []);
	gov::motion(chain, Body::Security, &call, security, None, tell).await?.executed()
}

/// Leave safe mode before it ends: two thirds of the Technical Committee or of the Council, another
/// body than the one that entered it.
pub async fn leave_safe_mode(
	chain: &Chain,
	body: Body,
	members: &[Keypair],
	tell: Tell<'_>,
) -> Result<Included> {
	let call = chain::call("SafeMode", "force_exit", []);
	gov::motion(chain, body, &call, members, None, tell).await?.executed()
}
