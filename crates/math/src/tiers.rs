// SPDX-License-Identifier: Apache-2.0
//! Tiers: the larger a position, the higher its margin rates.
//!
//! A tier reaches up to a notional, its end included; the last one's is the most a position may have. The
//! rates of a tier are those of the *whole* position. Hyperliquid's apply to the part of it that lies in the
//! tier; here a level has one rate, and so has every unit of a position.
//!
//! Which tier a position is in is decided when its holder changes it and at no other time
//! ([`crate::kept_tiers::KeptTiers::next_tier`]): a price that moves, another table, or a reduction, never raises the
//! rate of what is held.

use alloc::vec::Vec;
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, EncodeLike, Input, MaxEncodedLen, Output};
use core::fmt;
use keel_primitives::{Quote, Ratio};
use scale_info::{Type, TypeInfo};

/// The most tiers the table of a market may have.
pub const TIERS_MAX: usize = 4;

/// One tier.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(
	feature = "serde",
	derive(serde::Serialize, serde::Deserialize),
	serde(rename_all = "camelCase", deny_unknown_fields)
)]
pub struct Tier {
	/// The largest notional in it, in 1e-6 dollars; of the last tier the most a position may have.
	pub up_to: Quote,
	/// Margin that opening takes, as a share of notional, before anything else raises it.
	pub initial: Ratio,
	/// Margin under which an account is liquidated, as a share of notional.
	pub maintenance: Ratio,
}

/// The number of a tier among those that a market keeps ([`crate::kept_tiers`]). It stays with the tier while anybody has a
/// position in it.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TierIndex(pub u8);

impl TierIndex {
	/// The number 0. In a market whose table has never been replaced that is the tier of the smallest positions.
	pub const FIRST: Self = Self(0);
}

/// Why tiers are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TiersError {
	/// There is none.
	Empty,
	/// There are more than [`TIERS_MAX`].
	TooMany,
	/// A tier does not reach further than the one before it, or the first not above zero.
	ReachNotRising,
	/// Not `initial > maintenance > 0`.
	RatesOutOfOrder,
	/// A rate is above 100 %.
	RateAboveWhole,
	/// A rate is lower than that of the tier before.
	RatesFalling,
}

impl fmt::Display for TiersError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Empty => "no tier",
			Self::TooMany => "more than four tiers",
			Self::ReachNotRising => "a tier does not reach further than the one before it",
			Self::RatesOutOfOrder => "a tier without initial > maintenance > 0",
			Self::RateAboveWhole => "a rate above 100 %",
			Self::RatesFalling => "a rate lower than that of the tier before",
		})
	}
}

/// The tiers of a market, lowest first: at most [`TIERS_MAX`].
///
/// Encoded, described and written as a plain list. What is decoded or read has no more than
/// [`TIERS_MAX`]; that its numbers make sense is asked by [`Tiers::validate`], so that who sets nonsense
/// is told what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
	feature = "serde",
	derive(serde::Serialize, serde::Deserialize),
	serde(try_from = "Vec<Tier>", into = "Vec<Tier>")
)]
pub struct Tiers {
	/// The tiers; what is beyond `count` is the default.
	list: [Tier; TIERS_MAX],
	/// How many there are, at most [`TIERS_MAX`].
	count: usize,
}

/// A rate one step nearer to where it goes: `now` moved towards `to` by at most `step`.
///
/// Of two rates the larger stays the larger, if it goes to the larger.
///
/// Domain: any rates.
pub fn rate_towards(now: Ratio, to: Ratio, step: Ratio) -> Ratio {
	let (lowest, highest) = (now.0.saturating_sub(step.0), now.0.saturating_add(step.0));
	Ratio(to.0.clamp(lowest, highest))
}

impl Tiers {
	/// The tiers of `list`, not validated. Fails with [`TiersError::TooMany`].
	///
	/// Domain: any list.
	pub fn of(list: &[Tier]) -> Result<Self, TiersError> {
		if list.len() > TIERS_MAX {
			return Err(TiersError::TooMany);
		}
		let mut tiers = Self { list: [Tier::default(); TIERS_MAX], count: list.len() };
		for (to, from) in tiers.list.iter_mut().zip(list) {
			*to = *from;
		}
		Ok(tiers)
	}

	/// The tiers, lowest first.
	pub fn as_slice(&self) -> &[Tier] {
		self.list.get(..self.count).unwrap_or_default()
	}

	/// The tier of the smallest positions; without rates when there is none.
	pub fn first(&self) -> Tier {
		self.as_slice().first().copied().unwrap_or_default()
	}

	/// The tier of the largest positions; without rates when there is none.
	pub fn last(&self) -> Tier {
		self.as_slice().last().copied().unwrap_or_default()
	}

	/// Whether they keep every relation: at least one; `0 < up_to`, strictly rising;
	/// `100 % >= initial > maintenance > 0` in each; no rate falls from a tier to the next.
	pub fn validate(&self) -> Result<(), TiersError> {
		if self.as_slice().is_empty() {
			return Err(TiersError::Empty);
		}
		let mut below = Tier::default();
		for tier in self.as_slice() {
			if tier.up_to <= below.up_to {
				return Err(TiersError::ReachNotRising);
			}
			if tier.initial <= tier.maintenance || tier.maintenance.is_zero() {
				return Err(TiersError::RatesOutOfOrder);
			}
			if tier.initial > Ratio::ONE {
				return Err(TiersError::RateAboveWhole);
			}
			if tier.initial < below.initial || tier.maintenance < below.maintenance {
				return Err(TiersError::RatesFalling);
			}
			below = *tier;
		}
		Ok(())
	}

	/// The tier of a position of `notional` (1e-6 dollars): the first that reaches so far, its end
	/// included. `None` beyond the last: no position may be that large.
	///
	/// Exact. A negative notional counts as none.
	///
	/// Domain: any notional.
	pub fn tier_of(&self, notional: Quote) -> Option<&Tier> {
		self.as_slice().iter().find(|tier| notional <= tier.up_to)
	}
}

impl TryFrom<Vec<Tier>> for Tiers {
	type Error = TiersError;

	fn try_from(list: Vec<Tier>) -> Result<Self, TiersError> {
		Self::of(&list)
	}
}

impl From<Tiers> for Vec<Tier> {
	fn from(tiers: Tiers) -> Self {
		tiers.as_slice().to_vec()
	}
}

impl Encode for Tiers {
	fn size_hint(&self) -> usize {
		self.as_slice().size_hint()
	}

	fn encode_to<O: Output + ?Sized>(&self, to: &mut O) {
		self.as_slice().encode_to(to);
	}
}

impl EncodeLike for Tiers {}

impl Decode for Tiers {
	fn decode<I: Input>(input: &mut I) -> Result<Self, codec::Error> {
		let count = usize::try_from(Compact::<u32>::decode(input)?.0).unwrap_or(usize::MAX);
		if count > TIERS_MAX {
			return Err("more than four tiers".into());
		}
		let mut tiers = Self { list: [Tier::default(); TIERS_MAX], count };
		for tier in tiers.list.iter_mut().take(count) {
			*tier = Tier::decode(input)?;
		}
		Ok(tiers)
	}
}

/// Nothing is kept on the heap.
impl DecodeWithMemTracking for Tiers {}

impl MaxEncodedLen for Tiers {
	fn max_encoded_len() -> usize {
		// A count below 64 takes a byte.
		Tier::max_encoded_len().saturating_mul(TIERS_MAX).saturating_add(1)
	}
}

impl TypeInfo for Tiers {
	type Identity = [Tier];

	fn type_info() -> Type {
		<[Tier]>::type_info()
	}
}
