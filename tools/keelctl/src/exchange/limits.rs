// SPDX-License-Identifier: Apache-2.0
//! The numbers that the chain's refusals leave out: how much is the least, what is a whole lot.

use super::market::{self, Steps};
use crate::{
	chain::{self, AtBlock, Chain},
	error::{Error, Result},
	units::{Price, SignedDollars},
	value::{self, Decoded},
};
use subxt::utils::AccountId32;

/// What was refused.
pub(super) enum Asked<'a> {
	/// Moving dollars into an account.
	Deposit,
	/// Moving dollars out of one.
	Withdrawal,
	/// Test money for an account.
	Drip(&'a AccountId32),
	/// An offer in a market.
	Offer(u32),
}

/// The error with the number that was not kept to, where there is one.
pub(super) async fn told<T>(chain: &Chain, asked: Asked<'_>, outcome: Result<T>) -> Result<T> {
	let Err(Error::Failed { call, mut error }) = outcome else { return outcome };
	let at = chain.best().await?;
	// Without the number, the refusal is told as it is.
	if let Ok(Some(number)) = number(&at, asked, &error.error).await {
		error.docs = format!("{} {number}", error.docs).trim_start().to_owned();
	}
	Err(Error::Failed { call, error })
}

async fn number(at: &AtBlock, asked: Asked<'_>, error: &str) -> Result<Option<String>> {
	Ok(match (asked, error) {
		(Asked::Deposit, "AmountTooSmall") => {
			least(at, "MinDeposit")?.map(|least| format!("The least deposit is {least} dollars."))
		}
		(Asked::Withdrawal, "AmountTooSmall") => least(at, "MinWithdrawal")?
			.map(|least| format!("The least withdrawal is {least} dollars, or all there is.")),
		(Asked::Drip(who), "TooSoon") => {
			again(at, who).await?.map(|block| format!("It gives again from block {block} on."))
		}
		(Asked::Offer(market), "NotWholeLots" | "NotWholeTicks" | "OutsideBand") => {
			let market = market::market(at, &market.to_string()).await?;
			let steps = market::steps(at, market.id).await?;
			Some(rule(error, &steps, market.mark, market.band.0))
		}
		_ => None,
	})
}

fn rule(error: &str, steps: &Steps, mark: Price, band: u128) -> String {
	match error {
		"NotWholeLots" => format!("Give a size that is a multiple of {}.", steps.lot.plain()),
		"NotWholeTicks" => format!("Give a price that is a multiple of {}.", steps.tick.plain()),
		_ => {
			let width = Price(mark.0 / 1_000_000_000 * band);
			let (low, high) = (mark.0.saturating_sub(width.0), mark.0.saturating_add(width.0));
			// Rounded to ticks inwards.
			let low = steps.price(Price(low.saturating_add(steps.tick.0.saturating_sub(1))));
			format!("Now it may be from {} to {}.", low.plain(), steps.price(Price(high)).plain())
		}
	}
}

fn least(at: &AtBlock, name: &str) -> Result<Option<SignedDollars>> {
	let least: Decoded = chain::constant(at, "Margin", name)?;
	Ok(value::signed(&least).map(SignedDollars))
}

/// The block from which on the faucet gives to `who` again.
async fn again(at: &AtBlock, who: &AccountId32) -> Result<Option<u128>> {
	let grant = chain::storage(at, "Faucet", "Grants", vec![]).await?;
	let every = grant.as_ref().and_then(|grant| value::field(grant, "every")).and_then(value::unsigned);
	let last = chain::storage(at, "Faucet", "LastDrip", vec![chain::account_value(who)]).await?;
	let last = last.as_ref().and_then(value::unsigned);
	Ok(every.zip(last).map(|(every, last)| last.saturating_add(every)))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::units::Size;

	#[test]
	fn a_rule_is_told_with_its_numbers() {
		let price = |text: &str| Price::parse(text).expect("a price");
		let steps = Steps { lot: Size(1_000_000), tick: price("0.5") };
		let told = |error| rule(error, &steps, price("8000.3"), 20_000_000);
		assert_eq!(told("NotWholeLots"), "Give a size that is a multiple of 0.001.");
		assert_eq!(told("NotWholeTicks"), "Give a price that is a multiple of 0.5.");
		// 7840.294 and 8160.306, on ticks within.
		assert_eq!(told("OutsideBand"), "Now it may be from 7840.5 to 8160.");
	}
}
