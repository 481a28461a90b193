// SPDX-License-Identifier: Apache-2.0
//! Between the pallet that keeps orders and the one that owns the accounts.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Side, Size};
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

/// What an order is for.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Intent {
	/// It may open, increase, reduce or reverse a position.
	Trade,
	/// It strictly reduces a position.
	Reduce,
}

/// What a market asks of orders in this block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
	/// The mark price.
	pub mark: Price,
	/// Prices are multiples of this.
	pub tick: Price,
	/// Sizes are multiples of this; only what closes exactly a position may be any size.
	pub lot: Size,
	/// The lowest price an order may have now.
	pub lowest: Price,
	/// The highest price an order may have now.
	pub highest: Price,
	/// The least notional of an order that does not close a position whole.
	pub least: Quote,
	/// Whether orders are matched as they come; else they are collected for an auction.
	pub matches: bool,
}

impl Terms {
	/// Whether a price is within the band around mark.
	pub fn is_within_band(&self, price: Price) -> bool {
		(self.lowest..=self.highest).contains(&price)
	}
}

/// The open orders of an account in a market that may open a position, summed by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct OpenOrders {
	/// The market.
	pub market: MarketId,
	/// What they would buy.
	pub buys: Size,
	/// What they would sell.
	pub sells: Size,
}

/// A resting order that meets one that comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match<AccountId> {
	/// Whose order rests.
	pub maker: MarginAccount<AccountId>,
	/// What it is for.
	pub intent: Intent,
	/// How much is traded, more than zero.
	pub size: Size,
	/// At what price: that of the resting order.
	pub price: Price,
	/// What the maker pays; negative is a rebate, and never more than what the taker pays.
	pub maker_fee: Quote,
	/// What the taker pays, at least zero.
	pub taker_fee: Quote,
}

/// Why a match was not cleared. Nothing was changed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfilled {
	/// The maker cannot honour the order: it is to be cancelled, and the next one tried.
	Maker(DispatchError),
	/// The taker cannot.
	Taker(DispatchError),
	/// The market cannot, whoever they are: its open interest, its price, losses that are pending.
	Market(DispatchError),
}

impl From<DispatchError> for Unfilled {
	fn from(error: DispatchError) -> Self {
		Self::Market(error)
	}
}

/// Someone who owns accounts and settles trades between them.
///
/// Contract: nothing panics, and an `Err` changed nothing. Every fee that was taken is the caller's claim on
/// custody from then on.
pub trait Clearing<AccountId> {
	/// An order that comes, while it is filled: it is judged once, when all is done.
	type Ticket;

	/// Whether there is such a market.
	fn has_market(market: MarketId) -> bool;

	/// What `market` asks of orders with this intent now; an error when it takes none.
	fn terms(market: MarketId, intent: Intent) -> Result<Terms, DispatchError>;

	/// The side and size that `account` holds in `market`; an error while it is in liquidation.
	fn held(
		account: &MarginAccount<AccountId>,
		market: MarketId,
	) -> Result<Option<(Side, Size)>, DispatchError>;

	/// Whether `account` could honour all of `orders`: in each market it meets initial margin also if the worse
	/// side of them were filled at mark.
	fn ensure_backed(account: &MarginAccount<AccountId>, orders: &[OpenOrders]) -> Result<(), DispatchError>;

	/// Begin to fill an order of `taker`, who does `side` in `market`.
	///
	/// Until the ticket is closed nothing else may touch the account, and the caller must close it or fail.
	fn open(
		taker: &MarginAccount<AccountId>,
		market: MarketId,
		side: Side,
		intent: Intent,
	) -> Result<Self::Ticket, DispatchError>;

	/// Fill a part of it against a resting order. The maker is judged at once.
	fn fill(ticket: &mut Self::Ticket, with: &Match<AccountId>) -> Result<(), Unfilled>;

	/// Judge the taker, for all that was filled together. An error must undo the whole order.
	fn close(ticket: Self::Ticket) -> Result<(), DispatchError>;

	/// Pay what `market` owes, at most `amount`, out of a claim that the caller gives up. Returns what was paid.
	fn repay(market: MarketId, amount: Quote) -> Quote;
}

/// Who shares the fees of trades. What each is given was the caller's claim on custody and is its own from then
/// on; nobody can refuse.
pub trait FeeReceivers {
	/// The insurance fund, for the losses of `market` first.
	fn insurance(market: MarketId, amount: Quote);

	/// Those who back `market`.
	fn backstop(market: MarketId, amount: Quote);

	/// The treasury. Returns whether it could be paid: if not, the claim stays the caller's.
	fn treasury(amount: Quote) -> bool;
}

/// Calls with priority that an owner may make once a block.
pub trait Priority<AccountId> {
	/// `owner` reduces a position; an error the second time in a block.
	fn note_reduction(owner: &AccountId) -> Result<(), DispatchError>;

	/// `owner` cancels; an error the second time in a block.
	fn note_cancel(owner: &AccountId) -> Result<(), DispatchError>;
}

/// Someone who keeps open orders, which reserve margin.
///
/// Contract: constant within a call of the reader; at most as many entries as an account may have positions.
pub trait OrderReserve<AccountId> {
	/// The open orders of `account` that may open a position, by market.
	fn open_orders(account: &MarginAccount<AccountId>) -> Vec<OpenOrders>;

	/// Let as many orders of `account` rest as there may be, on both sides of all of `markets`, for
	/// benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn fill_up(account: &MarginAccount<AccountId>, markets: &[MarketId]);
}

/// No order book: nothing is reserved.
impl<AccountId> OrderReserve<AccountId> for () {
	fn open_orders(_: &MarginAccount<AccountId>) -> Vec<OpenOrders> {
		Vec::new()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn fill_up(_: &MarginAccount<AccountId>, _: &[MarketId]) {}
}
