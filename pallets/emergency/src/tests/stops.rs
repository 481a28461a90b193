// SPDX-License-Identifier: Apache-2.0
//! Every stop ends, has a budget, and uses up the right to it.

use crate::{mock::*, *};
use frame_support::assert_ok;
use sp_runtime::DispatchError;

type Errors = Error<Test>;

macro_rules! refused {
	($answer:expr, $error:expr $(,)?) => {
		assert_eq!($answer, Err($error.into()))
	};
}

fn enter() -> DispatchResult {
	all(&SECURITY[..4], &Act::EnterSafeMode)
}

fn extend() -> DispatchResult {
	all(&[1, 2, 3, 5, 21], &Act::ExtendSafeMode)
}

fn rearm(power: Power<u64>) -> DispatchResult {
	all(&COUNCIL[..2], &Act::Rearm { power })
}

fn pause(call: &str) -> DispatchResult {
	all(&SECURITY[..3], &Act::PauseCall { call: name(call) })
}

fn renew(call: &str) -> DispatchResult {
	all(&[1, 2, 5, 22], &Act::RenewPause { call: name(call) })
}

#[test]
fn safe_mode_is_entered_once_until_the_council_gives_the_right_back() {
	run(|| {
		assert_ok!(enter());
		pass_blocks(8);
		world(|world| assert_eq!(world.safe_mode, None, "it ended by itself"));
		refused!(enter(), Errors::NotArmed);
		assert_ok!(rearm(Power::SafeMode));
		refused!(rearm(Power::SafeMode), Errors::NotConsumed);
		// The approvals of those before are still there.
		assert_ok!(approve(4, &Act::EnterSafeMode));
		world(|world| assert!(world.safe_mode.is_some()));
	});
}

#[test]
fn safe_mode_lasts_no_longer_than_its_budget_in_any_window() {
	run(|| {
		let start = System::block_number();
		assert_eq!(Emergency::safe_mode_left(), 30);
		assert_ok!(enter());
		for _ in 0..4 {
			assert_ok!(extend());
		}
		assert_eq!(Emergency::safe_mode_left(), 2);
		refused!(extend(), Errors::BudgetExhausted);
		pass_blocks(28);
		world(|world| assert_eq!(world.safe_mode, None));
		assert_ok!(rearm(Power::SafeMode));
		refused!(enter(), Errors::BudgetExhausted);
		// What was ordered first leaves the window first: a window after it was over.
		pass_blocks(start + 8 + WINDOW - System::block_number());
		assert_eq!(Emergency::safe_mode_left(), 30);
		assert_ok!(enter());
	});
}

#[test]
fn others_open_what_the_security_council_shut() {
	for (approvers, resumes) in [(&TECHNICAL[..2], true), (&COUNCIL[..2], true)] {
		run(|| {
			assert_ok!(enter());
			assert_ok!(all(approvers, &Act::ExitSafeMode));
			world(|world| assert_eq!(world.safe_mode.is_none(), resumes));
			refused!(all(approvers, &Act::ExitSafeMode), DispatchError::Other("exited"));
		});
	}
	run(|| {
		assert_ok!(pause("one"));
		assert_ok!(all(&TECHNICAL[..2], &Act::ResumeCall { call: name("one") }));
		assert!(!Doors::is_paused(&name("one")) && Paused::<Test>::count() == 0);
	});
}

#[test]
fn a_pause_of_a_call_ends_by_itself() {
	run(|| {
		assert_ok!(pause("one"));
		refused!(pause("one"), Errors::PausedAlready);
		pass_blocks(5);
		assert!(Doors::is_paused(&name("one")));
		next_block();
		assert!(!Doors::is_paused(&name("one")));
		let ended = Event::<Test>::PauseEnded { call: name("one") };
		assert!(System::events().iter().any(|record| record.event == ended.clone().into()));
		// The right to it was used.
		refused!(pause("one"), Errors::NotArmed);
		assert_ok!(pause("other"));
		assert_ok!(rearm(Power::Pause(name("one"))));
		assert_ok!(approve(3, &Act::PauseCall { call: name("one") }));
	});
}

#[test]
fn two_bodies_keep_a_call_paused_for_so_long_and_no_longer() {
	run(|| {
		refused!(renew("one"), Errors::NotPaused);
		assert_ok!(pause("one"));
		for _ in 0..3 {
			assert_ok!(renew("one"));
		}
		refused!(renew("one"), Errors::RenewedTooOften);
		pass_blocks(23);
		assert!(Doors::is_paused(&name("one")));
		next_block();
		assert!(!Doors::is_paused(&name("one")));
		// 24 of 30 are used.
		assert_eq!(Emergency::pause_left(name("one")), 6);
		assert_ok!(rearm(Power::Pause(name("one"))));
		assert_ok!(pause("one"));
		refused!(renew("one"), Errors::BudgetExhausted);
	});
}

#[test]
fn what_may_not_be_paused_is_not_and_there_are_never_many_pauses() {
	run(|| {
		refused!(pause("vital"), DispatchError::Other("unpausable"));
		for call in ["one", "two", "three"] {
			assert_ok!(pause(call));
		}
		refused!(pause("four"), Errors::TooManyPauses);
		pass_blocks(6);
		assert_ok!(approve(3, &Act::PauseCall { call: name("four") }));
	});
}

#[test]
fn a_pause_that_something_else_has_lifted_is_over() {
	run(|| {
		assert_ok!(pause("one"));
		world(|world| world.paused.clear());
		refused!(renew("one"), Errors::NotPaused);
		assert_ok!(rearm(Power::Pause(name("one"))));
		assert_ok!(all(&SECURITY[..3], &Act::PauseCall { call: name("one") }));
		world(|world| world.paused.clear());
		// It was kept till its end, and took one of the places.
		next_block();
		assert_eq!(Paused::<Test>::count(), 0);
		let ended = Event::<Test>::PauseEnded { call: name("one") };
		assert!(System::events().iter().any(|record| record.event == ended.clone().into()));
	});
}

#[test]
fn one_member_halts_a_market_alone_once() {
	run(|| {
		let alone = |who| Emergency::halt_alone(RuntimeOrigin::signed(who), BTC);
		for who in [11, 21, STRANGER] {
			refused!(alone(who), Errors::NoSay);
		}
		assert_ok!(alone(1));
		world(|world| assert_eq!(world.orders, [(BTC, "halt", 4)]));
		refused!(alone(1), Errors::NotArmed);
		assert_ok!(alone(2));
		assert_ok!(rearm(Power::Alone(1)));
		assert_ok!(alone(1));
	});
}

#[test]
fn a_vote_needs_no_right_but_keeps_to_the_budgets() {
	run(|| {
		let act = |act| Emergency::act(RuntimeOrigin::root(), act);
		refused!(Emergency::act(RuntimeOrigin::signed(1), Act::EnterSafeMode), DispatchError::BadOrigin);
		assert_ok!(enter());
		assert_ok!(act(Act::ExitSafeMode));
		assert_ok!(act(Act::EnterSafeMode));
		for _ in 0..2 {
			assert_ok!(act(Act::ExtendSafeMode));
		}
		refused!(
			frame_support::storage::with_storage_layer(|| act(Act::ExtendSafeMode)),
			Errors::BudgetExhausted
		);
		assert_ok!(act(Act::CancelChange { referendum: 7 }));
		world(|world| assert_eq!(world.cancelled, [7]));
	});
}
