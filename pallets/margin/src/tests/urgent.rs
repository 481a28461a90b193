// SPDX-License-Identifier: Apache-2.0
//! Calls with priority: one of each kind per owner and block, and nothing is left of them.

use crate::{mock::*, *};
use frame_support::{
	assert_noop, assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
};
use keel_primitives::*;

const MAIN: SubAccount = SubAccount(0);
const TEN: Quote = Quote::dollars(10);

fn last_offer() -> u64 {
	OfferIds::<Test>::get().next - 1
}

fn offer_reduce(who: AccountId) -> sp_runtime::DispatchResult {
	let expires = System::block_number() + 5;
	Margin::offer_reduce(signed(who), MAIN, BTC, thousandths(100), Price::dollars(50_000), expires, None)
}

#[test]
fn calls_with_priority_are_one_of_each_kind_per_owner_and_block() {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		next_block();
		let refused: sp_runtime::DispatchError = Error::<Test>::OncePerBlock.into();
		// One kind does not use up another.
		assert_ok!(offer_reduce(BOB));
		assert_ok!(Margin::deposit(signed(ALICE), MAIN, TEN));
		assert_ok!(offer_reduce(ALICE));
		let offered = last_offer();
		assert_ok!(Margin::cancel_offer(signed(ALICE), offered));
		// A second one of each is refused, in whichever sub-account.
		assert_noop!(Margin::deposit(signed(ALICE), SubAccount(1), TEN), refused);
		assert_noop!(offer_reduce(ALICE), refused);
		assert_noop!(Margin::accept_reduce(signed(ALICE), offered - 1, MAIN), refused);
		assert_noop!(Margin::cancel_offer(signed(ALICE), offered - 1), refused);
		next_block();
		assert_ok!(Margin::deposit(signed(ALICE), SubAccount(1), TEN));
		assert_ok!(Margin::accept_reduce(signed(ALICE), offered - 1, MAIN));
	});
}

#[test]
fn what_was_used_is_forgotten_as_far_as_the_weight_goes() {
	build(|| {
		for who in 10..15 {
			assert_ok!(Margin::deposit(signed(who), MAIN, TEN));
		}
		assert_eq!(UrgentCalls::<Test>::iter().count(), 5);
		let two = <() as WeightInfo>::open_market()
			.saturating_mul(2)
			.saturating_add(<() as WeightInfo>::forget_urgent().saturating_mul(2));
		world(|world| world.hook_weight = two);
		next_block();
		assert_eq!(UrgentCalls::<Test>::iter().count(), 3);
		// What is left over names another block.
		let left = UrgentCalls::<Test>::iter_keys().next().expect("three are left");
		assert_ok!(Margin::deposit(signed(left), MAIN, TEN));
		assert_noop!(Margin::deposit(signed(left), MAIN, TEN), Error::<Test>::OncePerBlock);
		next_block();
		next_block();
		assert_eq!(UrgentCalls::<Test>::iter().count(), 0);
	});
}

#[test]
fn what_adds_margin_reduces_or_cancels_has_priority() {
	let (market, size, price) = (BTC, Size::ONE, Price::ONE);
	let (sub, offer, expires, taker) = (MAIN, 0, 0, None);
	let class = |call: Call<Test>| call.get_dispatch_info().class;
	for urgent in [
		Call::deposit { sub, amount: TEN },
		Call::offer_reduce { sub, market, size, price, expires, taker },
		Call::accept_reduce { offer, sub },
		Call::cancel_offer { offer },
	] {
		assert_eq!(class(urgent), DispatchClass::Operational);
	}
	for other in [
		Call::withdraw { sub, amount: TEN },
		Call::offer_trade { sub, market, side: Side::Long, size, price, expires, taker },
		Call::accept_trade { offer, sub },
	] {
		assert_eq!(class(other), DispatchClass::Normal);
	}
}
