// SPDX-License-Identifier: Apache-2.0
//! `keelctl trade preview`, `keelctl trade max` and `keelctl risk`: what would happen.

use super::{
	super::{from_one, read, whole, Context},
	account::{describe, margin_json},
	owner, table,
};
use crate::{
	chain::AtBlock,
	error::Error,
	exchange::{self, Market, Shock, Side},
	keys,
	units::{Price, SignedPercent, Size},
	Result,
};
use clap::Args;
use serde_json::json;

#[derive(Args)]
pub struct Plan {
	/// The market, like BTC or BTC-PERP.
	market: String,
	/// What is done: long (buy) or short (sell).
	side: Side,
	/// Whose account; the signer's by default.
	#[arg(long)]
	who: Option<String>,
	/// The sub-account.
	#[arg(long, default_value_t = 0, value_parser = whole::<u8>)]
	sub: u8,
}

#[derive(Args)]
pub struct Risk {
	/// Moves of mark prices, all at once, like BTC=-10% ETH=+5%.
	#[arg(required = true, value_name = "MARKET=MOVE", value_parser = read::<Shock>)]
	shocks: Vec<Shock>,
	/// How many accounts are looked at.
	#[arg(long, value_name = "ACCOUNTS", default_value_t = 100, value_parser = from_one::<u32>)]
	limit: u32,
}

/// The plan in the chain's terms, and the market it is for.
async fn resolve(
	at: &AtBlock,
	plan: Plan,
	price: Option<Price>,
	context: &Context,
) -> Result<(exchange::Plan, Market)> {
	let market = exchange::market(at, &plan.market).await?;
	let price = match price {
		Some(price) => price,
		None => exchange::steps(at, market.id).await?.price(market.mark),
	};
	let owner = owner(plan.who, context)?;
	Ok((exchange::Plan { owner, sub: plan.sub, market: market.id, side: plan.side, price }, market))
}

pub async fn preview(plan: Plan, size: Size, price: Option<Price>, context: &Context) -> Result<()> {
	let at = context.chain().await?.state().await?;
	let (plan, market) = resolve(&at, plan, price, context).await?;
	let preview = exchange::simulate(&at, &plan, size).await?;
	let mut lines = vec![format!(
		"{} {size} {} at {} would close {}, open {} and realise {} dollars; afterwards:",
		plan.side.name(),
		market.name,
		plan.price,
		preview.closed,
		preview.opened,
		preview.realised,
	)];
	match &preview.account {
		Some(account) => lines.extend(describe(account, &exchange::markets(&at).await?, plan.sub)),
		None => lines.push(format!("sub-account {} is empty", plan.sub)),
	}
	let object = json!({
		"block": at.block_number(), "account": plan.owner.to_string(), "sub": plan.sub,
		"market": plan.market, "side": plan.side.name(), "size": size,
		"price": plan.price, "closed": preview.closed,
		"opened": preview.opened, "realised": preview.realised,
		"margin": preview.account.as_ref().map(margin_json),
	});
	context.out.result(lines.join("\n"), object);
	Ok(())
}

pub async fn max(plan: Plan, price: Option<Price>, context: &Context) -> Result<()> {
	let at = context.chain().await?.state().await?;
	let (plan, market) = resolve(&at, plan, price, context).await?;
	let size = exchange::max_size(&at, &plan).await?;
	let (side, price) = (plan.side.name(), plan.price);
	let text = if size.0 == 0 {
		format!(
			"{side} nothing in {} at {price}: `keelctl trade preview` says why a size is refused",
			market.name
		)
	} else {
		let worth = exchange::worth(size, price);
		format!("{side} at most {size} {} at {price}, worth {worth} dollars", market.name)
	};
	let object = json!({
		"block": at.block_number(), "account": plan.owner.to_string(), "sub": plan.sub,
		"market": plan.market, "side": side, "price": price, "max_size": size,
	});
	context.out.result(text, object);
	Ok(())
}

pub async fn risk(command: Risk, context: &Context) -> Result<()> {
	let at = context.chain().await?.state().await?;
	let markets = exchange::markets(&at).await?;
	let shocks = command
		.shocks
		.iter()
		.map(|shock| Ok((exchange::named(&markets, &shock.market)?, shock.by)))
		.collect::<Result<Vec<_>>>()?;
	once(&shocks)?;
	let asked: Vec<_> = shocks.iter().map(|(market, by)| (market.id, *by)).collect();
	let risk = exchange::at_risk(&at, &asked, command.limit).await?;
	let accounts: Vec<_> = risk
		.accounts
		.iter()
		.map(|at_risk| {
			json!({
				"account": at_risk.owner.to_string(), "sub": at_risk.sub, "equity": at_risk.equity,
				"requirement": at_risk.requirement, "shortfall": at_risk.shortfall(), "queued": at_risk.queued,
			})
		})
		.collect();
	let moves: Vec<_> =
		shocks.iter().map(|(market, by)| json!({ "market": market.name, "by_percent": by })).collect();
	let object = json!({
		"block": at.block_number(), "shocks": moves, "accounts": accounts, "cut_short": risk.cut_short,
	});
	context.out.result(tell(&risk, &shocks, command.limit).join("\n"), object);
	Ok(())
}

/// A price cannot go to two places at once.
pub(super) fn once(shocks: &[(Market, SignedPercent)]) -> Result<()> {
	for (index, (market, _)) in shocks.iter().enumerate() {
		if shocks[..index].iter().any(|(earlier, _)| earlier.id == market.id) {
			return Err(Error::Usage {
				problem: format!("{} moves twice", market.name),
				help: "Give each market one move; all happen at once.".to_owned(),
			});
		}
	}
	Ok(())
}

fn tell(risk: &exchange::Risk, shocks: &[(Market, SignedPercent)], limit: u32) -> Vec<String> {
	let moves: Vec<_> = shocks.iter().map(|(market, by)| format!("{} by {by}", market.name)).collect();
	let moves = moves.join(", ");
	let waiting = risk.accounts.iter().filter(|at_risk| at_risk.queued).count();
	let mut lines = vec![match risk.accounts.len() - waiting {
		0 => format!("no account would become unhealthy by a move of {moves}"),
		1 => format!("1 account would become unhealthy by a move of {moves}"),
		count => format!("{count} accounts would become unhealthy by a move of {moves}"),
	}];
	lines.push(match waiting {
		0 => "no account is being liquidated".to_owned(),
		1 => "1 account is being liquidated already".to_owned(),
		count => format!("{count} accounts are being liquidated already"),
	});
	let rows: Vec<_> = risk
		.accounts
		.iter()
		.map(|at_risk| {
			vec![
				keys::display_name(&at_risk.owner),
				at_risk.sub.to_string(),
				at_risk.equity.to_string(),
				at_risk.requirement.to_string(),
				at_risk.shortfall().to_string(),
				if at_risk.queued { "in liquidation".to_owned() } else { "after the move".to_owned() },
			]
		})
		.collect();
	if !rows.is_empty() {
		lines.push(
			table(&["account", "sub", "equity", "to keep", "shortfall", "unhealthy"], rows).to_string(),
		);
	}
	if risk.cut_short {
		lines.push(format!("CUT SHORT: there was room to look at {limit} only; ask for more with --limit"));
	}
	lines
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{exchange::AtRisk, units::SignedDollars};
	use subxt_signer::sr25519::dev;

	#[test]
	fn who_would_be_unhealthy_and_what_is_not_said() {
		let found = AtRisk {
			owner: keys::id(&dev::bob()),
			sub: 3,
			equity: SignedDollars(-5_000_000),
			requirement: SignedDollars(2_000_000),
			health: SignedDollars(-7_000_000),
			queued: false,
		};
		let waits = AtRisk { sub: 4, queued: true, ..found.clone() };
		let risk = exchange::Risk { accounts: vec![waits, found], cut_short: true };
		let text = tell(&risk, &[], 1).join("\n");
		for part in [
			"1 account would",
			"1 account is being liquidated",
			"in liquidation",
			"after the move",
			"Bob",
			"-5.00",
			"2.00",
			"7.00",
			"room to look at 1 only",
		] {
			assert!(text.contains(part), "{part}: {text}");
		}
		let text = tell(&exchange::Risk { accounts: vec![], cut_short: false }, &[], 1).join("\n");
		assert!(
			text.contains("no account would") && text.contains("no account is being liquidated"),
			"{text}"
		);
		assert!(!text.contains("CUT SHORT") && !text.contains("shortfall"), "{text}");
	}

	#[test]
	fn a_market_is_known_and_moves_once() {
		let markets = [super::super::market::tests::market()];
		let shock = |name: &str| (exchange::named(&markets, name).expect(name), SignedPercent(1));
		assert!(once(&[shock("btc")]).is_ok());
		let twice = once(&[shock("BTC"), shock("BTC-PERP")]).expect_err("two moves");
		assert_eq!(twice.to_string(), "BTC-PERP moves twice");
		let unknown = exchange::named(&markets, "DOGE").expect_err("no such market");
		assert!(exchange::named(&markets, "BTC/USD").is_ok(), "as its feed is called");
		assert!(exchange::named(&markets, "BTC/EUR").is_err());
		assert!(matches!(unknown, Error::UnknownMarket { known, .. } if known == "BTC-PERP"));
	}
}
