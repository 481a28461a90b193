// SPDX-License-Identifier: Apache-2.0
//! Scenarios: what they are, which are valid, and which marks they move.

use crate::pallet::{Config, Depths, Error, Event, Pallet, ScenarioOf, Scenarios};
use alloc::{string::String, vec::Vec};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	ensure, traits::Get, BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use keel_math::stress::{part, RISE_MAX};
use keel_primitives::{FeedId, MarketId, Quote};
use keel_traits::{LiveBook, Shock};
use scale_info::TypeInfo;
use sp_runtime::{traits::ConstU32, DispatchResult, Permill};

/// The longest name of a scenario, in bytes.
pub const NAME_MAX: u32 = 48;
/// The name of a scenario.
pub type Name = BoundedVec<u8, ConstU32<NAME_MAX>>;

/// A scenario of the library.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct ScenarioId(pub u32);

/// The move of a feed.
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
pub struct FeedShock {
	/// The feed.
	pub feed: FeedId,
	/// By how much, in parts per billion of the price; negative is a fall.
	pub by: i64,
}

/// Moves of prices, all at once.
#[derive(
	CloneNoBound,
	DebugNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(MaxShocks))]
pub struct Scenario<MaxShocks: Get<u32>> {
	/// What it is called.
	pub name: Name,
	/// The feeds that it names, and their moves.
	pub shocks: BoundedVec<FeedShock, MaxShocks>,
	/// Which part of the largest of these moves all other feeds make.
	pub correlation: Permill,
}

/// A scenario as a genesis file has it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Preset {
	/// What it is called.
	pub name: String,
	/// The feeds that it names, and their moves.
	pub shocks: Vec<FeedShock>,
	/// Which part of the largest of these moves all other feeds make, in parts per million.
	pub correlation: Permill,
}

impl Preset {
	/// As the chain keeps it, when it fits.
	pub fn scenario<MaxShocks: Get<u32>>(self) -> Option<Scenario<MaxShocks>> {
		Some(Scenario {
			name: self.name.into_bytes().try_into().ok()?,
			shocks: self.shocks.try_into().ok()?,
			correlation: self.correlation,
		})
	}
}

/// Why a scenario is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
	/// The name is empty, or not of printable characters.
	NoName,
	/// Nothing moves.
	NoShocks,
	/// A feed moves twice.
	MovesTwice,
	/// No price moves so far.
	MoveOutOfBounds,
}

impl<MaxShocks: Get<u32>> Scenario<MaxShocks> {
	/// Whether it is a scenario.
	pub fn check(&self) -> Result<(), Invalid> {
		let is_printable = |byte: &u8| matches!(byte, b' '..=b'~');
		let is_named = !self.name.is_empty() && self.name.iter().all(is_printable);
		ensure!(is_named, Invalid::NoName);
		ensure!(!self.shocks.is_empty(), Invalid::NoShocks);
		for (index, shock) in self.shocks.iter().enumerate() {
			ensure!((-1_000_000_000..=RISE_MAX).contains(&shock.by), Invalid::MoveOutOfBounds);
			let mut earlier = self.shocks.iter().take(index);
			ensure!(earlier.all(|other| other.feed != shock.feed), Invalid::MovesTwice);
		}
		Ok(())
	}

	/// Which marks it moves, and by how much.
	pub fn shocks_of(&self, priced: &[(MarketId, FeedId)]) -> Vec<Shock> {
		let largest = self.shocks.iter().map(|shock| shock.by).max_by_key(|by| by.unsigned_abs());
		let others = part(largest.unwrap_or_default(), self.correlation.deconstruct());
		let by = |feed| self.shocks.iter().find(|shock| shock.feed == feed).map_or(others, |shock| shock.by);
		priced.iter().map(|(market, feed)| Shock { market: *market, by: by(*feed) }).collect()
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_set_scenario(id: ScenarioId, scenario: ScenarioOf<T>) -> DispatchResult {
		scenario.check().map_err(Error::<T>::from)?;
		let is_new = !Scenarios::<T>::contains_key(id);
		ensure!(!is_new || Scenarios::<T>::count() < T::MaxScenarios::get(), Error::<T>::TooManyScenarios);
		Scenarios::<T>::insert(id, scenario);
		Self::deposit_event(Event::ScenarioSet { scenario: id });
		Ok(())
	}

	pub(crate) fn do_remove_scenario(id: ScenarioId) -> DispatchResult {
		ensure!(Scenarios::<T>::take(id).is_some(), Error::<T>::UnknownScenario);
		Self::deposit_event(Event::ScenarioRemoved { scenario: id });
		Ok(())
	}

	pub(crate) fn do_set_depth(market: MarketId, depth: Option<Quote>) -> DispatchResult {
		ensure!(depth.is_none_or(|depth| depth.0 > 0), Error::<T>::NoDepth);
		let is_listed = T::Book::is_listed(market);
		ensure!(is_listed || depth.is_none(), Error::<T>::UnknownMarket);
		Depths::<T>::set(market, depth);
		Self::deposit_event(Event::DepthSet { market, depth });
		Ok(())
	}
}
