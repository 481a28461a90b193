// SPDX-License-Identifier: Apache-2.0
//! What guardians may order, for how long, and who may end it.

use crate::{mock::*, *};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
};
use keel_primitives::{MarketId, MarketStatus, PriceState};
use sp_runtime::DispatchError::BadOrigin;

#[test]
fn a_guard_begins_at_once_and_ends_by_itself() {
	run(|| {
		let start = now();
		assert_ok!(guard(BTC, 5));
		assert_eq!(status(BTC), MarketStatus::Guarded);
		assert_eq!(status(ETH), MarketStatus::Open, "the other market goes on");
		assert_eq!(
			events(),
			[Event::Tripped {
				market: BTC,
				cause: Cause::Guardian,
				from: MarketStatus::Open,
				to: MarketStatus::Guarded,
				until: Some(start + 5),
				incident: 0,
			}]
		);
		run_to(start + 4);
		assert_eq!(status(BTC), MarketStatus::Guarded);
		next_block();
		assert_eq!(status(BTC), MarketStatus::Open);
		let resumed = Event::Resumed {
			market: BTC,
			cause: Cause::Guardian,
			from: MarketStatus::Guarded,
			to: MarketStatus::Open,
		};
		assert_eq!(events(), [resumed]);
	});
}

#[test]
fn a_halt_within_a_guard_falls_back_to_the_guard() {
	run(|| {
		let start = now();
		assert_ok!(guard(BTC, 30));
		assert_ok!(halt(BTC, 10));
		assert_eq!(status(BTC), MarketStatus::Halted);
		run_to(start + 10);
		assert_eq!(status(BTC), MarketStatus::Guarded);
		assert_eq!(Breaker::incidents()[0].1.closed, None);
		run_to(start + 30);
		assert_eq!(status(BTC), MarketStatus::Open);
		assert_eq!(Breaker::incidents()[0].1.closed, Some(start + 30));
	});
}

#[test]
fn guardians_only_tighten() {
	run(|| {
		assert_ok!(halt(BTC, 10));
		assert_noop!(halt(BTC, 10), Error::<Runtime>::NotStricter);
		assert_noop!(halt(BTC, 9), Error::<Runtime>::NotStricter);
		assert_noop!(guard(BTC, 10), Error::<Runtime>::NotStricter);
		assert_ok!(guard(BTC, 11));
		assert_eq!(status(BTC), MarketStatus::Halted, "a guard does not loosen a halt");
		assert_ok!(halt(BTC, 11));
	});
}

#[test]
fn orders_are_bounded_in_length() {
	run(|| {
		assert_noop!(guard(BTC, 0), Error::<Runtime>::NoBlocks);
		assert_noop!(halt(BTC, 0), Error::<Runtime>::NoBlocks);
		assert_noop!(guard(BTC, 51), Error::<Runtime>::TooLong);
		assert_noop!(halt(BTC, 21), Error::<Runtime>::TooLong);
		assert_noop!(guard(BTC, u64::MAX), Error::<Runtime>::TooLong);
		assert_noop!(guard(MarketId(9), 1), Error::<Runtime>::UnknownMarket);
		assert_ok!(guard(BTC, 50));
		assert_ok!(halt(ETH, 20));
	});
}

#[test]
fn orders_on_a_market_share_a_budget_that_comes_back_a_window_after_each() {
	run(|| {
		let start = now();
		assert_eq!(Breaker::budget_left(BTC), 60);
		for _ in 0..3 {
			assert_ok!(halt(BTC, 20));
			run_to(now() + 20);
		}
		assert_eq!(Breaker::budget_left(BTC), 0);
		assert_noop!(guard(BTC, 1), Error::<Runtime>::BudgetExhausted);
		assert_eq!(Breaker::budget_left(ETH), 60, "each market has its own");
		assert_ok!(guard(ETH, 1));
		// The first was over after 20 blocks.
		run_to(start + 219);
		assert_noop!(guard(BTC, 1), Error::<Runtime>::BudgetExhausted);
		next_block();
		assert_eq!(Breaker::budget_left(BTC), 20);
		assert_ok!(guard(BTC, 20));
		assert_noop!(guard(BTC, 30), Error::<Runtime>::BudgetExhausted);
		run_to(start + 260);
		assert_eq!(Breaker::budget_left(BTC), 40);
	});
}

#[test]
fn a_refused_order_leaves_the_market_as_it_was() {
	run(|| {
		assert_ok!(guard(BTC, 50));
		let before = Breaker::market(BTC);
		// 50 are spent of 60.
		assert_noop!(halt(BTC, 11), Error::<Runtime>::BudgetExhausted);
		assert_eq!(Breaker::market(BTC), before);
	});
}

#[test]
fn another_body_resumes_early_and_the_budget_stays_spent() {
	run(|| {
		assert_ok!(guard(BTC, 30));
		assert_ok!(halt(BTC, 10));
		assert_ok!(resume(BTC));
		assert_eq!(status(BTC), MarketStatus::Open);
		assert_eq!(Breaker::budget_left(BTC), 20);
		assert_eq!(Breaker::incidents()[0].1.closed, Some(now()));
		next_block();
		assert_eq!(status(BTC), MarketStatus::Open, "and it does not come back");
		assert_noop!(resume(BTC), Error::<Runtime>::NotOrdered);
		assert_noop!(resume(MarketId(9)), Error::<Runtime>::UnknownMarket);
	});
}

#[test]
fn resuming_does_not_lift_what_the_price_demands() {
	run(|| {
		assert_ok!(guard(BTC, 30));
		block_with(BTC, PriceState::Stale);
		assert_ok!(resume(BTC));
		assert_eq!(status(BTC), MarketStatus::Halted);
		assert_noop!(resume(BTC), Error::<Runtime>::NotOrdered);
	});
}

#[test]
fn each_right_is_one_bodys() {
	run(|| {
		assert_ok!(guard(BTC, 5));
		for who in [RESUMER, STRANGER] {
			let origin = || RuntimeOrigin::signed(who);
			assert_noop!(Breaker::guard_market(origin(), BTC, 10), BadOrigin);
			assert_noop!(Breaker::halt_market(origin(), BTC, 10), BadOrigin);
		}
		for who in [GUARDIAN, STRANGER] {
			assert_noop!(Breaker::resume_market(RuntimeOrigin::signed(who), BTC), BadOrigin);
		}
	});
}

#[test]
fn orders_land_even_in_full_blocks() {
	for call in [
		Call::<Runtime>::guard_market { market: BTC, blocks: 1 },
		Call::halt_market { market: BTC, blocks: 1 },
		Call::resume_market { market: BTC },
	] {
		assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
	}
}
