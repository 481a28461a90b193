// SPDX-License-Identifier: Apache-2.0
//! What would be: a trade, the largest trade, and whom a move makes unhealthy.

use crate::{mock::*, *};
use frame_support::{assert_ok, assert_storage_noop};
use keel_primitives::*;
use keel_traits::Shock;
use std::collections::BTreeSet;

fn simulate(who: AccountId, side: Side, size: Size, at: u32) -> Result<TradeOf, sp_runtime::DispatchError> {
	Margin::simulate_trade(main_of(who), BTC, side, size, Price::dollars(at))
}
type TradeOf = keel_traits::TradePreview;

fn largest(who: AccountId, side: Side) -> Size {
	Margin::max_size(main_of(who), BTC, side, Price::dollars(50_000)).unwrap()
}

#[test]
fn a_simulated_trade_is_what_the_trade_then_does_and_changes_nothing() {
	build(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 50_000);
		for (side, size, at) in [
			(Side::Long, Size::ONE, 50_000),
			(Side::Short, thousandths(400), 50_500),
			(Side::Short, thousandths(900), 50_000),
		] {
			assert_storage_noop!(simulate(ALICE, side, size, at).unwrap());
			let preview = simulate(ALICE, side, size, at).unwrap();
			match side {
				Side::Long => trade(ALICE, BOB, BTC, size, at),
				Side::Short => trade(BOB, ALICE, BTC, size, at),
			}
			let mut now = view(ALICE);
			let then = preview.account.unwrap();
			// The other side's fill has moved the key of nobody but its own.
			now.warning_armed = then.warning_armed;
			assert_eq!(now, then);
		}
		// 400 closed at a profit of 200, then 600 closed and 300 opened.
		let last = simulate(ALICE, Side::Long, thousandths(300), 50_000).unwrap();
		assert_eq!((last.closed, last.opened, last.realised), (thousandths(300), Size::ZERO, Quote::ZERO));
	});
}

#[test]
fn a_trade_that_is_refused_is_refused_in_simulation_for_the_same_reason() {
	build(|| {
		deposit(ALICE, 5_000);
		assert_storage_noop!({
			let refused = |side, size, at| simulate(ALICE, side, size, at).unwrap_err();
			assert_eq!(
				refused(Side::Long, Size(2_000_001_000), 50_000),
				Error::<Test>::InsufficientMargin.into()
			);
			assert_eq!(refused(Side::Long, Size::ZERO, 50_000), Error::<Test>::ZeroSize.into());
			assert_eq!(refused(Side::Long, Size(1), 50_000), Error::<Test>::NotWholeLots.into());
			assert_eq!(refused(Side::Long, Size::ONE, 52_000), Error::<Test>::OutsideBand.into());
			let nobody = simulate(DAVE, Side::Long, Size::ONE, 50_000).unwrap_err();
			assert_eq!(nobody, Error::<Test>::InsufficientMargin.into());
			status(BTC, MarketStatus::Halted);
			assert_eq!(refused(Side::Long, Size::ONE, 50_000), Error::<Test>::MarketHalted.into());
			status(BTC, MarketStatus::Open);
			let unknown =
				Margin::simulate_trade(main_of(ALICE), MarketId(9), Side::Long, Size::ONE, Price(1));
			assert_eq!(unknown.unwrap_err(), Error::<Test>::UnknownMarket.into());
		});
	});
}

#[test]
fn the_largest_trade_is_possible_and_one_lot_more_is_not() {
	build(|| {
		deposit(ALICE, 5_000);
		deposit(BOB, 500_000);
		let lot = params().lot;
		for side in Side::BOTH {
			let most = largest(ALICE, side);
			// 5,000 dollars are a twentieth of two bitcoins.
			assert_eq!(most, Size(2 * Size::ONE.0));
			assert!(simulate(ALICE, side, most, 50_000).is_ok());
			assert!(simulate(ALICE, side, Size(most.0 + lot.0), 50_000).is_err());
		}
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		assert_eq!(
			(largest(ALICE, Side::Long), largest(ALICE, Side::Short)),
			(Size::ONE, Size(3 * Size::ONE.0))
		);
		assert_eq!(largest(DAVE, Side::Long), Size::ZERO);
		// A bitcoin of open interest is there, and half of one more may be.
		let mut tight = params();
		tight.max_open_interest = thousandths(1_500);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, tight));
		assert_eq!(largest(ALICE, Side::Long), thousandths(500));
	});
}

#[test]
fn the_largest_trade_turns_a_position_past_sizes_that_are_too_small_and_adds_a_lot_to_one() {
	build(|| {
		let lot = params().lot.0;
		let mut rough = params();
		rough.min_position = Quote::dollars(800);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, rough));
		deposit(ALICE, 75);
		deposit(BOB, 500_000);
		// 75 dollars are a twentieth of 30 thousandths.
		trade(ALICE, BOB, BTC, thousandths(20), 50_000);
		assert_eq!(largest(ALICE, Side::Short), thousandths(50));
		// Between what closes and what leaves 800 dollars on the other side nothing goes.
		let refused = Err(Error::<Test>::PositionTooSmall.into());
		assert_eq!(simulate(ALICE, Side::Short, Size(thousandths(36).0 - lot), 50_000), refused);
		// Half a thousandth more: less than the least position, on top of one.
		trade(ALICE, BOB, BTC, Size(thousandths(10).0 - 500_000), 50_000);
		assert_eq!(largest(ALICE, Side::Long), Size(500_000));
		// Where the margin is too little for a position on the other side, all that goes is to close.
		rough.min_position = Quote::dollars(1_600);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, rough));
		assert_eq!(largest(ALICE, Side::Short), Size(thousandths(30).0 - 500_000));
	});
}

#[test]
fn the_largest_trade_turns_a_position_that_is_larger_than_any_may_be_now() {
	build(|| {
		deposit(ALICE, 50_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		let mut small = params();
		let tier = keel_math::Tier { up_to: Quote::dollars(20_000), ..small.tiers.as_slice()[0] };
		small.tiers = keel_math::Tiers::of(&[tier]).unwrap();
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, small));
		assert_eq!(largest(ALICE, Side::Long), Size::ZERO);
		// 20,000 dollars are 400 thousandths.
		assert_eq!(largest(ALICE, Side::Short), thousandths(1_400));
	});
}

#[test]
fn open_interest_counts_the_trade_itself_on_either_side_and_whoever_reduces_makes_room() {
	build(|| {
		for who in [ALICE, BOB, CAROL, DAVE] {
			deposit(who, 30_000);
		}
		let mut crowded = params();
		crowded.initial.soft_cap = Quote::dollars(100_000);
		crowded.initial.hard_cap = Quote::dollars(200_000);
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, crowded));
		trade(ALICE, BOB, BTC, Size(2 * Size::ONE.0), 50_000);
		// Half a bitcoin more is a quarter of the way to the hard cap: 5 % and a quarter of 95 %, of 25,000.
		let asked = Quote::dollars(25_000).0 * 2_875 / 10_000;
		for (who, side) in [(CAROL, Side::Long), (DAVE, Side::Short)] {
			let after = simulate(who, side, thousandths(500), 50_000).unwrap().account.unwrap();
			assert_eq!(after.initial_requirement, Quote(asked));
		}
		trade(CAROL, DAVE, BTC, Size(2 * Size::ONE.0 / 2), 50_000);
		// Bob hands his short on: open interest stays, and Carol's is reduced by it.
		trade(BOB, CAROL, BTC, thousandths(500), 50_000);
	});
}

#[test]
fn whom_a_shock_makes_unhealthy_is_found_by_the_keys_it_crosses() {
	build(|| {
		deposit(BOB, 1_000_000);
		// Ever more margin: leverage from twenty to two, in one market or in both.
		for who in 5..=20 {
			deposit(who, 2_600 + 1_000 * (who as i64 - 5));
			trade(who, BOB, BTC, Size::ONE, 50_000);
			if who % 3 == 0 && who > 8 {
				trade(who, BOB, ETH, Size(5 * Size::ONE.0), 2_000);
			}
		}
		for (btc, eth) in [
			(0, 0),
			(-20_000_000, 0),
			(-100_000_000, -200_000_000),
			(-500_000_000, 100_000_000),
			(100_000_000, 0),
		] {
			let shocks = [Shock { market: BTC, by: btc }, Shock { market: ETH, by: eth }];
			assert_storage_noop!(Margin::accounts_at_risk(shocks.to_vec(), 1_000).unwrap());
			let risk = Margin::accounts_at_risk(shocks.to_vec(), 1_000).unwrap();
			assert!(!risk.cut_short);
			let found: BTreeSet<AccountId> = risk.accounts.iter().map(|at| at.account.owner).collect();
			// The scan that the chain never does.
			let marks = |id: MarketId, market: &Market| {
				let by = if id == BTC { btc } else { eth };
				Price((market.mark.0 as i128 * (1_000_000_000 + by as i128) / 1_000_000_000) as u128)
			};
			let scanned: BTreeSet<AccountId> = Accounts::<Test>::iter()
				.filter(|(_, _, account)| Margin::standing_at(account, marks).unwrap().health.is_negative())
				.map(|(owner, ..)| owner)
				.collect();
			assert_eq!(found, scanned, "{btc} {eth}");
			let health: Vec<_> = risk.accounts.iter().map(|at| at.judgement.health).collect();
			assert!(health.is_sorted());
		}
		let cut = Margin::accounts_at_risk(vec![Shock { market: BTC, by: -500_000_000 }], 3).unwrap();
		assert!(cut.cut_short && cut.accounts.len() <= 3);
		assert!(Margin::accounts_at_risk(vec![Shock { market: MarketId(9), by: 0 }], 3).is_err());
	});
}

#[test]
fn who_is_in_liquidation_stays_at_the_top_of_the_list() {
	build(|| {
		deposit(BOB, 1_000_000);
		for (who, amount) in [(ALICE, 3_000), (CAROL, 3_500), (DAVE, 8_000)] {
			deposit(who, amount);
			trade(who, BOB, BTC, Size::ONE, 50_000);
		}
		let list = |by: i64, limit: u32| {
			let risk = Margin::accounts_at_risk(vec![Shock { market: BTC, by }], limit).unwrap();
			let accounts = risk.accounts.iter().map(|at| (at.account.owner, at.queued));
			(accounts.collect::<Vec<_>>(), risk.cut_short)
		};
		assert_eq!(list(-80_000_000, 10), (vec![(ALICE, false), (CAROL, false)], false));
		// Both are found: without a key they were gone from the list, just when it was worst.
		block_at(47_500);
		assert_eq!(unhealthy().len(), 2);
		assert_eq!(list(0, 10), (vec![(ALICE, true), (CAROL, true)], false));
		assert_eq!(list(-200_000_000, 10), (vec![(ALICE, true), (CAROL, true), (DAVE, false)], false));
		// Where there is room for fewer it says so.
		assert_eq!(list(0, 2), (vec![(ALICE, true), (CAROL, true)], false));
		assert!(list(-200_000_000, 2).1);
		assert_eq!(list(0, 1), (vec![(ALICE, true)], true));
		assert_eq!(list(0, 0), (vec![], true));
		// They are judged at the marks after the shocks.
		let risk = |by| Margin::accounts_at_risk(vec![Shock { market: BTC, by }], 1).unwrap().accounts;
		assert_eq!(risk(0)[0].judgement.equity, Quote::dollars(500));
		assert_eq!(risk(-100_000_000)[0].judgement.equity, Quote::dollars(500 - 4_750));
	});
}
