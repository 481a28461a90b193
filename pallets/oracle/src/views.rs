// SPDX-License-Identifier: Apache-2.0
//! What clients are shown.

use crate::{Config, Feed, FeedName, FeedParams, Feeds, Pallet};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use keel_primitives::FeedId;
use keel_traits::{Observation, PriceFeed};
use scale_info::TypeInfo;

/// A feed and what is known of it in this block.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct FeedView {
	/// The feed.
	pub feed: FeedId,
	/// What people call it.
	pub name: FeedName,
	/// What its prices must meet.
	pub params: FeedParams,
	/// Price, age and state: exactly what other pallets are told.
	pub observation: Observation,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn view_of(feed: FeedId) -> Option<FeedView> {
		Feeds::<T>::get(feed).map(|known| Self::view(feed, known))
	}

	pub(crate) fn all_views() -> Vec<FeedView> {
		Feeds::<T>::iter().map(|(feed, known)| Self::view(feed, known)).collect()
	}

	fn view(feed: FeedId, Feed { name, params }: Feed) -> FeedView {
		FeedView { feed, name, params, observation: Self::observe(feed) }
	}
}
