// SPDX-License-Identifier: Apache-2.0
//! What must be seen: each is done behind the pallet's back, or by the house, as code that is wrong would do it. An
//! invariant that no fault has ever broken proves nothing.

use super::{
	invariants::Rule,
	path::{Path, Shape},
	world::{Now, Who},
};
use crate::{desk::Desk, mock::*, *};
use keel_math::{Level, I256};
use keel_primitives::*;
use std::collections::BTreeSet;

/// What is done wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tamper {
	/// A key is filed 1 % further away than it should be.
	GenerousKey,
	/// A key is taken off its ladder.
	LostKey,
	/// What a margin call has held back leaves, and nothing is filed again.
	CashNotFiled,
	/// Markets forget their first keys: a walk begins nowhere.
	HeadForgotten,
	/// A generation counts as drained though nobody in it was touched.
	DrainSkipped,
	/// A generation is forgotten while positions refer to it.
	PrunedEarly,
	/// A unit of money is made.
	UnitMade,
	/// Who is closed against a side takes 1 % of the mark more from each unit of it.
	OffMark,
	/// A loss is rounded in favour of those who bear it.
	LossForHolders,
	/// A loss is laid on a side whatever it has gained.
	Unbounded,
	/// A loss is laid on a side twice.
	LossTwice,
	/// What a position has lost is forgotten when it is closed.
	LossForgotten,
}

fn unfile(who: Who, filed: &Filed) {
	let (mut desk, mut headless) = (Desk::<Test>::default(), BTreeSet::new());
	Margin::unfile_key(&mut desk, &mut headless, filed, &who).expect("listed");
	Margin::find_heads(&mut desk, headless).expect("listed");
	desk.put_back();
}

impl Tamper {
	/// Done before each hook.
	pub fn before_hook(self) {
		for id in Margin::market_ids() {
			Markets::<Test>::mutate_extant(id, |market| {
				for side in Side::BOTH {
					let generation = market.book.side(side).generation;
					match self {
						Self::HeadForgotten => market.watch_mut(side).heads = Default::default(),
						Self::DrainSkipped => market.watch_mut(side).drained_to = generation,
						_ => {}
					}
				}
			});
		}
	}

	/// Done after each step.
	pub fn after_step(self) {
		match self {
			Self::GenerousKey | Self::LostKey | Self::CashNotFiled => {
				let filed = |(_, account): &&(Who, Account<Test>)| account.place == Place::Filed;
				let now = Now::load();
				let all: Vec<_> = now.accounts.iter().filter(filed).cloned().collect();
				all.into_iter().for_each(|(who, account)| self.apply(who, account));
			}
			Self::PrunedEarly => {
				if let Some(oldest) = Generations::<Test>::iter_keys().next() {
					Generations::<Test>::remove(oldest);
				}
			}
			Self::UnitMade => {
				use frame_support::traits::fungible::Mutate;
				Usdk::mint_into(&Margin::custody_account(), 1).expect("fits");
			}
			_ => {}
		}
	}

	fn apply(self, who: Who, mut account: Account<Test>) {
		if self == Self::CashNotFiled {
			// It goes where others keep what is theirs.
			let gone = account.warning.unwrap_or_default();
			account.cash.0 -= gone.0;
			TotalCash::<Test>::mutate(|sum| sum.0 -= gone.0);
			world(|world| world.other_claims.0 += gone.0);
			return Margin::remember(&who, account);
		}
		for index in 0..account.positions.len() {
			let Position { market: id, side, tier, generation, key, .. } = account.positions[index];
			let Some(key) = key else { continue };
			let filed = Filed { market: id, side, tier, generation, key };
			if !Triggers::<Test>::contains_key(Margin::trigger(&filed, &who)) {
				continue;
			}
			unfile(who, &filed);
			if self == Self::GenerousKey {
				let off = market(id).mark.0 as i128 * 10_000_000;
				let further =
					if side == Side::Long { key.0.saturating_sub(off) } else { key.0.saturating_add(off) };
				let further = Level(further);
				let mut desk = Desk::<Test>::default();
				Margin::file_key(&mut desk, &Filed { key: further, ..filed }, &who).expect("listed");
				desk.put_back();
				account.positions[index].key = Some(further);
			}
		}
		Margin::remember(&who, account);
	}

	/// Move what each unit of a side has, to its cost or not, at the house's: both equations still hold.
	pub fn move_quote(id: MarketId, side: Side, by: i128, costs: bool) {
		Markets::<Test>::mutate_extant(id, |market| {
			let units = market.book.side(side).units;
			let change = if (side == Side::Long) == costs { -by } else { by };
			let claims = I256::product(units.0, change).expect("fits");
			let claims = if side == Side::Long { claims } else { claims.negated() };
			let Ok(dust) = market.book.dust.minus(claims) else { return };
			market.book.dust = dust;
			market.book.side_mut(side).quote.0 += change;
		});
	}

	/// Take what a side has borne from it once more.
	pub fn lay_again(id: MarketId, side: Side, borne: Quote) {
		let units = market(id).book.side(side).units.0;
		let step = I256::from(borne).div_ceil(units.into()).and_then(I256::to_i128);
		// Nobody is left on a side that was closed out.
		if let Ok(step) = step {
			Self::move_quote(id, side, step, true);
		}
	}

	/// Whatever a side is asked to bear counts as gained.
	pub fn forget_reference(id: MarketId, side: Side) {
		let reference = Level(if side == Side::Long { i128::MIN / 4 } else { i128::MAX / 4 });
		Markets::<Test>::mutate_extant(id, |market| market.book.side_mut(side).reference = reference);
		let keys = Generations::<Test>::iter_keys().filter(|(of, held, _)| (*of, *held) == (id, side));
		for place in keys.collect::<Vec<_>>() {
			Generations::<Test>::mutate(place, |ended| {
				if let Some(ended) = ended {
					ended.reference = reference;
				}
			});
		}
	}
}

/// In how many paths a fault must have shown.
const PATHS: u64 = 5_000;

/// The first path on which a fault breaks `rule`.
fn shows(tamper: Tamper, shape: Shape, rule: Rule) -> Option<u64> {
	(0..PATHS).find(|seed| Path::walk(*seed, shape, Some(tamper), Some(rule)).broken.has(rule))
}

macro_rules! controls {
	($($name:ident: $fault:ident on $shape:ident breaks $($rule:ident),+;)+) => {$(
		#[test]
		fn $name() {
			$(
				let path = shows(Tamper::$fault, Shape::$shape, Rule::$rule);
				assert!(path.is_some(), "{:?} was never seen to break {:?}", Tamper::$fault, Rule::$rule);
				println!("{:?} breaks {:?} on path {}", Tamper::$fault, Rule::$rule, path.unwrap_or_default());
			)+
		}
	)+};
}

controls! {
	keys_one_percent_too_generous_miss_somebody: GenerousKey on Crossed breaks State, Seen, Found;
	a_key_that_is_lost_misses_somebody: LostKey on Crossed breaks State, Seen, Found;
	a_change_of_cash_that_files_nothing_misses_somebody: CashNotFiled on Crossed breaks State, Seen, Found;
	a_walk_that_begins_nowhere_misses_somebody: HeadForgotten on Crossed breaks Seen, Found;
	a_generation_not_drained_misses_somebody: DrainSkipped on Crossed breaks Seen, Found;
	a_generation_pruned_too_early_is_seen: PrunedEarly on Crossed breaks State, Judged;
	a_unit_made_is_seen: UnitMade on Crossed breaks Money;
	closing_off_the_mark_is_seen: OffMark on Crossed breaks Bystander;
	a_loss_rounded_for_those_who_bear_it_is_seen: LossForHolders on Crossed breaks House;
	a_loss_beyond_the_gain_is_seen: Unbounded on Crossed breaks Overshoot;
	a_loss_laid_twice_takes_more_than_the_move_gave: LossTwice on Isolated breaks Overshoot;
	a_debt_that_nobody_is_asked_for_is_seen: LossForgotten on Crossed breaks Judged;
}
