// SPDX-License-Identifier: Apache-2.0
//! Block trades: who may make them, and at what price.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::*;

const MAIN: SubAccount = SubAccount(0);

fn offer(who: AccountId, side: Side, size: Size, at: u32) -> sp_runtime::DispatchResult {
	let expires = System::block_number() + 10;
	Margin::offer_trade(signed(who), MAIN, BTC, side, size, Price::dollars(at), expires, None)
}

fn last_offer() -> u64 {
	OfferIds::<Test>::get().next - 1
}

fn accept(who: AccountId) -> sp_runtime::DispatchResult {
	Margin::accept_trade(signed(who), last_offer(), MAIN)
}

fn accept_reduce(who: AccountId) -> sp_runtime::DispatchResult {
	Margin::accept_reduce(signed(who), last_offer(), MAIN)
}

/// Alice is long a bitcoin from 50,000 with 10,000 dollars, Bob is short.
fn with_positions(test: impl FnOnce()) {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		deposit(CAROL, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		next_block();
		test();
	});
}

#[test]
fn a_trade_opens_both_sides_at_its_price() {
	with_positions(|| {
		assert_eq!(account(ALICE).cash, Quote::dollars(-40_000));
		assert_eq!(account(BOB).cash, Quote::dollars(60_000));
		assert_eq!(market(BTC).book.open_interest().unwrap(), Size::ONE);
		assert_eq!(market(BTC).last_price, Price::dollars(50_000));
		assert_eq!(account(ALICE).place, Place::Filed);
	});
}

#[test]
fn closing_realises_the_profit_and_leaves_nothing_behind() {
	with_positions(|| {
		block_at(51_000);
		trade(BOB, ALICE, BTC, Size::ONE, 51_000);
		assert_eq!(account(ALICE).cash, Quote::dollars(11_000));
		assert_eq!(account(BOB).cash, Quote::dollars(9_000));
		assert_eq!(account(ALICE).place, Place::Idle);
		assert_eq!(market(BTC).book, Default::default());
		assert_eq!(Triggers::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn bad_terms_are_refused_before_anything_happens() {
	with_positions(|| {
		use Side::*;
		let one = Size::ONE;
		let at = |price: Price| {
			Margin::offer_trade(signed(ALICE), MAIN, BTC, Long, one, price, System::block_number() + 1, None)
		};
		assert_noop!(at(Price::ZERO), Error::<Test>::InvalidPrice);
		assert_noop!(at(Price(Price::MAX.0 + 1)), Error::<Test>::InvalidPrice);
		assert_noop!(at(Price(Price::dollars(50_000).0 + 1)), Error::<Test>::NotWholeTicks);
		assert_noop!(offer(ALICE, Long, Size::ZERO, 50_000), Error::<Test>::ZeroSize);
		assert_noop!(offer(ALICE, Long, Size(999), 50_000), Error::<Test>::NotWholeLots);
		assert_noop!(offer(ALICE, Long, one, 51_001), Error::<Test>::OutsideBand);
		assert_noop!(offer(ALICE, Long, one, 48_999), Error::<Test>::OutsideBand);
		let until = |expires| {
			Margin::offer_trade(signed(ALICE), MAIN, BTC, Long, one, Price::dollars(50_000), expires, None)
		};
		let now = System::block_number();
		assert_noop!(until(now - 1), Error::<Test>::InvalidExpiry);
		assert_noop!(until(now + 101), Error::<Test>::InvalidExpiry);
		let nowhere = Margin::offer_trade(
			signed(ALICE),
			MAIN,
			MarketId(9),
			Long,
			one,
			Price::dollars(50_000),
			now,
			None,
		);
		assert_eq!(nowhere, Err(Error::<Test>::UnknownMarket.into()));
	});
}

#[test]
fn an_offer_is_taken_once_by_whom_it_is_for() {
	with_positions(|| {
		let now = System::block_number();
		assert_ok!(Margin::offer_trade(
			signed(ALICE),
			MAIN,
			BTC,
			Side::Short,
			thousandths(100),
			Price::dollars(50_000),
			now + 1,
			Some(BOB),
		));
		assert_noop!(accept(CAROL), Error::<Test>::NotForYou);
		assert_ok!(accept(BOB));
		assert_noop!(accept(BOB), Error::<Test>::UnknownOffer);
		assert_ok!(offer(ALICE, Side::Long, thousandths(100), 50_000));
		assert_noop!(accept(ALICE), Error::<Test>::SelfTrade);
	});
}

#[test]
fn an_offer_is_cancelled_by_its_maker_and_expires_by_itself() {
	with_positions(|| {
		for _ in 0..3 {
			assert_ok!(offer(ALICE, Side::Long, thousandths(100), 50_000));
		}
		assert_noop!(offer(ALICE, Side::Long, thousandths(100), 50_000), Error::<Test>::TooManyOffers);
		let cancel = |who| Margin::cancel_offer(signed(who), last_offer());
		assert_noop!(cancel(BOB), Error::<Test>::NotYourOffer);
		assert_ok!(cancel(ALICE));
		next_block();
		assert_noop!(cancel(ALICE), Error::<Test>::UnknownOffer);
		for _ in 0..9 {
			next_block();
		}
		assert_eq!(Offers::<Test>::iter().count(), 2, "good in its last block");
		next_block();
		assert_eq!(Offers::<Test>::iter().count(), 0);
		assert_eq!(account(ALICE).offers, 0);
	});
}

#[test]
fn an_offer_that_opens_is_within_its_makers_margin() {
	with_positions(|| {
		use Side::*;
		let short_of: sp_runtime::DispatchError = Error::<Test>::InsufficientMargin.into();
		assert_noop!(offer(DAVE, Long, thousandths(1), 50_000), short_of);
		// Carol's 10,000 carry four bitcoins; two offers may count on them.
		assert_noop!(offer(CAROL, Long, thousandths(4_001), 50_000), short_of);
		assert_ok!(offer(CAROL, Long, thousandths(4_000), 50_000));
		assert_ok!(offer(CAROL, Short, thousandths(4_000), 50_000));
		// Alice has closed a bitcoin before she is short of four.
		assert_noop!(offer(ALICE, Short, thousandths(5_001), 50_000), short_of);
		assert_ok!(offer(ALICE, Short, thousandths(5_000), 50_000));
		// 1,500 are left, less than initial margin: what only reduces is asked for nothing.
		block_at(41_500);
		assert_noop!(offer(ALICE, Long, thousandths(1), 41_500), short_of);
		assert_ok!(offer(ALICE, Short, thousandths(100), 41_500));
	});
}

#[test]
fn opening_takes_initial_margin() {
	with_positions(|| {
		// Carol's 10,000 carry four bitcoins at five percent, to the cent.
		deposit(DAVE, 100_000);
		assert_eq!(
			try_trade(CAROL, DAVE, BTC, thousandths(4_001), 50_000),
			Err(Error::<Test>::InsufficientMargin.into())
		);
		trade(CAROL, DAVE, BTC, thousandths(4_000), 50_000);
	});
}

#[test]
fn opening_at_a_price_worse_than_mark_is_a_withdrawal_by_the_loser() {
	with_positions(|| {
		deposit(DAVE, 100_000);
		// Two bitcoins take 5,000 of initial margin; a withdrawal would leave 10,000.
		assert_eq!(
			try_trade(CAROL, DAVE, BTC, thousandths(2_000), 50_100),
			Err(Error::<Test>::InsufficientFreeCollateral.into())
		);
		// The same trade in Carol's favour.
		trade(CAROL, DAVE, BTC, thousandths(2_000), 49_900);
	});
}

#[test]
fn who_only_reduces_needs_no_initial_margin() {
	build(|| {
		deposit(ALICE, 2_600);
		deposit(BOB, 20_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		// 1,600 are left of 2,600: above maintenance (1,470), below initial margin (2,450).
		block_at(49_000);
		assert_eq!(
			try_trade(ALICE, BOB, BTC, thousandths(10), 49_000),
			Err(Error::<Test>::InsufficientMargin.into())
		);
		trade(BOB, ALICE, BTC, thousandths(500), 49_000);
		assert_eq!(view(ALICE).equity, Quote::dollars(1_600));
	});
}

#[test]
fn reducing_may_cost_at_most_the_share_of_equity_that_is_closed() {
	build(|| {
		deposit(ALICE, 2_600);
		deposit(BOB, 20_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		block_at(49_000);
		// Half the position may cost half of 1,600; 1,700 below mark on half costs 850.
		let at = |price| try_trade(BOB, ALICE, BTC, thousandths(500), price);
		assert_eq!(at(48_020), Ok(()), "490 of 800");
	});
}

#[test]
fn a_reduction_worse_than_mark_is_a_withdrawal_by_whoever_meets_initial_margin_afterwards() {
	build(|| {
		deposit(ALICE, 4_000);
		deposit(BOB, 20_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		let reduce = |size, price| {
			frame_support::storage::with_storage_layer(|| {
				let done = try_trade(BOB, ALICE, BTC, thousandths(size), price);
				done.map(|()| view(ALICE).equity)
			})
		};
		// 3,500 are left with half of it, 1,000 more than a withdrawal leaves; 3,900 with nine tenths, 600 less.
		assert_eq!(reduce(500, 49_000), Ok(Quote::dollars(3_500)));
		deposit(ALICE, 1_000);
		trade(ALICE, BOB, BTC, thousandths(500), 50_000);
		assert_eq!(reduce(50, 49_990), Err(Error::<Test>::InsufficientFreeCollateral.into()));
		assert_eq!(reduce(50, 50_000), Ok(Quote::dollars(4_500)), "nothing was handed out");
		// Below initial margin it may cost the share of equity that is closed.
		block_at(47_500);
		assert_eq!(view(ALICE).equity, Quote::dollars(2_125));
		assert_eq!(view(ALICE).initial_requirement, Quote(2_256_250_000));
		assert_eq!(reduce(20, 47_000), Ok(Quote::dollars(2_115)));
		// And when it meets it again, it is as it was.
		assert_eq!(reduce(500, 47_000), Err(Error::<Test>::InsufficientFreeCollateral.into()));
	});
}

#[test]
fn a_guarded_market_lets_one_side_reduce_and_the_other_take_over() {
	with_positions(|| {
		status(BTC, MarketStatus::Guarded);
		assert_eq!(
			try_trade(ALICE, CAROL, BTC, thousandths(100), 50_000),
			Err(Error::<Test>::ReducingOnly.into())
		);
		// Alice sells to Carol: open interest stays what it is.
		let before = market(BTC).book.open_interest();
		assert_ok!(offer(CAROL, Side::Long, thousandths(400), 50_000));
		next_block();
		assert_ok!(accept_reduce(ALICE));
		assert_eq!(market(BTC).book.open_interest(), before);
		// Alice offers what reduces, Bob takes what reduces.
		next_block();
		let expires = System::block_number() + 5;
		assert_ok!(Margin::offer_reduce(
			signed(ALICE),
			MAIN,
			BTC,
			thousandths(600),
			Price::dollars(50_000),
			expires,
			None
		));
		assert_ok!(accept_reduce(BOB));
		assert_eq!(market(BTC).book.open_interest(), Ok(thousandths(400)));
	});
}

#[test]
fn a_reduce_call_strictly_reduces() {
	with_positions(|| {
		let reduce = |who, size| {
			Margin::offer_reduce(
				signed(who),
				MAIN,
				BTC,
				size,
				Price::dollars(50_000),
				System::block_number() + 5,
				None,
			)
		};
		assert_noop!(reduce(ALICE, thousandths(1_001)), Error::<Test>::NotReducing);
		assert_noop!(reduce(CAROL, thousandths(1)), Error::<Test>::NoPosition);
		assert_noop!(reduce(ALICE, Size(900_000)), Error::<Test>::AmountTooSmall);
		assert_ok!(offer(BOB, Side::Short, thousandths(100), 50_000));
		assert_noop!(accept_reduce(ALICE), Error::<Test>::NotReducing);
	});
}

#[test]
fn a_halted_market_and_a_missing_price_trade_nothing() {
	with_positions(|| {
		assert_ok!(offer(CAROL, Side::Long, thousandths(400), 50_000));
		status(BTC, MarketStatus::Halted);
		assert_noop!(accept_reduce(ALICE), Error::<Test>::MarketHalted);
		assert_noop!(offer(CAROL, Side::Long, thousandths(400), 50_000), Error::<Test>::MarketHalted);
		status(BTC, MarketStatus::Open);
		set_price(feed(BTC), Price::dollars(50_000), PriceState::Stale);
		assert_noop!(accept_reduce(ALICE), Error::<Test>::PriceUnavailable);
		// Who reduces may close on an uncertain price, but nobody may open on it.
		set_price(feed(BTC), Price::dollars(50_000), PriceState::Uncertain);
		assert_noop!(accept_reduce(ALICE), Error::<Test>::PriceUnavailable);
		set_price(feed(BTC), Price::dollars(50_000), PriceState::Valid);
		assert_ok!(accept_reduce(ALICE));
	});
}

#[test]
fn open_interest_has_a_limit() {
	with_positions(|| {
		let mut tight = params();
		tight.max_open_interest = thousandths(1_500);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, tight));
		assert_eq!(
			try_trade(ALICE, CAROL, BTC, thousandths(501), 50_000),
			Err(Error::<Test>::OpenInterestLimit.into())
		);
		trade(ALICE, CAROL, BTC, thousandths(500), 50_000);
	});
}

#[test]
fn a_position_is_worth_having_or_closed_whole() {
	with_positions(|| {
		assert_eq!(
			try_trade(CAROL, ALICE, BTC, Size(1_000), 50_000),
			Err(Error::<Test>::PositionTooSmall.into())
		);
		let all_but_a_lot = Size(Size::ONE.0 - 1_000);
		assert_eq!(
			try_trade(BOB, ALICE, BTC, all_but_a_lot, 50_000),
			Err(Error::<Test>::PositionTooSmall.into())
		);
	});
}

#[test]
fn an_account_has_at_most_so_many_positions() {
	build(|| {
		for id in 2..5 {
			price(MarketId(id), 100);
			assert_ok!(Margin::list_market(
				RuntimeOrigin::root(),
				FeedId(id),
				b"X-PERP".to_vec().try_into().unwrap(),
				params()
			));
		}
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		deposit(CAROL, 10_000);
		for id in 1..5 {
			let at = if id == 1 { 2_000 } else { 100 };
			trade(ALICE, BOB, MarketId(id), Size::ONE, at);
		}
		assert_eq!(
			try_trade(ALICE, CAROL, BTC, thousandths(100), 50_000),
			Err(Error::<Test>::TooManyPositions.into())
		);
	});
}

#[test]
fn a_trade_may_reverse_a_position() {
	with_positions(|| {
		trade(CAROL, ALICE, BTC, thousandths(1_500), 50_000);
		let (_, position) = account(ALICE).find(BTC).unwrap();
		assert_eq!((position.side, position.units.0), (Side::Short, 500_000_000));
		assert_eq!(market(BTC).book.open_interest(), Ok(thousandths(1_500)));
	});
}

#[test]
fn funding_moves_from_longs_to_shorts_and_nothing_is_lost() {
	build(|| {
		let mut paying = params();
		// 0.288 % per eight hours: a hundred-thousandth per 100 seconds.
		paying.interest = keel_math::FundingRate(2_880_000);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, paying));
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		for _ in 0..50 {
			next_block();
		}
		// 50,000 dollars for 50 blocks of two seconds: 50 cents.
		assert_eq!(view(ALICE).equity, Quote(9_999_500_000));
		assert_eq!(view(BOB).equity, Quote(10_000_500_000));
		assert_eq!(view(ALICE).positions[0].funding, Quote(-500_000));
		assert_eq!(view(ALICE).positions[0].unrealised_profit, Quote::ZERO);
		// An outage is forgiven beyond the longest time.
		world(|world| world.now += 10_000_000);
		next_block();
		assert_eq!(view(ALICE).equity, Quote(9_999_500_000 - 300_000));
	});
}
