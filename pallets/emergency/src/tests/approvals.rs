// SPDX-License-Identifier: Apache-2.0
//! Who approves, how many it takes, and what one member cannot do to the others.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use keel_primitives::MarketId;

type Errors = Error<Test>;

#[test]
fn half_of_the_seats_are_enough_and_fewer_are_not() {
	let halt = Act::HaltMarket { market: BTC, blocks: 7 };
	run(|| {
		assert_ok!(all(&SECURITY[..2], &halt));
		assert!(!is_done(&halt), "two of five are not half");
		assert_ok!(approve(3, &halt));
		assert!(is_done(&halt));
		world(|world| assert_eq!(world.orders, [(BTC, "halt", 7)]));
		assert!(Emergency::open_acts().is_empty(), "what was approved of is over");
		assert_ok!(approve(1, &halt));
		world(|world| assert_eq!(world.orders.len(), 1, "the next one takes as many again"));
	});
	run(|| {
		assert_ok!(all(&SECURITY[..3], &Act::EnterSafeMode));
		assert!(!is_done(&Act::EnterSafeMode), "three of five are not two thirds");
		assert_ok!(approve(4, &Act::EnterSafeMode));
		assert!(is_done(&Act::EnterSafeMode));
	});
}

#[test]
fn every_act_takes_what_the_table_says_and_no_other_body() {
	let market = BTC;
	let call = name("pausable");
	let (security, technical, council) = (&SECURITY[..], &TECHNICAL[..], &COUNCIL[..2]);
	// The act, how to come there, and the least of each body that is enough.
	type Steps<'a> = Vec<(Act<u64>, Vec<u64>)>;
	let entered: Steps = vec![(Act::EnterSafeMode, security[..4].to_vec())];
	let paused: Steps = vec![(Act::PauseCall { call: call.clone() }, security[..3].to_vec())];
	let cases: Vec<(Act<u64>, Steps, Vec<Vec<u64>>)> = vec![
		(Act::GuardMarket { market, blocks: 1 }, vec![], vec![security[..3].to_vec()]),
		(Act::HaltMarket { market, blocks: 1 }, vec![], vec![security[..3].to_vec()]),
		(Act::EnterSafeMode, vec![], vec![security[..4].to_vec()]),
		(Act::CancelChange { referendum: 3 }, vec![], vec![security[..4].to_vec()]),
		(Act::PauseCall { call: call.clone() }, vec![], vec![security[..3].to_vec()]),
		(
			Act::ExtendSafeMode,
			entered.clone(),
			vec![[&security[..4], council].concat(), [&security[..3], &[5, 21]].concat()],
		),
		(Act::RenewPause { call: call.clone() }, paused.clone(), vec![[&security[..3], council].concat()]),
		(Act::ExitSafeMode, entered.clone(), vec![technical[..2].to_vec(), council.to_vec()]),
		(
			Act::ResumeCall { call: call.clone() },
			paused.clone(),
			vec![technical[..2].to_vec(), council.to_vec()],
		),
		(Act::ResumeMarket { market }, vec![], vec![technical[..2].to_vec(), council.to_vec()]),
		(Act::Rearm { power: Power::SafeMode }, entered, vec![council.to_vec()]),
		(Act::Rearm { power: Power::Pause(call) }, paused, vec![council.to_vec()]),
	];
	for (act, before, enough) in cases {
		for approvers in enough {
			run(|| {
				for (act, approvers) in &before {
					assert_ok!(all(approvers, act));
				}
				assert_ok!(all(&approvers, &act));
				assert!(is_done(&act), "{approvers:?} are enough for {act:?}");
			});
			for missing in 0..approvers.len() {
				run(|| {
					for (act, approvers) in &before {
						assert_ok!(all(approvers, act));
					}
					let mut fewer = approvers.clone();
					fewer.remove(missing);
					if !fewer.is_empty() {
						assert_ok!(all(&fewer, &act));
					}
					assert!(!is_done(&act), "{fewer:?} are not enough for {act:?}");
				});
			}
		}
		run(|| {
			assert_noop!(approve(STRANGER, &act), Errors::NoSay);
			for (body, member) in
				[(Body::SecurityCouncil, 1), (Body::TechnicalCommittee, 11), (Body::Council, 21)]
			{
				if !act.bodies().any(|has_say| has_say == body) {
					assert_noop!(approve(member, &act), Errors::NoSay);
				}
			}
		});
	}
}

#[test]
fn nobody_counts_twice_and_nobody_for_ever() {
	let halt = Act::HaltMarket { market: BTC, blocks: 7 };
	run(|| {
		assert_ok!(all(&[1, 1, 1, 2], &halt));
		assert!(!is_done(&halt));
		// One's own approval again: it counts for longer.
		pass_blocks(15);
		assert_ok!(approve(1, &halt));
		pass_blocks(10);
		assert_ok!(approve(3, &halt));
		assert!(!is_done(&halt), "that of 2 is too old");
		assert_ok!(approve(2, &halt));
		assert!(is_done(&halt));
	});
}

#[test]
fn only_those_count_who_sit_there_now() {
	let halt = Act::HaltMarket { market: BTC, blocks: 7 };
	run(|| {
		assert_ok!(all(&[1, 2], &halt));
		world(|world| world.seats.insert(Body::SecurityCouncil, vec![2, 3, 4, 5, 6]));
		assert_ok!(approve(3, &halt));
		assert!(!is_done(&halt), "1 sits there no more");
		assert_noop!(approve(1, &halt), Errors::NoSay);
		assert_ok!(approve(6, &halt));
		assert!(is_done(&halt));
	});
	// The one who left has approvals that count for nothing: anybody tidies up.
	run(|| {
		assert_ok!(approve(1, &halt));
		assert_noop!(Emergency::forget(RuntimeOrigin::signed(STRANGER), 1), Errors::StillAMember);
		world(|world| world.seats.insert(Body::SecurityCouncil, vec![2]));
		assert_ok!(Emergency::forget(RuntimeOrigin::signed(STRANGER), 1));
		assert!(Emergency::open_acts().is_empty() && Given::<Test>::iter().count() == 0);
	});
}

#[test]
fn an_approval_is_taken_back() {
	let halt = Act::HaltMarket { market: BTC, blocks: 7 };
	run(|| {
		let withdraw =
			|who, act: &Act<u64>| Emergency::withdraw_approval(RuntimeOrigin::signed(who), act.clone());
		assert_noop!(withdraw(1, &halt), Errors::NotApproved);
		assert_ok!(all(&[1, 2], &halt));
		assert_ok!(withdraw(1, &halt));
		assert_ok!(approve(3, &halt));
		assert!(!is_done(&halt));
		assert_eq!(Emergency::approvals(halt.clone()).len(), 2);
		assert_ok!(withdraw(2, &halt));
		assert_ok!(withdraw(3, &halt));
		assert!(Emergency::open_acts().is_empty() && Given::<Test>::iter().count() == 0);
	});
}

/// A motion could be: proposed with a threshold that is never met, it cannot be proposed again.
#[test]
fn one_hostile_member_neither_blocks_an_act_nor_fills_the_list() {
	run(|| {
		// He approves of everything there is, again and again.
		for blocks in 1..50 {
			assert_ok!(approve(1, &Act::HaltMarket { market: BTC, blocks }));
		}
		assert_ok!(approve(1, &Act::EnterSafeMode));
		assert_eq!(Emergency::open_acts().len(), 3, "as many as one member has room for");
		assert_ok!(all(&[2, 3, 4, 5], &Act::EnterSafeMode));
		assert!(is_done(&Act::EnterSafeMode));
	});
}

#[test]
fn whoever_has_a_position_has_no_say_in_that_market() {
	let (halt, resume) = (Act::HaltMarket { market: BTC, blocks: 7 }, Act::ResumeMarket { market: BTC });
	run(|| {
		world(|world| world.positions.extend([(1, BTC), (11, BTC)]));
		assert_noop!(approve(1, &halt), Errors::HasAPosition);
		assert_noop!(approve(11, &resume), Errors::HasAPosition);
		assert_noop!(Emergency::halt_alone(RuntimeOrigin::signed(1), BTC), Errors::HasAPosition);
		assert_ok!(approve(1, &Act::HaltMarket { market: MarketId(1), blocks: 7 }));
		assert_ok!(all(&[2, 3], &halt));
		assert!(!is_done(&halt), "it counts as a seat that does not approve");
		assert_ok!(approve(4, &halt));
		assert!(is_done(&halt), "three of five without a position");
	});
}

#[test]
fn what_cannot_be_done_says_why_and_keeps_the_others_approvals() {
	let too_long = Act::HaltMarket { market: BTC, blocks: 101 };
	run(|| {
		assert_ok!(all(&[1, 2], &too_long));
		assert_noop!(approve(3, &too_long), sp_runtime::DispatchError::Other("too long"));
		assert_eq!(Emergency::approvals(too_long).len(), 2);
	});
}

#[test]
fn a_body_without_seats_does_nothing() {
	run(|| {
		world(|world| world.seats.remove(&Body::Council));
		assert_ok!(all(&SECURITY[..4], &Act::EnterSafeMode));
		assert_ok!(all(&SECURITY, &Act::ExtendSafeMode));
		assert!(!is_done(&Act::ExtendSafeMode), "half of nobody is nobody");
	});
}

#[test]
fn approvals_land_even_in_full_blocks() {
	use frame_support::dispatch::{DispatchClass, GetDispatchInfo};
	for call in [
		Call::<Test>::approve { act: Act::EnterSafeMode },
		Call::halt_alone { market: BTC },
		Call::act { act: Act::ExitSafeMode },
	] {
		assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
	}
}

/// Whoever has approved could open a position behind that, and the act was done all the same, with his voice.
#[test]
fn whoever_has_opened_a_position_since_counts_no_more() {
	let halt = Act::HaltMarket { market: BTC, blocks: 7 };
	run(|| {
		assert_ok!(all(&[1, 2], &halt));
		world(|world| world.positions.insert((1, BTC)));
		assert_ok!(approve(3, &halt));
		assert!(!is_done(&halt), "two of five have a say");
		// Once it is closed, his approval counts as it did; another's would have done too.
		world(|world| world.positions.clear());
		assert_ok!(approve(3, &halt));
		assert!(is_done(&halt));
	});
	run(|| {
		assert_ok!(all(&[1, 2], &halt));
		world(|world| world.positions.insert((1, BTC)));
		assert_ok!(approve(3, &halt));
		assert_ok!(approve(4, &halt));
		assert!(is_done(&halt));
	});
	// In another market, or in what is no market's, it says nothing.
	run(|| {
		assert_ok!(all(&[1, 2], &halt));
		world(|world| world.positions.insert((1, MarketId(7))));
		assert_ok!(approve(3, &halt));
		assert!(is_done(&halt));
		assert_ok!(all(&[1, 2, 3], &Act::EnterSafeMode));
		world(|world| world.positions.insert((1, BTC)));
		assert_ok!(approve(4, &Act::EnterSafeMode));
		assert!(is_done(&Act::EnterSafeMode));
	});
}

#[test]
fn an_approval_costs_as_much_as_was_looked_at() {
	use frame_support::dispatch::GetDispatchInfo;
	let halt = Act::HaltMarket { market: BTC, blocks: 7 };
	let spent = |who: u64, act: &Act<u64>| {
		let result = Emergency::approve(RuntimeOrigin::signed(who), act.clone());
		result.expect("he has a say").actual_weight.expect("it is told")
	};
	let cost = |looked: u64| <() as WeightInfo>::approve() + <() as WeightInfo>::has_position() * looked;
	run(|| {
		// His own position; at the end, those of the others too.
		assert_eq!(spent(1, &halt), cost(1));
		assert_eq!(spent(2, &halt), cost(1));
		assert_eq!(spent(3, &halt), cost(3));
		assert_eq!(spent(1, &Act::EnterSafeMode), cost(0));
		let declared = |act| Call::<Test>::approve { act }.get_dispatch_info().call_weight;
		assert_eq!(declared(halt.clone()), cost(5));
		assert_eq!(declared(Act::EnterSafeMode), cost(0));
		// What fails gives back too: nobody takes the room of others by it.
		world(|world| world.positions.insert((4, BTC)));
		let refused = Emergency::approve(RuntimeOrigin::signed(4), halt.clone()).expect_err("he has a stake");
		assert_eq!(refused.error, Errors::HasAPosition.into());
		assert_eq!(refused.post_info.actual_weight, Some(cost(1)));
	});
}
