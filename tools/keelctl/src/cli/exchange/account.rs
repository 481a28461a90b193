// SPDX-License-Identifier: Apache-2.0
//! `keelctl account`.

use super::{super::Context, owner, table};
use crate::{
	chain::{self, AtBlock},
	exchange::{self, Account, Market, Position},
	keys,
	units::{Dollars, Keel, Price},
	value, Result,
};
use serde_json::{json, Value};
use subxt::utils::AccountId32;

pub async fn show(who: Option<String>, sub: u8, context: &Context) -> Result<()> {
	let development = who.as_ref().is_some_and(|who| who.starts_with("//"));
	let owner = owner(who, context)?;
	let chain = context.chain().await?;
	let at = chain.state().await?;
	let markets = exchange::markets(&at).await?;
	let margin = exchange::account(&at, &owner, sub).await?;
	let keel = free_keel(&at, &owner).await?;
	let wallet = wallet(&at, &owner).await?;

	let (name, address) = (keys::display_name(&owner), owner.to_string());
	let mut lines = vec![
		if name == address { address } else { format!("{name} ({address})") },
		format!("balance      {} KEEL, {} dollars", Keel(keel), Dollars(wallet)),
	];
	if development && keel == 0 && wallet == 0 && margin.is_none() {
		lines.push("nobody uses this key: in names, large and small letters differ (//Alice)".to_owned());
	}
	match &margin {
		None => lines.push(format!("sub-account {sub} is empty; fill it with `keelctl deposit`")),
		Some(account) => lines.extend(describe(account, &markets, sub)),
	}
	let object = json!({
		"block": at.block_number(), "account": owner.to_string(), "keel": Keel(keel), "dollars": Dollars(wallet),
		"sub": sub, "margin": margin.as_ref().map(margin_json),
	});
	context.out.result(lines.join("\n"), object);
	Ok(())
}

/// An account for people: its money, its cap, its positions.
pub fn describe(account: &Account, markets: &[Market], sub: u8) -> Vec<String> {
	let mut lines = vec![
		format!("sub-account {sub} ({})", place(&account.place)),
		format!("  cash        {}", account.cash),
		format!("  equity      {}", account.equity),
		format!("  to keep     {}", account.maintenance_requirement),
		format!("  to open     {}", account.initial_requirement),
		format!("  health      {}", account.health),
		format!("  may leave   {}", account.free_collateral),
		format!("  leverage    {}", account.leverage),
	];
	if account.positions.is_empty() {
		return lines;
	}
	// With one position there is nothing else that could move: its band is a point.
	let several = account.positions.len() > 1;
	let rows: Vec<_> = account.positions.iter().map(|position| row(position, markets, several)).collect();
	let mut header = vec!["market", "position", "entry", "mark", "notional", "profit", "liquidation"];
	if several {
		header.push("at the earliest / latest");
	}
	lines.push(table(&header, rows).to_string());
	lines
}

fn row(position: &Position, markets: &[Market], several: bool) -> Vec<String> {
	let price = |price: Option<Price>| price.map_or("-".to_owned(), |price| price.brief().to_string());
	let market = markets.iter().find(|market| market.id == position.market);
	let mut row = vec![
		market.map_or("?", |market| market.name.as_str()).to_owned(),
		format!("{} {}", position.side.name(), position.size),
		price(position.entry_price),
		price(Some(position.mark)),
		position.notional.to_string(),
		position.unrealised_profit.to_string(),
		price(position.liquidation_price),
	];
	if several {
		let (earliest, latest) = (position.liquidation_price_earliest, position.liquidation_price_latest);
		row.push(format!("{} / {}", price(earliest), price(latest)));
	}
	row
}

fn place(place: &str) -> &str {
	match place {
		"Idle" => "no positions",
		"Filed" => "watched by the trigger book",
		"Queued" => "being liquidated",
		other => other,
	}
}

/// An account for programs.
pub fn margin_json(account: &Account) -> Value {
	let positions: Vec<_> = account
		.positions
		.iter()
		.map(|position| {
			json!({
				"market": position.market, "side": position.side.name(), "size": position.size,
				"entry_price": position.entry_price,
				"mark": position.mark, "notional": position.notional,
				"unrealised_profit": position.unrealised_profit,
				"liquidation_price": position.liquidation_price,
				"liquidation_price_earliest": position.liquidation_price_earliest,
				"liquidation_price_latest": position.liquidation_price_latest,
			})
		})
		.collect();
	json!({
		"cash": account.cash, "equity": account.equity,
		"maintenance_requirement": account.maintenance_requirement,
		"initial_requirement": account.initial_requirement,
		"health": account.health, "free_collateral": account.free_collateral,
		"place": account.place, "leverage": account.leverage.0, "positions": positions,
	})
}

pub async fn free_keel(at: &AtBlock, owner: &AccountId32) -> Result<u128> {
	let account = chain::storage(at, "System", "Account", vec![chain::account_value(owner)]).await?;
	let data = account.as_ref().and_then(|account| value::field(account, "data"));
	Ok(data.and_then(|data| value::field(data, "free")).and_then(value::unsigned).unwrap_or(0))
}

/// USDK outside of margin accounts: asset 1.
async fn wallet(at: &AtBlock, owner: &AccountId32) -> Result<u128> {
	let key = vec![subxt::dynamic::Value::u128(1), chain::account_value(owner)];
	let account = chain::storage(at, "Assets", "Account", key).await?;
	let balance = account.as_ref().and_then(|account| value::field(account, "balance"));
	Ok(balance.and_then(value::unsigned).unwrap_or(0))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		exchange::{Leverage, Side},
		units::{SignedDollars, Size},
	};

	fn position(market: u32) -> Position {
		let price = |dollars: &str| Price::parse(dollars).expect("a price");
		Position {
			market,
			side: Side::Long,
			size: Size(1_000_000_000),
			entry_price: Some(price("8000")),
			mark: price("7900"),
			notional: SignedDollars(7_900_000_000),
			unrealised_profit: SignedDollars(-100_000_000),
			liquidation_price: Some(price("7216.494845360824742268")),
			liquidation_price_earliest: Some(price("7300")),
			liquidation_price_latest: None,
		}
	}

	fn account(leverage: Option<u32>, positions: Vec<Position>) -> Account {
		let nothing = SignedDollars(0);
		Account {
			cash: nothing,
			equity: nothing,
			initial_requirement: nothing,
			maintenance_requirement: nothing,
			health: nothing,
			free_collateral: nothing,
			place: "Filed".to_owned(),
			leverage: Leverage(leverage),
			positions,
		}
	}

	#[test]
	fn the_band_is_shown_where_others_can_move() {
		let one = describe(&account(Some(5), vec![position(0)]), &[], 0).join("\n");
		assert!(one.contains("leverage    at most 5x") && one.contains("7,216.4948"), "{one}");
		assert!(!one.contains("earliest") && !one.contains("7,300.00"), "{one}");
		let two = describe(&account(None, vec![position(0), position(1)]), &[], 0).join("\n");
		assert!(two.contains("leverage    as the markets allow"), "{two}");
		assert!(two.contains("at the earliest / latest") && two.contains("7,300.00 / -"), "{two}");
		assert!(!describe(&account(None, vec![]), &[], 0).join("\n").contains("market "));
	}

	#[test]
	fn a_program_gets_the_cap_and_exact_prices() {
		let json = margin_json(&account(Some(5), vec![position(0)]));
		assert_eq!(json["leverage"], 5);
		assert_eq!(json["positions"][0]["liquidation_price"], "7216.494845360824742268");
		assert_eq!(json["positions"][0]["liquidation_price_earliest"], "7300");
		assert!(json["positions"][0]["liquidation_price_latest"].is_null());
		assert!(margin_json(&account(None, vec![]))["leverage"].is_null());
	}
}
