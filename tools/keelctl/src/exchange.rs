// SPDX-License-Identifier: Apache-2.0
//! Markets, margin accounts and block trades.

mod account;
mod forecast;
mod limits;
mod market;
mod read;
mod stress;

pub use account::{account, Account, Leverage, LeverageError, Position};
pub use forecast::{at_risk, max_size, simulate, AtRisk, Plan, Preview, Risk, Shock, ShockError};
pub use market::{market, markets, named, pots, steps, used, worth, Market, Pots, Steps, Tier};
pub use read::{offers, Offer, Side};
pub use stress::{effects, scenarios, stress, stress_moves, Effect, Report, Round, Scenario, ToClose, Toll};

use crate::{
	call::Call,
	chain::{self, Chain, Included},
	error::{Error, Result},
	units::{Dollars, Price, Size},
};
use limits::Asked;
use subxt::{ext::scale_value::Value, utils::AccountId32};
use subxt_signer::sr25519::Keypair;

/// The terms of a block trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
	/// The maker's sub-account.
	pub sub: u8,
	/// The market.
	pub market: u32,
	/// What the maker does; nothing for an offer that reduces, whose side follows from the position.
	pub side: Option<Side>,
	/// The size, taken whole.
	pub size: Size,
	/// The price.
	pub price: Price,
	/// For how many blocks it can be taken.
	pub life: u32,
	/// Who may take it; anybody by default.
	pub taker: Option<AccountId32>,
}

/// Move dollars from the signer's balance into a margin account.
pub async fn deposit(chain: &Chain, sub: u8, amount: Dollars, signer: &Keypair) -> Result<Included> {
	let sent = chain.submit(&deposit_call(sub, amount), signer).await;
	limits::told(chain, Asked::Deposit, sent).await
}

/// The call that deposits.
pub fn deposit_call(sub: u8, amount: Dollars) -> Call {
	money("deposit", sub, amount)
}

/// Move dollars from a margin account to the signer's balance: at once without positions, in the next
/// block with them.
pub async fn withdraw(chain: &Chain, sub: u8, amount: Dollars, signer: &Keypair) -> Result<Included> {
	let sent = chain.submit(&money("withdraw", sub, amount), signer).await;
	limits::told(chain, Asked::Withdrawal, sent).await
}

fn money(name: &str, sub: u8, amount: Dollars) -> Call {
	chain::call("Margin", name, [("sub", Value::u128(sub.into())), ("amount", Value::u128(amount.0))])
}

/// Cap the leverage of a margin account of the signer, or lift the cap.
pub async fn set_leverage(chain: &Chain, sub: u8, cap: Leverage, signer: &Keypair) -> Result<Included> {
	chain.submit(&leverage_call(sub, cap), signer).await
}

/// The call that caps leverage.
pub fn leverage_call(sub: u8, cap: Leverage) -> Call {
	let leverage = match cap.0 {
		Some(times) => Value::unnamed_variant("Some", [Value::u128(times.into())]),
		None => Value::unnamed_variant("None", []),
	};
	chain::call("Margin", "set_leverage", [("sub", Value::u128(sub.into())), ("leverage", leverage)])
}

/// Set what trading keys of the signer may lose against mark in a day, over all of the signer's accounts.
pub async fn set_key_cap(chain: &Chain, most: Dollars, signer: &Keypair) -> Result<Included> {
	chain.submit(&chain::call("Margin", "set_key_cap", [("most", Value::u128(most.0))]), signer).await
}

/// Offer a block trade. Returns the offer's id.
pub async fn offer(chain: &Chain, terms: &Terms, signer: &Keypair) -> Result<(u64, Included)> {
	let expires = chain.best_number().await?.saturating_add(u64::from(terms.life));
	let sent = chain.submit(&offer_call(terms, expires), signer).await;
	let included = limits::told(chain, Asked::Offer(terms.market), sent).await?;
	let id = included
		.event("Margin", "Offered")
		.and_then(|event| event.number("offer"))
		.and_then(|id| u64::try_from(id).ok())
		.ok_or_else(|| Error::Node("no Margin.Offered".to_owned()))?;
	Ok((id, included))
}

/// The call that offers, until block `expires`.
pub fn offer_call(terms: &Terms, expires: u64) -> Call {
	let taker = match &terms.taker {
		Some(account) => Value::unnamed_variant("Some", [chain::account_value(account)]),
		None => Value::unnamed_variant("None", []),
	};
	let sub = ("sub", Value::u128(terms.sub.into()));
	let market = ("market", Value::u128(terms.market.into()));
	let size = ("size", Value::u128(terms.size.0));
	let price = ("price", Value::u128(terms.price.0));
	let expires = ("expires", Value::u128(expires.into()));
	match terms.side {
		Some(side) => {
			let side = ("side", Value::unnamed_variant(side.name(), []));
			chain::call("Margin", "offer_trade", [sub, market, side, size, price, expires, ("taker", taker)])
		}
		None => chain::call("Margin", "offer_reduce", [sub, market, size, price, expires, ("taker", taker)]),
	}
}

/// Take an offer; with `reduce` only if it strictly reduces the signer's position.
pub async fn accept(chain: &Chain, offer: u64, sub: u8, reduce: bool, signer: &Keypair) -> Result<Included> {
	chain.submit(&accept_call(offer, sub, reduce), signer).await
}

/// The call that takes an offer.
pub fn accept_call(offer: u64, sub: u8, reduce: bool) -> Call {
	let name = if reduce { "accept_reduce" } else { "accept_trade" };
	chain::call("Margin", name, [("offer", Value::u128(offer.into())), ("sub", Value::u128(sub.into()))])
}

/// Take an offer of the signer off the table.
pub async fn cancel(chain: &Chain, offer: u64, signer: &Keypair) -> Result<Included> {
	chain.submit(&chain::call("Margin", "cancel_offer", [("offer", Value::u128(offer.into()))]), signer).await
}

/// Test money for an account, on chains that have a faucet.
pub async fn drip(chain: &Chain, who: &AccountId32, signer: &Keypair) -> Result<Included> {
	let sent =
		chain.submit(&chain::call("Faucet", "drip", [("who", chain::address_value(who))]), signer).await;
	limits::told(chain, Asked::Drip(who), sent).await
}
