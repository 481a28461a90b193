// SPDX-License-Identifier: Apache-2.0
//! No more than the cap within any window, whenever it begins.

use keel_math::Spending;
use keel_primitives::{Moment, Quote};
use proptest::prelude::*;

const DAY: Moment = 86_400_000;
const MOST: Quote = Quote(100);

/// Something that lets money be spent.
trait Lets {
	fn let_spend(&mut self, now: Moment, amount: Quote) -> bool;
}

impl Lets for Spending {
	fn let_spend(&mut self, now: Moment, amount: Quote) -> bool {
		self.charge(now, amount, DAY, MOST).map(|after| *self = after).is_some()
	}
}

/// A counter by date.
#[derive(Default)]
struct ByDate(Moment, i128);

impl Lets for ByDate {
	fn let_spend(&mut self, now: Moment, amount: Quote) -> bool {
		if self.0 != now / DAY {
			*self = Self(now / DAY, 0);
		}
		let fits = self.1 + amount.0 <= MOST.0;
		self.1 += if fits { amount.0 } else { 0 };
		fits
	}
}

/// The most that is spent within a day, whenever it begins.
fn worst_day(lets: &mut impl Lets, wishes: &[(Moment, i128)]) -> i128 {
	let (mut now, mut spent) = (0, Vec::new());
	for (pause, amount) in wishes {
		now += pause;
		if lets.let_spend(now, Quote(*amount)) {
			spent.push((now, *amount));
		}
	}
	let day = |from: Moment| spent.iter().filter(move |(at, _)| (from..from + DAY).contains(at));
	spent.iter().map(|(from, _)| day(*from).map(|(_, amount)| amount).sum()).max().unwrap_or(0)
}

#[test]
fn what_is_spent_before_midnight_counts_after_it() {
	let wishes = [(DAY - 1, 100), (1, 100)];
	assert_eq!(worst_day(&mut Spending::default(), &wishes), 100);
	// The control: by date it is twice the cap in a millisecond.
	assert_eq!(worst_day(&mut ByDate::default(), &wishes), 200);
}

#[test]
fn it_is_free_again_after_a_day_and_a_quarter_at_the_latest() {
	let spent = Spending::default().charge(10 * DAY + 5, MOST, DAY, MOST).unwrap();
	assert_eq!(spent.spent(11 * DAY + 4, DAY), MOST);
	assert_eq!(spent.spent(11 * DAY + DAY / 4, DAY), Quote::ZERO);
	assert!(spent.charge(11 * DAY + DAY / 4, MOST, DAY, MOST).is_some());
}

#[test]
fn what_is_refused_changes_nothing_and_edges_do_not_wrap() {
	let some = Spending::default().charge(5, Quote(60), DAY, MOST).unwrap();
	assert_eq!(some.charge(6, Quote(41), DAY, MOST), None);
	assert_eq!(some.charge(6, Quote(-1), DAY, MOST), None);
	assert_eq!(some.charge(6, Quote(i128::MAX), DAY, Quote(i128::MAX)), None);
	assert!(some.charge(6, Quote(40), DAY, MOST).is_some());
	let last = Spending::default().charge(Moment::MAX, MOST, DAY, MOST).unwrap();
	assert_eq!(last.spent(Moment::MAX, DAY), MOST);
	assert_eq!(last.spent(0, DAY), MOST, "time does not go back: it counts as then");
	assert_eq!(Spending::default().charge(7, MOST, 0, MOST).unwrap().spent(7, 0), MOST);
}

#[test]
fn the_shortest_windows_forget_too() {
	let spent = |window, now| {
		let spending = Spending::default().charge(0, Quote(5), window, Quote(5)).expect("within the limit");
		spending.spent(now, window)
	};
	// A slice is a millisecond, the least there is.
	assert_eq!((spent(4, 4), spent(4, 5)), (Quote(5), Quote::ZERO));
	assert_eq!((spent(0, 4), spent(0, 5)), (Quote(5), Quote::ZERO));
}

proptest! {
	#[test]
	fn no_day_has_more_than_the_cap(
		wishes in prop::collection::vec((0..DAY / 2, 0..60_i128), 1..60),
	) {
		prop_assert!(worst_day(&mut Spending::default(), &wishes) <= MOST.0);
	}

	/// Nothing is refused that fits a day and a quarter.
	#[test]
	fn what_fits_is_let(wishes in prop::collection::vec((0..DAY, 0..60_i128), 1..40)) {
		let (mut now, mut spending, mut spent) = (0, Spending::default(), Vec::<(Moment, i128)>::new());
		for (pause, amount) in wishes {
			now += pause;
			let late = spent.iter().filter(|(at, _)| at + DAY + DAY / 4 >= now).map(|(_, amount)| amount);
			let fits = late.sum::<i128>() + amount <= MOST.0;
			let is_let = spending.let_spend(now, Quote(amount));
			prop_assert!(is_let || !fits);
			if is_let {
				spent.push((now, amount));
			}
		}
	}
}
