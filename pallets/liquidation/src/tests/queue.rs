// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::round::any_step;
use crate::{weights::WeightInfo, Error, Queue, Rank};
use frame_support::weights::Weight;

fn judgement(equity: i64, requirement: i64) -> Judgement {
	let [equity, requirement] = [equity, requirement].map(dollars);
	Judgement { equity, requirement, health: Quote(equity.0 - requirement.0) }
}

fn order() -> Vec<AccountId> {
	Queue::<Test>::iter_keys().map(|(_, account)| account.owner).collect()
}

#[test]
fn the_bankrupt_come_first_then_the_largest_shortfall() {
	run(|| {
		#[rustfmt::skip]
		let arrivals = [
			(1, judgement(99, 100)),    // a shortfall of 1
			(2, judgement(0, 100)),     // of 100, and not bankrupt yet
			(3, judgement(-1, 10)),     // bankrupt, of 11
			(4, judgement(50, 100)),    // of 50
			(5, judgement(-900, 100)),  // bankrupt, of 1,000
		];
		for (owner, judgement) in arrivals {
			Liquidation::on_unhealthy(&main_of(owner), &judgement);
		}
		assert_eq!(order(), [5, 3, 2, 4, 1]);
	});
}

#[test]
fn ranks_sort_like_their_bytes() {
	use codec::Encode;
	let ranks = [
		Rank::first(),
		Rank::of(&judgement(-900, 100)),
		Rank::of(&judgement(-1, 100)),
		Rank::of(&judgement(0, 100)),
		Rank::of(&judgement(99, 100)),
		Rank::aside(1),
		Rank::aside(300),
		Rank::aside(u64::MAX),
	];
	assert!(ranks.is_sorted());
	assert!(ranks.map(|rank| rank.encode()).is_sorted());
}

#[test]
fn an_account_is_in_it_once_and_never_moves_back() {
	run(|| {
		let alice = main_of(ALICE);
		Liquidation::on_unhealthy(&main_of(BOB), &judgement(40, 100));
		Liquidation::on_unhealthy(&alice, &judgement(50, 100));
		assert_eq!(order(), [BOB, ALICE]);

		Liquidation::on_unhealthy(&alice, &judgement(10, 100));
		assert_eq!(order(), [ALICE, BOB], "worse: it comes earlier");

		Liquidation::on_unhealthy(&alice, &judgement(99, 100));
		assert_eq!(order(), [ALICE, BOB], "better: it keeps its place");
	});
}

#[test]
fn healthy_again_is_released_untouched() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		tell(alice);
		Margin::deposit(alice, dollars(1_000));
		next_block();
		assert_eq!(events(), [Event::Released { account: alice }]);
		assert_eq!(Margin::size(alice, BTC), Size::ONE);
		assert!(!is_queued(alice));
	});
}

#[test]
fn a_block_uses_at_most_its_share_and_the_next_one_goes_on() {
	run(|| {
		let accounts: Vec<_> = (1..=20).map(long).collect();
		set_mark(BTC, 18_900);
		accounts.iter().copied().for_each(tell);

		// Too little for anything but steps.
		let share = <() as WeightInfo>::idle()
			.saturating_add(any_step::<Test>(1))
			.saturating_add(any_step::<Test>(0));
		HookWeight::set(share);
		let mut blocks = 0;
		while !order().is_empty() {
			let used = next_block();
			assert!(used.all_lte(share), "{used:?}");
			blocks += 1;
		}
		// Without a backstop each account takes two steps: it is deleveraged, and let go.
		assert_eq!(blocks, 20);
	});
}

#[test]
fn a_share_too_small_for_anything_is_not_exceeded() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		tell(alice);
		for share in [Weight::zero(), Weight::from_parts(1, 1), <() as WeightInfo>::idle()] {
			HookWeight::set(share);
			assert!(next_block().all_lte(share));
		}
		assert!(is_queued(alice));
	});
}

#[test]
fn a_failing_account_is_put_aside_and_tried_again_after_the_others() {
	run(|| {
		let [alice, bob] = [long(ALICE), long(BOB)];
		set_mark(BTC, 18_900);
		Margin::inject(Fault::CannotClose(ALICE));
		tell(alice);
		tell(bob);

		next_block();
		assert!(!is_queued(bob), "it is not held up");
		let aside =
			|event: &Event<Test>| matches!(event, Event::PutAside { account, .. } if *account == alice);
		assert!(events().iter().any(aside));

		let charlie = long(CHARLIE);
		set_mark(BTC, 17_700);
		tell(charlie);
		Margin::heal(Fault::CannotClose(ALICE));
		next_block();
		let order: Vec<_> = taken().into_iter().map(|(account, ..)| account).collect();
		assert_eq!(order, [charlie, alice]);
	});
}

#[test]
fn an_undone_step_leaves_nothing_behind() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 17_900);
		tell(alice);
		Margin::inject(Fault::CreditLosesAUnit);
		next_block();
		let [.., last] = &events()[..] else { panic!("no event") };
		assert_eq!(*last, Event::PutAside { account: alice, error: Error::<Test>::ReceiptsDoNotSum.into() });
		assert_eq!(covered(), []);
		assert_eq!(Margin::borne(BTC, Side::Short), Quote::ZERO);
		assert_eq!(Margin::equity(alice), dollars(-100), "it still owes all of it");
		assert_eq!(Margin::size(alice, BTC), Size::ONE);
	});
}
