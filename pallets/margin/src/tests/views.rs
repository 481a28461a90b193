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

#[test]
fn an_account_that_is_rich_beside_its_position_is_seen_whole() {
	build(|| {
		let mut rules = params();
		(rules.lot, rules.min_position) = (Size(1), Quote(1));
		frame_support::assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, rules));
		deposit(ALICE, 900_000);
		deposit(BOB, 900_000);
		// A billionth of a bitcoin, for which 900,000 dollars could be lost: no level is that far away. Where the level
		// has risen since, not even its distance from the key is a level.
		trade(ALICE, BOB, BTC, Size(1), 50_000);
		let level = || market(BTC).maintenance_level(Side::Long, keel_math::TierIndex::FIRST).unwrap();
		assert_eq!(account(ALICE).positions[0].key, Some(keel_math::Level(level().0 - i128::MAX)));
		for dollars in [50_000, 51_000] {
			block_at(dollars);
			let position = view(ALICE).positions[0].clone();
			assert_eq!((position.size, position.trigger_price), (Size(1), None));
		}
	});
}
