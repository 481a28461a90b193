// SPDX-License-Identifier: Apache-2.0
//! `keelctl trade` and `keelctl close`.

use super::{
	super::{from_one, read, whole, Context},
	done, forecast, table,
};
use crate::{
	chain::AtBlock,
	error::Error,
	exchange::{self, Market, Side, Terms},
	keys,
	units::{Price, Size},
	Result,
};
use clap::{Args, Subcommand};
use serde_json::json;
use subxt_signer::sr25519::Keypair;

#[derive(Subcommand)]
pub enum Trade {
	/// Put an offer on the table: it is taken whole, by anybody or by the one named.
	Offer {
		/// The market, like BTC or BTC-PERP.
		market: String,
		/// What you do: long (buy) or short (sell).
		side: Side,
		/// How much, in whole units of the asset, like 0.5.
		#[arg(allow_negative_numbers = true, value_parser = read::<Size>)]
		size: Size,
		/// Dollars per unit.
		#[arg(allow_negative_numbers = true, value_parser = read::<Price>)]
		price: Price,
		/// For how many blocks it can be taken.
		#[arg(long, value_name = "BLOCKS", default_value_t = 50, value_parser = from_one::<u32>)]
		life: u32,
		/// Who may take it; anybody by default.
		#[arg(long, value_name = "WHO")]
		to: Option<String>,
		/// The sub-account.
		#[arg(long, default_value_t = 0, value_parser = whole::<u8>)]
		sub: u8,
	},
	/// Take an offer.
	Accept {
		/// Its id.
		#[arg(value_name = "ID", value_parser = whole::<u64>)]
		offer: u64,
		/// The sub-account.
		#[arg(long, default_value_t = 0, value_parser = whole::<u8>)]
		sub: u8,
	},
	/// Take your offer off the table.
	Cancel {
		/// Its id.
		#[arg(value_name = "ID", value_parser = whole::<u64>)]
		offer: u64,
	},
	/// Show the offers on the table.
	List,
	/// Ask what a trade would do to an account, or why it would be refused. Nothing is sent.
	Preview {
		#[command(flatten)]
		plan: forecast::Plan,
		/// How much, in whole units of the asset, like 0.5.
		#[arg(allow_negative_numbers = true, value_parser = read::<Size>)]
		size: Size,
		/// Dollars per unit; the mark price by default.
		#[arg(allow_negative_numbers = true, value_parser = read::<Price>)]
		price: Option<Price>,
	},
	/// Ask how much an account could trade at most. Nothing is sent.
	Max {
		#[command(flatten)]
		plan: forecast::Plan,
		/// Dollars per unit; the mark price by default.
		#[arg(allow_negative_numbers = true, value_parser = read::<Price>)]
		price: Option<Price>,
	},
}

#[derive(Args)]
pub struct Close {
	/// The market, like BTC or BTC-PERP.
	market: String,
	/// How much; the whole position by default.
	#[arg(allow_negative_numbers = true, value_parser = read::<Size>)]
	size: Option<Size>,
	/// Dollars per unit; the mark price by default.
	#[arg(long, conflicts_with = "accept", allow_negative_numbers = true, value_parser = read::<Price>)]
	price: Option<Price>,
	/// Take this offer instead of making one.
	#[arg(long, value_name = "OFFER", conflicts_with = "size", value_parser = whole::<u64>)]
	accept: Option<u64>,
	/// For how many blocks the offer can be taken.
	#[arg(long, value_name = "BLOCKS", default_value_t = 50, value_parser = from_one::<u32>)]
	life: u32,
	/// The sub-account.
	#[arg(long, default_value_t = 0, value_parser = whole::<u8>)]
	sub: u8,
}

pub async fn run(command: Trade, context: &Context) -> Result<()> {
	match command {
		Trade::Offer { market, side, size, price, life, to, sub } => {
			let signer = context.signer()?;
			let taker = to.as_deref().map(keys::account).transpose()?;
			let chain = context.chain().await?;
			let market = exchange::market(&chain.best().await?, &market).await?;
			let terms = Terms { sub, market: market.id, side: Some(side), size, price, life, taker };
			offer(&chain, &terms, &market, &signer, context).await
		}
		Trade::Accept { offer, sub } => {
			let signer = context.signer()?;
			let included = exchange::accept(&context.chain().await?, offer, sub, false, &signer).await?;
			done(&format!("offer {offer} taken"), &included, &context.out);
			Ok(())
		}
		Trade::Cancel { offer } => {
			let signer = context.signer()?;
			let included = exchange::cancel(&context.chain().await?, offer, &signer).await?;
			done(&format!("offer {offer} cancelled"), &included, &context.out);
			Ok(())
		}
		Trade::List => list(&context.chain().await?.state().await?, context).await,
		Trade::Preview { plan, size, price } => forecast::preview(plan, size, price, context).await,
		Trade::Max { plan, price } => forecast::max(plan, price, context).await,
	}
}

async fn offer(
	chain: &crate::Chain,
	terms: &Terms,
	market: &Market,
	signer: &Keypair,
	context: &Context,
) -> Result<()> {
	let (id, included) = exchange::offer(chain, terms, signer).await?;
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

pub async fn close(command: Close, context: &Context) -> Result<()> {
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
	let steps = exchange::steps(&at, market.id).await?;
	let terms = Terms {
		sub: command.sub,
		market: market.id,
		side: None,
		size: command.size.unwrap_or(position.size),
		price: command.price.unwrap_or_else(|| steps.price(market.mark)),
		life: command.life,
		taker: None,
	};
	offer(&chain, &terms, &market, &signer, context).await
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
				"size": offer.size, "price": offer.price,
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
