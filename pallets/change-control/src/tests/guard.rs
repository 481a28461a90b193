// SPDX-License-Identifier: Apache-2.0
//! What becomes of a vote: refused, held, cancelled, enacted.

use crate::{mock::*, CallName, Changes, Class, Error, Event, ExitWindows, Open, Place, Reason, MAX_CALLS};
use frame_support::{assert_noop, assert_ok, traits::QueryPreimage, weights::Weight};
use sp_runtime::DispatchError;

/// The reason for which a referendum was refused in this block, and the call.
fn refused() -> Option<(String, Reason)> {
	let name = |call: CallName| String::from_utf8(call.to_vec()).unwrap();
	events().into_iter().find_map(|event| match event {
		Event::Refused { call, reason, .. } => Some((name(call), reason)),
		_ => None,
	})
}

/// Table `call` and let it be looked at.
fn tabled(call: &RuntimeCall) -> u32 {
	let index = table(call);
	next_block();
	index
}

/// Table, pass with no delay of its own, and return the block in which it is due.
fn due(call: &RuntimeCall) -> (u32, u64) {
	let index = tabled(call);
	assert_ok!(pass(index, 0));
	let due = events().into_iter().find_map(|event| match event {
		Event::Waits { due, .. } => Some(due),
		_ => None,
	});
	(index, due.expect("it waits"))
}

#[test]
fn a_change_waits_as_long_as_its_class_asks_whatever_delay_was_asked_for() {
	for (letter, class, delay) in [
		(b's', Class::Emergency, 1),
		(b'o', Class::Operational, 5),
		(b'e', Class::Economic, 20),
		(b'c', Class::Constitutional, 50),
	] {
		chain(None).execute_with(|| {
			let index = tabled(&remark(letter, 1));
			let weight = Changes::<Test>::get(index).unwrap().weight;
			assert_eq!(events(), [Event::Tabled { referendum: index, class, delay, weight }]);
			assert_ok!(pass(index, 0));
			let due = System::block_number() + delay;
			assert_eq!(events()[1..], [Event::Waits { referendum: index, class, due }]);
			System::reset_events();
			to_block(due - 1);
			assert!(events().is_empty(), "not before");
			next_block();
			assert_eq!(events(), [Event::Enacted { referendum: index, class, result: Ok(()) }]);
			assert_eq!(Changes::<Test>::iter().count(), 0);
		});
	}
}

#[test]
fn a_longer_delay_than_the_class_asks_for_is_kept() {
	chain(None).execute_with(|| {
		let index = tabled(&set_pages(7));
		assert_ok!(pass(index, 33));
		let due = System::block_number() + 33;
		to_block(due - 1);
		assert_eq!(pages(), None);
		next_block();
		assert_eq!(pages(), Some(7));
	});
}

#[test]
fn a_change_is_of_the_class_of_its_weightiest_call() {
	chain(None).execute_with(|| {
		let batch = |calls| -> RuntimeCall { pallet_utility::Call::batch_all { calls }.into() };
		let inner = batch(vec![remark(b's', 1), set_pages(7)]);
		let all = pallet_utility::Call::with_weight { call: Box::new(inner), weight: Weight::zero() };
		let index = tabled(&batch(vec![remark(b'o', 1), all.into()]));
		assert_eq!(Changes::<Test>::get(index).unwrap().class, Class::Economic);
		let index = tabled(&batch(vec![]));
		assert_eq!(Changes::<Test>::get(index).unwrap().class, Class::Operational, "nothing is no emergency");
	});
}

#[test]
fn a_call_that_no_vote_carries_is_refused_by_name_however_deep_it_is() {
	chain(None).execute_with(|| {
		let mut call: RuntimeCall = frame_system::Call::set_storage { items: vec![] }.into();
		for _ in 0..20 {
			call = pallet_utility::Call::batch { calls: vec![remark(b'o', 1), call] }.into();
		}
		let index = tabled(&call);
		assert_eq!(refused(), Some(("System.set_storage".into(), Reason::NeverAllowed)));
		assert!(<Votes as crate::Referenda<Test>>::proposal(index).is_none(), "it is taken from the vote");
		tabled(&remark(b'?', 1));
		assert_eq!(refused(), Some(("System.remark".into(), Reason::Unlisted)));
	});
}

#[test]
fn a_change_of_too_many_calls_is_refused() {
	chain(None).execute_with(|| {
		let batch = |count| -> RuntimeCall {
			pallet_utility::Call::batch { calls: vec![remark(b'o', 1); count] }.into()
		};
		tabled(&batch(MAX_CALLS - 1));
		assert_eq!(refused(), None);
		tabled(&batch(MAX_CALLS));
		assert_eq!(refused(), Some((String::new(), Reason::TooManyCalls)));
	});
}

#[test]
fn bytes_that_are_no_call_or_too_many_are_refused() {
	chain(None).execute_with(|| {
		let short =
			frame_support::traits::Bounded::Lookup { hash: bounded(&remark(b'o', 200)).hash(), len: 7 };
		table(&remark(b'o', 200));
		table_as_is(short);
		next_block();
		assert_eq!(refused(), Some((String::new(), Reason::Unreadable)), "there are more than was said");
		let nonsense = frame_support::traits::Bounded::Inline(vec![255; 9].try_into().unwrap());
		table_as_is(nonsense);
		next_block();
		assert_eq!(refused(), Some((String::new(), Reason::Unreadable)));
		tabled(&remark(b'o', crate::MAX_BYTES as usize + 1));
		assert_eq!(refused(), Some((String::new(), Reason::Unreadable)), "too many");
	});
}

#[test]
fn bytes_that_somebody_took_back_take_no_vote_from_anybody() {
	chain(None).execute_with(|| {
		let (call, nobody_voted) = (remark(b'e', 200), remark(b'o', 200));
		let hash = bounded(&call).hash();
		let index = table_as_is(bounded(&call));
		let (never, refusable) =
			(table_as_is(bounded(&nobody_voted)), table_as_is(bounded(&remark(b'?', 200))));
		next_block();
		assert_eq!(events()[0], Event::Unread { referendum: index, hash });
		next_block();
		assert_eq!((refused(), Changes::<Test>::iter().count()), (None, 0), "it is still voted on");
		assert_ok!(Preimage::note_preimage(RuntimeOrigin::signed(1), codec::Encode::encode(&call)));
		table(&remark(b'?', 200));
		next_block();
		assert_eq!(Changes::<Test>::get(index).unwrap().class, Class::Economic, "the bytes are there");
		assert_eq!(refused(), Some(("System.remark".into(), Reason::Unlisted)), "and are judged as any");
		assert!(<Votes as crate::Referenda<Test>>::proposal(refusable).is_none());
		assert_ok!(pass(index, 0));
		next_block();
		// What nobody could read does not pass.
		assert_noop_but_events(pass(never, 0));
		assert_eq!(refused(), Some((String::new(), Reason::Unreadable)));
		next_block();
		assert_eq!(Open::<Test>::get().len(), 1);
	});
}

#[test]
fn votes_that_bodies_hurry_leave_half_of_the_room_to_others() {
	chain(None).execute_with(|| {
		let hurried = || {
			let index = table(&remark(b'o', 1));
			hurry(index);
			next_block();
			index
		};
		for _ in 0..4 {
			hurried();
			assert_eq!(refused(), None);
		}
		hurried();
		assert_eq!(refused(), Some((String::new(), Reason::TooManyOpen)));
		for _ in 0..4 {
			tabled(&remark(b'o', 1));
			assert_eq!(refused(), None, "they find the other half");
		}
	});
}

#[test]
fn a_body_spends_so_often_and_not_more_in_any_window() {
	chain(None).execute_with(|| {
		let spent = |blocks: &[u64]| -> Vec<bool> {
			blocks
				.iter()
				.map(|block| {
					to_block(*block);
					ChangeControl::spend()
				})
				.collect()
		};
		assert_eq!(spent(&[2, 10, 31, 31, 32, 32]), [true, true, true, false, true, false]);
		assert_eq!(spent(&[39, 40, 60, 61, 61]), [false, true, false, true, false]);
	});
}

#[test]
fn what_is_heavier_than_the_scheduler_can_run_is_refused_before_anybody_votes() {
	chain(None).execute_with(|| {
		let heavy = |weight| -> RuntimeCall {
			pallet_utility::Call::with_weight { call: Box::new(remark(b'o', 1)), weight }.into()
		};
		let most = SchedulerWeight::get() - Weight::from_parts(1_000_000_000, 0);
		let weight = most + Weight::from_parts(1, 0);
		tabled(&heavy(weight));
		let reason = match refused() {
			Some((call, reason)) if call.is_empty() => reason,
			other => panic!("{other:?}"),
		};
		assert!(matches!(reason, Reason::TooHeavy { most: told, .. } if told == most), "{reason:?}");
		// What fits runs.
		let light = heavy(Weight::from_parts(most.ref_time() - 10_000_000_000, 0));
		let (index, due) = due(&light);
		to_block(due);
		assert!(
			matches!(events()[..], [Event::Enacted { referendum, result: Ok(()), .. }] if referendum == index)
		);
	});
}

#[test]
fn dust_does_not_carry_a_change() {
	chain(None).execute_with(|| {
		for (letter, percent) in [(b's', 1), (b'o', 2), (b'e', 3), (b'c', 5)] {
			let needed = ELECTORATE / 100 * percent;
			let index = tabled(&remark(letter, 1));
			voted(index, needed - 1);
			assert_noop_but_events(pass(index, 0));
			let reason = Reason::TurnoutTooLow { voted: needed - 1, needed };
			assert_eq!(refused(), Some((String::new(), reason)));
			assert_eq!(Changes::<Test>::get(index), None);
			let index = tabled(&remark(letter, 1));
			voted(index, needed);
			assert_ok!(pass(index, 0));
		}
	});
}

fn assert_noop_but_events(result: sp_runtime::DispatchResult) {
	assert_eq!(result, Err(Error::<Test>::Refused.into()));
}

#[test]
fn what_was_vetoed_is_not_tabled_and_what_is_tabled_is_not_vetoed() {
	chain(None).execute_with(|| {
		let call = remark(b'o', 1);
		let index = tabled(&call);
		// It was proposed once more, and vetoed there: what is voted on already goes on.
		bar(&call, false);
		assert_ok!(pass(index, 0));
		tabled(&call);
		assert_eq!(refused(), Some((String::new(), Reason::Blacklisted)));
		to_block(System::block_number() + 4);
		assert!(matches!(events()[..], [Event::Enacted { .. }]));
	});
}

#[test]
fn what_is_blacklisted_for_good_comes_to_nothing_whenever_that_was() {
	chain(None).execute_with(|| {
		let call = remark(b'o', 1);
		let (open, (waiting, due)) = (tabled(&call), due(&remark(b'o', 2)));
		bar(&call, true);
		assert_eq!(pass(open, 0), Err(Error::<Test>::Refused.into()));
		assert_eq!(refused(), Some((String::new(), Reason::Blacklisted)));
		bar(&remark(b'o', 2), true);
		to_block(due);
		assert_eq!(refused(), Some((String::new(), Reason::Blacklisted)));
		assert_eq!(Changes::<Test>::get(waiting), None);
	});
}

#[test]
fn calls_deep_in_each_other_are_not_even_read() {
	chain(None).execute_with(|| {
		// A batch of one call, and so on: whoever reads it without a limit needs a stack as deep.
		let mut bytes = [4u8, 0, 4].repeat(5_000);
		bytes.extend(codec::Encode::encode(&remark(b'o', 1)));
		assert_ok!(Preimage::note_preimage(RuntimeOrigin::signed(1), bytes.clone()));
		let hash = sp_io::hashing::blake2_256(&bytes).into();
		table_as_is(frame_support::traits::Bounded::Lookup { hash, len: bytes.len() as u32 });
		next_block();
		assert_eq!(refused(), Some((String::new(), Reason::Unreadable)));
	});
}

#[test]
fn bytes_behind_a_call_make_it_no_other_call() {
	chain(None).execute_with(|| {
		let mut bytes = codec::Encode::encode(&remark(b'o', 1));
		bytes.push(0);
		table_as_is(frame_support::traits::Bounded::Inline(bytes.try_into().unwrap()));
		next_block();
		assert_eq!(refused(), Some((String::new(), Reason::Unreadable)));
	});
}

#[test]
fn a_vote_without_an_end_takes_no_room() {
	chain(None).execute_with(|| {
		let index = table(&remark(b'o', 1));
		ends(index, System::block_number() + TIMETABLE.voting_period + 2);
		next_block();
		assert_eq!(refused(), Some((String::new(), Reason::VoteTooLong)));
	});
}

#[test]
fn what_a_change_may_do_once_it_does_not_do_twice() {
	chain(None).execute_with(|| {
		let batch = |pages: Vec<u64>| -> RuntimeCall {
			pallet_utility::Call::batch { calls: pages.into_iter().map(set_pages).collect() }.into()
		};
		tabled(&batch(vec![13, 14]));
		assert_eq!(refused(), None);
		tabled(&batch(vec![13, 14, 13]));
		assert_eq!(refused(), Some((String::new(), Reason::MoreThanOnce)));
	});
}

#[test]
fn a_delay_without_an_end_is_no_longer_than_any() {
	chain(None).execute_with(|| {
		let index = tabled(&set_pages(7));
		assert_ok!(pass(index, u64::from(u32::MAX)));
		let due = System::block_number() + TIMETABLE.enactment_period;
		assert_eq!(events()[1..], [Event::Waits { referendum: index, class: Class::Economic, due }]);
	});
}

#[test]
fn a_change_that_the_scheduler_lost_is_put_back() {
	chain(None).execute_with(|| {
		let (index, due) = due(&set_pages(7));
		lose(index);
		to_block(due);
		assert_eq!(pages(), None);
		next_block();
		assert_eq!(events(), [Event::Held { referendum: index, due: due + 2 }]);
		next_block();
		assert_eq!(pages(), Some(7));
	});
}

#[test]
fn a_change_that_the_scheduler_lost_can_be_cancelled() {
	chain(None).execute_with(|| {
		let (index, due) = due(&set_pages(7));
		lose(index);
		assert_ok!(ChangeControl::cancel(RuntimeOrigin::signed(9), index));
		to_block(due + 3);
		assert_eq!(pages(), None);
	});
}

#[test]
fn the_same_bytes_tabled_twice_do_not_pass_by_the_guardians() {
	chain(None).execute_with(|| {
		let twins = [tabled(&set_pages(7)), tabled(&set_pages(7)), tabled(&set_pages(7))];
		for index in twins {
			assert_ok!(pass(index, 0));
		}
		for index in twins {
			assert_ok!(ChangeControl::cancel(RuntimeOrigin::signed(9), index));
		}
		to_block(System::block_number() + 30);
		assert_eq!(pages(), None);
	});
}

#[test]
fn the_way_out_is_opened_when_people_may_want_to_leave() {
	chain(None).execute_with(|| {
		due(&remark(b'o', 1));
		assert_eq!(opened(), 0);
		due(&remark(b'e', 1));
		assert_eq!(opened(), 1);
	});
}

#[test]
fn a_vote_that_was_never_looked_at_schedules_nothing() {
	chain(None).execute_with(|| {
		let index = table(&set_pages(7));
		assert_noop_but_events(pass(index, 0));
		assert_eq!(refused(), Some((String::new(), Reason::NotTabled)));
	});
}

#[test]
fn the_bytes_stay_whoever_lets_go_of_them() {
	chain(None).execute_with(|| {
		let call: RuntimeCall =
			pallet_utility::Call::batch_all { calls: vec![remark(b'o', 200), set_pages(7)] }.into();
		let hash = bounded(&call).hash();
		let bytes = codec::Encode::encode(&call);
		assert_ok!(Preimage::note_preimage(RuntimeOrigin::signed(1), bytes));
		let index = table_as_is(bounded(&call));
		next_block();
		assert_ok!(Preimage::unnote_preimage(RuntimeOrigin::signed(1), hash));
		assert_eq!(
			Preimage::unrequest_preimage(RuntimeOrigin::signed(1), hash),
			Err(DispatchError::BadOrigin)
		);
		assert_ok!(pass(index, 0));
		to_block(System::block_number() + 20);
		assert_eq!(pages(), Some(7));
		assert!(!<Preimage as QueryPreimage>::is_requested(&hash), "afterwards nothing keeps them");
	});
}

#[test]
fn what_means_something_else_after_an_upgrade_does_not_run() {
	chain(None).execute_with(|| {
		let (index, due) = due(&remark(b'e', 1));
		upgrade();
		to_block(due);
		assert_eq!(refused(), Some((String::new(), Reason::MeansSomethingElse)));
		assert_eq!(Changes::<Test>::get(index), None);
		assert_eq!(ExitWindows::<Test>::get(), 0);
	});
}

#[test]
fn the_guardians_take_a_change_out_of_its_timelock_once() {
	chain(None).execute_with(|| {
		let (index, due_first) = due(&set_pages(7));
		let guardian = || RuntimeOrigin::signed(9);
		assert_noop!(ChangeControl::cancel(RuntimeOrigin::signed(8), index), DispatchError::BadOrigin);
		assert_noop!(ChangeControl::cancel(RuntimeOrigin::root(), index), DispatchError::BadOrigin);
		assert_noop!(ChangeControl::cancel(guardian(), 99), Error::<Test>::NoSuchChange);
		assert_ok!(ChangeControl::cancel(guardian(), index));
		assert_eq!(ExitWindows::<Test>::get(), 0);
		to_block(due_first + 1);
		assert_eq!(pages(), None);
		// It is voted again, and stays.
		let open = tabled(&set_pages(7));
		assert_noop!(ChangeControl::cancel(guardian(), open), Error::<Test>::NotPassed);
		assert_ok!(pass(open, 0));
		assert_noop!(ChangeControl::cancel(guardian(), open), Error::<Test>::CancelledBefore);
		to_block(System::block_number() + 20);
		assert_eq!(pages(), Some(7));
	});
}

#[test]
fn nobody_enacts_before_it_is_due_and_nobody_but_root_does() {
	chain(None).execute_with(|| {
		let (index, _) = due(&set_pages(7));
		let enact =
			|origin| ChangeControl::enact(origin, index, Weight::MAX).map(drop).map_err(|error| error.error);
		assert_eq!(enact(RuntimeOrigin::signed(9)), Err(DispatchError::BadOrigin));
		assert_eq!(enact(RuntimeOrigin::root()), Err(Error::<Test>::NotDue.into()));
		let open = tabled(&set_pages(8));
		let enact = ChangeControl::enact(RuntimeOrigin::root(), open, Weight::MAX);
		assert_eq!(enact.map(drop).map_err(|error| error.error), Err(Error::<Test>::NotPassed.into()));
	});
}

#[test]
fn a_timelock_stands_still_while_nobody_can_leave() {
	chain(None).execute_with(|| {
		let (index, first) = due(&set_pages(7));
		assert!(ChangeControl::exit_window());
		next_block();
		shut(true);
		for _ in 0..6 {
			next_block();
		}
		shut(false);
		to_block(first);
		assert_eq!(events(), [Event::Held { referendum: index, due: first + 6 }]);
		assert_eq!(pages(), None);
		to_block(first + 5);
		assert_eq!(pages(), None);
		next_block();
		assert_eq!(pages(), Some(7));
		assert!(!ChangeControl::exit_window());
	});
}

#[test]
fn a_chain_that_never_opens_again_can_still_be_mended() {
	chain(None).execute_with(|| {
		let (_, first) = due(&set_pages(7));
		shut(true);
		// Thirty blocks is the longest standstill of this timetable.
		to_block(first + 29);
		assert_eq!(pages(), None);
		next_block();
		assert_eq!(pages(), Some(7));
	});
}

#[test]
fn what_tightens_does_not_wait_for_the_way_out() {
	chain(None).execute_with(|| {
		shut(true);
		let (index, due) = due(&remark(b's', 1));
		assert!(!ChangeControl::exit_window());
		to_block(due);
		let class = Class::Emergency;
		assert_eq!(events(), [Event::Enacted { referendum: index, class, result: Ok(()) }]);
	});
}

#[test]
fn a_full_block_puts_a_change_into_the_next_one() {
	chain(None).execute_with(|| {
		let indices: Vec<u32> = (1..=5).map(|pages| table(&set_pages(pages))).collect();
		next_block();
		for index in indices {
			assert_ok!(pass(index, 0));
		}
		let dues: Vec<u64> = events()
			.into_iter()
			.filter_map(|event| match event {
				Event::Waits { due, .. } => Some(due),
				_ => None,
			})
			.collect();
		let first = dues[0];
		assert_eq!(dues, [first, first, first + 1, first + 1, first + 2]);
		to_block(first + 2);
		assert_eq!(pages(), Some(5));
	});
}

#[test]
fn a_vote_that_ends_without_passing_is_forgotten() {
	chain(None).execute_with(|| {
		let call = remark(b'o', 200);
		let index = tabled(&call);
		assert_eq!(Open::<Test>::get().to_vec(), [Place { referendum: index, hurried: false }]);
		end(index);
		next_block();
		assert!(Open::<Test>::get().is_empty());
		assert_eq!(Changes::<Test>::iter().count(), 0);
		assert!(!<Preimage as QueryPreimage>::is_requested(&bounded(&call).hash()));
	});
}

#[test]
fn more_votes_than_are_looked_after_are_refused_and_room_comes_back() {
	chain(None).execute_with(|| {
		let open: Vec<u32> = (0..8).map(|_| tabled(&remark(b'o', 1))).collect();
		tabled(&remark(b'o', 1));
		assert_eq!(refused(), Some((String::new(), Reason::TooManyOpen)));
		end(open[3]);
		tabled(&remark(b'o', 1));
		assert_eq!(refused(), None);
	});
}

#[test]
fn a_hook_without_weight_for_all_goes_on_in_the_next_block() {
	chain(None).execute_with(|| {
		// Twenty are judged in a block of this mock: those that are refused take no room.
		for _ in 0..50 {
			table(&remark(b'?', 1));
		}
		let mut counts = Vec::new();
		for _ in 0..4 {
			next_block();
			counts.push(events().len());
		}
		assert_eq!(counts.iter().sum::<usize>(), 50);
		assert!(counts[0] < 50 && counts[0] > 0 && counts[3] == 0, "{counts:?}");
	});
}

#[test]
fn a_change_that_fails_says_so_and_changes_nothing() {
	chain(None).execute_with(|| {
		// The second call wants an account.
		let signed = frame_system::Call::remark_with_event { remark: vec![b'o'] }.into();
		let calls = vec![set_pages(7), signed];
		let (index, due) = due(&pallet_utility::Call::batch_all { calls }.into());
		to_block(due);
		let (class, result) = (Class::Economic, Err(DispatchError::BadOrigin));
		assert_eq!(events(), [Event::Enacted { referendum: index, class, result }]);
		assert_eq!(pages(), None);
	});
}

#[test]
fn what_a_change_leaves_to_do_is_weighed_and_done() {
	chain(None).execute_with(|| {
		let weight = |pages| {
			let told = ChangeControl::forecast(codec::Encode::encode(&set_pages(pages))).unwrap();
			told.weight.ref_time()
		};
		assert_eq!(weight(99) - weight(98), 5_000);
		for pages in [98, 99] {
			let (_, due) = due(&set_pages(pages));
			assert!(sp_io::storage::get(b"followed").is_none());
			to_block(due);
		}
		assert!(sp_io::storage::get(b"followed").is_some());
	});
}

#[test]
fn people_are_told_beforehand() {
	chain(None).execute_with(|| {
		let told = ChangeControl::forecast(codec::Encode::encode(&set_pages(7))).unwrap();
		assert_eq!((told.class, told.delay, told.turnout), (Class::Economic, 20, 30_000));
		assert_eq!(told.unhurried, 700, "a vote that nobody hurries waits longer");
		let long = ChangeControl::forecast(codec::Encode::encode(&remark(b'c', 500))).unwrap();
		assert_eq!((long.class, long.delay, long.turnout), (Class::Constitutional, 50, 50_000));
		let refusal = ChangeControl::forecast(codec::Encode::encode(&remark(b'?', 500))).unwrap_err();
		assert_eq!(refusal.reason, Reason::Unlisted);
	});
}
