// SPDX-License-Identifier: Apache-2.0
//! What people and tools see.

use crate::{
	accounts::{fits, plus},
	desk::Desk,
	pallet::{Config, Markets, Pallet},
	types::{Account, Market, Position},
};
use alloc::vec::Vec;
use keel_math::{
	initial::{initial_rate, Opening},
	margin::{entry_price, price_at_zero},
	units::{notional, share, size_of, Rounding},
	Exposure, Standing, Tier, I256,
};
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Side, Size};
use keel_traits::{AccountView, MarketGate, MarketView, PositionView, PriceFeed, TierView};
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
		let mut desk = Desk::default();
		let account = Self::current_on(&mut desk, who)?;
		let standing = Self::standing_on(&mut desk, &account)?;
		let judgement = Self::judgement(&standing)?;
		let swing = Self::swing(&mut desk, &account)?;
		let mut initial_requirement = Quote::ZERO;
		let mut positions = Vec::new();
		for position in &account.positions {
			let market = desk.market(position.market)?;
			let view = Self::view_position(position, market, &standing, swing)?;
			let required = fits::<T, _>(share(
				view.notional,
				Self::initial_rate(&account, position, market)?,
				Rounding::Up,
			))?;
			initial_requirement = plus::<T>(initial_requirement, required)?;
			positions.push(view);
		}
		Ok(AccountView {
			cash: account.cash,
			equity: judgement.equity,
			initial_requirement,
			maintenance_requirement: judgement.requirement,
			health: judgement.health,
			free_collateral: Self::free_collateral(&mut desk, who, &account)?.max(Quote::ZERO),
			reserved: Self::reserved_by_orders(&mut desk, who, &account)?,
			place: account.place,
			warning_armed: account.warning.is_some(),
			leaving: account.leaving,
			leverage: account.leverage.map(core::num::NonZeroU32::get),
			positions,
		})
	}

	/// A position, as far as a price moves the health of its account.
	fn exposed(position: &Position, market: &Market) -> Exposure {
		Exposure {
			side: position.side,
			units: position.units,
			scale: market.book.side(position.side).scale,
			mark: market.mark,
			rate: market.maintenance_rate(position.tier),
		}
	}

	/// By how much the health of an account changes when every market moves by its largest move against it.
	fn swing(desk: &mut Desk<T>, account: &Account<T>) -> Result<I256, DispatchError> {
		account.positions.iter().try_fold(I256::ZERO, |sum, position| {
			let market = desk.market(position.market)?;
			let swing = Self::exposed(position, market).swing(market.params.largest_move);
			fits::<T, _>(swing.and_then(|swing| sum.plus(swing)))
		})
	}

	fn view_position(
		position: &Position,
		market: &Market,
		standing: &Standing,
		swing: I256,
	) -> Result<PositionView, DispatchError> {
		let (side, units) = (position.side, position.units);
		let scale = market.book.side(side).scale;
		let size = fits::<T, _>(size_of(units, scale))?;
		let unrealised_profit = Self::profit_at(market, position, market.mark)?;
		let exposure = Self::exposed(position, market);
		let others = fits::<T, _>(swing.minus(fits::<T, _>(exposure.swing(market.params.largest_move))?))?;
		let band = fits::<T, _>(exposure.liquidation_band(standing.health, others))?;
		Ok(PositionView {
			market: position.market,
			side,
			size,
			entry_price: fits::<T, _>(entry_price(side, units, scale, market.mark, unrealised_profit))?,
			mark: market.mark,
			notional: fits::<T, _>(notional(size, market.mark))?,
			unrealised_profit,
			funding: Self::funding_due(market, position)?,
			liquidation_price: band.still,
			liquidation_price_earliest: band.earliest,
			liquidation_price_latest: band.latest,
			trigger_price: Self::trigger_price(position, market)?,
		})
	}

	/// The key as a mark price: what the position may lose until it is looked at again, turned into a price.
	fn trigger_price(position: &Position, market: &Market) -> Result<Option<Price>, DispatchError> {
		let Some(key) = position.key else { return Ok(None) };
		let (side, units) = (position.side, position.units);
		let level = fits::<T, _>(market.maintenance_level(side, position.tier))?;
		let distance = match side {
			Side::Long => level.minus(key),
			Side::Short => key.minus(level),
		};
		// At the end of the range a key stops: a position so small that its account may lose more.
		let Ok(distance) = distance else { return Ok(None) };
		let scale = market.book.side(side).scale;
		let surplus = fits::<T, _>(I256::product(units.0, distance.0))?;
		// A position so rich that its key is beyond all prices has no trigger price.
		Ok(price_at_zero(surplus, side, units, scale, market.mark, market.maintenance_rate(position.tier))
			.ok()
			.flatten())
	}

	pub(crate) fn view_market(id: MarketId) -> Option<MarketView> {
		let market = Markets::<T>::get(id)?;
		let index = T::Prices::observe(market.feed);
		let (limits, first) = (Self::limits(&market), market.params.tiers.first());
		let opening = Opening {
			base: first.initial,
			notional: Quote::ZERO,
			open_interest: Self::open_notional(&market, Size::ZERO).ok()?,
			volatility: index.volatility,
			leverage: None,
		};
		Some(MarketView {
			name: market.name.to_vec(),
			feed: market.feed,
			status: T::Gate::status(id),
			quarantined: market.quarantined,
			isolated: market.params.isolated,
			price_state: index.state,
			index: index.price,
			price_age_ms: index.age_ms,
			mark: market.mark,
			last_price: market.last_price,
			open_interest: market.book.open_interest().ok()?,
			max_open_interest: Self::open_interest_limit(&market),
			soft_cap: limits.soft_cap,
			hard_cap: limits.hard_cap,
			initial_rate: initial_rate(&limits, &opening).ok()?,
			maintenance_rate: tier_view(&market, &first).maintenance_rate,
			tiers: market.params.tiers.as_slice().iter().map(|tier| tier_view(&market, tier)).collect(),
			retired_tiers: retired_view(&market),
			band: market.params.band,
			funding_rate: market.params.funding_rate(market.premium.average()).0,
			next_funding_rate: market.params.funding_rate(market.premium.so_far()).0,
			debt: market.book.debt,
		})
	}
}

/// A tier of the table.
fn tier_view(market: &Market, tier: &Tier) -> TierView {
	let now = market.tiers.index_of(tier.up_to).map(|index| market.maintenance_rate(index));
	TierView {
		up_to: tier.up_to,
		initial_rate: tier.initial,
		maintenance_rate: now.unwrap_or(tier.maintenance),
		maintenance_target: tier.maintenance,
	}
}

/// The tiers that the table has no more, and positions are left in.
fn retired_view(market: &Market) -> Vec<TierView> {
	let (kept, table) = (&market.tiers, &market.params.tiers);
	kept.retired(table)
		.map(|(index, tier)| TierView {
			up_to: tier.up_to,
			initial_rate: kept.initial(table, index),
			maintenance_rate: tier.maintenance,
			maintenance_target: kept.maintenance_target(table, index).unwrap_or(tier.maintenance),
		})
		.collect()
}
