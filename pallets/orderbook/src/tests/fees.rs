// SPDX-License-Identifier: Apache-2.0
//! Fees by volume, rebates out of them, and who gets what is left.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok, BoundedVec};
use keel_math::FeeRate;
use keel_primitives::*;
use keel_test_support::{Clock, Margin};
use keel_traits::Claims;

fn tier(from: i64, maker: i32, taker: i32) -> FeeTier {
	FeeTier { from: Quote::dollars(from), maker: FeeRate(maker), taker: FeeRate(taker) }
}

/// In hundredths of a basis point: 0.01 % to the maker at first, 0.05 % from the taker.
fn schedule() -> FeeSchedule {
	FeeSchedule {
		tiers: BoundedVec::truncate_from(vec![tier(0, 100_000, 500_000), tier(100_000, -200_000, 400_000)]),
		insurance: Ratio::percent(50),
		backstop: Ratio::percent(30),
	}
}

fn set(fees: FeeSchedule) {
	assert_ok!(Orderbook::set_fees(RuntimeOrigin::root(), fees));
}

#[test]
fn maker_and_taker_pay_by_their_own_volume_and_the_fees_are_a_claim() {
	run(|| {
		set(schedule());
		place(ALICE, sell(1_000, 50_000));
		place(BOB, buy(1_000, 50_000));
		let paid = |who, held: i128| {
			Margin::cash(main_of(who)).0 - Quote::dollars(1_000_000).0 + held * 50_000_000_000
		};
		assert_eq!((paid(ALICE, -1), paid(BOB, 1)), (-5_000_000, -25_000_000));
		assert_eq!(<Orderbook as Claims>::claims(), Quote::dollars(30));
		assert_eq!(Orderbook::fee_tier(ALICE).0, Quote::dollars(50_000));
		// A second time both reach the next tier by it, and pay as of before.
		place(ALICE, sell(1_000, 50_000));
		place(BOB, buy(1_000, 50_000));
		assert_eq!(Orderbook::fee_tier(BOB), (Quote::dollars(100_000), tier(100_000, -200_000, 400_000)));
		place(ALICE, sell(1_000, 50_000));
		place(BOB, buy(1_000, 50_000));
		// 10 and 50, and then a rebate of 10 out of 20.
		assert_eq!((paid(ALICE, -3), paid(BOB, 3)), (0, -70_000_000));
		assert_eq!(<Orderbook as Claims>::claims(), Quote::dollars(70));
	});
}

/// OB-26: where nobody came first nobody is paid for having waited.
#[test]
fn in_an_auction_both_pay_as_makers_and_nobody_gets_a_rebate() {
	run(|| {
		set(schedule());
		let newcomer = 200;
		Margin::deposit(main_of(newcomer), Quote::dollars(1_000_000));
		place(ALICE, sell(2_000, 50_000));
		place(BOB, buy(2_000, 50_000));
		assert_eq!(Orderbook::fee_tier(ALICE).1.maker, FeeRate(-200_000), "outside of an auction");
		let before = [ALICE, newcomer].map(|who| Margin::cash(main_of(who)).0);
		Margin::set_status(BTC, MarketStatus::Auction);
		place(ALICE, buy(1_000, 50_000));
		place(newcomer, sell(1_000, 50_000));
		Margin::set_status(BTC, MarketStatus::Open);
		next_block();
		let after = [ALICE, newcomer].map(|who| Margin::cash(main_of(who)).0);
		let price = Quote::dollars(50_000).0;
		// Nothing instead of a rebate of 10, and 5, a maker's 0.01 %, instead of a taker's 25.
		assert_eq!(after[0] - before[0], -price);
		assert_eq!(after[1] - before[1], price - Quote::dollars(5).0);
	});
}

#[test]
fn volume_is_forgotten_after_sixty_days() {
	run(|| {
		set(schedule());
		place(ALICE, sell(2_000, 50_000));
		place(BOB, buy(2_000, 50_000));
		assert_eq!(Orderbook::fee_tier(BOB).1.taker, FeeRate(400_000));
		Clock::advance(60 * 24 * 3_600_000);
		assert_eq!(Orderbook::fee_tier(BOB), (Quote::ZERO, tier(0, 100_000, 500_000)));
	});
}

#[test]
fn fees_pay_a_debt_of_the_market_first_and_are_shared_then() {
	run(|| {
		set(schedule());
		place(ALICE, sell(1_000, 50_000));
		place(BOB, buy(1_000, 50_000));
		Margin::set_owed(BTC, Quote::dollars(10));
		next_block();
		assert_eq!(received(), [10, 6, 4].map(Quote::dollars));
		assert_eq!(<Orderbook as Claims>::claims(), Quote::ZERO);
		let dollars = Quote::dollars;
		let shared = Event::FeesShared {
			market: BTC,
			debt: dollars(10),
			insurance: dollars(10),
			backstop: dollars(6),
			treasury: dollars(4),
		};
		assert_eq!(events(), [shared]);
	});
}

#[test]
fn what_the_treasury_cannot_be_paid_is_the_funds() {
	run(|| {
		set(schedule());
		place(ALICE, sell(1_000, 50_000));
		place(BOB, buy(1_000, 50_000));
		let_treasury_refuse();
		next_block();
		for _ in 0..2 {
			assert_eq!(received(), [21, 9, 0].map(Quote::dollars));
			assert_eq!(<Orderbook as Claims>::claims(), Quote::ZERO);
			next_block();
		}
	});
}

#[test]
fn a_little_is_not_shared() {
	run(|| {
		set(schedule());
		place(ALICE, sell(1, 50_000));
		place(BOB, buy(1, 50_000));
		next_block();
		assert_eq!((received(), <Orderbook as Claims>::claims()), ([Quote::ZERO; 3], Quote(30_000)));
	});
}

#[test]
fn unsound_fees_are_refused() {
	run(|| {
		let with =
			|tiers: Vec<FeeTier>| FeeSchedule { tiers: BoundedVec::truncate_from(tiers), ..schedule() };
		let unsound = [
			with(vec![tier(1, 0, 0)]),
			with(vec![tier(0, 0, 0), tier(0, 0, 0)]),
			with(vec![tier(0, 0, -1)]),
			with(vec![tier(0, 0, 10_000_001)]),
			with(vec![tier(0, 10_000_001, 0)]),
			// A rebate above what the best taker pays.
			with(vec![tier(0, 0, 500_000), tier(5, -400_001, 400_000)]),
			FeeSchedule { insurance: Ratio::percent(71), ..schedule() },
			FeeSchedule { insurance: Ratio(u64::MAX), ..schedule() },
		];
		for fees in unsound {
			assert_noop!(Orderbook::set_fees(RuntimeOrigin::root(), fees), Error::<Test>::UnsoundFees);
		}
		assert_noop!(Orderbook::set_fees(signed(ALICE), schedule()), sp_runtime::DispatchError::BadOrigin);
		set(with(vec![tier(0, 0, 500_000), tier(5, -400_000, 400_000)]));
		set(FeeSchedule::default());
	});
}
