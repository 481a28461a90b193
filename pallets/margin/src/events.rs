// SPDX-License-Identifier: Apache-2.0
//! What happened, for people and their tools.

use frame_support::pallet_macros::pallet_section;

/// The events, a section of the pallet.
#[pallet_section]
mod events {
	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// USDK was deposited.
		Deposited {
			/// The account that received it.
			account: MarginAccount<T::AccountId>,
			/// How much, in 1e-6 dollars.
			amount: Quote,
		},
		/// A withdrawal or transfer waits for the next block's levels.
		LeavingQueued {
			/// The account that asked.
			account: MarginAccount<T::AccountId>,
			/// How much, in 1e-6 dollars.
			amount: Quote,
			/// Where it will go.
			to: Destination,
		},
		/// A withdrawal or transfer did not take place; the money stayed in the account.
		LeavingRefused {
			/// The account that asked.
			account: MarginAccount<T::AccountId>,
			/// How much, in 1e-6 dollars.
			amount: Quote,
			/// Why.
			reason: Refusal,
		},
		/// USDK was paid to the owner's balance.
		Withdrawn {
			/// The account that paid.
			account: MarginAccount<T::AccountId>,
			/// How much, in 1e-6 dollars.
			amount: Quote,
		},
		/// USDK moved between two sub-accounts of an owner.
		Transferred {
			/// The account that paid.
			from: MarginAccount<T::AccountId>,
			/// The sub-account that received.
			to: SubAccount,
			/// How much, in 1e-6 dollars.
			amount: Quote,
		},
		/// A block trade was offered.
		Offered {
			/// The id by which it can be taken.
			offer: u64,
			/// The terms.
			terms: OfferOf<T>,
		},
		/// Who had left a loss to the holders of a side is solvent again: what they bore is set apart for them, per unit.
		ReturnSetApart {
			/// The market.
			market: MarketId,
			/// The side that had borne it.
			side: Side,
			/// How much, in 1e-6 dollars.
			amount: Quote,
		},
		/// An account has back what it bore of a loss of others, or a part of it.
		LossReturned {
			/// The account.
			account: MarginAccount<T::AccountId>,
			/// The market.
			market: MarketId,
			/// How much, in 1e-6 dollars.
			amount: Quote,
		},
		/// An offer was taken off the table.
		OfferCancelled {
			/// Its id.
			offer: u64,
		},
		/// An offer expired and was removed.
		OfferExpired {
			/// Its id.
			offer: u64,
		},
		/// A trade took place: the feed of all trades.
		Traded {
			/// The offer of a block trade that was taken; nothing when orders of the book met.
			offer: Option<u64>,
			/// The market.
			market: MarketId,
			/// Who bought.
			buyer: MarginAccount<T::AccountId>,
			/// Who sold.
			seller: MarginAccount<T::AccountId>,
			/// The size.
			size: Size,
			/// The price.
			price: Price,
		},
		/// An account's position changed by a trade or by its liquidation.
		PositionChanged {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// The market.
			market: MarketId,
			/// What was done: `Long` bought, `Short` sold.
			side: Side,
			/// The price it was done at.
			price: Price,
			/// How much was closed and opened, and the profit made on what was closed.
			fill: Fill,
			/// The side and size held afterwards.
			after: Option<(Side, Size)>,
			/// What is stored of that: size over the scale of the side, which changes when the other side is
			/// deleveraged; see `Deleveraged`.
			units: Units,
			/// What it was opened for, with the funding accounted so far; see `FundingAccounted`.
			entry: Quote,
			/// The account's cash afterwards.
			cash: Quote,
		},
		/// A market is dead: it was voted to settle it at a stated price.
		MarketSettling {
			/// The market.
			market: MarketId,
			/// The price that was stated.
			price: Price,
			/// The last mark.
			mark: Price,
		},
		/// Both sides of a market that is settled were closed against each other: positions are claims, and become cash
		/// account by account.
		MarketClosedOut {
			/// The market.
			market: MarketId,
			/// The price.
			price: Price,
		},
		/// A market that was settled is listed again.
		MarketRelisted {
			/// The market.
			market: MarketId,
		},
		/// A round of prices says that a market has moved further than its solvency envelope (`largest_move`) allows for, and
		/// no other round has said so: the mark stands where it is. Until a second round in a row confirms it nothing trades
		/// in the market, nobody in it is liquidated and no money leaves on it.
		MoveWaits {
			/// The market.
			market: MarketId,
			/// The mark: as far as two rounds agree.
			mark: Price,
			/// What the round says.
			price: Price,
		},
		/// A second round in a row has confirmed a move beyond the solvency envelope, as far as it goes here: the mark
		/// follows.
		MoveConfirmed {
			/// The market.
			market: MarketId,
			/// The mark before.
			from: Price,
			/// The mark now.
			to: Price,
		},
		/// The round after one that waited says that nothing of the kind has happened: it came to nothing.
		MoveWithdrawn {
			/// The market.
			market: MarketId,
			/// What was said and not confirmed.
			price: Price,
			/// The mark now.
			mark: Price,
		},
		/// The owner of an account capped its leverage, or lifted the cap.
		LeverageSet {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// At most so many times its margin; nothing: as the markets allow.
			leverage: Option<u32>,
		},
		/// A position of a side that was closed out or re-based became cash, as did one of which deleveraging
		/// has left next to nothing.
		PositionSettled {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// The market.
			market: MarketId,
			/// The side held.
			side: Side,
			/// What the account received; negative when it paid.
			received: Quote,
			/// What is stored of the position now: none when all of it became cash, else units of the next
			/// generation.
			units: Units,
		},
		/// Funding since the last touch of a position was accounted.
		FundingAccounted {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// The market.
			market: MarketId,
			/// What the account received; negative when it paid.
			received: Quote,
		},
		/// An account paid the fee of a trade on the order book.
		FeePaid {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// The market.
			market: MarketId,
			/// How much, in 1e-6 dollars; negative is a rebate.
			amount: Quote,
		},
		/// A key of an account has fired, and the account was healthy: it paid for being judged and filed again.
		RefilingFeePaid {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// The market whose level had moved.
			market: MarketId,
			/// How much, in 1e-6 dollars.
			amount: Quote,
		},
		/// An account that backs a market was given its share of the fees.
		FeesEarned {
			/// The account.
			account: MarginAccount<T::AccountId>,
			/// How much, in 1e-6 dollars.
			amount: Quote,
		},
		/// An account in liquidation paid a penalty, or back what others had paid for it.
		Charged {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// How much, in 1e-6 dollars.
			amount: Quote,
		},
		/// Others paid what an account owed.
		DebtCovered {
			/// Whose debt it was.
			account: MarginAccount<T::AccountId>,
			/// The market in which it was lost.
			market: MarketId,
			/// The side it was lost on.
			side: Side,
			/// How much, in 1e-6 dollars.
			amount: Quote,
		},
		/// An account comes close to liquidation: add margin or reduce. There is one call between two touches
		/// of the account.
		MarginCalled {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// Where it stands.
			judgement: Judgement,
		},
		/// An account was found unhealthy and will be liquidated.
		FoundUnhealthy {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// Where it stands.
			judgement: Judgement,
		},
		/// An account left liquidation.
		Released {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// Where it stands.
			judgement: Judgement,
		},
		/// A position was closed at mark against the whole opposite side.
		Deleveraged {
			/// Whose position was closed.
			account: MarginAccount<T::AccountId>,
			/// The market.
			market: MarketId,
			/// The side that was closed; the opposite side was reduced pro rata.
			side: Side,
			/// The size.
			size: Size,
			/// The mark price.
			price: Price,
			/// The scale of the opposite side afterwards: the size of everybody's position there is its units times
			/// this.
			scale: Scale,
		},
		/// A side of a market was closed out, or its units were renewed.
		GenerationEnded {
			/// The market.
			market: MarketId,
			/// The side.
			side: Side,
			/// The generation that ended.
			generation: Generation,
			/// Whether its positions are now claims in dollars.
			closed_out: bool,
		},
		/// A loss that nobody else could pay was laid on a side, in proportion to size.
		LossSocialised {
			/// The market.
			market: MarketId,
			/// The side that gained, and bears it.
			side: Side,
			/// The loss, in 1e-6 dollars.
			amount: Quote,
		},
		/// A loss met an empty side: the market owes it, and takes no new risk until it is repaid.
		DebtBooked {
			/// The market.
			market: MarketId,
			/// The loss, in 1e-6 dollars.
			amount: Quote,
		},
		/// A market's debt was repaid, in whole or in part.
		DebtRepaid {
			/// The market.
			market: MarketId,
			/// Who paid.
			who: T::AccountId,
			/// How much, in 1e-6 dollars.
			amount: Quote,
		},
		/// An owner set what keys that trade for him and may not withdraw may lose against mark in a day.
		KeyCapSet {
			/// The owner.
			owner: T::AccountId,
			/// The most, in 1e-6 dollars.
			most: Quote,
		},
		/// A market was listed.
		MarketListed {
			/// Its id.
			market: MarketId,
			/// The feed of its index price.
			feed: FeedId,
			/// Its name, in UTF-8.
			name: BoundedVec<u8, NameLimit>,
			/// Its rules.
			params: MarketParams,
		},
		/// The rules of a market changed.
		MarketParamsSet {
			/// The market.
			market: MarketId,
			/// The new rules.
			params: MarketParams,
		},
		/// An equation of a market's books failed: it takes no new risk until governance has looked.
		MarketQuarantined {
			/// The market.
			market: MarketId,
		},
		/// A market's books are in order again.
		QuarantineLifted {
			/// The market.
			market: MarketId,
		},
		/// Claims on custody are not what it has counted, or more than it holds: no money leaves until they are.
		CustodyBroken {
			/// The sum of all claims.
			claims: Quote,
			/// What custody has counted.
			counted: Quote,
		},
	}
}
