// SPDX-License-Identifier: Apache-2.0
//! Giving to a backstop.

use super::*;
use crate::Error;
use frame_support::{assert_noop, assert_ok};
use keel_test_support::Custody;
use sp_runtime::TokenError;

/// Bob has 5,000 dollars of USDK.
fn with_giver(test: impl FnOnce()) {
	run(|| {
		Custody::give(BOB, dollars(5_000));
		test();
	});
}

fn give(market: MarketId, amount: Quote) -> sp_runtime::DispatchResult {
	Liquidation::fund_backstop(RuntimeOrigin::signed(BOB), market, amount)
}

#[test]
fn anyone_gives_from_the_balance_and_the_backstop_takes_more() {
	with_giver(|| {
		let backstop = Liquidation::backstop(BTC).unwrap();
		assert_ok!(give(BTC, dollars(4_000)));
		assert_eq!(Margin::cash(backstop), dollars(4_000));
		assert_eq!(Custody::balance(BOB), dollars(1_000));
		assert_eq!(Custody::held(), dollars(4_000));
		assert_eq!(Margin::cash(main_of(BOB)), Quote::ZERO, "not from, or to, an account of his");
		let expected = Event::BackstopFunded { market: BTC, backstop, who: BOB, amount: dollars(4_000) };
		assert_eq!(events(), [expected]);

		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		tell(alice);
		next_block();
		assert_eq!(taken()[0].4, Taker::Backstop);
	});
}

#[test]
fn nothing_is_taken_when_it_is_refused() {
	with_giver(|| {
		assert_noop!(give(MarketId(9), dollars(100)), Error::<Test>::UnknownMarket);
		let far = MarketId(256);
		set_mark(far, 1_000);
		assert_noop!(give(far, dollars(100)), Error::<Test>::UnknownMarket);
		assert_noop!(give(BTC, dollars(5_001)), TokenError::FundsUnavailable);
		for too_little in [Quote(-1), Quote::ZERO, Quote(999_999)] {
			assert_noop!(give(BTC, too_little), "too little");
		}
	});
}

#[test]
fn a_backstop_in_liquidation_receives_and_is_let_go() {
	with_giver(|| {
		let backstop = fund_backstop(BTC, 2_000);
		Margin::open(backstop, BTC, Side::Long, Size::ONE);
		set_mark(BTC, 18_900);
		tell(backstop);
		assert_ok!(give(BTC, dollars(1_000)));
		next_block();
		assert_eq!(taken(), []);
		assert!(!is_queued(backstop));
		assert_eq!(Margin::size(backstop, BTC), Size::ONE);
	});
}
