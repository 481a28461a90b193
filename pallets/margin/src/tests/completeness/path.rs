// SPDX-License-Identifier: Apache-2.0
//! Random paths: blocks in which levels move, keys are walked, the queue is worked off, and accounts do what
//! they like.

use super::{
	faults::Tamper,
	invariants::{Found, Rule, Snapshot},
	rng::Rng,
	world::{tell_waiting, Now, Who},
};
use crate::{mock::*, *};
use frame_support::{
	storage::with_storage_layer,
	traits::{fungible::Mutate, Hooks},
	weights::Weight,
};
use keel_math::{
	margin::{price_at_zero, size_worth},
	units::SIZE_MAX,
	InitialParams, Tier, TierIndex, Tiers, I256,
};
use keel_primitives::*;
use sp_runtime::{BuildStorage, DispatchError};
use std::{collections::BTreeMap, sync::OnceLock};

const BLOCKS: u32 = 6;
/// What everybody owns beside it, in 1e-6 dollars.
const WEALTH: u128 = 10_u128.pow(36);
/// Who takes positions over, and keeps what is charged.
pub const RICH: AccountId = ALICE;

/// How accounts and markets hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
	/// Accounts hold positions in several markets. The hook may run out of weight, the queue may have to wait.
	Crossed,
	/// Each account trades in one market, and whoever is found is closed in the same block.
	Isolated,
}

/// A random path of the pallet.
pub struct Path {
	pub rng: Rng,
	pub shape: Shape,
	pub tamper: Option<Tamper>,
	pub broken: Found,
	/// What has happened, and how often: a path on which nothing does proves nothing.
	pub happened: BTreeMap<&'static str, u64>,
	until: Option<Rule>,
	/// What is stored, after the last step.
	now: Now,
	who: Vec<Who>,
	/// Exponents of what accounts come with, in units of money.
	wealth: (u32, u32),
}

impl Path {
	/// Walk it to its end, or until a rule is broken: `until`, or any.
	pub fn walk(seed: u64, shape: Shape, tamper: Option<Tamper>, until: Option<Rule>) -> Self {
		// Storage is a map without a trie: no root is ever asked for.
		static EMPTY: OnceLock<sp_runtime::Storage> = OnceLock::new();
		let empty = || frame_system::GenesisConfig::<Test>::default().build_storage().expect("it builds");
		let storage = EMPTY.get_or_init(empty).clone();
		let (broken, happened, now) = Default::default();
		let mut path = Self {
			rng: Rng::new(seed),
			shape,
			tamper,
			broken,
			happened,
			until,
			who: Vec::new(),
			wealth: (0, 0),
			now,
		};
		sp_state_machine::BasicExternalities::new(storage).execute_with(|| {
			path.begin();
			for _ in 0..BLOCKS {
				path.block();
				if path.is_over() {
					break;
				}
			}
		});
		path
	}

	/// Whether it ends here: something was found, or numbers of a market have left their bounds.
	fn is_over(&self) -> bool {
		let found = self.until.map_or(!self.broken.is_empty(), |rule| self.broken.has(rule));
		found || Margin::market_ids().any(|id| market(id).quarantined)
	}

	pub fn count(&mut self, what: &'static str) {
		*self.happened.entry(what).or_default() += 1;
	}

	/// Markets with rules of their own, and accounts with some money.
	fn begin(&mut self) {
		world(|world| {
			*world = World {
				heard: Some(|_| tell_waiting()),
				maintenance_step: Ratio::percent(2),
				..World::default()
			}
		});
		// Exponents: wealth in 1e-6 dollars, prices in 1e-18 dollars.
		let (wealth, prices) = match self.rng.below(8) {
			0 => ((7, 8), (18, 24)),
			1 => ((18, 32), (12, 26)),
			2 => ((7, 20), (12, 26)),
			_ => ((7, 13), (16, 22)),
		};
		self.wealth = wealth;
		let markets = self.rng.between(1, if self.shape == Shape::Crossed { 4 } else { 2 }) as u32;
		for id in (0..markets).map(MarketId) {
			let mark = Price(self.rng.magnitude(prices.0, prices.1)).clamp(Price::MIN, Price::MAX);
			set_price(feed(id), mark, PriceState::Valid);
			let rules = self.rules();
			Markets::<Test>::insert(id, Market::new(feed(id), Default::default(), rules, 0));
		}
		NextMarket::<Test>::put(MarketId(markets));
		let others = self.rng.between(3, 6);
		self.who = (0..others).map(|index| Who::new(10 + index / 2, SubAccount((index % 2) as u8))).collect();
		for owner in core::iter::once(RICH).chain(10..14) {
			Usdk::mint_into(&owner, WEALTH).expect("fits");
		}
		self.hook(2_000, None);
		for who in self.who.clone() {
			// Another block for each: a deposit is one of a block.
			System::set_block_number(System::block_number() + 1);
			let amount = self.fortune();
			Margin::deposit(signed(who.owner), who.sub, amount).expect("he has as much");
		}
		if self.shape == Shape::Crossed {
			let amount = Quote(10_i128.pow(self.wealth.1 + 1));
			Margin::deposit(signed(RICH), SubAccount(0), amount).expect("she has as much");
			self.who.push(Who::main(RICH));
		}
	}

	/// One to four tiers, that begin where somebody may come by; initial margin is twice maintenance.
	fn rules(&mut self) -> MarketParams {
		let mut maintenance = self.rng.between(50, 1_000) * 100_000;
		let first = maintenance;
		let mut up_to = self.fortune().0;
		let mut tiers = Vec::new();
		for _ in 0..self.rng.between(1, 4) {
			let rates = (Ratio(2 * maintenance), Ratio(maintenance));
			tiers.push(Tier { up_to: Quote(up_to), initial: rates.0, maintenance: rates.1 });
			maintenance += self.rng.below(300) * 100_000;
			up_to *= 1 + i128::from(self.rng.between(1, 20));
		}
		let last = tiers.last_mut().expect("there is one");
		last.up_to = Quote(10_i128.pow(37));
		let withdrawal_rate = last.initial;
		let cap = first / 10 * 4;
		MarketParams {
			tiers: Tiers::of(&tiers).expect("at most four"),
			initial: InitialParams {
				soft_cap: Quote(10_i128.pow(36)),
				hard_cap: Quote(2 * 10_i128.pow(36)),
				free_notional: Quote(10_i128.pow(36)),
				volatility_multiplier: Ratio::ZERO,
			},
			withdrawal_rate,
			band: Ratio(first - 1),
			largest_move: Ratio(first / 2),
			worst_fee: Ratio(first / 10),
			interest: keel_math::FundingRate(self.rng.below(cap) as i64 / 2 - cap as i64 / 4),
			damper: Ratio(cap / 2),
			funding_multiple: Ratio(400_000_000),
			lot: Size(1),
			tick: Price(1),
			max_open_interest: SIZE_MAX,
			min_position: Quote(1),
			isolated: false,
			..params()
		}
	}

	fn fortune(&mut self) -> Quote {
		Quote(self.rng.magnitude(self.wealth.0, self.wealth.1) as i128)
	}

	/// A block begins, `elapsed` milliseconds after the last one; the hook judges so many accounts at most.
	fn hook(&mut self, elapsed: Moment, judgings: Option<u64>) {
		System::reset_events();
		let number = System::block_number() + 1;
		System::set_block_number(number);
		let weight = judgings.map_or(World::default().hook_weight, |count| {
			let markets =
				<() as WeightInfo>::open_market().saturating_mul(NextMarket::<Test>::get().0.into());
			markets.saturating_add(Margin::judging().saturating_mul(count))
		});
		world(|world| {
			world.now += elapsed;
			world.hook_weight = weight;
			world.unhealthy.clear();
		});
		let used: Weight = Margin::on_initialize(number);
		assert!(used.all_lte(weight), "the hook used {used:?} of {weight:?}");
	}

	fn block(&mut self) {
		self.now = Now::load();
		let mut before = Snapshot::of(&self.now);
		let high = self
			.in_tiers(|market, tier| market.tiers.index_of(market.params.tiers.first().up_to) != Some(tier));
		let retired = self.in_tiers(|market, tier| {
			market.tiers.retired(&market.params.tiers).any(|(index, _)| index == tier)
		});
		for id in Margin::market_ids() {
			self.change_market(id);
		}
		// Then what a side may have to bear is counted from here.
		let is_calm = self.now.queue().is_empty()
			&& Margin::market_ids().all(|id| Self::is_walked(&market(id)) && !market(id).quarantined);
		if let Some(tamper) = self.tamper {
			tamper.before_hook();
		}
		let out_of_weight = self.shape == Shape::Crossed && self.rng.one_in(8);
		let judgings = out_of_weight.then(|| self.rng.below(4));
		let elapsed = self.rng.between(0, 60_000);
		self.hook(elapsed, judgings);
		let walked = judgings.is_none() || Margin::market_ids().all(|id| Self::is_walked(&market(id)));
		self.count(if walked { "all walked" } else { "out of weight" });
		let paid = self.paid();
		self.now = Now::load();
		self.broken.check_found(&self.now, walked);

		// Settling has rounded what had ended: that is no part of the losses that come now.
		let (moved, closed) = (Snapshot::of(&self.now), self.now.queue());
		if high.iter().any(|who| closed.contains(who)) {
			self.count("found in a higher tier");
		}
		if retired.iter().any(|who| closed.contains(who)) {
			self.count("found in a retired tier");
		}
		let mut sinks: Vec<I256> = self.now.markets.iter().map(|market| market.book.sink).collect();
		for who in closed.iter().copied() {
			self.liquidate(who);
			self.end_step();
			for (most, market) in sinks.iter_mut().zip(&self.now.markets) {
				if most.parts().1 < market.book.sink.parts().1 {
					*most = market.book.sink;
				}
			}
			if self.is_over() {
				return;
			}
		}
		if self.shape == Shape::Isolated && is_calm {
			self.count("losses of one move");
			before.pay(&paid);
			before.check_losses(&moved, &sinks, &closed, &mut self.broken);
		}
		for _ in 0..self.rng.below(6) {
			self.transaction();
			self.end_step();
			if self.is_over() {
				return;
			}
		}
		if self.shape == Shape::Isolated {
			// Who was charged too much, or had to bear too much, is closed in the same block too.
			for who in self.now.queue() {
				self.liquidate(who);
				self.end_step();
			}
		}
		self.check_state();
		self.listen();
	}

	/// What has left accounts in this block's hook: it was asked for before, and has waited. Less than nothing
	/// where it went to.
	fn paid(&mut self) -> Vec<(Who, Quote)> {
		let mut paid = Vec::new();
		for record in System::read_events_no_consensus() {
			match record.event {
				RuntimeEvent::Margin(Event::Withdrawn { account, amount }) => paid.push((account, amount)),
				RuntimeEvent::Margin(Event::Transferred { from, to, amount }) => {
					paid.push((Who::new(from.owner, to), Quote(-amount.0)));
					paid.push((from, amount));
				}
				_ => continue,
			}
			self.count("paid in a hook");
		}
		paid
	}

	fn is_walked(market: &Market) -> bool {
		Side::BOTH.into_iter().all(|side| !market.has_unjudged(side))
	}

	/// Who has a position in such a tier.
	fn in_tiers(&self, is_such: impl Fn(&Market, TierIndex) -> bool) -> Vec<Who> {
		let has_such = |account: &Account<Test>| {
			let mut positions = account.positions.iter();
			account.place == Place::Filed
				&& positions.any(|position| is_such(self.now.market(position.market), position.tier))
		};
		self.now.accounts.iter().filter(|(_, account)| has_such(account)).map(|(who, _)| *who).collect()
	}

	/// After each step everybody is looked at; whatever else is stored now and then, and at the ends of blocks.
	fn end_step(&mut self) {
		if let Some(tamper) = self.tamper {
			tamper.after_step();
		}
		self.now = Now::load();
		self.broken.check_found(&self.now, false);
		self.broken.check_debts(&self.now);
		if self.rng.one_in(16) {
			self.check_state();
		}
	}

	fn check_state(&mut self) {
		// What the four owners and the rich one were given.
		self.broken.check_state(5 * WEALTH);
	}

	/// Now and then other rules; a new price three times out of four.
	fn change_market(&mut self, id: MarketId) {
		if self.rng.one_in(8) {
			let (rules, mut next) = (self.rules(), market(id));
			let has_room = next.set_params(rules).is_ok();
			let set = Margin::set_market_params(RuntimeOrigin::root(), id, rules);
			assert_eq!(set.is_ok(), has_room && rules.check_at(&next.tiers).is_ok());
			if !has_room {
				self.count("no room for a tier");
			}
			self.count(if set.is_ok() { "rates changed" } else { "rates refused" });
		}
		if !self.rng.one_in(4) {
			let mark = self.price_after(id);
			set_price(feed(id), mark, PriceState::Valid);
			let volatility = Volatility(self.rng.between(1, 200_000_000));
			world(|world| world.prices.get_mut(&feed(id)).expect("it has a price").volatility = volatility);
		}
	}

	/// Mostly within 2 %, one time in ten a jump of 20 to 90 %; often to where somebody's health ends, or about
	/// there; now and then by a hair or not at all.
	fn price_after(&mut self, id: MarketId) -> Price {
		let mark = market(id).mark;
		let parts = match self.rng.below(20) {
			0 | 1 => self.rng.between(200_000, 900_000),
			2 => return mark,
			3 => return Price(mark.0 + 1).clamp(Price::MIN, Price::MAX),
			4..=9 => {
				let end = self.end_of_health(id).filter(|end| end.0 > mark.0 / 4 && end.0 < mark.0 * 4);
				return end.unwrap_or(mark).clamp(Price::MIN, Price::MAX);
			}
			_ => self.rng.between(0, 20_000),
		};
		let step = mark.0 / 1_000_000 * u128::from(parts);
		let up = self.rng.one_in(2);
		let price = if up { mark.0 + step } else { mark.0.saturating_sub(step) };
		Price(price).clamp(Price::MIN, Price::MAX)
	}

	/// The price at which somebody's health is used up, the one before or after, or half a percent beyond.
	fn end_of_health(&mut self, id: MarketId) -> Option<Price> {
		let who = self.anybody();
		let now = &self.now;
		let account = now.account(who);
		let (_, position) = account.find(id)?;
		let market = now.market(id);
		let (mark, scale) = (market.mark, market.book.side(position.side).scale);
		let health = now.standing(&account).ok()?.health;
		let rate = now.rate(&position);
		let end = price_at_zero(health, position.side, position.units, scale, mark, rate).ok()??.0;
		let beyond = end.abs_diff(mark.0) / 200;
		Some(Price(match (self.rng.below(4), end < mark.0) {
			(0, _) => end,
			(1, _) => end.saturating_add(1),
			(2, _) => end.saturating_sub(1),
			(_, true) => end.saturating_sub(beyond),
			(_, false) => end.saturating_add(beyond),
		}))
	}

	fn anybody(&mut self) -> Who {
		self.who[self.rng.index(self.who.len())]
	}

	fn transaction(&mut self) {
		let who = self.anybody();
		match self.rng.below(12) {
			0 => {
				let amount = self.fortune();
				let _ = with_storage_layer(|| Margin::deposit(signed(who.owner), who.sub, amount));
			}
			1 | 2 => self.withdraw(who),
			3 => self.lose(who),
			4 => self.shrink(who),
			_ => self.trade(who),
		}
	}

	/// All that may leave, a unit less, a unit more, or half of it; to the owner or to another account of his.
	fn withdraw(&mut self, who: Who) {
		let Some(view) = Margin::account_view(who) else { return };
		let free = view.free_collateral.0;
		let amount = Quote([free, free + 1, free - 1, free / 2][self.rng.index(4)]);
		let away = self.rng.one_in(4);
		let left = with_storage_layer(|| {
			let (owner, sub) = (signed(who.owner), who.sub);
			let left = if away {
				Margin::withdraw(owner, sub, amount)
			} else {
				Margin::transfer(owner, sub, SubAccount(1 - sub.0.min(1)), amount)
			};
			left.map(|_| ()).map_err(|refused| refused.error)
		});
		self.count(if left.is_ok() { "withdrawn" } else { "withdrawal refused" });
	}

	/// Something is charged that the account can just bear, or just not.
	fn lose(&mut self, who: Who) {
		let health = self.now.standing(&self.now.account(who)).and_then(|standing| standing.health());
		let health = health.map_or(0, |health| health.0);
		let amount = [health, health - 1, health + 1, health / 2][self.rng.index(4)];
		self.charge(who, Quote(amount.max(0)));
	}

	/// A part of a position, all but a hair of it or all of it is closed against the whole other side.
	fn shrink(&mut self, who: Who) {
		// Who has not been judged since a loss was laid on him is judged first.
		if Margin::current(&who).is_err() || Margin::stored(&who).place != Place::Filed {
			return;
		}
		let account = Margin::stored(&who);
		let id = account.positions[self.rng.index(account.positions.len())].market;
		let Some((_, held)) = Now::load().size(&account, id) else { return };
		let size = match self.rng.below(4) {
			0 => held.0,
			1 => held.0 - 1,
			2 => held.0 - held.0 / 10_000_000,
			_ => held.0 / 10 * u128::from(self.rng.between(1, 9)),
		};
		if size > 0 {
			// What leaves the bounds is refused.
			self.deleverage(who, id, Size(size));
		}
	}

	/// Somebody buys what somebody else sells, at the mark or within half a percent of it.
	fn trade(&mut self, maker: Who) {
		let id = MarketId(self.rng.index(Margin::market_ids().count()) as u32);
		let taker = self.anybody();
		// Isolated accounts belong to a market each.
		let count = Margin::market_ids().count();
		let of = |who: Who| self.who.iter().position(|known| *known == who).map(|index| index % count);
		let apart = |who| self.shape == Shape::Isolated && of(who) != Some(id.0 as usize);
		if maker == taker || apart(maker) || apart(taker) {
			return;
		}
		let mark = market(id).mark.0;
		let price = match self.rng.below(3) {
			0 => Price(mark / 1_000 * u128::from(self.rng.between(995, 1_005))),
			_ => Price(mark),
		};
		let side = Side::BOTH[self.rng.index(2)];
		let reducing = self.rng.one_in(6);
		let Some(size) = self.size(id, maker, taker) else { return };
		let expires = System::block_number();
		let done = with_storage_layer(|| {
			let owner = signed(maker.owner);
			if reducing {
				Margin::offer_reduce(owner, maker.sub, id, size, price, expires, None)?;
			} else {
				Margin::offer_trade(owner, maker.sub, id, side, size, price, expires, None)?;
			}
			let offer = OfferIds::<Test>::get().next - 1;
			Margin::accept_trade(signed(taker.owner), offer, taker.sub)?;
			Ok::<_, DispatchError>(())
		});
		self.count(if done.is_ok() { "traded" } else { "trade refused" });
	}

	/// A hair, what one of the two has, twice that, or what his equity carries.
	fn size(&mut self, id: MarketId, maker: Who, taker: Who) -> Option<Size> {
		let who = if self.rng.one_in(2) { maker } else { taker };
		let now = &self.now;
		let account = now.account(who);
		let held = now.size(&account, id).map_or(Size::ZERO, |(_, size)| size);
		let equity = now.standing(&account).and_then(|standing| standing.equity()).ok()?.0.max(0);
		let carried = Quote(equity / 10 * i128::from(self.rng.between(1, 60)));
		let size = match self.rng.below(10) {
			0 => Size(self.rng.between(1, 1_000).into()),
			1 | 2 if !held.is_zero() => held,
			3 if !held.is_zero() => Size(held.0 * 2),
			4 if !held.is_zero() => Size(held.0 / 2),
			_ => size_worth(carried, now.market(id).mark).ok()?,
		};
		Some(size.min(SIZE_MAX))
	}

	/// Count what the chain has told in this block.
	fn listen(&mut self) {
		for record in System::read_events_no_consensus() {
			let RuntimeEvent::Margin(event) = record.event else { continue };
			self.count(match event {
				Event::GenerationEnded { closed_out: true, .. } => "side closed out",
				Event::GenerationEnded { closed_out: false, .. } => "side re-based",
				Event::PositionSettled { .. } => "position settled",
				Event::MarginCalled { .. } => "margin called",
				Event::FoundUnhealthy { .. } => "found unhealthy",
				Event::MarketQuarantined { .. } => "market quarantined",
				_ => continue,
			});
		}
	}
}
