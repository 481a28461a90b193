// SPDX-License-Identifier: Apache-2.0
//! What a scenario of the order book can say.

use super::chain::{AccountId, Purse, BTC, ETH, SOL};
use crate::{ConditionalEnd, FeeSchedule, PostOnly, SelfTrade, When};
use keel_margin::MarketParams;
use keel_primitives::*;

pub type Who = MarginAccount<AccountId>;

pub const MARKETS: [(&str, MarketId); 3] = [("BTC", BTC), ("ETH", ETH), ("SOL", SOL)];
pub const PEOPLE: [(&str, AccountId); 6] =
	[("alice", 1), ("bob", 2), ("carol", 3), ("dave", 4), ("erin", 5), ("ferdie", 6)];
pub const PURSES: [(&str, Purse); 3] =
	[("fund", Purse::Fund), ("backstop", Purse::Backstop), ("treasury", Purse::Treasury)];

/// A line of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Statement {
	/// Something that happens, and must not be refused.
	Act(Act),
	/// A call that is refused with exactly this error, and changes nothing.
	Refused(String, Act),
	/// Something that is so.
	Expect(Expectation),
}

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
	// By people.
	Deposit(Who, Quote),
	Withdraw(Who, Quote),
	Leverage(Who, Option<u32>),
	Place(Who, Wanted),
	Amend {
		who: Who,
		order: Named,
		size: Option<Size>,
		price: Option<Price>,
		post_only: PostOnly,
	},
	Cancel(Who, Named),
	CancelAll(Who, Option<MarketId>),
	/// A dead man's switch, so many blocks away.
	Alive(Who, Option<u64>),
	// By governance.
	Fees(FeeSchedule),
	/// Whether a market has an auction in every block.
	Mode(MarketId, bool),
	Set(MarketId, Vec<Change>),
	/// A dead market is settled at this price.
	Settle(MarketId, Price),
	// By the world.
	Price(MarketId, Price, PriceState),
	Status(MarketId, MarketStatus),
	Blocks {
		count: u64,
		milliseconds: u64,
	},
	// By the house.
	/// Somebody is paid for a loss that nobody bore.
	Owes(MarketId, Quote, Who),
	Share(Share),
}

impl Act {
	/// Whether it is a call, which can be refused.
	pub const fn is_call(&self) -> bool {
		!matches!(
			self,
			Self::Price(..) | Self::Status(..) | Self::Blocks { .. } | Self::Owes(..) | Self::Share(_)
		)
	}
}

/// An order as somebody wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
	/// None is a reduction by the call of its own, whose side follows from the position.
	pub side: Option<Side>,
	pub size: Size,
	pub market: MarketId,
	pub price: Price,
	pub lasts: Lasts,
	pub post_only: PostOnly,
	pub self_trade: SelfTrade,
	pub client: Option<u64>,
	/// What it waits for.
	pub trigger: Option<(When, Price)>,
	/// Whether an order that waits only reduces.
	pub reducing: bool,
	/// The order that waits and goes when this one fires.
	pub pair: Option<String>,
	/// What the scenario calls it.
	pub name: Option<String>,
}

/// How long an order lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
	TillCancelled,
	/// This block, and so many more.
	Blocks(u64),
	Immediate,
	WholeOrNothing,
}

/// Which order is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
	/// By the name that the scenario has given it.
	As(String),
	/// By the id that the client has given it.
	Client(u64),
}

/// How much of its work the hook does in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
	Everything,
	Expiries(u64),
	Price,
}

/// A change of the rules of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
	Band(Ratio),
	Tick(Price),
	Lot(Size),
	MaxOpenInterest(Size),
	MinPosition(Quote),
	Isolated(bool),
}

impl Change {
	pub fn apply(self, params: &mut MarketParams) {
		match self {
			Self::Band(band) => params.band = band,
			Self::Tick(tick) => params.tick = tick,
			Self::Lot(lot) => params.lot = lot,
			Self::MaxOpenInterest(size) => params.max_open_interest = size,
			Self::MinPosition(least) => params.min_position = least,
			Self::Isolated(isolated) => params.isolated = isolated,
		}
	}
}

/// A size and a price.
pub type Level = (Size, Price);

/// What is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
	/// The bids or asks of a market by price, the best first; all of them.
	Levels(Side, MarketId, Vec<Level>),
	/// What was filled in the last act, one after the other.
	Fills(Vec<Level>),
	/// What an auction would do now.
	Indication(MarketId, Option<Level>),
	Impact(MarketId, Option<Price>),
	/// Fees of a market that are not shared yet.
	Pot(MarketId, Quote),
	Given(Purse, Quote),
	/// What a market owes.
	Debt(MarketId, Quote),
	Account(Who, OfAccount),
	Order(String, OfOrder),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfAccount {
	Position(MarketId, Option<(Side, Size)>),
	Cash(Quote),
	Equity(Quote),
	Free(Quote),
	Reserved(Quote),
	/// Fees less rebates in the last act.
	Paid(Quote),
	Volume(Quote),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfOrder {
	/// What is left of it on the book.
	Left(Option<Size>),
	At(Price),
	/// Why it was cancelled in the last act.
	Cancelled(String),
	/// It waits for mark.
	Waits,
	/// How its wait has ended in the last act.
	Ended(Ended),
}

/// How the wait of a conditional order has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
	Fired,
	/// With this error.
	Refused(String),
	OtherFired,
	Cancelled,
	MarketSettled,
}

impl Ended {
	pub fn of(end: ConditionalEnd, name: impl Fn(sp_runtime::DispatchError) -> String) -> Self {
		match end {
			ConditionalEnd::Fired => Self::Fired,
			ConditionalEnd::Refused(error) => Self::Refused(name(error)),
			ConditionalEnd::OtherFired => Self::OtherFired,
			ConditionalEnd::Cancelled => Self::Cancelled,
			ConditionalEnd::MarketSettled => Self::MarketSettled,
		}
	}
}
