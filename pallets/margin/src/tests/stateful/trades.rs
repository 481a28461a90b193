// SPDX-License-Identifier: Apache-2.0
//! What the rules say of trades: who may offer, and whether two may trade.

use super::{
	controls::Fault,
	model::{ensure, fits, Half, Model, Party, Refused},
};
use crate::{mock::*, *};
use frame_support::traits::Get;
use keel_math::units::{notional, share, Rounding};
use keel_primitives::*;
use keel_traits::MarketGate;
use std::collections::BTreeSet;

impl Model {
	/// Whether a market trades now, and in this way.
	pub fn trades(&self, id: MarketId, intent: Intent) -> Result<(), Refused> {
		ensure(
			matches!(Around::status(id), MarketStatus::Open | MarketStatus::Guarded),
			Refused::MarketHalted,
		)?;
		let state = self.observed(id).state;
		let closes = !matches!(state, PriceState::Stale | PriceState::Missing);
		let opens = state == PriceState::Valid;
		ensure(closes, Refused::PriceUnavailable)?;
		let stands_still = !self.is_live(id) && !self.is(Fault::StandstillIgnored);
		ensure(!stands_still || self.market(id).quarantined, Refused::MarkStandsStill)?;
		ensure(opens || intent == Intent::Reduce, Refused::PriceUnavailable)
	}

	/// The furthest from mark that a price may be.
	pub fn band(&self, id: MarketId) -> u128 {
		let market = self.market(id);
		market.mark.0 * u128::from(market.params.band.0) / 1_000_000_000
	}

	pub fn is_price(&self, id: MarketId, price: Price) -> Result<(), Refused> {
		ensure(price.in_bounds(), Refused::InvalidPrice)?;
		let market = self.market(id);
		ensure(price.0.is_multiple_of(market.params.tick.0), Refused::NotWholeTicks)?;
		let off = price.0.abs_diff(market.mark.0);
		let within = if self.is(Fault::BandExclusive) { off < self.band(id) } else { off <= self.band(id) };
		ensure(within, Refused::OutsideBand)
	}

	/// A reduction with priority is worth something, or closes whole.
	fn is_worth_priority(&self, id: MarketId, size: Size, whole: bool) -> Result<(), Refused> {
		let worth = fits(notional(size, self.market(id).mark))?;
		ensure(whole || worth >= <Test as Config>::MinReduction::get(), Refused::AmountTooSmall)
	}

	/// Whether `maker` may offer this.
	pub fn may_offer(&self, terms: &OfferOf<Test>, maker: &Party) -> Result<(), Refused> {
		let id = terms.market;
		let now = System::block_number();
		let life: u64 = <Test as Config>::MaxOfferLife::get();
		ensure(terms.expires >= now && terms.expires <= now + life, Refused::InvalidExpiry)?;
		ensure(!terms.size.is_zero(), Refused::ZeroSize)?;
		self.trades(id, terms.intent)?;
		self.is_price(id, terms.price)?;
		ensure(maker.account.place != Place::Queued, Refused::InLiquidation)?;
		let opposite = self.held(&maker.account, id).filter(|(side, _)| *side != terms.side);
		let most = opposite.map_or(Size::ZERO, |(_, size)| size);
		let whole = most == terms.size;
		self.are_lots(id, terms.size, whole)?;
		if terms.intent == Intent::Reduce {
			ensure(terms.size <= most, Refused::NotReducing)?;
			self.is_worth_priority(id, terms.size, whole)?;
		}
		self.is_covered(terms, &maker.account)?;
		ensure(maker.account.offers < <Test as Config>::MaxOffers::get(), Refused::TooManyOffers)
	}

	fn are_lots(&self, id: MarketId, size: Size, whole: bool) -> Result<(), Refused> {
		ensure(whole || size.0.is_multiple_of(self.market(id).params.lot.0), Refused::NotWholeLots)
	}

	/// What an offer opens could be honoured at mark, when what is held there already is freed.
	fn is_covered(&self, terms: &OfferOf<Test>, account: &Account<Test>) -> Result<(), Refused> {
		let (id, market) = (terms.market, self.market(terms.market));
		let held = self.held(account, id);
		let opposite = held.filter(|(side, _)| *side != terms.side).map_or(0, |(_, size)| size.0);
		let opened = Size(terms.size.0 - opposite.min(terms.size.0));
		if opened.is_zero() {
			return Ok(());
		}
		let kept = held.filter(|(side, _)| *side == terms.side).map_or(0, |(_, size)| size.0);
		let after = Size(opened.0.checked_add(kept).ok_or(Refused::Overflow)?);
		let worth = fits(notional(after, market.mark))?;
		let lines = market.params.tiers.as_slice();
		let line = lines.iter().find(|line| worth <= line.up_to).ok_or(Refused::PositionTooLarge)?;
		self.is_alone(account, Some(id))?;
		let rates = self.rates(account, id, line.initial, worth, opened)?;
		let asked = fits(share(worth, rates.largest(), Rounding::Up))?;
		let freed = match (held, account.find(id)) {
			(Some((_, size)), Some((_, position))) => {
				let rate = self.rates_of(account, &position).largest();
				fits(share(fits(notional(size, market.mark))?, rate, Rounding::Down))?
			}
			_ => Quote::ZERO,
		};
		ensure(self.surplus(account, Requirement::Initial) + freed.0 >= asked.0, Refused::InsufficientMargin)
	}

	/// Both sides of a trade: how the two accounts are afterwards, or why not.
	pub fn pair(
		&self,
		terms: &OfferOf<Test>,
		maker: &Party,
		taker: &Party,
		intent: Intent,
	) -> Result<[Account<Test>; 2], Refused> {
		let mut after = self.clone();
		let (mut gives, mut takes) = (maker.account.clone(), taker.account.clone());
		let (side, other) = (terms.side, terms.side.opposite());
		let first = after.half(maker, &mut gives, terms, side, terms.intent)?;
		let second = after.half(taker, &mut takes, terms, other, intent)?;
		after.may_have_traded(&gives, terms, side, &first)?;
		after.may_have_traded(&takes, terms, other, &second)?;
		after.may_trade_together(terms, &first.fill, &second.fill)?;
		let both_open = !first.fill.opened.is_zero() && !second.fill.opened.is_zero();
		let washes = both_open && maker.who.owner == taker.who.owner;
		ensure(!washes || self.is(Fault::WashingAllowed), Refused::SelfTrade)?;
		Ok([gives, takes])
	}

	/// One side alone, against somebody who neither opens nor closes: what a preview answers.
	pub fn alone(&self, terms: &OfferOf<Test>, party: &Party) -> Result<Account<Test>, Refused> {
		ensure(!terms.size.is_zero(), Refused::ZeroSize)?;
		self.trades(terms.market, Intent::Reduce)?;
		self.is_price(terms.market, terms.price)?;
		let mut after = self.clone();
		let mut account = party.account.clone();
		let half = after.half(party, &mut account, terms, terms.side, Intent::Trade)?;
		after.may_have_traded(&account, terms, terms.side, &half)?;
		after.may_trade_together(terms, &half.fill, &Fill::default())?;
		Ok(account)
	}

	fn half(
		&mut self,
		party: &Party,
		account: &mut Account<Test>,
		terms: &OfferOf<Test>,
		side: Side,
		intent: Intent,
	) -> Result<Half, Refused> {
		let id = terms.market;
		ensure(!party.queued, Refused::InLiquidation)?;
		let whole = self.held(account, id).is_some_and(|(held, size)| held != side && size == terms.size);
		let before = self.standing(account);
		let fill = self.fill(account, id, side, terms.size, terms.price)?;
		if intent == Intent::Reduce {
			ensure(fill.reduces(), Refused::NotReducing)?;
			self.is_worth_priority(id, terms.size, whole)?;
		}
		if !fill.opened.is_zero() {
			self.are_lots(id, terms.size, false)?;
			ensure(!self.may_have_to_pay(id, side), Refused::LossesPending)?;
		}
		if let Some((_, size)) = self.held(account, id) {
			let market = self.market(id);
			let worth = fits(notional(size, market.mark))?;
			let least =
				if self.is(Fault::MinPositionIgnored) { Quote(1) } else { market.params.min_position };
			ensure(worth >= least, Refused::PositionTooSmall)?;
		}
		if !fill.opened.is_zero() {
			self.is_alone(account, None)?;
		}
		Ok(Half { before, fill })
	}

	/// With a position in another market too, none is in an isolated one.
	pub fn is_alone(&self, account: &Account<Test>, too: Option<MarketId>) -> Result<(), Refused> {
		let markets: BTreeSet<MarketId> =
			account.positions.iter().map(|position| position.market).chain(too).collect();
		let isolated = markets.iter().any(|id| self.market(*id).params.isolated);
		ensure(markets.len() < 2 || !isolated || self.is(Fault::IsolationIgnored), Refused::IsolatedMarket)
	}

	/// Afterwards an account meets initial margin, and what it gave away against mark is a withdrawal; or it has only
	/// reduced and is no worse.
	fn may_have_traded(
		&self,
		account: &Account<Test>,
		terms: &OfferOf<Test>,
		side: Side,
		half: &Half,
	) -> Result<(), Refused> {
		let after = self.standing(account);
		let reduces = half.fill.reduces();
		let is_no_worse = reduces && fits(after.is_no_worse_than(&half.before))?;
		let is_covered = !reduces || !after.equity.is_negative();
		let meets_initial = self.surplus(account, Requirement::Initial) >= 0;
		ensure((meets_initial || is_no_worse) && is_covered, Refused::InsufficientMargin)?;
		let mark = self.market(terms.market).mark;
		let gives_away = match side {
			Side::Long => terms.price > mark,
			Side::Short => terms.price < mark,
		};
		if gives_away && meets_initial && !self.is(Fault::GiftsAllowed) {
			ensure(self.money_may_leave(account), Refused::PriceUnavailable)?;
			let free = self.surplus(account, Requirement::Withdrawal);
			ensure(free >= 0, Refused::InsufficientFreeCollateral)?;
		}
		Ok(())
	}

	fn may_trade_together(&self, terms: &OfferOf<Test>, first: &Fill, second: &Fill) -> Result<(), Refused> {
		let (id, market) = (terms.market, self.market(terms.market));
		let opens = !first.opened.is_zero() || !second.opened.is_zero();
		let reduces = first.reduces() || second.reduces();
		if opens {
			ensure(self.observed(id).state == PriceState::Valid, Refused::PriceUnavailable)?;
			ensure(Around::status(id) == MarketStatus::Open || reduces, Refused::ReducingOnly)?;
			let is_let = market.book.debt.is_zero() || reduces;
			ensure(is_let && !market.quarantined, Refused::MarketUnsound)?;
		}
		let most = Self::open_interest_limit(market);
		ensure(reduces || Self::open_size(market) <= most, Refused::OpenInterestLimit)
	}

	/// The most that may be open on a side now.
	pub fn open_interest_limit(market: &Market) -> Size {
		Size(market.params.max_open_interest.0 * Self::grown(market) / 1_000_000_000)
	}
}
