// SPDX-License-Identifier: Apache-2.0
//! What a move of prices would do to all accounts together.

use crate::{
	accounts::{fits, plus},
	desk::Desk,
	pallet::{Config, Markets, Pallet},
	risk::MOST,
};
use alloc::{collections::BTreeMap, vec::Vec};
use keel_math::units::{notional, size_of};
use keel_primitives::{FeedId, MarketId, Quote, Side};
use keel_traits::{LiveBook, Shock, ToClose, Toll};
use sp_runtime::DispatchError;

impl<T: Config> LiveBook for Pallet<T>
where
	T::AccountId: Ord,
{
	fn priced() -> Vec<(MarketId, FeedId)> {
		let mut priced: Vec<_> = Markets::<T>::iter().map(|(id, market)| (id, market.feed)).collect();
		priced.sort_unstable();
		priced
	}

	fn is_listed(market: MarketId) -> bool {
		Markets::<T>::contains_key(market)
	}

	fn toll(shocks: &[Shock]) -> Result<Toll, DispatchError> {
		let unhealthy = Self::unhealthy_after(shocks, MOST)?;
		let mut desk = Desk::<T>::default();
		let mut to_close = BTreeMap::<MarketId, ToClose>::new();
		let (mut bankrupt, mut shortfall) = (0u32, Quote::ZERO);
		let accounts = u32::try_from(unhealthy.accounts.len()).unwrap_or(u32::MAX);
		for (_, account, judgement) in unhealthy.accounts {
			if judgement.equity.0 < 0 {
				bankrupt = bankrupt.saturating_add(1);
				shortfall = plus::<T>(shortfall, Quote(judgement.equity.0.saturating_neg()))?;
			}
			for position in &account.positions {
				let market = desk.market(position.market)?;
				let mark = unhealthy.prices.get(&position.market).copied().unwrap_or(market.mark);
				let size = fits::<T, _>(size_of(position.units, market.book.side(position.side).scale))?;
				let worth = fits::<T, _>(notional(size, mark))?;
				let entry = to_close.entry(position.market).or_insert(ToClose {
					market: position.market,
					mark,
					long: Quote::ZERO,
					short: Quote::ZERO,
				});
				let side = match position.side {
					Side::Long => &mut entry.long,
					Side::Short => &mut entry.short,
				};
				*side = plus::<T>(*side, worth)?;
			}
		}
		Ok(Toll {
			accounts,
			bankrupt,
			shortfall,
			to_close: to_close.into_values().collect(),
			cut_short: unhealthy.cut_short,
		})
	}
}
