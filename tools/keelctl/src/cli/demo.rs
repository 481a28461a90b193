// SPDX-License-Identifier: Apache-2.0
//! `keelctl demo`.

use super::{
	feed::{self, Faults},
	Context,
};
use crate::{
	chain::{self, Chain},
	exchange::{self, Market},
	feed::{Feeder, Sent},
	keys, oracle,
	rounds::{self, Round, Start},
	story::{self, Opened, Part, Receipts},
	units::{Dollars, SignedDollars},
	Error, Result,
};
use clap::Args;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What each trader's position is worth at the start.
const NOTIONAL: Dollars = Dollars(50_000_000_000);
/// What the market's tranche and the global fund have at the start: less together than the bold trader will owe, so
/// that those who gained have to give as well.
const TRANCHE: Dollars = Dollars(2_000_000_000);
const FUND: Dollars = Dollars(1_500_000_000);
/// The traders, and tenths of their leverage: one whom the gap bankrupts, one who is closed in good order, and one whom
/// nothing happens to.
const TRADERS: [(&str, u32); 3] = [("//Bob", 100), ("//Eve", 40), ("//Charlie", 15)];
/// After so many rounds that nobody took another program must be at work.
const MOST_REFUSED: u32 = 3;

#[derive(Args)]
pub struct Command {
	/// The market of the story.
	#[arg(long, default_value = "BTC")]
	market: String,

	#[command(flatten)]
	faults: Faults,
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
	command.faults.befall(&mut feeder, context)?;

	let tell = |line: &str| context.out.tell(line);
	tell(&format!(
		"Five reporters price {}. Bob buys {} with 10x leverage, Eve with 4x, Charlie with 1.5x; Dave sells to all.",
		start.keys().cloned().collect::<Vec<_>>().join(", "),
		market.base(),
	));
	context.out.now("waiting for the market to open");
	let opened = feeder.hold(&rounds[0], prepare(&chain, &market, &tell)).await?;

	tell("Now the price falls. Nobody sends anything but prices.");
	let end = crash(&chain, &mut feeder, &rounds, context).await?;
	verdict(&chain, &market, &opened, &end, context).await
}

/// How the story ended.
#[derive(Default)]
struct End {
	receipts: Receipts,
	bankrupt: BTreeSet<([u8; 32], u8)>,
}

fn starting_prices(feeds: &[oracle::Feed]) -> Result<Start> {
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
	tell(&format!("{} is open at {}", market.name, market.mark.brief()));
	story::fill_pots(chain, market.id, TRANCHE, FUND, &keys::keypair("//Alice", "the story")?).await?;
	tell(&format!("the market's tranche has at least {TRANCHE} dollars, the global fund at least {FUND}"));
	let mut parts = Vec::new();
	for (name, leverage_tenths) in TRADERS {
		let key = keys::keypair(name, "the story")?;
		let sub = story::empty_sub(chain, &keys::id(&key)).await?;
		parts.push(Part { key, sub, notional: NOTIONAL, leverage_tenths });
	}
	let maker = keys::keypair("//Dave", "the story")?;
	story::open_longs(chain, &market, &parts, &maker, tell).await
}

async fn crash(chain: &Chain, feeder: &mut Feeder, rounds: &[Round], context: &Context) -> Result<End> {
	let mut end = End::default();
	let mut next = chain.best_number().await? + 1;
	let mut refused = 0;
	for (index, round) in rounds.iter().enumerate() {
		let sent = feeder.send(round).await?;
		refused = if sent.refused.len() == sent.said.len() { refused + 1 } else { 0 };
		if refused >= MOST_REFUSED {
			return Err(another_program(&sent));
		}
		let seen = sent.seen;
		watch(chain, next..=seen, &mut end, context).await?;
		next = seen + 1;
		context.out.now(&format!("price {} of {}", index + 1, rounds.len()));
	}
	// The last prices land two blocks later, and what they cause happens there; the last price is held
	// so that nothing ends because prices do.
	let last = next + 2;
	feeder.hold(&rounds[rounds.len() - 1], async { chain.wait_for_block(last).await }).await?;
	watch(chain, next..=last, &mut end, context).await?;
	Ok(end)
}

fn another_program(sent: &Sent) -> Error {
	let reason = sent.refused.first().map(|refused| refused.reason.clone()).unwrap_or_default();
	Error::Usage {
		problem: format!("nobody takes these reports: {reason}"),
		help: "Another program reports for the same members. Stop it, or start it with --yield, as scripts/dev does."
			.to_owned(),
	}
}

async fn watch(
	chain: &Chain,
	blocks: std::ops::RangeInclusive<u64>,
	end: &mut End,
	context: &Context,
) -> Result<()> {
	for block in blocks {
		let at = chain.at_number(block).await?;
		let events = chain::events(&at).await?;
		let markets = exchange::markets(&at).await?;
		let prices: Vec<_> =
			markets.iter().map(|market| format!("{} {}", market.base(), market.mark.brief())).collect();
		context.out.tell(&format!("block {block}  {}", prices.join("  ")));
		for line in events.iter().filter_map(|event| story::narrate(event, &markets)) {
			context.out.tell(&format!("    {line}"));
		}
		end.receipts.add(&events);
		end.bankrupt.extend(story::bankrupt(&events));
	}
	Ok(())
}

async fn verdict(
	chain: &Chain,
	market: &Market,
	opened: &[Opened],
	end: &End,
	context: &Context,
) -> Result<()> {
	let receipts = end.receipts;
	let at = chain.best().await?;
	let mut lines = vec![receipts.to_string(), String::new()];
	let mut objects = Vec::new();
	for part in opened {
		let account = exchange::account(&at, &part.owner, part.sub).await?;
		let left = account.as_ref().and_then(|account| account.position(market.id)).map(|p| p.size);
		let equity = account.as_ref().map(|account| account.equity).unwrap_or_default();
		let name = keys::display_name(&part.owner);
		let is_bankrupt = end.bankrupt.contains(&(part.owner.0, part.sub));
		let fate = match left {
			Some(size) if size == part.size => format!("still holds all of {size} {}", market.base()),
			Some(size) => format!("holds {size} of {} {} after liquidation", part.size, market.base()),
			None if is_bankrupt => "was bankrupt: the chain closed all of it, and others paid".to_owned(),
			None => "was liquidated in good order, with nobody asking".to_owned(),
		};
		lines.push(format!("{name:<8} {fate}; {equity} of {} dollars are left", part.deposit));
		objects.push(json!({
			"account": part.owner.to_string(), "sub": part.sub, "size": part.size,
			"left": left, "equity": equity, "bankrupt": is_bankrupt,
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
