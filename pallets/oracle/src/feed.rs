// SPDX-License-Identifier: Apache-2.0
//! A feed and what its prices must meet.

use crate::{round, Config, Error, Event, Feeds, Pallet, LEAST_QUORUM};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get, BoundedVec};
use keel_primitives::{FeedId, Price, PriceState, Ratio};
use scale_info::TypeInfo;
use sp_runtime::traits::ConstU32;

/// A feed's name, such as `BTC/USD`, in at most 32 bytes.
pub type FeedName = BoundedVec<u8, ConstU32<32>>;

/// The longest age a price may have: one hour. An older one says nothing about a leveraged position.
pub const AGE_MS_MAX: u64 = 3_600_000;

/// A feed: what is priced, and what its prices must meet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Feed {
	/// What people call it.
	pub name: FeedName,
	/// What its prices must meet.
	pub params: FeedParams,
}

/// What the prices of a feed must meet.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FeedParams {
	/// A price that is older, in milliseconds of chain time, is stale. It also bounds the age of the
	/// reports a price is made of, which are one or two blocks old when they are read: allow several
	/// blocks. 1 to 3,600,000.
	pub age_ms_max: u64,
	/// A report further than this from the round's median is left out. The distance grows with the age
	/// of the last price: by itself with every `age_ms_max`, to at most the whole. Above 0, at most
	/// 50 %.
	pub deviation_max: Ratio,
	/// A price whose confidence is a larger part of it than this is uncertain. Above 0, at most 50 %.
	pub confidence_max: Ratio,
	/// A price further than this from the slow price is volatile; the averages count a move only up to
	/// here. Above 0, at most 100 %.
	pub volatile_max: Ratio,
	/// The least number of reports, whatever two thirds of the members are. At least 3.
	pub quorum_min: u32,
}

impl FeedParams {
	/// Whether a price can meet them, and meeting them means something.
	pub fn is_valid(&self, members_max: u32) -> bool {
		let half = Ratio::percent(50);
		let within = |ratio: Ratio, most: Ratio| !ratio.is_zero() && ratio <= most;
		(1..=AGE_MS_MAX).contains(&self.age_ms_max)
			&& within(self.deviation_max, half)
			&& within(self.confidence_max, half)
			&& within(self.volatile_max, Ratio::ONE)
			&& (LEAST_QUORUM..=members_max).contains(&self.quorum_min)
	}

	/// How far a report may lie from the median when the last price has the age `age_ms`; `None` when
	/// there has never been one. It grows, so that members who disagree after an outage find together.
	pub fn allowed_deviation(&self, age_ms: Option<u64>) -> Ratio {
		let grown = crate::stats::mul_div(
			u128::from(self.deviation_max.0),
			u128::from(age_ms.unwrap_or(0)),
			u128::from(self.age_ms_max),
		);
		let allowed = u128::from(self.deviation_max.0).saturating_add(grown);
		Ratio(u64::try_from(allowed).unwrap_or(u64::MAX)).min(Ratio::ONE)
	}

	/// How far the others must move for a repeated value to count as stuck: a quarter of the allowed
	/// deviation. Less would let one liar, who can move the median within the honest reports, have
	/// honest members dropped in a quiet market.
	pub const fn stuck_distance(&self) -> Ratio {
		Ratio(self.deviation_max.0 / 4)
	}

	/// How far a price that has just landed can be trusted.
	pub fn classify(&self, price: Price, confidence: Price, slow: Price) -> PriceState {
		if round::is_apart(price, slow, self.volatile_max) {
			PriceState::Volatile
		} else if confidence > round::share(price, self.confidence_max) {
			PriceState::Uncertain
		} else {
			PriceState::Valid
		}
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_add_feed(feed: FeedId, name: FeedName, params: FeedParams) -> DispatchResult {
		ensure!(!Feeds::<T>::contains_key(feed), Error::<T>::FeedExists);
		ensure!(Feeds::<T>::count() < T::MaxFeeds::get(), Error::<T>::TooManyFeeds);
		ensure!(!name.is_empty(), Error::<T>::FeedWithoutName);
		ensure!(params.is_valid(T::MaxMembers::get()), Error::<T>::InvalidParams);
		Feeds::<T>::insert(feed, Feed { name: name.clone(), params });
		Self::deposit_event(Event::FeedAdded { feed, name, params });
		Ok(())
	}

	pub(crate) fn do_set_feed_params(feed: FeedId, params: FeedParams) -> DispatchResult {
		ensure!(params.is_valid(T::MaxMembers::get()), Error::<T>::InvalidParams);
		Feeds::<T>::try_mutate(feed, |known| {
			let known = known.as_mut().ok_or(Error::<T>::UnknownFeed)?;
			known.params = params;
			Ok::<_, Error<T>>(())
		})?;
		Self::deposit_event(Event::FeedParamsSet { feed, params });
		Ok(())
	}
}
