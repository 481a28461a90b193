// SPDX-License-Identifier: Apache-2.0
//! Touching an account: load, settle what has ended, change, judge, file, store.

use crate::{
	pallet::{Accounts, Config, Error, Event, Generations, Markets, Pallet, TotalCash},
	types::{ratio_of, Account, Filed, Market, Place, Position, Requirement},
};
use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{defensive, storage::with_storage_layer, traits::Get};
use keel_math::{
	health::dot,
	keys::{file, filing_weight, Filing},
	margin::{funding_received, profit},
	units::{notional, share, size_of, Rounding},
	Holding, MathError, Standing, I256,
};
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Ratio, Side};
use keel_traits::{Judgement, MarketGate, OnUnhealthy, PriceFeed};
use sp_runtime::DispatchError;

/// Why an account is filed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
	/// Its owner, or money, touched it: the margin call is armed again.
	Touched(Option<MarketId>),
	/// One of its keys has fired.
	Fired,
}

impl<T: Config> From<MathError> for Error<T> {
	fn from(_: MathError) -> Self {
		Self::Overflow
	}
}

/// Turn an error of the arithmetic into the pallet's.
pub(crate) fn fits<T: Config, R>(result: Result<R, MathError>) -> Result<R, DispatchError> {
	result.map_err(|error| Error::<T>::from(error).into())
}

/// `a + b`.
pub(crate) fn plus<T: Config>(a: Quote, b: Quote) -> Result<Quote, DispatchError> {
	a.0.checked_add(b.0).map(Quote).ok_or_else(|| Error::<T>::Overflow.into())
}

/// `a - b`.
pub(crate) fn minus<T: Config>(a: Quote, b: Quote) -> Result<Quote, DispatchError> {
	a.0.checked_sub(b.0).map(Quote).ok_or_else(|| Error::<T>::Overflow.into())
}

impl<T: Config> Pallet<T> {
	/// The ids of all markets: they are given in order, and no market is ever removed.
	pub(crate) fn market_ids() -> impl Iterator<Item = MarketId> {
		(0..crate::pallet::NextMarket::<T>::get().0).map(MarketId)
	}

	pub(crate) fn market(id: MarketId) -> Result<Market, DispatchError> {
		Markets::<T>::get(id).ok_or_else(|| Error::<T>::UnknownMarket.into())
	}

	pub(crate) fn stored(who: &MarginAccount<T::AccountId>) -> Account<T> {
		Accounts::<T>::get(&who.owner, who.sub)
	}

	/// Change an account. What has ended is settled before, keys are filed after, and an account that is
	/// found unhealthy is handed over.
	pub(crate) fn touch<R>(
		who: &MarginAccount<T::AccountId>,
		cause: Cause,
		change: impl FnOnce(&mut Account<T>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		let stored = Self::stored(who);
		let mut account = stored.clone();
		Self::settle_ended(who, &mut account)?;
		let result = change(&mut account)?;
		let news = Self::place(&mut account, cause)?;
		Self::store(who, &stored, account)?;
		Self::tell(who, news);
		Ok(result)
	}

	/// The account with everything settled that has ended.
	pub(crate) fn current(who: &MarginAccount<T::AccountId>) -> Result<Account<T>, DispatchError> {
		let account = Self::stored(who);
		let to_settle = account.positions.iter().any(|position| {
			Markets::<T>::get(position.market).is_some_and(|market| {
				let side = market.book.side(position.side);
				side.generation != position.generation || Self::is_dust(position, &market)
			})
		});
		if !to_settle {
			return Ok(account);
		}
		// In hooks nothing else would undo what was settled of an account that then cannot be written.
		with_storage_layer(|| Self::touch(who, Cause::Touched(None), |_| Ok::<_, DispatchError>(())))?;
		Ok(Self::stored(who))
	}

	/// Whether deleveraging has left less of a position than the smallest size.
	fn is_dust(position: &Position, market: &Market) -> bool {
		size_of(position.units, market.book.side(position.side).scale).is_ok_and(|size| size.is_zero())
	}

	/// Write an account: its keys where they changed, its cash into the sum of all.
	fn store(
		who: &MarginAccount<T::AccountId>,
		before: &Account<T>,
		after: Account<T>,
	) -> Result<(), DispatchError> {
		let (old, new) = (Self::filings(before), Self::filings(&after));
		let changed: BTreeSet<MarketId> = old.symmetric_difference(&new).map(|filed| filed.market).collect();
		for id in changed {
			let mut market = Self::market(id)?;
			for filed in old.difference(&new).filter(|filed| filed.market == id) {
				Self::unfile_key(&mut market, filed, who);
			}
			for filed in new.difference(&old).filter(|filed| filed.market == id) {
				Self::file_key(&mut market, filed, who);
			}
			Markets::<T>::insert(id, market);
		}
		if before.cash != after.cash {
			let others = minus::<T>(TotalCash::<T>::get(), before.cash)?;
			TotalCash::<T>::put(plus::<T>(others, after.cash)?);
		}
		Self::remember(who, after);
		Ok(())
	}

	/// Write an account whose cash and keys have not changed, or forget it when nothing is left of it.
	pub(crate) fn remember(who: &MarginAccount<T::AccountId>, account: Account<T>) {
		if account.is_empty() {
			Accounts::<T>::remove(&who.owner, who.sub);
		} else {
			Accounts::<T>::insert(&who.owner, who.sub, account);
		}
	}

	/// Where the keys of an account are.
	pub(crate) fn filings(account: &Account<T>) -> BTreeSet<Filed> {
		account
			.positions
			.iter()
			.filter_map(|position| {
				Some(Filed {
					market: position.market,
					side: position.side,
					generation: position.generation,
					key: position.key?,
				})
			})
			.collect()
	}

	/// Judge the account and decide where it belongs; new keys are in its positions afterwards. Without
	/// positions only a debt is unhealthy: what is left of positions of a side that was closed out.
	fn place(account: &mut Account<T>, cause: Cause) -> Result<News, DispatchError> {
		if account.place == Place::Queued {
			return Ok(News::None);
		}
		let standing = Self::standing(account)?;
		let judgement = Self::judgement(&standing)?;
		if judgement.is_unhealthy() {
			account.place = Place::Queued;
			account.warning = None;
			for position in account.positions.iter_mut() {
				position.key = None;
			}
			return Ok(News::Unhealthy(judgement));
		}
		account.losses.truncate(0);
		if account.positions.is_empty() {
			account.place = Place::Idle;
			account.warning = None;
			return Ok(News::None);
		}
		account.place = Place::Filed;
		let called = Self::arm(account, &judgement, cause)?;
		let reserve = I256::from(account.warning.unwrap_or_default());
		let budget = fits::<T, _>(standing.health.minus(reserve))?;
		let filings = Self::filing_list(account)?;
		let touched = match cause {
			Cause::Touched(Some(market)) => account.find(market).map(|(index, _)| index),
			_ => None,
		};
		let keys = fits::<T, _>(file(budget, &filings, touched))?;
		for (position, key) in account.positions.iter_mut().zip(keys) {
			position.key = Some(key);
		}
		Ok(if called { News::Called(judgement) } else { News::None })
	}

	/// Arm or spend the margin call. Returns whether it was spent just now.
	///
	/// A touch arms it with a share of the requirement, if the account has that much health. What is armed
	/// stays as it is while it is within a factor of two of that share: keys need not be written for less.
	fn arm(account: &mut Account<T>, judgement: &Judgement, cause: Cause) -> Result<bool, DispatchError> {
		let enough = |reserve: Quote| judgement.health >= reserve;
		if cause == Cause::Fired {
			let spent = account.warning.is_some_and(|reserve| !enough(reserve));
			if spent {
				account.warning = None;
			}
			return Ok(spent);
		}
		let wanted =
			fits::<T, _>(share(judgement.requirement, ratio_of(T::WarningShare::get()), Rounding::Up))?;
		let near = |reserve: Quote| {
			reserve.0.saturating_mul(2) >= wanted.0 && reserve.0 <= wanted.0.saturating_mul(2)
		};
		account.warning = account
			.warning
			.filter(|reserve| enough(*reserve) && near(*reserve))
			.or(Some(wanted))
			.filter(|r| enough(*r));
		Ok(false)
	}

	fn tell(who: &MarginAccount<T::AccountId>, news: News) {
		let account = who.clone();
		match news {
			News::None => {}
			News::Called(judgement) => Self::deposit_event(Event::MarginCalled { account, judgement }),
			News::Unhealthy(judgement) => {
				Self::deposit_event(Event::FoundUnhealthy { account, judgement });
				T::Unhealthy::on_unhealthy(who, &judgement);
			}
		}
	}

	/// The exposures as the trigger book wants them.
	fn filing_list(account: &Account<T>) -> Result<Vec<Filing>, DispatchError> {
		account
			.positions
			.iter()
			.map(|position| {
				let market = Self::market(position.market)?;
				let size = fits::<T, _>(size_of(position.units, market.book.side(position.side).scale))?;
				let notional = fits::<T, _>(notional(size, market.mark))?;
				Ok(Filing {
					side: position.side,
					units: position.units,
					level: fits::<T, _>(market.maintenance_level(position.side))?,
					key: position.key,
					weight: filing_weight(notional, T::Prices::observe(market.feed).volatility.0),
				})
			})
			.collect()
	}

	/// Where the account stands against its maintenance requirement. All positions must be of present
	/// generations.
	pub(crate) fn standing(account: &Account<T>) -> Result<Standing, DispatchError> {
		let holdings: Vec<Holding> = account
			.positions
			.iter()
			.map(|position| {
				let market = Self::market(position.market)?;
				let side = market.book.side(position.side);
				let rate = market.params.maintenance_rate;
				Ok(Holding {
					side: position.side,
					units: position.units,
					value: fits::<T, _>(side.level(position.side, market.mark, Ratio::ZERO))?,
					margined: fits::<T, _>(side.level(position.side, market.mark, rate))?,
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
			let side = market.book.side(position.side);
			terms.push((
				position.side,
				position.units,
				fits::<T, _>(side.level(position.side, price, rate))?,
			));
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
		let side = market.book.side(position.side);
		let value = fits::<T, _>(side.level(position.side, price, Ratio::ZERO))?;
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

	/// Turn positions of ended generations into cash, and units of the present one; dust is closed at mark
	/// against the house.
	fn settle_ended(
		who: &MarginAccount<T::AccountId>,
		account: &mut Account<T>,
	) -> Result<(), DispatchError> {
		let mut kept = Vec::new();
		for mut position in account.positions.clone() {
			let (id, side) = (position.market, position.side);
			let mut market = Self::market(id)?;
			if position.generation == market.book.side(side).generation && !Self::is_dust(&position, &market)
			{
				kept.push(position);
				continue;
			}
			// At most seven steps: each re-basing divides the units by a million, and they are below 2^120.
			while position.generation != market.book.side(side).generation && !position.units.is_zero() {
				let generation = position.generation;
				let Some(mut ended) = Generations::<T>::get((id, side, generation)) else {
					defensive!("a generation is kept while a position refers to it");
					return Err(Error::<T>::Overflow.into());
				};
				let settled = fits::<T, _>(market.book.settle(side, &mut ended, position.units))?;
				Generations::<T>::insert((id, side, generation), ended);
				Self::prune(&mut market, id, side, generation)?;
				Self::pay_out(account, &mut position, settled.cash)?;
				position.units = settled.units;
				position.generation = generation.next();
				position.funding_at = Default::default();
				position.key = None;
				Self::deposit_event(Event::PositionSettled {
					account: who.clone(),
					market: id,
					side,
					received: settled.cash,
				});
			}
			if !position.units.is_zero() && Self::is_dust(&position, &market) {
				let cash = fits::<T, _>(market.book.close(side, position.units, market.mark))?;
				Self::pay_out(account, &mut position, cash)?;
				position.units = Default::default();
			}
			Markets::<T>::insert(id, market);
			if position.units.is_zero() {
				// The entry that is left is what was lost by a long, or gained by a short.
				let realised = match side {
					Side::Long => minus::<T>(Quote::ZERO, position.entry)?,
					Side::Short => position.entry,
				};
				Self::note_loss(account, id, side, realised)?;
			} else {
				kept.push(position);
			}
		}
		account.positions.truncate(0);
		for position in kept {
			account.positions.try_push(position).map_err(|_| Error::<T>::TooManyPositions)?;
		}
		Ok(())
	}

	/// A part of a position became cash: it is no longer part of what is open.
	fn pay_out(account: &mut Account<T>, position: &mut Position, cash: Quote) -> Result<(), DispatchError> {
		account.cash = plus::<T>(account.cash, cash)?;
		position.entry = match position.side {
			Side::Long => minus::<T>(position.entry, cash)?,
			Side::Short => plus::<T>(position.entry, cash)?,
		};
		Ok(())
	}

	/// Forget generations that nobody refers to; what rounding left of their units is the house's.
	fn prune(
		market: &mut Market,
		id: MarketId,
		side: Side,
		mut generation: keel_math::Generation,
	) -> Result<(), DispatchError> {
		while let Some(ended) = Generations::<T>::get((id, side, generation)).filter(|e| e.is_settled()) {
			Generations::<T>::remove((id, side, generation));
			generation = generation.next();
			if ended.reserved.is_zero() {
				break;
			}
			if let Some(mut next) = Generations::<T>::get((id, side, generation)) {
				fits::<T, _>(market.book.absorb_ended(side, &mut next, ended.reserved))?;
				Generations::<T>::insert((id, side, generation), next);
			} else {
				fits::<T, _>(market.book.absorb(side, ended.reserved))?;
			}
		}
		Ok(())
	}
}

/// What there is to tell after an account was judged.
enum News {
	None,
	Called(Judgement),
	Unhealthy(Judgement),
}
