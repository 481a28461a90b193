// SPDX-License-Identifier: Apache-2.0
//! When an account stands no worse than before: equity over requirement has not fallen, but for two units.

use keel_math::{int::EXACT_PER_QUOTE, Standing, I256};
use keel_primitives::Quote;

/// So many units of equity and of requirement.
fn at(equity: i128, requirement: i128) -> Standing {
	Standing { equity: I256::from(Quote(equity)), health: I256::from(Quote(equity - requirement)) }
}

fn is_no_worse(before: Standing, after: Standing) -> bool {
	after.is_no_worse_than(&before).expect("both are amounts")
}

#[test]
fn half_of_a_position_with_half_of_its_equity_is_no_worse() {
	let before = at(100, 1_000);
	assert!(is_no_worse(before, at(50, 500)));
	assert!(is_no_worse(before, at(60, 500)));
	// Two units of equity are what rounding may cost; a third is not.
	assert!(is_no_worse(before, at(48, 500)));
	assert!(!is_no_worse(before, at(47, 500)));
	assert!(!is_no_worse(before, at(100, 1_021)));
}

#[test]
fn what_is_still_required_is_rounded_down_and_what_was_required_up() {
	let half = I256::from(EXACT_PER_QUOTE / 2);
	let more =
		|standing: Standing| Standing { health: standing.health.minus(half).expect("small"), ..standing };
	// Half a unit more is required: of the account afterwards it does not count, of the one before it does.
	assert!(is_no_worse(at(100, 1_000), more(at(48, 500))));
	assert!(is_no_worse(more(at(100, 999)), at(48, 500)));
	assert!(!is_no_worse(at(100, 999), at(48, 500)));
}

#[test]
fn an_account_without_a_requirement_is_worse_with_any_and_no_worse_with_none() {
	assert!(!is_no_worse(at(1, 0), at(10, 1)));
	assert!(is_no_worse(at(5_000, 1_000), at(0, 0)));
	assert!(is_no_worse(at(5_000, 0), at(-100, 0)));
}
