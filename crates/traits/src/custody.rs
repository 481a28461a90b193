// SPDX-License-Identifier: Apache-2.0
//! Where the money lies, and whose it is.

use keel_primitives::Quote;
use sp_runtime::DispatchError;

/// The one place that holds USDK: the custody account.
///
/// Contract: an amount that was pulled is in custody and counted; the caller must name a claim on it
/// in the same call. An amount is pushed only against a claim the caller gives up in the same call.
pub trait Custody<AccountId> {
	/// Move `amount > 0` from `from`'s balance into custody.
	fn pull(from: &AccountId, amount: Quote) -> Result<(), DispatchError>;

	/// Move `amount > 0` out of custody to `to`'s balance, which is not custody's own.
	fn push(to: &AccountId, amount: Quote) -> Result<(), DispatchError>;

	/// Count what was sent to custody by mistake, and say how much it is: a claim of the caller from now on.
	fn sweep() -> Quote;

	/// Send `amount` to custody by mistake, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn stray(amount: Quote);

	/// Make sure that `who` can pay `amount`, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn fund(who: &AccountId, amount: Quote);
}

/// Someone with claims on custody besides margin accounts and markets: funds, vaults, fees.
///
/// Contract: exact. The sum of all claims equals what was pulled less what was pushed.
pub trait Claims {
	/// The sum of the claims it keeps.
	fn claims() -> Quote;
}

impl Claims for () {
	fn claims() -> Quote {
		Quote::ZERO
	}
}

/// Two of them.
impl<A: Claims, B: Claims> Claims for (A, B) {
	fn claims() -> Quote {
		// All dollars there are fit an amount many times over.
		Quote(A::claims().0.saturating_add(B::claims().0))
	}
}
