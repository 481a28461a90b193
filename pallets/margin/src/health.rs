// SPDX-License-Identifier: Apache-2.0
//! Where an account stands: equity, health, and what is free.

use crate::{
	accounts::{fits, minus, plus},
	desk::{Desk, Listed},
	pallet::{Config, Error, Pallet},
	params::listing_share,
	types::{Account, Market, Position, Requirement},
};
use alloc::vec::Vec;
use frame_support::traits::Get;
use keel_math::{
	health::dot,
	initial::{InitialRates, Opening},
	margin::{entry_part, funding_received, profit},
	units::{notional, share, size_of, Rounding},
	Holding, InitialParams, Level, Standing, Units, I256,
};
use keel_primitives::{MarketId, Price, Quote, Ratio, Side, Size};
use keel_traits::{Judgement, Observation};
use sp_runtime::DispatchError;

impl<T: Config> Pallet<T> {
	/// Where the account stands against its maintenance requirement. What has ended must be settled.
	#[cfg(test)]
	pub(crate) fn standing(account: &Account<T>) -> Result<Standing, DispatchError> {
		Self::standing_on(&mut Desk::default(), account)
	}

	/// The same at other mark prices.
	#[cfg(test)]
	pub(crate) fn standing_at(
		account: &Account<T>,
		mark: impl Fn(MarketId, &Market) -> Price,
	) -> Result<Standing, DispatchError> {
		Self::standing_on_at(&mut Desk::default(), account, mark)
	}

	/// The same in the markets on the desk.
	pub(crate) fn standing_on(desk: &mut Desk<T>, account: &Account<T>) -> Result<Standing, DispatchError> {
		Self::standing_on_at(desk, account, |_, market| market.mark)
	}

	pub(crate) fn standing_on_at(
		desk: &mut Desk<T>,
		account: &Account<T>,
		mark: impl Fn(MarketId, &Market) -> Price,
	) -> Result<Standing, DispatchError> {
		let holdings: Vec<Holding> = account
			.positions
			.iter()
			.map(|position| {
				let market = desk.market(position.market)?;
				let numbers = market.book.side(position.side);
				let mark = mark(position.market, market);
				let rate = market.maintenance_rate(position.tier);
				Ok(Holding {
					side: position.side,
					units: position.units,
					value: fits::<T, _>(numbers.level(position.side, mark, Ratio::ZERO))?,
					margined: fits::<T, _>(numbers.level(position.side, mark, rate))?,
				})
			})
			.collect::<Result<_, DispatchError>>()?;
		fits::<T, _>(Standing::of(account.cash, &holdings))
	}

	/// Equity less the requirement of opening or withdrawing, rounded down.
	///
	/// Valued at the most careful of mark, index and slow price. Profit in a market that cannot be liquidated now
	/// does not count; elsewhere it counts as the market says, for a withdrawal less than for opening. A
	/// withdrawal leaves initial margin in any case, but for what open interest adds to it. What waits to
	/// leave is margin no more.
	pub(crate) fn surplus(
		desk: &mut Desk<T>,
		account: &Account<T>,
		requirement: Requirement,
	) -> Result<Quote, DispatchError> {
		let mut terms = Vec::new();
		let mut withheld = Quote::ZERO;
		for position in &account.positions {
			let market = desk.market(position.market)?;
			let params = market.params;
			let rates = Self::initial_rates(account, position, market)?;
			// Crowding keeps new risk out. It locks nobody's money in, and hinders nobody who takes over.
			let own = rates.base.max(rates.size).max(rates.leverage);
			let rate = match requirement {
				Requirement::Initial => rates.largest(),
				Requirement::TakeOver => own,
				Requirement::Withdrawal => params.withdrawal_rate.max(own).max(rates.volatility),
			};
			let price = Self::careful_price(market, position.side);
			let level = market.book.side(position.side).level(position.side, price, rate);
			terms.push((position.side, position.units, fits::<T, _>(level)?));
			let profit = Self::profit_at(market, position, price)?;
			let closable = market.is_closable();
			let counted = match requirement {
				_ if !closable => Ratio::ZERO,
				Requirement::Initial | Requirement::TakeOver => params.opening_credit,
				Requirement::Withdrawal => params.withdrawal_credit,
			};
			let discount = Ratio(Ratio::ONE.0.saturating_sub(counted.0));
			withheld = plus::<T>(withheld, fits::<T, _>(share(profit, discount, Rounding::Up))?)?;
		}
		let surplus = fits::<T, _>(dot(account.cash, terms).and_then(I256::quote_floor))?;
		minus::<T>(minus::<T>(surplus, withheld)?, account.leaving)
	}

	/// The initial margin rate of a position as it is now, in a market as it is now.
	pub(crate) fn initial_rate(
		account: &Account<T>,
		position: &Position,
		market: &Listed<T>,
	) -> Result<Ratio, DispatchError> {
		Ok(Self::initial_rates(account, position, market)?.largest())
	}

	fn initial_rates(
		account: &Account<T>,
		position: &Position,
		market: &Listed<T>,
	) -> Result<InitialRates, DispatchError> {
		let size = fits::<T, _>(size_of(position.units, market.book.side(position.side).scale))?;
		let opening = Opening {
			base: market.tiers.initial(&market.params.tiers, position.tier),
			notional: fits::<T, _>(notional(size, market.mark))?,
			open_interest: Self::open_notional(market, Size::ZERO)?,
			volatility: market.observation().volatility,
			leverage: account.leverage,
		};
		fits::<T, _>(InitialRates::of(&Self::limits(market), &opening))
	}

	/// Open interest, also when only one side of a trade is tried out: the larger side.
	pub(crate) fn open_size(market: &Market) -> Result<Size, DispatchError> {
		let [long, short] = Side::BOTH.map(|side| market.book.side(side).size());
		Ok(fits::<T, _>(long)?.max(fits::<T, _>(short)?))
	}

	/// The notional of the open interest of a market if `more` were open.
	pub(crate) fn open_notional(market: &Market, more: Size) -> Result<Quote, DispatchError> {
		let open = Self::open_size(market)?.0.checked_add(more.0).ok_or(Error::<T>::Overflow)?;
		fits::<T, _>(notional(Size(open), market.mark))
	}

	/// The caps of open interest that a market has grown to.
	pub(crate) fn limits(market: &Market) -> InitialParams {
		let part = Self::listing_share(market);
		let of = |cap| share(cap, part, Rounding::Down).unwrap_or(cap);
		let initial = market.params.initial;
		let soft_cap = of(initial.soft_cap);
		// The arithmetic asks for a hard cap above the soft one.
		let least = Quote(soft_cap.0.saturating_add(1));
		InitialParams { soft_cap, hard_cap: of(initial.hard_cap).max(least), ..initial }
	}

	/// The most that may be open on a side of a market now.
	pub(crate) fn open_interest_limit(market: &Market) -> Size {
		let part = u128::from(Self::listing_share(market).0);
		let most = market.params.max_open_interest;
		// Below 2^90 times 2^30.
		Size(most.0.saturating_mul(part).checked_div(Ratio::ONE.0.into()).unwrap_or(most.0))
	}

	/// The share of its limits that a market may use: it grows after listing.
	fn listing_share(market: &Market) -> Ratio {
		market.listed_at.map_or(Ratio::ONE, |listed| {
			listing_share(T::Now::get().saturating_sub(listed), T::ListingRamp::get())
		})
	}

	/// The most careful of mark, index and slow price for somebody who holds `side`.
	fn careful_price(market: &Listed<T>, side: Side) -> Price {
		let Observation { price, slow, .. } = *market.observation();
		[price, slow].into_iter().filter(|price| price.in_bounds()).fold(market.mark, |careful, price| {
			match side {
				Side::Long => careful.min(price),
				Side::Short => careful.max(price),
			}
		})
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

	/// What `units` of a position have lost at mark, from the later of its side's reference and its own entry: nobody
	/// has lost what was lost before he came.
	pub(crate) fn lost(market: &Market, position: &Position, units: Units) -> Result<Quote, DispatchError> {
		let (side, mark) = (position.side, market.mark);
		let numbers = market.book.side(side);
		let since = fits::<T, _>(numbers.lost(side, units, mark))?;
		let value = fits::<T, _>(numbers.level(side, mark, Ratio::ZERO))?;
		Self::lost_since(market, position, units, value, since)
	}

	/// The same where a unit is worth `value`, and `since` was lost from the reference. A position of which a part is
	/// older has lost the less of both: its parts cannot be told apart.
	pub(crate) fn lost_since(
		market: &Market,
		position: &Position,
		units: Units,
		value: Level,
		since: Quote,
	) -> Result<Quote, DispatchError> {
		if position.opened.at != market.references {
			return Ok(since);
		}
		let entry = fits::<T, _>(entry_part(position.entry, units, position.units))?;
		let gained = fits::<T, _>(profit(position.side, units, value, entry))?;
		let own = minus::<T>(Quote::ZERO, gained)?.max(Quote::ZERO);
		Ok(if position.opened.grown { own.min(since) } else { own })
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
