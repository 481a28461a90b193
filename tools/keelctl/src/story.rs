// SPDX-License-Identifier: Apache-2.0
//! The story of a crash: a bold and a careful trader, and what the chain does with them.

mod narrate;

pub use narrate::narrate;

use crate::{
	chain::{self, Chain, Event},
	error::{Error, Result},
	exchange::{self, Market, Side, Terms},
	gov::Tell,
	keys,
	units::{Dollars, SignedDollars, Size},
	value,
};
use subxt::{ext::scale_value::Value, utils::AccountId32};
use subxt_signer::sr25519::Keypair;

/// How many blocks a market may take to open once prices come in.
const OPENING_BLOCKS: u64 = 60;
/// Room for the price to move between a deposit and the trade, in percent of the deposit.
const ROOM_PERCENT: u128 = 2;

/// A trader's part.
#[derive(Clone)]
pub struct Part {
	/// Who plays it.
	pub key: Keypair,
	/// The sub-account it is played in.
	pub sub: u8,
	/// What the position is worth at the start.
	pub notional: Dollars,
	/// Tenths of the leverage: 15 is 1.5x.
	pub leverage_tenths: u32,
}

/// A long position that was opened for the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
	/// Whose it is.
	pub owner: AccountId32,
	/// In which sub-account.
	pub sub: u8,
	/// In which market.
	pub market: u32,
	/// The size.
	pub size: Size,
	/// What was deposited for it.
	pub deposit: Dollars,
}

/// What a loss was and who paid for it; the payments sum to it, to the unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipts {
	/// What bankrupt accounts owed.
	pub loss: i128,
	/// Paid by tranches.
	pub tranche: i128,
	/// Paid by the global fund.
	pub fund: i128,
	/// Borne by those who gained.
	pub socialised: i128,
	/// Owed by markets.
	pub market_debt: i128,
	/// What liquidated accounts paid besides the price.
	pub penalties: i128,
	/// How many times a position was taken.
	pub liquidations: u32,
}

impl Receipts {
	/// Add what the events of a block say.
	pub fn add(&mut self, events: &[Event]) {
		let amount = |event: &Event, name: &str| event.field(name).and_then(value::signed).unwrap_or(0);
		for event in events.iter().filter(|event| event.pallet == "Liquidation") {
			match event.name.as_str() {
				"LossCovered" => {
					self.loss += amount(event, "loss");
					self.tranche += amount(event, "tranche");
					self.fund += amount(event, "fund");
					self.socialised += amount(event, "socialised");
					self.market_debt += amount(event, "market_debt");
				}
				"Liquidated" => {
					self.penalties += amount(event, "penalty");
					self.liquidations += 1;
				}
				_ => {}
			}
		}
	}

	/// Whether what was paid is what was lost.
	pub const fn balance(&self) -> bool {
		self.loss == self.tranche + self.fund + self.socialised + self.market_debt
	}
}

impl std::fmt::Display for Receipts {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		let dollars = |amount: i128| SignedDollars(amount);
		writeln!(f, "positions taken      {:>18}", self.liquidations)?;
		writeln!(f, "penalties paid       {:>18}", dollars(self.penalties))?;
		writeln!(f, "losses nobody had    {:>18}", dollars(self.loss))?;
		writeln!(f, "  paid by tranches   {:>18}", dollars(self.tranche))?;
		writeln!(f, "  by the global fund {:>18}", dollars(self.fund))?;
		writeln!(f, "  by those who gained{:>18}", dollars(self.socialised))?;
		write!(f, "  owed by markets    {:>18}", dollars(self.market_debt))
	}
}

/// Who is bankrupt, by the events of a block: owner and sub-account.
pub fn bankrupt(events: &[Event]) -> impl Iterator<Item = ([u8; 32], u8)> + '_ {
	events.iter().filter(|event| event.is("Liquidation", "Bankrupt")).filter_map(|event| {
		let account = event.field("account")?;
		let owner = value::field(account, "owner").and_then(value::bytes32)?;
		let sub = value::field(account, "sub").and_then(value::unsigned)?;
		Some((owner, sub.try_into().ok()?))
	})
}

/// Wait until the market is open, as it is a few good prices after the first one.
pub async fn wait_until_open(chain: &Chain, market: u32) -> Result<Market> {
	chain
		.wait_until(
			"the opening of the market",
			OPENING_BLOCKS,
			"Its price must be valid for a few blocks: are all reporters at work? See `keelctl markets`.",
			|at| async move {
				let market = exchange::market(&at, &market.to_string()).await?;
				Ok((market.status == "Open" && market.price_state == "Valid").then_some(market))
			},
		)
		.await
}

/// The first sub-account of `owner` that has neither money nor positions.
pub async fn empty_sub(chain: &Chain, owner: &AccountId32) -> Result<u8> {
	let at = chain.best().await?;
	for sub in 0..=u8::MAX {
		if exchange::account(&at, owner, sub).await?.is_none() {
			return Ok(sub);
		}
	}
	Err(Error::Usage {
		problem: format!("{} has no empty sub-account left", keys::display_name(owner)),
		help: "Start a new development chain.".to_owned(),
	})
}

/// Give a bold and a careful trader their long positions, sold by `maker`, who deposits as much as all
/// of them are worth.
pub async fn open_longs(
	chain: &Chain,
	market: &Market,
	parts: &[Part],
	maker: &Keypair,
	tell: Tell<'_>,
) -> Result<Vec<Opened>> {
	let maker_sub = empty_sub(chain, &keys::id(maker)).await?;
	let all: u128 = parts.iter().map(|part| part.notional.0).sum();
	exchange::deposit(chain, maker_sub, Dollars(all), maker).await?;
	let mut opened = Vec::new();
	for part in parts {
		opened.push(open_long(chain, market, part, maker, maker_sub, tell).await?);
	}
	Ok(opened)
}

async fn open_long(
	chain: &Chain,
	market: &Market,
	part: &Part,
	maker: &Keypair,
	maker_sub: u8,
	tell: Tell<'_>,
) -> Result<Opened> {
	let owner = keys::id(&part.key);
	let at = chain.best().await?;
	let steps = exchange::steps(&at, market.id).await?;
	let price = steps.price(exchange::market(&at, &market.id.to_string()).await?.mark);
	let size = steps.size_for(part.notional, price);
	let margin = exchange::worth(size, price).0 * 10 / u128::from(part.leverage_tenths.max(1));
	let deposit = Dollars(margin + margin * ROOM_PERCENT / 100);

	exchange::deposit(chain, part.sub, deposit, &part.key).await?;
	let terms = Terms {
		sub: maker_sub,
		market: market.id,
		side: Some(Side::Short),
		size,
		price,
		life: 20,
		taker: Some(owner),
	};
	let (offer, _) = exchange::offer(chain, &terms, maker).await?;
	let included = exchange::accept(chain, offer, part.sub, false, &part.key).await?;
	tell(&format!(
		"block {}: {} buys {size} {} at {price} with {deposit} dollars of margin ({}.{}x)",
		included.number,
		keys::display_name(&owner),
		market.base(),
		part.leverage_tenths / 10,
		part.leverage_tenths % 10,
	));
	Ok(Opened { owner, sub: part.sub, market: market.id, size, deposit })
}

/// Fill the tranche of a market and the global fund up to these amounts; what has more keeps it.
pub async fn fill_pots(
	chain: &Chain,
	market: u32,
	tranche: Dollars,
	fund: Dollars,
	giver: &Keypair,
) -> Result<()> {
	let pots = exchange::pots(&chain.best().await?, market).await?;
	let of_market = Value::unnamed_composite([Value::u128(market.into())]);
	for (pot, has, wanted) in [
		(Value::unnamed_variant("Tranche", [of_market]), pots.tranche, tranche),
		(Value::unnamed_variant("Fund", []), pots.fund, fund),
	] {
		let missing = wanted.0.saturating_sub(u128::try_from(has.0).unwrap_or(0));
		if missing > 0 {
			let amount = ("amount", Value::u128(missing));
			let give = chain::call("InsuranceFund", "contribute", [("pot", pot), amount]);
			chain.submit(&give, giver).await?;
		}
	}
	Ok(())
}
