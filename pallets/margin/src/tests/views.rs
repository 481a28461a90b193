// SPDX-License-Identifier: Apache-2.0
//! What people see.

use crate::mock::*;
use keel_primitives::*;

#[test]
fn an_account_is_seen_whole() {
	build(|| {
		assert_eq!(Margin::account_view(main_of(ALICE)), None);
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		block_at(51_000);
		let view = view(ALICE);
		assert_eq!(view.equity, Quote::dollars(11_000));
		assert_eq!(view.initial_requirement, Quote::dollars(2_550));
		assert_eq!(view.maintenance_requirement, Quote::dollars(1_530));
		assert_eq!(view.health, Quote::dollars(9_470));
		let position = &view.positions[0];
		assert_eq!((position.side, position.size), (Side::Long, Size::ONE));
		assert_eq!(position.entry_price, Some(Price::dollars(50_000)));
		assert_eq!(position.unrealised_profit, Quote::dollars(1_000));
		// 40,000 / 0.97.
		assert_eq!(position.liquidation_price.unwrap().0 / Price::ONE.0, 41_237);
		// The margin call comes first.
		assert!(position.trigger_price > position.liquidation_price);
	});
}

#[test]
fn a_market_is_seen_with_the_state_of_its_price() {
	build(|| {
		set_price(feed(BTC), Price::dollars(49_000), PriceState::Volatile);
		next_block();
		let view = Margin::market_view(BTC).unwrap();
		assert_eq!(view.name, b"BTC-PERP");
		assert_eq!((view.price_state, view.mark), (PriceState::Volatile, Price::dollars(49_000)));
		assert_eq!(Margin::market_view(MarketId(9)), None);
		assert_eq!(Margin::markets(), vec![BTC, ETH]);
	});
}
