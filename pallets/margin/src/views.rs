// SPDX-License-Identifier: Apache-2.0
//! What people and tools see.

use crate::{
	accounts::{fits, plus},
	pallet::{Config, Markets, Pallet},
	types::{Market, Position, Requirement},
};
use alloc::vec::Vec;
use keel_math::{
	margin::{entry_price, price_at_zero},
	units::{notional, share, size_of, Rounding},
	Standing, I256,
};
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Side};
use keel_traits::{AccountView, MarketGate, MarketView, PositionView, PriceFeed};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	pub(crate) fn view_account(who: &MarginAccount<T::AccountId>) -> Option<AccountView> {
		if Self::stored(who).is_empty() {
			return None;
		}
		Self::try_view_account(who).ok()
	}

	fn try_view_account(who: &MarginAccount<T::AccountId>) -> Result<AccountView, DispatchError> {
		// A view changes nothing that lasts: settling here is how everything else will see it.
		let account = Self::current(who)?;
		let standing = Self::standing(&account)?;
		let judgement = Self::judgement(&standing)?;
		let mut initial_requirement = Quote::ZERO;
		let mut positions = Vec::new();
		for position in &account.positions {
			let market = Self::market(position.market)?;
			let view = Self::view_position(position, &market, &standing)?;
			let required = fits::<T, _>(share(view.notional, market.params.initial_rate, Rounding::Up))?;
			initial_requirement = plus::<T>(initial_requirement, required)?;
			positions.push(view);
		}
		Ok(AccountView {
			cash: account.cash,
			equity: judgement.equity,
			initial_requirement,
			maintenance_requirement: judgement.requirement,
			health: judgement.health,
			free_collateral: Self::surplus(&account, Requirement::Withdrawal)?.max(Quote::ZERO),
			place: account.place,
			warning_armed: account.warning.is_some(),
			leaving: account.leaving,
			positions,
		})
	}

	fn view_position(
		position: &Position,
		market: &Market,
		standing: &Standing,
	) -> Result<PositionView, DispatchError> {
		let (side, units) = (position.side, position.units);
		let scale = market.book.side(side).scale;
		let size = fits::<T, _>(size_of(units, scale))?;
		let unrealised_profit = Self::profit_at(market, position, market.mark)?;
		let rate = market.params.maintenance_rate;
		Ok(PositionView {
			market: position.market,
			side,
			size,
			entry_price: fits::<T, _>(entry_price(side, units, scale, market.mark, unrealised_profit))?,
			mark: market.mark,
			notional: fits::<T, _>(notional(size, market.mark))?,
			unrealised_profit,
			funding: Self::funding_due(market, position)?,
			liquidation_price: fits::<T, _>(price_at_zero(
				standing.health,
				side,
				units,
				scale,
				market.mark,
				rate,
			))?,
			trigger_price: Self::trigger_price(position, market)?,
		})
	}

	/// The key as a mark price: what the position may lose until it is looked at again, turned into a price.
	fn trigger_price(position: &Position, market: &Market) -> Result<Option<Price>, DispatchError> {
		let Some(key) = position.key else { return Ok(None) };
		let (side, units) = (position.side, position.units);
		let level = fits::<T, _>(market.maintenance_level(side))?;
		let distance = match side {
			Side::Long => fits::<T, _>(level.minus(key))?,
			Side::Short => fits::<T, _>(key.minus(level))?,
		};
		let scale = market.book.side(side).scale;
		let surplus = fits::<T, _>(I256::product(units.0, distance.0))?;
		// A position so rich that its key is beyond all prices has no trigger price.
		Ok(price_at_zero(surplus, side, units, scale, market.mark, market.params.maintenance_rate)
			.ok()
			.flatten())
	}

	pub(crate) fn view_market(id: MarketId) -> Option<MarketView> {
		let market = Markets::<T>::get(id)?;
		let index = T::Prices::observe(market.feed);
		Some(MarketView {
			name: market.name.to_vec(),
			feed: market.feed,
			status: T::Gate::status(id),
			quarantined: market.quarantined,
			price_state: index.state,
			index: index.price,
			price_age_ms: index.age_ms,
			mark: market.mark,
			last_price: market.last_price,
			open_interest: market.book.open_interest().ok()?,
			max_open_interest: market.params.max_open_interest,
			initial_rate: market.params.initial_rate,
			maintenance_rate: market.params.maintenance_rate,
			band: market.params.band,
			funding_rate: market.params.funding_rate.0,
			debt: market.book.debt,
		})
	}
}
