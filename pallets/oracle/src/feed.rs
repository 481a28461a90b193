// SPDX-License-Identifier: Apache-2.0
//! A feed and what its prices must meet.

use crate::{
	change::Matter, round, Config, CoolingOff, Error, Event, Feeds, Members, Pallet, Prices, Reports,
	RetiredFeeds, LEAST_QUORUM,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	defensive, ensure,
	pallet_prelude::DispatchResult,
	traits::{Contains, Get},
	BoundedVec,
};
use keel_primitives::{FeedId, Price, PriceState, Ratio};
use scale_info::TypeInfo;
use sp_runtime::traits::ConstU32;

/// A feed's name, such as `BTC/USD`, in at most 32 bytes.
pub type FeedName = BoundedVec<u8, ConstU32<32>>;

/// The most feeds that are ever retired: their ids are kept, so that none is used again.
pub const MAX_RETIRED: u32 = 256;
/// The longest age a price may have: one hour. An older one says nothing about a leveraged position.
pub const AGE_MS_MAX: u64 = 3_600_000;
/// The least deviation a feed may allow: 10 basis points. Honest venues are as far apart.
pub const DEVIATION_MIN: Ratio = Ratio::basis_points(10);
/// The least distance from the slow price that a feed may call volatile: 1 %.
pub const VOLATILE_MIN: Ratio = Ratio::percent(1);

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
	/// A price that was taken longer ago, in milliseconds of chain time, is stale. It also bounds the age of the
	/// reports a price is made of, which are one or two blocks old when they are read: allow several
	/// blocks. More than two blocks take, at most 3,600,000.
	pub age_ms_max: u64,
	/// A report further than this from the round's median is left out. The distance grows with the age
	/// of the last price: by itself with every `age_ms_max`, to at most the whole. 0.1 % to 50 %.
	pub deviation_max: Ratio,
	/// A price whose confidence is a larger part of it than this is uncertain. At most 50 %, and at least half of
	/// `deviation_max`: members who are no further from one another than they may be are not in doubt.
	pub confidence_max: Ratio,
	/// A price further than this from the slow price is volatile; the averages count a move only up to
	/// here. 1 % to 100 %.
	pub volatile_max: Ratio,
	/// The least number of reports, whatever two thirds of the seats are. At least 3, and at most the seats
	/// that count.
	pub quorum_min: u32,
}

impl FeedParams {
	/// Whether a price can meet them, and meeting them means something. `block_ms` is the time between two
	/// blocks.
	pub fn is_valid(&self, members_max: u32, block_ms: u64) -> bool {
		let half = Ratio::percent(50);
		// A report is two blocks old when it is first read.
		self.age_ms_max > block_ms.saturating_mul(2)
			&& self.age_ms_max <= AGE_MS_MAX
			&& (DEVIATION_MIN..=half).contains(&self.deviation_max)
			&& (Ratio(self.deviation_max.0.div_ceil(2))..=half).contains(&self.confidence_max)
			&& (VOLATILE_MIN..=Ratio::ONE).contains(&self.volatile_max)
			&& (LEAST_QUORUM..=members_max).contains(&self.quorum_min)
	}

	/// Whether a price may meet them that would not meet `other`, in any respect.
	pub fn is_looser_than(&self, other: &Self) -> bool {
		self.age_ms_max > other.age_ms_max
			|| self.deviation_max > other.deviation_max
			|| self.confidence_max > other.confidence_max
			|| self.volatile_max > other.volatile_max
			|| self.quorum_min < other.quorum_min
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
	/// Whether they are within the bounds, whatever seats there are.
	pub(crate) fn are_within_bounds(params: &FeedParams) -> bool {
		params.is_valid(T::MaxMembers::get(), T::BlockTime::get())
	}

	/// Whether they are within the bounds, and there are seats enough for the quorum they ask for.
	pub(crate) fn ensure_can_meet(params: &FeedParams) -> DispatchResult {
		ensure!(Self::are_within_bounds(params), Error::<T>::InvalidParams);
		// The least quorum needs no seats yet: whoever founds a chain lists feeds and gives seats in any order.
		let most = Self::counted_seats().max(LEAST_QUORUM);
		ensure!(params.quorum_min <= most, Error::<T>::QuorumAboveSeats);
		Ok(())
	}

	pub(crate) fn ensure_can_list(feed: FeedId, name: &FeedName, params: &FeedParams) -> DispatchResult {
		ensure!(!Feeds::<T>::contains_key(feed), Error::<T>::FeedExists);
		ensure!(!RetiredFeeds::<T>::get().contains(&feed), Error::<T>::FeedRetired);
		ensure!(Feeds::<T>::count() < T::MaxFeeds::get(), Error::<T>::TooManyFeeds);
		ensure!(!name.is_empty(), Error::<T>::FeedWithoutName);
		Self::ensure_can_meet(params)
	}

	pub(crate) fn list_feed(feed: FeedId, name: FeedName, params: FeedParams) {
		Feeds::<T>::insert(feed, Feed { name: name.clone(), params });
		Self::deposit_event(Event::FeedAdded { feed, name, params });
	}

	/// Why a feed is not there.
	pub(crate) fn no_feed(feed: FeedId) -> Error<T> {
		if RetiredFeeds::<T>::get().contains(&feed) {
			Error::<T>::FeedRetired
		} else {
			Error::<T>::UnknownFeed
		}
	}

	/// A feed goes when nothing follows it any more.
	pub(crate) fn ensure_can_retire(feed: FeedId) -> DispatchResult {
		ensure!(Feeds::<T>::contains_key(feed), Self::no_feed(feed));
		ensure!(!T::InUse::contains(&feed), Error::<T>::FeedInUse);
		let retired = RetiredFeeds::<T>::decode_len().unwrap_or_default();
		ensure!(u32::try_from(retired).is_ok_and(|count| count < MAX_RETIRED), Error::<T>::TooManyRetired);
		Ok(())
	}

	/// Nothing is left of a feed but that its id is not used again.
	pub(crate) fn do_retire(feed: FeedId) {
		RetiredFeeds::<T>::mutate(|retired| {
			if retired.try_push(feed).is_err() {
				defensive!("there was room for another");
			}
		});
		Feeds::<T>::remove(feed);
		Prices::<T>::remove(feed);
		CoolingOff::<T>::remove(Matter::Feed(feed));
		for member in Members::<T>::iter_keys() {
			Reports::<T>::mutate_exists(member, |kept| {
				if let Some(all) = kept.as_mut() {
					all.retain(|reported| reported.report.feed != feed);
				}
			});
		}
		Self::deposit_event(Event::FeedRetired { feed });
	}

	pub(crate) fn set_params(feed: FeedId, params: FeedParams) {
		Feeds::<T>::mutate(feed, |known| {
			if let Some(known) = known {
				known.params = params;
			}
		});
		Self::deposit_event(Event::FeedParamsSet { feed, params });
	}
}
