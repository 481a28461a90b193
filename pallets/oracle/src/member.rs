// SPDX-License-Identifier: Apache-2.0
//! Who may report, and with which key.

use crate::{Config, Error, Event, Members, Pallet, Reporters, Reports};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use scale_info::TypeInfo;

/// A member of the oracle.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Member<AccountId, BlockNumber> {
	/// The key that signs reports: an online key that can do nothing else. None until the member has
	/// registered one.
	pub reporter: Option<AccountId>,
	/// The last round the member reported for. Rounds only go forward.
	pub last_round: Option<BlockNumber>,
}

impl<AccountId, BlockNumber> Default for Member<AccountId, BlockNumber> {
	fn default() -> Self {
		Self { reporter: None, last_round: None }
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_add_member(member: T::AccountId) -> DispatchResult {
		ensure!(!Members::<T>::contains_key(&member), Error::<T>::AlreadyMember);
		ensure!(Members::<T>::count() < T::MaxMembers::get(), Error::<T>::TooManyMembers);
		Members::<T>::insert(&member, Member::default());
		Self::deposit_event(Event::MemberAdded { member });
		Ok(())
	}

	pub(crate) fn do_remove_member(member: T::AccountId) -> DispatchResult {
		let left = Members::<T>::take(&member).ok_or(Error::<T>::NotAMember)?;
		if let Some(reporter) = left.reporter {
			Reporters::<T>::remove(reporter);
		}
		Reports::<T>::remove(&member);
		Self::deposit_event(Event::MemberRemoved { member });
		Ok(())
	}

	pub(crate) fn do_set_reporter(member: T::AccountId, reporter: T::AccountId) -> DispatchResult {
		// One key for two members would let one source count twice.
		ensure!(!Reporters::<T>::contains_key(&reporter), Error::<T>::ReporterInUse);
		Members::<T>::try_mutate(&member, |known| {
			let known = known.as_mut().ok_or(Error::<T>::NotAMember)?;
			if let Some(old) = known.reporter.replace(reporter.clone()) {
				Reporters::<T>::remove(old);
			}
			Ok::<_, Error<T>>(())
		})?;
		Reporters::<T>::insert(&reporter, &member);
		// What a lost key has said must not count any more.
		Reports::<T>::remove(&member);
		Self::deposit_event(Event::ReporterSet { member, reporter });
		Ok(())
	}
}
