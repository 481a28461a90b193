// SPDX-License-Identifier: Apache-2.0
//! The records this pallet keeps.

use crate::{params::MarketParams, Config};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::num::NonZeroU32;
use frame_support::{pallet_prelude::*, DefaultNoBound};
use frame_system::pallet_prelude::BlockNumberFor;
use keel_math::{
	envelope::confirmed, kept_tiers::KEPT_TIERS_MAX, keys::key_fires, Book, Borne, Generation, KeptTiers,
	KeptTiersFull, Level, MathResult, Premium, Spending, TierIndex, Units,
};
use keel_primitives::{FeedId, MarginAccount, MarketId, Moment, Price, Quote, Ratio, Side, Size, SubAccount};
use keel_traits::Observation;
pub use keel_traits::{Intent, Place};
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// Milliseconds in a day.
pub(crate) const DAY_MS: Moment = 86_400_000;

/// The longest name of a market, such as `BTC-PERP`, in bytes.
pub type NameLimit = ConstU32<16>;

/// A margin rate, by what it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
	/// To open.
	Initial,
	/// To take over in liquidation what is open already.
	TakeOver,
	/// To take money out.
	Withdrawal,
}

/// What the trigger book and the queue say about one side of a market.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Watch {
	/// The first key to fire of the present generation, tier by tier, or one before it that is gone.
	pub heads: [Option<Level>; KEPT_TIERS_MAX],
	/// The oldest generation whose ladder may still hold keys.
	pub drained_to: Generation,
	/// Whether an account waits that holds this side, or has left it unpaid, and is bankrupt or may be when its
	/// market moves again.
	pub bankrupt_waiting: bool,
	/// How many accounts in liquidation hold this side, or have lost on it and have not paid for it.
	pub queued: u32,
}

impl Watch {
	/// The first keys of the tiers that have any.
	pub fn heads(&self) -> impl Iterator<Item = (TierIndex, Level)> + '_ {
		(0..).map(TierIndex).zip(&self.heads).filter_map(|(tier, head)| Some((tier, (*head)?)))
	}

	/// The first key of a tier.
	pub fn head(&self, tier: TierIndex) -> Option<Level> {
		self.heads.get(usize::from(tier.0)).copied().flatten()
	}

	/// Set the first key of a tier.
	pub fn set_head(&mut self, tier: TierIndex, head: Option<Level>) {
		if let Some(place) = self.heads.get_mut(usize::from(tier.0)) {
			*place = head;
		}
	}
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
	/// Its tiers, those of its rules and retired ones that positions are left in, with their maintenance rates as they are
	/// now.
	pub tiers: KeptTiers,
	/// When it was listed, in milliseconds, if that was after the start: its limits grow for a while.
	pub listed_at: Option<Moment>,
	/// The premium of its price over the index, averaged.
	pub premium: Premium,
	/// Both sides, and the house between them.
	pub book: Book,
	/// The trigger book of longs.
	pub long: Watch,
	/// The trigger book of shorts.
	pub short: Watch,
	/// The mark price. It stands still while the market or its price does.
	pub mark: Price,
	/// The block in which mark was set last. In any other block it says nothing of what the market is worth.
	pub marked_in: u32,
	/// When the market or its price last stood still, in milliseconds: only a price that has landed since sets mark.
	pub stood_still_at: Moment,
	/// The price of the last trade.
	pub last_price: Price,
	/// Until when funding is accrued, in milliseconds.
	pub accrued_at: Moment,
	/// Whether an equation of the books has failed.
	pub quarantined: bool,
	/// How often the references of its sides have been set.
	pub references: u32,
	/// That it is dead, and settled.
	pub settlement: Option<Settlement>,
}

/// How a market that is dead is settled.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Settlement {
	/// The price that was stated.
	pub price: Price,
	/// The block in which it became the mark; none before that.
	pub marked_at: Option<u32>,
	/// Whether both sides are closed: positions are claims, and settled as accounts are touched.
	pub closed_out: bool,
}

impl Market {
	/// A market as it is listed.
	pub fn new(feed: FeedId, name: BoundedVec<u8, NameLimit>, params: MarketParams, now: Moment) -> Self {
		Self {
			feed,
			name,
			params,
			tiers: KeptTiers::of(&params.tiers),
			listed_at: None,
			premium: Premium::default(),
			book: Book::default(),
			long: Watch::default(),
			short: Watch::default(),
			mark: Price::ZERO,
			marked_in: 0,
			stood_still_at: 0,
			last_price: Price::ZERO,
			accrued_at: now,
			quarantined: false,
			references: 0,
			settlement: None,
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

	/// The level of a unit of the present generation at mark and the maintenance rate of a tier.
	pub fn maintenance_level(&self, side: Side, tier: TierIndex) -> MathResult<Level> {
		self.book.side(side).level(side, self.mark, self.maintenance_rate(tier))
	}

	/// The maintenance rate of a tier now.
	pub fn maintenance_rate(&self, tier: TierIndex) -> Ratio {
		self.tiers.maintenance(tier)
	}

	/// Whether the levels of `side` fit at the rates of all tiers.
	pub fn levels_fit(&self, side: Side) -> MathResult<()> {
		let numbers = self.book.side(side);
		let rates = self.tiers.as_slice().iter().map(|tier| tier.maintenance);
		// A level lies between those of the extreme rates.
		for rate in rates.clone().min().into_iter().chain(rates.max()) {
			numbers.level(side, self.mark, rate)?;
		}
		Ok(())
	}

	/// Replace the rules. No rate of a tier that anybody is in changes by it.
	pub fn set_params(&mut self, params: MarketParams) -> Result<(), KeptTiersFull> {
		self.tiers.set_table(&params.tiers)?;
		self.params = params;
		self.move_maintenance(Ratio::ZERO);
		// Of a number that nobody has a position in a head may be left: whose it was is gone.
		for (index, place) in (0..).map(TierIndex).zip(0..KEPT_TIERS_MAX) {
			if self.tiers.as_slice().get(place).is_none_or(|tier| tier.positions == 0) {
				self.long.set_head(index, None);
				self.short.set_head(index, None);
			}
		}
		Ok(())
	}

	/// Move the maintenance rates to where they go, by at most `step` each; at once where nobody has a position.
	pub fn move_maintenance(&mut self, step: Ratio) {
		self.tiers.move_maintenance(&self.params.tiers, step);
	}

	/// When the last of `side` has gone its numbers start afresh, and a key that he had is beyond or within a level
	/// that means nothing to it: a side that nobody holds has no first keys. His are taken off their ladders when
	/// his account is written.
	pub fn forget_heads_when_empty(&mut self, side: Side) {
		if self.book.side(side).units.is_zero() {
			self.watch_mut(side).heads = Default::default();
		}
	}

	/// Whether somebody on `side` may be unhealthy and has not been judged yet.
	pub fn has_unjudged(&self, side: Side) -> bool {
		let watch = self.watch(side);
		let fired = watch.heads().any(|(tier, head)| {
			self.maintenance_level(side, tier).map_or(true, |level| key_fires(side, level, head))
		});
		fired || watch.drained_to < self.book.side(side).generation
	}

	/// Whether `side` may soon have to pay for somebody on the other side.
	pub fn may_have_to_pay(&self, side: Side) -> bool {
		self.watch(side.opposite()).bankrupt_waiting || self.has_unjudged(side.opposite())
	}

	/// Whether nobody who has a part in it is in liquidation or to be judged. What happens elsewhere does not matter.
	pub fn is_calm(&self) -> bool {
		Side::BOTH.into_iter().all(|side| self.watch(side).queued == 0 && !self.may_have_to_pay(side))
	}

	/// How far mark follows a price: all the way within the solvency envelope, else as far as two rounds in a row say.
	pub fn follows(&self, seen: &Observation) -> Price {
		if !self.mark.in_bounds() {
			return seen.price;
		}
		#[cfg(test)]
		if crate::mock::is_old(crate::mock::OldRule::EveryRoundActs) {
			return seen.price;
		}
		confirmed(self.mark, seen.before, seen.price, self.params.largest_move)
	}

	/// Whether the market is in order: its equations hold and it owes nothing.
	pub const fn is_sound(&self) -> bool {
		!self.quarantined && self.book.debt.0 == 0
	}
}

/// When a position was opened, counted by how often the references of its market had been set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Opened {
	/// When it was opened, or grew last.
	pub at: u32,
	/// Whether a part of it is older.
	pub grown: bool,
}

impl Opened {
	/// A position that is new.
	pub const fn new(at: u32) -> Self {
		Self { at, grown: false }
	}

	/// The same position when it grows.
	pub const fn grow(self, at: u32) -> Self {
		Self { at, grown: self.grown || self.at != at }
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
	/// Its margin tier, by number: decided when it grows, lowered when it shrinks, and never raised by a price, nor by
	/// another table.
	pub tier: TierIndex,
	/// What the open units were opened for, with the funding accounted so far.
	pub entry: Quote,
	/// The side's funding accumulator when the position was last touched.
	pub funding_at: Level,
	/// When it was opened: it has lost nothing of what was lost before.
	pub opened: Opened,
	/// What it has borne of the losses of others and not had back.
	pub borne: Borne,
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
	/// The most leverage that its owner allows it: one over the initial margin rate.
	pub leverage: Option<NonZeroU32>,
	/// What it has paid of late for being filed again after its keys had fired while it was healthy.
	pub refiling: Spending,
	/// The first block in which money leaves at once when there is no position: the second after the last trade.
	pub free_from: u32,
}

impl<T: Config> Account<T> {
	/// Whether nothing is left to remember.
	pub fn is_empty(&self) -> bool {
		let Self { leverage, refiling, free_from, .. } = *self;
		*self == Self { leverage, refiling, free_from, ..Self::default() }
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
	/// The tier.
	pub tier: TierIndex,
	/// The generation.
	pub generation: Generation,
	/// The key.
	pub key: Level,
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
	/// Whether a key made it that may not withdraw: then it may cost its maker what the owner allows its keys.
	pub by_key: bool,
}

/// What keys that may not withdraw may cost their owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct KeyCap {
	/// The most that they may lose against mark within a day.
	pub most: Quote,
	/// What they have lost of late.
	pub lost: Spending,
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

/// Money that waits for the next levels to leave.
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
	/// The time of that block in milliseconds: a price must have landed after it in every market held.
	pub asked_at: Moment,
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
	/// The payment itself failed, for instance because the receiver is frozen, or custody has less than that because
	/// those who have lost it owe it still.
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

	/// Both together; none when they are beyond all amounts.
	pub fn and(&self, other: &Self) -> Option<Self> {
		Some(Self {
			closed: Size(self.closed.0.checked_add(other.closed.0)?),
			opened: Size(self.opened.0.checked_add(other.opened.0)?),
			realised: Quote(self.realised.0.checked_add(other.realised.0)?),
		})
	}
}

/// A share of something, as a `Ratio`.
pub fn ratio_of(part: Perbill) -> Ratio {
	Ratio(u64::from(part.deconstruct()))
}
