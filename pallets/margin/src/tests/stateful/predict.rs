// SPDX-License-Identifier: Apache-2.0
//! What a command will do, before it is done.

use super::{
	command::Command,
	controls::Fault,
	model::{ensure, Model, Party, Refused, Who},
};
use crate::{mock::*, *};
use frame_support::traits::{fungible::Inspect, Get};
use keel_primitives::*;

/// An account that will be another.
#[derive(Clone, Debug)]
pub struct Change {
	pub who: Who,
	/// How it will be, but for keys, place and memories of liquidation.
	pub account: Account<Test>,
	/// Whether it will be judged.
	pub judged: bool,
}

impl Change {
	pub fn judged(who: Who, account: Account<Test>) -> Self {
		Self { who, account, judged: true }
	}
}

/// The accounts that will have changed; no other will. Or why it will be refused.
pub type Predicted = Result<Vec<Change>, Refused>;

/// What an account is but for keys, place, margin call and memories of liquidation.
pub fn bare(mut account: Account<Test>) -> Account<Test> {
	account.place = Place::Idle;
	account.warning = None;
	account.losses.truncate(0);
	for position in account.positions.iter_mut() {
		position.key = None;
	}
	if account.is_empty() {
		return Account::default();
	}
	account
}

fn used(owner: AccountId) -> Urgent<u64> {
	let used = UrgentCalls::<Test>::get(owner);
	if used.block == System::block_number() {
		used
	} else {
		Urgent::default()
	}
}

pub fn predict(command: &Command, fault: Option<Fault>) -> Predicted {
	match command {
		Command::Deposit { who, amount } => deposit(*who, *amount, fault),
		Command::Leave { who, to, amount } => leave(*who, *to, *amount, fault),
		Command::Offer { terms } => offer(terms, fault),
		Command::Accept { who, offer, intent } => accept(*who, *offer, *intent, fault),
		Command::Cancel { owner, offer } => cancel(*owner, *offer),
		Command::SetLeverage { who, leverage } => set_leverage(*who, *leverage),
		Command::Repay { owner, market, amount } => repay(*owner, *market, *amount),
		Command::Short { amount, .. } => {
			ensure(amount.0 > 0, Refused::AmountTooSmall)?;
			Err(Refused::CustodyBroken)
		}
		Command::View { market, price, .. } => {
			let mark = Model::now(fault).market(*market).mark;
			ensure(price.in_bounds() && mark.in_bounds(), Refused::PriceUnavailable).map(|()| Vec::new())
		}
		Command::Act(act) => act.predict(fault),
		// Told by name, or seen in the block itself.
		Command::SetParams { .. } | Command::Status { .. } | Command::Block(_) => Ok(Vec::new()),
	}
}

/// Money comes from a balance.
pub fn pull(owner: AccountId, amount: Quote) -> Result<(), Refused> {
	ensure(amount.0 > 0, Refused::AmountTooSmall)?;
	ensure(Custodied::<Test>::get().0.checked_add(amount.0).is_some(), Refused::Overflow)?;
	ensure(Usdk::balance(&owner) >= amount.0.unsigned_abs(), Refused::InsufficientBalance)
}

fn deposit(who: Who, amount: Quote, fault: Option<Fault>) -> Predicted {
	let (model, [mut party]) = Model::of([who], fault);
	ensure(!used(who.owner).add_margin || model.is(Fault::UrgencyIgnored), Refused::OncePerBlock)?;
	ensure(amount >= <Test as Config>::MinDeposit::get(), Refused::AmountTooSmall)?;
	pull(who.owner, amount)?;
	party.account.cash.0 += amount.0;
	Ok(vec![Change::judged(who, party.account)])
}

fn leave(who: Who, to: Destination, amount: Quote, fault: Option<Fault>) -> Predicted {
	let (model, [mut party]) = Model::of([who], fault);
	ensure(amount.0 > 0, Refused::AmountTooSmall)?;
	ensure(to != Destination::Sub(who.sub), Refused::SameAccount)?;
	ensure(party.account.place != Place::Queued, Refused::InLiquidation)?;
	ensure(party.account.leaving.is_zero(), Refused::AlreadyLeaving)?;
	let free = model.surplus(&party.account, Requirement::Withdrawal);
	let is_free = if model.is(Fault::LimitExclusive) { free > amount.0 } else { free >= amount.0 };
	ensure(is_free, Refused::InsufficientFreeCollateral)?;
	let is_old = u64::from(party.account.free_from) <= System::block_number();
	if party.account.positions.is_empty() && (is_old || model.is(Fault::YoungTradeIgnored)) {
		party.account.cash.0 -= amount.0;
		let Destination::Sub(sub) = to else {
			ensure(Custodied::<Test>::get() >= amount, Refused::CustodyBroken)?;
			return Ok(vec![Change::judged(who, party.account)]);
		};
		let (_, [mut other]) = Model::of([Who::new(who.owner, sub)], fault);
		other.account.cash.0 += amount.0;
		return Ok([party, other].map(|party| Change::judged(party.who, party.account)).into());
	}
	let waiting: Vec<_> = LeavingQueue::<Test>::iter_values().collect();
	let least = <Test as Config>::MinWithdrawal::get().0 * (1 + waiting.len() as i128 / 128);
	ensure(amount.0 >= least, Refused::WithdrawalTooSmall)?;
	ensure(model.money_may_leave(&party.account), Refused::PriceUnavailable)?;
	let most: u32 = <Test as Config>::MaxLeaving::get();
	ensure(waiting.len() < most as usize, Refused::QueueFull)?;
	let own = waiting.iter().filter(|entry| entry.account.owner == who.owner).count();
	let most: u32 = <Test as Config>::MaxLeavingPerOwner::get();
	ensure(own < most as usize, Refused::TooManyLeaving)?;
	party.account.leaving = amount;
	Ok(vec![Change::judged(who, party.account)])
}

fn offer(terms: &OfferOf<Test>, fault: Option<Fault>) -> Predicted {
	let (model, [mut maker]) = Model::of([terms.maker], fault);
	let mut terms = terms.clone();
	if terms.intent == Intent::Reduce {
		let is_used = used(maker.who.owner).reduce && !model.is(Fault::UrgencyIgnored);
		ensure(!is_used, Refused::OncePerBlock)?;
	}
	ensure(model.markets.contains_key(&terms.market), Refused::UnknownMarket)?;
	if terms.intent == Intent::Reduce {
		let (held, _) = model.held(&maker.account, terms.market).ok_or(Refused::NoPosition)?;
		terms.side = held.opposite();
	}
	model.may_offer(&terms, &maker)?;
	maker.account.offers += 1;
	Ok(vec![Change::judged(maker.who, maker.account)])
}

fn accept(who: Who, offer: u64, intent: Intent, fault: Option<Fault>) -> Predicted {
	if intent == Intent::Reduce {
		ensure(!used(who.owner).reduce, Refused::OncePerBlock)?;
	}
	let terms = Offers::<Test>::get(offer).ok_or(Refused::UnknownOffer)?;
	ensure(terms.expires >= System::block_number(), Refused::OfferExpired)?;
	ensure(terms.taker.is_none_or(|taker| taker == who.owner), Refused::NotForYou)?;
	ensure(terms.maker != who, Refused::SelfTrade)?;
	let (model, [maker, taker]) = Model::of([terms.maker, who], fault);
	model.trades(terms.market, Intent::Reduce)?;
	model.is_price(terms.market, terms.price)?;
	let [mut gives, takes] = model.pair(&terms, &maker, &taker, intent)?;
	gives.offers -= 1;
	Ok(vec![Change::judged(maker.who, gives), Change::judged(taker.who, takes)])
}

fn cancel(owner: AccountId, offer: u64) -> Predicted {
	ensure(!used(owner).cancel, Refused::OncePerBlock)?;
	let terms = Offers::<Test>::get(offer).ok_or(Refused::UnknownOffer)?;
	let has_expired = terms.expires < System::block_number();
	ensure(has_expired || terms.maker.owner == owner, Refused::NotYourOffer)?;
	let mut account = Margin::stored(&terms.maker);
	account.offers -= 1;
	Ok(vec![Change { who: terms.maker, account, judged: false }])
}

fn set_leverage(who: Who, leverage: Option<u32>) -> Predicted {
	let mut account = Margin::stored(&who);
	ensure(!account.is_empty(), Refused::NoAccount)?;
	ensure(leverage.is_none_or(|times| (1..=1_000).contains(&times)), Refused::InvalidLeverage)?;
	account.leverage = leverage.and_then(core::num::NonZeroU32::new);
	Ok(vec![Change { who, account, judged: false }])
}

fn repay(owner: AccountId, market: MarketId, amount: Quote) -> Predicted {
	ensure(amount.0 > 0, Refused::AmountTooSmall)?;
	let debt = Markets::<Test>::get(market).ok_or(Refused::UnknownMarket)?.book.debt;
	ensure(!debt.is_zero(), Refused::NoDebt)?;
	pull(owner, amount.min(debt)).map(|()| Vec::new())
}

/// A party as it is now.
pub fn party(who: Who, fault: Option<Fault>) -> (Model, Party) {
	let (model, [party]) = Model::of([who], fault);
	(model, party)
}
