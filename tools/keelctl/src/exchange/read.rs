// SPDX-License-Identifier: Apache-2.0
//! What the chain says about markets, accounts, offers and funds.

use crate::{
	chain::{self, AtBlock},
	error::{Error, Result},
	units::{Dollars, Percent, Price, SignedDollars, Size},
	value::{self, Decoded},
};
use std::str::FromStr;
use subxt::{config::polkadot::U256, ext::scale_value::Value, utils::AccountId32};

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

/// A market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Market {
	/// Its id.
	pub id: u32,
	/// Its name, like `BTC-PERP`.
	pub name: String,
	/// The feed of its index price.
	pub feed: u32,
	/// Open, Guarded, Auction, Halted or Settling.
	pub status: String,
	/// Valid, Uncertain, Volatile, Stale or Missing.
	pub price_state: String,
	/// The last price that landed.
	pub index: Price,
	/// How old that is, in milliseconds.
	pub price_age_ms: u64,
	/// The price everything is judged at.
	pub mark: Price,
	/// The size of one side.
	pub open_interest: Size,
	/// Initial margin rate.
	pub initial_rate: Percent,
	/// Maintenance margin rate.
	pub maintenance_rate: Percent,
	/// How far from mark a block trade may be.
	pub band: Percent,
	/// Whether its books are under examination.
	pub quarantined: bool,
	/// Losses it still owes.
	pub debt: SignedDollars,
}

impl Market {
	/// The asset: `BTC` of `BTC-PERP`.
	pub fn base(&self) -> &str {
		self.name.split(['-', '/']).next().unwrap_or(&self.name)
	}

	fn read(id: u32, view: &Decoded) -> Option<Self> {
		Some(Self {
			id,
			name: text(view, "name")?,
			feed: small(view, "feed")?,
			status: name(view, "status")?,
			price_state: name(view, "price_state")?,
			index: Price(unsigned(view, "index")?),
			price_age_ms: unsigned(view, "price_age_ms")?.try_into().ok()?,
			mark: Price(unsigned(view, "mark")?),
			open_interest: Size(unsigned(view, "open_interest")?),
			initial_rate: Percent(unsigned(view, "initial_rate")?),
			maintenance_rate: Percent(unsigned(view, "maintenance_rate")?),
			band: Percent(unsigned(view, "band")?),
			quarantined: value::field(view, "quarantined").and_then(Value::as_bool)?,
			debt: dollars(view, "debt")?,
		})
	}
}

/// What sizes and prices of a market must be multiples of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
	/// Of sizes that open.
	pub lot: Size,
	/// Of prices.
	pub tick: Price,
}

impl Steps {
	/// The largest whole number of lots that `dollars` buy at `price`.
	pub fn size_for(&self, dollars: Dollars, price: Price) -> Size {
		let (lot, price) = (U256::from(self.lot.0.max(1)), U256::from(price.0.max(1)));
		// Dollars count 1e-6, sizes 1e-9 and prices 1e-18: the quotient is scaled by 1e21.
		let size = U256::from(dollars.0) * U256::exp10(21) / price;
		Size((size / lot * lot).min(U256::from(u128::MAX)).as_u128())
	}

	/// `price`, rounded down to a whole tick.
	pub fn price(&self, price: Price) -> Price {
		Price(price.0 - price.0 % self.tick.0.max(1))
	}
}

/// What a size is worth at a price, rounded up.
pub fn worth(size: Size, price: Price) -> Dollars {
	let one = U256::exp10(21);
	let value = U256::from(size.0) * U256::from(price.0);
	Dollars(((value + one - 1) / one).min(U256::from(u128::MAX)).as_u128())
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
	/// The positions.
	pub positions: Vec<Position>,
}

impl Account {
	fn read(view: &Decoded) -> Option<Self> {
		Some(Self {
			cash: dollars(view, "cash")?,
			equity: dollars(view, "equity")?,
			initial_requirement: dollars(view, "initial_requirement")?,
			maintenance_requirement: dollars(view, "maintenance_requirement")?,
			health: dollars(view, "health")?,
			free_collateral: dollars(view, "free_collateral")?,
			place: name(view, "place")?,
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

/// What is set apart for the losses of a market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pots {
	/// The market's tranche.
	pub tranche: SignedDollars,
	/// The global fund.
	pub fund: SignedDollars,
}

/// All markets, by id.
pub async fn markets(at: &AtBlock) -> Result<Vec<Market>> {
	let ids = chain::view(at, "Margin", "markets", vec![]).await?;
	let mut markets = Vec::new();
	for id in value::items(&ids) {
		let id = value::unsigned(id).and_then(|id| u32::try_from(id).ok()).ok_or_else(|| odd("markets"))?;
		let view = chain::view(at, "Margin", "market_view", vec![Value::u128(id.into())]).await?;
		let market = value::some(&view).and_then(|view| Market::read(id, view));
		markets.push(market.ok_or_else(|| odd("market_view"))?);
	}
	markets.sort_by_key(|market| market.id);
	Ok(markets)
}

/// The market with this name (`BTC-PERP`, or `BTC`) or id.
pub async fn market(at: &AtBlock, name: &str) -> Result<Market> {
	let markets = markets(at).await?;
	let is_it = |market: &&Market| {
		market.name.eq_ignore_ascii_case(name)
			|| market.base().eq_ignore_ascii_case(name)
			|| market.id.to_string() == name
	};
	let known = markets.iter().map(|market| market.name.as_str()).collect::<Vec<_>>().join(", ");
	let found = markets.iter().find(is_it).cloned();
	found.ok_or_else(|| Error::UnknownMarket { name: name.to_owned(), known })
}

/// What sizes and prices of a market must be multiples of.
pub async fn steps(at: &AtBlock, market: u32) -> Result<Steps> {
	let record = chain::storage(at, "Margin", "Markets", vec![Value::u128(market.into())]).await?;
	let params = record.as_ref().and_then(|record| value::field(record, "params"));
	let read = |params: &Decoded| {
		Some(Steps { lot: Size(unsigned(params, "lot")?), tick: Price(unsigned(params, "tick")?) })
	};
	params.and_then(read).ok_or_else(|| odd("Markets"))
}

/// A margin account; nothing when it has neither money nor positions.
pub async fn account(at: &AtBlock, owner: &AccountId32, sub: u8) -> Result<Option<Account>> {
	let account = Value::named_composite([
		("owner", chain::account_value(owner)),
		("sub", Value::unnamed_composite([Value::u128(sub.into())])),
	]);
	let view = chain::view(at, "Margin", "account_view", vec![account]).await?;
	match value::some(&view) {
		Some(view) => Account::read(view).map(Some).ok_or_else(|| odd("account_view")),
		None => Ok(None),
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

/// What is set apart for a market's losses.
pub async fn pots(at: &AtBlock, market: u32) -> Result<Pots> {
	let tranche = Value::unnamed_variant("Tranche", [Value::unnamed_composite([Value::u128(market.into())])]);
	Ok(Pots { tranche: pot(at, tranche).await?, fund: pot(at, Value::unnamed_variant("Fund", [])).await? })
}

async fn pot(at: &AtBlock, pot: Decoded) -> Result<SignedDollars> {
	let balance = chain::view(at, "InsuranceFund", "balance", vec![pot]).await?;
	Ok(SignedDollars(value::some(&balance).and_then(value::signed).unwrap_or(0)))
}

fn odd(what: &str) -> Error {
	Error::Node(format!("Margin.{what} has another shape than this keelctl knows"))
}

fn unsigned(view: &Decoded, name: &str) -> Option<u128> {
	value::field(view, name).and_then(value::unsigned)
}

fn small(view: &Decoded, name: &str) -> Option<u32> {
	unsigned(view, name)?.try_into().ok()
}

fn dollars(view: &Decoded, name: &str) -> Option<SignedDollars> {
	value::field(view, name).and_then(value::signed).map(SignedDollars)
}

fn name(view: &Decoded, field: &str) -> Option<String> {
	value::field(view, field).and_then(value::variant).map(str::to_owned)
}

fn text(view: &Decoded, name: &str) -> Option<String> {
	value::field(view, name).and_then(value::bytes).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn sizes_are_whole_lots_and_prices_whole_ticks() {
		let steps = Steps { lot: Size(1_000_000), tick: Price::parse("0.5").expect("a price") };
		let price = Price::parse("7999.75").expect("a price");
		assert_eq!(steps.price(price), Price::parse("7999.5").expect("a price"));
		let size = steps.size_for(Dollars::parse("50000").expect("dollars"), price);
		assert_eq!(size, Size::parse("6.25").expect("a size"));
		assert_eq!(worth(size, price), Dollars::parse("49998.4375").expect("dollars"));
		assert_eq!(worth(Size(1), Price(1)), Dollars(1), "rounded up");
	}
}
