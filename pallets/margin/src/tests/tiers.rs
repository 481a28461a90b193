// SPDX-License-Identifier: Apache-2.0
//! The trigger book of a market with several margin tiers: a ladder for each.

use crate::{mock::*, *};
use frame_support::assert_ok;
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
		assert_eq!(heads(Side::Long), [Some(alice.1), Some(carol.1), None, None]);
		// Bob's key was on the first ladder, before he grew: its head may be one that is gone.
		assert_eq!(heads(Side::Short)[1..], [Some(bob.1), None, None]);
		// 1,000 against 3 % of 46,000, and 3,000 against 4 % of 138,000.
		block_at(46_000);
		assert_eq!(account(ALICE).place, Place::Queued);
		assert_eq!(account(CAROL).place, Place::Queued);
		assert_eq!(account(DAVE).place, Place::Filed);
		assert_eq!(heads(Side::Long), [Some(dave.1), None, None, None]);
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
fn who_is_in_a_tier_that_is_gone_is_found_at_the_rate_of_the_last() {
	build(|| {
		set_tiers(&[(40, 5, 3), (80, 6, 4), (1_000, 8, 6)]);
		deposit(ALICE, 20_000);
		deposit(BOB, 500_000);
		trade(ALICE, BOB, BTC, thousandths(2_000), 50_000);
		world(|world| world.maintenance_step = Ratio::percent(1));
		set_tiers(&[(40, 5, 3), (1_000, 6, 4)]);
		for _ in 0..2 {
			next_block();
		}
		assert_eq!(filed(ALICE).0, TierIndex(2));
		// -80,000 + 2 p x 0.96 is negative below 41,666.7.
		block_at(41_667);
		assert_eq!(account(ALICE).place, Place::Filed);
		block_at(41_666);
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
