// SPDX-License-Identifier: Apache-2.0
//! The oracle: what it says, and how its members report.

use crate::{
	chain::{self, AtBlock, Chain},
	error::{Error, Result},
	keys,
	units::Price,
	value::{self, Decoded},
};
use subxt::{
	ext::{codec::Encode, scale_value::Value},
	utils::{AccountId32, H256},
};
use subxt_signer::sr25519::Keypair;

/// What the signed bytes of a report begin with.
const REPORT_CONTEXT: [u8; 20] = *b"keel/oracle/report/1";
/// What a reporter of this program claims as the uncertainty of its prices, in basis points.
const CONFIDENCE_BASIS_POINTS: i64 = 5;

/// A feed and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
	/// Its id.
	pub id: u32,
	/// Its name, like `BTC/USD`.
	pub name: String,
	/// The last price; nothing before the first quorum.
	pub price: Option<Price>,
	/// How far the price may be off.
	pub confidence: Price,
	/// How old the price is, in milliseconds of chain time.
	pub age_ms: u64,
	/// Of how many sources' reports it was made.
	pub sources: u32,
	/// How far it can be trusted: Valid, Uncertain, Volatile, Stale or Missing.
	pub state: String,
}

impl Feed {
	/// The asset it prices: `BTC` of `BTC/USD`.
	pub fn base(&self) -> &str {
		self.name.split(['/', '-']).next().unwrap_or(&self.name)
	}

	fn read(view: &Decoded) -> Option<Self> {
		let observation = value::field(view, "observation")?;
		let number = |name: &str| value::field(observation, name).and_then(value::unsigned);
		let name = value::field(view, "name").and_then(value::bytes)?;
		let state = value::field(observation, "state").and_then(value::variant)?.to_owned();
		let price = number("price").map(Price).filter(|_| state != "Missing");
		Some(Self {
			id: value::field(view, "feed").and_then(value::unsigned)?.try_into().ok()?,
			name: String::from_utf8_lossy(&name).into_owned(),
			price,
			confidence: Price(number("confidence")?),
			age_ms: number("age_ms")?.try_into().ok()?,
			sources: number("sources")?.try_into().ok()?,
			state,
		})
	}
}

/// All feeds, by id.
pub async fn feeds(at: &AtBlock) -> Result<Vec<Feed>> {
	let views = chain::view(at, "Oracle", "feeds", vec![]).await?;
	let mut feeds = value::items(&views)
		.into_iter()
		.map(|view| Feed::read(view).ok_or_else(|| Error::Node("Oracle.feeds has another shape".to_owned())))
		.collect::<Result<Vec<_>>>()?;
	feeds.sort_by_key(|feed| feed.id);
	Ok(feeds)
}

/// A member's reporter key.
#[derive(Clone)]
pub struct Reporter {
	/// The member it reports for.
	pub member: AccountId32,
	/// The key that signs.
	pub key: Keypair,
}

/// Those of `keys` that are reporter keys on this chain, with their members.
pub async fn reporters(at: &AtBlock, keys: impl IntoIterator<Item = Keypair>) -> Result<Vec<Reporter>> {
	let mut found = Vec::new();
	for key in keys {
		let account = chain::account_value(&keys::id(&key));
		let member: Option<AccountId32> = chain::storage_as(at, "Oracle", "Reporters", vec![account]).await?;
		found.extend(member.map(|member| Reporter { member, key }));
	}
	Ok(found)
}

/// The bytes a reporter signs.
pub fn report_payload(genesis: H256, round: u32, reports: &[(u32, Price, Price)]) -> Vec<u8> {
	let reports: Vec<(u32, u128, u128)> =
		reports.iter().map(|(feed, price, confidence)| (*feed, price.0, confidence.0)).collect();
	(REPORT_CONTEXT, genesis.0, round, reports).encode()
}

/// Report `prices` on what is seen at `at`, the newest block. Returns when the pool has taken it: the
/// report carries its own signature and costs nothing.
pub async fn report(
	chain: &Chain,
	at: &AtBlock,
	reporter: &Reporter,
	prices: &[(u32, Price)],
) -> Result<H256> {
	report_round(chain, at, at.block_number(), reporter, prices).await
}

/// The same for another round than the newest, as a member reports that lags.
pub async fn report_round(
	chain: &Chain,
	at: &AtBlock,
	round: u64,
	reporter: &Reporter,
	prices: &[(u32, Price)],
) -> Result<H256> {
	let round = u32::try_from(round).map_err(Error::node)?;
	let mut reports: Vec<_> = prices
		.iter()
		.map(|(feed, price)| (*feed, *price, Price(price.shifted(CONFIDENCE_BASIS_POINTS).0 - price.0)))
		.collect();
	reports.sort_by_key(|(feed, ..)| *feed);
	chain.submit_authorized(at, &report_call(chain.genesis(), reporter, round, &reports)).await
}

/// The call that reports.
pub fn report_call(
	genesis: H256,
	reporter: &Reporter,
	round: u32,
	reports: &[(u32, Price, Price)],
) -> crate::call::Call {
	let signature = reporter.key.sign(&report_payload(genesis, round, reports));
	let reports = reports.iter().map(|(feed, price, confidence)| {
		Value::named_composite([
			("feed", Value::u128((*feed).into())),
			("price", Value::u128(price.0)),
			("confidence", Value::u128(confidence.0)),
		])
	});
	chain::call(
		"Oracle",
		"report",
		[
			("member", chain::account_value(&reporter.member)),
			("round", Value::u128(round.into())),
			("reports", Value::unnamed_composite(reports)),
			("signature", Value::unnamed_variant("Sr25519", [Value::from_bytes(signature.0)])),
		],
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_signed_bytes_are_context_genesis_round_and_reports() {
		let payload = report_payload(H256([7; 32]), 5, &[(1, Price(2), Price(3))]);
		let expected = [
			&b"keel/oracle/report/1"[..],
			&[7; 32],
			&5u32.to_le_bytes(),
			&[4],
			&1u32.to_le_bytes(),
			&2u128.to_le_bytes(),
			&3u128.to_le_bytes(),
		]
		.concat();
		assert_eq!(payload, expected);
	}
}
