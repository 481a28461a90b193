// SPDX-License-Identifier: Apache-2.0
//! Sides, offers, and how fields of the chain's answers are read.

use crate::{
	chain::{self, AtBlock},
	error::{Error, Result},
	units::{Price, SignedDollars, Size},
	value::{self, Decoded},
};
use std::str::FromStr;
use subxt::utils::AccountId32;

/// Long or short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
	/// Gains when the price rises.
	Long,
	/// Gains when the price falls.
	Short,
}

impl Side {
	/// As the chain and people call it.
	pub const fn name(self) -> &'static str {
		match self {
			Self::Long => "Long",
			Self::Short => "Short",
		}
	}

	/// The other side.
	pub const fn opposite(self) -> Self {
		match self {
			Self::Long => Self::Short,
			Self::Short => Self::Long,
		}
	}
}

impl FromStr for Side {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		match text.to_ascii_lowercase().as_str() {
			"long" | "buy" => Ok(Self::Long),
			"short" | "sell" => Ok(Self::Short),
			_ => Err("a side is long (buy) or short (sell)".to_owned()),
		}
	}
}

/// An offer of a block trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
	/// Its id.
	pub id: u64,
	/// Who offers.
	pub maker: AccountId32,
	/// The market.
	pub market: u32,
	/// What the maker does.
	pub side: Side,
	/// The size.
	pub size: Size,
	/// The price.
	pub price: Price,
	/// The last block in which it can be taken.
	pub expires: u64,
	/// Who may take it; anybody when none is named.
	pub taker: Option<AccountId32>,
	/// Trade or Reduce.
	pub intent: String,
}

impl Offer {
	fn read(id: u64, record: &Decoded) -> Option<Self> {
		let taker = value::field(record, "taker")?;
		Some(Self {
			id,
			maker: AccountId32(
				value::field(value::field(record, "maker")?, "owner").and_then(value::bytes32)?,
			),
			market: small(record, "market")?,
			side: name(record, "side")?.parse().ok()?,
			size: Size(unsigned(record, "size")?),
			price: Price(unsigned(record, "price")?),
			expires: unsigned(record, "expires")?.try_into().ok()?,
			taker: value::some(taker).and_then(value::bytes32).map(AccountId32),
			intent: name(record, "intent")?,
		})
	}
}

/// All offers on the table, by id.
pub async fn offers(at: &AtBlock) -> Result<Vec<Offer>> {
	let entries = chain::storage_map(at, "Margin", "Offers", vec![]).await?;
	let mut offers = Vec::new();
	for (key, record) in entries {
		let id = key.first().and_then(value::unsigned).and_then(|id| u64::try_from(id).ok());
		let offer = id.and_then(|id| Offer::read(id, &record));
		offers.push(offer.ok_or_else(|| odd("Offers"))?);
	}
	offers.sort_by_key(|offer| offer.id);
	Ok(offers)
}

pub(super) fn odd(what: &str) -> Error {
	Error::Node(format!("Margin.{what} has another shape than this keelctl knows"))
}

pub(super) fn unsigned(view: &Decoded, name: &str) -> Option<u128> {
	value::field(view, name).and_then(value::unsigned)
}

pub(super) fn small(view: &Decoded, name: &str) -> Option<u32> {
	unsigned(view, name)?.try_into().ok()
}

pub(super) fn dollars(view: &Decoded, name: &str) -> Option<SignedDollars> {
	value::field(view, name).and_then(value::signed).map(SignedDollars)
}

pub(super) fn name(view: &Decoded, field: &str) -> Option<String> {
	value::field(view, field).and_then(value::variant).map(str::to_owned)
}

pub(super) fn text(view: &Decoded, name: &str) -> Option<String> {
	value::field(view, name).and_then(value::bytes).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
