// SPDX-License-Identifier: Apache-2.0
//! What an order book asks of the same accounts.
//!
//! A fill is allowed when its account meets initial margin afterwards, or only reduces and does not owe. An open
//! order reserves the initial margin of what its worse side would add at mark.

use crate::{
	margin::{value, Account, Book, Books, Margin, Marks},
	AccountId,
};
use codec::{Decode, Encode};
use frame_support::{pallet_prelude::*, storage_alias, traits::Get};
use keel_primitives::{MarketId, MarketStatus, Price, Quote, Ratio, Side, Size};
use keel_traits::{Clearing, Intent, Match, OpenOrders, Priority, Terms, Unfilled};

/// What a market asks of orders, if it was set.
#[derive(Clone, Copy, Debug, Encode, Decode, TypeInfo)]
pub struct Rules {
	/// Prices are multiples of this.
	pub tick: Price,
	/// Sizes are multiples of this.
	pub lot: Size,
	/// How far from mark a price may be.
	pub band: Ratio,
	/// The least notional of an order.
	pub least: Quote,
	/// The most positions and markets with orders of an account.
	pub exposures: u32,
}

impl Default for Rules {
	fn default() -> Self {
		Self {
			tick: Price(Price::ONE.0 / 100),
			lot: Size(1_000_000),
			band: Ratio::percent(4),
			least: Quote::dollars(10),
			exposures: 8,
		}
	}
}

#[storage_alias]
type MarketRules = StorageValue<MockMargin, Rules, ValueQuery>;
#[storage_alias]
type Statuses = StorageMap<MockMargin, Twox64Concat, MarketId, MarketStatus, ValueQuery>;
#[storage_alias]
type InLiquidation = StorageMap<MockMargin, Twox64Concat, Account, (), OptionQuery>;
#[storage_alias]
type MayNotOpen = StorageMap<MockMargin, Twox64Concat, MarketId, (), OptionQuery>;
#[storage_alias]
type Urgent = StorageMap<MockMargin, Twox64Concat, (AccountId, bool), u64, OptionQuery>;
#[storage_alias]
type Owed = StorageMap<MockMargin, Twox64Concat, MarketId, Quote, ValueQuery>;

impl Margin {
	/// Set what all markets ask.
	pub fn set_rules(rules: Rules) {
		MarketRules::put(rules);
	}

	/// Set what a market may do.
	pub fn set_status(market: MarketId, status: MarketStatus) {
		Statuses::insert(market, status);
	}

	/// Put an account into liquidation.
	pub fn queue(account: Account) {
		InLiquidation::insert(account, ());
	}

	/// Refuse whatever would open, as if open interest had reached its limit.
	pub fn refuse_opening(market: MarketId, refuse: bool) {
		if refuse {
			MayNotOpen::insert(market, ());
		} else {
			MayNotOpen::remove(market);
		}
	}

	/// The position of an account.
	pub fn position(account: Account, market: MarketId) -> Option<(Side, Size)> {
		Books::get(account).held(market)
	}

	/// Let a market owe.
	pub fn set_owed(market: MarketId, amount: Quote) {
		Owed::insert(market, amount);
	}
}

/// The account of a taker.
pub struct Ticket {
	who: Account,
	market: MarketId,
	side: Side,
	intent: Intent,
	book: Book,
	has_opened: bool,
	has_filled: bool,
}

/// What a fill did.
struct Done {
	opened: Size,
}

impl Book {
	fn held(&self, market: MarketId) -> Option<(Side, Size)> {
		self.positions.iter().find(|p| p.market == market).map(|p| (p.side, p.size))
	}

	fn trade(
		&mut self,
		market: MarketId,
		side: Side,
		size: Size,
		price: Price,
	) -> Result<Done, DispatchError> {
		let closed = self
			.held(market)
			.filter(|(held, _)| *held != side)
			.map_or(Size::ZERO, |(_, held)| held.min(size));
		if !closed.is_zero() {
			self.close(market, closed, price)?;
		}
		let opened = Size(size.0 - closed.0);
		if !opened.is_zero() {
			self.open(market, side, opened, price);
		}
		Ok(Done { opened })
	}

	fn may_have_filled(&self, has_opened: bool) -> bool {
		self.meets_initial_margin() || (!has_opened && self.judge().equity.0 >= 0)
	}

	/// Ten percent of what the worse side of the orders would add.
	fn reserved(&self, orders: &[OpenOrders]) -> i128 {
		let added = |open: &OpenOrders| {
			let held = match self.held(open.market) {
				Some((Side::Long, size)) => size.0 as i128,
				Some((Side::Short, size)) => -(size.0 as i128),
				None => 0,
			};
			let worse = (held + open.buys.0 as i128).abs().max((held - open.sells.0 as i128).abs());
			let more = (worse - held.abs()).max(0) as u128;
			value(Size(more), Marks::get(open.market)).div_euclid(10) + 1
		};
		orders.iter().map(added).sum()
	}
}

impl Clearing<AccountId> for Margin {
	type Ticket = Ticket;

	fn has_market(market: MarketId) -> bool {
		Marks::contains_key(market)
	}

	fn terms(market: MarketId, intent: Intent) -> Result<Terms, DispatchError> {
		let status = Statuses::get(market);
		ensure!(Marks::contains_key(market), "unknown market");
		ensure!(status.accepts_orders(), "halted");
		ensure!(intent == Intent::Reduce || status.accepts_opening_orders(), "reducing only");
		let (mark, rules) = (Marks::get(market), MarketRules::get());
		let band = mark.0 * u128::from(rules.band.0) / u128::from(Ratio::ONE.0);
		Ok(Terms {
			mark,
			tick: rules.tick,
			lot: rules.lot,
			lowest: Price(mark.0 - band),
			highest: Price(mark.0 + band),
			least: rules.least,
			matches: status.matches_orders(),
		})
	}

	fn held(account: &Account, market: MarketId) -> Result<Option<(Side, Size)>, DispatchError> {
		ensure!(!InLiquidation::contains_key(account), "in liquidation");
		Ok(Books::get(account).held(market))
	}

	fn ensure_backed(account: &Account, orders: &[OpenOrders]) -> Result<(), DispatchError> {
		ensure!(!InLiquidation::contains_key(account), "in liquidation");
		let book = Books::get(account);
		let new = orders.iter().filter(|open| book.held(open.market).is_none()).count();
		ensure!(book.positions.len() + new <= MarketRules::get().exposures as usize, "too many positions");
		let judgement = book.judge();
		let free = judgement.equity.0 - judgement.requirement.0 * 2;
		ensure!(free >= book.reserved(orders), "the account lacks margin");
		Ok(())
	}

	fn open(taker: &Account, market: MarketId, side: Side, intent: Intent) -> Result<Ticket, DispatchError> {
		ensure!(!InLiquidation::contains_key(taker), "in liquidation");
		let book = Books::get(taker);
		Ok(Ticket { who: *taker, market, side, intent, book, has_opened: false, has_filled: false })
	}

	fn fill(ticket: &mut Ticket, with: &Match<AccountId>) -> Result<(), Unfilled> {
		let mut taker = ticket.book.clone();
		let taken =
			taker.trade(ticket.market, ticket.side, with.size, with.price).map_err(Unfilled::Taker)?;
		taker.cash -= with.taker_fee.0;
		if ticket.intent == Intent::Reduce && !taken.opened.is_zero() {
			return Err(Unfilled::Taker(DispatchError::Other("not reducing")));
		}
		let stop = |refused: bool, why| {
			if refused {
				Err(Unfilled::Market(DispatchError::Other(why)))
			} else {
				Ok(())
			}
		};
		let fault = |why| Unfilled::Maker(DispatchError::Other(why));
		if InLiquidation::contains_key(with.maker) {
			return Err(fault("in liquidation"));
		}
		let mut maker = Books::get(with.maker);
		let made = maker
			.trade(ticket.market, ticket.side.opposite(), with.size, with.price)
			.map_err(Unfilled::Maker)?;
		maker.cash -= with.maker_fee.0;
		if (with.intent == Intent::Reduce && !made.opened.is_zero())
			|| !maker.may_have_filled(!made.opened.is_zero())
		{
			return Err(fault("the maker lacks margin"));
		}
		let opens = !taken.opened.is_zero() && !made.opened.is_zero();
		stop(opens && MayNotOpen::contains_key(ticket.market), "open interest")?;
		stop(opens && !Statuses::get(ticket.market).accepts_new_risk(), "reducing only")?;
		Books::insert(with.maker, maker);
		ticket.book = taker;
		ticket.has_opened |= !taken.opened.is_zero();
		ticket.has_filled = true;
		Ok(())
	}

	fn close(ticket: Ticket) -> Result<(), DispatchError> {
		let may = !ticket.has_filled || ticket.book.may_have_filled(ticket.has_opened);
		ensure!(may, "the taker lacks margin");
		Books::insert(ticket.who, ticket.book);
		Ok(())
	}

	fn repay(market: MarketId, amount: Quote) -> Quote {
		Owed::mutate(market, |owed| {
			let paid = amount.min(*owed);
			owed.0 -= paid.0;
			paid
		})
	}
}

/// Once in a time of the clock each.
impl Priority<AccountId> for Margin {
	fn note_reduction(owner: &AccountId) -> Result<(), DispatchError> {
		note(*owner, true)
	}

	fn note_cancel(owner: &AccountId) -> Result<(), DispatchError> {
		note(*owner, false)
	}
}

fn note(owner: AccountId, reduction: bool) -> Result<(), DispatchError> {
	let now = crate::Clock::get();
	ensure!(Urgent::get((owner, reduction)) != Some(now), "once a block");
	Urgent::insert((owner, reduction), now);
	Ok(())
}
