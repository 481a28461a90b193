// SPDX-License-Identifier: Apache-2.0
//! Pauses: safe mode for the whole chain, guarded and halted markets, and the way back.

use crate::{
	chain::{self, AtBlock, Chain, Included},
	error::{Error, Result},
	gov::{self, Body, Tell},
	value,
};
use subxt::ext::scale_value::Value;
use subxt_signer::sr25519::Keypair;

/// How far a market is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restriction {
	/// Positions may only shrink.
	Guard,
	/// Nothing trades and nothing is liquidated.
	Halt,
}

impl Restriction {
	const fn call(self) -> &'static str {
		match self {
			Self::Guard => "guard_market",
			Self::Halt => "halt_market",
		}
	}

	const fn limit(self) -> &'static str {
		match self {
			Self::Guard => "MaxGuardBlocks",
			Self::Halt => "MaxHaltBlocks",
		}
	}
}

/// Where a market stands on the ladder of the circuit breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
	/// Open, Guarded, Auction, Halted or Settling.
	pub status: String,
	/// What the guardians demand.
	pub guardian: String,
	/// The block in which all that the guardians demand is over.
	pub until: u64,
	/// What the price demands.
	pub price: String,
}

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

/// Where a market stands; nothing for one the breaker does not know, which is halted.
pub async fn standing(at: &AtBlock, market: u32) -> Result<Option<Standing>> {
	let key = vec![Value::u128(market.into())];
	let Some(record) = chain::storage(at, "CircuitBreaker", "Markets", key).await? else {
		return Ok(None);
	};
	let read = || {
		let part = |name: &str| value::field(&record, name);
		let status = |record| value::field(record, "status").and_then(value::variant).map(str::to_owned);
		let guardian = part("guardian")?;
		let block = |name: &str| value::field(guardian, name).and_then(value::unsigned);
		let until = block("guarded_until")?.max(block("halted_until")?);
		Some(Standing {
			status: status(&record)?,
			guardian: status(guardian)?,
			until: u64::try_from(until).ok()?,
			price: status(part("price")?)?,
		})
	};
	read().map(Some).ok_or_else(|| Error::Node("CircuitBreaker.Markets has another shape".to_owned()))
}

/// The longest order of a kind, in blocks.
pub fn longest(at: &AtBlock, restriction: Restriction) -> Result<u32> {
	chain::constant(at, "CircuitBreaker", restriction.limit())
}

/// Restrict a market for a number of blocks, by the Security Council.
pub async fn restrict_market(
	chain: &Chain,
	market: u32,
	restriction: Restriction,
	blocks: u32,
	security: &[Keypair],
	tell: Tell<'_>,
) -> Result<Included> {
	let call = chain::call(
		"CircuitBreaker",
		restriction.call(),
		[("market", Value::u128(market.into())), ("blocks", Value::u128(blocks.into()))],
	);
	gov::motion(chain, Body::Security, &call, security, None, tell).await?.executed()
}

/// End the guardians' orders on a market early, by another body.
pub async fn resume_market(
	chain: &Chain,
	market: u32,
	body: Body,
	members: &[Keypair],
	tell: Tell<'_>,
) -> Result<Included> {
	let call = chain::call("CircuitBreaker", "resume_market", [("market", Value::u128(market.into()))]);
	gov::motion(chain, body, &call, members, None, tell).await?.executed()
}
