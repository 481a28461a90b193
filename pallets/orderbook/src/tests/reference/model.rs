// SPDX-License-Identifier: Apache-2.0
//! An order book as plain as it can be: lists of orders, sorted whenever somebody asks for the best.

use crate::{mock::*, *};
use codec::Encode;
use frame_support::traits::Get;
use keel_primitives::*;
use keel_traits::Intent;
use std::collections::BTreeMap;

pub type Who = MarginAccount<AccountId>;
type Resting = Order<u64>;

/// What the model gets wrong, to see that the comparison notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
	/// At a price the newest comes first.
	NewestFirst,
	/// The worst price comes first.
	WorstFirst,
	/// What is beyond the band is filled.
	NoBand,
	/// An owner trades with himself.
	SelfTrades,
	/// A call meets one order more.
	OneMore,
	/// A reduction fills more than is held.
	Overreduces,
	/// Nothing expires.
	NothingExpires,
	/// A smaller size at the same price loses its place.
	SmallerLosesPlace,
	/// What slides stays where it crosses.
	NoSlide,
}

/// What came of a command, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
	Fill { maker: OrderId, taker: OrderId, size: Size, price: Price },
	Gone { order: OrderId, left: Size, reason: CancelReason },
}

/// A command.
#[derive(Clone, Debug)]
pub enum Command {
	Place {
		who: Who,
		new: NewOrder<u64>,
	},
	/// The side of the order follows from what is held.
	Reduce {
		who: Who,
		new: NewOrder<u64>,
	},
	Amend {
		who: Who,
		name: OrderName,
		size: Option<Size>,
		price: Option<Price>,
		post_only: PostOnly,
	},
	Cancel {
		who: Who,
		name: OrderName,
	},
	CancelAll {
		who: Who,
		market: Option<MarketId>,
	},
	KeepAlive {
		who: Who,
		blocks: Option<u64>,
	},
	/// A block begins, with other marks.
	Block {
		marks: Vec<(MarketId, Price)>,
	},
}

/// Why a command is refused.
pub type Refusal = sp_runtime::DispatchError;

#[derive(Clone)]
pub struct Model {
	pub fault: Option<Fault>,
	pub now: u64,
	next: OrderId,
	pub marks: BTreeMap<MarketId, Price>,
	/// In the order they came.
	pub orders: BTreeMap<Who, Vec<Resting>>,
	/// Shorts are negative.
	pub held: BTreeMap<(Who, MarketId), i128>,
	switches: BTreeMap<Who, u64>,
	/// Who has reduced, and who has cancelled all, in this block.
	urgent: Vec<(AccountId, bool)>,
	told: Vec<Told>,
}

fn ensure(holds: bool, error: Error<Test>) -> Result<(), Refusal> {
	if holds {
		Ok(())
	} else {
		Err(error.into())
	}
}

impl Model {
	pub fn new(now: u64, fault: Option<Fault>) -> Self {
		Self {
			fault,
			now,
			next: 0,
			marks: BTreeMap::new(),
			orders: BTreeMap::new(),
			held: BTreeMap::new(),
			switches: BTreeMap::new(),
			urgent: Vec::new(),
			told: Vec::new(),
		}
	}

	/// Do it, and tell what came of it; or why it is refused, and nothing has changed.
	pub fn apply(&mut self, command: &Command) -> Result<Vec<Told>, Refusal> {
		let before = self.clone();
		self.told.clear();
		let done = match command {
			Command::Place { who, new } => self.place(*who, *new),
			Command::Reduce { who, new } => self.reduce(*who, *new),
			Command::Amend { who, name, size, price, post_only } => {
				self.amend(*who, *name, *size, *price, *post_only)
			}
			Command::Cancel { who, name } => self.find(*who, *name).map(|index| {
				let order = self.of(*who).remove(index);
				self.tell_gone(&order, CancelReason::Owner);
			}),
			Command::CancelAll { who, market } => self.once(who.owner, false).map(|()| {
				self.cancel_where(*who, CancelReason::Owner, |order| {
					market.is_none_or(|it| it == order.market)
				});
			}),
			Command::KeepAlive { who, blocks } => self.keep_alive(*who, *blocks),
			Command::Block { marks } => {
				self.block(marks);
				Ok(())
			}
		};
		match done {
			Ok(()) => {
				self.orders.retain(|_, orders| !orders.is_empty());
				Ok(core::mem::take(&mut self.told))
			}
			Err(refusal) => {
				*self = before;
				Err(refusal)
			}
		}
	}

	/// Orders of a side, the best first.
	pub fn side(&self, market: MarketId, side: Side) -> Vec<(Who, Resting)> {
		let all = self.orders.iter().flat_map(|(who, orders)| orders.iter().map(|order| (*who, *order)));
		let mut sorted: Vec<_> =
			all.filter(|(_, order)| order.market == market && order.side == side).collect();
		sorted.sort_by_key(|(_, order)| {
			let better = match side {
				Side::Long => u128::MAX - order.price.0,
				Side::Short => order.price.0,
			};
			let better = if self.fault == Some(Fault::WorstFirst) { u128::MAX - better } else { better };
			let newest = self.fault == Some(Fault::NewestFirst);
			(better, if newest { u64::MAX - order.sequence } else { order.sequence })
		});
		sorted
	}

	fn of(&mut self, who: Who) -> &mut Vec<Resting> {
		self.orders.entry(who).or_default()
	}

	fn find(&mut self, who: Who, name: OrderName) -> Result<usize, Refusal> {
		let found = self.of(who).iter().position(|order| match name {
			OrderName::Id(id) => order.id == id,
			OrderName::Client(client) => order.client == Some(client),
		});
		found.ok_or(Error::<Test>::UnknownOrder.into())
	}

	fn tell_gone(&mut self, order: &Resting, reason: CancelReason) {
		self.told.push(Told::Gone { order: order.id, left: order.left, reason });
	}

	fn cancel_where(&mut self, who: Who, reason: CancelReason, is_meant: impl Fn(&Resting) -> bool) {
		let (gone, kept): (Vec<_>, Vec<_>) = self.of(who).drain(..).partition(|order| is_meant(order));
		*self.of(who) = kept;
		gone.iter().for_each(|order| self.tell_gone(order, reason));
	}

	fn once(&mut self, owner: AccountId, reduces: bool) -> Result<(), Refusal> {
		if self.urgent.contains(&(owner, reduces)) {
			return Err(Refusal::Other("once a block"));
		}
		self.urgent.push((owner, reduces));
		Ok(())
	}

	fn next_id(&mut self) -> OrderId {
		self.next += 1;
		self.next - 1
	}

	/// What an account can still reduce by selling (`Short`) or buying.
	fn reducible(&self, who: Who, market: MarketId, side: Side) -> u128 {
		let held = self.held.get(&(who, market)).copied().unwrap_or_default();
		match side {
			Side::Short => held.max(0).unsigned_abs(),
			Side::Long => held.min(0).unsigned_abs(),
		}
	}

	fn place(&mut self, who: Who, new: NewOrder<u64>) -> Result<(), Refusal> {
		let is_used = new.client.is_some() && self.of(who).iter().any(|order| order.client == new.client);
		ensure(!is_used, Error::ClientIdInUse)?;
		let id = self.next_id();
		let NewOrder { market, side, size, price, client, intent, .. } = new;
		let expires = match new.time_in_force {
			TimeInForce::GoodTillBlock(block) => Some(block),
			_ => None,
		};
		let order =
			Order { id, sequence: id, market, side, price, size, left: size, expires, client, intent };
		self.submit(who, order, new.time_in_force, new.post_only, new.self_trade)
	}

	fn reduce(&mut self, who: Who, mut new: NewOrder<u64>) -> Result<(), Refusal> {
		self.once(who.owner, true)?;
		new.side = match self.held.get(&(who, new.market)).copied().unwrap_or_default() {
			0 => return Err(Error::<Test>::NothingToReduce.into()),
			1.. => Side::Short,
			_ => Side::Long,
		};
		self.place(who, new)
	}

	fn amend(
		&mut self,
		who: Who,
		name: OrderName,
		size: Option<Size>,
		price: Option<Price>,
		post_only: PostOnly,
	) -> Result<(), Refusal> {
		let index = self.find(who, name)?;
		let old = self.of(who)[index];
		let mut new = old;
		new.size = size.unwrap_or(old.size);
		new.price = price.unwrap_or(old.price);
		let filled = old.size.0 - old.left.0;
		ensure(new.size.0 > filled, Error::AlreadyFilled)?;
		new.left = Size(new.size.0 - filled);
		ensure(new != old, Error::NothingToAmend)?;
		let keeps = new.price == old.price && new.size < old.size;
		if keeps && self.fault != Some(Fault::SmallerLosesPlace) {
			self.ensure_size(who, &new)?;
			self.of(who)[index] = new;
			return Ok(());
		}
		self.of(who).remove(index);
		new.sequence = self.next_id();
		let life = new.expires.map_or(TimeInForce::GoodTillCancelled, TimeInForce::GoodTillBlock);
		self.submit(who, new, life, post_only, SelfTrade::CancelNewest)
	}

	fn submit(
		&mut self,
		who: Who,
		mut order: Resting,
		life: TimeInForce<u64>,
		post_only: PostOnly,
		policy: SelfTrade,
	) -> Result<(), Refusal> {
		let rests = life.rests();
		self.ensure_price(order.market, order.price)?;
		self.ensure_size(who, &order)?;
		ensure(rests || post_only == PostOnly::No, Error::PostOnlyMustRest)?;
		if let TimeInForce::GoodTillBlock(block) = life {
			let most: u64 = <Test as Config>::MaxOrderLife::get();
			ensure((self.now..=self.now + most).contains(&block), Error::InvalidExpiry)?;
		}
		if rests {
			let most: u32 = <Test as Config>::MaxOrders::get();
			ensure(self.of(who).len() < most as usize, Error::TooManyOrders)?;
			let here = self.of(who).iter().filter(|other| other.market == order.market).count();
			let most: u32 = <Test as Config>::MaxOrdersPerMarket::get();
			ensure(here < most as usize, Error::TooManyOrdersInMarket)?;
		}
		if post_only != PostOnly::No {
			self.slide(&mut order, post_only)?;
		}
		let why_not = self.meet_all(who, &mut order, policy);
		if order.left.is_zero() {
			return Ok(());
		}
		ensure(life != TimeInForce::FillOrKill, Error::NotFilled)?;
		match why_not.or((!rests).then_some(CancelReason::NotFilled)) {
			Some(reason) => self.tell_gone(&order, reason),
			None => self.of(who).push(order),
		}
		Ok(())
	}

	fn slide(&mut self, order: &mut Resting, post_only: PostOnly) -> Result<(), Refusal> {
		let best = self.side(order.market, order.side.opposite()).first().map(|(_, best)| best.price);
		let Some(best) = best.filter(|best| crosses(order, *best)) else { return Ok(()) };
		ensure(post_only == PostOnly::Slide, Error::WouldCross)?;
		if self.fault == Some(Fault::NoSlide) {
			return Ok(());
		}
		let tick = Price::ONE.0 / 100;
		order.price = match order.side {
			Side::Long => Price(best.0 - tick),
			Side::Short => Price(best.0 + tick),
		};
		self.ensure_price(order.market, order.price)
	}

	/// Fill what can be filled. Returns why the rest must not rest.
	fn meet_all(&mut self, who: Who, order: &mut Resting, policy: SelfTrade) -> Option<CancelReason> {
		let mut most = <Test as Config>::MaxFills::get();
		if self.fault == Some(Fault::OneMore) {
			most += 1;
		}
		let mut met = 0;
		loop {
			let best = self.side(order.market, order.side.opposite()).into_iter().next();
			let (maker, resting) = best.filter(|(_, resting)| crosses(order, resting.price))?;
			if order.left.is_zero() {
				return None;
			}
			if met == most {
				return Some(CancelReason::FillLimit);
			}
			met += 1;
			let fills_self = self.fault == Some(Fault::SelfTrades);
			let held = self.reducible(maker, order.market, resting.side);
			let may = match resting.intent {
				Intent::Reduce if self.fault != Some(Fault::Overreduces) => held,
				_ => u128::MAX,
			};
			let expired = resting.expires.is_some_and(|last| last < self.now);
			let reason = if expired {
				Some(CancelReason::Expired)
			} else if !self.is_within_band(order.market, resting.price) {
				Some(CancelReason::OutsideBand)
			} else if maker.owner == who.owner && !fills_self {
				if policy == SelfTrade::CancelNewest {
					return Some(CancelReason::SelfTrade);
				}
				Some(CancelReason::SelfTrade)
			} else if may == 0 {
				Some(CancelReason::NothingToReduce)
			} else {
				None
			};
			if let Some(reason) = reason {
				self.drop(maker, &resting, reason);
				if reason == CancelReason::SelfTrade && policy == SelfTrade::CancelBoth {
					return Some(CancelReason::SelfTrade);
				}
				continue;
			}
			let size = order.left.0.min(resting.left.0).min(may);
			let signed = size as i128 * if order.side == Side::Long { 1 } else { -1 };
			*self.held.entry((who, order.market)).or_default() += signed;
			*self.held.entry((maker, order.market)).or_default() -= signed;
			order.left.0 -= size;
			let (maker_id, price) = (resting.id, resting.price);
			self.told.push(Told::Fill { maker: maker_id, taker: order.id, size: Size(size), price });
			let place = self.of(maker).iter().position(|other| other.id == maker_id).expect("it rests");
			let left = resting.left.0 - size;
			self.of(maker)[place].left = Size(left);
			if left == 0 {
				self.of(maker).remove(place);
			} else if size == may {
				let rest = self.of(maker)[place];
				self.drop(maker, &rest, CancelReason::NothingToReduce);
			}
		}
	}

	fn drop(&mut self, who: Who, order: &Resting, reason: CancelReason) {
		self.of(who).retain(|other| other.id != order.id);
		self.tell_gone(order, reason);
	}

	fn is_within_band(&self, market: MarketId, price: Price) -> bool {
		let mark = self.marks[&market].0;
		self.fault == Some(Fault::NoBand) || price.0.abs_diff(mark) <= mark / 25
	}

	fn ensure_price(&self, market: MarketId, price: Price) -> Result<(), Refusal> {
		ensure(price.in_bounds(), Error::InvalidPrice)?;
		ensure(price.0.is_multiple_of(Price::ONE.0 / 100), Error::NotWholeTicks)?;
		ensure(self.is_within_band(market, price), Error::OutsideBand)
	}

	fn ensure_size(&self, who: Who, order: &Resting) -> Result<(), Refusal> {
		ensure(!order.left.is_zero(), Error::ZeroSize)?;
		if order.intent == Intent::Reduce {
			let held = self.reducible(who, order.market, order.side);
			ensure(held > 0, Error::NothingToReduce)?;
			ensure(order.left.0 <= held, Error::WouldFlip)?;
			if order.left.0 == held {
				return Ok(());
			}
		}
		ensure(order.left.0.is_multiple_of(1_000_000), Error::NotWholeLots)?;
		// Billionths of a unit times 1e-12 dollars.
		let worth = order.left.0 * (order.price.0 / 1_000_000);
		ensure(worth >= 10_000_000_000_000_000_000_000, Error::OrderTooSmall)
	}

	fn keep_alive(&mut self, who: Who, blocks: Option<u64>) -> Result<(), Refusal> {
		let most = <Test as Config>::MaxSwitch::get();
		ensure(blocks.is_none_or(|blocks| (1..=most).contains(&blocks)), Error::InvalidSwitch)?;
		self.switches.remove(&who);
		if let Some(blocks) = blocks {
			self.switches.insert(who, self.now + blocks);
		}
		Ok(())
	}

	fn block(&mut self, marks: &[(MarketId, Price)]) {
		self.now += 1;
		self.urgent.clear();
		self.marks.extend(marks.iter().copied());
		let now = self.now;
		let mut fired: Vec<_> = self.switches.iter().map(|(who, at)| (*at, who.encode(), *who)).collect();
		fired.retain(|(at, ..)| *at < now);
		fired.sort();
		for (_, _, who) in fired {
			self.switches.remove(&who);
			self.cancel_where(who, CancelReason::SwitchFired, |_| true);
		}
		if self.fault == Some(Fault::NothingExpires) {
			return;
		}
		let all = self.orders.iter().flat_map(|(who, orders)| orders.iter().map(|order| (*who, *order)));
		let mut over: Vec<_> =
			all.filter_map(|(who, order)| Some((order.expires?, order.id, who, order))).collect();
		over.retain(|(last, ..)| *last < now);
		over.sort_by_key(|(last, id, ..)| (*last, *id));
		for (_, _, who, order) in over {
			self.drop(who, &order, CancelReason::Expired);
		}
	}
}

fn crosses(order: &Resting, price: Price) -> bool {
	match order.side {
		Side::Long => order.price >= price,
		Side::Short => order.price <= price,
	}
}
