// SPDX-License-Identifier: Apache-2.0
//! Trades that lie at a limit: of margin, of size, of price, of number.

use super::{
	choose::{guard, Choice, Plan},
	command::Command,
	model::{accounts, Model, Party, Refused, Who},
	path::{Path, OWNERS},
	predict::party,
	tally::{At, Edge},
};
use crate::{mock::*, *};
use frame_support::traits::Get;
use keel_math::margin::size_worth;
use keel_primitives::*;

/// The most lots that go, at least `least`, and why one more does not. None when `least` does not.
fn most_lots(goes: impl Fn(u128) -> Result<(), Refused>, least: u128) -> Option<(u128, Refused)> {
	goes(least).ok()?;
	let (mut possible, mut impossible) = (least, least.max(1) * 2);
	let mut refused = loop {
		match goes(impossible) {
			Ok(()) if impossible > 1 << 100 => return None,
			Ok(()) => (possible, impossible) = (impossible, impossible * 2),
			Err(refused) => break refused,
		}
	};
	while impossible - possible > 1 {
		let middle = possible + (impossible - possible) / 2;
		match goes(middle) {
			Ok(()) => possible = middle,
			Err(other) => (impossible, refused) = (middle, other),
		}
	}
	Some((possible, refused))
}

impl Path {
	/// A price for a trade: mark, anything in the band, or where the band ends.
	pub fn price(&mut self, id: MarketId) -> (Price, Option<Edge>) {
		let model = Model::now(None);
		let (mark, band, tick) = (model.market(id).mark.0, model.band(id), model.market(id).params.tick.0);
		let at = match self.rng.below(24) {
			0 => At::Limit,
			1 => At::Beyond,
			2 => At::Within,
			3 if self.rng.one_in(4) => {
				let odd = [0, mark / tick * tick + 1, Price::MAX.0 + 1];
				return (Price(odd[self.rng.index(3)]), None);
			}
			4..10 => At::Any,
			_ => return (Price(mark / tick * tick), None),
		};
		let is_up = self.rng.one_in(2);
		let last = if is_up { (mark + band) / tick * tick } else { (mark - band).div_ceil(tick) * tick };
		let out = |price: u128| if is_up { price + tick } else { price.saturating_sub(tick) };
		let inwards = |price: u128| if is_up { price.saturating_sub(tick) } else { price + tick };
		let price = match at {
			At::Limit => last,
			At::Beyond => out(last),
			At::Within => inwards(last),
			_ => {
				mark.abs_diff(last) / 16 * u128::from(self.rng.below(16)) / tick * tick
					+ mark.min(last) / tick * tick
			}
		};
		(Price(price), Some(Edge { guard: "OutsideBand", at }))
	}

	fn expiry(&mut self) -> (u64, Option<Edge>) {
		let (now, life): (u64, u64) = (System::block_number(), <Test as Config>::MaxOfferLife::get());
		let edge = |at| Some(Edge { guard: "InvalidExpiry", at });
		match self.rng.below(80) {
			0 => (now, edge(At::Limit)),
			1 => (now - 1, edge(At::Beyond)),
			2 => (now + life, edge(At::Limit)),
			3 => (now + life + 1, edge(At::Beyond)),
			_ => (now + self.rng.below(8), None),
		}
	}

	/// Terms without a size.
	fn terms(
		&mut self,
		maker: Who,
		market: MarketId,
		side: Side,
		intent: Intent,
	) -> (OfferOf<Test>, Option<Edge>) {
		let (price, by_price) = self.price(market);
		let (expires, by_expiry) = self.expiry();
		let taker = if self.rng.one_in(20) { Some(self.owner()) } else { None };
		let terms =
			Offer { maker, market, side, size: Size::ZERO, price, expires, taker, intent, by_key: false };
		(terms, by_expiry.or(by_price))
	}

	/// Somebody who is not that one, mostly with money.
	fn other(&mut self, than: Who) -> Option<Who> {
		let list: Vec<Who> = accounts().into_keys().filter(|who| *who != than).collect();
		if self.rng.one_in(8) {
			return Some(Who::new(self.owner(), SubAccount(2))).filter(|who| *who != than);
		}
		self.one_of(&list)
	}

	/// An account that trades, and in which market: sometimes the one with most positions, in one more.
	fn trader(&mut self) -> Option<(Who, MarketId)> {
		let all = accounts();
		if self.rng.one_in(4) {
			let healthy = all.iter().filter(|(_, account)| account.place != Place::Queued);
			let (who, account) = healthy.max_by_key(|(_, account)| account.positions.len())?;
			let free: Vec<_> =
				Margin::markets().into_iter().filter(|id| account.find(*id).is_none()).collect();
			return Some((*who, self.one_of(&free)?));
		}
		let list: Vec<Who> = all.into_keys().collect();
		Some((self.one_of(&list)?, self.any_market()))
	}

	/// Lots that are worth at least so much, and what is held on the other side.
	fn least_lots(model: &Model, id: MarketId, worth: Quote) -> u128 {
		let market = model.market(id);
		let size = size_worth(worth, market.mark).unwrap_or(Size::ONE);
		size.0.div_ceil(market.params.lot.0).max(1)
	}

	/// A size next to the most lots that go.
	fn lots_near(&mut self, most: u128, at: At) -> u128 {
		match at {
			At::Limit => most,
			At::Beyond => most + 1,
			At::Within => most.saturating_sub(1),
			At::Half => most / 2,
			At::One => 1,
			At::Zero => 0,
			At::Most => u128::MAX >> 32,
			At::Any => most / 1_000 * u128::from(self.rng.between(1, 1_100)) + 1,
		}
	}

	/// An offer and who takes it, of a size that both just have the margin for, or a lot more.
	pub fn trade(&mut self) -> Option<Choice> {
		let (maker, id) = self.trader()?;
		let other = self.other(maker)?;
		let side = Side::BOTH[self.rng.index(2)];
		let (mut terms, edge) = self.terms(maker, id, side, Intent::Trade);
		if self.rng.one_in(2) {
			terms.taker = Some(other.owner);
		}
		let (model, [gives, takes]) = Model::of([maker, other], None);
		let lot = model.market(id).params.lot.0;
		let min = model.market(id).params.min_position;
		let opposite = |party: &Party, does: Side| {
			model.held(&party.account, id).filter(|(side, _)| *side != does).map_or(0, |(_, size)| size.0)
		};
		let held = opposite(&gives, side).max(opposite(&takes, side.opposite()));
		let least = Self::least_lots(&model, id, min);
		let sized = |lots: u128| OfferOf::<Test> { size: Size(lots.saturating_mul(lot)), ..terms.clone() };
		let (size, edge) = match self.rng.below(10) {
			// A price or a time at its limit is met with a size that goes.
			_ if edge.is_some() => (Size((least + held / lot) * lot), edge),
			0..5 => {
				let goes = |lots| {
					let terms = sized(lots);
					model.may_offer(&terms, &gives)?;
					model.pair(&terms, &gives, &takes, Intent::Trade).map(|_| ())
				};
				let at = self.at();
				match most_lots(goes, least + held.div_ceil(lot)) {
					Some((most, refused)) => {
						let lots = self.lots_near(most, at);
						(sized(lots).size, Some(Edge { guard: guard(&refused), at }))
					}
					None => (sized(least).size, None),
				}
			}
			5 => {
				let at = self.at();
				let lots = self.near_least(least as i128, at).clamp(0, 1 << 90) as u128;
				(sized(lots).size, Some(Edge { guard: "PositionTooSmall", at }))
			}
			6 if held > 0 => self.around_whole(held, least * lot, lot),
			7 => {
				let at = if self.rng.one_in(2) { At::Beyond } else { At::Zero };
				let size = if at == At::Zero { 0 } else { least * lot + 1 };
				(Size(size), Some(Edge { guard: "NotWholeLots", at }))
			}
			// Of all magnitudes, so that some positions are next to nothing beside others.
			_ => (sized(least * self.rng.magnitude(0, 7)).size, None),
		};
		terms.size = size;
		self.plan_to_accept(&terms, other, edge);
		Some(Choice { command: Command::Offer { terms }, edge, target: None })
	}

	/// Sizes around a whole position: what closes it, what leaves too little of it or just enough, what turns it
	/// by a lot.
	fn around_whole(&mut self, held: u128, least: u128, lot: u128) -> (Size, Option<Edge>) {
		let edge = |at| Some(Edge { guard: "PositionTooSmall", at });
		let rest = held.saturating_sub(least) / lot * lot;
		match self.rng.below(4) {
			0 => (Size(held), edge(At::Limit)),
			1 => (Size(rest), edge(At::Limit)),
			2 => (Size(rest + lot), edge(At::Beyond)),
			_ => (Size((held / lot + 1) * lot), edge(At::Beyond)),
		}
	}

	fn plan_to_accept(&mut self, terms: &OfferOf<Test>, who: Who, edge: Option<Edge>) {
		let intent = if self.rng.one_in(3) { Intent::Reduce } else { Intent::Trade };
		let reduces =
			Margin::stored(&who).find(terms.market).is_some_and(|(_, position)| position.side == terms.side);
		let intent = if reduces || self.rng.one_in(20) { intent } else { Intent::Trade };
		let offer = OfferIds::<Test>::get().next;
		self.plans.push_back(Plan::Accept { who, offer, intent, edge });
	}

	/// An offer of a size that its maker just has the margin for, or a lot more; sometimes as many of them as
	/// there may be.
	pub fn offer(&mut self) -> Option<Choice> {
		let (maker, id) = self.trader()?;
		let side = Side::BOTH[self.rng.index(2)];
		let (mut terms, _) = self.terms(maker, id, side, Intent::Trade);
		terms.market = if self.rng.one_in(30) { MarketId(9) } else { id };
		let (model, party) = party(maker, None);
		let lot = model.market(id).params.lot.0;
		if self.rng.one_in(5) {
			terms.size = Size(Self::least_lots(&model, id, model.market(id).params.min_position) * lot);
			self.plans.extend((0..3).map(|_| Plan::Offer(terms.clone())));
			let most: u32 = <Test as Config>::MaxOffers::get();
			let at = if party.account.offers + 1 == most { At::Limit } else { At::Any };
			return Choice::at(Command::Offer { terms }, "TooManyOffers", at);
		}
		let goes = |lots: u128| {
			let terms = OfferOf::<Test> { size: Size(lots.saturating_mul(lot)), market: id, ..terms.clone() };
			model.may_offer(&terms, &party)
		};
		let (most, refused) = most_lots(goes, 1)?;
		let at = self.at();
		terms.size = Size(self.lots_near(most, at).saturating_mul(lot));
		Choice::at(Command::Offer { terms }, guard(&refused), at)
	}

	/// A reduction with priority: of all, of more than all, of the least.
	pub fn reduce(&mut self) -> Option<Choice> {
		let maker = self.holder()?;
		let (model, party) = party(maker, None);
		let id = self.one_of(&party.account.positions)?.market;
		let (side, held) = model.held(&party.account, id)?;
		let (mut terms, edge) = self.terms(maker, id, side.opposite(), Intent::Reduce);
		let market = model.market(id);
		let lot = market.params.lot.0;
		let least = Self::least_lots(&model, id, <Test as Config>::MinReduction::get());
		let (size, edge) = match self.rng.below(8) {
			_ if edge.is_some() => (held, edge),
			0 => (held, Some(Edge { guard: "NotReducing", at: At::Limit })),
			1 => (Size((held.0 / lot + 1) * lot), Some(Edge { guard: "NotReducing", at: At::Beyond })),
			2 | 3 => {
				let at = self.at();
				let lots = self.near_least(least as i128, at).clamp(0, 1 << 90) as u128;
				(Size(lots * lot), Some(Edge { guard: "AmountTooSmall", at }))
			}
			4 => (Size(held.0 / 2 / lot * lot), None),
			5 => (Size(held.0 / 2 / lot * lot + 1), None),
			_ => {
				self.around_whole(held.0, Self::least_lots(&model, id, market.params.min_position) * lot, lot)
			}
		};
		terms.size = size;
		// Somebody who reduces by it too, if there is one.
		let opposite: Vec<Who> = accounts()
			.into_iter()
			.filter(|(who, account)| {
				*who != maker && account.find(id).is_some_and(|(_, position)| position.side != side)
			})
			.map(|(who, _)| who)
			.collect();
		let other = if self.rng.one_in(3) { self.other(maker) } else { self.one_of(&opposite) };
		self.plan_to_accept(&terms, other.unwrap_or(Who::main(OWNERS[0])), edge);
		Some(Choice { command: Command::Offer { terms }, edge, target: None })
	}

	/// Any offer that is there, or one that is not, taken by anybody.
	pub fn accept(&mut self) -> Option<Choice> {
		let offers: Vec<u64> = Offers::<Test>::iter_keys().collect();
		let offer = self.one_of(&offers).unwrap_or(OfferIds::<Test>::get().next);
		let maker = Offers::<Test>::get(offer).map(|terms| terms.maker);
		let who = match maker {
			Some(maker) if self.rng.one_in(8) => maker,
			_ => self.who(),
		};
		let intent = if self.rng.one_in(4) { Intent::Reduce } else { Intent::Trade };
		Choice::plain(Command::Accept { who, offer, intent })
	}
}
