// SPDX-License-Identifier: Apache-2.0
//! Between the pallet that owns accounts and the one that closes them.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Side, Size};
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

/// An account against what it must own, at the levels of this block.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Judgement {
	/// Cash and the value of all positions, rounded down.
	pub equity: Quote,
	/// The maintenance margin requirement, rounded up.
	pub requirement: Quote,
	/// Equity less requirement, from exact sums, rounded down: negative exactly when unhealthy.
	pub health: Quote,
}

impl Judgement {
	/// Whether the account's positions must be reduced.
	pub const fn is_unhealthy(&self) -> bool {
		self.health.is_negative()
	}

	/// Whether the account owes more than it owns.
	pub const fn is_bankrupt(&self) -> bool {
		self.equity.is_negative()
	}
}

/// One position of an account as the waterfall sees it.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Exposure {
	/// The market.
	pub market: MarketId,
	/// The side held.
	pub side: Side,
	/// The size held now (`q * A`), rounded down; never zero.
	pub size: Size,
	/// Size at the mark price, rounded up.
	pub notional: Quote,
	/// This position's part of the maintenance requirement, rounded up.
	pub requirement: Quote,
	/// The mark price.
	pub mark: Price,
	/// The least notional that a position in this market may have: what remains of one is more, or nothing.
	pub least: Quote,
	/// Whether its market is dead and being settled: it is closed whole at the mark, and nothing is taken for it.
	pub settling: bool,
	/// Whether it may be taken now: the market's status and the price's state allow it.
	pub liquidatable: bool,
}

/// What became of (a part of) a position.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Closed {
	/// The side that was closed.
	pub side: Side,
	/// The size that was closed.
	pub size: Size,
	/// The price it was closed at.
	pub price: Price,
}

/// A part of a bankrupt account's debt, and the market that caused it.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Deficit {
	/// The market whose losses made it.
	pub market: MarketId,
	/// The side the account held there; the opposite side gained.
	pub side: Side,
	/// The part, greater than zero. When nothing is held any more parts sum to the debt, to the unit.
	pub amount: Quote,
}

/// What liquidation needs of the pallet that owns the accounts. Nothing here panics, and an `Err`
/// changed nothing.
pub trait Liquidatable<AccountId> {
	/// Judge `account` at this block's levels. `None` when it has no exposure.
	fn judge(account: &MarginAccount<AccountId>) -> Option<Judgement>;

	/// Judge `account` and, when it is unhealthy, take it out of the trigger book: the caller owns it
	/// from now on, and may have heard so by [`OnUnhealthy`] already. `None` when it is healthy or has no
	/// exposure.
	///
	/// The default suits an owner whose trigger book does not mind a key of an account that is queued.
	fn seize(account: &MarginAccount<AccountId>) -> Option<Judgement> {
		Self::judge(account).filter(Judgement::is_unhealthy)
	}

	/// All exposures of `account`, at most the number an account may have.
	fn exposures(account: &MarginAccount<AccountId>) -> Vec<Exposure>;

	/// How many positions `account` has, as it is stored: what it costs to look at it.
	fn positions(account: &MarginAccount<AccountId>) -> u32 {
		u32::try_from(Self::exposures(account).len()).unwrap_or(u32::MAX)
	}

	/// The smallest size of `exposure` whose closing at `price` and paying `penalty_rate` (parts per
	/// billion of notional at mark) brings the account back to its requirement times `1 + buffer`;
	/// the whole size when none does.
	fn size_to_restore(
		account: &MarginAccount<AccountId>,
		exposure: &Exposure,
		price: Price,
		penalty_rate: keel_primitives::Ratio,
		buffer: keel_primitives::Ratio,
	) -> Size;

	/// Give `size` of `from`'s position in `market` to `to` at `price`. `to` must meet its initial
	/// margin afterwards, else it is refused. `from` is judged before, if it has not been at this block's levels.
	fn hand_over(
		from: &MarginAccount<AccountId>,
		to: &MarginAccount<AccountId>,
		market: MarketId,
		size: Size,
		price: Price,
	) -> Result<Closed, DispatchError>;

	/// Close `size` of the account's position in `market` at the mark against the whole opposite side,
	/// pro rata. The account is judged before, if it has not been at this block's levels.
	fn deleverage(
		account: &MarginAccount<AccountId>,
		market: MarketId,
		size: Size,
	) -> Result<Closed, DispatchError>;

	/// Take at most `amount` of cash, and at most the equity of the account (nothing when that is
	/// negative). Returns what was taken; it is the caller's claim on custody from now on.
	fn charge(account: &MarginAccount<AccountId>, amount: Quote) -> Quote;

	/// What `market` owes for losses that nobody bore.
	fn market_debt(market: MarketId) -> Quote;

	/// Pay what `market` owes for losses that nobody bore, at most `amount`, out of a claim that the caller gives up.
	/// Returns what was paid.
	fn pay_debt(market: MarketId, amount: Quote) -> Quote;

	/// What a bankrupt account lacks in equity; zero of any other.
	fn debt(account: &MarginAccount<AccountId>) -> Quote;

	/// The parts of a bankrupt account's debt that belong to positions that are gone: the debt is split in
	/// proportion to what each position has lost in the move that made it, and the parts of those that are
	/// still held are asked for when they are closed.
	///
	/// Without an exposure the parts sum to the debt. A part that is credited or socialised is not asked for
	/// again.
	fn deficits(account: &MarginAccount<AccountId>) -> Vec<Deficit>;

	/// The markets in which a bankrupt account has left a position whose part of the debt is not paid, and the
	/// side it held there.
	fn losses(account: &MarginAccount<AccountId>) -> Vec<(MarketId, Side)>;

	/// Forget what an account that still holds positions has left: it is paid for, or had no part in the debt.
	fn forget_losses(account: &MarginAccount<AccountId>);

	/// Credit the account with `paid`, a deficit or a part of it, out of a claim the caller has just given
	/// up.
	fn credit(account: &MarginAccount<AccountId>, paid: Deficit);

	/// Lay `deficit` on the side that gained, at most what it has gained, and credit the account with it.
	/// Returns what the side bears; the rest is the market's debt.
	fn socialise(account: &MarginAccount<AccountId>, deficit: Deficit) -> Quote;

	/// Give `amount` back to those who hold `side` of `market` and have borne losses of others, out of a claim that the
	/// caller gives up: to nobody more than he bore. `false`: nobody there has borne one, and nothing was given.
	fn give_back(market: MarketId, side: Side, amount: Quote) -> bool;

	/// Take what was given back in `market` and nobody has a claim to: those who bore it have left. It is the caller's
	/// claim on custody from now on.
	fn take_unclaimed(market: MarketId) -> Quote;

	/// The most exposures an account may have.
	fn exposures_max() -> u32;

	/// Whether positions in `market` may be taken now: what its exposures say.
	fn is_liquidatable(market: MarketId) -> bool;

	/// The least that any market allows all fees of a liquidation to take, as a share of notional; nothing while there is
	/// no market.
	fn least_worst_fee() -> Option<keel_primitives::Ratio>;

	/// Whether there is such a market.
	fn is_listed(market: MarketId) -> bool;

	/// Take `amount` from `from`'s balance and add it to the margin of `to`, also while that is queued.
	/// Less than the least deposit is refused.
	fn give(from: &AccountId, to: &MarginAccount<AccountId>, amount: Quote) -> Result<(), DispatchError>;

	/// Make sure that `who` can give `amount`, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn enrich(who: &AccountId, amount: Quote);

	/// The account leaves the queue: it is judged once more and filed in the trigger book. `Err` with
	/// the judgement when it is still unhealthy; then it stays queued.
	fn release(account: &MarginAccount<AccountId>) -> Result<(), Judgement>;

	/// Whether a market has a bankrupt account waiting that holds `side`; margin refuses orders that open
	/// on the opposite side, which would pay for it. Set and cleared by the queue.
	fn set_waiting(market: MarketId, side: Side, bankrupt_waiting: bool);
}

/// News: `account` was found unhealthy. It is no longer in the trigger book; whoever hears this owns
/// it until it is released. Carries data and cannot fail.
pub trait OnUnhealthy<AccountId> {
	/// `account` was judged unhealthy in this block.
	fn on_unhealthy(account: &MarginAccount<AccountId>, judgement: &Judgement);

	/// The first accounts in liquidation, in the order in which they are closed; those that wait for a market after
	/// them. At most `limit`.
	fn in_liquidation(limit: u32) -> Vec<MarginAccount<AccountId>>;
}

impl<AccountId> OnUnhealthy<AccountId> for () {
	fn on_unhealthy(_: &MarginAccount<AccountId>, _: &Judgement) {}

	fn in_liquidation(_: u32) -> Vec<MarginAccount<AccountId>> {
		Vec::new()
	}
}
