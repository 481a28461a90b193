// SPDX-License-Identifier: Apache-2.0
//! What opening takes, to the unit: of who offers, and of who takes an offer.

use crate::{mock::*, *};
use frame_support::{assert_ok, storage::with_storage_layer};
use keel_primitives::*;
use sp_runtime::DispatchResult;

/// The smallest size that can be opened.
const LOT: Size = Size(1_000);

fn offer(who: AccountId, side: Side, size: Size) -> DispatchResult {
	let expires = System::block_number() + 5;
	let (main, price) = (SubAccount(0), Price::dollars(50_000));
	with_storage_layer(|| Margin::offer_trade(signed(who), main, BTC, side, size, price, expires, None))
}

fn take(who: AccountId) -> DispatchResult {
	let last = OfferIds::<Test>::get().next - 1;
	with_storage_layer(|| Margin::accept_trade(signed(who), last, SubAccount(0)))
}

/// Everything that raises initial margin beyond the tier's: the rules, the leverage cap, and what these many
/// thousandths of a bitcoin take then, in dollars.
type Case = (fn(&mut MarketParams), Option<u32>, u128, i64);

const CASES: [Case; 5] = [
	(|_| {}, None, 4_000, 10_000),
	// Four times what is free: twice 5 %.
	(|p| p.initial.free_notional = Quote::dollars(50_000), None, 4_000, 20_000),
	// Halfway between the caps: 5 % and half of 95 %.
	(
		|p| {
			p.initial.soft_cap = Quote::dollars(100_000);
			p.initial.hard_cap = Quote::dollars(200_000);
		},
		None,
		3_000,
		78_750,
	),
	// Three times 4 %.
	(|p| p.initial.volatility_multiplier = Ratio(3_000_000_000), None, 2_000, 12_000),
	(|_| {}, Some(5), 2_000, 20_000),
];

/// Alice has `margin`, and holds these many thousandths of a bitcoin.
fn with_margin((spoil, leverage, ..): &Case, margin: Quote, held: u128, side: Side, test: impl FnOnce()) {
	build(|| {
		let mut rules = params();
		spoil(&mut rules);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, rules));
		assert_ok!(Margin::deposit(signed(ALICE), SubAccount(0), margin));
		assert_ok!(Margin::deposit(signed(BOB), SubAccount(0), Quote::dollars(900_000)));
		assert_ok!(Margin::set_leverage(signed(ALICE), SubAccount(0), *leverage));
		if held > 0 {
			assert_ok!(offer(ALICE, side, thousandths(held)));
			assert_ok!(take(BOB));
		}
		test();
	});
}

#[test]
fn an_offer_and_a_fill_take_the_same_margin_to_the_unit() {
	for case in &CASES {
		for (side, held) in [(Side::Long, 0), (Side::Short, 0), (Side::Long, 1_000), (Side::Short, 1_000)] {
			let size = thousandths(case.2 - held);
			let more = Size(size.0 + LOT.0);
			let refused = Err(Error::<Test>::InsufficientMargin.into());
			let enough = Quote::dollars(case.3);
			with_margin(case, enough, held, side, || {
				assert_eq!(offer(ALICE, side, more), refused);
				assert_ok!(offer(BOB, side.opposite(), more));
				assert_eq!(take(ALICE), refused);
				assert_ok!(offer(ALICE, side, size));
				assert_ok!(take(BOB));
			});
			with_margin(case, enough, held, side, || {
				assert_ok!(offer(BOB, side.opposite(), size));
				assert_ok!(take(ALICE));
			});
			with_margin(case, Quote(enough.0 - 1), held, side, || {
				assert_eq!(offer(ALICE, side, size), refused);
				assert_ok!(offer(BOB, side.opposite(), size));
				assert_eq!(take(ALICE), refused);
			});
		}
	}
}

/// An offer is judged again when it is taken, on what is open then: who sells first does not count before it.
#[test]
fn who_offered_is_judged_on_what_the_trade_leaves_open() {
	for side in Side::BOTH {
		with_margin(&CASES[2], Quote::dollars(26_250), 0, side, || {
			deposit(CAROL, 60_000);
			assert_ok!(Margin::withdraw(signed(ALICE), SubAccount(0), Quote(1)));
			assert_ok!(offer(ALICE, side, Size::ONE));
			let offered = OfferIds::<Test>::get().next - 1;
			trade(CAROL, BOB, BTC, thousandths(2_000), 50_000);
			let accept = || with_storage_layer(|| Margin::accept_trade(signed(BOB), offered, SubAccount(0)));
			// 52.5 % of 50,000 are 26,250, if buying or selling adds to what is open; Bob is short by two.
			let adds = side == Side::Long;
			if adds {
				assert_eq!(accept(), Err(Error::<Test>::InsufficientMargin.into()));
			} else {
				assert_ok!(accept());
				assert_eq!(market(BTC).book.open_interest(), Ok(thousandths(2_000)), "taken over");
			}
		});
	}
}

#[test]
fn an_account_that_is_emptied_forgets_its_cap() {
	build(|| {
		deposit(ALICE, 100);
		assert_ok!(Margin::set_leverage(signed(ALICE), SubAccount(0), Some(1_000)));
		assert_eq!(account(ALICE).leverage.map(|times| times.get()), Some(1_000));
		System::assert_last_event(
			Event::<Test>::LeverageSet { account: main_of(ALICE), leverage: Some(1_000) }.into(),
		);
		assert_ok!(withdraw(ALICE, Quote::dollars(100)));
		assert!(!Accounts::<Test>::contains_key(ALICE, SubAccount(0)));
		deposit(ALICE, 100);
		assert_eq!(account(ALICE).leverage, None);
	});
}
