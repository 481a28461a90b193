// SPDX-License-Identifier: Apache-2.0
//! What becomes of the queue: positions are handed over at mark to somebody who has the margin, or closed against the
//! other side; what a bankrupt account lacks for one is paid in the step that closes it, by a fund, by who gained, by
//! the market.

use super::{
	faults::Tamper,
	invariants::{Gains, Rule},
	path::{Path, Shape, RICH},
	world::{is_bankrupt, tell_waiting, Now, Who},
};
use crate::mock::*;
use keel_primitives::*;
use keel_traits::{Deficit, Liquidatable};

impl Path {
	/// Take up an account: all of it now, or some of its markets have to wait.
	pub fn liquidate(&mut self, who: Who) {
		let whole = self.shape == Shape::Isolated;
		if !whole && self.rng.one_in(3) {
			return;
		}
		self.pay(who);
		if self.release(who) {
			return;
		}
		for exposure in Margin::exposures(&who) {
			let id = exposure.market;
			if (!whole && self.rng.one_in(4)) || market(id).quarantined {
				continue;
			}
			let bankrupt = Self::is_bankrupt(who);
			let part = if !whole && !bankrupt { self.rng.between(1, 10) } else { 10 };
			let size = Size((exposure.size.0 * u128::from(part)).div_ceil(10));
			let to = Who::main(RICH);
			let handed = !whole
				&& who != to && self.rng.one_in(4)
				&& Margin::hand_over(&who, &to, id, size, exposure.mark).is_ok();
			if handed {
				self.count("handed over");
			} else if !self.deleverage(who, id, size) {
				// The numbers of one of its markets have left the bounds.
				self.count("closing failed");
				self.broken.require(!whole, Rule::Judged, || format!("{who:?} cannot be closed"));
				return tell_waiting();
			}
			if bankrupt {
				self.pay(who);
			} else if !whole {
				// A solvent account gives up a part of its equity.
				let equity = Margin::judge(&who).map_or(0, |judgement| judgement.equity.0.max(0));
				let part = equity / i128::from(self.rng.between(2, 20));
				self.charge(who, Quote(part));
			}
			if self.release(who) {
				return;
			}
		}
		if Margin::exposures(&who).is_empty() {
			// What was left of its positions was dust.
			self.pay(who);
			let released = self.release(who);
			self.broken.require(released, Rule::Judged, || {
				let (account, parts) = (Margin::stored(&who), Margin::deficits(&who));
				format!("nobody pays the debt of {who:?}: {account:?}, in parts {parts:?}")
			});
		}
		tell_waiting();
	}

	fn is_bankrupt(who: Who) -> bool {
		let now = Now::load();
		is_bankrupt(&now, &now.account(who))
	}

	/// Let a healthy account go. Answers whether it was.
	fn release(&mut self, who: Who) -> bool {
		let released = Margin::release(&who).is_ok();
		tell_waiting();
		released
	}

	/// Take money from an account: others keep it.
	pub fn charge(&mut self, who: Who, amount: Quote) {
		let taken = Margin::charge(&who, amount);
		world(|world| world.other_claims.0 += taken.0);
	}

	/// Close a part of an account at mark against the whole other side. Answers whether that was possible.
	pub fn deleverage(&mut self, who: Who, id: MarketId, size: Size) -> bool {
		let before = Now::load();
		let Ok(closed) = Margin::deleverage(&who, id, size) else { return false };
		let other = closed.side.opposite();
		if self.tamper == Some(Tamper::OffMark) {
			Tamper::move_quote(id, other, market(id).mark.0 as i128 * 10_000_000, true);
		}
		if self.tamper == Some(Tamper::LossForgotten) {
			Margin::forget_losses(&who);
		}
		self.count("closed against the other side");
		self.broken.check_bystanders(&before, who, id, other);
		if self.tamper != Some(Tamper::OffMark) {
			self.broken.check_house(&before, id);
		}
		true
	}

	/// Others pay for what is gone: now and then a fund, a share or all; the rest is laid on who gained.
	fn pay(&mut self, who: Who) {
		for deficit in Margin::deficits(&who) {
			let kept = world(|world| world.other_claims.0).max(0);
			let share = if self.rng.one_in(4) { self.rng.below(5) as i128 } else { 0 };
			let paid = Quote((deficit.amount.0 / 4 * share).min(kept));
			if !paid.is_zero() {
				world(|world| world.other_claims.0 -= paid.0);
				Margin::credit(&who, Deficit { amount: paid, ..deficit });
			}
			let rest = Deficit { amount: Quote(deficit.amount.0 - paid.0), ..deficit };
			if !rest.amount.is_zero() {
				self.socialise(who, rest);
			}
		}
	}

	fn socialise(&mut self, who: Who, deficit: Deficit) {
		let (id, side) = (deficit.market, deficit.side.opposite());
		let (before, gains) = (Now::load(), Gains::of(id, side));
		if self.tamper == Some(Tamper::Unbounded) {
			Tamper::forget_reference(id, side);
		}
		let borne = Margin::socialise(&who, deficit);
		let owed = market(id).book.debt.0 - before.market(id).book.debt.0;
		if self.tamper == Some(Tamper::LossForHolders) && !borne.is_zero() {
			Tamper::move_quote(id, side, 1_000_000_000_000, false);
		}
		self.broken.require(borne.0 + owed == deficit.amount.0, Rule::Money, || {
			format!("of {deficit:?} {borne:?} is borne and {owed} owed")
		});
		self.broken.check_house(&before, id);
		gains.check(id, side, &mut self.broken);
		if self.tamper == Some(Tamper::LossTwice) {
			Tamper::lay_again(id, side, borne);
		}
		if !borne.is_zero() {
			self.count("loss laid on others");
		}
		if owed > 0 {
			self.count("loss owed by a market");
		}
	}
}
