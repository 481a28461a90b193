// SPDX-License-Identifier: Apache-2.0
//! What the world does: blocks whose prices move anyhow, or to where somebody is just found or just not; statuses;
//! rules.

use super::{
	block::Block,
	choose::{Choice, Plan},
	command::Command,
	model::{accounts, peek, Model, Who},
	path::Path,
	rules,
	tally::{At, Edge},
};
use crate::{mock::*, *};
use keel_math::{margin::price_at_zero, Scale};
use keel_primitives::*;
use keel_traits::{MarketGate, Observation, PriceFeed};

/// Half a dollar: then a band of whole percents ends at a whole tick.
const HALF: u128 = Price::ONE.0 / 2;

fn observed(price: u128) -> Observation {
	let price = Price(price.clamp(Price::ONE.0 / 10_000, Price::dollars(10_000_000).0));
	Observation {
		price,
		before: price,
		slow: price,
		volatility: Volatility(40_000_000),
		state: PriceState::Valid,
		sources: 5,
		..Default::default()
	}
}

impl Path {
	pub fn block(&mut self) -> Option<Choice> {
		let mut block = Block { elapsed: 2_000, ..Default::default() };
		match self.rng.below(16) {
			0 | 1 => {}
			2 => self.jump(&mut block),
			3 | 4 => return self.edge("found").or_else(|| self.ordinary(block)),
			5 => return self.edge("called").or_else(|| self.ordinary(block)),
			6 => return self.edge("looked at").or_else(|| self.ordinary(block)),
			7 => {
				self.jump(&mut block);
				block.judgings = Some(self.rng.below(3));
			}
			8 => {
				self.move_all(&mut block);
				block.judgings = Some(self.rng.below(5));
			}
			9 => {
				block.elapsed = [0, 59_999, 60_000, 60_001, 1_000_000_000][self.rng.index(5)];
				self.move_all(&mut block);
			}
			10 => self.states(&mut block),
			11 => self.impacts(&mut block),
			12 => {
				block.silent = true;
				block.shut = self.rng.one_in(3);
			}
			_ => return self.ordinary(block),
		}
		Choice::plain(Command::Block(block))
	}

	fn ordinary(&mut self, mut block: Block) -> Option<Choice> {
		self.move_all(&mut block);
		Choice::plain(Command::Block(block))
	}

	/// A price, some parts of a hundred thousand away.
	fn moved(&mut self, id: MarketId, most: u64) -> Observation {
		let before = Around::observe(feed(id)).price.0;
		let parts = u128::from(self.rng.below(most + 1));
		let by = before / 100_000 * parts;
		let home = market(id).mark.0;
		// What has gone far comes back.
		let (low, high) = (Price::ONE.0 / 1_000, Price::dollars(1_000_000).0);
		let falls = if home < low { false } else { home > high || self.rng.one_in(2) };
		let price = if falls { before - by } else { before + by };
		let unit = match () {
			() if price > 100 * HALF => HALF,
			() if self.rng.one_in(2) => Price::ONE.0 / 100,
			() => 1,
		};
		let mut seen = observed(price / unit * unit);
		seen.volatility = Volatility(self.rng.below(200_000_000));
		match self.rng.below(6) {
			// The slow price lags, or there is none yet.
			0..3 => seen.slow = Price(before),
			3 => seen.slow = Price(0),
			_ => {}
		}
		seen
	}

	fn move_all(&mut self, block: &mut Block) {
		for id in Margin::markets() {
			if self.rng.one_in(2) {
				let seen = self.moved(id, 2_000);
				block.feeds.push((id, seen));
			}
		}
	}

	fn jump(&mut self, block: &mut Block) {
		let id = self.any_market();
		let most = [5_000, 15_000, 60_000][self.rng.index(3)];
		let mut seen = self.moved(id, most);
		if self.rng.one_in(3) {
			// Only one round says so.
			seen.before = Around::observe(feed(id)).price;
		}
		block.feeds.push((id, seen));
	}

	fn states(&mut self, block: &mut Block) {
		use PriceState::*;
		for id in Margin::markets() {
			let mut seen = Around::observe(feed(id));
			if seen.state != Valid {
				seen.state = Valid;
			} else if self.rng.one_in(3) {
				seen = self.moved(id, 2_000);
				seen.state = [Uncertain, Volatile, Stale, Missing][self.rng.index(4)];
			}
			block.feeds.push((id, seen));
		}
	}

	fn impacts(&mut self, block: &mut Block) {
		for id in Margin::markets() {
			let price = Around::observe(feed(id)).price.0;
			let off = price / 1_000 * u128::from(self.rng.below(40));
			let impact = if self.rng.one_in(2) { price + off } else { price - off };
			block.impacts.push((id, Some(Price(impact)).filter(|_| !self.rng.one_in(4))));
		}
		// Long enough for an hour's average to become the rate.
		block.elapsed = 60_000;
	}

	/// A block at the price at which an account with one position is just not found (or called, or looked at), or a
	/// unit beyond.
	fn edge(&mut self, guard: &'static str) -> Option<Choice> {
		let model = Model::now(None);
		let lone: Vec<Who> = accounts()
			.into_iter()
			.filter(|(_, account)| account.place == Place::Filed && account.leaving.is_zero())
			.filter(|(_, account)| account.positions.len() == 1 && account.offers == 0)
			.filter(|(_, account)| guard != "called" || account.warning.is_some())
			.filter(|(_, account)| {
				let position = account.positions[0];
				let market = model.market(position.market);
				let seen = model.observed(position.market);
				let moves = Around::status(position.market).moves_levels() && !market.quarantined;
				let is_present = position.generation == market.book.side(position.side).generation;
				moves && is_present && seen.state == PriceState::Valid
			})
			.map(|(who, _)| who)
			.collect();
		let who = self.one_of(&lone)?;
		let mut block = Block { elapsed: 2_000, ..Default::default() };
		let (position, scale, call) = peek(|| {
			block.levels();
			let view = Margin::account_view(who)?;
			let position = view.positions.first()?.clone();
			let scale = market(position.market).book.side(position.side).scale;
			Some((position, scale, Self::price_of_call(who)))
		})?;
		// Another account of its owner may be about to send it money.
		if LeavingQueue::<Test>::iter_values().any(|entry| entry.account.owner == who.owner) {
			return None;
		}
		let last = match guard {
			"found" => position.liquidation_price?.0,
			"called" => call?.0,
			_ => position.trigger_price?.0,
		};
		// Where a unit is a whole base unit levels are exact.
		let exact = scale == Scale::ONE;
		let unit = if exact { 1 } else { 1_000 };
		let at = if self.rng.one_in(2) { At::Limit } else { At::Beyond };
		let falls = (position.side == Side::Long) == (at == At::Beyond);
		let price = match at {
			At::Limit if exact => last,
			_ if falls => last.checked_sub(unit)?,
			_ => last + unit,
		};
		let bounds = Price::ONE.0 / 10_000 + 1_000..Price::dollars(1_000_000).0;
		if !bounds.contains(&price) {
			return None;
		}
		let mut seen = Around::observe(feed(position.market));
		(seen.price, seen.before, seen.slow) = (Price(price), Price(price), Price(price));
		block.feeds.push((position.market, seen));
		Some(Choice { command: Command::Block(block), edge: Some(Edge { guard, at }), target: Some(who) })
	}

	/// The price at which the health of an account with one position is just what is held back for a call.
	fn price_of_call(who: Who) -> Option<Price> {
		let (model, account) = (Model::now(None), Margin::stored(&who));
		let (position, reserve) = (account.positions.first()?, account.warning?);
		let market = model.market(position.market);
		// In the block the rate would move, too.
		let at_rest = market.tiers.is_at_rest(&market.params.tiers);
		let rate = at_rest.then(|| market.maintenance_rate(position.tier))?;
		let surplus = model.standing(&account).health.minus(reserve.into()).ok()?;
		let scale = market.book.side(position.side).scale;
		price_at_zero(surplus, position.side, position.units, scale, market.mark, rate).ok()?
	}

	pub fn status(&mut self) -> Option<Choice> {
		use MarketStatus::*;
		let shut: Vec<MarketId> =
			Margin::markets().into_iter().filter(|id| Around::status(*id) != Open).collect();
		let (market, status) = match self.one_of(&shut) {
			Some(id) if self.rng.below(3) > 0 => (id, Open),
			_ => (self.any_market(), [Guarded, Guarded, Auction, Halted, Settling][self.rng.index(5)]),
		};
		Choice::plain(Command::Status { market, status })
	}

	/// New rules, or a relation between them at its limit.
	pub fn rules(&mut self) -> Option<Choice> {
		let id = self.any_market();
		let market = market(id);
		// The limits of rules are those of rates that have come to rest.
		let at_rest = market.tiers.is_at_rest(&market.params.tiers);
		if at_rest && self.rng.one_in(2) {
			let (guard, at, params) = rules::at_a_limit(&mut self.rng, &market.params);
			if at == At::Limit {
				self.plans.push_back(Plan::Restore { market: id, params: Box::new(market.params) });
			}
			let fault = (at == At::Beyond).then_some(guard);
			return Choice::at(Command::SetParams { market: id, params: Box::new(params), fault }, guard, at);
		}
		let open = market.book.open_interest().unwrap_or_default();
		let mut params = rules::others(&mut self.rng, &market.params, open, market.mark);
		// What does not fit the rates of now is refused.
		let mut next = market.clone();
		let has_room = next.set_params(params).is_ok();
		if has_room && params.check_at(&next.tiers).is_err() {
			params = market.params;
		}
		let fault = (!has_room).then_some("TooManyTiersKept");
		Choice::plain(Command::SetParams { market: id, params: Box::new(params), fault })
	}
}
