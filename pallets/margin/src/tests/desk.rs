// SPDX-License-Identifier: Apache-2.0
//! While an account is touched or looked at, its markets are on the desk: read once, written once, and never old.

use crate::{accounts::Cause, desk::Desk, mock::*, *};
use frame_support::{assert_err, assert_ok, assert_storage_noop};
use keel_primitives::*;
use keel_traits::Liquidatable;

/// Alice is long a bitcoin and short ten ethers with 10,000 dollars; Bob, who is rich, is on the other side.
fn with_two(test: impl FnOnce()) {
	build(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		trade(BOB, ALICE, ETH, Size(10 * Size::ONE.0), 2_000);
		next_block();
		test();
	});
}

/// How often feeds are observed and statuses asked for.
fn asked(act: impl FnOnce()) -> (u32, u32) {
	let count = || world(|world| (world.observed, world.asked));
	let before = count();
	act();
	let after = count();
	(after.0 - before.0, after.1 - before.1)
}

#[test]
fn each_market_is_asked_about_once() {
	with_two(|| {
		let deposit = || Margin::deposit(signed(ALICE), SubAccount(0), Quote::dollars(100)).unwrap();
		assert_eq!(asked(deposit), (2, 0));
		assert_eq!(asked(|| drop(view(ALICE))), (2, 2));
		assert_eq!(asked(|| drop(Margin::exposures(&main_of(ALICE)))), (2, 2));
		// A look at the account, and a touch of it.
		assert_eq!(asked(|| withdraw(ALICE, Quote::dollars(20)).unwrap()), (4, 2));
	});
}

#[test]
fn what_lies_on_a_desk_is_not_read_again() {
	with_two(|| {
		let mut desk = Desk::<Test>::default();
		let mark = |desk: &mut Desk<Test>| desk.market(BTC).map(|market| market.mark);
		assert_eq!(mark(&mut desk), Ok(Price::dollars(50_000)));
		Markets::<Test>::mutate_extant(BTC, |market| market.mark = Price::dollars(40_000));
		assert_eq!(mark(&mut desk), Ok(Price::dollars(50_000)));
		assert_eq!(mark(&mut Desk::default()), Ok(Price::dollars(40_000)));
		Markets::<Test>::mutate_extant(BTC, |market| market.mark = Price::dollars(50_000));
	});
}

#[test]
fn what_was_only_looked_at_is_not_written() {
	with_two(|| {
		let mut desk = Desk::<Test>::default();
		assert_ok!(desk.market(BTC).map(|_| ()));
		desk.market_mut(ETH).unwrap().last_price = Price::dollars(2_100);
		Markets::<Test>::mutate_extant(BTC, |market| market.last_price = Price::dollars(51_000));
		desk.put_back();
		assert_eq!(market(BTC).last_price, Price::dollars(51_000));
		assert_eq!(market(ETH).last_price, Price::dollars(2_100));
		assert_err!(Desk::<Test>::default().market(MarketId(9)).map(|_| ()), Error::<Test>::UnknownMarket);
	});
}

#[test]
fn a_touch_that_fails_writes_nothing() {
	with_two(|| {
		assert_storage_noop!({
			let failed = Margin::touch_on(&main_of(ALICE), Cause::Touched(None), |_, desk| {
				desk.market_mut(BTC)?.last_price = Price::dollars(1);
				Err::<(), _>(Error::<Test>::NoDebt.into())
			});
			assert_err!(failed, Error::<Test>::NoDebt);
		});
	});
}

#[test]
fn the_next_touch_sees_what_one_has_written() {
	with_two(|| {
		let set = |price| {
			Margin::touch_on(&main_of(ALICE), Cause::Touched(None), |_, desk| {
				let market = desk.market_mut(BTC)?;
				Ok(core::mem::replace(&mut market.last_price, price))
			})
		};
		assert_ok!(set(Price::dollars(1)));
		assert_eq!(set(Price::dollars(2)), Ok(Price::dollars(1)));
		assert_eq!(market(BTC).last_price, Price::dollars(2));
	});
}

#[test]
fn what_others_write_when_they_hear_of_an_account_stays() {
	// The keys of Alice, and with them the markets, are written by the touch that tells of her.
	with_two(|| {
		world(|world| world.heard = Some(|_| Margin::set_waiting(BTC, Side::Long, true)));
		block_at(40_000);
		assert_eq!(unhealthy(), vec![ALICE]);
		assert!(market(BTC).long.bankrupt_waiting);
		assert_eq!(market(BTC).long.heads, [None; keel_math::kept_tiers::KEPT_TIERS_MAX]);
	});
	with_two(|| {
		world(|world| world.heard = Some(|_| Margin::set_waiting(BTC, Side::Long, true)));
		Markets::<Test>::mutate_extant(BTC, |market| market.mark = Price::dollars(40_000));
		assert!(Margin::seize(&main_of(ALICE)).is_some());
		assert!(market(BTC).long.bankrupt_waiting);
	});
}
