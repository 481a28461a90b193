// SPDX-License-Identifier: Apache-2.0
//! Judging the line again: who has become worse comes earlier, and nobody comes later.

use super::*;
use crate::{round, weights::WeightInfo, Place, Queue, Rank, Rejudged};
use frame_support::weights::Weight;

fn order() -> Vec<AccountId> {
	Queue::<Test>::iter_keys().map(|(_, account)| account.owner).collect()
}

fn rank_of(account: Account) -> Rank {
	match Entries::<Test>::get(account).unwrap().place {
		Place::InLine(rank) => rank,
		Place::Parked(_) => panic!("it is parked"),
	}
}

/// Weight for so many judgements.
fn judgements(count: u64) -> Weight {
	<() as WeightInfo>::rejudge(1).saturating_mul(count)
}

/// Weight for so many judgements of accounts that come earlier by them.
fn advances(count: u64) -> Weight {
	judgements(count).saturating_add(<() as WeightInfo>::advance().saturating_mul(count))
}

/// Alice, last in a line of a hundred, because she lacks least.
fn with_alice_last(test: impl FnOnce(Account)) {
	run(|| {
		let others: Vec<_> = (10..110).map(long).collect();
		let alice = position(ALICE, ETH, Side::Long, 10, 1_000);
		set_mark(BTC, 18_500);
		set_mark(ETH, 946);
		others.into_iter().for_each(tell);
		tell(alice);
		assert_eq!(order().last(), Some(&ALICE));
		test(alice);
	});
}

#[test]
fn who_turns_bankrupt_in_a_line_longer_than_a_block_is_next() {
	with_alice_last(|alice| {
		// The first step, and a quarter for judging all: Alice comes earlier, and so does whoever has nothing
		// left because the block before ended in the middle of it.
		let judging = judgements(99).saturating_add(advances(2)).saturating_mul(4);
		HookWeight::set(round::largest_step::<Test>().saturating_add(judging));
		next_block();
		assert!(order().len() > 1, "the line is longer than a block");
		assert_eq!(order().last(), Some(&ALICE));

		set_mark(ETH, 890);
		next_block();
		assert_eq!(taken().first().map(|(account, ..)| *account), Some(alice));
		assert!(!is_queued(alice));
		assert!(!order().is_empty(), "others still wait");
	});
}

#[test]
fn its_sides_wait_for_it_from_then_on() {
	with_alice_last(|alice| {
		set_mark(ETH, 890);
		assert!(!Margin::is_waiting(ETH, Side::Long));
		Liquidation::rejudge(advances(30));
		assert!(Margin::is_waiting(ETH, Side::Long));
		assert_eq!(order().first(), Some(&ALICE));
		assert!(events()
			.iter()
			.any(|event| matches!(event, Event::Bankrupt { account, .. } if *account == alice)));
	});
}

#[test]
fn where_it_lost_while_it_was_solvent_nobody_waits() {
	run(|| {
		fund_backstop(BTC, 10_000);
		// Unhealthy by BTC, which goes first; then ETH makes it bankrupt.
		position(ALICE, BTC, Side::Long, 1, 0);
		let alice = position(ALICE, ETH, Side::Long, 10, 2_000);
		set_mark(BTC, 18_500);
		tell(alice);
		frame_support::assert_ok!(Liquidation::liquidate(RuntimeOrigin::signed(CHARLIE), alice));
		assert_eq!((Margin::size(alice, BTC), is_queued(alice)), (Size::ZERO, true));
		set_mark(ETH, 800);
		Liquidation::rejudge(advances(1));
		assert!(Margin::is_waiting(ETH, Side::Long));
		assert!(!Margin::is_waiting(BTC, Side::Long), "its own margin has paid for that");
		next_block();
		assert!(!is_queued(alice) && !Margin::is_waiting(ETH, Side::Long));
	});
}

#[test]
fn it_goes_on_where_the_last_block_has_stopped() {
	run(|| {
		let accounts: Vec<_> = (1..=5).map(long).collect();
		set_mark(BTC, 18_500);
		accounts.iter().copied().for_each(tell);
		set_mark(BTC, 17_900);
		let line = order();
		let bankrupt = || accounts.iter().filter(|account| rank_of(**account) < Rank::solvent()).count();
		for judged in [2, 4] {
			// Not enough to let a third come earlier.
			let share = advances(2).saturating_add(judgements(1));
			assert_eq!(Liquidation::rejudge(share), share);
			assert_eq!(bankrupt(), judged);
			let (_, last) = Rejudged::<Test>::get().unwrap();
			assert_eq!(last.owner, line[judged - 1]);
		}
		// In between it has no weight at all.
		assert_eq!(Liquidation::rejudge(Weight::zero()), Weight::zero());
		assert!(Rejudged::<Test>::exists());
		assert_eq!(Liquidation::rejudge(advances(2)), advances(1), "nobody is behind the last");
		assert_eq!(bankrupt(), 5);
		assert!(!Rejudged::<Test>::exists(), "and from the start");
		assert_eq!(Liquidation::rejudge(advances(9)), Weight::zero(), "the bankrupt are first already");
	});
}

#[test]
fn nobody_comes_later() {
	with_alice_last(|alice| {
		let before = order();
		let rank = rank_of(alice);
		set_mark(BTC, 18_900);
		set_mark(ETH, 947);
		Liquidation::rejudge(judgements(30));
		assert_eq!((order(), rank_of(alice)), (before, rank));
	});
}

#[test]
fn who_was_put_aside_stays_behind_the_others() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		Margin::inject(Fault::CannotClose(ALICE));
		tell(alice);
		next_block();
		assert!(rank_of(alice).is_aside());
		set_mark(BTC, 17_900);
		assert_eq!(Liquidation::rejudge(advances(9)), Weight::zero());
		assert!(rank_of(alice).is_aside());
	});
}

#[test]
fn a_block_judges_within_a_part_of_its_share() {
	with_alice_last(|alice| {
		// Room for four judgements beside the first step, of which a quarter is used: one.
		HookWeight::set(round::largest_step::<Test>().saturating_add(judgements(4)));
		set_mark(ETH, 890);
		let used = next_block();
		assert!(used.all_lte(HookWeight::get()));
		assert!(Rejudged::<Test>::exists());
		assert!(!rank_of(alice).is_aside() && rank_of(alice) > Rank::solvent(), "her turn comes later");
	});
}
