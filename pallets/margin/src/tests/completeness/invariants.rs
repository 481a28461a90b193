// SPDX-License-Identifier: Apache-2.0
//! What must hold, checked by looking at everything: what the chain never does.

use super::world::{Now, Who};
use crate::{mock::*, *};
use frame_support::traits::fungible::Inspect;
use keel_math::{
	book::ROUNDINGS,
	units::{ONE_E18, ONE_E9},
	Generation, Level, I256,
};
use keel_primitives::*;
use keel_traits::Liquidatable;
use std::collections::BTreeMap;

/// An invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
	/// Once a hook has had weight for everything, whoever is unhealthy is in the queue.
	Found,
	/// At any time he has a key that has fired, or is in an ended generation that is not drained.
	Seen,
	/// What the pallet itself says must hold: corners, places, keys, heads, units, both equations.
	State,
	/// Nobody has made a unit of money, or lost one.
	Money,
	/// Everybody can be judged, and closed: his numbers are there, and fit; and of a debt without positions it is
	/// known who is asked for it.
	Judged,
	/// Deleveraging takes neither equity nor health from anybody else.
	Bystander,
	/// The house does not pay for what is rounded.
	House,
	/// A loss takes no more from a holder than the move that made it gave him.
	Overshoot,
}

/// An invariant that was found broken.
#[derive(Clone, Debug)]
pub struct Broken {
	pub rule: Rule,
	pub how: String,
}

impl core::fmt::Display for Broken {
	fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
		write!(f, "{:?}: {}", self.rule, self.how)
	}
}

/// What was found broken: one of each is enough.
#[derive(Default)]
pub struct Found(pub Vec<Broken>);

impl Found {
	/// Whether nothing was.
	pub fn is_empty(&self) -> bool {
		self.0.is_empty()
	}

	/// Whether it was a rule.
	pub fn has(&self, rule: Rule) -> bool {
		self.0.iter().any(|broken| broken.rule == rule)
	}

	pub fn require(&mut self, holds: bool, rule: Rule, how: impl FnOnce() -> String) {
		if !holds && !self.has(rule) {
			self.0.push(Broken { rule, how: how() });
		}
	}

	/// Nobody is missed. `walked`: the hook has had weight for everything.
	pub fn check_found(&mut self, now: &Now, walked: bool) {
		for (who, account) in now.accounts.iter().filter(|(_, account)| account.place != Place::Queued) {
			match now.standing(account) {
				Ok(standing) if standing.health.is_negative() => {
					let seen = now.is_seen(*who, account);
					self.require(seen, Rule::Seen, || {
						format!("{who:?} is unhealthy, and no key has fired: {account:?}")
					});
					self.require(!walked, Rule::Found, || format!("{who:?} was missed: {account:?}"));
				}
				Ok(_) => {}
				Err(_) if now.has_frozen(account) => {}
				Err(error) => {
					self.require(false, Rule::Judged, || format!("{who:?} cannot be judged: {error:?}"));
				}
			}
		}
	}

	/// Where nothing is left but a debt, it is known whose losses made it.
	pub fn check_debts(&mut self, now: &Now) {
		for (who, account) in &now.accounts {
			let is_known = !account.positions.is_empty() || !account.cash.is_negative() || {
				let parts = Margin::deficits(who);
				parts.iter().map(|part| part.amount.0).sum::<i128>() == -account.cash.0
			};
			self.require(is_known, Rule::Judged, || format!("nobody pays the debt of {who:?}: {account:?}"));
		}
	}

	/// Everything that is stored agrees.
	pub fn check_state(&mut self, issued: u128) {
		let state = Margin::do_try_state();
		self.require(state.is_ok(), Rule::State, || format!("{state:?}"));
		let held = Usdk::balance(&Margin::custody_account());
		let counted = Custodied::<Test>::get().0;
		let holds = Usdk::total_issuance() == issued && i128::try_from(held) == Ok(counted);
		self.require(holds, Rule::Money, || format!("custody holds {held} and counts {counted}"));
	}

	/// Nobody but `closed` is worse off by more than the last decimal of a level: of `A p (1 -+ r)`, of
	/// `(A - A') p`, and of a re-based side's `A_end U`.
	pub fn check_bystanders(&mut self, before: &Now, closed: Who, id: MarketId, side: Side) {
		let after = Now::load();
		for (who, account) in before.accounts.iter().filter(|(who, _)| *who != closed) {
			let units = Now::units(account, id, side);
			let (Ok(was), Ok(is)) = (before.standing(account), after.standing(&after.account(*who))) else {
				continue;
			};
			let rounded = |was: I256| I256::product(units.0, 3).and_then(|most| was.minus(most));
			let no_worse = |was: I256, is: I256| rounded(was).is_ok_and(|least| is >= least);
			let holds = no_worse(was.equity, is.equity) && no_worse(was.health, is.health);
			self.require(holds, Rule::Bystander, || format!("{who:?}: {was:?} to {is:?}"));
		}
	}

	/// The house has no less than before. Settling costs it at most a fraction of a unit (1e-9 base units) for each
	/// holder: a short's, which he is not charged for when his side is re-based, and funding on it.
	pub fn check_house(&mut self, before: &Now, id: MarketId) {
		let after = Now::load();
		let converts = Generations::<Test>::iter_keys().any(|(of, ..)| of == id);
		let (Some(was), Some(is)) = (before.house(id), after.house(id)) else { return };
		let holders = if converts { before.accounts.len() as u128 } else { 0 };
		let unit = I256::product(2 * holders * ONE_E9, after.market(id).mark.0 as i128);
		// And what is rounded when it is worked out here.
		let least = unit.and_then(|unit| was.minus(unit)?.minus(I256::from(1_i128)));
		let holds = least.is_ok_and(|least| is >= least);
		self.require(holds, Rule::House, || format!("{id:?}: {was:?} to {is:?}"));
	}
}

/// What a unit had got and what it was worth when nobody waited: of a side, and of its generations that have ended.
pub struct Gains(BTreeMap<Generation, (Level, Level)>);

impl Gains {
	pub fn of(id: MarketId, side: Side) -> Self {
		let numbers = *market(id).book.side(side);
		let ended = Generations::<Test>::iter().filter(|((of, held, _), _)| (*of, *held) == (id, side));
		let ended = ended.map(|((_, _, generation), ended)| (generation, (ended.quote, ended.reference)));
		let current = (numbers.generation, (numbers.quote, numbers.reference));
		Self(ended.chain([current]).collect())
	}

	/// A loss was laid on a side: who has borne of it has lost no more than had been gained since the reference,
	/// but for what is rounded.
	pub fn check(&self, id: MarketId, side: Side, found: &mut Found) {
		let now = Now::load();
		let numbers = *now.market(id).book.side(side);
		for (generation, (quote, reference)) in &self.0 {
			let level = |generation| now.level(id, side, generation, Ratio::ZERO);
			let (is, units, value) = if *generation == numbers.generation {
				(numbers.quote, numbers.units, level(*generation))
			} else {
				let Some(ended) = Generations::<Test>::get((id, side, generation)) else { continue };
				let converted = |next| ended.level(side, next);
				(ended.quote, ended.left, level(generation.next()).and_then(converted))
			};
			if is == *quote {
				continue;
			}
			let holds = value.and_then(|value| {
				let (now, then) = (I256::product(units.0, value.0)?, I256::product(units.0, reference.0)?);
				let gained = if side == Side::Long { now.minus(then) } else { then.minus(now) }?;
				let rounded = I256::product(units.0, 3)?.plus(I256::from(Quote(ROUNDINGS.0 + 1)))?;
				Ok(gained.plus(rounded)? >= I256::ZERO)
			});
			// Where it has left all bounds nothing is known to have been gained.
			let is_known = reference.0 != i128::MIN && reference.0 != i128::MAX;
			found.require(is_known && holds == Ok(true), Rule::Overshoot, || {
				format!("{id:?} {side:?} {generation:?} from {reference:?} to {value:?}: {holds:?}")
			});
		}
	}
}

/// What everybody had at some time, and at which marks.
pub struct Snapshot {
	equity: BTreeMap<Who, I256>,
	generations: BTreeMap<Who, Generation>,
	marks: Vec<u128>,
}

impl Snapshot {
	pub fn of(now: &Now) -> Self {
		let equity =
			now.accounts.iter().filter_map(|(who, account)| Some((*who, now.standing(account).ok()?.equity)));
		let generations = now
			.accounts
			.iter()
			.filter_map(|(who, account)| Some((*who, account.positions.first()?.generation)));
		Self {
			equity: equity.collect(),
			generations: generations.collect(),
			marks: now.markets.iter().map(|market| market.mark.0).collect(),
		}
	}

	/// A hook pays what has waited, after levels moved and before losses are laid. Nobody loses that: an owner
	/// has it, or another account of his.
	///
	/// With `w` of it an account of equity `E` before the move, which gives it `g`, has `E + g - w` after the hook.
	/// That losses take no more than the gain says `E - w` of it, for whoever gained; and `E + g - w` for who did
	/// not. Both are compared with what is paid taken off.
	pub fn pay(&mut self, paid: &[(Who, Quote)]) {
		for (who, amount) in paid {
			if let Some(equity) = self.equity.get_mut(who) {
				*equity = equity.minus(I256::from(*amount)).expect("what is owned fits");
			}
		}
	}

	/// `self` is before the levels of a block moved, less what its hook has paid, `moved` after it, and now its
	/// losses are laid: nobody who gained has less than before, and nobody else less than the move left him.
	///
	/// What is forgiven is what was rounded: for each account that may have been closed a few units of money and
	/// last decimals of a level; and the move (funding, at most 1 %, included) of the size that rounding has given
	/// to the house, `sinks` at most.
	pub fn check_losses(&self, moved: &Self, sinks: &[I256], closed: &[Who], found: &mut Found) {
		let now = Now::load();
		let times = now.accounts.len() as i128;
		for (who, account) in now.accounts.iter().filter(|(who, _)| !closed.contains(who)) {
			let Some(position) = account.positions.first() else { continue };
			let (Some(before), Some(after)) = (self.equity.get(who), moved.equity.get(who)) else { continue };
			let Ok(standing) = now.standing(account) else { continue };
			let market = position.market.0 as usize;
			let distance = self.marks[market].abs_diff(moved.marks[market]) + self.marks[market] / 100;
			// Who was converted in between has left a fraction of a unit, 1e-9 base units, in it.
			let converted = self.generations.get(who) != moved.generations.get(who);
			let least = (|| {
				let decimals = I256::product(position.units.0, 4 * times)?;
				let fraction = I256::product(u128::from(converted) * ONE_E9, moved.marks[market] as i128)?;
				let rounded = decimals.plus(fraction)?.plus(I256::from(Quote(20 * times + ROUNDINGS.0)))?;
				let (_, sink) = sinks[market].parts();
				let of_house = I256::signed(false, sink)?.times(distance)?.div_ceil(ONE_E18.into())?;
				(*before.min(after)).minus(rounded)?.minus(of_house)
			})();
			found.require(least.is_ok_and(|least| standing.equity >= least), Rule::Overshoot, || {
				let lacks = least.and_then(|least| least.minus(standing.equity));
				format!("{who:?} lacks {lacks:?} in market {market}")
			});
		}
	}
}
