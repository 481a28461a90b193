// SPDX-License-Identifier: Apache-2.0
//! The tiers that a market keeps: those of its table, and retired ones in which somebody still has a position.
//!
//! A table of tiers ([`crate::tiers`]) may be replaced by another at any time. A position keeps the number of its tier,
//! so a number stays with a *reach*, not with a line of the table: a tier of the new table that reaches as far as one that
//! is kept *continues* it, and its maintenance rate moves to the new one by steps. One with another reach takes a number
//! that nobody has a position in. A tier that the table has no more is *retired*: its positions keep the rate of that
//! moment, until they grow, or touch a tier that asks less. Only what the table asks of the smallest positions they owe
//! too: its lowest rate is what the solvency envelope counts on.

use crate::tiers::{rate_towards, Tier, TierIndex, Tiers};
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, EncodeLike, Input, MaxEncodedLen, Output};
use keel_primitives::{Quote, Ratio};
use scale_info::{Type, TypeInfo};

/// The most tiers a market keeps, with those of its table: each is two ladders of the trigger book to look at in every
/// block.
pub const KEPT_TIERS_MAX: usize = 8;

/// A tier that a market keeps.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct KeptTier {
	/// The largest notional in it, in 1e-6 dollars. No two that are kept reach equally far.
	pub up_to: Quote,
	/// Its maintenance rate now.
	pub maintenance: Ratio,
	/// How many positions are in it, of all generations of both sides.
	pub positions: u32,
}

/// A tier with a new reach finds no number: positions are left in as many retired tiers as may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptTiersFull;

/// The tiers that a market keeps, by number: at most [`KEPT_TIERS_MAX`]. Encoded and described as a plain list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptTiers {
	/// The tiers; what is beyond `count` is the default.
	list: [KeptTier; KEPT_TIERS_MAX],
	/// How many there are, at most [`KEPT_TIERS_MAX`].
	count: usize,
}

impl KeptTiers {
	/// The tiers of a market in which nobody has a position.
	///
	/// Domain: any table; one that is in order has each of its tiers kept, under its place in the table.
	pub fn of(table: &Tiers) -> Self {
		let list = [KeptTier::default(); KEPT_TIERS_MAX];
		let mut kept = Self { list, count: table.as_slice().len().min(KEPT_TIERS_MAX) };
		for (to, Tier { up_to, maintenance, .. }) in kept.list.iter_mut().zip(table.as_slice()) {
			*to = KeptTier { up_to: *up_to, maintenance: *maintenance, positions: 0 };
		}
		kept
	}

	/// The tiers, by number.
	pub fn as_slice(&self) -> &[KeptTier] {
		self.list.get(..self.count).unwrap_or_default()
	}

	/// The tiers with their numbers.
	pub fn iter(&self) -> impl DoubleEndedIterator<Item = (TierIndex, &KeptTier)> + ExactSizeIterator {
		self.as_slice().iter().enumerate().map(|(index, tier)| (number(index), tier))
	}

	/// The tier of a number.
	///
	/// Domain: any number.
	pub fn get(&self, index: TierIndex) -> Option<&KeptTier> {
		self.as_slice().get(usize::from(index.0))
	}

	/// The tiers that a table has no more and positions are left in.
	///
	/// Domain: any table.
	pub fn retired<'a>(&'a self, table: &'a Tiers) -> impl Iterator<Item = (TierIndex, &'a KeptTier)> {
		self.iter().filter(move |(_, tier)| tier.positions > 0 && !has_reach(table, tier.up_to))
	}

	/// The number of the tier that reaches just so far.
	///
	/// Domain: any notional.
	pub fn index_of(&self, up_to: Quote) -> Option<TierIndex> {
		self.iter().find(|(_, tier)| tier.up_to == up_to).map(|(index, _)| index)
	}

	/// Replace the table.
	///
	/// ```text
	/// the reach of a tier that is kept, also of a retired one:  continues it, at its rate of now
	/// a new reach:  a number without positions, at the new rate
	/// where there are too few of these:  a retired tier that has just this rate, and reaches as far from now on:
	///   of several the one whose reach is nearest, and better one that reached less far than one that reached further
	/// ```
	///
	/// So nobody's rate changes by it. It fails, and changes nothing, when a new reach finds no number. A table without
	/// a new reach always has room; and so has any, once rates were moved: whoever is in a retired tier comes to the
	/// rate of a new one when the table has had his reach at that rate for long enough.
	///
	/// Domain: a table that is in order.
	pub fn set_table(&mut self, table: &Tiers) -> Result<(), KeptTiersFull> {
		let mut next = *self;
		let tiers = table.as_slice();
		let mut missing = tiers.iter().filter(|tier| self.index_of(tier.up_to).is_none()).count();
		for Tier { up_to, maintenance, .. } in tiers.iter().filter(|tier| self.index_of(tier.up_to).is_none())
		{
			let (up_to, maintenance) = (*up_to, *maintenance);
			let is_retired = |tier: &&mut KeptTier| !has_reach(table, tier.up_to);
			let free = next.as_slice().iter().filter(|tier| is_free(table, tier)).count();
			let free = free.saturating_add(KEPT_TIERS_MAX.saturating_sub(next.count));
			let of_rate = |tier: &&mut KeptTier| {
				is_retired(tier) && tier.positions > 0 && tier.maintenance == maintenance
			};
			let distance = |tier: &&mut KeptTier| (tier.up_to > up_to, tier.up_to.0.abs_diff(up_to.0));
			let same = if free < missing {
				next.slice_mut().iter_mut().filter(of_rate).min_by_key(distance)
			} else {
				None
			};
			missing = missing.saturating_sub(1);
			if let Some(same) = same {
				same.up_to = up_to;
				continue;
			}
			let new = KeptTier { up_to, maintenance, positions: 0 };
			if let Some(unused) = next.slice_mut().iter_mut().find(|tier| is_free(table, tier)) {
				*unused = new;
				continue;
			}
			*next.list.get_mut(next.count).ok_or(KeptTiersFull)? = new;
			next.count = next.count.saturating_add(1);
		}
		next.trim(table);
		*self = next;
		Ok(())
	}

	/// Let maintenance rates move to where they go by at most `step` each, at once in a tier without positions.
	///
	/// A tier of the table goes to the rate of the table. A retired one stays, or goes to the lowest of the table where it
	/// is below that.
	///
	/// Domain: any table, any step.
	pub fn move_maintenance(&mut self, table: &Tiers, step: Ratio) {
		for tier in self.slice_mut() {
			let to = target(table, tier);
			tier.maintenance =
				if tier.positions == 0 { to } else { rate_towards(tier.maintenance, to, step) };
		}
	}

	/// Whether every rate is where it goes.
	///
	/// Domain: any table.
	pub fn is_at_rest(&self, table: &Tiers) -> bool {
		self.as_slice().iter().all(|tier| tier.maintenance == target(table, tier))
	}

	/// The maintenance rate of a tier now; of one that is not kept the highest.
	///
	/// Domain: any number.
	pub fn maintenance(&self, index: TierIndex) -> Ratio {
		self.get(index).map_or_else(|| self.highest(), |tier| tier.maintenance)
	}

	/// What the maintenance rate of a tier moves to. `None`: it is not kept.
	///
	/// Domain: any number.
	pub fn maintenance_target(&self, table: &Tiers, index: TierIndex) -> Option<Ratio> {
		self.get(index).map(|tier| target(table, tier))
	}

	/// The initial rate of a tier: of a retired one that which the table has for positions as large as its reach, or its
	/// largest. Never below the maintenance rate of now.
	///
	/// Domain: any number; one that is not kept counts as the largest.
	pub fn initial(&self, table: &Tiers, index: TierIndex) -> Ratio {
		let of_table = self.get(index).and_then(|tier| table.tier_of(tier.up_to)).copied();
		of_table.unwrap_or(table.last()).initial.max(self.maintenance(index))
	}

	/// The lowest maintenance rate that anybody has, or would get, now.
	///
	/// Domain: any table.
	pub fn lowest(&self, table: &Tiers) -> Ratio {
		let in_use = self.as_slice().iter().filter(|tier| !is_free(table, tier));
		in_use.map(|tier| tier.maintenance).min().unwrap_or_default()
	}

	/// The highest maintenance rate of all that are kept.
	pub fn highest(&self) -> Ratio {
		self.as_slice().iter().map(|tier| tier.maintenance).max().unwrap_or_default()
	}

	/// The tier of a position after it was touched, given the tier it was `held` in, its notional afterwards (1e-6
	/// dollars), and whether its size `increased`.
	///
	/// ```text
	/// increased:      the tier of the table for that notional
	/// anything else:  the same, if that asks no more; else the one held
	/// ```
	///
	/// A tier asks no more where none of its rates is higher than the other's, now, at the end of their way, or for
	/// opening; and where it reaches further, it must ask less now. So a touch that does not increase a position never
	/// raises its rate, whatever the price has done and the table has become. `None`: larger than a position may be;
	/// never when it did not increase.
	///
	/// Domain: a table whose tiers are all kept, and `held` is a number that is kept.
	pub fn next_tier(
		&self,
		table: &Tiers,
		held: TierIndex,
		notional_after: Quote,
		increased: bool,
	) -> Option<TierIndex> {
		let asked = table.tier_of(notional_after).and_then(|tier| self.index_of(tier.up_to));
		if increased {
			return asked;
		}
		Some(asked.filter(|asked| self.asks_no_more(table, *asked, held)).unwrap_or(held))
	}

	/// Whether a tier asks no more of a position than another does.
	fn asks_no_more(&self, table: &Tiers, asked: TierIndex, held: TierIndex) -> bool {
		let (Some(to), Some(from)) = (self.get(asked), self.get(held)) else { return false };
		to.maintenance <= from.maintenance
			&& target(table, to) <= target(table, from)
			&& self.initial(table, asked) <= self.initial(table, held)
			&& (to.up_to <= from.up_to || to.maintenance < from.maintenance)
	}

	/// A position has come into a tier.
	///
	/// Domain: a number that is kept; any other changes nothing.
	pub fn enter(&mut self, index: TierIndex) {
		if let Some(tier) = self.slice_mut().get_mut(usize::from(index.0)) {
			tier.positions = tier.positions.saturating_add(1);
		}
	}

	/// A position has left a tier.
	///
	/// Domain: a number that is kept and has a position; any other changes nothing.
	pub fn leave(&mut self, index: TierIndex) {
		if let Some(tier) = self.slice_mut().get_mut(usize::from(index.0)) {
			tier.positions = tier.positions.saturating_sub(1);
		}
	}

	/// Whether each tier of the table is kept, and no two that are kept reach equally far.
	///
	/// Domain: any table.
	pub fn fits(&self, table: &Tiers) -> bool {
		let is_kept = |tier: &Tier| self.index_of(tier.up_to).is_some();
		table.as_slice().iter().all(is_kept)
			&& self.iter().all(|(index, tier)| self.index_of(tier.up_to) == Some(index))
	}

	/// Forget the last ones that nobody needs.
	fn trim(&mut self, table: &Tiers) {
		while self.as_slice().last().is_some_and(|tier| is_free(table, tier)) {
			self.count = self.count.saturating_sub(1);
			if let Some(gone) = self.list.get_mut(self.count) {
				*gone = KeptTier::default();
			}
		}
	}

	fn slice_mut(&mut self) -> &mut [KeptTier] {
		self.list.get_mut(..self.count).unwrap_or_default()
	}
}

/// Below [`KEPT_TIERS_MAX`].
fn number(index: usize) -> TierIndex {
	TierIndex(u8::try_from(index).unwrap_or(u8::MAX))
}

/// The tier of a table that reaches just so far.
fn with_reach(table: &Tiers, up_to: Quote) -> Option<&Tier> {
	table.as_slice().iter().find(|tier| tier.up_to == up_to)
}

fn has_reach(table: &Tiers, up_to: Quote) -> bool {
	with_reach(table, up_to).is_some()
}

/// Whether the number of a tier may be given to another.
fn is_free(table: &Tiers, tier: &KeptTier) -> bool {
	tier.positions == 0 && !has_reach(table, tier.up_to)
}

/// Where the maintenance rate of a tier goes.
fn target(table: &Tiers, tier: &KeptTier) -> Ratio {
	let retired = || tier.maintenance.max(table.first().maintenance);
	with_reach(table, tier.up_to).map_or_else(retired, |tier| tier.maintenance)
}

impl Encode for KeptTiers {
	fn size_hint(&self) -> usize {
		self.as_slice().size_hint()
	}

	fn encode_to<O: Output + ?Sized>(&self, to: &mut O) {
		self.as_slice().encode_to(to);
	}
}

impl EncodeLike for KeptTiers {}

impl Decode for KeptTiers {
	fn decode<I: Input>(input: &mut I) -> Result<Self, codec::Error> {
		let count = usize::try_from(Compact::<u32>::decode(input)?.0).unwrap_or(usize::MAX);
		if count > KEPT_TIERS_MAX {
			return Err("more than eight tiers".into());
		}
		let mut kept = Self { list: [KeptTier::default(); KEPT_TIERS_MAX], count };
		for tier in kept.list.iter_mut().take(count) {
			*tier = KeptTier::decode(input)?;
		}
		Ok(kept)
	}
}

/// Nothing is kept on the heap.
impl DecodeWithMemTracking for KeptTiers {}

impl MaxEncodedLen for KeptTiers {
	fn max_encoded_len() -> usize {
		// A count below 64 takes a byte.
		KeptTier::max_encoded_len().saturating_mul(KEPT_TIERS_MAX).saturating_add(1)
	}
}

impl TypeInfo for KeptTiers {
	type Identity = [KeptTier];

	fn type_info() -> Type {
		<[KeptTier]>::type_info()
	}
}
