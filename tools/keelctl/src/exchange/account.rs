// SPDX-License-Identifier: Apache-2.0
//! Margin accounts, their positions, and the cap that their owners put on leverage.

use super::read::{dollars, name, odd, small, unsigned, Side};
use crate::{
	chain::{self, AtBlock},
	error::Result,
	number,
	units::{Price, SignedDollars, Size},
	value::{self, Decoded},
};
use std::{fmt, str::FromStr};
use subxt::{ext::scale_value::Value, utils::AccountId32};

/// The most that an owner allows an account to be leveraged; nothing: as the markets allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leverage(pub Option<u32>);

/// A text that is no cap on leverage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{text}` is not a cap on leverage")]
#[diagnostic(
	code(keelctl::leverage),
	help("Give a whole number from 1 to 1000, like 5 or 5x, or `none` to lift the cap.")
)]
pub struct LeverageError {
	text: String,
}

impl Leverage {
	/// The largest cap the chain takes.
	pub const MAX: u32 = 1_000;
}

impl FromStr for Leverage {
	type Err = LeverageError;

	fn from_str(text: &str) -> Result<Self, LeverageError> {
		if text.eq_ignore_ascii_case("none") {
			return Ok(Self(None));
		}
		let digits = text.strip_suffix(['x', 'X']).unwrap_or(text);
		let times = number::from_one(digits).ok().filter(|times| *times <= Self::MAX);
		times.map(|times| Self(Some(times))).ok_or_else(|| LeverageError { text: text.to_owned() })
	}
}

impl fmt::Display for Leverage {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self.0 {
			Some(times) => write!(f, "at most {times}x"),
			None => f.write_str("as the markets allow"),
		}
	}
}

/// A position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
	/// The market.
	pub market: u32,
	/// Long or short.
	pub side: Side,
	/// The size.
	pub size: Size,
	/// The average price it was opened at.
	pub entry_price: Option<Price>,
	/// The price it is valued at.
	pub mark: Price,
	/// Size at mark.
	pub notional: SignedDollars,
	/// What closing at mark would gain.
	pub unrealised_profit: SignedDollars,
	/// Where the account becomes liquidatable while all else stands still.
	pub liquidation_price: Option<Price>,
	/// The same when all other positions have lost by the largest move of their markets.
	pub liquidation_price_earliest: Option<Price>,
	/// The same when all other positions have gained by the largest move of their markets.
	pub liquidation_price_latest: Option<Price>,
}

impl Position {
	fn read(view: &Decoded) -> Option<Self> {
		let optional =
			|name: &str| value::field(view, name).map(|v| value::some(v).and_then(value::unsigned));
		Some(Self {
			market: small(view, "market")?,
			side: name(view, "side")?.parse().ok()?,
			size: Size(unsigned(view, "size")?),
			entry_price: optional("entry_price")?.map(Price),
			mark: Price(unsigned(view, "mark")?),
			notional: dollars(view, "notional")?,
			unrealised_profit: dollars(view, "unrealised_profit")?,
			liquidation_price: optional("liquidation_price")?.map(Price),
			liquidation_price_earliest: optional("liquidation_price_earliest")?.map(Price),
			liquidation_price_latest: optional("liquidation_price_latest")?.map(Price),
		})
	}
}

/// A margin account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
	/// What is settled.
	pub cash: SignedDollars,
	/// Cash and the value of all positions.
	pub equity: SignedDollars,
	/// What must be owned to open.
	pub initial_requirement: SignedDollars,
	/// What must be owned to keep.
	pub maintenance_requirement: SignedDollars,
	/// Equity less the maintenance requirement: below zero it is liquidated.
	pub health: SignedDollars,
	/// What may be withdrawn.
	pub free_collateral: SignedDollars,
	/// Idle, Filed or Queued (for liquidation).
	pub place: String,
	/// What its owner allows it.
	pub leverage: Leverage,
	/// The positions.
	pub positions: Vec<Position>,
}

impl Account {
	pub(super) fn read(view: &Decoded) -> Option<Self> {
		let leverage = value::some(value::field(view, "leverage")?);
		let leverage = leverage.map(|times| value::unsigned(times).and_then(|times| times.try_into().ok()));
		Some(Self {
			cash: dollars(view, "cash")?,
			equity: dollars(view, "equity")?,
			initial_requirement: dollars(view, "initial_requirement")?,
			maintenance_requirement: dollars(view, "maintenance_requirement")?,
			health: dollars(view, "health")?,
			free_collateral: dollars(view, "free_collateral")?,
			place: name(view, "place")?,
			// A cap that cannot be read is not "no cap".
			leverage: Leverage(match leverage {
				Some(times) => Some(times?),
				None => None,
			}),
			positions: value::items(value::field(view, "positions")?)
				.into_iter()
				.map(Position::read)
				.collect::<Option<_>>()?,
		})
	}

	/// The position in a market.
	pub fn position(&self, market: u32) -> Option<&Position> {
		self.positions.iter().find(|position| position.market == market)
	}
}

/// A margin account; nothing when it has neither money nor positions.
pub async fn account(at: &AtBlock, owner: &AccountId32, sub: u8) -> Result<Option<Account>> {
	let view = chain::view(at, "Margin", "account_view", vec![key(owner, sub)]).await?;
	match value::some(&view) {
		Some(view) => Account::read(view).map(Some).ok_or_else(|| odd("account_view")),
		None => Ok(None),
	}
}

/// A margin account as an argument.
pub(super) fn key(owner: &AccountId32, sub: u8) -> Decoded {
	Value::named_composite([
		("owner", chain::account_value(owner)),
		("sub", Value::unnamed_composite([Value::u128(sub.into())])),
	])
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_cap_on_leverage_is_a_whole_number_or_none() {
		for (text, cap) in [("1", Some(1)), ("5x", Some(5)), ("1000", Some(1_000)), ("None", None)] {
			assert_eq!(text.parse(), Ok(Leverage(cap)), "{text}");
		}
		for text in ["", "0", "0x", "1001", "-5", "2.5", "x", "5xx", "off", "+5", " 5", "05", "1,000", "5 x"]
		{
			let error = text.parse::<Leverage>().expect_err(text);
			assert!(error.to_string().contains("is not a cap on leverage"), "{text}: {error}");
		}
	}

	fn optional(value: Option<u128>) -> Decoded {
		match value {
			Some(value) => Value::unnamed_variant("Some", [Value::u128(value)]),
			None => Value::unnamed_variant("None", []),
		}
	}

	fn view(leverage: Decoded) -> Decoded {
		let position = Value::named_composite([
			("market", Value::u128(0)),
			("side", Value::unnamed_variant("Long", [])),
			("size", Value::u128(1)),
			("entry_price", optional(None)),
			("mark", Value::u128(9)),
			("notional", Value::i128(1)),
			("unrealised_profit", Value::i128(-1)),
			("liquidation_price", optional(Some(5))),
			("liquidation_price_earliest", optional(Some(6))),
			("liquidation_price_latest", optional(None)),
		]);
		let money = ["cash", "equity", "initial_requirement", "maintenance_requirement", "health"]
			.map(|name| (name, Value::i128(-7)));
		let rest = [
			("free_collateral", Value::i128(0)),
			("place", Value::unnamed_variant("Filed", [])),
			("leverage", leverage),
			("positions", Value::unnamed_composite([position])),
		];
		Value::named_composite(money.into_iter().chain(rest))
	}

	#[test]
	fn an_account_is_read_with_its_cap_and_its_band() {
		let account = Account::read(&view(optional(Some(5)))).expect("an account");
		assert_eq!(account.leverage, Leverage(Some(5)));
		let band = account
			.position(0)
			.map(|p| (p.liquidation_price_earliest, p.liquidation_price, p.liquidation_price_latest));
		assert_eq!(band, Some((Some(Price(6)), Some(Price(5)), None)));
		assert_eq!(Account::read(&view(optional(None))).map(|a| a.leverage), Some(Leverage(None)));
		assert_eq!(Account::read(&view(optional(Some(u128::MAX)))), None, "not a cap, and not none");
	}
}
