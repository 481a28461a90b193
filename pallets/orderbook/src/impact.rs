// SPDX-License-Identifier: Apache-2.0
//! What the book would pay for a stated notional: the middle between buying and selling it. Mark and premium are
//! made of it, so it is hard to bend: only orders count that have rested a whole block, within the band, of which
//! something can be traded.

use crate::{
	ladder::Ladder,
	pallet::{Book, Config, Impacts, ImpactsDone, Pallet, Sequences},
	weights::WeightInfo,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{storage::StoragePrefixedMap, traits::Get, weights::WeightMeter};
use keel_math::{impact::middle, ImpactSide};
use keel_ordered::Ordered;
use keel_primitives::{MarketId, Price, Side};
use keel_traits::{Clearing, ImpactPrice, Intent, Terms};
use scale_info::TypeInfo;
use sp_runtime::traits::{Saturating, UniqueSaturatedInto};

/// The most orders of a side that are looked at: what is not there among them is not liquid.
pub const IMPACT_ORDERS: u32 = 16;
/// For how many blocks an impact price holds when there was no weight to find it anew.
pub const IMPACT_BLOCKS: u32 = 5;

/// The impact price of a market, and when it was found.
#[derive(
	Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Impact<BlockNumber> {
	/// The price.
	pub price: Price,
	/// The block.
	pub at: BlockNumber,
}

/// The next sequence as it was at the start of this block, and of the one before: an order with a lower one than
/// the latter has rested a whole block.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SequencesAt {
	/// At the start of this block.
	pub now: u64,
	/// At the start of the one before.
	pub before: u64,
}

impl<T: Config> Pallet<T> {
	/// A block begins: what came in the last one has not rested long enough.
	pub(crate) fn note_sequences() {
		Sequences::<T>::mutate(|sequences| {
			sequences.before = sequences.now;
			sequences.now = crate::pallet::NextOrder::<T>::get();
		});
	}

	/// Find the impact prices of markets that have orders, one after the other; the next block goes on where the
	/// weight of this one ends.
	pub(crate) fn find_impacts(meter: &mut WeightMeter) {
		let all = Ordered::new(Book::<T>::final_prefix().to_vec());
		let mut last = ImpactsDone::<T>::take();
		loop {
			// Behind the last key of a market, whatever it is, is the next market.
			let entry = match last {
				Some(market) => all.from(&(market, [u8::MAX; 25]).encode()),
				None => all.first(),
			};
			let Some(market) = entry.and_then(|entry| MarketId::decode(&mut entry.rest()).ok()) else {
				return;
			};
			if meter.try_consume(T::WeightInfo::find_impact()).is_err() {
				// None: from the first one on.
				ImpactsDone::<T>::set(last);
				return;
			}
			match Self::impact_now(market) {
				Some(price) => {
					let at = frame_system::Pallet::<T>::block_number();
					Impacts::<T>::insert(market, Impact { price, at });
				}
				None => Impacts::<T>::remove(market),
			}
			last = Some(market);
		}
	}

	/// The impact price as the book is; none when a side has too little.
	fn impact_now(market: MarketId) -> Option<Price> {
		let terms = T::Margin::terms(market, Intent::Reduce).ok()?;
		let [bids, asks] = Side::BOTH.map(|side| Self::impact_of(market, side, &terms));
		Some(middle(bids?, asks?))
	}

	fn impact_of(market: MarketId, side: Side, terms: &Terms) -> Option<Price> {
		let ladder = Ladder::new::<T>(market, side);
		let rested = Sequences::<T>::get().before;
		let mut impact = ImpactSide::new(T::ImpactNotional::get()).ok()?;
		let mut rung = ladder.first::<T>();
		for _ in 0..IMPACT_ORDERS {
			let Some(at) = rung.filter(|_| !impact.is_full()) else { break };
			if at.sequence < rested && terms.is_within_band(at.price) {
				impact.take(Self::tradable(&at), at.price).ok()?;
			}
			rung = ladder.after::<T>(&at.place);
		}
		impact.price()
	}
}

impl<T: Config> ImpactPrice for Pallet<T> {
	fn impact_price(market: MarketId) -> Option<Price> {
		let found = Impacts::<T>::get(market)?;
		let age: u32 =
			frame_system::Pallet::<T>::block_number().saturating_sub(found.at).unique_saturated_into();
		(age <= IMPACT_BLOCKS).then_some(found.price)
	}
}
