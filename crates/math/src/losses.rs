// SPDX-License-Identifier: Apache-2.0
//! What a side bears of the losses of others, and what of it comes back.
//!
//! A loss lowers `K` of the side: each unit bears `ceil(loss / Q)`. When who made it pays it back, that goes to those who
//! bore it and are still there, in two accumulators of dollars per unit that only grow:
//!
//! ```text
//! B  what a unit has borne          a loss D lays:      B += floor(D / Q)
//! R  what a unit may fetch          a pay-back P gives: R += floor(P / Q)
//!
//! a position of q units, when it is touched:   claim += floor(q (B - B_then))
//!                                              fetches min(claim, floor(q (R - R_then)))
//!                                              claim -= what it has fetched
//! ```
//!
//! So nobody has more back than he bore, whoever joins before the money comes: who joined since has no claim, and what
//! his units would have fetched is the market's to keep. Nothing iterates over holders.

use crate::{
	int::{div_ceil, div_floor, narrow_signed, wide_product, EXACT_PER_QUOTE, I256},
	units::{Level, Units},
	Book, Ended, MathError, MathResult,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{Quote, Side};
use primitive_types::U256;
use scale_info::TypeInfo;

/// What the units of a generation have borne and may fetch, in dollars per unit.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Returns {
	/// `B`: what a unit has borne of the losses of others since the generation began.
	pub borne: Level,
	/// `R`: what a unit was given back since.
	pub given: Level,
}

/// What a position has borne of the losses of others and not had back.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Borne {
	/// As much of what comes back is its own.
	pub claim: Quote,
	/// The accumulators of its generation when it was last touched.
	pub seen: Returns,
}

impl Borne {
	/// A position that is new in a generation: what was borne before is not its own.
	/// Domain: any accumulators.
	pub const fn new(now: Returns) -> Self {
		Self { claim: Quote::ZERO, seen: now }
	}
}

impl Book {
	/// Lay a loss of `amount > 0` on everybody of `side`: `K -+ ceil(amount / Q)`. The amount is paid out
	/// to whoever made the loss. Fails with [`MathError::DivisionByZero`] on an empty side.
	///
	/// Domain: `amount >= 0`, else [`MathError::Insufficient`]; all that is bearable fits, more may make `K`
	/// leave its range.
	pub fn socialise(&mut self, side: Side, amount: Quote) -> MathResult<()> {
		self.atomically(|book| {
			let units = book.side(side).units;
			let step = loss_step(side, amount, units)?;
			book.flow(amount, I256::ZERO)?;
			book.move_quote(side, step)?;
			let borne = gift_step(amount, units)?;
			let returns = &mut book.side_mut(side).returns;
			// What no longer fits is not given back: it is borne all the same.
			returns.borne = Level(returns.borne.0.saturating_add(borne.0));
			Ok(())
		})
	}

	/// The same on a generation that has ended and is not settled yet: its positions bear the loss, and have no claim to
	/// it: they are settled before anything can come back.
	/// Domain: as [`Self::socialise`].
	pub fn socialise_ended(&mut self, side: Side, ended: &mut Ended, amount: Quote) -> MathResult<()> {
		let mut bearing = *ended;
		self.atomically(|book| {
			let step = loss_step(side, amount, bearing.left)?;
			bearing.quote = bearing.quote.plus(step)?;
			let claims = I256::product(bearing.left.0, step.0)?;
			let change = if side == Side::Long { claims } else { claims.negated() };
			book.unsettled = book.unsettled.plus(change)?;
			book.flow(amount, change)
		})?;
		*ended = bearing;
		Ok(())
	}

	/// Set `amount >= 0` apart for those of `side` who have borne losses of others. Returns whether it was: nobody of
	/// the present generation may have borne one.
	///
	/// Domain: `amount >= 0`, else [`MathError::Insufficient`]; an error where `R` leaves its range.
	pub fn give_back(&mut self, side: Side, amount: Quote) -> MathResult<bool> {
		if amount.is_negative() {
			return Err(MathError::Insufficient);
		}
		let numbers = self.side(side);
		if numbers.units.is_zero() || numbers.returns.borne == Level::ZERO {
			return Ok(false);
		}
		self.atomically(|book| {
			let units = book.side(side).units;
			let step = gift_step(amount, units)?;
			let returns = &mut book.side_mut(side).returns;
			returns.given = returns.given.plus(step)?;
			// The market receives it and owes it; what the division leaves is the house's.
			let set_apart = I256::product(units.0, step.0)?;
			book.set_apart = book.set_apart.plus(set_apart)?;
			book.flow(Quote(amount.0.saturating_neg()), set_apart)
		})?;
		Ok(true)
	}

	/// What `units` that saw their generation last at `borne.seen`, and see it `now`, have back. What they would have
	/// fetched beyond their claim is added to what the market keeps; see [`Self::take_unclaimed`].
	///
	/// Domain: units of a generation with the accumulators `now`; every one of them is asked for before it leaves.
	pub fn fetch(&mut self, units: Units, borne: &mut Borne, now: Returns) -> MathResult<Quote> {
		if borne.seen == now {
			return Ok(Quote::ZERO);
		}
		let since = |now: Level, then: Level| now.0.checked_sub(then.0).ok_or(MathError::Overflow);
		let lost = I256::product(units.0, since(now.borne, borne.seen.borne)?)?.quote_floor()?;
		let claim = borne.claim.0.checked_add(lost.0).map(Quote).ok_or(MathError::Overflow)?;
		let share = I256::product(units.0, since(now.given, borne.seen.given)?)?;
		let most = share.quote_floor()?;
		let fetched = most.min(claim);
		self.atomically(|book| {
			// The unclaimed stays set apart; what is less than a unit of quote is the house's.
			let unclaimed = Quote(most.0.saturating_sub(fetched.0));
			let leaves = share.minus(I256::from(unclaimed))?;
			book.unclaimed =
				book.unclaimed.0.checked_add(unclaimed.0).map(Quote).ok_or(MathError::Overflow)?;
			book.set_apart = book.set_apart.minus(leaves)?;
			book.flow(fetched, leaves.negated())
		})?;
		*borne = Borne { claim: Quote(claim.0.saturating_sub(fetched.0)), seen: now };
		Ok(fetched)
	}

	/// Take out what was given back and nobody has a claim to. It is the caller's claim on custody from now on.
	///
	/// Domain: the bounds of the crate.
	pub fn take_unclaimed(&mut self) -> MathResult<Quote> {
		self.atomically(|book| {
			let taken = core::mem::take(&mut book.unclaimed);
			book.set_apart = book.set_apart.minus(I256::from(taken))?;
			book.flow(taken, I256::from(taken).negated())?;
			Ok(taken)
		})
	}

	/// `units` that nobody holds are the house's, and what was given back to them.
	pub(crate) fn forgo(&mut self, units: Units, returns: Returns) -> MathResult<()> {
		let share = I256::product(units.0, returns.given.0)?;
		self.set_apart = self.set_apart.minus(share)?;
		self.flow(Quote::ZERO, share.negated())
	}
}

/// By how much `K` of `side` moves for its holders to lose `amount` over `units`, rounded up.
fn loss_step(side: Side, amount: Quote, units: Units) -> MathResult<Level> {
	let amount = u128::try_from(amount.0).map_err(|_| MathError::Insufficient)?;
	let step = narrow_signed(div_ceil(wide_product(amount, EXACT_PER_QUOTE), U256::from(units.0))?)?;
	// The step is a quotient of magnitudes: not negative, so its negative fits.
	Ok(match side {
		Side::Long => Level(step.saturating_neg()),
		Side::Short => Level(step),
	})
}

/// What each of `units` gets of `amount`, rounded down.
fn gift_step(amount: Quote, units: Units) -> MathResult<Level> {
	let amount = u128::try_from(amount.0).map_err(|_| MathError::Insufficient)?;
	narrow_signed(div_floor(wide_product(amount, EXACT_PER_QUOTE), U256::from(units.0))?).map(Level)
}
