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
pub trait LossAbsorber<AccountId> {
	/// Pay for `loss >= 0` that `owner` has caused in `market`: the market's tranche first, then the global fund
	/// within its caps. `from_fund >= 0` is what the fund has paid for the same account before: its losses
	/// share one cap, however many parts they come in.
	fn absorb(market: MarketId, owner: &AccountId, loss: Quote, from_fund: Quote) -> Payment;

	/// Pay for `debt >= 0` that `market` owes since an earlier block because nobody could bear it: the tranche first, then
	/// the global fund within its caps, and of the cap of a market half at most: the rest is for losses that are new.
	fn pay_old_debt(market: MarketId, debt: Quote) -> Payment;

	/// Take back what was paid for a loss of `owner` in `market` that is paid after all: each part where it came from.
	/// The amounts were the caller's claim on custody and are the fund's from now on.
	fn give_back(market: MarketId, owner: &AccountId, paid: Payment);

	/// Keep `amount >= 0` for `market`: to its tranche until that is full, then to the global fund.
	/// The amount was the caller's claim on custody and is the fund's from now on.
	fn keep(market: MarketId, amount: Quote);
}

/// News: the global fund has paid for losses of a market all that it may within a day. Carries data and cannot fail.
pub trait OnFundExhausted {
	/// It has paid `paid` for `market` within the last day, the last of it now: what is lost there from now on is others'.
	fn on_fund_exhausted(market: MarketId, paid: Quote);
}

impl OnFundExhausted for () {
	fn on_fund_exhausted(_: MarketId, _: Quote) {}
}
