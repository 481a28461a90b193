// SPDX-License-Identifier: Apache-2.0
//! What is done in an emergency, and how many of which body it takes.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use keel_primitives::MarketId;
use scale_info::TypeInfo;

/// The name of a pallet or of a call.
pub type Name = BoundedVec<u8, ConstU32<64>>;

/// A call by its names.
#[derive(
	Clone,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct CallName {
	/// The name of its pallet.
	pub pallet: Name,
	/// Its own.
	pub call: Name,
}

impl CallName {
	/// Both, as pallets that pause calls want them.
	pub fn names(&self) -> (Name, Name) {
		(self.pallet.clone(), self.call.clone())
	}
}

/// A body.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Body {
	/// Decides what is no emergency.
	Council,
	/// Judges code, and lets things go on.
	TechnicalCommittee,
	/// Stops things.
	SecurityCouncil,
}

impl Body {
	/// All that have a say in an emergency.
	pub const ALL: [Self; 3] = [Self::Council, Self::TechnicalCommittee, Self::SecurityCouncil];
}

/// At least `of.0` of each `of.1` seats of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
	/// The body.
	pub body: Body,
	/// The part of its seats, as a fraction.
	pub of: (u32, u32),
}

/// A right that is used up when it is used, until half of the Council gives it back.
#[derive(
	Clone,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Power<AccountId> {
	/// To enter safe mode.
	SafeMode,
	/// To pause a call.
	Pause(CallName),
	/// To halt a market alone: a member's own.
	Alone(AccountId),
}

/// What is done in an emergency.
#[derive(
	Clone,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Act<AccountId> {
	/// Positions in a market may only shrink, for a number of blocks. Half of the Security Council.
	GuardMarket {
		/// The market.
		market: MarketId,
		/// For how many blocks.
		blocks: u32,
	},
	/// Nothing trades in a market and nothing is liquidated, for a number of blocks. Half of the Security Council.
	HaltMarket {
		/// The market.
		market: MarketId,
		/// For how many blocks.
		blocks: u32,
	},
	/// End what was ordered for a market. Two thirds of the Technical Committee or of the Council.
	ResumeMarket {
		/// The market.
		market: MarketId,
	},
	/// Shut the chain but for what makes it safer. Two thirds of the Security Council.
	EnterSafeMode,
	/// Keep it shut for longer. Two thirds of the Security Council and half of the Council.
	ExtendSafeMode,
	/// Open it again. Two thirds of the Technical Committee or of the Council.
	ExitSafeMode,
	/// Stop a call. Half of the Security Council.
	PauseCall {
		/// The call.
		call: CallName,
	},
	/// Keep it stopped for longer. Half of the Security Council and half of the Council.
	RenewPause {
		/// The call.
		call: CallName,
	},
	/// Let a call go on. Half of the Technical Committee or of the Council.
	ResumeCall {
		/// The call.
		call: CallName,
	},
	/// Take a change out of its timelock, once. Two thirds of the Security Council.
	CancelChange {
		/// Its referendum.
		referendum: u32,
	},
	/// Give back a right that was used. Half of the Council.
	Rearm {
		/// The right.
		power: Power<AccountId>,
	},
}

/// Half of a body.
const fn half(body: Body) -> Share {
	Share { body, of: (1, 2) }
}

/// Two thirds of a body.
const fn two_thirds(body: Body) -> Share {
	Share { body, of: (2, 3) }
}

impl<AccountId> Act<AccountId> {
	/// What it takes: all shares of any of these.
	pub const fn needs(&self) -> &'static [&'static [Share]] {
		use Body::{Council, SecurityCouncil, TechnicalCommittee};
		const STOP: &[&[Share]] = &[&[half(SecurityCouncil)]];
		const STOP_ALL: &[&[Share]] = &[&[two_thirds(SecurityCouncil)]];
		const EXTEND_ALL: &[&[Share]] = &[&[two_thirds(SecurityCouncil), half(Council)]];
		const EXTEND: &[&[Share]] = &[&[half(SecurityCouncil), half(Council)]];
		const OPEN_ALL: &[&[Share]] = &[&[two_thirds(TechnicalCommittee)], &[two_thirds(Council)]];
		const OPEN: &[&[Share]] = &[&[half(TechnicalCommittee)], &[half(Council)]];
		const REARM: &[&[Share]] = &[&[half(Council)]];
		match self {
			Self::GuardMarket { .. } | Self::HaltMarket { .. } | Self::PauseCall { .. } => STOP,
			Self::EnterSafeMode | Self::CancelChange { .. } => STOP_ALL,
			Self::ExtendSafeMode => EXTEND_ALL,
			Self::RenewPause { .. } => EXTEND,
			Self::ResumeMarket { .. } | Self::ExitSafeMode => OPEN_ALL,
			Self::ResumeCall { .. } => OPEN,
			Self::Rearm { .. } => REARM,
		}
	}

	/// Whether it lets something go on that was stopped.
	pub const fn resumes(&self) -> bool {
		matches!(self, Self::ResumeMarket { .. } | Self::ExitSafeMode | Self::ResumeCall { .. })
	}

	/// The market that it stops or lets go on: whoever has a position there has no say.
	pub const fn market(&self) -> Option<MarketId> {
		match self {
			Self::GuardMarket { market, .. }
			| Self::HaltMarket { market, .. }
			| Self::ResumeMarket { market } => Some(*market),
			_ => None,
		}
	}

	/// The bodies that have a say in it.
	pub fn bodies(&self) -> impl Iterator<Item = Body> + '_ {
		self.needs().iter().flat_map(|shares| shares.iter()).map(|share| share.body)
	}
}
