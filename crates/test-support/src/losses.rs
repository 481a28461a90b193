// SPDX-License-Identifier: Apache-2.0
//! Someone who pays for losses: two purses, and a cap per account if the test sets one.

use crate::AccountId;
use frame_support::{
	pallet_prelude::{OptionQuery, ValueQuery},
	storage_alias, Twox64Concat,
};
use keel_primitives::{MarketId, Quote};
use keel_traits::{Claims, LossAbsorber, Payment};

#[storage_alias]
type Tranches = StorageMap<MockLosses, Twox64Concat, MarketId, Quote, ValueQuery>;
#[storage_alias]
type Fund = StorageValue<MockLosses, Quote, ValueQuery>;
#[storage_alias]
type Cap = StorageValue<MockLosses, Quote, OptionQuery>;

/// Pays from the market's tranche, then from the fund. Keeps everything in the tranche.
pub struct Losses;

impl Losses {
	/// Fill the fund.
	pub fn set_fund(balance: Quote) {
		Fund::put(balance);
	}

	/// Bound what the fund pays for one account.
	pub fn set_cap(cap: Quote) {
		Cap::put(cap);
	}

	/// What the tranche of `market` has.
	pub fn tranche(market: MarketId) -> Quote {
		Tranches::get(market)
	}

	/// What the fund has.
	pub fn fund() -> Quote {
		Fund::get()
	}
}

impl LossAbsorber<AccountId> for Losses {
	fn absorb(market: MarketId, _: &AccountId, loss: Quote, from_fund: Quote) -> Payment {
		let tranche = loss.min(Tranches::get(market));
		let left = Cap::get().map_or(Quote(i128::MAX), |cap| Quote((cap.0 - from_fund.0).max(0)));
		let fund = Quote(loss.0 - tranche.0).min(Fund::get()).min(left);
		Tranches::mutate(market, |balance| balance.0 -= tranche.0);
		Fund::mutate(|balance| balance.0 -= fund.0);
		Payment { tranche, fund }
	}

	fn pay_old_debt(market: MarketId, debt: Quote) -> Payment {
		Self::absorb(market, &0, debt, Quote::ZERO)
	}

	fn give_back(market: MarketId, _: &AccountId, paid: Payment) {
		Tranches::mutate(market, |balance| balance.0 += paid.tranche.0);
		Fund::mutate(|balance| balance.0 += paid.fund.0);
	}

	fn keep(market: MarketId, amount: Quote) {
		Tranches::mutate(market, |balance| balance.0 += amount.0);
	}
}

impl Claims for Losses {
	fn claims() -> Quote {
		Quote(Tranches::iter_values().map(|balance| balance.0).sum::<i128>() + Fund::get().0)
	}
}
