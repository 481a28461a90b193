// SPDX-License-Identifier: Apache-2.0
//! What liquidation does, what it will do, and what it must not do to others.

use super::{
	controls::Fault,
	model::{accounts, ensure, fits, peek, Model, Refused, Who},
	predict::{party, pull, Change, Predicted},
};
use crate::{mock::*, *};
use keel_math::{units::units_to_close, Standing, I256};
use keel_primitives::*;
use keel_traits::{Deficit, Liquidatable};
use sp_runtime::DispatchResult;
use std::collections::BTreeMap;

/// An act of liquidation.
#[derive(Clone, Debug)]
pub enum Act {
	/// Look at an account, and take it if it is unhealthy.
	Seize {
		who: Who,
	},
	HandOver {
		who: Who,
		to: Who,
		market: MarketId,
		size: Size,
		price: Price,
	},
	Deleverage {
		who: Who,
		market: MarketId,
		size: Size,
	},
	Charge {
		who: Who,
		amount: Quote,
	},
	/// A part of a debt is paid: so much by others, the rest by whoever gained.
	Cover {
		who: Who,
		deficit: Deficit,
		paid: Quote,
	},
	Forget {
		who: Who,
	},
	Release {
		who: Who,
	},
	Wait {
		market: MarketId,
		side: Side,
		waiting: bool,
	},
	Give {
		from: AccountId,
		to: Who,
		amount: Quote,
	},
}

/// What everybody has, before somebody else is closed.
pub struct Others {
	standings: BTreeMap<Who, Standing>,
	market: Market,
	/// What the other side has gained, where its holders are all of one generation.
	gained: Option<Quote>,
}

fn standings() -> BTreeMap<Who, Standing> {
	peek(|| {
		let all: Vec<_> =
			accounts().into_keys().map(|who| (who, Margin::current(&who).expect("fits"))).collect();
		let model = Model::now(None);
		all.into_iter().map(|(who, account)| (who, model.standing(&account))).collect()
	})
}

impl Act {
	pub fn kind(&self) -> &'static str {
		match self {
			Self::Seize { .. } => "seize",
			Self::HandOver { .. } => "hand over",
			Self::Deleverage { .. } => "deleverage",
			Self::Charge { .. } => "charge",
			Self::Cover { deficit, paid, .. } if *paid == deficit.amount => "credit",
			Self::Cover { .. } => "socialise",
			Self::Forget { .. } => "forget losses",
			Self::Release { .. } => "release",
			Self::Wait { .. } => "set waiting",
			Self::Give { .. } => "give",
		}
	}

	pub fn run(self) -> DispatchResult {
		match self {
			Self::Seize { who } => {
				Margin::seize(&who);
				Ok(())
			}
			Self::HandOver { who, to, market, size, price } => {
				Margin::hand_over(&who, &to, market, size, price).map(|_| ())
			}
			Self::Deleverage { who, market, size } => Margin::deleverage(&who, market, size).map(|_| ()),
			Self::Charge { who, amount } => {
				let taken = Margin::charge(&who, amount);
				world(|world| world.other_claims.0 += taken.0);
				Ok(())
			}
			Self::Cover { who, deficit, paid } => {
				world(|world| world.other_claims.0 -= paid.0);
				if !paid.is_zero() {
					Margin::credit(&who, Deficit { amount: paid, ..deficit });
				}
				let rest = Quote(deficit.amount.0 - paid.0);
				if !rest.is_zero() {
					let borne = Margin::socialise(&who, Deficit { amount: rest, ..deficit });
					assert!(borne.0 >= 0 && borne <= rest, "{borne:?} of {rest:?}");
				}
				Ok(())
			}
			Self::Forget { who } => {
				Margin::forget_losses(&who);
				Ok(())
			}
			Self::Release { who } => {
				let unhealthy = party(who, None);
				let is_unhealthy = unhealthy.0.is_unhealthy(&unhealthy.1.account);
				assert_eq!(Margin::release(&who).is_err(), is_unhealthy, "who is healthy leaves");
				Ok(())
			}
			Self::Wait { market, side, waiting } => {
				Margin::set_waiting(market, side, waiting);
				Ok(())
			}
			Self::Give { from, to, amount } => Margin::give(&from, &to, amount),
		}
	}

	pub fn predict(&self, fault: Option<Fault>) -> Predicted {
		match self {
			Self::Seize { who } => {
				let (model, party) = party(*who, fault);
				let seized = !party.account.positions.is_empty() && model.is_unhealthy(&party.account);
				Ok(vec![Change { who: *who, account: party.account, judged: seized }])
			}
			Self::HandOver { who, to, market, size, price } => {
				hand_over(*who, *to, *market, *size, *price, fault)
			}
			Self::Deleverage { who, market, size } => deleverage(*who, *market, *size, fault),
			Self::Charge { who, amount } => {
				let (model, mut party) = party(*who, fault);
				let equity = model.standing(&party.account).equity().expect("fits");
				party.account.cash.0 -= amount.0.min(equity.0).max(0);
				Ok(vec![Change::judged(*who, party.account)])
			}
			Self::Cover { who, deficit, .. } => {
				let (_, mut party) = party(*who, fault);
				party.account.cash.0 += deficit.amount.0;
				Ok(vec![Change::judged(*who, party.account)])
			}
			Self::Forget { who } | Self::Release { who } => {
				let (_, party) = party(*who, fault);
				Ok(vec![Change::judged(*who, party.account)])
			}
			Self::Wait { .. } => Ok(Vec::new()),
			Self::Give { from, to, amount } => {
				ensure(*amount >= <Test as Config>::MinDeposit::get(), Refused::AmountTooSmall)?;
				pull(*from, *amount)?;
				let (_, mut party) = party(*to, fault);
				party.account.cash.0 += amount.0;
				Ok(vec![Change::judged(*to, party.account)])
			}
		}
	}

	/// What others have now, if this closes somebody at their cost.
	pub fn before(&self) -> Option<Others> {
		let (id, side) = match self {
			Self::Deleverage { who, market, .. } => {
				let (model, party) = party(*who, None);
				let (side, _) = model.held(&party.account, *market)?;
				(*market, side)
			}
			Self::Cover { deficit, .. } => (deficit.market, deficit.side),
			_ => return None,
		};
		let market = market(id);
		let other = side.opposite();
		let is_one = Generations::<Test>::iter_keys().all(|(of, side, _)| (of, side) != (id, other));
		let gained = is_one.then(|| market.book.bearable(other, market.mark).expect("fits"));
		Some(Others { standings: standings(), market, gained })
	}

	/// Deleveraging takes neither equity nor health from anybody else; a loss takes no more than was gained.
	pub fn after(&self, before: &Others) -> Result<(), String> {
		match self {
			Self::Deleverage { who, market, .. } => bystanders(*who, *market, before),
			Self::Cover { deficit, paid, .. } => {
				let owed = market(deficit.market).book.debt.0 - before.market.book.debt.0;
				let borne = deficit.amount.0 - paid.0 - owed;
				if owed < 0 || borne < 0 {
					return Err(format!("of {deficit:?} {borne} is borne and {owed} owed"));
				}
				match before.gained {
					Some(gained) if borne > gained.0 => Err(format!("{borne} is borne of {gained:?} gained")),
					_ => Ok(()),
				}
			}
			_ => Ok(()),
		}
	}
}

fn bystanders(closed: Who, id: MarketId, before: &Others) -> Result<(), String> {
	let after = standings();
	// What rounding may take: a fraction of a size, some units of money, some decimals of a level.
	let (mark, account) = (before.market.mark, accounts());
	for (who, was) in before.standings.iter().filter(|(who, _)| **who != closed) {
		let Some(is) = after.get(who) else { return Err(format!("{who:?} is gone")) };
		let units = account[who].find(id).map_or(0, |(_, position)| position.units.0);
		let fits = |sum: Result<I256, _>| sum.expect("fits");
		let slack = fits(fits(I256::product(units, 3)).plus(I256::from(Quote(4))));
		let slack = fits(slack.plus(fits(I256::product(mark.0, 1_000_000_000))));
		for (what, was, is) in [("equity", was.equity, is.equity), ("health", was.health, is.health)] {
			if fits(is.plus(slack)) < was {
				return Err(format!("{what} of {who:?} fell from {was:?} to {is:?}"));
			}
		}
	}
	Ok(())
}

fn hand_over(who: Who, to: Who, id: MarketId, size: Size, price: Price, fault: Option<Fault>) -> Predicted {
	ensure(who != to, Refused::SelfTrade)?;
	ensure(!size.is_zero(), Refused::ZeroSize)?;
	ensure(price.in_bounds(), Refused::InvalidPrice)?;
	let (mut model, [mut from, mut receiver]) = Model::of([who, to], fault);
	let (side, held) = model.held(&from.account, id).ok_or(Refused::NoPosition)?;
	ensure(size <= held, Refused::NotReducing)?;
	model.fill(&mut from.account, id, side.opposite(), size, price)?;
	let fill = model.fill(&mut receiver.account, id, side, size, price)?;
	if !fill.opened.is_zero() {
		model.is_alone(&receiver.account, None)?;
		let free = model.surplus(&receiver.account, Requirement::TakeOver);
		ensure(!receiver.queued && free >= 0, Refused::InsufficientMargin)?;
	}
	Ok([from, receiver].map(|party| Change::judged(party.who, party.account)).into())
}

fn deleverage(who: Who, id: MarketId, size: Size, fault: Option<Fault>) -> Predicted {
	ensure(!size.is_zero(), Refused::ZeroSize)?;
	let (mut model, [mut party]) = Model::of([who], fault);
	model.account_funding(&mut party.account, id);
	let (_, position) = party.account.find(id).ok_or(Refused::NoPosition)?;
	let market = model.markets.get_mut(&id).expect("listed");
	let scale = market.book.side(position.side).scale;
	let units = fits(units_to_close(position.units, scale, size))?;
	let scaled = fits(market.book.deleverage(position.side, units, market.mark))?;
	Model::leave(&mut party.account, id, units, scaled.cash);
	Ok(vec![Change::judged(who, party.account)])
}
