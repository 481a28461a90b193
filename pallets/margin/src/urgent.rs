// SPDX-License-Identifier: Apache-2.0
//! Calls with priority: one of each kind per owner and block.
//!
//! They land in blocks that are full of other calls, so nobody may fill what is reserved for them. What an
//! owner has used is remembered for the rest of the block: the next one forgets it, as far as its share of
//! weight goes, and what is left over names an old block and counts for nothing.

use crate::{
	pallet::{Config, Error, Pallet, UrgentCalls},
	weights::WeightInfo,
};
use codec::{Decode, Encode, MaxEncodedLen};
use frame_support::{ensure, weights::WeightMeter};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use sp_runtime::DispatchResult;

/// A kind of calls with priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrgentKind {
	/// A deposit.
	AddMargin,
	/// A reduction, offered or taken.
	Reduce,
	/// A cancellation.
	Cancel,
}

/// The calls with priority that an owner has used in a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Urgent<BlockNumber> {
	/// The block. In any other it counts for nothing.
	pub block: BlockNumber,
	/// A deposit.
	pub add_margin: bool,
	/// A reduction, offered or taken.
	pub reduce: bool,
	/// A cancellation.
	pub cancel: bool,
}

impl<BlockNumber> Urgent<BlockNumber> {
	/// Whether a call of this kind was used, to be changed.
	pub const fn of_mut(&mut self, kind: UrgentKind) -> &mut bool {
		match kind {
			UrgentKind::AddMargin => &mut self.add_margin,
			UrgentKind::Reduce => &mut self.reduce,
			UrgentKind::Cancel => &mut self.cancel,
		}
	}
}

impl<T: Config> Pallet<T> {
	/// An owner uses a call with priority; the second of a kind in a block is refused.
	pub(crate) fn note_urgent(owner: &T::AccountId, kind: UrgentKind) -> DispatchResult {
		let block = frame_system::Pallet::<T>::block_number();
		let mut used = UrgentCalls::<T>::get(owner);
		if used.block != block {
			used = Urgent { block, ..Default::default() };
		}
		let slot = used.of_mut(kind);
		ensure!(!*slot, Error::<T>::OncePerBlock);
		*slot = true;
		UrgentCalls::<T>::insert(owner, used);
		Ok(())
	}

	/// Forget the calls of earlier blocks. Goes on in the next block where the weight ends.
	pub(crate) fn forget_urgent(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		// The walk looks for the key after the one it has removed: it never meets one twice.
		for owner in UrgentCalls::<T>::iter_keys() {
			if meter.try_consume(T::WeightInfo::forget_urgent()).is_err() {
				return;
			}
			Self::forget_urgent_of(&owner, now);
		}
	}

	pub(crate) fn forget_urgent_of(owner: &T::AccountId, now: BlockNumberFor<T>) {
		UrgentCalls::<T>::mutate_exists(owner, |used| *used = used.take().filter(|used| used.block >= now));
	}
}
