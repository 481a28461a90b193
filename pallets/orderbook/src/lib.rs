// SPDX-License-Identifier: Apache-2.0
//! The order book: price-time priority on chain.
//!
//! | call | who | what |
//! |---|---|---|
//! | `place_order` | owner | buy or sell at a price or better |
//! | `reduce_order` | owner | the same, but only to reduce a position |
//! | `amend_order` | owner | change size or price of an order |
//! | `cancel_order`, `cancel_all` | owner | take one off the book; all, or all in a market |
//! | `place_conditional`, `cancel_conditional` | owner | an order that waits for mark: a stop, a take-profit |
//! | `keep_alive` | owner | cancel all, unless I am heard of again in time |
//! | `set_fees`, `set_mode` | governance | fee tiers, and who shares the fees; how a market matches |
//!
//! **The trie is the book.** An order's key is its market, side, price and sequence, so the state itself is sorted
//! by price and time, and the first key of a side is the best order. What an order is stands in the list of its
//! account: one item to read to know what an account has open, and the only one to write when a maker is filled
//! in part.
//!
//! **Margin.** An order that may open is placed only when its account meets initial margin also if the worse side
//! of its orders were filled; nothing is locked away. Whoever rests is judged again when filled, and an order that
//! its account cannot honour leaves the book instead of being filled. The taker is judged once, for all it did.
//!
//! **Bounds.** A call meets at most [`Config::MaxFills`] orders and is charged for those it has met. An account has
//! at most [`Config::MaxOrders`]. Orders that expire and switches that fire are worked off in order, within the
//! hook's share.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used))]

extern crate alloc;

mod auction;
mod cancelling;
mod conditional;
mod events;
pub mod fees;
mod impact;
mod ladder;
mod lists;
mod matching;
mod placing;
mod settled;
mod try_state;
mod types;
mod uncross;
mod views;
pub mod weights;

// Benchmarks set the stage with plain numbers, and stop when it cannot be set.
#[cfg(feature = "runtime-benchmarks")]
#[allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
pub mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use frame_support::pallet_macros::import_section;
use frame_system::pallet_prelude::BlockNumberFor;
use placing::Refused;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;

pub use auction::{Auction, Head, Indication, Pairing, Stage, WEIGHED_MAX};
pub use fees::{FeeSchedule, FeeTier};
pub use impact::{Impact, SequencesAt, IMPACT_BLOCKS, IMPACT_ORDERS};
pub use ladder::{rank, Rank};
pub use pallet::*;
pub use types::*;
pub use views::{Depth, DepthLevel};
pub use weights::WeightInfo;

/// An order that rests, with the types of a runtime.
pub type OrderOf<T> = Order<BlockNumberFor<T>>;
/// An order that comes, with the types of a runtime.
pub type NewOrderOf<T> = NewOrder<BlockNumberFor<T>>;
/// An order that waits for mark, with the types of a runtime.
pub type ConditionalOf<T> = Conditional<BlockNumberFor<T>>;
/// The conditional orders of an account.
pub type ConditionalList<T> = frame_support::BoundedVec<ConditionalOf<T>, <T as Config>::MaxConditionals>;
/// The orders of an account.
pub type OrderList<T> = frame_support::BoundedVec<OrderOf<T>, <T as Config>::MaxOrders>;

// An argument of a call is a field that people fill in: an order has many.
#[allow(clippy::too_many_arguments)]
/// The pallet. Its events are in `events.rs`.
#[import_section(events::events)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{
		dispatch::{DispatchResultWithPostInfo, WithPostDispatchInfo},
		pallet_prelude::*,
		traits::EnsureOrigin,
		weights::WeightMeter,
	};
	use frame_system::pallet_prelude::*;
	use keel_math::RollingVolume;
	use keel_primitives::{MarginAccount, MarketId, Moment, Price, Quote, Side, Size, SubAccount};
	use keel_traits::{Clearing, FeeReceivers, Intent, Priority};

	/// The pallet's handle.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the pallet needs.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Who owns the accounts and settles trades.
		type Margin: Clearing<Self::AccountId> + Priority<Self::AccountId>;

		/// Who shares the fees.
		type Receivers: FeeReceivers;

		/// Who sets the fees.
		type GovernOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The time of this block in milliseconds.
		type Now: Get<Moment>;

		/// The most open orders of an account: they are one item of the state, read and written whole.
		#[pallet::constant]
		type MaxOrders: Get<u32>;

		/// The most open orders of an account in one market, so that one market does not take all places.
		#[pallet::constant]
		type MaxOrdersPerMarket: Get<u32>;

		/// The most conditional orders of an account.
		#[pallet::constant]
		type MaxConditionals: Get<u32>;

		/// The most resting orders that a call may meet.
		#[pallet::constant]
		type MaxFills: Get<u32>;

		/// The longest life of an order that expires, in blocks.
		#[pallet::constant]
		type MaxOrderLife: Get<BlockNumberFor<Self>>;

		/// The longest time of a dead man's switch, in blocks.
		#[pallet::constant]
		type MaxSwitch: Get<BlockNumberFor<Self>>;

		/// The most markets that may keep fees.
		#[pallet::constant]
		type MaxMarkets: Get<u32>;

		/// The notional that the impact price is asked for, in 1e-6 dollars.
		#[pallet::constant]
		type ImpactNotional: Get<Quote>;

		/// The least fees of a market that are shared, in 1e-6 dollars: below that it is not worth the work.
		#[pallet::constant]
		type LeastShared: Get<Quote>;

		/// The hook's share of a block.
		#[pallet::constant]
		type HookWeight: Get<Weight>;

		/// Weights of calls and hook.
		type WeightInfo: WeightInfo;

		/// What benchmarks need of the others.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::benchmarking::BenchmarkHelper<Self::AccountId>;
	}

	/// Whose order is where: market, side, price and sequence. Not hashed: the trie sorts it.
	#[pallet::storage]
	pub type Book<T: Config> = StorageNMap<
		_,
		(NMapKey<Identity, MarketId>, NMapKey<Identity, Side>, NMapKey<Identity, Rank>),
		MarginAccount<T::AccountId>,
	>;

	/// The open orders of an account.
	#[pallet::storage]
	pub type Orders<T: Config> =
		StorageMap<_, Blake2_128Concat, MarginAccount<T::AccountId>, OrderList<T>, ValueQuery>;

	/// The id of the next order.
	#[pallet::storage]
	pub type NextOrder<T> = StorageValue<_, OrderId, ValueQuery>;

	/// Orders that expire, by their last block and id, both big-endian: of those that expire together the oldest goes first.
	#[pallet::storage]
	pub type Expiries<T: Config> =
		StorageNMap<_, (NMapKey<Identity, [u8; 4]>, NMapKey<Identity, [u8; 8]>), MarginAccount<T::AccountId>>;

	/// The dead man's switches: by which block an account must be heard of again.
	#[pallet::storage]
	pub type Switches<T: Config> =
		StorageMap<_, Blake2_128Concat, MarginAccount<T::AccountId>, BlockNumberFor<T>>;

	/// The same by block (big-endian).
	#[pallet::storage]
	pub type Deadlines<T: Config> =
		StorageNMap<_, (NMapKey<Identity, [u8; 4]>, NMapKey<Identity, MarginAccount<T::AccountId>>), ()>;

	/// What owners have traded.
	#[pallet::storage]
	pub type Volumes<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, RollingVolume, ValueQuery>;

	/// Fees that are not shared yet, by market.
	#[pallet::storage]
	pub type Fees<T: Config> = StorageValue<_, BoundedBTreeMap<MarketId, Quote, T::MaxMarkets>, ValueQuery>;

	/// The fees, and how they are shared.
	#[pallet::storage]
	pub type Schedule<T> = StorageValue<_, FeeSchedule, ValueQuery>;

	/// The conditional orders of an account.
	#[pallet::storage]
	pub type Conditionals<T: Config> =
		StorageMap<_, Blake2_128Concat, MarginAccount<T::AccountId>, ConditionalList<T>, ValueQuery>;

	/// Whose conditional order is where: market, direction, trigger price and id. Not hashed: the trie sorts it.
	#[pallet::storage]
	pub type Triggers<T: Config> = StorageNMap<
		_,
		(NMapKey<Identity, MarketId>, NMapKey<Identity, When>, NMapKey<Identity, Rank>),
		MarginAccount<T::AccountId>,
	>;

	/// The markets that have conditional orders, and how many.
	#[pallet::storage]
	pub type Watched<T: Config> = StorageValue<_, BoundedBTreeMap<MarketId, u32, T::MaxMarkets>, ValueQuery>;

	/// Auctions: of markets that have one in every block, and of those that have collected orders.
	#[pallet::storage]
	pub type Auctions<T: Config> =
		StorageValue<_, BoundedBTreeMap<MarketId, Auction, T::MaxMarkets>, ValueQuery>;

	/// Markets that were settled, and whose orders are leaving the book.
	#[pallet::storage]
	pub type Settled<T: Config> =
		StorageValue<_, frame_support::BoundedBTreeSet<MarketId, T::MaxMarkets>, ValueQuery>;

	/// The impact prices of markets, as they were last found.
	#[pallet::storage]
	pub type Impacts<T: Config> = StorageMap<_, Twox64Concat, MarketId, Impact<BlockNumberFor<T>>>;

	/// The market whose impact price was found last, when the block had no weight for the others.
	#[pallet::storage]
	pub type ImpactsDone<T> = StorageValue<_, MarketId>;

	/// Which orders have rested a whole block.
	#[pallet::storage]
	pub type Sequences<T> = StorageValue<_, SequencesAt, ValueQuery>;

	/// The fees from the start.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The schedule.
		pub fees: FeeSchedule,
		/// Nothing.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.fees.is_sound(), "the fee schedule is sound");
			Schedule::<T>::put(&self.fees);
		}
	}

	/// Why a call failed. Nothing was changed.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no such market.
		UnknownMarket,
		/// The size is zero.
		ZeroSize,
		/// The size is no multiple of the market's lot. Only what closes exactly a position may be any size.
		NotWholeLots,
		/// The order is worth less than the least of the market. Order more, or close the position whole.
		OrderTooSmall,
		/// Size times price is beyond all amounts.
		OrderTooLarge,
		/// The price is zero or outside the bounds of all prices (1e-6 to 1e9 dollars).
		InvalidPrice,
		/// The price is no multiple of the market's tick.
		NotWholeTicks,
		/// The price is further from mark than the market's band allows. See its mark and band.
		OutsideBand,
		/// The last block of the order has passed, or it is later than orders may live.
		InvalidExpiry,
		/// An order that is not to rest cannot be post-only.
		PostOnlyMustRest,
		/// The order is post-only and would be filled at once. Ask for less, or let it slide.
		WouldCross,
		/// The market's orders are being filled at one price. Try again in the next block.
		Uncrossing,
		/// The order could not be filled whole at once.
		NotFilled,
		/// The market was settled, and orders from before are leaving the book. Try again in the next block.
		Clearing,
		/// The market collects orders for an auction: only orders that rest are taken now.
		Collecting,
		/// The account has as many open orders as it may. Cancel one, or use another sub-account.
		TooManyOrders,
		/// The account has as many open orders in this market as it may. Cancel one.
		TooManyOrdersInMarket,
		/// An open order of the account has this client id. Cancel it, or choose another.
		ClientIdInUse,
		/// The account has no such order: it was filled, cancelled, or it expired.
		UnknownOrder,
		/// As much as that is filled already.
		AlreadyFilled,
		/// The order is like that already.
		NothingToAmend,
		/// The account has no position that the order would reduce.
		NothingToReduce,
		/// The order is larger than the position that it reduces: it would turn it round.
		WouldFlip,
		/// Mark has reached the trigger price already. Place the order itself, or choose the other direction.
		WouldFireAtOnce,
		/// The account has as many conditional orders as it may. Cancel one.
		TooManyConditionals,
		/// The conditional order is one of a pair already.
		AlreadyPaired,
		/// A switch is at least one block away, and at most `MaxSwitch`.
		InvalidSwitch,
		/// Tiers begin at zero and rise, fees are at most 1 %, takers pay, no rebate is more than the least that a
		/// taker pays, and shares are at most the whole.
		UnsoundFees,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Place an order. It is filled as far as it crosses the book, at the prices of the orders that rest there;
		/// what is left rests or is cancelled as `time_in_force` says. For a market order say the worst price and
		/// `ImmediateOrCancel`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::place_order().saturating_add(Pallet::<T>::meeting(T::MaxFills::get())))]
		pub fn place_order(
			origin: OriginFor<T>,
			sub: SubAccount,
			market: MarketId,
			side: Side,
			size: Size,
			price: Price,
			time_in_force: TimeInForce<BlockNumberFor<T>>,
			post_only: PostOnly,
			self_trade: SelfTrade,
			client: Option<ClientId>,
		) -> DispatchResultWithPostInfo {
			let who = MarginAccount::new(ensure_signed(origin)?, sub);
			let intent = Intent::Trade;
			let new =
				NewOrder { market, side, size, price, time_in_force, post_only, self_trade, client, intent };
			Self::charge(Self::do_place(&who, &new), T::WeightInfo::place_order())
		}

		/// Place an order that only reduces your position; the side follows from it. Possible in a guarded market.
		/// Has priority; one reduction per owner and block.
		#[pallet::call_index(1)]
		#[pallet::weight((
			T::WeightInfo::reduce_order().saturating_add(Pallet::<T>::meeting(T::MaxFills::get())),
			DispatchClass::Operational
		))]
		pub fn reduce_order(
			origin: OriginFor<T>,
			sub: SubAccount,
			market: MarketId,
			size: Size,
			price: Price,
			time_in_force: TimeInForce<BlockNumberFor<T>>,
			post_only: PostOnly,
			client: Option<ClientId>,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			T::Margin::note_reduction(&owner)?;
			let who = MarginAccount::new(owner, sub);
			let side = Self::reducing_side(&who, market)?;
			let (self_trade, intent) = (SelfTrade::default(), Intent::Reduce);
			let new =
				NewOrder { market, side, size, price, time_in_force, post_only, self_trade, client, intent };
			Self::charge(Self::do_place(&who, &new), T::WeightInfo::reduce_order())
		}

		/// Cancel one of your orders, by its id or by the one you gave it.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::cancel_order())]
		pub fn cancel_order(origin: OriginFor<T>, sub: SubAccount, order: OrderName) -> DispatchResult {
			let who = MarginAccount::new(ensure_signed(origin)?, sub);
			Self::do_cancel(&who, order)
		}

		/// Cancel all your orders of a sub-account, or all in a market. Has priority; one cancellation with priority
		/// per owner and block.
		#[pallet::call_index(3)]
		#[pallet::weight((T::WeightInfo::cancel_all(T::MaxOrders::get()), DispatchClass::Operational))]
		pub fn cancel_all(
			origin: OriginFor<T>,
			sub: SubAccount,
			market: Option<MarketId>,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			T::Margin::note_cancel(&owner)?;
			let count = Self::cancel_all_of(&MarginAccount::new(owner, sub), market, CancelReason::Owner);
			Ok(Some(T::WeightInfo::cancel_all(count)).into())
		}

		/// Change the size of an order (in all, with what is filled), its price, or both. Made smaller at its price it
		/// keeps its place in the queue; else it goes to the end of the queue at its new price, and may be filled.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::amend_order().saturating_add(Pallet::<T>::meeting(T::MaxFills::get())))]
		pub fn amend_order(
			origin: OriginFor<T>,
			sub: SubAccount,
			order: OrderName,
			size: Option<Size>,
			price: Option<Price>,
			post_only: PostOnly,
		) -> DispatchResultWithPostInfo {
			let who = MarginAccount::new(ensure_signed(origin)?, sub);
			Self::charge(Self::do_amend(&who, order, size, price, post_only), T::WeightInfo::amend_order())
		}

		/// Cancel all orders of a sub-account, unless you call this again within `blocks` blocks: a dead man's switch.
		/// With none it is taken off.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::keep_alive())]
		pub fn keep_alive(
			origin: OriginFor<T>,
			sub: SubAccount,
			blocks: Option<BlockNumberFor<T>>,
		) -> DispatchResult {
			let who = MarginAccount::new(ensure_signed(origin)?, sub);
			Self::set_switch(&who, blocks)
		}

		/// Set fee tiers, and who shares the fees.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::set_fees())]
		pub fn set_fees(origin: OriginFor<T>, fees: FeeSchedule) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			ensure!(fees.is_sound(), Error::<T>::UnsoundFees);
			Schedule::<T>::put(&fees);
			Self::deposit_event(Event::FeesSet { fees });
			Ok(())
		}

		/// Let a market fill its orders at one price in every block, so that nobody gains by being first within it; or
		/// match them as they come.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::set_mode())]
		pub fn set_mode(origin: OriginFor<T>, market: MarketId, every_block: bool) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			ensure!(T::Margin::has_market(market), Error::<T>::UnknownMarket);
			Self::set_every_block(market, every_block)?;
			Self::deposit_event(Event::ModeSet { market, every_block });
			Ok(())
		}

		/// Let an order wait until mark reaches `trigger`: a stop or a take-profit. It reserves nothing until then; when
		/// it fires it is placed like any order, its price no worse than the market's band. A reduction then closes at
		/// most what is held. With `other`, the id of another that waits, whichever fires first cancels the other.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::place_conditional())]
		pub fn place_conditional(
			origin: OriginFor<T>,
			sub: SubAccount,
			trigger: Price,
			when: When,
			market: MarketId,
			side: Side,
			size: Size,
			price: Price,
			time_in_force: TimeInForce<BlockNumberFor<T>>,
			intent: Intent,
			other: Option<OrderId>,
		) -> DispatchResult {
			let who = MarginAccount::new(ensure_signed(origin)?, sub);
			let (post_only, self_trade, client) = (PostOnly::No, SelfTrade::CancelNewest, None);
			let order =
				NewOrder { market, side, size, price, time_in_force, post_only, self_trade, client, intent };
			Self::do_place_conditional(&who, Conditional { id: 0, trigger, when, order, other })
		}

		/// Cancel a conditional order, or all of a sub-account. One that was paired with it waits on alone.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::cancel_conditional(T::MaxConditionals::get()))]
		pub fn cancel_conditional(
			origin: OriginFor<T>,
			sub: SubAccount,
			conditional: Option<OrderId>,
		) -> DispatchResultWithPostInfo {
			let who = MarginAccount::new(ensure_signed(origin)?, sub);
			let count = Self::do_cancel_conditional(&who, conditional)?;
			Ok(Some(T::WeightInfo::cancel_conditional(count)).into())
		}
	}

	impl<T: Config> Pallet<T> {
		/// What it costs to meet so many resting orders: with the first one, the taker is judged.
		pub(crate) fn meeting(met: u32) -> Weight {
			match met.checked_sub(1) {
				None => Weight::zero(),
				Some(more) => T::WeightInfo::take_order()
					.saturating_add(T::WeightInfo::meet_order().saturating_mul(more.into())),
			}
		}

		/// Charge an order for what it has met, whether it was placed or refused.
		fn charge(placed: Result<u32, Refused>, alone: Weight) -> DispatchResultWithPostInfo {
			match placed {
				Ok(met) => Ok(Some(alone.saturating_add(Self::meeting(met))).into()),
				Err(Refused { error, met }) => {
					Err(error.with_weight(alone.saturating_add(Self::meeting(met))))
				}
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			let mut meter = WeightMeter::with_limit(T::HookWeight::get());
			meter.consume(T::WeightInfo::idle());
			Self::note_sequences();
			Self::share_fees(&mut meter);
			Self::clear_settled(&mut meter);
			Self::fire_switches(now, &mut meter);
			Self::expire_orders(now, &mut meter);
			Self::fire_conditionals(&mut meter);
			Self::uncross(&mut meter);
			Self::find_impacts(&mut meter);
			meter.consumed()
		}

		fn integrity_test() {
			assert!(T::MaxFills::get() > 0 && T::MaxOrders::get() > 0);
			assert!(T::MaxOrdersPerMarket::get() <= T::MaxOrders::get());
			let one_each = T::WeightInfo::idle()
				.saturating_add(T::WeightInfo::share_fees())
				// What is settled is cleared within a half.
				.saturating_add(T::WeightInfo::expire_order().saturating_mul(2))
				.saturating_add(T::WeightInfo::cancel_conditional(1).saturating_mul(2))
				.saturating_add(T::WeightInfo::fire_switch(T::MaxOrders::get()))
				.saturating_add(T::WeightInfo::expire_order())
				.saturating_add(T::WeightInfo::look_at_auction().saturating_mul(T::MaxMarkets::get().into()))
				.saturating_add(T::WeightInfo::look_at_triggers().saturating_mul(T::MaxMarkets::get().into()))
				.saturating_add(T::WeightInfo::fire_conditional())
				.saturating_add(Self::meeting(T::MaxFills::get()))
				.saturating_add(Self::pricing().saturating_mul(2))
				.saturating_add(T::WeightInfo::fill_pair())
				.saturating_add(T::WeightInfo::find_impact());
			assert!(
				one_each.all_lte(T::HookWeight::get()),
				"the hook's share must do for a step of each queue"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The book of a market by price, the best first: at most `levels` prices a side.
		pub fn depth(market: MarketId, levels: u32) -> Depth {
			Self::depth_of(market, levels)
		}

		/// The open orders of an account.
		pub fn open_orders(account: MarginAccount<T::AccountId>) -> alloc::vec::Vec<OrderOf<T>> {
			Self::orders_of(&account)
		}

		/// The conditional orders of an account.
		pub fn conditional_orders(account: MarginAccount<T::AccountId>) -> alloc::vec::Vec<ConditionalOf<T>> {
			Conditionals::<T>::get(account).into_inner()
		}

		/// At what price, and how much, the orders of a market would trade if they were filled at one price now.
		/// None when none cross, or more than can be looked at do.
		pub fn indication(market: MarketId) -> Option<Indication> {
			Self::indication_of(market, views::MOST)
		}

		/// What an owner has traded in thirty days, in 1e-6 dollars, and the fee tier that follows from it.
		pub fn fee_tier(owner: T::AccountId) -> (Quote, FeeTier) {
			let volume = Self::volume(&owner);
			(volume, Schedule::<T>::get().tier(volume))
		}
	}
}
