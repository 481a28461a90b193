// SPDX-License-Identifier: Apache-2.0
//! Someone who pays for losses that nobody else can pay.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{MarketId, Quote};
use scale_info::TypeInfo;

/// What was paid of a loss, by whom. Never more than the loss.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Payment {
	/// Paid by the market's tranche.
	pub tranche: Quote,
	/// Paid by the global fund.
	pub fund: Quote,
}

impl Payment {
	/// What was paid in all. Both parts are bounded by the loss, so the sum cannot overflow.
	pub const fn total(self) -> Quote {
		Quote(self.tranche.0.saturating_add(self.fund.0))
	}
}

/// Someone who can pay for losses that nobody else can.
///
/// Contract: pays at most `loss` and at most what it has; says exactly what it paid; never fails for
/// lack of funds. What it paid is no longer its claim: the caller names the new one in the same call.
pub trait LossAbsorber {
	/// Pay for `loss >= 0` caused in `market`: the market's tranche first, then the global fund within
	/// its caps. `from_fund >= 0` is what the fund has paid for the same account before: its losses
	/// share one cap, however many parts they come in.
	fn absorb(market: MarketId, loss: Quote, from_fund: Quote) -> Payment;

	/// Keep `amount >= 0` for `market`: to its tranche until that is full, then to the global fund.
	/// The amount was the caller's claim on custody and is the fund's from now on.
	fn keep(market: MarketId, amount: Quote);
}
