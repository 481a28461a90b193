// SPDX-License-Identifier: Apache-2.0
//! Nobody who has not been found is unhealthy; and controls that show the test can see one.

use keel_math::{
	health::dot,
	keys::{corner, file, filing_weight, key_fires, key_of, sort_key, Filing},
	Level, Units, I256,
};
use keel_primitives::{Quote, Side};
use proptest::prelude::*;

const DOLLAR: i128 = 1_000_000_000_000_000_000_000_000_000;

fn side() -> impl Strategy<Value = Side> {
	any::<bool>().prop_map(|long| if long { Side::Long } else { Side::Short })
}

fn filing() -> impl Strategy<Value = Filing> {
	(side(), 1_u128..1_000_000_000_000, 1_i128..100_000, 1_u64..100_000_000).prop_map(
		|(side, units, dollars, volatility)| {
			let notional = Quote((units as i128) * dollars / 1_000);
			Filing {
				side,
				units: Units(units),
				level: Level(dollars * DOLLAR),
				key: None,
				weight: filing_weight(notional, volatility),
			}
		},
	)
}

fn health(cash: Quote, filings: &[Filing]) -> I256 {
	dot(cash, filings.iter().map(|f| (f.side, f.units, f.level))).unwrap()
}

fn corner_of(cash: Quote, filings: &[Filing]) -> I256 {
	corner(cash, filings.iter().map(|f| (f.side, f.units, f.key.unwrap()))).unwrap()
}

/// Cash with which `filings` have a health of `surplus`.
fn cash_for(filings: &[Filing], surplus: Quote) -> Quote {
	Quote(surplus.0 - health(Quote::ZERO, filings).quote_floor().unwrap().0)
}

fn filed(cash: Quote, filings: &mut [Filing], touched: Option<usize>) -> Vec<Level> {
	let keys = file(health(cash, filings), filings, touched).unwrap();
	for (filing, key) in filings.iter_mut().zip(&keys) {
		filing.key = Some(*key);
	}
	keys
}

/// Move every level by up to `factor` of its distance to the key, without firing any.
fn shake(filings: &mut [Filing], moves: &[u16]) {
	for (filing, by) in filings.iter_mut().zip(moves) {
		let key = filing.key.unwrap();
		let distance = key.0 - filing.level.0;
		filing.level.0 += distance / 1_000 * i128::from(*by % 1_001);
	}
}

proptest! {
	#[test]
	fn sorted_bytes_sort_as_keys_fire(a in any::<i128>(), b in any::<i128>(), side in side()) {
		let first = match side {
			Side::Long => a >= b,
			Side::Short => a <= b,
		};
		prop_assert_eq!(first, sort_key(side, Level(a)) <= sort_key(side, Level(b)));
		prop_assert_eq!(key_of(side, sort_key(side, Level(a))), Level(a));
	}

	#[test]
	fn while_no_key_has_fired_health_is_at_least_the_corner(
		mut filings in prop::collection::vec(filing(), 1..8),
		surplus in 0_i128..1_000_000_000_000,
		moves in prop::collection::vec(any::<u16>(), 8),
	) {
		let cash = cash_for(&filings, Quote(surplus));
		filed(cash, &mut filings, None);
		prop_assert!(!corner_of(cash, &filings).is_negative());
		shake(&mut filings, &moves);
		prop_assert!(filings.iter().all(|f| !key_fires(f.side, f.level, f.key.unwrap())));
		let health = health(cash, &filings);
		prop_assert!(health >= corner_of(cash, &filings));
		prop_assert!(!health.is_negative());
	}

	#[test]
	fn a_single_exposure_is_found_at_the_very_unit(
		one in filing(),
		surplus in 0_i128..1_000_000_000_000,
	) {
		let mut filings = vec![one];
		let cash = cash_for(&filings, Quote(surplus));
		let key = filed(cash, &mut filings, None)[0];
		let beyond = match one.side { Side::Long => -1, Side::Short => 1 };
		filings[0].level = key;
		prop_assert!(!health(cash, &filings).is_negative());
		filings[0].level = Level(key.0 + beyond);
		prop_assert!(key_fires(one.side, filings[0].level, key));
		prop_assert!(health(cash, &filings).is_negative());
	}

	#[test]
	fn any_change_of_cash_or_units_keeps_the_corner_once_filed_again(
		mut filings in prop::collection::vec(filing(), 1..8),
		surplus in 0_i128..1_000_000_000,
		moves in prop::collection::vec(any::<u16>(), 8),
		new_surplus in 0_i128..2_000_000_000,
		touched in any::<prop::sample::Index>(),
		units in 1_u128..1_000_000_000_000,
	) {
		let cash = cash_for(&filings, Quote(surplus));
		filed(cash, &mut filings, None);
		shake(&mut filings, &moves);
		let touched = touched.index(filings.len());
		filings[touched].units = Units(units);
		let cash = cash_for(&filings, Quote(new_surplus));
		filed(cash, &mut filings, Some(touched));
		prop_assert!(!corner_of(cash, &filings).is_negative());
		prop_assert!(filings.iter().all(|f| !key_fires(f.side, f.level, f.key.unwrap())));
	}

	#[test]
	fn what_still_holds_is_not_filed_again(
		mut filings in prop::collection::vec(filing(), 1..8),
		surplus in 1_000_i128..1_000_000_000,
		extra in 0_i128..500,
	) {
		let cash = cash_for(&filings, Quote(surplus));
		let keys = filed(cash, &mut filings, None);
		let richer = Quote(cash.0 + surplus * extra / 1_000);
		prop_assert_eq!(filed(richer, &mut filings, None), keys);
	}
}

/// Negative controls: the way it must not be done, and the account that is then missed.
mod controls {
	use super::*;

	fn pair() -> (Quote, Vec<Filing>) {
		let one = |side, dollars| Filing {
			side,
			units: Units(1_000_000_000),
			level: Level(dollars * DOLLAR),
			key: None,
			weight: filing_weight(Quote::dollars(1_000), 1),
		};
		let mut filings = vec![one(Side::Long, 1_000), one(Side::Short, 1_000)];
		let cash = cash_for(&filings, Quote::dollars(100));
		filed(cash, &mut filings, None);
		(cash, filings)
	}

	/// Whether somebody is unhealthy at his keys though none of them has fired.
	fn misses(cash: Quote, mut filings: Vec<Filing>) -> bool {
		for filing in &mut filings {
			filing.level = filing.key.unwrap();
		}
		health(cash, &filings).is_negative()
	}

	#[test]
	fn keys_filed_right_miss_nobody() {
		let (cash, filings) = pair();
		assert!(!misses(cash, filings));
	}

	#[test]
	fn keys_one_percent_too_generous_miss_somebody() {
		let (cash, mut filings) = pair();
		for filing in &mut filings {
			let key = filing.key.unwrap();
			filing.key = Some(Level(key.0 + (key.0 - filing.level.0) / 100));
		}
		assert!(misses(cash, filings));
	}

	#[test]
	fn a_change_of_cash_that_files_nothing_misses_somebody() {
		let (cash, filings) = pair();
		assert!(misses(Quote(cash.0 - 1), filings));
	}

	#[test]
	fn what_others_have_used_taken_at_old_levels_misses_somebody() {
		let (cash, mut filings) = pair();
		// The first level has moved half way; its share is taken as if it had not.
		let old = filings.clone();
		shake(&mut filings, &[500, 0]);
		let budget = health(cash, &filings);
		filings[1].units = Units(2_000_000_000);
		filings[1].key = None;
		let mut wrong = old;
		wrong[0].level = Level(wrong[0].key.unwrap().0 + 1);
		wrong[1] = filings[1];
		let cash = cash_for(&filings, budget.quote_floor().unwrap());
		let keys = file(budget, &wrong, Some(1)).unwrap();
		filings[1].key = Some(keys[1]);
		filings[0].key = Some(keys[0]);
		assert!(misses(cash, filings));
	}
}
