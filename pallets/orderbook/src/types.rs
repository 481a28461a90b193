// SPDX-License-Identifier: Apache-2.0
//! The records this pallet keeps.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_primitives::{MarketId, Price, Side, Size};
use keel_traits::Intent;
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

/// The id of an order, unique on the chain.
pub type OrderId = u64;
/// An id that a client gives an order: unique among the open orders of an account.
pub type ClientId = u64;

/// How long an order may wait for what it is not filled with at once.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum TimeInForce<BlockNumber> {
	/// It rests until it is filled or cancelled.
	GoodTillCancelled,
	/// It rests until it is filled or cancelled, at the longest up to this block, which still fills it.
	GoodTillBlock(BlockNumber),
	/// What is not filled at once is cancelled. With the worst price that is accepted: a market order.
	ImmediateOrCancel,
	/// It is filled whole at once, or fails.
	FillOrKill,
}

impl<BlockNumber> TimeInForce<BlockNumber> {
	/// Whether what is left of it rests.
	pub const fn rests(&self) -> bool {
		matches!(self, Self::GoodTillCancelled | Self::GoodTillBlock(_))
	}
}

/// What becomes of an order that is meant to rest and would be filled at once.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum PostOnly {
	/// It is filled.
	#[default]
	No,
	/// It is refused.
	Reject,
	/// It is put at the best price that rests: a tick from the best order of the other side.
	Slide,
}

/// What becomes of two orders of one owner that meet: he never trades with himself.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum SelfTrade {
	/// What is left of the order that comes is cancelled.
	#[default]
	CancelNewest,
	/// The order that rests is cancelled.
	CancelOldest,
	/// Both are.
	CancelBoth,
}

/// How an owner names one of his orders.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum OrderName {
	/// By the id the chain gave it.
	Id(OrderId),
	/// By the id the client gave it.
	Client(ClientId),
}

/// An order as it comes.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct NewOrder<BlockNumber> {
	/// The market.
	pub market: MarketId,
	/// `Long` buys, `Short` sells.
	pub side: Side,
	/// How much, a multiple of the market's lot.
	pub size: Size,
	/// The worst price, a multiple of the market's tick.
	pub price: Price,
	/// How long it may wait.
	pub time_in_force: TimeInForce<BlockNumber>,
	/// Whether it must rest.
	pub post_only: PostOnly,
	/// What becomes of it when it meets an order of the same owner.
	pub self_trade: SelfTrade,
	/// The client's own id for it.
	pub client: Option<ClientId>,
	/// What it is for.
	pub intent: Intent,
}

/// Which way mark must come to a trigger price.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum When {
	/// Mark rises to it, or above.
	AtOrAbove,
	/// Mark falls to it, or below.
	AtOrBelow,
}

/// An order that waits for mark: a stop, or a take-profit.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Conditional<BlockNumber> {
	/// Its id.
	pub id: OrderId,
	/// The mark price that it waits for.
	pub trigger: Price,
	/// Which way mark must come to it.
	pub when: When,
	/// What is placed then.
	pub order: NewOrder<BlockNumber>,
	/// The conditional order that is cancelled when this one fires, and the other way round.
	pub other: Option<OrderId>,
}

/// How the wait of a conditional order ended.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum ConditionalEnd {
	/// It fired, and its order was placed.
	Fired,
	/// It fired, and its order was refused.
	Refused(DispatchError),
	/// The one that it was paired with fired.
	OtherFired,
	/// Its owner cancelled it.
	Cancelled,
	/// Its market was settled.
	MarketSettled,
}

/// An order that rests on the book.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Order<BlockNumber> {
	/// Its id.
	pub id: OrderId,
	/// Its place in the queue of its price: the lowest comes first. It is the id until the order is amended in a
	/// way that loses priority.
	pub sequence: u64,
	/// The market.
	pub market: MarketId,
	/// `Long` buys, `Short` sells.
	pub side: Side,
	/// The price.
	pub price: Price,
	/// How much it is in all, with what is filled.
	pub size: Size,
	/// What is left of it.
	pub left: Size,
	/// The last block that may fill it; none: until it is cancelled.
	pub expires: Option<BlockNumber>,
	/// The client's own id for it.
	pub client: Option<ClientId>,
	/// What it is for.
	pub intent: Intent,
}

impl<BlockNumber> Order<BlockNumber> {
	/// Whether it answers to a name.
	pub fn is_named(&self, name: OrderName) -> bool {
		match name {
			OrderName::Id(id) => self.id == id,
			OrderName::Client(client) => self.client == Some(client),
		}
	}
}

/// Why what was left of an order is gone.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum CancelReason {
	/// Its owner cancelled it.
	Owner,
	/// Its last block has passed.
	Expired,
	/// Its owner was not heard of in time: his dead man's switch.
	SwitchFired,
	/// It was not filled at once, and must not rest.
	NotFilled,
	/// It has met as many orders as one call may.
	FillLimit,
	/// It met an order of the same owner.
	SelfTrade,
	/// Its account could not honour it when it was to be filled, or to rest.
	NotBacked,
	/// Mark has moved so far that its price is outside the band, against its owner.
	OutsideBand,
	/// There is nothing left that it could reduce.
	NothingToReduce,
	/// The market could take no more of it: see its open interest limit, status and price state.
	MarketRefused,
	/// Its market was settled.
	MarketSettled,
}
