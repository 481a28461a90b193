// SPDX-License-Identifier: Apache-2.0
//! Maintenance rates move by a step a block, whoever sets them: a rule is no button that liquidates.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::*;

const STEP: u64 = 10_000;

/// Rules with this maintenance rate, in hundredths of a percent, and an initial rate of 8 %.
fn rules(maintenance: u32) -> MarketParams {
	MarketParams {
		tiers: tiers(Ratio::percent(8), Ratio::basis_points(maintenance)),
		damper: Ratio::ZERO,
		funding_multiple: Ratio::ZERO,
		..params()
	}
}

fn set(maintenance: u32) {
	assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, rules(maintenance)));
}

fn rate() -> u64 {
	market(BTC).tiers.as_slice()[0].maintenance.0
}

/// Alice, long a bitcoin at 50,000, has 2,000 left at 47,000: 4.2553 %.
fn with_long(test: impl FnOnce()) {
	build(|| {
		set(300);
		deposit(ALICE, 5_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		block_at(47_000);
		test();
	});
}

#[test]
fn a_rule_that_is_set_liquidates_nobody_at_once() {
	with_long(|| {
		set(450);
		assert_eq!(rate(), 30_000_000, "nothing moves within the block");
		for blocks in 1..=100 {
			next_block();
			assert_eq!(rate(), 30_000_000 + blocks * STEP);
		}
		assert!(unhealthy().is_empty());
		// 1,256 steps of a thousandth of a percent: whom the rate passes is found in that very block.
		for _ in 100..1_255 {
			next_block();
		}
		assert!(unhealthy().is_empty());
		next_block();
		assert_eq!(unhealthy(), [ALICE]);
	});
	// The control: in one step he is gone in the next block.
	with_long(|| {
		world(|world| world.maintenance_step = Ratio::ONE);
		set(450);
		next_block();
		assert_eq!(unhealthy(), [ALICE]);
	});
}

#[test]
fn rates_fall_by_the_same_step_and_end_where_the_rules_are() {
	with_long(|| {
		world(|world| world.maintenance_step = Ratio(3_000_000));
		set(400);
		let mut rates = Vec::new();
		for _ in 0..5 {
			next_block();
			rates.push(rate() / 1_000_000);
		}
		assert_eq!(rates, [33, 36, 39, 40, 40]);
		set(300);
		rates.clear();
		for _ in 0..5 {
			next_block();
			rates.push(rate() / 1_000_000);
		}
		assert_eq!(rates, [37, 34, 31, 30, 30]);
		assert!(unhealthy().is_empty());
	});
}

#[test]
fn in_a_market_that_is_guarded_or_stands_still_they_stand_still() {
	with_long(|| {
		set(450);
		for stopped in [MarketStatus::Guarded, MarketStatus::Auction, MarketStatus::Halted] {
			status(BTC, stopped);
			next_block();
			assert_eq!(rate(), 30_000_000, "{stopped:?}");
		}
		status(BTC, MarketStatus::Open);
		set_price(feed(BTC), Price::dollars(47_000), PriceState::Stale);
		next_block();
		assert_eq!(rate(), 30_000_000, "without a price");
		price(BTC, 47_000);
		for _ in 0..3 {
			next_block();
		}
		assert!(rate() > 30_000_000 && rate() <= 30_000_000 + 3 * STEP);
	});
}

#[test]
fn where_nobody_has_a_position_they_are_the_rules_at_once() {
	build(|| {
		set(300);
		assert_eq!(rate(), 30_000_000);
		set(600);
		assert_eq!(rate(), 60_000_000);
	});
	// Also when the last one goes while they move.
	with_long(|| {
		set(450);
		next_block();
		trade(BOB, ALICE, BTC, Size::ONE, 47_000);
		next_block();
		assert_eq!(rate(), 45_000_000);
	});
}

#[test]
fn the_relations_between_rules_hold_at_the_rates_of_now_too() {
	with_long(|| {
		// Who opens at 2.9 % would be below a maintenance rate that is still 3 %.
		let mut cheaper = rules(200);
		cheaper.tiers = tiers(Ratio::basis_points(290), Ratio::percent(2));
		(cheaper.band, cheaper.largest_move) = (Ratio::percent(1), Ratio::percent(1));
		let set = |rules| Margin::set_market_params(RuntimeOrigin::root(), BTC, rules);
		assert_noop!(set(cheaper), Error::<Test>::InvalidTierRates);
		let wider = MarketParams { band: Ratio::basis_points(390), ..rules(450) };
		assert_noop!(set(wider), Error::<Test>::BandTooWide);
		let rougher = MarketParams { largest_move: Ratio::basis_points(390), ..rules(450) };
		assert_noop!(set(rougher), Error::<Test>::SolvencyEnvelopeBroken);
		// In an empty market they are taken.
		trade(BOB, ALICE, BTC, Size::ONE, 47_000);
		for rules in [cheaper, wider, rougher] {
			assert_ok!(set(rules));
		}
	});
}

#[test]
fn nobody_is_missed_while_they_move() {
	build(|| {
		world(|world| world.maintenance_step = Ratio(700_000));
		set(300);
		deposit(BOB, 900_000);
		let owners: Vec<AccountId> = (10..20).collect();
		for (more, who) in (0_i64..).zip(&owners) {
			deposit(*who, 4_100 + 150 * more);
			trade(*who, BOB, BTC, Size::ONE, 50_000);
		}
		let mut found = Vec::new();
		for (maintenance, blocks) in [(450, 12), (300, 9), (790, 80)] {
			set(maintenance);
			for _ in 0..blocks {
				block_at(49_000);
				for who in &owners {
					let is_unhealthy = Margin::standing(&account(*who)).unwrap().health.is_negative();
					assert_eq!(is_unhealthy, account(*who).place == Place::Queued, "{who}");
				}
			}
			found.push(unhealthy().len());
		}
		assert_eq!(found[0], found[1], "falling rates find nobody");
		assert!(found[2] > found[1], "{found:?}");
	});
}
