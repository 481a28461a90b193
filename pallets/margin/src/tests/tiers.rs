// SPDX-License-Identifier: Apache-2.0
//! The trigger book of a market with several margin tiers: a ladder for each.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_math::{Level, Tier, TierIndex, Tiers};
use keel_primitives::*;
use keel_traits::Liquidatable;

const FIRST: TierIndex = TierIndex(0);
const SECOND: TierIndex = TierIndex(1);

/// Tiers of these reaches in thousands of dollars, and rates in percent.
fn set_tiers(list: &[(i64, u32, u32)]) {
	let tier = |(up_to, initial, maintenance): &(i64, u32, u32)| Tier {
		up_to: Quote::dollars(up_to * 1_000),
		initial: Ratio::percent(*initial),
		maintenance: Ratio::percent(*maintenance),
	};
	let list: Vec<_> = list.iter().map(tier).collect();
	let params = MarketParams { tiers: Tiers::of(&list).unwrap(), ..params() };
	assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, params));
}

/// A tier up to a hundred thousand dollars, and one beyond.
fn with_tiers(test: impl FnOnce()) {
	build(|| {
		set_tiers(&[(100, 5, 3), (1_000, 8, 4)]);
		deposit(ALICE, 5_000);
		deposit(BOB, 500_000);
		deposit(CAROL, 15_000);
		deposit(DAVE, 100_000);
		test();
	});
}

/// The tier and key of a bitcoin position.
fn filed(who: AccountId) -> (TierIndex, Level) {
	let position = account(who).positions[0];
	(position.tier, position.key.expect("filed"))
}

/// Where the keys of an account are.
fn ladders(who: AccountId) -> Vec<(Side, TierIndex)> {
	let keys = Triggers::<Test>::iter_keys().filter(|key| key.5 == main_of(who));
	keys.map(|(_, side, tier, ..)| (side, tier)).collect()
}

#[test]
fn each_tier_has_a_ladder_and_each_is_walked() {
	with_tiers(|| {
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		trade(CAROL, BOB, BTC, thousandths(3_000), 50_000);
		trade(DAVE, BOB, BTC, Size::ONE, 50_000);
		let (alice, carol, dave, bob) = (filed(ALICE), filed(CAROL), filed(DAVE), filed(BOB));
		assert_eq!([alice.0, carol.0, dave.0, bob.0], [FIRST, SECOND, FIRST, SECOND]);
		// The first to fire of each: of Alice and Dave that is the poorer.
		let heads = |side| market(BTC).watch(side).heads;
		assert_eq!(heads(Side::Long), [Some(alice.1), Some(carol.1), None, None, None, None, None, None]);
		// Bob's key was on the first ladder, before he grew: its head may be one that is gone.
		assert_eq!(heads(Side::Short)[1..3], [Some(bob.1), None]);
		// 1,000 against 3 % of 46,000, and 3,000 against 4 % of 138,000.
		block_at(46_000);
		assert_eq!(account(ALICE).place, Place::Queued);
		assert_eq!(account(CAROL).place, Place::Queued);
		assert_eq!(account(DAVE).place, Place::Filed);
		assert_eq!(heads(Side::Long)[..3], [Some(dave.1), None, None]);
	});
}

#[test]
fn a_position_that_grows_into_a_tier_takes_its_key_to_the_other_ladder() {
	with_tiers(|| {
		trade(DAVE, BOB, BTC, Size::ONE, 50_000);
		assert_eq!(ladders(DAVE), [(Side::Long, FIRST)]);
		trade(DAVE, BOB, BTC, thousandths(1_500), 50_000);
		assert_eq!(ladders(DAVE), [(Side::Long, SECOND)]);
		// A head may be of a key that is gone; none that is there comes before it.
		let comes_after_head = |tier: usize| market(BTC).long.heads[tier] >= Some(filed(DAVE).1);
		assert!(comes_after_head(1));
		trade(BOB, DAVE, BTC, Size::ONE, 50_000);
		assert_eq!(ladders(DAVE), [(Side::Long, FIRST)]);
		assert!(comes_after_head(0));
	});
}

#[test]
fn the_end_of_a_generation_drains_the_ladders_of_all_tiers() {
	with_tiers(|| {
		trade(CAROL, DAVE, BTC, Size::ONE, 50_000);
		trade(CAROL, BOB, BTC, thousandths(2_500), 50_000);
		assert_eq!(ladders(DAVE), [(Side::Short, FIRST)]);
		assert_eq!(ladders(BOB), [(Side::Short, SECOND)]);
		block_at(46_000);
		assert_eq!(account(CAROL).place, Place::Queued);
		assert_ok!(Margin::deleverage(&main_of(CAROL), BTC, thousandths(3_500)));
		check();
		assert_eq!([ladders(DAVE).len(), ladders(BOB).len()], [1, 1]);
		assert!(market(BTC).has_unjudged(Side::Short));
		next_block();
		assert_eq!([ladders(DAVE).len(), ladders(BOB).len()], [0, 0]);
		assert_eq!([account(DAVE).place, account(BOB).place], [Place::Idle; 2]);
		assert!(!market(BTC).has_unjudged(Side::Short));
	});
}

#[test]
fn who_is_in_a_tier_that_is_gone_is_found_at_the_rate_that_he_has() {
	build(|| {
		set_tiers(&[(40, 5, 3), (80, 6, 4), (1_000, 8, 6)]);
		deposit(ALICE, 20_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, thousandths(2_000), 50_000);
		world(|world| world.maintenance_step = Ratio::percent(1));
		set_tiers(&[(40, 5, 3), (2_000, 6, 4)]);
		for _ in 0..3 {
			next_block();
		}
		assert_eq!(filed(ALICE).0, TierIndex(2));
		assert_eq!(market(BTC).maintenance_rate(TierIndex(2)), Ratio::percent(6));
		// -80,000 + 2 p x 0.94 is negative below 42,553.2.
		block_at(42_554);
		assert_eq!(account(ALICE).place, Place::Filed);
		block_at(42_553);
		assert_eq!(account(ALICE).place, Place::Queued);
	});
}

#[test]
fn the_invariants_see_the_head_of_every_tier() {
	for tier in [FIRST, SECOND, TierIndex(3)] {
		build_without_check(|| {
			set_tiers(&[(100, 5, 3), (1_000, 8, 4)]);
			deposit(BOB, 500_000);
			deposit(CAROL, 15_000);
			deposit(DAVE, 100_000);
			trade(CAROL, BOB, BTC, thousandths(3_000), 50_000);
			trade(DAVE, BOB, BTC, Size::ONE, 50_000);
			check();
			let has_keys = market(BTC).long.head(tier).is_some();
			Markets::<Test>::mutate_extant(BTC, |market| market.long.set_head(tier, None));
			let unseen = has_keys
				.then_some(sp_runtime::DispatchError::Other("a key comes before the head of its ladder"))
				.map_or(Ok(()), Err);
			assert_eq!(Margin::do_try_state(), unseen, "{tier:?}");
		});
	}
}

#[test]
fn splitting_a_tier_moves_nobody_who_is_in_it() {
	build(|| {
		set_tiers(&[(100, 5, 3), (1_000, 8, 4)]);
		deposit(ALICE, 100_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, thousandths(10_000), 50_000);
		assert_eq!(view(ALICE).maintenance_requirement, Quote::dollars(20_000));
		world(|world| world.maintenance_step = Ratio::percent(1));
		// 500,000 dollars are of the tier up to a million, whatever its number: 4 %, and not 3.5 %.
		let split = [(50, 10, 6), (100, 14, 7), (1_000, 16, 8)].map(|(up_to, initial, maintenance)| Tier {
			up_to: Quote::dollars(up_to * 1_000),
			initial: Ratio(initial * 5_000_000),
			maintenance: Ratio(maintenance * 5_000_000),
		});
		let params = MarketParams { tiers: Tiers::of(&split).unwrap(), ..params() };
		assert_ok!(Margin::set_market_params(RuntimeOrigin::root(), BTC, params));
		for _ in 0..3 {
			next_block();
			assert_eq!(view(ALICE).maintenance_requirement, Quote::dollars(20_000));
		}
	});
}

/// What a bitcoin position of Alice asks for, in dollars.
fn requirement() -> i128 {
	view(ALICE).maintenance_requirement.0 / 1_000_000
}

#[test]
fn who_is_in_a_retired_tier_leaves_it_by_growing_or_for_one_that_asks_less() {
	build(|| {
		set_tiers(&[(100, 5, 3), (1_000, 8, 4)]);
		deposit(ALICE, 100_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, thousandths(10_000), 50_000);
		world(|world| world.maintenance_step = Ratio::percent(1));
		// 500,000 would be of 6 %: he keeps 4 %, whatever he withdraws or reduces.
		set_tiers(&[(50, 5, 3), (400, 8, 4), (2_000, 10, 6)]);
		next_block();
		assert_eq!(requirement(), 20_000);
		assert_ok!(Margin::withdraw(signed(ALICE), SubAccount(0), Quote::dollars(100)));
		trade(BOB, ALICE, BTC, thousandths(1_000), 50_000);
		assert_eq!(requirement(), 18_000);
		assert_eq!(market(BTC).tiers.retired(&market(BTC).params.tiers).count(), 1);
		// The smallest growth.
		trade(ALICE, BOB, BTC, Size(1_000), 50_000);
		assert_eq!(requirement(), 27_000);
		assert_eq!(market(BTC).tiers.retired(&market(BTC).params.tiers).count(), 0);
		// In the other direction: a tier that asks less is taken at the first reduction.
		set_tiers(&[(500, 5, 3)]);
		next_block();
		assert_eq!(requirement(), 27_000);
		trade(BOB, ALICE, BTC, Size(1_000), 50_000);
		assert_eq!(requirement(), 13_500);
	});
}

#[test]
fn a_reach_that_comes_back_continues_its_tier_by_steps() {
	build(|| {
		set_tiers(&[(1_000, 8, 4)]);
		deposit(ALICE, 100_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, thousandths(10_000), 50_000);
		world(|world| world.maintenance_step = Ratio::percent(1));
		set_tiers(&[(600, 9, 7)]);
		// Below the lowest rate of the table nobody stays: that is what the solvency envelope counts on.
		for rate in [5_i128, 6, 7, 7] {
			next_block();
			assert_eq!(requirement(), rate * 5_000);
		}
		set_tiers(&[(600, 9, 4), (1_000, 9, 5)]);
		for rate in [6_i128, 5, 5] {
			next_block();
			assert_eq!(requirement(), rate * 5_000);
		}
	});
}

#[test]
fn a_low_rate_of_before_holds_up_what_the_envelope_does_not_allow_and_no_longer() {
	build(|| {
		set_tiers(&[(1_000, 8, 4)]);
		deposit(ALICE, 100_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, thousandths(1), 50_000);
		world(|world| world.maintenance_step = Ratio::percent(1));
		let table = |largest_move| {
			let up_to = Quote::dollars(600_000);
			let tier = Tier { up_to, initial: Ratio::percent(10), maintenance: Ratio::percent(7) };
			let tiers = Tiers::of(&[tier]).unwrap();
			MarketParams { tiers, largest_move, ..params() }
		};
		let set = |largest_move| {
			Margin::set_market_params(RuntimeOrigin::root(), BTC, table(Ratio::percent(largest_move)))
		};
		assert_noop!(set(4), Error::<Test>::SolvencyEnvelopeBroken);
		assert_ok!(set(2));
		next_block();
		assert_noop!(set(5), Error::<Test>::SolvencyEnvelopeBroken);
		for _ in 0..2 {
			next_block();
		}
		// Dust that nobody ever touches has moved there, too.
		assert_ok!(set(5));
	});
}

#[test]
fn dust_in_retired_tiers_cannot_keep_governance_from_a_table() {
	build(|| {
		world(|world| world.maintenance_step = Ratio::percent(1));
		deposit(BOB, 500_000);
		// A position of a few dollars in each of eight tiers: as many as there may be.
		let reaches = [10, 20, 30, 40, 50, 60, 70, 80];
		for (who, reach) in (10_u64..).zip(reaches) {
			set_tiers(&[(reach, 5, 3)]);
			deposit(who, 20);
			trade(who, BOB, BTC, thousandths(1), 50_000);
			next_block();
		}
		let set = |reach: i64, maintenance: u32| {
			let up_to = Quote::dollars(reach * 1_000);
			let (initial, maintenance) = (Ratio::percent(5), Ratio::basis_points(maintenance));
			let tiers = Tiers::of(&[Tier { up_to, initial, maintenance }]).unwrap();
			let params = MarketParams { tiers, damper: Ratio::ZERO, ..params() };
			Margin::set_market_params(RuntimeOrigin::root(), BTC, params)
		};
		assert_eq!(market(BTC).tiers.as_slice().len(), 8);
		assert_noop!(set(500, 400), Error::<Test>::TooManyTiersKept);
		// A reach that is kept is always possible, and once its rate is there it becomes any other.
		assert_ok!(set(80, 400));
		assert_noop!(set(500, 400), Error::<Test>::TooManyTiersKept);
		next_block();
		assert_ok!(set(500, 400));
		assert_eq!(market(BTC).params.tiers.last().up_to, Quote::dollars(500_000));
		// And so is whoever leaves.
		trade(BOB, 10, BTC, thousandths(1), 50_000);
		assert_ok!(set(600, 300));
	});
}
