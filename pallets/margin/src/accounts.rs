// SPDX-License-Identifier: Apache-2.0
//! Touching an account: load, settle what has ended, change, judge, file, store.

use crate::{
	desk::{Desk, Listed},
	pallet::{Accounts, Config, Error, Event, Markets, Pallet, TotalCash},
	triggers::Headless,
	types::{ratio_of, Account, Filed, Market, Place, Position},
};
use alloc::{collections::BTreeSet, vec::Vec};
use core::num::NonZeroU32;
use frame_support::{ensure, storage::with_storage_layer, traits::Get};
use keel_math::{
	keys::{file, filing_weight, Filing},
	units::{notional, share, size_of, Rounding},
	MathError, TierIndex, I256,
};
use keel_primitives::{MarginAccount, MarketId, Quote, Side};
use keel_traits::{Judgement, OnUnhealthy};
use sp_runtime::DispatchError;

/// The largest leverage cap: a tenth of a percent of margin, less than any market asks for.
const LEVERAGE_MAX: u32 = 1_000;

/// Why an account is filed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
	/// Its owner, or money, touched it: the margin call is armed again.
	Touched(Option<MarketId>),
	/// One of its keys has fired.
	Fired,
}

/// What touching an account was: what it is charged by, and what it has paid for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Touched {
	/// The positions it had.
	pub positions: u32,
	/// The ended generations in which something of it was settled.
	pub settled: u32,
	/// Whether it was handed over to liquidation.
	pub seized: bool,
	/// What it has paid for being filed again.
	pub fee: Quote,
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
		Self::touch_on(who, cause, |account, _| change(account))
	}

	/// The same for a change that looks at markets, or changes them: while an account is touched they are on the
	/// desk and nowhere else.
	pub(crate) fn touch_on<R>(
		who: &MarginAccount<T::AccountId>,
		cause: Cause,
		change: impl FnOnce(&mut Account<T>, &mut Desk<T>) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		Self::touch_with(None, who, cause, change).map(|(result, _)| result)
	}

	/// Touch an account in a walk, and say what that was. A ladder that loses its first key gets its next one when the
	/// walk is over: not once for each account, every time past all that were removed before.
	pub(crate) fn touch_in_walk(
		headless: &mut Headless,
		who: &MarginAccount<T::AccountId>,
		cause: Cause,
	) -> Result<Touched, DispatchError> {
		Self::touch_with(Some(headless), who, cause, |_, _| Ok(())).map(|((), touched)| touched)
	}

	fn touch_with<R>(
		walk: Option<&mut Headless>,
		who: &MarginAccount<T::AccountId>,
		cause: Cause,
		change: impl FnOnce(&mut Account<T>, &mut Desk<T>) -> Result<R, DispatchError>,
	) -> Result<(R, Touched), DispatchError> {
		let stored = Self::stored(who);
		let mut account = stored.clone();
		let mut desk = Desk::default();
		let settled = Self::settle_ended(&mut desk, who, &mut account)?;
		let result = change(&mut account, &mut desk)?;
		let fee = Self::take_refiling_fee(&mut desk, &mut account, cause)?;
		let news = Self::place(&mut desk, &mut account, cause)?;
		let positions = u32::try_from(stored.positions.len()).unwrap_or(u32::MAX);
		let touched = Touched { positions, settled, seized: matches!(news, News::Unhealthy(_)), fee };
		Self::store(desk, walk, who, &stored, account)?;
		// Whoever hears of it reads and writes markets too.
		Self::tell(who, news);
		Ok((result, touched))
	}

	/// The account with everything settled that has ended.
	pub(crate) fn current(who: &MarginAccount<T::AccountId>) -> Result<Account<T>, DispatchError> {
		Self::current_on(&mut Desk::default(), who)
	}

	/// The same, with its markets on the desk.
	pub(crate) fn current_on(
		desk: &mut Desk<T>,
		who: &MarginAccount<T::AccountId>,
	) -> Result<Account<T>, DispatchError> {
		let account = Self::stored(who);
		let to_settle = account.positions.iter().any(|position| {
			desk.market(position.market).is_ok_and(|market| Self::is_to_settle(position, market))
		});
		if !to_settle {
			return Ok(account);
		}
		// In hooks nothing else would undo what was settled of an account that then cannot be written.
		with_storage_layer(|| Self::touch(who, Cause::Touched(None), |_| Ok::<_, DispatchError>(())))?;
		// What lay on it is old now.
		*desk = Desk::default();
		Ok(Self::stored(who))
	}

	/// Write an account: its keys where they changed, its cash into the sum of all; and its markets.
	pub(crate) fn store(
		mut desk: Desk<T>,
		walk: Option<&mut Headless>,
		who: &MarginAccount<T::AccountId>,
		before: &Account<T>,
		after: Account<T>,
	) -> Result<(), DispatchError> {
		let (old, new) = (Self::filings(before), Self::filings(&after));
		let mut headless = Headless::new();
		for filed in old.difference(&new) {
			Self::unfile_key(&mut desk, &mut headless, filed, who)?;
		}
		for filed in new.difference(&old) {
			Self::file_key(&mut desk, filed, who)?;
		}
		let (old, new) = (Self::in_liquidation_in(before), Self::in_liquidation_in(&after));
		for (id, side) in old.difference(&new) {
			let watch = desk.market_mut(*id)?.watch_mut(*side);
			watch.queued = watch.queued.saturating_sub(1);
		}
		for (id, side) in new.difference(&old) {
			let watch = desk.market_mut(*id)?.watch_mut(*side);
			watch.queued = watch.queued.saturating_add(1);
		}
		let (old, new) = (Self::tiers_in(before), Self::tiers_in(&after));
		for (id, tier) in old.difference(&new) {
			desk.market_mut(*id)?.tiers.leave(*tier);
		}
		for (id, tier) in new.difference(&old) {
			desk.market_mut(*id)?.tiers.enter(*tier);
		}
		// Outside of a walk nobody looks for the next key, which may be behind any number of keys that were deleted in
		// this block. A head that is gone stays, until it fires: the walk finds who is the first then.
		if let Some(walk) = walk {
			walk.append(&mut headless);
		}
		desk.put_back();
		if before.cash != after.cash {
			let others = minus::<T>(TotalCash::<T>::get(), before.cash)?;
			TotalCash::<T>::put(plus::<T>(others, after.cash)?);
		}
		Self::remember(who, after);
		Ok(())
	}

	/// Set the leverage cap of an account. It counts for what the account does from now on: no key changes.
	pub(crate) fn do_set_leverage(
		who: MarginAccount<T::AccountId>,
		leverage: Option<u32>,
	) -> Result<(), DispatchError> {
		let cap = leverage.map(|times| {
			NonZeroU32::new(times)
				.filter(|times| times.get() <= LEVERAGE_MAX)
				.ok_or(Error::<T>::InvalidLeverage)
		});
		let mut account = Self::stored(&who);
		ensure!(!account.is_empty(), Error::<T>::NoAccount);
		account.leverage = cap.transpose()?;
		Self::remember(&who, account);
		Self::deposit_event(Event::LeverageSet { account: who, leverage });
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

	/// The sides that an account in liquidation holds, or has lost on and not paid for.
	pub(crate) fn in_liquidation_in(account: &Account<T>) -> BTreeSet<(MarketId, Side)> {
		if account.place != Place::Queued {
			return BTreeSet::new();
		}
		let held = account.positions.iter().map(|position| (position.market, position.side));
		held.chain(account.losses.iter().map(|loss| (loss.market, loss.side))).collect()
	}

	/// The tiers that an account has a position in.
	pub(crate) fn tiers_in(account: &Account<T>) -> BTreeSet<(MarketId, TierIndex)> {
		account.positions.iter().map(|position| (position.market, position.tier)).collect()
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
					tier: position.tier,
					generation: position.generation,
					key: position.key?,
				})
			})
			.collect()
	}

	/// Judge the account and decide where it belongs; new keys are in its positions afterwards. Without
	/// positions only a debt is unhealthy: what is left of positions of a side that was closed out.
	pub(crate) fn place(
		desk: &mut Desk<T>,
		account: &mut Account<T>,
		cause: Cause,
	) -> Result<News, DispatchError> {
		let standing = Self::standing_on(desk, account)?;
		// What it lost while it was solvent its own margin has paid for, whether it is healthy, found or queued.
		if !standing.equity.is_negative() {
			account.losses.truncate(0);
		}
		if account.place == Place::Queued {
			return Ok(News::None);
		}
		let judgement = Self::judgement(&standing)?;
		if judgement.is_unhealthy() {
			account.place = Place::Queued;
			account.warning = None;
			for position in account.positions.iter_mut() {
				position.key = None;
			}
			return Ok(News::Unhealthy(judgement));
		}
		if account.positions.is_empty() {
			account.place = Place::Idle;
			account.warning = None;
			return Ok(News::None);
		}
		account.place = Place::Filed;
		let called = Self::arm(account, &judgement, cause)?;
		let reserve = I256::from(account.warning.unwrap_or_default());
		let budget = fits::<T, _>(standing.health.minus(reserve))?;
		let touched = match cause {
			Cause::Touched(market) => market,
			Cause::Fired => None,
		};
		Self::refile(desk, account, budget, touched)?;
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

	pub(crate) fn tell(who: &MarginAccount<T::AccountId>, news: News) {
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

	/// Give every position its key, such that the corner is at least health less `budget`.
	fn refile(
		desk: &mut Desk<T>,
		account: &mut Account<T>,
		budget: I256,
		touched: Option<MarketId>,
	) -> Result<(), DispatchError> {
		let filings = account
			.positions
			.iter()
			.map(|position| Self::filing(position, desk.market(position.market)?))
			.collect::<Result<Vec<Filing>, DispatchError>>()?;
		let touched = account.positions.iter().position(|position| Some(position.market) == touched);
		let keys = fits::<T, _>(file(budget, &filings, touched))?;
		for (position, key) in account.positions.iter_mut().zip(keys) {
			position.key = Some(key);
		}
		Ok(())
	}

	/// An exposure as the trigger book wants it.
	fn filing(position: &Position, market: &Listed<T>) -> Result<Filing, DispatchError> {
		let size = fits::<T, _>(size_of(position.units, market.book.side(position.side).scale))?;
		let notional = fits::<T, _>(notional(size, market.mark))?;
		Ok(Filing {
			side: position.side,
			units: position.units,
			level: fits::<T, _>(market.maintenance_level(position.side, position.tier))?,
			key: position.key,
			weight: filing_weight(notional, market.observation().volatility.0),
		})
	}
}

/// What there is to tell after an account was judged.
pub(crate) enum News {
	None,
	Called(Judgement),
	Unhealthy(Judgement),
}
