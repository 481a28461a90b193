// SPDX-License-Identifier: Apache-2.0
//! Where benchmarks play: as many markets as there may be, and accounts with as many positions as they may have,
//! whose keys must all be written again and whose generations have ended.

use crate::{accounts::Cause, desk::block_number, pallet::Pallet as Margin, *};
use alloc::vec::Vec;
use frame_benchmarking::account;
use frame_support::{traits::Get, BoundedVec};
use keel_math::{Generation, InitialParams, Tier, Tiers};
use keel_primitives::*;
use keel_traits::{Custody, Liquidatable, MarketGate, OrderReserve, PriceFeed};
use sp_runtime::traits::One;

pub(crate) const MAIN: SubAccount = SubAccount(0);
/// What every market is worth.
pub const PRICE: Price = Price::dollars(100);
/// What a trader has.
pub const EQUITY: Quote = Quote::dollars(1_000_000_000_000);
/// The size of each of its positions: so much that some is left after its generation has ended.
pub const SIZE: Size = Size(1_000_000_000 * Size::ONE.0);
/// What a giant has, and trades.
const GIANT_EQUITY: Quote = Quote(1_000_000_000_000 * EQUITY.0);
const GIANT: Size = Size(10_000_000 * SIZE.0);

/// As many tiers as there may be, up to positions of any size.
fn tiers(initial: Ratio) -> Tiers {
	let tier = |up_to| Tier { up_to, initial, maintenance: Ratio::percent(3) };
	let list = [1, 2, 3].map(Quote::dollars).map(tier);
	Tiers::of(&[list[0], list[1], list[2], tier(Quote(i128::MAX))]).expect("four are allowed")
}

pub(crate) fn params() -> MarketParams {
	MarketParams {
		tiers: tiers(Ratio::percent(5)),
		initial: InitialParams {
			soft_cap: Quote::ZERO,
			hard_cap: Quote(i128::MAX),
			// A tenth of a position: the surcharge for size is computed for each.
			free_notional: Quote::dollars(10_000_000_000),
			volatility_multiplier: Ratio::percent(1),
		},
		withdrawal_rate: Ratio::ONE,
		opening_credit: Ratio::percent(50),
		withdrawal_credit: Ratio::percent(50),
		band: Ratio::percent(2),
		largest_move: Ratio::percent(1),
		worst_fee: Ratio::basis_points(125),
		interest: keel_math::FundingRate(1_000_000),
		damper: Ratio::basis_points(10),
		funding_multiple: Ratio::percent(25),
		lot: Size(1_000),
		tick: Price(1_000_000_000_000_000),
		max_open_interest: keel_math::units::SIZE_MAX,
		min_position: Quote::dollars(10),
		isolated: false,
	}
}

pub(crate) fn name() -> BoundedVec<u8, NameLimit> {
	BoundedVec::truncate_from(b"BENCHMARK-PERPET".to_vec())
}

/// The first `count` markets, listed and open, all at one price.
pub(crate) fn list<T: Config>(count: u32) -> Vec<MarketId> {
	(0..count)
		.map(|index| {
			let (id, feed) = (MarketId(index), FeedId(index));
			if Markets::<T>::get(id).is_none() {
				Margin::<T>::add_market(feed, name(), params(), false).expect("there is room");
			}
			T::Gate::open(id);
			Markets::<T>::mutate_extant(id, |market| {
				T::Prices::land(market.feed, PRICE);
				market.set_params(params()).expect("the reaches are the same");
				market.move_maintenance(Ratio::ONE);
				market.mark = PRICE;
				market.marked_in = block_number::<T>();
			});
			id
		})
		.collect()
}

/// As many markets as there may be; of them as many as an account may have positions in.
pub fn markets<T: Config>() -> Vec<MarketId> {
	let mut all = list::<T>(T::MaxMarkets::get());
	all.truncate(T::MaxPositions::get() as usize);
	all
}

/// The account that somebody has from the start.
pub fn main_of<AccountId: Clone>(owner: &AccountId) -> MarginAccount<AccountId> {
	MarginAccount::main(owner.clone())
}

/// Give an account money.
pub fn endow<T: Config>(who: &MarginAccount<T::AccountId>, amount: Quote) {
	<Margin<T> as Custody<T::AccountId>>::fund(&who.owner, Quote(2 * amount.0));
	Margin::<T>::do_deposit(who.clone(), amount).expect("funded");
}

pub(crate) fn rich<T: Config>(name: &'static str, index: u32, amount: Quote) -> T::AccountId {
	let who: T::AccountId = account(name, index, 0);
	endow::<T>(&main_of(&who), amount);
	who
}

pub(crate) fn offer<T: Config>(
	maker: &MarginAccount<T::AccountId>,
	market: MarketId,
	side: Side,
	size: Size,
	intent: Intent,
) -> u64 {
	let (maker, expires) = (maker.clone(), frame_system::Pallet::<T>::block_number() + One::one());
	let (taker, by_key) = (None, false);
	Margin::<T>::do_offer(Offer { maker, market, side, size, price: PRICE, expires, taker, intent, by_key })
		.expect("good terms");
	OfferIds::<T>::get().next - 1
}

/// Let two accounts trade.
pub fn trade<T: Config>(
	long: &MarginAccount<T::AccountId>,
	short: &MarginAccount<T::AccountId>,
	market: MarketId,
	size: Size,
) {
	let offer = offer::<T>(long, market, Side::Long, size, Intent::Trade);
	Margin::<T>::do_accept(offer, short.clone(), Intent::Trade, false).expect("rich");
}

/// Let a market owe.
pub fn owe<T: Config>(market: MarketId, amount: Quote) {
	Markets::<T>::mutate_extant(market, |market| {
		market.book.borrow(amount).expect("fits");
	});
}

/// A long and a short with a position in each of `markets`.
pub fn pair<T: Config>(index: u32, markets: &[MarketId]) -> (T::AccountId, T::AccountId) {
	let (long, short) = (rich::<T>("long", index, EQUITY), rich::<T>("short", index, EQUITY));
	let [buyer, seller] = [&long, &short].map(main_of);
	for market in markets {
		trade::<T>(&buyer, &seller, *market, SIZE);
	}
	(long, short)
}

/// A long and a short with a position in each market, and open orders that reserve margin in each.
pub(crate) fn traders<T: Config>() -> (T::AccountId, T::AccountId, Vec<MarketId>) {
	frame_system::Pallet::<T>::set_block_number(One::one());
	let markets = markets::<T>();
	let (long, short) = pair::<T>(0, &markets);
	for who in [&long, &short] {
		T::Orders::fill_up(&main_of(who), &markets);
	}
	(long, short, markets)
}

/// End the generations of both sides: whoever has a position in the markets must settle it first.
///
/// Two giants come, and each is deleveraged but for a rest: of a unit of the other side less than a millionth
/// is left, and it is re-based. That holds for up to nine traders a side.
pub fn end_generations<T: Config>(markets: &[MarketId]) {
	let [long, short] = ["giant long", "giant short"].map(|name| main_of(&rich::<T>(name, 0, GIANT_EQUITY)));
	for market in markets {
		trade::<T>(&long, &short, *market, GIANT);
		for (giant, rest) in [(&short, SIZE), (&long, Size(1_000 * Size::ONE.0))] {
			let exposures = Margin::<T>::exposures(giant);
			let held = exposures.iter().find(|exposure| exposure.market == *market).expect("it traded");
			Margin::<T>::deleverage(giant, *market, Size(held.size.0 - rest.0)).expect("it has that");
		}
		let book = Markets::<T>::get(*market).expect("listed").book;
		assert!(book.long.generation > Generation(0) && book.short.generation > Generation(0));
	}
}

/// File all keys of an account for a twentieth of its health: at the next touch they are too thin, and all of
/// them are filed again.
pub fn thin_keys<T: Config>(account: &MarginAccount<T::AccountId>) {
	let health = Margin::<T>::judge(account).expect("it has positions").health;
	let held_back = health.0 / 20 * 19;
	Margin::<T>::touch(account, Cause::Touched(None), |account| {
		account.cash.0 -= held_back;
		Ok(())
	})
	.expect("fits");
	Accounts::<T>::mutate(&account.owner, account.sub, |account| account.cash.0 += held_back);
	TotalCash::<T>::mutate(|total| total.0 += held_back);
}
