// SPDX-License-Identifier: Apache-2.0
//! The book against one that is as plain as it can be ([`model`]), over random commands: each is done by both, and
//! errors, fills, cancellations, lists, depth and positions must be the same. A third book is kept from the events
//! alone.
//!
//! ```text
//! KEEL_SEED        where the commands begin
//! KEEL_COMMANDS    how many there are
//! ```

mod model;
#[path = "../../../../../crates/math/tests/completeness/rng.rs"]
// Others draw more from it than is drawn here.
#[allow(dead_code)]
mod rng;

use crate::{mock::*, *};
use frame_support::storage::with_storage_layer;
use keel_primitives::*;
use keel_test_support::Margin;
use keel_traits::Intent;
use model::{Command, Fault, Model, Told, Who};
use rng::Rng;
use std::{
	collections::BTreeMap,
	time::{SystemTime, UNIX_EPOCH},
};

/// As many as the mission of this pallet asks for.
const COMMANDS: u64 = 40_000;
/// After so many the world begins anew.
const CHAPTER: u64 = 2_000;
/// Owners, each with two accounts.
const OWNERS: u64 = 6;

fn variable(name: &str) -> Option<u64> {
	let value = std::env::var(name).ok()?;
	Some(value.parse().unwrap_or_else(|_| panic!("{name}={value} is not a number")))
}

/// What somebody knows who has only seen the events: whose orders are open.
#[derive(Default)]
struct Mirror(BTreeMap<OrderId, (Who, OrderOf<Test>)>);

impl Mirror {
	fn read(&mut self, event: Event<Test>) {
		match event {
			Event::OrderPlaced { account, order } | Event::OrderAmended { account, order } => {
				self.0.insert(order.id, (account, order));
			}
			Event::OrderFilled { maker_order, taker_order, size, .. } => {
				for id in [maker_order, taker_order] {
					let (_, order) = self.0.get_mut(&id).expect("it was placed");
					order.left.0 -= size.0;
					if order.left.is_zero() {
						self.0.remove(&id);
					}
				}
			}
			Event::OrderCancelled { order, account, left, .. } => {
				let (who, gone) = self.0.remove(&order).expect("it was placed");
				assert_eq!((who, gone.left), (account, left));
			}
			_ => {}
		}
	}

	/// Open orders by account; by id, since a list has the order in which they came.
	fn open(&self) -> BTreeMap<Who, BTreeMap<OrderId, OrderOf<Test>>> {
		let mut open = BTreeMap::<Who, BTreeMap<_, _>>::new();
		for (id, (who, order)) in &self.0 {
			open.entry(*who).or_default().insert(*id, *order);
		}
		open
	}
}

/// A world, its model and its mirror.
struct Walk {
	rng: Rng,
	model: Model,
	mirror: Mirror,
	done: BTreeMap<&'static str, [u64; 2]>,
}

/// Something is not as the model says.
type Difference = String;

impl Walk {
	fn new(seed: u64, fault: Option<Fault>) -> Self {
		let mut model = Model::new(System::block_number(), fault);
		for (market, dollars) in [(BTC, 50_000), (ETH, 2_000)] {
			model.marks.insert(market, Price::dollars(dollars));
		}
		for owner in 0..OWNERS {
			for sub in [0, 1] {
				Margin::deposit(Who::new(owner, SubAccount(sub)), Quote::dollars(1_000_000_000));
			}
		}
		Self { rng: Rng::new(seed), model, mirror: Mirror::default(), done: BTreeMap::new() }
	}

	fn run(&mut self, commands: u64) -> Result<(), Difference> {
		for _ in 0..commands {
			let command = self.choose();
			self.step(&command).map_err(|what| format!("{what}, by {command:?}"))?;
		}
		Ok(())
	}

	fn step(&mut self, command: &Command) -> Result<(), Difference> {
		let expected = self.model.apply(command);
		System::reset_events();
		let done = act(command);
		let count = self.done.entry(name(command)).or_default();
		count[usize::from(done.is_err())] += 1;
		same("the result", &done, &expected.as_ref().map(|_| ()).map_err(|refusal| *refusal))?;
		let told: Vec<_> = events().into_iter().filter_map(told).collect();
		same("what is told", &told, &expected.unwrap_or_default())?;
		events().into_iter().for_each(|event| self.mirror.read(event));
		let lists: BTreeMap<_, Vec<_>> =
			Orders::<Test>::iter().map(|(who, orders)| (who, orders.into_inner())).collect();
		same("the lists", &lists, &self.model.orders)?;
		let by_id = |list: &Vec<OrderOf<Test>>| list.iter().map(|order| (order.id, *order)).collect();
		let seen = lists.iter().map(|(who, list)| (*who, by_id(list))).collect();
		same("the book of who reads the events", &self.mirror.open(), &seen)?;
		for market in [BTC, ETH] {
			self.compare_market(market)?;
		}
		Ok(())
	}

	fn compare_market(&self, market: MarketId) -> Result<(), Difference> {
		let depth = Orderbook::depth(market, 100);
		for (side, levels) in [(Side::Long, depth.bids), (Side::Short, depth.asks)] {
			let mut expected: Vec<(Price, u128)> = Vec::new();
			for (_, order) in self.model.side(market, side) {
				match expected.last_mut().filter(|(price, _)| *price == order.price) {
					Some((_, size)) => *size += order.left.0,
					None => expected.push((order.price, order.left.0)),
				}
			}
			let levels: Vec<_> = levels.into_iter().map(|level| (level.price, level.size.0)).collect();
			same("the depth", &levels, &expected)?;
		}
		for owner in 0..OWNERS {
			for sub in [0, 1] {
				let who = Who::new(owner, SubAccount(sub));
				let held = match Margin::position(who, market) {
					None => 0,
					Some((Side::Long, size)) => size.0 as i128,
					Some((Side::Short, size)) => -(size.0 as i128),
				};
				let expected = self.model.held.get(&(who, market)).copied().unwrap_or_default();
				same("what is held", &held, &expected)?;
			}
		}
		Ok(())
	}

	fn choose(&mut self) -> Command {
		match self.rng.below(20) {
			0..=9 => {
				let (who, new) = (self.who(), self.new_order(Intent::Trade));
				Command::Place { who, new }
			}
			10 | 11 => {
				let (who, new) = (self.who(), self.new_order(Intent::Reduce));
				Command::Reduce { who, new }
			}
			12..=14 => {
				let (who, name) = self.name();
				let size = self.rng.one_in(2).then(|| self.size());
				let price = if size.is_none() || self.rng.one_in(3) { Some(self.price(BTC)) } else { None };
				Command::Amend { who, name, size, price, post_only: self.post_only() }
			}
			15 | 16 => {
				let (who, name) = self.name();
				Command::Cancel { who, name }
			}
			17 if self.rng.one_in(3) => {
				let market = self.rng.one_in(2).then(|| self.market());
				Command::CancelAll { who: self.who(), market }
			}
			18 if self.rng.one_in(3) => {
				let blocks = (!self.rng.one_in(4)).then(|| self.rng.below(12));
				Command::KeepAlive { who: self.who(), blocks }
			}
			_ => Command::Block { marks: self.marks() },
		}
	}

	fn who(&mut self) -> Who {
		let sub = SubAccount(u8::from(self.rng.one_in(6)));
		Who::new(self.rng.below(OWNERS), sub)
	}

	fn market(&mut self) -> MarketId {
		if self.rng.one_in(4) {
			ETH
		} else {
			BTC
		}
	}

	/// Some mark moves, now and then so far that orders are beyond the band.
	fn marks(&mut self) -> Vec<(MarketId, Price)> {
		let market = self.market();
		let base = if market == BTC { 50_000 } else { 2_000 };
		let by = if self.rng.one_in(10) { base / 20 } else { base / 500 };
		let dollars = base - by + self.rng.below(2 * by + 1);
		vec![(market, Price::dollars(dollars as u32))]
	}

	/// Near mark, where orders meet; seldom where there can be none.
	fn price(&mut self, market: MarketId) -> Price {
		let mark = self.model.marks[&market].0;
		match self.rng.below(40) {
			0 => Price(0),
			1 => Price(mark + 1),
			2 => Price(mark / 25 * 26),
			3 => Price(mark / 25 * 26 + Price::ONE.0 / 100),
			4 => Price(mark / 25 * 24),
			_ => {
				let step = mark / 2_000;
				let tick = Price::ONE.0 / 100;
				let price = mark - 6 * step + u128::from(self.rng.below(13)) * step;
				Price(price / tick * tick)
			}
		}
	}

	fn size(&mut self) -> Size {
		match self.rng.below(30) {
			0 => Size(0),
			1 => Size(1_000_001),
			2 => Size(1_000_000),
			_ => thousandths(u128::from(self.rng.between(1, 12)) * 10),
		}
	}

	fn post_only(&mut self) -> PostOnly {
		match self.rng.below(8) {
			0 => PostOnly::Reject,
			1 => PostOnly::Slide,
			_ => PostOnly::No,
		}
	}

	fn new_order(&mut self, intent: Intent) -> NewOrder<u64> {
		let (market, now) = (self.market(), self.model.now);
		let time_in_force = match self.rng.below(10) {
			0 => TimeInForce::ImmediateOrCancel,
			1 => TimeInForce::FillOrKill,
			2..=4 => TimeInForce::GoodTillBlock(now + self.rng.below(8)),
			5 if self.rng.one_in(4) => TimeInForce::GoodTillBlock([now - 1, now + 1_001][self.rng.index(2)]),
			_ => TimeInForce::GoodTillCancelled,
		};
		let self_trade = [SelfTrade::CancelNewest, SelfTrade::CancelOldest, SelfTrade::CancelBoth];
		NewOrder {
			market,
			side: Side::BOTH[self.rng.index(2)],
			size: self.size(),
			price: self.price(market),
			time_in_force,
			post_only: self.post_only(),
			// The call that reduces has none.
			self_trade: if intent == Intent::Reduce { self_trade[0] } else { self_trade[self.rng.index(3)] },
			client: self.rng.one_in(3).then(|| self.rng.below(20)),
			intent,
		}
	}

	/// An order that is open, more often than not.
	fn name(&mut self) -> (Who, OrderName) {
		let all: Vec<_> = self
			.model
			.orders
			.iter()
			.flat_map(|(who, orders)| orders.iter().map(|order| (*who, order.id, order.client)))
			.collect();
		if all.is_empty() || self.rng.one_in(10) {
			return (self.who(), OrderName::Client(self.rng.below(20)));
		}
		let (who, id, client) = all[self.rng.index(all.len())];
		match client.filter(|_| self.rng.one_in(2)) {
			Some(client) => (who, OrderName::Client(client)),
			None => (who, OrderName::Id(id)),
		}
	}
}

fn name(command: &Command) -> &'static str {
	match command {
		Command::Place { .. } => "place",
		Command::Reduce { .. } => "reduce",
		Command::Amend { .. } => "amend",
		Command::Cancel { .. } => "cancel",
		Command::CancelAll { .. } => "cancel all",
		Command::KeepAlive { .. } => "keep alive",
		Command::Block { .. } => "block",
	}
}

fn act(command: &Command) -> sp_runtime::DispatchResult {
	let alone = |post: frame_support::dispatch::DispatchResultWithPostInfo| {
		post.map(|_| ()).map_err(|refused| refused.error)
	};
	with_storage_layer(|| match command.clone() {
		Command::Place { who, new } | Command::Reduce { who, new } => {
			let NewOrder { market, side, size, price, time_in_force, post_only, self_trade, client, intent } =
				new;
			let by = signed(who.owner);
			alone(match intent {
				Intent::Trade => Orderbook::place_order(
					by,
					who.sub,
					market,
					side,
					size,
					price,
					time_in_force,
					post_only,
					self_trade,
					client,
				),
				Intent::Reduce => Orderbook::reduce_order(
					by,
					who.sub,
					market,
					size,
					price,
					time_in_force,
					post_only,
					client,
				),
			})
		}
		Command::Amend { who, name, size, price, post_only } => {
			alone(Orderbook::amend_order(signed(who.owner), who.sub, name, size, price, post_only))
		}
		Command::Cancel { who, name } => Orderbook::cancel_order(signed(who.owner), who.sub, name),
		Command::CancelAll { who, market } => {
			alone(Orderbook::cancel_all(signed(who.owner), who.sub, market))
		}
		Command::KeepAlive { who, blocks } => Orderbook::keep_alive(signed(who.owner), who.sub, blocks),
		Command::Block { marks } => {
			marks.into_iter().for_each(|(market, price)| Margin::set_mark(market, price));
			next_block();
			Ok(())
		}
	})
}

fn told(event: Event<Test>) -> Option<Told> {
	match event {
		Event::OrderFilled { maker_order, taker_order, size, price, .. } => {
			Some(Told::Fill { maker: maker_order, taker: taker_order, size, price })
		}
		Event::OrderCancelled { order, left, reason, .. } => Some(Told::Gone { order, left, reason }),
		_ => None,
	}
}

fn same<T: PartialEq + core::fmt::Debug>(what: &str, is: &T, expected: &T) -> Result<(), Difference> {
	if is == expected {
		Ok(())
	} else {
		Err(format!("{what}: {is:?}, and not {expected:?}"))
	}
}

/// Walk; in worlds of their own.
fn walk(
	seed: u64,
	commands: u64,
	fault: Option<Fault>,
) -> (BTreeMap<&'static str, [u64; 2]>, Result<(), Difference>) {
	let mut sums = BTreeMap::<_, [u64; 2]>::new();
	for chapter in 0..commands.div_ceil(CHAPTER) {
		let (done, outcome) = world().execute_with(|| {
			// Every other chapter so few fills that orders often come to the limit.
			MaxFills::set(if chapter % 2 == 0 { 8 } else { 2 });
			let mut walk = Walk::new(seed.wrapping_add(chapter), fault);
			let outcome = walk.run(CHAPTER);
			(walk.done, outcome)
		});
		for (name, [went, refused]) in done {
			let sum = sums.entry(name).or_default();
			*sum = [sum[0] + went, sum[1] + refused];
		}
		if let Err(difference) = outcome {
			return (sums, Err(format!("KEEL_SEED={}: {difference}", seed.wrapping_add(chapter))));
		}
	}
	(sums, Ok(()))
}

#[test]
fn the_book_is_the_plain_book_and_the_one_that_events_tell_of() {
	let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64 >> 10);
	let seed = variable("KEEL_SEED").unwrap_or_else(now);
	let (done, outcome) = walk(seed, variable("KEEL_COMMANDS").unwrap_or(COMMANDS), None);
	println!("from KEEL_SEED={seed}, [done, refused]: {done:?}");
	assert_eq!(outcome, Ok(()));
}

#[test]
fn a_book_that_errs_is_noticed() {
	for fault in [
		Fault::NewestFirst,
		Fault::WorstFirst,
		Fault::NoBand,
		Fault::SelfTrades,
		Fault::OneMore,
		Fault::Overreduces,
		Fault::NothingExpires,
		Fault::SmallerLosesPlace,
		Fault::NoSlide,
	] {
		let (_, outcome) = walk(7, 20_000, Some(fault));
		assert!(outcome.is_err(), "{fault:?}");
	}
}
