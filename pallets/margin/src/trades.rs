// SPDX-License-Identifier: Apache-2.0
//! Block trades: offers, and taking them.

use crate::{
	accounts::{fits, plus, Cause},
	desk::{Desk, Listed},
	pallet::{Config, Error, Event, Markets, OfferIds, Offers, Pallet},
	types::{Account, Fill, Intent, Market, OfferOf, Place, Requirement},
};
use frame_support::{ensure, traits::Get};
use keel_math::{
	initial::{initial_rate, Opening},
	units::{notional, share, Rounding},
	Standing,
};
use keel_primitives::{Action, MarginAccount, MarketId, Price, Quote, Side, Size};
use keel_traits::OpenOrders;
use sp_runtime::{traits::Saturating, DispatchError, DispatchResult};

/// One side of a trade.
pub(crate) struct Traded {
	/// Where the account stood.
	before: Standing,
	/// What was done.
	pub fill: Fill,
}

impl<T: Config> Pallet<T> {
	/// What an account does to reduce its position.
	pub(crate) fn reducing_side(
		who: &MarginAccount<T::AccountId>,
		id: MarketId,
	) -> Result<Side, DispatchError> {
		Self::market(id)?;
		let account = Self::current(who)?;
		let (_, position) = account.find(id).ok_or(Error::<T>::NoPosition)?;
		Ok(position.side.opposite())
	}

	/// Put an offer on the table.
	pub(crate) fn do_offer(terms: OfferOf<T>) -> DispatchResult {
		let mut desk = Desk::<T>::default();
		let market = desk.market(terms.market)?;
		let now = frame_system::Pallet::<T>::block_number();
		let latest = now.saturating_add(T::MaxOfferLife::get());
		ensure!(terms.expires >= now && terms.expires <= latest, Error::<T>::InvalidExpiry);
		ensure!(!terms.size.is_zero(), Error::<T>::ZeroSize);
		Self::ensure_trading(market, terms.intent)?;
		Self::ensure_price(market, terms.price)?;
		let account = Self::current_on(&mut desk, &terms.maker)?;
		ensure!(account.place != Place::Queued, Error::<T>::InLiquidation);
		let market = desk.market(terms.market)?;
		let held = Self::held(&account, terms.market, market)?;
		let reduces = held.is_some_and(|(side, size)| side != terms.side && size >= terms.size);
		let whole = held.is_some_and(|(side, size)| side != terms.side && size == terms.size);
		ensure!(whole || terms.size.0.is_multiple_of(market.params.lot.0), Error::<T>::NotWholeLots);
		if terms.intent == Intent::Reduce {
			ensure!(reduces, Error::<T>::NotReducing);
			Self::ensure_worth_priority(market, terms.size, whole)?;
		}
		Self::ensure_may_offer(&mut desk, &account, &terms, held)?;
		ensure!(account.offers < T::MaxOffers::get(), Error::<T>::TooManyOffers);
		Self::touch(&terms.maker, Cause::Touched(None), |account| {
			account.offers = account.offers.saturating_add(1);
			Ok(())
		})?;
		let offer = OfferIds::<T>::mutate(|ids| {
			let id = ids.next;
			ids.next = ids.next.saturating_add(1);
			id
		});
		Offers::<T>::insert(offer, &terms);
		Self::deposit_event(Event::Offered { offer, terms });
		Ok(())
	}

	/// An offer that opens is one its maker could honour now, at mark: afterwards the account would meet
	/// initial margin. Offers do not reserve it, so that several may count on the same: whoever takes one has
	/// the maker judged again.
	fn ensure_may_offer(
		desk: &mut Desk<T>,
		account: &Account<T>,
		terms: &OfferOf<T>,
		held: Option<(Side, Size)>,
	) -> DispatchResult {
		let (before, is_opposite) =
			held.map_or((Size::ZERO, false), |(side, size)| (size, side != terms.side));
		let closed = if is_opposite { before.min(terms.size) } else { Size::ZERO };
		let opened = Size(terms.size.0.saturating_sub(closed.0));
		if opened.is_zero() {
			return Ok(());
		}
		let kept = if is_opposite { Size::ZERO } else { before };
		let after = Size(kept.0.checked_add(opened.0).ok_or(Error::<T>::Overflow)?);
		let market = desk.market(terms.market)?;
		let worth = fits::<T, _>(notional(after, market.mark))?;
		ensure!(market.params.tiers.tier_of(worth).is_some(), Error::<T>::PositionTooLarge);
		let of_terms = OpenOrders { market: terms.market, buys: Size::ZERO, sells: Size::ZERO };
		Self::ensure_alone(desk, account, &[of_terms])?;
		let market = desk.market(terms.market)?;
		let asked = Self::initial_margin_of(account, market, after, opened)?;
		let freed = Self::initial_margin_held(account, terms.market, market)?;
		let free = plus::<T>(Self::surplus(desk, account, Requirement::Initial)?, freed)?;
		ensure!(free >= asked, Error::<T>::InsufficientMargin);
		Ok(())
	}

	/// The initial margin of a position of `size` in a market in which `more` than now is open. One that is too
	/// large is judged as the largest.
	pub(crate) fn initial_margin_of(
		account: &Account<T>,
		market: &Listed<T>,
		size: Size,
		more: Size,
	) -> Result<Quote, DispatchError> {
		let worth = fits::<T, _>(notional(size, market.mark))?;
		let tier = market.params.tiers.tier_of(worth).copied().unwrap_or(market.params.tiers.last());
		let opening = Opening {
			base: tier.initial,
			notional: worth,
			open_interest: Self::open_notional(market, more)?,
			volatility: market.observation().volatility,
			leverage: account.leverage,
		};
		let rate = fits::<T, _>(initial_rate(&Self::limits(market), &opening))?;
		fits::<T, _>(share(worth, rate, Rounding::Up))
	}

	/// Take an offer off the table.
	pub(crate) fn do_cancel(who: &T::AccountId, offer: u64) -> DispatchResult {
		let terms = Offers::<T>::get(offer).ok_or(Error::<T>::UnknownOffer)?;
		let expired = terms.expires < frame_system::Pallet::<T>::block_number();
		ensure!(expired || terms.maker.owner == *who, Error::<T>::NotYourOffer);
		Self::remove_offer(offer, &terms);
		Self::deposit_event(Event::OfferCancelled { offer });
		Ok(())
	}

	/// Remove an offer. Nothing of its maker's account changes but the count, so no key does.
	pub(crate) fn remove_offer(offer: u64, terms: &OfferOf<T>) {
		Offers::<T>::remove(offer);
		let maker = &terms.maker;
		let mut account = Self::stored(maker);
		account.offers = account.offers.saturating_sub(1);
		Self::remember(maker, account);
	}

	/// Trade an offer's size at its price between its maker and `taker`.
	pub(crate) fn do_accept(
		offer: u64,
		taker: MarginAccount<T::AccountId>,
		intent: Intent,
		by_key: bool,
	) -> DispatchResult {
		let terms = Offers::<T>::get(offer).ok_or(Error::<T>::UnknownOffer)?;
		ensure!(terms.expires >= frame_system::Pallet::<T>::block_number(), Error::<T>::OfferExpired);
		ensure!(terms.taker.as_ref().is_none_or(|named| *named == taker.owner), Error::<T>::NotForYou);
		ensure!(terms.maker != taker, Error::<T>::SelfTrade);
		// Once more: mark and status may have moved since the offer was made.
		Self::ensure_open(&terms, Intent::Reduce)?;
		Self::remove_offer(offer, &terms);

		let of_maker = Self::trade(&terms.maker, &terms, terms.side, terms.intent)?;
		let of_taker = Self::trade(&taker, &terms, terms.side.opposite(), intent)?;
		// Only now is open what the trade leaves open, and that is part of what both must meet.
		Self::ensure_may_have_traded(&terms.maker, &terms, terms.side, &of_maker, terms.by_key)?;
		Self::ensure_may_have_traded(&taker, &terms, terms.side.opposite(), &of_taker, by_key)?;
		Self::ensure_together(terms.market, &of_maker.fill, &of_taker.fill)?;
		let both_open = !of_maker.fill.opened.is_zero() && !of_taker.fill.opened.is_zero();
		ensure!(!both_open || terms.maker.owner != taker.owner, Error::<T>::SelfTrade);

		Markets::<T>::mutate_extant(terms.market, |market| market.last_price = terms.price);
		let (buyer, seller) = match terms.side {
			Side::Long => (terms.maker, taker),
			Side::Short => (taker, terms.maker),
		};
		let (market, size, price) = (terms.market, terms.size, terms.price);
		Self::deposit_event(Event::Traded { offer: Some(offer), market, buyer, seller, size, price });
		Ok(())
	}

	/// One side of a trade, not judged yet.
	pub(crate) fn trade(
		who: &MarginAccount<T::AccountId>,
		terms: &OfferOf<T>,
		side: Side,
		intent: Intent,
	) -> Result<Traded, DispatchError> {
		let id = terms.market;
		Self::touch_on(who, Cause::Touched(Some(id)), |account, desk| {
			ensure!(account.place != Place::Queued, Error::<T>::InLiquidation);
			let held = Self::held(account, id, desk.market(id)?)?;
			let whole = held.is_some_and(|(held, size)| held != side && size == terms.size);
			let before = Self::standing_on(desk, account)?;
			let market = desk.market_mut(id)?;
			let fill = Self::fill(who, account, id, market, side, terms.size, terms.price)?;
			if intent == Intent::Reduce {
				ensure!(fill.reduces(), Error::<T>::NotReducing);
				Self::ensure_worth_priority(market, terms.size, whole)?;
			}
			if !fill.opened.is_zero() {
				ensure!(terms.size.0.is_multiple_of(market.params.lot.0), Error::<T>::NotWholeLots);
				ensure!(!market.may_have_to_pay(side), Error::<T>::LossesPending);
			}
			Self::ensure_worth_having(account, id, market)?;
			if !fill.opened.is_zero() {
				Self::ensure_alone(desk, account, &[])?;
			}
			Ok(Traded { before, fill })
		})
	}

	/// Whether an account may have done its side of a block trade.
	///
	/// Who trades at a price worse than mark hands the difference to the other side: that is a withdrawal, is
	/// possible when one is, and leaves what one must leave. Only a reduction that leaves the account below initial
	/// margin, and keeps equity over requirement, needs no more: such an account opens nothing, so that what it has
	/// reduced once it cannot reduce again.
	pub(crate) fn ensure_may_have_traded(
		who: &MarginAccount<T::AccountId>,
		terms: &OfferOf<T>,
		side: Side,
		traded: &Traded,
		by_key: bool,
	) -> DispatchResult {
		let account = Self::stored(who);
		let meets_initial = Self::ensure_may_fill(&account, &traded.before, &traded.fill)?;
		let loss = Self::loss_against_mark(&Self::market(terms.market)?, terms, side)?;
		if by_key {
			Self::note_key_loss(&who.owner, loss)?;
		}
		Self::ensure_may_give(who, &account, meets_initial, loss)
	}

	/// Whether an account may have given `loss` away, in a fill after which it meets initial margin or does not.
	pub(crate) fn ensure_may_give(
		who: &MarginAccount<T::AccountId>,
		account: &Account<T>,
		meets_initial: bool,
		loss: Quote,
	) -> DispatchResult {
		if loss > Quote::ZERO && meets_initial {
			let desk = &mut Desk::default();
			ensure!(Self::money_may_leave(desk, account), Error::<T>::PriceUnavailable);
			let free = Self::free_collateral(desk, who, account)?;
			ensure!(free.0 >= 0, Error::<T>::InsufficientFreeCollateral);
		}
		Ok(())
	}

	/// What an account may do: afterwards it meets initial margin, or it only reduces, its equity is not
	/// negative and equity over requirement has not fallen. Returns whether it meets initial margin.
	pub(crate) fn ensure_may_fill(
		account: &Account<T>,
		before: &Standing,
		fill: &Fill,
	) -> Result<bool, DispatchError> {
		let desk = &mut Desk::default();
		let after = Self::standing_on(desk, account)?;
		let is_no_worse = fill.reduces() && fits::<T, _>(after.is_no_worse_than(before))?;
		let meets_initial = Self::surplus(desk, account, Requirement::Initial)?.0 >= 0;
		let is_covered = !fill.reduces() || !after.equity.is_negative();
		ensure!((meets_initial || is_no_worse) && is_covered, Error::<T>::InsufficientMargin);
		#[cfg(test)]
		let meets_initial =
			meets_initial && !(is_no_worse && crate::mock::is_old(crate::mock::OldRule::ReductionsExempt));
		Ok(meets_initial)
	}

	/// What `side` gives away by trading at the price instead of mark.
	fn loss_against_mark(market: &Market, terms: &OfferOf<T>, side: Side) -> Result<Quote, DispatchError> {
		let worse = match side {
			Side::Long => terms.price.0.saturating_sub(market.mark.0),
			Side::Short => market.mark.0.saturating_sub(terms.price.0),
		};
		fits::<T, _>(notional(terms.size, Price(worse)))
	}

	/// What a market asks of both sides together.
	pub(crate) fn ensure_together(id: MarketId, maker: &Fill, taker: &Fill) -> DispatchResult {
		let mut desk = Desk::<T>::default();
		let market = desk.market(id)?;
		let (status, price) = (market.status(), market.observation().state);
		let somebody_opens = !maker.opened.is_zero() || !taker.opened.is_zero();
		let somebody_reduces = maker.reduces() || taker.reduces();
		if somebody_opens {
			ensure!(price.allows(Action::Open), Error::<T>::PriceUnavailable);
			ensure!(status.accepts_new_risk() || somebody_reduces, Error::<T>::ReducingOnly);
			// At a mark that stands still two may let each other go; nobody takes anything over.
			ensure!(!market.quarantined, Error::<T>::MarketUnsound);
			ensure!(market.is_sound() || somebody_reduces, Error::<T>::MarketUnsound);
		}
		// A trade between two that reduce, or reverse, never adds to open interest.
		if !somebody_reduces {
			let open = Self::open_size(market)?;
			ensure!(open <= Self::open_interest_limit(market), Error::<T>::OpenInterestLimit);
		}
		Ok(())
	}

	/// Whether the market of an offer trades this way, and at its price.
	pub(crate) fn ensure_open(terms: &OfferOf<T>, intent: Intent) -> DispatchResult {
		let mut desk = Desk::<T>::default();
		let market = desk.market(terms.market)?;
		Self::ensure_trading(market, intent)?;
		Self::ensure_price(market, terms.price)
	}

	/// Whether the market trades at all, and this way.
	pub(crate) fn ensure_trading(market: &Listed<T>, intent: Intent) -> DispatchResult {
		ensure!(market.status().accepts_reduction(), Error::<T>::MarketHalted);
		let price = market.observation().state;
		ensure!(price.allows(Action::Close), Error::<T>::PriceUnavailable);
		ensure!(market.may_trade(), Error::<T>::MarkStandsStill);
		if intent == Intent::Trade {
			ensure!(price.allows(Action::Open), Error::<T>::PriceUnavailable);
		}
		Ok(())
	}

	/// Whether a price is one, a multiple of the tick, and within the band around mark.
	pub(crate) fn ensure_price(market: &Market, price: Price) -> DispatchResult {
		ensure!(price.in_bounds(), Error::<T>::InvalidPrice);
		ensure!(price.0.is_multiple_of(market.params.tick.0), Error::<T>::NotWholeTicks);
		ensure!(price.0.abs_diff(market.mark.0) <= Self::band_of(market)?, Error::<T>::OutsideBand);
		Ok(())
	}

	/// How far from mark a price may be, as a price.
	pub(crate) fn band_of(market: &Market) -> Result<u128, DispatchError> {
		// Prices are far below the bounds of `Quote`, whose share is rounded down here.
		let mark = i128::try_from(market.mark.0).map_err(|_| Error::<T>::Overflow)?;
		Ok(fits::<T, _>(share(Quote(mark), market.params.band, Rounding::Down))?.0.unsigned_abs())
	}

	/// A call with priority moves a least amount, or closes whole.
	fn ensure_worth_priority(market: &Market, size: Size, whole: bool) -> DispatchResult {
		let notional = fits::<T, _>(notional(size, market.mark))?;
		ensure!(whole || notional >= T::MinReduction::get(), Error::<T>::AmountTooSmall);
		Ok(())
	}
}
