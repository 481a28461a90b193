// SPDX-License-Identifier: Apache-2.0
//! Where a market stands, for each cause apart. Pure: knows blocks only as numbers.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use keel_math::budget::Budget;
use keel_primitives::{Action, FeedId, MarketStatus, PriceState};
use scale_info::TypeInfo;
use sp_runtime::traits::AtLeast32BitUnsigned;

/// The number of an incident. Numbers are given in order and never reused.
pub type IncidentId = u64;

/// The incidents of a cause that may go on.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Named {
	/// The one that is open.
	pub open: Option<IncidentId>,
	/// The last one that was closed.
	pub last: Option<IncidentId>,
}

impl Named {
	/// This one is open now.
	pub fn opened(&mut self, incident: IncidentId) {
		*self = Self { open: Some(incident), last: None };
	}

	/// It is over. Returns its number.
	pub fn over(&mut self) -> Option<IncidentId> {
		let over = self.open.take();
		self.last = over.or(self.last);
		over
	}
}

/// What the breaker knows of a market. Each cause has a place of its own, so that the end of one never
/// lifts what another demands.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Market<BlockNumber> {
	/// The feed that prices it.
	pub feed: FeedId,
	/// Where it stands: the strictest of what the causes demand.
	pub status: MarketStatus,
	/// What the guardians demand.
	pub guardian: Order<BlockNumber>,
	/// What the price demands.
	pub price: Latch,
	/// What its losses demand.
	pub losses: Hold,
	/// What the guardians have used of their budget.
	pub budget: Budget,
	/// What a vote to settle it demands.
	pub vote: Vote,
}

/// What a vote demands: a market that is dead is settled, until it is listed again.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Vote {
	/// What it demands.
	pub status: MarketStatus,
	/// Its incident.
	pub incident: Named,
}

impl<BlockNumber> Market<BlockNumber> {
	/// The strictest of what the causes demand.
	pub fn strictest(&self) -> MarketStatus {
		self.guardian
			.status
			.stricter(self.price.status)
			.stricter(self.vote.status)
			.stricter(self.losses.status)
	}

	/// Move the market to where its causes want it. Returns where it stood, and where it stands.
	pub fn settle(&mut self) -> (MarketStatus, MarketStatus) {
		let from = self.status;
		self.status = self.strictest();
		(from, self.status)
	}
}

/// What the guardians demand: it ends by itself.
///
/// The two rungs expire apart, so that a short halt within a long guard does not shorten the guard.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Order<BlockNumber> {
	/// What they demand in this block.
	pub status: MarketStatus,
	/// The market is guarded before this block.
	pub guarded_until: BlockNumber,
	/// The market is halted before this block.
	pub halted_until: BlockNumber,
	/// Its incident.
	pub incident: Named,
}

impl<BlockNumber: AtLeast32BitUnsigned + Copy> Order<BlockNumber> {
	/// What is demanded in block `now`.
	pub fn at(&self, now: BlockNumber) -> MarketStatus {
		if now < self.halted_until {
			MarketStatus::Halted
		} else if now < self.guarded_until {
			MarketStatus::Guarded
		} else {
			MarketStatus::Open
		}
	}

	/// The block in which all of it is over.
	pub fn until(&self) -> BlockNumber {
		self.guarded_until.max(self.halted_until)
	}

	/// Whether guarding until `until` demands more than now.
	pub fn would_guard_longer(&self, until: BlockNumber) -> bool {
		until > self.until()
	}

	/// Whether halting until `until` demands more than now.
	pub fn would_halt_longer(&self, until: BlockNumber) -> bool {
		until > self.halted_until
	}
}

/// What losses demand: it holds until people end it.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Hold {
	/// What is demanded: halted, or nothing.
	pub status: MarketStatus,
	/// Its incident.
	pub incident: Named,
}

/// What the price demands: it trips at once, and lets go only after several good prices.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Latch {
	/// What it demands.
	pub status: MarketStatus,
	/// How many prices in a row would have demanded less.
	pub calm: u32,
	/// The most that those would have demanded.
	pub calm_demand: MarketStatus,
	/// Its incident.
	pub incident: Named,
}

impl Latch {
	/// Take note of a block whose price demands `demand`. Only a price for which a quorum has reported anew counts
	/// towards letting go: `renewed`. After `recovery` of them the latch falls to the most they demanded.
	pub fn note(&mut self, demand: MarketStatus, renewed: bool, recovery: u32) {
		if demand >= self.status {
			(self.status, self.calm, self.calm_demand) = (demand, 0, MarketStatus::Open);
			return;
		}
		self.calm_demand = self.calm_demand.stricter(demand);
		self.calm = self.calm.saturating_add(u32::from(renewed));
		if self.calm >= recovery {
			(self.status, self.calm, self.calm_demand) = (self.calm_demand, 0, MarketStatus::Open);
		}
	}
}

/// What a price in `state` demands of its market. It follows from what such a price may be used for.
pub const fn demand_of(state: PriceState) -> MarketStatus {
	if !state.allows(Action::Liquidate) {
		MarketStatus::Halted
	} else if !state.allows(Action::Open) {
		MarketStatus::Guarded
	} else {
		MarketStatus::Open
	}
}
