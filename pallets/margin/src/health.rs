// SPDX-License-Identifier: Apache-2.0
//! Where an account stands: equity, health, and what is free.

use crate::{
	accounts::{fits, minus, plus},
	pallet::{Config, Pallet},
	types::{Account, Market, Position, Requirement},
};
use alloc::vec::Vec;
use keel_math::{
	health::dot,
	margin::{funding_received, profit},
	units::{share, Rounding},
	Holding, Standing, I256,
};
use keel_primitives::{Price, Quote, Ratio, Side};
use keel_traits::{Judgement, MarketGate, PriceFeed};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Where the account stands against its maintenance requirement. What has ended must be settled.
	pub(crate) fn standing(account: &Account<T>) -> Result<Standing, DispatchError> {
		let holdings: Vec<Holding> = account
			.positions
			.iter()
			.map(|position| {
				let market = Self::market(position.market)?;
				let numbers = market.book.side(position.side);
				let rate = market.params.maintenance_rate;
				Ok(Holding {
					side: position.side,
					units: position.units,
					value: fits::<T, _>(numbers.level(position.side, market.mark, Ratio::ZERO))?,
					margined: fits::<T, _>(numbers.level(position.side, market.mark, rate))?,
				})
			})
			.collect::<Result<_, DispatchError>>()?;
		fits::<T, _>(Standing::of(account.cash, &holdings))
	}

	/// Equity less the requirement of opening or withdrawing, rounded down.
	///
	/// Valued at the more careful of mark and slow price. Profit in a market that cannot be liquidated now
	/// does not count; for a withdrawal profit counts only in part anywhere.
	pub(crate) fn surplus(account: &Account<T>, requirement: Requirement) -> Result<Quote, DispatchError> {
		let mut terms = Vec::new();
		let mut withheld = Quote::ZERO;
		for position in &account.positions {
			let market = Self::market(position.market)?;
			let params = market.params;
			let rate = match requirement {
				Requirement::Maintenance => params.maintenance_rate,
				Requirement::Initial => params.initial_rate,
				Requirement::Withdrawal => params.withdrawal_rate,
			};
			let price = Self::careful_price(&market, position.side);
			let level = market.book.side(position.side).level(position.side, price, rate);
			terms.push((position.side, position.units, fits::<T, _>(level)?));
			let profit = Self::profit_at(&market, position, price)?;
			let closable = T::Gate::status(position.market).accepts_liquidation();
			let counted = match requirement {
				_ if !closable => Ratio::ZERO,
				Requirement::Withdrawal => params.profit_credit,
				Requirement::Maintenance | Requirement::Initial => Ratio::ONE,
			};
			let discount = Ratio(Ratio::ONE.0.saturating_sub(counted.0));
			withheld = plus::<T>(withheld, fits::<T, _>(share(profit, discount, Rounding::Up))?)?;
		}
		let surplus = fits::<T, _>(dot(account.cash, terms).and_then(I256::quote_floor))?;
		minus::<T>(surplus, withheld)
	}

	/// The more careful of mark and slow price for somebody who holds `side`.
	fn careful_price(market: &Market, side: Side) -> Price {
		let slow = T::Prices::observe(market.feed).slow;
		match side {
			_ if !slow.in_bounds() => market.mark,
			Side::Long => market.mark.min(slow),
			Side::Short => market.mark.max(slow),
		}
	}

	/// What closing a position at `price` would gain, without the funding that is accounted already.
	pub(crate) fn profit_at(
		market: &Market,
		position: &Position,
		price: Price,
	) -> Result<Quote, DispatchError> {
		let numbers = market.book.side(position.side);
		let value = fits::<T, _>(numbers.level(position.side, price, Ratio::ZERO))?;
		let gained = fits::<T, _>(profit(position.side, position.units, value, position.entry))?;
		minus::<T>(gained, Self::funding_due(market, position)?)
	}

	/// Funding received since the last touch; negative when paid.
	pub(crate) fn funding_due(market: &Market, position: &Position) -> Result<Quote, DispatchError> {
		let now = market.book.side(position.side).funding;
		fits::<T, _>(funding_received(position.side, position.units, now, position.funding_at))
	}

	/// The judgement in dollars.
	pub(crate) fn judgement(standing: &Standing) -> Result<Judgement, DispatchError> {
		fits::<T, _>((|| {
			Ok(Judgement {
				equity: standing.equity()?,
				requirement: standing.requirement()?,
				health: standing.health()?,
			})
		})())
	}
}
