// SPDX-License-Identifier: Apache-2.0
//! No more than the budget in any window, however the orders lie.

use keel_math::Budget;
use proptest::prelude::*;

const WINDOW: u32 = 100;
const MOST: u32 = 10;

/// Something that grants orders.
trait Grants {
	fn grant(&mut self, now: u32, blocks: u32) -> bool;
}

impl Grants for Budget {
	fn grant(&mut self, now: u32, blocks: u32) -> bool {
		Budget::charge(*self, now, blocks, WINDOW, MOST).map(|after| *self = after).is_some()
	}
}

/// Keeps every order for ever.
#[derive(Default)]
struct Naive(Vec<(u32, u32)>);

impl Grants for Naive {
	fn grant(&mut self, now: u32, blocks: u32) -> bool {
		let live = self.0.iter().filter(|(end, _)| end + WINDOW > now).map(|(_, blocks)| blocks);
		let fits = live.sum::<u32>() + blocks <= MOST;
		if fits {
			self.0.push((now + blocks, blocks));
		}
		fits
	}
}

/// A counter that begins anew with the first order after its window: what many chains have.
#[derive(Default)]
struct Counter {
	since: u32,
	spent: u32,
}

impl Grants for Counter {
	fn grant(&mut self, now: u32, blocks: u32) -> bool {
		if self.spent == 0 || now >= self.since + WINDOW {
			(self.since, self.spent) = (now, 0);
		}
		let fits = self.spent + blocks <= MOST;
		self.spent += if fits { blocks } else { 0 };
		fits
	}
}

/// How many blocks are stopped in the worst window.
fn worst_window(grants: &mut impl Grants, orders: &[(u32, u32)]) -> u32 {
	let (mut now, mut stopped) = (0, vec![false; 20_000]);
	for (pause, blocks) in orders {
		now += pause;
		if grants.grant(now, *blocks) {
			stopped[now as usize..(now + blocks) as usize].fill(true);
		}
	}
	let windows = stopped.windows(WINDOW as usize);
	windows.map(|window| window.iter().filter(|stopped| **stopped).count() as u32).max().unwrap_or(0)
}

fn orders() -> impl Strategy<Value = Vec<(u32, u32)>> {
	prop::collection::vec((prop_oneof![0_u32..5, 0..WINDOW, Just(WINDOW)], 1..=MOST), 1..100)
}

#[test]
fn what_is_over_for_a_window_counts_no_more_however_many_orders_come_after_it() {
	let order = |budget: Budget, now| budget.charge(now, 1, 100, 10).expect("within the budget");
	// Eight orders that are over in block 1, and eight in the block from which on those count no more.
	let old = (0..8).fold(Budget::default(), |budget, _| order(budget, 0));
	assert_eq!((old.spent(100, 100), old.spent(101, 100)), (8, 0));
	let new = (0..8).fold(old, |budget, _| order(budget, 101));
	assert_eq!(new.spent(101, 100), 8);
	assert!(new.charge(101, 2, 100, 10).is_some());
	assert_eq!(new.charge(101, 3, 100, 10), None);
}

#[test]
fn of_more_orders_than_are_kept_the_oldest_are_joined_also_where_a_later_one_is_shorter() {
	let order =
		|budget: Budget, (now, blocks)| budget.charge(now, blocks, 100, 100).expect("within the budget");
	let orders = [(0, 2), (10, 2), (20, 2), (30, 2), (40, 2), (50, 2), (60, 2), (70, 1), (80, 2)];
	let budget = orders.into_iter().fold(Budget::default(), order);
	// The first is over for a window and counts as long as the second, with which it was joined.
	assert_eq!(budget.spent(103, 100), 17);
	assert_eq!(budget.spent(112, 100), 13);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(512))]

	#[test]
	fn no_window_has_more_stopped_blocks_than_the_budget(orders in orders()) {
		prop_assert!(worst_window(&mut Budget::default(), &orders) <= MOST);
	}

	#[test]
	fn it_grants_what_a_record_of_all_orders_grants_or_less(orders in orders()) {
		let (mut budget, mut naive, mut now) = (Budget::default(), Naive::default(), 0);
		for (count, (pause, blocks)) in orders.into_iter().enumerate() {
			now += pause;
			let granted = budget.grant(now, blocks);
			if granted {
				prop_assert!(naive.grant(now, blocks), "granted in {now}, and there is nothing left");
			} else if count < keel_math::budget::ORDERS {
				prop_assert!(!naive.grant(now, blocks), "refused in {now}, and there is enough left");
			}
		}
	}
}

/// The control: the same search, and a counter that begins anew.
#[test]
fn a_counter_that_begins_anew_admits_twice_its_size_and_the_search_sees_it() {
	use proptest::test_runner::{Config, TestRunner};
	let mut runner = TestRunner::new(Config { failure_persistence: None, cases: 2_000, ..Config::default() });
	let found = runner.run(&orders(), |orders| {
		let worst = worst_window(&mut Counter::default(), &orders);
		if worst > MOST {
			Err(TestCaseError::fail(format!("{worst} blocks")))
		} else {
			Ok(())
		}
	});
	assert!(found.is_err(), "it was not found");
	// By hand: a block at first, nine before the border, ten after it.
	let by_hand = [(1, 1), (88, 9), (12, 10)];
	assert_eq!(worst_window(&mut Counter::default(), &by_hand), 19);
	assert_eq!(worst_window(&mut Budget::default(), &by_hand), 10);
}

#[test]
fn what_was_ordered_comes_back_a_window_after_it_is_over() {
	let charge = |budget: Budget, now, blocks| budget.charge(now, blocks, WINDOW, MOST);
	let used = charge(Budget::default(), 50, 10).expect("all of it");
	assert_eq!((used.spent(50, WINDOW), used.spent(159, WINDOW), used.spent(160, WINDOW)), (10, 10, 0));
	assert_eq!(charge(used, 159, 1), None);
	assert!(charge(used, 160, 10).is_some());
}

#[test]
fn at_the_edges_of_its_domain_it_refuses_or_is_exact() {
	let none = Budget::default();
	assert_eq!(none.charge(0, 0, WINDOW, MOST), Some(none), "nothing ordered is nothing spent");
	assert_eq!(none.charge(u32::MAX, 1, WINDOW, MOST), None, "it would be over after the last block");
	assert_eq!(none.charge(1, u32::MAX, u32::MAX, MOST), None);
	let all = none.charge(0, u32::MAX, u32::MAX, u32::MAX).expect("it is the budget");
	assert_eq!(all.spent(5, u32::MAX), u32::MAX);
	assert_eq!(all.charge(5, 1, u32::MAX, u32::MAX), None);
	// More orders than are kept apart count for longer, never for shorter.
	let many = (0..20).fold(none, |budget, now| budget.charge(now, 1, 1_000, 20).expect("there is room"));
	assert_eq!((many.spent(20, 1_000), many.spent(1_000, 1_000)), (20, 20));
	assert_eq!(many.charge(20, 1, 1_000, 20), None);
	assert_eq!(many.spent(1_020, 1_000), 0);
}
