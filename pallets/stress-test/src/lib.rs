// SPDX-License-Identifier: Apache-2.0
//! What moves of prices would do to the accounts that there are, computed by the chain itself.
//!
//! ## Overview
//!
//! A *scenario* is a set of moves of prices, all at once, such as those of 12 March 2020. The library of scenarios is kept
//! here, and a referendum changes it. Whoever asks is told, of this very block, what a scenario would do: how many accounts
//! become liquidatable, how much would have to be closed in each market, how many accounts would owe more than they own,
//! and how much of that the funds would have to pay ([`Pallet::run`]).
//!
//! Closing so much moves prices again. A market's *depth* says how many dollars move it by one percent; the moves are
//! repeated with what closing adds to them until nothing changes any more, or [`ROUNDS`] times. Each round is reported.
//!
//! No account is looked at but those that a move touches: the trigger book knows them ([`LiveBook`]).
//!
//! ## Invariants
//!
//! 1. Each stored scenario is one that a call would accept ([`Scenario::check`]).
//! 2. No depth is zero or negative.
//!
//! ## Terms
//!
//! - **Toll**: what a move does to the accounts.
//! - **Correlation**: the part of the largest move that feeds make which the scenario does not name.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod invariants;
mod report;
mod scenario;
#[cfg(test)]
mod tests;
pub mod weights;

pub use pallet::*;
pub use report::{Report, Round, ROUNDS};
pub use scenario::{FeedShock, Invalid, Name, Preset, Scenario, ScenarioId, NAME_MAX};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use keel_primitives::{MarketId, Quote};
	use keel_traits::{LiveBook, Shock};

	/// A scenario of this chain.
	pub type ScenarioOf<T> = Scenario<<T as Config>::MaxShocks>;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The accounts and markets that there are.
		type Book: LiveBook;

		/// Who changes the library and says how deep markets are.
		type GovernOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// How many scenarios there may be.
		#[pallet::constant]
		type MaxScenarios: Get<u32>;

		/// How many feeds a scenario may name.
		#[pallet::constant]
		type MaxShocks: Get<u32>;

		/// What calls cost.
		type WeightInfo: WeightInfo;
	}

	/// The library.
	#[pallet::storage]
	pub type Scenarios<T: Config> = CountedStorageMap<_, Twox64Concat, ScenarioId, ScenarioOf<T>>;

	/// How many dollars, closed at once, move a market's price by one percent, in 1e-6 dollars. A market without one does
	/// not move.
	#[pallet::storage]
	pub type Depths<T: Config> = StorageMap<_, Twox64Concat, MarketId, Quote>;

	/// The library of the first block, and how deep its markets are.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The scenarios; they get their ids in this order, from zero.
		pub scenarios: Vec<Preset>,
		/// How many dollars, in 1e-6 dollars, move a market's price by one percent.
		pub depths: Vec<(MarketId, Quote)>,
		#[doc(hidden)]
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for (id, preset) in (0..).map(ScenarioId).zip(&self.scenarios) {
				let scenario = preset.clone().scenario().expect("a name and shocks of a scenario fit");
				Pallet::<T>::do_set_scenario(id, scenario).expect("scenarios of genesis are valid");
			}
			for &(market, depth) in &self.depths {
				Pallet::<T>::do_set_depth(market, Some(depth)).expect("depths of genesis are valid");
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A scenario is in the library, or has changed.
		ScenarioSet {
			/// Which.
			scenario: ScenarioId,
		},
		/// A scenario is no longer in the library.
		ScenarioRemoved {
			/// Which.
			scenario: ScenarioId,
		},
		/// It was said how deep a market is.
		DepthSet {
			/// The market.
			market: MarketId,
			/// How many dollars move its price by one percent, in 1e-6 dollars; nothing: none do.
			depth: Option<Quote>,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// There is no such scenario. Look at `scenarios`.
		UnknownScenario,
		/// There is no such market. Look at `markets` of the pallet Margin.
		UnknownMarket,
		/// The library is full: remove a scenario first.
		TooManyScenarios,
		/// A scenario has a name of printable characters.
		NoName,
		/// A scenario moves at least one feed.
		NoShocks,
		/// A scenario moves each feed once, and a market moves once: all moves happen at once.
		MovesTwice,
		/// A price falls by at most all of it (-1,000,000,000) and rises by at most 137 times. Moves are in parts per
		/// billion.
		MoveOutOfBounds,
		/// A depth is more than zero, in 1e-6 dollars. Give none for a market that does not move.
		NoDepth,
	}

	impl<T> From<Invalid> for Error<T> {
		fn from(invalid: Invalid) -> Self {
			match invalid {
				Invalid::NoName => Self::NoName,
				Invalid::NoShocks => Self::NoShocks,
				Invalid::MovesTwice => Self::MovesTwice,
				Invalid::MoveOutOfBounds => Self::MoveOutOfBounds,
			}
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Put a scenario into the library, or change the one that has this id. A decision of governance.
		///
		/// Moves are in parts per billion of the price, negative for a fall. Feeds that are not named make `correlation`
		/// of the largest move.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::set_scenario(T::MaxShocks::get()))]
		pub fn set_scenario(origin: OriginFor<T>, id: ScenarioId, scenario: ScenarioOf<T>) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			Self::do_set_scenario(id, scenario)
		}

		/// Take a scenario out of the library. A decision of governance.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::remove_scenario())]
		pub fn remove_scenario(origin: OriginFor<T>, id: ScenarioId) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			Self::do_remove_scenario(id)
		}

		/// Say how many dollars, closed at once, move a market's price by one percent, in 1e-6 dollars; nothing: its price
		/// is not moved by closing. A decision of governance.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_depth())]
		pub fn set_depth(origin: OriginFor<T>, market: MarketId, depth: Option<Quote>) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			Self::do_set_depth(market, depth)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The library.
		pub fn scenarios() -> Vec<(ScenarioId, ScenarioOf<T>)> {
			let mut all: Vec<_> = Scenarios::<T>::iter().collect();
			all.sort_unstable_by_key(|(id, _)| *id);
			all
		}

		/// What a scenario would do now, round by round.
		pub fn run(id: ScenarioId) -> Result<Report, DispatchError> {
			let scenario = Scenarios::<T>::get(id).ok_or(Error::<T>::UnknownScenario)?;
			Self::moved(&scenario.shocks_of(&T::Book::priced()))
		}

		/// What moves of marks, all at once, would do now, round by round.
		pub fn moves(shocks: Vec<Shock>) -> Result<Report, DispatchError> {
			let mut markets: Vec<_> = shocks.iter().map(|shock| shock.market).collect();
			markets.sort_unstable();
			ensure!(markets.is_sorted_by(|one, other| one < other), Error::<T>::MovesTwice);
			Self::moved(&shocks)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			invariants::do_try_state::<T>()
		}
	}
}
