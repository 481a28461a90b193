// SPDX-License-Identifier: Apache-2.0
//! Who pays what a bankrupt account owes.

use crate::{pallet::*, waterfall::Next, Config, Receipts, WeightInfo, EXPOSURES_MAX};
use frame_support::{ensure, traits::ConstU32, weights::WeightMeter, BoundedVec};
use keel_primitives::{MarginAccount, MarketId, Quote};
use keel_traits::{Deficit, Exposure, Judgement, Liquidatable, LossAbsorber};
use sp_runtime::{ArithmeticError, DispatchError};

/// What became of the deficits of an account, or of what it pays back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Paid {
	/// There was nothing to pay.
	Nothing,
	/// All of it is paid; of what is paid back, all that the account has.
	All,
	/// The block has no weight left for it.
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
			// Who still owed something has nothing to pay back with.
			Paid::All => Self::release(account),
			Paid::Nothing => match Self::pay_back(account, meter)? {
				Paid::NoWeight => Ok(Next::NoWeight),
				Paid::All | Paid::Nothing => Self::release(account),
			},
		}
	}

	/// Nothing that is left can be closed now: the account waits for its markets.
	///
	/// That may take long, and those who gained where a bankrupt account has nothing left must not wait for
	/// it: what is certain of its debt is paid first. Then it is bankrupt only where it still holds a
	/// position.
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
		// Everybody who pays here has an entry.
		let mut entry = Entries::<T>::get(account).ok_or(DispatchError::CannotLookup)?;
		for deficit in &deficits {
			let paid = Self::cover(account, *deficit, entry.from_fund)?;
			entry.from_fund = more(entry.from_fund, paid.fund)?;
			if held > 0 {
				note_advance(&mut entry.advanced, deficit)?;
			}
		}
		Entries::<T>::insert(account, entry);
		// Owing nothing now is the proof that the receipts were credited, to the unit.
		ensure!(T::Margin::deficits(account).is_empty(), Error::<T>::ReceiptsDoNotSum);
		Ok(Paid::All)
	}

	/// A solvent account pays back what others have paid for it before it waited: what it still held has brought
	/// that back. Else a loss would be others' and the gain after it the account's own. It pays what it has, now,
	/// and the rest when it has more; it may be unhealthy afterwards.
	pub(crate) fn pay_back(
		account: &MarginAccount<T::AccountId>,
		meter: &mut WeightMeter,
	) -> Result<Paid, DispatchError> {
		let Some(entry) = Entries::<T>::get(account).filter(|entry| !entry.advanced.is_empty()) else {
			return Ok(Paid::Nothing);
		};
		let mut advanced = entry.advanced;
		let parts = u32::try_from(advanced.len()).unwrap_or(EXPOSURES_MAX);
		if meter.try_consume(T::WeightInfo::resolve(parts)).is_err() {
			return Ok(Paid::NoWeight);
		}
		let mut paid = Paid::Nothing;
		for (market, owed) in advanced.iter_mut() {
			let amount = T::Margin::charge(account, *owed);
			if amount.is_zero() {
				break;
			}
			T::Losses::keep(*market, amount);
			*owed = less(*owed, amount)?;
			paid = Paid::All;
			Self::deposit_event(Event::PaidBack { account: account.clone(), market: *market, amount });
		}
		advanced.retain(|(_, owed)| !owed.is_zero());
		Entries::<T>::mutate_extant(account, |entry| entry.advanced = advanced);
		Ok(paid)
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

/// One more part of a debt was paid before its account waits.
fn note_advance(
	advanced: &mut BoundedVec<(MarketId, Quote), ConstU32<EXPOSURES_MAX>>,
	deficit: &Deficit,
) -> Result<(), DispatchError> {
	match advanced.iter_mut().find(|(market, _)| *market == deficit.market) {
		Some((_, amount)) => *amount = more(*amount, deficit.amount)?,
		// There are as many places as an account may have positions.
		None => advanced
			.try_push((deficit.market, deficit.amount))
			.map_err(|_| DispatchError::from(ArithmeticError::Overflow))?,
	}
	Ok(())
}

/// `a + b`.
fn more(a: Quote, b: Quote) -> Result<Quote, ArithmeticError> {
	a.0.checked_add(b.0).map(Quote).ok_or(ArithmeticError::Overflow)
}

/// `a - b`, which must be non-negative parts of one amount.
fn less(a: Quote, b: Quote) -> Result<Quote, ArithmeticError> {
	a.0.checked_sub(b.0).map(Quote).ok_or(ArithmeticError::Underflow)
}
