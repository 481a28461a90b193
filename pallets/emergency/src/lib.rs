// SPDX-License-Identifier: Apache-2.0
//! Who stops things in an emergency, for how long, and who lets them go on.
//!
//! # Overview
//!
//! An emergency [`Act`] needs no motion. Members approve of it, each with a transaction of his own
//! ([`approve`](Pallet::approve)); the approval that makes it enough does it. A motion could be blocked: one member
//! proposes it with a threshold that is never met, and nobody can propose it again. Approvals are kept by act and member,
//! each member has room of his own, and an approval that finds no others is forgotten after
//! [`ApprovalLife`](Config::ApprovalLife) blocks.
//!
//! - **Who may stop may not start.** What the Security Council stops, the Technical Committee or the Council lets go on.
//! - **Every stop ends by itself**: safe mode, a pause of a call, an order on a market.
//! - **Every stop has a budget.** All that stop the same thing share so many blocks in any window of
//!   [`Window`](Config::Window) blocks: [`Budget`](keel_math::budget::Budget).
//! - **Rights are used up.** Whoever has entered safe mode, or paused a call, does so again only when half of the Council
//!   has given the right back ([`Act::Rearm`]). To keep something stopped for longer takes two bodies.
//! - **Whoever has a position in a market has no say** in stopping it or letting it go on, neither when he approves nor when
//!   it is done.
//! - **One member alone** of the Security Council may halt one market for [`AloneBlocks`](Config::AloneBlocks), once.
//!
//! A vote may do each act too ([`act`](Pallet::act)): within the budgets, but without using up anybody's right.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;

mod act;
mod approvals;
#[cfg(feature = "runtime-benchmarks")]
#[allow(clippy::expect_used)]
pub mod benchmarking;
mod invariants;
#[cfg(test)]
mod mock;
mod stops;
#[cfg(test)]
mod tests;
pub mod weights;

pub use act::{Act, Body, CallName, Name, Power, Share};
pub use pallet::*;
pub use weights::WeightInfo;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::pallet_prelude::DispatchResult;
use keel_primitives::MarketId;
use scale_info::TypeInfo;

/// The bodies and their seats.
pub trait Bodies<AccountId> {
	/// How many seats a body has.
	fn seats(body: Body) -> u32;
	/// Whether somebody sits in it.
	fn is_member(body: Body, who: &AccountId) -> bool;
	/// Give somebody a seat.
	#[cfg(feature = "runtime-benchmarks")]
	fn seat(body: Body, who: &AccountId);
}

/// What can be stopped, and what lets it go on.
pub trait Stops<AccountId, BlockNumber> {
	/// Guard a market.
	fn guard_market(market: MarketId, blocks: u32) -> DispatchResult;
	/// Halt a market.
	fn halt_market(market: MarketId, blocks: u32) -> DispatchResult;
	/// End the orders on a market.
	fn resume_market(market: MarketId) -> DispatchResult;
	/// Shut the chain.
	fn enter_safe_mode(blocks: BlockNumber) -> DispatchResult;
	/// Keep it shut.
	fn extend_safe_mode(blocks: BlockNumber) -> DispatchResult;
	/// Open it.
	fn exit_safe_mode() -> DispatchResult;
	/// Stop a call. Refused where it does not exist, or may not be stopped.
	fn pause_call(call: &CallName) -> DispatchResult;
	/// Let it go on.
	fn resume_call(call: &CallName) -> DispatchResult;
	/// Whether it is stopped.
	fn is_paused(call: &CallName) -> bool;
	/// Take a change out of its timelock.
	fn cancel_change(referendum: u32) -> DispatchResult;
	/// Whether somebody has a position in a market.
	fn has_position(who: &AccountId, market: MarketId) -> bool;
	/// A market that can be halted.
	#[cfg(feature = "runtime-benchmarks")]
	fn market() -> MarketId;
	/// Give somebody as many accounts as there may be.
	#[cfg(feature = "runtime-benchmarks")]
	fn open_accounts(who: &AccountId);
	/// Stop a call that does not exist.
	#[cfg(feature = "runtime-benchmarks")]
	fn keep_paused(call: &CallName);
}

/// An approval of an act.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Approval<AccountId, BlockNumber> {
	/// The member.
	pub who: AccountId,
	/// It counts before this block.
	pub until: BlockNumber,
}

/// Who approves of an act, and until when.
pub type ApprovalsOf<T> = alloc::vec::Vec<
	Approval<<T as frame_system::Config>::AccountId, frame_system::pallet_prelude::BlockNumberFor<T>>,
>;

/// A call that is stopped.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Pause<BlockNumber> {
	/// It goes on in this block.
	pub until: BlockNumber,
	/// How often it was kept for longer.
	pub renewals: u32,
}

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{dispatch::DispatchErrorWithPostInfo, pallet_prelude::*, traits::Get};
	use frame_system::pallet_prelude::*;
	use keel_math::budget::Budget;
	use sp_runtime::traits::Zero;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The bodies.
		type Bodies: Bodies<Self::AccountId>;

		/// What can be stopped.
		type Stops: Stops<Self::AccountId, BlockNumberFor<Self>>;

		/// How many seats a body has at most.
		#[pallet::constant]
		type MaxSeats: Get<u32>;

		/// How many approvals of one act are kept: at least all seats of the bodies together.
		#[pallet::constant]
		type MaxApprovals: Get<u32>;

		/// How many approvals one member may have given. The first makes room.
		#[pallet::constant]
		type MaxGiven: Get<u32>;

		/// For how many blocks an approval counts.
		#[pallet::constant]
		type ApprovalLife: Get<BlockNumberFor<Self>>;

		/// For how many blocks safe mode lasts.
		#[pallet::constant]
		type SafeModeBlocks: Get<BlockNumberFor<Self>>;

		/// For how many more blocks it is extended at a time.
		#[pallet::constant]
		type ExtensionBlocks: Get<BlockNumberFor<Self>>;

		/// For how many blocks a call is paused, and each renewal lasts.
		#[pallet::constant]
		type PauseBlocks: Get<BlockNumberFor<Self>>;

		/// How often a pause is renewed.
		#[pallet::constant]
		type MaxRenewals: Get<u32>;

		/// How many calls may be paused at a time.
		#[pallet::constant]
		type MaxPauses: Get<u32>;

		/// For how many blocks one member alone halts a market.
		#[pallet::constant]
		type AloneBlocks: Get<BlockNumberFor<Self>>;

		/// For how many blocks safe mode may last in all within any window, and the same for the pauses of a call.
		#[pallet::constant]
		type Budget: Get<BlockNumberFor<Self>>;

		/// The blocks of a window.
		#[pallet::constant]
		type Window: Get<BlockNumberFor<Self>>;

		/// What the hook may use of a block.
		type HookWeight: Get<Weight>;

		/// Weights of calls and hook.
		type WeightInfo: WeightInfo;
	}

	/// Who approves of an act.
	#[pallet::storage]
	pub type Approvals<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		Act<T::AccountId>,
		BoundedVec<Approval<T::AccountId, BlockNumberFor<T>>, T::MaxApprovals>,
		ValueQuery,
	>;

	/// What a member approves of, the first first.
	#[pallet::storage]
	pub type Given<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, BoundedVec<Act<T::AccountId>, T::MaxGiven>, ValueQuery>;

	/// The rights that are used up, and since when.
	#[pallet::storage]
	pub type Consumed<T: Config> = StorageMap<_, Blake2_128Concat, Power<T::AccountId>, BlockNumberFor<T>>;

	/// The calls that are paused.
	#[pallet::storage]
	pub type Paused<T: Config> = CountedStorageMap<_, Blake2_128Concat, CallName, Pause<BlockNumberFor<T>>>;

	/// What was used of safe mode's budget.
	#[pallet::storage]
	pub type SafeModeBudget<T> = StorageValue<_, Budget, ValueQuery>;

	/// What was used of each call's budget.
	#[pallet::storage]
	pub type CallBudgets<T> = StorageMap<_, Blake2_128Concat, CallName, Budget, ValueQuery>;

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A member approves of an act.
		Approved {
			/// The member.
			who: T::AccountId,
			/// The act.
			act: Act<T::AccountId>,
			/// The approval counts before this block.
			until: BlockNumberFor<T>,
		},
		/// A member took his approval back.
		Withdrawn {
			/// The member.
			who: T::AccountId,
			/// The act.
			act: Act<T::AccountId>,
		},
		/// Enough approved of an act, or a vote did, and it was done.
		Done {
			/// The act.
			act: Act<T::AccountId>,
		},
		/// One member halted a market alone.
		HaltedAlone {
			/// The member.
			who: T::AccountId,
			/// The market.
			market: MarketId,
		},
		/// A pause is over: the call goes on.
		PauseEnded {
			/// The call.
			call: CallName,
		},
	}

	/// Why a call failed. Nothing was changed.
	#[pallet::error]
	pub enum Error<T> {
		/// You sit in none of the bodies that have a say in this.
		NoSay,
		/// You have a position in this market, and so no say in stopping it or letting it go on.
		HasAPosition,
		/// You do not approve of this act.
		NotApproved,
		/// There is no room for more approvals of this act.
		TooManyApprovals,
		/// The account sits in a body.
		StillAMember,
		/// This right was used. Half of the Council gives it back: approve of Rearm.
		NotArmed,
		/// This right was not used, or is given back already.
		NotConsumed,
		/// As much was stopped within the window as may be. The budget comes back as older stops leave the window.
		BudgetExhausted,
		/// The call is paused already. RenewPause keeps it paused for longer.
		PausedAlready,
		/// The call is not paused.
		NotPaused,
		/// A pause is not renewed so often. It ends by itself.
		RenewedTooOften,
		/// As many calls are paused as may be at a time.
		TooManyPauses,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::end_pauses(now)
		}

		fn integrity_test() {
			let all = T::WeightInfo::end_pause().saturating_mul(T::MaxPauses::get().into());
			let worst = T::WeightInfo::idle(T::MaxPauses::get()).saturating_add(all);
			assert!(
				worst.all_lte(T::HookWeight::get()),
				"ending all pauses ({worst:?}) exceeds the hook's share ({:?})",
				T::HookWeight::get()
			);
			assert!(T::Budget::get() < T::Window::get(), "a body could stop things for good");
			assert!(!T::ApprovalLife::get().is_zero(), "no approval would ever count");
			assert!(T::PauseBlocks::get() <= T::Budget::get(), "a pause would exceed its budget");
			assert!(T::MaxGiven::get() > 0, "nobody could approve of anything");
			assert!(T::MaxApprovals::get() >= T::MaxSeats::get(), "a body could not approve together");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Approve of an act. When that makes enough of you, it is done in this transaction.
		///
		/// Approvals count for `ApprovalLife` blocks, and in a market only while the member has no position there. If the
		/// act cannot be done (a budget is used up, a right was
		/// used), the transaction fails and says why; the others' approvals stay.
		#[pallet::call_index(0)]
		#[pallet::weight((
			T::WeightInfo::approve().saturating_add(Pallet::<T>::looking_up(act)),
			DispatchClass::Operational
		))]
		pub fn approve(origin: OriginFor<T>, act: Act<T::AccountId>) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let mut looked = 0;
			let result = Self::do_approve(who, act, &mut looked);
			// What was not looked at is given back to the block, whether it succeeds or fails.
			let spent = T::WeightInfo::has_position().saturating_mul(looked.into());
			let post_info = Some(T::WeightInfo::approve().saturating_add(spent)).into();
			match result {
				Ok(()) => Ok(post_info),
				Err(error) => Err(DispatchErrorWithPostInfo { post_info, error }),
			}
		}

		/// Take your approval of an act back.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::withdraw_approval())]
		pub fn withdraw_approval(origin: OriginFor<T>, act: Act<T::AccountId>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(who, act)
		}

		/// Halt a market alone, for `AloneBlocks`: a member of the Security Council, once, until half of the Council gives
		/// the right back.
		#[pallet::call_index(2)]
		#[pallet::weight((
			T::WeightInfo::halt_alone().saturating_add(T::WeightInfo::has_position()),
			DispatchClass::Operational
		))]
		pub fn halt_alone(origin: OriginFor<T>, market: MarketId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_halt_alone(who, market)
		}

		/// Do an act by vote: within its budget, without using up anybody's right.
		#[pallet::call_index(3)]
		#[pallet::weight((T::WeightInfo::approve(), DispatchClass::Operational))]
		pub fn act(origin: OriginFor<T>, act: Act<T::AccountId>) -> DispatchResult {
			ensure_root(origin)?;
			Self::drop_approvals(&act);
			Self::perform(&act, stops::By::Vote)
		}

		/// Clear the approvals of an account that sits in no body any more. They count for nothing; anybody may tidy up.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::forget())]
		pub fn forget(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_forget(&who)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// Who approves of an act so far, and until when.
		pub fn approvals(act: Act<T::AccountId>) -> ApprovalsOf<T> {
			Approvals::<T>::get(act).into_inner()
		}

		/// All acts that somebody approves of, and who.
		pub fn open_acts() -> Vec<(Act<T::AccountId>, ApprovalsOf<T>)> {
			Approvals::<T>::iter().map(|(act, approvals)| (act, approvals.into_inner())).collect()
		}

		/// For how many more blocks safe mode may last within the window.
		pub fn safe_mode_left() -> u32 {
			Self::left(SafeModeBudget::<T>::get())
		}

		/// For how many more blocks a call may be paused within the window.
		pub fn pause_left(call: CallName) -> u32 {
			Self::left(CallBudgets::<T>::get(call))
		}

		/// The calls that are paused, until when, and how often that was renewed.
		pub fn pauses() -> Vec<(CallName, Pause<BlockNumberFor<T>>)> {
			Paused::<T>::iter().collect()
		}
	}

	impl<T: Config> Pallet<T> {
		/// What it costs at most to look up the positions of a body's members in the market of an act.
		fn looking_up(act: &Act<T::AccountId>) -> Weight {
			let seats = act.market().map_or(0, |_| T::MaxSeats::get());
			T::WeightInfo::has_position().saturating_mul(seats.into())
		}

		fn left(budget: Budget) -> u32 {
			let now = Self::blocks(frame_system::Pallet::<T>::block_number());
			let spent = budget.spent(now, Self::blocks(T::Window::get()));
			Self::blocks(T::Budget::get()).saturating_sub(spent)
		}
	}
}
