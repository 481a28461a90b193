// SPDX-License-Identifier: Apache-2.0
//! Markets, margin accounts and the trigger book: the only owner of users' money.
//!
//! | call | who | what |
//! |---|---|---|
//! | `deposit`, `withdraw`, `transfer` | owner | USDK into, out of and between margin accounts |
//! | `offer_trade`, `offer_reduce`, `cancel_offer` | owner | put a block trade on the table, or take it off |
//! | `accept_trade`, `accept_reduce` | owner | take the other side of an offer |
//! | `repay_debt` | anybody | pay what a market owes to custody |
//! | `list_market`, `set_market_params`, `lift_quarantine` | governance | keep the list of markets |
//! | `settle_market`, `relist_market` | governance | end a dead market at a stated price, and list it again |
//!
//! **Health is a dot product.** An account stores cash and units; a market keeps, per side, the numbers that
//! turn units into dollars. Prices, funding, deleveraging and losses move markets only; touching an account
//! changes that account alone. The formulas are in `keel-math`.
//!
//! **Nobody is scanned, nobody is missed.** Each exposure files a key in an ordered map; while no key has
//! fired, every account is healthy. A quiet block reads only markets.
//!
//! **A block.** `on_initialize` checks conservation, moves the levels of markets that move, pays
//! withdrawals at those levels, judges the accounts whose keys have fired, and hands the unhealthy to
//! [`Config::Unhealthy`]. Each queue stops at its share of weight and goes on in the next block.
//!
//! **Conservation** is exact and checked in every block: each market's [`keel_math::Book`] keeps two equations,
//! and the claims of accounts, markets and funds together are what custody has counted, which is at
//! most what it holds. A market that breaks its equations is quarantined; the chain goes on.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used))]

extern crate alloc;

mod accounts;
mod blocks;
mod clearing;
mod custody;
mod desk;
mod events;
mod fills;
mod genesis;
mod health;
mod judging;
mod liquidatable;
mod listing;
mod money;
mod params;
mod risk;
mod settle;
mod settlement;
mod simulate;
mod storage;
mod toll;
mod trades;
mod trading_keys;
mod triggers;
mod try_state;
mod types;
mod urgent;
mod views;
pub mod weights;

// Benchmarks set the stage with plain numbers, and stop when it cannot be set.
#[cfg(feature = "runtime-benchmarks")]
#[allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(feature = "runtime-benchmarks")]
#[allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
pub mod stage;
#[cfg(test)]
mod tests;

use frame_support::pallet_macros::import_section;

pub use clearing::Ticket;
pub use genesis::{GenesisAccount, GenesisMarket};
pub use pallet::*;
pub use params::{MarketParams, ParamsFault};
pub use types::*;
pub use urgent::{Urgent, UrgentKind};
pub use weights::WeightInfo;

/// The pallet. Its events are in `events.rs`, its genesis in `genesis.rs`, its storage in `storage.rs`.
#[import_section(events::events)]
#[import_section(genesis::genesis)]
#[import_section(storage::storage)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, EnsureOrigin, Hooks},
		weights::WeightMeter,
		PalletId,
	};
	use frame_system::pallet_prelude::*;
	use keel_math::{Ended, Generation, Scale, TierIndex, Units};
	use keel_primitives::{
		FeedId, MarginAccount, MarketId, Moment, Price, Quote, Ratio, Side, Size, SubAccount,
	};
	use keel_traits::{
		AccountView, Claims, ImpactPrice, Judgement, LossAbsorber, MarketGate, MarketView, OnMarketListed,
		OnUnhealthy, OrderReserve, PriceFeed, RiskView, Shock, TradePreview,
	};
	use sp_runtime::Perbill;

	/// The pallet's handle.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// What the pallet needs.
	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeCall: From<Call<Self>>> {
		/// USDK. Its smallest unit is 1e-6 dollars and its least balance one such unit, so that custody
		/// can be emptied to the last one.
		type Collateral: fungible::Inspect<Self::AccountId, Balance = u128>
			+ fungible::Mutate<Self::AccountId>;

		/// Prices by feed.
		type Prices: PriceFeed;

		/// What a market may do now.
		type Gate: MarketGate;

		/// Who takes over accounts that were found unhealthy.
		type Unhealthy: OnUnhealthy<Self::AccountId>;

		/// Claims on custody besides margin accounts and markets.
		type OtherClaims: Claims;

		/// Who keeps what markets earn, for their losses.
		type Losses: LossAbsorber<Self::AccountId>;

		/// The most that liquidation takes of a position, its discount and its penalty, as a share of notional.
		type LiquidationFee: Get<Ratio>;

		/// Who wants to know of new markets.
		type OnListed: OnMarketListed;

		/// Who may list markets and set their parameters.
		type ListOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Whether the chain is in safe mode: no money leaves, and funding stands still.
		type SafeMode: Get<bool>;

		/// The time of this block in milliseconds. In hooks the timestamp still is the previous block's:
		/// take the slot of this block's digest.
		type Now: Get<Moment>;

		/// The pallet's id; the custody account is derived from it.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// The most markets there may be: every block reads each of them.
		#[pallet::constant]
		type MaxMarkets: Get<u32>;

		/// The most positions an account may have, at most 16: touching an account reads them all, and sums
		/// are proven for sixteen.
		#[pallet::constant]
		type MaxPositions: Get<u32>;

		/// The most open offers of an account.
		#[pallet::constant]
		type MaxOffers: Get<u32>;

		/// The longest life of an offer in blocks. Expired offers are removed in order, at most one life late.
		#[pallet::constant]
		type MaxOfferLife: Get<BlockNumberFor<Self>>;

		/// What the order books would pay.
		type Impact: ImpactPrice;

		/// What open orders lay claim to.
		type Orders: OrderReserve<Self::AccountId>;

		/// For how many blocks a market has had no mark when it is dead; at least the longest life of an offer.
		#[pallet::constant]
		type DeadAfter: Get<BlockNumberFor<Self>>;

		/// How far from its last mark a dead market may be settled.
		#[pallet::constant]
		type SettlementBand: Get<Ratio>;

		/// How long the limits of a market grow after it was listed, from a tenth to the whole, in
		/// milliseconds.
		#[pallet::constant]
		type ListingRamp: Get<Moment>;

		/// The most withdrawals and transfers that may wait for the next block.
		#[pallet::constant]
		type MaxLeaving: Get<u32>;

		/// The most of them that one owner may have waiting, over all sub-accounts.
		#[pallet::constant]
		type MaxLeavingPerOwner: Get<u32>;

		/// The least withdrawal or transfer that waits when nobody else does, in 1e-6 dollars. It is that much
		/// more for every `LEAVING_STEP` that wait.
		#[pallet::constant]
		type MinWithdrawal: Get<Quote>;

		/// The least deposit, in 1e-6 dollars. Deposits have priority, and each one costs a place in the block.
		#[pallet::constant]
		type MinDeposit: Get<Quote>;

		/// The least notional of a reduction, in 1e-6 dollars; the whole position may always be closed.
		#[pallet::constant]
		type MinReduction: Get<Quote>;

		/// The longest time that funding is accrued for at once, in milliseconds: after an outage the rest
		/// is forgiven.
		#[pallet::constant]
		type MaxFundingTime: Get<Moment>;

		/// The most that a maintenance rate moves in a block, whoever has changed it.
		#[pallet::constant]
		type MaintenanceStep: Get<keel_primitives::Ratio>;

		/// The share of the maintenance requirement held back for a margin call.
		#[pallet::constant]
		type WarningShare: Get<Perbill>;

		/// What an account pays, in 1e-6 dollars, when a key of it fires and it is healthy: judging it and filing it
		/// again costs a place in the block. A liquidation of the least position brings in as much.
		#[pallet::constant]
		type RefilingFee: Get<Quote>;

		/// The most of that an account pays within a day, in 1e-6 dollars.
		#[pallet::constant]
		type RefilingFeesPerDay: Get<Quote>;

		/// The hook's share of a block.
		#[pallet::constant]
		type HookWeight: Get<Weight>;

		/// Weights of calls and hook.
		type WeightInfo: WeightInfo;
	}

	/// Why a call failed. Nothing was changed.
	#[pallet::error]
	pub enum Error<T> {
		/// There is no market with this id. See `Markets` for those there are.
		UnknownMarket,
		/// There is no price feed with this id. List the feed with the oracle first.
		UnknownFeed,
		/// There are as many markets as there may be.
		TooManyMarkets,
		/// The name of a market is UTF-8.
		InvalidName,
		/// A market has at least one margin tier.
		NoTier,
		/// Each margin tier reaches further than the one before it, and the first above zero.
		TiersNotRising,
		/// In each tier the initial rate is above the maintenance rate, that above zero, and none above 100 %.
		InvalidTierRates,
		/// Margin rates do not fall from a tier to the next.
		TierRatesFalling,
		/// A tier with a new reach finds no room beside the retired ones that positions are left in: keep a reach, or
		/// bring that of a retired tier back, at the rate of the new one, and replace it once the rate is there.
		TooManyTiersKept,
		/// The hard cap of open interest is above the soft cap, and that is not negative.
		InvalidOpenInterestCaps,
		/// The notional that is free of the surcharge for size is more than zero.
		NoFreeNotional,
		/// The volatility multiplier is at most ten.
		VolatilityMultiplierTooLarge,
		/// What a withdrawal leaves is at least the initial rate of the last tier, and at most 100 %.
		InvalidWithdrawalRate,
		/// The share of a profit that counts is at most 100 %, and for a withdrawal at most that for opening.
		InvalidProfitCredit,
		/// The band of prices is narrower than the lowest maintenance rate.
		BandTooWide,
		/// The interest is at most the damper, either way, and the damper at most the cap of funding.
		InvalidFunding,
		/// Largest move, a period of the highest funding and the worst fee together are more than the lowest
		/// maintenance rate: an account found at its requirement could not pay for them.
		SolvencyEnvelopeBroken,
		/// The lot is more than zero.
		NoLot,
		/// The tick is more than zero.
		NoTick,
		/// The most that may be open is more than zero and at most 1e18 whole units.
		InvalidMaxOpenInterest,
		/// The least position is more than zero and at most what the last tier reaches to.
		InvalidMinPosition,
		/// The least position times the worst fee is less than the refiling fee (`RefilingFee`): its liquidation would
		/// not pay for judging its account. Choose a larger least position.
		MinPositionTooSmall,
		/// The worst fee is less than what liquidation takes: its discount and penalty together. Choose at least that, or
		/// lower them first (`liquidation.setParams`).
		WorstFeeTooSmall,
		/// A market is settled when its mark has stood still for `DeadAfter` blocks, and this one's has not, or never had one.
		/// Halt it first, or wait.
		MarketNotDead,
		/// The price is further from the last mark than `SettlementBand` allows. A price that is elsewhere is reported to the
		/// oracle, until the mark has followed it.
		SettlementPriceTooFar,
		/// The market is settled already.
		AlreadySettling,
		/// The market is not settled: there is nothing to list again.
		NotSettling,
		/// Somebody still has a position or a claim in the market or waits for liquidation in it, or it owes, or its books are
		/// in doubt. Try again later; a debt can be repaid by anybody (`repay_debt`).
		NotSettledYet,
		/// A leverage cap is from 1 to 1,000.
		InvalidLeverage,
		/// There is no such account: deposit first.
		NoAccount,
		/// The amount is zero, negative, or less than the least amount of this call.
		AmountTooSmall,
		/// The account has less free collateral. Free collateral leaves the margin of a withdrawal and counts
		/// unrealised profit only in part.
		InsufficientFreeCollateral,
		/// The owner has less USDK than the amount.
		InsufficientBalance,
		/// A withdrawal or transfer of this account already waits. It is done in the next block.
		AlreadyLeaving,
		/// As many withdrawals wait as may. Try again in the next block.
		QueueFull,
		/// As many withdrawals and transfers of this owner wait as may. Try again in the next block.
		TooManyLeaving,
		/// What waits for the next block must be at least `MinWithdrawal`, and as much more for every 128 that
		/// wait already. Ask for more, wait until fewer do, or close your positions: then it is paid at once.
		WithdrawalTooSmall,
		/// From and to are the same sub-account.
		SameAccount,
		/// The account is being liquidated: it may only receive deposits until it is released.
		InLiquidation,
		/// The owner has already used a call of this kind in this block. Calls with priority are one per owner,
		/// block and kind: a deposit, a reduction, a cancellation. Try again in the next block.
		OncePerBlock,
		/// The size is zero.
		ZeroSize,
		/// The price is zero or outside the bounds of all prices (1e-6 to 1e9 dollars).
		InvalidPrice,
		/// The size is no multiple of the market's lot. Only closing exactly what is left may be any size.
		NotWholeLots,
		/// The price is no multiple of the market's tick.
		NotWholeTicks,
		/// The price is further from mark than the market's band allows.
		OutsideBand,
		/// The offer would expire in the past, or later than offers may.
		InvalidExpiry,
		/// The account has as many open offers as it may. Cancel one.
		TooManyOffers,
		/// There is no such offer: it was taken, cancelled, or it expired.
		UnknownOffer,
		/// The offer has expired.
		OfferExpired,
		/// The offer is for somebody else.
		NotForYou,
		/// Only its maker may cancel an offer that has not expired.
		NotYourOffer,
		/// Maker and taker are the same account, or accounts of one owner that would both open.
		SelfTrade,
		/// The market does not trade now. See its status.
		MarketHalted,
		/// The market is guarded: open interest must not rise, and one side must strictly reduce.
		ReducingOnly,
		/// The market takes no new risk: its books are under examination, or it has a debt.
		MarketUnsound,
		/// The market's price cannot be used for this now. See its price state.
		PriceUnavailable,
		/// The mark is that of before: the market has just come back, or its price has moved so far that it waits for a
		/// second round to confirm it. Try again when a price has landed, usually in the next block.
		MarkStandsStill,
		/// The key may not withdraw, as nobody may while withdrawals are paused, and would lose more against mark than
		/// its owner allows such keys in a day. Trade no worse than mark, or have the owner set a larger cap.
		KeyCapReached,
		/// The trade does not strictly reduce the position.
		NotReducing,
		/// The account would not meet its initial margin. Deposit more, or trade less.
		InsufficientMargin,
		/// Somebody on the other side waits for liquidation, and this side may have to pay: it cannot be joined
		/// until that is done, usually in the next block.
		LossesPending,
		/// The market's open interest would exceed its limit.
		OpenInterestLimit,
		/// The position would be smaller than the least of the market. Close it whole instead.
		PositionTooSmall,
		/// The position would be larger than the last margin tier of the market reaches.
		PositionTooLarge,
		/// The account would have more positions than it may.
		TooManyPositions,
		/// A position in an isolated market is the only one of its account. Use another sub-account.
		IsolatedMarket,
		/// The account has no such position.
		NoPosition,
		/// The market is not quarantined, or its books are still not in order.
		NotInOrder,
		/// The market owes nothing.
		NoDebt,
		/// Claims on custody do not add up, and no money leaves until they do; or custody has less than was asked for,
		/// because those who have lost it owe it still: ask for less, or wait until their loss is covered.
		CustodyBroken,
		/// Custody cannot be paid out of custody: name another receiver.
		PaysCustody,
		/// A number left the bounds of all amounts. Nothing people can own gets there.
		Overflow,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Deposit USDK from your balance into one of your margin accounts. Has priority over other calls;
		/// one deposit per owner and block.
		#[pallet::call_index(0)]
		#[pallet::weight((
			T::WeightInfo::deposit().saturating_add(T::WeightInfo::forget_urgent()),
			DispatchClass::Operational
		))]
		pub fn deposit(origin: OriginFor<T>, sub: SubAccount, amount: Quote) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::note_urgent(&owner, UrgentKind::AddMargin)?;
			Self::do_deposit(MarginAccount::new(owner, sub), amount)
		}

		/// Withdraw USDK from one of your margin accounts to your balance. Without positions it is paid at
		/// once, from the second block after the last trade on; else in the next block, at levels of prices that have
		/// landed since, and then it is at least `MinWithdrawal`, and more while many wait.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::withdraw().saturating_add(T::WeightInfo::leave()))]
		pub fn withdraw(origin: OriginFor<T>, sub: SubAccount, amount: Quote) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let waits = Self::do_leave(MarginAccount::new(owner, sub), amount, Destination::Owner);
			Self::charge_leaving(waits, T::WeightInfo::withdraw())
		}

		/// Move USDK between two of your margin accounts. Without positions in the first it moves at once, from the
		/// second block after its last trade on; else in the next block, at levels of prices that have landed since, and
		/// then it is at least `MinWithdrawal`, and more while many wait.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::transfer().saturating_add(Pallet::<T>::leaving_weight(&Destination::Sub(*to))))]
		pub fn transfer(
			origin: OriginFor<T>,
			from: SubAccount,
			to: SubAccount,
			amount: Quote,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let waits = Self::do_leave(MarginAccount::new(owner, from), amount, Destination::Sub(to));
			Self::charge_leaving(waits, T::WeightInfo::transfer())
		}

		/// Offer a block trade: `side` is what you do, `Long` buys and `Short` sells. It is taken whole, until
		/// block `expires`, by `taker` or by anybody. What it opens must be within your margin now, and is judged
		/// again when it is taken.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::offer_trade())]
		#[allow(clippy::too_many_arguments)]
		pub fn offer_trade(
			origin: OriginFor<T>,
			sub: SubAccount,
			market: MarketId,
			side: Side,
			size: Size,
			price: Price,
			expires: BlockNumberFor<T>,
			taker: Option<T::AccountId>,
		) -> DispatchResult {
			let by_key = !Self::may_withdraw(&origin);
			let maker = MarginAccount::new(ensure_signed(origin)?, sub);
			let intent = Intent::Trade;
			Self::do_offer(Offer { maker, market, side, size, price, expires, taker, intent, by_key })
		}

		/// Offer a block trade that strictly reduces your position; the side follows from it. Possible in a
		/// guarded market. Has priority; one reduction, offered or taken, per owner and block.
		#[pallet::call_index(4)]
		#[pallet::weight((
			T::WeightInfo::offer_reduce().saturating_add(T::WeightInfo::forget_urgent()),
			DispatchClass::Operational
		))]
		pub fn offer_reduce(
			origin: OriginFor<T>,
			sub: SubAccount,
			market: MarketId,
			size: Size,
			price: Price,
			expires: BlockNumberFor<T>,
			taker: Option<T::AccountId>,
		) -> DispatchResult {
			let by_key = !Self::may_withdraw(&origin);
			let owner = ensure_signed(origin)?;
			Self::note_urgent(&owner, UrgentKind::Reduce)?;
			let maker = MarginAccount::new(owner, sub);
			let side = Self::reducing_side(&maker, market)?;
			let intent = Intent::Reduce;
			Self::do_offer(Offer { maker, market, side, size, price, expires, taker, intent, by_key })
		}

		/// Cancel your offer; anybody may remove one that has expired. Has priority; one cancellation per owner
		/// and block.
		#[pallet::call_index(5)]
		#[pallet::weight((
			T::WeightInfo::cancel_offer().saturating_add(T::WeightInfo::forget_urgent()),
			DispatchClass::Operational
		))]
		pub fn cancel_offer(origin: OriginFor<T>, offer: u64) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::note_urgent(&who, UrgentKind::Cancel)?;
			Self::do_cancel(&who, offer)
		}

		/// Take an offer: trade its size at its price with its maker.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::accept_trade())]
		pub fn accept_trade(origin: OriginFor<T>, offer: u64, sub: SubAccount) -> DispatchResult {
			let by_key = !Self::may_withdraw(&origin);
			let taker = MarginAccount::new(ensure_signed(origin)?, sub);
			Self::do_accept(offer, taker, Intent::Trade, by_key)
		}

		/// Take an offer that strictly reduces your position. Possible in a guarded market. Has priority; one
		/// reduction, offered or taken, per owner and block.
		#[pallet::call_index(7)]
		#[pallet::weight((
			T::WeightInfo::accept_reduce().saturating_add(T::WeightInfo::forget_urgent()),
			DispatchClass::Operational
		))]
		pub fn accept_reduce(origin: OriginFor<T>, offer: u64, sub: SubAccount) -> DispatchResult {
			let by_key = !Self::may_withdraw(&origin);
			let owner = ensure_signed(origin)?;
			Self::note_urgent(&owner, UrgentKind::Reduce)?;
			Self::do_accept(offer, MarginAccount::new(owner, sub), Intent::Reduce, by_key)
		}

		/// Pay what a market owes to custody, at most its debt, from your balance.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::repay_debt())]
		pub fn repay_debt(origin: OriginFor<T>, market: MarketId, amount: Quote) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_repay(who, market, amount)
		}

		/// List a market on a feed.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::list_market())]
		pub fn list_market(
			origin: OriginFor<T>,
			feed: FeedId,
			name: BoundedVec<u8, NameLimit>,
			params: MarketParams,
		) -> DispatchResult {
			T::ListOrigin::ensure_origin(origin)?;
			Self::add_market(feed, name, params, true)
		}

		/// Replace the rules of a market. Maintenance rates move to the new ones by `MaintenanceStep` a block, and the
		/// relations between rules must hold at the rates of now too. Who becomes unhealthy is found by the trigger book.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::set_market_params())]
		pub fn set_market_params(
			origin: OriginFor<T>,
			market: MarketId,
			params: MarketParams,
		) -> DispatchResult {
			T::ListOrigin::ensure_origin(origin)?;
			Self::change_params(market, params)
		}

		/// Let a quarantined market take risk again, once its books are in order.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::lift_quarantine())]
		pub fn lift_quarantine(origin: OriginFor<T>, market: MarketId) -> DispatchResult {
			T::ListOrigin::ensure_origin(origin)?;
			Self::end_quarantine(market)
		}

		/// Allow one of your margin accounts at most `leverage` times its margin when it opens or takes money
		/// out, from 1 to 1,000; nothing lifts the cap. What it holds is kept, and is not liquidated earlier.
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::set_leverage())]
		pub fn set_leverage(origin: OriginFor<T>, sub: SubAccount, leverage: Option<u32>) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_set_leverage(MarginAccount::new(owner, sub), leverage)
		}

		/// Set what keys that trade for you and may not withdraw may lose against mark within a day, over all your margin
		/// accounts. It is zero until you set it: then they trade no worse than mark.
		#[pallet::call_index(13)]
		#[pallet::weight(T::WeightInfo::set_key_cap())]
		pub fn set_key_cap(origin: OriginFor<T>, most: Quote) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_set_key_cap(owner, most)
		}

		/// Settle a dead market at a stated price: its positions are closed at it, and their owners' money is free.
		///
		/// Its mark has stood still for `DeadAfter` blocks, and the price is at most `SettlementBand` away from it.
		#[pallet::call_index(14)]
		#[pallet::weight(T::WeightInfo::settle_market())]
		pub fn settle_market(origin: OriginFor<T>, market: MarketId, price: Price) -> DispatchResult {
			T::ListOrigin::ensure_origin(origin)?;
			Self::do_settle_market(market, price)
		}

		/// List a market again that was settled, and in which nothing is left. It keeps its rules.
		#[pallet::call_index(15)]
		#[pallet::weight(T::WeightInfo::relist_market())]
		pub fn relist_market(origin: OriginFor<T>, market: MarketId) -> DispatchResult {
			T::ListOrigin::ensure_origin(origin)?;
			Self::do_relist_market(market)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			let mut meter = WeightMeter::with_limit(T::HookWeight::get());
			Self::open_block(now, &mut meter);
			meter.consumed()
		}

		fn integrity_test() {
			Self::check_limits();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A margin account at this block's levels; none when it has neither money nor positions.
		pub fn account_view(account: MarginAccount<T::AccountId>) -> Option<AccountView> {
			Self::view_account(&account)
		}

		/// A market.
		pub fn market_view(market: MarketId) -> Option<MarketView> {
			Self::view_market(market)
		}

		/// The ids of all markets.
		pub fn markets() -> alloc::vec::Vec<MarketId> {
			Self::market_ids().collect()
		}

		/// What an account would have after buying (`Long`) or selling `size` at `price`, against somebody who
		/// opens as much; or why it may not. Nothing is changed.
		pub fn simulate_trade(
			account: MarginAccount<T::AccountId>,
			market: MarketId,
			side: Side,
			size: Size,
			price: Price,
		) -> Result<TradePreview, DispatchError> {
			Self::preview_trade(&account, market, side, size, price)
		}

		/// The largest size an account could buy (`Long`) or sell at `price` now; zero when none.
		pub fn max_size(
			account: MarginAccount<T::AccountId>,
			market: MarketId,
			side: Side,
			price: Price,
		) -> Result<Size, DispatchError> {
			Self::largest_trade(&account, market, side, price)
		}

		/// The accounts in liquidation, and then those that would become unhealthy if the marks moved by `shocks`, all at
		/// once: each the largest shortfall first. At most `limit` are looked at.
		pub fn accounts_at_risk(
			shocks: alloc::vec::Vec<Shock>,
			limit: u32,
		) -> Result<RiskView<T::AccountId>, DispatchError> {
			Self::find_at_risk(&shocks, limit)
		}
	}
}
