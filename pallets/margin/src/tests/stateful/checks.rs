// SPDX-License-Identifier: Apache-2.0
//! What must hold after every command, whatever it was.

use super::{
	model::{accounts, peek, Model, Who},
	predict::{bare, Change},
};
use crate::{mock::*, *};
use frame_support::traits::fungible::Inspect;
use keel_traits::Liquidatable;
use std::collections::BTreeMap;

pub type Checked = Result<(), String>;

fn require(holds: bool, what: impl FnOnce() -> String) -> Checked {
	if holds {
		Ok(())
	} else {
		Err(what())
	}
}

/// All invariants of the pallet, the money of the whole world, and whoever is unhealthy.
pub fn state(issued: u128) -> Checked {
	Margin::do_try_state().map_err(|broken| format!("try_state: {broken:?}"))?;
	let (markets, custody) = Margin::conservation();
	require(custody && markets.iter().all(|(_, books)| books.holds()), || "nothing is conserved".into())?;
	money(issued)?;
	unjudged()?;
	debts()
}

/// Nobody has made a unit, or lost one.
fn money(issued: u128) -> Checked {
	let held = Usdk::balance(&Margin::custody_account());
	let counted = Custodied::<Test>::get().0;
	require(held == counted.unsigned_abs() && counted >= 0, || {
		format!("custody holds {held}, not {counted}")
	})?;
	require(Usdk::total_issuance() == issued, || "units were made or lost".into())?;
	let cash: i128 = accounts().values().map(|account| account.cash.0).sum();
	let paid: i128 = Markets::<Test>::iter_values().map(|market| market.book.paid_in.0).sum();
	let others = world(|world| world.other_claims.0);
	require(cash + paid + others == counted, || format!("{cash} + {paid} + {others} is not {counted}"))
}

/// Whoever is unhealthy and not in liquidation is one whom the next hook looks at.
pub fn unjudged() -> Checked {
	let model = Model::now(None);
	for (who, account) in accounts() {
		let has_ended = account.positions.iter().any(|position| {
			position.generation != model.market(position.market).book.side(position.side).generation
		});
		if account.place == Place::Queued || has_ended || !model.is_unhealthy(&account) {
			continue;
		}
		let seen = account.positions.iter().any(|position| {
			model.has_fired(position) && model.market(position.market).has_unjudged(position.side)
		});
		require(seen, || format!("{who:?} is unhealthy, and no key of it has fired: {account:?}"))?;
	}
	Ok(())
}

/// After a block that had weight for everything nobody is left who is unhealthy and not in liquidation.
pub fn nobody_is_missed() -> Checked {
	let model = Model::now(None);
	for (who, account) in accounts() {
		if account.place == Place::Queued {
			continue;
		}
		let current = peek(|| Margin::current(&who).expect("fits"));
		require(!model.is_unhealthy(&current), || format!("{who:?} was missed: {account:?}"))?;
	}
	Ok(())
}

/// The parts of a debt of which nothing is held any more are the debt.
fn debts() -> Checked {
	for (who, account) in accounts() {
		let is_closed = account.place == Place::Queued && account.positions.is_empty();
		if is_closed && account.cash.0 < 0 {
			let parts: i128 = Margin::deficits(&who).iter().map(|deficit| deficit.amount.0).sum();
			require(parts == -account.cash.0, || {
				format!("{who:?} owes {:?} in parts of {parts}", account.cash)
			})?;
		}
	}
	Ok(())
}

/// The accounts that were to change have changed as they were to, and no others.
pub fn changes(before: &BTreeMap<Who, Account<Test>>, changes: &[Change], released: Option<Who>) -> Checked {
	let after = accounts();
	let model = Model::now(None);
	let all: std::collections::BTreeSet<&Who> = before.keys().chain(after.keys()).collect();
	for who in all {
		let (was, is) =
			(before.get(who).cloned().unwrap_or_default(), after.get(who).cloned().unwrap_or_default());
		// Of an account that is named twice the last word counts.
		let Some(change) = changes.iter().rev().find(|change| change.who == *who) else {
			require(was == is, || format!("{who:?} had no part in it, was {was:?}, is {is:?}"))?;
			continue;
		};
		let expected = bare(change.account.clone());
		require(bare(is.clone()) == expected, || format!("{who:?} was to be {expected:?}, is {is:?}"))?;
		if !change.judged {
			// Only what has ended may have been settled on the way.
			require(is.place == was.place || was.positions != is.positions, || format!("{who:?} moved"))?;
			continue;
		}
		let is_queued = match was.place {
			Place::Queued => released != Some(*who) || model.is_unhealthy(&is),
			_ => !is.is_empty() && model.is_unhealthy(&is),
		};
		let place = match () {
			() if is_queued => Place::Queued,
			() if is.positions.is_empty() => Place::Idle,
			() => Place::Filed,
		};
		require(is.place == place || is.is_empty(), || format!("{who:?} was to be {place:?}: {is:?}"))?;
	}
	Ok(())
}

/// Everything there is, in one number.
pub fn fingerprint() -> Vec<u8> {
	sp_io::storage::root(sp_runtime::StateVersion::V1)
}
