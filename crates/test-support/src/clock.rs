// SPDX-License-Identifier: Apache-2.0
//! A clock that stands still until it is moved.

use frame_support::{storage_alias, traits::Get};
use keel_primitives::Moment;

#[storage_alias]
type Time = StorageValue<MockClock, Moment, frame_support::pallet_prelude::ValueQuery>;

/// The time of the block, in milliseconds.
pub struct Clock;

impl Clock {
	/// Set the time, forwards or backwards.
	pub fn set(now: Moment) {
		Time::put(now);
	}

	/// Let `milliseconds` pass.
	pub fn advance(milliseconds: Moment) {
		Time::mutate(|now| *now = now.saturating_add(milliseconds));
	}
}

impl Get<Moment> for Clock {
	fn get() -> Moment {
		Time::get()
	}
}
