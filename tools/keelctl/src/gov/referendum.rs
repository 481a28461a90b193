// SPDX-License-Identifier: Apache-2.0
//! Referenda: preimages, votes, delegations, and what is locked for them.

use super::{change, Tell};
use crate::{
	call::Call,
	chain::{self, AtBlock, Chain, Included},
	error::{Error, Result},
	keys,
	units::Keel,
	value::{self, Decoded},
};
use subxt::{
	ext::{codec::Decode, scale_value::Value},
	utils::AccountId32,
};
use subxt_signer::sr25519::Keypair;

/// Blocks beyond the expected ones that waiting allows for.
pub(super) const PATIENCE: u64 = 20;

/// A call whose bytes are on chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
	/// The hash of the call's bytes.
	pub hash: [u8; 32],
	/// Their length.
	pub len: u32,
}

impl Noted {
	/// Of a call's bytes.
	pub fn of(bytes: &[u8]) -> Result<Self> {
		let len = u32::try_from(bytes.len()).map_err(Error::node)?;
		Ok(Self { hash: sp_crypto_hashing::blake2_256(bytes), len })
	}

	/// As a proposal (`Bounded::Lookup`).
	pub fn proposal(&self) -> Decoded {
		Value::named_variant(
			"Lookup",
			[("hash", Value::from_bytes(self.hash)), ("len", Value::u128(self.len.into()))],
		)
	}
}

/// Where a referendum stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
	/// It is being voted on.
	Ongoing {
		/// The block in which voting ends.
		end: u64,
		/// How many blocks after that the call is executed.
		delay: u64,
	},
	/// It is over.
	Finished {
		/// The block in which it ended.
		end: u64,
		/// Whether the call will be (or was) executed.
		approved: bool,
	},
}

/// The hash of a proposal's bytes.
pub(super) fn proposal_hash(proposal: &Decoded) -> Option<[u8; 32]> {
	match value::variant(proposal)? {
		"Inline" => {
			let bytes = value::items_of_variant(proposal).next().and_then(value::bytes)?;
			Some(sp_crypto_hashing::blake2_256(&bytes))
		}
		_ => value::field(proposal, "hash").and_then(value::bytes32),
	}
}

/// The call with this hash, when its bytes are stored.
pub async fn stored_call(at: &AtBlock, hash: [u8; 32]) -> Result<Option<Call>> {
	let status = chain::storage(at, "Preimage", "RequestStatusFor", vec![Value::from_bytes(hash)]).await?;
	let Some(len) = status.as_ref().and_then(stored_length) else { return Ok(None) };
	let bytes = chain::storage_bytes(at, "Preimage", "PreimageFor", vec![preimage_key(hash, len)]).await?;
	// Stored as a list of bytes: its length is in front.
	let bytes = bytes.and_then(|bytes| Vec::<u8>::decode(&mut &bytes[..]).ok());
	// What is no call of this runtime can be stored as well.
	Ok(bytes.and_then(|bytes| at.tx().from_call_data_bytes(&bytes).ok()))
}

fn stored_length(status: &Decoded) -> Option<u32> {
	let requested = || value::field(status, "maybe_len").and_then(value::some);
	let length = value::field(status, "len").or_else(requested).and_then(value::unsigned)?;
	length.try_into().ok()
}

fn preimage_key(hash: [u8; 32], len: u32) -> Decoded {
	Value::unnamed_composite([Value::from_bytes(hash), Value::u128(len.into())])
}

/// Put the bytes of `call` on chain, if they are not there yet.
pub async fn note_preimage(chain: &Chain, call: &Call, signer: &Keypair, tell: Tell<'_>) -> Result<Noted> {
	let at = chain.best().await?;
	let bytes = chain::encode(&at, call)?;
	let noted = Noted::of(&bytes)?;
	let key = vec![preimage_key(noted.hash, noted.len)];
	if chain::storage_bytes(&at, "Preimage", "PreimageFor", key).await?.is_some() {
		tell(&format!("the preimage of {} is on chain already", chain::name(call)));
		return Ok(noted);
	}
	let note = chain::call("Preimage", "note_preimage", [("bytes", Value::from_bytes(&bytes))]);
	match chain.submit(&note, signer).await {
		Ok(included) => {
			tell(&format!("preimage of {} noted in block {}", chain::name(call), included.number))
		}
		// Somebody else was quicker.
		Err(error) if error.dispatch_name().as_deref() == Some("Preimage.AlreadyNoted") => {
			tell(&format!("the preimage of {} is on chain already", chain::name(call)));
		}
		Err(error) => return Err(error),
	}
	Ok(noted)
}

/// Put the bytes of `call`, which is on its way, on chain again where somebody has taken them back: what nobody can read
/// comes to nothing.
pub async fn keep_preimage(chain: &Chain, call: &Call, signer: &Keypair, tell: Tell<'_>) -> Result<()> {
	let at = chain.best().await?;
	let hash = Noted::of(&chain::encode(&at, call)?)?.hash;
	if stored_call(&at, hash).await?.is_none() {
		tell(&format!("the preimage of {} was taken back: it is stored again", chain::name(call)));
		note_preimage(chain, call, signer, tell).await?;
	}
	Ok(())
}

/// Where referendum `index` stands.
pub async fn standing(at: &AtBlock, index: u32) -> Result<Option<Standing>> {
	let key = vec![Value::u128(index.into())];
	let info = chain::storage(at, "Democracy", "ReferendumInfoOf", key).await?;
	Ok(info.as_ref().and_then(read_standing))
}

fn read_standing(info: &Decoded) -> Option<Standing> {
	let number = |value: &Decoded, name: &str| {
		value::field(value, name).and_then(value::unsigned).and_then(|n| u64::try_from(n).ok())
	};
	match value::variant(info)? {
		"Ongoing" => {
			let status = value::items_of_variant(info).next()?;
			Some(Standing::Ongoing { end: number(status, "end")?, delay: number(status, "delay")? })
		}
		"Finished" => {
			let approved = value::field(info, "approved").and_then(Value::as_bool)?;
			Some(Standing::Finished { end: number(info, "end")?, approved })
		}
		_ => None,
	}
}

/// The latest referendum on the call with this hash.
pub async fn find_referendum(at: &AtBlock, hash: [u8; 32]) -> Result<Option<u32>> {
	let count: u32 = chain::storage_as(at, "Democracy", "ReferendumCount", vec![]).await?.unwrap_or(0);
	for index in (0..count).rev() {
		let key = vec![Value::u128(index.into())];
		let info = chain::storage(at, "Democracy", "ReferendumInfoOf", key).await?;
		let proposal = info
			.as_ref()
			.and_then(|info| value::items_of_variant(info).next())
			.and_then(|status| value::field(status, "proposal"));
		if proposal.and_then(proposal_hash) == Some(hash) {
			return Ok(Some(index));
		}
	}
	Ok(None)
}

/// Second public proposal `index`.
pub async fn second(chain: &Chain, index: u32, signer: &Keypair) -> Result<Included> {
	let call = chain::call("Democracy", "second", [("proposal", Value::u128(index.into()))]);
	chain.submit(&call, signer).await
}

/// Let `to` vote with `balance` of the signer, at one lock period of conviction.
pub async fn delegate(chain: &Chain, to: &AccountId32, balance: Keel, signer: &Keypair) -> Result<Included> {
	let call = chain::call(
		"Democracy",
		"delegate",
		[
			("to", chain::address_value(to)),
			("conviction", Value::unnamed_variant("Locked1x", [])),
			("balance", Value::u128(balance.0)),
		],
	);
	chain.submit(&call, signer).await
}

/// Wait until referendum `index` is over; an error if it was rejected. Returns the block it ended in.
pub async fn wait_for_end(chain: &Chain, index: u32, tell: Tell<'_>) -> Result<u64> {
	let end = match standing(&chain.best().await?, index).await? {
		Some(Standing::Ongoing { end, .. }) => {
			tell(&format!("referendum {index}: voting ends in block {end}"));
			end
		}
		Some(Standing::Finished { end, .. }) => end,
		None => {
			return Err(Error::Governance {
				problem: format!("there is no referendum {index}"),
				help: "It may have been cancelled; see Democracy in Polkadot.js Apps.".to_owned(),
			})
		}
	};
	let asked = chain.best_number().await?;
	chain.wait_for_block(end).await?;
	if standing(&chain.best().await?, index).await?.is_none() {
		let reason = change::refusal(chain, index, asked).await?;
		return Err(Error::Governance {
			problem: format!("referendum {index} was taken from the vote"),
			help: reason.unwrap_or_else(|| "It was cancelled; see Democracy in Polkadot.js Apps.".to_owned()),
		});
	}
	let finished = chain
		.wait_until(
			"the end of the referendum",
			PATIENCE,
			"Look at the referendum in Polkadot.js Apps, Governance, Democracy.",
			|at| async move {
				Ok(standing(&at, index).await?.and_then(|standing| match standing {
					Standing::Finished { end, approved } => Some((end, approved)),
					Standing::Ongoing { .. } => None,
				}))
			},
		)
		.await?;
	match finished {
		(end, true) => {
			tell(&format!("referendum {index} passed in block {end}"));
			Ok(end)
		}
		(end, false) => Err(Error::Governance {
			problem: format!("referendum {index} was rejected in block {end}"),
			help: "More ayes than nays are needed, weighted by conviction; propose again.".to_owned(),
		}),
	}
}

/// Undo delegation and votes of `signer` and wait until nothing is locked for them any more.
pub async fn free_votes(
	chain: &Chain,
	referendum: Option<u32>,
	signer: &Keypair,
	tell: Tell<'_>,
) -> Result<()> {
	let account = keys::id(signer);
	let name = keys::display_name(&account);
	match referendum {
		Some(index) => {
			let call = chain::call("Democracy", "remove_vote", [("index", Value::u128(index.into()))]);
			chain.submit(&call, signer).await?;
		}
		None => {
			chain.submit(&chain::call("Democracy", "undelegate", []), signer).await?;
		}
	}
	let at = chain.best().await?;
	let period: u32 = chain::constant(&at, "Democracy", "VoteLockingPeriod")?;
	tell(&format!("{name}: waiting at most {period} blocks until the lock of the vote expires"));
	let unlock = chain::call("Democracy", "unlock", [("target", chain::address_value(&account))]);
	let last = at.block_number() + u64::from(period) + PATIENCE;
	loop {
		chain.submit(&unlock, signer).await?;
		let at = chain.best().await?;
		if !has_democracy_lock(&at, &account).await? {
			tell(&format!("{name}: unlocked in block {}", at.block_number()));
			return Ok(());
		}
		if at.block_number() > last {
			return Err(Error::Timeout {
				what: format!("unlocking the votes of {name}"),
				blocks: u64::from(period) + PATIENCE,
				help: "Another vote or delegation of the account may still be locked.",
			});
		}
		chain.wait_for_block(at.block_number() + 1).await?;
	}
}

async fn has_democracy_lock(at: &AtBlock, account: &AccountId32) -> Result<bool> {
	let locks = chain::storage(at, "Balances", "Locks", vec![chain::account_value(account)]).await?;
	let is_democracy =
		|lock: &&Decoded| value::field(lock, "id").and_then(value::bytes).as_deref() == Some(b"democrac");
	// A bounded list: a newtype around the list of locks.
	let list = locks.as_ref().and_then(|locks| value::items(locks).into_iter().next());
	Ok(list.is_some_and(|list| value::items(list).iter().any(is_democracy)))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_length_of_stored_bytes_is_read_whether_anybody_asks_for_them() {
		let some = Value::unnamed_variant("Some", [Value::u128(7)]);
		let noted =
			Value::named_variant("Unrequested", [("ticket", Value::u128(0)), ("len", Value::u128(5))]);
		let requested = Value::named_variant("Requested", [("count", Value::u128(1)), ("maybe_len", some)]);
		let none = Value::unnamed_variant("None", []);
		let awaited = Value::named_variant("Requested", [("count", Value::u128(1)), ("maybe_len", none)]);
		assert_eq!(
			[noted, requested, awaited].map(|status| stored_length(&status)),
			[Some(5), Some(7), None]
		);
	}
}
