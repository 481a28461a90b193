// SPDX-License-Identifier: Apache-2.0
//! Votes in referenda, and the tally.

use super::{referendum, Standing};
use crate::{
	chain::{self, AtBlock, Chain, Included},
	error::{Error, Result},
	keys,
	units::Keel,
	value::{self, Decoded},
};
use std::{fmt, str::FromStr};
use subxt::{ext::scale_value::Value, utils::AccountId32};
use subxt_signer::sr25519::Keypair;

/// How much longer than the change's timelock a vote stays locked, and how much more it counts for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conviction(u8);

impl Conviction {
	/// It counts a tenth, and nothing is locked.
	pub const NONE: Self = Self(0);
	/// It counts once, and is locked for one period.
	pub const ONE: Self = Self(1);

	/// For how many periods the votes of the winners are locked.
	pub const fn periods(self) -> u32 {
		match self.0 {
			0 => 0,
			times => 1 << (times - 1),
		}
	}
}

impl FromStr for Conviction {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		match text.strip_suffix('x').unwrap_or(text) {
			"none" | "0" | "0.1" => Ok(Self::NONE),
			"1" => Ok(Self(1)),
			"2" => Ok(Self(2)),
			"3" => Ok(Self(3)),
			"4" => Ok(Self(4)),
			"5" => Ok(Self(5)),
			"6" => Ok(Self(6)),
			_ => Err(
				"a conviction is none, or 1x to 6x: the vote counts so often, and is locked for 1, 2, 4, \
			          8, 16 or 32 periods if it wins"
					.to_owned(),
			),
		}
	}
}

impl fmt::Display for Conviction {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self.0 {
			0 => f.write_str("0.1x"),
			times => write!(f, "{times}x"),
		}
	}
}

/// A vote in a referendum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ballot {
	/// For the change.
	pub aye: bool,
	/// With how much.
	pub balance: Keel,
	/// How strongly.
	pub conviction: Conviction,
}

impl Ballot {
	/// One byte: the highest bit is the vote, the rest the conviction.
	fn byte(self) -> u8 {
		self.conviction.0 | if self.aye { 0x80 } else { 0 }
	}

	fn from_value(vote: &Decoded) -> Option<Self> {
		// A split vote is no ballot of this kind.
		let byte = u8::try_from(value::field(vote, "vote").and_then(value::unsigned)?).ok()?;
		let balance = Keel(value::field(vote, "balance").and_then(value::unsigned)?);
		Some(Self { aye: byte & 0x80 != 0, balance, conviction: Conviction(byte & 0x7f) })
	}
}

impl fmt::Display for Ballot {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let word = if self.aye { "aye" } else { "nay" };
		write!(f, "{word} with {} KEEL at {}", self.balance, self.conviction)
	}
}

/// A referendum that is being voted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referendum {
	/// Its number.
	pub index: u32,
	/// The hash of its call.
	pub hash: [u8; 32],
	/// The block in which voting ends.
	pub end: u64,
	/// How many blocks after that the call is executed, unless its class asks for more.
	pub delay: u64,
	/// Ayes, weighted by conviction.
	pub ayes: Keel,
	/// Nays, weighted by conviction.
	pub nays: Keel,
	/// How much has taken part.
	pub turnout: Keel,
}

/// All referenda that are being voted on.
pub async fn open_referenda(at: &AtBlock) -> Result<Vec<Referendum>> {
	let all = chain::storage_map(at, "Democracy", "ReferendumInfoOf", vec![]).await?;
	let ongoing = all.iter().filter(|(_, info)| value::variant(info) == Some("Ongoing"));
	let read = |(key, info): &(Vec<Decoded>, Decoded)| {
		let index = key.first().and_then(value::unsigned)?.try_into().ok()?;
		read_referendum(index, value::items_of_variant(info).next()?)
	};
	let found = ongoing.map(read).collect::<Option<Vec<_>>>();
	let mut found =
		found.ok_or_else(|| Error::Node("Democracy.ReferendumInfoOf has another shape".to_owned()))?;
	found.sort_by_key(|referendum| referendum.index);
	Ok(found)
}

fn read_referendum(index: u32, status: &Decoded) -> Option<Referendum> {
	let block = |name: &str| u64::try_from(value::field(status, name).and_then(value::unsigned)?).ok();
	let tally = |name: &str| value::field(value::field(status, "tally")?, name).and_then(value::unsigned);
	Some(Referendum {
		index,
		hash: value::field(status, "proposal").and_then(referendum::proposal_hash)?,
		end: block("end")?,
		delay: block("delay")?,
		ayes: Keel(tally("ayes")?),
		nays: Keel(tally("nays")?),
		turnout: Keel(tally("turnout")?),
	})
}

/// The referendum with this number, which must be open.
pub async fn open_referendum(at: &AtBlock, index: u32) -> Result<Referendum> {
	let open = open_referenda(at).await?;
	let others: Vec<_> = open.iter().map(|referendum| referendum.index.to_string()).collect();
	if let Some(found) = open.into_iter().find(|referendum| referendum.index == index) {
		return Ok(found);
	}
	let problem = match referendum::standing(at, index).await? {
		Some(Standing::Finished { end, approved: true }) => {
			format!("referendum {index} is over: it passed in block {end}")
		}
		Some(Standing::Finished { end, approved: false }) => {
			format!("referendum {index} is over: it was rejected in block {end}")
		}
		_ => format!("there is no referendum {index}: it was never tabled, or was taken from the vote"),
	};
	let help = match others.as_slice() {
		[] => "No referendum is open. `keelctl gov queue` shows what waits.".to_owned(),
		others => format!("Open are {}. `keelctl gov vote` lists them.", others.join(", ")),
	};
	Err(Error::Governance { problem, help })
}

/// What an account has voted in a referendum, if it was plainly aye or nay.
pub async fn ballot_of(at: &AtBlock, index: u32, account: &AccountId32) -> Result<Option<Ballot>> {
	let voting = chain::storage(at, "Democracy", "VotingOf", vec![chain::account_value(account)]).await?;
	let votes = voting.as_ref().and_then(|voting| value::field(voting, "votes"));
	// A bounded list: a newtype around the list of (referendum, vote).
	let list = votes.and_then(|votes| value::items(votes).into_iter().next()).map(value::items);
	let is_it = |entry: &&Decoded| {
		value::items(entry).first().and_then(|number| value::unsigned(number)) == Some(index.into())
	};
	let entry = list.unwrap_or_default().into_iter().find(is_it);
	Ok(entry.and_then(|entry| Ballot::from_value(value::items(entry).get(1)?)))
}

/// Vote in referendum `index` with `balance` at one lock period of conviction.
pub async fn vote(chain: &Chain, index: u32, aye: bool, balance: Keel, signer: &Keypair) -> Result<Included> {
	cast(chain, index, Ballot { aye, balance, conviction: Conviction::ONE }, signer).await
}

/// Vote in referendum `index`. An earlier vote of the same account is replaced.
pub async fn cast(chain: &Chain, index: u32, ballot: Ballot, signer: &Keypair) -> Result<Included> {
	let vote = Value::named_variant(
		"Standard",
		[
			("vote", Value::unnamed_composite([Value::u128(ballot.byte().into())])),
			("balance", Value::u128(ballot.balance.0)),
		],
	);
	let call = chain::call("Democracy", "vote", [("ref_index", Value::u128(index.into())), ("vote", vote)]);
	chain.submit(&call, signer).await
}

/// Vote in an open referendum, unless the same vote was cast already.
pub async fn vote_in_referendum(
	chain: &Chain,
	index: u32,
	ballot: Ballot,
	signer: &Keypair,
) -> Result<(Included, Option<Ballot>)> {
	let at = chain.best().await?;
	open_referendum(&at, index).await?;
	let account = keys::id(signer);
	let before = ballot_of(&at, index, &account).await?;
	if before == Some(ballot) {
		let name = keys::display_name(&account);
		return Err(Error::Governance {
			problem: format!("{name} has voted {ballot} in referendum {index} already"),
			help: "Nothing is to be done; another vote would replace it.".to_owned(),
		});
	}
	Ok((cast(chain, index, ballot, signer).await?, before))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_conviction_is_none_or_one_to_six_times() {
		for (text, times, periods) in
			[("none", "0.1x", 0), ("0", "0.1x", 0), ("1x", "1x", 1), ("3", "3x", 4), ("6x", "6x", 32)]
		{
			let conviction: Conviction = text.parse().expect(text);
			assert_eq!((conviction.to_string().as_str(), conviction.periods()), (times, periods));
		}
		for text in ["", "x", "7x", "-1", "1.5x", "all"] {
			assert!(text.parse::<Conviction>().is_err(), "{text}");
		}
	}

	#[test]
	fn a_ballot_is_a_byte_and_back() {
		for (aye, conviction, byte) in
			[(true, "1x", 0x81), (false, "1x", 1), (true, "none", 0x80), (false, "6x", 6)]
		{
			let conviction = conviction.parse().expect("a conviction");
			let ballot = Ballot { aye, balance: Keel(5), conviction };
			assert_eq!(ballot.byte(), byte);
			let vote = Value::named_variant(
				"Standard",
				[("vote", Value::unnamed_composite([Value::u128(byte.into())])), ("balance", Value::u128(5))],
			);
			assert_eq!(Ballot::from_value(&vote), Some(ballot));
		}
		let split = Value::named_variant("Split", [("aye", Value::u128(1)), ("nay", Value::u128(2))]);
		assert_eq!(Ballot::from_value(&split), None);
	}

	#[test]
	fn the_status_of_a_referendum_is_read() {
		let bytes = [1u8, 2, 3];
		let status = Value::named_composite([
			("end", Value::u128(40)),
			(
				"proposal",
				Value::unnamed_variant("Inline", [Value::unnamed_composite([Value::from_bytes(bytes)])]),
			),
			("delay", Value::u128(2)),
			(
				"tally",
				Value::named_composite([
					("ayes", Value::u128(7)),
					("nays", Value::u128(1)),
					("turnout", Value::u128(8)),
				]),
			),
		]);
		let read = read_referendum(3, &status).expect("it is one");
		assert_eq!(read.hash, sp_crypto_hashing::blake2_256(&bytes));
		assert_eq!(
			(read.end, read.delay, read.ayes, read.nays, read.turnout),
			(40, 2, Keel(7), Keel(1), Keel(8))
		);
	}
}
