// SPDX-License-Identifier: Apache-2.0
//! Margin accounts as the waterfall sees them, without a trigger book.
//!
//! Whatever market has a mark is listed. Positions face an anonymous opposite side that is always large enough. Maintenance is 5 %, initial
//! margin 10 % of notional in every market. Opening at `x` pays `size * x` out of cash (a short is paid),
//! closing gives it back at the closing price, so equity is cash plus the value of positions.

use crate::AccountId;
use codec::{Decode, Encode};
use frame_support::{pallet_prelude::*, storage_alias};
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Ratio, Side, Size};
use keel_traits::{Closed, Custody as _, Deficit, Exposure, Judgement, Liquidatable};

pub(crate) type Account = MarginAccount<AccountId>;

/// Requirement by notional.
const MAINTENANCE: Ratio = Ratio::percent(5);
const INITIAL: Ratio = Ratio::percent(10);

const LEAST_DEPOSIT: Quote = Quote::dollars(1);

/// Size times price has 9 + 18 decimals, a quote has 6.
const QUOTE_PER_PRODUCT: i128 = 1_000_000_000_000_000_000_000;

#[derive(Clone, Encode, Decode, TypeInfo)]
pub(crate) struct Position {
	pub(crate) market: MarketId,
	pub(crate) side: Side,
	pub(crate) size: Size,
	/// What the open size was opened for.
	entry: Quote,
}

#[derive(Clone, Default, Encode, Decode, TypeInfo)]
pub(crate) struct Book {
	pub(crate) cash: i128,
	pub(crate) positions: Vec<Position>,
	/// What a bankrupt account lost by closing and others have not paid for, by market and side: profits are
	/// negative.
	lost: Vec<(MarketId, Side, i128)>,
}

#[storage_alias]
pub(crate) type Books = StorageMap<MockMargin, Twox64Concat, Account, Book, ValueQuery>;
#[storage_alias]
pub(crate) type Marks = StorageMap<MockMargin, Twox64Concat, MarketId, Price, ValueQuery>;
#[storage_alias]
type Halted = StorageMap<MockMargin, Twox64Concat, MarketId, (), OptionQuery>;
/// The least notional of a position.
#[storage_alias]
type LeastPositions = StorageMap<MockMargin, Twox64Concat, MarketId, Quote, ValueQuery>;
/// What a side can bear; without an entry it can bear everything.
#[storage_alias]
type Capacity = StorageMap<MockMargin, Twox64Concat, (MarketId, Side), Quote, OptionQuery>;
/// What all fees of a liquidation may take; without an entry as much as parameters may say.
#[storage_alias]
type WorstFee = StorageValue<MockMargin, Ratio, OptionQuery>;
/// Markets that are dead and settled.
#[storage_alias]
type Settling = StorageMap<MockMargin, Twox64Concat, MarketId, (), OptionQuery>;
/// What sides have borne, and what is left as the market's debt.
#[storage_alias]
type Borne = StorageMap<MockMargin, Twox64Concat, (MarketId, Side), Quote, ValueQuery>;
#[storage_alias]
type Debts = StorageMap<MockMargin, Twox64Concat, MarketId, Quote, ValueQuery>;
/// What was given back to a side that has not borne as much.
#[storage_alias]
type Unclaimed = StorageMap<MockMargin, Twox64Concat, MarketId, Quote, ValueQuery>;
#[storage_alias]
type Waiting = StorageMap<MockMargin, Twox64Concat, (MarketId, Side), (), OptionQuery>;
#[storage_alias]
type Faults = StorageMap<MockMargin, Twox64Concat, Fault, (), OptionQuery>;

/// A way in which margin can be wrong: for negative controls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum Fault {
	/// A credit arrives one unit short.
	CreditLosesAUnit,
	/// Deficits add up to one unit less than the debt.
	DeficitsMissAUnit,
	/// The backstop takes nothing.
	BackstopRefuses,
	/// Positions of this owner cannot be closed.
	CannotClose(AccountId),
}

/// Margin accounts without a trigger book.
pub struct Margin;

impl Margin {
	/// Set the mark price.
	pub fn set_mark(market: MarketId, price: Price) {
		Marks::insert(market, price);
	}

	/// The least notional that a position in `market` may have.
	pub fn set_least(market: MarketId, least: Quote) {
		LeastPositions::insert(market, least);
	}

	/// What all fees of a liquidation may take.
	pub fn set_worst_fee(share: Ratio) {
		WorstFee::put(share);
	}

	/// `market` is dead, and settled at its mark.
	pub fn settle_at_mark(market: MarketId) {
		Settling::insert(market, ());
	}

	/// Halt `market`: nothing is liquidated there. Its mark stays.
	pub fn halt(market: MarketId) {
		Halted::insert(market, ());
	}

	/// Open `market` again.
	pub fn resume(market: MarketId) {
		Halted::remove(market);
	}

	/// Bound what a side of a market can bear.
	pub fn set_capacity(market: MarketId, side: Side, capacity: Quote) {
		Capacity::insert((market, side), capacity);
	}

	/// Be wrong from now on.
	pub fn inject(fault: Fault) {
		Faults::insert(fault, ());
	}

	/// Stop being wrong in this way.
	pub fn heal(fault: Fault) {
		Faults::remove(fault);
	}

	/// Add cash to an account.
	pub fn deposit(account: Account, amount: Quote) {
		Books::mutate(account, |book| book.cash += amount.0);
	}

	/// Open a position at the mark, without judging.
	pub fn open(account: Account, market: MarketId, side: Side, size: Size) {
		let mark = Marks::get(market);
		Books::mutate(account, |book| book.open(market, side, size, mark));
	}

	/// The cash of an account, negative when it owes.
	pub fn cash(account: Account) -> Quote {
		Quote(Books::get(account).cash)
	}

	/// Cash and the value of positions.
	pub fn equity(account: Account) -> Quote {
		Books::get(account).judge().equity
	}

	/// The size of a position, zero without one.
	pub fn size(account: Account, market: MarketId) -> Size {
		Books::get(account).positions.iter().find(|p| p.market == market).map_or(Size::ZERO, |p| p.size)
	}

	/// What a side has borne of losses.
	pub fn borne(market: MarketId, side: Side) -> Quote {
		Borne::get((market, side))
	}

	/// So much of what a side has borne was borne by holders who have left.
	pub fn leave(market: MarketId, side: Side, amount: Quote) {
		Borne::mutate((market, side), |sum| sum.0 -= amount.0);
	}

	/// What a market owes because nobody could bear it.
	pub fn debt(market: MarketId) -> Quote {
		Debts::get(market)
	}

	/// Let a market owe.
	pub fn owe(market: MarketId, amount: Quote) {
		Debts::mutate(market, |debt| debt.0 += amount.0);
	}

	/// Whether margin was told that a bankrupt account waits.
	pub fn is_waiting(market: MarketId, side: Side) -> bool {
		Waiting::contains_key((market, side))
	}
}

/// `size * price`, rounded down.
pub(crate) fn value(size: Size, price: Price) -> i128 {
	size.0 as i128 * price.0 as i128 / QUOTE_PER_PRODUCT
}

/// A share of `amount >= 0`, rounded up.
fn share_ceil(amount: i128, rate: Ratio) -> i128 {
	(amount.unsigned_abs() * u128::from(rate.0)).div_ceil(u128::from(Ratio::ONE.0)) as i128
}

fn sign(side: Side) -> i128 {
	match side {
		Side::Long => 1,
		Side::Short => -1,
	}
}

impl Book {
	pub(crate) fn judge(&self) -> Judgement {
		let mut equity = self.cash;
		let mut requirement = 0;
		for position in &self.positions {
			let notional = value(position.size, Marks::get(position.market));
			equity += sign(position.side) * notional;
			requirement += share_ceil(notional, MAINTENANCE);
		}
		Judgement {
			equity: Quote(equity),
			requirement: Quote(requirement),
			health: Quote(equity - requirement),
		}
	}

	pub(crate) fn meets_initial_margin(&self) -> bool {
		let judgement = self.judge();
		judgement.equity.0 >= judgement.requirement.0 * (INITIAL.0 / MAINTENANCE.0) as i128
	}

	pub(crate) fn open(&mut self, market: MarketId, side: Side, size: Size, price: Price) {
		let paid = value(size, price);
		self.cash -= sign(side) * paid;
		match self.positions.iter_mut().find(|p| p.market == market && p.side == side) {
			Some(position) => {
				position.size.0 += size.0;
				position.entry.0 += paid;
			}
			None => self.positions.push(Position { market, side, size, entry: Quote(paid) }),
		}
	}

	pub(crate) fn close(
		&mut self,
		market: MarketId,
		size: Size,
		price: Price,
	) -> Result<Closed, DispatchError> {
		let position = self.positions.iter_mut().find(|p| p.market == market).ok_or("no position")?;
		ensure!(size <= position.size && !size.is_zero(), "no such size");
		let (side, paid) = (position.side, value(size, price));
		let entry = position.entry.0 * size.0 as i128 / position.size.0 as i128;
		position.entry.0 -= entry;
		position.size.0 -= size.0;
		self.cash += sign(side) * paid;
		self.note_loss(market, side, sign(side) * (entry - paid));
		self.positions.retain(|p| !p.size.is_zero());
		Ok(Closed { side, size, price })
	}

	fn note_loss(&mut self, market: MarketId, side: Side, amount: i128) {
		match self.lost.iter_mut().find(|(m, s, _)| *m == market && *s == side) {
			Some((_, _, lost)) => *lost += amount,
			None => self.lost.push((market, side, amount)),
		}
	}

	/// What the holder of `position` has lost; a profit is negative.
	fn lost_on(position: &Position) -> i128 {
		sign(position.side) * (position.entry.0 - value(position.size, Marks::get(position.market)))
	}

	/// What a solvent account has lost it has paid for.
	fn forget_when_solvent(&mut self) {
		if self.judge().equity.0 >= 0 {
			self.lost.clear();
		}
	}

	fn receive(&mut self, paid: Deficit) {
		self.cash += paid.amount.0;
		self.lost.retain(|(market, side, _)| (*market, *side) != (paid.market, paid.side));
		self.forget_when_solvent();
	}
}

impl Liquidatable<AccountId> for Margin {
	fn judge(account: &Account) -> Option<Judgement> {
		let book = Books::get(account);
		(!book.positions.is_empty()).then(|| book.judge())
	}

	fn exposures(account: &Account) -> Vec<Exposure> {
		let exposure = |position: Position| {
			let mark = Marks::get(position.market);
			let notional = value(position.size, mark);
			Exposure {
				market: position.market,
				side: position.side,
				size: position.size,
				notional: Quote(notional),
				requirement: Quote(share_ceil(notional, MAINTENANCE)),
				mark,
				least: LeastPositions::get(position.market),
				liquidatable: Self::is_liquidatable(position.market),
				settling: Settling::contains_key(position.market),
			}
		};
		Books::get(account).positions.into_iter().map(exposure).collect()
	}

	fn size_to_restore(
		account: &Account,
		exposure: &Exposure,
		price: Price,
		penalty_rate: Ratio,
		buffer: Ratio,
	) -> Size {
		let restores = |size: u128| {
			let mut book = Books::get(account);
			let closed = book.close(exposure.market, Size(size), price);
			book.cash -= share_ceil(value(Size(size), exposure.mark), penalty_rate);
			let after = book.judge();
			let target = after.requirement.0 + share_ceil(after.requirement.0, buffer);
			closed.is_ok() && after.equity.0 >= target
		};
		if !restores(exposure.size.0) {
			return exposure.size;
		}
		// Restoring is monotone in the size where the whole size restores.
		let (mut too_small, mut enough) = (0, exposure.size.0);
		while enough - too_small > 1 {
			let middle = (too_small + enough) / 2;
			if restores(middle) {
				enough = middle;
			} else {
				too_small = middle;
			}
		}
		Size(enough)
	}

	fn hand_over(
		from: &Account,
		to: &Account,
		market: MarketId,
		size: Size,
		price: Price,
	) -> Result<Closed, DispatchError> {
		ensure!(!Faults::contains_key(Fault::BackstopRefuses), "the backstop is full");
		let (mut giver, mut taker) = (Books::get(from), Books::get(to));
		let closed = giver.close(market, size, price)?;
		giver.forget_when_solvent();
		taker.open(market, closed.side, size, price);
		ensure!(taker.meets_initial_margin(), "the taker lacks margin");
		Books::insert(from, giver);
		Books::insert(to, taker);
		Ok(closed)
	}

	fn deleverage(account: &Account, market: MarketId, size: Size) -> Result<Closed, DispatchError> {
		ensure!(!Faults::contains_key(Fault::CannotClose(account.owner)), "cannot close");
		ensure!(!Halted::contains_key(market), "halted");
		let mut book = Books::get(account);
		let closed = book.close(market, size, Marks::get(market))?;
		book.forget_when_solvent();
		Books::insert(account, book);
		Ok(closed)
	}

	fn charge(account: &Account, amount: Quote) -> Quote {
		Books::mutate(account, |book| {
			let taken = amount.0.min(book.judge().equity.0).max(0);
			book.cash -= taken;
			Quote(taken)
		})
	}

	fn debt(account: &Account) -> Quote {
		Quote((-Books::get(account).judge().equity.0).max(0))
	}

	fn deficits(account: &Account) -> Vec<Deficit> {
		let book = Books::get(account);
		let debt = <Self as Liquidatable<AccountId>>::debt(account).0
			- i128::from(Faults::contains_key(Fault::DeficitsMissAUnit));
		let held: i128 = book.positions.iter().map(|position| Book::lost_on(position).max(0)).sum();
		let gone: i128 = book.lost.iter().map(|(_, _, lost)| (*lost).max(0)).sum();
		if debt <= 0 || gone == 0 {
			return Vec::new();
		}
		let (mut lost_so_far, mut split_so_far) = (0, 0);
		let parts = book.lost.iter().filter(|(_, _, lost)| *lost > 0).map(|(market, side, lost)| {
			lost_so_far += lost;
			let split = debt * lost_so_far / (gone + held);
			let amount = Quote(split - split_so_far);
			split_so_far = split;
			Deficit { market: *market, side: *side, amount }
		});
		parts.filter(|deficit| !deficit.amount.is_zero()).collect()
	}

	fn losses(account: &Account) -> Vec<(MarketId, Side)> {
		Books::get(account).lost.into_iter().map(|(market, side, _)| (market, side)).collect()
	}

	fn forget_losses(account: &Account) {
		Books::mutate(account, |book| book.lost.clear());
	}

	fn credit(account: &Account, paid: Deficit) {
		let missing = i128::from(Faults::contains_key(Fault::CreditLosesAUnit));
		Books::mutate(account, |book| {
			book.receive(Deficit { amount: Quote(paid.amount.0 - missing), ..paid })
		});
	}

	fn market_debt(market: MarketId) -> Quote {
		Debts::get(market)
	}

	fn pay_debt(market: MarketId, amount: Quote) -> Quote {
		let paid = amount.min(Debts::get(market));
		Debts::mutate(market, |debt| debt.0 -= paid.0);
		paid
	}

	fn socialise(account: &Account, deficit: Deficit) -> Quote {
		let Deficit { market, side, amount } = deficit;
		let payer = (market, side.opposite());
		let borne = Capacity::get(payer).map_or(amount, |capacity| capacity.min(amount));
		Capacity::mutate_extant(payer, |capacity| capacity.0 -= borne.0);
		if !borne.is_zero() {
			Borne::mutate(payer, |sum| sum.0 += borne.0);
		}
		Debts::mutate(market, |debt| debt.0 += amount.0 - borne.0);
		Self::credit(account, deficit);
		borne
	}

	fn give_back(market: MarketId, side: Side, amount: Quote) -> bool {
		if !Borne::contains_key((market, side)) {
			return false;
		}
		let given = amount.min(Borne::get((market, side)));
		Borne::mutate((market, side), |sum| sum.0 -= given.0);
		Unclaimed::mutate(market, |sum| sum.0 += amount.0 - given.0);
		true
	}

	fn take_unclaimed(market: MarketId) -> Quote {
		Unclaimed::take(market)
	}

	fn exposures_max() -> u32 {
		8
	}

	fn is_liquidatable(market: MarketId) -> bool {
		!Halted::contains_key(market)
	}

	fn least_worst_fee() -> Option<Ratio> {
		Some(WorstFee::get().unwrap_or(Ratio::percent(20)))
	}

	fn is_listed(market: MarketId) -> bool {
		Marks::contains_key(market)
	}

	fn give(from: &AccountId, to: &Account, amount: Quote) -> Result<(), DispatchError> {
		ensure!(amount >= LEAST_DEPOSIT, "too little");
		crate::Custody::pull(from, amount)?;
		Self::deposit(*to, amount);
		Ok(())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn enrich(who: &AccountId, amount: Quote) {
		crate::Custody::give(*who, amount);
	}

	fn release(account: &Account) -> Result<(), Judgement> {
		let judgement = Books::get(account).judge();
		if judgement.is_unhealthy() {
			return Err(judgement);
		}
		Books::mutate(account, |book| book.lost.clear());
		Ok(())
	}

	fn set_waiting(market: MarketId, side: Side, bankrupt_waiting: bool) {
		if bankrupt_waiting {
			Waiting::insert((market, side), ());
		} else {
			Waiting::remove((market, side));
		}
	}
}
