// SPDX-License-Identifier: Apache-2.0
//! A dead market is settled at a stated price: losses are paid in order, nobody pays a penalty, and deposits leave.

use frame_support::assert_ok;
use keel_primitives::*;
use sp_keyring::Sr25519Keyring;

use super::{
	chain::*,
	exchange::{dollars, open_markets, reported_block, trade, trade_in, view, BTC},
};
use keel_runtime::{constants::time::DAYS, exchange_api::runtime_decl_for_exchange_api::ExchangeApiV1, *};

fn settle(market: MarketId, price: u32) -> sp_runtime::DispatchResult {
	Margin::settle_market(RuntimeOrigin::root(), market, Price::dollars(price))
}

/// Nobody reports, the prices grow too old, and a day goes by.
fn die() {
	pass_blocks(40);
	System::set_block_number(System::block_number() + DAYS);
	next_block();
}

fn status() -> MarketStatus {
	Runtime::market(BTC).expect("it is listed").status
}

fn withdraw_all(who: Sr25519Keyring) {
	let amount = view(who).cash;
	assert_ok!(send(who, keel_margin::Call::<Runtime>::withdraw { sub: SubAccount(0), amount }));
}

#[test]
fn a_dead_market_is_settled_its_losses_are_paid_in_order_and_deposits_leave() {
	on("dev", || {
		open_markets([8_000, 200, 20]);
		// At 7,280 dollars Bob is bankrupt, Eve unhealthy, and Charlie neither.
		dollars(Bob, 450);
		dollars(Eve, 900);
		dollars(Charlie, 5_400);
		dollars(Dave, 100_000);
		for long in [Bob, Eve, Charlie] {
			assert_ok!(trade(long, Dave, Size::ONE, 8_000));
		}
		let tranche = keel_insurance_fund::Pot::Tranche(BTC);
		let gift = Quote::dollars(100);
		assert_ok!(send(
			Alice,
			keel_insurance_fund::Call::<Runtime>::contribute { pot: tranche, amount: gift }
		));
		let before = keel_margin::Custodied::<Runtime>::get();
		die();
		assert_eq!(status(), MarketStatus::Halted);
		assert_ok!(settle(BTC, 7_280));
		assert_eq!(status(), MarketStatus::Settling);
		for _ in 0..6 {
			next_block();
			let (markets, custody) = Margin::conservation();
			assert!(custody, "{markets:?}");
		}
		let receipts = keel_liquidation::MarketReceipts::<Runtime>::get(BTC);
		assert!((Quote::dollars(270)..Quote::dollars(271)).contains(&receipts.loss), "{receipts:?}");
		assert!(receipts.balance(), "{receipts:?}");
		assert_eq!((receipts.tranche, receipts.market_debt), (gift, Quote::ZERO), "{receipts:?}");
		assert!(Runtime::account(Bob.to_account_id(), SubAccount(0)).is_none(), "nothing is left");
		// What the price says, to the unit: no discount, no penalty.
		let eve = view(Eve);
		assert_eq!((eve.positions.len(), eve.cash), (0, Quote::dollars(180)));
		let charlie = view(Charlie);
		assert_eq!(charlie.positions.len(), 0);
		assert!((Quote::dollars(4_679)..=Quote::dollars(4_680)).contains(&charlie.cash), "{charlie:?}");
		let dave = view(Dave);
		assert_eq!(dave.positions.len(), 0);
		let owed = Quote::dollars(100_000 + 3 * 720).0 - receipts.socialised.0;
		assert!((owed - 1_000_000..=owed).contains(&dave.cash.0), "{dave:?} of {owed}");
		for who in [Eve, Charlie, Dave] {
			withdraw_all(who);
		}
		assert!(keel_margin::Custodied::<Runtime>::get().0 < before.0);

		// It is listed again, and begins like a new one.
		assert_ok!(Margin::relist_market(RuntimeOrigin::root(), BTC));
		assert_eq!(status(), MarketStatus::Halted);
		open_markets([6_000, 200, 20]);
		assert_eq!(Runtime::market(BTC).map(|market| market.mark), Some(Price::dollars(6_000)));
		let incidents = CircuitBreaker::incidents();
		let vote = incidents.iter().find(|(_, incident)| incident.cause == keel_circuit_breaker::Cause::Vote);
		assert!(vote.is_some_and(|(_, incident)| incident.closed.is_some()), "{vote:?}");
	});
}

#[test]
fn a_bankrupt_account_that_waited_for_a_market_that_died_is_paid_for() {
	on("dev", || {
		let eth = MarketId(1);
		open_markets([8_000, 200, 20]);
		dollars(Bob, 1_000);
		dollars(Dave, 100_000);
		assert_ok!(trade(Bob, Dave, Size::ONE, 8_000));
		assert_ok!(trade_in(eth, Bob, Dave, Size(10 * Size::ONE.0), 200));
		for _ in 0..3 {
			reported_block([8_000, 190, 20]);
		}
		let act = keel_emergency::Act::HaltMarket { market: eth, blocks: 30 };
		assert_ok!(send(Alice, keel_emergency::Call::<Runtime>::approve { act }));
		for _ in 0..3 {
			reported_block([7_040, 190, 20]);
		}
		let bob = MarginAccount::main(Bob.to_account_id());
		let entry = keel_liquidation::Entries::<Runtime>::get(&bob).expect("it waits for ether");
		assert!(matches!(entry.place, keel_liquidation::Place::Parked(_)), "{entry:?}");
		die();
		assert_ok!(settle(eth, 185));
		for _ in 0..6 {
			next_block();
			assert!(Margin::conservation().1, "custody adds up");
		}
		assert!(!keel_liquidation::Entries::<Runtime>::contains_key(&bob));
		assert!(Runtime::account(bob.owner, bob.sub).is_none(), "nothing is left, and nothing is owed");
		let receipts = keel_liquidation::MarketReceipts::<Runtime>::get(eth);
		assert!(receipts.loss > Quote::ZERO && receipts.balance(), "{receipts:?}");
		assert!(view(Dave).positions.iter().all(|position| position.market != eth));
		assert_ok!(Margin::relist_market(RuntimeOrigin::root(), eth));
	});
}
