// SPDX-License-Identifier: Apache-2.0
//! Records that do not know what a pallet is.

use crate::Rank;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use keel_primitives::{MarketId, Quote, Ratio, Side};
use scale_info::TypeInfo;

/// The most positions an account may have. The owner of accounts must not allow more.
pub const EXPOSURES_MAX: u32 = 8;

/// What liquidation costs and how far it goes.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Params {
	/// How far from the mark price the backstop takes a position over, in its favour, in parts per
	/// billion. At most 10 %.
	pub discount: Ratio,
	/// What the account pays for it to the market's tranche, in parts per billion of notional. At
	/// most 10 %.
	pub penalty: Ratio,
	/// How much more than its requirement the account shall have afterwards, in parts per billion of
	/// the requirement: room, so that it is not back in the next block. At most 100 %.
	pub buffer: Ratio,
	/// A position worth less than this, in 1e-6 dollars, is closed whole, as is one of which less
	/// would remain. At most 10,000 dollars.
	pub least_position: Quote,
}

/// A parameter is out of its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidParams;

impl Params {
	/// The most that both together take of a position, as a share of notional.
	pub const fn fee(&self) -> Ratio {
		Ratio(self.discount.0.saturating_add(self.penalty.0))
	}

	/// Whether each lies in its bounds.
	pub fn validate(&self) -> Result<(), InvalidParams> {
		let valid = self.discount <= Ratio::percent(10)
			&& self.penalty <= Ratio::percent(10)
			&& self.buffer <= Ratio::ONE
			&& (Quote::ZERO..=Quote::dollars(10_000)).contains(&self.least_position);
		valid.then_some(()).ok_or(InvalidParams)
	}
}

impl Default for Params {
	/// Discount and penalty together stay below the lowest maintenance rate that is common (2.5 %), so
	/// that an account which is caught in time can be restored by closing a part.
	fn default() -> Self {
		Self {
			discount: Ratio::basis_points(75),
			penalty: Ratio::basis_points(50),
			buffer: Ratio::percent(10),
			least_position: Quote::dollars(10),
		}
	}
}

/// Where an account in liquidation stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum Place {
	/// In the queue, at this rank.
	InLine(Rank),
	/// Waiting for one of these markets to liquidate again.
	Parked(Markets),
}

/// Markets of one account.
pub type Markets = BoundedVec<MarketId, ConstU32<EXPOSURES_MAX>>;

/// What others have paid for the losses of an account in a market, and who.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Advance {
	/// The market.
	pub market: MarketId,
	/// The side that the account held: the other one has borne what was socialised.
	pub side: Side,
	/// Who has paid what of it.
	pub paid: Receipts,
}

/// An account in liquidation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Entry {
	/// Where it stands.
	pub place: Place,
	/// What the global fund has paid for it so far: all its losses share one cap.
	pub from_fund: Quote,
	/// What others have paid for it, by the market whose losses they were. While it holds positions it may
	/// recover: it pays that back when it is solvent again.
	pub advanced: BoundedVec<Advance, ConstU32<EXPOSURES_MAX>>,
	/// While it is bankrupt, or parked and may be: the sides it holds, or has lost on and not paid for. The
	/// holders of the opposite sides may have to pay.
	pub bankrupt_in: BoundedVec<(MarketId, Side), ConstU32<EXPOSURES_MAX>>,
}

/// Who took a position.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Taker {
	/// The backstop account of the market, at the stated price.
	Backstop,
	/// The whole opposite side of the market, pro rata, at the mark price.
	Deleveraged,
}

/// Losses, and who paid for them.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Receipts {
	/// What was lost.
	pub loss: Quote,
	/// Paid by the market's tranche.
	pub tranche: Quote,
	/// Paid by the global fund.
	pub fund: Quote,
	/// Borne by the side that gained.
	pub socialised: Quote,
	/// Owed by the market.
	pub market_debt: Quote,
}

impl Receipts {
	/// Whether nobody got anything back, and what was paid is what was lost, to the unit.
	pub fn balance(&self) -> bool {
		let parts = [self.tranche, self.fund, self.socialised, self.market_debt];
		let paid = parts.iter().try_fold(0i128, |sum, part| sum.checked_add(part.0));
		parts.iter().all(|part| !part.is_negative()) && paid == Some(self.loss.0)
	}

	/// Take `amount`, at most the loss, out of the receipts in the reverse of the order in which they were paid: the
	/// market's debt, the side that gained, the global fund, the tranche. Returns what is whose.
	pub fn take_back(&mut self, amount: Quote) -> Self {
		let mut rest = amount.min(self.loss).max(Quote::ZERO);
		let mut back = Self { loss: rest, ..Self::default() };
		self.loss.0 = self.loss.0.saturating_sub(rest.0);
		let parts = [
			(&mut self.market_debt, &mut back.market_debt),
			(&mut self.socialised, &mut back.socialised),
			(&mut self.fund, &mut back.fund),
			(&mut self.tranche, &mut back.tranche),
		];
		for (part, taken) in parts {
			*taken = rest.min(*part);
			part.0 = part.0.saturating_sub(taken.0);
			rest.0 = rest.0.saturating_sub(taken.0);
		}
		back
	}

	/// Both together; `None` when a sum does not fit.
	pub fn checked_add(&self, other: &Self) -> Option<Self> {
		let add = |a: Quote, b: Quote| a.0.checked_add(b.0).map(Quote);
		Some(Self {
			loss: add(self.loss, other.loss)?,
			tranche: add(self.tranche, other.tranche)?,
			fund: add(self.fund, other.fund)?,
			socialised: add(self.socialised, other.socialised)?,
			market_debt: add(self.market_debt, other.market_debt)?,
		})
	}
}
