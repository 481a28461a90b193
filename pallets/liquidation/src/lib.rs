// SPDX-License-Identifier: Apache-2.0
//! Closes the positions of accounts that cannot keep them, and decides who bears the loss.
//!
//! ## Overview
//!
//! The pallet that owns the accounts finds the unhealthy ones and tells this one, which queues them:
//! bankrupt accounts first, then by shortfall in dollars, the largest first. Every block works off as
//! much of the queue as its share of the block's weight allows, nobody has to ask for it.
//!
//! While accounts wait, each block judges as many of them again as a part of its share allows: whoever
//! has become worse comes earlier.
//!
//! An account is judged once more when its turn comes. Healthy again: it is released. Otherwise it goes
//! down the **waterfall**, the position with the largest part in the requirement first:
//!
//! ```text
//!  unhealthy, solvent                                       bankrupt
//!    │ as much as restores it, at mark less a discount        │ everything, at mark
//!    ▼                                                        ▼
//!  backstop ──refuses──► deleveraged against the          deleveraged; what it still owes is paid by
//!    │                   whole opposite side, at mark       1. the tranche of the market that caused it
//!    ▼                     ▼                                2. the global fund, within its caps
//!  penalty ─► tranche    its share of equity ─► tranche     3. the side of the market that gained
//!                                                           4. the market, as a debt
//! ```
//!
//! What an account pays for leaving this way is bounded by what it has: discount and penalty together
//! never make a solvent account bankrupt. What is taken for a loss is never more than the loss, and
//! the receipts sum to it, to the unit: if they do not, the step is undone and the account put aside.
//!
//! - A position in a halted market, or one without a price, cannot be taken. An account with only such
//!   positions is *parked*: it costs nothing until one of its markets can liquidate again. Until then the
//!   sides that might have to pay for it wait for it.
//! - An account whose step fails is *put aside*, with the cause in an event, and tried again in the
//!   next block after all others. It never stops the queue.
//! - Nothing an account does puts it further back.
//! - What a market owes is repaid from what its liquidations bring, and by its tranche and the fund in later blocks.
//!
//! ## Invariants
//!
//! See `invariants.rs`; checked by `try_state`, and after every test.
//!
//! ## Terms
//!
//! - **Unhealthy**: less equity than the maintenance requirement. **Bankrupt**: negative equity.
//! - **Stated price**: what the backstop pays; mark less the discount for a long, plus for a short.
//! - **Backstop**: a margin account of the house for each market, which takes over positions.
//! - **Deleverage**: close against the whole opposite side of the market, pro rata, at the mark price.
//! - **Receipts**: who paid what part of a loss.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

mod asked;
mod backstop;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod invariants;
mod losses;
#[cfg(test)]
mod mock;
mod old_debts;
mod queue;
mod rank;
mod round;
mod terms;
#[cfg(test)]
mod tests;
mod types;
mod waiting;
mod waterfall;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use pallet::*;
pub use rank::Rank;
pub use types::{Advance, Entry, InvalidParams, Params, Place, Receipts, Taker, EXPOSURES_MAX};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{dispatch::DispatchResultWithPostInfo, pallet_prelude::*};
	use frame_system::pallet_prelude::*;
	use keel_primitives::{MarginAccount, MarketId, Price, Quote, Side, Size};
	use keel_traits::{Judgement, Liquidatable as _};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Who owns the accounts and takes positions from them.
		type Margin: keel_traits::Liquidatable<Self::AccountId>;

		/// Who keeps penalties and pays for losses.
		type Losses: keel_traits::LossAbsorber<Self::AccountId>;

		/// Who sets the parameters.
		type GovernOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The owner of the margin accounts that take over positions: sub-account `n` takes over those
		/// of market `n`.
		#[pallet::constant]
		type BackstopOwner: Get<Self::AccountId>;

		/// What `on_initialize` may use of a block.
		type HookWeight: Get<Weight>;

		/// What calls and steps cost.
		type WeightInfo: WeightInfo;

		/// Brings accounts into trouble.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: BenchmarkHelper<Self::AccountId>;
	}

	/// Accounts whose turn will come, in the order in which it comes.
	///
	/// The trie is sorted by raw key, so the identity hash makes this an ordered map. A long run of
	/// equal prefixes cannot be forced cheaply: rank is money, and account ids are hashes.
	#[pallet::storage]
	pub type Queue<T: Config> = StorageMap<_, Identity, (Rank, MarginAccount<T::AccountId>), ()>;

	/// The last account of the queue that was judged again while it waits, when the block had no weight for
	/// those behind it. The next block goes on there.
	#[pallet::storage]
	pub type Rejudged<T: Config> = StorageValue<_, (Rank, MarginAccount<T::AccountId>)>;

	/// Every account that is in liquidation, and where it stands.
	#[pallet::storage]
	pub type Entries<T: Config> = StorageMap<_, Blake2_128Concat, MarginAccount<T::AccountId>, Entry>;

	/// Parked accounts by each market they wait for.
	#[pallet::storage]
	pub type Parked<T: Config> =
		StorageDoubleMap<_, Twox64Concat, MarketId, Blake2_128Concat, MarginAccount<T::AccountId>, ()>;

	/// Markets that parked accounts wait for, and how many of them. At most as many as there are
	/// markets.
	#[pallet::storage]
	pub type ParkedCount<T> = StorageMap<_, Twox64Concat, MarketId, u32>;

	/// How many bankrupt accounts hold a side of a market, or have lost on it and have not paid yet.
	#[pallet::storage]
	pub type BankruptCount<T> = StorageMap<_, Twox64Concat, (MarketId, Side), u32>;

	/// All losses that a market ever caused, and who paid for them.
	#[pallet::storage]
	pub type MarketReceipts<T> = StorageMap<_, Twox64Concat, MarketId, Receipts, ValueQuery>;

	/// The market whose debt was looked at last: one a block, in turn, of those with receipts.
	#[pallet::storage]
	pub type LastRepaid<T> = StorageValue<_, MarketId>;

	/// The parameters in force.
	#[pallet::storage]
	pub type CurrentParams<T> = StorageValue<_, Params, ValueQuery>;

	/// The state of the first block.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The parameters.
		pub params: Params,
		#[doc(hidden)]
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			self.params.validate().expect("parameters of liquidation must lie in their bounds");
			assert!(
				Pallet::<T>::is_within_envelopes(&self.params),
				"discount and penalty of liquidation must be within the worst fee of every market"
			);
			CurrentParams::<T>::put(self.params);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account was found unhealthy and waits for its turn. It may only add margin until it is
		/// released.
		Queued {
			/// The account.
			account: MarginAccount<T::AccountId>,
			/// Its equity against its requirement.
			judgement: Judgement,
		},
		/// An account left liquidation: it meets its requirement, or it has nothing left.
		Released {
			/// The account.
			account: MarginAccount<T::AccountId>,
		},
		/// No position of an account can be taken now, because its markets are halted or have no valid
		/// price. It waits for one of them.
		Postponed {
			/// The account.
			account: MarginAccount<T::AccountId>,
		},
		/// A step failed and was undone. The account is tried again in the next block, after all others.
		PutAside {
			/// The account.
			account: MarginAccount<T::AccountId>,
			/// Why the step failed.
			error: DispatchError,
		},
		/// The backstop did not take a position over. It is deleveraged instead.
		BackstopRefused {
			/// The market.
			market: MarketId,
			/// Why.
			error: DispatchError,
		},
		/// A position was taken from an unhealthy account, in whole or in part.
		Liquidated {
			/// The account.
			account: MarginAccount<T::AccountId>,
			/// The market.
			market: MarketId,
			/// The side of the position.
			side: Side,
			/// The size that was taken.
			size: Size,
			/// The price it was taken at.
			price: Price,
			/// The mark price.
			mark: Price,
			/// The part of the requirement that the position had, before.
			requirement: Quote,
			/// What the account paid besides the price: to the market's tranche, then the global fund.
			penalty: Quote,
			/// Who took it.
			to: Taker,
			/// The account before.
			before: Judgement,
			/// The account after; nothing when it has no position left.
			after: Option<Judgement>,
		},
		/// An account owes more than it owns. Everything it has is closed, and its debt is paid by others.
		Bankrupt {
			/// The account.
			account: MarginAccount<T::AccountId>,
			/// Its equity against its requirement.
			judgement: Judgement,
		},
		/// An account is solvent again and pays back what others have paid for it, in the reverse order of the
		/// receipts. The four parts sum to the amount.
		PaidBack {
			/// The account.
			account: MarginAccount<T::AccountId>,
			/// The market whose losses they were.
			market: MarketId,
			/// How much.
			amount: Quote,
			/// For what the market owes.
			market_debt: Quote,
			/// For what the holders of the other side have borne.
			socialised: Quote,
			/// To the global fund.
			fund: Quote,
			/// To the market's tranche.
			tranche: Quote,
		},
		/// A part of a bankrupt account's debt was paid. The four receipts sum to the loss.
		LossCovered {
			/// The account.
			account: MarginAccount<T::AccountId>,
			/// The market that caused this part.
			market: MarketId,
			/// The side the account held; the other side gained.
			side: Side,
			/// The part.
			loss: Quote,
			/// What the market's tranche paid.
			tranche: Quote,
			/// What the global fund paid.
			fund: Quote,
			/// What the holders of the side that gained bear, per unit of size.
			socialised: Quote,
			/// What that side could not bear: the market owes it.
			market_debt: Quote,
		},
		/// What a market owed because nobody could bear a loss was paid in a later block, in whole or in part.
		OldDebtPaid {
			/// The market.
			market: MarketId,
			/// What its tranche paid.
			tranche: Quote,
			/// What the global fund paid, within its caps.
			fund: Quote,
			/// What the market still owes.
			left: Quote,
		},
		/// Somebody gave margin to the backstop of a market.
		BackstopFunded {
			/// The market.
			market: MarketId,
			/// The account that received it.
			backstop: MarginAccount<T::AccountId>,
			/// Who gave.
			who: T::AccountId,
			/// How much, in 1e-6 dollars.
			amount: Quote,
		},
		/// The parameters changed. They count for every step from now on.
		ParamsSet {
			/// The parameters.
			params: Params,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account meets its maintenance requirement, or has no position. There is nothing to do.
		Healthy,
		/// Others are liquidated before this account: the bankrupt first, then by shortfall in dollars. Ask for the
		/// first key of `queue`, or wait: the chain comes to it by itself.
		NotItsTurn,
		/// None of the account's positions can be taken now: its markets are halted or have no valid
		/// price. It is liquidated when one of them can be.
		NothingLiquidatable,
		/// A parameter is out of bounds: discount and penalty are at most 10 %, the buffer at most
		/// 100 %, the least position between 0 and 10,000 dollars.
		InvalidParams,
		/// Discount and penalty together are more than the worst fee that some market's solvency envelope leaves room for.
		/// Choose less, or raise the worst fee of the markets first (`margin.setMarketParams`).
		AboveWorstFee,
		/// What was paid for a loss does not sum to the loss. The step was undone.
		ReceiptsDoNotSum,
		/// The account is unhealthy though nothing is left to close, or the owner of the accounts says
		/// so after having said the opposite. The step was undone.
		StillUnhealthy,
		/// A position did not get smaller. The step was undone.
		NoProgress,
		/// There is no such market, or it has no backstop.
		UnknownMarket,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Take one step of liquidation with an account, now. Anyone may; free when it was needed.
		///
		/// The chain does this by itself in every block, so this is a fallback for when the queue is
		/// longer than a block, and the way out for an account that is healthy again and does not want
		/// to wait for its turn. Nobody jumps the queue: a step is taken with the head of the line alone. An
		/// account that is not queued is judged first and queued when it is unhealthy; when others come before
		/// it, that is all. Fails with `Healthy` when it is healthy, with `NotItsTurn` when it waits already.
		/// Only what was done is charged.
		#[pallet::call_index(0)]
		#[pallet::weight(asked::largest_call::<T>())]
		pub fn liquidate(
			origin: OriginFor<T>,
			account: MarginAccount<T::AccountId>,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_liquidate(&account)
		}

		/// Set discount, penalty, buffer and least position. A decision of governance.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_params())]
		pub fn set_params(origin: OriginFor<T>, params: Params) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			Self::do_set_params(params)
		}

		/// Give USDK to the backstop of a market, which takes over the positions of others in liquidation.
		///
		/// This is a gift: whoever gives gets nothing for it, not now and not later, and there is no way to
		/// ask for it back. `amount` is in 1e-6 dollars, at least the least deposit, and is taken from the
		/// USDK balance of the caller, not from a margin account. Also possible while the backstop itself is
		/// in liquidation. Anyone may.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::fund_backstop())]
		pub fn fund_backstop(origin: OriginFor<T>, market: MarketId, amount: Quote) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_fund_backstop(who, market, amount)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Where an account stands in liquidation. Nothing when it is not in it.
		pub fn entry(account: MarginAccount<T::AccountId>) -> Option<Entry> {
			Entries::<T>::get(account)
		}

		/// The margin account that takes over positions of a market: at most what its margin carries. Who
		/// wants it to take more gives to it with `fund_backstop`. Nothing for a market without one.
		pub fn backstop(market: MarketId) -> Option<MarginAccount<T::AccountId>> {
			Self::backstop_of(market)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::work(T::HookWeight::get())
		}

		fn integrity_test() {
			assert!(T::Margin::exposures_max() <= EXPOSURES_MAX, "an account may have too many positions");
			assert!(
				round::least_share::<T>().all_lte(T::HookWeight::get()),
				"HookWeight must hold the largest step and one of all else, or that would stop: {:?} > {:?}",
				round::least_share::<T>(),
				T::HookWeight::get(),
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			invariants::do_try_state::<T>()
		}
	}
}
