// SPDX-License-Identifier: Apache-2.0
//! The crash of March 2020 on a real node: what lands, who is liquidated, who is not, and who pays.

use keel_e2e::{prices, Node, Options};
use keelctl::{
	chain::{self, Chain, Event},
	exchange,
	feed::{self, Feeder},
	keys, oracle,
	rounds::{Fault, Round},
	story::{self, Opened, Part, Receipts},
	units::{Dollars, Price},
	value,
};
use std::collections::{BTreeMap, BTreeSet};
use subxt_signer::sr25519::dev;

/// Milliseconds between blocks; the chain's clock still advances two seconds per block.
const BLOCK_TIME: u64 = 700;
const NOTIONAL: Dollars = Dollars(50_000_000_000);
const TRANCHE: Dollars = Dollars(500_000_000);

fn tell(line: &str) {
	eprintln!("{line}");
}

/// What was said for the round on one block, and by whom it was honest.
struct Said {
	prices: Vec<Vec<(u32, Price)>>,
	honest: BTreeSet<usize>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_10x_long_is_liquidated_with_nobody_asking_and_a_1_5x_long_is_not() {
	let node = Node::start(Options::quick(BLOCK_TIME)).await;
	let chain = node.chain().await;
	let at = chain.best().await.expect("a best block");
	let market = exchange::market(&at, "BTC").await.expect("the BTC market");
	let feeds = oracle::feeds(&at).await.expect("feeds");
	let by_asset: BTreeMap<String, u32> = feeds.iter().map(|f| (f.base().to_owned(), f.id)).collect();
	let reporters = oracle::reporters(&at, prices::reporter_keys()).await.expect("reporters");
	assert_eq!(reporters.len(), 5, "the development chain has five oracle members");
	let rounds = prices::march_2020();
	let mut feeder = Feeder::new(chain.clone(), reporters, by_asset);

	let opened = feeder.hold(&rounds[0], stage(&chain, market.id)).await.expect("the stage is set");
	let (receipts, landed) = replay(&chain, &mut feeder, &rounds, &opened).await;

	let at = chain.best().await.expect("a best block");
	let [bold, careful] = opened.as_slice() else { panic!("two longs") };
	let left = |opened: &Opened, account: Option<exchange::Account>| {
		account.and_then(|account| account.position(opened.market).map(|position| position.size))
	};
	let account = exchange::account(&at, &bold.owner, bold.sub).await.expect("readable");
	assert!(left(bold, account) < Some(bold.size), "the 10x long is liquidated");
	let account = exchange::account(&at, &careful.owner, careful.sub).await.expect("readable");
	assert_eq!(left(careful, account), Some(careful.size), "the 1.5x long keeps all of its position");
	// Who is closed in time pays a penalty; whom a gap has overtaken owes what others pay.
	assert!(receipts.liquidations > 0 && receipts.penalties + receipts.loss > 0, "{receipts:?}");
	assert!(landed * 10 >= rounds.len() * 9, "{landed} of {} rounds landed", rounds.len());
	node.decode_with_javascript();
}

/// The market opens, the funds have something, and both longs are bought.
async fn stage(chain: &Chain, market: u32) -> keelctl::Result<Vec<Opened>> {
	let market = story::wait_until_open(chain, market).await?;
	story::fill_pots(chain, market.id, TRANCHE, TRANCHE, &dev::alice()).await?;
	let part = |key, leverage_tenths| Part { key, sub: 0, notional: NOTIONAL, leverage_tenths };
	let parts = [part(dev::bob(), 100), part(dev::charlie(), 15)];
	story::open_longs(chain, &market, &parts, &dev::dave(), &tell).await
}

async fn replay(
	chain: &Chain,
	feeder: &mut Feeder,
	rounds: &[Round],
	opened: &[Opened],
) -> (Receipts, usize) {
	let mut said: BTreeMap<u64, Said> = BTreeMap::new();
	let mut receipts = Receipts::default();
	let mut landed = 0;
	let mut next = chain.best_number().await.expect("a block") + 1;
	for (index, round) in rounds.iter().enumerate() {
		// In turn: all honest, one sticks, all honest, one prints an outlier now and then.
		let quarter = index * 4 / rounds.len();
		feeder.panel.faults = match quarter {
			1 => vec![Fault::Stuck(1)],
			3 => vec![Fault::Spike(4)],
			_ => vec![],
		};
		let honest = (0..5).filter(|i| !(quarter == 1 && *i == 1 || quarter == 3 && *i == 4)).collect();
		let sent = feeder.send(round).await.expect("the round is sent");
		assert_eq!(sent.refused, vec![], "{}", round.label);
		let seen = sent.seen;
		said.insert(seen, Said { prices: sent.said, honest });
		for block in next..=seen {
			landed += usize::from(watch(chain, block, &said, &mut receipts, opened).await);
		}
		next = seen + 1;
	}
	let last = next + 2;
	let settled = async { chain.wait_for_block(last).await };
	feeder.hold(&rounds[rounds.len() - 1], settled).await.expect("the last prices land");
	for block in next..=last {
		landed += usize::from(watch(chain, block, &said, &mut receipts, opened).await);
	}
	(receipts, landed)
}

/// Everything that must hold in every block. Returns whether a price of a round landed as expected.
async fn watch(
	chain: &Chain,
	block: u64,
	said: &BTreeMap<u64, Said>,
	receipts: &mut Receipts,
	opened: &[Opened],
) -> bool {
	let events = events_of(chain, block).await;
	let mut of_block = Receipts::default();
	of_block.add(&events);
	receipts.add(&events);
	assert!(of_block.balance(), "block {block}: receipts sum to the loss: {of_block:?}");
	check_against_the_fund(block, &of_block, &events);

	let careful = &opened[1].owner;
	for event in events.iter().filter(|event| event.is("Liquidation", "Liquidated")) {
		assert_eq!(event.transaction, None, "block {block}: the chain liquidates by itself");
		let owner = event.field("account").and_then(|a| value::field(a, "owner")).and_then(value::bytes32);
		assert_ne!(owner, Some(careful.0), "block {block}: the 1.5x long is never touched");
	}
	for event in events.iter().filter(|event| event.pallet == "Liquidation") {
		tell(&format!("block {block}: {event}"));
	}
	let problems = ["MarketQuarantined", "CustodyBroken"];
	assert!(
		!events.iter().any(|e| e.pallet == "Margin" && problems.contains(&e.name.as_str())),
		"block {block}"
	);
	check_landing(chain, block, &events, said).await
}

/// What liquidation says was paid, and what accounts paid for being judged while they were healthy, is what the fund
/// says it kept and paid.
fn check_against_the_fund(block: u64, receipts: &Receipts, events: &[Event]) {
	let refiling = events.iter().filter(|event| event.is("Margin", "RefilingFeePaid"));
	let refiling: i128 =
		refiling.map(|event| event.field("amount").and_then(value::signed).expect("an amount")).sum();
	let sum = |name: &str, fields: [&str; 2]| -> i128 {
		let events = events.iter().filter(|event| event.is("InsuranceFund", name));
		let amount = |event: &Event, field| event.field(field).and_then(value::signed).unwrap_or(0);
		events.map(|event| fields.iter().map(|field| amount(event, field)).sum::<i128>()).sum()
	};
	assert_eq!(sum("Kept", ["tranche", "fund"]), receipts.penalties + refiling, "block {block}: penalties");
	let paid = sum("Absorbed", ["tranche", "fund"]);
	assert_eq!(paid, receipts.tranche + receipts.fund, "block {block}: payments");
}

/// The price that landed in `block` is the median of what honest reporters said two blocks before.
async fn check_landing(chain: &Chain, block: u64, events: &[Event], said: &BTreeMap<u64, Said>) -> bool {
	let Some((seen, said)) = block.checked_sub(2).and_then(|seen| Some((seen, said.get(&seen)?))) else {
		return false;
	};
	let reported = events_of(chain, block - 1).await;
	let in_time = reported
		.iter()
		.filter(|event| event.is("Oracle", "Reported") && event.number("round") == Some(seen.into()))
		.count();
	if in_time < said.prices.len() {
		// A report came a block late; older ones are part of this price.
		return false;
	}
	let landings = feed::landings(events);
	for landing in &landings {
		let of = |reporter: usize| {
			said.prices[reporter].iter().find(|(feed, _)| *feed == landing.feed).map(|(_, price)| *price)
		};
		let mut honest: Vec<_> = said.honest.iter().filter_map(|reporter| of(*reporter)).collect();
		honest.sort_unstable();
		let (Some(low), Some(high)) = (honest.first(), honest.last()) else { continue };
		let price = landing.price;
		assert!(*low <= price && price <= *high, "block {block}: {price} is not within {low} and {high}");
		if honest.len() == 5 {
			assert_eq!(price, honest[2], "block {block}: the median of five landed");
			assert_eq!(landing.sources, 5, "block {block}");
		}
	}
	!landings.is_empty()
}

async fn events_of(chain: &Chain, block: u64) -> Vec<Event> {
	let at = chain.at_number(block).await.expect("the block is there");
	chain::events(&at).await.expect("its events can be read")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_without_prices_opens_no_market() {
	let node = Node::start(Options::quick(BLOCK_TIME)).await;
	let chain = node.chain().await;
	chain.wait_for_block(3).await.expect("blocks are made");
	let at = chain.best().await.expect("a best block");
	let market = exchange::market(&at, "BTC").await.expect("the BTC market");
	assert_eq!((market.status.as_str(), market.price_state.as_str()), ("Halted", "Missing"));
	let account = exchange::account(&at, &keys::id(&dev::bob()), 0).await.expect("readable");
	assert_eq!(account, None);
}
