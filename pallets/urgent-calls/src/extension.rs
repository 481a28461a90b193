// SPDX-License-Identifier: Apache-2.0
//! The transaction extension: it refuses before a transaction takes room, and remembers also what fails.

use crate::{Config, Judge, Pallet, Used, UsedNow, Uses, WeightInfo};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{fmt, marker::PhantomData};
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo, GetDispatchInfo},
	pallet_prelude::{TransactionSource, Weight},
	DefaultNoBound,
};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{AsSystemOriginSigner, DispatchInfoOf, Dispatchable, TransactionExtension, ValidateResult},
	transaction_validity::{InvalidTransaction, TransactionValidityError, ValidTransaction},
};

/// Checks that a signed transaction of the class `Operational` may use the room kept for it.
///
/// # Transaction validity
///
/// - One that may not is refused with a custom error, [`Refusal`](crate::Refusal).
/// - One too many in this block finds no room (`ExhaustsResources`) and waits in the pool.
#[derive(Encode, Decode, DecodeWithMemTracking, DefaultNoBound, Clone, PartialEq, Eq, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct CheckUrgency<T>(PhantomData<T>);

impl<T> CheckUrgency<T> {
	/// A new one.
	pub const fn new() -> Self {
		Self(PhantomData)
	}
}

impl<T> fmt::Debug for CheckUrgency<T> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("CheckUrgency")
	}
}

impl<T: Config> Pallet<T> {
	/// What the accounts will have used of the room after this, if it may be in this block.
	fn after(uses: &Uses<T::AccountId>) -> Option<Vec<(T::AccountId, Used)>> {
		let by_account = uses.by_account().iter();
		by_account.map(|(who, used)| Some((who.clone(), UsedNow::<T>::get(who).together(*used)?))).collect()
	}

	/// Remember it until the end of the block, if it may be in it.
	pub(crate) fn remember(uses: &Uses<T::AccountId>) -> Option<()> {
		for (who, used) in Self::after(uses)? {
			UsedNow::<T>::insert(who, used);
		}
		Some(())
	}
}

impl<T> TransactionExtension<T::RuntimeCall> for CheckUrgency<T>
where
	T: Config + Send + Sync,
	T::RuntimeCall: Dispatchable<Info = DispatchInfo> + GetDispatchInfo,
	<T::RuntimeCall as Dispatchable>::RuntimeOrigin: AsSystemOriginSigner<T::AccountId>,
{
	const IDENTIFIER: &'static str = "CheckUrgency";
	type Implicit = ();
	type Val = Uses<T::AccountId>;
	type Pre = ();

	fn weight(&self, call: &T::RuntimeCall) -> Weight {
		if call.get_dispatch_info().class != DispatchClass::Operational {
			return Weight::zero();
		}
		T::WeightInfo::urgent_call().saturating_mul(T::Judge::units(call).into())
	}

	fn validate(
		&self,
		origin: <T::RuntimeCall as Dispatchable>::RuntimeOrigin,
		call: &T::RuntimeCall,
		info: &DispatchInfoOf<T::RuntimeCall>,
		_: usize,
		_: (),
		_: &impl Encode,
		_: TransactionSource,
	) -> ValidateResult<Self::Val, T::RuntimeCall> {
		let signer = origin.as_system_origin_signer().filter(|_| info.class == DispatchClass::Operational);
		let uses = match signer {
			Some(who) => T::Judge::uses(who, call)?,
			None => Uses::default(),
		};
		if Pallet::<T>::after(&uses).is_none() {
			return Err(InvalidTransaction::ExhaustsResources.into());
		}
		Ok((ValidTransaction::default(), uses, origin))
	}

	fn prepare(
		self,
		uses: Self::Val,
		_: &<T::RuntimeCall as Dispatchable>::RuntimeOrigin,
		_: &T::RuntimeCall,
		_: &DispatchInfoOf<T::RuntimeCall>,
		_: usize,
	) -> Result<(), TransactionValidityError> {
		// Here, and not in the call: what a call that fails has written is taken back.
		Pallet::<T>::remember(&uses).ok_or(InvalidTransaction::ExhaustsResources.into())
	}
}
