// SPDX-License-Identifier: Apache-2.0
//! The walk: a book is opened, and every block the members report what the record says.
//!
//! A bar is walked in some blocks, and every block is a slot of chain time, whatever a bar lasts. In fewer blocks than
//! the bar lasts slots the same move comes in less time: see docs/replays.md for what that makes of the figures.

use std::collections::BTreeMap;

use frame_support::traits::fungible::Inspect;
use keel_insurance_fund::Pot;
use keel_margin::Markets;
use keel_math::units::notional;
use keel_primitives::{FeedId, MarketId, MarketStatus, Price, Quote, Ratio, Size};
use keel_runtime::{
	configs::assets::Usdk, exchange_api::runtime_decl_for_exchange_api::ExchangeApiV1, invariants, AccountId,
	CircuitBreaker, InsuranceFund, Margin, Oracle, Runtime, RuntimeEvent, RuntimeOrigin, System,
};
use keel_traits::{MarketGate, PriceFeed};
use sp_keyring::Sr25519Keyring;

use crate::{
	blocks,
	book::{self, Book, Place},
	chain::Chain,
	figures::{dollars_of, MarketFigures, MarketPoint, Outcome, Point, Spread},
	orders,
	path::{self, Between},
	prices::{Bar, History},
	random::Random,
	tally::{self, Stated, Tally},
	wrong::Wrong,
};

/// By how many parts per million members differ from the record at most.
const MEMBERS_DIFFER: i64 = 200;
/// So many blocks are enough for a market to open.
const OPENING_MAX: u32 = 60;
/// Forget trie nodes that nothing needs any more every so many blocks.
const PRUNE_EVERY: u64 = 200;
/// Look at margin rates every so many blocks.
const LOOK_EVERY: u64 = 30;

/// What is replayed, besides prices.
#[derive(Clone, Debug)]
pub struct Plan {
	/// The accounts.
	pub book: book::Plan,
	/// In how many blocks a bar is walked.
	pub blocks_per_row: u32,
	/// How the price goes inside of a bar.
	pub between: Between,
	/// All invariants are asked every so many blocks.
	pub check_every: u32,
	/// What each market's tranche is given at first.
	pub tranche: Quote,
	/// What the fund is given at first.
	pub fund: Quote,
	/// How many standard deviations of a day initial margin covers, once all have come.
	pub multiplier: Option<Ratio>,
}

/// A market that is walked.
#[derive(Clone, Copy)]
struct Walked {
	market: MarketId,
	feed: FeedId,
	tick: Price,
}

/// What a block left.
struct Seen {
	events: Vec<RuntimeEvent>,
	markets: Vec<SeenMarket>,
	pots: Quote,
}

struct SeenMarket {
	landed: Price,
	age_ms: u64,
	mark: Price,
	sigma: f64,
	status: MarketStatus,
	initial: Option<f64>,
}

/// A replay that goes on.
struct Replay<'a> {
	plan: &'a Plan,
	chain: Chain,
	walked: Vec<Walked>,
	random: Random,
	outcome: Outcome,
	tally: Tally,
	rates: BTreeMap<AccountId, Ratio>,
	ages: Vec<Vec<f64>>,
	tracking: Vec<Vec<f64>>,
	/// Custody and pots before anybody came.
	custody: Quote,
	pots: Quote,
	deposited: Quote,
}

/// The assets that there are markets for, in order of their ids.
pub fn listed() -> Vec<String> {
	let base = |market: keel_margin::Market| {
		let name = String::from_utf8_lossy(&market.name).into_owned();
		name.split('-').next().unwrap_or_default().to_owned()
	};
	Chain::genesis()
		.try_out(|| Margin::markets().into_iter().filter_map(Markets::<Runtime>::get).map(base).collect())
}

/// Walk `history`. `progress` hears how many blocks of how many are done.
pub fn run(plan: &Plan, history: &History, progress: &dyn Fn(u64, u64)) -> Result<Outcome, Wrong> {
	let chain = Chain::genesis();
	let listed = listed();
	let walked = history.assets.iter().filter_map(|asset| {
		let market = MarketId(u32::try_from(listed.iter().position(|base| *base == asset.base)?).ok()?);
		let known = chain.try_out(|| Markets::<Runtime>::get(market))?;
		Some(Walked { market, feed: known.feed, tick: known.params.tick })
	});
	let walked: Vec<Walked> = walked.collect();
	let (custody, pots) = chain.try_out(|| (custody(), tally::pots()));
	let mut replay = Replay {
		plan,
		random: Random::new(plan.book.seed ^ u64::MAX),
		outcome: Outcome { rows: history.rows(), seconds: history.seconds, ..Outcome::default() },
		tally: Tally::default(),
		rates: BTreeMap::new(),
		ages: vec![Vec::new(); walked.len()],
		tracking: vec![Vec::new(); walked.len()],
		chain,
		walked,
		custody,
		pots,
		deposited: Quote::ZERO,
	};
	replay.open(history)?;
	replay.walk(history, progress);
	Ok(replay.close())
}

fn custody() -> Quote {
	Quote(i128::try_from(Usdk::balance(&Margin::custody_account())).unwrap_or(i128::MAX))
}

impl Replay<'_> {
	/// One block: prices land, `act` does what it likes, and members report `prices`, one for each market.
	fn block(
		&mut self,
		prices: &[Price],
		looks: bool,
		act: impl FnOnce() -> Result<(), Wrong>,
	) -> Result<Seen, Wrong> {
		let walked = &self.walked;
		let said: Vec<Vec<(FeedId, Price)>> = (0..blocks::MEMBERS)
			.map(|member| {
				let mut differs = |price: &Price| match member {
					// The middle one says what the record says.
					0 => *price,
					_ => differing(*price, self.random.between(0, MEMBERS_DIFFER), member % 2 == 0),
				};
				walked.iter().zip(prices).map(|(walked, price)| (walked.feed, differs(price))).collect()
			})
			.collect();
		let compared = &mut self.outcome.orders;
		let block = || {
			blocks::begin();
			act()?;
			for (member, said) in said.iter().enumerate() {
				blocks::report(member, said);
			}
			blocks::finish();
			Ok(Seen {
				events: System::read_events_no_consensus().map(|record| record.event).collect(),
				markets: walked.iter().map(|walked| seen(walked, looks)).collect(),
				pots: tally::pots(),
			})
		};
		self.chain.act_seen(block, |before, seen: &Result<Seen, Wrong>| {
			let Ok(seen) = seen else { return };
			for ((market, side), size) in orders::deleveraged(&seen.events) {
				compared.compare(size, &before.try_out(|| orders::holders(market, side)));
			}
		})
	}

	/// Let the markets open at the first prices, and everybody come.
	fn open(&mut self, history: &History) -> Result<(), Wrong> {
		let first = |(asset, walked): (&crate::prices::Asset, &Walked)| {
			let price = asset.bars.first().map_or(Price::ZERO, |bar| bar.open);
			Price((price.0 / walked.tick.0 * walked.tick.0).max(walked.tick.0))
		};
		let prices: Vec<Price> = history.assets.iter().zip(&self.walked).map(first).collect();
		for _ in 0..OPENING_MAX {
			let seen = self.block(&prices, false, || Ok(()))?;
			self.tally.add(0, &seen.events, &self.rates);
			if seen.markets.iter().all(|market| market.status == MarketStatus::Open) {
				break;
			}
		}
		self.fill_pots(&prices)?;
		let places: Vec<Place> = self.chain.try_out(|| self.walked.iter().filter_map(place).collect());
		let mut book = Book::draw(&self.plan.book, &places)?;
		while book.left() > 0 {
			let seen = self.block(&prices, false, || book.trade_on())?;
			self.tally.add(0, &seen.events, &self.rates);
		}
		self.set_multiplier(&prices)?;
		let seen = self.block(&prices, true, || Ok(()))?;
		self.tally.add(0, &seen.events, &self.rates);
		self.rates = self.chain.try_out(|| book.rates());
		self.deposited = book.deposited;
		self.outcome.accounts = book.people.len();
		self.outcome.deposited = book.deposited;
		self.outcome.pots[0] = seen.pots;
		for ((asset, walked), seen) in history.assets.iter().zip(&self.walked).zip(&seen.markets) {
			let extreme = |of: fn(&Bar) -> Price, least: bool| {
				let all = asset.bars.iter().map(of);
				let found = if least { all.min() } else { all.max() };
				dollars_of(found.unwrap_or_default())
			};
			let close = asset.bars.last().map(|bar| dollars_of(bar.close)).unwrap_or_default();
			let initial = seen.initial.unwrap_or_default();
			self.outcome.markets.push(MarketFigures {
				base: asset.base.clone(),
				source: format!("{} on {}", asset.symbol, asset.venue),
				prices: [
					dollars_of(asset.bars[0].open),
					extreme(|b| b.low, true),
					extreme(|b| b.high, false),
					close,
				],
				open: book.open.get(&walked.market).copied().unwrap_or_default(),
				sigma: [seen.sigma; 3],
				initial: [initial; 3],
				..MarketFigures::default()
			});
		}
		self.check(0);
		Ok(())
	}

	/// Somebody gives to the pots what the plan says.
	fn fill_pots(&mut self, prices: &[Price]) -> Result<(), Wrong> {
		let (fund, tranche) = (self.plan.fund, self.plan.tranche);
		let markets: Vec<MarketId> = self.walked.iter().map(|walked| walked.market).collect();
		let seen = self.block(prices, false, move || {
			let gifts = markets.into_iter().map(|market| (Pot::Tranche(market), tranche));
			for (pot, amount) in
				std::iter::once((Pot::Fund, fund)).chain(gifts).filter(|(_, amount)| amount.0 > 0)
			{
				// One of the rich of a development chain.
				let giver = RuntimeOrigin::signed(Sr25519Keyring::Ferdie.to_account_id());
				InsuranceFund::contribute(giver, pot, amount).map_err(|error| {
					let name: &'static str = error.into();
					let help = "Give less: whoever gives has ten million dollars.";
					Wrong::new(
						format!("{pot:?} cannot be given {} dollars: {name}", amount.0 / Quote::ONE.0),
						help,
					)
				})?;
			}
			Ok(())
		})?;
		self.tally.add(0, &seen.events, &self.rates);
		Ok(())
	}

	/// What a vote would do.
	fn set_multiplier(&mut self, prices: &[Price]) -> Result<(), Wrong> {
		let Some(multiplier) = self.plan.multiplier else { return Ok(()) };
		let markets: Vec<MarketId> = self.walked.iter().map(|walked| walked.market).collect();
		let seen = self.block(prices, false, move || {
			for market in markets {
				let Some(known) = Markets::<Runtime>::get(market) else { continue };
				let mut params = known.params;
				params.initial.volatility_multiplier = multiplier;
				Margin::set_market_params(RuntimeOrigin::root(), market, params).map_err(|error| {
					let name: &'static str = error.into();
					Wrong::new(
						format!("the volatility multiplier cannot be set: {name}"),
						"Write how many standard deviations of a day initial margin covers, at most 10.",
					)
				})?;
			}
			Ok(())
		})?;
		self.tally.add(0, &seen.events, &self.rates);
		Ok(())
	}

	fn walk(&mut self, history: &History, progress: &dyn Fn(u64, u64)) {
		let per_row = self.plan.blocks_per_row.max(path::LEAST_BLOCKS);
		let all = history.rows() as u64 * u64::from(per_row);
		let mut queue_max = 0;
		for row in 0..history.rows() {
			let paths: Vec<Vec<Price>> = history
				.assets
				.iter()
				.map(|asset| path::inside(&asset.bars[row], per_row, self.plan.between, &mut self.random))
				.collect();
			for step in 0..per_row as usize {
				let prices: Vec<Price> = paths.iter().map(|path| path[step]).collect();
				self.outcome.blocks += 1;
				let block = self.outcome.blocks;
				let looks = block.is_multiple_of(LOOK_EVERY);
				// Nobody acts: there is nothing that could be refused.
				let Ok(seen) = self.block(&prices, looks, || Ok(())) else { continue };
				self.tally.add(u32::try_from(block).unwrap_or(u32::MAX), &seen.events, &self.rates);
				queue_max = queue_max.max(self.tally.in_line());
				let hour = block as f64 / f64::from(per_row) * history.seconds as f64 / 3_600.0;
				self.note(hour, &prices, &seen);
				if block.is_multiple_of(self.plan.check_every.max(1).into()) {
					self.check(block);
				}
				if block.is_multiple_of(PRUNE_EVERY) {
					self.chain.prune();
				}
				progress(block, all);
			}
		}
		self.outcome.queue_max = queue_max;
	}

	/// Take note of a block.
	fn note(&mut self, hour: f64, prices: &[Price], seen: &Seen) {
		let mut points = Vec::new();
		for (index, (market, world)) in seen.markets.iter().zip(prices).enumerate() {
			let figures = &mut self.outcome.markets[index];
			figures.not_open += u64::from(market.status != MarketStatus::Open);
			figures.halted += u64::from(market.status == MarketStatus::Halted);
			figures.sigma = [figures.sigma[0], figures.sigma[1].max(market.sigma), market.sigma];
			if let Some(initial) = market.initial {
				figures.initial = [figures.initial[0], figures.initial[1].max(initial), initial];
			}
			self.ages[index].push(market.age_ms as f64);
			let (world, landed) = (dollars_of(*world), dollars_of(market.landed));
			self.tracking[index].push((landed - world).abs() / world);
			points.push(MarketPoint { world, landed, mark: dollars_of(market.mark), sigma: market.sigma });
		}
		self.outcome.points.push(Point {
			hour,
			markets: points,
			liquidated: self.tally.liquidated(),
			pots: seen.pots,
			socialised: self.tally.receipts.socialised,
			queue: self.tally.in_line(),
		});
	}

	/// Ask all invariants, and whether the sums agree.
	fn check(&mut self, block: u64) {
		self.outcome.checks += 1;
		let due = self.custody.0 + self.deposited.0 + self.tally.contributed.0;
		let (broken, stated) = self.chain.try_out(|| {
			let losses =
				keel_liquidation::MarketReceipts::<Runtime>::iter_values().map(|receipts| receipts.loss.0);
			let stated = Stated {
				pots: tally::pots(),
				pots_before: self.pots,
				losses: Quote(losses.sum()),
				entries: keel_liquidation::Entries::<Runtime>::iter_keys().count() as u64,
				custody: custody(),
				custody_due: Quote(due),
			};
			(invariants::broken(), stated)
		});
		let broken = broken.into_iter().map(|broken| format!("{}: {}", broken.pallet, broken.message));
		let all = broken.chain(self.tally.disagreements(&stated));
		self.outcome.broken.extend(all.map(|what| format!("block {block}: {what}")));
	}

	fn close(mut self) -> Outcome {
		self.check(self.outcome.blocks);
		let mut outcome = self.outcome;
		let open = self.chain.try_out(|| -> Vec<Quote> { self.walked.iter().map(open_at_mark).collect() });
		let measured = self.ages.into_iter().zip(self.tracking).zip(open);
		for (figures, ((ages, tracking), open)) in outcome.markets.iter_mut().zip(measured) {
			figures.age_ms = Spread::of(ages);
			figures.tracking = Spread::of(tracking);
			figures.open_at_end = open;
		}
		outcome.waits = Spread::of(self.tally.waits.iter().copied().map(f64::from).collect());
		outcome.overshoot = Spread::of(self.tally.overshoots.clone());
		outcome.in_line = self.tally.in_line();
		outcome.pots[1] = outcome.points.last().map_or(outcome.pots[0], |point| point.pots);
		outcome.root = format!("{:?}", self.chain.root());
		outcome.tally = self.tally;
		outcome
	}
}

/// `price` moved by so many parts per million.
fn differing(price: Price, parts: i64, up: bool) -> Price {
	let by = price.0 / 1_000_000 * u128::from(parts.unsigned_abs());
	let price = if up { price.0 + by } else { price.0 - by };
	Price(price.clamp(Price::MIN.0, Price::MAX.0))
}

/// A market after this block.
fn seen(walked: &Walked, looks: bool) -> SeenMarket {
	let observed = Oracle::observe(walked.feed);
	let initial = looks.then(|| Runtime::market(walked.market)).flatten();
	SeenMarket {
		landed: observed.price,
		age_ms: observed.age_ms,
		mark: Markets::<Runtime>::get(walked.market).map(|market| market.mark).unwrap_or_default(),
		sigma: observed.volatility.0 as f64 / 1e9,
		status: CircuitBreaker::status(walked.market),
		initial: initial.map(|market| market.initial_rate.0 as f64 / Ratio::ONE.0 as f64),
	}
}

/// Where people may open, and how.
fn place(walked: &Walked) -> Option<Place> {
	let market = Markets::<Runtime>::get(walked.market)?;
	let initial = Runtime::market(walked.market)?.initial_rate;
	let leverage_max = u32::try_from(Ratio::ONE.0 / initial.0.max(1)).unwrap_or(u32::MAX);
	Some(Place { market: walked.market, price: market.mark, lot: market.params.lot, leverage_max })
}

/// What is open on a side of a market, at its mark.
fn open_at_mark(walked: &Walked) -> Quote {
	let open = Runtime::open_interest().into_iter().find(|(market, _)| *market == walked.market);
	let size = open.map_or(Size::ZERO, |(_, size)| size);
	let mark = Markets::<Runtime>::get(walked.market).map(|market| market.mark).unwrap_or_default();
	notional(size, mark).unwrap_or_default()
}
