// SPDX-License-Identifier: Apache-2.0
//! Who pays what a bankrupt account owes.

use crate::{pallet::*, waterfall::Next, Config, Receipts, WeightInfo, EXPOSURES_MAX};
use frame_support::{ensure, weights::WeightMeter};
use keel_primitives::{MarginAccount, Quote};
use keel_traits::{Deficit, Exposure, Judgement, Liquidatable, LossAbsorber};
use sp_runtime::{ArithmeticError, DispatchError};

/// What became of the deficits of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Paid {
	/// There was none.
	Nothing,
	/// All of them are paid.
	All,
	/// The block has no weight left for them.
	NoWeight,
}

impl<T: Config> Pallet<T> {
	/// Nothing is left to close: pay the account's debts, if any, and let it go.
	pub(crate) fn resolve(
		account: &MarginAccount<T::AccountId>,
		meter: &mut WeightMeter,
	) -> Result<Next, DispatchError> {
		match Self::pay(account, 0, meter)? {
			Paid::NoWeight => Ok(Next::NoWeight),
			Paid::All | Paid::Nothing => Self::release(account),
		}
	}

	/// Nothing that is left can be closed now: the account waits for its markets.
	///
	/// That may take long, and those who gained where a bankrupt account has nothing left must not wait for
	/// it: what is certain of its debt is paid first. Then it is bankrupt only where it still holds a
	/// position, unless it owes nothing yet in cash for what it lacks.
	pub(crate) fn wait(
		account: &MarginAccount<T::AccountId>,
		judgement: &Judgement,
		exposures: &[Exposure],
		meter: &mut WeightMeter,
	) -> Result<Next, DispatchError> {
		let mut next = Next::Parked;
		if judgement.is_bankrupt() {
			match Self::pay(account, exposures.len(), meter)? {
				Paid::NoWeight => return Ok(Next::NoWeight),
				Paid::Nothing => (),
				Paid::All => next = Next::Done,
			}
			if next == Next::Done && !T::Margin::judge(account).is_some_and(|after| after.is_bankrupt()) {
				T::Margin::forget_losses(account);
			}
			Self::unmark_settled(account);
		}
		Self::park(account, exposures);
		Ok(next)
	}

	/// Pay for what is certain of the debt of an account that holds so many positions.
	fn pay(
		account: &MarginAccount<T::AccountId>,
		held: usize,
		meter: &mut WeightMeter,
	) -> Result<Paid, DispatchError> {
		let deficits = T::Margin::deficits(account);
		if deficits.is_empty() {
			return Ok(Paid::Nothing);
		}
		// Each payment touches the account: positions that are left cost as much as parts at most.
		let parts = u32::try_from(deficits.len().saturating_add(held)).unwrap_or(EXPOSURES_MAX);
		if meter.try_consume(T::WeightInfo::resolve(parts.min(EXPOSURES_MAX))).is_err() {
			return Ok(Paid::NoWeight);
		}
		let mut from_fund = Entries::<T>::get(account).map_or(Quote::ZERO, |entry| entry.from_fund);
		for deficit in deficits {
			let paid = Self::cover(account, deficit, from_fund)?;
			from_fund = from_fund.0.checked_add(paid.fund.0).map(Quote).ok_or(ArithmeticError::Overflow)?;
		}
		Entries::<T>::mutate_extant(account, |entry| entry.from_fund = from_fund);
		// Owing nothing now is the proof that the receipts were credited, to the unit.
		ensure!(T::Margin::deficits(account).is_empty(), Error::<T>::ReceiptsDoNotSum);
		Ok(Paid::All)
	}

	/// Pay for one deficit: tranche, global fund, the side that gained, the market. The fund has paid
	/// `from_fund` for the account before.
	fn cover(
		account: &MarginAccount<T::AccountId>,
		deficit: Deficit,
		from_fund: Quote,
	) -> Result<Receipts, DispatchError> {
		let Deficit { market, side, amount: loss } = deficit;
		let paid = T::Losses::absorb(market, loss, from_fund);
		if !paid.total().is_zero() {
			T::Margin::credit(account, Deficit { amount: paid.total(), ..deficit });
		}
		let rest = less(loss, paid.total())?;
		let socialised = match rest {
			Quote::ZERO => Quote::ZERO,
			_ => T::Margin::socialise(account, Deficit { amount: rest, ..deficit }),
		};
		let market_debt = less(rest, socialised)?;

		let receipts = Receipts { loss, tranche: paid.tranche, fund: paid.fund, socialised, market_debt };
		ensure!(receipts.balance(), Error::<T>::ReceiptsDoNotSum);
		MarketReceipts::<T>::try_mutate(market, |sum| {
			*sum = sum.checked_add(&receipts).ok_or(ArithmeticError::Overflow)?;
			Ok::<_, DispatchError>(())
		})?;
		let Receipts { loss, tranche, fund, socialised, market_debt } = receipts;
		let account = account.clone();
		Self::deposit_event(Event::LossCovered {
			account,
			market,
			side,
			loss,
			tranche,
			fund,
			socialised,
			market_debt,
		});
		Ok(receipts)
	}
}

/// `a - b`, which must be non-negative parts of one amount.
fn less(a: Quote, b: Quote) -> Result<Quote, ArithmeticError> {
	a.0.checked_sub(b.0).map(Quote).ok_or(ArithmeticError::Underflow)
}
