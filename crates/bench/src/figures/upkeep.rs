// SPDX-License-Identifier: Apache-2.0
//! What it costs to keep the trigger book: its reads and writes for each change of an account.

use std::{cell::RefCell, collections::BTreeMap};

use frame_support::{storage::StoragePrefixedMap, traits::UnfilteredDispatchable};
use keel_margin::Call;
use keel_primitives::{FeedId, MarketId, Price, Quote, Side, Size, SubAccount};
use keel_runtime::{AccountId, Margin, Runtime, RuntimeCall, RuntimeOrigin, System};
use keel_sim::{chain::Chain, random::Random};
use keel_traits::{Exposure, Liquidatable};

use crate::{
	blocks::{self, moved, PRICE},
	counting::Counts,
	measured::Measured,
	people::{come, main_account, mark, person, trade, MARKETS},
};

const MAIN: SubAccount = SubAccount(0);
const TRADERS: u32 = 240;
/// Each position is of a thousand dollars: four of notional for each of margin.
const DOLLARS_A_POSITION: i64 = 250;
const BLOCKS: u32 = 300;
/// What people want to do in a block.
const A_BLOCK: u32 = 20;
/// The most that a price moves in a block, in parts per million.
const MOVE_MAX: i64 = 3_000;
/// The unit of sizes: a lot of every market.
const LOT: u128 = Size::ONE.0 / 100;

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
	Deposit,
	Withdraw,
	Open,
	Reduce,
	Close,
}

/// The mix, in percent.
pub const MIX: [(Deed, u32); 5] =
	[(Deed::Deposit, 25), (Deed::Withdraw, 15), (Deed::Open, 30), (Deed::Reduce, 20), (Deed::Close, 10)];

/// Reads and writes of the trigger book.
#[derive(Clone, Copy, Default)]
pub struct Cost {
	pub touches: u32,
	pub reads: usize,
	pub writes: usize,
}

impl Cost {
	fn add(&mut self, touches: u32, counts: &Counts) {
		let prefix = keel_margin::Triggers::<Runtime>::final_prefix();
		self.touches += touches;
		self.reads += counts.reads(&prefix);
		self.writes += counts.writes(&prefix);
	}
}

/// What the mix has cost.
#[derive(Default)]
pub struct Upkeep {
	/// In calls, by what was done. A trade is a touch of each side, the offer counted in.
	pub calls: BTreeMap<Deed, Cost>,
	/// In hooks: withdrawals that are paid, keys that fire because prices have moved. They have no touches: what
	/// they cost is shared by those of the calls.
	pub hooks: Cost,
	/// Accounts that hooks wrote.
	pub in_hooks: usize,
	/// What was refused, mostly for want of margin.
	pub refused: u32,
	/// Positions of those who did something, together.
	positions: usize,
	deeds: u32,
}

impl Upkeep {
	/// All of it.
	pub fn total(&self) -> Cost {
		self.calls.values().fold(self.hooks, |sum, cost| Cost {
			touches: sum.touches + cost.touches,
			reads: sum.reads + cost.reads,
			writes: sum.writes + cost.writes,
		})
	}

	/// How many positions those have who do something.
	pub fn mean_positions(&self) -> f64 {
		self.positions as f64 / f64::from(self.deeds)
	}
}

/// Traders with one to eight positions do what people do, while prices move.
pub fn measure() -> Upkeep {
	let mut chain = Chain::genesis();
	chain.act(|| {
		blocks::open_markets(MARKETS);
		let rich = person("rich", 0);
		come(&rich, 100_000_000);
		for index in 0..TRADERS {
			let who = person("trader", index);
			let positions = 1 + index % MARKETS;
			come(&who, DOLLARS_A_POSITION * i64::from(positions));
			for market in (index..index + positions).map(|market| MarketId(market % MARKETS)) {
				let (long, short) = if (index + market.0) % 2 == 0 { (&who, &rich) } else { (&rich, &who) };
				// A thousand dollars.
				trade(long, short, market, Size::ONE).expect("both have margin");
			}
		}
	});
	let mut upkeep = Upkeep::default();
	let mut random = Random::new(7);
	let mut prices = vec![PRICE; usize::try_from(MARKETS).expect("there are few")];
	for _ in 0..BLOCKS {
		for price in &mut prices {
			*price = moved(*price, random.between(-MOVE_MAX, MOVE_MAX));
		}
		chain.act_counted(|counts| block(counts, &prices, &mut upkeep, &mut random));
	}
	upkeep
}

fn block(counts: &RefCell<Counts>, prices: &[Price], upkeep: &mut Upkeep, random: &mut Random) {
	let price = |feed: FeedId| prices.get(feed.0 as usize).copied().unwrap_or(PRICE);
	blocks::begin();
	counts.take();
	blocks::hooks();
	let hooks = counts.take();
	upkeep.hooks.add(0, &hooks);
	upkeep.in_hooks += hooks.written(&keel_margin::Accounts::<Runtime>::final_prefix()).len();
	blocks::report(price);
	for _ in 0..A_BLOCK {
		let deed = choose(random.below(100));
		let who = person("trader", random.below(TRADERS));
		let held = Margin::exposures(&main_account(&who));
		let calls = calls(deed, &who, &held, random);
		counts.take();
		// Each call has a transaction of its own.
		let done = calls
			.iter()
			.all(|(by, call)| call.clone().dispatch_bypass_filter(RuntimeOrigin::signed(by.clone())).is_ok());
		let counts = counts.take();
		if !done || calls.is_empty() {
			upkeep.refused += 1;
			continue;
		}
		let touches = if calls.len() == 2 { 2 } else { 1 };
		upkeep.calls.entry(deed).or_default().add(touches, &counts);
		upkeep.positions += held.len();
		upkeep.deeds += 1;
	}
}

fn choose(mut percent: u32) -> Deed {
	for (deed, share) in MIX {
		if percent < share {
			return deed;
		}
		percent -= share;
	}
	unreachable!("shares sum to a hundred")
}

/// The calls that do it, and by whom: none when there is nothing to reduce.
fn calls(
	deed: Deed,
	who: &AccountId,
	held: &[Exposure],
	random: &mut Random,
) -> Vec<(AccountId, RuntimeCall)> {
	let any = |random: &mut Random| held.get(random.below(held.len().max(1) as u32) as usize).copied();
	match deed {
		Deed::Deposit => {
			let dollars = random.between(20, 200);
			use frame_support::traits::fungible::Mutate;
			let minted = u128::try_from(dollars).expect("it is not negative") * 1_000_000;
			keel_runtime::configs::assets::Usdk::mint_into(who, minted).expect("it can be minted");
			vec![(
				who.clone(),
				Call::<Runtime>::deposit { sub: MAIN, amount: Quote::dollars(dollars) }.into(),
			)]
		}
		Deed::Withdraw => {
			let amount = Quote::dollars(random.between(10, 100));
			vec![(who.clone(), Call::<Runtime>::withdraw { sub: MAIN, amount }.into())]
		}
		Deed::Open => {
			// Two of three times more of what is held.
			let more = any(random).filter(|_| random.below(3) > 0);
			let side = if random.below(2) == 0 { Side::Long } else { Side::Short };
			let (market, side) = more
				.map(|held| (held.market, held.side))
				.unwrap_or_else(|| (MarketId(random.below(MARKETS)), side));
			let size = Size(LOT * u128::from(10 + random.below(60)));
			trade_calls(who, market, side, size, random)
		}
		Deed::Reduce => any(random).map_or_else(Vec::new, |held| {
			let size = Size(held.size.0 / u128::from(2 + random.below(3)) / LOT * LOT);
			trade_calls(who, held.market, held.side.opposite(), size, random)
		}),
		Deed::Close => any(random).map_or_else(Vec::new, |held| {
			trade_calls(who, held.market, held.side.opposite(), held.size, random)
		}),
	}
}

/// A block trade at the mark with another trader who has a position in that market, or with the rich one.
fn trade_calls(
	who: &AccountId,
	market: MarketId,
	side: Side,
	size: Size,
	random: &mut Random,
) -> Vec<(AccountId, RuntimeCall)> {
	let others = (0..6).map(|_| person("trader", random.below(TRADERS))).filter(|other| other != who);
	let mut in_market = others
		.filter(|other| Margin::exposures(&main_account(other)).iter().any(|held| held.market == market));
	let other = in_market.next().unwrap_or_else(|| person("rich", 0));
	let offer = Call::<Runtime>::offer_trade {
		sub: MAIN,
		market,
		side,
		size,
		price: mark(market),
		expires: System::block_number(),
		taker: Some(other.clone()),
	};
	let accept =
		Call::<Runtime>::accept_trade { offer: keel_margin::OfferIds::<Runtime>::get().next, sub: MAIN };
	vec![(who.clone(), offer.into()), (other, accept.into())]
}
