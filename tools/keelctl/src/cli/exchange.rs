// SPDX-License-Identifier: Apache-2.0
//! `keelctl account`, `deposit`, `withdraw`, `leverage`, `key-cap`, `trade`, `close`, `market`, `markets`, `risk`, `stress` and `faucet`.

mod account;
mod forecast;
mod market;
mod stress;
mod trade;

pub(super) use account::free_keel;

use super::{
	output::{table, Output},
	read, whole, with_help, Context,
};
use crate::{
	chain::Included,
	exchange::{self, Leverage},
	keys,
	units::Dollars,
	value, Result,
};
use clap::{Args, Subcommand};
use serde_json::json;
use subxt::utils::AccountId32;

#[derive(Subcommand)]
pub enum Command {
	/// Show what an account has, its positions, and how far they are from liquidation.
	Account {
		/// An address, a public key or a development key; the signer by default.
		who: Option<String>,
		/// The sub-account.
		#[arg(long, default_value_t = 0, value_parser = whole::<u8>)]
		sub: u8,
	},
	/// Move dollars (USDK) from your balance into a margin account.
	Deposit(Money),
	/// Move dollars (USDK) out of a margin account. With positions, or just after a trade, they leave in a later block:
	/// when a price has landed in every market that the account holds a position in.
	Withdraw(Money),
	/// Cap what a margin account may be leveraged when it opens, or lift the cap.
	Leverage {
		/// At most so many times its margin, from 1 to 1000; `none` lifts the cap.
		#[arg(allow_negative_numbers = true, value_parser = read::<Leverage>, value_name = "TIMES|none")]
		cap: Leverage,
		/// The sub-account.
		#[arg(long, default_value_t = 0, value_parser = whole::<u8>)]
		sub: u8,
	},
	/// Set what keys that trade for you and may not withdraw may lose against mark in a day. It is nothing until you set
	/// it: then they trade no worse than mark.
	KeyCap {
		/// Dollars a day, over all your margin accounts, like 250; `none` for nothing.
		#[arg(allow_negative_numbers = true, value_parser = key_cap, value_name = "DOLLARS|none")]
		most: Dollars,
	},
	/// Offer a block trade, take the other side of one, or ask what one would do.
	#[command(subcommand)]
	Trade(trade::Trade),
	/// Reduce or close a position: offer it, or take an offer that reduces it.
	Close(trade::Close),
	/// Show the markets: prices, states, open interest, margin rates, funding.
	Markets,
	/// Show one market whole: also its tiers, its caps and how full they are, funds and debt.
	Market {
		/// The market, like BTC or BTC-PERP.
		market: String,
	},
	/// Ask who is being liquidated, and whom a move of prices would make unhealthy.
	Risk(forecast::Risk),
	/// Run a stress test: how many accounts moves of prices would make liquidatable, what would have to be closed, what the
	/// funds would have to pay. Without arguments: lists the chain's scenarios.
	Stress(stress::Stress),
	/// Get test money, on chains that have it.
	Faucet {
		/// Who gets it; the signer by default.
		who: Option<String>,
	},
}

#[derive(Args)]
pub struct Money {
	/// Dollars, like 1500.25.
	#[arg(allow_negative_numbers = true, value_parser = read::<Dollars>)]
	amount: Dollars,
	/// The sub-account.
	#[arg(long, default_value_t = 0, value_parser = whole::<u8>)]
	sub: u8,
}

pub async fn run(command: Command, context: &Context) -> Result<()> {
	match command {
		Command::Account { who, sub } => account::show(who, sub, context).await,
		Command::Deposit(money) => {
			let signer = context.signer()?;
			let chain = context.chain().await?;
			let included = exchange::deposit(&chain, money.sub, money.amount, &signer).await?;
			done(&format!("{} dollars deposited", money.amount), &included, &context.out);
			Ok(())
		}
		Command::Withdraw(money) => withdraw(money, context).await,
		Command::Leverage { cap, sub } => {
			let signer = context.signer()?;
			let chain = context.chain().await?;
			let included = exchange::set_leverage(&chain, sub, cap, &signer).await?;
			let text = match cap.0 {
				Some(times) => format!("leverage of sub-account {sub} capped at {times}x"),
				None => format!("cap on leverage of sub-account {sub} lifted"),
			};
			done(&text, &included, &context.out);
			Ok(())
		}
		Command::KeyCap { most } => {
			let signer = context.signer()?;
			let chain = context.chain().await?;
			let included = exchange::set_key_cap(&chain, most, &signer).await?;
			let text = match most {
				Dollars(0) => "your trading keys trade no worse than mark".to_owned(),
				_ => format!("your trading keys may lose {most} dollars against mark in a day"),
			};
			done(&text, &included, &context.out);
			Ok(())
		}
		Command::Trade(command) => trade::run(command, context).await,
		Command::Close(command) => trade::close(command, context).await,
		Command::Markets => market::list(context).await,
		Command::Market { market } => market::show(&market, context).await,
		Command::Risk(command) => forecast::risk(command, context).await,
		Command::Stress(command) => stress::stress(command, context).await,
		Command::Faucet { who } => {
			let signer = context.signer()?;
			let who = owner(who, context)?;
			let included = exchange::drip(&context.chain().await?, &who, &signer).await?;
			done(&format!("test money for {}", keys::display_name(&who)), &included, &context.out);
			Ok(())
		}
	}
}

/// What keys may lose: an amount, or `none`.
fn key_cap(text: &str) -> std::result::Result<Dollars, String> {
	if text.eq_ignore_ascii_case("none") {
		return Ok(Dollars(0));
	}
	Dollars::parse(text).map_err(with_help)
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
	let signer = context.signer()?;
	let chain = context.chain().await?;
	let included = exchange::withdraw(&chain, money.sub, money.amount, &signer).await?;
	let text = if included.event("Margin", "LeavingQueued").is_some() {
		format!("{} dollars leave when prices have landed, if they allow it; asked for", money.amount)
	} else {
		format!("{} dollars withdrawn", money.amount)
	};
	done(&text, &included, &context.out);
	Ok(())
}
