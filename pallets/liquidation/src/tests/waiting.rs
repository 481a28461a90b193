// SPDX-License-Identifier: Apache-2.0

use super::*;

#[test]
fn margin_knows_while_a_bankrupt_account_waits() {
	run(|| {
		let [alice, bob] = [long(ALICE), long(BOB)];
		set_mark(BTC, 17_900);
		Margin::inject(Fault::CannotClose(BOB));
		tell(alice);
		tell(bob);
		assert!(Margin::is_waiting(BTC, Side::Long), "from the moment it is told");
		assert!(!Margin::is_waiting(BTC, Side::Short));

		next_block();
		assert!(!is_queued(alice));
		assert!(Margin::is_waiting(BTC, Side::Long), "there is still another one");

		Margin::heal(Fault::CannotClose(BOB));
		next_block();
		assert!(!Margin::is_waiting(BTC, Side::Long));
	});
}

#[test]
fn the_merely_unhealthy_restrict_nobody() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		tell(alice);
		assert!(!Margin::is_waiting(BTC, Side::Long));
	});
}

#[test]
fn an_account_that_turns_bankrupt_while_it_waits_counts_even_if_its_step_fails() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 18_900);
		tell(alice);
		set_mark(BTC, 17_900);
		Margin::inject(Fault::CannotClose(ALICE));
		next_block();
		assert!(is_queued(alice));
		assert!(Margin::is_waiting(BTC, Side::Long));
	});
}

#[test]
fn an_account_that_is_solvent_again_does_not_count() {
	run(|| {
		let alice = long(ALICE);
		set_mark(BTC, 17_900);
		tell(alice);
		set_mark(BTC, 18_900);
		Margin::inject(Fault::CannotClose(ALICE));
		next_block();
		assert!(is_queued(alice));
		assert!(!Margin::is_waiting(BTC, Side::Long));
	});
}
