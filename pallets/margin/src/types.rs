// SPDX-License-Identifier: Apache-2.0
//! The records this pallet keeps.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{pallet_prelude::*, DefaultNoBound};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_math::{
	keys::key_fires,
	units::{FundingRate, SIZE_MAX},
	Book, Generation, Level, MathResult, Units,
};
use keel_primitives::{FeedId, MarginAccount, MarketId, Moment, Price, Quote, Ratio, Side, Size, SubAccount};
pub use keel_traits::Place;
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// The longest name of a market, such as `BTC-PERP`, in bytes.
pub type NameLimit = ConstU32<16>;

/// The rules of a market. Ratios are in parts per billion: 50000000 is 5 %.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	serde::Serialize,
	serde::Deserialize,
)]
pub struct MarketParams {
	/// Margin that opening takes, as a share of notional.
	pub initial_rate: Ratio,
	/// Margin under which an account is liquidated, as a share of notional.
	pub maintenance_rate: Ratio,
	/// Margin that a withdrawal leaves, as a share of notional; at least the initial rate.
	pub withdrawal_rate: Ratio,
	/// How much of an unrealised profit counts for a withdrawal.
	pub profit_credit: Ratio,
	/// How far from mark a block trade may be; less than the maintenance rate.
	pub band: Ratio,
	/// The largest move between two blocks that the market is solvent for.
	pub largest_move: Ratio,
	/// The most that all fees of a liquidation may take, as a share of notional.
	pub worst_fee: Ratio,
	/// Funding per eight hours in parts per billion. Positive: longs pay shorts.
	pub funding_rate: FundingRate,
	/// The most funding per eight hours, either way, in parts per billion.
	pub funding_cap: Ratio,
	/// Sizes that open are multiples of this.
	pub lot: Size,
	/// Prices are multiples of this.
	pub tick: Price,
	/// The most that may be open on a side.
	pub max_open_interest: Size,
	/// The least notional that a position may have, in dollars.
	pub min_position: Quote,
}

impl MarketParams {
	/// Whether the parameters keep the relations that make the market solvent.
	///
	/// The *solvency envelope*: the largest move, a period's funding and the worst fee together are
	/// covered by the maintenance margin, so an account found at its requirement can pay for all three.
	pub fn is_valid(&self) -> bool {
		let envelope = self.largest_move.0.checked_add(self.worst_fee.0).and_then(|sum| {
			// One slot's funding is far less than a period's; the cap per period is the careful bound.
			sum.checked_add(self.funding_cap.0)
		});
		self.maintenance_rate > Ratio::ZERO
			&& self.initial_rate > self.maintenance_rate
			&& self.withdrawal_rate >= self.initial_rate
			&& self.withdrawal_rate <= Ratio::ONE
			&& self.profit_credit <= Ratio::ONE
			&& self.band < self.maintenance_rate
			&& envelope.is_some_and(|sum| sum <= self.maintenance_rate.0)
			&& self.funding_rate.0.unsigned_abs() <= self.funding_cap.0
			&& !self.lot.is_zero()
			&& !self.tick.is_zero()
			&& self.max_open_interest <= SIZE_MAX
			&& self.min_position > Quote::ZERO
	}
}

/// A margin rate, by what it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
	/// To keep positions.
	Maintenance,
	/// To open.
	Initial,
	/// To take money out.
	Withdrawal,
}

/// What the trigger book and the queue say about one side of a market.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Watch {
	/// The first key to fire of the present generation.
	pub head: Option<Level>,
	/// The oldest generation whose ladder may still hold keys.
	pub drained_to: Generation,
	/// Whether a bankrupt account that holds this side waits for its liquidation.
	pub bankrupt_waiting: bool,
}

/// A market: one perpetual future.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Market {
	/// The feed of its index price.
	pub feed: FeedId,
	/// Its name, in UTF-8.
	pub name: BoundedVec<u8, NameLimit>,
	/// Its rules.
	pub params: MarketParams,
	/// Both sides, and the house between them.
	pub book: Book,
	/// The trigger book of longs.
	pub long: Watch,
	/// The trigger book of shorts.
	pub short: Watch,
	/// The mark price. It stands still while the market or its price does.
	pub mark: Price,
	/// The price of the last trade.
	pub last_price: Price,
	/// Until when funding is accrued, in milliseconds.
	pub accrued_at: Moment,
	/// Whether an equation of the books has failed.
	pub quarantined: bool,
}

impl Market {
	/// A market as it is listed.
	pub fn new(feed: FeedId, name: BoundedVec<u8, NameLimit>, params: MarketParams, now: Moment) -> Self {
		Self {
			feed,
			name,
			params,
			book: Book::default(),
			long: Watch::default(),
			short: Watch::default(),
			mark: Price::ZERO,
			last_price: Price::ZERO,
			accrued_at: now,
			quarantined: false,
		}
	}

	/// What is watched on `side`.
	pub const fn watch(&self, side: Side) -> &Watch {
		match side {
			Side::Long => &self.long,
			Side::Short => &self.short,
		}
	}

	/// What is watched on `side`, to be changed.
	pub const fn watch_mut(&mut self, side: Side) -> &mut Watch {
		match side {
			Side::Long => &mut self.long,
			Side::Short => &mut self.short,
		}
	}

	/// The level of a unit of the present generation at mark and maintenance margin.
	pub fn maintenance_level(&self, side: Side) -> MathResult<Level> {
		self.book.side(side).level(side, self.mark, self.params.maintenance_rate)
	}

	/// Whether somebody on `side` may be unhealthy and has not been judged yet.
	pub fn has_unjudged(&self, side: Side) -> bool {
		let watch = self.watch(side);
		let fired = match (watch.head, self.maintenance_level(side)) {
			(Some(head), Ok(level)) => key_fires(side, level, head),
			(None, Ok(_)) => false,
			(_, Err(_)) => true,
		};
		fired || watch.drained_to < self.book.side(side).generation
	}

	/// Whether `side` may soon have to pay for somebody on the other side.
	pub fn may_have_to_pay(&self, side: Side) -> bool {
		self.watch(side.opposite()).bankrupt_waiting || self.has_unjudged(side.opposite())
	}

	/// Whether the market is in order: its equations hold and it owes nothing.
	pub const fn is_sound(&self) -> bool {
		!self.quarantined && self.book.debt.0 == 0
	}
}

/// A position of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Position {
	/// The market.
	pub market: MarketId,
	/// Long or short.
	pub side: Side,
	/// Stored units. The size is units times the side's scale.
	pub units: Units,
	/// The generation the units belong to.
	pub generation: Generation,
	/// What the open units were opened for, with the funding accounted so far.
	pub entry: Quote,
	/// The side's funding accumulator when the position was last touched.
	pub funding_at: Level,
	/// The key on file; none while the account is queued.
	pub key: Option<Level>,
}

/// What a bankrupt account has lost on a position that is gone, since the side's reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Loss {
	/// The market.
	pub market: MarketId,
	/// The side that was held.
	pub side: Side,
	/// The loss; zero when it gained.
	pub amount: Quote,
}

/// A margin account: one sub-account of an owner.
#[derive(
	CloneNoBound,
	DebugNoBound,
	PartialEqNoBound,
	EqNoBound,
	DefaultNoBound,
	Encode,
	Decode,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound())]
pub struct Account<T: Config> {
	/// What is settled, in 1e-6 dollars.
	pub cash: Quote,
	/// The positions, at most one a market.
	pub positions: BoundedVec<Position, T::MaxPositions>,
	/// Where it is: idle, filed in the trigger book, or queued for liquidation.
	pub place: Place,
	/// The health held back for a margin call, while one is armed.
	pub warning: Option<Quote>,
	/// Losses of positions that are gone, until others have paid for them: only of a bankrupt account.
	pub losses: BoundedVec<Loss, T::MaxPositions>,
	/// A withdrawal or transfer in the queue.
	pub leaving: Quote,
	/// Offers not yet taken, cancelled or removed.
	pub offers: u32,
}

impl<T: Config> Account<T> {
	/// Whether nothing is left to remember.
	pub fn is_empty(&self) -> bool {
		*self == Self::default()
	}

	/// The position in `market`, by index.
	pub fn find(&self, market: MarketId) -> Option<(usize, Position)> {
		self.positions.iter().copied().enumerate().find(|(_, position)| position.market == market)
	}
}

/// A filing of the trigger book: where a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Filed {
	/// The market.
	pub market: MarketId,
	/// The side.
	pub side: Side,
	/// The generation.
	pub generation: Generation,
	/// The key.
	pub key: Level,
}

/// What an offer does for its maker.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Intent {
	/// It may open, increase, reduce or reverse a position.
	Trade,
	/// It strictly reduces a position.
	Reduce,
}

/// An offer of a block trade.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Offer<AccountId, BlockNumber> {
	/// Who offers.
	pub maker: MarginAccount<AccountId>,
	/// The market.
	pub market: MarketId,
	/// What the maker does: `Long` buys, `Short` sells.
	pub side: Side,
	/// The size, taken whole.
	pub size: Size,
	/// The price.
	pub price: Price,
	/// The last block in which it can be taken.
	pub expires: BlockNumber,
	/// Who may take it; anybody when none is named.
	pub taker: Option<AccountId>,
	/// What it does for its maker.
	pub intent: Intent,
}

/// An offer with the types of a runtime.
pub type OfferOf<T> = Offer<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// Where money goes that leaves a margin account.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Destination {
	/// To the owner's balance.
	Owner,
	/// To another of the owner's sub-accounts.
	Sub(SubAccount),
}

/// Money that waits for the next block's levels to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Leaving<AccountId, BlockNumber> {
	/// Whose it is.
	pub account: MarginAccount<AccountId>,
	/// How much.
	pub amount: Quote,
	/// Where it goes.
	pub to: Destination,
	/// The block in which it was asked for.
	pub since: BlockNumber,
}

/// First and next index of a queue kept in a map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct QueueBounds {
	/// The oldest entry.
	pub first: u64,
	/// Where the next entry goes.
	pub next: u64,
}

impl QueueBounds {
	/// How many entries there are.
	pub const fn len(&self) -> u64 {
		self.next.saturating_sub(self.first)
	}

	/// Whether there is none.
	pub const fn is_empty(&self) -> bool {
		self.first >= self.next
	}
}

/// Why a withdrawal or transfer did not take place. The money stayed in the account.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Refusal {
	/// The account's free collateral was less at the levels of the block.
	NotEnoughFreeCollateral,
	/// A market in which the account holds a position had no price that money may leave on.
	PriceUnavailable,
	/// The account was being liquidated.
	InLiquidation,
	/// The payment itself failed, for instance because the receiver is frozen.
	PaymentFailed,
}

/// What became of a position in a trade.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Fill {
	/// The size that was closed.
	pub closed: Size,
	/// The size that was opened.
	pub opened: Size,
	/// The profit made on what was closed; negative is a loss.
	pub realised: Quote,
}

impl Fill {
	/// Whether it did nothing but reduce.
	pub const fn reduces(&self) -> bool {
		self.opened.0 == 0 && self.closed.0 > 0
	}
}

/// A share of something, as a `Ratio`.
pub fn ratio_of(part: Perbill) -> Ratio {
	Ratio(u64::from(part.deconstruct()))
}
