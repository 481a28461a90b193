// SPDX-License-Identifier: Apache-2.0
//! A move beyond the solvency envelope acts when a second round confirms it.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::*;
use keel_traits::{Liquidatable, PriceFeed, SolvencyEnvelope};

fn told() -> Vec<Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Margin(
				event @ (Event::MoveWaits { .. } | Event::MoveConfirmed { .. } | Event::MoveWithdrawn { .. }),
			) => Some(event),
			_ => None,
		})
		.collect()
}

/// The next block, whose price only one round says so far.
fn once(dollars: u32) {
	System::reset_events();
	price_once(BTC, dollars);
	next_block();
}

fn mark() -> Price {
	market(BTC).mark
}

/// Alice is long, Bob short of a bitcoin at 50,000; both have a sixth of it.
fn two(test: impl FnOnce()) {
	build(|| {
		deposit(ALICE, 8_500);
		deposit(BOB, 8_500);
		trade(ALICE, BOB, BTC, thousandths(1_000), 50_000);
		assert_ok!(withdraw(ALICE, Quote::dollars(20)));
		test();
	});
}

#[test]
fn a_price_made_up_for_one_round_liquidates_nobody() {
	two(|| {
		once(500_000);
		assert_eq!((mark(), unhealthy()), (Price::dollars(50_000), vec![]));
		assert_eq!(
			told(),
			[Event::MoveWaits { market: BTC, mark: Price::dollars(50_000), price: Price::dollars(500_000) }]
		);
		assert!(!Margin::is_liquidatable(BTC));
		// Nobody trades at either price, opens, lets go or takes money out.
		for at in [50_000, 500_000] {
			assert_noop!(try_trade(ALICE, BOB, BTC, thousandths(1), at), Error::<Test>::MarkStandsStill);
			assert_noop!(try_trade(BOB, ALICE, BTC, thousandths(1), at), Error::<Test>::MarkStandsStill);
		}
		assert_eq!(account(ALICE).leaving, Quote::ZERO, "it was asked for before, and is refused");
		assert_eq!(withdraw(ALICE, Quote::dollars(20)), Err(Error::<Test>::PriceUnavailable.into()));
		assert_eq!(transfer(ALICE, 0, 1, Quote::dollars(20)), Err(Error::<Test>::PriceUnavailable.into()));
		// Margin may be added.
		assert_ok!(Margin::deposit(signed(ALICE), SubAccount(0), Quote::dollars(20)));

		System::reset_events();
		block_at(50_100);
		assert_eq!((mark(), unhealthy()), (Price::dollars(50_100), vec![]));
		assert_ok!(try_trade(BOB, ALICE, BTC, thousandths(100), 50_100));
		assert_ok!(withdraw(ALICE, Quote::dollars(20)));
	});
}

#[test]
fn what_a_round_made_up_once_liquidated_a_whole_side() {
	two(|| {
		world(|world| world.old_rule = Some(OldRule::EveryRoundActs));
		once(500_000);
		assert_eq!((mark(), unhealthy()), (Price::dollars(500_000), vec![BOB]));
		assert!(Margin::is_liquidatable(BTC));
	});
}

#[test]
fn a_price_that_goes_back_comes_to_nothing() {
	two(|| {
		once(45_000);
		once(49_900);
		assert_eq!(mark(), Price::dollars(49_900));
		let withdrawn =
			Event::MoveWithdrawn { market: BTC, price: Price::dollars(45_000), mark: Price::dollars(49_900) };
		assert_eq!(told(), [withdrawn]);
		// What is said after it is a new move.
		once(45_000);
		assert_eq!(mark(), Price::dollars(49_900));
	});
}

#[test]
fn an_asset_that_really_gapped_is_liquidated_a_round_later() {
	two(|| {
		once(42_000);
		assert!(unhealthy().is_empty());
		once(42_000);
		let (from, to) = (Price::dollars(50_000), Price::dollars(42_000));
		assert_eq!((mark(), unhealthy()), (to, vec![ALICE]));
		assert_eq!(told(), [Event::MoveConfirmed { market: BTC, from, to }]);
		assert!(Margin::is_liquidatable(BTC));
	});
}

#[test]
fn as_much_acts_as_both_rounds_say() {
	two(|| {
		once(46_000);
		// The second goes further: what both say acts, and the rest waits.
		once(42_000);
		assert_eq!(mark(), Price::dollars(46_000));
		assert_eq!(told().len(), 2, "it waits, and it is confirmed: {:?}", told());
		assert!(unhealthy().is_empty());
		once(44_000);
		assert_eq!(mark(), Price::dollars(44_000));
		// One that goes less far.
		once(40_000);
		once(42_000);
		assert_eq!(mark(), Price::dollars(42_000));
	});
}

#[test]
fn rounds_that_contradict_each_other_move_nothing_until_two_in_a_row_agree() {
	two(|| {
		for dollars in [55_000, 45_000, 55_000, 45_000] {
			once(dollars);
			assert_eq!((mark(), unhealthy()), (Price::dollars(50_000), vec![]));
			assert_noop!(try_trade(ALICE, BOB, BTC, thousandths(1), 50_000), Error::<Test>::MarkStandsStill);
		}
		once(45_100);
		assert_eq!(mark(), Price::dollars(45_100));
	});
}

#[test]
fn a_round_that_does_not_land_again_confirms_nothing() {
	two(|| {
		price_once(BTC, 45_000);
		next_block();
		silence();
		// The same round, looked at in the blocks after it.
		world(|world| world.prices.get_mut(&feed(BTC)).unwrap().before = Price::dollars(50_000));
		for _ in 0..5 {
			next_block();
			assert_eq!((mark(), unhealthy()), (Price::dollars(50_000), vec![]));
		}
		speak();
		once(45_000);
		assert_eq!(mark(), Price::dollars(45_000), "a second round");
	});
}

#[test]
fn funding_is_not_accrued_while_a_move_waits() {
	two(|| {
		assert_ok!(Margin::set_market_params(
			RuntimeOrigin::root(),
			BTC,
			MarketParams { interest: keel_math::FundingRate(5_000_000), ..params() },
		));
		next_block();
		let numbers = || market(BTC).book.long;
		let before = numbers();
		assert_ne!(before.funding, Default::default());
		once(45_000);
		assert_eq!((numbers().funding, numbers().quote), (before.funding, before.quote));
		assert_eq!(market(BTC).accrued_at, world(|world| world.now));
		once(45_000);
		assert_eq!(numbers().funding.0, before.funding.0 * 2, "only for the block in which it was confirmed");
	});
}

#[test]
fn the_breaker_is_told_that_a_price_waits() {
	two(|| {
		let waits = || Margin::waits_for_second_round(BTC, &Around::observe(feed(BTC)));
		assert!(!waits());
		price_once(BTC, 45_000);
		assert!(waits());
		next_block();
		assert!(!waits(), "the next round says the same");
		price_once(BTC, 49_100);
		assert!(!waits(), "within the envelope");
		assert!(!Margin::waits_for_second_round(MarketId(9), &Around::observe(feed(BTC))));
	});
}

#[test]
fn the_first_price_of_a_market_needs_no_second_round() {
	build(|| {
		set_price(FeedId(7), Price::dollars(10), PriceState::Valid);
		assert_ok!(Margin::list_market(
			RuntimeOrigin::root(),
			FeedId(7),
			b"NEW-PERP".to_vec().try_into().unwrap(),
			params()
		));
		world(|world| world.prices.get_mut(&FeedId(7)).unwrap().before = Price::ZERO);
		next_block();
		assert_eq!(market(MarketId(2)).mark, Price::dollars(10));
	});
}
