// SPDX-License-Identifier: Apache-2.0
//! Each invariant can fail: corrupt what it watches, and see it caught.

use crate::{desk::Desk, mock::*, *};
use keel_math::{Ended, Generation, Level, Scale, TierIndex, Units, I256};
use keel_primitives::*;

fn caught(corrupt: impl FnOnce(), message: &'static str) {
	build_without_check(|| {
		deposit(ALICE, 10_000);
		deposit(BOB, 10_000);
		trade(ALICE, BOB, BTC, Size::ONE, 50_000);
		check();
		corrupt();
		let error = Margin::do_try_state().expect_err("the corruption went unnoticed");
		assert_eq!(error, sp_runtime::DispatchError::Other(message));
	});
}

fn change_market(change: impl FnOnce(&mut Market)) {
	Markets::<Test>::mutate_extant(BTC, change);
}

fn change_account(change: impl FnOnce(&mut Account<Test>)) {
	Accounts::<Test>::mutate(ALICE, SubAccount(0), change);
}

#[test]
fn sees_dollars_that_are_not_owed() {
	caught(|| change_market(|m| m.book.dust = I256::from(1_i128)), "paid in is not what is owed");
}

#[test]
fn sees_dollars_set_apart_for_nobody() {
	let set_apart = |m: &mut Market| {
		m.book.set_apart = I256::from(1_i128);
		m.book.dust = m.book.dust.minus(I256::from(1_i128)).unwrap();
	};
	caught(|| change_market(set_apart), "what is set apart is not what positions may fetch");
}

#[test]
fn sees_a_position_that_would_fetch_what_it_has_had() {
	let given = |m: &mut Market| m.book.short.returns.given = Level(1);
	caught(|| change_market(given), "what is set apart is not what positions may fetch");
}

#[test]
fn sees_size_that_nobody_holds() {
	caught(
		|| change_market(|m| m.book.sink = I256::from(1_i128)),
		"longs and house do not own what shorts owe",
	);
}

#[test]
fn sees_claims_of_generations_that_are_not_there() {
	caught(
		|| {
			change_market(|m| {
				m.book.unsettled = I256::from(5_i128);
				m.book.dust = m.book.dust.minus(I256::from(5_i128)).unwrap();
			})
		},
		"ended generations own something else",
	);
}

#[test]
fn sees_cash_from_nowhere() {
	caught(|| change_account(|a| a.cash.0 += 1), "the sum of cash is another");
}

#[test]
fn sees_claims_above_custody() {
	caught(|| world(|world| world.other_claims = Quote(1)), "claims are not what custody counted and holds");
}

#[test]
fn sees_custody_that_does_not_hold_what_it_counts() {
	caught(
		|| {
			let spent = Usdk::transfer_allow_death(signed(Margin::custody_account()), BOB, 1);
			assert!(spent.is_ok());
		},
		"claims are not what custody counted and holds",
	);
}

#[test]
fn sees_a_key_that_is_not_on_file() {
	caught(|| change_account(|a| a.positions[0].key = Some(Level(7))), "a key is not on file");
}

#[test]
fn sees_a_key_that_belongs_to_nobody() {
	caught(
		|| {
			Triggers::<Test>::insert(
				(BTC, Side::Long, TierIndex::FIRST, Generation(0), [7; 16], main_of(CAROL)),
				(),
			)
		},
		"a key that belongs to nobody",
	);
}

#[test]
fn sees_a_corner_below_its_reserve() {
	caught(|| change_account(|a| a.warning = Some(Quote::dollars(9_000))), "a corner is below its reserve");
}

#[test]
fn sees_an_account_in_two_places() {
	caught(|| change_account(|a| a.place = Place::Queued), "a queued account has a key");
	caught(|| change_account(|a| a.place = Place::Idle), "an idle account has a position");
}

#[test]
fn sees_a_wrong_head() {
	let wrong = "a key comes before the head of its ladder";
	caught(|| change_market(|m| m.long.heads = Default::default()), wrong);
	let lower = |head: &mut Option<keel_math::Level>| *head = head.map(|head| keel_math::Level(head.0 - 1));
	caught(|| change_market(|m| lower(&mut m.long.heads[0])), wrong);
}

#[test]
fn sees_a_wrong_count_of_positions_in_a_tier() {
	let wrong = "a tier counts other positions";
	caught(|| change_market(|m| m.tiers.enter(TierIndex::FIRST)), wrong);
	caught(|| change_market(|m| m.tiers.leave(TierIndex::FIRST)), wrong);
	caught(|| change_account(|a| a.positions[0].tier = TierIndex(1)), "a key is not on file");
	// Of an account in liquidation no key tells.
	let hide = |a: &mut Account<Test>| {
		a.positions[0].tier = TierIndex(5);
		a.positions[0].key = None;
		a.place = Place::Queued;
	};
	let forget = |account: &mut Account<Test>| {
		for filed in Margin::filings(account) {
			Triggers::<Test>::remove(Margin::trigger(&filed, &main_of(ALICE)));
		}
	};
	let moved = || {
		change_account(forget);
		change_account(hide);
		change_market(|m| m.long.queued = 1);
		change_market(|m| m.tiers.leave(TierIndex::FIRST));
	};
	caught(moved, "a position in a tier that is not kept");
}

#[test]
fn sees_a_table_whose_tiers_are_not_kept() {
	let other = |m: &mut Market| m.tiers = keel_math::KeptTiers::of(&keel_math::Tiers::of(&[]).unwrap());
	caught(|| change_market(other), "a tier of a market's rules is not kept once");
}

#[test]
fn sees_a_wrong_count_of_who_is_in_liquidation() {
	caught(|| change_market(|m| m.short.queued = 1), "another number is in liquidation");
}

/// Another position of Alice, with a key on file, at the end of her list.
fn hold_more(market: MarketId, units: Units) {
	let position = Position { market, units, key: Some(Level(7)), ..account(ALICE).positions[0] };
	change_account(|a| a.positions.try_push(position).unwrap());
	let filed = Margin::filings(&account(ALICE)).into_iter().find(|filed| filed.key == Level(7)).unwrap();
	Triggers::<Test>::insert(Margin::trigger(&filed, &main_of(ALICE)), ());
	if market == ETH {
		let mut desk = Desk::<Test>::default();
		Margin::file_key(&mut desk, &filed, &main_of(ALICE)).unwrap();
		desk.put_back();
	}
}

#[test]
fn sees_two_positions_in_a_market() {
	caught(
		|| {
			// Not side by side: between the two lies one in another market.
			trade(ALICE, BOB, ETH, Size::ONE, 2_000);
			check();
			let again = Position { units: Units(1), ..account(ALICE).positions[0] };
			change_account(|a| a.positions.try_push(again).unwrap());
		},
		"two positions in a market",
	);
}

#[test]
fn sees_a_position_without_units() {
	caught(|| hold_more(ETH, Units::ZERO), "a position without units");
}

#[test]
fn sees_a_position_in_a_market_that_is_not_there() {
	caught(|| hold_more(MarketId(7), Units(1)), "a key of no market");
}

#[test]
fn sees_a_filed_account_that_has_no_business_there() {
	caught(
		|| {
			deposit(CAROL, 100);
			Accounts::<Test>::mutate(CAROL, SubAccount(0), |a| a.place = Place::Filed);
		},
		"a filed account has no position",
	);
	caught(
		|| {
			let loss = Loss { market: BTC, side: Side::Long, amount: Quote(1) };
			change_account(|a| a.losses.try_push(loss).unwrap());
		},
		"a filed account remembers a liquidation",
	);
	caught(|| change_account(|a| a.positions[0].key = None), "a filed position has no key");
}

#[test]
fn sees_a_key_that_no_walk_would_find() {
	caught(|| change_market(|m| m.long.drained_to = Generation(1)), "a key behind the drained generations");
}

#[test]
fn sees_markets_that_were_not_listed() {
	caught(|| NextMarket::<Test>::put(MarketId(9)), "more markets than there may be");
	caught(|| Markets::<Test>::insert(MarketId(5), market(BTC)), "a market without an id");
	caught(|| NextMarket::<Test>::put(MarketId(3)), "a listed market is there");
}

#[test]
fn sees_sums_that_do_not_fit() {
	caught(
		|| {
			for who in [ALICE, BOB] {
				Accounts::<Test>::mutate(who, SubAccount(0), |a| a.cash = Quote(i128::MAX));
			}
		},
		"a number does not fit",
	);
}

/// A generation that ended with nothing in it but so many units.
fn ended(generation: u32, left: u128) {
	let ended = Ended {
		scale: Scale::ZERO,
		quote: Level::ZERO,
		funding: Level::ZERO,
		left: Units(left),
		reserved: Units::ZERO,
		reference: Level::ZERO,
		returns: Default::default(),
	};
	Generations::<Test>::insert((BTC, Side::Long, Generation(generation)), ended);
}

#[test]
fn sees_an_ended_generation_that_is_nobodys() {
	caught(|| ended(7, 5), "ended units are not those of positions");
	caught(|| ended(7, 0), "a settled generation was kept");
}

#[test]
fn sees_an_offer_of_nobody() {
	caught(
		|| {
			let terms = Offer {
				maker: main_of(CAROL),
				market: BTC,
				side: Side::Long,
				size: Size::ONE,
				price: Price::dollars(50_000),
				expires: 9,
				taker: None,
				intent: Intent::Trade,
				by_key: false,
			};
			Offers::<Test>::insert(9, terms);
		},
		"an offer of nobody",
	);
}

#[test]
fn sees_units_that_nobody_holds() {
	caught(
		|| {
			// Both sides at once, so that sizes still match.
			change_market(|m| {
				m.book.long.units = Units(m.book.long.units.0 + 1);
				m.book.short.units = Units(m.book.short.units.0 + 1);
			})
		},
		"units are not those of positions",
	);
}

#[test]
fn sees_an_offer_that_is_not_counted() {
	caught(|| change_account(|a| a.offers = 1), "an account counts other offers");
}

#[test]
fn sees_a_withdrawal_that_is_not_marked() {
	caught(
		|| LeavingBounds::<Test>::mutate(|bounds| bounds.next += 1),
		"the queue of withdrawals is out of order",
	);
}

#[test]
fn sees_a_withdrawal_that_is_not_counted_for_its_owner() {
	caught(|| LeavingCount::<Test>::insert(BOB, 1), "an owner counts other withdrawals");
}

#[test]
fn sees_rules_that_do_not_fit_together() {
	caught(|| change_market(|m| m.params.tick = Price::ZERO), "a market's rules do not fit together");
	let lower = |m: &mut Market| m.tiers = keel_math::KeptTiers::of(&tiers(Ratio::percent(5), m.params.band));
	caught(|| change_market(lower), "maintenance rates that a market's rules do not fit");
}
