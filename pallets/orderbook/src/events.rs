// SPDX-License-Identifier: Apache-2.0
//! What happened, for people and their tools. From these events alone the book can be rebuilt.

use frame_support::pallet_macros::pallet_section;

/// The events, a section of the pallet.
#[pallet_section]
mod events {
	/// What happened. An order that was placed is on the book until all of it is filled or it is cancelled; what
	/// of it does not rest is told in the same call.
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An order was placed.
		OrderPlaced {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// The order, before anything of it was filled.
			order: OrderOf<T>,
		},
		/// An order was amended. With another sequence than before it lost its place in the queue.
		OrderAmended {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// The order as it is now, before anything more of it was filled.
			order: OrderOf<T>,
		},
		/// Two orders met.
		OrderFilled {
			/// The market.
			market: MarketId,
			/// The order that rested.
			maker_order: OrderId,
			/// Whose.
			maker: MarginAccount<T::AccountId>,
			/// The order that came.
			taker_order: OrderId,
			/// Whose.
			taker: MarginAccount<T::AccountId>,
			/// What the taker did: `Long` bought, `Short` sold.
			taker_side: Side,
			/// How much was traded.
			size: Size,
			/// At what price.
			price: Price,
			/// What the maker paid, in 1e-6 dollars; negative is a rebate.
			maker_fee: Quote,
			/// What the taker paid, in 1e-6 dollars.
			taker_fee: Quote,
		},
		/// A bid and an ask were filled with each other in an auction.
		AuctionFilled {
			/// The market.
			market: MarketId,
			/// The order that bought.
			bid: OrderId,
			/// Whose.
			buyer: MarginAccount<T::AccountId>,
			/// The order that sold.
			ask: OrderId,
			/// Whose.
			seller: MarginAccount<T::AccountId>,
			/// How much was traded.
			size: Size,
			/// The price for all.
			price: Price,
			/// What the buyer paid, in 1e-6 dollars.
			buyer_fee: Quote,
			/// What the seller paid, in 1e-6 dollars.
			seller_fee: Quote,
		},
		/// An auction has filled all it could at one price. If orders still cross, because some left the book
		/// unfilled, another follows in the same block.
		AuctionUncrossed {
			/// The market.
			market: MarketId,
			/// The price for all.
			price: Price,
			/// What was traded.
			volume: Size,
		},
		/// A market has an auction in every block from now on, or matches orders as they come.
		ModeSet {
			/// The market.
			market: MarketId,
			/// Whether there is an auction in every block.
			every_block: bool,
		},
		/// What was left of an order is gone.
		OrderCancelled {
			/// The order.
			order: OrderId,
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// What was left.
			left: Size,
			/// Why.
			reason: CancelReason,
		},
		/// An order waits for mark.
		ConditionalPlaced {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// What waits for what.
			conditional: ConditionalOf<T>,
		},
		/// A conditional order waits no more.
		ConditionalEnded {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// Its id.
			conditional: OrderId,
			/// How its wait ended.
			end: ConditionalEnd,
		},
		/// A dead man's switch was set, pushed further away, or taken off.
		SwitchSet {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// By which block the account must be heard of again.
			deadline: Option<BlockNumberFor<T>>,
		},
		/// Nobody was heard of in time: all orders of the account are cancelled.
		SwitchFired {
			/// Whose.
			account: MarginAccount<T::AccountId>,
			/// How many orders there were.
			cancelled: u32,
		},
		/// The fees were set.
		FeesSet {
			/// The schedule.
			fees: FeeSchedule,
		},
		/// Fees of a market were shared, in 1e-6 dollars.
		FeesShared {
			/// The market.
			market: MarketId,
			/// What paid its debt.
			debt: Quote,
			/// To the insurance fund.
			insurance: Quote,
			/// To those who back it.
			backstop: Quote,
			/// To the treasury.
			treasury: Quote,
		},
	}
}
