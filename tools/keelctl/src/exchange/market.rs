// SPDX-License-Identifier: Apache-2.0
//! Markets: their state, their rules, and what is set apart for their losses.

use super::read::{dollars, name, odd, small, text, unsigned};
use crate::{
	chain::{self, AtBlock},
	error::{Error, Result},
	units::{Dollars, Percent, Price, SignedDollars, SignedPercent, Size},
	value::{self, Decoded},
};
use subxt::{config::polkadot::U256, ext::scale_value::Value};

/// Margin rates of positions up to a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
	/// The largest notional.
	pub up_to: SignedDollars,
	/// Initial margin rate, before anything else raises it.
	pub initial_rate: Percent,
	/// Maintenance margin rate, now.
	pub maintenance_rate: Percent,
	/// What that moves to, step by step.
	pub maintenance_target: Percent,
}

impl Tier {
	fn list(view: &Decoded) -> Option<Vec<Self>> {
		value::items(view).into_iter().map(Self::read).collect()
	}

	fn read(view: &Decoded) -> Option<Self> {
		Some(Self {
			up_to: dollars(view, "up_to")?,
			initial_rate: Percent(unsigned(view, "initial_rate")?),
			maintenance_rate: Percent(unsigned(view, "maintenance_rate")?),
			maintenance_target: Percent(unsigned(view, "maintenance_target")?),
		})
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
	/// The price of the last trade; zero before the first.
	pub last_price: Price,
	/// The size of one side.
	pub open_interest: Size,
	/// The most that may be open now.
	pub max_open_interest: Size,
	/// The notional of open interest from which on initial margin rises, now.
	pub soft_cap: SignedDollars,
	/// The notional of open interest at which initial margin is 100 %, now.
	pub hard_cap: SignedDollars,
	/// The initial margin rate of the smallest positions, now.
	pub initial_rate: Percent,
	/// The maintenance margin rate of the smallest positions.
	pub maintenance_rate: Percent,
	/// Margin rates by the size of a position.
	pub tiers: Vec<Tier>,
	/// Those of tiers that its rules have no more, and positions are left in.
	pub retired_tiers: Vec<Tier>,
	/// How far from mark a block trade may be.
	pub band: Percent,
	/// Funding per eight hours; positive: longs pay.
	pub funding_rate: SignedPercent,
	/// What it will be in the next period if the premium stays as it was in this one.
	pub next_funding_rate: SignedPercent,
	/// Whether its books are under examination.
	pub quarantined: bool,
	/// Whether a position in it is the only one of its sub-account.
	pub isolated: bool,
	/// Losses it still owes.
	pub debt: SignedDollars,
}

impl Market {
	/// The asset: `BTC` of `BTC-PERP`.
	pub fn base(&self) -> &str {
		self.name.split(['-', '/']).next().unwrap_or(&self.name)
	}

	/// What one side is worth at mark.
	pub fn open_notional(&self) -> Dollars {
		worth(self.open_interest, self.mark)
	}

	fn read(id: u32, view: &Decoded) -> Option<Self> {
		let rate = |name: &str| {
			let rate = value::field(view, name).and_then(value::signed)?;
			rate.try_into().ok().map(SignedPercent)
		};
		Some(Self {
			id,
			name: text(view, "name")?,
			feed: small(view, "feed")?,
			status: name(view, "status")?,
			price_state: name(view, "price_state")?,
			index: Price(unsigned(view, "index")?),
			price_age_ms: unsigned(view, "price_age_ms")?.try_into().ok()?,
			mark: Price(unsigned(view, "mark")?),
			last_price: Price(unsigned(view, "last_price")?),
			open_interest: Size(unsigned(view, "open_interest")?),
			max_open_interest: Size(unsigned(view, "max_open_interest")?),
			soft_cap: dollars(view, "soft_cap")?,
			hard_cap: dollars(view, "hard_cap")?,
			initial_rate: Percent(unsigned(view, "initial_rate")?),
			maintenance_rate: Percent(unsigned(view, "maintenance_rate")?),
			tiers: Tier::list(value::field(view, "tiers")?)?,
			retired_tiers: Tier::list(value::field(view, "retired_tiers")?)?,
			funding_rate: rate("funding_rate")?,
			next_funding_rate: rate("next_funding_rate")?,
			band: Percent(unsigned(view, "band")?),
			quarantined: value::field(view, "quarantined").and_then(Value::as_bool)?,
			isolated: value::field(view, "isolated").and_then(Value::as_bool)?,
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

/// How much of a limit is used, rounded up.
pub fn used(part: u128, limit: u128) -> Percent {
	let limit = U256::from(limit.max(1));
	let parts = (U256::from(part) * U256::exp10(9) + limit - 1) / limit;
	Percent(parts.min(U256::from(u128::MAX)).as_u128())
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

/// The market with this name (`BTC-PERP`, `BTC`, or its feed's, `BTC/USD`) or id.
pub async fn market(at: &AtBlock, name: &str) -> Result<Market> {
	named(&markets(at).await?, name)
}

/// The same of markets that are known.
pub fn named(markets: &[Market], name: &str) -> Result<Market> {
	let is_it = |market: &&Market| {
		market.name.eq_ignore_ascii_case(name)
			|| market.base().eq_ignore_ascii_case(name.strip_suffix("/USD").unwrap_or(name))
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

/// What is set apart for a market's losses.
pub async fn pots(at: &AtBlock, market: u32) -> Result<Pots> {
	let tranche = Value::unnamed_variant("Tranche", [Value::unnamed_composite([Value::u128(market.into())])]);
	Ok(Pots { tranche: pot(at, tranche).await?, fund: pot(at, Value::unnamed_variant("Fund", [])).await? })
}

async fn pot(at: &AtBlock, pot: Decoded) -> Result<SignedDollars> {
	let balance = chain::view(at, "InsuranceFund", "balance", vec![pot]).await?;
	Ok(SignedDollars(value::some(&balance).and_then(value::signed).unwrap_or(0)))
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

	#[test]
	fn what_is_used_of_a_limit_is_rounded_up() {
		assert_eq!(used(1, 3), Percent(333_333_334));
		assert_eq!(used(0, 3), Percent(0));
		assert_eq!(used(6, 3), Percent(2_000_000_000), "beyond a limit that has shrunk");
		assert_eq!(used(u128::MAX, u128::MAX), Percent(1_000_000_000));
	}
}
