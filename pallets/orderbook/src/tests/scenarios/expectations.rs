// SPDX-License-Identifier: Apache-2.0
//! Expectations: what is found, and whether it is what was expected.

use super::{
	acts::name,
	chain::*,
	language::{Ended, Expectation, Level, OfAccount, OfOrder, Who},
	stage::{Played, Stage},
};
use crate::{Conditionals, DepthLevel, Event, Fees, Indication, OrderId};
use keel_margin::{Accounts, Markets};
use keel_primitives::{MarketId, Price, Quote, Side};
use keel_test_support::spec::number::show;
use keel_traits::{Clearing, ImpactPrice};
use std::fmt::Debug;

fn same<T: PartialEq + Debug>(expected: T, found: T) -> Played {
	if expected == found {
		Ok(())
	} else {
		Err(format!("found {found:?}"))
	}
}

fn same_dollars(expected: Quote, found: Quote) -> Played {
	if expected == found {
		Ok(())
	} else {
		Err(format!("found {}", show(found.0, 6)))
	}
}

fn number(value: u128, decimals: usize) -> String {
	i128::try_from(value).map_or_else(|_| "a number too large to show".into(), |value| show(value, decimals))
}

/// `1 at 50000`.
fn written((size, price): &Level) -> String {
	format!("{} at {}", number(size.0, 9), number(price.0, 18))
}

fn same_levels(expected: &[Level], found: &[Level]) -> Played {
	if expected == found {
		return Ok(());
	}
	let found: Vec<_> = found.iter().map(written).collect();
	Err(format!("found {}", if found.is_empty() { "none".into() } else { found.join(" ") }))
}

fn same_price(expected: Option<Price>, found: Option<Price>) -> Played {
	if expected == found {
		return Ok(());
	}
	Err(format!("found {}", found.map_or_else(|| "none".into(), |price| number(price.0, 18))))
}

/// The events of the book in the last act, all its blocks included.
fn events() -> impl Iterator<Item = Event<Chain>> {
	System::events().into_iter().filter_map(|record| match record.event {
		RuntimeEvent::Orderbook(event) => Some(event),
		_ => None,
	})
}

fn fill_of(event: Event<Chain>) -> Option<Level> {
	match event {
		Event::OrderFilled { size, price, .. } | Event::AuctionFilled { size, price, .. } => {
			Some((size, price))
		}
		_ => None,
	}
}

/// Fees less rebates of an account in an event.
fn paid_by(who: &Who, event: Event<Chain>) -> Quote {
	let (first, second) = match event {
		Event::OrderFilled { maker, maker_fee, taker, taker_fee, .. } => {
			((maker, maker_fee), (taker, taker_fee))
		}
		Event::AuctionFilled { buyer, buyer_fee, seller, seller_fee, .. } => {
			((buyer, buyer_fee), (seller, seller_fee))
		}
		_ => return Quote::ZERO,
	};
	let own = |(account, fee): (Who, Quote)| if account == *who { fee.0 } else { 0 };
	Quote(own(first) + own(second))
}

impl Stage {
	/// Whether it is so.
	pub fn expect(&self, expectation: &Expectation) -> Played {
		match expectation {
			Expectation::Levels(side, market, expected) => same_levels(expected, &levels(*side, *market)),
			Expectation::Fills(expected) => {
				same_levels(expected, &events().filter_map(fill_of).collect::<Vec<_>>())
			}
			Expectation::Indication(market, expected) => {
				let found = Orderbook::indication(*market);
				let found = found.map(|Indication { price, volume }| (volume, price));
				same_levels(expected.as_slice(), found.as_slice())
			}
			Expectation::Impact(market, expected) => {
				same_price(*expected, <Orderbook as ImpactPrice>::impact_price(*market))
			}
			Expectation::Pot(market, expected) => {
				same_dollars(*expected, Fees::<Chain>::get().get(market).copied().unwrap_or_default())
			}
			Expectation::Given(purse, expected) => same_dollars(*expected, Purses::of(*purse)),
			Expectation::Debt(market, expected) => {
				let market = Markets::<Chain>::get(market).ok_or("there is no such market")?;
				same_dollars(*expected, market.book.debt)
			}
			Expectation::Account(who, of) => of_account(who, of),
			Expectation::Order(order, of) => {
				let (who, id) = self.order(order)?;
				of_order(&who, id, of)
			}
		}
	}
}

fn levels(side: Side, market: MarketId) -> Vec<Level> {
	let depth = Orderbook::depth(market, 100);
	let levels = match side {
		Side::Long => depth.bids,
		Side::Short => depth.asks,
	};
	levels.into_iter().map(|DepthLevel { size, price, .. }| (size, price)).collect()
}

fn of_account(who: &Who, expected: &OfAccount) -> Played {
	let view = || Margin::account_view(*who).unwrap_or_default();
	match expected {
		OfAccount::Position(market, expected) => {
			let found = <Margin as Clearing<_>>::held(who, *market).map_err(name)?;
			if *expected == found {
				return Ok(());
			}
			let (side, size) = found.ok_or("there is no position")?;
			Err(format!("found {side:?} {}", number(size.0, 9)))
		}
		OfAccount::Cash(amount) => same_dollars(*amount, Accounts::<Chain>::get(who.owner, who.sub).cash),
		OfAccount::Equity(amount) => same_dollars(*amount, view().equity),
		OfAccount::Free(amount) => same_dollars(*amount, view().free_collateral),
		OfAccount::Reserved(amount) => same_dollars(*amount, view().reserved),
		OfAccount::Paid(amount) => {
			same_dollars(*amount, Quote(events().map(|event| paid_by(who, event).0).sum()))
		}
		OfAccount::Volume(amount) => same_dollars(*amount, Orderbook::fee_tier(who.owner).0),
	}
}

fn of_order(who: &Who, id: OrderId, expected: &OfOrder) -> Played {
	let order = Orderbook::open_orders(*who).into_iter().find(|order| order.id == id);
	match expected {
		OfOrder::Left(expected) => {
			let found = order.map(|order| order.left);
			if *expected == found {
				return Ok(());
			}
			Err(format!("found {}", found.map_or_else(|| "none".into(), |left| number(left.0, 9))))
		}
		OfOrder::At(expected) => same_price(Some(*expected), order.map(|order| order.price)),
		OfOrder::Cancelled(expected) => {
			let reason = events().find_map(|event| match event {
				Event::OrderCancelled { order, reason, .. } if order == id => Some(format!("{reason:?}")),
				_ => None,
			});
			same(expected.as_str(), reason.as_deref().unwrap_or("that it was not cancelled in the last act"))
		}
		OfOrder::Waits => {
			let waits = Conditionals::<Chain>::get(who).iter().any(|waiting| waiting.id == id);
			same(true, waits)
		}
		OfOrder::Ended(expected) => {
			let end = events().find_map(|event| match event {
				Event::ConditionalEnded { conditional, end, .. } if conditional == id => Some(end),
				_ => None,
			});
			same(Some(expected.clone()), end.map(|end| Ended::of(end, name)))
		}
	}
}
