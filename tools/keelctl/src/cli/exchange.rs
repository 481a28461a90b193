// SPDX-License-Identifier: Apache-2.0
//! `keelctl account`, `deposit`, `withdraw`, `trade`, `close`, `markets` and `faucet`.

use super::{
	output::{table, Output},
	read, Context,
};
use clap::{Args, Subcommand};
use keelctl::{
	chain::{self, AtBlock, Included},
	error::Error,
	exchange::{self, Account, Market, Side, Terms},
	keys, pause,
	units::{Dollars, Keel, Price, Size},
	value, Result,
};
use serde_json::{json, Value};
use subxt::utils::AccountId32;

#[derive(Subcommand)]
pub enum Command {
	/// Show what an account has, its positions, and how far they are from liquidation.
	Account {
		/// An address, a public key or a development key; the signer by default.
		who: Option<String>,
		/// The sub-account.
		#[arg(long, default_value_t = 0)]
		sub: u8,
	},
	/// Move dollars (USDK) from your balance into a margin account.
	Deposit(Money),
	/// Move dollars (USDK) out of a margin account. With positions they leave in the next block.
	Withdraw(Money),
	/// Offer a block trade, or take the other side of one.
	#[command(subcommand)]
	Trade(Trade),
	/// Reduce or close a position: offer it, or take an offer that reduces it.
	Close(Close),
	/// Show the markets: prices, states, open interest, margin rates.
	Markets,
	/// Get test money, on chains that have it.
	Faucet {
		/// Who gets it; the signer by default.
		who: Option<String>,
	},
}

#[derive(Args)]
pub struct Money {
	/// Dollars, like 1,500.25.
	#[arg(value_parser = read::<Dollars>)]
	amount: Dollars,
	/// The sub-account.
	#[arg(long, default_value_t = 0)]
	sub: u8,
}

#[derive(Subcommand)]
pub enum Trade {
	/// Put an offer on the table: it is taken whole, by anybody or by the one named.
	Offer {
		/// The market, like BTC or BTC-PERP.
		market: String,
		/// What you do: long (buy) or short (sell).
		side: Side,
		/// How much, in whole units of the asset, like 0.5.
		#[arg(value_parser = read::<Size>)]
		size: Size,
		/// Dollars per unit.
		#[arg(value_parser = read::<Price>)]
		price: Price,
		/// For how many blocks it can be taken.
		#[arg(long, value_name = "BLOCKS", default_value_t = 50)]
		life: u32,
		/// Who may take it; anybody by default.
		#[arg(long, value_name = "WHO")]
		to: Option<String>,
		/// The sub-account.
		#[arg(long, default_value_t = 0)]
		sub: u8,
	},
	/// Take an offer.
	Accept {
		/// Its id.
		offer: u64,
		/// The sub-account.
		#[arg(long, default_value_t = 0)]
		sub: u8,
	},
	/// Take your offer off the table.
	Cancel {
		/// Its id.
		offer: u64,
	},
	/// Show the offers on the table.
	List,
}

#[derive(Args)]
pub struct Close {
	/// The market, like BTC or BTC-PERP.
	market: String,
	/// How much; the whole position by default.
	#[arg(value_parser = read::<Size>)]
	size: Option<Size>,
	/// Dollars per unit; the mark price by default.
	#[arg(long, conflicts_with = "accept", value_parser = read::<Price>)]
	price: Option<Price>,
	/// Take this offer instead of making one.
	#[arg(long, value_name = "OFFER", conflicts_with = "size")]
	accept: Option<u64>,
	/// For how many blocks the offer can be taken.
	#[arg(long, value_name = "BLOCKS", default_value_t = 50)]
	life: u32,
	/// The sub-account.
	#[arg(long, default_value_t = 0)]
	sub: u8,
}

pub async fn run(command: Command, context: &Context) -> Result<()> {
	match command {
		Command::Account { who, sub } => account(who, sub, context).await,
		Command::Deposit(money) => {
			let chain = context.chain().await?;
			let included = exchange::deposit(&chain, money.sub, money.amount, &context.signer()?).await?;
			done(&format!("{} dollars deposited", money.amount), &included, &context.out);
			Ok(())
		}
		Command::Withdraw(money) => withdraw(money, context).await,
		Command::Trade(trade) => self::trade(trade, context).await,
		Command::Close(command) => close(command, context).await,
		Command::Markets => markets(context).await,
		Command::Faucet { who } => {
			let signer = context.signer()?;
			let who = owner(who, context)?;
			let included = exchange::drip(&context.chain().await?, &who, &signer).await?;
			done(&format!("test money for {}", keys::display_name(&who)), &included, &context.out);
			Ok(())
		}
	}
}

fn done(text: &str, included: &Included, out: &Output) {
	let events: Vec<_> = included
		.events
		.iter()
		.map(|event| json!({ "event": format!("{}.{}", event.pallet, event.name), "fields": value::composite_json(&event.fields) }))
		.collect();
	out.result(
		format!("{text} in block {}", included.number),
		json!({ "block": included.number, "hash": format!("{:?}", included.block), "events": events }),
	);
}

fn owner(who: Option<String>, context: &Context) -> Result<AccountId32> {
	match who {
		Some(text) => keys::account(&text),
		None => Ok(keys::id(&context.signer()?)),
	}
}

async fn withdraw(money: Money, context: &Context) -> Result<()> {
	let chain = context.chain().await?;
	let included = exchange::withdraw(&chain, money.sub, money.amount, &context.signer()?).await?;
	let text = if included.event("Margin", "LeavingQueued").is_some() {
		format!("{} dollars leave in the next block, if its prices allow; asked for", money.amount)
	} else {
		format!("{} dollars withdrawn", money.amount)
	};
	done(&text, &included, &context.out);
	Ok(())
}

async fn trade(command: Trade, context: &Context) -> Result<()> {
	let signer = context.signer()?;
	let chain = context.chain().await?;
	match command {
		Trade::Offer { market, side, size, price, life, to, sub } => {
			let market = exchange::market(&chain.best().await?, &market).await?;
			let taker = to.as_deref().map(keys::account).transpose()?;
			let terms = Terms { sub, market: market.id, side: Some(side), size, price, life, taker };
			offer(&chain, &terms, &market, context).await
		}
		Trade::Accept { offer, sub } => {
			let included = exchange::accept(&chain, offer, sub, false, &signer).await?;
			done(&format!("offer {offer} taken"), &included, &context.out);
			Ok(())
		}
		Trade::Cancel { offer } => {
			let included = exchange::cancel(&chain, offer, &signer).await?;
			done(&format!("offer {offer} cancelled"), &included, &context.out);
			Ok(())
		}
		Trade::List => list(&chain.best().await?, context).await,
	}
}

async fn offer(chain: &keelctl::Chain, terms: &Terms, market: &Market, context: &Context) -> Result<()> {
	let (id, included) = exchange::offer(chain, terms, &context.signer()?).await?;
	let what = terms.side.map_or("reduce", Side::name).to_lowercase();
	context.out.result(
		format!(
			"offer {id}: {what} {} {} at {}, for {} blocks; taken with `keelctl trade accept {id}`",
			terms.size, market.name, terms.price, terms.life
		),
		json!({ "offer": id, "block": included.number }),
	);
	Ok(())
}

async fn close(command: Close, context: &Context) -> Result<()> {
	let signer = context.signer()?;
	let chain = context.chain().await?;
	if let Some(offer) = command.accept {
		let included = exchange::accept(&chain, offer, command.sub, true, &signer).await?;
		done(&format!("offer {offer} taken, the position is reduced"), &included, &context.out);
		return Ok(());
	}
	let at = chain.best().await?;
	let market = exchange::market(&at, &command.market).await?;
	let account = exchange::account(&at, &keys::id(&signer), command.sub).await?;
	let position =
		account.as_ref().and_then(|account| account.position(market.id)).ok_or_else(|| Error::Usage {
			problem: format!("there is no position in {}", market.name),
			help: "See `keelctl account` for what there is.".to_owned(),
		})?;
	let terms = Terms {
		sub: command.sub,
		market: market.id,
		side: None,
		size: command.size.unwrap_or(position.size),
		price: command.price.unwrap_or(market.mark),
		life: command.life,
		taker: None,
	};
	offer(&chain, &terms, &market, context).await
}

async fn list(at: &AtBlock, context: &Context) -> Result<()> {
	let offers = exchange::offers(at).await?;
	let markets = exchange::markets(at).await?;
	let market = |id: u32| markets.iter().find(|m| m.id == id).map_or("?", |m| m.name.as_str()).to_owned();
	let rows = offers
		.iter()
		.map(|offer| {
			vec![
				offer.id.to_string(),
				market(offer.market),
				format!("{} {}", offer.side.name(), offer.size),
				offer.price.to_string(),
				keys::display_name(&offer.maker),
				offer.taker.as_ref().map_or("anybody".to_owned(), keys::display_name),
				offer.expires.to_string(),
				offer.intent.clone(),
			]
		})
		.collect();
	let objects: Vec<_> = offers
		.iter()
		.map(|offer| {
			json!({
				"offer": offer.id, "market": offer.market, "side": offer.side.name(),
				"size": offer.size.to_string(), "price": offer.price.to_string(),
				"maker": offer.maker.to_string(), "taker": offer.taker.as_ref().map(ToString::to_string),
				"expires": offer.expires, "intent": offer.intent,
			})
		})
		.collect();
	let header = ["offer", "market", "maker does", "price", "maker", "taker", "until block", "kind"];
	let text = if offers.is_empty() { "no offers".to_owned() } else { table(&header, rows).to_string() };
	context.out.result(text, json!({ "offers": objects }));
	Ok(())
}

async fn markets(context: &Context) -> Result<()> {
	let at = context.chain().await?.best().await?;
	let markets = exchange::markets(&at).await?;
	let mut rows = Vec::new();
	let mut objects = Vec::new();
	for market in &markets {
		let pots = exchange::pots(&at, market.id).await?;
		let until = pause::standing(&at, market.id).await?.filter(|s| s.guardian != "Open").map(|s| s.until);
		let until_text = until.map_or(String::new(), |block| format!(" until {block}"));
		rows.push(vec![
			market.id.to_string(),
			market.name.clone(),
			format!("{}{until_text}", market.status),
			market.mark.to_string(),
			format!("{}, {}", market.price_state, age(market.price_age_ms)),
			market.open_interest.to_string(),
			format!("{} / {}", market.initial_rate, market.maintenance_rate),
			format!("{} / {}", pots.tranche, pots.fund),
		]);
		objects.push(json!({
			"id": market.id, "name": market.name, "feed": market.feed, "status": market.status, "until": until,
			"mark": market.mark.to_string(), "index": market.index.to_string(),
			"price_state": market.price_state, "price_age_ms": market.price_age_ms.to_string(),
			"open_interest": market.open_interest.to_string(),
			"tranche": pots.tranche.to_string(), "fund": pots.fund.to_string(),
			"quarantined": market.quarantined, "debt": market.debt.to_string(),
		}));
	}
	let header = ["id", "market", "status", "mark", "price", "open interest", "margin", "tranche / fund"];
	context.out.result(table(&header, rows), json!({ "block": at.block_number(), "markets": objects }));
	Ok(())
}

fn age(milliseconds: u64) -> String {
	match milliseconds {
		u64::MAX => "never".to_owned(),
		ms => format!("{} s old", ms / 1_000),
	}
}

async fn account(who: Option<String>, sub: u8, context: &Context) -> Result<()> {
	let owner = owner(who, context)?;
	let chain = context.chain().await?;
	let at = chain.best().await?;
	let markets = exchange::markets(&at).await?;
	let margin = exchange::account(&at, &owner, sub).await?;
	let keel = free_keel(&at, &owner).await?;
	let wallet = wallet(&at, &owner).await?;

	let mut lines = vec![
		format!("{} ({owner})", keys::display_name(&owner)),
		format!("balance      {} KEEL, {} dollars", Keel(keel), Dollars(wallet)),
	];
	match &margin {
		None => lines.push(format!("sub-account {sub} is empty; fill it with `keelctl deposit`")),
		Some(account) => lines.extend(describe(account, &markets, sub)),
	}
	let object = json!({
		"account": owner.to_string(), "keel": Keel(keel).to_string(), "dollars": Dollars(wallet).to_string(),
		"sub": sub, "margin": margin.as_ref().map(margin_json),
	});
	context.out.result(lines.join("\n"), object);
	Ok(())
}

fn describe(account: &Account, markets: &[Market], sub: u8) -> Vec<String> {
	let mut lines = vec![
		format!("sub-account {sub} ({})", place(&account.place)),
		format!("  cash        {}", account.cash),
		format!("  equity      {}", account.equity),
		format!("  to keep     {}", account.maintenance_requirement),
		format!("  to open     {}", account.initial_requirement),
		format!("  health      {}", account.health),
		format!("  may leave   {}", account.free_collateral),
	];
	let rows: Vec<_> = account
		.positions
		.iter()
		.map(|position| {
			let price = |price: Option<Price>| price.map_or("-".to_owned(), |price| price.to_string());
			let market = markets.iter().find(|market| market.id == position.market);
			vec![
				market.map_or("?", |market| market.name.as_str()).to_owned(),
				format!("{} {}", position.side.name(), position.size),
				price(position.entry_price),
				position.mark.to_string(),
				position.notional.to_string(),
				position.unrealised_profit.to_string(),
				price(position.liquidation_price),
			]
		})
		.collect();
	if !rows.is_empty() {
		let header = ["market", "position", "entry", "mark", "notional", "profit", "liquidation"];
		lines.push(table(&header, rows).to_string());
	}
	lines
}

fn place(place: &str) -> &str {
	match place {
		"Idle" => "no positions",
		"Filed" => "watched by the trigger book",
		"Queued" => "being liquidated",
		other => other,
	}
}

fn margin_json(account: &Account) -> Value {
	let positions: Vec<_> = account
		.positions
		.iter()
		.map(|position| {
			json!({
				"market": position.market, "side": position.side.name(), "size": position.size.to_string(),
				"entry_price": position.entry_price.map(|price| price.to_string()),
				"mark": position.mark.to_string(), "notional": position.notional.to_string(),
				"unrealised_profit": position.unrealised_profit.to_string(),
				"liquidation_price": position.liquidation_price.map(|price| price.to_string()),
			})
		})
		.collect();
	json!({
		"cash": account.cash.to_string(), "equity": account.equity.to_string(),
		"maintenance_requirement": account.maintenance_requirement.to_string(),
		"initial_requirement": account.initial_requirement.to_string(),
		"health": account.health.to_string(), "free_collateral": account.free_collateral.to_string(),
		"place": account.place, "positions": positions,
	})
}

async fn free_keel(at: &AtBlock, owner: &AccountId32) -> Result<u128> {
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
