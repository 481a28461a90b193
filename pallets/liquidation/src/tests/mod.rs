// SPDX-License-Identifier: Apache-2.0
//! One file per behaviour. Every world ends in the invariants.

mod backstop;
mod bankrupt;
mod deleverage;
mod fund;
mod invariants;
mod liquidate;
mod old_debts;
mod parameters;
mod parked;
mod parts;
mod properties;
mod queue;
mod rejudge;
mod waiting;

use crate::{mock::*, Entries, Event, Params, Taker};
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Side, Size};
use keel_test_support::{AccountId, Fault, Losses, Margin, ALICE, BOB, CHARLIE};
use keel_traits::{Judgement, Liquidatable, LossAbsorber, OnUnhealthy};

type Account = MarginAccount<AccountId>;

fn dollars(whole: i64) -> Quote {
	Quote::dollars(whole)
}

fn main_of(owner: AccountId) -> Account {
	MarginAccount::main(owner)
}

/// A position of whole units, opened at the mark, with so many dollars of margin.
fn position(owner: AccountId, market: MarketId, side: Side, units: u128, margin: i64) -> Account {
	Margin::deposit(main_of(owner), dollars(margin));
	Margin::open(main_of(owner), market, side, Size(units * Size::ONE.0));
	main_of(owner)
}

/// A long of 1 BTC at 20,000 dollars with 2,000 of margin: unhealthy below 18,948, bankrupt below 18,000.
fn long(owner: AccountId) -> Account {
	position(owner, BTC, Side::Long, 1, 2_000)
}

fn set_mark(market: MarketId, price: u32) {
	Margin::set_mark(market, Price::dollars(price));
}

/// Give the backstop of a market something to work with.
fn fund_backstop(market: MarketId, margin: i64) -> Account {
	let backstop = Liquidation::backstop(market).unwrap();
	Margin::deposit(backstop, dollars(margin));
	backstop
}

/// Margin finds the account unhealthy.
fn tell(account: Account) {
	let judgement = Margin::judge(&account).unwrap();
	assert!(judgement.is_unhealthy(), "{judgement:?}");
	Liquidation::on_unhealthy(&account, &judgement);
}

fn is_queued(account: Account) -> bool {
	Entries::<Test>::contains_key(account)
}

fn events() -> Vec<Event<Test>> {
	let ours = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Liquidation(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(ours).collect()
}

/// Account, size, price, penalty and taker of each position taken in this block.
fn taken() -> Vec<(Account, Size, Price, Quote, Taker)> {
	let taken = |event| match event {
		Event::Liquidated { account, size, price, penalty, to, .. } => {
			Some((account, size, price, penalty, to))
		}
		_ => None,
	};
	events().into_iter().filter_map(taken).collect()
}

/// Loss, tranche, fund, socialised and market debt of each loss covered in this block.
fn covered() -> Vec<(MarketId, [Quote; 5])> {
	let covered = |event| match event {
		Event::LossCovered { market, loss, tranche, fund, socialised, market_debt, .. } => {
			Some((market, [loss, tranche, fund, socialised, market_debt]))
		}
		_ => None,
	};
	events().into_iter().filter_map(covered).collect()
}
