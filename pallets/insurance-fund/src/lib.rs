// SPDX-License-Identifier: Apache-2.0
//! Pays for losses that nobody else can pay, and says exactly what it paid.
//!
//! ## Overview
//!
//! When an account owes more than it owns, somebody must pay the difference, or those who won would
//! be paid in promises. This pallet keeps the money for that, in *pots*:
//!
//! - each market has a **tranche**, filled by the penalties of that market's liquidations until it
//!   reaches its target, and spent on that market's losses alone;
//! - the **global fund** takes what the tranches do not need and stands behind all markets, but only
//!   within caps: per account, per owner and market within a day, per block and per day in all. So one market gone
//!   wrong, or one owner with many accounts, cannot empty it. A market for which its cap is paid is halted
//!   ([`Config::OnExhausted`]).
//!
//! ```text
//!  penalties of a market ──► tranche of the market ──(target reached)──► global fund
//!                                     │                                      │
//!  a loss in that market ◄── first ───┘        then, within caps ◄───────────┘
//! ```
//!
//! What both cannot pay is not this pallet's to solve: it answers with what it paid, and whoever asked
//! lays the rest on the side of the market that gained. A cap that is reached does not make anybody
//! wait, the fund just pays less.
//!
//! Anyone may add to a pot with [`contribute`](Call::contribute); that is a donation. So is what somebody sent to custody
//! by mistake, once anyone has swept it into the fund ([`sweep`](Call::sweep)). Money leaves in
//! two ways only: to pay for a loss, and by a decision of governance ([`withdraw`](Call::withdraw)).
//!
//! No account of this pallet holds money. USDK lies in custody ([`Config::Custody`]); a pot is a claim
//! on it, and [`Claims`](keel_traits::Claims) reports the sum of all pots.
//!
//! ## Example
//!
//! A market's tranche has 300 dollars, the global fund 1,000, of which it may spend 500 on one account:
#![doc = docify::embed!("src/tests/absorb.rs", the_tranche_pays_first_then_the_fund_within_its_caps)]
//!
//! ## Invariants
//!
//! Checked by `try_state`, and after every test:
#![doc = docify::embed!("src/invariants.rs", do_try_state)]
//!
//! ## Terms
//!
//! - **Pot**: a tranche or the global fund.
//! - **Target**: the balance at which a tranche takes no more penalties. Contributions may exceed it.
//! - **Flow**: all that a pot ever received, and all that it ever paid.
//! - **Loss**: a debt, or a part of it, that one market caused and the debtor cannot pay.
//! - **Window**: the last 24 hours, in which the global fund pays at most [`Caps::per_day`].

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod invariants;
mod losses;
#[cfg(test)]
mod mock;
mod pots;
mod spending;
#[cfg(test)]
mod tests;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::{Caps, Flow, InvalidCaps, Pot, Tranche, AMOUNT_MAX};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use crate::spending::{Spending, Window};
	use alloc::vec::Vec;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use keel_primitives::{MarketId, Moment, Quote};

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Where the money of all pots lies.
		type Custody: keel_traits::Custody<Self::AccountId>;

		/// Who sets targets and caps, and who may take money out.
		type GovernOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Who hears that the fund has paid all that it may for a market within a day, and can stop the market.
		type OnExhausted: keel_traits::OnFundExhausted;

		/// The target of a market's tranche when the market is listed, in 1e-6 dollars.
		type InitialTarget: Get<Quote>;

		/// The time of this block, in milliseconds. It also has to be right before the block's
		/// timestamp is set, because losses are paid in `on_initialize`.
		type Now: Get<Moment>;

		/// What calls cost.
		type WeightInfo: WeightInfo;
	}

	/// The tranche of each market. As many as there are markets.
	#[pallet::storage]
	pub type Tranches<T> = StorageMap<_, Twox64Concat, MarketId, Tranche>;

	/// The balance of the global fund, in 1e-6 dollars.
	#[pallet::storage]
	pub type Fund<T> = StorageValue<_, Quote, ValueQuery>;

	/// What each pot ever received and ever paid. Their difference is its balance.
	#[pallet::storage]
	pub type Flows<T> = StorageMap<_, Twox64Concat, Pot, Flow, ValueQuery>;

	/// How much the global fund pays at most.
	#[pallet::storage]
	pub type FundCaps<T> = StorageValue<_, Caps, ValueQuery>;

	/// What the global fund has paid for losses in this block and in the last 24 hours.
	#[pallet::storage]
	pub type FundSpending<T> = StorageValue<_, Spending<BlockNumberFor<T>>, ValueQuery>;

	/// What the global fund has paid for losses of each market in the last 24 hours.
	#[pallet::storage]
	pub type MarketSpending<T> = StorageMap<_, Twox64Concat, MarketId, Window, ValueQuery>;

	/// What the global fund has paid for losses of each owner, all accounts together, in the last 24 hours.
	#[pallet::storage]
	pub type OwnerSpending<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Window, ValueQuery>;

	/// The owner that was looked at last: those for whom nothing was paid of late are forgotten, in turn.
	#[pallet::storage]
	pub type NextOwner<T: Config> = StorageValue<_, T::AccountId>;

	/// The state of the first block. Balances are claims on custody: whoever sets them puts the same
	/// amount of USDK there in the same genesis, or conservation is broken from the start.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// What the global fund pays at most. The default is nothing at all.
		pub caps: Caps,
		/// The balance of the global fund.
		pub fund: Quote,
		/// Market, target and balance of each tranche.
		pub tranches: Vec<(MarketId, Quote, Quote)>,
		#[doc(hidden)]
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			self.caps.validate().expect("caps of the insurance fund must rise from account to owner to market to day, and to block to day");
			FundCaps::<T>::put(self.caps);
			Pot::Fund.receive::<T>(genesis_amount(self.fund));
			for &(market, target, balance) in &self.tranches {
				// The market's own genesis may have opened it, with the initial target.
				Pot::open_tranche::<T>(market, Quote::ZERO);
				Tranches::<T>::mutate_extant(market, |tranche| tranche.target = genesis_amount(target));
				Pot::Tranche(market).receive::<T>(genesis_amount(balance));
			}
		}
	}

	/// A chain that starts with an amount it cannot have must not start.
	fn genesis_amount(amount: Quote) -> Quote {
		assert!(types::is_amount(amount), "amount of the insurance fund out of bounds: {amount:?}");
		amount
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A market was listed and got a tranche.
		TrancheOpened {
			/// The market.
			market: MarketId,
			/// The balance at which the tranche takes no more penalties.
			target: Quote,
		},
		/// A penalty was kept. The two parts add up to it.
		Kept {
			/// The market whose liquidation brought it.
			market: MarketId,
			/// What the market's tranche received.
			tranche: Quote,
			/// What the global fund received.
			fund: Quote,
		},
		/// A loss that was paid for is paid after all: each pot has back what it had paid of it, a tranche also above
		/// its target.
		GivenBack {
			/// The market that caused it.
			market: MarketId,
			/// What the market's tranche has back.
			tranche: Quote,
			/// What the global fund has back. It counts no more towards the caps of the block and the day.
			fund: Quote,
		},
		/// A loss was paid for, in whole or in part. What the two parts leave of it is paid by others.
		Absorbed {
			/// The market that caused it.
			market: MarketId,
			/// The whole loss.
			loss: Quote,
			/// What the market's tranche paid.
			tranche: Quote,
			/// What the global fund paid.
			fund: Quote,
		},
		/// What a market owed since an earlier block was paid, in whole or in part.
		OldDebtPaid {
			/// The market.
			market: MarketId,
			/// What the market's tranche paid.
			tranche: Quote,
			/// What the global fund paid.
			fund: Quote,
		},
		/// The global fund has paid for a market all that it may within a day. The market is halted, and what is lost
		/// there is others' until the day has moved on, or governance has raised the cap.
		MarketCapReached {
			/// The market.
			market: MarketId,
			/// What it has paid for its losses in the last 24 hours.
			paid: Quote,
		},
		/// Somebody gave to a pot.
		Contributed {
			/// Who gave.
			who: T::AccountId,
			/// The pot that received.
			pot: Pot,
			/// How much.
			amount: Quote,
		},
		/// What was sent to custody by mistake became the global fund's.
		Swept {
			/// How much.
			amount: Quote,
		},
		/// Governance took money out of a pot.
		Withdrawn {
			/// The pot that paid.
			pot: Pot,
			/// Who received.
			to: T::AccountId,
			/// How much.
			amount: Quote,
		},
		/// A tranche has a new target. Its balance did not change.
		TargetSet {
			/// The market.
			market: MarketId,
			/// The balance at which the tranche takes no more penalties.
			target: Quote,
		},
		/// The global fund has new caps. They count for what is paid from now on.
		CapsSet {
			/// The caps.
			caps: Caps,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The amount is zero, negative or larger than a trillion dollars. Amounts are in 1e-6 dollars.
		AmountOutOfBounds,
		/// There is no such market, so there is no such tranche. Look the market up in `tranches`.
		UnknownMarket,
		/// The pot has less than that. A pot is never overdrawn: ask for at most its balance.
		InsufficientBalance,
		/// Custody holds no more than is counted: nothing was sent there by mistake.
		NothingToSweep,
		/// Caps must not be negative or larger than a trillion dollars, and must not fall from account to owner to
		/// market to day, nor from account to block to day: a smaller cap behind a larger one would be the only one
		/// that counts.
		InvalidCaps,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Give USDK to a pot. This is a donation: there is no way to ask for it back.
		///
		/// `amount` is in 1e-6 dollars and is taken from the USDK balance of the caller, not from a
		/// margin account. A tranche may be filled above its target.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::contribute())]
		pub fn contribute(origin: OriginFor<T>, pot: Pot, amount: Quote) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_contribute(who, pot, amount)
		}

		/// Pay `amount` (in 1e-6 dollars) out of a pot to an account. A decision of governance.
		///
		/// For what a pot no longer needs, for example above the target of a tranche. The pot must
		/// have it: nothing here can overdraw one.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::withdraw())]
		pub fn withdraw(origin: OriginFor<T>, pot: Pot, to: T::AccountId, amount: Quote) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			Self::do_withdraw(pot, to, amount)
		}

		/// Set the balance (in 1e-6 dollars) at which a market's tranche takes no more penalties. A
		/// decision of governance.
		///
		/// Moves no money: what a tranche has above a lower target stays until losses use it up.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_target())]
		pub fn set_target(origin: OriginFor<T>, market: MarketId, target: Quote) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			Self::do_set_target(market, target)
		}

		/// Set how much the global fund pays at most: for one account, for one owner and one market in 24 hours, in
		/// one block, in 24 hours. A decision of governance.
		///
		/// What was paid before counts: lowering a cap can end payments at once. An account's losses in
		/// several markets share one cap, and so does what is paid for it before and after a halt.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_caps())]
		pub fn set_caps(origin: OriginFor<T>, caps: Caps) -> DispatchResult {
			T::GovernOrigin::ensure_origin(origin)?;
			Self::do_set_caps(caps)
		}

		/// Give the global fund what was sent to custody by mistake: nobody has a claim on it. Anybody may.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::sweep())]
		pub fn sweep(origin: OriginFor<T>) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_sweep()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The balance of a pot, in 1e-6 dollars. Nothing when there is no such pot.
		pub fn balance(pot: Pot) -> Option<Quote> {
			pot.balance::<T>()
		}

		/// What the global fund would pay at most for one more account in this block, in 1e-6 dollars, if neither its
		/// market nor its owner has cost anything within the day.
		pub fn allowance() -> Quote {
			Self::fund_allowance(Quote::ZERO)
		}

		/// What the cap of a market leaves the global fund to pay for its losses, in 1e-6 dollars: the cap, less what
		/// it has paid for them in the last 24 hours.
		pub fn allowance_of_market(market: MarketId) -> Quote {
			Self::market_allowance(market)
		}

		/// What the cap of an owner leaves the global fund to pay for all accounts of `owner` together, in 1e-6 dollars.
		pub fn allowance_of_owner(owner: T::AccountId) -> Quote {
			Self::owner_allowance(&owner)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(types::is_amount(T::InitialTarget::get()), "InitialTarget is out of bounds");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			invariants::do_try_state::<T>()
		}
	}
}
