// SPDX-License-Identifier: Apache-2.0
//! Where each market stands on the ladder from open to halted, who put it there, and until when.
//!
//! # Overview
//!
//! A market is *open*, *guarded* (positions may only shrink) or *halted* (nothing trades and nothing is
//! liquidated). Others ask for its [`MarketStatus`](keel_primitives::MarketStatus) and what that
//! accepts; a market nobody has announced is halted.
//!
//! Four causes move a market, and each has a place of its own: the strictest wins, and the end of one
//! never lifts another.
//!
//! - **Guardians** order a guard or a halt for a number of blocks. It begins at once and ends by itself.
//!   One order has a greatest length, and all orders on a market within any window share a budget of
//!   blocks, so that guardians cannot close a market for good. They can only tighten: an order that
//!   demands no more than the ones before is refused. To end one early is another body's right.
//! - **The price** of the market's feed trips it at the start of a block: guarded when the price is
//!   uncertain or volatile, or has moved further than one round alone can say; halted when it is stale or
//!   missing. Nobody can lift that but better prices: after [`RecoveryPrices`](Config::RecoveryPrices) in a
//!   row the market goes where the worst of them allows.
//! - **Losses** halt it when the insurance fund has paid for them all that it may within a day. That does not end by
//!   itself: somebody has to look at the market, and whoever ends the guardians' orders ends it.
//! - **A vote** to settle it, when it is dead: it is *settling* until it is listed again.
//!
//! Each time a cause takes hold of a market an [`Incident`] is opened: what was known first and later, how far it
//! went, and when it was over. A cause that comes back soon continues its incident, so that a market that flaps fills no
//! record; a closed incident that makes room for others leaves its hash in a chain.
//!
//! Prices trip in the hook: a call that trips a breaker and then fails would take the trip back. Losses halt a market in
//! the step that pays for them, and would be taken back with the payment.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod incident;
mod invariants;
mod losses;
mod market;
#[cfg(test)]
mod mock;
mod orders;
#[cfg(test)]
mod tests;
mod watch;
pub mod weights;

pub use incident::{Cause, Evidence, Incident, Note, NOTES};
pub use market::{demand_of, Hold, IncidentId, Latch, Market, Named, Order};
pub use pallet::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use keel_primitives::{FeedId, MarketId, MarketStatus};
	use keel_traits::{PriceFeed, SolvencyEnvelope};
	use sp_runtime::traits::Zero;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Who knows the prices. Its hook runs before this pallet's.
		type Prices: PriceFeed;

		/// Who knows whether a price waits for a second round: until then its market is guarded.
		type Envelope: SolvencyEnvelope;

		/// Who may restrict a market, for a while and within the budget.
		type GuardOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who may end the guardians' orders early.
		type ResumeOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The most markets. All are looked at in every block.
		#[pallet::constant]
		type MaxMarkets: Get<u32>;

		/// How many good prices in a row, each landed anew, let a market go that its price has tripped.
		#[pallet::constant]
		type RecoveryPrices: Get<u32>;

		/// The most blocks one order may guard a market for.
		#[pallet::constant]
		type MaxGuardBlocks: Get<BlockNumberFor<Self>>;

		/// The most blocks one order may halt a market for.
		#[pallet::constant]
		type MaxHaltBlocks: Get<BlockNumberFor<Self>>;

		/// How many blocks all orders on one market may add up to within any window. Spent when ordered,
		/// whether or not the order is ended early; given back a window after the order is over.
		#[pallet::constant]
		type Budget: Get<BlockNumberFor<Self>>;

		/// The blocks of a window.
		#[pallet::constant]
		type BudgetWindow: Get<BlockNumberFor<Self>>;

		/// How many incidents are remembered, and any that is open. Of those that are closed the oldest makes room:
		/// its hash is kept.
		#[pallet::constant]
		type MaxIncidents: Get<u32>;

		/// A cause that comes back within so many blocks after it let go continues its incident.
		#[pallet::constant]
		type ReturnBlocks: Get<BlockNumberFor<Self>>;

		/// What the start of a block may cost here. The worst case is checked against it when the node
		/// starts.
		type HookWeight: Get<Weight>;

		/// What calls and hooks cost.
		type WeightInfo: WeightInfo;
	}

	/// The markets, and what each cause demands of them.
	#[pallet::storage]
	pub type Markets<T: Config> = CountedStorageMap<_, Twox64Concat, MarketId, Market<BlockNumberFor<T>>>;

	/// The last incidents, by number.
	#[pallet::storage]
	pub type Incidents<T: Config> =
		CountedStorageMap<_, Twox64Concat, IncidentId, Incident<BlockNumberFor<T>>>;

	/// The number of the next incident.
	#[pallet::storage]
	pub type NextIncident<T> = StorageValue<_, IncidentId, ValueQuery>;

	/// The hash of all incidents that left: of the hash before, the number, and the record.
	#[pallet::storage]
	pub type Archive<T: Config> = StorageValue<_, T::Hash, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A market was announced; the breaker watches its price from now on.
		MarketWatched {
			/// The market.
			market: MarketId,
			/// The feed that prices it.
			feed: FeedId,
			/// Where it begins: halted while there is no price.
			status: MarketStatus,
		},
		/// A cause demands more of a market, or demands it for longer.
		Tripped {
			/// The market.
			market: MarketId,
			/// Who or what demands it.
			cause: Cause,
			/// Where the market stood.
			from: MarketStatus,
			/// Where it stands now. The same as before when another cause demanded as much.
			to: MarketStatus,
			/// The block in which the order ends by itself. None for prices, which let go when they are good again,
			/// and for losses, which people end.
			until: Option<BlockNumberFor<T>>,
			/// The incident that tells more.
			incident: IncidentId,
		},
		/// A cause demands less of a market than before, or nothing.
		Resumed {
			/// The market.
			market: MarketId,
			/// Who or what has demanded it.
			cause: Cause,
			/// Where the market stood.
			from: MarketStatus,
			/// Where it stands now: another cause may still hold it.
			to: MarketStatus,
		},
		/// A closed incident has made room for others. The record is in the state of the block before.
		IncidentArchived {
			/// The incident.
			incident: IncidentId,
			/// The hash of all that left, this one included.
			chain: T::Hash,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// There is no such market.
		UnknownMarket,
		/// An order must last at least one block.
		NoBlocks,
		/// An order may not last so long. See the constants `MaxGuardBlocks` and `MaxHaltBlocks`.
		TooLong,
		/// The guardians' orders demand as much already. They can only tighten; to loosen is
		/// `resume_market`, by another body.
		NotStricter,
		/// The guardians have used up the blocks they may restrict this market for within a window. What an
		/// order took comes back a window after it is over.
		BudgetExhausted,
		/// Neither guardians nor losses restrict this market. What its price demands ends only with good prices.
		NotOrdered,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::begin_block(now)
		}

		fn integrity_test() {
			let worst = T::WeightInfo::begin_block(T::MaxMarkets::get());
			assert!(
				worst.all_lte(T::HookWeight::get()),
				"looking at all markets ({worst:?}) exceeds the breaker's share of a block ({:?})",
				T::HookWeight::get()
			);
			assert!(T::RecoveryPrices::get() > 0, "a market would be let go without a good price");
			assert!(T::MaxIncidents::get() > 0, "no incident could be remembered");
			let longest = T::MaxGuardBlocks::get().max(T::MaxHaltBlocks::get());
			assert!(!longest.is_zero(), "guardians could order nothing");
			assert!(longest <= T::Budget::get(), "the longest order would exceed the budget");
			assert!(T::Budget::get() < T::BudgetWindow::get(), "guardians could close a market for good");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Guard a market for a number of blocks: positions in it may only shrink.
		///
		/// Begins at once, ends by itself, and takes `blocks` from the market's budget.
		#[pallet::call_index(0)]
		#[pallet::weight((T::WeightInfo::order(), DispatchClass::Operational))]
		pub fn guard_market(
			origin: OriginFor<T>,
			market: MarketId,
			blocks: BlockNumberFor<T>,
		) -> DispatchResult {
			T::GuardOrigin::ensure_origin(origin)?;
			Self::do_guard(market, blocks)
		}

		/// Halt a market for a number of blocks: nothing trades in it and nothing is liquidated; margin
		/// may be added.
		///
		/// Begins at once, ends by itself, and takes `blocks` from the market's budget. A guard that lasts
		/// longer goes on after it.
		#[pallet::call_index(1)]
		#[pallet::weight((T::WeightInfo::order(), DispatchClass::Operational))]
		pub fn halt_market(
			origin: OriginFor<T>,
			market: MarketId,
			blocks: BlockNumberFor<T>,
		) -> DispatchResult {
			T::GuardOrigin::ensure_origin(origin)?;
			Self::do_halt(market, blocks)
		}

		/// End the guardians' orders on a market early, and the halt that its losses have brought. What its price demands
		/// stays, and so does what the guardians have spent of their budget, and the insurance fund of its cap: until the
		/// day has moved on, or governance has raised the cap, who gained bears what is lost there.
		#[pallet::call_index(2)]
		#[pallet::weight((T::WeightInfo::resume_market(), DispatchClass::Operational))]
		pub fn resume_market(origin: OriginFor<T>, market: MarketId) -> DispatchResult {
			T::ResumeOrigin::ensure_origin(origin)?;
			Self::do_resume(market)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Where a market stands and what each cause demands of it; nothing for an unknown one, which is
		/// halted.
		pub fn market(market: MarketId) -> Option<Market<BlockNumberFor<T>>> {
			Markets::<T>::get(market)
		}

		/// For how many more blocks the guardians may restrict a market within the window.
		pub fn budget_left(market: MarketId) -> u32 {
			let now = Self::count(frame_system::Pallet::<T>::block_number());
			let window = Self::count(T::BudgetWindow::get());
			let spent = Markets::<T>::get(market).map(|known| known.budget.spent(now, window));
			Self::count(T::Budget::get()).saturating_sub(spent.unwrap_or_default())
		}

		/// The incidents that are remembered, oldest first.
		pub fn incidents() -> Vec<(IncidentId, Incident<BlockNumberFor<T>>)> {
			let mut all: Vec<_> = Incidents::<T>::iter().collect();
			all.sort_by_key(|(id, _)| *id);
			all
		}
	}
}
