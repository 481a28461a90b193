// SPDX-License-Identifier: Apache-2.0
//! What would happen: after a trade, and after a move of prices. The chain is asked; nothing is sent.

use super::{
	account::{key, Account},
	read::{dollars, odd, unsigned, Side},
};
use crate::{
	chain::{self, AtBlock},
	error::{Dispatch, Error, Result},
	units::{AmountError, Price, SignedDollars, SignedPercent, Size},
	value::{self, Decoded},
};
use std::str::FromStr;
use subxt::{ext::scale_value::Value, utils::AccountId32};

/// Who would trade where, and at which price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
	/// Who.
	pub owner: AccountId32,
	/// The sub-account.
	pub sub: u8,
	/// The market.
	pub market: u32,
	/// Buy or sell.
	pub side: Side,
	/// The price.
	pub price: Price,
}

/// What a trade would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
	/// The size that would be closed.
	pub closed: Size,
	/// The size that would be opened.
	pub opened: Size,
	/// The profit made on what would be closed.
	pub realised: SignedDollars,
	/// The account afterwards; nothing when nothing would be left of it.
	pub account: Option<Account>,
}

impl Preview {
	fn read(view: &Decoded) -> Option<Self> {
		let account = value::field(view, "account")?;
		Some(Self {
			closed: Size(unsigned(view, "closed")?),
			opened: Size(unsigned(view, "opened")?),
			realised: dollars(view, "realised")?,
			account: match value::some(account) {
				Some(account) => Some(Account::read(account)?),
				None => None,
			},
		})
	}
}

/// A move of a market's price that is only thought of, as people write it: `BTC=-10%`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shock {
	/// The market's name.
	pub market: String,
	/// By how much.
	pub by: SignedPercent,
}

/// Why a text is no move of a price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum ShockError {
	/// It does not name a market.
	#[error("`{text}` does not say which market moves")]
	#[diagnostic(code(keelctl::shock), help("Write MARKET=PERCENT%, like BTC=-10% or ETH=+5%."))]
	NoMarket {
		/// What was given.
		text: String,
	},
	/// It may be dollars as well.
	#[error("`{text}` has no percent sign")]
	#[diagnostic(code(keelctl::shock), help("Moves are in percent of the mark price: BTC=-10%."))]
	NoPercent {
		/// What was given.
		text: String,
	},
	/// No price moves like that.
	#[error("`{text}` is further than a price moves")]
	#[diagnostic(code(keelctl::shock), help("A price falls by at most 100 % and rises by at most 10000 %."))]
	TooFar {
		/// What was given.
		text: String,
	},
	/// See [`AmountError`].
	#[error(transparent)]
	#[diagnostic(transparent)]
	Amount(#[from] AmountError),
}

impl FromStr for Shock {
	type Err = ShockError;

	fn from_str(text: &str) -> Result<Self, ShockError> {
		let no_market = || ShockError::NoMarket { text: text.to_owned() };
		let (market, by) = text.split_once('=').ok_or_else(no_market)?;
		if market.is_empty() || market.contains(char::is_whitespace) {
			return Err(no_market());
		}
		let percent = by.strip_suffix('%').ok_or_else(|| ShockError::NoPercent { text: text.to_owned() })?;
		let by = SignedPercent::parse(percent)?;
		if !(-1_000_000_000..=100_000_000_000).contains(&by.0) {
			return Err(ShockError::TooFar { text: text.to_owned() });
		}
		Ok(Self { market: market.to_owned(), by })
	}
}

/// An account in liquidation, or one that a move of prices would make unhealthy, as it would be then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtRisk {
	/// Whose.
	pub owner: AccountId32,
	/// The sub-account.
	pub sub: u8,
	/// Cash and the value of all positions.
	pub equity: SignedDollars,
	/// What must be owned to keep them.
	pub requirement: SignedDollars,
	/// Equity less the requirement: below zero it is unhealthy.
	pub health: SignedDollars,
	/// Whether it is in liquidation already.
	pub queued: bool,
}

impl AtRisk {
	fn read(view: &Decoded) -> Option<Self> {
		let (account, judgement) = (value::field(view, "account")?, value::field(view, "judgement")?);
		Some(Self {
			owner: AccountId32(value::field(account, "owner").and_then(value::bytes32)?),
			sub: unsigned(account, "sub")?.try_into().ok()?,
			equity: dollars(judgement, "equity")?,
			requirement: dollars(judgement, "requirement")?,
			health: dollars(judgement, "health")?,
			queued: value::field(view, "queued").and_then(Value::as_bool)?,
		})
	}

	/// What would be missing; nothing of one in liquidation that the move would make healthy.
	pub const fn shortfall(&self) -> SignedDollars {
		let missing = self.health.0.saturating_neg();
		SignedDollars(if missing > 0 { missing } else { 0 })
	}
}

/// Who is in liquidation, and whom a move of prices would make unhealthy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Risk {
	/// The accounts: those in liquidation first, and of each the largest shortfall first.
	pub accounts: Vec<AtRisk>,
	/// Whether there was no room for all who had to be looked at.
	pub cut_short: bool,
}

impl Risk {
	fn read(view: &Decoded) -> Option<Self> {
		let accounts = value::items(value::field(view, "accounts")?).into_iter().map(AtRisk::read);
		Some(Self {
			accounts: accounts.collect::<Option<_>>()?,
			cut_short: value::field(view, "cut_short").and_then(Value::as_bool)?,
		})
	}
}

/// What a trade of `size` would do, or the error it would end with.
pub async fn simulate(at: &AtBlock, plan: &Plan, size: Size) -> Result<Preview> {
	let arguments = vec![
		key(&plan.owner, plan.sub),
		Value::u128(plan.market.into()),
		Value::unnamed_variant(plan.side.name(), []),
		Value::u128(size.0),
		Value::u128(plan.price.0),
	];
	let answer = chain::view(at, "Margin", "simulate_trade", arguments).await?;
	Preview::read(&accepted(at, "the trade", &answer)?).ok_or_else(|| odd("simulate_trade"))
}

/// The largest size that can be traded; zero when none.
pub async fn max_size(at: &AtBlock, plan: &Plan) -> Result<Size> {
	let arguments = vec![
		key(&plan.owner, plan.sub),
		Value::u128(plan.market.into()),
		Value::unnamed_variant(plan.side.name(), []),
		Value::u128(plan.price.0),
	];
	let answer = chain::view(at, "Margin", "max_size", arguments).await?;
	let size = value::unsigned(&accepted(at, "any trade", &answer)?);
	size.map(Size).ok_or_else(|| odd("max_size"))
}

/// Who is in liquidation, and whom moves of prices, all at once, would make unhealthy; at most `limit` accounts are looked at.
pub async fn at_risk(at: &AtBlock, shocks: &[(u32, SignedPercent)], limit: u32) -> Result<Risk> {
	let arguments = vec![moves_value(shocks), Value::u128(limit.into())];
	let answer = chain::view(at, "Margin", "accounts_at_risk", arguments).await?;
	Risk::read(&accepted(at, "this forecast", &answer)?).ok_or_else(|| odd("accounts_at_risk"))
}

/// Moves of markets, as the chain reads them.
pub(super) fn moves_value(shocks: &[(u32, SignedPercent)]) -> Value {
	Value::unnamed_composite(shocks.iter().map(|(market, by)| {
		Value::named_composite([("market", Value::u128((*market).into())), ("by", Value::i128(by.0.into()))])
	}))
}

/// What a result holds when it is not an error of the chain.
pub(super) fn accepted(at: &AtBlock, what: &'static str, answer: &Decoded) -> Result<Decoded> {
	let content = value::items_of_variant(answer).next();
	match (value::variant(answer), content) {
		(Some("Ok"), Some(content)) => Ok(content.clone()),
		(Some("Err"), Some(error)) => {
			Err(Error::WouldFail { what, error: Dispatch::from_value(error, at.metadata_ref()) })
		}
		_ => Err(Error::Node(format!("what the chain says of {what} is not a result"))),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_shock_is_a_market_and_a_percentage() {
		for (text, market, by) in [
			("BTC=-10%", "BTC", -100_000_000),
			("ETH-PERP=+2.5%", "ETH-PERP", 25_000_000),
			("0=0%", "0", 0),
			("SOL=-100%", "SOL", -1_000_000_000),
			("SOL=10000%", "SOL", 100_000_000_000),
		] {
			let shock = Shock { market: market.to_owned(), by: SignedPercent(by) };
			assert_eq!(text.parse(), Ok(shock), "{text}");
		}
	}

	#[test]
	fn what_is_no_shock_says_why() {
		for (text, reason) in [
			("", "which market moves"),
			("BTC", "which market moves"),
			("-10%", "which market moves"),
			("=-10%", "which market moves"),
			("BTC=-10", "has no percent sign"),
			("BTC=", "has no percent sign"),
			("BTC=%", "is not a number"),
			("BTC =1%", "which market moves"),
			("BTC= 1%", "it has a space"),
			("BTC=1 %", "it has a space"),
			("BTC=10,000%", "it has a comma"),
			("BTC=1,5%", "it has a comma"),
			("BTC=ten%", "is not a number"),
			("BTC=--10%", "is not a number"),
			("BTC=-0.00000001%", "more than 7 decimal places"),
			("BTC=-100.1%", "further than a price moves"),
			("BTC=10001%", "further than a price moves"),
		] {
			let error = text.parse::<Shock>().expect_err(text).to_string();
			assert!(error.contains(reason), "{text}: {error}");
		}
	}

	#[test]
	fn what_is_missing_is_above_zero() {
		let account = Value::named_composite([
			("owner", Value::from_bytes([7; 32])),
			("sub", Value::unnamed_composite([Value::u128(3)])),
		]);
		let judgement = Value::named_composite([
			("equity", Value::i128(-5)),
			("requirement", Value::i128(2)),
			("health", Value::i128(-7)),
		]);
		let queued = Value::bool(true);
		let view =
			Value::named_composite([("account", account), ("judgement", judgement), ("queued", queued)]);
		let mut at_risk = AtRisk::read(&view).expect("an account at risk");
		assert!(at_risk.queued);
		assert_eq!((at_risk.owner.0, at_risk.sub), ([7; 32], 3));
		assert_eq!(at_risk.shortfall(), SignedDollars(7));
		at_risk.health = SignedDollars(7);
		assert_eq!(at_risk.shortfall(), SignedDollars(0), "a move may help");
	}
}
