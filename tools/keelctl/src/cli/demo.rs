// SPDX-License-Identifier: Apache-2.0
//! `keelctl demo`.

use super::{feed, Context};
use crate::{
	chain::{self, Chain},
	exchange::{self, Market},
	feed::Feeder,
	keys, oracle,
	rounds::{self, Round},
	story::{self, Opened, Part, Receipts},
	units::{Dollars, Price, SignedDollars},
	Error, Result,
};
use clap::Args;
use serde_json::json;
use std::collections::BTreeMap;

/// What each trader's position is worth at the start.
const NOTIONAL: Dollars = Dollars(50_000_000_000);

#[derive(Args)]
pub struct Command {
	/// The market of the story.
	#[arg(long, default_value = "BTC")]
	market: String,

	/// Let this reporter (1 is the first) repeat its first price for ever.
	#[arg(long, value_name = "N", value_parser = super::from_one::<usize>)]
	stick: Option<usize>,

	/// Let this reporter (1 is the first) print ten times the price every fifth round.
	#[arg(long, value_name = "N", value_parser = super::from_one::<usize>)]
	outlier: Option<usize>,
}

pub async fn run(command: Command, context: &Context) -> Result<()> {
	let chain = context.chain().await?;
	let at = chain.best().await?;
	let market = exchange::market(&at, &command.market).await?;
	let feeds = oracle::feeds(&at).await?;
	let by_asset: BTreeMap<String, u32> =
		feeds.iter().map(|feed| (feed.base().to_owned(), feed.id)).collect();
	let start = starting_prices(&feeds)?;
	let rounds = rounds::synthetic_crash(&start);
	let mut feeder = Feeder::new(chain.clone(), feed::reporters(&chain, &[]).await?, by_asset);
	feeder.panel.stuck = feed::place(command.stick, "--stick", feeder.panel.reporters)?;
	feeder.panel.outlier = feed::place(command.outlier, "--outlier", feeder.panel.reporters)?;

	let tell = |line: &str| context.out.tell(line);
	tell(&format!(
		"Five reporters price {}. Bob buys {} with 10x leverage, Charlie with 1.5x; Dave sells to both.",
		start.keys().cloned().collect::<Vec<_>>().join(", "),
		market.base(),
	));
	context.out.now("waiting for the market to open");
	let opened = feeder.hold(&rounds[0], prepare(&chain, &market, &tell)).await?;

	tell("Now the price falls. Nobody sends anything but prices.");
	let receipts = crash(&chain, &mut feeder, &rounds, context).await?;
	verdict(&chain, &market, &opened, receipts, context).await
}

fn starting_prices(feeds: &[oracle::Feed]) -> Result<BTreeMap<String, (Price, u16)>> {
	feeds
		.iter()
		.map(|known| {
			let price = known.price.or_else(|| feed::first_price(known.base()));
			let price = price.ok_or_else(|| Error::Usage {
				problem: format!("the story does not know what {} costs", known.name),
				help: "Report a first price with `keelctl feed --replay`, then start the demo again."
					.to_owned(),
			})?;
			Ok((known.base().to_owned(), (price, feed::reaction(known.base()))))
		})
		.collect()
}

async fn prepare(chain: &Chain, market: &Market, tell: crate::gov::Tell<'_>) -> Result<Vec<Opened>> {
	let market = story::wait_until_open(chain, market.id).await?;
	tell(&format!("{} is open at {}", market.name, market.mark));
	let mut parts = Vec::new();
	for (name, leverage_tenths) in [("//Bob", 100), ("//Charlie", 15)] {
		let key = keys::keypair(name, "the story")?;
		let sub = story::empty_sub(chain, &keys::id(&key)).await?;
		parts.push(Part { key, sub, notional: NOTIONAL, leverage_tenths });
	}
	let maker = keys::keypair("//Dave", "the story")?;
	story::open_longs(chain, &market, &parts, &maker, tell).await
}

async fn crash(chain: &Chain, feeder: &mut Feeder, rounds: &[Round], context: &Context) -> Result<Receipts> {
	let mut receipts = Receipts::default();
	let mut next = chain.best_number().await? + 1;
	for (index, round) in rounds.iter().enumerate() {
		let seen = feeder.send(round).await?.seen;
		watch(chain, next..=seen, &mut receipts, context).await?;
		next = seen + 1;
		context.out.now(&format!("price {} of {}", index + 1, rounds.len()));
	}
	// The last prices land two blocks later, and what they cause happens there; the last price is held
	// so that nothing ends because prices do.
	let last = next + 2;
	feeder.hold(&rounds[rounds.len() - 1], async { chain.wait_for_block(last).await }).await?;
	watch(chain, next..=last, &mut receipts, context).await?;
	Ok(receipts)
}

async fn watch(
	chain: &Chain,
	blocks: std::ops::RangeInclusive<u64>,
	receipts: &mut Receipts,
	context: &Context,
) -> Result<()> {
	for block in blocks {
		let at = chain.at_number(block).await?;
		let events = chain::events(&at).await?;
		let markets = exchange::markets(&at).await?;
		let prices: Vec<_> =
			markets.iter().map(|market| format!("{} {}", market.base(), market.mark)).collect();
		context.out.tell(&format!("block {block}  {}", prices.join("  ")));
		for line in events.iter().filter_map(|event| story::narrate(event, &markets)) {
			context.out.tell(&format!("    {line}"));
		}
		receipts.add(&events);
	}
	Ok(())
}

async fn verdict(
	chain: &Chain,
	market: &Market,
	opened: &[Opened],
	receipts: Receipts,
	context: &Context,
) -> Result<()> {
	let at = chain.best().await?;
	let mut lines = vec![receipts.to_string(), String::new()];
	let mut objects = Vec::new();
	for part in opened {
		let account = exchange::account(&at, &part.owner, part.sub).await?;
		let left = account.as_ref().and_then(|account| account.position(market.id)).map(|p| p.size);
		let equity = account.as_ref().map(|account| account.equity).unwrap_or_default();
		let name = keys::display_name(&part.owner);
		let fate = match left {
			Some(size) if size == part.size => format!("still holds all of {size} {}", market.base()),
			Some(size) => format!("holds {size} of {} {} after liquidation", part.size, market.base()),
			None => "was liquidated by the chain, with nobody asking".to_owned(),
		};
		lines.push(format!("{name:<8} {fate}; {equity} of {} dollars are left", part.deposit));
		objects.push(json!({
			"account": part.owner.to_string(), "sub": part.sub, "size": part.size,
			"left": left, "equity": equity,
		}));
	}
	let balance = if receipts.balance() {
		"Payments sum to the losses, to the unit."
	} else {
		"PAYMENTS DO NOT SUM TO THE LOSSES."
	};
	lines.push(balance.to_owned());
	context.out.result(
		lines.join("\n"),
		json!({
			"accounts": objects, "liquidations": receipts.liquidations,
			"penalties": SignedDollars(receipts.penalties), "loss": SignedDollars(receipts.loss),
			"tranche": SignedDollars(receipts.tranche), "fund": SignedDollars(receipts.fund),
			"socialised": SignedDollars(receipts.socialised),
			"market_debt": SignedDollars(receipts.market_debt),
		}),
	);
	Ok(())
}
