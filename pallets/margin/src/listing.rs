// SPDX-License-Identifier: Apache-2.0
//! The list of markets and their rules.

use crate::{
	pallet::{Config, Error, Event, Markets, NextMarket, Pallet},
	params::MarketParams,
	types::{Market, NameLimit},
};
use frame_support::{ensure, traits::Get, BoundedVec};
use keel_math::{
	units::{share, Rounding},
	KeptTiersFull,
};
use keel_primitives::{FeedId, MarketId};
use keel_traits::{OnMarketListed, PriceFeed};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	/// Add a market. At genesis the order of pallets must not matter: then the feed is not looked up.
	pub(crate) fn add_market(
		feed: FeedId,
		name: BoundedVec<u8, NameLimit>,
		params: MarketParams,
		feed_must_exist: bool,
	) -> DispatchResult {
		ensure!(!feed_must_exist || T::Prices::exists(feed), Error::<T>::UnknownFeed);
		ensure!(core::str::from_utf8(&name).is_ok(), Error::<T>::InvalidName);
		Self::ensure_params(&params)?;
		// At genesis liquidation, which is built later, looks.
		if feed_must_exist {
			Self::ensure_worst_fee(&params)?;
		}
		let id = NextMarket::<T>::get();
		ensure!(id.0 < T::MaxMarkets::get(), Error::<T>::TooManyMarkets);
		NextMarket::<T>::put(MarketId(id.0.saturating_add(1)));
		let mut market = Market::new(feed, name.clone(), params, T::Now::get());
		// What is there from the start is not listed by anybody.
		market.listed_at = feed_must_exist.then(T::Now::get);
		Markets::<T>::insert(id, market);
		T::OnListed::on_market_listed(id, feed);
		Self::deposit_event(Event::MarketListed { market: id, feed, name, params });
		Ok(())
	}

	/// Whether rules keep their relations, and the liquidation of a least position brings in what it costs to judge
	/// its account: else positions that are worth nothing could keep everybody else waiting for next to nothing.
	fn ensure_params(params: &MarketParams) -> DispatchResult {
		params.check().map_err(Error::<T>::from)?;
		let brings = share(params.min_position, params.worst_fee, Rounding::Down);
		ensure!(brings.is_ok_and(|amount| amount >= T::RefilingFee::get()), Error::<T>::MinPositionTooSmall);
		Ok(())
	}

	/// Whether the worst fee, for which the envelope leaves room, is no less than what liquidation takes.
	fn ensure_worst_fee(params: &MarketParams) -> DispatchResult {
		ensure!(params.worst_fee >= T::LiquidationFee::get(), Error::<T>::WorstFeeTooSmall);
		Ok(())
	}

	/// Replace a market's rules. Maintenance rates move to the new ones from block to block, and the relations between
	/// rules hold all the way: at its end, and where it begins.
	pub(crate) fn change_params(id: MarketId, params: MarketParams) -> DispatchResult {
		let mut market = Self::market(id)?;
		Self::ensure_params(&params)?;
		Self::ensure_worst_fee(&params)?;
		market.set_params(params).map_err(|KeptTiersFull| Error::<T>::TooManyTiersKept)?;
		params.check_at(&market.tiers).map_err(Error::<T>::from)?;
		Markets::<T>::insert(id, market);
		Self::deposit_event(Event::MarketParamsSet { market: id, params });
		Ok(())
	}

	/// Let a market whose books are in order take risk again.
	pub(crate) fn end_quarantine(id: MarketId) -> DispatchResult {
		let mut market = Self::market(id)?;
		ensure!(market.quarantined && market.book.conservation().holds(), Error::<T>::NotInOrder);
		market.quarantined = false;
		Markets::<T>::insert(id, market);
		Self::deposit_event(Event::QuarantineLifted { market: id });
		Ok(())
	}
}
