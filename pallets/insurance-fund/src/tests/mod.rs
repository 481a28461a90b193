// SPDX-License-Identifier: Apache-2.0
//! One file per behaviour. Every world ends in the invariants.

mod absorb;
mod caps;
mod contribute;
mod genesis;
mod give_back;
mod govern;
mod invariants;
mod keep;
mod properties;
mod window;

use crate::{mock::*, Event, Pot};
use keel_primitives::{MarketId, Quote};
use keel_test_support::{AccountId, Custody, ALICE};
use keel_traits::{LossAbsorber, Payment};

const BTC: MarketId = MarketId(0);
const ETH: MarketId = MarketId(1);
const UNKNOWN: MarketId = MarketId(7);

fn dollars(whole: i64) -> Quote {
	Quote::dollars(whole)
}

fn balance(pot: Pot) -> Quote {
	pot.balance::<Test>().unwrap()
}

/// Somebody's claim of `amount` becomes the fund's.
fn keep(market: MarketId, amount: Quote) {
	Custody::claim_moves(amount);
	InsuranceFund::keep(market, amount);
}

/// What the fund pays becomes somebody else's claim, which leaves the test.
fn absorb(market: MarketId, loss: Quote) -> Payment {
	absorb_more(market, loss, Quote::ZERO)
}

/// The same for an account that the fund has paid for before.
fn absorb_more(market: MarketId, loss: Quote, from_fund: Quote) -> Payment {
	pay(market, ALICE, loss, from_fund)
}

/// The same for an account of `owner`.
fn pay(market: MarketId, owner: AccountId, loss: Quote, from_fund: Quote) -> Payment {
	let paid = InsuranceFund::absorb(market, &owner, loss, from_fund);
	Custody::claim_moves(Quote(-paid.total().0));
	paid
}

fn last_event() -> Event<Test> {
	match System::events().pop().unwrap().event {
		RuntimeEvent::InsuranceFund(event) => event,
		other => panic!("not ours: {other:?}"),
	}
}
