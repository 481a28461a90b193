// SPDX-License-Identifier: Apache-2.0
//! Who pays what a bankrupt account owes.

use crate::{pallet::*, waterfall::Next, Advance, Config, Entry, Receipts, WeightInfo, EXPOSURES_MAX};
use frame_support::{ensure, traits::ConstU32, weights::WeightMeter, BoundedVec};
use keel_primitives::{MarginAccount, MarketId, Quote, Side};
use keel_traits::{Deficit, Liquidatable, LossAbsorber, Payment};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult};

/// What became of what an account is to pay back, or others for it.
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
		let paid = match Self::pay_left(account, meter)? {
			// Who still owed something has nothing to pay back with.
			Paid::Nothing => Self::pay_back(account, meter)?,
			paid => paid,
		};
		match paid {
			Paid::NoWeight => Ok(Next::NoWeight),
			Paid::All | Paid::Nothing => Self::release(account),
		}
	}

	/// Pay for positions that are gone without having been closed by a step: those of sides that were closed
	/// out, and ended with less than nothing.
	pub(crate) fn pay_left(
		account: &MarginAccount<T::AccountId>,
		meter: &mut WeightMeter,
	) -> Result<Paid, DispatchError> {
		let deficits = T::Margin::deficits(account);
		if deficits.is_empty() {
			return Ok(Paid::Nothing);
		}
		let parts = u32::try_from(deficits.len()).unwrap_or(EXPOSURES_MAX).min(EXPOSURES_MAX);
		if meter.try_consume(T::WeightInfo::resolve(parts)).is_err() {
			return Ok(Paid::NoWeight);
		}
		Self::pay(account, &deficits)?;
		Ok(Paid::All)
	}

	/// Pay for the part of a bankrupt account's debt that belongs to the position that was just closed.
	///
	/// In the same step: nobody who gained from it can have left, and nobody can have come who did not.
	pub(crate) fn pay_for_closed(account: &MarginAccount<T::AccountId>) -> DispatchResult {
		Self::pay(account, &T::Margin::deficits(account))?;
		// Nobody waits for it there any more.
		Self::unmark_settled(account);
		Ok(())
	}

	fn pay(account: &MarginAccount<T::AccountId>, deficits: &[Deficit]) -> DispatchResult {
		let mut debt = T::Margin::debt(account);
		let may_recover = T::Margin::judge(account).is_some();
		// Everybody who pays here has an entry.
		let mut entry = Entries::<T>::get(account).ok_or(DispatchError::CannotLookup)?;
		for deficit in deficits {
			let paid = Self::cover(account, *deficit, entry.from_fund)?;
			entry.from_fund = more(entry.from_fund, paid.fund)?;
			debt = less(debt, deficit.amount)?;
			if may_recover {
				note_advance(&mut entry.advanced, deficit, &paid)?;
			}
		}
		Entries::<T>::insert(account, entry);
		if may_recover && !T::Margin::losses(account).is_empty() {
			// What had no part in this debt has none in a later one.
			T::Margin::forget_losses(account);
		}
		// Owing that much less is the proof that the receipts were credited, to the unit; and nothing may be
		// left when all is closed.
		let is_settled = may_recover || debt.is_zero();
		ensure!(is_settled && T::Margin::debt(account) == debt, Error::<T>::ReceiptsDoNotSum);
		Ok(())
	}

	/// A solvent account pays back what others have paid for it, in the reverse order of the receipts: what it still
	/// held has brought that back. Else a loss would be others' and the gain after it the account's own. It pays what
	/// it has, now, and the rest when it has more; it may be unhealthy afterwards.
	pub(crate) fn pay_back(
		account: &MarginAccount<T::AccountId>,
		meter: &mut WeightMeter,
	) -> Result<Paid, DispatchError> {
		let Some(entry) = Entries::<T>::get(account).filter(|entry| !entry.advanced.is_empty()) else {
			return Ok(Paid::Nothing);
		};
		let Entry { mut advanced, mut from_fund, .. } = entry;
		let parts = u32::try_from(advanced.len()).unwrap_or(EXPOSURES_MAX);
		if meter.try_consume(T::WeightInfo::pay_back(parts)).is_err() {
			return Ok(Paid::NoWeight);
		}
		let mut paid = Paid::Nothing;
		for Advance { market, side, paid: owed } in advanced.iter_mut() {
			let amount = T::Margin::charge(account, owed.loss);
			if amount.is_zero() {
				break;
			}
			let back = owed.take_back(amount);
			ensure!(back.balance() && back.loss == amount, Error::<T>::ReceiptsDoNotSum);
			from_fund = less(from_fund, back.fund.min(from_fund))?;
			Self::give_back(&account.owner, *market, side.opposite(), &back);
			paid = Paid::All;
			let Receipts { tranche, fund, socialised, market_debt, .. } = back;
			let (account, market) = (account.clone(), *market);
			Self::deposit_event(Event::PaidBack {
				account,
				market,
				amount,
				market_debt,
				socialised,
				fund,
				tranche,
			});
		}
		advanced.retain(|advance| !advance.paid.loss.is_zero());
		Entries::<T>::mutate_extant(account, |entry| {
			(entry.advanced, entry.from_fund) = (advanced, from_fund);
		});
		Ok(paid)
	}

	/// Give back to whom it is owed: the market, the holders of the side that bore it, the fund and the tranche. What
	/// others have repaid meanwhile, or was borne by holders who have left, is kept for the market.
	fn give_back(owner: &T::AccountId, market: MarketId, bearers: Side, back: &Receipts) {
		let Receipts { tranche, fund, socialised, market_debt, .. } = *back;
		let is_borne = !socialised.is_zero() && T::Margin::give_back(market, bearers, socialised);
		let left = if is_borne { Quote::ZERO } else { socialised };
		Self::keep(market, Quote(market_debt.0.saturating_add(left.0)));
		T::Losses::give_back(market, owner, Payment { tranche, fund });
	}

	/// Keep for a market what its liquidations have brought, and what came back and is nobody's: what it owes is repaid
	/// first, for as long as it owes nobody opens there.
	pub(crate) fn keep(market: MarketId, amount: Quote) {
		let unclaimed = T::Margin::take_unclaimed(market);
		let amount = Quote(amount.0.saturating_add(unclaimed.0));
		if amount.is_zero() {
			return;
		}
		let repaid = T::Margin::pay_debt(market, amount);
		let rest = Quote(amount.0.saturating_sub(repaid.0));
		if !rest.is_zero() {
			T::Losses::keep(market, rest);
		}
	}

	/// Pay for one deficit: tranche, global fund, the side that gained, the market. The fund has paid
	/// `from_fund` for the account before.
	fn cover(
		account: &MarginAccount<T::AccountId>,
		deficit: Deficit,
		from_fund: Quote,
	) -> Result<Receipts, DispatchError> {
		let Deficit { market, side, amount: loss } = deficit;
		let paid = T::Losses::absorb(market, &account.owner, loss, from_fund);
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

/// One more part of a debt was paid.
fn note_advance(
	advanced: &mut BoundedVec<Advance, ConstU32<EXPOSURES_MAX>>,
	deficit: &Deficit,
	paid: &Receipts,
) -> Result<(), DispatchError> {
	let Deficit { market, side, .. } = *deficit;
	match advanced.iter_mut().find(|advance| (advance.market, advance.side) == (market, side)) {
		Some(advance) => {
			advance.paid = advance.paid.checked_add(paid).ok_or(ArithmeticError::Overflow)?;
		}
		// There are as many places as an account may have positions.
		None => advanced
			.try_push(Advance { market, side, paid: *paid })
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
