// SPDX-License-Identifier: Apache-2.0
//! Custody: balances of accounts, and one sum that lies in custody.

use crate::AccountId;
use frame_support::{pallet_prelude::ValueQuery, storage_alias, Twox64Concat};
use keel_primitives::Quote;
use sp_runtime::{DispatchError, TokenError};

#[storage_alias]
type Balances = StorageMap<MockCustody, Twox64Concat, AccountId, Quote, ValueQuery>;
#[storage_alias]
type Held = StorageValue<MockCustody, Quote, ValueQuery>;
#[storage_alias]
type Stray = StorageValue<MockCustody, Quote, ValueQuery>;

/// Holds dollars. Refuses to pull more than a balance and to push more than it holds.
pub struct Custody;

impl Custody {
	/// Give `who` dollars from nowhere.
	pub fn give(who: AccountId, amount: Quote) {
		Balances::mutate(who, |balance| balance.0 += amount.0);
	}

	/// What `who` has outside custody.
	pub fn balance(who: AccountId) -> Quote {
		Balances::get(who)
	}

	/// What lies in custody.
	pub fn held() -> Quote {
		Held::get()
	}

	/// Dollars are sent to custody by mistake.
	pub fn lose(amount: Quote) {
		Stray::mutate(|stray| stray.0 += amount.0);
	}

	/// A claim of somebody outside the test enters (positive) or leaves (negative) it.
	pub fn claim_moves(amount: Quote) {
		Held::mutate(|held| held.0 += amount.0);
	}
}

impl keel_traits::Custody<AccountId> for Custody {
	fn pull(from: &AccountId, amount: Quote) -> Result<(), DispatchError> {
		let rest = Quote(Balances::get(from).0 - amount.0);
		frame_support::ensure!(!rest.is_negative(), TokenError::FundsUnavailable);
		Balances::insert(from, rest);
		Held::mutate(|held| held.0 += amount.0);
		Ok(())
	}

	fn push(to: &AccountId, amount: Quote) -> Result<(), DispatchError> {
		let rest = Quote(Held::get().0 - amount.0);
		frame_support::ensure!(!rest.is_negative(), TokenError::FundsUnavailable);
		Held::put(rest);
		Self::give(*to, amount);
		Ok(())
	}

	fn sweep() -> Quote {
		let stray = Stray::take();
		Held::mutate(|held| held.0 += stray.0);
		stray
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn stray(amount: Quote) {
		Self::lose(amount);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn fund(who: &AccountId, amount: Quote) {
		Self::give(*who, amount);
	}
}
