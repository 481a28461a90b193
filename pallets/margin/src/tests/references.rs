// SPDX-License-Identifier: Apache-2.0
//! From where losses count: a market that did not move pays nothing for one that did, whatever waits elsewhere, and
//! nobody has lost what was lost before he came.

use crate::{mock::*, *};
use frame_support::assert_ok;
use keel_primitives::*;
use keel_traits::{Deficit, Liquidatable};

const SOL: MarketId = MarketId(2);
/// Who comes late.
const ZOE: AccountId = 10;

/// Alice is unhealthy in ether, at 1,880 from 2,000, and waits; Bob is short of everything, Carol long of bitcoin.
fn with_backlog(test: impl FnOnce()) {
	build(|| {
		price(SOL, 200);
		let name = b"SOL-PERP".to_vec().try_into().unwrap();
		assert_ok!(Margin::list_market(RuntimeOrigin::root(), feed(SOL), name, params()));
		// Its limits have grown.
		world(|world| world.now += 2_000_000);
		next_block();
		deposit(ALICE, 4_000);
		deposit(BOB, 900_000);
		deposit(CAROL, 500_000);
		trade(CAROL, BOB, BTC, thousandths(10_000), 50_000);
		trade(ALICE, BOB, ETH, thousandths(25_000), 2_000);
		price(ETH, 1_880);
		next_block();
		assert_eq!(account(ALICE).place, Place::Queued);
		test();
	});
}

/// Zoe, with 8,000 dollars, buys 100,000 dollars of SOL besides what she has; it gaps by 15 %, and is closed.
fn sol_gaps() -> MarginAccount<AccountId> {
	let zoe = main_of(ZOE);
	trade(ZOE, BOB, SOL, thousandths(500_000), 200);
	price(SOL, 170);
	next_block();
	assert!(Margin::judge(&zoe).unwrap().is_bankrupt());
	assert_ok!(Margin::deleverage(&zoe, SOL, thousandths(500_000)));
	zoe
}

fn lost(market: MarketId, dollars: i64) -> Deficit {
	Deficit { market, side: Side::Long, amount: Quote::dollars(dollars) }
}

/// All that Zoe lacks is SOL's.
fn sol_pays_all(zoe: &MarginAccount<AccountId>, dollars: i64) {
	assert_eq!(Margin::debt(zoe), Quote::dollars(dollars));
	assert_eq!(Margin::deficits(zoe), [lost(SOL, dollars)]);
}

#[test]
fn a_backlog_elsewhere_makes_a_quiet_market_pay_nothing() {
	with_backlog(|| {
		let before = market(BTC).references;
		// Bitcoin falls by 3 %, and nobody is in trouble there, while Alice waits in ether.
		for dollars in [49_500, 49_000, 48_500, 48_500] {
			block_at(dollars);
		}
		assert_eq!(market(BTC).references, before + 4, "its references move on");
		assert_eq!(account(ALICE).place, Place::Queued);
		deposit(ZOE, 8_000);
		trade(ZOE, BOB, BTC, Size::ONE, 48_500);
		let zoe = sol_gaps();
		sol_pays_all(&zoe, 7_000);
	});
}

#[test]
fn who_comes_while_somebody_waits_has_lost_nothing_of_what_was_lost_before() {
	with_backlog(|| {
		let before = market(ETH).references;
		deposit(ZOE, 8_000);
		assert_eq!(market(ETH).references, before, "somebody waits in ether");
		trade(ZOE, BOB, ETH, thousandths(10_000), 1_880);
		let zoe = sol_gaps();
		sol_pays_all(&zoe, 7_000);
		// What she loses from her own entry on is ether's.
		price(ETH, 1_780);
		next_block();
		let parts = Margin::deficits(&zoe);
		assert_eq!(Margin::debt(&zoe), Quote::dollars(8_000));
		assert_eq!(parts, [lost(SOL, 7_500)], "15,000 in SOL and 1,000 in ether: a sixteenth is ether's");
	});
}

#[test]
fn who_is_long_and_has_gained_before_loses_from_the_reference_on() {
	build(|| {
		price(SOL, 200);
		let name = b"SOL-PERP".to_vec().try_into().unwrap();
		assert_ok!(Margin::list_market(RuntimeOrigin::root(), feed(SOL), name, params()));
		world(|world| world.now += 2_000_000);
		next_block();
		deposit(BOB, 900_000);
		deposit(ZOE, 8_000);
		trade(ZOE, BOB, BTC, Size::ONE, 50_000);
		for dollars in [51_000, 52_000] {
			block_at(dollars);
		}
		trade(ZOE, BOB, SOL, thousandths(500_000), 200);
		// In one move she gives back 2,000 in bitcoin, which is where she bought it, and loses 15,000 in SOL.
		price(SOL, 170);
		block_at(50_000);
		let zoe = main_of(ZOE);
		assert_ok!(Margin::deleverage(&zoe, SOL, thousandths(500_000)));
		assert_ok!(Margin::deleverage(&zoe, BTC, Size::ONE));
		let parts: Vec<_> = Margin::deficits(&zoe).iter().map(|part| part.market).collect();
		assert_eq!(parts, [SOL, BTC], "both have moved, and both pay");
	});
}

#[test]
fn a_position_that_grew_has_lost_no_more_than_since_its_entry() {
	with_backlog(|| {
		deposit(ZOE, 8_000);
		// A crumb from before, and the rest now: the loss of the others is not hers.
		trade(ZOE, BOB, ETH, thousandths(10), 1_880);
		price(ETH, 1_850);
		next_block();
		trade(ZOE, BOB, ETH, thousandths(10_000), 1_850);
		let zoe = sol_gaps();
		let parts = Margin::deficits(&zoe);
		assert!(parts.len() == 1 && parts[0].market == SOL, "{parts:?}");
		assert!(parts[0].amount.0 >= Margin::debt(&zoe).0 - 1_000_000, "{parts:?}");
	});
}

#[test]
fn what_was_lost_before_an_account_was_found_unhealthy_and_solvent_has_no_part_in_its_debt() {
	build(|| {
		deposit(BOB, 900_000);
		deposit(ZOE, 4_000);
		trade(ZOE, BOB, BTC, Size::ONE, 50_000);
		trade(ZOE, BOB, ETH, thousandths(10_000), 2_000);
		// Ether loses 1,200, and all who hold it are let out.
		price(ETH, 1_880);
		next_block();
		assert_ok!(Margin::deleverage(&main_of(BOB), ETH, thousandths(10_000)));
		// Settled, she is found with 1,300 of the 1,455 that she needs.
		block_at(48_500);
		let zoe = main_of(ZOE);
		assert_eq!(account(ZOE).place, Place::Queued);
		assert!(Margin::losses(&zoe).is_empty(), "her own margin has paid for ether");
		block_at(47_000);
		assert_ok!(Margin::deleverage(&zoe, BTC, Size::ONE));
		assert_eq!(
			Margin::deficits(&zoe),
			[Deficit { market: BTC, side: Side::Long, amount: Quote::dollars(200) }]
		);
	});
}
