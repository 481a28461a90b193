// SPDX-License-Identifier: Apache-2.0
//! The end of a call auction: everybody is filled at one price.

use crate::{
	auction::{Auction, Bench, Indication, Pairing, Stage},
	ladder::{Ladder, Rung},
	pallet::{Auctions, Config, Error, Event, Orders, Pallet, Settled},
	types::CancelReason,
	weights::WeightInfo,
	OrderOf,
};
use frame_support::{
	defensive, ensure,
	storage::with_storage_layer,
	weights::{Weight, WeightMeter},
};
use keel_math::units::notional;
use keel_primitives::{MarginAccount, MarketId, Price, Quote, Side, Size};
use keel_traits::{Clearing, Intent, Match, Terms, Unfilled};
use sp_runtime::DispatchError;

/// How many blocks an auction waits for a market that refuses, before it gives up the newer of two orders.
pub const PATIENCE: u8 = 5;

impl<T: Config> Pallet<T> {
	/// What it costs to find the price of orders that are paired.
	pub(crate) fn pricing() -> Weight {
		T::WeightInfo::price_order().saturating_mul(Bench::<T>::LOOKED_AT.into())
	}

	/// What an order may trade now: nothing when it has expired, or its account is in liquidation.
	pub(crate) fn tradable(at: &Rung<T::AccountId>) -> Size {
		let orders = Orders::<T>::get(&at.account);
		let now = frame_system::Pallet::<T>::block_number();
		orders
			.iter()
			.find(|order| order.sequence == at.sequence)
			.filter(|order| order.expires.is_none_or(|last| last >= now))
			.map_or(Size::ZERO, |order| order.left.min(Self::reducible(&at.account, order)))
	}

	/// Whether orders of a market are collected rather than matched, though it trades; an error while they are being
	/// filled at one price, because nobody may change that any more, or are leaving a market that was settled.
	pub(crate) fn collects(market: MarketId) -> Result<bool, DispatchError> {
		ensure!(!Settled::<T>::get().contains(&market), Error::<T>::Clearing);
		match Auctions::<T>::get().get(&market) {
			None => Ok(false),
			Some(Auction { stage: Stage::Collecting, .. }) => Ok(true),
			Some(_) => Err(Error::<T>::Uncrossing.into()),
		}
	}

	/// Remember that a market has collected an order.
	pub(crate) fn note_collected(market: MarketId) -> Result<(), DispatchError> {
		Auctions::<T>::try_mutate(|auctions| {
			if !auctions.contains_key(&market) {
				auctions.try_insert(market, Auction::default()).map_err(|_| Error::<T>::Uncrossing)?;
			}
			Ok(())
		})
	}

	/// Let a market have an auction in every block, or match orders as they come.
	pub(crate) fn set_every_block(market: MarketId, every_block: bool) -> Result<(), DispatchError> {
		Auctions::<T>::try_mutate(|auctions| {
			let mut auction = auctions.get(&market).copied().unwrap_or_default();
			auction.every_block = every_block;
			// When it ends, what has been collected is filled once more.
			auctions.try_insert(market, auction).map_err(|_| Error::<T>::Uncrossing)?;
			Ok(())
		})
	}

	/// The result of an auction as things stand, of at most `most` orders.
	pub(crate) fn indication_of(market: MarketId, most: u32) -> Option<Indication> {
		let terms = T::Margin::terms(market, Intent::Reduce).ok()?;
		let bench = Bench::<T>::new(market, &terms);
		let (mut pairing, mut looked_at) = (Pairing::default(), 0_u32);
		let mut step = || {
			looked_at = looked_at.saturating_add(1);
			looked_at <= most
		};
		bench.pair(&mut pairing, &mut step).ok()?;
		bench.price(&pairing)
	}

	/// Go on with all auctions whose market trades.
	pub(crate) fn uncross(meter: &mut WeightMeter) {
		let before = Auctions::<T>::get();
		if before.is_empty() {
			return;
		}
		let mut auctions = before.clone();
		for (market, auction) in before.iter() {
			if meter.try_consume(T::WeightInfo::look_at_auction()).is_err() {
				break;
			}
			let Ok(terms) = T::Margin::terms(*market, Intent::Reduce) else { continue };
			if !terms.matches {
				continue;
			}
			match Self::uncross_one(*market, auction.stage, &terms, meter) {
				Stage::Collecting if !auction.every_block => {
					auctions.remove(market);
				}
				stage => {
					if let Some(kept) = auctions.get_mut(market) {
						kept.stage = stage;
					}
				}
			}
		}
		if auctions != before {
			Auctions::<T>::put(auctions);
		}
	}

	/// Price, fill, and begin again while something crosses: an order that its account could not honour leaves more
	/// for others. Ends, because each time something is filled or leaves the book. Returns where it stands:
	/// collecting when all is done.
	fn uncross_one(market: MarketId, stage: Stage, terms: &Terms, meter: &mut WeightMeter) -> Stage {
		let bench = Bench::<T>::new(market, terms);
		let mut stage = stage;
		loop {
			stage = match stage {
				Stage::Collecting => Stage::Pricing(Pairing::default()),
				Stage::Pricing(mut pairing) => {
					let mut step = || meter.try_consume(T::WeightInfo::price_order()).is_ok();
					if bench.pair(&mut pairing, &mut step).is_err() {
						return Stage::Pricing(pairing);
					}
					if meter.try_consume(Self::pricing()).is_err() {
						return Stage::Pricing(pairing);
					}
					let Some(Indication { price, .. }) = bench.price(&pairing) else {
						return Self::part(market, terms, meter);
					};
					Stage::Filling { price, volume: Size::ZERO, refused: 0 }
				}
				// Mark has moved meanwhile: there is another price.
				Stage::Filling { price, volume, .. } if !terms.is_within_band(price) => {
					Self::tell_uncrossed(market, price, volume);
					Stage::Pricing(Pairing::default())
				}
				Stage::Filling { price, volume, refused } => {
					match Self::fill_at(market, price, volume, refused, meter) {
						Filled::All(volume) => {
							Self::tell_uncrossed(market, price, volume);
							Stage::Pricing(Pairing::default())
						}
						Filled::Later { volume, refused } => {
							return Stage::Filling { price, volume, refused };
						}
					}
				}
			};
		}
	}

	fn tell_uncrossed(market: MarketId, price: Price, volume: Size) {
		if !volume.is_zero() {
			Self::deposit_event(Event::AuctionUncrossed { market, price, volume });
		}
	}

	/// Take off the book what crosses and can trade at no price: orders outside the band to their owners' loss, and
	/// those of which nothing can be traded.
	fn part(market: MarketId, terms: &Terms, meter: &mut WeightMeter) -> Stage {
		let ladders = Side::BOTH.map(|side| Ladder::new::<T>(market, side));
		loop {
			let [bid, ask] = ladders.each_ref().map(|ladder| ladder.first::<T>());
			let (Some(bid), Some(ask)) = (bid, ask) else { return Stage::Collecting };
			if bid.price < ask.price {
				return Stage::Collecting;
			}
			if meter.try_consume(T::WeightInfo::fill_pair()).is_err() {
				return Stage::Pricing(Pairing::default());
			}
			let stale = |at: &Rung<T::AccountId>, is_outside| match is_outside {
				true => Some(CancelReason::OutsideBand),
				false => Self::tradable(at).is_zero().then(|| Self::reason_untradable(market, at)),
			};
			let (bid_goes, ask_goes) =
				(stale(&bid, bid.price > terms.highest), stale(&ask, ask.price < terms.lowest));
			if let Some(reason) = bid_goes {
				Self::cancel_at(&bid, reason);
			}
			if let Some(reason) = ask_goes {
				Self::cancel_at(&ask, reason);
			}
			if bid_goes.is_none() && ask_goes.is_none() {
				defensive!("what crosses within the band was priced");
				return Stage::Collecting;
			}
		}
	}

	fn reason_untradable(market: MarketId, at: &Rung<T::AccountId>) -> CancelReason {
		let now = frame_system::Pallet::<T>::block_number();
		let is_over = |order: OrderOf<T>| order.expires.is_some_and(|last| last < now);
		if Self::order_at(at).is_some_and(is_over) {
			CancelReason::Expired
		} else {
			Self::reason_irreducible(&at.account, market)
		}
	}

	/// Fill the best bid with the best ask at `price`, until one side has none.
	pub(crate) fn fill_at(
		market: MarketId,
		price: Price,
		mut volume: Size,
		mut refused: u8,
		meter: &mut WeightMeter,
	) -> Filled {
		let ladders = Side::BOTH.map(|side| Ladder::new::<T>(market, side));
		loop {
			if meter.try_consume(T::WeightInfo::fill_pair()).is_err() {
				return Filled::Later { volume, refused };
			}
			let [bid, ask] = ladders.each_ref().map(|ladder| ladder.first::<T>());
			let bid = bid.filter(|bid| bid.price >= price);
			let ask = ask.filter(|ask| ask.price <= price);
			let (Some(bid), Some(ask)) = (bid, ask) else { return Filled::All(volume) };
			match Self::fill_pair(market, price, &bid, &ask) {
				Pair::Filled(size) => {
					volume = Size(volume.0.saturating_add(size.0));
					refused = 0;
				}
				Pair::Gone => {}
				Pair::Refused if refused >= PATIENCE => {
					let newer = if bid.sequence > ask.sequence { &bid } else { &ask };
					Self::cancel_at(newer, CancelReason::MarketRefused);
				}
				Pair::Refused => {
					return Filled::Later { volume, refused: refused.saturating_add(1) };
				}
			}
		}
	}

	/// Fill a bid and an ask with each other, or take off the book what cannot be.
	fn fill_pair(market: MarketId, price: Price, bid: &Rung<T::AccountId>, ask: &Rung<T::AccountId>) -> Pair {
		let [buying, selling] = [(Side::Long, bid), (Side::Short, ask)].map(|(side, at)| {
			Self::order_at(at).or_else(|| {
				Self::drop_orphan(market, side, at);
				None
			})
		});
		let (Some(buying), Some(selling)) = (buying, selling) else { return Pair::Gone };
		for at in [bid, ask] {
			if Self::tradable(at).is_zero() {
				Self::cancel_at(at, Self::reason_untradable(market, at));
				return Pair::Gone;
			}
		}
		if bid.account.owner == ask.account.owner {
			let newer = if bid.sequence > ask.sequence { bid } else { ask };
			Self::cancel_at(newer, CancelReason::SelfTrade);
			return Pair::Gone;
		}
		let size = Self::tradable(bid).min(Self::tradable(ask));
		match with_storage_layer(|| Self::settle_pair(market, price, size, (bid, &buying), (ask, &selling))) {
			Ok(()) => Pair::Filled(size),
			Err(Unpaired::Bid) => {
				Self::cancel_at(bid, CancelReason::NotBacked);
				Pair::Gone
			}
			Err(Unpaired::Ask) => {
				Self::cancel_at(ask, CancelReason::NotBacked);
				Pair::Gone
			}
			Err(Unpaired::Market) => Pair::Refused,
		}
	}

	/// The order on a rung.
	fn order_at(at: &Rung<T::AccountId>) -> Option<OrderOf<T>> {
		Orders::<T>::get(&at.account).iter().find(|order| order.sequence == at.sequence).copied()
	}

	fn cancel_at(at: &Rung<T::AccountId>, reason: CancelReason) {
		let mut orders = Orders::<T>::get(&at.account);
		Self::cancel_where(&at.account, &mut orders, reason, |order| order.sequence == at.sequence);
		Self::keep_list(&at.account, orders);
	}

	/// Settle a pair, with its fees. In an auction nobody came first: both pay the fee of a maker, and there are no
	/// rebates.
	fn settle_pair(
		market: MarketId,
		price: Price,
		size: Size,
		(bid, buying): (&Rung<T::AccountId>, &OrderOf<T>),
		(ask, selling): (&Rung<T::AccountId>, &OrderOf<T>),
	) -> Result<(), Unpaired> {
		let traded = notional(size, price).map_err(|_| Unpaired::Market)?;
		let fee = |owner| Self::maker_fee(owner, traded).map(|fee| fee.max(Quote::ZERO));
		let (buyer_fee, seller_fee) = (fee(&bid.account.owner)?, fee(&ask.account.owner)?);
		let with = Match {
			maker: ask.account.clone(),
			intent: selling.intent,
			size,
			price,
			maker_fee: seller_fee,
			taker_fee: buyer_fee,
		};
		let mut ticket =
			T::Margin::open(&bid.account, market, Side::Long, buying.intent).map_err(|_| Unpaired::Bid)?;
		T::Margin::fill(&mut ticket, &with).map_err(|unfilled| match unfilled {
			Unfilled::Maker(_) => Unpaired::Ask,
			Unfilled::Taker(_) => Unpaired::Bid,
			Unfilled::Market(_) => Unpaired::Market,
		})?;
		T::Margin::close(ticket).map_err(|_| Unpaired::Bid)?;
		for at in [bid, ask] {
			Self::count_volume(&at.account.owner, traded);
			Self::take_filled(&at.account, at.sequence, size);
		}
		Self::keep_fees(market, Quote(buyer_fee.0.saturating_add(seller_fee.0)))?;
		Self::deposit_event(Event::AuctionFilled {
			market,
			bid: buying.id,
			buyer: bid.account.clone(),
			ask: selling.id,
			seller: ask.account.clone(),
			size,
			price,
			buyer_fee,
			seller_fee,
		});
		Ok(())
	}

	/// Take `size` off an order that was filled.
	fn take_filled(who: &MarginAccount<T::AccountId>, sequence: u64, size: Size) {
		let mut orders = Orders::<T>::get(who);
		let Some(index) = orders.iter().position(|order| order.sequence == sequence) else { return };
		let Some(order) = orders.get_mut(index) else { return };
		order.left = Size(order.left.0.saturating_sub(size.0));
		if order.left.is_zero() {
			let order = *order;
			Self::take_off_book(&order);
			orders.remove(index);
		}
		Self::keep_list(who, orders);
	}
}

/// How far filling at one price came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Filled {
	/// One side has none left; so much was traded.
	All(Size),
	/// There is more for the next block.
	Later { volume: Size, refused: u8 },
}

/// What came of a bid and an ask.
enum Pair {
	Filled(Size),
	/// One of them is off the book.
	Gone,
	/// The market takes no more now.
	Refused,
}

/// Whose fault it is that a pair was not settled.
pub(crate) enum Unpaired {
	Bid,
	Ask,
	Market,
}

impl From<DispatchError> for Unpaired {
	fn from(_: DispatchError) -> Self {
		Self::Market
	}
}
