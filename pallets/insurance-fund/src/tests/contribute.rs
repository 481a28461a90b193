// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::{Error, AMOUNT_MAX};
use frame_support::{assert_noop, assert_ok};
use keel_test_support::{ALICE, BOB};
use sp_runtime::TokenError;

#[test]
fn anyone_may_give_to_any_pot_even_above_the_target() {
	World::default().tranche(BTC, 100, 0).run(|| {
		Custody::give(ALICE, dollars(1_000));
		for (pot, amount) in [(Pot::Tranche(BTC), dollars(300)), (Pot::Fund, dollars(700))] {
			assert_ok!(InsuranceFund::contribute(RuntimeOrigin::signed(ALICE), pot, amount));
			assert_eq!(balance(pot), amount);
			assert_eq!(last_event(), Event::Contributed { who: ALICE, pot, amount });
		}
		assert_eq!(Custody::balance(ALICE), Quote::ZERO);
	});
}

#[test]
fn anybody_sweeps_what_was_sent_to_custody_by_mistake_into_the_fund() {
	World::default().run(|| {
		let sweep = || InsuranceFund::sweep(RuntimeOrigin::signed(BOB));
		assert_noop!(sweep(), Error::<Test>::NothingToSweep);
		Custody::lose(dollars(77));
		assert_ok!(sweep());
		assert_eq!(balance(Pot::Fund), dollars(77));
		assert_eq!(last_event(), Event::Swept { amount: dollars(77) });
		assert_noop!(sweep(), Error::<Test>::NothingToSweep);
	});
}

#[test]
fn refuses_amounts_that_are_none() {
	World::default().run(|| {
		for amount in [Quote::ZERO, Quote(-1), Quote(AMOUNT_MAX.0 + 1)] {
			let call = InsuranceFund::contribute(RuntimeOrigin::signed(ALICE), Pot::Fund, amount);
			assert_noop!(call, Error::<Test>::AmountOutOfBounds);
		}
	});
}

#[test]
fn refuses_to_give_to_a_market_that_is_not_listed() {
	World::default().run(|| {
		Custody::give(ALICE, dollars(1));
		let pot = Pot::Tranche(UNKNOWN);
		let call = InsuranceFund::contribute(RuntimeOrigin::signed(ALICE), pot, dollars(1));
		assert_noop!(call, Error::<Test>::UnknownMarket);
	});
}

#[test]
fn refuses_money_that_is_not_there() {
	World::default().run(|| {
		let call = InsuranceFund::contribute(RuntimeOrigin::signed(BOB), Pot::Fund, dollars(1));
		assert_noop!(call, TokenError::FundsUnavailable);
	});
}
