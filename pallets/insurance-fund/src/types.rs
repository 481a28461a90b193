// SPDX-License-Identifier: Apache-2.0
//! Records that do not know what a pallet is.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{MarketId, Quote};
use scale_info::TypeInfo;

/// The largest amount anybody may name: a trillion dollars. Far above any supply of USDK, and far below
/// what could overflow: more than 10^20 of them fit into a [`Quote`].
pub const AMOUNT_MAX: Quote = Quote::dollars(1_000_000_000_000);

/// Whether `amount` is one that a pot, a target or a cap may have.
pub(crate) fn is_amount(amount: Quote) -> bool {
	(Quote::ZERO..=AMOUNT_MAX).contains(&amount)
}

/// A place where money for losses is kept.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Pot {
	/// The tranche of a market: pays for losses of that market only.
	Tranche(MarketId),
	/// The global fund: stands behind all markets, within caps.
	Fund,
}

/// The money set apart for one market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Tranche {
	/// What it has.
	pub balance: Quote,
	/// The balance at which it takes no more penalties.
	pub target: Quote,
}

impl Tranche {
	/// What is missing to the target; nothing when the balance is above it.
	pub fn room(&self) -> Quote {
		Quote(self.target.0.saturating_sub(self.balance.0)).max(Quote::ZERO)
	}
}

/// Everything that ever went through a pot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Flow {
	/// Penalties, contributions, what was given back, and what genesis put there.
	pub received: Quote,
	/// Losses paid for and withdrawals.
	pub paid: Quote,
}

/// How much the global fund pays at most, in 1e-6 dollars. A cap of zero: it pays nothing.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Caps {
	/// For all losses of one account, from when it is queued until it is released.
	pub per_account: Quote,
	/// For all losses of all accounts of one owner in any 24 hours: accounts cost nothing.
	pub per_owner: Quote,
	/// For all losses of one market in any 24 hours. A market for which it is all paid is halted.
	pub per_market: Quote,
	/// For all losses of one block.
	pub per_block: Quote,
	/// For all losses of any 24 hours.
	pub per_day: Quote,
}

/// Caps that are negative, out of bounds or falling from account to owner to market to day, or to block to day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCaps;

impl Caps {
	/// `0 <= per_account <= per_owner <= per_market <= per_day <= AMOUNT_MAX` and
	/// `per_account <= per_block <= per_day`.
	pub fn validate(&self) -> Result<(), InvalidCaps> {
		let by_whom = [self.per_account, self.per_owner, self.per_market, self.per_day];
		let by_time = [self.per_account, self.per_block, self.per_day];
		let rising = by_whom.is_sorted() && by_time.is_sorted();
		(is_amount(self.per_account) && rising && is_amount(self.per_day)).then_some(()).ok_or(InvalidCaps)
	}
}
