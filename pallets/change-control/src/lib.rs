// SPDX-License-Identifier: Apache-2.0
//! When a change may take effect: the timetable of governance, and the guard between a vote and its effect.
//!
//! ## Overview
//!
//! Every period of governance (how long a vote is open, how long a passed change waits, how long a
//! pause lasts) is one entry of the [`Timetable`], which comes from the genesis of the chain. One
//! runtime Wasm therefore serves a development chain, where a referendum takes seconds, and a
//! production chain, where it takes days; what is rehearsed on the one is the code of the other.
//!
//! The governance pallets read their periods through the [`Get`](frame_support::traits::Get) types of
//! [`periods`]. Clients see the same numbers as constants of those pallets, because metadata is made
//! on the chain's own state.
//!
//! A vote schedules what it decided through [`GuardedScheduler`]. When a referendum is tabled, its call is taken apart and
//! each call in it has a [`Class`] or is refused ([`Classify`]); what is on no list is refused. Its bytes are pinned.
//! When it passes, the class decides how many must have voted and how long it waits. When it is due, the same bytes are
//! looked at again and run as Root ([`Call::enact`]). While a change waits that people may want to leave before, its
//! timelock stands still whenever they cannot.
//!
//! ## Invariants
//!
//! 1. The timetable is valid ([`Timetable::validate`]): no period is zero, a fast-tracked vote is not
//!    longer than a normal one, votes stay locked at least until the change they carried is enacted, and no
//!    weightier class waits less or needs fewer votes than another.
//! 2. Of each change that is open or waits, the bytes are stored and pinned.
//! 3. Each change is in the list of those that are looked after, once. What else is there is a referendum whose bytes
//!    nobody has stored yet, and no change waits for them.
//! 4. As many changes are counted for the exit window as wait and people may want to leave before.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

pub use pallet::*;

mod class;
mod guard;
pub mod periods;
mod timetable;
mod try_state;
pub mod weights;

// Benchmarks set the stage, and stop when it cannot be set.
#[cfg(feature = "runtime-benchmarks")]
#[allow(clippy::expect_used)]
pub mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use class::{classify, CallName, Class, Classify, Look, PerClass, Reason, Refusal, MAX_CALLS};
pub use guard::{
	BoundedCallOf, CallOf, Change, Forecast, GuardedScheduler, HashOf, Place, Referenda, Stage, WayOut,
	MAX_BYTES,
};
pub use timetable::{Timetable, TimetableError};
pub use weights::WeightInfo;

#[frame_support::pallet]
#[allow(missing_docs)]
pub mod pallet {
	use super::{
		CallName, CallOf, Change, Class, Classify, Forecast, HashOf, Place, Reason, Referenda, Refusal,
		Timetable, WayOut, WeightInfo,
	};
	use alloc::vec::Vec;
	use frame_support::{
		dispatch::GetDispatchInfo,
		pallet_prelude::*,
		traits::{schedule::v3::Named, Bounded, QueryPreimage, StorePreimage, UnfilteredDispatchable},
		weights::WeightMeter,
	};
	use frame_system::pallet_prelude::*;
	use sp_runtime::traits::Hash as _;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config<
		RuntimeEvent: From<Event<Self>>,
		RuntimeCall: From<Call<Self>>
		                 + GetDispatchInfo
		                 + UnfilteredDispatchable<RuntimeOrigin = <Self as frame_system::Config>::RuntimeOrigin>,
	>
	{
		/// The timetable of a chain whose genesis does not name one: production's.
		type DefaultTimetable: Get<Timetable<BlockNumberFor<Self>>>;

		/// What each call of the runtime is.
		type Classes: Classify<CallOf<Self>>;

		/// The votes.
		type Referenda: Referenda<Self>;

		/// The origins of pallets: what is enacted is enacted as Root.
		type PalletsOrigin: From<frame_system::RawOrigin<Self::AccountId>>;

		/// What runs calls when their time has come.
		type Scheduler: Named<BlockNumberFor<Self>, CallOf<Self>, Self::PalletsOrigin, Hasher = Self::Hashing>;

		/// Where the bytes of calls are stored.
		type Preimages: QueryPreimage<H = Self::Hashing> + StorePreimage;

		/// How people leave the exchange.
		type WayOut: WayOut;

		/// Who may take a change out of its timelock, once.
		type CancelOrigin: EnsureOrigin<<Self as frame_system::Config>::RuntimeOrigin>;

		/// The most that the scheduler has for one change.
		#[pallet::constant]
		type MaxWeight: Get<Weight>;

		/// How many changes are looked after at a time. Those that bodies can hurry take at most half of it.
		#[pallet::constant]
		type MaxOpen: Get<u32>;

		/// How often a body may spend from the treasury in [`Config::SpendWindow`].
		#[pallet::constant]
		type MaxSpends: Get<u32>;

		/// The blocks within which a body's spends are counted.
		#[pallet::constant]
		type SpendWindow: Get<BlockNumberFor<Self>>;

		/// What the hook may use of a block.
		#[pallet::constant]
		type HookWeight: Get<Weight>;

		/// Weights of calls and hook.
		type WeightInfo: WeightInfo;

		/// What benchmarks need of the others.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self>;
	}

	/// How long each step of governance takes, in blocks.
	#[pallet::storage]
	pub type Timetables<T: Config> =
		StorageValue<_, Timetable<BlockNumberFor<T>>, ValueQuery, T::DefaultTimetable>;

	/// The changes that are being voted on or wait, by their referendum.
	#[pallet::storage]
	pub type Changes<T: Config> = StorageMap<_, Twox64Concat, u32, Change<T>>;

	/// The referenda that are looked after: all that are being voted on or wait.
	#[pallet::storage]
	pub type Open<T: Config> = StorageValue<_, BoundedVec<Place, T::MaxOpen>, ValueQuery>;

	/// The first referendum that was not looked at yet.
	#[pallet::storage]
	pub type NextReferendum<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// In how many blocks nobody could withdraw while a change waited.
	#[pallet::storage]
	pub type StoodStill<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

	/// How many changes wait that people may want to leave before.
	#[pallet::storage]
	pub type ExitWindows<T: Config> = StorageValue<_, u32, ValueQuery>;

	/// What was taken out of its timelock, and how many referenda there were by then. One that was tabled later stays.
	#[pallet::storage]
	pub type CancelledOnce<T: Config> = StorageMap<_, Identity, HashOf<T>, u32>;

	/// When the treasury was last spent from without a vote, the latest last.
	#[pallet::storage]
	pub type Spends<T: Config> = StorageValue<_, BoundedVec<BlockNumberFor<T>, T::MaxSpends>, ValueQuery>;

	/// The upgrade that is authorised: the hash of its code, and the block from which it is not any more.
	#[pallet::storage]
	pub type Authorization<T: Config> = StorageValue<_, (HashOf<T>, BlockNumberFor<T>)>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The chain's timetable; absent: production's.
		pub timetable: Option<Timetable<BlockNumberFor<T>>>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			if let Some(timetable) = &self.timetable {
				// Genesis is built off chain: the message reaches whoever wrote the chain spec.
				if let Err(error) = timetable.validate() {
					panic!("changeControl.timetable: {error:?}");
				}
				Timetables::<T>::put(timetable);
			}
		}
	}

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A referendum was looked at: this is what it changes, and how long it waits at least when it passes.
		Tabled {
			/// The referendum.
			referendum: u32,
			/// What it changes.
			class: Class,
			/// The least delay, in blocks.
			delay: BlockNumberFor<T>,
			/// What it declares to weigh.
			weight: Weight,
		},
		/// Nothing comes of a referendum. When it was just tabled it was taken from the vote; when it has passed it is not
		/// scheduled, whatever else says that it passed.
		Refused {
			/// The referendum.
			referendum: u32,
			/// The call in it that is refused; empty where it is about all of it.
			call: CallName,
			/// Why.
			reason: Reason,
		},
		/// Nobody has stored what a referendum is about. It is looked at when somebody has: note the preimage.
		Unread {
			/// The referendum.
			referendum: u32,
			/// The hash of the bytes.
			hash: HashOf<T>,
		},
		/// A referendum has passed, and its change waits.
		Waits {
			/// The referendum.
			referendum: u32,
			/// What it changes.
			class: Class,
			/// The block it is due in.
			due: BlockNumberFor<T>,
		},
		/// Nobody could withdraw while a change waited, or its block had no room for it, so it waits longer.
		Held {
			/// The referendum.
			referendum: u32,
			/// The block it is due in now.
			due: BlockNumberFor<T>,
		},
		/// A change took effect, or failed and changed nothing.
		Enacted {
			/// The referendum.
			referendum: u32,
			/// What it changed.
			class: Class,
			/// What its call answered.
			result: DispatchResult,
		},
		/// A change was taken out of its timelock. It may be voted on again, and is not taken out a second time.
		Cancelled {
			/// The referendum.
			referendum: u32,
			/// The hash of its call.
			hash: HashOf<T>,
		},
		/// An upgrade was authorised, and nobody has applied it in time. It takes another referendum.
		AuthorizationExpired {
			/// The hash of its code.
			code_hash: HashOf<T>,
		},
	}

	/// Why a call failed. Nothing was changed.
	#[pallet::error]
	pub enum Error<T> {
		/// No change with this number is open or waits.
		NoSuchChange,
		/// The referendum has not passed.
		NotPassed,
		/// The timelock of the change runs still.
		NotDue,
		/// This change was taken out of its timelock before, and was voted again.
		CancelledBefore,
		/// The change was refused: an event says why.
		Refused,
		/// No block within reach has room for the change.
		NoRoom,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			let mut meter = WeightMeter::with_limit(T::HookWeight::get());
			meter.consume(T::WeightInfo::idle());
			Self::count_standstill();
			Self::expire_authorization();
			Self::look_after(&mut meter);
			meter.consumed()
		}

		fn integrity_test() {
			if let Err(error) = T::DefaultTimetable::get().validate() {
				panic!("DefaultTimetable: {error:?}");
			}
			let least = T::WeightInfo::look().saturating_mul(T::MaxOpen::get().into());
			let least = least.saturating_add(T::WeightInfo::idle()).saturating_add(T::WeightInfo::judge());
			assert!(least.all_lte(T::HookWeight::get()), "the hook has too little for one referendum");
			assert!(T::WeightInfo::enact().all_lt(T::MaxWeight::get()), "there is no room for any change");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Run a change whose timelock is over. The scheduler sends this: no vote can carry it.
		///
		/// Its bytes are looked at once more, as this runtime understands them. What has another class now, or weighs
		/// more than was said, is refused. `weight` is what the change declared.
		#[pallet::call_index(0)]
		#[pallet::weight((T::WeightInfo::enact().saturating_add(*weight), DispatchClass::Operational))]
		pub fn enact(origin: OriginFor<T>, referendum: u32, weight: Weight) -> DispatchResultWithPostInfo {
			ensure_root(origin)?;
			let spent = Self::do_enact(referendum, weight)?;
			Ok(Some(spent).into())
		}

		/// Take a change out of its timelock: two thirds of the Security Council. The vote may be held again, and what it
		/// decides then takes effect: once cancelled, the same bytes stay when they are tabled later.
		#[pallet::call_index(1)]
		#[pallet::weight((T::WeightInfo::cancel(), DispatchClass::Operational))]
		pub fn cancel(origin: OriginFor<T>, referendum: u32) -> DispatchResult {
			T::CancelOrigin::ensure_origin(origin)?;
			Self::take_out(referendum)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What a call would be as a change: its class, how long it would wait at least, how many tokens must take part,
		/// and what it weighs; or which call in it is refused, and why. `call` is the encoded call.
		pub fn forecast(call: Vec<u8>) -> Result<Forecast<BlockNumberFor<T>>, Refusal> {
			let hash = T::Hashing::hash(&call);
			let len = u32::try_from(call.len()).unwrap_or(u32::MAX);
			// What is short enough need not be stored.
			let bounded = match BoundedVec::try_from(call.clone()) {
				Ok(bytes) => Bounded::Inline(bytes),
				Err(_) => {
					T::Preimages::note(call.into()).map_err(|_| Refusal::whole(Reason::Unreadable))?;
					Bounded::Lookup { hash, len }
				}
			};
			Self::foretell(&bounded)
		}

		/// The changes that are being voted on or wait, by their referendum.
		pub fn changes() -> Vec<(u32, Change<T>)> {
			Self::queue()
		}
	}
}
