// SPDX-License-Identifier: Apache-2.0
//! What a scenario can say.

use crate::{
	mock::{tiers, AccountId, BTC, ETH},
	MarketParams,
};
use keel_math::{FundingRate, Level, Tiers};
use keel_primitives::*;
use keel_traits::Place;

pub type Who = MarginAccount<AccountId>;

/// The third one is there once it is listed.
pub const MARKETS: [(&str, MarketId); 3] = [("BTC", BTC), ("ETH", ETH), ("SOL", MarketId(2))];
pub const PEOPLE: [(&str, AccountId); 6] =
	[("alice", 1), ("bob", 2), ("carol", 3), ("dave", 4), ("erin", 5), ("ferdie", 6)];
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
	Leverage(Who, Option<u32>),
	// By governance.
	Set(MarketId, Vec<Change>),
	List(MarketId, Vec<Change>),
	Lift(MarketId),
	// By the world.
	Price {
		market: MarketId,
		price: Price,
		/// Whether the round before said what is known now; else it said the same.
		once: bool,
		state: PriceState,
		slow: Price,
		volatility: Volatility,
	},
	/// At once, without a new price.
	Volatility(MarketId, Volatility),
	/// What the order book would pay; none when it says nothing.
	Impact(MarketId, Option<Price>),
	Status(MarketId, MarketStatus),
	/// Whether prices land.
	Landing(bool),
	/// Prices land of late reports alone.
	Late,
	/// Whether the chain is in safe mode.
	SafeMode(bool),
	Blocks {
		count: u64,
		seconds: u64,
	},
	// By the house.
	Deleverage(Who, Size, MarketId),
	Release(Who),
	Waiting(MarketId, Option<Side>),
	JudgeAtMost(Option<u64>),
	/// What who is filed again after a key has fired pays for it.
	RefilingFee(Quote),
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
				| Self::Leverage(..)
				| Self::Set(..)
				| Self::List(..)
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

/// A change of the rules of a market.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
	Tiers(Tiers),
	/// Whether positions are alone.
	Isolated(bool),
	/// A number in the unit of the parameter.
	Number(Parameter, i128),
}

impl Change {
	pub fn apply(&self, params: &mut MarketParams) {
		match self {
			Self::Tiers(tiers) => params.tiers = *tiers,
			Self::Isolated(isolated) => params.isolated = *isolated,
			Self::Number(parameter, value) => parameter.set(params, *value),
		}
	}
}

/// A rule of a market that is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
	/// Of one tier for positions of any size, which takes the place of what tiers there are.
	InitialRate,
	MaintenanceRate,
	SoftCap,
	HardCap,
	FreeNotional,
	VolatilityMultiplier,
	WithdrawalRate,
	OpeningCredit,
	WithdrawalCredit,
	Band,
	LargestMove,
	WorstFee,
	Interest,
	Damper,
	FundingMultiple,
	Lot,
	Tick,
	MaxOpenInterest,
	MinPosition,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
	Dollars,
	Size,
	Price,
	/// Not negative.
	Rate,
	/// With a sign.
	SignedRate,
}

pub const PARAMETERS: [(&str, (Parameter, Unit)); 19] = [
	("initial-rate", (Parameter::InitialRate, Unit::Rate)),
	("maintenance-rate", (Parameter::MaintenanceRate, Unit::Rate)),
	("soft-cap", (Parameter::SoftCap, Unit::Dollars)),
	("hard-cap", (Parameter::HardCap, Unit::Dollars)),
	("free-notional", (Parameter::FreeNotional, Unit::Dollars)),
	("volatility-multiplier", (Parameter::VolatilityMultiplier, Unit::Rate)),
	("withdrawal-rate", (Parameter::WithdrawalRate, Unit::Rate)),
	("opening-credit", (Parameter::OpeningCredit, Unit::Rate)),
	("withdrawal-credit", (Parameter::WithdrawalCredit, Unit::Rate)),
	("band", (Parameter::Band, Unit::Rate)),
	("largest-move", (Parameter::LargestMove, Unit::Rate)),
	("worst-fee", (Parameter::WorstFee, Unit::Rate)),
	("interest", (Parameter::Interest, Unit::SignedRate)),
	("damper", (Parameter::Damper, Unit::Rate)),
	("funding-multiple", (Parameter::FundingMultiple, Unit::Rate)),
	("lot", (Parameter::Lot, Unit::Size)),
	("tick", (Parameter::Tick, Unit::Price)),
	("max-open-interest", (Parameter::MaxOpenInterest, Unit::Size)),
	("min-position", (Parameter::MinPosition, Unit::Dollars)),
];

impl Parameter {
	/// Put `value`, which the parser has found in range, in its place.
	pub fn set(self, params: &mut MarketParams, value: i128) {
		let ratio = || Ratio(u64::try_from(value).expect("a ratio is not negative"));
		let quantity = || u128::try_from(value).expect("a quantity is not negative");
		let first = params.tiers.first();
		match self {
			Self::InitialRate => params.tiers = tiers(ratio(), first.maintenance),
			Self::MaintenanceRate => params.tiers = tiers(first.initial, ratio()),
			Self::SoftCap => params.initial.soft_cap = Quote(value),
			Self::HardCap => params.initial.hard_cap = Quote(value),
			Self::FreeNotional => params.initial.free_notional = Quote(value),
			Self::VolatilityMultiplier => params.initial.volatility_multiplier = ratio(),
			Self::WithdrawalRate => params.withdrawal_rate = ratio(),
			Self::OpeningCredit => params.opening_credit = ratio(),
			Self::WithdrawalCredit => params.withdrawal_credit = ratio(),
			Self::Band => params.band = ratio(),
			Self::LargestMove => params.largest_move = ratio(),
			Self::WorstFee => params.worst_fee = ratio(),
			Self::Interest => params.interest = FundingRate(i64::try_from(value).expect("a rate")),
			Self::Damper => params.damper = ratio(),
			Self::FundingMultiple => params.funding_multiple = ratio(),
			Self::Lot => params.lot = Size(quantity()),
			Self::Tick => params.tick = Price(quantity()),
			Self::MaxOpenInterest => params.max_open_interest = Size(quantity()),
			Self::MinPosition => params.min_position = Quote(value),
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
	/// The margin tier of a position, the first is 0.
	Tier(MarketId, u64),
	Leverage(Option<u32>),
	Liquidation(MarketId, Liquidation),
}

/// The prices at which a position is liquidated; none where no price does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liquidation {
	/// When all other markets stand still.
	pub still: Option<Price>,
	/// When they move by their largest move, against the account and in its favour.
	pub band: Option<(Option<Price>, Option<Price>)>,
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
	/// What may be open on a side now, and the caps of open interest as they count now.
	OpenInterestLimit(Size),
	SoftCap(Quote),
	HardCap(Quote),
	/// What opening a small position takes now.
	InitialRate(u64),
	/// Per eight hours: what counts now, and what would if the premium stayed as it was in this hour.
	FundingRate(i128),
	NextFundingRate(i128),
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
