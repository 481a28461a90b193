// SPDX-License-Identifier: Apache-2.0
//! What a scenario can say.

use crate::{
	mock::{AccountId, BTC, ETH},
	MarketParams,
};
use keel_math::{FundingRate, Level};
use keel_primitives::*;
use keel_traits::Place;

pub type Who = MarginAccount<AccountId>;

pub const MARKETS: [(&str, MarketId); 2] = [("BTC", BTC), ("ETH", ETH)];
pub const PEOPLE: [(&str, AccountId); 6] =
	[("alice", 1), ("bob", 2), ("carol", 3), ("dave", 4), ("erin", 5), ("ferdie", 6)];
pub const STATUSES: [(&str, MarketStatus); 5] = [
	("open", MarketStatus::Open),
	("guarded", MarketStatus::Guarded),
	("auction", MarketStatus::Auction),
	("halted", MarketStatus::Halted),
	("settling", MarketStatus::Settling),
];
pub const STATES: [(&str, PriceState); 5] = [
	("valid", PriceState::Valid),
	("uncertain", PriceState::Uncertain),
	("volatile", PriceState::Volatile),
	("stale", PriceState::Stale),
	("missing", PriceState::Missing),
];
pub const SIDES: [(&str, Side); 2] = [("long", Side::Long), ("short", Side::Short)];
pub const PLACES: [(&str, Place); 3] =
	[("idle", Place::Idle), ("filed", Place::Filed), ("queued", Place::Queued)];

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
	Transfer(Who, Quote, SubAccount),
	Donate(AccountId, Quote),
	Offer(Terms),
	/// Without a number it is the last offer.
	Accept {
		taker: Who,
		reducing: bool,
		offer: Option<u64>,
	},
	Cancel(AccountId),
	Trade(Terms, Who),
	// By governance.
	Set(MarketId, Vec<(Parameter, i128)>),
	Lift(MarketId),
	// By the world.
	Price {
		market: MarketId,
		price: Price,
		state: PriceState,
		slow: Price,
		volatility: Volatility,
	},
	Status(MarketId, MarketStatus),
	Blocks {
		count: u64,
		seconds: u64,
	},
	// By the house.
	Deleverage(Who, Size, MarketId),
	Release(Who),
	Waiting(MarketId, Option<Side>),
	JudgeAtMost(Option<u64>),
	Miscount(Option<MarketId>, Quote),
}

impl Act {
	/// Whether it is a call, which can be refused.
	pub const fn is_call(&self) -> bool {
		matches!(
			self,
			Self::Deposit(..)
				| Self::Withdraw(..)
				| Self::Transfer(..)
				| Self::Offer(..)
				| Self::Accept { .. }
				| Self::Cancel(..)
				| Self::Trade(..)
				| Self::Set(..)
				| Self::Lift(..)
		)
	}
}

/// What is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
	pub maker: Who,
	/// What the maker does; none is a reduction, whose side follows from the position.
	pub side: Option<Side>,
	pub size: Size,
	pub market: MarketId,
	pub price: Price,
}

/// A rule of a market.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
	InitialRate,
	MaintenanceRate,
	WithdrawalRate,
	ProfitCredit,
	Band,
	LargestMove,
	WorstFee,
	FundingRate,
	FundingCap,
	MinPosition,
	MaxOpenInterest,
}

pub const PARAMETERS: [(&str, Parameter); 11] = [
	("initial-rate", Parameter::InitialRate),
	("maintenance-rate", Parameter::MaintenanceRate),
	("withdrawal-rate", Parameter::WithdrawalRate),
	("profit-credit", Parameter::ProfitCredit),
	("band", Parameter::Band),
	("largest-move", Parameter::LargestMove),
	("worst-fee", Parameter::WorstFee),
	("funding-rate", Parameter::FundingRate),
	("funding-cap", Parameter::FundingCap),
	("min-position", Parameter::MinPosition),
	("max-open-interest", Parameter::MaxOpenInterest),
];

impl Parameter {
	/// Put `value`, which the parser has found in range, in its place.
	pub fn set(self, params: &mut MarketParams, value: i128) {
		let ratio = || Ratio(u64::try_from(value).expect("a ratio is not negative"));
		match self {
			Self::InitialRate => params.initial_rate = ratio(),
			Self::MaintenanceRate => params.maintenance_rate = ratio(),
			Self::WithdrawalRate => params.withdrawal_rate = ratio(),
			Self::ProfitCredit => params.profit_credit = ratio(),
			Self::Band => params.band = ratio(),
			Self::LargestMove => params.largest_move = ratio(),
			Self::WorstFee => params.worst_fee = ratio(),
			Self::FundingCap => params.funding_cap = ratio(),
			Self::FundingRate => params.funding_rate = FundingRate(i64::try_from(value).expect("a rate")),
			Self::MinPosition => params.min_position = Quote(value),
			Self::MaxOpenInterest => {
				params.max_open_interest = Size(u128::try_from(value).expect("a size is not negative"))
			}
		}
	}
}

/// What is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
	Account(Who, OfAccount),
	Market(MarketId, OfMarket),
	/// Figures of custody: what is counted, claimed and held.
	Custody(Quote),
	Claims(Quote),
	Held(Quote),
	/// Whose margin call was made by the last act; all of them, in order.
	MarginCalls(Vec<Who>),
	/// Whether the last act has written any key of the trigger book.
	KeysWritten(bool),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfAccount {
	Figure(Figure, Quote),
	Position(MarketId, Side, Size),
	NoPosition(MarketId),
	Claim(MarketId),
	Place(Place),
	Judged(Judged),
	/// The health held back for a margin call.
	Warning(Option<Quote>),
	Key(MarketId, Level),
}

/// Where equity and health are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
	Healthy,
	Unhealthy,
	Bankrupt,
}

pub const JUDGED: [(&str, Judged); 3] =
	[("healthy", Judged::Healthy), ("unhealthy", Judged::Unhealthy), ("bankrupt", Judged::Bankrupt)];

/// An amount of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
	Cash,
	Equity,
	Health,
	Requirement,
	Initial,
	Free,
	Leaving,
	Balance,
	Corner,
}

pub const FIGURES: [(&str, Figure); 9] = [
	("cash", Figure::Cash),
	("equity", Figure::Equity),
	("health", Figure::Health),
	("requirement", Figure::Requirement),
	("initial", Figure::Initial),
	("free", Figure::Free),
	("leaving", Figure::Leaving),
	("balance", Figure::Balance),
	("corner", Figure::Corner),
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfMarket {
	Mark(Price),
	OpenInterest(Size),
	/// Stored units of a side.
	Units(Side, i128),
	/// `F` of a side: funding received by a unit since the side was last empty.
	Funding(Side, Level),
	/// The house's dollars and size, with 36 decimals.
	Dust(i128),
	Sink(i128),
	Quarantined(bool),
	/// How many keys are filed on a side, and how many generations of it are not settled.
	Keys(Side, u64),
	Ended(Side, u64),
}
