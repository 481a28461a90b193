// SPDX-License-Identifier: Apache-2.0
//! Expectations: what is found, and whether it is what was expected.

use super::{
	language::{Expectation, Figure, Judged, Liquidation, OfAccount, OfMarket, Who, PEOPLE},
	stage::{Played, Stage},
};
use crate::{mock::*, Account, Accounts, Custodied, Generations, Markets, Position, Triggers};
use keel_math::{keys::corner, units::size_of, I256};
use keel_primitives::{MarketId, Price, Quote};
use keel_test_support::spec::number::show;
use std::fmt::Debug;

fn same<T: PartialEq + Debug>(expected: &T, found: T) -> Played {
	if *expected == found {
		Ok(())
	} else {
		Err(format!("found {found:?}"))
	}
}

fn same_number(expected: i128, found: i128, decimals: usize) -> Played {
	if expected == found {
		Ok(())
	} else {
		Err(format!("found {}", show(found, decimals)))
	}
}

fn same_dollars(expected: Quote, found: Quote) -> Played {
	same_number(expected.0, found.0, 6)
}

/// A share in parts per billion.
fn same_rate(expected: i128, found: i128) -> Played {
	same_number(expected, found, 7).map_err(|found| format!("{found}%"))
}

/// A number without a sign.
fn same_quantity(expected: u128, found: u128, decimals: usize) -> Played {
	let signed = |quantity| i128::try_from(quantity).map_err(|_| format!("{quantity} is too large to show"));
	same_number(signed(expected)?, signed(found)?, decimals)
}

/// An exact amount, with 36 decimals.
fn same_exact(expected: i128, found: I256) -> Played {
	same_number(expected, found.to_i128().map_err(|_| format!("{found:?} is too large to show"))?, 36)
}

fn as_written(who: &Who) -> String {
	let name = PEOPLE.iter().find(|(_, owner)| *owner == who.owner).map_or("?", |(name, _)| *name);
	if who.sub.0 == 0 {
		name.to_owned()
	} else {
		format!("{name}/{}", who.sub.0)
	}
}

fn stored(who: &Who) -> Account<Test> {
	Accounts::<Test>::get(who.owner, who.sub)
}

/// Whether a position is of a generation that has ended.
fn has_ended(position: &Position) -> bool {
	position.generation != market(position.market).book.side(position.side).generation
}

impl Stage {
	/// Whether it is so.
	pub fn expect(&self, expectation: &Expectation) -> Played {
		match expectation {
			Expectation::Account(who, of) => of_account(who, of),
			Expectation::Market(id, of) => of_market(*id, of),
			Expectation::Custody(amount) => same_dollars(*amount, Custodied::<Test>::get()),
			Expectation::Claims(amount) => {
				same_dollars(*amount, Margin::claims().map_err(|error| format!("{error:?}"))?)
			}
			Expectation::Held(amount) => {
				let held = Usdk::free_balance(Margin::custody_account());
				same_number(amount.0, i128::try_from(held).map_err(|_| "too much")?, 6)
			}
			Expectation::MarginCalls(who) => {
				let found = Self::called();
				if *who == found {
					Ok(())
				} else {
					let names: Vec<_> = found.iter().map(as_written).collect();
					Err(format!("margin calls of the last act: {}", names.join(" ")))
				}
			}
			Expectation::KeysWritten(expected) => match (*expected, self.has_written_keys()) {
				(true, false) => Err("the last act has written no key".into()),
				(false, true) => Err("the last act has written keys".into()),
				_ => Ok(()),
			},
		}
	}
}

fn of_account(who: &Who, expected: &OfAccount) -> Played {
	let account = stored(who);
	let find = |id| account.find(id).map(|(_, position)| position);
	match expected {
		OfAccount::Figure(what, amount) => same_dollars(*amount, figure(who, &account, *what)?),
		OfAccount::Position(id, side, size) => {
			let position = find(*id).ok_or("there is no position")?;
			if has_ended(&position) {
				return Err("found a claim".into());
			}
			same(side, position.side)?;
			let held = size_of(position.units, market(*id).book.side(*side).scale);
			same_quantity(size.0, held.map_err(|error| format!("{error:?}"))?.0, 9)
		}
		OfAccount::NoPosition(id) => match find(*id) {
			None => Ok(()),
			Some(position) => Err(format!("found {position:?}")),
		},
		OfAccount::Claim(id) => match find(*id).filter(has_ended) {
			Some(_) => Ok(()),
			None => Err("there is no claim".into()),
		},
		OfAccount::Place(place) => same(place, account.place),
		OfAccount::Judged(expected) => {
			let judged = Margin::standing(&account).and_then(|standing| Margin::judgement(&standing));
			let judgement = judged.map_err(|error| format!("{error:?}"))?;
			let found = match (judgement.is_bankrupt(), judgement.is_unhealthy()) {
				(true, _) => Judged::Bankrupt,
				(false, true) => Judged::Unhealthy,
				(false, false) => Judged::Healthy,
			};
			same(expected, found)
		}
		OfAccount::Warning(None) => match account.warning {
			None => Ok(()),
			Some(warning) => Err(format!("found {}", show(warning.0, 6))),
		},
		OfAccount::Warning(Some(expected)) => {
			same_dollars(*expected, account.warning.ok_or("there is none")?)
		}
		OfAccount::Key(id, expected) => {
			let key = find(*id).and_then(|position| position.key).ok_or("there is no key")?;
			same_number(expected.0, key.0, 27)
		}
		OfAccount::Tier(id, expected) => {
			let position = find(*id).ok_or("there is no position")?;
			same(expected, position.tier.0.into())
		}
		OfAccount::Leverage(expected) => same(expected, account.leverage.map(|times| times.get())),
		OfAccount::Liquidation(id, expected) => liquidation(who, *id, expected),
	}
}

fn liquidation(who: &Who, id: MarketId, expected: &Liquidation) -> Played {
	let view = Margin::account_view(*who).unwrap_or_default();
	let position = view.positions.iter().find(|position| position.market == id);
	let position = position.ok_or("there is no position")?;
	same_price(expected.still, position.liquidation_price)?;
	let Some((earliest, latest)) = expected.band else { return Ok(()) };
	same_price(earliest, position.liquidation_price_earliest)?;
	same_price(latest, position.liquidation_price_latest)
}

fn same_price(expected: Option<Price>, found: Option<Price>) -> Played {
	match (expected, found) {
		(Some(expected), Some(found)) => same_quantity(expected.0, found.0, 18),
		(None, None) => Ok(()),
		(Some(_), None) => Err("found none".into()),
		(None, Some(found)) => same_quantity(0, found.0, 18),
	}
}

fn figure(who: &Who, account: &Account<Test>, what: Figure) -> Result<Quote, String> {
	let view = || Margin::account_view(*who).unwrap_or_default();
	Ok(match what {
		Figure::Cash => account.cash,
		Figure::Leaving => account.leaving,
		Figure::Equity => view().equity,
		Figure::Health => view().health,
		Figure::Requirement => view().maintenance_requirement,
		Figure::Initial => view().initial_requirement,
		Figure::Free => view().free_collateral,
		Figure::Balance => {
			Quote(i128::try_from(Usdk::free_balance(who.owner)).map_err(|_| "a balance too large to show")?)
		}
		Figure::Corner => {
			let key = |key: Option<_>| key.ok_or("a position has no key");
			let terms: Result<Vec<_>, _> = account
				.positions
				.iter()
				.map(|position| Ok((position.side, position.units, key(position.key)?)))
				.collect::<Result<_, &str>>();
			corner(account.cash, terms?).and_then(I256::quote_floor).map_err(|error| format!("{error:?}"))?
		}
	})
}

fn of_market(id: MarketId, expected: &OfMarket) -> Played {
	let market = Markets::<Test>::get(id).ok_or("there is no such market")?;
	let view = || Margin::market_view(id).ok_or("there is no view of the market");
	let number = |count: usize| u64::try_from(count).map_err(|_| "too many to count".to_owned());
	match expected {
		OfMarket::Mark(price) => same_quantity(price.0, market.mark.0, 18),
		OfMarket::OpenInterest(size) => {
			let open = market.book.open_interest().map_err(|error| format!("{error:?}"))?;
			same_quantity(size.0, open.0, 9)
		}
		OfMarket::OpenInterestLimit(size) => same_quantity(size.0, view()?.max_open_interest.0, 9),
		OfMarket::SoftCap(cap) => same_dollars(*cap, view()?.soft_cap),
		OfMarket::HardCap(cap) => same_dollars(*cap, view()?.hard_cap),
		OfMarket::InitialRate(rate) => same_rate((*rate).into(), view()?.initial_rate.0.into()),
		OfMarket::FundingRate(rate) => same_rate(*rate, view()?.funding_rate.into()),
		OfMarket::NextFundingRate(rate) => same_rate(*rate, view()?.next_funding_rate.into()),
		OfMarket::Units(side, units) => {
			let found = i128::try_from(market.book.side(*side).units.0);
			same_number(*units, found.map_err(|_| "too many to show")?, 9)
		}
		OfMarket::Funding(side, level) => same_number(level.0, market.book.side(*side).funding.0, 27),
		OfMarket::Dust(dust) => same_exact(*dust, market.book.dust),
		OfMarket::Sink(sink) => same_exact(*sink, market.book.sink),
		OfMarket::Quarantined(expected) => same(expected, market.quarantined),
		OfMarket::Keys(side, count) => {
			let keys = Triggers::<Test>::iter_keys().filter(|key| (key.0, key.1) == (id, *side));
			same(count, number(keys.count())?)
		}
		OfMarket::Ended(side, count) => {
			let ended = Generations::<Test>::iter_keys().filter(|key| (key.0, key.1) == (id, *side));
			same(count, number(ended.count())?)
		}
	}
}
