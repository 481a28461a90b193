// SPDX-License-Identifier: Apache-2.0
//! A loss that was paid for is paid after all.

use super::*;
use keel_test_support::Clock;

const HOUR: u64 = 60 * 60 * 1_000;

/// As liquidation does it: the money is a claim of the caller's, in custody already.
fn give_back(market: MarketId, tranche: i64, fund: i64) {
	let paid = Payment { tranche: dollars(tranche), fund: dollars(fund) };
	Custody::claim_moves(paid.total());
	InsuranceFund::give_back(market, &ALICE, paid);
}

fn paid_in(block: u64) -> Quote {
	System::set_block_number(block);
	absorb(BTC, dollars(1_000_000)).fund
}

#[test]
fn each_pot_has_back_what_it_paid_also_above_its_target() {
	World::default().tranche(BTC, 10, 300).fund(1_000).caps(500, 500, 500).run(|| {
		let paid = absorb(BTC, dollars(800));
		assert_eq!(paid, Payment { tranche: dollars(300), fund: dollars(500) });
		give_back(BTC, 300, 500);
		assert_eq!(balance(Pot::Tranche(BTC)), dollars(300));
		assert_eq!(balance(Pot::Fund), dollars(1_000));
		let told = Event::GivenBack { market: BTC, tranche: dollars(300), fund: dollars(500) };
		assert_eq!(last_event(), told);
	});
}

#[test]
fn what_a_market_without_a_tranche_gives_back_is_not_lost() {
	World::default().fund(10).run(|| {
		give_back(UNKNOWN, 3, 4);
		assert_eq!(balance(Pot::Fund), dollars(17));
	});
}

#[test]
fn what_is_given_back_counts_no_more_towards_the_caps() {
	World::default().fund(10_000).caps(60, 60, 100).run(|| {
		assert_eq!(paid_in(1), dollars(60));
		assert_eq!(paid_in(1), Quote::ZERO, "the block has no more");
		give_back(BTC, 0, 20);
		assert_eq!(paid_in(1), dollars(20), "but for what came back");
		assert_eq!(paid_in(2), dollars(40), "and so has the day");
		assert_eq!(paid_in(3), Quote::ZERO);
		give_back(BTC, 0, 100);
		assert_eq!(paid_in(4), dollars(60));
	});
}

#[test]
fn what_comes_back_of_an_older_day_opens_no_more_than_the_cap() {
	World::default().fund(10_000).caps(60, 60, 100).run(|| {
		assert_eq!(paid_in(1), dollars(60));
		Clock::advance(30 * HOUR);
		give_back(BTC, 0, 60);
		let paid: Vec<_> = [2, 3, 4].map(paid_in).into();
		assert_eq!(paid, [60, 40, 0].map(dollars));
	});
}

#[test]
fn what_comes_back_frees_what_would_leave_the_window_first() {
	World::default().fund(10_000).caps(60, 60, 100).run(|| {
		assert_eq!(paid_in(1), dollars(60));
		Clock::advance(12 * HOUR);
		assert_eq!(paid_in(2), dollars(40));
		give_back(BTC, 0, 60);
		Clock::advance(13 * HOUR);
		let paid: Vec<_> = [3, 4].map(paid_in).into();
		assert_eq!(paid, [60, 0].map(dollars), "the 40 of half a day ago still count");
	});
}
